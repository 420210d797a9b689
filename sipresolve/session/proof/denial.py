"""What NSEC and NSEC3 records prove: that a name does not exist, or has no records of a type.

A caller hands in the records of a reply that the zone has signed, and that no wildcard made. What
they do not prove is bogus: an attacker may have left out what there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from sipresolve.session.proof.names import is_at_or_below, is_below, text_of
from sipresolve.session.proof.nsec import NsecChain
from sipresolve.session.proof.nsec3 import Nsec3Chain, TooMuchWorkError
from sipresolve.session.proof.signing import type_text
from sipresolve.session.proof.work import MOST_ITERATIONS
from sipresolve.vocabulary.evidence import RrType
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sipresolve.session.proof.bitmaps import TypeBitmap
    from sipresolve.session.proof.chains import Chain, Gap
    from sipresolve.session.proof.work import Work
    from sipresolve.vocabulary.evidence import Labels, SignedSet

__all__ = ["Denial", "absent_name", "absent_type", "expanded_wildcard"]


@frozen
class Denial:
    """What NSEC or NSEC3 records prove.

    Attributes:
        security: ``secure`` where it is proven; ``insecure`` where the zone leaves it open, by
            opt-out (RFC 5155 §9.2) or by too many iterations (RFC 9276 §3.2); ``bogus`` where the
            records do not prove it.
        reason: Why it is not secure; None where it is.
        delegation: Of DS records that are absent: whether there is a delegation all the same, or
            may be one by opt-out, so that what is below is not signed.
    """

    security: Security
    reason: Reason | None = None
    delegation: bool = False


def absent_name(name: Labels, zone: Labels, sets: Sequence[SignedSet], work: Work) -> Denial:
    """Whether a name is proven not to exist (RFC 4035 §5.4, RFC 5155 §8.4).

    The next closer name does not exist, nor the wildcard beside it.

    Args:
        name: The name.
        zone: The zone that it would be in.
        sets: The NSEC and NSEC3 records that the zone has signed.
        work: What may yet be spent.
    """
    case = _Case(name, zone, sets, work)

    def verdict(chain: Chain) -> Denial | None:
        closer = chain.next_closer(name)
        if closer is None or chain.gap_at(closer.wildcard) is None:
            return None
        return case.beyond(closer)

    return case.decide(verdict, f"that {text_of(name)} does not exist")


def absent_type(
    name: Labels, type_: int, zone: Labels, sets: Sequence[SignedSet], work: Work
) -> Denial:
    """Whether a name is proven to have no records of a type (RFC 4035 §5.4, RFC 5155 §8.5 to 8.7).

    They are missing at the name; or the name does not exist, and they are missing at the wildcard
    that stands for it. Opt-out leaves open what is at a name that is not shown.

    Args:
        name: The name.
        type_: The number of the type.
        zone: The zone that the records would be in: those of the type DS, in the parent.
        sets: The NSEC and NSEC3 records that the zone has signed.
        work: What may yet be spent.
    """
    case = _Case(name, zone, sets, work)

    def verdict(chain: Chain) -> Denial | None:
        types = chain.types_at(name)
        if types is not None:
            return _of_types(name, types, type_)
        closer = chain.next_closer(name)
        if closer is None or not _is_left_out(chain, closer, type_):
            return None
        return case.beyond(closer, delegation=type_ == RrType.DS)

    said = f"that {text_of(name)} has no {type_text(type_)} records"
    if type_ == RrType.DS and name and not is_below(name, zone):
        return case.missing(f"{said}: they are in the zone above")
    return case.decide(verdict, said)


def expanded_wildcard(
    name: Labels, wildcard_labels: int, zone: Labels, sets: Sequence[SignedSet], work: Work
) -> Denial:
    """Whether a wildcard is proven to stand for a name (RFC 4035 §5.3.4, RFC 5155 §8.8).

    The next closer name does not exist. That the name above it does is shown by the records of the
    wildcard.

    Args:
        name: The name.
        wildcard_labels: How many labels the wildcard has below its asterisk, as its signature says.
        zone: The zone.
        sets: The NSEC and NSEC3 records that the zone has signed.
        work: What may yet be spent.
    """
    case = _Case(name, zone, sets, work)

    def verdict(chain: Chain) -> Denial | None:
        if not len(zone) <= wildcard_labels < len(name):
            return None
        closer = chain.gap_at(name[len(name) - wildcard_labels - 1 :])
        return None if closer is None else case.beyond(closer)

    wildcard = (b"*", *name[len(name) - wildcard_labels :])
    return case.decide(verdict, f"that {text_of(wildcard)} stands for {text_of(name)}")


@frozen
class _Case:
    """A name that is said to lack something, and what is shown of it."""

    name: Labels
    zone: Labels
    sets: Sequence[SignedSet]
    work: Work

    def decide(self, verdict: Callable[[Chain], Denial | None], said: str) -> Denial:
        """What records of either kind prove; those first that are read without hashing."""
        if not is_at_or_below(self.name, self.zone):
            return self.missing(said)
        found = verdict(NsecChain.of(self.zone, self.sets))
        if found is not None:
            return found
        hashed = Nsec3Chain.of(self.zone, self.sets, self.work)
        if hashed is None:
            return self.missing(said)
        if hashed.iterations > MOST_ITERATIONS:
            return self._after_too_many(hashed.iterations)
        try:
            return verdict(hashed) or self.missing(said)
        except TooMuchWorkError:
            return self.missing(f"{said} without hashing too often", "too-much-work")

    def missing(self, said: str, code: str = "not-denied") -> Denial:
        """Without a proof, a name and its records may have been left out by an attacker."""
        reason = Reason.of(code, f"{text_of(self.zone)} does not prove {said}")
        return Denial(Security.BOGUS, reason)

    def beyond(self, closer: Gap, *, delegation: bool = False) -> Denial:
        """RFC 5155 §9.2: where the next closer name may be a delegation, nothing is certain."""
        if not closer.is_opt_out:
            return Denial(Security.SECURE)
        said = f"{text_of(self.zone)} leaves open (opt-out) whether {text_of(self.name)} is signed"
        return Denial(Security.INSECURE, Reason.of("opt-out", said), delegation)

    def _after_too_many(self, iterations: int) -> Denial:
        said = f"the NSEC3 records of {text_of(self.zone)} have {iterations} iterations"
        said = f"{said}, more than {MOST_ITERATIONS}: {text_of(self.name)} is not proven"
        return Denial(Security.INSECURE, Reason.of("too-many-iterations", said))


def _of_types(name: Labels, types: TypeBitmap, type_: int) -> Denial | None:
    """What is proven by the types at a name.

    At a delegation, the parent speaks of nothing but DS records, and of these the child does not
    (RFC 6840 §4.1, §4.4). The root has no parent, and speaks for itself (RFC 4035 §3.1.4.1).
    """
    is_of_parent = type_ == RrType.DS and bool(name)
    is_of_other_zone = RrType.SOA in types if is_of_parent else types.is_above_cut
    if is_of_other_zone or not _lacks(types, type_):
        return None
    return Denial(Security.SECURE, delegation=types.is_above_cut)


def _is_left_out(chain: Chain, closer: Gap, type_: int) -> bool:
    """Whether nothing stands for a name: its wildcard lacks the type, or opt-out leaves it open.

    What a wildcard with NS records would mean, nobody knows (RFC 4592 §4.2).
    """
    wildcard = chain.types_at(closer.wildcard)
    if wildcard is None:
        return closer.is_opt_out
    return _lacks(wildcard, type_) and not wildcard.is_above_cut


def _lacks(types: TypeBitmap, type_: int) -> bool:
    """RFC 6840 §4.3: were there an alias, it should have come."""
    return type_ not in types and RrType.CNAME not in types
