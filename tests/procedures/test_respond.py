"""RFC 3261 §18.2.2, RFC 3581 §4, RFC 3263 §5: where a response goes, and what is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import field, frozen
from simulation import NEVER, Caller, Simulation, answer, question, zone

from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    ServiceNotOffered,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Security
from sipresolve.vocabulary.targets import Resolution
from sipresolve.vocabulary.via import Via

IPV4_ONLY: Mapping[str, Any] = {"families": ("ipv4",)}


@frozen
class Case:
    """A Via over some records: the targets that the RFC asks for, and what has to be asked."""

    clause: str
    via: str
    expected: str
    records: str = ""
    asked: str = ""
    policy: Mapping[str, Any] = field(factory=dict)


def simulation(records: str = "", **policy: Any) -> Simulation:
    return Simulation(zone(records), policy=Policy(**policy))


def respond(via: str, records: str = "", **policy: Any) -> Resolution:
    return simulation(records, **policy).respond(via)


def targets(resolution: Resolution) -> str:
    return ", ".join(f"{t.transport} {t.address} {t.port}" for t in resolution.targets)


def notes(resolution: Resolution) -> list[str]:
    return [note.code for note in resolution.notes]


CLIENT = "client.example A 192.0.2.31"

#: SRV records of the client for every transport, all of which lead elsewhere.
SERVICES = """
    client.example A 192.0.2.31
    client.example NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.astray.example
    _sip._udp.client.example SRV 1 1 5070 u.example
    _sip._tcp.client.example SRV 1 1 5071 t.example
    _sips._tcp.client.example SRV 1 1 5072 s.example
    _sip._sctp.client.example SRV 1 1 5073 c.example
    _sips._sctp.client.example SRV 1 1 5074 d.example
    _sip._ws.client.example SRV 1 1 5075 w.example
    _sips._ws.client.example SRV 1 1 5076 x.example
    u.example A 192.0.2.70
    t.example A 192.0.2.71
    s.example A 192.0.2.72
    c.example A 192.0.2.73
    d.example A 192.0.2.74
    w.example A 192.0.2.75
    x.example A 192.0.2.76
"""

RELIABLE = [
    Case('§18.2.2: "the "received" parameter, if present, using the port in the "sent-by" value"',
         "SIP/2.0/TCP client.example:5070;received=198.51.100.7",
         "tcp 198.51.100.7 5070, tcp 192.0.2.31 5070", CLIENT, "client.example A"),
    *(
        Case('§18.2.2: "or the default port for that transport, if no port is specified"',
             f"SIP/2.0/{name} 192.0.2.30;received=198.51.100.7",
             f"{name.lower()} 198.51.100.7 {port}, {name.lower()} 192.0.2.30 {port}")
        for name, port in [("TCP", 5060), ("TLS", 5061), ("SCTP", 5060), ("TLS-SCTP", 5061),
                           ("WS", 80), ("WSS", 443)]
    ),
    Case("§18.2.2: without received, the procedures of RFC 3263 for servers",
         "SIP/2.0/TCP client.example:5070", "tcp 192.0.2.31 5070", CLIENT, "client.example A"),
    Case("§18.2.2: maddr is for unreliable transports",
         "SIP/2.0/TCP 192.0.2.30:5070;maddr=192.0.2.40;received=198.51.100.7",
         "tcp 198.51.100.7 5070, tcp 192.0.2.30 5070"),
    Case("§18.2.2: maddr is for unreliable transports, also where it is all there is",
         "SIP/2.0/TLS 192.0.2.30:5070;maddr=192.0.2.40", "tls 192.0.2.30 5070"),
    Case('RFC 3581 §4: rport is for "an unreliable unicast transport protocol, such as UDP"',
         "SIP/2.0/TCP 10.0.0.5:5070;received=198.51.100.7;rport=40123",
         "tcp 198.51.100.7 5070, tcp 10.0.0.5 5070"),
]  # fmt: skip

MADDR = [
    Case('§18.2.2: "forwarded to the address listed there, using the port indicated in "sent-by""',
         "SIP/2.0/UDP 192.0.2.30:5070;maddr=192.0.2.40",
         "udp 192.0.2.40 5070, udp 192.0.2.30 5070"),
    Case('§18.2.2: "or port 5060 if none is present"',
         "SIP/2.0/UDP 192.0.2.30;maddr=192.0.2.40", "udp 192.0.2.40 5060, udp 192.0.2.30 5060"),
    Case("§18.2.2: a multicast address is an address",
         "SIP/2.0/UDP 192.0.2.30;maddr=224.0.1.75;ttl=1",
         "udp 224.0.1.75 5060, udp 192.0.2.30 5060"),
    Case("§18.2.2: an IPv6 address", "SIP/2.0/UDP 192.0.2.30:5070;maddr=[2001:db8::40]",
         "udp 2001:db8::40 5070, udp 192.0.2.30 5070"),
    Case("§18.2.2: maddr comes before received",
         "SIP/2.0/UDP 192.0.2.30;maddr=192.0.2.40;received=198.51.100.7",
         "udp 192.0.2.40 5060, udp 192.0.2.30 5060"),
    Case('RFC 3581 §4: "and there is no "maddr" parameter"',
         "SIP/2.0/UDP 192.0.2.40;maddr=192.0.2.40;received=198.51.100.7;rport=40123",
         "udp 192.0.2.40 5060"),
    Case("§25.1: maddr may be a name; its addresses are wanted, and no SRV records",
         "SIP/2.0/UDP 192.0.2.30:5070;maddr=m.example",
         "udp 2001:db8::40 5070, udp 192.0.2.40 5070, udp 192.0.2.30 5070",
         "_sip._udp.m.example SRV 1 1 5099 astray.example\nastray.example A 203.0.113.1\n"
         "m.example A 192.0.2.40\nm.example AAAA 2001:db8::40", "m.example A"),
    Case("§25.1: maddr may be a name, and sent-by another",
         "SIP/2.0/UDP client.example;maddr=m.example",
         "udp 192.0.2.40 5060, udp 192.0.2.70 5070", SERVICES + "m.example A 192.0.2.40",
         "_sip._udp.client.example SRV, client.example A, m.example A, u.example A"),
]  # fmt: skip

RECEIVED = [
    Case('§18.2.2: "the address in the "received" parameter, using the port indicated in the '
         '"sent-by" value"',
         "SIP/2.0/UDP client.example:5066;received=198.51.100.7",
         "udp 198.51.100.7 5066, udp 192.0.2.31 5066", CLIENT, "client.example A"),
    Case('§18.2.2: "or using port 5060 if none is specified explicitly"',
         "SIP/2.0/UDP 127.0.0.1;received=127.0.0.2", "udp 127.0.0.2 5060, udp 127.0.0.1 5060"),
    Case("§18.2.2: port 5060 for received, whatever SRV says of sent-by",
         "SIP/2.0/UDP client.example;received=198.51.100.7",
         "udp 198.51.100.7 5060, udp 192.0.2.70 5070", SERVICES,
         "_sip._udp.client.example SRV, client.example A, u.example A"),
    Case("RFC 5118 §4.5: received is IPv6, with brackets",
         "SIP/2.0/UDP 192.0.2.30;received=[2001:db8::9]",
         "udp 2001:db8::9 5060, udp 192.0.2.30 5060"),
    Case("§18.2.2: sent-by is IPv6, received is not",
         "SIP/2.0/UDP [2001:db8::30]:5070;received=198.51.100.7",
         "udp 198.51.100.7 5070, udp 2001:db8::30 5070"),
    Case('RFC 3581 §4: "the IP address listed in the "received" parameter, and the port in the '
         '"rport" parameter"',
         "SIP/2.0/UDP 127.0.0.1:6666;received=127.0.0.2;rport=8000",
         "udp 127.0.0.2 8000, udp 127.0.0.1 6666"),
    Case("RFC 3581 §4: rport is the port of received alone; sent-by keeps its own",
         "SIP/2.0/UDP 10.0.0.5;received=198.51.100.7;rport=40123",
         "udp 198.51.100.7 40123, udp 10.0.0.5 5060"),
    Case("RFC 3581 §4: and leaves sent-by without a port, so that SRV is asked",
         "SIP/2.0/UDP client.example;received=198.51.100.7;rport=40123",
         "udp 198.51.100.7 40123, udp 192.0.2.70 5070", SERVICES,
         "_sip._udp.client.example SRV, client.example A, u.example A"),
    Case('RFC 3581 §4: rport "with no value" is a wish, and names no port',
         "SIP/2.0/UDP 10.0.0.5:5070;received=198.51.100.7;rport",
         "udp 198.51.100.7 5070, udp 10.0.0.5 5070"),
    Case('RFC 3581 §4: "there is both a "received" parameter and an "rport" parameter"',
         "SIP/2.0/UDP 10.0.0.5:5070;rport=40123", "udp 10.0.0.5 5070"),
]  # fmt: skip

SENT_BY = [
    Case('RFC 3263 §5: "the transport protocol from the Via header, and the port from sent-by"',
         "SIP/2.0/TCP 192.0.2.30:5090", "tcp 192.0.2.30 5090"),
    *(
        Case('RFC 3263 §5: "if present, else the default for that transport protocol"',
             f"SIP/2.0/{name} 192.0.2.30", f"{name.lower()} 192.0.2.30 {port}")
        for name, port in [("UDP", 5060), ("TCP", 5060), ("TLS", 5061), ("SCTP", 5060),
                           ("TLS-SCTP", 5061), ("WS", 80), ("WSS", 443)]
    ),
    Case("RFC 3263 §5: a numeric address of IPv6", "SIP/2.0/UDP [2001:db8::30]",
         "udp 2001:db8::30 5060"),
    Case('RFC 3263 §5: "a domain name and a port number […] A or AAAA records with that name"',
         "SIP/2.0/UDP client.example:6666",
         "udp 2001:db8::31 6666, udp 192.0.2.31 6666",
         SERVICES + "client.example AAAA 2001:db8::31", "client.example A"),
    Case("RFC 3263 §5: port 5060, stated, is a port", "SIP/2.0/TLS client.example:5060",
         "tls 192.0.2.31 5060", SERVICES, "client.example A"),
    *(
        Case('RFC 3263 §5: "the service identifier "_sips" if the Via transport is "TLS", "_sip" '
             'otherwise, and the transport from the topmost Via header"',
             f"SIP/2.0/{name} client.example", f"{name.lower()} {found}", SERVICES,
             f"{labels}.client.example SRV, client.example A, {host}.example A")
        for name, labels, host, found in [
            ("UDP", "_sip._udp", "u", "192.0.2.70 5070"),
            ("TCP", "_sip._tcp", "t", "192.0.2.71 5071"),
            ("TLS", "_sips._tcp", "s", "192.0.2.72 5072"),
            ("SCTP", "_sip._sctp", "c", "192.0.2.73 5073"),
            ("TLS-SCTP", "_sips._sctp", "d", "192.0.2.74 5074"),
            ("WS", "_sip._ws", "w", "192.0.2.75 5075"),
            ("WSS", "_sips._ws", "x", "192.0.2.76 5076"),
        ]
    ),
    Case('RFC 3263 §5: "sorted as described in" RFC 2782; all addresses of a host together',
         "SIP/2.0/TLS host.example",
         "tls 2001:db8::2 5061, tls 192.0.2.2 5061, tls 2001:db8::3 5062",
         "_sips._tcp.host.example SRV 1 0 5062 b.example\n"
         "_sips._tcp.host.example SRV 0 0 5061 a.example\n"
         "_sip._tcp.host.example SRV 0 0 5060 astray.example\nastray.example A 203.0.113.1\n"
         "a.example AAAA 2001:db8::2\na.example A 192.0.2.2\nb.example AAAA 2001:db8::3",
         "_sips._tcp.host.example SRV, a.example A, b.example A, host.example A"),
    Case('RFC 2782: "else" the addresses, at the default port', "SIP/2.0/UDP client.example",
         "udp 192.0.2.31 5060", CLIENT, "_sip._udp.client.example SRV, client.example A"),
    Case('RFC 2782: "else" the addresses; SRV records of another transport say nothing',
         "SIP/2.0/TLS client.example", "tls 192.0.2.31 5061",
         CLIENT + "\n_sip._tcp.client.example SRV 1 1 5099 client.example",
         "_sips._tcp.client.example SRV, client.example A"),
    Case("RFC 3261 §20.42: the first of several values is the topmost",
         "SIP / 2.0 / UDP 192.0.2.30 : 5090, SIP/2.0/TCP 192.0.2.31", "udp 192.0.2.30 5090"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [*RELIABLE, *MADDR, *RECEIVED, *SENT_BY], ids=lambda case: f"{case.clause} {case.via}"
)
@pytest.mark.parametrize("speculation", [True, False], ids=["speculating", "frugal"])
def test_where_a_response_goes(case: Case, *, speculation: bool) -> None:
    found = simulation(case.records, speculation=speculation, **case.policy)
    assert targets(found.respond(case.via)) == case.expected
    # Both families are asked for; and no NAPTR records, ever (RFC 3263 §5).
    asked = {str(question).removesuffix("AAA") for question in found.asked}
    wanted = {*filter(None, case.asked.split(", "))}
    assert asked <= wanted
    assert asked == wanted or not speculation


def test_the_transports_of_the_client_have_no_say() -> None:
    """RFC 3263 §5: "using the transport protocol from the Via header"."""
    for transports in (("udp",), ("ws", "tls-sctp"), ("tls",)):
        for via, expected in (
            ("SIP/2.0/TCP client.example", "tcp 192.0.2.71 5071"),
            ("SIP/2.0/UDP client.example", "udp 192.0.2.70 5070"),
            ("SIP/2.0/TLS 192.0.2.1", "tls 192.0.2.1 5061"),
        ):
            assert targets(respond(via, SERVICES, transports=transports)) == expected


def test_a_transport_that_nobody_knows() -> None:
    with pytest.raises(UnsupportedTransport, match="'carrier-pigeon'") as caught:
        respond("SIP/2.0/carrier-pigeon 192.0.2.1;received=192.0.2.2")
    assert caught.value.from_input


@pytest.mark.parametrize("transport", ["WS", "WSS"])
def test_a_websocket_client_is_no_server(transport: str) -> None:
    """RFC 7118 §5: it opens connections, and nobody can open one to it; who asks is told."""
    resolution = respond(f"SIP/2.0/{transport} client.example;received=198.51.100.7", SERVICES)
    assert len(resolution.targets) == 2
    assert [note.code for note in resolution.warnings] == ["websocket-response"]


@pytest.mark.parametrize("transport", ["UDP", "TCP", "TLS", "SCTP", "TLS-SCTP"])
def test_any_other_client_may_be_one(transport: str) -> None:
    """RFC 3261 §18.1.1: "prepared to receive an incoming connection"."""
    resolution = respond(f"SIP/2.0/{transport} client.example;received=198.51.100.7", SERVICES)
    assert resolution.notes == ()


def test_the_subject_is_the_via() -> None:
    via = Via.parse("SIP/2.0/UDP 192.0.2.1")
    assert respond(str(via)).subject == via


# --- What a target carries


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("SIP/2.0/TLS Client.Example.", "client.example"),
        ("SIP/2.0/TLS client.example:5061", "client.example"),
        ("SIP/2.0/TLS client.example;received=198.51.100.7", "client.example"),
        ("SIP/2.0/TLS-SCTP client.example;received=198.51.100.7", "client.example"),
        ("SIP/2.0/WSS client.example;received=198.51.100.7", "client.example"),
        ("SIP/2.0/TLS 192.0.2.30;received=198.51.100.7", "192.0.2.30"),
        ("SIP/2.0/TLS [2001:DB8:0::30];received=198.51.100.7", "2001:db8::30"),
        ("SIP/2.0/TLS client.example;maddr=m.example", "client.example"),
    ],
)
def test_a_certificate_has_to_show_the_host_of_sent_by(via: str, expected: str) -> None:
    """RFC 5922 §4: the input of RFC 3263 §5, never an SRV target or an address that was noted."""
    resolution = respond(via, SERVICES)
    assert {target.tls_name for target in resolution.targets} == {expected}


def test_without_tls_there_is_no_name_to_show() -> None:
    for transport in ("UDP", "TCP", "SCTP", "WS"):
        resolution = respond(f"SIP/2.0/{transport} client.example;received=192.0.2.9", SERVICES)
        assert {target.tls_name for target in resolution.targets} == {None}


def test_what_the_targets_of_a_response_carry() -> None:
    via = "SIP/2.0/UDP client.example;received=198.51.100.7;rport=40123"
    first, second = respond(via, SERVICES).targets
    assert (first.host, first.security, first.ttl) == ("198.51.100.7", None, None)
    assert (second.host, second.priority, second.weight) == ("u.example", 1, 1)
    assert (second.order, second.preference, second.ttl) == (None, None, 300)


def test_a_response_is_never_too_large() -> None:
    """RFC 3261 §18.1.1 is about requests: a response goes where the Via says."""
    resolution = respond("SIP/2.0/UDP client.example;received=198.51.100.7", SERVICES)
    assert not any(target.only_after_refusal for target in resolution.targets)


def test_the_way_to_maddr_is_not_the_way_to_sent_by() -> None:
    """A target rests on what leads to it, and on nothing else."""
    answers = {
        known.question: known
        for known in (
            answer("m.example A", "192.0.2.40", ttl=5, security=Security.INSECURE),
            answer("client.example A", "192.0.2.31", ttl=300, security=Security.SECURE),
            answer("_sip._udp.client.example SRV", "1 1 5070 client.example", ttl=200,
                   security=Security.SECURE),
        )
    }  # fmt: skip
    for via in ("SIP/2.0/UDP client.example:5060", "SIP/2.0/UDP client.example"):
        found = Simulation(answers, policy=Policy(**IPV4_ONLY))
        by_maddr, by_sent_by = found.respond(f"{via};maddr=m.example").targets
        assert (by_maddr.security, by_maddr.ttl) == (Security.INSECURE, 5)
        assert (by_sent_by.security, by_sent_by.ttl) == (
            Security.SECURE,
            300 if by_sent_by.port == 5060 else 200,
        )


def test_the_way_to_maddr_is_not_the_way_to_sent_by_without_srv_either() -> None:
    answers = {
        known.question: known
        for known in (
            answer("m.example A", "192.0.2.40", ttl=5),
            answer("client.example A", "192.0.2.31", ttl=300),
        )
    }
    found = Simulation(answers, policy=Policy(**IPV4_ONLY))
    resolution = found.respond("SIP/2.0/UDP client.example;maddr=m.example")
    assert [(str(target.address), target.ttl) for target in resolution.targets] == [
        ("192.0.2.40", 5),
        ("192.0.2.31", 300),
    ]


# --- Twins


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("SIP/2.0/UDP 192.0.2.1;received=192.0.2.1", "udp 192.0.2.1 5060"),
        ("SIP/2.0/UDP client.example:5070;received=192.0.2.31", "udp 192.0.2.31 5070"),
        ("SIP/2.0/UDP 192.0.2.1:5060;maddr=192.0.2.1", "udp 192.0.2.1 5060"),
        ("SIP/2.0/UDP 192.0.2.1;received=192.0.2.1;rport=5060", "udp 192.0.2.1 5060"),
    ],
)
def test_sent_by_and_received_may_be_one(via: str, expected: str) -> None:
    """RFC 3581 §4: received is there "even if it is identical" to sent-by; it is tried once."""
    resolution = respond(via, CLIENT)
    assert targets(resolution) == expected
    assert notes(resolution) == ["target-named-before"]
    assert resolution.warnings == ()


def test_another_port_is_another_target() -> None:
    via = "SIP/2.0/UDP 192.0.2.1;received=192.0.2.1;rport=40123"
    assert targets(respond(via)) == "udp 192.0.2.1 40123, udp 192.0.2.1 5060"


# --- What leads nowhere


UNUSABLE = [
    ("SRV that fails", "client.example", "_sip._udp.client.example SRV servfail", {}),
    ("no such name", "nowhere.example", CLIENT, {}),
    ("no address", "client.example:5060", "client.example A nodata", {}),
    ("a silent DNS", "client.example:5060", "client.example A timeout", {}),
    ("a forged answer", "client.example:5060", "client.example A bogus", {}),
    ("a refusal (RFC 2782)", "client.example", "_sip._udp.client.example SRV 0 0 0 .", {}),
    ("a family that the client lacks", "[2001:db8::30]", "", IPV4_ONLY),
    ("an unproven absence", "nowhere.example:5060", "", {"require_secure": True}),
    ("a budget", "client.example", "", {"budget": 1, "speculation": False}),
]


@pytest.mark.parametrize(("why", "sent_by", "records", "policy"), UNUSABLE)
def test_behind_a_usable_received_a_failing_sent_by_is_a_note(
    why: str, sent_by: str, records: str, policy: Mapping[str, Any]
) -> None:
    via = f"SIP/2.0/UDP {sent_by};received=198.51.100.7"
    resolution = respond(via, records, **policy)
    assert targets(resolution).startswith("udp 198.51.100.7"), why
    assert len(resolution.targets) == 1, why
    assert resolution.warnings[-1].code == "sent-by-unusable", why


def test_behind_a_usable_received_an_unproven_sent_by_is_a_note() -> None:
    via = "SIP/2.0/UDP client.example:5060;received=198.51.100.7"
    resolution = respond(via, CLIENT, require_secure=True)
    assert targets(resolution) == "udp 198.51.100.7 5060"
    assert notes(resolution) == ["target-not-secure"]


@pytest.mark.parametrize(
    ("via", "records", "expected", "code", "told"),
    [
        ("SIP/2.0/UDP 192.0.2.1;received=2001:db8::2", "", "udp 192.0.2.1 5060",
         "received-unusable", "2001:db8::2 is IPv6, and the client has ipv4"),
        ("SIP/2.0/TCP client.example:5070;received=2001:db8::2", CLIENT, "tcp 192.0.2.31 5070",
         "received-unusable", "2001:db8::2 is IPv6, and the client has ipv4"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=[2001:db8::2]", "", "udp 192.0.2.1 5060",
         "maddr-unusable", "2001:db8::2 is IPv6, and the client has ipv4"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=m.example", "m.example A nodata", "udp 192.0.2.1 5060",
         "maddr-unusable", "m.example leads to no IPv4 address over udp"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=m.example", "", "udp 192.0.2.1 5060",
         "maddr-unusable", "there is no domain 'm.example'"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=m.example", "m.example A servfail", "udp 192.0.2.1 5060",
         "maddr-unusable", "the DNS did not say: m.example A: servfail"),
        ("SIP/2.0/UDP 192.0.2.1;received=198.51.100.7;maddr=m.example", "m.example A timeout",
         "udp 192.0.2.1 5060", "maddr-unusable", "no nameserver answered: m.example A: timeout"),
        ("SIP/2.0/UDP [2001:db8::1];received=198.51.100.7", "", "udp 198.51.100.7 5060",
         "sent-by-unusable", "2001:db8::1 is IPv6, and the client has ipv4"),
        ("SIP/2.0/UDP nowhere.example;maddr=m.example", "m.example A 192.0.2.40",
         "udp 192.0.2.40 5060", "sent-by-unusable", "there is no domain 'nowhere.example'"),
    ],
)  # fmt: skip
def test_what_is_unusable_is_told_and_passed_by(
    via: str, records: str, expected: str, code: str, told: str
) -> None:
    """RFC 3261 §18.2.2: "If this fails, […] the procedures of Section 5 of [4] SHOULD be used"."""
    resolution = respond(via, records, **IPV4_ONLY)
    assert targets(resolution) == expected
    [note] = [note for note in resolution.warnings if note.code.endswith("-unusable")]
    assert (note.code, note.message) == (code, told)


@pytest.mark.parametrize(
    ("via", "records", "error", "policy"),
    [
        ("SIP/2.0/UDP [2001:db8::1]", "", NoTargets, IPV4_ONLY),
        ("SIP/2.0/UDP [2001:db8::1];received=2001:db8::2", "", NoTargets, IPV4_ONLY),
        ("SIP/2.0/UDP nowhere.example", CLIENT, NoSuchDomain, {}),
        ("SIP/2.0/UDP nowhere.example:5060", CLIENT, NoSuchDomain, {}),
        ("SIP/2.0/UDP client.example", "client.example A nodata", NoTargets, {}),
        ("SIP/2.0/UDP client.example", "_sip._udp.client.example SRV 0 0 0 .\n" + CLIENT,
         ServiceNotOffered, {}),
        ("SIP/2.0/UDP client.example",
         "_sip._udp.client.example SRV 1 1 5060 gone.example\n" + CLIENT, NoTargets, {}),
        ("SIP/2.0/UDP client.example:5060", "client.example A refused", DnsFailure, {}),
        ("SIP/2.0/UDP client.example", "_sip._udp.client.example SRV servfail\n" + CLIENT,
         DnsFailure, {}),
        ("SIP/2.0/UDP client.example:5060", "client.example A timeout", DnsTimeout, {}),
        ("SIP/2.0/UDP client.example:5060", "client.example A bogus", Bogus, {}),
        ("SIP/2.0/UDP client.example:5060", CLIENT, NotSecure, {"require_secure": True}),
        ("SIP/2.0/UDP client.example", CLIENT, BudgetExceeded, {"budget": 1, "speculation": False}),
        # a failure outranks absence, wherever on the way it was
        ("SIP/2.0/UDP client.example:5060;maddr=m.example", "m.example A servfail", DnsFailure, {}),
        ("SIP/2.0/UDP nowhere.example;maddr=m.example", "m.example A timeout", DnsTimeout, {}),
        ("SIP/2.0/UDP [2001:db8::1];maddr=m.example", "m.example A servfail", DnsFailure,
         IPV4_ONLY),
        ("SIP/2.0/UDP [2001:db8::1];maddr=m.example", "m.example A nodata", NoTargets, IPV4_ONLY),
    ],
)  # fmt: skip
def test_failures(
    via: str, records: str, error: type[SipResolveError], policy: Mapping[str, Any]
) -> None:
    with pytest.raises(error) as caught:
        respond(via, records, **policy)
    assert type(caught.value) is error
    assert not caught.value.from_input
    assert caught.value.resolution is not None
    assert caught.value.resolution.targets == ()


def test_a_failing_sent_by_is_told_also_where_half_of_maddr_was_late() -> None:
    answers = zone("m.example A 192.0.2.40\nm.example AAAA 2001:db8::40")
    found = Simulation(answers, delays={question("m.example AAAA"): 0.2})
    resolution = found.respond("SIP/2.0/UDP nowhere.example;maddr=m.example")
    assert targets(resolution) == "udp 192.0.2.40 5060, udp 2001:db8::40 5060"
    assert notes(resolution) == ["family-late", "sent-by-unusable"]


def test_a_late_family_of_maddr_comes_behind_sent_by() -> None:
    """RFC 8305 §3: the other family is waited for a moment; nobody waits for the dead."""
    answers = zone("m.example A 192.0.2.40\nm.example AAAA 2001:db8::40\n" + CLIENT)
    found = Simulation(answers, delays={question("m.example AAAA"): 0.2})
    assert targets(found.respond("SIP/2.0/UDP client.example:5070;maddr=m.example")) == (
        "udp 192.0.2.40 5070, udp 192.0.2.31 5070, udp 2001:db8::40 5070"
    )


def test_a_dead_dns_costs_a_response_no_more_than_its_lifetime() -> None:
    questions = ("_sip._udp.client.example SRV", "client.example A", "client.example AAAA")
    found = Simulation({}, delays={question(text): NEVER for text in questions})
    resolution = found.respond("SIP/2.0/UDP client.example;received=198.51.100.7")
    assert targets(resolution) == "udp 198.51.100.7 5060"
    assert found.now <= 5.0


# --- One at a time


@pytest.mark.parametrize(
    "via",
    [
        "SIP/2.0/UDP client.example;received=198.51.100.7;rport=40123",
        "SIP/2.0/TLS client.example;received=198.51.100.7",
        "SIP/2.0/UDP client.example:5070;maddr=198.51.100.7",
    ],
)
def test_nothing_is_asked_before_a_numeric_way_has_failed(via: str) -> None:
    """RFC 3263 §5: "invoked when a server attempts to send to that location and […] fails"."""
    found = simulation(SERVICES)
    resolution = found.failover_response(via, Caller(busy=32.0))
    first, second = found.handed_out
    assert (first.at, first.asked) == (0.0, ())
    assert second.asked != ()
    assert resolution.targets == respond(via, SERVICES).targets


def test_who_stops_at_received_asks_nothing() -> None:
    found = simulation(SERVICES)
    via = "SIP/2.0/UDP client.example;received=198.51.100.7"
    assert len(found.failover_response(via, Caller(wants=1)).targets) == 1
    assert (found.asked, found.given_back) == ([], ())


def test_a_name_in_maddr_is_asked_for_and_sent_by_is_not_yet() -> None:
    found = simulation(SERVICES + "m.example A 192.0.2.40")
    found.failover_response("SIP/2.0/UDP client.example;maddr=m.example", Caller(wants=1))
    assert {asked.name for asked in found.asked} == {"m.example"}


def test_a_host_of_sent_by_that_is_late_is_waited_for() -> None:
    """Who wants all at once gives it up half a second after the last target."""
    records = SERVICES + "_sip._udp.client.example SRV 2 1 5070 t.example"
    late = {question("u.example A"): 3.0}
    via = "SIP/2.0/UDP client.example;received=198.51.100.7"
    for find, expected in (
        (Simulation(zone(records), delays=late).respond, "udp 192.0.2.71 5070"),
        (
            Simulation(zone(records), delays=late, policy=Policy(lifetime=8)).failover_response,
            "udp 192.0.2.71 5070, udp 192.0.2.70 5070",
        ),
    ):
        assert targets(find(via)) == f"udp 198.51.100.7 5060, {expected}"


def test_an_error_comes_where_a_first_target_should() -> None:
    with pytest.raises(NoSuchDomain):
        simulation().failover_response("SIP/2.0/UDP nowhere.example")


def test_the_same_dice_give_the_same_order() -> None:
    """RFC 2782, and the dice of maddr before those of sent-by, whatever comes first."""
    records = "\n".join(
        f"_sip._udp.client.example SRV 1 {n} 5060 h{n}.example\n"
        f"h{n}.example A 192.0.2.{n}\nh{n}.example A 192.0.2.1{n}\nm.example A 192.0.2.2{n}"
        for n in range(5)
    )
    via = "SIP/2.0/UDP client.example;maddr=m.example"
    orders = {seed: targets(Simulation(zone(records)).respond(via, seed=seed)) for seed in range(5)}
    assert len({*orders.values()}) > 1
    for seed, order in orders.items():
        slow = {question(f"h{seed}.example A"): 0.04}
        late = Simulation(zone(records), delays=slow)
        assert targets(late.respond(via, seed=seed)) == order


def test_stateless_is_stateless_for_responses_as_well() -> None:
    """RFC 3263 §4.4: a proxy has to send all of one transaction to one place."""
    records = SERVICES + "\n".join(f"u.example A 192.0.2.{n}" for n in range(20, 24))
    via = "SIP/2.0/UDP client.example;received=198.51.100.7"
    found = simulation(records, selection="stateless")
    assert len({targets(found.respond(via, seed=seed)) for seed in range(10)}) == 1
