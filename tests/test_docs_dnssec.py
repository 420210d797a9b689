"""What the pages on DNSSEC say is so, row by row."""

from __future__ import annotations

import re
from typing import Final

import pytest
from pages import DOCS, named, tables

from sipresolve import ROOT_ANCHORS, BudgetExceeded, Dnssec, ExtendedError, Policy, Security
from sipresolve.backends import signatures
from sipresolve.session import proofs
from sipresolve.session.proof import prove, work
from sipresolve.session.proof.means import SUPPORTED_ALGORITHMS, SUPPORTED_DIGESTS
from sipresolve.vocabulary.reasons import EDE_OF

PAGE: Final = "../explanation/dnssec.md"
TEXT: Final = " ".join((DOCS / "explanation" / "dnssec.md").read_text("utf-8").split())
HOWTO: Final = " ".join((DOCS / "howto" / "validate.md").read_text("utf-8").split())
TRUST_AD: Final = " ".join((DOCS / "howto" / "trust-ad.md").read_text("utf-8").split())


def test_every_state_has_its_row() -> None:
    rows = tables(PAGE)["state", "what is known", "what it means for a call"]
    assert {state for row in rows for state in named(row[0])} == {*map(str, Security)}


def test_the_weakest_wins_in_the_order_that_the_page_has() -> None:
    assert f"The **weakest wins**: {', '.join(map(str, Security))}." in TEXT


def test_every_choice_has_its_row() -> None:
    rows = tables(PAGE)["`Policy(dnssec=…)`", "who proves", "when", "what it takes"]
    assert [named(row[0]) for row in rows] == [[str(each)] for each in Dnssec]


# --- Reasons

REASONS: Final = tables(PAGE)["code", "state", "RFC 8914", "what it means", "what to do"]


def test_every_reason_has_its_row_with_the_number_of_rfc_8914() -> None:
    assert [(named(row[0]), row[2]) for row in REASONS] == [
        ([code], "none" if number is None else str(number)) for code, number in EDE_OF.items()
    ]


def test_every_reason_has_a_state_a_meaning_and_a_remedy() -> None:
    order = [*map(str, reversed(Security))]
    states = [state for row in REASONS for state in named(row[1])]
    assert len(states) == len(REASONS)
    assert {*states} == {*order}
    assert all(all((row[3], row[4])) for row in REASONS)


def test_what_says_that_dnssec_failed_is_what_trust_ad_takes_for_bogus() -> None:
    numbers = [number for number in range(50) if ExtendedError(number).names_dnssec]
    assert numbers == [1, 2, *range(5, 13), 25, 27]  # as RFC 8914 §4 names them
    assert "(RFC 8914: 1, 2, 5 to 12, 25, 27) is `bogus`" in TRUST_AD


# --- Bounds


#: What a call may spend by the policy that is the default.
CALL: Final = work.Work.of(Policy())


def test_the_bounds_of_a_proof_are_as_documented() -> None:
    rows = tables(PAGE)["bound", "at most", "beyond it"]
    assert [int(row[1].replace(",", "")) for row in rows] == [
        work.MOST_KEYS_OF_A_TAG,
        work.MOST_CHECKS_OF_A_SET,
        prove._DEEPEST_ZONE,
        CALL.checks,
        CALL.vain_checks,
        CALL.hashes,
        work.MOST_ITERATIONS,
        proofs._BUDGET,
        CALL.questions,
    ]
    assert {code for row in rows for code in named(row[2])} <= {*EDE_OF, BudgetExceeded.code}


@pytest.mark.parametrize("budget", [1, 10, Policy().budget])
def test_what_the_proofs_of_a_call_may_ask_grows_with_its_budget(budget: int) -> None:
    said = TEXT.partition("questions of all proofs of a call: ")[2]
    times, more = map(int, re.findall(r"[0-9]+", said)[:2])
    asked = work.Work.of(Policy(budget=budget)).questions
    assert asked == times * budget + more


def test_how_many_checks_are_remembered() -> None:
    assert f"What the last {signatures._KEPT} checks found is remembered" in TEXT


def test_what_the_page_says_of_algorithms_and_digests() -> None:
    """RFC 8624 §3.1: RSA/MD5 is 1, DSA 3, RSA/SHA-1 5 and 7, GOST 12; §3.3: SHA-1 is 1, GOST 3."""
    assert "RSA with SHA-1, and DS records with SHA-1, are not supported" in TEXT
    assert not {1, 3, 5, 6, 7, 12} & {*SUPPORTED_ALGORITHMS}
    assert not {1, 3} & {*SUPPORTED_DIGESTS}


def test_the_iterations_that_a_decision_names_are_those_of_the_bound() -> None:
    assert f"**More than {work.MOST_ITERATIONS} iterations of NSEC3 are insecure.**" in TEXT


def test_the_keys_of_the_root_are_those_that_the_pages_show() -> None:
    tags = [anchor.key.key_tag for anchor in ROOT_ANCHORS if not hasattr(anchor.key, "tag")]
    assert f"which fits its trust anchors ({', '.join(map(str, tags))})" in HOWTO


# --- Clauses

CLAUSES: Final = [row[0] for row in tables("rfc.md")["clause", "what it asks", "code", "tests"]]


@pytest.mark.parametrize(
    "clause",
    [
        *("RFC 4033 §5", "RFC 4034 §6", "RFC 4035 §4.3", "RFC 4035 §4.9.3", "RFC 4035 §5.2"),
        *("RFC 4035 §5.3.1", "RFC 4035 §5.3.3", "RFC 4035 §5.3.4", "RFC 4035 §5.4"),
        *("RFC 5155 §8", "RFC 6840 §4.1", "RFC 6840 §5.2", "RFC 6840 §5.11", "RFC 8624 §3.1"),
        *("RFC 8914 §2", "RFC 9276 §3.2", "RFC 5702", "RFC 6605", "RFC 8080", "RFC 6672"),
    ],
)
def test_a_clause_has_its_row(clause: str) -> None:
    assert any(re.search(rf"{clause}(?![0-9])", row) for row in CLAUSES)
