"""The scripted nameserver in a process of its own: its work is not to count as a client's."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen
from nameserver import Nameserver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from multiprocessing.connection import Connection

__all__ = ["SlowNameserver", "Traffic", "slow_nameserver"]

_LOOSE_ENDS = 1.5  # delays after which nothing that was asked is under way any more


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
    """A nameserver that is running.

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


@contextmanager
def slow_nameserver(
    records: str, *, delay: float, additional: bool = False, host: str = "127.0.0.1", port: int = 0
) -> Iterator[SlowNameserver]:
    """Run a nameserver for as long as the block takes.

    Args:
        records: As `Nameserver` takes them.
        delay: How long every answer takes, in seconds.
        additional: Whether answers bring the records that will be asked for next.
        host: Where it listens.
        port: Likewise; 0 for a free one.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    settings = {"delay": delay, "additional": additional, "host": host, "port": port}
    process = context.Process(target=_serve, args=(theirs, records, settings), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    try:
        yield SlowNameserver(ours.recv(), delay, ours)
    finally:
        ours.send(None)
        process.join(timeout=10)


def _serve(pipe: Connection, records: str, settings: Mapping[str, Any]) -> None:
    with Nameserver(records, **settings) as server:
        pipe.send(server.address)
        while pipe.recv():
            arrivals = [seen.at for seen in server.log]
            server.log.clear()  # before the client hears of them, and goes on to ask for more
            pipe.send(arrivals)


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
