"""The work of a run: many lines on their way at once, answers in the order of the lines.

So many workers take a line each, have it answered, and take the next. One writer puts the answers
in order. Whoever is slow stops the others in the end, with no more than a `Window` between them:
the writer waits for a slow reader, workers for room in the window, and reading for a worker.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from sipresolve.cli.bulk.window import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sipresolve.cli.bulk.answers import Answered
    from sipresolve.cli.bulk.lines import Line
    from sipresolve.cli.bulk.window import Window

__all__ = ["PAUSE", "Sink", "Source", "Work"]

#: How long the writer collects answers before it writes again, in seconds.
PAUSE: Final = 0.02


class Source(Protocol):
    """What gives lines."""

    async def take(self) -> Line | None:
        """The next line, as soon as it is there; None at the end, however often one asks."""


class Sink(Protocol):
    """What takes answers in the order of the lines."""

    def put(self, answered: Answered) -> None:
        """Take an answer."""

    async def drain(self) -> None:
        """Write what has been taken."""


class Work:
    """Has all lines answered, and written in their order."""

    def __init__(
        self,
        source: Source,
        answer: Callable[[Line], Awaitable[Answered]],
        sink: Sink,
        window: Window,
    ) -> None:
        """Begin with nothing.

        Args:
            source: Where lines come from.
            answer: Answers a line.
            sink: Where answers go.
            window: How far a line may be ahead of another.
        """
        self._source = source
        self._answer = answer
        self._sink = sink
        self._window = window
        self._reading = asyncio.Lock()
        self._room = asyncio.Event()
        self._something = asyncio.Event()
        self._all_read = False

    async def run(self, concurrency: int) -> None:
        """Go on until all lines are answered and written.

        Cancelling it gives up what is on its way; what is whole then, `write` writes.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_writing())
                for _ in range(min(concurrency, MOST_LINES)):
                    group.create_task(self._keep_answering())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def write(self) -> None:
        """Write the answers to all lines before the first that has none."""
        for answered in self._window.take():
            self._sink.put(answered)
        self._room.set()
        await self._sink.drain()

    async def _keep_answering(self) -> None:
        while (begun := await self._begin()) is not None:
            where, line = begun
            self._window.put(where, await self._answer(line))
            if self._window.is_ready:
                self._something.set()

    async def _begin(self) -> tuple[int, Line] | None:
        """The next line and its place in the window, once there is one; None at the end."""
        async with self._reading:
            while self._window.is_full:
                self._room.clear()
                await self._room.wait()
            line = await self._source.take()
            if line is None:
                self._all_read = True
                self._something.set()
                return None
            return self._window.begin(), line

    async def _keep_writing(self) -> None:
        while not self._is_done:
            await self._something.wait()
            self._something.clear()
            await self.write()
            if not self._is_done:
                await asyncio.sleep(PAUSE)

    @property
    def _is_done(self) -> bool:
        return self._all_read and self._window.is_empty
