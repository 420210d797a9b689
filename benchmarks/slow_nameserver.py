"""The scripted nameserver in a process of its own: its work is not to count as a client's."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from arrivals import SlowNameserver
from nameserver import Nameserver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection

__all__ = ["SlowNameserver", "slow_nameserver"]


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
