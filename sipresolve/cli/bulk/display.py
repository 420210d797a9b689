"""What a person sees of a run on standard error while it goes on."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

from sipresolve.cli.text import shown

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import TextIO

__all__ = ["Display", "open_display"]


class Display(Protocol):
    """Shows how far a run is, and says what has to be said at once."""

    def say(self, sentence: str) -> None:
        """Write a line."""

    def show(self, *, octets: int, numbers: int, rate: float) -> None:
        """Show how far it is.

        Args:
            octets: How much of the input is done.
            numbers: How many numbers are.
            rate: How many that is a second.
        """


class _Plain:
    """Says what there is to say, and shows nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def say(self, sentence: str) -> None:
        if self._stream is not None:
            with suppress(OSError):  # There is nobody else to tell.
                self._stream.write(shown(f"{sentence}\n", self._stream.encoding or "utf-8"))
                self._stream.flush()

    def show(self, *, octets: int, numbers: int, rate: float) -> None:
        pass


def open_display(size: int | None, *, drawing: bool) -> AbstractContextManager[Display]:
    """Begin to show how far a run is: on a terminal, with rich; else there is nothing to see.

    Args:
        size: How many octets the input has; None where nobody knows.
        drawing: Whether it may be drawn; not where somebody types or reads lines on the terminal.
    """
    stream = sys.stderr
    if not drawing or stream is None or not stream.isatty():
        return nullcontext(_Plain(stream))
    try:
        from sipresolve.cli.bulk.progress import drawn_bar  # noqa: PLC0415 - rich is an extra
    except ImportError:
        return nullcontext(_Plain(stream))
    return drawn_bar(stream, size)
