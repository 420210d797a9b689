"""What is wrong with a backend, for the person who wrote it: how `conformance` fails."""

from __future__ import annotations

import time
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.records import Answer, Naptr, Srv, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sipresolve.backends.conformance_zone import Expected
    from sipresolve.vocabulary.records import Question

__all__ = ["about", "at_most", "faults_of", "faults_of_all", "want", "want_methods"]

#: So many records are told of; what is wrong with more is wrong in the same way.
_TOLD: Final = 4


def want(*faults: str) -> None:
    """Fail, where there are faults to tell of."""
    __tracebackhide__ = True
    if faults:
        raise AssertionError("\n".join(faults))


def want_methods(backend: object, *names: str) -> None:
    """Fail, where it lacks one of these methods."""
    __tracebackhide__ = True
    want(
        *(
            f"{type(backend).__name__} has no method {name!r}"
            for name in names
            if not callable(getattr(backend, name, None))
        )
    )


@contextmanager
def at_most(seconds: float, what: str) -> Iterator[None]:
    """Fail, where what is done within takes longer."""
    __tracebackhide__ = True
    began = time.monotonic()
    yield
    if (took := time.monotonic() - began) >= seconds:
        want(f"{what}: it may take {seconds:g} s, and took {took:.1f} s")


def about(expected: Expected, faults: Iterable[str]) -> str:
    """A message: the question, what it is an example of, and a line for each fault."""
    return "\n".join(
        (f"{_asked(expected.question)}: {expected.why}", *(f"  {each}" for each in faults))
    )


def faults_of(answer: object, expected: Expected, *, ttl_slack: int) -> list[str]:
    """What is wrong with an answer; nothing if it is as expected.

    Args:
        answer: What the backend gave.
        expected: What it should have given.
        ttl_slack: By how much the TTL may be too small, in seconds.
    """
    if not isinstance(answer, Answer):
        return [_fault("answer", "an Answer", repr(answer))]
    faults: list[str] = []
    if answer.question != expected.question:
        faults.append(_fault("question", _asked(expected.question), _asked(answer.question)))
    if answer.status is not expected.status:
        detail = f" ({answer.detail})" if answer.detail else ""
        faults.append(_fault("status", str(expected.status), f"{_text(answer.status)}{detail}"))
    faults += _faults_of_records(answer.records, expected.records)
    if expected.status.is_failure:
        return faults
    if answer.aliases != expected.aliases:
        faults.append(_fault("aliases", repr(expected.aliases), repr(answer.aliases)))
    if not _is_in_time(answer.ttl, expected.ttl, ttl_slack):
        faults.append(_fault("ttl", str(expected.ttl), str(answer.ttl)))
    return faults


def faults_of_all(answers: Sequence[Answer], questions: Iterable[Question]) -> list[str]:
    """Which questions have no answer, or more than one, and which answers nobody asked for."""
    asked = {*questions}
    answered = [answer.question for answer in answers]
    return [
        *(f"{_asked(each)}: no answer came" for each in asked.difference(answered)),
        *(f"{_asked(each)}: answered, but never asked" for each in {*answered}.difference(asked)),
        *(f"{_asked(each)}: answered twice" for each in {*answered} if answered.count(each) > 1),
    ]


def _asked(question: Question) -> str:
    return f"{question}, signed" if question.signed else str(question)


def _fault(field: str, expected: str, got: str) -> str:
    return f"{field}: expected {expected}, got {got}"


def _faults_of_records(got: Sequence[object], expected: frozenset[object]) -> Iterator[str]:
    lacking = [record for record in expected if record not in got]
    excess = [record for record in got if record not in expected]
    if lacking or excess:
        right = len(expected) - len(lacking)
        rest = f"; {right} more as expected" if right else ""
        yield _fault("records", _listed(lacking), f"{_listed(excess)}{rest}")
    if twice := [record for at, record in enumerate(got) if record in got[:at]]:
        yield f"records: came twice: {_listed(twice)}"


def _listed(records: Sequence[object]) -> str:
    texts = sorted(map(_text, records))
    more = f" and {len(texts) - _TOLD} more" if len(texts) > _TOLD else ""
    return (", ".join(texts[:_TOLD]) or "none") + more


def _text(value: object) -> str:
    """As a person reads it; a text that looks like an address is told from one."""
    known = (IPv4Address, IPv6Address, Naptr, Srv, Status)
    return str(value) if isinstance(value, known) else repr(value)


def _is_in_time(ttl: int | None, expected: int | None, slack: int) -> bool:
    if ttl is None or expected is None:
        return ttl is expected
    return expected - slack <= ttl <= expected
