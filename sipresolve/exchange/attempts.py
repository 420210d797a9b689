"""Every decision about one question: whom to ask next, how, for how long, and when to stop.

`attempts` is a generator. It yields

- an `Attempt`: send this, and wait so many seconds from now;
- None: nothing new, wait on as before.

It is sent what happened: `Replied`, `Failed` or `Expired`. It returns the `Answer`. The sockets of
earlier attempts stay open until then, because a late reply is as good as any other.

The nameservers are asked one after the other, in the order given, and the wait is doubled each
time that all of them have had their turn. A nameserver that states a failure is not asked again,
and one that cannot be reached is asked again only while another may still answer: no failure is
followed by more queries than that (RFC 9520).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import define, frozen

from sipresolve.exchange.aliases import Trail, follow
from sipresolve.exchange.answers import answer_of, failed_answer
from sipresolve.vocabulary.records import Answer, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.exchange.replies import Reply
    from sipresolve.vocabulary.records import Question

__all__ = ["Attempt", "Attempts", "Event", "Expired", "Failed", "Replied", "advance", "attempts"]

Over: TypeAlias = Literal["udp", "tcp"]

# What a failure stated by a nameserver means; any other response code is as good as SERVFAIL.
_FAILURES: Final[Mapping[str, Status]] = {
    "SERVFAIL": Status.SERVFAIL,
    "REFUSED": Status.REFUSED,
    "FORMERR": Status.FORMERR,
    "NOTIMP": Status.NOTIMP,
}
# RFC 6891 §7: what one says who does not know EDNS, or not our version of it.
_BLAMED_ON_EDNS: Final = frozenset({"FORMERR", "NOTIMP", "BADVERS"})


@frozen
class Attempt:
    """One query to one nameserver.

    Attributes:
        nameserver: Whom to ask.
        name: The name to ask for: that of the question, or where aliases have led.
        over: ``"udp"`` or ``"tcp"``.
        edns: Whether the query has an OPT record (RFC 6891).
        patience: For how long to wait before something else is tried, in seconds.
    """

    nameserver: Nameserver
    name: str
    over: Over
    edns: bool
    patience: float


@frozen
class Replied:
    """A message that is a reply to this attempt has come."""

    attempt: Attempt
    reply: Reply


@frozen
class Failed:
    """This attempt can have no reply; the reason is for a person."""

    attempt: Attempt
    reason: str


@frozen
class Expired:
    """The patience of the latest attempt has passed."""


Event: TypeAlias = Replied | Failed | Expired
Attempts: TypeAlias = Generator[Attempt | None, Event, Answer]


def attempts(
    question: Question, nameservers: Sequence[Nameserver], *, timeout: float, rounds: int
) -> Attempts:
    """Ask nameservers until one answers.

    Args:
        question: What to ask.
        nameservers: Whom to ask, in this order.
        timeout: How long to wait for each in the first round, in seconds.
        rounds: How often to ask each.
    """
    standings = {nameserver: _Standing(nameserver) for nameserver in nameservers}
    trail = Trail(question.name)
    authenticated = True
    while True:
        name = trail.end
        replied = yield from _ask(name, standings, timeout, rounds)
        if replied is None:
            return _failure(question, trail, standings.values())
        trail = follow(trail, replied.reply)
        authenticated = authenticated and replied.reply.authenticated
        if not _is_unfinished(name, trail, replied.reply):
            return answer_of(question, trail, replied.reply, authenticated=authenticated)
        standings = _begun_anew(standings, replied.attempt.nameserver)


def advance(
    steps: Attempts, event: Event | None, begin: Callable[[Attempt], Failed | None]
) -> Answer | None:
    """Tell the attempts what has happened, and begin those that follow from it.

    Args:
        steps: The attempts of a question.
        event: What has happened; None to begin with.
        begin: Carries out an attempt; gives what to tell of it, where it fails at once.

    Returns:
        The answer, once there is one.
    """
    try:
        attempt = next(steps) if event is None else steps.send(event)
        while attempt is not None and (failed := begin(attempt)) is not None:
            attempt = steps.send(failed)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    return None


@define
class _Standing:
    """How to ask a nameserver, and what has come of it, while a question lasts."""

    nameserver: Nameserver
    over: Over = "udp"
    edns: bool = True
    latest: Attempt | None = None
    trouble: str = ""
    failure: Status | None = None

    def attempt(self, name: str, patience: float) -> Attempt:
        self.trouble = ""
        self.latest = Attempt(self.nameserver, name, self.over, self.edns, patience)
        return self.latest

    def __str__(self) -> str:
        over = " over TCP" if self.over == "tcp" else ""
        return f"{self.nameserver}: {self.trouble or 'no answer'}{over}"


_Standings: TypeAlias = dict["Nameserver", _Standing]
_Steps: TypeAlias = Generator[Attempt | None, Event, Replied | None]


def _ask(name: str, standings: _Standings, timeout: float, rounds: int) -> _Steps:
    """Ask all of them for a name; the reply that answers, or None where there is none."""
    for number in range(rounds):
        for standing in standings.values():
            if standing.failure is None:
                attempt = standing.attempt(name, timeout * 2**number)
                replied = yield from _turn(attempt, standings)
                if replied is not None:
                    return replied
        if all(standing.trouble for standing in standings.values()):
            break
    return None


def _turn(attempt: Attempt, standings: _Standings) -> _Steps:
    """Wait for a reply that answers, whoever sends it, until this attempt fails or expires."""
    event = yield attempt
    while not isinstance(event, Expired):
        standing = standings[event.attempt.nameserver]
        if isinstance(event, Replied) and _answers(event, attempt.name):
            return event
        if event.attempt != standing.latest:  # It is asked again by now: that reply will tell.
            event = yield None
        elif isinstance(event, Replied) and _asks_otherwise(event, standing):
            attempt = standing.attempt(attempt.name, attempt.patience)
            event = yield attempt
        else:
            _note_failure(event, standing)
            if event.attempt == attempt:
                break
            event = yield None
    return None


def _answers(event: Replied, name: str) -> bool:
    reply = event.reply
    return (
        event.attempt.name == name
        and reply.rcode in ("NOERROR", "NXDOMAIN")
        and not (reply.truncated or reply.is_referral)
    )


def _asks_otherwise(event: Replied, standing: _Standing) -> bool:
    """Whether the same nameserver is to be asked again at once, in another way."""
    if event.reply.truncated and standing.over == "udp":
        standing.over = "tcp"
        return True
    if event.reply.rcode in _BLAMED_ON_EDNS and standing.edns:
        standing.edns = False
        return True
    return False


def _note_failure(event: Replied | Failed, standing: _Standing) -> None:
    if isinstance(event, Failed):
        standing.trouble = event.reason
        return
    rcode = event.reply.rcode
    standing.failure = _FAILURES.get(rcode, Status.SERVFAIL)
    if event.reply.truncated:
        standing.trouble = "truncated"
    elif event.reply.is_referral:
        standing.trouble = "is no recursive resolver"
    else:
        standing.trouble = rcode


def _is_unfinished(name: str, trail: Trail, reply: Reply) -> bool:
    """Whether aliases lead out of what the nameserver knows, so that it has to be asked again.

    A resolver gives the records at the end, or the SOA that says there are none (RFC 2308 §2); a
    server that is only authoritative stops where an alias leaves its zones.
    """
    return (
        reply.rcode == "NOERROR"
        and trail.end != name
        and not trail.fault
        and trail.end not in reply.records
        and reply.negative_ttl(trail.end) is None
    )


def _begun_anew(standings: _Standings, first: Nameserver) -> _Standings:
    """For the next name: what they have failed at is forgotten, and who has answered goes first."""
    order = sorted(standings, key=lambda nameserver: nameserver != first)
    return {each: _Standing(each, standings[each].over, standings[each].edns) for each in order}


def _failure(question: Question, trail: Trail, standings: Iterable[_Standing]) -> Answer:
    """What to say when nobody answered: a failure that was stated says more than silence.

    SERVFAIL comes first, since it is about the name; the others are about us and the nameserver.
    """
    stated = [standing.failure for standing in standings if standing.failure is not None]
    status = Status.SERVFAIL if Status.SERVFAIL in stated else [*stated, Status.TIMEOUT][0]
    return failed_answer(question, trail, status, "; ".join(map(str, standings)))
