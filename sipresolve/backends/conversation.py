"""A question in flight in the asynchronous backend: its attempts, carried out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipresolve.backends.eventloop import (
    Inbox,
    Job,
    clock,
    connect,
    let_others_run,
    receive,
    send,
    spawn,
)
from sipresolve.backends.sockets import (
    LARGEST_MESSAGE,
    open_tcp,
    open_udp,
    reason,
    socket_address,
)
from sipresolve.backends.wire import query_for
from sipresolve.exchange.attempts import advance
from sipresolve.exchange.events import Expired, Failed, Replied
from sipresolve.exchange.framing import Unframer, framed
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer

if TYPE_CHECKING:
    from socket import socket

    from sipresolve.backends.wire import Query
    from sipresolve.exchange.events import Attempt, Attempts, Event
    from sipresolve.vocabulary.records import Question

__all__ = ["Conversation"]


class Conversation:
    """Sends what the attempts of a question want sent, and tells them what comes of it."""

    def __init__(self, question: Question, attempts: Attempts) -> None:
        self._question = question
        self._attempts = attempts
        self._inbox: Inbox[Event | BaseException] = Inbox()
        self._jobs: list[Job] = []

    async def hold(self) -> Answer:
        """Go through the attempts until there is an answer.

        Raises:
            Misuse: It was broken off.
        """
        try:
            outcome = advance(self._attempts, None, self._send)
            while not isinstance(outcome, Answer):
                event = await self._next_event(clock() + outcome)
                outcome = advance(self._attempts, event, self._send)
            return outcome
        finally:
            for job in self._jobs:
                job.cancel()
            self._jobs.clear()  # They lead back here: only the garbage collector would end that.

    async def break_off(self) -> None:
        """Make whoever holds it raise, and wait until its sockets are closed."""
        self._inbox.put(Misuse("the backend is closed"))
        for job in list(self._jobs):
            await job.ended()

    async def _next_event(self, until: float) -> Event:
        event = await self._inbox.get(until)
        if isinstance(event, BaseException):
            raise event
        return Expired(clock()) if event is None else event

    def _send(self, attempt: Attempt) -> Failed | None:
        """Carry out an attempt; what to tell of it, where that fails at once."""
        query = query_for(attempt, self._question)
        converse = self._over_udp if attempt.over == "udp" else self._over_tcp
        try:
            opened = _opened(attempt, query)
        except OSError as error:
            return Failed(attempt, reason(error), clock())
        ended = partial(self._ended, attempt)
        self._jobs.append(spawn(converse(attempt, query, opened), ended, holding=opened))
        return None

    def _ended(self, attempt: Attempt, why: str | None, error: BaseException | None) -> None:
        """An attempt does not end but by a failure: sockets are read until they are closed."""
        if isinstance(error, OSError):
            self._inbox.put(Failed(attempt, reason(error), clock()))
        elif error is not None:
            self._inbox.put(error)
        else:
            self._inbox.put(Failed(attempt, str(why), clock()))

    async def _over_udp(self, attempt: Attempt, query: Query, opened: socket) -> str:
        with opened:
            while True:
                self._read(attempt, query, await receive(opened, LARGEST_MESSAGE))
                await let_others_run()

    async def _over_tcp(self, attempt: Attempt, query: Query, opened: socket) -> str:
        unframer = Unframer()
        with opened:
            await connect(opened, socket_address(attempt.nameserver))
            await send(opened, framed(query.wire))
            while octets := await receive(opened, LARGEST_MESSAGE):
                for message in unframer.feed(octets):
                    self._read(attempt, query, message)
                await let_others_run()
        return "connection closed"

    def _read(self, attempt: Attempt, query: Query, message: bytes) -> None:
        reply = query.read(message)
        if reply is not None:
            now = clock()
            self._inbox.put(Replied(attempt, reply, now, now))


def _opened(attempt: Attempt, query: Query) -> socket:
    if attempt.over == "udp":
        return open_udp(attempt.nameserver, query.wire)
    return open_tcp(attempt.nameserver)
