"""One attempt's socket in the blocking backend: what it waits for, and what has come."""

from __future__ import annotations

import os
import selectors
import socket
from typing import TYPE_CHECKING, Final, TypeAlias

from sipresolve.backends.sockets import LARGEST_MESSAGE, begin_tcp, open_udp, reason
from sipresolve.exchange.events import Failed, Replied
from sipresolve.exchange.framing import Unframer, framed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.backends.wire import Query
    from sipresolve.exchange.events import Attempt

__all__ = ["Channel", "open_channel"]

# How many messages are taken from one socket before the others have their turn: a flood of
# forgeries must not hold up the rest, nor the clock.
_AT_ONCE: Final = 64


def open_channel(attempt: Attempt, query: Query) -> Channel:
    """Send the query of an attempt, or begin to.

    Raises:
        OSError: It cannot be sent.
    """
    return (_Udp if attempt.over == "udp" else _Tcp)(attempt, query)


class _Udp:
    """A socket for one query and its reply.

    Attributes:
        socket: The socket.
        interest: What it waits for, of the events of `selectors`.
    """

    def __init__(self, attempt: Attempt, query: Query) -> None:
        self.socket = open_udp(attempt.nameserver, query.wire)
        self.interest = selectors.EVENT_READ
        self._attempt = attempt
        self._query = query

    def events(self, at: float, since: float) -> Iterator[Replied | Failed]:
        """What has happened to the attempt, of what can be read now.

        Args:
            at: The time.
            since: When there was nothing to be read yet.
        """
        try:
            for _ in range(_AT_ONCE):
                reply = self._query.read(self.socket.recv(LARGEST_MESSAGE))
                if reply is not None:
                    yield Replied(self._attempt, reply, at, since)
        except BlockingIOError:
            return
        except OSError as error:
            yield Failed(self._attempt, reason(error), at)


class _Tcp:
    """A connection for one query and its reply.

    Attributes:
        socket: The socket.
        interest: What it waits for, of the events of `selectors`.
    """

    def __init__(self, attempt: Attempt, query: Query) -> None:
        self.socket = begin_tcp(attempt.nameserver)
        self.interest = selectors.EVENT_WRITE
        self._attempt = attempt
        self._query = query
        self._unsent = framed(query.wire)
        self._unframer = Unframer()

    def events(self, at: float, since: float) -> Iterator[Replied | Failed]:
        """What has happened to the attempt, of what can be written or read now.

        Args:
            at: The time.
            since: When there was nothing to be read yet.
        """
        try:
            if self._unsent:
                self._send()
            else:
                yield from self._receive(at, since)
        except BlockingIOError:
            return
        except OSError as error:
            yield Failed(self._attempt, reason(error), at)

    def _send(self) -> None:
        """Send the length and the message in one piece (RFC 7766 §8), once it is connected."""
        if error := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error))
        self._unsent = self._unsent[self.socket.send(self._unsent) :]
        if not self._unsent:
            self.interest = selectors.EVENT_READ

    def _receive(self, at: float, since: float) -> Iterator[Replied | Failed]:
        octets = self.socket.recv(LARGEST_MESSAGE)
        for message in self._unframer.feed(octets):
            reply = self._query.read(message)
            if reply is not None:
                yield Replied(self._attempt, reply, at, since)
        if not octets:
            yield Failed(self._attempt, "connection closed", at)


Channel: TypeAlias = _Udp | _Tcp
