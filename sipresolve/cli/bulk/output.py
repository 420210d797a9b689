"""Where answers are written: a file, which an earlier run may have begun, or standard output."""

from __future__ import annotations

import errno
import mmap
import os
import select
import stat
import sys
from contextlib import contextmanager, suppress
from functools import partial
from io import UnsupportedOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sipresolve import Misuse
from sipresolve.cli.bulk.descriptors import writable
from sipresolve.cli.bulk.resume import stop_of

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipresolve.cli.bulk.resume import Stop

__all__ = ["Output", "open_output"]

#: How much a pipe takes at once, if it takes anything, in octets.
_A_LITTLE: Final = getattr(select, "PIPE_BUF", 512)


class Output:
    """Writes octets in their order, and waits for a slow reader while tasks go on.

    Attributes:
        stop: Where the run stopped that has written what is there; None where nothing is.
        is_terminal: Whether somebody looks at it.
    """

    def __init__(
        self, write: Callable[[bytes], int], descriptor: int | None = None, stop: Stop | None = None
    ) -> None:
        """Begin to write.

        Args:
            write: Writes some octets, and says how many of them.
            descriptor: Where they go; None where that is nothing of the system's.
            stop: Where the run stopped that has written what is there; None where nothing is.
        """
        self.stop = stop
        self.is_terminal = descriptor is not None and os.isatty(descriptor)
        self._write = write
        self._descriptor = descriptor
        self._waits = descriptor is not None and not _is_file(os.fstat(descriptor))
        self._octets = bytearray()

    def cut(self) -> None:
        """Take away what the earlier run did not finish.

        Raises:
            OSError: It cannot be written.
        """
        if self._descriptor is not None and self.stop is not None:
            os.ftruncate(self._descriptor, self.stop.size)

    def put(self, octets: bytes) -> None:
        """Add what is to be written."""
        self._octets += octets

    async def drain(self) -> None:
        """Write all of it; where that is cancelled, the next call goes on.

        Raises:
            OSError: It cannot be written.
        """
        while self._octets:
            part = bytes(self._octets[: await self._room()])
            with suppress(BlockingIOError):  # Somebody else has filled the pipe meanwhile.
                written = self._write(part)
                del self._octets[:written]

    async def _room(self) -> int:
        """How much can be written that makes nobody else wait, as soon as anything can, in octets.

        That is a little for a pipe, which may be full, and for a file whatever there is.
        """
        if self._descriptor is None or not self._waits:
            return len(self._octets)
        await writable(self._descriptor)
        return _A_LITTLE


@contextmanager
def open_output(path: str | None, *, resume: bool) -> Iterator[Output]:
    """Open a file for answers, or take standard output.

    Args:
        path: Its name; None for standard output.
        resume: Whether to go on where the run stopped that has written it.

    Raises:
        OSError: It cannot be written.
        Misuse: It is there, and is not to be gone on with, or not the output of a run; or another
            run is writing it.
    """
    if path is None:
        yield _standard_output()
        return
    with Path(path).open("ab", buffering=0) as file:
        _lock(file.fileno(), path)
        yield _output(file.fileno(), _stop(path, resume=resume))


def _standard_output() -> Output:
    stream = sys.stdout
    if stream is None:
        raise OSError(errno.EBADF, "the stream is closed")
    try:
        return _output(stream.fileno())
    except UnsupportedOperation:  # It is no file but an object of this process.
        return Output(lambda octets: stream.write(octets.decode("ascii")))


def _output(descriptor: int, stop: Stop | None = None) -> Output:
    return Output(partial(os.write, descriptor), descriptor, stop)


def _is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def _lock(descriptor: int, path: str) -> None:
    """Keep other runs from a file, until it is closed or the process ends, in whatever way."""
    if sys.platform == "win32" or not _is_file(os.fstat(descriptor)):
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misuse(f"another run is writing {path!r}") from error
    except OSError:  # There are file systems without locks.
        return


def _stop(path: str, *, resume: bool) -> Stop | None:
    status = Path(path).stat()
    if not (_is_file(status) and status.st_size):
        return None
    if not resume:
        raise Misuse(f"{path!r} is there already: go on with it by --resume, or take another name")
    with (
        Path(path).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as written,
    ):
        return stop_of(written, path)
