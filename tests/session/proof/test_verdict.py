"""What is proven of several together."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import pytest

from sipresolve.session.proof.verdict import Verdict
from sipresolve.vocabulary.proofs import Link
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Status

FAILURE = Answer(question=Question("com", RecordType.DNSKEY), status=Status.TIMEOUT)


def verdict(security: Security, said: str = "", **more: object) -> Verdict:
    reason = Reason.of("proven", said or security)
    return Verdict(security=security, reason=reason, **more)  # type: ignore[arg-type]  # any fields


def link(name: str) -> Link:
    return Link(name, "A", Security.SECURE, "")


# RFC 4033 §5, the weakest first.
STATES = [Security.BOGUS, Security.INDETERMINATE, Security.INSECURE, Security.SECURE]


@pytest.mark.parametrize("states", list(permutations(STATES, 2)))
def test_the_weakest_wins(states: tuple[Security, Security]) -> None:
    first, second = map(verdict, states)
    weakest = min(states, key=STATES.index)
    assert first.and_then(second).security is weakest
    assert first.and_then(second).reason.sentence == weakest


def test_of_those_that_are_as_weak_the_first_tells_why() -> None:
    several = [verdict(Security.INSECURE, said) for said in ("first", "second", "third")]
    together = reduce(Verdict.and_then, several, verdict(Security.SECURE))
    assert together.reason.sentence == "first"


def test_what_could_not_be_had_is_weaker_than_what_is_forged() -> None:
    """Nothing is said to be forged while it is not known."""
    failed = verdict(Security.INDETERMINATE, failure=FAILURE)
    assert verdict(Security.BOGUS).and_then(failed).failure is FAILURE
    assert failed.and_then(verdict(Security.BOGUS)).failure is FAILURE


def test_together_they_hold_as_long_as_each() -> None:
    first = verdict(Security.SECURE, ttl=300, until=2_000.0, links=(link("a"), link("b")))
    second = verdict(Security.INSECURE, ttl=600, until=1_000.0, links=(link("a"), link("c")))
    both = first.and_then(second)
    assert (both.ttl, both.until) == (300, 1_000.0)
    assert [each.name for each in both.links] == ["a", "b", "c"]


FINAL: list[tuple[Verdict, bool]] = [
    (verdict(Security.SECURE), False),
    (verdict(Security.INSECURE), False),
    (verdict(Security.INDETERMINATE), False),
    (verdict(Security.BOGUS), True),
    (verdict(Security.INDETERMINATE, failure=FAILURE), True),
]


@pytest.mark.parametrize(("given", "expected"), FINAL)
def test_what_nothing_can_mend(given: Verdict, expected: bool) -> None:
    assert given.is_final is expected
