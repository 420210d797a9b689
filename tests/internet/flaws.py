"""What goes wrong with a signed zone, by mistake or by malice; each flaw is a function on it.

Owners are as in a zone file, relative to the zone that the flaw is planned for. Where the type is
NSEC3 that is the name that was hashed; `covering` finds the record that covers a name.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import frozen
from dns.rdatatype import RdataType
from internet.signing import DAY, Key, Nsec3, SignedZone, make_key, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dns.name import Name
    from dns.rdtypes.ANY.RRSIG import RRSIG
    from internet.signing import Place

__all__ = [
    "Covering",
    "Flaw",
    "Scene",
    "added_signature",
    "altered",
    "claimed",
    "covering",
    "entries",
    "expired",
    "inverted",
    "kept_longer",
    "not_yet_valid",
    "others",
    "removed",
    "signed_again",
    "signed_by_another_zone",
    "signed_by_stranger",
    "spoiled",
    "the_last",
    "unsigned",
]

P256: Final = 13


@frozen
class Scene:
    """What a flaw may know beside its zone.

    Attributes:
        here: The zone that it is planned for, which may be a child of the one that it changes.
        keys: The keys of all zones.
    """

    here: Name
    keys: Mapping[Name, tuple[Key, ...]]


Flaw: TypeAlias = "Callable[[SignedZone, Scene], None]"


#: Which keys of a zone sign something.
Signers: TypeAlias = "Callable[[tuple[Key, ...]], Sequence[Key]]"


def entries(keys: tuple[Key, ...]) -> Sequence[Key]:
    """Those for the keys."""
    return [key for key in keys if key.is_entry]


def others(keys: tuple[Key, ...]) -> Sequence[Key]:
    """Those for everything else."""
    return [key for key in keys if not key.is_entry]


def the_last(keys: tuple[Key, ...]) -> Sequence[Key]:
    """The last one."""
    return keys[-1:]


@frozen
class Covering:
    """The NSEC or NSEC3 record that covers a name."""

    name: str


def covering(name: str) -> Covering:
    """The NSEC or NSEC3 record that covers a name."""
    return Covering(name)


Owner: TypeAlias = str | Covering


def removed(owner: Owner, rdtype: str) -> Flaw:
    """An RRset is gone, with its signatures."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        del zone.records[place]
        zone.signatures.pop(place, None)

    return flaw


def unsigned(owner: Owner, rdtype: str) -> Flaw:
    """The signatures of an RRset are gone."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        del zone.signatures[_place(zone, scene, owner, rdtype)]

    return flaw


def altered(owner: Owner, *texts: str) -> Flaw:
    """An RRset says something else, under the signatures that it had."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, texts[0].partition(" ")[0])
        zone.put(place[0], *texts, ttl=zone.records[place].ttl)

    return flaw


def kept_longer(owner: Owner, rdtype: str, ttl: int) -> Flaw:
    """An RRset has another TTL than it was signed with."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        zone.records[_place(zone, scene, owner, rdtype)].ttl = ttl

    return flaw


def claimed(owner: Owner, *texts: str) -> Flaw:
    """The zone itself says something, or something else than is so, and signs it."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, texts[0].partition(" ")[0])
        zone.sign(*zone.put(place[0], *texts))

    return flaw


def signed_again(owner: Owner, rdtype: str, *, by: Signers | None = None, **fields: Any) -> Flaw:
    """An RRset has other signatures: with some of the keys only, or with other fields.

    What is callable is handed the value that is right: a key tag, or a count of labels.
    """

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        right = zone.signatures[place][0]
        told = {
            name: value(getattr(right, name)) if callable(value) else value
            for name, value in fields.items()
        }
        zone.sign(*place, *(by(zone.keys) if by else ()), **told)

    return flaw


def expired(owner: Owner, rdtype: str) -> Flaw:
    """The signatures of an RRset have ended ten days ago."""
    return _signed_then(owner, rdtype, -40 * DAY, -10 * DAY)


def not_yet_valid(owner: Owner, rdtype: str) -> Flaw:
    """The signatures of an RRset begin in ten days."""
    return _signed_then(owner, rdtype, 10 * DAY, 40 * DAY)


def inverted(owner: Owner, rdtype: str) -> Flaw:
    """The signatures of an RRset end before they begin."""
    return _signed_then(owner, rdtype, 10 * DAY, -10 * DAY)


def _signed_then(owner: Owner, rdtype: str, begin: int, end: int) -> Flaw:
    def flaw(zone: SignedZone, scene: Scene) -> None:
        now = int(time.time())
        again = signed_again(owner, rdtype, inception=now + begin, expiration=now + end)
        again(zone, scene)

    return flaw


def spoiled(owner: Owner, rdtype: str, *, first: bool = False, length: int | None = None) -> Flaw:
    """The signatures of an RRset, or the first of them, have other octets, or fewer."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        signatures = zone.signatures[place]
        for number, sound in enumerate(signatures[:1] if first else signatures):
            octets = sound.signature[::-1][:length]
            signatures[number] = cast("RRSIG", sound.replace(signature=octets))

    return flaw


def added_signature(owner: Owner, rdtype: str, other: Flaw) -> Flaw:
    """An RRset has the signature that a flaw makes first, and then those that it had."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        had = zone.signatures[place]
        other(zone, scene)
        zone.signatures[place] += had

    return flaw


def signed_by_stranger(owner: Owner, rdtype: str, **fields: Any) -> Flaw:
    """An RRset is signed, in the name of the zone, with a key that the zone does not publish."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        zone.sign(*place, make_key(P256, 256), **fields)

    return flaw


def signed_by_another_zone(owner: Owner, rdtype: str, other: str, *texts: str) -> Flaw:
    """An RRset, or another one in its place, is signed by another zone and in that one's name."""

    def flaw(zone: SignedZone, scene: Scene) -> None:
        place = _place(zone, scene, owner, rdtype)
        if texts:
            zone.put(place[0], *texts)
        signer = name_of(other)
        zone.sign(*place, scene.keys[signer][-1], signer=signer)

    return flaw


def _place(zone: SignedZone, scene: Scene, owner: Owner, rdtype: str) -> Place:
    kind = RdataType.make(rdtype)
    if isinstance(owner, Covering):
        return _covering(zone, name_of(owner.name, scene.here), kind), kind
    name = name_of(owner, scene.here)
    if kind == RdataType.NSEC3:
        return name_of(_denial(zone).hashed(name), zone.origin), kind
    return name, kind


def _covering(zone: SignedZone, name: Name, rdtype: RdataType) -> Name:
    """The last owner before a name, in the order of the denials; the very last before the first."""
    if rdtype == RdataType.NSEC3:
        name = name_of(_denial(zone).hashed(name), zone.origin)
    owners = sorted(owner for owner, kind in zone.records if kind == rdtype)
    return max((owner for owner in owners if owner < name), default=owners[-1])


def _denial(zone: SignedZone) -> Nsec3:
    assert isinstance(zone.denial, Nsec3)
    return zone.denial
