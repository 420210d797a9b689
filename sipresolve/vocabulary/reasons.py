"""Why DNSSEC says what it says of an answer: a code, a sentence, and a number of RFC 8914."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EDE_OF", "NOT_CHECKED", "ExtendedError", "Reason"]


@frozen
class Reason:
    """Why an answer is in its state.

    Attributes:
        code: A stable word for it.
        sentence: What it is, for a person, naming the zone or the record.
        extended_error: The number that RFC 8914 has for it; None where it has none.
    """

    code: str
    sentence: str
    extended_error: int | None = None

    @classmethod
    def of(cls, code: str, sentence: str) -> Reason:
        """The reason with this code, and its number."""
        return cls(code, sentence, EDE_OF[code])

    @classmethod
    def not_answered(cls, question: object, what: str) -> Reason:
        """That a question was not answered, and what happened."""
        return cls.of("not-answered", f"{question} was not answered: {what}")

    def __str__(self) -> str:
        return self.sentence


#: Every code, and the number that RFC 8914 §4 has for it.
EDE_OF: Final[Mapping[str, int | None]] = {
    # secure
    "proven": None,
    "authenticated-data": None,
    # insecure
    "not-signed": None,
    "opt-out": None,
    "unsupported-algorithm": 1,
    "unsupported-digest": 2,
    "too-many-iterations": 27,
    "not-authenticated": None,
    "local-data": None,
    # bogus
    "bogus": 6,
    "signature-expired": 7,
    "signature-not-yet-valid": 8,
    "expired-before-valid": 25,
    "no-matching-key": 9,
    "no-signature": 10,
    "no-zone-key": 11,
    "not-denied": 12,
    "too-much-work": 6,
    "resolver-says-bogus": None,
    # indeterminate
    "not-checked": None,
    "no-trust-anchor": None,
    "not-answered": None,
}

#: Of what nobody was asked to prove.
NOT_CHECKED: Final = Reason.of("not-checked", "nothing was checked: the policy ignores DNSSEC")


@frozen
class ExtendedError:
    """What a nameserver said of its trouble (RFC 8914 §2).

    Attributes:
        code: The number of the kind.
        text: What it added, for a person; may be empty.
    """

    code: int
    text: str = ""

    @property
    def names_dnssec(self) -> bool:
        """Whether it is the proof by DNSSEC that failed (RFC 8914 §4)."""
        return self.code in _OF_DNSSEC

    def __str__(self) -> str:
        kind = _KINDS.get(self.code)
        name = f"extended error {self.code}" + (f" ({kind})" if kind else "")
        return f"{name}: {self.text}" if self.text else name


_KINDS: Final[Mapping[int, str]] = {
    0: "Other Error",
    1: "Unsupported DNSKEY Algorithm",
    2: "Unsupported DS Digest Type",
    3: "Stale Answer",
    4: "Forged Answer",
    5: "DNSSEC Indeterminate",
    6: "DNSSEC Bogus",
    7: "Signature Expired",
    8: "Signature Not Yet Valid",
    9: "DNSKEY Missing",
    10: "RRSIGs Missing",
    11: "No Zone Key Bit Set",
    12: "NSEC Missing",
    13: "Cached Error",
    14: "Not Ready",
    15: "Blocked",
    16: "Censored",
    17: "Filtered",
    18: "Prohibited",
    19: "Stale NXDOMAIN Answer",
    20: "Not Authoritative",
    21: "Not Supported",
    22: "No Reachable Authority",
    23: "Network Error",
    24: "Invalid Data",
    25: "Signature Expired before Valid",
    26: "Too Early",
    27: "Unsupported NSEC3 Iterations Value",
}
_OF_DNSSEC: Final = frozenset({1, 2, *range(5, 13), 25, 27})
