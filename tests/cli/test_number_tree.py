"""The tree of a telephone number, as an outline: the records of ENUM, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outlines import Scenario, check_outline, outline
from simulation import Simulation
from strategies import hostile_texts, networks_behind_a_number, policies_for_numbers
from telephony import DOMAIN, NUMBER, numbers

from sipresolve import (
    Answer,
    Naptr,
    Note,
    Policy,
    Query,
    Question,
    RecordType,
    Resolution,
    SipResolveError,
    Status,
    TelUri,
)
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.sought import Sought
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strategies import Network

ROOTS = Policy(enum_roots=["first.example", "second.example", "third.example"])

URIS = [
    Scenario(
        name="records by order and preference, each with its URI or the reason (RFC 6116 §5.2)",
        number=NUMBER,
        sought=Sought.URIS,
        records=r"""
            @ NAPTR 20 10 "u" "E2U+sip" "!^.*$!sip:later@example.com!" .
            @ NAPTR 10 40 "u" "E2U+pstn:sip+sip" "!^(.*)$!sip:\1@example.com!" .
            @ NAPTR 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .
            @ NAPTR 10 20 "u" "E2U+sip" "!^(.*$!sip:a@example.com!" .
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
        """,
        outline=r"""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                unused: 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" !! skipped, the service is none that is wanted
                unused: 10 20 "u" "E2U+sip" "!^(.*$!sip:a@example.com!" !! skipped, the regexp cannot be used: its pattern cannot be used: missing ): ^(.*$
                record: 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!"
                  target: 1. sip:a@example.com (sip)
                record: 10 40 "u" "E2U+pstn:sip+sip" "!^(.*)$!sip:\1@example.com!"
                  target: 2. sip:+442079460123@example.com (pstn:sip)
                  target: 3. sip:+442079460123@example.com (sip)
                unused: 20 10 "u" "E2U+sip" "!^.*$!sip:later@example.com!" !! skipped, the order is higher than one that matched
        """,  # noqa: E501 - a line of the tree is a line here
    ),
    Scenario(
        name="a number stands there as it was given, and in its one spelling",
        number="tel:+44-20-7946-0123;ext=7",
        sought=Sought.URIS,
        records='@ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .',
        outline="""
            start: tel:+44-20-7946-0123;ext=7 (+442079460123)
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!"
                  target: 1. sip:a@example.com (sip)
        """,
    ),
    Scenario(
        name="from a non-terminal record hang those of its domain (RFC 6116 §5.2.1)",
        number=NUMBER,
        sought=Sought.URIS,
        records=r"""
            @ NAPTR 10 10 "" "E2U+sip" "!^.*$!sip:ignored@example.com!" numbers.example.net
            @ NAPTR 10 20 "" "" "" nobody.example.net
            @ NAPTR 10 30 "" "" "" .
            @ NAPTR 10 40 "" "" "" numbers.example.net
            @ NAPTR 20 10 "" "" "" later.example.net
            numbers.example.net NAPTR 10 10 "u" "E2U+sip" "!^\+44(.*)$!sip:\1@example.net!" .
        """,
        outline=r"""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "" "E2U+sip" "!^.*$!sip:ignored@example.com!" → numbers.example.net
                  question: NAPTR numbers.example.net (20.0 ms, TTL 300)
                    record: 10 10 "u" "E2U+sip" "!^\+44(.*)$!sip:\1@example.net!"
                      target: 1. sip:2079460123@example.net (sip)
                unused: 10 20 "" "" → nobody.example.net !! skipped, the replacement leads to no record that can be used
                  unused: NAPTR nobody.example.net: none (nxdomain, 20.0 ms, TTL 60)
                unused: 10 30 "" "" → . !! skipped, without flags, the replacement has to be a name
                unused: 10 40 "" "" → numbers.example.net !! skipped, what the replacement leads to has been looked at
                unused: 20 10 "" "" → later.example.net !! skipped, the order is higher than one that matched
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a domain that fails, one that is silent, and one that comes too late",
        number=NUMBER,
        sought=Sought.URIS,
        policy=Policy(lifetime=1.6, speculation=False),
        records="""
            @ NAPTR 10 10 "" "" "" failing.example.net
            @ NAPTR 10 20 "" "" "" silent.example.net
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
            @ NAPTR 10 40 "" "" "" silent-too.example.net
            failing.example.net NAPTR servfail
        """,
        silent=("silent.example.net NAPTR", "silent-too.example.net NAPTR"),
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                unused: 10 10 "" "" → failing.example.net !! skipped, the replacement leads to a domain that was not answered for: servfail
                  failed: NAPTR failing.example.net (20.0 ms) !! servfail
                unused: 10 20 "" "" → silent.example.net !! skipped, the replacement leads to a domain that was not answered for: no answer in 0.78 s
                  failed: NAPTR silent.example.net !! no answer in 0.78 s
                record: 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!"
                  target: 1. sip:a@example.com (sip)
                unused: 10 40 "" "" → silent-too.example.net !! skipped, the replacement leads to a domain that was not answered for: no answer in 0.39 s
                  failed: NAPTR silent-too.example.net !! no answer in 0.39 s
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a circle ends where it closes",
        number=NUMBER,
        sought=Sought.URIS,
        records="""
            @ NAPTR 10 10 "" "" "" a.example.net
            a.example.net NAPTR 10 10 "" "" "" a.example.net
            a.example.net NAPTR 10 20 "" "" "" 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                unused: 10 10 "" "" → a.example.net !! skipped, the replacement leads to no record that can be used
                  question: NAPTR a.example.net (20.0 ms, TTL 300)
                    unused: 10 10 "" "" → a.example.net !! skipped, the replacement leads back to a domain on the way
                    unused: 10 20 "" "" → 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa !! skipped, the replacement leads back to a domain on the way
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="each root has its question; one that fails does not hide the next",
        number=NUMBER,
        sought=Sought.URIS,
        policy=ROOTS,
        records="""
            3.2.1.0.6.4.9.7.0.2.4.4.first.example NAPTR servfail
            3.2.1.0.6.4.9.7.0.2.4.4.second.example NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@b.org!" .
        """,
        outline="""
            start: +442079460123
              failed: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.first.example (20.0 ms) !! servfail; what it has is unknown
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.second.example (20.0 ms, TTL 300)
                record: 1 1 "u" "E2U+sip" "!^.*$!sip:a@b.org!"
                  target: 1. sip:a@b.org (sip)
              unused: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.third.example !! not asked
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="a root that a record of another led to stands there once",
        number=NUMBER,
        sought=Sought.URIS,
        policy=ROOTS,
        records="""
            3.2.1.0.6.4.9.7.0.2.4.4.first.example NAPTR 1 1 "" "" "" 3.2.1.0.6.4.9.7.0.2.4.4.second.example
        """,  # noqa: E501 - likewise
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.first.example (20.0 ms, TTL 300)
                unused: 1 1 "" "" → 3.2.1.0.6.4.9.7.0.2.4.4.second.example !! skipped, the replacement leads to no record that can be used
                  unused: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.second.example: none (nxdomain, 20.0 ms, TTL 60)
              unused: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.third.example: none (nxdomain, 20.0 ms, TTL 60)
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="what a URI says of the portability of its number (RFC 4694, RFC 4769)",
        number=NUMBER,
        sought=Sought.URIS,
        policy=Policy(enum_services=["pstn:tel", "pstn:sip"]),
        records=r"""
            @ NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi;rn=+44-20-7946!" .
            @ NAPTR 10 20 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi!" .
            @ NAPTR 10 30 "u" "E2U+pstn:sip" "!^(.*)$!sip:\1;cic=+1-6789@example.com!" .
        """,
        outline=r"""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi;rn=+44-20-7946!"
                  target: 1. tel:+442079460123;npdi;rn=+44-20-7946 (pstn:tel, rn +44207946, npdi)
                record: 10 20 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi!"
                  target: 2. tel:+442079460123;npdi (pstn:tel, npdi)
                record: 10 30 "u" "E2U+pstn:sip" "!^(.*)$!sip:\1;cic=+1-6789@example.com!"
                  target: 3. sip:+442079460123;cic=+1-6789@example.com (pstn:sip, cic +16789)
        """,
    ),
    Scenario(
        name="not in use: an answer, with which it ends",
        number=NUMBER,
        sought=Sought.URIS,
        policy=Policy(enum_roots=["e164.arpa", "second.example"]),
        records="""
            @ NAPTR 10 10 "" "" "" numbers.example.net
            @ NAPTR 10 20 "" "" "" later.example.net
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
            numbers.example.net NAPTR 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .
            numbers.example.net NAPTR 10 20 "u" "E2U+unused:data" "!^.*$!data:,none!" .
            numbers.example.net NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:b@example.com!" .
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "" "" → numbers.example.net
                  question: NAPTR numbers.example.net (20.0 ms, TTL 300)
                    unused: 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" !! skipped, the service is none that is wanted
                    unused: 10 20 "u" "E2U+unused:data" "!^.*$!data:,none!" !! says that the number is not in use
                    unused: 10 30 "u" "E2U+sip" "!^.*$!sip:b@example.com!" !! left out
                unused: 10 20 "" "" → later.example.net !! left out
                unused: 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com!" !! left out
              unused: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.second.example !! not asked
              unused: asked ahead and not needed: 1 question
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="no such number",
        number=NUMBER,
        sought=Sought.URIS,
        outline="""
            start: +442079460123
              unused: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa: none (nxdomain, 20.0 ms, TTL 60)
        """,
    ),
]

SERVERS = [
    Scenario(
        name="below each SIP URI its servers; what is no SIP URI has none",
        number=NUMBER,
        policy=Policy(enum_services=["sip", "email:mailto", "pstn:tel"]),
        records=r"""
            @ NAPTR 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .
            @ NAPTR 10 20 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi!" .
            @ NAPTR 10 30 "u" "E2U+sip" "!^(.*)$!sip:\1@example.com;transport=udp!" .
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            a.example.com A 192.0.2.1
        """,
        outline=r"""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!"
                  unused: mailto:a@example.com (email:mailto) !! not located, since it is no SIP URI
                record: 10 20 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi!"
                  unused: tel:+442079460123;npdi (pstn:tel, npdi) !! not located, since it is no SIP URI
                record: 10 30 "u" "E2U+sip" "!^(.*)$!sip:\1@example.com;transport=udp!"
                  record: sip:+442079460123@example.com;transport=udp (sip)
                    question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                      record: 0 0 5060 a.example.com
                        target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="each URI has its own targets, and is shown once for all services",
        number=NUMBER,
        records="""
            @ NAPTR 10 10 "u" "E2U+sip+pstn:sip" "!^.*$!sip:a@192.0.2.1!" .
            @ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:b@192.0.2.1!" .
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:c@192.0.2.1;transport=udp!" .
            @ NAPTR 10 40 "u" "E2U+sip" "!^.*$!sip:d@192.0.2.1;transport=tcp!" .
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+sip+pstn:sip" "!^.*$!sip:a@192.0.2.1!"
                  record: sip:a@192.0.2.1 (sip)
                    target: 1. udp 192.0.2.1:5060 !! the host is an address: nothing to ask
                  unused: sip:a@192.0.2.1 (pstn:sip) !! located above
                record: 10 20 "u" "E2U+sip" "!^.*$!sip:b@192.0.2.1!"
                  record: sip:b@192.0.2.1 (sip)
                    target: 2. udp 192.0.2.1:5060 !! the host is an address: nothing to ask
                record: 10 30 "u" "E2U+sip" "!^.*$!sip:c@192.0.2.1;transport=udp!"
                  record: sip:c@192.0.2.1;transport=udp (sip)
                    target: 3. udp 192.0.2.1:5060 !! the host is an address: nothing to ask
                record: 10 40 "u" "E2U+sip" "!^.*$!sip:d@192.0.2.1;transport=tcp!"
                  record: sip:d@192.0.2.1;transport=tcp (sip)
                    target: 4. tcp 192.0.2.1:5060 !! the host is an address: nothing to ask
        """,
    ),
    Scenario(
        name="URIs of one domain share its questions, and each has its own use for them",
        number=NUMBER,
        records="""
            @ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com!" .
            @ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com;transport=tcp!" .
            @ NAPTR 10 40 "u" "E2U+sip" "!^.*$!sips:a@example.com;transport=tcp!" .
            @ NAPTR 10 50 "u" "E2U+sip" "!^.*$!sip:a@example.com:5062!" .
            @ NAPTR 10 60 "u" "E2U+sip" "!^.*$!sip:a@example.com;transport=sctp!" .
            @ NAPTR 10 70 "u" "E2U+sip" "!^.*$!sip:a@example.com:5064;transport=sctp!" .
            example.com NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com
            example.com NAPTR 10 20 "s" "SIPS+D2T" "" _sips._tcp.example.com
            _sip._udp.example.com SRV 0 0 5060 a.example.com
            _sip._tcp.example.com SRV 0 0 5060 a.example.com
            _sips._tcp.example.com SRV 0 0 5061 a.example.com
            a.example.com A 192.0.2.1
            example.com A 192.0.2.9
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com!"
                  record: sips:a@example.com (sip)
                    question: NAPTR example.com (20.0 ms, TTL 300)
                      unused: 10 10 "s" "SIP+D2U" → _sip._udp.example.com !! skipped, the service is none that the client can use
                      record: 10 20 "s" "SIPS+D2T" → _sips._tcp.example.com
                        question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                          record: 0 0 5061 a.example.com
                            target: 1. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
                record: 10 20 "u" "E2U+sip" "!^.*$!sip:a@example.com!"
                  record: sip:a@example.com (sip)
                    question: NAPTR example.com (20.0 ms, TTL 300)
                      record: 10 10 "s" "SIP+D2U" → _sip._udp.example.com
                        question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                          record: 0 0 5060 a.example.com
                            target: 2. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                      record: 10 20 "s" "SIPS+D2T" → _sips._tcp.example.com
                        question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                          record: 0 0 5061 a.example.com
                            target: 3. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
                record: 10 30 "u" "E2U+sip" "!^.*$!sip:a@example.com;transport=tcp!"
                  record: sip:a@example.com;transport=tcp (sip)
                    question: SRV _sip._tcp.example.com (20.0 ms, TTL 300)
                      record: 0 0 5060 a.example.com
                        target: 4. tcp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
                record: 10 40 "u" "E2U+sip" "!^.*$!sips:a@example.com;transport=tcp!"
                  record: sips:a@example.com;transport=tcp (sip)
                    question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                      record: 0 0 5061 a.example.com
                        target: 5. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
                record: 10 50 "u" "E2U+sip" "!^.*$!sip:a@example.com:5062!"
                  record: sip:a@example.com:5062 (sip)
                    question: addresses of example.com
                      target: 6. udp 192.0.2.9:5062 (A, 20.0 ms, TTL 300)
                record: 10 60 "u" "E2U+sip" "!^.*$!sip:a@example.com;transport=sctp!"
                  failed: sip:a@example.com;transport=sctp (sip) !! the URI wants transport 'sctp', and the client has udp, tcp, tls
                record: 10 70 "u" "E2U+sip" "!^.*$!sip:a@example.com:5064;transport=sctp!"
                  failed: sip:a@example.com:5064;transport=sctp (sip) !! the URI wants transport 'sctp', and the client has udp, tcp, tls
        """,  # noqa: E501 - likewise
    ),
    Scenario(
        name="one place under two names: each URI wants a certificate of its own",
        number=NUMBER,
        records="""
            @ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com;transport=tcp!" .
            @ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sips:a@example.net;transport=tcp!" .
            _sips._tcp.example.com SRV 0 0 5061 a.example.org
            _sips._tcp.example.net SRV 0 0 5061 a.example.org
            a.example.org A 192.0.2.1
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com;transport=tcp!"
                  record: sips:a@example.com;transport=tcp (sip)
                    question: SRV _sips._tcp.example.com (20.0 ms, TTL 300)
                      record: 0 0 5061 a.example.org
                        target: 1. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
                record: 10 20 "u" "E2U+sip" "!^.*$!sips:a@example.net;transport=tcp!"
                  record: sips:a@example.net;transport=tcp (sip)
                    question: SRV _sips._tcp.example.net (20.0 ms, TTL 300)
                      record: 0 0 5061 a.example.org
                        target: 2. tls 192.0.2.1:5061 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 4 questions
        """,
    ),
    Scenario(
        name="a URI that is not located, and why; what is said of questions stands beside them",
        number=NUMBER,
        records="""
            @ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@failing.example;transport=udp!" .
            @ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:b@failing.example;transport=udp!" .
            @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:a@nobody.example:5060!" .
            _sip._udp.failing.example SRV servfail
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "u" "E2U+sip" "!^.*$!sip:a@failing.example;transport=udp!"
                  failed: sip:a@failing.example;transport=udp (sip) !! the DNS did not say
                    failed: SRV _sip._udp.failing.example (20.0 ms) !! servfail
                record: 10 20 "u" "E2U+sip" "!^.*$!sip:b@failing.example;transport=udp!"
                  failed: sip:b@failing.example;transport=udp (sip) !! the DNS did not say
                    failed: SRV _sip._udp.failing.example (20.0 ms) !! servfail
                record: 10 30 "u" "E2U+sip" "!^.*$!sip:a@nobody.example:5060!"
                  failed: sip:a@nobody.example:5060 (sip) !! there is no domain 'nobody.example'
                    unused: addresses of nobody.example: none (AAAA nxdomain, A nxdomain)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
]


@pytest.mark.parametrize("scenario", [*URIS, *SERVERS], ids=str)
def test_the_tree_shows_each_record_and_what_became_of_it(scenario: Scenario) -> None:
    check_outline(scenario)


def test_a_forged_answer_is_the_end_and_the_records_behind_are_left_out() -> None:
    """Its owner said something else, which nobody knows."""
    scenario = Scenario(
        name="forged",
        number=NUMBER,
        sought=Sought.URIS,
        records="""
            @ NAPTR 10 10 "" "" "" forged.example.net
            @ NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .
            forged.example.net NAPTR bogus
        """,
        outline="""
            start: +442079460123
              question: NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa (20.0 ms, TTL 300)
                record: 10 10 "" "" → forged.example.net
                  failed: NAPTR forged.example.net (20.0 ms) !! bogus
                unused: 10 20 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" !! left out
        """,
    )
    check_outline(scenario)


def test_what_came_too_late_to_be_looked_at_is_told_from_what_was() -> None:
    records = """
        @ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .
        @ NAPTR 10 20 "" "" "" late.example.net
        @ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sip:b@slow.example;transport=udp!" .
        late.example.net NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:c@192.0.2.3!" .
        _sip._udp.slow.example SRV 0 0 5060 .
    """
    delays = {
        Question("late.example.net", RecordType.NAPTR): 0.6,  # over `LATE_PATIENCE`
        Question("_sip._udp.slow.example", RecordType.SRV): 0.9,
    }
    resolution = Simulation(numbers(records), delays=delays).resolve_number(NUMBER)
    lines = [*outline(tree_of(NUMBER, Trace(resolution, roots=["e164.arpa"])))]
    assert lines[5].endswith("leads to a domain that was not answered for: no answer in time")
    assert lines[6].strip() == "failed: NAPTR late.example.net (600.0 ms, TTL 300) !! came too late"


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


@given(networks_behind_a_number(), policies_for_numbers(), st.sampled_from(Sought))
def test_whatever_the_dns_says_all_that_was_found_has_one_place(
    network: Network, policy: Policy, sought: Sought
) -> None:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    error: SipResolveError | None = None
    resolution: Resolution | None
    try:
        wants_uris = sought is Sought.URIS
        resolution = (simulation.enum if wants_uris else simulation.resolve_number)(NUMBER)
    except SipResolveError as failure:
        resolution, error = failure.resolution, failure
    assert resolution is not None
    tree = [*nodes(tree_of(NUMBER, Trace(resolution, sought, policy.enum_roots)))]
    places = sorted(int(node.label.partition(".")[0]) for node in tree if node.tone is Tone.TARGET)
    found = resolution.uris if sought is Sought.URIS else resolution.targets
    assert places == [*range(1, len(found) + 1)]
    ended = [node for node in tree if node.remark == "says that the number is not in use"]
    assert len(ended) == (error is not None and error.code == "number-unused")


@given(
    st.builds(
        Naptr,
        st.integers(0, 65535),
        st.integers(0, 65535),
        hostile_texts | st.sampled_from(["u", ""]),
        hostile_texts | st.just("E2U+sip"),
        st.binary(),
        hostile_texts,
    ),
    st.booleans(),
)
def test_nothing_in_a_record_reaches_the_terminal_raw(record: Naptr, skipped: bool) -> None:
    question = Question(DOMAIN, RecordType.NAPTR)
    note = Note(code="any", message=f"{DOMAIN} {record}: skipped, \x1b[31m", question=question)
    answer = Answer(question=question, status=Status.OK, records=(record,))
    resolution = Resolution(
        subject=TelUri.parse_number(NUMBER),
        targets=(),
        security=None,
        notes=(note,) if skipped else (),
        queries=(Query(question=question, answer=answer, asked_at=0.0, seconds=0.01),),
    )
    lines = [*outline(tree_of("+\x1b[31m", Trace(resolution, roots=["e164.arpa"])))]
    assert len(lines) > 2
    assert all(line.isprintable() for line in lines)
