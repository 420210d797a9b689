"""The numbers of a file or of standard input, a line at a time."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sipresolve import Misuse
from sipresolve.cli.bulk.descriptors import readable
from sipresolve.cli.bulk.lines import Lines
from sipresolve.cli.text import uncapitalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.bulk.lines import Line

__all__ = ["STANDARD_INPUT", "Input", "open_input"]

#: The name of standard input.
STANDARD_INPUT: Final = "-"

#: How many octets are read at once, and so how far reading is ahead.
_BLOCK: Final = 65536


class Input:
    """Lines as they come: one that is there is not kept back for more to come.

    Attributes:
        name: What messages call it.
        size: How many octets it has; None where nobody knows.
        is_terminal: Whether somebody types it.
    """

    def __init__(self, name: str, descriptor: int) -> None:
        status = os.fstat(descriptor)
        self.name = name
        self.size = status.st_size if stat.S_ISREG(status.st_mode) else None
        self.is_terminal = os.isatty(descriptor)
        self._descriptor = descriptor
        self._lines = Lines()
        self._ended = False

    async def take(self) -> Line | None:
        """The next line with a number, as soon as it is there; None at the end.

        Raises:
            Misuse: It cannot be read.
        """
        while (line := self._lines.take()) is None and not self._ended:
            await self._read()
        return line

    async def skip(self, count: int) -> None:
        """Pass over its first lines, of any kind, and less where it has less."""
        while not self._lines.skip(count) and not self._ended:
            await self._read()

    async def _read(self) -> None:
        await readable(self._descriptor)
        try:
            octets = os.read(self._descriptor, _BLOCK)
        except BlockingIOError:  # Somebody else has read it.
            return
        except OSError as error:
            raise _unusable("read", self.name, error) from error
        if octets:
            self._lines.feed(octets)
        else:
            self._lines.finish()
            self._ended = True
        await asyncio.sleep(0)  # A file never lets others wait for it, nor have a turn.


@contextmanager
def open_input(path: str) -> Iterator[Input]:
    """Open a file of numbers, or take standard input.

    Raises:
        Misuse: It cannot be opened.
    """
    if path == STANDARD_INPUT:
        yield _standard_input()
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise _unusable("open", path, error) from error
    try:
        yield Input(path, descriptor)
    finally:
        os.close(descriptor)


def _standard_input() -> Input:
    if sys.stdin is None:
        raise Misuse("cannot read standard input: it is closed")
    try:
        return Input("standard input", sys.stdin.fileno())
    except (OSError, ValueError) as error:
        raise _unusable("read", "standard input", error) from error


def _unusable(verb: str, name: str, error: OSError | ValueError) -> Misuse:
    reason = getattr(error, "strerror", None) or str(error)
    return Misuse(f"cannot {verb} {name}: {uncapitalised(reason)}")
