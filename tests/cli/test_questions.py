"""A question as a line: how it was answered."""

from __future__ import annotations

import pytest
from simulation import answer, question

from sipresolve import (
    Answer,
    ExtendedError,
    Link,
    Note,
    Query,
    Resolution,
    Security,
    SipUri,
    Source,
    Status,
)
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.questions import details_of, failure_of, question_node, trouble_of
from sipresolve.cli.trace import Trace

NAME = "a.example.com A"
CHAIN = (Link(".", "DNSKEY", Security.INDETERMINATE, "no trust anchor"),)
STALE, OTHER = ExtendedError(3), ExtendedError(0, "moving house")


def query(known: Answer | None, seconds: float | None = 0.01214) -> Query:
    return Query(question=question(NAME), answer=known, asked_at=0.0, seconds=seconds)


def trace(*queries: Query, message: str = "") -> Trace:
    notes = (Note(code="any", message=message),) if message else ()
    uri = SipUri.parse("sip:example.com")
    return Trace(
        Resolution(subject=uri, targets=(), security=None, queries=tuple(queries), notes=notes)
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (answer(NAME, "192.0.2.1"), "12.1 ms, TTL 300"),
        (answer(NAME, "192.0.2.1", ttl=None), "12.1 ms"),
        (answer(NAME, "192.0.2.1", source=Source.ZONE), "TTL 300"),
        (answer(NAME, "192.0.2.1", source=Source.ZONE, ttl=None), ""),
        (answer(NAME, "192.0.2.1", source=Source.ADDITIONAL), "additional data, TTL 300"),
        (answer(NAME, "192.0.2.1", source=Source.HOSTS, ttl=None), "hosts file"),
        (answer(NAME, "192.0.2.1", source=Source.CACHE, ttl=5), "from the cache, TTL 5"),
        (answer(NAME, "192.0.2.1", source=Source.STALE, ttl=0), "from the cache, stale, TTL 0"),
        (answer(NAME, "192.0.2.1", aliases=("b", "c")), "12.1 ms, TTL 300, alias of c"),
        (answer(NAME, "192.0.2.1", security=Security.SECURE), "12.1 ms, TTL 300, secure"),
        # Where a proof was sought, it is told that there is none.
        (answer(NAME, "192.0.2.1", proof=CHAIN), "12.1 ms, TTL 300, indeterminate"),
        (answer(NAME, Status.NXDOMAIN, ttl=60), "nxdomain, 12.1 ms, TTL 60"),
        (answer(NAME, Status.SERVFAIL, ttl=None), "12.1 ms"),
        (answer(NAME, Status.TIMEOUT, ttl=None), ""),
        (None, ""),
    ],
)
def test_details_say_how_an_answer_was_had(known: Answer | None, expected: str) -> None:
    assert details_of(query(known)) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (answer(NAME, "192.0.2.1"), ""),
        (answer(NAME, Status.NODATA), ""),
        (answer(NAME, Status.REFUSED), "refused"),
        (answer(NAME, Status.REFUSED, detail="192.0.2.53: REFUSED"), "192.0.2.53: REFUSED"),
        # The search ended before: what was waited for in vain has a time-out.
        (None, "not waited for"),
    ],
)
def test_absence_is_no_failure(known: Answer | None, expected: str) -> None:
    assert failure_of(query(known)) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (answer(NAME, "192.0.2.1"), ""),
        # RFC 8914 §2: beside any response code, and any number of them.
        (answer(NAME, "192.0.2.1", extended_errors=(STALE,)), "extended error 3 (Stale Answer)"),
        (
            answer(NAME, Status.NODATA, extended_errors=(STALE, OTHER)),
            "extended error 3 (Stale Answer); extended error 0 (Other Error): moving house",
        ),
        # What failed says so itself.
        (answer(NAME, Status.SERVFAIL, extended_errors=(STALE,)), ""),
        (None, ""),
    ],
)
def test_what_a_nameserver_says_of_its_trouble_is_told(known: Answer | None, expected: str) -> None:
    assert trouble_of(query(known)) == expected


CHILD = (Node(label="192.0.2.1"),)
PROVEN = answer(NAME, "192.0.2.1", proof=CHAIN, extended_errors=(STALE,))


@pytest.mark.parametrize(
    ("traced", "children", "expected"),
    [
        (
            trace(query(answer(NAME, "192.0.2.1"))),
            CHILD,
            Node(
                label="A a.example.com",
                detail="12.1 ms, TTL 300",
                tone=Tone.QUESTION,
                children=CHILD,
            ),
        ),
        (
            trace(query(answer(NAME, Status.NODATA, ttl=60))),
            (),
            Node(label="A a.example.com: none", detail="nodata, 12.1 ms, TTL 60", tone=Tone.UNUSED),
        ),
        (
            trace(query(answer(NAME, Status.SERVFAIL, ttl=None))),
            (),
            Node(label="A a.example.com", detail="12.1 ms", remark="servfail", tone=Tone.FAILED),
        ),
        (
            trace(query(None), message=f"{NAME}: not answered"),
            (),
            Node(label="A a.example.com", remark="not answered", tone=Tone.FAILED),
        ),
        (trace(), (), Node(label="A a.example.com", remark="not asked", tone=Tone.UNUSED)),
        (
            trace(query(PROVEN)),
            CHILD,
            Node(
                label="A a.example.com",
                detail="12.1 ms, TTL 300, indeterminate",
                remark="extended error 3 (Stale Answer)",
                tone=Tone.QUESTION,
                answers=(PROVEN,),
                children=CHILD,
            ),
        ),
    ],
    ids=["answered", "absent", "failed", "given up", "not asked", "with a chain of trust"],
)
def test_a_question_is_a_line(traced: Trace, children: tuple[Node, ...], expected: Node) -> None:
    assert question_node(traced, question(NAME), children) == expected
