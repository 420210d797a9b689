"""A report as plain text."""

from __future__ import annotations

from textwrap import dedent

from sipresolve.cli.node import Node, Tone
from sipresolve.cli.plain import draw
from sipresolve.cli.report import Report

TREE = Node(
    label="sip:example.com",
    tone=Tone.START,
    children=(
        Node(
            label="NAPTR example.com",
            detail="12.1 ms, TTL 300",
            children=(
                Node(
                    label="SRV _sip._udp.example.com",
                    children=(Node(label="10 60 5060 a.example.com", remark="skipped, no reason"),),
                ),
                Node(label="SRV _sip._tcp.example.com", detail="1.0 ms", remark="servfail"),
            ),
        ),
        Node(label="addresses", children=(Node(label="1. udp 192.0.2.1:5060"),)),
    ),
)


def test_a_report_is_a_tree_a_list_the_warnings_and_a_summary() -> None:
    report = Report(
        tree=TREE,
        rows=[
            ("1.", "udp", "192.0.2.1:5060", "a.example.com"),
            ("10.", "tls-sctp", "[2001:db8::1]:5061", ""),
        ],
        certificate="over TLS, the certificate has to be for example.com",
        warnings=["one", "two"],
        summary="2 targets",
    )
    assert draw(report) == dedent("""\
        sip:example.com
        ├── NAPTR example.com  (12.1 ms, TTL 300)
        │   ├── SRV _sip._udp.example.com
        │   │   └── 10 60 5060 a.example.com  skipped, no reason
        │   └── SRV _sip._tcp.example.com  (1.0 ms)  servfail
        └── addresses
            └── 1. udp 192.0.2.1:5060

        Try in this order:
          1.   udp       192.0.2.1:5060      a.example.com
          10.  tls-sctp  [2001:db8::1]:5061
          over TLS, the certificate has to be for example.com

        Warnings:
          one
          two

        2 targets
    """)


def test_what_there_is_not_is_left_out() -> None:
    report = Report(tree=Node(label="sip:example.com"), rows=[], warnings=[], summary="0 targets")
    assert draw(report) == "sip:example.com\n\n0 targets\n"


def test_an_empty_column_takes_no_room() -> None:
    report = Report(
        tree=Node(label="x"),
        rows=[("1.", "udp", "192.0.2.1:5060", "")],
        warnings=[],
        summary="",
    )
    assert "  1.  udp  192.0.2.1:5060\n" in draw(report)


def test_long_lines_are_left_to_the_reader() -> None:
    label = "x" * 1000
    report = Report(tree=Node(label=label), rows=[], warnings=[], summary="")
    assert draw(report).splitlines()[0] == label
