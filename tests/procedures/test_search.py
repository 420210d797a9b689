"""What one call has found so far: twins, what is held back, what is too large for UDP."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from attrs import evolve
from simulation import answer

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.procedures.search import EAGER, Search, address_kind
from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    Loop,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    ServiceNotOffered,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Security, Status
from sipresolve.vocabulary.targets import Family, Note, Target
from sipresolve.vocabulary.transports import SCTP, TCP, TLS, UDP, Transport

ADDRESS = answer("example.com A", "192.0.2.1")


def search(*, large: bool = False, **policy: Any) -> Search:
    return Search(
        target="example.com",
        port=None,
        policy=Policy(**policy),
        rng=Random(1),
        sources=NO_SOURCES,
        pace=EAGER,
        large=large,
    )


def target(transport: Transport, *, port: int = 5060, **more: Any) -> Target:
    return Target(
        transport=transport, address=ADDRESS.addresses[0], port=port, host="a.example.com", **more
    )


def offered(found: Search, *targets: Target) -> list[str]:
    """What comes of these targets; a star for UDP that is for after a refusal."""
    return [
        item.code
        if isinstance(item, Note)
        else f"{item.transport} {item.port}{'*' * item.only_after_refusal}"
        for each in targets
        for item in found.offer(each)
    ]


# --- Twins


def test_a_target_is_named_once() -> None:
    """The same transport, address and port, whatever name led there."""
    found = search()
    twin = evolve(target(UDP), host="b.example.com", priority=7)
    assert offered(found, target(UDP), twin) == ["udp 5060", "target-named-before"]
    assert offered(found, target(TCP), target(UDP, port=5070)) == ["tcp 5060", "udp 5070"]
    assert (found.found, found.offers) == (True, 4)


def test_that_a_target_was_named_before_is_no_warning() -> None:
    found = search()
    _, note = [*found.offer(target(UDP)), *found.offer(target(UDP))]
    assert isinstance(note, Note)
    assert not note.warning


# --- RFC 3261 §18.1.1


@pytest.mark.parametrize(
    ("why", "transports", "targets", "expected"),
    [
        ("TCP before UDP, at the same place", ("udp", "tcp"),
         [target(UDP)], ["tcp 5060", "udp 5060*"]),
        ("whatever the client would rather use", ("tcp", "udp"),
         [target(UDP, port=5070)], ["tcp 5070", "udp 5070*"]),
        ("what has congestion control stays as it is", ("udp", "tcp", "tls", "sctp"),
         [target(TCP), target(TLS), target(SCTP)], ["tcp 5060", "tls 5060", "sctp 5060"]),
        ("TCP that was named before is there already", ("udp", "tcp"),
         [target(TCP), target(UDP)], ["tcp 5060", "target-named-before", "udp 5060*"]),
        ("and TCP that comes after is its own twin", ("udp", "tcp"),
         [target(UDP), target(TCP)], ["tcp 5060", "udp 5060*", "target-named-before"]),
        ("TCP at another port is another place", ("udp", "tcp"),
         [target(TCP, port=5071), target(UDP, port=5070)], ["tcp 5071", "tcp 5070", "udp 5070*"]),
        ("a client without TCP has no choice, and is warned", ("udp", "tls"),
         [target(UDP)], ["request-too-large", "udp 5060"]),
        ("a client without TCP and without need for it is not", ("udp", "tls"),
         [target(TLS)], ["tls 5060"]),
    ],
)  # fmt: skip
def test_a_large_request(
    why: str, transports: tuple[str, ...], targets: list[Target], expected: list[str]
) -> None:
    """It "MUST be sent using an RFC 2914 congestion controlled transport protocol, such as TCP"."""
    found = search(large=True, transports=transports)
    assert offered(found, *targets) == expected, why
    assert found.offers == len(targets)


def test_tcp_in_the_place_of_udp_is_like_it_in_all_else() -> None:
    udp = target(UDP, priority=1, weight=2, order=3, preference=4, ttl=60)
    twin, after = search(large=True).offer(udp)
    assert twin == evolve(udp, transport=TCP, instead_of_udp=True)
    assert after == evolve(udp, only_after_refusal=True)


def test_a_small_request_goes_as_the_domain_says() -> None:
    assert offered(search(), target(UDP), target(TCP)) == ["udp 5060", "tcp 5060"]


def test_what_is_not_proven_is_held_back_in_both_places() -> None:
    found = search(large=True, require_secure=True)
    unproven = target(UDP, security=Security.INSECURE)
    assert offered(found, unproven) == ["target-not-secure"] * 2
    assert not found.found
    assert isinstance(found.nothing_found(), NotSecure)


def test_what_is_proven_and_what_was_never_asked_for_is_not_held_back() -> None:
    found = search(require_secure=True)
    assert offered(found, target(UDP, security=Security.SECURE), target(TCP)) == [
        "udp 5060",
        "tcp 5060",
    ]


# --- RFC 3263 §4.4


def test_a_stateless_proxy_has_all_the_patience_in_the_world() -> None:
    """It "MUST define a deterministic order": none that time has a say in."""
    assert search().patience(0.25) == 0.25
    assert search(selection="stateless").patience(0.25) == float("inf")


# --- RFC 5922 §4


def test_a_certificate_has_to_show_the_target_of_the_search() -> None:
    found = search()
    assert {transport: found.tls_name(transport) for transport in Transport} == {
        transport: "example.com" if transport.secure else None for transport in Transport
    }


# --- Why nothing was found


def unused(status: Status, text: str = "example.com A", **more: Any) -> Answer:
    return answer(text, status, **more)


SECURE = {"security": Security.SECURE}


@pytest.mark.parametrize(
    ("used", "state", "policy", "error"),
    [
        # what may be forged outranks what failed, what failed outranks absence
        ([unused(Status.BOGUS), unused(Status.SERVFAIL)], {}, {}, Bogus),
        ([unused(Status.SERVFAIL), unused(Status.TIMEOUT)], {}, {}, DnsFailure),
        ([unused(Status.NXDOMAIN), unused(Status.TIMEOUT)], {}, {}, DnsTimeout),
        ([unused(Status.SERVFAIL, loop=True), unused(Status.UNASKED)], {}, {}, Loop),
        ([unused(Status.UNASKED), unused(Status.NXDOMAIN)], {}, {}, BudgetExceeded),
        ([unused(Status.NXDOMAIN)], {}, {"require_secure": True}, NotSecure),
        ([unused(Status.NXDOMAIN, **SECURE)], {}, {"require_secure": True}, NoSuchDomain),
        # absence, by what the domain has said of itself
        ([unused(Status.NODATA)], {"unsupported": ("SIP+D2S",)}, {}, UnsupportedTransport),
        ([unused(Status.NODATA)], {"unsupported": ("SIP+D2S",), "has_srv": True}, {}, NoTargets),
        ([unused(Status.NXDOMAIN)], {"refused": {UDP}}, {}, ServiceNotOffered),
        ([unused(Status.NXDOMAIN)], {"refused": {UDP}, "has_srv": True}, {}, NoTargets),
        ([unused(Status.NXDOMAIN)], {}, {}, NoSuchDomain),
        ([unused(Status.NXDOMAIN), unused(Status.NODATA)], {}, {}, NoTargets),
        ([unused(Status.NXDOMAIN, "_sip._udp.example.com SRV")], {}, {}, NoTargets),
        ([unused(Status.NXDOMAIN, aliases=("gone.example.com",))], {}, {}, NoTargets),
        ([], {}, {}, NoTargets),
    ],
)  # fmt: skip
def test_why_nothing_was_found(
    used: list[Answer],
    state: Mapping[str, Any],
    policy: Mapping[str, Any],
    error: type[SipResolveError],
) -> None:
    found = search(**policy)
    found.known = {each.question: each for each in used}
    found.used.extend(used)
    for name, value in state.items():
        setattr(found, name, value)
    said = found.nothing_found()
    assert type(said) is error
    assert said.message


@pytest.mark.parametrize(
    ("target", "families", "message"),
    [
        ("example.com", ("ipv6", "ipv4"), "example.com leads to no address over udp, tcp, tls"),
        ("example.com", ("ipv6",), "example.com leads to no IPv6 address over udp, tcp, tls"),
        ("2001:db8::1", ("ipv4",), "2001:db8::1 is IPv6, and the client has ipv4"),
        ("192.0.2.1", ("ipv6",), "192.0.2.1 is IPv4, and the client has ipv6"),
    ],
)
def test_absence_is_told_as_the_client_met_it(
    target: str, families: tuple[str, ...], message: str
) -> None:
    found = search(families=families)
    found.turn_to(target, None)
    assert found.nothing_found().message == message


# --- Several hosts, one after the other


def test_each_host_has_a_path_of_its_own() -> None:
    found = search()
    nothing = unused(Status.SERVFAIL, "m.example A")
    found.known = {ADDRESS.question: ADDRESS, nothing.question: nothing}
    found.turn_to("m.example", 5070)
    found.use(nothing.question)
    assert isinstance(found.nothing_found(), DnsFailure)
    found.turn_to("client.example", None)
    assert (found.target, found.port, found.path) == ("client.example", None, ())
    assert isinstance(found.nothing_found(), NoTargets)
    found.use(ADDRESS.question)
    assert found.path == (ADDRESS,)
    assert found.used == [nothing, ADDRESS], "but the whole rests on all of it"


def test_where_no_host_leads_anywhere_a_failure_on_the_way_to_any_is_the_reason() -> None:
    found = search()
    nothing = unused(Status.TIMEOUT, "m.example A")
    found.known = {nothing.question: nothing}
    found.use(nothing.question)
    found.turn_to("client.example", None)
    found.turn_to_all()
    assert found.path == (nothing,)
    assert isinstance(found.nothing_found(), DnsTimeout)


def test_something_rests_on_an_answer_that_is_used() -> None:
    found = search()
    found.known = {ADDRESS.question: ADDRESS}
    assert found.use(ADDRESS.question) is ADDRESS
    assert found.used == [ADDRESS]
    assert found.path == (ADDRESS,)


def test_what_a_client_calls_an_address() -> None:
    assert address_kind((Family.IPV6, Family.IPV4)) == "address"
    assert address_kind((Family.IPV4,)) == "IPv4 address"
    assert address_kind((Family.IPV6,)) == "IPv6 address"
