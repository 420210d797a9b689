"""Whether a zone has signed an RRset (RFC 4035 §5.3)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.session.proof.means import SUPPORTED_ALGORITHMS
from sipresolve.session.proof.names import is_at_or_below, text_of
from sipresolve.session.proof.work import MOST_CHECKS_OF_A_SET, MOST_KEYS_OF_A_TAG
from sipresolve.vocabulary.evidence import RrType, wire_of
from sipresolve.vocabulary.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.session.proof.means import Means
    from sipresolve.session.proof.work import Work
    from sipresolve.vocabulary.evidence import Labels, Signature, SignedSet
    from sipresolve.vocabulary.keys import DnsKey

__all__ = ["Signed", "check_set", "described"]


@frozen
class Signed:
    """An RRset that a zone has signed.

    Attributes:
        ttl: For how long it holds, in seconds (RFC 4035 §5.3.3).
        until: When the signature ends, in seconds since 1970.
        wildcard: Where it was made of a wildcard, how many labels that has below its asterisk; None
            where it was not.
        key: The key that signed it.
    """

    ttl: int
    until: float
    wildcard: int | None
    key: DnsKey


def check_set(
    found: SignedSet, zone: Labels, keys: Sequence[DnsKey], means: Means
) -> Signed | Reason:
    """Check the signatures of an RRset that a zone has made, until one is right.

    Args:
        found: The RRset.
        zone: The zone.
        keys: Keys of the zone that are proven.
        means: The check of a signature, the time of day, and what may be spent.

    Returns:
        What is signed; or why it is not.
    """
    now = means.clock()
    faults: list[Reason] = []
    checked = 0
    own = [signature for signature in found.signatures if signature.signer == zone]
    for signature in own[:MOST_CHECKS_OF_A_SET]:
        candidates = _candidates(found, signature, keys, now)
        if isinstance(candidates, Reason):
            faults.append(candidates)
            continue
        data = _signed_data(found, signature)
        for key in candidates:
            if not _may_check(checked, means.work):
                return _fault(found, "too-much-work", "has too many signatures that are wrong")
            checked += 1
            if means.verify(key, signature.signature, data):
                return _signed(found, signature, key, now)
        faults.append(_fault(found, "bogus", f"is not what {text_of(zone)} has signed"))
    return _most_telling(faults) or _fault(
        found, "no-signature", f"has no signature of {text_of(zone)}"
    )


def _may_check(checked: int, work: Work) -> bool:
    """Whether one more signature of an RRset may be checked, after so many that were wrong."""
    if checked and (checked == MOST_CHECKS_OF_A_SET or not work.may_check_again()):
        return False
    return work.may_check()


def described(found: SignedSet) -> str:
    """An RRset as a person names it."""
    return f"{text_of(found.owner)} {type_text(found.type)}"


def type_text(number: int) -> str:
    """The mnemonic of a type."""
    return RrType(number).name if number in _KNOWN else f"TYPE{number}"


_KNOWN: Final = frozenset(RrType)


def _candidates(
    found: SignedSet, signature: Signature, keys: Sequence[DnsKey], now: float
) -> Sequence[DnsKey] | Reason:
    """The keys that may have made a signature, if it can be right at all (RFC 4035 §5.3.1)."""
    if not _may_be_of(signature, found):
        return _fault(found, "bogus", "has a signature that is for another name or type")
    if (code := _untimely(signature, now)) is not None:
        return _fault(found, code, _SAID_OF_TIME[code])
    tagged = [
        key
        for key in keys
        if key.tag == signature.key_tag
        and key.algorithm == signature.algorithm
        and key.algorithm in SUPPORTED_ALGORITHMS
    ]
    if not tagged:
        said = f"is signed by key {signature.key_tag}, which {text_of(signature.signer)} lacks"
        return _fault(found, "no-matching-key", said)
    if able := [key for key in tagged if key.is_zone_key]:
        return able[:MOST_KEYS_OF_A_TAG]
    said = f"is signed by key {signature.key_tag}, which is revoked or no zone key"
    return _fault(found, "no-zone-key", said)


def _may_be_of(signature: Signature, found: SignedSet) -> bool:
    """Whether it covers these records, whose name is in the zone, as is the wildcard behind it."""
    return (
        signature.covered == found.type
        and is_at_or_below(found.owner, signature.signer)
        and _count(signature.signer) <= signature.labels <= _count(found.owner)
    )


def _count(owner: Labels) -> int:
    """How many labels an owner has, as RFC 4034 §3.1.3 counts them."""
    return len(owner) - (owner[:1] == (b"*",))


def _untimely(signature: Signature, now: float) -> str | None:
    """Whether a signature is not valid now (RFC 4034 §3.1.5, in the arithmetic of RFC 1982)."""
    time = int(now) & _MASK
    if (signature.expiration - signature.inception) & _MASK >= _HALF:
        return "expired-before-valid"
    if (signature.expiration - time) & _MASK >= _HALF:
        return "signature-expired"
    if (time - signature.inception) & _MASK >= _HALF:
        return "signature-not-yet-valid"
    return None


_MASK: Final = 0xFFFF_FFFF
_HALF: Final = 0x8000_0000
_SAID_OF_TIME: Final = {
    "expired-before-valid": "has a signature that ends before it begins",
    "signature-expired": "has a signature that has expired",
    "signature-not-yet-valid": "has a signature that is not valid yet",
}


def _signed_data(found: SignedSet, signature: Signature) -> bytes:
    """What was signed: RFC 4034 §3.1.8.1, with the owner as it was then (RFC 4035 §5.3.2)."""
    owner = found.owner
    if signature.labels < _count(owner):
        owner = (b"*", *owner[len(owner) - signature.labels :])
    head = wire_of(owner) + _RECORD.pack(found.type, _IN, signature.original_ttl)
    parts = [signature.head]
    for data in found.data:
        parts += (head, _LENGTH.pack(len(data)), data)
    return b"".join(parts)


_RECORD: Final = struct.Struct("!HHI")
_LENGTH: Final = struct.Struct("!H")
_IN: Final = 1


def _signed(found: SignedSet, signature: Signature, key: DnsKey, now: float) -> Signed:
    """RFC 4035 §5.3.3: the TTL is no greater than any of four."""
    left = (signature.expiration - int(now)) & _MASK
    is_expanded = signature.labels < _count(found.owner)
    return Signed(
        ttl=min(found.ttl, signature.ttl, signature.original_ttl, left),
        until=now + left,
        wildcard=signature.labels if is_expanded else None,
        key=key,
    )


def _fault(found: SignedSet, code: str, said: str) -> Reason:
    return Reason.of(code, f"{described(found)} {said}")


def _most_telling(faults: Sequence[Reason]) -> Reason | None:
    """Of several signatures that are no good, what to say: the one that came closest."""
    return min(faults, key=lambda fault: _TELLING.index(fault.code), default=None)


_TELLING: Final = (
    "bogus",
    "signature-expired",
    "signature-not-yet-valid",
    "expired-before-valid",
    "no-zone-key",
    "no-matching-key",
)
