"""The backends of the library pass the suite that the library has for those of others."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from sipresolve.backends.conformance import (
    EXPECTED,
    RECORDS,
    ZONE,
    AsyncBackendConformance,
    BackendConformance,
    Expected,
)
from sipresolve.backends.zone import ZoneBackend
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status

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


class CannotCancel:
    """It has the three methods of a backend, and no other."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneBackend.from_text(zone)

    def start(self, question: Question) -> None:
        self.zone.start(question)

    def wait(self, until: float) -> Sequence[Answer]:
        return self.zone.wait(until)

    def close(self) -> None:
        self.zone.close()


class TestWhatCannotCancel(BackendConformance):
    @pytest.fixture
    def backend(self) -> CannotCancel:
        return CannotCancel(ZONE)


# The suite finds what is wrong with a backend: each of these has one fault, and fails one test.


class AnswersTwice(ZoneBackend):
    def wait(self, until: float) -> list[Answer]:
        return [*super().wait(until)] * 2


class InventsAnswers(ZoneBackend):
    def wait(self, until: float) -> list[Answer]:
        del until
        return [Answer(question=Question("invented.example", RecordType.A), status=Status.OK)]


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


class LosesRecords(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, records=answer.records[:1])


class GivesTexts(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        texts: tuple[Any, ...] = tuple(map(str, answer.records))
        return evolve(answer, records=texts)


class ClaimsToKnowAll(ChangesAnswers):
    def change(self, answer: Answer) -> Answer:
        return evolve(answer, status=Status.OK, detail="I am sure")


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


class RaisesWhenClosed(ZoneBackend):
    def __init__(self, *sources: Any) -> None:
        super().__init__(*sources)
        self.closed = asyncio.Event()

    async def ask(self, question: Question) -> Answer:
        await self.closed.wait()
        raise OSError(f"{question}: closed")

    async def aclose(self) -> None:
        self.closed.set()


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


class NeverAsksAgain(ZoneBackend):
    """What was cancelled once is cancelled for ever."""

    def __init__(self, *sources: Any) -> None:
        super().__init__(*sources)
        self.cancelled: set[Question] = set()

    def start(self, question: Question) -> None:
        if question not in self.cancelled:
            super().start(question)

    def cancel(self, question: Question) -> None:
        super().cancel(question)
        self.cancelled.add(question)


class CancelsAll(ZoneBackend):
    def cancel(self, question: Question) -> None:
        del question
        self.close()


class CancelsWhatItHas(ZoneBackend):
    def cancel(self, question: Question) -> None:
        raise RuntimeError(f"{question} is not in flight")


class FailsAfterACancel(ZoneBackend):
    """Who waits meets a socket that is gone."""

    cancelled = False

    def wait(self, until: float) -> Sequence[Answer]:
        answers = super().wait(until)
        if self.cancelled:
            raise OSError("bad file descriptor")
        return answers

    def cancel(self, question: Question) -> None:
        super().cancel(question)
        self.cancelled = True


class ForgetsWhatIsSigned(ZoneBackend):
    """It knows questions by name and type alone."""

    def start(self, question: Question) -> None:
        super().start(evolve(question, signed=False))

    async def ask(self, question: Question) -> Answer:
        return await super().ask(evolve(question, signed=False))


#: For how long those are waited for who keep us waiting, in seconds.
HASTE: dict[type[ZoneBackend], float] = {
    AnswersNothing: 0.4,
    CancelsAll: 0.4,
    NeverAsksAgain: 0.4,
    WaitsToTheEnd: 1.0,
}


def trial(faulty: type[ZoneBackend], suite: type, test: str, *arguments: object) -> None:
    """Run one test of a suite."""
    patience = {"patience": HASTE[faulty]} if faulty in HASTE else {}
    hasty = type(suite.__name__, (suite,), patience)()
    getattr(hasty, test)(faulty.from_text(ZONE), *arguments)


FOUND = [
    (LosesATtl, "test_many_questions_at_once"),
    (CountsTtlsDown, "test_many_questions_at_once"),
    (ForgetsAliases, "test_many_questions_at_once"),
    (KnowsNoAbsence, "test_many_questions_at_once"),
    (RepeatsRecords, "test_many_questions_at_once"),
    (AnswersNothing, "test_many_questions_at_once"),
    (ForgetsWhatIsSigned, "test_a_signed_question"),
]
FOUND_IN_THREADS = [
    *FOUND,
    (AnswersTwice, "test_many_questions_at_once"),
    (WaitsToTheEnd, "test_a_start_while_another_thread_waits"),
    (ClosesOnce, "test_close_twice"),
    (CancelsAll, "test_cancelling_one_question"),
    (CancelsWhatItHas, "test_cancelling_what_is_not_in_flight"),
    (NeverAsksAgain, "test_cancelled_questions_asked_again"),
    (FailsAfterACancel, "test_a_cancel_while_another_thread_waits"),
]
FOUND_IN_TASKS = [
    *FOUND,
    (ClosesOnce, "test_aclose_twice"),
    (FailsWithOthers, "test_cancelling_one_question"),
]


@pytest.mark.parametrize(("faulty", "test"), FOUND_IN_THREADS)
def test_the_suite_finds_a_fault(faulty: type[ZoneBackend], test: str) -> None:
    with pytest.raises((AssertionError, RuntimeError, OSError)):
        trial(faulty, BackendConformance, test)


@pytest.mark.parametrize(("faulty", "test"), FOUND_IN_TASKS)
def test_the_suite_finds_a_fault_in_tasks(faulty: type[ZoneBackend], test: str) -> None:
    with pytest.raises((AssertionError, RuntimeError, OSError, TimeoutError)):
        trial(faulty, AsyncBackendConformance, test)


def test_a_cache_in_between_may_count_ttls_down() -> None:
    class Slack(BackendConformance):
        ttl_slack = 1

    Slack().test_many_questions_at_once(CountsTtlsDown.from_text(ZONE))


# A failure says what was asked, what was expected, and what came.

V4 = "addresses of IPv4"
MANY = "more records than a datagram holds"
TOLD: list[tuple[type[ChangesAnswers], str, str]] = [
    (LosesATtl, V4, "ttl: expected 300, got None"),
    (CountsTtlsDown, V4, "ttl: expected 300, got 299"),
    (RepeatsRecords, V4, "records: came twice: 192.0.2.1, 192.0.2.2"),
    (GivesTexts, V4, "records: expected 192.0.2.1, 192.0.2.2, got '192.0.2.1', '192.0.2.2'"),
    (LosesRecords, V4, "records: expected 192.0.2.2, got none; 1 more as expected"),
    (LosesRecords, MANY, "and 115 more, got none; 1 more as expected"),
    (
        ForgetsAliases,
        "a DNAME (RFC 6672)",
        "aliases: expected ('a.b.conformance.example',), got ()",
    ),
    (KnowsNoAbsence, "no such name", "status: expected nxdomain, got ok"),
    (ClaimsToKnowAll, "aliases in a circle", "status: expected servfail, got ok (I am sure)"),
]


@pytest.mark.parametrize(("faulty", "why", "told"), TOLD)
def test_a_failure_says_what_is_wrong(faulty: type[ChangesAnswers], why: str, told: str) -> None:
    [expected] = [row for row in EXPECTED if row.why == why]
    for suite in (BackendConformance, AsyncBackendConformance):
        with pytest.raises(AssertionError) as failure:
            trial(faulty, suite, "test_an_answer", expected)
        question, fault = str(failure.value).splitlines()
        assert question == f"{expected.question}: {why}"
        assert fault.endswith(told)


def test_a_failure_says_what_is_not_even_an_answer() -> None:
    expected = Expected(why="a trial", question=Question("example.com", RecordType.A))
    nothing: Any = None
    with pytest.raises(AssertionError) as failure:
        BackendConformance().check(nothing, expected)
    assert str(failure.value) == "example.com A: a trial\n  answer: expected an Answer, got None"


def test_a_failure_says_which_question_was_meant() -> None:
    asked, other = (Question(name, RecordType.A) for name in ("example.com", "example.net"))
    answer = Answer(question=other, status=Status.OK)
    with pytest.raises(AssertionError, match=r"question: expected .*com A, got .*net A"):
        BackendConformance().check(answer, Expected(why="a trial", question=asked))


SAID: list[tuple[type[ZoneBackend], str, str]] = [
    (AnswersNothing, "test_many_questions_at_once", "host.conformance.example A: no answer came"),
    (AnswersTwice, "test_many_questions_at_once", "host.conformance.example A: answered twice"),
    (AnswersTwice, "test_a_question_asked_again", "expected one answer within 10 s, got 2"),
    (InventsAnswers, "test_a_wait_for_nothing", "invented.example A: answered, but never asked"),
    (ClaimsToKnowAll, "test_a_name_outside_the_zone", "conformance.invalid A: expected anything"),
    (ForgetsWhatIsSigned, "test_a_signed_question", "example A, signed: no answer came"),
    (WaitsToTheEnd, "test_a_start_while_another_thread_waits", "it may take 0.5 s, and took "),
    (CancelsAll, "test_cancelling_one_question", "host.conformance.example AAAA: no answer came"),
    (NeverAsksAgain, "test_cancelled_questions_asked_again", "conformance.example A: no answer"),
]
SAID_IN_TASKS: list[tuple[type[ZoneBackend], str, str]] = [
    (AnswersNothing, "test_many_questions_at_once", "expected an end within 0.4 s"),
    (ClaimsToKnowAll, "test_a_name_outside_the_zone", "conformance.invalid A: expected anything"),
    (RaisesWhenClosed, "test_aclose_with_questions_in_flight", "conformance.example A: closed')"),
]


@pytest.mark.parametrize(("faulty", "test", "said"), SAID)
def test_every_failure_speaks(faulty: type[ZoneBackend], test: str, said: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(said)):
        trial(faulty, BackendConformance, test)


@pytest.mark.parametrize(("faulty", "test", "said"), SAID_IN_TASKS)
def test_every_failure_speaks_in_tasks(faulty: type[ZoneBackend], test: str, said: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(said)):
        trial(faulty, AsyncBackendConformance, test)


@pytest.mark.parametrize("suite", [BackendConformance(), AsyncBackendConformance()])
def test_a_method_that_is_missing_is_named(suite: Any) -> None:
    with pytest.raises(AssertionError, match=r"object has no method '(start|ask)'"):
        suite.test_it_keeps_the_protocol(object())


# The records that are read already are those of the zone.


def test_the_records_are_named_as_questions_are() -> None:
    for record in RECORDS:
        assert record.name == Question(record.name, RecordType.A).name
    assert {record.type for record in RECORDS} == {"A", "AAAA", "SRV", "NAPTR", "CNAME", "DNAME"}


def test_no_record_of_the_zone_is_missing() -> None:
    assert len(RECORDS) == len([line for line in ZONE.splitlines() if line]) - len(("SOA", "NS"))


def test_every_answer_is_made_of_these_records() -> None:
    values = {record.value for record in RECORDS}
    for row in EXPECTED:
        assert row.records <= values
