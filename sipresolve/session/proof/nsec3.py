"""What NSEC3 records say of the names of a zone (RFC 5155 §8, RFC 6840 §4.1, RFC 9276 §3.2)."""

from __future__ import annotations

from base64 import b32hexdecode
from hashlib import sha1
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from sipresolve.session.proof.bitmaps import TypeBitmap
from sipresolve.session.proof.chains import Gap
from sipresolve.vocabulary.evidence import RrType, wire_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sipresolve.session.proof.work import Work
    from sipresolve.vocabulary.evidence import Labels, SignedSet

__all__ = ["Nsec3Chain", "TooMuchWorkError", "hash_of"]


class TooMuchWorkError(Exception):
    """More names would have to be hashed than a resolution may."""


@frozen
class Nsec3Chain:
    """The NSEC3 records of a zone that one reply has shown.

    Its methods raise `TooMuchWorkError`, where the work is used up.

    Attributes:
        zone: The zone.
        links: The records, by the hash of the name that they are of.
        salt: What is added to a name before it is hashed.
        iterations: How often the hash is hashed again.
        work: What may yet be spent.
    """

    zone: Labels
    links: Mapping[bytes, _Link]
    salt: bytes
    iterations: int
    work: Work
    _hashes: dict[Labels, bytes] = field(init=False, factory=dict)

    @classmethod
    def of(cls, zone: Labels, sets: Sequence[SignedSet], work: Work) -> Nsec3Chain | None:
        """Those among these RRsets that can be read; all of them are signed by the zone.

        Returns:
            The chain; None if there are no such records, or if their parameters differ: these may
            be treated as bogus (RFC 5155 §8.2).
        """
        found = [_link(each, zone) for each in sets if each.type == RrType.NSEC3]
        links = {link.owner: link for link in found if link is not None}
        parameters = {(link.salt, link.iterations) for link in links.values()}
        if len(parameters) != 1:
            return None
        return cls(zone, links, *parameters.pop(), work)

    def types_at(self, name: Labels) -> TypeBitmap | None:
        """The types at a name, if it is shown to exist; none at an empty non-terminal."""
        link = self.links.get(self._hash(name))
        return None if link is None else link.types

    def gap_at(self, name: Labels) -> Gap | None:
        """That a name does not exist, if that is shown."""
        hashed = self._hash(name)
        if hashed in self.links:
            return None
        spanning = [link for link in self.links.values() if link.spans(hashed)]
        return Gap(name, any(link.is_opt_out for link in spanning)) if spanning else None

    def next_closer(self, name: Labels) -> Gap | None:
        """The shortest name at or above this one that does not exist, if that is shown.

        RFC 5155 §8.3: the longest name above it that is shown to exist is the closest encloser, if
        the name one label longer is shown not to exist.
        """
        closer = None
        for length in range(len(name), len(self.zone) - 1, -1):
            encloser = name[len(name) - length :]
            types = self.types_at(encloser)
            if types is not None:
                return None if closer is None or types.hides_below else self.gap_at(closer)
            closer = encloser
        return None

    def _hash(self, name: Labels) -> bytes:
        """Each name is hashed once."""
        hashed = self._hashes.get(name)
        if hashed is None:
            if not self.work.may_hash(self.iterations + 1):
                raise TooMuchWorkError
            hashed = self._hashes[name] = hash_of(name, self.salt, self.iterations)
        return hashed


@frozen
class _Link:
    """An NSEC3 record.

    Attributes:
        owner: The hash of the name that it is of.
        next: The next hash of the zone; behind the last one, the first.
        types: The types at that name.
        salt: What is added to a name before it is hashed.
        iterations: How often the hash is hashed again.
        is_opt_out: Whether there may be delegations between the two (RFC 5155 §3.1.2.1).
    """

    owner: bytes
    next: bytes
    types: TypeBitmap
    salt: bytes
    iterations: int
    is_opt_out: bool

    def spans(self, hashed: bytes) -> bool:
        """Whether a hash comes between the two."""
        if self.owner < self.next:
            return self.owner < hashed < self.next
        return hashed > self.owner or hashed < self.next


def hash_of(name: Labels, salt: bytes, iterations: int) -> bytes:
    """The hash of a name (RFC 5155 §5)."""
    # SHA-1 hides the names of a zone here, and keeps no secret of ours.
    digest = sha1(wire_of(name) + salt, usedforsecurity=False).digest()
    for _ in range(iterations):
        digest = sha1(digest + salt, usedforsecurity=False).digest()
    return digest


def _link(found: SignedSet, zone: Labels) -> _Link | None:
    """The one record of an RRset; None if it is unknown to RFC 5155, or not one of the zone."""
    try:
        (data,) = found.data
        (label,) = found.owner[: len(found.owner) - len(zone)]
        owner = b32hexdecode(label.upper())
        algorithm, flags = data[:2]
        salt, at = _string(data, 4)
        next_, at = _string(data, at)
        types = TypeBitmap.of(data[at:])
    except ValueError:
        return None
    is_hash = len(owner) == len(next_) == _SIZE and algorithm == _SHA_1
    if not is_hash or flags not in _KNOWN_FLAGS or found.owner[1:] != zone:
        return None
    iterations = int.from_bytes(data[2:4])
    return _Link(owner, next_, types, salt, iterations, is_opt_out=flags == _OPT_OUT)


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """The octets behind an octet that counts them, fewer if they are cut off; and the end."""
    end = at + 1 + int.from_bytes(data[at : at + 1])
    return data[at + 1 : end], end


_SHA_1: Final = 1
_SIZE: Final = 20
_OPT_OUT: Final = 1
_KNOWN_FLAGS: Final = (0, _OPT_OUT)
