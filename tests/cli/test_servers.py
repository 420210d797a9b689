"""SRV sets and addresses in the tree, as an outline."""

from __future__ import annotations

import pytest
from outlines import Scenario, check_outline, outline
from simulation import Simulation, answer

from sipresolve import ExtendedError, Policy, Status
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

SCENARIOS = [
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
        """,  # noqa: E501 - a line of the tree is a line here
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
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_tree_shows_the_servers(scenario: Scenario) -> None:
    check_outline(scenario)


def test_what_a_nameserver_says_of_its_trouble_with_addresses_has_a_line() -> None:
    """RFC 8914 §2: an extended error may stand beside any answer."""
    host = "a.example.com"
    known = [
        answer(f"{host} AAAA", Status.NODATA, extended_errors=(ExtendedError(3),)),
        answer(f"{host} A", "192.0.2.1"),
    ]
    uri = f"sip:{host}:5060"
    found = Simulation({each.question: each for each in known}).resolve(uri)
    lines = [*outline(tree_of(uri, Trace(found)))]
    said = "extended error 3 (Stale Answer)"
    assert lines[-1] == f"    unused: AAAA {host} (nodata, 20.0 ms, TTL 300) !! {said}"
