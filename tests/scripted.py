"""Backends that answer as a test says, and when it says."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from sipresolve.vocabulary.records import Answer, Question, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["AsyncScripted", "Scripted", "nothing"]


def nothing(question: Question) -> Answer:
    return Answer(question=question, status=Status.NXDOMAIN)


@define(eq=False)
class Scripted:
    """A blocking backend: `held` questions are answered when they are let go."""

    answers: Mapping[Question, Answer] = field(factory=dict)
    held: set[Question] = field(factory=set)
    started: Counter[Question] = field(factory=Counter)
    cancelled: Counter[Question] = field(factory=Counter)
    on_start: Callable[[Question], None] = lambda _question: None
    on_wait: Callable[[], None] = lambda: None
    closed: int = 0
    _failure: Exception | None = None
    _ready: list[Answer] = field(factory=list)
    _pending: list[Question] = field(factory=list)
    _changed: threading.Condition = field(factory=threading.Condition)

    def start(self, question: Question) -> None:
        self.on_start(question)
        with self._changed:
            self.started[question] += 1
            if question in self.held:
                self._pending.append(question)
            else:
                self._ready.append(self.answers.get(question) or nothing(question))
            self._changed.notify_all()

    def let_go(self, *questions: Question) -> None:
        with self._changed:
            for question in questions:
                self.held.discard(question)
                if question in self._pending:  # It is not, once it was cancelled.
                    self._pending.remove(question)
                    self._ready.append(self.answers.get(question) or nothing(question))
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Let whoever waits now, or next, fail with this."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def await_start(self, question: Question) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.started[question], timeout=20)

    def wait(self, until: float) -> Sequence[Answer]:
        self.on_wait()
        with self._changed:
            self._changed.wait_for(
                lambda: self._ready or self._failure, timeout=max(until - time.monotonic(), 0)
            )
            if failure := self._failure:
                self._failure = None
                raise failure
            ready, self._ready = self._ready, []
            return ready

    def cancel(self, question: Question) -> None:
        with self._changed:
            self.cancelled[question] += 1
            self._pending = [each for each in self._pending if each != question]
            self._ready = [each for each in self._ready if each.question != question]
            self._changed.notify_all()

    def close(self) -> None:
        self.closed += 1


@define(eq=False)
class AsyncScripted:
    """The same for asynchronous programs."""

    answers: Mapping[Question, Answer] = field(factory=dict)
    held: set[Question] = field(factory=set)
    started: Counter[Question] = field(factory=Counter)
    cancelled: Counter[Question] = field(factory=Counter)
    on_start: Callable[[Question], None] = lambda _question: None
    closed: int = 0
    _changed: asyncio.Condition = field(factory=asyncio.Condition)

    async def ask(self, question: Question) -> Answer:
        self.on_start(question)
        try:
            async with self._changed:
                self.started[question] += 1
                self._changed.notify_all()
                await self._changed.wait_for(lambda: question not in self.held)
        except asyncio.CancelledError:
            self.cancelled[question] += 1
            raise
        return self.answers.get(question) or nothing(question)

    async def let_go(self, *questions: Question) -> None:
        async with self._changed:
            self.held.difference_update(questions)
            self._changed.notify_all()

    async def await_start(self, question: Question) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: self.started[question]), 20)

    async def aclose(self) -> None:
        self.closed += 1
