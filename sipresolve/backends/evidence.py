"""What a message shows to prove its answer: RRsets in the canonical form in which they are signed.

Canonical form is that of RFC 4034 §6, with the corrections of RFC 6840 §5.1.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, TypeAlias

from dns.rdataclass import IN

from sipresolve.backends.messages import Malformed
from sipresolve.session.proof.bitmaps import TypeBitmap
from sipresolve.vocabulary.evidence import Evidence, RrType, Signature, SignedSet, wire_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sipresolve.backends.messages import Entry, Message

__all__ = ["evidence_of"]


def evidence_of(
    message: Message, answers: Iterable[Entry], authorities: Iterable[Entry]
) -> Evidence:
    """The evidence in the answer and the authority section of a message.

    Raises:
        Malformed: The data of a record are not those of its type.
        IndexError: Likewise, where the message ends too early.
        struct.error: Likewise.
    """
    return Evidence(
        _signed_sets(message, answers, _IN_ANSWERS),
        _signed_sets(message, authorities, _IN_AUTHORITIES),
    )


_IN_ANSWERS: Final = frozenset(RrType) - {RrType.RRSIG}
_IN_AUTHORITIES: Final = frozenset({RrType.SOA, RrType.NSEC, RrType.NSEC3})

#: The owner of an RRset, as text, and its type.
_Key: TypeAlias = tuple[str, int]


def _signed_sets(
    message: Message, entries: Iterable[Entry], types: frozenset[int]
) -> tuple[SignedSet, ...]:
    records: dict[_Key, list[Entry]] = {}
    rrsigs: list[Entry] = []
    for entry in entries:
        if entry.type in types and entry.class_ == IN:
            records.setdefault((entry.owner, entry.type), []).append(entry)
        elif entry.type == RrType.RRSIG and entry.class_ == IN:
            rrsigs.append(entry)
    signatures: dict[_Key, list[Signature]] = {}
    for entry in rrsigs:
        if entry.end - entry.at < _RRSIG.size:
            raise Malformed
        (covered,) = _COVERED.unpack_from(message.octets, entry.at)
        key = entry.owner, covered
        if key in records:
            signatures.setdefault(key, []).append(_signature(message, entry))
    return tuple(
        [_signed_set(message, those, signatures.get(key, ())) for key, those in records.items()]
    )


def _signed_set(
    message: Message, entries: list[Entry], signatures: Iterable[Signature]
) -> SignedSet:
    first = entries[0]
    canonical = _CANONICAL.get(first.type, _as_they_are)
    labels, _ = message.labels(first.begin)
    return SignedSet(
        tuple([label.lower() for label in labels]),
        first.type,
        min([entry.ttl for entry in entries]),
        # RFC 4034 §6.3: "a left-justified unsigned octet sequence in which the absence of an octet
        # sorts before a zero octet"; it "MUST remove all but one of the duplicate RR(s)".
        tuple(sorted({canonical(message, entry.at, entry.end) for entry in entries})),
        tuple(signatures),
    )


def _signature(message: Message, entry: Entry) -> Signature:
    """RFC 4034 §3.1; RFC 6840 §5.1: names in these data "are converted to lowercase"."""
    octets, begin = message.octets, entry.at
    labels, end = message.labels(begin + _RRSIG.size)
    if end > entry.end:
        raise Malformed
    signer = tuple([label.lower() for label in labels])
    head = octets[begin : begin + _RRSIG.size] + wire_of(signer)
    covered, algorithm, signed_labels, ttl, expiration, inception, tag = _RRSIG.unpack_from(head)
    return Signature(
        covered,
        algorithm,
        signed_labels,
        ttl,
        expiration,
        inception,
        tag,
        signer,
        octets[end : entry.end],
        head,
        entry.ttl,
    )


_COVERED: Final = struct.Struct("!H")
_RRSIG: Final = struct.Struct("!HBBIIIH")


# --- The data of each type, in canonical form


def _as_they_are(message: Message, at: int, end: int) -> bytes:
    return message.octets[at:end]


def _begun_by(size: int) -> Callable[[Message, int, int], bytes]:
    """Data that begin with fields of so many octets, and go on as they like."""

    def canonical(message: Message, at: int, end: int) -> bytes:
        if end - at < size:
            raise Malformed
        return message.octets[at:end]

    return canonical


def _name_after(size: int) -> Callable[[Message, int, int], bytes]:
    """So many octets, and a name with nothing behind it."""

    def canonical(message: Message, at: int, end: int) -> bytes:
        labels, ends = message.labels(at + size)
        if ends != end:
            raise Malformed
        return message.octets[at : at + size] + _lower(labels)

    return canonical


def _soa(message: Message, at: int, end: int) -> bytes:
    primary, at = message.labels(at)
    mailbox, at = message.labels(at)
    if end - at != _NUMBERS_OF_SOA:
        raise Malformed
    return _lower(primary) + _lower(mailbox) + message.octets[at:end]


def _naptr(message: Message, at: int, end: int) -> bytes:
    behind = at + _NUMBERS_OF_NAPTR
    for _ in ("flags", "services", "regexp"):
        _, behind = message.string(behind)
    return _name_after(behind - at)(message, at, end)


def _nsec(message: Message, at: int, end: int) -> bytes:
    """RFC 6840 §5.1: names in these data "are not converted to lowercase"."""
    following, at = message.labels(at)
    _check_bitmaps(message.octets, at, end)
    return wire_of(tuple(following)) + message.octets[at:end]


def _nsec3(message: Message, at: int, end: int) -> bytes:
    """RFC 5155 §3.2: numbers, the salt and the next hash behind their lengths, and the types."""
    _, behind = message.string(at + _NUMBERS_OF_NSEC3)
    _, behind = message.string(behind)
    _check_bitmaps(message.octets, behind, end)
    return message.octets[at:end]


def _check_bitmaps(octets: bytes, at: int, end: int) -> None:
    if at > end:
        raise Malformed
    try:
        TypeBitmap.of(octets[at:end])
    except ValueError as error:
        raise Malformed from error


def _lower(labels: list[bytes]) -> bytes:
    """The lengths of labels are below the letters: lower case changes none of them."""
    return wire_of(tuple(labels)).lower()


# In octets.
_NUMBERS_OF_SOA: Final = 20
_NUMBERS_OF_NAPTR: Final = 4
_NUMBERS_OF_NSEC3: Final = 4

#: What lacks here has no names, and nothing in it is read: it is signed as it came.
_CANONICAL: Final[Mapping[int, Callable[[Message, int, int], bytes]]] = {
    RrType.NS: _name_after(0),
    RrType.CNAME: _name_after(0),
    RrType.SOA: _soa,
    RrType.SRV: _name_after(6),
    RrType.NAPTR: _naptr,
    RrType.DNAME: _name_after(0),
    RrType.DS: _begun_by(4),
    RrType.NSEC: _nsec,
    RrType.DNSKEY: _begun_by(4),
    RrType.NSEC3: _nsec3,
}
