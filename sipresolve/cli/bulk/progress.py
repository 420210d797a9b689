"""A bar on a terminal that shows how far a run is, by rich (the extra ``cli``).

It is drawn when it is told of something new, by nobody else: no thread runs beside the work.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from rich.progress import TaskID

__all__ = ["Bar", "drawn_bar"]

#: How long a drawing stands before there is another, in seconds.
_STANDS: Final = 0.1

_COUNTS: Final = TextColumn("{task.fields[numbers]:,} numbers, {task.fields[rate]:,.0f} a second")


class Bar:
    """How far a run is, and what it has to say meanwhile, above the bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._next = 0.0

    def say(self, sentence: str) -> None:
        """Write a line."""
        self._progress.console.print(Text(sentence), soft_wrap=True)

    def show(self, *, octets: int, numbers: int, rate: float) -> None:
        """Draw how far it is, if the last drawing has stood for long enough."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _STANDS
            self._progress.update(
                self._task, completed=octets, numbers=numbers, rate=rate, refresh=True
            )


@contextmanager
def drawn_bar(terminal: TextIO, size: int | None) -> Iterator[Bar]:
    """Draw a bar for as long as the block takes, and wipe it away after that.

    Args:
        terminal: Where to draw it.
        size: How many octets the input has; None where nobody knows, so that it has no end.
    """
    console = Console(file=terminal, markup=False, highlight=False, emoji=False)
    progress = Progress(
        *_columns(size),
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with progress:
        yield Bar(progress, progress.add_task("", total=size, numbers=0, rate=0.0))


def _columns(size: int | None) -> tuple[ProgressColumn, ...]:
    if size is None:
        return _COUNTS, TimeElapsedColumn()
    return BarColumn(), TaskProgressColumn(), _COUNTS, TimeRemainingColumn()
