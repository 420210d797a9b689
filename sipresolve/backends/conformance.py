"""A suite for pytest that every backend should pass, those of third parties too.

Make a class of tests of it, and say how your backend is made::

    from sipresolve.backends.conformance import RECORDS, BackendConformance

    class TestMyBackend(BackendConformance):
        @pytest.fixture
        def backend(self):
            return MyBackend(...)  # with RECORDS, or in front of a nameserver that has ZONE

Each test gets a backend of its own, and closes it. `AsyncBackendConformance` is the same for
asynchronous backends: it runs each test by `asyncio.run`, and makes no use of a backend before.

A blocking backend need not be able to cancel. One that cannot is not told to, and what the tests of
it assert holds all the same.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

import pytest

from sipresolve.backends.conformance_checks import (
    AT_ONCE,
    OTHER,
    SIGNED,
    SOME,
    UNKNOWN,
    Conformance,
    cancel,
    start,
)
from sipresolve.backends.conformance_faults import at_most, faults_of_all, want, want_methods
from sipresolve.backends.conformance_records import RECORDS, ZoneRecord
from sipresolve.backends.conformance_zone import EXPECTED, ORIGIN, OUTSIDE, ZONE, Expected
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.records import Answer, Question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sipresolve.backends.protocols import AsyncBackend, Backend

__all__ = [
    "EXPECTED",
    "ORIGIN",
    "OUTSIDE",
    "RECORDS",
    "ZONE",
    "AsyncBackendConformance",
    "BackendConformance",
    "Expected",
    "ZoneRecord",
]

Result = TypeVar("Result")


def _why(expected: Expected) -> str:
    return expected.why.partition(" (")[0]


class BackendConformance(Conformance):
    """The tests of a blocking backend. A subclass gives a fixture ``backend``."""

    def collect(self, backend: Backend, count: int) -> list[Answer]:
        """Wait for that many answers, or until patience ends."""
        until = time.monotonic() + self.patience
        answers: list[Answer] = []
        while len(answers) < count and time.monotonic() < until:
            answers += backend.wait(until)
        return answers

    def answer(self, backend: Backend, question: Question) -> Answer:
        """Ask one question, and wait for its one answer."""
        __tracebackhide__ = True
        backend.start(question)
        return self.only(self.collect(backend, 1), question)

    def latest(self, backend: Backend, *rows: Expected) -> list[Answer]:
        """Wait until each of these has an answer: the latest of each, and none to other questions.

        What was cancelled may have been answered before it was asked again.
        """
        until = time.monotonic() + self.patience
        answers = dict.fromkeys(expected.question for expected in rows)
        while None in answers.values() and time.monotonic() < until:
            for answer in backend.wait(until):
                if answer.question in answers:
                    answers[answer.question] = answer
        return [answer for answer in answers.values() if answer]

    def only(self, answers: Sequence[Answer], question: Question) -> Answer:
        """Assert that one answer came, and give it."""
        __tracebackhide__ = True
        if len(answers) != 1:
            want(f"{question}: expected one answer within {self.patience:g} s, got {len(answers)}")
        return answers[0]

    def test_it_keeps_the_protocol(self, backend: Backend) -> None:
        """It has the methods of `Backend`."""
        want_methods(backend, "start", "wait", "close")
        backend.close()

    @pytest.mark.parametrize("expected", EXPECTED, ids=_why)
    def test_an_answer(self, backend: Backend, expected: Expected) -> None:
        """One question gets its answer."""
        with closing(backend):
            self.check(self.answer(backend, expected.question), expected)

    def test_a_name_outside_the_zone(self, backend: Backend) -> None:
        """That nobody knows is an answer too, whichever."""
        with closing(backend):
            self.check_unknown(self.answer(backend, UNKNOWN))

    def test_many_questions_at_once(self, backend: Backend) -> None:
        """All are started without waiting, and each is answered once."""
        with closing(backend):
            with at_most(AT_ONCE, f"starting {len(EXPECTED)} questions"):
                start(backend, *EXPECTED)
            answers = self.collect(backend, len(EXPECTED))
            self.check_all([*answers, *backend.wait(time.monotonic() + 0.1)])

    def test_a_question_asked_again(self, backend: Backend) -> None:
        """What was answered can be asked again."""
        with closing(backend):
            for _ in range(2):
                self.check(self.answer(backend, SOME.question), SOME)

    def test_a_signed_question(self, backend: Backend) -> None:
        """It is answered as itself, beside the same that is not signed; evidence it need not have.

        What is only kept apart by name and type may answer one of them for the other.
        """
        with closing(backend):
            start(backend, SOME, SIGNED)
            self.check_all(self.collect(backend, 2), [SOME, SIGNED])

    def test_a_wait_until_the_past(self, backend: Backend) -> None:
        """It gives what is there, and does not wait."""
        with closing(backend), at_most(AT_ONCE, "waiting until a time that has passed"):
            past = time.monotonic() - 1
            want(*faults_of_all(backend.wait(past), ()))
            backend.start(SOME.question)
            backend.wait(past)

    def test_a_wait_for_nothing(self, backend: Backend) -> None:
        """With no question in flight it gives nothing, and ends in time."""
        with closing(backend), at_most(0.05 + AT_ONCE, "waiting 0.05 s with nothing in flight"):
            want(*faults_of_all(backend.wait(time.monotonic() + 0.05), ()))

    def test_a_start_while_another_thread_waits(self, backend: Backend) -> None:
        """The thread that waits gets the answer long before it would give up."""
        what = "noticing a question that another thread started"
        with closing(backend), ThreadPoolExecutor(1) as pool, at_most(self.patience / 2, what):
            collected = pool.submit(self.collect, backend, 1)
            time.sleep(0.05)  # nothing else tells that the thread has come to wait
            backend.start(SOME.question)
            self.check(self.only(collected.result(), SOME.question), SOME)

    def test_cancelling_one_question(self, backend: Backend) -> None:
        """The others are answered all the same."""
        with closing(backend):
            start(backend, SOME, OTHER)
            cancel(backend, SOME)
            self.check_all(self.latest(backend, OTHER), [OTHER])

    def test_cancelling_what_is_not_in_flight(self, backend: Backend) -> None:
        """It does nothing, whether the question was answered or never asked."""
        with closing(backend):
            cancel(backend, SOME)
            for _ in range(2):
                self.check(self.answer(backend, SOME.question), SOME)
                cancel(backend, SOME, OTHER)

    def test_cancelled_questions_asked_again(self, backend: Backend) -> None:
        """They are answered as if they had not been asked before; once, or twice."""
        with closing(backend):
            start(backend, *EXPECTED)
            with at_most(AT_ONCE, f"cancelling {len(EXPECTED)} questions"):
                cancel(backend, *EXPECTED)
            start(backend, *EXPECTED)
            self.check_all(self.latest(backend, *EXPECTED))

    def test_a_cancel_while_another_thread_waits(self, backend: Backend) -> None:
        """That thread waits on, and gets the answer to what is asked afterwards."""
        what = "noticing a question that another thread started, after it had cancelled it"
        with closing(backend), ThreadPoolExecutor(1) as pool, at_most(self.patience / 2, what):
            collected = pool.submit(self.latest, backend, SOME, OTHER)
            time.sleep(0.05)  # nothing else tells that the thread has come to wait
            start(backend, SOME)
            cancel(backend, SOME)
            start(backend, SOME, OTHER)
            self.check_all(collected.result(), [SOME, OTHER])

    def test_close_twice(self, backend: Backend) -> None:
        """The second time does nothing."""
        backend.close()
        backend.close()

    def test_close_with_questions_in_flight(self, backend: Backend) -> None:
        """They are dropped, and closing does not wait for them."""
        start(backend, *EXPECTED)
        with at_most(AT_ONCE, f"closing with {len(EXPECTED)} questions in flight"):
            backend.close()


class AsyncBackendConformance(Conformance):
    """The tests of an asynchronous backend. A subclass gives a fixture ``backend``."""

    def run(self, backend: AsyncBackend, test: Callable[[], Awaitable[Result]]) -> Result:
        """Run a test in an event loop of its own, with an end to patience, and close."""

        async def tested() -> Result:
            patience = asyncio.timeout(self.patience)
            try:
                async with patience:
                    return await test()
            except TimeoutError:
                if patience.expired():
                    want(f"expected an end within {self.patience:g} s, and there was none")
                raise
            finally:
                await backend.aclose()

        return asyncio.run(tested())

    def test_it_keeps_the_protocol(self, backend: AsyncBackend) -> None:
        """It has the methods of `AsyncBackend`."""
        want_methods(backend, "ask", "aclose")
        self.run(backend, backend.aclose)

    @pytest.mark.parametrize("expected", EXPECTED, ids=_why)
    def test_an_answer(self, backend: AsyncBackend, expected: Expected) -> None:
        """One question gets its answer."""
        self.check(self.run(backend, lambda: backend.ask(expected.question)), expected)

    def test_a_name_outside_the_zone(self, backend: AsyncBackend) -> None:
        """That nobody knows is an answer too, whichever."""
        self.check_unknown(self.run(backend, lambda: backend.ask(UNKNOWN)))

    def test_many_questions_at_once(self, backend: AsyncBackend) -> None:
        """Tasks may ask side by side."""

        async def test() -> list[Answer]:
            return await asyncio.gather(*(backend.ask(row.question) for row in EXPECTED))

        self.check_all(self.run(backend, test))

    def test_a_signed_question(self, backend: AsyncBackend) -> None:
        """It is answered as itself, beside the same that is not signed; evidence it need not have.

        What is only kept apart by name and type may answer one of them for the other.
        """

        async def test() -> list[Answer]:
            return await asyncio.gather(*(backend.ask(row.question) for row in (SOME, SIGNED)))

        self.check_all(self.run(backend, test), [SOME, SIGNED])

    def test_one_question_by_two_tasks(self, backend: AsyncBackend) -> None:
        """Both get the answer."""

        async def test() -> list[Answer]:
            return await asyncio.gather(*(backend.ask(SOME.question) for _ in range(2)))

        for answer in self.run(backend, test):
            self.check(answer, SOME)

    def test_cancelling_one_question(self, backend: AsyncBackend) -> None:
        """The others are answered all the same, and so is the same question afterwards."""

        async def test() -> tuple[Answer, Answer]:
            cancelled = asyncio.ensure_future(backend.ask(SOME.question))
            other = asyncio.ensure_future(backend.ask(OTHER.question))
            await asyncio.sleep(0)
            cancelled.cancel()
            await asyncio.wait([cancelled])
            return await other, await backend.ask(SOME.question)

        other, again = self.run(backend, test)
        self.check(other, OTHER)
        self.check(again, SOME)

    def test_aclose_twice(self, backend: AsyncBackend) -> None:
        """The second time does nothing, whether it was used or not."""

        async def test() -> None:
            await backend.ask(SOME.question)
            await backend.aclose()

        self.run(backend, test)

    def test_aclose_with_questions_in_flight(self, backend: AsyncBackend) -> None:
        """No task waits for ever: it gets an answer, is cancelled, or told of the misuse."""

        async def test() -> list[Answer | BaseException]:
            asked = [asyncio.ensure_future(backend.ask(row.question)) for row in EXPECTED]
            await asyncio.sleep(0)
            await backend.aclose()
            return await asyncio.gather(*asked, return_exceptions=True)

        for row, outcome in zip(EXPECTED, self.run(backend, test), strict=True):
            if not isinstance(outcome, (Answer, asyncio.CancelledError, SipResolveError)):
                want(f"{row.question}: expected an answer or a SipResolveError, got {outcome!r}")
