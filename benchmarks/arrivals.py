"""What reaches a nameserver, as the process says in which that is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection

__all__ = ["SlowNameserver", "Traffic"]

_LOOSE_ENDS: Final = 1.5  # delays after which nothing that was asked is under way any more


@frozen
class Traffic:
    """What reached the nameserver during one resolution.

    Attributes:
        queries: How many.
        round_trips: How many of them had to wait for one another.
    """

    queries: int
    round_trips: int


@frozen
class SlowNameserver:
    """A nameserver that is running, or the way to one, in a process of its own.

    Attributes:
        address: Where, as ``address:port``.
        delay: How long every answer takes, in seconds.
    """

    address: str
    delay: float
    _pipe: Connection

    def traffic(self) -> Traffic:
        """What has come since this was last asked, once all of it has been answered."""
        time.sleep(_LOOSE_ENDS * self.delay)
        self._pipe.send("and?")
        arrivals: list[float] = self._pipe.recv()
        return Traffic(len(arrivals), _round_trips(arrivals, self.delay))


def _round_trips(arrivals: Iterable[float], delay: float) -> int:
    """Count as `Nameserver.rounds` does, but for a question asked again, which costs one as well.

    Nobody can act on an answer earlier than the delay after the question, so what arrives within
    that time of the first question of a round belongs to it.
    """
    rounds, began = 0, float("-inf")
    for at in sorted(arrivals):
        if at - began >= 0.9 * delay:
            rounds, began = rounds + 1, at
    return rounds
