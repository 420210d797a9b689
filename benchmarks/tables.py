"""Tables: for a terminal, or else as Markdown."""

from __future__ import annotations

import sys
from math import ceil
from typing import TYPE_CHECKING, Final

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["console", "print_table", "seconds", "share", "table", "verdict"]

#: Wider than any table.
_WIDEST: Final = 160


def console() -> Console:
    """Where all is printed."""
    return Console(width=None if sys.stdout.isatty() else _WIDEST, highlight=False)


def print_table(where: Console, title: str, what: Table) -> None:
    """Print a table below its title."""
    if not where.is_terminal:
        what.box = MARKDOWN
    where.print(title, style="bold")
    where.print(what)
    where.print()


def table(left: Sequence[str], right: Sequence[str]) -> Table:
    """A table with columns of text, and then columns of numbers, which are always shown whole."""
    made = Table()
    for name in left:
        made.add_column(name)
    for name in right:
        made.add_column(name, justify="right", no_wrap=True)
    return made


def seconds(took: float) -> str:
    """A time, given in seconds, in the unit that suits it."""
    return f"{took * 1e6:.2f} µs" if took < 1e-3 else f"{took * 1e3:.1f} ms"


def share(values: Iterable[float], part: float) -> float:
    """What so large a part of them do not exceed."""
    ordered = sorted(values)
    return ordered[ceil(part * len(ordered)) - 1]


def verdict(what: str, *, met: bool) -> str:
    """A line that says whether a goal has been reached."""
    return f"Goal {'met' if met else 'MISSED'}: {what}"
