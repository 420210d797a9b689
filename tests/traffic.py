"""Calls, and what became of them, attempt by attempt; and streams of them, while a test goes on."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

import pytest
from attrs import define, field

from sipresolve import is_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sip_message import Response

    from sipresolve import AllTargetsFailed, Target

__all__ = ["PATIENCE", "Call", "Stream", "Try"]

#: How long a test waits for what has to come, in seconds.
PATIENCE: Final = 40.0


@define(kw_only=True)
class Try:
    """One attempt at one target, and what came of it."""

    target: Target
    began: float
    response: Response | None = None
    error: OSError | None = None

    @property
    def has_failed(self) -> bool:
        return self.response is None or is_failure(self.response.status)

    def __str__(self) -> str:
        return f"{self.target.host}: {self.response or repr(self.error)}"


@define(kw_only=True)
class Call:
    """One request, and what became of it."""

    call_id: str
    tries: list[Try] = field(factory=list)
    failed: AllTargetsFailed | None = None

    @property
    def hosts(self) -> list[str]:
        """The names of the servers that were tried, in their order, without the domain."""
        return [each.target.host.split(".")[0] for each in self.tries]

    @property
    def answered_by(self) -> str | None:
        """What the server that answered is called; None where the call was lost."""
        response = self.tries[-1].response if self.tries else None
        if self.failed is not None or response is None or is_failure(response.status):
            return None
        return response.header("server")

    def __str__(self) -> str:
        return ", ".join(map(str, self.tries))

    @contextmanager
    def trying(self, target: Target) -> Iterator[Try]:
        """Keep what becomes of an attempt."""
        current = Try(target=target, began=time.monotonic())
        self.tries.append(current)
        try:
            yield current
        except OSError as error:
            current.error = error
            raise


class Stream:
    """The calls of a stream of requests, as they come back."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ended = threading.Event()
        self._workers: list[Future[None]] = []

    @contextmanager
    def run_by(self, workers: list[Future[None]]) -> Iterator[Self]:
        """Let it run for as long as the block takes."""
        self._workers = workers
        try:
            yield self
        finally:
            self.ended.set()
            wait(workers, PATIENCE)
        self._check()

    def _check(self) -> None:
        """Raise what a worker raised, if one did."""
        for worker in self._workers:
            if worker.done():
                worker.result()

    @property
    def lost(self) -> list[Call]:
        """The calls that no server answered."""
        return [call for call in self.calls if call.answered_by is None]

    def failures_at(self, host: str, *, since: float) -> int:
        """How many attempts at a server began after a moment, and failed."""
        return sum(
            name == host and each.began >= since and each.has_failed
            for call in list(self.calls)
            for name, each in zip(call.hosts, call.tries, strict=True)
        )

    def calls_since(self, moment: float) -> int:
        """How many calls began after a moment."""
        return sum(call.tries[0].began >= moment for call in list(self.calls))

    def until(self, condition: Callable[[], bool]) -> None:
        """Let it run until a condition holds; the test fails where that takes long."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self._check()
            if time.monotonic() > deadline:
                latest = "\n".join(map(str, self.calls[-20:]))
                pytest.fail(f"not in {PATIENCE} s; the latest calls were:\n{latest}", pytrace=False)
            time.sleep(0.01)

    def until_failed(self, host: str, *, times: int, since: float = 0) -> None:
        """Let it run until so many attempts at a server, since a moment, have failed."""
        self.until(lambda: self.failures_at(host, since=since) >= times)

    def until_share(self, **least: int) -> None:
        """Let it run until, of a hundred calls, each server has answered so many at least."""
        first = len(self.calls)

        def is_reached() -> bool:
            answered = [call.answered_by for call in self.calls[first:][-100:]]
            return all(answered.count(name) >= share for name, share in least.items())

        self.until(is_reached)
