"""What it means that something has no signature (RFC 4035 §5.2): no zone keys, or a forgery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.session.proof.names import ancestors, text_of
from sipresolve.session.proof.signing import type_text
from sipresolve.session.proof.verdict import Verdict, until_of
from sipresolve.session.proof.zones import (
    anchored_zone,
    ds_of,
    likely_zone,
    no_anchor,
    unusable,
)
from sipresolve.vocabulary.evidence import RrType
from sipresolve.vocabulary.keys import Ds
from sipresolve.vocabulary.proofs import Link
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Security, Status, weakest

if TYPE_CHECKING:
    from sipresolve.procedures.ask import Procedure
    from sipresolve.session.proof.means import Means
    from sipresolve.vocabulary.evidence import Labels

__all__ = ["unsigned"]


def unsigned(name: Labels, type_: int, means: Means) -> Procedure[Verdict]:
    """What it means that something has no signature: that its zone is not signed, or a forgery.

    The delegations on the way from the trust anchor down are looked at, those of probable zones
    first, until one is proven to be insecure.
    """
    what = f"{text_of(name)} {type_text(type_)}"
    begin = anchored_zone(name, type_, means)
    if begin is None:
        return Verdict(security=Security.INDETERMINATE, reason=no_anchor(name))
    links: tuple[Link, ...] = ()
    likely = likely_zone(name, type_)
    for zones in _batches(_zones_on_the_way(begin, name, type_), likely):
        questions = tuple(map(ds_of, zones))
        known = yield Ask((Wait(questions),))
        for zone, question in zip(zones, questions, strict=True):
            verdict = _of_delegation(zone, known[question])
            if verdict is not None:
                return verdict
            links = known[question].proof
    said = f"{what} has no signature, and its zone is signed"
    reason = Reason.of("no-signature", said)
    link = Link(text_of(name), type_text(type_), Security.BOGUS, "has no signature")
    return Verdict(security=Security.BOGUS, reason=reason, links=(*links, link))


def _zones_on_the_way(begin: Labels, name: Labels, type_: int) -> tuple[Labels, ...]:
    """The names at which there may be a delegation; a DS record belongs to the parent."""
    below = ancestors(name, begin)
    return below[:-1] if type_ == RrType.DS and below else below


def _batches(names: tuple[Labels, ...], likely: Labels) -> tuple[tuple[Labels, ...], ...]:
    """First those down to a likely zone, whose delegation has been asked for; then what is below.

    The labels that begin with an underscore are rarely zones, so those come last.
    """
    plain = tuple(name for name in names if not name[0].startswith(b"_"))
    down_to_likely = tuple(name for name in plain if len(name) <= len(likely))
    below_likely = tuple(name for name in plain if len(name) > len(likely))
    rest = tuple(name for name in names if name[0].startswith(b"_"))
    return tuple(filter(None, (down_to_likely, below_likely, rest)))


def _of_delegation(zone: Labels, answer: Answer) -> Verdict | None:
    """What a delegation means for all that is below; None where the chain goes on."""
    if answer.status.is_failure:
        is_bogus = answer.status is Status.BOGUS
        return Verdict(
            security=answer.security,
            reason=answer.reason,
            links=answer.proof,
            failure=None if is_bogus else answer,
        )
    reason = answer.reason
    if answer.security is Security.SECURE:
        vouchers = [each for each in answer.records if isinstance(each, Ds)]
        unable = unusable(zone, vouchers) if vouchers else None
        if unable is None:
            return None
        reason = unable
    return Verdict(
        security=weakest(answer.security, Security.INSECURE),
        reason=reason,
        until=until_of(answer),
        links=answer.proof,
    )
