"""All that touches the event loop: its clock, tasks, a signal, and sockets. It is asyncio's.

Whatever is written in terms of this module runs on another loop as soon as the module does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from socket import socket

    from sipresolve.backends.sockets import SocketAddress

__all__ = [
    "Inbox",
    "Job",
    "Loop",
    "Signal",
    "call_soon",
    "catch_up",
    "clock",
    "connect",
    "is_running",
    "let_others_run",
    "receive",
    "running_loop",
    "send",
    "spawn",
]

#: What runs tasks; nobody but this module looks inside.
Loop: TypeAlias = asyncio.AbstractEventLoop

# A wait that ends later than this was held up, and so were those who may end it, in seconds. A loop
# with thousands of tasks is late by half of that, and has nothing to catch up with.
_HELD_UP: Final = 0.25
# How many turns of the loop they get then: it takes five from a socket to whoever called; and how
# long they may take, in seconds.
_TURNS: Final = 10
_LONGEST: Final = 0.5

Result = TypeVar("Result")
Item = TypeVar("Item")


def clock() -> float:
    """The time of the running loop, in seconds."""
    return asyncio.get_running_loop().time()


def running_loop() -> Loop:
    """The loop that runs now: the same object as long as it is the same loop."""
    return asyncio.get_running_loop()


def is_running(loop: Loop) -> bool:
    """Whether it is this loop that runs here, in this thread."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def call_soon(loop: Loop, call: Callable[[], object]) -> None:
    """Let a loop call something on its next turn, from any thread; never where it is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


class Signal:
    """Something that has happened or not, for any number of tasks of one loop to wait for."""

    def __init__(self) -> None:
        self._is_set = False
        self._waiters: set[asyncio.Future[bool]] = set()

    @property
    def is_set(self) -> bool:
        """Whether it has happened since the last `clear`."""
        return self._is_set

    def set(self) -> None:
        """Say that it has happened, and let everybody go on who waits for it."""
        self._is_set = True
        for waiter in self._waiters:
            _settle(waiter, happened=True)

    def clear(self) -> None:
        """Forget that it has happened."""
        self._is_set = False

    async def wait(self, until: float | None = None) -> bool:
        """Wait until it has happened, or until that time of `clock` (None: for ever).

        Where the loop was busy, or the process did not run, until after that time, what has come
        meanwhile is seen to first: it is no later than the wait.

        Returns:
            Whether it has happened.
        """
        if self._is_set:
            return True
        loop = asyncio.get_running_loop()
        due = max(until or 0.0, loop.time())
        waiter: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_at(until, _lapse, waiter) if until is not None else None
        self._waiters.add(waiter)
        try:
            if await waiter:
                return True
            await catch_up(due, lambda: self._is_set)
            return self._is_set
        finally:
            self._waiters.discard(waiter)
            if timer is not None:
                timer.cancel()


def _lapse(waiter: asyncio.Future[bool]) -> None:
    _settle(waiter, happened=False)


def _settle(waiter: asyncio.Future[bool], *, happened: bool) -> None:
    if not waiter.done():
        waiter.set_result(happened)


class Inbox(Generic[Item]):
    """What has come for one task, in order."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._something = Signal()

    def put(self, item: Item) -> None:
        """Leave something there."""
        self._items.append(item)
        self._something.set()

    async def get(self, until: float) -> Item | None:
        """The next item; None where there is none by that time of `clock`."""
        if not self._items:
            self._something.clear()
            await self._something.wait(until)
        return self._items.popleft() if self._items else None


class Job:
    """A task that runs beside the others, for as long as somebody keeps hold of this."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self.is_cancelled = False

    def cancel(self) -> None:
        """Let it end as soon as it can; nobody is told."""
        self.is_cancelled = True
        self._task.cancel()

    async def ended(self) -> None:
        """Wait until it has ended, however that comes about."""
        await asyncio.wait([self._task])


def spawn(
    coroutine: Coroutine[Any, Any, Result],
    on_done: Callable[[Result | None, BaseException | None], None],
    *,
    holding: socket | None = None,
) -> Job:
    """Run something beside the rest.

    Args:
        coroutine: What to run.
        on_done: Is called with what it returned and what it raised, but not if the job was
            cancelled.
        holding: A socket to close when it ends, even if it was cancelled before it began.
    """

    def ended(task: asyncio.Task[Result]) -> None:
        if holding is not None:
            holding.close()
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if not job.is_cancelled:
            on_done(task.result() if error is None else None, error)

    task = asyncio.get_running_loop().create_task(coroutine)
    job = Job(task)
    task.add_done_callback(ended)
    return job


async def let_others_run() -> None:
    """Give every other task that can run its turn."""
    await asyncio.sleep(0)


async def catch_up(due: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Let the loop do what it was kept from, where a task goes on later than it was to.

    Args:
        due: When it was to go on, at the latest, as `clock` counts seconds.
        is_over: Whether all that matters is done.
    """
    now = clock()
    turns = _TURNS if now - due > _HELD_UP else 0
    while turns and clock() < now + _LONGEST and not is_over():
        await let_others_run()
        turns -= 1


async def connect(stream: socket, address: SocketAddress) -> None:
    """Connect a socket; raises OSError where that fails."""
    await asyncio.get_running_loop().sock_connect(stream, address)


async def send(stream: socket, octets: bytes) -> None:
    """Send all of the octets; raises OSError where that fails."""
    await asyncio.get_running_loop().sock_sendall(stream, octets)


async def receive(connected: socket, size: int) -> bytes:
    """Take what has come, or comes first: a datagram, or octets; raises OSError on failure."""
    return await asyncio.get_running_loop().sock_recv(connected, size)
