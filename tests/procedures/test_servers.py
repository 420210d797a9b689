"""RFC 3263 §4.2: from a transport to the servers that speak it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from attrs import evolve
from simulation import answer, walk, zone

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.procedures.plans import Plan
from sipresolve.procedures.search import EAGER, Search
from sipresolve.procedures.servers import by_addresses, by_srv, by_transport, numeric
from sipresolve.procedures.services import service_for
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, Security, Status
from sipresolve.vocabulary.targets import Note, Target
from sipresolve.vocabulary.transports import SCTP, TCP, TLS, UDP, WS, WSS, Transport


def search(*, port: int | None = None, **policy: Any) -> Search:
    return Search(
        target="example.com",
        port=port,
        policy=Policy(transports=tuple(Transport), **policy),
        rng=Random(1),
        sources=NO_SOURCES,
        pace=EAGER,
    )


def told(yielded: list[Target | MappedUri | Note | Plan]) -> list[str]:
    """Targets as text, notes by their codes."""
    return [item.code if isinstance(item, Note) else str(item) for item in yielded]


UDP_SERVICE, TCP_SERVICE = (service_for(transport, "example.com") for transport in (UDP, TCP))
BOTH = (UDP_SERVICE, TCP_SERVICE)


# --- A numeric host


@pytest.mark.parametrize(
    ("transport", "port", "expected"),
    [
        (UDP, None, "udp 192.0.2.1:5060"),
        (TLS, None, "tls 192.0.2.1:5061"),
        (SCTP, None, "sctp 192.0.2.1:5060"),
        (WS, None, "ws 192.0.2.1:80"),
        (WSS, None, "wss 192.0.2.1:443"),
        (TLS, 5060, "tls 192.0.2.1:5060"),
    ],
)
def test_a_numeric_host(transport: Transport, port: int | None, expected: str) -> None:
    """§4.2: "If the URI also contains a port, it uses that port", else the default."""
    yielded, _ = walk(numeric(search(port=port), transport, ip_address("192.0.2.1")), {})
    assert told(yielded) == [expected]
    [target] = yielded
    assert isinstance(target, Target)
    assert target.host == "192.0.2.1"
    assert target.tls_name == ("example.com" if transport.secure else None)


@pytest.mark.parametrize(("family", "address"), [("ipv4", "2001:db8::1"), ("ipv6", "192.0.2.1")])
def test_a_family_that_the_client_lacks(family: str, address: str) -> None:
    """RFC 7984 §3: a client cannot use an address of a family that it does not have."""
    found = search(families=(family,))
    yielded, _ = walk(numeric(found, UDP, ip_address(address)), {})
    assert (yielded, found.offers) == ([], 0)


# --- SRV

ADDRESSES = """
    example.com A 192.0.2.1
    u.example.com A 192.0.2.2
    t.example.com A 192.0.2.3
"""
U = "_sip._udp.example.com SRV 1 1 5070 u.example.com\n" + ADDRESSES
T = "_sip._tcp.example.com SRV 1 1 5071 t.example.com\n" + ADDRESSES


@pytest.mark.parametrize(
    ("records", "expected", "leads_nowhere"),
    [
        (U + T, ["udp 192.0.2.2:5070", "tcp 192.0.2.3:5071"], False),
        (T, ["tcp 192.0.2.3:5071"], False),
        (ADDRESSES, [], True),
        ("_sip._udp.example.com SRV 0 0 0 .", ["srv-not-offered"], True),
        ("_sip._udp.example.com SRV 0 0 0 .\n" + T, ["srv-not-offered", "tcp 192.0.2.3:5071"],
         False),
        ("_sip._udp.example.com SRV servfail", ["srv-failed"], False),
        ("_sip._udp.example.com SRV servfail\n" + T, ["srv-failed", "tcp 192.0.2.3:5071"], False),
        # RFC 4035 §5.5: forged data is not passed by
        ("_sip._udp.example.com SRV bogus\n" + T, ["srv-failed"], False),
        ("_sip._udp.example.com SRV 1 1 5070 gone.example.com", ["srv-target-without-address"],
         False),
    ],
)  # fmt: skip
def test_some_srv_sets(records: str, expected: list[str], *, leads_nowhere: bool) -> None:
    """§4.2; RFC 2782: "." is a refusal, and an answer that failed is no absence."""
    yielded, returned = walk(by_srv(search(), BOTH, ()), zone(records))
    assert told(yielded) == expected
    assert returned is leads_nowhere


def test_a_spent_budget_ends_the_search() -> None:
    found = search()
    unasked = Answer(question=UDP_SERVICE.question, status=Status.UNASKED)
    yielded, returned = walk(by_srv(found, BOTH, ()), {**zone(T), unasked.question: unasked})
    assert told(yielded) == ["budget-exceeded"]
    assert (found.spent, returned) == (True, False)


@pytest.mark.parametrize(
    ("records", "state", "expected"),
    [
        (T, {}, ["tcp 192.0.2.3:5071"]),
        (ADDRESSES, {}, ["ws 192.0.2.1:80"]),
        # a domain that rules one transport out publishes SRV: nothing is guessed
        ("_sip._udp.example.com SRV 0 0 0 .\n" + ADDRESSES, {}, ["srv-not-offered"]),
        # nor where NAPTR has said what there is
        (ADDRESSES, {"unsupported": ("SIP+D2S",)}, []),
        # a failure is no absence
        ("_sip._tcp.example.com SRV refused\n" + ADDRESSES, {}, ["srv-failed"]),
    ],
)
def test_srv_says_which_transports_there_are(
    records: str, state: Mapping[str, Any], expected: list[str]
) -> None:
    """§4.1: "A particular transport is supported if the query is successful"."""
    found = search()
    for name, value in state.items():
        setattr(found, name, value)
    yielded, _ = walk(by_transport(found, BOTH, WS), zone(records))
    assert told(yielded) == expected


# What became of the SRV set of TLS, for one who wants all to be proven; and where TCP leads then.
TAKEN_AWAY: list[tuple[Status, Security, list[str]]] = [
    (Status.SERVFAIL, Security.INDETERMINATE, []),
    (Status.TIMEOUT, Security.INDETERMINATE, []),
    (Status.NODATA, Security.INSECURE, []),
    (Status.NODATA, Security.INDETERMINATE, []),
    (Status.NXDOMAIN, Security.INSECURE, []),
    (Status.NODATA, Security.SECURE, ["tcp 192.0.2.3:5071"]),
    (Status.NXDOMAIN, Security.SECURE, ["tcp 192.0.2.3:5071"]),
]


def proven(text: str) -> dict[Question, Answer]:
    return {asked: evolve(known, security=Security.SECURE) for asked, known in zone(text).items()}


@pytest.mark.parametrize(("status", "security", "expected"), TAKEN_AWAY)
@pytest.mark.parametrize("require_secure", [True, False])
def test_tls_is_taken_away_by_nothing_that_is_not_proven(
    status: Status, security: Security, expected: list[str], *, require_secure: bool
) -> None:
    """Who can forge a failure or an absence could else choose a transport without TLS."""
    found = search(dnssec="validate", require_secure=require_secure)
    lost = answer("_sips._tcp.example.com SRV", status, security=security)
    services = (service_for(TLS, "example.com"), TCP_SERVICE)
    yielded, returned = walk(by_srv(found, services, ()), {**proven(T), lost.question: lost})
    targets = [str(each) for each in yielded if isinstance(each, Target)]
    assert targets == (expected if require_secure else ["tcp 192.0.2.3:5071"])
    assert not (returned and targets)


@pytest.mark.parametrize(
    ("services", "lost", "expected"),
    [
        # what follows is with TLS
        ((TCP, TLS), "_sip._tcp.example.com SRV", ["tls 192.0.2.3:5071"]),
        # what follows TCP is no less secure
        ((UDP, TCP), "_sip._udp.example.com SRV", ["tcp 192.0.2.3:5071"]),
    ],
)
def test_without_tls_there_is_none_to_be_taken_away(
    services: tuple[Transport, ...], lost: str, expected: list[str]
) -> None:
    found = search(dnssec="validate", require_secure=True)
    absent = answer(lost, Status.SERVFAIL)
    records = proven(T.replace("_sip._tcp", "_sips._tcp") if TLS in services else T)
    wanted = tuple(service_for(each, "example.com") for each in services)
    yielded, _ = walk(by_srv(found, wanted, ()), {**records, absent.question: absent})
    assert [str(each) for each in yielded if isinstance(each, Target)] == expected


# --- Addresses


@pytest.mark.parametrize(
    ("port", "expected"), [(None, "tls 192.0.2.1:5061"), (5070, "tls 192.0.2.1:5070")]
)
def test_the_addresses_of_the_domain(port: int | None, expected: str) -> None:
    """§4.2: "the client performs an A or AAAA record lookup of the domain name"."""
    yielded, _ = walk(by_addresses(search(port=port), TLS), zone(ADDRESSES))
    assert told(yielded) == [expected]
    [target] = yielded
    assert isinstance(target, Target)
    assert (target.host, target.tls_name, target.priority) == ("example.com", "example.com", None)


def test_an_absence_on_the_way_is_a_link_of_it() -> None:
    """Who forges the absence of SRV records leads to the fallback."""
    answers: dict[Question, Answer] = {
        known.question: known
        for known in (
            answer("_sip._udp.example.com SRV", Status.NODATA, security=Security.INSECURE),
            answer("_sip._tcp.example.com SRV", Status.NODATA, security=Security.SECURE),
            answer("example.com A", "192.0.2.1", security=Security.SECURE),
        )
    }
    [target], _ = walk(by_transport(search(), BOTH, UDP), answers)
    assert isinstance(target, Target)
    assert target.security is Security.INSECURE


def test_dice_are_for_those_who_want_them() -> None:
    """RFC 3263 §4.4: without dice, the dice of others are left alone."""
    for selection, rolled in (("weighted", True), ("stateless", False)):
        found = search(selection=selection)
        walk(by_addresses(found, UDP), zone(ADDRESSES))
        assert (found.rng.getstate() != Random(1).getstate()) is rolled
