"""A report for a terminal, with colours, by rich (the extra ``cli``).

The lines are put together here and not by rich, whose trees and tables break words and addresses
where a terminal is narrow. A line of the tree is broken between words, below its guides; what does
not fit even so runs over the edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from sipresolve.cli.node import Tone
from sipresolve.cli.text import columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from sipresolve.cli.node import Node
    from sipresolve.cli.report import Report

__all__ = ["draw"]

_STYLES: Final = {
    Tone.START: "bold",
    Tone.QUESTION: "cyan",
    Tone.RECORD: "",
    Tone.TARGET: "green",
    Tone.PROOF: "dim",
    Tone.UNUSED: "dim",
    Tone.FAILED: "red",
}
_REMARK: Final = "yellow"

#: The styles of the columns of `Report.rows`.
_COLUMNS: Final = ("", "", "green", "", "", "dim")

#: How narrow a line of the tree may become, behind its guides, before it runs over the edge.
_NARROWEST: Final = 30


def draw(report: Report, terminal: TextIO) -> str:
    """Draw a report for a terminal: as wide as it is, in the colours that it has."""
    console = Console(file=terminal, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        for line in _lines(report, console):
            console.print(line, soft_wrap=True)
    return capture.get()


def _lines(report: Report, console: Console) -> Iterator[Text]:
    yield from _tree(report.tree, console)
    if report.rows:
        yield Text("\nTry in this order:", "bold")
        for cells in columns(report.rows):
            yield Text("  ").append_tokens(zip(cells, _COLUMNS, strict=False))
    if report.certificate:
        yield Text(f"  {report.certificate}", "dim")
    if report.warnings:
        yield Text("\nWarnings:", "bold")
        yield from (Text(f"  {warning}", _REMARK) for warning in report.warnings)
    yield Text(f"\n{report.summary}", "dim")


def _tree(node: Node, console: Console, before: str = "", below: str = "") -> Iterator[Text]:
    guide, line = before, _line(node)
    longest = max(map(len, line.plain.split()), default=1)
    for part in line.wrap(console, max(console.width - len(before), longest, _NARROWEST)):
        part.rstrip()
        yield Text().append(guide, "dim").append_text(part)
        guide = below + ("│   " if node.children else "    ")
    for place, child in enumerate(node.children, start=1):
        if place < len(node.children):
            yield from _tree(child, console, f"{below}├── ", f"{below}│   ")
        else:
            yield from _tree(child, console, f"{below}└── ", f"{below}    ")


def _line(node: Node) -> Text:
    line = Text().append(node.label, _STYLES[node.tone])
    if node.detail:
        line.append(f"  ({node.detail})", "dim")
    if node.remark:
        line.append(f"  {node.remark}", _REMARK)
    return line
