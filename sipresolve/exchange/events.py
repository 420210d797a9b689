"""What the attempts of a question and their driver say to each other.

All times are seconds of one clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from sipresolve.vocabulary.records import Answer

if TYPE_CHECKING:
    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.exchange.replies import Reply

__all__ = ["Attempt", "Attempts", "Event", "Expired", "Failed", "Over", "Pause", "Replied", "Step"]

Over: TypeAlias = Literal["udp", "tcp"]

# How exactly it has to be known when a reply came, to say how long it took, in seconds.
_EXACT: Final = 0.005


@frozen
class Attempt:
    """One query to one nameserver, to be sent now.

    Attributes:
        nameserver: Whom to ask.
        name: The name to ask for: that of the question, or where aliases have led.
        over: ``"udp"`` or ``"tcp"``.
        edns: Whether the query has an OPT record (RFC 6891).
        patience: For how long to wait before something else is tried, in seconds.
        at: When it is sent.
    """

    nameserver: Nameserver
    name: str
    over: Over
    edns: bool
    patience: float
    at: float


@frozen
class Pause:
    """Nothing to send, but to wait.

    Attributes:
        patience: For how long from now, in seconds.
    """

    patience: float


@frozen
class Replied:
    """A message that is a reply to this attempt has come.

    Attributes:
        attempt: The attempt.
        reply: What the message says.
        at: When it was read.
        since: When it had not come yet: who was busy has read it later than it came.
    """

    attempt: Attempt
    reply: Reply
    at: float
    since: float

    @property
    def took(self) -> float | None:
        """How long the nameserver took, in seconds; None where that is not known."""
        known = self.at - max(self.since, self.attempt.at) <= _EXACT
        return self.at - self.attempt.at if known else None


@frozen
class Failed:
    """This attempt can have no reply.

    Attributes:
        attempt: The attempt.
        reason: Why, for a person.
        at: When that was seen.
    """

    attempt: Attempt
    reason: str
    at: float


@frozen
class Expired:
    """The time to wait has passed.

    Attributes:
        at: When that was seen.
    """

    at: float


Event: TypeAlias = Replied | Failed | Expired
Step: TypeAlias = Attempt | Pause
Attempts: TypeAlias = Generator[Step, Event, Answer]
