"""A question in flight in the blocking backend: its attempts, carried out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sipresolve.backends.channels import open_channel
from sipresolve.backends.sockets import reason
from sipresolve.backends.wire import query_for
from sipresolve.exchange.attempts import advance
from sipresolve.exchange.events import Expired, Failed
from sipresolve.vocabulary.records import Answer

if TYPE_CHECKING:
    from sipresolve.backends.channels import Channel
    from sipresolve.backends.watch import Watch
    from sipresolve.exchange.events import Attempt, Attempts, Event
    from sipresolve.vocabulary.records import Question

__all__ = ["Flight"]


class Flight:
    """Sends what the attempts of a question want sent, and tells them what comes of it.

    Attributes:
        question: The question.
        answer: Its answer, once there is one; then all sockets are closed.
        deadline: When to say that the time to wait has passed, as `time.monotonic` counts seconds.
    """

    def __init__(self, question: Question, attempts: Attempts, watch: Watch[Flight]) -> None:
        self.question = question
        self.answer: Answer | None = None
        self.deadline = 0.0
        self._attempts = attempts
        self._watch = watch
        self._channels: list[Channel] = []
        self._advance(None)

    def take(self, channel: Channel, at: float, since: float) -> None:
        """See to what one of its sockets has, which had nothing yet at an earlier time."""
        for event in channel.events(at, since):
            self._advance(event)
            if self.answer is not None:
                return
            if isinstance(event, Failed):
                self._channels.remove(channel)
                self._watch.drop(channel)
                return
        self._watch.update(channel)

    def expire(self, at: float) -> None:
        """Note that the time to wait has passed."""
        self._advance(Expired(at))

    def close(self) -> None:
        """Close its sockets."""
        for channel in self._channels:
            self._watch.drop(channel)

    def abandon(self) -> None:
        """Close its sockets in this process, where another one goes on with them."""
        for channel in self._channels:
            channel.socket.close()

    def _advance(self, event: Event | None) -> None:
        outcome = advance(self._attempts, event, self._send)
        if isinstance(outcome, Answer):
            self.answer = outcome
            self.close()
        else:
            self.deadline = time.monotonic() + outcome

    def _send(self, attempt: Attempt) -> Failed | None:
        """Carry out an attempt; what to tell of it, where that fails at once."""
        try:
            channel = open_channel(attempt, query_for(attempt, self.question))
            self._channels.append(channel)
            self._watch.add(channel, self)
        except OSError as error:
            return Failed(attempt, reason(error), time.monotonic())
        return None
