"""The scripted nameserver does what the tests that use it rely on."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from loopback import comes_about
from nameserver import FAULTS, Nameserver

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask: TypeAlias = Callable[[Nameserver, str], dns.message.Message]

RECORDS = """
example.com.                        IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
_sip._udp.example.com.        60    IN SRV   0 0 5060 host.example.com.  ; a remark
host.example.com.                   IN A     192.0.2.1
host.example.com.                   IN AAAA  2001:db8::1
alias.example.com.                  IN CNAME host.example.com.
dangling.example.com.               IN CNAME gone.example.com.
loop.example.com.                   IN CNAME pool.example.com.
pool.example.com.                   IN CNAME loop.example.com.
two.example.com.                    IN CNAME host.example.com.
two.example.com.                    IN CNAME alias.example.com.
moved.example.com.                  IN DNAME example.com.
broken.example.com.                 IN SRV   \\# 4 00010001
soa.example.com.              3600  IN SOA   ns.example.com. host.example.com. 1 2 3 4 5
"""


def query(
    server: Nameserver, question: str, *, edns: int = 0, flags: int = 0
) -> dns.message.Message:
    name, rdtype = question.split()
    message = dns.message.make_query(name, rdtype, use_edns=edns, payload=1232)
    message.flags |= flags
    return dns.query.udp(message, server.host, port=server.port, timeout=10, ignore_trailing=True)


def query_tcp(server: Nameserver, question: str) -> dns.message.Message:
    name, rdtype = question.split()
    message = dns.message.make_query(name, rdtype)
    return dns.query.tcp(message, server.host, port=server.port, timeout=10)


def exchange(server: Nameserver, question: str, count: int, timeout: float = 10) -> list[bytes]:
    """Send a question over UDP from an unconnected socket and take what comes."""
    name, rdtype = question.split()
    message = dns.message.make_query(name, rdtype, id=0x1234)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        client.sendto(message.to_wire(), (server.host, server.port))
        return [client.recv(65535) for _ in range(count)]


@pytest.mark.parametrize(
    ("question", "rcode", "answer"),
    [
        ("host.example.com A", "NOERROR", ["host.example.com. 300 IN A 192.0.2.1"]),
        (
            "_sip._udp.example.com SRV",
            "NOERROR",
            ["_sip._udp.example.com. 60 IN SRV 0 0 5060 host.example.com."],
        ),
        (
            "Alias.Example.Com A",
            "NOERROR",
            [
                "alias.example.com. 300 IN CNAME host.example.com.",
                "host.example.com. 300 IN A 192.0.2.1",
            ],
        ),
        (
            "host.moved.example.com A",
            "NOERROR",
            [
                "moved.example.com. 300 IN DNAME example.com.",
                "host.moved.example.com. 300 IN CNAME host.example.com.",
                "host.example.com. 300 IN A 192.0.2.1",
            ],
        ),
        (
            "dangling.example.com A",
            "NXDOMAIN",
            ["dangling.example.com. 300 IN CNAME gone.example.com."],
        ),
        ("loop.example.com A", "SERVFAIL", []),
        ("host.example.com SRV", "NOERROR", []),
        ("_udp.example.com A", "NOERROR", []),
        ("nowhere.example.com A", "NXDOMAIN", []),
    ],
)
@pytest.mark.parametrize("ask", [query, query_tcp])
def test_answers_as_a_resolver_does(ask: Ask, question: str, rcode: str, answer: list[str]) -> None:
    with Nameserver(RECORDS) as server:
        response = ask(server, question)
    assert dns.rcode.to_text(response.rcode()) == rcode
    # Compression gives names the letter case of the question.
    assert [str(rrset).lower() for rrset in response.answer] == [line.lower() for line in answer]
    assert response.flags & dns.flags.RA


def test_negative_answers_have_an_soa() -> None:
    """RFC 2308 §3."""
    with Nameserver(RECORDS) as server:
        made_up = query(server, "nowhere.example.com A").authority[0]
        own = query(server, "below.soa.example.com A").authority[0]
    assert str(made_up).startswith("example.com. 60 IN SOA")
    assert str(own).startswith("soa.example.com. 3600 IN SOA")


def test_serves_what_no_zone_may_hold() -> None:
    with Nameserver(RECORDS) as server:
        (aliases,) = exchange(server, "two.example.com CNAME", 1)
        with pytest.raises(dns.exception.FormError):
            query_tcp(server, "broken.example.com SRV")
    assert int.from_bytes(aliases[6:8], "big") == 2  # ANCOUNT; dnspython would keep one


def test_additional_data_leads_from_naptr_to_addresses() -> None:
    with Nameserver(RECORDS, additional=True) as server:
        response = query(server, "example.com NAPTR")
    assert {
        (str(rrset.name), dns.rdatatype.to_text(rrset.rdtype)) for rrset in response.additional
    } == {
        ("_sip._udp.example.com.", "SRV"),
        ("host.example.com.", "A"),
        ("host.example.com.", "AAAA"),
    }


def test_sets_ad_for_those_who_ask_for_it() -> None:
    """RFC 6840 §5.8."""
    with Nameserver(RECORDS, ad=True) as server:
        with_ad = query(server, "host.example.com A", flags=dns.flags.AD)
        without = query(server, "host.example.com A")
    assert with_ad.flags & dns.flags.AD
    assert not without.flags & dns.flags.AD


def test_truncates_what_does_not_fit() -> None:
    records = "\n".join(f"big.example.com. IN A 192.0.{n // 250}.{n % 250}" for n in range(1000))
    with Nameserver(records) as server:
        short = query(server, "big.example.com A")
        full = query_tcp(server, "big.example.com A")
    assert short.flags & dns.flags.TC
    assert not short.answer
    assert len(full.answer[0]) == 1000


def test_additional_data_that_does_not_fit_is_left_out_without_tc() -> None:
    """RFC 2181 §9."""
    addresses = "\n".join(f"host.example.com. IN A 192.0.2.{n}" for n in range(1, 200))
    records = f"_sip._udp.example.com. IN SRV 0 0 5060 host.example.com.\n{addresses}"
    with Nameserver(records, additional=True) as server:
        response = query(server, "_sip._udp.example.com SRV")
    assert len(response.answer) == 1
    assert not response.additional
    assert not response.flags & dns.flags.TC


def test_the_log_says_what_arrived() -> None:
    with Nameserver(RECORDS) as server:
        query(server, "Host.example.com A")
        query(server, "host.example.com A", edns=-1, flags=dns.flags.AD)
        query_tcp(server, "host.example.com AAAA")
        first, second, third = server.log
    assert server.asked == ["host.example.com A", "host.example.com A", "host.example.com AAAA"]
    assert (first.over, first.edns, first.ad, first.do) == ("udp", 1232, False, False)
    assert (second.over, second.edns, second.ad) == ("udp", None, True)
    assert third.over == "tcp"
    assert 0 <= first.at <= second.at <= third.at
    assert first.port != second.port


def test_rounds_counts_questions_that_had_to_wait_for_answers() -> None:
    with Nameserver(RECORDS, delay=0.05) as server:
        query(server, "host.example.com A")
        query(server, "host.example.com A")
        query(server, "host.example.com AAAA")
        query_tcp(server, "host.example.com AAAA")
        rounds = server.rounds()
    assert rounds == 2


def test_delay_is_the_least_an_answer_takes() -> None:
    with Nameserver(RECORDS, delay=0.1) as server:
        began = time.monotonic()
        query(server, "host.example.com A")
        assert time.monotonic() - began >= 0.1


def test_nothing_leaves_before_it_may() -> None:
    with Nameserver(RECORDS, until=lambda: len(server.log) == 2) as server:
        with pytest.raises(TimeoutError):
            exchange(server, "host.example.com A", 1, timeout=0.1)
        assert server.sent == 0
        assert exchange(server, "host.example.com AAAA", 1)
        assert comes_about(lambda: server.sent == 2)


def test_what_is_due_at_about_the_same_time_leaves_together() -> None:
    """However long the machine stops before."""
    heard: list[int] = []
    asked = threading.Event()

    def note() -> bool:
        heard.append(len(server.log))
        return True

    with (
        Nameserver(RECORDS, until=note) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        server._loop.call_soon_threadsafe(asked.wait, 10)
        for rdtype in ("A", "AAAA"):
            message = dns.message.make_query("host.example.com", rdtype)
            client.sendto(message.to_wire(), (server.host, server.port))
        asked.set()
        assert comes_about(lambda: server.sent == 2)
    assert heard == [2]


def test_listens_on_ipv6_too() -> None:
    with Nameserver(RECORDS, host="::1") as server:
        assert server.address == f"[::1]:{server.port}"
        assert query(server, "host.example.com A").answer


def test_several_queries_share_a_connection() -> None:
    """RFC 7766 §6.2.1.1."""
    with Nameserver(RECORDS) as server, socket.create_connection((server.host, server.port)) as tcp:
        for rdtype in ("A", "AAAA"):
            dns.query.send_tcp(tcp, dns.message.make_query("host.example.com", rdtype))
        answers = [dns.query.receive_tcp(tcp)[0].answer[0].rdtype for _ in range(2)]
    assert set(answers) == {dns.rdatatype.A, dns.rdatatype.AAAA}


def test_refuses_faults_that_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Nameserver("", faults={"* *": "gremlins"})


@pytest.mark.parametrize(
    ("key", "is_hit"),
    [
        ("host.example.com A", True),
        ("host.example.com *", True),
        ("* A", True),
        ("* *", True),
        ("host.example.com AAAA", False),
        ("other.example.com *", False),
    ],
)
def test_faults_are_found_by_name_and_type(key: str, *, is_hit: bool) -> None:
    with Nameserver(RECORDS, faults={key: "refused"}) as server:
        response = query(server, "Host.example.com A")
    assert (response.rcode() == dns.rcode.REFUSED) is is_hit


@pytest.mark.parametrize("fault", ["servfail", "refused", "formerr", "notimp"])
def test_faults_that_are_response_codes(fault: str) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        response = query(server, "host.example.com A")
    assert dns.rcode.to_text(response.rcode()) == fault.upper()
    assert not response.answer


@pytest.mark.parametrize(
    ("fault", "with_edns"), [("no-edns", dns.rcode.FORMERR), ("badvers", dns.rcode.BADVERS)]
)
def test_faults_of_servers_without_edns(fault: str, with_edns: int) -> None:
    """RFC 6891 §6.1.3, §7."""
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        response = query(server, "host.example.com A")
        again = query(server, "host.example.com A", edns=-1)
    assert response.rcode() == with_edns
    assert (response.edns >= 0) is (fault == "badvers")
    assert again.answer


@pytest.mark.parametrize("fault", ["timeout", "drop-first"])
def test_faults_of_silence(fault: str) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        with pytest.raises(TimeoutError):
            exchange(server, "host.example.com A", 1, timeout=0.1)
        if fault == "drop-first":
            assert exchange(server, "host.example.com A", 1)
        assert comes_about(lambda: bool(server.log))
    assert server.asked[0] == "host.example.com A"


@pytest.mark.parametrize(
    ("fault", "over_tcp"),
    [
        ("truncate", "answer"),
        ("tcp-drip", "answer"),
        ("truncate-tcp", "truncated"),
        ("tcp-reset", ConnectionResetError),
        ("tcp-silent", dns.exception.Timeout),
        ("tcp-half", dns.exception.Timeout),
    ],
)
def test_faults_that_send_clients_to_tcp(fault: str, over_tcp: str | type[Exception]) -> None:
    """RFC 7766 §5."""
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        assert query(server, "host.example.com A").flags & dns.flags.TC
        if isinstance(over_tcp, str):
            response = query_tcp(server, "host.example.com A")
            assert bool(response.answer) is (over_tcp == "answer")
            assert bool(response.flags & dns.flags.TC) is (over_tcp == "truncated")
        else:
            message = dns.message.make_query("host.example.com", "A")
            timeout = 0.2 if over_tcp is dns.exception.Timeout else 10
            with pytest.raises(over_tcp):
                dns.query.tcp(message, server.host, port=server.port, timeout=timeout)


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("wrong-id", lambda message: message.id != 0x1234),
        ("wrong-question", lambda message: str(message.question[0].name) == "attacker.invalid."),
        ("wrong-peer", lambda message: message.id == 0x1234),
        ("empty-question", lambda message: not message.question),
        ("not-a-response", lambda message: not message.flags & dns.flags.QR),
    ],
)
def test_faults_of_forgers(fault: str, wrong: Callable[[dns.message.Message], bool]) -> None:
    """RFC 5452 §9: each would be believed, but for one thing; the true answer comes behind it."""
    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        forged, true = map(dns.message.from_wire, exchange(server, "host.example.com A", 2))
    assert wrong(forged)
    assert "203.0.113.66" in str(forged.answer[0])
    assert "192.0.2.1" in str(true.answer[0])


def test_a_forger_sends_from_another_port() -> None:
    message = dns.message.make_query("host.example.com", "A")
    with (
        Nameserver(RECORDS, faults={"* *": "wrong-peer"}) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(10)
        client.sendto(message.to_wire(), (server.host, server.port))
        ports = [client.recvfrom(65535)[1][1] for _ in range(2)]
    assert ports[0] != server.port
    assert ports[1] == server.port


def test_garbage_has_the_right_id_and_no_meaning() -> None:
    with Nameserver(RECORDS, faults={"* *": "garbage"}) as server:
        (wire,) = exchange(server, "host.example.com A", 1)
    assert wire[:2] == b"\x12\x34"
    with pytest.raises(dns.exception.DNSException):
        dns.message.from_wire(wire)


def test_a_question_may_be_answered_the_first_time_only() -> None:
    with Nameserver(RECORDS, faults={"* *": "drop-again"}) as server:
        assert exchange(server, "host.example.com A", 1)
        with pytest.raises(TimeoutError):
            exchange(server, "host.example.com A", 1, timeout=0.1)


def test_duplicates_are_the_same_answer_twice() -> None:
    with Nameserver(RECORDS, faults={"* *": "duplicate"}) as server:
        first, second = exchange(server, "host.example.com A", 2)
    assert first == second


def test_late_answers_come_after_more_than_a_second() -> None:
    with Nameserver(RECORDS, faults={"* *": "late"}) as server:
        began = time.monotonic()
        assert exchange(server, "host.example.com A", 1)
        assert time.monotonic() - began >= 1.2


def test_every_fault_leaves_the_server_alive() -> None:
    for fault in FAULTS:
        with Nameserver(RECORDS, faults={"host.example.com A": fault}) as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                message = dns.message.make_query("host.example.com", "A")
                client.sendto(message.to_wire(), (server.host, server.port))
                client.sendto(b"noise", (server.host, server.port))
            assert query(server, "alias.example.com AAAA").answer
