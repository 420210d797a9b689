"""A question in flight in the blocking backend: its attempts, carried out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sipresolve.backends.channels import open_channel
from sipresolve.backends.sockets import reason
from sipresolve.backends.wire import query_for
from sipresolve.exchange.attempts import Expired, Failed, advance

if TYPE_CHECKING:
    from sipresolve.backends.channels import Channel
    from sipresolve.backends.watch import Watch
    from sipresolve.exchange.attempts import Attempt, Attempts, Event
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["Flight"]


class Flight:
    """Sends what the attempts of a question want sent, and tells them what comes of it.

    Attributes:
        question: The question.
        answer: Its answer, once there is one; then all sockets are closed.
        deadline: When the latest attempt loses patience, as `time.monotonic` counts seconds.
    """

    def __init__(self, question: Question, attempts: Attempts, watch: Watch[Flight]) -> None:
        self.question = question
        self.answer: Answer | None = None
        self.deadline = 0.0
        self._attempts = attempts
        self._watch = watch
        self._channels: list[Channel] = []
        self._advance(None)

    def take(self, channel: Channel) -> None:
        """See to what one of its sockets has."""
        for event in channel.events():
            self._advance(event)
            if self.answer is not None:
                return
            if isinstance(event, Failed):
                self._channels.remove(channel)
                self._watch.drop(channel)
                return
        self._watch.update(channel)

    def expire(self) -> None:
        """Note that the latest attempt has lost patience."""
        self._advance(Expired())

    def close(self) -> None:
        """Close its sockets."""
        for channel in self._channels:
            self._watch.drop(channel)

    def abandon(self) -> None:
        """Close its sockets in this process, where another one goes on with them."""
        for channel in self._channels:
            channel.socket.close()

    def _advance(self, event: Event | None) -> None:
        self.answer = advance(self._attempts, event, self._send)
        if self.answer is not None:
            self.close()

    def _send(self, attempt: Attempt) -> Failed | None:
        """Carry out an attempt; what to tell of it, where that fails at once."""
        self.deadline = time.monotonic() + attempt.patience
        try:
            channel = open_channel(attempt, query_for(attempt, self.question.type))
            self._channels.append(channel)
            self._watch.add(channel, self)
        except OSError as error:
            return Failed(attempt, reason(error))
        return None
