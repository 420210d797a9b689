"""How much a resolution may spend on proofs: what keeps KeyTrap and floods of NSEC3 small.

CVE-2023-50387 makes a validator try many keys on many signatures, all in vain; CVE-2023-50868 makes
it hash many names many times. A healthy RRset needs one check, of which there are enough for any
call; checks in vain are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

if TYPE_CHECKING:
    from sipresolve.vocabulary.policy import Policy

__all__ = ["MOST_CHECKS_OF_A_SET", "MOST_ITERATIONS", "MOST_KEYS_OF_A_TAG", "Work"]

#: How many keys of one key tag and algorithm are tried on a signature.
MOST_KEYS_OF_A_TAG: Final = 4
#: How many signatures of one RRset are checked, whatever the keys.
MOST_CHECKS_OF_A_SET: Final = 16
#: An NSEC3 chain with more iterations proves nothing, and is insecure (RFC 9276 §3.2, which leaves
#: the number to the validator).
MOST_ITERATIONS: Final = 150

#: How many questions a proof needs for one of its call, beside the chains of some domains.
_QUESTIONS_OF_ONE: Final = 3
_QUESTIONS_OF_A_CHAIN: Final = 32
_MOST_QUESTIONS: Final = 800
_MOST_CHECKS: Final = 1000
_MOST_VAIN_CHECKS: Final = 32
_MOST_HASHES: Final = 16_384


@define
class Work:
    """What is left to one resolution.

    Attributes:
        questions: How many questions may be put to the DNS.
        checks: How many signatures may be checked.
        vain_checks: How many signatures may be checked after one of the same RRset has failed.
        hashes: How often SHA-1 may be applied.
    """

    questions: int = _MOST_QUESTIONS
    checks: int = _MOST_CHECKS
    vain_checks: int = _MOST_VAIN_CHECKS
    hashes: int = _MOST_HASHES

    @classmethod
    def of(cls, policy: Policy) -> Work:
        """What is left to a call that has asked nothing yet."""
        return cls(questions=_QUESTIONS_OF_ONE * policy.budget + _QUESTIONS_OF_A_CHAIN)

    def may_ask(self) -> bool:
        """Whether one more question may be put to the DNS; if so, it counts."""
        self.questions -= 1
        return self.questions >= 0

    def may_check(self) -> bool:
        """Whether one more signature may be checked; if so, it counts."""
        self.checks -= 1
        return self.checks >= 0

    def may_check_again(self) -> bool:
        """Whether one more signature of an RRset may be checked; if so, it counts."""
        self.vain_checks -= 1
        return self.vain_checks >= 0

    def may_hash(self, times: int) -> bool:
        """Whether SHA-1 may be applied so often more; if so, it counts."""
        self.hashes -= times
        return self.hashes >= 0

    @property
    def is_spent(self) -> bool:
        """Whether something was refused."""
        return min(self.checks, self.vain_checks, self.hashes) < 0
