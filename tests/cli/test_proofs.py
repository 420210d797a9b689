"""Chains of trust in the tree: each link once, and where a chain broke."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Final

import pytest
from attrs import evolve
from outlines import outline
from signed_world import Lookups, World, Zone, a, naptr, srv
from simulation import answer

from sipresolve import (
    Link,
    Query,
    Reason,
    Resolution,
    Security,
    SipResolveError,
    Status,
)
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.proofs import proven, with_proofs
from sipresolve.cli.report import report_of
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of
from sipresolve.vocabulary.evidence import RrType

if TYPE_CHECKING:
    from sipresolve import Answer

# --- Trees of a signed world


def resolution_in(*zones: Zone, require_secure: bool = False) -> Resolution | None:
    """What becomes of ``sips:example.com;transport=tcp`` there."""
    try:
        lookups = Lookups(World(*zones), require_secure=require_secure)
        found = lookups.resolve("sips:example.com;transport=tcp")
    except SipResolveError as error:
        return error.resolution
    return found


def example(*, signed: bool = True, ends: int = 86_400) -> Zone:
    zone = Zone("example.com", signed=signed, ends=ends)
    zone.add("example.com", RrType.NAPTR, naptr(0, 0, "SIPS+D2T", "_sips._tcp.example.com"))
    records = srv(0, 0, 5061, "a.example.com"), srv(1, 0, 5061, "b.example.net")
    zone.add("_sips._tcp.example.com", RrType.SRV, *records)
    return zone.add("a.example.com", RrType.A, a("192.0.2.1"))


def other() -> Zone:
    return Zone("example.net", signed=False).add("b.example.net", RrType.A, a("192.0.2.2"))


ROOT, COM, NET = (Zone(name).key.tag for name in (".", "com", "net"))
EXAMPLE: Final = example().key.tag

PROVEN: Final = f"""
    start: sips:example.com;transport=tcp
      question: SRV _sips._tcp.example.com (… ms, TTL 300, secure)
        proof: chain of trust
          proof: . DNSKEY: signed by key {ROOT}, which fits its trust anchor ({ROOT})
          proof: com DS: signed by ., key {ROOT}
          proof: com DNSKEY: signed by key {COM}, which fits its DS record ({COM})
          proof: example.com DS: signed by com, key {COM}
          proof: example.com DNSKEY: signed by key {EXAMPLE}, which fits its DS record ({EXAMPLE})
          proof: _sips._tcp.example.com SRV: signed by example.com, key {EXAMPLE}
        record: 0 0 5061 a.example.com
          proof: a.example.com AAAA is proven not to exist (proven by example.com, as above)
          proof: a.example.com A: signed by example.com, key {EXAMPLE} (proven by example.com, as above)
          target: 1. tls 192.0.2.1:5061 (A, … ms, TTL 300, secure)
        record: 1 0 5061 b.example.net
          proof: chain of trust (on from the root, as above)
            proof: net DS: signed by ., key {ROOT}
            proof: net DNSKEY: signed by key {NET}, which fits its DS record ({NET})
            proof: example.net DS (insecure) !! example.net is not signed: the zone above proves that it has no DS records
          proof: example.net DS, as above (insecure)
          target: 2. tls 192.0.2.2:5061 (A, … ms, TTL 300, insecure)
      unused: asked ahead and not needed: 2 questions
"""  # noqa: E501 - a line of the tree is a line here

EXPIRED: Final = f"""
    start: sips:example.com;transport=tcp
      failed: SRV _sips._tcp.example.com (… ms, TTL 300, bogus) !! example.com DNSKEY has a signature that has expired
        proof: chain of trust
          proof: . DNSKEY: signed by key {ROOT}, which fits its trust anchor ({ROOT})
          proof: com DS: signed by ., key {ROOT}
          proof: com DNSKEY: signed by key {COM}, which fits its DS record ({COM})
          proof: example.com DS: signed by com, key {COM}
          failed: example.com DNSKEY has a signature that has expired (broken here) !! extended error 7 (Signature Expired)
      unused: asked ahead and not needed: 2 questions
"""  # noqa: E501 - likewise


@pytest.mark.parametrize(
    ("zone", "expected"), [(example(), PROVEN), (example(ends=-1), EXPIRED)], ids=["proven", "not"]
)
def test_the_tree_shows_each_link_once_and_where_a_chain_broke(zone: Zone, expected: str) -> None:
    resolution = resolution_in(Zone("."), Zone("com"), zone, Zone("net"), other())
    assert resolution is not None
    tree = tree_of("sips:example.com;transport=tcp", Trace(resolution))
    lines = [re.sub(r"[0-9.]+ ms", "… ms", line) for line in outline(tree)]
    assert lines == dedent(expected).strip().splitlines()


def test_each_target_says_how_far_it_is_proven_and_so_does_the_whole() -> None:
    resolution = resolution_in(Zone("."), Zone("com"), example(), Zone("net"), other())
    assert resolution is not None
    report = report_of("", Trace(resolution), 0.0)
    why = "example.net is not signed: the zone above proves that it has no DS records"
    assert [row[-1] for row in report.rows] == ["secure", "insecure (not-signed)"]
    assert report.summary.endswith(f", security: insecure: {why}")  # the weakest of all


TO_A_SIGNED_HOST: Final = (
    Zone("."),
    Zone("com"),
    Zone("example.com", signed=False).add(
        "_sips._tcp.example.com", RrType.SRV, srv(0, 0, 5061, "b.example.net")
    ),
    Zone("net"),
    Zone("example.net").add("b.example.net", RrType.A, a("192.0.2.2")),
)


def line_of(resolution: Resolution, place: str) -> str:
    """The line of the tree that a place has."""
    lines = outline(tree_of("sips:example.com;transport=tcp", Trace(resolution)))
    return next(re.sub(r"[0-9.]+ ms", "… ms", line.strip()) for line in lines if place in line)


def test_a_target_has_its_own_state_which_may_be_weaker_than_that_of_its_address() -> None:
    resolution = resolution_in(*TO_A_SIGNED_HOST)
    assert resolution is not None
    assert resolution.targets[0].security is Security.INSECURE
    line = line_of(resolution, "tls 192.0.2.2:5061")
    assert line == "target: 1. tls 192.0.2.2:5061 (A, … ms, TTL 300, insecure)"
    assert report_of("", Trace(resolution), 0.0).rows[0][-1] == "insecure (not-signed)"


def test_and_one_that_is_held_back_says_so_of_itself_alone() -> None:
    resolution = resolution_in(*TO_A_SIGNED_HOST, require_secure=True)
    assert resolution is not None
    line = line_of(resolution, "tls 192.0.2.2:5061")
    begin = "unused: tls 192.0.2.2:5061 (A, … ms, TTL 300) !! skipped, "
    assert line.startswith(f"{begin}the answers that lead to it are insecure: ")


def test_an_address_that_was_given_rests_on_no_answer() -> None:
    zone = Zone("example.com").add("example.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(World(Zone("."), Zone("com"), zone))
    resolution = lookups.resolve("sips:example.com:5061")
    given = evolve(resolution.targets[0], security=None, reason=None)
    report = report_of("", Trace(evolve(resolution, targets=(given,))), 0.0)
    assert [row[-1] for row in report.rows] == [""]


# --- Single chains


def link(text: str, security: Security = Security.SECURE, sentence: str = "signed") -> Link:
    name, type_ = text.split()
    return Link(name, type_, security, sentence)


KEYS: Final = link(". DNSKEY"), link("com DS"), link("com DNSKEY")


def chained(*links: Link, code: str = "proven") -> Answer:
    """An answer with this chain, as secure as its last link."""
    security = links[-1].security
    reason = Reason.of(code, links[-1].sentence)
    return answer("com A", "192.0.2.1", proof=links, security=security, reason=reason)


def drawn(*answers: Answer) -> list[str]:
    """The lines below that of some answers, each of which has a line of its own."""
    lines = tuple(Node(label="it", answers=(each,)) for each in answers)
    tree = with_proofs(Node(label="all", children=lines))
    return [line[4:] for line in outline(tree) if not line.endswith(("record: it", "record: all"))]


MISSING: Final = "extended error 10 (RRSIGs Missing)"
UNSUPPORTED: Final = "extended error 2 (Unsupported DS Digest Type)"
INSECURE, INDETERMINATE, BOGUS = Security.INSECURE, Security.INDETERMINATE, Security.BOGUS


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # What was proven before is proven by the same.
        (
            [chained(*KEYS), chained(*KEYS)],
            [
                "proof: chain of trust",
                "  proof: . DNSKEY: signed",
                "  proof: com DS: signed",
                "  proof: com DNSKEY: signed",
                "proof: com DNSKEY, as above (secure)",
            ],
        ),
        # A break stands there once, and all that it breaks says so.
        (
            [chained(link("com DS", BOGUS, "com DS has no signature"), code="no-signature")] * 2,
            [
                "proof: chain of trust",
                "  failed: com DS has no signature (broken here) !! " + MISSING,
                "failed: com DS, as above (bogus)",
            ],
        ),
        # A chain that goes on from another one, and ends without a signature.
        (
            [
                chained(KEYS[0]),
                chained(KEYS[0], link("com DS", INSECURE, "kind 9"), code="unsupported-digest"),
            ],
            [
                "proof: chain of trust",
                "  proof: . DNSKEY: signed",
                "proof: com DS (insecure, on from the root, as above) !! kind 9; " + UNSUPPORTED,
            ],
        ),
        # No chain at all begins (RFC 4033 §5, "Indeterminate").
        (
            [chained(link(". DNSKEY", INDETERMINATE, "no anchor"), code="no-trust-anchor")],
            [
                "proof: chain of trust",
                "  proof: . DNSKEY (indeterminate) !! no anchor",
            ],
        ),
    ],
    ids=["again", "broken", "insecure", "indeterminate"],
)
def test_a_chain_is_drawn_as_far_as_it_is_new(answers: list[Answer], expected: list[str]) -> None:
    assert drawn(*answers) == expected


def test_what_two_answers_of_one_line_refer_to_stands_there_once() -> None:
    both = chained(*KEYS)
    tree = with_proofs(Node(label="it", answers=(both, both, both), tone=Tone.TARGET))
    assert [child.label for child in tree.children] == ["chain of trust", "com DNSKEY, as above"]
    assert (tree.label, tree.tone, tree.answers) == ("it", Tone.TARGET, ())


def test_an_answer_with_a_chain_is_one_that_was_proven_here() -> None:
    with_chain, without = chained(*KEYS), answer("net A", Status.TIMEOUT)
    queries = [
        Query(question=with_chain.question, answer=each, asked_at=0.0, seconds=None)
        for each in (with_chain, without, None)
    ]
    assert proven(None, *queries) == (with_chain,)
