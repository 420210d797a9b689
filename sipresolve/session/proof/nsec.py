"""What NSEC records say of the names of a zone (RFC 4034 §4, RFC 4035 §5.4, RFC 6840 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve.session.proof.bitmaps import NO_TYPES, TypeBitmap
from sipresolve.session.proof.chains import Gap
from sipresolve.session.proof.names import (
    ancestors,
    canonical_key,
    is_at_or_below,
    is_below,
    name_at,
)
from sipresolve.vocabulary.evidence import RrType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.vocabulary.evidence import Labels, SignedSet

__all__ = ["NsecChain"]


@frozen
class NsecChain:
    """The NSEC records of a zone that one reply has shown.

    Attributes:
        zone: The zone.
        links: The records.
    """

    zone: Labels
    links: tuple[_Link, ...]

    @classmethod
    def of(cls, zone: Labels, sets: Sequence[SignedSet]) -> NsecChain:
        """Those among these RRsets that can be read; all of them are signed by the zone."""
        links = (_link(found, zone) for found in sets if found.type == RrType.NSEC)
        return cls(zone, tuple(link for link in links if link is not None))

    def types_at(self, name: Labels) -> TypeBitmap | None:
        """The types at a name, if it is shown to exist; none at an empty non-terminal."""
        for link in self.links:
            if link.owner == name:
                return link.types
        is_empty = any(link.spans(name) and is_below(link.next, name) for link in self.links)
        return NO_TYPES if is_empty else None

    def gap_at(self, name: Labels) -> Gap | None:
        """That a name does not exist, if that is shown.

        It must lie in a gap of the chain, and no link may begin or end with it or below it.
        """
        is_shown = any(link.shows(name) for link in self.links)
        is_spanned = any(link.spans(name) for link in self.links)
        return Gap(name) if is_spanned and not is_shown else None

    def next_closer(self, name: Labels) -> Gap | None:
        """The shortest name at or above this one that does not exist, if that is shown.

        A gap has names right above it on one side at least: so the closest encloser exists.
        """
        gaps = map(self.gap_at, ancestors(name, self.zone))
        return next((gap for gap in gaps if gap is not None), None)


@frozen
class _Link:
    """An NSEC record.

    Attributes:
        owner: The name that has it.
        next: The next name of the zone; behind the last one, the apex.
        types: The types at its owner.
        is_last: Whether its owner is the last one.
    """

    owner: Labels
    next: Labels
    types: TypeBitmap
    is_last: bool
    _begin: Labels = field(init=False)
    _end: Labels = field(init=False)

    @_begin.default
    def _key_of_owner(self) -> Labels:
        return canonical_key(self.owner)

    @_end.default
    def _key_of_next(self) -> Labels:
        return canonical_key(self.next)

    def spans(self, name: Labels) -> bool:
        """Whether a name comes between the two, where the zone speaks of it."""
        key = canonical_key(name)
        is_between = self._begin < key and (self.is_last or key < self._end)
        return is_between and not (self.types.hides_below and is_below(name, self.owner))

    def shows(self, name: Labels) -> bool:
        """Whether a name exists, because one of the two is that name or below it."""
        return is_at_or_below(self.owner, name) or is_at_or_below(self.next, name)


def _link(found: SignedSet, zone: Labels) -> _Link | None:
    """The one record of an RRset; None if it cannot be one of the zone."""
    try:
        (data,) = found.data
        next_, end = name_at(data)
        types = TypeBitmap.of(data[end:])
    except ValueError:
        return None
    is_within = is_at_or_below(found.owner, zone) and is_at_or_below(next_, zone)
    return _Link(found.owner, next_, types, is_last=next_ == zone) if is_within else None
