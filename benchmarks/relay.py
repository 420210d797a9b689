"""A relay before a nameserver, in a process of its own, that holds every query back for a while.

It stands for the way to a nameserver far away: it keeps up with many thousands of queries a second,
since it looks at nothing but their IDs. Of one that is watched, it says what came by.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from arrivals import SlowNameserver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

__all__ = ["delayed", "watched"]

_HOST: Final = "127.0.0.1"
_LARGEST: Final = 65_535
_ID: Final = 2  # octets

#: Room for what comes while it is busy, in octets.
_BUFFER: Final = 4 << 20


@contextmanager
def delayed(address: str, delay: float) -> Iterator[str]:
    """Run a relay for as long as the block takes.

    Args:
        address: Where the nameserver is, as ``address:port``.
        delay: For how long queries are held back, in seconds.

    Yields:
        Where the relay is, as ``address:port``.
    """
    with _running(address, delay, is_watched=False) as pipe:
        yield pipe.recv()


@contextmanager
def watched(address: str, delay: float) -> Iterator[SlowNameserver]:
    """The same, which counts what it passes on.

    Args:
        address: Where the nameserver is, as ``address:port``.
        delay: For how long queries are held back, in seconds.
    """
    with _running(address, delay, is_watched=True) as pipe:
        yield SlowNameserver(pipe.recv(), delay, pipe)


@contextmanager
def _running(address: str, delay: float, *, is_watched: bool) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (theirs, address, delay, is_watched)
    process = context.Process(target=_serve, args=arguments, daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    try:
        yield ours
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, address: str, delay: float, is_watched: bool) -> None:  # noqa: FBT001 - a process takes no names
    host, _, port = address.rpartition(":")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as clients,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
    ):
        for each in (clients, server):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            each.settimeout(0)
        clients.bind((_HOST, 0))
        server.connect((host, int(port)))
        relay = _Relay(clients, server, delay, pipe if is_watched else None)
        pipe.send(f"{_HOST}:{clients.getsockname()[1]}")
        while True:
            relay.go_round()


class _Relay:
    """Passes queries on when their time has come, and replies at once.

    The queries of all clients leave by one socket, where one ID may come twice, so each gets
    another; the number of those on their way is far below that of IDs.
    """

    def __init__(
        self,
        clients: socket.socket,
        server: socket.socket,
        delay: float,
        watcher: Connection | None,
    ) -> None:
        self._watcher = watcher
        self._watched: list[socket.socket | Connection] = [clients, server]
        if watcher is not None:
            self._watched.append(watcher)
        self._arrivals: list[float] = []
        self._clients = clients
        self._server = server
        self._delay = delay
        self._held: deque[tuple[float, bytes, tuple[str, int]]] = deque()
        self._askers: dict[bytes, tuple[bytes, tuple[str, int]]] = {}
        self._latest = 0

    def go_round(self) -> None:
        """Wait for something to do, and do it."""
        until = self._held[0][0] if self._held else None
        pause = None if until is None else max(0.0, until - time.monotonic())
        ready, _, _ = select.select(self._watched, [], [], pause)
        if self._clients in ready:
            self._hold()
        if self._server in ready:
            self._answer()
        if self._watcher in ready:
            self._tell()
        while self._held and self._held[0][0] <= time.monotonic():
            _, query, client = self._held.popleft()
            self._ask(query, client)

    def _hold(self) -> None:
        try:
            while True:
                query, client = self._clients.recvfrom(_LARGEST)
                now = time.monotonic()
                self._held.append((now + self._delay, query, client))
                if self._watcher is not None:
                    self._arrivals.append(now)
        except BlockingIOError:
            return

    def _tell(self) -> None:
        if self._watcher is not None:
            self._watcher.recv()
            self._watcher.send(self._arrivals)
            self._arrivals = []

    def _ask(self, query: bytes, client: tuple[str, int]) -> None:
        self._latest = (self._latest + 1) % (1 << 8 * _ID)
        id_ = self._latest.to_bytes(_ID, "big")
        self._askers[id_] = query[:_ID], client
        self._server.send(id_ + query[_ID:])

    def _answer(self) -> None:
        try:
            while True:
                reply = self._server.recv(_LARGEST)
                if asker := self._askers.pop(reply[:_ID], None):
                    id_, client = asker
                    self._clients.sendto(id_ + reply[_ID:], client)
        except BlockingIOError:
            return
