"""A report for a terminal, with colours, by rich (the extra ``cli``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from sipresolve.cli.node import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from rich.console import RenderableType

    from sipresolve.cli.node import Node
    from sipresolve.cli.report import Report

__all__ = ["draw"]

_STYLES: Final = {
    Tone.START: "bold",
    Tone.QUESTION: "cyan",
    Tone.RECORD: "",
    Tone.TARGET: "green",
    Tone.UNUSED: "dim",
    Tone.FAILED: "red",
}
_REMARK: Final = "yellow"


def draw(report: Report, terminal: TextIO) -> str:
    """Draw a report for a terminal: as wide as it is, in the colours that it has."""
    console = Console(file=terminal, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        for part in _parts(report):
            console.print(part)
    return capture.get()


def _parts(report: Report) -> Iterator[RenderableType]:
    yield _tree(report.tree)
    if report.targets:
        yield Text("\nTry in this order:", "bold")
        yield Padding(_table(report), (0, 0, 0, 2))
    if report.warnings:
        yield Text("\nWarnings:", "bold")
        for warning in report.warnings:
            yield Padding(Text(warning, _REMARK), (0, 0, 0, 2))
    yield Text(f"\n{report.summary}", "dim")


def _tree(node: Node) -> Tree:
    tree = Tree(_line(node), guide_style="dim")
    tree.children.extend(map(_tree, node.children))
    return tree


def _line(node: Node) -> Text:
    line = Text(overflow="fold").append(node.label, _STYLES[node.tone])
    if node.detail:
        line.append(f"  ({node.detail})", "dim")
    if node.remark:
        line.append(f"  {node.remark}", _REMARK)
    return line


def _table(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    for style in ("", "", "green"):
        table.add_column(style=style, no_wrap=True)
    for style in ("", "dim"):
        table.add_column(style=style, overflow="fold")
    for row in report.targets:
        table.add_row(*map(Text, row))
    return table
