"""The tree of a Via, as an outline: the steps of RFC 3261 §18.2.2, and what has no say."""

from __future__ import annotations

import pytest
from outlines import Scenario, check_outline

from sipresolve import Policy

CLIENT = """
    _sip._udp.client.example.com SRV 10 0 5070 a.example.com
    _sips._tcp.client.example.com SRV 10 0 5071 a.example.com
    _sip._tcp.client.example.com SRV 0 0 0 .
    client.example.com A 192.0.2.9
    a.example.com A 192.0.2.1
"""

SCENARIOS = [
    Scenario(
        name="received, and the port of sent-by; then sent-by (RFC 3263 §5)",
        via="SIP/2.0/UDP client.example.com:5066;received=198.51.100.7;branch=z9hG4bK1",
        records=CLIENT,
        outline="""
            start: SIP/2.0/UDP client.example.com:5066;received=198.51.100.7;branch=z9hG4bK1
              record: received 198.51.100.7, with the port of sent-by (RFC 3261 §18.2.2)
                target: 1. udp 198.51.100.7:5066
              record: if that fails: sent-by client.example.com:5066 (RFC 3263 §5)
                question: addresses of client.example.com
                  target: 2. udp 192.0.2.9:5066 (A, 20.0 ms, TTL 300)
        """,
    ),
    Scenario(
        name="received and rport (RFC 3581 §4)",
        via="SIP/2.0/UDP 10.0.0.5:5060;received=198.51.100.7;rport=40123",
        outline="""
            start: SIP/2.0/UDP 10.0.0.5:5060;received=198.51.100.7;rport=40123
              record: received 198.51.100.7 and rport 40123 (RFC 3581 §4)
                target: 1. udp 198.51.100.7:40123
              record: if that fails: sent-by 10.0.0.5:5060 (RFC 3263 §5)
                target: 2. udp 10.0.0.5:5060
        """,
    ),
    Scenario(
        name="an rport without a value is a wish of the client (RFC 3581 §4)",
        via="SIP/2.0/UDP [2001:db8::5]:5070;rport;received=2001:db8::7",
        outline="""
            start: SIP/2.0/UDP [2001:db8::5]:5070;rport;received=2001:db8::7
              record: received 2001:db8::7, with the port of sent-by (RFC 3261 §18.2.2)
                target: 1. udp [2001:db8::7]:5070
              record: if that fails: sent-by [2001:db8::5]:5070 (RFC 3263 §5)
                target: 2. udp [2001:db8::5]:5070
              unused: rport !! skipped, the server has put no port there (RFC 3581 §4)
        """,
    ),
    Scenario(
        name="an rport says nothing without received (RFC 3581 §4)",
        via="SIP/2.0/UDP 192.0.2.5;rport=40123",
        outline="""
            start: SIP/2.0/UDP 192.0.2.5;rport=40123
              record: sent-by 192.0.2.5 (RFC 3263 §5)
                target: 1. udp 192.0.2.5:5060
              unused: rport 40123 !! skipped, there is no received beside it (RFC 3581 §4)
        """,
    ),
    Scenario(
        name="maddr goes before received and rport",
        via="SIP/2.0/UDP 192.0.2.40:5070;RPORT=40123;received=198.51.100.7;maddr=192.0.2.41",
        outline="""
            start: SIP/2.0/UDP 192.0.2.40:5070;RPORT=40123;received=198.51.100.7;maddr=192.0.2.41
              record: maddr 192.0.2.41, with the port of sent-by (RFC 3261 §18.2.2)
                target: 1. udp 192.0.2.41:5070
              record: if that fails: sent-by 192.0.2.40:5070 (RFC 3263 §5)
                target: 2. udp 192.0.2.40:5070
              unused: rport 40123 !! skipped, maddr goes before it (RFC 3261 §18.2.2)
              unused: received 198.51.100.7 !! skipped, maddr goes before it (RFC 3261 §18.2.2)
        """,
    ),
    Scenario(
        name="a multicast address comes with its TTL",
        via="SIP/2.0/UDP 192.0.2.40;maddr=224.2.0.1;ttl=16",
        outline="""
            start: SIP/2.0/UDP 192.0.2.40;maddr=224.2.0.1;ttl=16
              record: maddr 224.2.0.1, with the default port (multicast, with a TTL of 16, RFC 3261 §18.2.2)
                target: 1. udp 224.2.0.1:5060
              record: if that fails: sent-by 192.0.2.40 (RFC 3263 §5)
                target: 2. udp 192.0.2.40:5060
        """,  # noqa: E501 - a line of the tree is a line here
    ),
    Scenario(
        name='"or with a TTL of 1 if that parameter is not present"',
        via="SIP/2.0/UDP 192.0.2.40;maddr=[ff02::1]",
        outline="""
            start: SIP/2.0/UDP 192.0.2.40;maddr=[ff02::1]
              record: maddr ff02::1, with the default port (multicast, with a TTL of 1, RFC 3261 §18.2.2)
                target: 1. udp [ff02::1]:5060
              record: if that fails: sent-by 192.0.2.40 (RFC 3263 §5)
                target: 2. udp 192.0.2.40:5060
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a TTL of 0 is one",
        via="SIP/2.0/UDP 224.2.0.1;maddr=224.2.0.1;ttl=0",
        outline="""
            start: SIP/2.0/UDP 224.2.0.1;maddr=224.2.0.1;ttl=0
              record: maddr 224.2.0.1, with the default port (multicast, with a TTL of 0, RFC 3261 §18.2.2)
                target: 1. udp 224.2.0.1:5060
              record: if that fails: sent-by 224.2.0.1 (RFC 3263 §5)
                unused: udp 224.2.0.1:5060 !! skipped, it was named before
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="maddr as a name: where sent-by leads to its addresses, they are not repeated",
        via="SIP/2.0/UDP client.example.com:5060;maddr=client.example.com",
        records=CLIENT,
        outline="""
            start: SIP/2.0/UDP client.example.com:5060;maddr=client.example.com
              record: maddr client.example.com, with the port of sent-by (RFC 3261 §18.2.2)
                question: addresses of client.example.com
                  target: 1. udp 192.0.2.9:5060 (A, 20.0 ms, TTL 300)
              record: if that fails: sent-by client.example.com:5060 (RFC 3263 §5)
                question: addresses of client.example.com
                  unused: udp 192.0.2.9:5060 (A, 20.0 ms, TTL 300) !! skipped, it was named before
        """,
    ),
    Scenario(
        name="maddr fails: why stands beside the questions, and is not said twice",
        via="SIP/2.0/UDP 192.0.2.40;maddr=m.example.com",
        records="""
            m.example.com A servfail
            m.example.com AAAA servfail
        """,
        outline="""
            start: SIP/2.0/UDP 192.0.2.40;maddr=m.example.com
              failed: maddr m.example.com, with the default port (RFC 3261 §18.2.2) !! the DNS did not say
                question: addresses of m.example.com
                  failed: AAAA m.example.com (20.0 ms) !! servfail
                  failed: A m.example.com (20.0 ms) !! servfail
              record: if that fails: sent-by 192.0.2.40 (RFC 3263 §5)
                target: 1. udp 192.0.2.40:5060
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a reliable transport: first the connection, and maddr and rport have no say",
        via="SIP/2.0/TCP 192.0.2.30:5070;maddr=192.0.2.40;received=198.51.100.7;rport=40123",
        outline="""
            start: SIP/2.0/TCP 192.0.2.30:5070;maddr=192.0.2.40;received=198.51.100.7;rport=40123
              record: the connection of the request, while it is open (RFC 3261 §18.2.2)
              record: if that fails: received 198.51.100.7, with the port of sent-by (RFC 3261 §18.2.2)
                target: 1. tcp 198.51.100.7:5070
              record: if that fails: sent-by 192.0.2.30:5070 (RFC 3263 §5)
                target: 2. tcp 192.0.2.30:5070
              unused: maddr 192.0.2.40 !! skipped, it is for UDP only (RFC 3261 §18.2.2)
              unused: rport 40123 !! skipped, it is for UDP only (RFC 3581 §4)
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a name without a port: SRV of the Via's transport (RFC 3263 §5)",
        via="SIP/2.0/TLS client.example.com",
        records=CLIENT,
        outline="""
            start: SIP/2.0/TLS client.example.com
              record: the connection of the request, while it is open (RFC 3261 §18.2.2)
              record: if that fails: sent-by client.example.com (RFC 3263 §5)
                question: SRV _sips._tcp.client.example.com (20.0 ms, TTL 300)
                  record: 10 0 5071 a.example.com
                    target: 1. tls 192.0.2.1:5071 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
    Scenario(
        name="without SRV, the addresses of the name",
        via="SIP/2.0/TLS-SCTP a.example.com",
        records=CLIENT,
        outline="""
            start: SIP/2.0/TLS-SCTP a.example.com
              record: the connection of the request, while it is open (RFC 3261 §18.2.2)
              record: if that fails: sent-by a.example.com (RFC 3263 §5)
                unused: SRV _sips._sctp.a.example.com: none (nxdomain, 20.0 ms, TTL 60)
                question: addresses of a.example.com
                  target: 1. tls-sctp 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
        """,
    ),
    Scenario(
        name="SRV says that there is no such service: the addresses are no guess (RFC 2782)",
        via="SIP/2.0/TCP client.example.com;received=198.51.100.7",
        records=CLIENT,
        outline="""
            start: SIP/2.0/TCP client.example.com;received=198.51.100.7
              record: the connection of the request, while it is open (RFC 3261 §18.2.2)
              record: if that fails: received 198.51.100.7, with the default port (RFC 3261 §18.2.2)
                target: 1. tcp 198.51.100.7:5060
              failed: if that fails: sent-by client.example.com (RFC 3263 §5) !! client.example.com says that it has no SIP service over tcp
                question: SRV _sip._tcp.client.example.com (20.0 ms, TTL 300)
                  unused: 0 0 0 . !! the service is decidedly not available
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="SRV is not answered: failure is not absence",
        via="SIP/2.0/UDP client.example.com;received=198.51.100.7",
        records="client.example.com A 192.0.2.9",
        silent=("_sip._udp.client.example.com SRV",),
        outline="""
            start: SIP/2.0/UDP client.example.com;received=198.51.100.7
              record: received 198.51.100.7, with the default port (RFC 3261 §18.2.2)
                target: 1. udp 198.51.100.7:5060
              failed: if that fails: sent-by client.example.com (RFC 3263 §5) !! no nameserver answered
                failed: SRV _sip._udp.client.example.com !! no answer in 2.5 s
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="received is of a family that the client lacks",
        via="SIP/2.0/UDP client.example.com:5066;received=2001:db8::7",
        policy=Policy(families=("ipv4",)),
        records=CLIENT,
        outline="""
            start: SIP/2.0/UDP client.example.com:5066;received=2001:db8::7
              failed: received 2001:db8::7, with the port of sent-by (RFC 3261 §18.2.2) !! 2001:db8::7 is IPv6, and the client has ipv4
              record: if that fails: sent-by client.example.com:5066 (RFC 3263 §5)
                question: addresses of client.example.com
                  target: 1. udp 192.0.2.9:5066 (A, 20.0 ms, TTL 300)
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="nothing at all",
        via="SIP/2.0/UDP client.example.com",
        outline="""
            start: SIP/2.0/UDP client.example.com
              record: sent-by client.example.com (RFC 3263 §5)
                unused: SRV _sip._udp.client.example.com: none (nxdomain, 20.0 ms, TTL 60)
                unused: addresses of client.example.com: none (AAAA nxdomain, A nxdomain)
        """,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_tree_shows_the_steps(scenario: Scenario) -> None:
    check_outline(scenario)
