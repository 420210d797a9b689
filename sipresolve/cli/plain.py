"""A report as plain text: for pipes and files, and where rich is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.cli.text import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.node import Node
    from sipresolve.cli.report import Report

__all__ = ["draw"]


def draw(report: Report) -> str:
    """Draw a report, a line for each of its lines, however long."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from _tree(report.tree)
    if report.rows:
        yield ""
        yield "Try in this order:"
        yield from (f"  {''.join(cells)}" for cells in columns(report.rows))
    if report.certificate:
        yield f"  {report.certificate}"
    if report.warnings:
        yield ""
        yield "Warnings:"
        yield from (f"  {warning}" for warning in report.warnings)
    yield ""
    yield report.summary


def _tree(node: Node, before: str = "", below: str = "") -> Iterator[str]:
    yield before + _line(node)
    for place, child in enumerate(node.children, start=1):
        if place < len(node.children):
            yield from _tree(child, f"{below}├── ", f"{below}│   ")
        else:
            yield from _tree(child, f"{below}└── ", f"{below}    ")


def _line(node: Node) -> str:
    detail = f"({node.detail})" if node.detail else ""
    return "  ".join(filter(None, (node.label, detail, node.remark)))
