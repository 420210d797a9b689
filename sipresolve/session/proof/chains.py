"""What records of either kind, NSEC or NSEC3, say of the names of a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from sipresolve.session.proof.bitmaps import TypeBitmap
    from sipresolve.vocabulary.evidence import Labels

__all__ = ["Chain", "Gap"]


@frozen
class Gap:
    """A name that does not exist, nor any below it.

    Attributes:
        name: The name.
        is_opt_out: Whether it may be a delegation all the same, or have some below it, all of them
            to zones that are not signed (RFC 5155 §6).
    """

    name: Labels
    is_opt_out: bool = False

    @property
    def wildcard(self) -> Labels:
        """The wildcard beside it: what would stand for it (RFC 4592 §3.3.1)."""
        return (b"*", *self.name[1:])


class Chain(Protocol):
    """The links of the chain of a zone that one reply has shown."""

    def types_at(self, name: Labels) -> TypeBitmap | None:
        """The types at a name, if it is shown to exist; none at an empty non-terminal."""

    def gap_at(self, name: Labels) -> Gap | None:
        """That a name does not exist, if that is shown.

        The name above it must be known to exist, and to be in the zone.
        """

    def next_closer(self, name: Labels) -> Gap | None:
        """The shortest name at or above this one that does not exist, if that is shown.

        The name above it is the closest encloser (RFC 5155 §1.3).
        """
