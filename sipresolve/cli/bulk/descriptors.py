"""Waiting until a file descriptor can be read or written, while tasks go on.

Nothing about a descriptor is changed: those of a terminal or of a pipe belong to others as well.
"""

from __future__ import annotations

import asyncio
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["readable", "writable"]


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, or an end."""
    if sys.platform != "win32" and not _is_ready(descriptor, select.POLLIN):
        loop = asyncio.get_running_loop()
        await _until(descriptor, loop.add_reader, loop.remove_reader)


async def writable(descriptor: int) -> None:
    """Wait until a few octets can be written (`select.PIPE_BUF`), or nothing can be any more."""
    if sys.platform != "win32" and not _is_ready(descriptor, select.POLLOUT):
        loop = asyncio.get_running_loop()
        await _until(descriptor, loop.add_writer, loop.remove_writer)


def _is_ready(descriptor: int, event: int) -> bool:
    """Whether nobody has to wait; files, which no event loop can wait for, are always ready."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(0))


async def _until(
    descriptor: int,
    add: Callable[[int, Callable[[], None]], None],
    remove: Callable[[int], object],
) -> None:
    ready = asyncio.Event()
    add(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        remove(descriptor)
