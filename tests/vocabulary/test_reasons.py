"""Why DNSSEC says what it says: codes, sentences, and the numbers of RFC 8914."""

from __future__ import annotations

import re

import pytest

from sipresolve.vocabulary.reasons import EDE_OF, NOT_CHECKED, ExtendedError, Reason

#: RFC 8914 §4 and the registry of §5.2: those whose purpose names DNSSEC.
OF_DNSSEC = {
    1: "Unsupported DNSKEY Algorithm",
    2: "Unsupported DS Digest Type",
    5: "DNSSEC Indeterminate",
    6: "DNSSEC Bogus",
    7: "Signature Expired",
    8: "Signature Not Yet Valid",
    9: "DNSKEY Missing",
    10: "RRSIGs Missing",
    11: "No Zone Key Bit Set",
    12: "NSEC Missing",
    25: "Signature Expired before Valid",
    27: "Unsupported NSEC3 Iterations Value",
}


@pytest.mark.parametrize(("code", "number"), EDE_OF.items())
def test_a_reason_has_the_number_of_its_code(code: str, number: int | None) -> None:
    reason = Reason.of(code, "example.com is so")
    assert reason == Reason(code, "example.com is so", number)
    assert str(reason) == "example.com is so"
    assert number is None or number in OF_DNSSEC
    assert re.fullmatch("[a-z]+(-[a-z]+)*", code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("unsupported-algorithm", "Unsupported DNSKEY Algorithm"),
        ("unsupported-digest", "Unsupported DS Digest Type"),
        ("bogus", "DNSSEC Bogus"),
        ("too-much-work", "DNSSEC Bogus"),
        ("signature-expired", "Signature Expired"),
        ("signature-not-yet-valid", "Signature Not Yet Valid"),
        ("expired-before-valid", "Signature Expired before Valid"),
        ("no-matching-key", "DNSKEY Missing"),
        ("no-signature", "RRSIGs Missing"),
        ("no-zone-key", "No Zone Key Bit Set"),
        ("not-denied", "NSEC Missing"),
        ("too-many-iterations", "Unsupported NSEC3 Iterations Value"),
    ],
)
def test_the_numbers_are_those_of_rfc_8914(code: str, name: str) -> None:
    number = EDE_OF[code]
    assert number is not None
    assert OF_DNSSEC[number] == name
    assert str(ExtendedError(number)) == f"extended error {number} ({name})"


def test_nothing_is_checked_where_the_policy_says_so() -> None:
    assert NOT_CHECKED.code == "not-checked"
    assert NOT_CHECKED.extended_error is None
    assert str(NOT_CHECKED) == "nothing was checked: the policy ignores DNSSEC"


def test_what_says_that_the_proof_failed() -> None:
    assert {code for code in range(70) if ExtendedError(code).names_dnssec} == {*OF_DNSSEC}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ExtendedError(0), "extended error 0 (Other Error)"),
        (ExtendedError(15, "by order"), "extended error 15 (Blocked): by order"),
        (ExtendedError(49_152), "extended error 49152"),
        (ExtendedError(49_152, "local"), "extended error 49152: local"),
    ],
)
def test_what_a_nameserver_said(error: ExtendedError, text: str) -> None:
    """RFC 8914 §2: a number, which may be a private one, and perhaps a text."""
    assert str(error) == text
