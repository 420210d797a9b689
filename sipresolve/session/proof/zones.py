"""The keys of zones, and where the chain of trust to them ends (RFC 4035 §5.2).

A chain goes from a trust anchor down: the keys of a zone, signed by one that is trusted; the DS
records of the zone below, signed by these; its keys, of which one fits a DS record; and so on. It
ends in insecurity where a zone proves that the one below has no DS records.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.session.proof.names import labels_of, text_of
from sipresolve.session.proof.signing import check_set
from sipresolve.session.proof.verdict import NEVER, Verdict, bogus, until_of
from sipresolve.session.proof.work import MOST_KEYS_OF_A_TAG
from sipresolve.vocabulary.evidence import RrType, wire_of
from sipresolve.vocabulary.keys import (
    SUPPORTED_ALGORITHMS,
    SUPPORTED_DIGESTS,
    DnsKey,
    Ds,
    is_supported,
)
from sipresolve.vocabulary.proofs import Link
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.procedures.ask import Procedure
    from sipresolve.session.proof.means import Means
    from sipresolve.vocabulary.evidence import Labels, SignedSet

__all__ = [
    "anchored_zone",
    "ds_of",
    "failed",
    "keys_of",
    "likely_zone",
    "no_anchor",
    "probable_zone",
    "prove_keys",
    "state_of",
    "unusable",
]


# --- What the others ask


def keys_of(zone: Labels) -> Procedure[Answer]:
    """What is proven of the keys of a zone: its DNSKEY records, or that it has none."""
    question = Question(text_of(zone), RecordType.DNSKEY)
    known = yield Ask((Wait((question,)),))
    return known[question]


def state_of(zone: Labels, keys: Answer) -> Verdict | None:
    """What the keys of a zone mean for what it is said to have signed; None where they are proven.

    Args:
        zone: The zone.
        keys: What is proven of its keys.
    """
    if keys.security is Security.SECURE and keys.records:
        return None
    failure, reason, links = None, keys.reason, keys.proof
    security = keys.security
    if keys.status.is_failure and keys.status is not Status.BOGUS:
        failure = keys
    elif security is Security.SECURE:
        said = f"it is said to be signed by {text_of(zone)}, which is no zone"
        security, reason = Security.BOGUS, Reason.of("bogus", said)
        links = (*links, Link(text_of(zone), RecordType.DNSKEY, security, said))
    return Verdict(
        security=security, reason=reason, until=until_of(keys), links=links, failure=failure
    )


def anchored_zone(name: Labels, type_: int, means: Means) -> Labels | None:
    """The zone at which the chain to some records begins; None where no trust anchor is above.

    DS records are in the zone above the one that has their name.
    """
    return means.trust.zone_above(name[1:] if type_ == RrType.DS else name)


def probable_zone(question: Question) -> Labels:
    """The zone whose keys will probably prove an answer.

    The labels that begin with an underscore have none of their own, as a rule, nor has a host; a DS
    record is in the zone above. Of long names, such as those of telephone numbers, only the upper
    zones can be guessed. What vouches for its keys is asked for with them.
    """
    return likely_zone(labels_of(question.name), RrType[question.type])


def likely_zone(name: Labels, type_: int) -> Labels:
    """The same, for a name and the number of a type."""
    while name[:1] and name[0].startswith(b"_"):
        name = name[1:]
    is_host = type_ in _OF_HOSTS and len(name) > _REGISTERED
    if is_host or type_ == RrType.DS:
        name = name[1:]
    return name[-_MOST_LABELS:]


#: An alias stands for a host, as a rule.
_OF_HOSTS: Final = frozenset({RrType.A, RrType.AAAA, RrType.CNAME})
_REGISTERED: Final = 2
_MOST_LABELS: Final = 4


def ds_of(zone: Labels) -> Question:
    """The question for the DS records of a zone."""
    return Question(text_of(zone), RecordType.DS)


# --- The keys of a zone


def prove_keys(question: Question, signed: Question, means: Means) -> Procedure[Answer]:
    """Prove the keys of a zone, by what vouches for them.

    Args:
        question: For the DNSKEY records of the zone.
        signed: The same with its signatures.
        means: What the proof is given.
    """
    zone = labels_of(question.name)
    if means.trust.zone_above(zone) is None:
        return _without_keys(question, Security.INDETERMINATE, no_anchor(zone))
    vouchers: Sequence[Ds | DnsKey] = [anchor.key for anchor in means.trust.of(zone)]
    links: tuple[Link, ...] = ()
    until: float | None = None
    if not vouchers:
        known = yield Ask((Wait((ds_of(zone),)),), hints=(signed,))
        above = known[ds_of(zone)]
        if above.status is not Status.OK or above.security is not Security.SECURE:
            return _handed_down(question, above)
        vouchers = [each for each in above.records if isinstance(each, Ds)]
        links, until = above.proof, above.proven_until
    if (reason := unusable(zone, vouchers)) is not None:
        return _without_keys(question, Security.INSECURE, reason, links, until)
    known = yield Ask((Wait((signed,)),))
    answer = known[signed]
    if answer.status.is_failure:
        return failed(question, answer, links)
    verdict, keys = _checked(zone, answer, vouchers, means)
    link = Link(question.name, str(question.type), verdict.security, verdict.reason.sentence)
    return Answer(
        question=question,
        status=Status.OK if keys else Status.BOGUS,
        records=keys,
        ttl=_least(answer.ttl, verdict.ttl),
        security=verdict.security,
        reason=verdict.reason,
        proof=(*links, link),
        proven_until=_first(until, verdict.until),
        detail="" if keys else verdict.reason.sentence,
    )


def _checked(
    zone: Labels, answer: Answer, vouchers: Sequence[Ds | DnsKey], means: Means
) -> tuple[Verdict, tuple[DnsKey, ...]]:
    """Whether the keys of a zone are signed by one for which something vouches."""
    name, voucher = text_of(zone), _vouching(zone, vouchers, means)
    found = _set_of(zone, answer)
    if found is None:
        return bogus("no-matching-key", f"{name} has no DNSKEY records"), ()
    keys = tuple(DnsKey.of(data) for data in found.data if len(data) > _SHORTEST_KEY)
    trusted = _vouched_for(zone, keys, vouchers)
    if not trusted:
        return _without_trust(zone, keys, vouchers, voucher), ()
    signed = check_set(found, zone, trusted, means)
    if isinstance(signed, Reason):
        return Verdict(security=Security.BOGUS, reason=signed), ()
    said = f"signed by key {signed.key.tag}, which fits its {voucher}"
    verdict = Verdict(
        security=Security.SECURE,
        reason=Reason.of("proven", said),
        ttl=signed.ttl,
        until=signed.until,
    )
    return verdict, keys


def _without_trust(
    zone: Labels, keys: Sequence[DnsKey], vouchers: Sequence[Ds | DnsKey], voucher: str
) -> Verdict:
    """Why no key of a zone is trusted: there is none, or none that may sign (RFC 4034 §2.1)."""
    meant = {(_tag(each), each.algorithm) for each in vouchers}
    found = [key for key in keys if (key.tag, key.algorithm) in meant and not key.is_zone_key]
    if found:
        said = f"key {found[0].tag} of {text_of(zone)}, which fits its {voucher}, is revoked"
        return bogus("no-zone-key", f"{said} or no zone key")
    said = f"none of the DNSKEY records of {text_of(zone)} fits its {voucher}"
    return bogus("no-matching-key", said)


def _vouched_for(
    zone: Labels, keys: Sequence[DnsKey], vouchers: Sequence[Ds | DnsKey]
) -> list[DnsKey]:
    """The keys for which something vouches.

    Digests cost, and a zone can have thousands of pairs with one key tag (CVE-2023-50387).
    """
    trusted: dict[DnsKey, None] = {}
    for voucher in list(filter(is_supported, vouchers))[:_MOST_VOUCHERS]:
        algorithm, tag = voucher.algorithm, _tag(voucher)
        alike = [key for key in keys if key.tag == tag and key.algorithm == algorithm]
        fitting = (key for key in alike[:MOST_KEYS_OF_A_TAG] if _fits(voucher, zone, key))
        trusted.update(dict.fromkeys(fitting))
    return list(trusted)


_MOST_VOUCHERS: Final = 16
_SHORTEST_KEY: Final = 4  # octets before the key itself


def _set_of(zone: Labels, answer: Answer) -> SignedSet | None:
    sets = answer.evidence.answers if answer.evidence is not None else ()
    wanted = (each for each in sets if each.type == RrType.DNSKEY and each.owner == zone)
    return next(wanted, None)


def _fits(voucher: Ds | DnsKey, zone: Labels, key: DnsKey) -> bool:
    """Whether something vouches for a key that has its tag and algorithm (RFC 4034 §5.1.4)."""
    if isinstance(voucher, DnsKey):
        return voucher == key
    if not key.is_zone_key:
        return False
    kind = SUPPORTED_DIGESTS[voucher.digest_type]
    return voucher.digest == hashlib.new(kind, wire_of(zone) + key.data).digest()


def _vouching(zone: Labels, vouchers: Sequence[Ds | DnsKey], means: Means) -> str:
    """What vouches, for a person."""
    kind = "trust anchor" if zone in means.trust.zones else "DS record"
    tags = sorted({_tag(each) for each in vouchers})
    plural = "s" if len(tags) > 1 else ""
    return f"{kind}{plural} ({', '.join(map(str, tags[:_TOLD]))})"


#: How many tags of keys are told.
_TOLD: Final = 3


def _tag(voucher: Ds | DnsKey) -> int:
    return voucher.key_tag if isinstance(voucher, Ds) else voucher.tag


def unusable(zone: Labels, vouchers: Sequence[Ds | DnsKey]) -> Reason | None:
    """Why a zone counts as not signed: no algorithm or digest of it is known.

    "If none of the Algorithm and Digest combinations are supported, the resolver treats the zone as
    unsigned" (RFC 6840 §5.2); one that is will do (§5.11).
    """
    able = [each for each in vouchers if each.algorithm in SUPPORTED_ALGORITHMS]
    if not able:
        numbers = ", ".join(sorted({str(each.algorithm) for each in vouchers}))
        said = f"{text_of(zone)} is signed by algorithm {numbers} only, which is not supported"
        return Reason.of("unsupported-algorithm", said)
    if any(map(is_supported, able)):
        return None
    said = f"the DS records of {text_of(zone)} have digests of kinds that are not supported"
    return Reason.of("unsupported-digest", said)


def no_anchor(name: Labels) -> Reason:
    """RFC 4033 §5, "Indeterminate"."""
    return Reason.of("no-trust-anchor", f"no trust anchor is above {text_of(name)}")


def _handed_down(question: Question, above: Answer) -> Answer:
    """What the state of a delegation makes of the keys of the zone below."""
    if above.status.is_failure and above.status is not Status.BOGUS:
        return failed(question, above)
    return Answer(
        question=question,
        status=above.status if above.status is not Status.OK else Status.NODATA,
        ttl=above.ttl,
        security=above.security,
        reason=above.reason,
        proof=above.proof,
        proven_until=above.proven_until,
        detail=above.detail,
    )


def failed(question: Question, lacking: Answer, links: tuple[Link, ...] = ()) -> Answer:
    """The answer to a question whose proof needs what could not be had.

    Args:
        question: The question.
        lacking: What could not be had.
        links: How far the chain was followed before.
    """
    own = lacking.question.name == question.name and lacking.question.type == question.type
    # Where that needed something else in turn, it is that which is to be named.
    is_first = lacking.question.signed or lacking.reason.code != "not-answered"
    what = lacking.detail or str(lacking.status)
    reason = Reason.not_answered(lacking.question, what) if is_first else lacking.reason
    link = Link(
        lacking.question.name,
        str(lacking.question.type),
        Security.INDETERMINATE,
        "was not answered",
    )
    return Answer(
        question=question,
        status=lacking.status,
        security=Security.INDETERMINATE,
        reason=reason,
        proof=(*links, link) if is_first else lacking.proof,
        aliases=lacking.aliases if own else (),
        loop=lacking.loop if own else False,
        extended_errors=lacking.extended_errors,
        detail=lacking.detail if own else reason.sentence,
    )


def _without_keys(
    question: Question,
    security: Security,
    reason: Reason,
    links: tuple[Link, ...] = (),
    until: float | None = None,
) -> Answer:
    link = Link(question.name, str(question.type), security, reason.sentence)
    return Answer(
        question=question,
        status=Status.NODATA,
        ttl=_TTL_OF_NO_KEYS,
        security=security,
        reason=reason,
        proof=(*links, link),
        proven_until=until,
    )


#: That a zone cannot be proven is found out anew after so many seconds.
_TTL_OF_NO_KEYS: Final = 300


def _least(ttl: int | None, other: float) -> int | None:
    return None if ttl is None else int(min(ttl, other))


def _first(until: float | None, other: float) -> float | None:
    """The first of two ends; None where neither ends."""
    first = other if until is None else min(until, other)
    return None if first == NEVER else first
