"""The tree of a URI, as an outline."""

from __future__ import annotations

import pytest
from outlines import Scenario, answered, check_outline, outline

from sipresolve import Naptr, Policy
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

SCENARIOS = [
    Scenario(
        name="NAPTR, SRV and addresses (RFC 3263 §4.1, §4.2)",
        uri="sip:alice@example.com",
        records="""
            example.com NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.example.com
            example.com NAPTR 10 10 "S" "sips+d2t" "" _sips._tcp.example.com
            _sips._tcp.example.com SRV 10 0 5061 a.example.com
            _sips._tcp.example.com SRV 20 0 5061 b.example.com
            _sip._tcp.example.com SRV 10 0 5060 a.example.com
            a.example.com A 192.0.2.1
            a.example.com AAAA 2001:db8::1
        """,
        outline="""
            start: sip:alice@example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                record: 10 10 "S" "sips+d2t" → _sips._tcp.example.com
                  question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                    record: 10 0 5061 a.example.com
                      target: 1. tls [2001:db8::1]:5061 (AAAA, 20.0 ms, TTL 300)
                      target: 2. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
                    unused: 20 0 5061 b.example.com !! skipped, the target has no address
                record: 10 20 "s" "SIP+D2T" → _sip._tcp.example.com
                  question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                    record: 10 0 5060 a.example.com
                      target: 3. tcp [2001:db8::1]:5060 (AAAA, 20.0 ms, TTL 300)
                      target: 4. tcp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="what is skipped, and why",
        records="""
            example.com NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.com
            example.com NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.example.com
            example.com NAPTR 10 20 "a" "SIP+D2U" "" a.example.com
            example.com NAPTR 10 30 "s" "SIP+D2U" "!x!y!" a.example.com
            example.com NAPTR 10 40 "s" "SIP+D2U" "" .
            example.com NAPTR 10 50 "s" "SIP+D2S" "" _sip._sctp.example.com
            example.com NAPTR 10 60 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
            example.com NAPTR 10 70 "s" "SIP+D2T" "" _sip._tcp.example.com
            _sip._tcp.example.com SRV 10 0 0 b.example.com
            _sip._tcp.example.com SRV 10 0 5060 .
            _sip._tcp.example.com SRV 20 0 5060 a.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                record: 10 10 "s" "SIP+D2T" → _sip._tcp.example.com
                  question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                    unused: 10 0 0 b.example.com !! skipped, there is no port 0
                    unused: 10 0 5060 . !! skipped, the target "." stands beside other records
                    record: 20 0 5060 a.example.com
                      target: 1. tcp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                unused: 10 20 "a" "SIP+D2U" → a.example.com !! skipped, the flags have to be "s" (RFC 3263 §4.1)
                unused: 10 30 "s" "SIP+D2U" "!x!y!" → a.example.com !! skipped, the regexp has to be empty (RFC 3263 §4.1)
                unused: 10 40 "s" "SIP+D2U" → . !! skipped, the replacement has to be a name, not "." (RFC 3263 §4.1)
                unused: 10 50 "s" "SIP+D2S" → _sip._sctp.example.com !! skipped, the service is none that the client can use
                unused: 10 60 "u" "E2U+sip" "!^.*$!sip:a@example.com!" !! skipped, the service is not one of SIP
                unused: 10 70 "s" "SIP+D2T" → _sip._tcp.example.com !! leads where a record above leads
                unused: 20 10 "s" "SIP+D2U" → _sip._udp.example.com !! skipped, the order is higher than one that matched
              unused: asked ahead and not needed: 4 questions
        """,  # noqa: E501 - a line of the tree is a line here
    ),
    Scenario(
        name="NAPTR for what the client lacks: the addresses are no guess",
        records="""
            example.com NAPTR 10 10 "s" "SIP+D2S" "" _sip._sctp.example.com
            example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                unused: 10 10 "s" "SIP+D2S" → _sip._sctp.example.com !! skipped, the service is none that the client can use
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: asked ahead and not needed: 3 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="NAPTR without SRV: the addresses of the domain (RFC 3263 §4.2)",
        records="""
            example.com NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.com
            example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                record: 10 10 "s" "SIP+D2T" → _sip._tcp.example.com
                  unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              question: addresses of example.com
                target: 1. tcp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
    Scenario(
        name="NAPTR, one transport ruled out, the other without SRV and without addresses",
        records="""
            example.com NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.com
            example.com NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.example.com
            _sip._tcp.example.com SRV 0 0 0 .
        """,
        outline="""
            start: sip:example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                record: 10 10 "s" "SIP+D2T" → _sip._tcp.example.com
                  question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                    unused: 0 0 0 . !! the service is decidedly not available
                record: 10 20 "s" "SIP+D2U" → _sip._udp.example.com
                  unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: addresses of example.com: none (AAAA nodata, A nodata)
              unused: asked ahead and not needed: 1 question
        """,
    ),
    Scenario(
        name="no NAPTR: SRV by transport; a sip URI has no use for _sips (RFC 3263 §4.1)",
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._tcp.example.com SRV 0 0 0 .
            _sips._tcp.example.com SRV 0 0 5061 a.example.com
            a.example.com A 192.0.2.1
            example.com A 192.0.2.9
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                unused: 0 0 0 . !! the service is decidedly not available
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="SRV rules a transport out: nothing is guessed (RFC 2782)",
        records="""
            _sip._tcp.example.com SRV 0 0 0 .
            example.com A 192.0.2.9
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                unused: 0 0 0 . !! the service is decidedly not available
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="neither NAPTR nor SRV: the addresses of the domain",
        records="example.com AAAA 2001:db8::9",
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              question: addresses of example.com
                target: 1. udp [2001:db8::9]:5060 (AAAA, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 1 question
        """,
    ),
    Scenario(
        name="a client with nothing but TLS wishes to use TLS (RFC 3263 §4.2)",
        policy=Policy(transports=("tls",)),
        records="""
            _sips._tcp.example.com SRV 0 0 5061 a.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                record: 0 0 5061 a.example.com
                  target: 1. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
    Scenario(
        name="_sips for a sip URI, where it was asked for",
        policy=Policy(opportunistic_tls=True),
        records="""
            _sips._tcp.example.com SRV 0 0 5061 a.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                record: 0 0 5061 a.example.com
                  target: 1. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
    Scenario(
        name="a sips URI",
        uri="sips:example.com",
        records="example.com A 192.0.2.1",
        outline="""
            start: sips:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              unused: SRV _sips._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              question: addresses of example.com
                target: 1. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
        """,
    ),
    Scenario(
        name="a port: addresses only (RFC 3263 §4.2)",
        uri="sip:example.com:5070",
        records="example.com A 192.0.2.1",
        outline="""
            start: sip:example.com:5070
              question: addresses of example.com
                target: 1. udp 192.0.2.1:5070 (A, 20.0 ms, TTL 300)
        """,
    ),
    Scenario(
        name="an address: nothing is asked",
        uri="sip:example.com;maddr=[2001:db8::1]",
        outline="""
            start: sip:example.com;maddr=[2001:db8::1]
              target: 1. udp [2001:db8::1]:5060 !! the host is an address: nothing to ask
        """,
    ),
    Scenario(
        name="no such domain",
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: addresses of example.com: none (AAAA nxdomain, A nxdomain)
              unused: asked ahead and not needed: 1 question
        """,
    ),
    Scenario(
        name="SRV fails everywhere: failure is not absence, and no address is a guess",
        records="""
            _sip._udp.example.com SRV servfail
            _sip._tcp.example.com SRV servfail
            example.com A 192.0.2.9
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              failed: SRV _sip._udp.example.com (20.0 ms) !! servfail
              failed: SRV _sip._tcp.example.com (20.0 ms) !! servfail
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="NAPTR fails",
        records="""
            example.com NAPTR notimp
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com
              failed: NAPTR example.com (20.0 ms) !! notimp; the domain's choice is unknown
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="NAPTR is not answered",
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            a.example.com A 192.0.2.1
        """,
        silent=("example.com NAPTR",),
        outline="""
            start: sip:example.com
              failed: NAPTR example.com !! not waited for any longer; the domain's choice is unknown
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: asked ahead and not needed: 3 questions
        """,
    ),
    Scenario(
        name="NAPTR fails, and that is enough: nothing else was asked, so nothing else is told",
        policy=Policy(on_naptr_failure="fail", speculation=False),
        records="example.com NAPTR servfail",
        outline="""
            start: sip:example.com
              failed: NAPTR example.com (20.0 ms) !! servfail; the domain's choice is unknown
        """,
    ),
    Scenario(
        name="what is not proven is held back, and the reason stands beside the address",
        policy=Policy(require_secure=True),
        records="""
            example.com A 192.0.2.1
            example.com AAAA servfail
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              unused: SRV _sip._udp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              unused: SRV _sip._tcp.example.com: none (nxdomain, 20.0 ms, TTL 60)
              question: addresses of example.com
                unused: udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300) !! skipped, the answers that lead to it are indeterminate: nothing was checked: the policy ignores DNSSEC
                failed: AAAA example.com (20.0 ms) !! servfail
              unused: asked ahead and not needed: 1 question
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="the budget is spent before SRV",
        policy=Policy(budget=1),
        records='example.com NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.com',
        outline="""
            start: sip:example.com
              question: NAPTR example.com (20.0 ms, TTL 300)
                record: 10 10 "s" "SIP+D2T" → _sip._tcp.example.com
                  unused: SRV _sip._tcp.example.com !! not asked
        """,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_tree_shows_the_way(scenario: Scenario) -> None:
    check_outline(scenario)


def test_a_usable_record_for_no_known_service_leads_nowhere() -> None:
    naptr = Naptr(10, 10, "s", "SIP+D2X", b"", "_sip._x.example.com")
    resolution = answered("example.com NAPTR", naptr)
    assert list(outline(tree_of("sip:example.com", Trace(resolution))))[2:3] == [
        '    unused: 10 10 "s" "SIP+D2X" → _sip._x.example.com'
    ]
