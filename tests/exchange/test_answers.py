"""The answer that is made of a reply and of where aliases have led."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from sipresolve.exchange.aliases import Trail
from sipresolve.exchange.answers import answer_of, failed_answer
from sipresolve.exchange.replies import RecordSet, Reply
from sipresolve.vocabulary.records import (
    Answer,
    Question,
    RecordType,
    Source,
    Srv,
    Status,
)

HERE = Question("example.com", RecordType.A)
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
    assert answer_of(HERE, trail, reply, authenticated=False) == expected, why


def test_it_is_authenticated_if_all_replies_were() -> None:
    reply = Reply(rcode="NXDOMAIN")
    assert answer_of(HERE, Trail("example.com"), reply, authenticated=True).authenticated


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
    answer = answer_of(question, Trail(question.name), reply, authenticated=True)
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
    assert not answer_of(question, trail, srv_reply(), authenticated=False).additional
    assert not answer_of(
        HERE, trail, srv_reply(records={"x": FOUND}), authenticated=False
    ).additional


def test_a_failure_keeps_what_is_known_of_the_aliases() -> None:
    answer = failed_answer(HERE, TRAIL, Status.REFUSED, "192.0.2.1:53: REFUSED")
    assert answer == Answer(
        question=HERE,
        status=Status.REFUSED,
        aliases=TRAIL.aliases,
        detail="192.0.2.1:53: REFUSED",
    )
