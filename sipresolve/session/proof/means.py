"""What a proof is given: where chains begin, the check of a signature, the time of day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from sipresolve.session.proof.names import is_at_or_below, labels_of
from sipresolve.vocabulary.keys import SUPPORTED_ALGORITHMS, SUPPORTED_DIGESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.session.proof.work import Work
    from sipresolve.vocabulary.evidence import Labels
    from sipresolve.vocabulary.keys import DnsKey, TrustAnchor

__all__ = [
    "SUPPORTED_ALGORITHMS",
    "SUPPORTED_DIGESTS",
    "Checking",
    "Clock",
    "Means",
    "Trust",
    "Verify",
]

#: Whether a signature over some data was made by a key.
Verify: TypeAlias = "Callable[[DnsKey, bytes, bytes], bool]"

#: The time of day, in seconds since 1970.
Clock: TypeAlias = Callable[[], float]


@frozen
class Trust:
    """Where chains of trust begin.

    Attributes:
        anchors: Keys of zones, and digests of keys.
        zones: The zones that have one, the deepest first.
    """

    anchors: tuple[TrustAnchor, ...]
    zones: tuple[Labels, ...] = field(init=False)

    @zones.default
    def _zones(self) -> tuple[Labels, ...]:
        return tuple(sorted({labels_of(each.zone) for each in self.anchors}, key=len, reverse=True))

    def zone_above(self, name: Labels) -> Labels | None:
        """The deepest zone with a trust anchor that a name is in; None where there is none."""
        return next((zone for zone in self.zones if is_at_or_below(name, zone)), None)

    def of(self, zone: Labels) -> Sequence[TrustAnchor]:
        """The trust anchors of a zone."""
        return [anchor for anchor in self.anchors if labels_of(anchor.zone) == zone]


@frozen
class Checking:
    """What answers are proven with.

    Attributes:
        verify: Whether a signature over some data was made by a key.
        clock: The time of day, in seconds since 1970: that of `time.time`.
    """

    verify: Verify
    clock: Clock


@frozen
class Means:
    """What a proof is given.

    Attributes:
        trust: Where chains of trust begin.
        verify: The check of a signature.
        clock: The time of day.
        work: What may yet be spent.
    """

    trust: Trust
    verify: Verify
    clock: Clock
    work: Work
