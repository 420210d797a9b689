"""How one nameserver stands while a question lasts: how to ask it, and what its replies mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from sipresolve.exchange.events import Attempt, Replied
from sipresolve.vocabulary.records import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.exchange.events import Failed, Over
    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.exchange.panel import Panel
    from sipresolve.vocabulary.reasons import ExtendedError

__all__ = ["Standing", "answers", "asks_otherwise", "learn", "note_failure"]

# What a failure stated by a nameserver means; any other response code is as good as SERVFAIL.
_FAILURES: Final[Mapping[str, Status]] = {
    "SERVFAIL": Status.SERVFAIL,
    "REFUSED": Status.REFUSED,
    "FORMERR": Status.FORMERR,
    "NOTIMP": Status.NOTIMP,
}
# RFC 6891 §7: what one says who does not know EDNS, or not our version of it.
_BLAMED_ON_EDNS: Final = frozenset({"FORMERR", "NOTIMP", "BADVERS"})
# What is said of us, or of the nameserver itself, and not of the name.
_OF_NO_SERVICE: Final = frozenset({"REFUSED", "FORMERR", "NOTIMP"})
# What comes when the nameserver knows it, and not when those that it has asked have lapsed.
_ANSWERS: Final = frozenset({"NOERROR", "NXDOMAIN"})


@define
class Standing:
    """How to ask a nameserver, and what has come of it.

    Attributes:
        nameserver: The nameserver.
        over: What it is to be asked over.
        edns: Whether it is to be asked with EDNS.
        latest: The query that was sent to it last.
        asked_at: When that was.
        deadline: When that one has had the time that was meant for it.
        is_awaited: Whether it may still be replied to.
        is_noted: Whether its silence has been noted.
        trouble: What has become of it, for a person; empty for nothing yet.
        failure: The failure that it has stated.
        extended_errors: What it said of that (RFC 8914).
    """

    nameserver: Nameserver
    over: Over = "udp"
    edns: bool = True
    latest: Attempt | None = None
    asked_at: float = 0.0
    deadline: float = 0.0
    is_awaited: bool = False
    is_noted: bool = False
    trouble: str = ""
    failure: Status | None = None
    extended_errors: tuple[ExtendedError, ...] = ()

    def await_reply(self, now: float, until: float) -> None:
        """It is about to be asked."""
        self.trouble = ""
        self.asked_at, self.deadline = now, until
        self.is_awaited, self.is_noted = True, False

    def attempt(self, name: str, patience: float, now: float) -> Attempt:
        """The query to send to it."""
        self.latest = Attempt(self.nameserver, name, self.over, self.edns, patience, now)
        return self.latest

    def anew(self) -> Standing:
        """For another name: how to ask it is remembered, and what it has failed at is not."""
        return Standing(self.nameserver, self.over, self.edns)

    def __str__(self) -> str:
        over = " over TCP" if self.over == "tcp" else ""
        trouble = f"{self.trouble or 'no answer'}{over}"
        return f"{self.nameserver}: {', '.join([trouble, *map(str, self.extended_errors)])}"


def answers(event: Replied, name: str) -> bool:
    """Whether that is what was asked for."""
    reply = event.reply
    return (
        event.attempt.name == name
        and reply.rcode in _ANSWERS
        and not (reply.truncated or reply.is_referral)
    )


def asks_otherwise(event: Replied, standing: Standing) -> bool:
    """Whether the same nameserver is to be asked again at once, in another way."""
    if event.reply.truncated and standing.over == "udp":
        standing.over = "tcp"
        return True
    if event.reply.rcode in _BLAMED_ON_EDNS and standing.edns:
        standing.edns = False
        return True
    return False


def note_failure(event: Replied | Failed, standing: Standing) -> None:
    """Remember why this nameserver has no answer."""
    standing.is_awaited = False
    if not isinstance(event, Replied):
        standing.trouble = event.reason
        return
    rcode = event.reply.rcode
    standing.failure = _FAILURES.get(rcode, Status.SERVFAIL)
    standing.extended_errors = event.reply.extended_errors
    if event.reply.truncated:
        standing.trouble = "truncated"
    elif event.reply.is_referral:
        standing.trouble = "is no recursive resolver"
    else:
        standing.trouble = rcode


def learn(event: Replied | Failed, panel: Panel) -> None:
    """Tell the panel what this says of the nameserver, whatever it says of the name."""
    attempt = event.attempt
    if not isinstance(event, Replied):
        panel.failed(attempt.nameserver)
        return
    rcode = event.reply.rcode
    if attempt.edns and rcode in _BLAMED_ON_EDNS:
        return  # It is asked again without, and that reply will tell.
    if rcode in _OF_NO_SERVICE or event.reply.is_referral:
        panel.failed(attempt.nameserver)
        return
    is_measure = rcode in _ANSWERS and attempt.over == "udp"
    panel.replied(attempt.nameserver, event.took if is_measure else None, event.at)
