"""Both backends over nameservers that answer, fail, forge or say nothing: the same in all."""

from __future__ import annotations

import gc
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest
from attrs import evolve
from loopback import (
    ask_blocking,
    ask_in_tasks,
    comes_about,
    nobody,
    open_descriptors,
    scripted,
)
from nameserver import Nameserver

from sipresolve.exchange.framing import framed
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.reasons import ExtendedError
from sipresolve.vocabulary.records import (
    Answer,
    Question,
    RecordType,
    Source,
    Srv,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dns.message import Message

RECORDS = """
example.com.            300 IN A     192.0.2.1
_sip._udp.example.com.  300 IN SRV   1 2 5060 host.example.com.
host.example.com.       60  IN A     192.0.2.2
host.example.com.       60  IN AAAA  2001:db8::2
alias.example.com.      30  IN CNAME host.example.com.
circle.example.com.     30  IN CNAME round.example.com.
round.example.com.      30  IN CNAME circle.example.com.
big.example.com.        300 IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
""" + "".join(f"big.example.com. 300 IN A 192.0.2.{host}\n" for host in range(200))

HERE = Question("example.com", RecordType.A)
FOUND = (ip_address("192.0.2.1"),)


@pytest.fixture(params=[ask_blocking, ask_in_tasks], ids=["blocking", "in tasks"])
def ask(request: pytest.FixtureRequest) -> Callable[..., list[Answer]]:
    chosen: Callable[..., list[Answer]] = request.param
    return chosen


@pytest.fixture(autouse=True)
def _nothing_leaks() -> Iterator[None]:
    """However it ends, every socket is closed."""
    before = open_descriptors()
    yield
    if open_descriptors() != before:
        gc.collect()
    assert open_descriptors() == before


def asked_of(
    server: Nameserver, ask: Callable[..., list[Answer]], *questions: Question, **settings: Any
) -> list[Answer]:
    settings = {"nameservers": [server.address], "timeout": 5.0} | settings
    return ask(questions, **settings)


def how_asked(server: Nameserver) -> list[str]:
    """How every query came, and whether it was without EDNS."""
    return [seen.over if seen.edns else f"{seen.over} plain" for seen in server.log]


@pytest.mark.parametrize(
    ("name", "type_", "expected"),
    [
        ("example.com", "A", {"status": Status.OK, "records": FOUND, "ttl": 300}),
        ("EXAMPLE.com.", "A", {"status": Status.OK, "records": FOUND, "ttl": 300}),
        ("example.com", "AAAA", {"status": Status.NODATA, "ttl": 60}),
        ("nothing.example.com", "A", {"status": Status.NXDOMAIN, "ttl": 60}),
        (
            "_sip._udp.example.com",
            "SRV",
            {"status": Status.OK, "records": (Srv(1, 2, 5060, "host.example.com"),), "ttl": 300},
        ),
        (
            "alias.example.com",
            "AAAA",
            {
                "status": Status.OK,
                "records": (ip_address("2001:db8::2"),),
                "ttl": 30,
                "aliases": ("host.example.com",),
            },
        ),
        (
            "alias.example.com",
            "SRV",
            {"status": Status.NODATA, "ttl": 30, "aliases": ("host.example.com",)},
        ),
        (
            "a..example.com",
            "A",
            {
                "status": Status.NXDOMAIN,
                "detail": "no name can be 'a..example.com' (RFC 1035 §2.3.4)",
            },
        ),
    ],
)
def test_an_answer(
    ask: Callable[..., list[Answer]], name: str, type_: str, expected: dict[str, Any]
) -> None:
    question = Question(name, RecordType(type_))
    with Nameserver(RECORDS) as server:
        assert asked_of(server, ask, question) == [Answer(question=question, **expected)]


def test_a_query_is_as_the_rfcs_want_it(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS) as server:
        asked_of(server, ask, HERE)
        (seen,) = server.log
    # RFC 6840 §5.7; RFC 6891 §6.2.3 and what passes the Internet in one piece.
    assert (seen.ad, seen.do, seen.edns, seen.over) == (True, False, 1232, "udp")


def test_every_query_has_a_port_and_an_id_of_its_own(ask: Callable[..., list[Answer]]) -> None:
    """RFC 5452 §9.2: "Use multiple different source ports simultaneously"."""
    questions = [Question(f"n{number}.example.com", RecordType.A) for number in range(64)]
    with Nameserver(RECORDS) as server:
        asked_of(server, ask, *questions)
    assert len({seen.port for seen in server.log}) > 60
    assert len({seen.id for seen in server.log}) > 60


def test_many_questions_take_one_round_trip(ask: Callable[..., list[Answer]]) -> None:
    questions = [Question(f"n{number}.example.com", RecordType.A) for number in range(12)]
    # Nothing is answered before all is asked.
    with Nameserver(RECORDS, until=lambda: len(server.log) >= 12) as server:
        answers = asked_of(server, ask, *questions, timeout=5.0)
    assert {answer.status for answer in answers} == {Status.NXDOMAIN}
    assert len(server.log) == 12


@pytest.mark.parametrize(
    ("fault", "queries"),
    [
        ("none", ["udp"]),
        # RFC 5452 §9.1: what does not match is no reply, and the true one is waited for.
        ("wrong-id", ["udp"]),
        ("wrong-question", ["udp"]),
        ("wrong-peer", ["udp"]),
        ("empty-question", ["udp"]),
        ("not-a-response", ["udp"]),
        ("duplicate", ["udp"]),
        # RFC 7766 §5: a truncated reply is asked for again over TCP.
        ("truncate", ["udp", "tcp"]),
        ("tcp-drip", ["udp", "tcp"]),
        # RFC 6891 §7: who does not know EDNS is asked without it.
        ("no-edns", ["udp", "udp plain"]),
        ("badvers", ["udp", "udp plain"]),
        # RFC 1035 §7.2: what is lost is sent again.
        ("drop-first", ["udp", "udp"]),
    ],
)
def test_faults_that_are_overcome(
    ask: Callable[..., list[Answer]], fault: str, queries: list[str]
) -> None:
    patience = 0.3 if fault == "drop-first" else 5.0
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        (answer,) = asked_of(server, ask, HERE, timeout=patience)
    assert (answer.status, answer.records) == (Status.OK, FOUND)
    assert how_asked(server) == queries


#: How to ask where silence is waited for; what leads to TCP has to come in time nevertheless.
HASTE: Final[Mapping[str, Mapping[str, Any]]] = {
    "timeout": {"timeout": 0.02},
    "garbage": {"timeout": 0.02},
    "tcp-silent": {"timeout": 0.4, "rounds": 2},
}


@pytest.mark.parametrize(
    ("fault", "status", "says", "queries"),
    [
        ("servfail", Status.SERVFAIL, "SERVFAIL", ["udp"]),
        ("refused", Status.REFUSED, "REFUSED", ["udp"]),
        ("formerr", Status.FORMERR, "FORMERR", ["udp", "udp plain"]),
        ("notimp", Status.NOTIMP, "NOTIMP", ["udp", "udp plain"]),
        ("timeout", Status.TIMEOUT, "no answer", ["udp"] * 3),
        ("garbage", Status.TIMEOUT, "no answer", ["udp"] * 3),
        ("truncate-tcp", Status.SERVFAIL, "truncated over TCP", ["udp", "tcp"]),
        ("tcp-reset", Status.TIMEOUT, "connection reset by peer over TCP", ["udp", "tcp"]),
        ("tcp-silent", Status.TIMEOUT, "no answer over TCP", ["udp", "tcp", "tcp"]),
    ],
)
def test_faults_that_are_not(
    ask: Callable[..., list[Answer]], fault: str, status: Status, says: str, queries: list[str]
) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        (answer,) = asked_of(server, ask, HERE, **HASTE.get(fault, {}))
        detail = f"{server.address}: {says}"
        assert comes_about(lambda: len(server.log) >= len(queries))
    assert answer == Answer(question=HERE, status=status, detail=detail)
    assert how_asked(server) == queries


def test_what_is_too_large_for_udp_comes_over_tcp(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS) as server:
        (answer,) = asked_of(server, ask, Question("big.example.com", RecordType.A), timeout=5.0)
    assert len(answer.records) == 200
    assert how_asked(server) == ["udp", "tcp"]


def test_the_addresses_of_srv_targets_come_along(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS, additional=True) as server:
        (answer,) = asked_of(server, ask, Question("_sip._udp.example.com", RecordType.SRV))
    assert answer.additional == tuple(
        Answer(
            question=Question("host.example.com", RecordType(type_)),
            status=Status.OK,
            records=(ip_address(address),),
            ttl=60,
            source=Source.ADDITIONAL,
        )
        for type_, address in (("A", "192.0.2.2"), ("AAAA", "2001:db8::2"))
    )


def test_the_ad_bit_is_passed_on(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS, ad=True) as server:
        (answer,) = asked_of(server, ask, HERE)
    assert answer.authenticated


def test_over_ipv6(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS, host="::1", faults={"* A": "truncate"}) as server:
        (answer,) = asked_of(server, ask, HERE)
    assert (answer.status, answer.records) == (Status.OK, FOUND)
    assert how_asked(server) == ["udp", "tcp"]


@pytest.mark.parametrize("fault", ["servfail", "refused", "notimp", "truncate-tcp", "tcp-reset"])
def test_the_next_nameserver_is_asked_at_once(ask: Callable[..., list[Answer]], fault: str) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as bad, Nameserver(RECORDS) as good:
        began = time.monotonic()
        (answer,) = ask([HERE], nameservers=[bad.address, good.address], timeout=5.0)
    assert answer.records == FOUND
    assert time.monotonic() - began < 4.0


@pytest.mark.parametrize("fault", ["timeout", "garbage", "late", "tcp-silent", "tcp-half"])
def test_silence_is_not_heard_in_the_very_first_question(
    ask: Callable[..., list[Answer]], fault: str
) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as bad, Nameserver(RECORDS) as good:
        began = time.monotonic()
        (answer,) = ask([HERE], nameservers=[bad.address, good.address], timeout=10.0)
        assert time.monotonic() - began < 1.0
        assert len(good.log) == 1
    assert answer.records == FOUND


def test_without_hedging_it_is(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(faults={"* *": "timeout"}) as bad, Nameserver(RECORDS) as good:
        nameservers = [bad.address, good.address]
        began = time.monotonic()
        (answer,) = ask([HERE], nameservers=nameservers, timeout=0.3, hedge=False)
        assert time.monotonic() - began >= 0.3
    assert answer.records == FOUND


def test_a_general_outage_costs_as_many_queries_as_ever(ask: Callable[..., list[Answer]]) -> None:
    silence = {"* *": "timeout"}
    with Nameserver(faults=silence) as one, Nameserver(faults=silence) as other:
        began = time.monotonic()
        nameservers = [one.address, other.address]
        (answer,) = ask([HERE], nameservers=nameservers, timeout=0.2, rounds=2)
        assert time.monotonic() - began >= 2 * (0.2 + 0.4)
        assert comes_about(lambda: (len(one.log), len(other.log)) == (2, 2))
    assert answer.status is Status.TIMEOUT


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_nobody_there_is_noticed_at_once(ask: Callable[..., list[Answer]], host: str) -> None:
    """ICMP port unreachable reaches a connected socket (RFC 1122 §4.1.3.3)."""
    with nobody(host) as address:
        began = time.monotonic()
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer.status is Status.TIMEOUT
    assert answer.detail == f"{address}: connection refused"
    assert time.monotonic() - began < 4.0


def test_nobody_there_and_then_somebody(ask: Callable[..., list[Answer]]) -> None:
    with nobody() as address, Nameserver(RECORDS) as server:
        (answer,) = ask([HERE], nameservers=[address, server.address], timeout=5.0)
    assert answer.records == FOUND


def test_an_interface_that_is_not_there(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS) as server:
        nameservers = ["fe80::53%no-such-thing", server.address]
        (answer,) = ask([HERE], nameservers=nameservers, timeout=5.0)
        assert answer.records == FOUND
        (answer,) = ask([HERE], nameservers=nameservers[:1], timeout=5.0)
    assert answer.status is Status.TIMEOUT
    assert answer.detail.startswith("[fe80::53%no-such-thing]:53: no")


def test_a_late_reply_is_accepted(ask: Callable[..., list[Answer]]) -> None:
    silence = {"* *": "drop-again"}
    with Nameserver(RECORDS, faults=silence, until=lambda: len(slow.log) >= 2) as slow:
        (answer,) = asked_of(slow, ask, HERE, timeout=0.2)
        assert answer.records == FOUND
        # The first came while the second was waited for, 0.4 s.
        assert len(slow.log) == 2


def test_a_late_reply_is_accepted_while_another_nameserver_is_asked(
    ask: Callable[..., list[Answer]],
) -> None:
    silence = {"* *": "timeout"}
    with (
        Nameserver(RECORDS, faults=silence) as silent,
        Nameserver(RECORDS, until=lambda: bool(silent.log)) as slow,
    ):
        nameservers = [slow.address, silent.address]
        (answer,) = ask([HERE], nameservers=nameservers, timeout=0.3)
        assert answer.records == FOUND
        assert (len(slow.log), len(silent.log)) == (1, 1)


def reply_to(query: Message, *, answer: str = "", authority: str = "") -> Message:
    """A reply with at most one record in each section: owner TTL class type rdata."""
    message = dns.message.make_response(query)
    for section, text in ((message.answer, answer), (message.authority, authority)):
        if text:
            owner, ttl, class_, type_, rdata = text.split(None, 4)
            section.append(dns.rrset.from_text(owner, int(ttl), class_, type_, rdata))
    return message


def test_an_alias_that_leads_out_of_what_a_server_knows_is_asked_for(
    ask: Callable[..., list[Answer]],
) -> None:
    """A server that is authoritative only stops there."""
    www = Question("www.example.com", RecordType.A)

    def reply(query: Message) -> list[Message]:
        if query.question[0].name == dns.name.from_text("www.example.com"):
            return [reply_to(query, answer="www.example.com. 30 IN CNAME host.example.net.")]
        return [reply_to(query, answer="host.example.net. 60 IN A 192.0.2.1")]

    with scripted(reply) as address:
        (answer,) = ask([www], nameservers=[address], timeout=5.0)
    assert answer == Answer(
        question=www, status=Status.OK, records=FOUND, ttl=30, aliases=("host.example.net",)
    )


RRSIG = "13 3 60 20300101000000 20200101000000 7 example.com. AAEC"


def test_a_signed_question_gets_evidence_and_the_same_unsigned_gets_none(
    ask: Callable[..., list[Answer]],
) -> None:
    """RFC 4035 §3.2.1: a nameserver leaves signatures out unless the DO bit is set."""
    signed = evolve(HERE, signed=True)

    def reply(query: Message) -> list[Message]:
        message = reply_to(query, answer="example.com. 300 IN A 192.0.2.1")
        if query.ednsflags & dns.flags.DO:
            message.answer.append(
                dns.rrset.from_text("example.com.", 300, "IN", "RRSIG", f"A {RRSIG}")
            )
        return [message]

    with scripted(reply) as address:
        answers = ask([HERE, signed], nameservers=[address], timeout=5.0)
    plain, proven = sorted(answers, key=lambda answer: answer.question.signed)
    assert plain == Answer(question=HERE, status=Status.OK, records=FOUND, ttl=300)
    assert proven.evidence is not None
    assert evolve(proven, evidence=None) == evolve(plain, question=signed)
    (shown,) = proven.evidence.answers
    assert (shown.owner, shown.type, shown.data) == (
        (b"example", b"com"),
        1,
        (b"\xc0\0\2\1",),
    )
    assert [signature.key_tag for signature in shown.signatures] == [7]


def test_evidence_comes_from_every_reply_that_aliases_led_to(
    ask: Callable[..., list[Answer]],
) -> None:
    www = Question("www.example.com", RecordType.A, signed=True)

    def reply(query: Message) -> list[Message]:
        if query.question[0].name == dns.name.from_text("www.example.com"):
            return [reply_to(query, answer="www.example.com. 30 IN CNAME host.example.net.")]
        return [reply_to(query, answer="host.example.net. 60 IN A 192.0.2.1")]

    with scripted(reply) as address:
        (answer,) = ask([www], nameservers=[address], timeout=5.0)
    assert answer.evidence is not None
    assert [each.type for each in answer.evidence.answers] == [5, 1]


def test_without_edns_evidence_has_no_signatures(ask: Callable[..., list[Answer]]) -> None:
    """Nothing else can be asked of who does not know EDNS (RFC 6891 §7)."""
    with Nameserver(RECORDS, faults={"* *": "no-edns"}) as server:
        (answer,) = asked_of(server, ask, evolve(HERE, signed=True))
    assert how_asked(server) == ["udp", "udp plain"]
    assert answer.records == FOUND
    assert answer.evidence is not None
    assert [each.signatures for each in answer.evidence.answers] == [()]


def test_a_failure_says_what_the_nameserver_said_of_it(ask: Callable[..., list[Answer]]) -> None:
    """RFC 8914 §2."""

    def reply(query: Message) -> list[Message]:
        message = reply_to(query)
        message.set_rcode(dns.rcode.SERVFAIL)
        message.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "no DS")])
        return [message]

    with scripted(reply) as address:
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer == Answer(
        question=HERE,
        status=Status.SERVFAIL,
        extended_errors=(ExtendedError(6, "no DS"),),
        detail=f"{address}: SERVFAIL, extended error 6 (DNSSEC Bogus): no DS",
    )


def test_a_referral_is_no_answer(ask: Callable[..., list[Answer]]) -> None:
    """RFC 2308 §2.2: it is not NODATA."""
    authority = "example.com. 300 IN NS ns.example.com."
    with scripted(lambda query: [reply_to(query, authority=authority)]) as address:
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer == Answer(
        question=HERE, status=Status.SERVFAIL, detail=f"{address}: is no recursive resolver"
    )


def test_a_bare_refusal_is_one(ask: Callable[..., list[Answer]]) -> None:
    def reply(query: Message) -> list[Message]:
        bare = dns.message.Message(query.id)
        bare.flags = dns.flags.Flag.QR
        bare.set_rcode(dns.rcode.REFUSED)
        return [bare]

    with scripted(reply) as address:
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer.status is Status.REFUSED


def test_a_flood_of_forgeries_does_not_hide_the_true_reply(
    ask: Callable[..., list[Answer]],
) -> None:
    def reply(query: Message) -> list[Message]:
        forged = reply_to(query, answer="example.com. 300 IN A 203.0.113.66")
        forged.id ^= 1
        return [forged] * 100 + [reply_to(query, answer="example.com. 300 IN A 192.0.2.1")]

    with scripted(reply) as address:
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer.records == FOUND


def test_aliases_in_a_circle_fail(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(RECORDS) as server:
        (answer,) = asked_of(server, ask, Question("circle.example.com", RecordType.A))
    assert answer.status is Status.SERVFAIL


def test_a_name_may_be_written_with_escapes(ask: Callable[..., list[Answer]]) -> None:
    with Nameserver(r"a\.b.example.com. 300 IN A 192.0.2.1") as server:
        question = Question(r"a\.\098.example.com", RecordType.A)
        (answer,) = asked_of(server, ask, question)
    assert answer == Answer(question=question, status=Status.OK, records=FOUND, ttl=300)


def truncated(query: Message) -> list[Message]:
    message = reply_to(query)
    message.flags |= dns.flags.TC
    return [message]


def whole(query: Message, id_: int = 0) -> bytes:
    message = reply_to(query, answer="example.com. 300 IN A 192.0.2.1")
    message.id ^= id_
    return framed(message.to_wire())


@pytest.mark.parametrize(
    ("why", "stream", "status"),
    [
        ("nothing, and the end", lambda _: b"", Status.TIMEOUT),
        ("the end in the middle", lambda query: whole(query)[:-1], Status.TIMEOUT),
        ("another message, and the end", lambda query: whole(query, id_=1), Status.TIMEOUT),
        ("the reply, and the end", whole, Status.OK),
        ("another message first", lambda query: whole(query, id_=1) + whole(query), Status.OK),
        ("the reply twice", lambda query: whole(query) * 2, Status.OK),
    ],
)
def test_what_comes_over_a_stream(
    ask: Callable[..., list[Answer]], why: str, stream: Callable[[Message], bytes], status: Status
) -> None:
    """RFC 7766 §7, §8: messages are told apart by their lengths, and matched like datagrams."""
    with scripted(truncated, stream) as address:
        (answer,) = ask([HERE], nameservers=[address], timeout=5.0)
    assert answer.status is status, why
    if status is Status.TIMEOUT:
        assert answer.detail == f"{address}: connection closed over TCP"


def test_settings_are_checked(ask: Callable[..., list[Answer]]) -> None:
    with pytest.raises(Misuse):
        ask([HERE], nameservers=[])
