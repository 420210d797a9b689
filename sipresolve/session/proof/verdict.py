"""What is proven of one RRset, or of its absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from sipresolve.vocabulary.proofs import Link
    from sipresolve.vocabulary.records import Answer

__all__ = ["NEVER", "Verdict", "bogus", "until_of"]

#: When what rests on no signature ends.
NEVER: Final = float("inf")


@frozen(kw_only=True)
class Verdict:
    """What is proven, by which chain.

    Attributes:
        security: How far it is proven.
        reason: Why.
        ttl: For how long it holds at most, in seconds.
        until: When the first of the signatures ends, in seconds since 1970.
        links: The chain, from the trust anchor down.
        failure: What could not be had for the proof; None where all could.
    """

    security: Security
    reason: Reason
    ttl: float = NEVER
    until: float = NEVER
    links: tuple[Link, ...] = field(default=())
    failure: Answer | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing that follows can mend it."""
        return self.failure is not None or self.security is Security.BOGUS

    def and_then(self, other: Verdict) -> Verdict:
        """Both together: the weakest wins."""
        weaker = min(self, other, key=_strength)
        return evolve(
            weaker,
            ttl=min(self.ttl, other.ttl),
            until=min(self.until, other.until),
            links=tuple(dict.fromkeys(self.links + other.links)),
        )


def bogus(code: str, sentence: str) -> Verdict:
    """That something is forged, or that nobody can prove it."""
    return Verdict(security=Security.BOGUS, reason=Reason.of(code, sentence))


def until_of(answer: Answer) -> float:
    """When the first of the signatures ends that an answer rests on; never, where there is none."""
    return NEVER if answer.proven_until is None else answer.proven_until


def _strength(verdict: Verdict) -> int:
    return -1 if verdict.failure is not None else verdict.security.strength
