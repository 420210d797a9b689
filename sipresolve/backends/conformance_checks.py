"""What both suites of `conformance` know: some examples, and how answers are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from attrs import evolve

from sipresolve.backends.conformance_faults import about, faults_of, faults_of_all, want
from sipresolve.backends.conformance_zone import EXPECTED, OUTSIDE, Expected
from sipresolve.backends.protocols import CancellingBackend
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.backends.protocols import Backend

__all__ = ["AT_ONCE", "OTHER", "SIGNED", "SOME", "UNKNOWN", "Conformance", "cancel", "start"]

#: What does not wait may take this long, in seconds, on a machine that is busy.
AT_ONCE: Final = 3.0

#: Two of the questions that are answered.
SOME: Final = EXPECTED[0]
OTHER: Final = EXPECTED[1]
#: One of them by one who wants what proves the answer as well: that is another question.
SIGNED: Final = evolve(SOME, question=evolve(SOME.question, signed=True))
#: A question that nobody can answer.
UNKNOWN: Final = Question(OUTSIDE, RecordType.A)


class Conformance:
    """What both suites know.

    Attributes:
        patience: For how long an answer may keep us waiting, in seconds.
        ttl_slack: By how much a TTL may be too small, in seconds: a cache between the backend and
            the nameserver counts it down.
    """

    patience: ClassVar[float] = 10.0
    ttl_slack: ClassVar[int] = 0

    def check(self, answer: Answer, expected: Expected) -> None:
        """Assert that an answer is as expected."""
        __tracebackhide__ = True
        if faults := faults_of(answer, expected, ttl_slack=self.ttl_slack):
            want(about(expected, faults))

    def check_all(self, answers: Sequence[Answer], rows: Sequence[Expected] = EXPECTED) -> None:
        """Assert that these are the answers to all questions, one to each."""
        __tracebackhide__ = True
        want(*faults_of_all(answers, (expected.question for expected in rows)))
        by_question = {answer.question: answer for answer in answers}
        for expected in rows:
            self.check(by_question[expected.question], expected)

    def check_unknown(self, answer: Answer) -> None:
        """Assert that an answer claims to know nothing."""
        __tracebackhide__ = True
        if answer.status is Status.OK or answer.records:
            got = f"{answer.status} with {len(answer.records)} records"
            want(f"{UNKNOWN}: expected anything but an answer with records, got {got}")


def start(backend: Backend, *rows: Expected) -> None:
    """Start these questions."""
    for expected in rows:
        backend.start(expected.question)


def cancel(backend: Backend, *rows: Expected) -> None:
    """Give these questions up, as a resolver does: it tells a backend that can be told."""
    if isinstance(backend, CancellingBackend):
        for expected in rows:
            backend.cancel(expected.question)
