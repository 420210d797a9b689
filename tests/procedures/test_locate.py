"""RFC 3263 §4, over answers that come at once: what is found, what is asked, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest
from attrs import evolve, field, frozen
from simulation import NEVER, Simulation, answer, question, zone

from sipresolve.procedures.locate import first_questions
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
from sipresolve.vocabulary.hosts import address_text
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Security, Status
from sipresolve.vocabulary.targets import Resolution
from sipresolve.vocabulary.uri import SipUri

UDP_ONLY: Mapping[str, Any] = {"transports": ("udp",)}
ALL = ("udp", "tcp", "tls", "sctp", "tls-sctp", "ws", "wss")
WITH_SCTP: Mapping[str, Any] = {"transports": ALL}


@frozen
class Case:
    """A URI over some records, and the targets that the RFC asks for, in order."""

    why: str
    uri: str
    records: str
    expected: str
    policy: Mapping[str, Any] = field(factory=dict)


def resolve(uri: str, records: str = "", **policy: Any) -> Resolution:
    return Simulation(zone(records), policy=Policy(**policy)).resolve(uri)


def targets(resolution: Resolution) -> str:
    return ", ".join(f"{t.transport} {t.address} {t.port}" for t in resolution.targets)


ADDRESSES = """
    example.com A 192.0.2.1
    example.com AAAA 2001:db8::1
"""
SRV_BY_TRANSPORT = """
    _sip._udp.example.com SRV 1 1 5070 u.example.com
    _sip._tcp.example.com SRV 1 1 5071 t.example.com
    _sips._tcp.example.com SRV 1 1 5072 s.example.com
    _sip._sctp.example.com SRV 1 1 5073 c.example.com
    _sips._sctp.example.com SRV 1 1 5074 d.example.com
    _sip._ws.example.com SRV 1 1 5075 w.example.com
    _sips._ws.example.com SRV 1 1 5076 x.example.com
    u.example.com A 192.0.2.70
    t.example.com A 192.0.2.71
    s.example.com A 192.0.2.72
    c.example.com A 192.0.2.73
    d.example.com A 192.0.2.74
    w.example.com A 192.0.2.75
    x.example.com A 192.0.2.76
"""
NAPTR_FOR_ALL = """
    example.com NAPTR 10 30 "s" "SIP+D2U" "" _sip._udp.example.com
    example.com NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.example.com
    example.com NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.example.com
"""

# A numeric host, a port, a transport: what the URI says outright (§4.1, §4.2).
LITERALS = [
    ("sip:192.0.2.7", "udp 192.0.2.7 5060"),
    ("sip:192.0.2.7:1234", "udp 192.0.2.7 1234"),
    ("sip:192.0.2.7:1234;transport=tcp", "tcp 192.0.2.7 1234"),
    ("sips:192.0.2.7:1234;transport=tcp", "tls 192.0.2.7 1234"),
    ("sips:192.0.2.7:5060", "tls 192.0.2.7 5060"),
    ("sips:192.0.2.7", "tls 192.0.2.7 5061"),
    ("sip:192.0.2.7;transport=tcp", "tcp 192.0.2.7 5060"),
    ("sips:192.0.2.7;transport=tcp", "tls 192.0.2.7 5061"),
    ("sips:192.0.2.7;transport=tls", "tls 192.0.2.7 5061"),
    ("sip:192.0.2.7;transport=tls", "tls 192.0.2.7 5061"),
    ("sip:192.0.2.7;transport=sctp", "sctp 192.0.2.7 5060"),
    ("sips:192.0.2.7;transport=sctp", "tls-sctp 192.0.2.7 5061"),
    ("sip:192.0.2.7;transport=tls-sctp", "tls-sctp 192.0.2.7 5061"),
    ("sip:192.0.2.7;transport=ws", "ws 192.0.2.7 80"),
    ("sips:192.0.2.7;transport=ws", "wss 192.0.2.7 443"),
    ("sip:192.0.2.7;transport=wss", "wss 192.0.2.7 443"),
    ("sip:[2001:db8::7]", "udp 2001:db8::7 5060"),
    ("sip:[2001:db8::7]:5054", "udp 2001:db8::7 5054"),
    ("sip:[2001:db8::7];transport=tcp", "tcp 2001:db8::7 5060"),
    ("sip:[::ffff:192.0.2.128]", "udp ::ffff:192.0.2.128 5060"),
    ("sip:example.com;maddr=192.0.2.9", "udp 192.0.2.9 5060"),
    ("sips:example.com;maddr=192.0.2.9", "tls 192.0.2.9 5061"),
    ("sip:example.com:5070;maddr=192.0.2.9", "udp 192.0.2.9 5070"),
    ("sip:example.com;maddr=[2001:db8::9]", "udp 2001:db8::9 5060"),
    ("192.0.2.7", "udp 192.0.2.7 5060"),
    ("2001:db8::7", "udp 2001:db8::7 5060"),
]


@pytest.mark.parametrize(("uri", "expected"), LITERALS)
def test_a_numeric_host_needs_no_question(uri: str, expected: str) -> None:
    simulation = Simulation({}, policy=Policy(**WITH_SCTP))
    resolution = simulation.resolve(uri)
    [target] = resolution.targets
    transport, address, port = expected.split()
    assert (target.transport, target.address, target.port) == (
        transport,
        ip_address(address),
        int(port),
    )
    assert simulation.asked == []
    assert (target.security, target.ttl, resolution.security) == (None, None, None)
    assert target.tls_name == (address_text(target.address) if target.transport.secure else None)
    assert target.host == address_text(target.address)


CASES = [
    Case("explicit port: addresses only, UDP", "sip:example.com:5070",
         ADDRESSES + SRV_BY_TRANSPORT + NAPTR_FOR_ALL,
         "udp 2001:db8::1 5070, udp 192.0.2.1 5070"),
    Case("port 5060, stated, is an explicit port", "sip:example.com:5060",
         ADDRESSES + SRV_BY_TRANSPORT, "udp 2001:db8::1 5060, udp 192.0.2.1 5060"),
    Case("explicit port, SIPS: TLS", "sips:example.com:5071", "example.com A 192.0.2.1",
         "tls 192.0.2.1 5071"),
    Case("explicit port and transport", "sip:example.com:5071;transport=tcp",
         "example.com A 192.0.2.1", "tcp 192.0.2.1 5071"),
    Case("maddr is the TARGET of every question", "sip:example.net;maddr=example.com",
         "example.net A 192.0.2.9\n" + SRV_BY_TRANSPORT,
         "udp 192.0.2.70 5070, tcp 192.0.2.71 5071"),
    Case("explicit transport: SRV for it alone", "sip:example.com;transport=tcp",
         SRV_BY_TRANSPORT + NAPTR_FOR_ALL, "tcp 192.0.2.71 5071"),
    Case("explicit transport, SIPS: _sips", "sips:example.com;transport=tcp", SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072"),
    Case("transport=tls on sip: _sips", "sip:example.com;transport=tls", SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072"),
    Case("transport=sctp", "sip:example.com;transport=sctp", SRV_BY_TRANSPORT,
         "sctp 192.0.2.73 5073", WITH_SCTP),
    Case("transport=sctp on sips", "sips:example.com;transport=sctp", SRV_BY_TRANSPORT,
         "tls-sctp 192.0.2.74 5074", WITH_SCTP),
    Case("transport=ws", "sip:example.com;transport=ws", SRV_BY_TRANSPORT, "ws 192.0.2.75 5075",
         WITH_SCTP),
    Case("transport=ws without SRV: port 80", "sip:example.com;transport=ws",
         "example.com A 192.0.2.1", "ws 192.0.2.1 80", WITH_SCTP),
    Case("explicit transport without SRV", "sip:example.com;transport=tcp",
         "example.com A 192.0.2.1", "tcp 192.0.2.1 5060"),
    Case("explicit transport, SRV for another", "sip:example.com;transport=tcp",
         "example.com A 192.0.2.1\n_sip._udp.example.com SRV 1 1 5070 example.com",
         "tcp 192.0.2.1 5060"),
    Case("NAPTR: one order, by preference", "sip:example.com", NAPTR_FOR_ALL + SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072, tcp 192.0.2.71 5071, udp 192.0.2.70 5070"),
    Case("NAPTR: only what the client has", "sip:example.com", NAPTR_FOR_ALL + SRV_BY_TRANSPORT,
         "udp 192.0.2.70 5070", UDP_ONLY),
    Case("NAPTR, SIPS: SIPS services only", "sips:example.com", NAPTR_FOR_ALL + SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072"),
    Case("NAPTR for SCTP and WebSocket", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIPS+D2W" "" _sips._ws.example.com\n'
         'example.com NAPTR 1 2 "s" "SIP+D2W" "" _sip._ws.example.com\n'
         'example.com NAPTR 1 3 "s" "SIPS+D2S" "" _sips._sctp.example.com\n'
         'example.com NAPTR 1 4 "s" "SIP+D2S" "" _sip._sctp.example.com\n' + SRV_BY_TRANSPORT,
         "wss 192.0.2.76 5076, ws 192.0.2.75 5075, tls-sctp 192.0.2.74 5074, sctp 192.0.2.73 5073",
         WITH_SCTP),
    Case("NAPTR: the next preference where a set is missing", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.example.com\n'
         'example.com NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.example.com\n'
         '_sip._udp.example.com SRV 1 1 5070 u.example.com\nu.example.com A 192.0.2.70',
         "udp 192.0.2.70 5070"),
    Case("NAPTR, no SRV: the addresses, over the first usable transport", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.example.com\n'
         'example.com NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.example.com\nexample.com A 192.0.2.1',
         "tcp 192.0.2.1 5060"),
    Case("NAPTR, SRV '.' rules out its transport from the fallback as well", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.example.com\n'
         'example.com NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.example.com\n'
         "_sip._tcp.example.com SRV 0 0 0 .\nexample.com A 192.0.2.1",
         "udp 192.0.2.1 5060"),
    Case("NAPTR that the client cannot use: its own SRV sets are still asked", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIP+D2S" "" _sip._sctp.example.com\n' + SRV_BY_TRANSPORT,
         "udp 192.0.2.70 5070, tcp 192.0.2.71 5071"),
    Case("no NAPTR: every transport of the client, in its order", "sip:example.com",
         SRV_BY_TRANSPORT, "tcp 192.0.2.71 5071, udp 192.0.2.70 5070",
         {"transports": ("tls", "tcp", "udp")}),
    Case("no NAPTR: priorities of two transports are not merged", "sip:example.com",
         "_sip._udp.example.com SRV 9 1 5070 u.example.com\nu.example.com A 192.0.2.70\n"
         "_sip._tcp.example.com SRV 1 1 5071 t.example.com\nt.example.com A 192.0.2.71",
         "udp 192.0.2.70 5070, tcp 192.0.2.71 5071"),
    Case("no NAPTR, secure transports only", "sip:example.com", SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072", {"transports": ("tls",)}),
    Case("no NAPTR, opportunistic TLS", "sip:example.com", SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072, udp 192.0.2.70 5070, tcp 192.0.2.71 5071",
         {"opportunistic_tls": True}),
    Case("no NAPTR, SIPS", "sips:example.com", SRV_BY_TRANSPORT,
         "wss 192.0.2.76 5076, tls 192.0.2.72 5072", {"transports": ("wss", "udp", "tls")}),
    Case("no SRV: UDP", "sip:example.com", "example.com A 192.0.2.1", "udp 192.0.2.1 5060"),
    Case("no SRV, SIPS: TLS", "sips:example.com", "example.com A 192.0.2.1", "tls 192.0.2.1 5061"),
    Case("no SRV, a client without UDP: its first insecure one", "sip:example.com",
         "example.com A 192.0.2.1", "tcp 192.0.2.1 5060", {"transports": ("tls", "tcp", "sctp")}),
    Case("no SRV, a client with secure ones only: its first", "sip:example.com",
         "example.com A 192.0.2.1", "wss 192.0.2.1 443", {"transports": ("wss", "tls")}),
    Case("no SRV, SIPS, a client without TLS over TCP", "sips:example.com",
         "example.com A 192.0.2.1", "wss 192.0.2.1 443", {"transports": ("udp", "wss")}),
    Case("a bare host is a SIP URI", "example.com", SRV_BY_TRANSPORT,
         "udp 192.0.2.70 5070, tcp 192.0.2.71 5071"),
    Case("SRV '.' rules out that transport alone", "sip:example.com",
         "_sip._udp.example.com SRV 0 0 0 .\n_sip._tcp.example.com SRV 0 0 5071 t.example.com\n"
         "t.example.com A 192.0.2.71", "tcp 192.0.2.71 5071"),
    Case("'.' beside other records is skipped", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 0 0 5060 .\n_sip._udp.example.com SRV 0 0 5070 u.example.com\n"
         "u.example.com A 192.0.2.70", "udp 192.0.2.70 5070"),
    Case("port 0 is skipped", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 0 0 0 z.example.com\nz.example.com A 192.0.2.9\n"
         "_sip._udp.example.com SRV 1 0 5070 u.example.com\nu.example.com A 192.0.2.70",
         "udp 192.0.2.70 5070"),
    Case("a target without address is skipped", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 0 0 5070 gone.example.com\n"
         "_sip._udp.example.com SRV 1 0 5070 u.example.com\nu.example.com A 192.0.2.70",
         "udp 192.0.2.70 5070"),
    Case("hosts are not interleaved (RFC 7984 §4)", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 0 5070 a.example.com\n"
         "_sip._udp.example.com SRV 2 0 5070 b.example.com\n"
         "a.example.com A 192.0.2.1\na.example.com AAAA 2001:db8::a\n"
         "b.example.com A 192.0.2.2\nb.example.com AAAA 2001:db8::b",
         "udp 2001:db8::a 5070, udp 192.0.2.1 5070, udp 2001:db8::b 5070, udp 192.0.2.2 5070"),
    Case("one host in two records: both ports", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 0 3478 a.example.com\n"
         "_sip._udp.example.com SRV 2 0 34780 a.example.com\na.example.com A 192.0.2.1",
         "udp 192.0.2.1 3478, udp 192.0.2.1 34780"),
    Case("twins are named once", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 0 5070 a.example.com\n"
         "_sip._udp.example.com SRV 2 0 5070 b.example.com\n"
         "a.example.com A 192.0.2.1\nb.example.com A 192.0.2.1\nb.example.com A 192.0.2.2",
         "udp 192.0.2.1 5070, udp 192.0.2.2 5070"),
    Case("one family of the client", "sip:example.com:5070", ADDRESSES, "udp 192.0.2.1 5070",
         {"families": ("ipv4",)}),
    Case("an SRV target that only the other family has (RFC 7984 §3.1)",
         "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 0 5070 a.example.com\na.example.com AAAA 2001:db8::a\n"
         "_sip._udp.example.com SRV 2 0 5070 b.example.com\nb.example.com A 192.0.2.2",
         "udp 192.0.2.2 5070", {"families": ("ipv4",)}),
    Case("one family fails, the other is used", "sip:example.com:5070",
         "example.com A 192.0.2.1\nexample.com AAAA servfail", "udp 192.0.2.1 5070"),
    Case("a transport whose SRV fails is passed by", "sip:example.com",
         "_sip._udp.example.com SRV servfail\n_sip._tcp.example.com SRV 1 1 5071 t.example.com\n"
         "t.example.com A 192.0.2.71", "tcp 192.0.2.71 5071"),
    Case("NAPTR that fails leaves it to SRV", "sip:example.com",
         "example.com NAPTR servfail\n" + SRV_BY_TRANSPORT,
         "udp 192.0.2.70 5070, tcp 192.0.2.71 5071"),
    Case("SRV to itself has no address, the next one has", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 0 5070 _sip._udp.example.com\n"
         "_sip._udp.example.com SRV 2 0 5070 u.example.com\nu.example.com A 192.0.2.70",
         "udp 192.0.2.70 5070"),
    Case("stateless: by weight, by name, by address (§4.4)", "sip:example.com;transport=udp",
         "_sip._udp.example.com SRV 1 1 5070 a.example.com\n"
         "_sip._udp.example.com SRV 1 2 5070 b.example.com\n"
         "a.example.com A 192.0.2.2\na.example.com A 192.0.2.1\nb.example.com A 192.0.2.3",
         "udp 192.0.2.3 5070, udp 192.0.2.1 5070, udp 192.0.2.2 5070",
         {"selection": "stateless"}),
    Case("stateless, addresses only", "sip:example.com:5070",
         "example.com A 192.0.2.2\nexample.com A 192.0.2.1",
         "udp 192.0.2.1 5070, udp 192.0.2.2 5070", {"selection": "stateless"}),
    Case("interleaved, for those who race connections", "sip:example.com:5070",
         "example.com A 192.0.2.2\nexample.com A 192.0.2.1\n"
         "example.com AAAA 2001:db8::1\nexample.com AAAA 2001:db8::2",
         "udp 2001:db8::1 5070, udp 192.0.2.1 5070, udp 2001:db8::2 5070, udp 192.0.2.2 5070",
         {"selection": "stateless", "address_order": "interleaved"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
@pytest.mark.parametrize("speculation", [True, False], ids=["speculating", "frugal"])
def test_targets(case: Case, *, speculation: bool) -> None:
    policy = {**case.policy, "speculation": speculation}
    assert targets(resolve(case.uri, case.records, **policy)) == case.expected


FAILURES = [
    ("sip:example.com;transport=carrier-pigeon", "", UnsupportedTransport, True, {}),
    ("sips:example.com;transport=udp", "", UnsupportedTransport, True, {}),
    ("sip:example.com;transport=tcp", "", UnsupportedTransport, True, UDP_ONLY),
    ("sips:example.com", "", UnsupportedTransport, True, UDP_ONLY),
    ("sips:192.0.2.1", "", UnsupportedTransport, True, UDP_ONLY),
    ("sip:[2001:db8::1]", "", NoTargets, False, {"families": ("ipv4",)}),
    ("sip:192.0.2.1", "", NoTargets, False, {"families": ("ipv6",)}),
    # NAPTR offers only what the client lacks, and nothing is guessed
    (
        "sip:example.com",
        'example.com NAPTR 1 1 "s" "SIP+D2S" "" _sip._sctp.example.com\n' + ADDRESSES,
        UnsupportedTransport,
        False,
        {},
    ),
    (
        "sips:example.com",
        'example.com NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.example.com\n' + ADDRESSES,
        UnsupportedTransport,
        False,
        {},
    ),
    # RFC 2782: "abort" at a target of "."
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 0 0 0 .\n" + ADDRESSES,
        ServiceNotOffered,
        False,
        {},
    ),
    (
        "sip:example.com",
        "_sip._udp.example.com SRV 0 0 0 .\n" + ADDRESSES,
        ServiceNotOffered,
        False,
        {},
    ),
    (
        "sip:example.com",
        'example.com NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.example.com\n'
        "_sip._udp.example.com SRV 0 0 0 .\n" + ADDRESSES,
        ServiceNotOffered,
        False,
        {},
    ),
    # SRV exists and leads nowhere: never the domain's own addresses
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 1 0 5060 gone.example.com\n" + ADDRESSES,
        NoTargets,
        False,
        {},
    ),
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 1 0 0 u.example.com\n" + ADDRESSES,
        NoTargets,
        False,
        {},
    ),
    (
        "sip:example.com",
        "_sip._udp.example.com SRV 0 0 0 .\n_sip._tcp.example.com SRV 1 0 5060 gone.example.com",
        NoTargets,
        False,
        {},
    ),
    # what SRV offers leads nowhere; what NAPTR offers is no longer the point
    (
        "sip:example.com",
        ('example.com NAPTR 1 1 "s" "SIP+D2S" "" _sip._sctp.example.com\n'
        "_sip._udp.example.com SRV 1 1 5060 gone.example.com"),
        NoTargets,
        False,
        {},
    ),
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 0 0 0 .\n_sip._udp.example.com SRV 1 0 0 .",
        ServiceNotOffered,
        False,
        {},
    ),
    ("sip:example.com", "example.com NAPTR nodata", NoTargets, False, {}),
    # one NXDOMAIN does not outweigh a NODATA for the same name
    ("sip:example.com:5060", "example.com A nxdomain\nexample.com AAAA nodata", NoTargets, False,
     {}),
    ("sip:nowhere.example", "", NotSecure, False, {"require_secure": True}),
    ("sip:nowhere.example", ADDRESSES, NoSuchDomain, False, {}),
    ("sip:nowhere.example:5060", ADDRESSES, NoSuchDomain, False, {}),
    (
        "sip:nowhere.example;transport=udp",
        "_sip._udp.nowhere.example SRV 1 1 5060 gone.example\nnowhere.example A nxdomain",
        NoTargets,
        False,
        {},
    ),
    # a failure outranks absence
    (
        "sip:example.com",
        "_sip._udp.example.com SRV servfail\n_sip._tcp.example.com SRV refused\n" + ADDRESSES,
        DnsFailure,
        False,
        {},
    ),
    (
        "sip:example.com",
        'example.com NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.example.com\n'
        "_sip._udp.example.com SRV formerr\n" + ADDRESSES,
        DnsFailure,
        False,
        {},
    ),
    ("sip:example.com:5060", "example.com A servfail", DnsFailure, False, {}),
    ("sip:example.com:5060", "example.com A timeout", DnsTimeout, False, {}),
    (
        "sip:example.com:5060",
        "example.com A timeout\nexample.com AAAA notimp",
        DnsFailure,
        False,
        {},
    ),
    ("sip:nowhere.example", "nowhere.example NAPTR servfail\nnowhere.example A nxdomain",
     DnsFailure, False, {}),
    ("sip:example.com", "example.com NAPTR servfail\n" + ADDRESSES, DnsFailure, False,
     {"on_naptr_failure": "fail"}),
    # what may be forged is not used
    ("sip:example.com", "example.com NAPTR bogus\n" + ADDRESSES, Bogus, False, {}),
    (
        "sip:example.com",
        "_sip._udp.example.com SRV bogus\n_sip._tcp.example.com SRV 1 1 5060 example.com\n"
        + ADDRESSES,
        Bogus,
        False,
        {},
    ),
    ("sip:example.com:5060", "example.com A bogus", Bogus, False, {}),
    ("sip:example.com:5060", ADDRESSES, NotSecure, False, {"require_secure": True}),
    # bounds
    ("sip:example.com;transport=udp", ADDRESSES, BudgetExceeded, False,
     {"budget": 1, "speculation": False}),
]  # fmt: skip


@pytest.mark.parametrize(("uri", "records", "error", "from_input", "policy"), FAILURES)
def test_failures(
    uri: str,
    records: str,
    error: type[SipResolveError],
    from_input: bool,
    policy: dict[str, Any],
) -> None:
    with pytest.raises(error) as caught:
        resolve(uri, records, **policy)
    assert type(caught.value) is error
    assert caught.value.from_input is from_input


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({}, "example.com leads to no address over udp, tcp, tls"),
        ({"families": ("ipv6",), "transports": ("tls",)}, "to no IPv6 address over tls"),
        ({"families": ("ipv4",)}, "to no IPv4 address over"),
    ],
)
def test_absence_is_told_as_the_client_met_it(policy: dict[str, Any], words: str) -> None:
    """What restricts the client may be the cause."""
    with pytest.raises(NoTargets, match=words):
        resolve("sip:example.com", "example.com NAPTR nodata", **policy)


def test_unsupported_transports_name_what_is_offered() -> None:
    records = 'example.com NAPTR 1 1 "s" "SIP+D2S" "" _sip._sctp.example.com'
    with pytest.raises(UnsupportedTransport, match=r"SIP\+D2S") as caught:
        resolve("sip:example.com", records)
    assert caught.value.offered == ("SIP+D2S",)


def test_aliases_that_never_end() -> None:
    looped = Answer(question=question("example.com A"), status=Status.SERVFAIL, loop=True)
    simulation = Simulation({looped.question: looped})
    with pytest.raises(Loop):
        simulation.resolve("sip:example.com:5060")


def test_behind_an_alias_it_is_another_name_that_is_not_there() -> None:
    simulation = Simulation(
        {
            question("example.com A"): answer(
                "example.com A", Status.NXDOMAIN, aliases=("gone.example.com",)
            ),
        }
    )
    with pytest.raises(NoTargets):
        simulation.resolve("sip:example.com:5060")


def test_many_failures_are_summed_up() -> None:
    records = "\n".join(
        f"_sip._udp.example.com SRV 1 1 5060 h{n}.example.com\n"
        f"h{n}.example.com A servfail\nh{n}.example.com AAAA servfail"
        for n in range(4)
    )
    with pytest.raises(DnsFailure, match="and 5 more"):
        resolve("sip:example.com;transport=udp", records)


def codes(resolution: Resolution) -> list[str]:
    return [note.code for note in resolution.warnings]


WARNINGS = [
    ("sip:example.com:5060;transport=tls", ADDRESSES, ["transport-deprecated"]),
    ("sip:example.com:5060;transport=wss", ADDRESSES, ["transport-deprecated"]),
    ("sip:example.com:5060;transport=tls-sctp", ADDRESSES, ["transport-deprecated"]),
    ("sip:example.com", "example.com NAPTR refused\n" + ADDRESSES, ["naptr-failed"]),
    (
        "sip:example.com",
        'example.com NAPTR 1 1 "a" "SIP+D2U" "" example.com\n' + ADDRESSES,
        ["naptr-flag"],
    ),
    (
        "sip:example.com",
        "_sip._udp.example.com SRV servfail\n_sip._tcp.example.com SRV 1 1 5060 example.com\n"
        + ADDRESSES,
        ["srv-failed"],
    ),
    (
        "sip:example.com",
        "_sip._udp.example.com SRV 0 0 0 .\n_sip._tcp.example.com SRV 1 1 5060 example.com\n"
        + ADDRESSES,
        ["srv-not-offered"],
    ),
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 1 1 5060 .\n_sip._udp.example.com SRV 1 1 0 example.com\n"
        "_sip._udp.example.com SRV 1 1 5060 example.com\n" + ADDRESSES,
        ["srv-target-root", "srv-port"],
    ),
    (
        "sip:example.com;transport=udp",
        "_sip._udp.example.com SRV 1 1 5060 gone.example.com\n"
        "_sip._udp.example.com SRV 2 1 5060 example.com\n" + ADDRESSES,
        ["srv-target-without-address"],
    ),
    ("sip:example.com:5060", "example.com A 192.0.2.1\nexample.com AAAA servfail",
     ["address-failed"]),
    ("sip:example.com:5060", "example.com A 192.0.2.1\nexample.com AAAA bogus",
     ["address-failed"]),
]  # fmt: skip


@pytest.mark.parametrize(("uri", "records", "expected"), WARNINGS)
def test_warnings(uri: str, records: str, expected: list[str]) -> None:
    assert codes(resolve(uri, records, **WITH_SCTP)) == expected


def test_an_srv_target_that_is_an_alias_is_followed_and_told() -> None:
    """RFC 2782: "the name MUST NOT be an alias"."""
    records = zone("_sip._udp.example.com SRV 1 1 5060 alias.example.com")
    alias = answer("alias.example.com A", "192.0.2.1", aliases=("real.example.com",))
    resolution = Simulation({**records, alias.question: alias}).resolve(
        "sip:example.com;transport=udp"
    )
    assert targets(resolution) == "udp 192.0.2.1 5060"
    [warning] = resolution.warnings
    assert warning.code == "srv-target-is-alias"
    assert "SRV 1 1 5060 alias.example.com" in warning.message
    assert "real.example.com" in warning.message


def test_what_a_target_carries() -> None:
    records = """
        example.com NAPTR 10 20 "s" "SIPS+D2T" "" _sips._tcp.hosting.example.net
        _sips._tcp.hosting.example.net SRV 30 40 5063 Edge.Example.NET
        edge.example.net A 192.0.2.4
    """
    [target] = resolve("sips:alice@Example.COM.", records).targets
    assert (target.order, target.preference) == (10, 20)
    assert (target.priority, target.weight, target.port) == (30, 40, 5063)
    assert target.host == "edge.example.net"
    assert target.tls_name == "example.com", "the domain of the URI (RFC 5922 §4)"
    assert (target.ttl, target.family) == (300, "ipv4")
    assert str(target) == "tls 192.0.2.4:5063"


def test_the_name_for_tls_is_that_of_the_target() -> None:
    [target] = resolve("sips:example.net;maddr=example.com", "example.com A 192.0.2.1").targets
    assert target.tls_name == "example.com"


def test_the_ttl_is_the_least_on_the_path() -> None:
    answers = [
        answer("example.com NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.example.com', ttl=500),
        answer("_sip._udp.example.com SRV", "1 1 5060 a.example.com", ttl=400),
        answer("a.example.com A", "192.0.2.1", ttl=600),
        answer("a.example.com AAAA", Status.NODATA, ttl=30),
    ]
    resolution = Simulation({known.question: known for known in answers}).resolve("sip:example.com")
    assert resolution.targets[0].ttl == 400
    assert resolution.expires_in == 30, "absence holds for a time, too"


@pytest.mark.parametrize(
    ("states", "of_target", "of_resolution"),
    [
        (("secure", "secure", "secure", "secure"), "secure", "secure"),
        (("insecure", "secure", "secure", "secure"), "insecure", "insecure"),
        (("secure", "indeterminate", "secure", "secure"), "indeterminate", "indeterminate"),
        (("secure", "secure", "insecure", "secure"), "insecure", "insecure"),
        (("secure", "secure", "secure", "insecure"), "secure", "insecure"),
    ],
)
def test_security_is_that_of_the_weakest(
    states: tuple[str, ...], of_target: str, of_resolution: str
) -> None:
    naptr, srv, a, aaaa = (Security(state) for state in states)
    answers = [
        answer("example.com NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.example.com', security=naptr),
        answer("_sip._udp.example.com SRV", "1 1 5060 a.example.com", security=srv),
        answer("a.example.com A", "192.0.2.1", security=a),
        answer("a.example.com AAAA", Status.NODATA, security=aaaa),
    ]
    resolution = Simulation({known.question: known for known in answers}).resolve("sip:example.com")
    assert (resolution.targets[0].security, resolution.security) == (of_target, of_resolution)


def test_absence_on_the_path_counts() -> None:
    """An unproven NXDOMAIN for NAPTR makes the fallback no more than unproven."""
    answers = [
        answer("example.com NAPTR", Status.NODATA, security=Security.INSECURE),
        *(
            answer(f"_sip._{label}.example.com SRV", Status.NODATA, security=Security.SECURE)
            for label in ("udp", "tcp")
        ),
        answer("example.com A", "192.0.2.1", security=Security.SECURE),
        answer("example.com AAAA", Status.NODATA, security=Security.SECURE),
    ]
    resolution = Simulation({known.question: known for known in answers}).resolve("sip:example.com")
    assert resolution.targets[0].security is Security.INSECURE


def test_what_is_not_proven_is_held_back() -> None:
    answers = [
        answer("example.com A", "192.0.2.1", security=Security.SECURE),
        answer("example.com AAAA", "2001:db8::1", security=Security.INSECURE),
    ]
    simulation = Simulation(
        {known.question: known for known in answers}, policy=Policy(require_secure=True)
    )
    resolution = simulation.resolve("sip:example.com:5060")
    assert targets(resolution) == "udp 192.0.2.1 5060"
    assert codes(resolution) == ["target-not-secure"]
    assert targets(simulation.resolve("sip:192.0.2.9")) == "udp 192.0.2.9 5060"


TWO = ("1 1 5060 a.example.com", "2 1 5060 b.example.com")


def because(text: str, said: str, *data: str | Status, **more: Any) -> Answer:
    """An answer that is in its state for some reason."""
    return answer(text, *data, reason=Reason("not-signed", said), **more)


def test_the_weakest_answer_says_why() -> None:
    """The first of several that are as weak, on the way to a target, and of all there are."""
    naptr = '1 1 "s" "SIP+D2U" "" _sip._udp.example.com'
    answers = [
        because("example.com NAPTR", "of naptr", naptr, security=Security.SECURE),
        because("_sip._udp.example.com SRV", "of srv", *TWO, security=Security.INSECURE),
        because("a.example.com A", "of a", "192.0.2.1", security=Security.INSECURE),
        because("a.example.com AAAA", "of aaaa", Status.NODATA, security=Security.INDETERMINATE),
        because("b.example.com A", "of b", "192.0.2.2", security=Security.INDETERMINATE),
        because("b.example.com AAAA", "of bbbb", Status.NODATA, security=Security.SECURE),
    ]  # fmt: skip
    resolution = Simulation({known.question: known for known in answers}).resolve("sip:example.com")
    assert [str(target.reason) for target in resolution.targets] == ["of srv", "of b"]
    assert str(resolution.reason) == "of aaaa"


def test_where_nothing_was_asked_there_is_no_reason() -> None:
    resolution = Simulation({}).resolve("sip:192.0.2.9")
    assert (resolution.reason, resolution.targets[0].reason) == (None, None)


def test_a_forged_address_loses_its_host_alone() -> None:
    """With a warning; the domain has others, whose proof it does not touch."""
    secure: dict[str, Any] = {"security": Security.SECURE}
    answers = [
        answer("example.com NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.example.com', **secure),
        answer("_sip._udp.example.com SRV", *TWO, **secure),
        because("a.example.com A", "forged", Status.BOGUS, security=Security.BOGUS),
        answer("a.example.com AAAA", Status.NODATA, **secure),
        answer("b.example.com A", "192.0.2.2", **secure),
        answer("b.example.com AAAA", Status.NODATA, **secure),
    ]  # fmt: skip
    for policy in (Policy(dnssec="validate"), Policy(dnssec="validate", require_secure=True)):
        resolution = Simulation(
            {known.question: known for known in answers}, policy=policy
        ).resolve("sip:example.com")
        assert targets(resolution) == "udp 192.0.2.2 5060"
        assert resolution.targets[0].security is Security.SECURE
        assert resolution.security is Security.BOGUS, "of all that it used"
        assert str(resolution.reason) == "forged"
        assert any("a.example.com" in note.message for note in resolution.notes if note.warning)


@pytest.mark.parametrize(
    ("uri", "unproven"),
    [
        ("sip:example.com:5060", "example.com A"),
        ("sip:example.com;transport=udp", "_sip._udp.example.com SRV"),
        ("sip:example.com", "example.com NAPTR"),
    ],
)
def test_what_is_not_proven_is_named_with_its_reason(uri: str, unproven: str) -> None:
    secure: dict[str, Any] = {"security": Security.SECURE}
    answers = [
        answer("example.com NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.example.com', **secure),
        answer("_sip._udp.example.com SRV", "1 1 5060 example.com", **secure),
        answer("example.com A", "192.0.2.1", **secure),
        answer("example.com AAAA", Status.NODATA, **secure),
    ]  # fmt: skip
    known = {each.question: each for each in answers}
    known[question(unproven)] = evolve(
        known[question(unproven)], security=Security.INSECURE, reason=Reason("not-signed", "why")
    )
    with pytest.raises(NotSecure) as raised:
        Simulation(known, policy=Policy(require_secure=True)).resolve(uri)
    assert str(raised.value).endswith(f"{unproven}: why")
    assert raised.value.resolution is not None
    [note] = [each for each in raised.value.resolution.notes if each.code == "target-not-secure"]
    assert note.message.endswith("insecure: why")


def test_an_absence_that_is_not_proven_is_named_with_its_reason() -> None:
    answers = [
        because("example.com A", "why", Status.NODATA, security=Security.INSECURE),
        answer("example.com AAAA", Status.NODATA, security=Security.SECURE),
    ]
    with pytest.raises(NotSecure) as raised:
        Simulation(
            {known.question: known for known in answers}, policy=Policy(require_secure=True)
        ).resolve("sip:example.com:5060")
    assert "example.com A: nodata is not proven" in str(raised.value)
    assert str(raised.value).endswith(": why")


# --- Requests that are too large for UDP (RFC 3261 §18.1.1)


def large_targets(resolution: Resolution) -> str:
    """As `targets`, with a star for UDP that is for after a refusal."""
    return ", ".join(
        f"{t.transport} {t.address} {t.port}{'*' * t.only_after_refusal}"
        for t in resolution.targets
    )


LARGE = [
    Case("a numeric host", "sip:192.0.2.7", "", "tcp 192.0.2.7 5060, udp 192.0.2.7 5060*"),
    Case("a numeric host and a port", "sip:[2001:db8::7]:5070", "",
         "tcp 2001:db8::7 5070, udp 2001:db8::7 5070*"),
    Case("a numeric host, UDP by the URI: the URI's wish does not outweigh the MUST",
         "sip:192.0.2.7;transport=udp", "", "tcp 192.0.2.7 5060, udp 192.0.2.7 5060*"),
    Case("a numeric host, TCP by the URI", "sip:192.0.2.7;transport=tcp", "",
         "tcp 192.0.2.7 5060"),
    Case("a name and a port: each address has its own TCP before it", "sip:example.com:5070",
         ADDRESSES, "tcp 2001:db8::1 5070, udp 2001:db8::1 5070*, "
         "tcp 192.0.2.1 5070, udp 192.0.2.1 5070*"),
    Case("a transport: the SRV records of UDP, and their port", "sip:example.com;transport=udp",
         SRV_BY_TRANSPORT, "tcp 192.0.2.70 5070, udp 192.0.2.70 5070*"),
    Case("SRV by transport: the published TCP comes in its turn", "sip:example.com",
         SRV_BY_TRANSPORT,
         "tcp 192.0.2.70 5070, udp 192.0.2.70 5070*, tcp 192.0.2.71 5071"),
    Case("SRV by transport: TCP is published at the same place", "sip:example.com",
         "_sip._udp.example.com SRV 1 1 5060 a.example.com\n"
         "_sip._tcp.example.com SRV 1 1 5060 a.example.com\n"
         "_sip._tcp.example.com SRV 2 1 5060 b.example.com\n"
         "a.example.com A 192.0.2.1\nb.example.com A 192.0.2.2",
         "tcp 192.0.2.1 5060, udp 192.0.2.1 5060*, tcp 192.0.2.2 5060"),
    Case("SRV by transport: TCP is published at the same place, and first", "sip:example.com",
         "_sip._udp.example.com SRV 1 1 5060 a.example.com\n"
         "_sip._tcp.example.com SRV 1 1 5060 a.example.com\na.example.com A 192.0.2.1",
         "tcp 192.0.2.1 5060, udp 192.0.2.1 5060*", {"transports": ("tcp", "udp")}),
    Case("SRV by transport: the hosts of one set stay in their order", "sip:example.com",
         "_sip._udp.example.com SRV 1 1 5060 a.example.com\n"
         "_sip._udp.example.com SRV 2 1 5061 b.example.com\n"
         "a.example.com A 192.0.2.1\nb.example.com A 192.0.2.2",
         "tcp 192.0.2.1 5060, udp 192.0.2.1 5060*, tcp 192.0.2.2 5061, udp 192.0.2.2 5061*"),
    Case("NAPTR: the domain's choice, with TCP before UDP", "sip:example.com",
         NAPTR_FOR_ALL + SRV_BY_TRANSPORT,
         "tls 192.0.2.72 5072, tcp 192.0.2.71 5071, tcp 192.0.2.70 5070, udp 192.0.2.70 5070*"),
    Case("NAPTR without SRV: the addresses", "sip:example.com",
         'example.com NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.example.com\nexample.com A 192.0.2.1',
         "tcp 192.0.2.1 5060, udp 192.0.2.1 5060*"),
    Case("neither: the addresses", "sip:example.com", "example.com A 192.0.2.1",
         "tcp 192.0.2.1 5060, udp 192.0.2.1 5060*"),
    Case("SIPS is TLS, which has congestion control", "sips:example.com",
         NAPTR_FOR_ALL + SRV_BY_TRANSPORT, "tls 192.0.2.72 5072"),
    Case("SIPS, numeric", "sips:192.0.2.7", "", "tls 192.0.2.7 5061"),
    Case("SIPS, addresses only", "sips:example.com", "example.com A 192.0.2.1",
         "tls 192.0.2.1 5061"),
    Case("SCTP has congestion control", "sip:example.com;transport=sctp", SRV_BY_TRANSPORT,
         "sctp 192.0.2.73 5073", WITH_SCTP),
]  # fmt: skip


@pytest.mark.parametrize("case", LARGE, ids=lambda case: case.why)
def test_a_large_request_goes_by_tcp_first(case: Case) -> None:
    simulation = Simulation(zone(case.records), policy=Policy(**case.policy))
    resolution = simulation.resolve(case.uri, large=True)
    assert large_targets(resolution) == case.expected
    assert "request-too-large" not in codes(resolution)


@pytest.mark.parametrize("case", LARGE, ids=lambda case: case.why)
def test_a_small_request_goes_as_it_did(case: Case) -> None:
    resolution = resolve(case.uri, case.records, **case.policy)
    assert not any(target.only_after_refusal for target in resolution.targets)


@pytest.mark.parametrize(
    ("uri", "records", "warned"),
    [
        ("sip:192.0.2.7", "", True),
        ("sip:example.com:5070", ADDRESSES, True),
        ("sip:example.com", SRV_BY_TRANSPORT, True),
        ("sip:example.com;transport=udp", SRV_BY_TRANSPORT, True),
        ("sip:example.com;transport=tls", SRV_BY_TRANSPORT, False),
        ("sips:example.com", SRV_BY_TRANSPORT, False),
    ],
)
def test_a_client_without_tcp_is_warned_and_sends_by_udp(
    uri: str, records: str, *, warned: bool
) -> None:
    policy = Policy(transports=("udp", "tls"))
    simulation = Simulation(zone(records), policy=policy)
    resolution = simulation.resolve(uri, large=True)
    assert resolution.targets == simulation.resolve(uri).targets
    assert codes(resolution).count("request-too-large") == warned


def test_a_twin_is_told_in_the_trace_alone() -> None:
    records = SRV_BY_TRANSPORT.replace("SRV 1 1 5071 t.", "SRV 1 1 5070 u.")
    resolution = Simulation(zone(records)).resolve("sip:example.com", large=True)
    assert [note.code for note in resolution.notes] == ["target-named-before"]
    assert resolution.warnings == ()


# --- What is asked, and when


def asked(simulation: Simulation) -> list[str]:
    return sorted(str(question) for question in simulation.asked)


def test_all_that_will_probably_be_needed_is_asked_at_once() -> None:
    simulation = Simulation(zone("example.com A 192.0.2.1"))
    simulation.resolve("sip:example.com")
    assert asked(simulation) == [
        "_sip._tcp.example.com SRV",
        "_sip._udp.example.com SRV",
        "_sips._tcp.example.com SRV",
        "example.com A",
        "example.com AAAA",
        "example.com NAPTR",
    ]
    assert simulation.now == pytest.approx(0.02), "one round trip"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sips:example.com", ["_sips._tcp.example.com SRV", "A", "AAAA", "NAPTR"]),
        ("sip:example.com;transport=udp", ["_sip._udp.example.com SRV", "A", "AAAA"]),
        ("sip:example.com:5060", ["A", "AAAA"]),
    ],
)
def test_nothing_is_asked_that_the_uri_rules_out(uri: str, expected: list[str]) -> None:
    simulation = Simulation(zone("example.com A 192.0.2.1"))
    simulation.resolve(uri)
    assert [name.removeprefix("example.com ") for name in asked(simulation)] == expected


@pytest.mark.parametrize(
    ("records", "uri", "rounds"),
    [
        (NAPTR_FOR_ALL + SRV_BY_TRANSPORT, "sip:example.com", 2),
        (SRV_BY_TRANSPORT, "sip:example.com", 2),
        (ADDRESSES, "sip:example.com", 1),
        (SRV_BY_TRANSPORT, "sip:example.com;transport=tcp", 2),
        (ADDRESSES, "sips:example.com;transport=tcp", 1),
    ],
)
def test_round_trips(records: str, uri: str, rounds: int) -> None:
    simulation = Simulation(zone(records), delay=1.0, policy=Policy(lifetime=100))
    simulation.resolve(uri)
    assert simulation.now == rounds


def test_frugal_is_what_rfc_3263_needs_next() -> None:
    records = NAPTR_FOR_ALL + SRV_BY_TRANSPORT
    policy = Policy(speculation=False, families=("ipv4",), transports=("udp",))
    simulation = Simulation(zone(records), policy=policy)
    simulation.resolve("sip:example.com")
    assert [str(question) for question in simulation.asked] == [
        "example.com NAPTR",
        "_sip._udp.example.com SRV",
        "u.example.com A",
    ]


@pytest.mark.parametrize(
    ("uri", "policy", "expected"),
    [
        ("sip:example.com", {},
         "NAPTR _sip._udp SRV, _sip._tcp SRV, _sips._tcp SRV, AAAA A"),
        ("sips:example.com", {}, "NAPTR _sips._tcp SRV, AAAA A"),
        ("sip:example.com", {"transports": ("tls",), "families": ("ipv4",)},
         "NAPTR _sips._tcp SRV, A"),
        ("sip:example.com:5060", {}, "AAAA A"),
        ("sip:example.com;transport=tcp", {}, "_sip._tcp SRV, AAAA A"),
        ("sip:example.com;transport=tls", {}, "_sips._tcp SRV, AAAA A"),
        ("sips:example.com;transport=tcp", {}, "_sips._tcp SRV, AAAA A"),
        ("sips:example.com;transport=ws", WITH_SCTP, "_sips._ws SRV, AAAA A"),
        ("sips:example.com;transport=sctp", WITH_SCTP, "_sips._sctp SRV, AAAA A"),
        ("sip:other.example;maddr=example.com", UDP_ONLY, "NAPTR _sip._udp SRV, AAAA A"),
        ("sip:192.0.2.1", {}, ""),
        ("sip:[2001:db8::1]:5070", {}, ""),
        ("sip:example.com;maddr=192.0.2.1", {}, ""),
        # what cannot be located
        ("sip:example.com;transport=sctp", {}, ""),
        ("sip:example.com:5060;transport=pigeon", {}, ""),
        ("sips:example.com;transport=udp", {}, ""),
        ("sips:example.com", UDP_ONLY, ""),
        ("sips:example.com:5061", UDP_ONLY, ""),
    ],
)  # fmt: skip
def test_what_is_asked_first(uri: str, policy: Mapping[str, Any], expected: str) -> None:
    """By one that is located soon, and no other than `locate` asks then."""
    questions = [str(each) for each in first_questions(SipUri.parse(uri), Policy(**policy))]
    assert sorted(questions) == sorted(
        f"{word}.example.com SRV" if word.startswith("_") else f"example.com {word}"
        for word in expected.replace(" SRV,", "").split()
    )
    simulation = Simulation({}, policy=Policy(**policy))
    with suppress(SipResolveError):
        simulation.resolve(uri)
    assert sorted(map(str, simulation.asked)) == sorted(questions)


# --- What is late

LATE_NAPTR = "example.com NAPTR"


@pytest.mark.parametrize(
    ("delay", "policy", "expected", "at"),
    [
        (0.4, {}, "tls 192.0.2.72 5072", 0.42),
        (0.51, {}, "tls 192.0.2.72 5072", 0.53),
        (NEVER, {}, "udp 192.0.2.70 5070, tcp 192.0.2.71 5071", 0.54),
        (0.6, {}, "udp 192.0.2.70 5070, tcp 192.0.2.71 5071", 0.54),
        (0.6, {"on_naptr_failure": "fail"}, "tls 192.0.2.72 5072", 0.62),
        (0.6, {"dnssec": "validate"}, "tls 192.0.2.72 5072", 0.62),
        (0.6, {"dnssec": "trust-ad"}, "udp 192.0.2.70 5070, tcp 192.0.2.71 5071", 0.54),
        (2.4, {"dnssec": "validate"}, "tls 192.0.2.72 5072", 2.42),
        (0.6, {"speculation": False}, "tls 192.0.2.72 5072", 0.64),
    ],
)
def test_naptr_is_waited_for_half_a_second_longer_than_srv(
    delay: float, policy: dict[str, Any], expected: str, at: float
) -> None:
    records = SRV_BY_TRANSPORT + (
        'example.com NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com\n'
    )
    simulation = Simulation(
        zone(records), delays={question(LATE_NAPTR): delay}, policy=Policy(**policy)
    )
    resolution = simulation.resolve("sip:example.com")
    assert targets(resolution) == expected
    assert simulation.now == pytest.approx(at)
    lapsed = expected.startswith("udp")
    assert codes(resolution) == (["naptr-failed"] if lapsed else [])


def test_proof_needs_naptr_and_waits_for_it() -> None:
    """Whoever can delay a NAPTR could otherwise take TLS away."""
    records = "_sip._udp.example.com SRV 1 1 5060 a.example.com\na.example.com A 192.0.2.1"
    simulation = Simulation(
        zone(records), delays={question(LATE_NAPTR): NEVER}, policy=Policy(require_secure=True)
    )
    with pytest.raises(NotSecure):
        simulation.resolve("sip:example.com")
    assert simulation.now > 2.0


def test_validation_waits_for_naptr_to_its_end() -> None:
    """Then its failure is one like any other: it goes on to SRV, with a warning."""
    records = "_sip._udp.example.com SRV 1 1 5060 a.example.com\na.example.com A 192.0.2.1"
    simulation = Simulation(
        zone(records), delays={question(LATE_NAPTR): NEVER}, policy=Policy(dnssec="validate")
    )
    resolution = simulation.resolve("sip:example.com")
    assert simulation.now > 2.0
    assert codes(resolution) == ["naptr-failed"]
    assert resolution.security is Security.INDETERMINATE


def test_an_unanswered_naptr_is_unproven() -> None:
    answers = {
        known.question: known
        for known in (
            answer("_sip._udp.example.com SRV", "1 1 5060 a.example.com", security=Security.SECURE),
            answer("a.example.com A", "192.0.2.1", security=Security.SECURE),
        )
    }
    simulation = Simulation(answers, delays={question(LATE_NAPTR): NEVER})
    [target] = simulation.resolve("sip:example.com").targets
    assert target.security is Security.INDETERMINATE


def test_nothing_found_and_naptr_unanswered_is_a_time_out() -> None:
    simulation = Simulation({}, delays={question("nowhere.example NAPTR"): NEVER})
    with pytest.raises(DnsTimeout, match=r"nowhere\.example NAPTR"):
        simulation.resolve("sip:nowhere.example")
    assert simulation.now == pytest.approx(0.52)
