"""Probes whose attempts were dropped without a word."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipresolve.failover.health import Health, Place, Standing

__all__ = ["Claim", "Claims"]


class Claims:
    """A `Health` that also takes back what was lost; one for each resolver.

    A caller may drop an attempt before making it, and only its finaliser learns of that. It may run
    in the middle of anything, a method of the health included, and so only leaves a word here; the
    next caller passes it on.
    """

    def __init__(self, health: Health) -> None:
        """Begin with nothing lost.

        Args:
            health: What is known of servers across calls.
        """
        self._health = health
        self._lost: deque[tuple[Place, int]] = deque()

    def lose(self, place: Place, probe: int) -> None:
        """Nobody will report this probe; takes no lock."""
        self._lost.append((place, probe))

    def pass_on(self) -> None:
        """Pass on what was lost."""
        with suppress(IndexError):  # Another thread may have taken the last of it.
            while self._lost:
                place, probe = self._lost.popleft()
                self._health.released(place, probe=probe)

    def admit(self, place: Place) -> Standing:
        """What is known of a place."""
        if self._lost:
            self.pass_on()
        return self._health.admit(place)

    def succeeded(self, place: Place, *, probe: int | None) -> None:
        """The server is there."""
        self._health.succeeded(place, probe=probe)

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None:
        """The server failed."""
        self._health.failed(place, probe=probe, retry_after=retry_after)

    def released(self, place: Place, *, probe: int | None) -> None:
        """The attempt is over, and said nothing of the place."""
        self._health.released(place, probe=probe)


class Claim:
    """The claim of an attempt to be the probe of a place.

    Attributes:
        probe: The number of the probe.
        settled: Whether it has been reported.
    """

    def __init__(self, claims: Claims, place: Place, probe: int) -> None:
        """Begin.

        Args:
            claims: Whom to tell where it is dropped.
            place: Where.
            probe: The number of the probe.
        """
        self.probe = probe
        self.settled = False
        self._claims = claims
        self._place = place

    def lose(self) -> None:
        """Nobody will report it; takes no lock."""
        if not self.settled:
            self.settled = True
            self._claims.lose(self._place, self.probe)

    def __del__(self) -> None:
        self.lose()
