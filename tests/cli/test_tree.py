"""The tree of a resolution, as an outline: tone, label, (detail), !! remark."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Simulation, question, zone
from strategies import hostile_texts

from sipresolve import (
    Answer,
    Naptr,
    Note,
    Policy,
    Query,
    Resolution,
    SipResolveError,
    SipUri,
    Srv,
    Status,
)
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.node import Node


@frozen(kw_only=True)
class Scenario:
    """A domain, and the tree of a resolution for it."""

    name: str
    uri: str = "sip:example.com"
    records: str = ""
    silent: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
    policy: Policy = field(factory=Policy)
    outline: str


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
                unused: 10 60 "u" "E2U+sip" "!^.*$!sip:a@example.com!" → . !! skipped, the service is not one of SIP
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
        name="the records of a priority stand in the order in which to try them",
        uri="sip:example.com;transport=udp",
        records="""
            _sip._udp.example.com SRV 10 1 5060 a.example.com
            _sip._udp.example.com SRV 10 999 5060 b.example.com
            _sip._udp.example.com SRV 5 0 5060 c.example.com
            a.example.com A 192.0.2.1
            b.example.com A 192.0.2.2
            c.example.com A 192.0.2.3
        """,
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 5 0 5060 c.example.com
                  target: 1. udp 192.0.2.3:5060 (A, 20.0 ms, TTL 300)
                record: 10 999 5060 b.example.com
                  target: 2. udp 192.0.2.2:5060 (A, 20.0 ms, TTL 300)
                record: 10 1 5060 a.example.com
                  target: 3. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
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
        name="SRV and addresses fail",
        records="""
            _sip._udp.example.com SRV servfail
            _sip._tcp.example.com SRV 0 0 5060 a.example.com
            _sip._tcp.example.com SRV 1 0 5060 b.example.com
            a.example.com A 192.0.2.1
            a.example.com AAAA servfail
            b.example.com A refused
            b.example.com AAAA refused
        """,
        outline="""
            start: sip:example.com
              unused: NAPTR example.com: none (nodata, 20.0 ms, TTL 60)
              failed: SRV _sip._udp.example.com (20.0 ms) !! servfail
              question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. tcp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                  failed: AAAA a.example.com (20.0 ms) !! servfail
                record: 1 0 5060 b.example.com
                  failed: AAAA b.example.com (20.0 ms) !! refused
                  failed: A b.example.com (20.0 ms) !! refused
              unused: asked ahead and not needed: 3 questions
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
        name="a host that is silent is given up",
        uri="sip:example.com;transport=udp",
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            b.example.com A 192.0.2.1
        """,
        silent=("a.example.com A", "a.example.com AAAA"),
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  failed: AAAA a.example.com !! late, the hosts behind go first; not answered, and not waited for any longer
                  failed: A a.example.com !! not answered, and not waited for any longer
                record: 1 0 5060 b.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a host that is late goes behind: the tree has the priorities, the number the order",
        uri="sip:example.com;transport=udp",
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            a.example.com A 192.0.2.1
            b.example.com A 192.0.2.2
        """,
        slow=("a.example.com A", "a.example.com AAAA"),
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 2. udp 192.0.2.1:5060 (A, 400.0 ms, TTL 300)
                  failed: AAAA a.example.com (nodata, 400.0 ms, TTL 60) !! late, the hosts behind go first
                record: 1 0 5060 b.example.com
                  target: 1. udp 192.0.2.2:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a server that was named before",
        uri="sip:example.com;transport=udp",
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            a.example.com A 192.0.2.1
            b.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                record: 1 0 5060 b.example.com
                  unused: udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300) !! skipped, it was named before
              unused: asked ahead and not needed: 2 questions
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
                unused: udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300) !! skipped, the answers that lead to it are indeterminate
                failed: AAAA example.com (20.0 ms) !! servfail
              unused: asked ahead and not needed: 1 question
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="the budget is spent before the last host",
        uri="sip:example.com;transport=udp",
        policy=Policy(budget=4, speculation=False),
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            a.example.com A 192.0.2.1
            b.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                record: 1 0 5060 b.example.com
                  failed: A b.example.com !! not asked, the budget of 4 questions is spent; it is left out, 1 in all
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="the budget is spent before many hosts: those behind the first are one line",
        uri="sip:example.com;transport=udp",
        policy=Policy(budget=3, speculation=False),
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            _sip._udp.example.com SRV 2 0 0 c.example.com
            _sip._udp.example.com SRV 3 0 5060 d.example.com
            _sip._udp.example.com SRV 4 0 5060 e.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                record: 1 0 5060 b.example.com
                  failed: A b.example.com !! not asked, the budget of 3 questions is spent; it and the hosts behind it are left out, 3 in all
                unused: 2 0 0 c.example.com !! skipped, there is no port 0
                unused: 2 more records !! left out
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="the budget is spent before two hosts: the second is named",
        uri="sip:example.com;transport=udp",
        policy=Policy(budget=3, speculation=False),
        records="""
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._udp.example.com SRV 1 0 5060 b.example.com
            _sip._udp.example.com SRV 3 0 5060 d.example.com
            a.example.com A 192.0.2.1
        """,
        outline="""
            start: sip:example.com;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                record: 1 0 5060 b.example.com
                  failed: A b.example.com !! not asked, the budget of 3 questions is spent; it and the hosts behind it are left out, 2 in all
                unused: 3 0 5060 d.example.com !! left out
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


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_the_tree_shows_the_way(scenario: Scenario) -> None:
    delays = {question(text): NEVER for text in scenario.silent}
    delays |= {question(text): 0.4 for text in scenario.slow}
    simulation = Simulation(zone(scenario.records), delays=delays, policy=scenario.policy)
    try:
        resolution: Resolution | None = simulation.resolve(scenario.uri)
    except SipResolveError as error:
        resolution = error.resolution
    assert resolution is not None
    tree = tree_of(scenario.uri, Trace(resolution))
    assert list(outline(tree)) == dedent(scenario.outline).strip().splitlines()


def outline(node: Node, depth: int = 0) -> Iterator[str]:
    detail = f" ({node.detail})" if node.detail else ""
    remark = f" !! {node.remark}" if node.remark else ""
    yield f"{'  ' * depth}{node.tone.name.lower()}: {node.label}{detail}{remark}"
    for child in node.children:
        yield from outline(child, depth + 1)


def test_a_usable_record_for_no_known_service_leads_nowhere() -> None:
    naptr = Naptr(10, 10, "s", "SIP+D2X", b"", "_sip._x.example.com")
    resolution = answered("example.com NAPTR", naptr)
    assert list(outline(tree_of("sip:example.com", Trace(resolution))))[2:3] == [
        '    unused: 10 10 "s" "SIP+D2X" → _sip._x.example.com'
    ]


def answered(text: str, record: Naptr | Srv, *notes: str) -> Resolution:
    """A resolution that got one answer, and found nothing."""
    asked = question(text)
    answer = Answer(question=asked, status=Status.OK, records=(record,), ttl=300)
    return Resolution(
        uri=SipUri.parse("sip:example.com"),
        targets=(),
        security=None,
        notes=tuple(Note(code="any", message=note, question=asked) for note in notes),
        queries=(Query(question=asked, answer=answer, asked_at=0.0, seconds=0.01),),
    )


@given(
    st.builds(
        Naptr,
        st.integers(0, 65535),
        st.integers(0, 65535),
        hostile_texts,
        hostile_texts | st.sampled_from(["SIP+D2U", "sips+d2t"]),
        st.binary(),
        hostile_texts,
    )
    | st.builds(Srv, *[st.integers(0, 65535)] * 3, hostile_texts)
)
def test_nothing_in_a_record_reaches_the_terminal_raw(record: Naptr | Srv) -> None:
    owner = "example.com" if isinstance(record, Naptr) else "_sip._udp.example.com"
    note = f"{owner} {record}: skipped, \x1b[31m"
    resolution = answered(f"{owner} {type(record).__name__.upper()}", record, note)
    lines = list(outline(tree_of("sip:\x1b[31mexample.com", Trace(resolution))))
    assert all(line.isprintable() for line in lines)
