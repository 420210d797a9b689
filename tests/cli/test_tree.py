"""The tree of a resolution: what all trees have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outlines import Scenario, answered, check_outline, outline
from strategies import hostile_texts

from sipresolve import Naptr, Srv
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

RECORDS = """
    _sip._udp.example.com SRV 0 0 5060 a.example.com
    a.example.com A 192.0.2.1
"""

SCENARIOS = [
    Scenario(
        name="a URI stands there as it was given, and what was asked in vain is counted",
        uri="SIP:Alice@Example.COM.;transport=udp",
        records=RECORDS,
        outline="""
            start: SIP:Alice@Example.COM.;transport=udp
              question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                record: 0 0 5060 a.example.com
                  target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,
    ),
    Scenario(
        name="and so does a Via, and what was asked in vain for it",
        via="v: SIP / 2.0 / udp Example.COM.\r\n ;Branch=z9hG4bK1, SIP/2.0/UDP first.example.com",
        records=RECORDS,
        outline=r"""
            start: v: SIP / 2.0 / udp Example.COM.\r\n ;Branch=z9hG4bK1, SIP/2.0/UDP first.example.com
              record: sent-by example.com (RFC 3263 §5)
                question: SRV _sip._udp.example.com (20.0 ms, TTL 300)
                  record: 0 0 5060 a.example.com
                    target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
              unused: asked ahead and not needed: 2 questions
        """,  # noqa: E501 - a line of the tree is a line here
    ),
    Scenario(
        name="where nothing was asked in vain, nothing is counted",
        uri="sip:a.example.com:5060",
        records=RECORDS,
        outline="""
            start: sip:a.example.com:5060
              question: addresses of a.example.com
                target: 1. udp 192.0.2.1:5060 (A, 20.0 ms, TTL 300)
        """,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_tree_has_a_head_and_a_foot(scenario: Scenario) -> None:
    check_outline(scenario)


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
