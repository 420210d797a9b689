"""The backends of the library pass the suite that the library has for those of others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from sipresolve.backends.conformance import ZONE, AsyncBackendConformance, BackendConformance
from sipresolve.backends.zone import ZoneBackend
from sipresolve.vocabulary.records import Answer, Question, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class TestZoneBackend(BackendConformance):
    @pytest.fixture
    def backend(self) -> ZoneBackend:
        return ZoneBackend.from_text(ZONE)


class TestZoneBackendInTasks(AsyncBackendConformance):
    @pytest.fixture
    def backend(self) -> ZoneBackend:
        return ZoneBackend.from_text(ZONE)


# The suite finds what is wrong with a backend: each of these has one fault, and fails one test.


class AnswersTwice(ZoneBackend):
    def wait(self, until: float) -> list[Answer]:
        return [*super().wait(until)] * 2


class ChangesAnswers(ZoneBackend):
    change: Callable[[Answer], Answer]

    def wait(self, until: float) -> list[Answer]:
        return [self.change(answer) for answer in super().wait(until)]

    async def ask(self, question: Question) -> Answer:
        return self.change(await super().ask(question))


class LosesATtl(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, ttl=None)


class CountsTtlsDown(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, ttl=answer.ttl and answer.ttl - 1)


class ForgetsAliases(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, aliases=())


class KnowsNoAbsence(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, status=Status.OK) if answer.status.is_absence else answer


class RepeatsRecords(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, records=answer.records * 2)


class WaitsToTheEnd(ZoneBackend):
    def wait(self, until: float) -> Sequence[Answer]:
        time.sleep(max(until - time.monotonic(), 0))
        return super().wait(until)


class ClosesOnce(ZoneBackend):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True

    async def aclose(self) -> None:
        self.close()


class AnswersNothing(ZoneBackend):
    def start(self, question: Question) -> None:
        pass

    async def ask(self, question: Question) -> Answer:
        await asyncio.get_running_loop().create_future()
        return await super().ask(question)


class FailsWithOthers(ZoneBackend):
    """One that is cancelled takes the rest with it."""

    cancelled = False

    async def ask(self, question: Question) -> Answer:
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.cancelled:
            raise ConnectionError("the connection is gone")
        return await super().ask(question)


class Hasty(BackendConformance):
    patience = 0.4


class HastyInTasks(AsyncBackendConformance):
    patience = 0.4


FOUND = [
    (LosesATtl, "test_many_questions_at_once"),
    (CountsTtlsDown, "test_many_questions_at_once"),
    (ForgetsAliases, "test_many_questions_at_once"),
    (KnowsNoAbsence, "test_many_questions_at_once"),
    (RepeatsRecords, "test_many_questions_at_once"),
    (AnswersNothing, "test_many_questions_at_once"),
]
FOUND_IN_THREADS = [
    *FOUND,
    (AnswersTwice, "test_many_questions_at_once"),
    (WaitsToTheEnd, "test_a_start_while_another_thread_waits"),
    (ClosesOnce, "test_close_twice"),
]
FOUND_IN_TASKS = [
    *FOUND,
    (ClosesOnce, "test_aclose_twice"),
    (FailsWithOthers, "test_cancelling_one_question"),
]


@pytest.mark.parametrize(("faulty", "test"), FOUND_IN_THREADS)
def test_the_suite_finds_a_fault(faulty: type[ZoneBackend], test: str) -> None:
    with pytest.raises((AssertionError, RuntimeError)):
        getattr(Hasty(), test)(faulty.from_text(ZONE))


@pytest.mark.parametrize(("faulty", "test"), FOUND_IN_TASKS)
def test_the_suite_finds_a_fault_in_tasks(faulty: type[ZoneBackend], test: str) -> None:
    with pytest.raises((AssertionError, RuntimeError, OSError, TimeoutError)):
        getattr(HastyInTasks(), test)(faulty.from_text(ZONE))


def test_a_cache_in_between_may_count_ttls_down() -> None:
    class Slack(BackendConformance):
        ttl_slack = 1

    Slack().test_many_questions_at_once(CountsTtlsDown.from_text(ZONE))
