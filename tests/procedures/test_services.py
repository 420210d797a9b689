"""RFC 3263 §4.1: which SRV sets to ask for."""

from __future__ import annotations

from typing import Any

import pytest
from simulation import answer

from sipresolve.procedures.services import (
    Offer,
    Service,
    offer_of,
    service_for,
    services_by_transport,
)
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Status
from sipresolve.vocabulary.transports import SCTP, TCP, TLS, TLS_SCTP, UDP, WS, WSS, Transport


def naptrs(*lines: str) -> Answer:
    return answer("example.com NAPTR", *lines)


def offer(*lines: str, scheme: str = "sip", **policy: Any) -> Offer:
    return offer_of(naptrs(*lines), scheme, Policy(**policy))


def names(services: tuple[Service, ...]) -> list[str]:
    return [f"{service.transport} {service.question.name}" for service in services]


UDP_LINE = '50 50 "s" "SIP+D2U" "" _sip._udp.example.com.'
TCP_LINE = '50 50 "s" "SIP+D2T" "" _sip._tcp.example.com.'
TLS_LINE = '50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.'


@pytest.mark.parametrize(
    ("transport", "name"),
    [
        (UDP, "_sip._udp.example.com"),
        (TCP, "_sip._tcp.example.com"),
        (TLS, "_sips._tcp.example.com"),
        (SCTP, "_sip._sctp.example.com"),
        (TLS_SCTP, "_sips._sctp.example.com"),
        (WS, "_sip._ws.example.com"),
        (WSS, "_sips._ws.example.com"),
    ],
)
def test_srv_names(transport: Transport, name: str) -> None:
    """RFC 3263 §4.2, RFC 4168, RFC 7118."""
    assert service_for(transport, "example.com").question.name == name


# RFC 3263 §4.1: "Queries are done using the service identifier "_sip" for SIP URIs and "_sips" for
# SIPS URIs"; §4.2: a client that wishes to use TLS asks for "_sips".
@pytest.mark.parametrize(
    ("scheme", "transports", "opportunistic", "expected"),
    [
        ("sip", (UDP, TCP, TLS), False, [UDP, TCP]),
        ("sip", (TLS, TCP, UDP), False, [TCP, UDP]),
        ("sip", (TLS,), False, [TLS]),
        ("sip", (WSS, TLS), False, [WSS, TLS]),
        ("sip", (UDP, TCP, TLS), True, [TLS, UDP, TCP]),
        ("sip", (UDP, TCP), True, [UDP, TCP]),
        ("sip", (WSS, TLS), True, [WSS, TLS]),
        ("sips", (UDP, TCP, TLS), False, [TLS]),
        ("sips", (UDP, TLS_SCTP, WSS, TLS), False, [TLS_SCTP, WSS, TLS]),
        ("sips", (UDP, WSS, TLS), True, [WSS, TLS]),
    ],
)
def test_services_by_transport(
    scheme: str, transports: tuple[Transport, ...], opportunistic: bool, expected: list[Transport]
) -> None:
    policy = Policy(transports=transports, opportunistic_tls=opportunistic)
    services = services_by_transport(scheme, "example.com", policy)
    assert [service.transport for service in services] == expected


# RFC 3403 §4.1 for order and preference, RFC 3263 §4.1 for what is discarded before.
@pytest.mark.parametrize(
    ("lines", "policy", "expected"),
    [
        # the RFC's own example: a client with UDP and TCP uses TCP
        (
            [
                '50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.',
                '90 50 "s" "SIP+D2T" "" _sip._tcp.example.com',
                '100 50 "s" "SIP+D2U" "" _sip._udp.example.com.',
            ],
            {"transports": (UDP, TCP)},
            ["tcp _sip._tcp.example.com"],
        ),
        # order beats preference, and a higher order is not considered
        (
            [
                '50 90 "s" "SIP+D2T" "" _sip._tcp.example.com.',
                '90 40 "s" "SIP+D2U" "" _sip._udp.example.com.',
            ],
            {},
            ["tcp _sip._tcp.example.com"],
        ),
        # preference within an order
        (
            [
                '50 90 "s" "SIP+D2U" "" _sip._udp.example.com.',
                '50 50 "s" "SIP+D2T" "" _sip._tcp.example.com.',
            ],
            {},
            ["tcp _sip._tcp.example.com", "udp _sip._udp.example.com"],
        ),
        # all alike: the client's own order, never chance
        (
            [UDP_LINE, TCP_LINE, TLS_LINE],
            {"transports": (TLS, UDP, TCP)},
            [
                "tls _sips._tcp.example.com",
                "udp _sip._udp.example.com",
                "tcp _sip._tcp.example.com",
            ],
        ),
        # flags and services are case-insensitive
        (['1 1 "S" "sip+d2t" "" _sip._tcp.example.com.'], {}, ["tcp _sip._tcp.example.com"]),
        # "It is not necessary for the domain suffixes in the NAPTR replacement field to match"
        (
            ['1 1 "s" "SIP+D2T" "" _sip._tcp.school.example.'],
            {},
            ["tcp _sip._tcp.school.example"],
        ),
        # a record that nobody can use does not decide the order (RFC 2915 §2)
        (['1 1 "a" "SIP+D2T" "" example.com.', UDP_LINE], {}, ["udp _sip._udp.example.com"]),
        # twins: the first counts
        (
            [UDP_LINE, '50 60 "s" "SIP+D2U" "" _sip._udp.example.com.'],
            {},
            ["udp _sip._udp.example.com"],
        ),
        # relaxed: higher orders follow ...
        (
            [
                '10 1 "s" "SIP+D2T" "" _sip._tcp.example.com.',
                '20 1 "s" "SIP+D2U" "" _sip._udp.example.com.',
            ],
            {"naptr_order": "relaxed"},
            ["tcp _sip._tcp.example.com", "udp _sip._udp.example.com"],
        ),
        # ... but never from a secure transport to another, except within its own order
        (
            [
                '10 1 "s" "SIPS+D2T" "" _sips._tcp.example.com.',
                '10 2 "s" "SIP+D2T" "" _sip._tcp.example.com.',
                '20 1 "s" "SIP+D2U" "" _sip._udp.example.com.',
                '30 1 "s" "SIPS+D2W" "" _sips._ws.example.com.',
            ],
            {"naptr_order": "relaxed", "transports": (UDP, TCP, TLS, WSS)},
            [
                "tls _sips._tcp.example.com",
                "tcp _sip._tcp.example.com",
                "wss _sips._ws.example.com",
            ],
        ),
        ([], {}, []),
    ],
)
def test_order_of_services(lines: list[str], policy: dict[str, Any], expected: list[str]) -> None:
    assert names(offer(*lines, **policy).services) == expected
    assert names(offer(*lines[::-1], **policy).services) == expected


def test_every_transport_is_found_by_its_service() -> None:
    for transport in Transport:
        line = f'1 1 "s" "{transport.naptr_service}" "" {transport.srv_labels}.example.com.'
        found = offer(line, transports=(transport,)).services
        assert [service.transport for service in found] == [transport]


def test_a_sips_uri_takes_sips_services_only() -> None:
    """RFC 3263 §4.1: "MUST discard any services that do not contain "SIPS""."""
    found = offer(UDP_LINE, TCP_LINE, TLS_LINE, scheme="sips")
    assert names(found.services) == ["tls _sips._tcp.example.com"]
    assert found.unsupported == ("SIP+D2U", "SIP+D2T")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ('1 1 "a" "SIP+D2U" "" host.example.com.', "naptr-flag", "flags"),
        ('1 1 "u" "SIP+D2U" "" host.example.com.', "naptr-flag", "flags"),
        ('1 1 "" "SIP+D2U" "" example.com.', "naptr-flag", "flags"),
        ('1 1 "su" "SIP+D2U" "" _sip._udp.example.com.', "naptr-flag", "flags"),
        ('1 1 "x" "SIP+D2U" "" _sip._udp.example.com.', "naptr-flag", "flags"),
        ('1 1 "s" "SIP+D2U" "!.*!x!" _sip._udp.example.com.', "naptr-regexp", "regexp"),
        ('1 1 "s" "SIP+D2U" "!.*!x!" .', "naptr-regexp", "regexp"),
        ('1 1 "s" "SIP+D2U" "" .', "naptr-replacement", "replacement"),
    ],
)
def test_what_nobody_can_use_is_a_warning(line: str, code: str, words: str) -> None:
    found = offer(line)
    assert (found.services, found.unsupported) == ((), ())
    [note] = found.notes
    assert (note.code, note.warning) == (code, True)
    assert words in note.message
    assert line.removesuffix(".").removesuffix(" ") in note.message, "the record is named"


@pytest.mark.parametrize("service", ["SIP+D2S", "SIPS+D2U", "SIP+D2Z", "sips+d2w"])
def test_what_the_client_lacks_is_told(service: str) -> None:
    """RFC 3263 §4.1: values of X "that indicate transport protocols supported by the client"."""
    found = offer(f'1 1 "s" "{service}" "" _x._y.example.com.')
    assert (found.services, found.unsupported) == ((), (service.upper(),))
    assert [note.warning for note in found.notes] == [False]


@pytest.mark.parametrize(
    "service",
    ["E2U+sip", "AAA+D2T", "SIP", "SIP+", "SIP+D2", "SIP+D2UU", "SIP+E2U", "XSIP+D2U", ""],
)
def test_other_applications_count_as_none(service: str) -> None:
    found = offer(f'1 1 "s" "{service}" "" _x._y.example.com.')
    assert (found.services, found.unsupported) == ((), ())
    assert [note.code for note in found.notes] == ["naptr-of-another-application"]


def test_what_is_not_considered_for_its_order_is_told() -> None:
    found = offer(TLS_LINE, '60 1 "s" "SIP+D2U" "" _sip._udp.example.com.')
    [note] = found.notes
    assert (note.code, note.warning) == ("naptr-order-not-considered", False)


def test_what_is_less_secure_than_a_lower_order_is_told() -> None:
    found = offer(TLS_LINE, '60 1 "s" "SIP+D2U" "" _sip._udp.example.com.', naptr_order="relaxed")
    [note] = found.notes
    assert (note.code, note.warning) == ("naptr-less-secure", False)


def test_no_records_offer_nothing() -> None:
    empty = offer_of(answer("example.com NAPTR", Status.NODATA), "sip", Policy())
    assert empty == Offer(services=(), unsupported=(), notes=())


def test_a_thousand_records() -> None:
    lines = [f'{n} 1 "s" "SIP+D2U" "" _sip._udp.n{n}.example.com.' for n in range(1000)]
    assert names(offer(*lines).services) == ["udp _sip._udp.n0.example.com"]
