"""The answer that is made of a reply and of where aliases have led."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from attrs import evolve

from sipresolve.exchange.aliases import Trail
from sipresolve.exchange.answers import answer_of, failed_answer
from sipresolve.exchange.replies import RecordSet, Reply
from sipresolve.vocabulary.evidence import Evidence, SignedSet
from sipresolve.vocabulary.reasons import ExtendedError
from sipresolve.vocabulary.records import (
    Answer,
    Question,
    RecordType,
    Source,
    Srv,
    Status,
)

HERE = Question("example.com", RecordType.A)
SIGNED = Question("example.com", RecordType.A, signed=True)
TRAIL = Trail("example.com", ("a.example.net", "b.example.net"), 120)
FOUND = RecordSet((ip_address("192.0.2.1"), ip_address("192.0.2.2")), 300)


@pytest.mark.parametrize(
    ("why", "trail", "reply", "expected"),
    [
        (
            "records",
            Trail("example.com"),
            Reply(rcode="NOERROR", records={"example.com": FOUND}, authenticated=True),
            Answer(question=HERE, status=Status.OK, records=FOUND.records, ttl=300),
        ),
        (
            "behind aliases: the least TTL of all",
            TRAIL,
            Reply(rcode="NOERROR", records={"b.example.net": FOUND}),
            Answer(
                question=HERE,
                status=Status.OK,
                records=FOUND.records,
                ttl=120,
                aliases=TRAIL.aliases,
            ),
        ),
        (
            "records of another name are none",
            Trail("example.com"),
            Reply(rcode="NOERROR", records={"example.net": FOUND}),
            Answer(question=HERE, status=Status.NODATA),
        ),
        (
            "NODATA, for as long as the SOA says",
            Trail("example.com"),
            Reply(rcode="NOERROR", negative_ttls={"example.com": 60}),
            Answer(question=HERE, status=Status.NODATA, ttl=60),
        ),
        (
            "NXDOMAIN, for as long as the SOA and the aliases say (RFC 2308 §2.1, §5)",
            TRAIL,
            Reply(rcode="NXDOMAIN", negative_ttls={"example.net": 900}),
            Answer(question=HERE, status=Status.NXDOMAIN, ttl=120, aliases=TRAIL.aliases),
        ),
        (
            "without an SOA nobody says for how long",
            TRAIL,
            Reply(rcode="NXDOMAIN"),
            Answer(question=HERE, status=Status.NXDOMAIN, aliases=TRAIL.aliases),
        ),
        (
            "NXDOMAIN stands, whatever is sent along",
            Trail("example.com"),
            Reply(rcode="NXDOMAIN", records={"example.com": FOUND}),
            Answer(question=HERE, status=Status.NXDOMAIN),
        ),
        (
            "aliases in a circle",
            Trail("example.com", ("a.example",), 60, "in a circle", loop=True),
            Reply(rcode="NOERROR"),
            Answer(
                question=HERE,
                status=Status.SERVFAIL,
                aliases=("a.example",),
                loop=True,
                detail="in a circle",
            ),
        ),
    ],
)
def test_what_a_reply_answers(why: str, trail: Trail, reply: Reply, expected: Answer) -> None:
    unauthenticated = Reply(rcode="NOERROR")
    assert answer_of(HERE, trail, [unauthenticated, reply]) == expected, why


def test_it_is_authenticated_if_all_replies_were() -> None:
    reply, other = Reply(rcode="NXDOMAIN", authenticated=True), Reply(rcode="NXDOMAIN")
    trail = Trail("example.com")
    assert answer_of(HERE, trail, [reply, reply]).authenticated
    assert not answer_of(HERE, trail, [other, reply]).authenticated
    assert not answer_of(HERE, trail, [reply, other]).authenticated


FIRST, SECOND = (
    Evidence((SignedSet(labels, 5, 300, (b"\0",)),), (SignedSet(labels, 6, 60, (b"\1",)),))
    for labels in [(b"example", b"com"), (b"a", b"example", b"net")]
)


@pytest.mark.parametrize("fault", ["", "in a circle"])
def test_its_evidence_is_that_of_all_replies(fault: str) -> None:
    trail = evolve(TRAIL, fault=fault)
    replies = [Reply(rcode="NOERROR", evidence=each) for each in (FIRST, None, SECOND)]
    answer = answer_of(SIGNED, trail, replies)
    assert answer.evidence == Evidence(
        FIRST.answers + SECOND.answers, FIRST.authorities + SECOND.authorities
    )


def test_it_has_none_where_that_was_not_asked_for() -> None:
    reply = Reply(rcode="NOERROR", evidence=FIRST)
    assert answer_of(HERE, TRAIL, [reply]).evidence is None
    assert answer_of(SIGNED, TRAIL, [Reply(rcode="NOERROR")]).evidence == Evidence()


@pytest.mark.parametrize("fault", ["", "in a circle"])
def test_it_passes_on_what_nameservers_say_of_their_trouble(fault: str) -> None:
    """RFC 8914 §2: in any response, such as that an answer is stale (§4.4)."""
    stale, other = ExtendedError(3), ExtendedError(0, "other")
    replies = [
        Reply(rcode="NOERROR", extended_errors=(stale, other)),
        Reply(rcode="NOERROR", extended_errors=(other,)),
    ]
    answer = answer_of(HERE, evolve(TRAIL, fault=fault), replies)
    assert answer.extended_errors == (stale, other)


SRVS = RecordSet((Srv(1, 0, 5060, "a.example.com"), Srv(2, 0, 5060, "b.example.com")), 300)
A4 = Question("a.example.com", RecordType.A)
B6 = Question("b.example.com", RecordType.AAAA)
SIX = RecordSet((ip_address("2001:db8::2"),), 20)
ALONG = {A4: FOUND, B6: SIX, Question("c.example.com", RecordType.A): FOUND}


def srv_reply(**fields: Any) -> Reply:
    return Reply(rcode="NOERROR", additional=ALONG, **fields)


def test_addresses_of_srv_targets_come_along_and_no_others() -> None:
    """RFC 2782: servers put the targets' addresses into the additional section."""
    question = Question("_sip._udp.example.com", RecordType.SRV)
    reply = srv_reply(records={"_sip._udp.example.com": SRVS}, authenticated=True)
    answer = answer_of(question, Trail(question.name), [reply])
    assert answer.additional == tuple(
        Answer(
            question=each,
            status=Status.OK,
            records=found.records,
            ttl=found.ttl,
            source=Source.ADDITIONAL,
        )
        for each, found in {A4: FOUND, B6: SIX}.items()
    )


def test_without_srv_records_nothing_comes_along() -> None:
    question = Question("_sip._udp.example.com", RecordType.SRV)
    trail = Trail(question.name)
    assert not answer_of(question, trail, [srv_reply()]).additional
    assert not answer_of(HERE, trail, [srv_reply(records={"x": FOUND})]).additional


def test_a_failure_keeps_what_is_known_of_the_aliases() -> None:
    answer = failed_answer(HERE, TRAIL, Status.REFUSED, "192.0.2.1:53: REFUSED")
    assert answer == Answer(
        question=HERE,
        status=Status.REFUSED,
        aliases=TRAIL.aliases,
        detail="192.0.2.1:53: REFUSED",
    )
