"""Every decision about one question: whom to ask next, how, for how long, and when to stop.

`attempts` is a generator. It yields

- an `Attempt`: send this, and wait so many seconds from now;
- a `Pause`: send nothing, and wait so many seconds from now.

It is sent what happened: `Replied`, `Failed` or `Expired`. It returns the `Answer`. The sockets of
earlier attempts stay open until then, because a late reply is as good as any other.

The nameservers are asked one after the other, in the order of the panel, and the wait is doubled
each time that all of them have had their turn. One that takes longer than it used to is waited for
no longer before the next is asked as well: what is sent earlier for that is not sent later, and
the end does not come earlier either. A nameserver that states a failure is not asked again, and one
that cannot be reached is asked again only while another may still answer: no failure is followed by
more queries than that (RFC 9520 §3.2).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define

from sipresolve.exchange.aliases import Trail, follow
from sipresolve.exchange.answers import answer_of, failed_answer
from sipresolve.exchange.events import (
    Attempt,
    Attempts,
    Event,
    Expired,
    Failed,
    Pause,
    Replied,
    Step,
)
from sipresolve.exchange.standings import Standing, answers, asks_otherwise, learn, note_failure
from sipresolve.vocabulary.records import Answer, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.exchange.panel import Panel
    from sipresolve.exchange.replies import Reply
    from sipresolve.vocabulary.records import Question

__all__ = ["advance", "attempts"]

# Who does not reply for so many seconds has failed, whatever the others do.
_SILENCE: Final = 0.05
# After so many seconds of silence a nameserver that was dead may be the one that is alive.
_DOUBT: Final = 0.2
# What is at the name that was asked for, or nowhere: an alias there is all that needs to be known.


def attempts(  # noqa: PLR0913 - what is asked of whom, and how
    question: Question,
    nameservers: Sequence[Nameserver],
    panel: Panel,
    *,
    now: float,
    timeout: float,
    rounds: int,
) -> Attempts:
    """Ask nameservers until one answers.

    Args:
        question: What to ask.
        nameservers: Whom to ask, in this order.
        panel: What is known of them, and is to be told more.
        now: When it begins.
        timeout: How long to wait for each in the first round, in seconds.
        rounds: How often to ask each.
    """
    standings = {nameserver: Standing(nameserver) for nameserver in nameservers}
    course = _Course(panel, standings, timeout, rounds, now)
    trail = Trail(question.name)
    replies: list[Reply] = []
    while True:
        name = trail.end
        replied = yield from course.ask(name)
        if replied is None:
            return _failure(question, trail, course.standings.values())
        replies.append(replied.reply)
        trail = follow(trail, replied.reply)
        if question.type.is_of_zones or not _is_unfinished(name, trail, replied.reply):
            return answer_of(question, trail, replies)
        course.begin_anew(replied.attempt.nameserver)


def advance(
    steps: Attempts, event: Event | None, begin: Callable[[Attempt], Failed | None]
) -> Answer | float:
    """Tell the attempts what has happened, and begin those that follow from it.

    Args:
        steps: The attempts of a question.
        event: What has happened; None to begin with.
        begin: Carries out an attempt; gives what to tell of it, where it fails at once.

    Returns:
        The answer, or for how many seconds to wait before saying that the time has passed.
    """
    try:
        step = next(steps) if event is None else steps.send(event)
        while isinstance(step, Attempt) and (failed := begin(step)) is not None:
            step = steps.send(failed)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    return step.patience


_Steps: TypeAlias = Generator[Step, Event, Replied | None]


@define
class _Turn:
    """The time in which one nameserver is the latest that was asked.

    Attributes:
        standing: Its standing.
        later: Those whose turn comes after it in this round.
        name: What to ask for.
        patience: How long to wait for each of them, in seconds.
        look: When to see whether the next is to be asked as well.
        until: When the wait ends that was asked for last.
    """

    standing: Standing
    later: Sequence[Standing]
    name: str
    patience: float
    look: float = float("inf")
    until: float = 0.0

    @property
    def next(self) -> Standing | None:
        """Who is to be asked after it."""
        return next((each for each in self.later if each.failure is None), None)


@define
class _Course:
    """What has been done for one question.

    Attributes:
        panel: What is known of the nameservers.
        standings: How to ask each of them, and what has come of it.
        timeout: How long to wait for each in the first round, in seconds.
        rounds: How often to ask each.
        now: The time.
        spare: What was not waited for in this round because the next was asked earlier, in seconds.
    """

    panel: Panel
    standings: dict[Nameserver, Standing]
    timeout: float
    rounds: int
    now: float
    spare: float = 0.0

    def ask(self, name: str) -> _Steps:
        """Ask all of them for a name; the reply that answers, or None where there is none."""
        for number in range(self.rounds):
            replied = yield from self._round(name, self.timeout * 2**number)
            if replied is not None:
                self._note_silence(overtaken_by=replied.attempt)
                return replied
            if all(standing.trouble for standing in self.standings.values()):
                break
        return None

    def begin_anew(self, first: Nameserver) -> None:
        """For the next name: failures are forgotten, and who has answered goes first."""
        order = sorted(self.standings, key=lambda nameserver: nameserver != first)
        self.standings = {each: self.standings[each].anew() for each in order}

    def _round(self, name: str, patience: float) -> _Steps:
        self.spare = 0.0
        left = list(self.standings.values())
        while left:
            standing = left.pop(0)
            if standing.failure is None:
                replied = yield from self._turn(_Turn(standing, tuple(left), name, patience))
                if replied is not None:
                    return replied
        return None

    def _turn(self, turn: _Turn) -> _Steps:
        """Wait for a reply that answers, whoever sends it, until it is somebody else's turn."""
        step: Step | None = self._send(turn, turn.standing)
        while step is not None:
            event = yield step
            self.now = max(event.at, turn.until) if isinstance(event, Expired) else event.at
            if isinstance(event, Expired):
                step = self._after_a_wait(turn)
            else:
                standing = self.standings[event.attempt.nameserver]
                learn(event, self.panel)
                if isinstance(event, Replied) and answers(event, turn.name):
                    standing.is_awaited = False
                    return event
                step = self._after(event, standing, turn)
        return None

    def _send(self, turn: _Turn, standing: Standing) -> Attempt:
        """Ask somebody for whom it is time, or ask again in another way."""
        standing.await_reply(self.now, until=self.now + turn.patience)
        if standing is turn.standing:
            turn.look = self._look(turn)
        turn.until = self._until(turn)
        return standing.attempt(turn.name, turn.until - self.now, self.now)

    def _look(self, turn: _Turn) -> float:
        """When to see whether the next is to be asked as well.

        One that is dead, no sooner than it takes to doubt that this one is alive; and if that is
        dead as well, not before its time.
        """
        nameserver, following = turn.standing.nameserver, turn.next
        if following is None or not self.panel.hedge:
            return float("inf")
        delay = self.panel.delay(nameserver, tcp=turn.standing.over == "tcp")
        if self.panel.is_dead(following.nameserver):
            delay = float("inf") if self.panel.is_dead(nameserver) else max(delay, _DOUBT)
        return self.now + delay

    def _after(self, event: Replied | Failed, standing: Standing, turn: _Turn) -> Step | None:
        """What to do about a reply that does not answer, or about none; None for the next turn."""
        if event.attempt is not standing.latest:  # It is asked again by now: that reply will tell.
            return self._wait_on(turn)
        if isinstance(event, Replied) and asks_otherwise(event, standing):
            return self._send(turn, standing)
        note_failure(event, standing)
        self.spare = 0.0
        if standing is turn.standing and turn.next is not None:
            return None
        return self._wait_on(turn)

    def _after_a_wait(self, turn: _Turn) -> Step | None:
        """What to do when a wait has passed; None for the next turn."""
        self._note_silence()
        following = turn.next
        if following is None or self.now >= self._end(turn):
            return None
        if self._goes_on_early(turn.standing, following):
            self.spare += turn.standing.deadline - self.now
            return None
        turn.look = self.now + (self.now - turn.standing.asked_at)
        return self._wait_on(turn)

    def _goes_on_early(self, standing: Standing, following: Standing) -> bool:
        """Whether the next is to be asked before this one has had its time."""
        is_in_doubt = self.now - standing.asked_at >= _DOUBT
        if self.panel.is_dead(following.nameserver) and not is_in_doubt:
            return False
        is_hopeless = self.panel.is_dead(standing.nameserver) and self.panel.has_replied(
            following.nameserver, since=standing.asked_at
        )
        return is_hopeless or self.panel.spend()

    def _wait_on(self, turn: _Turn) -> Pause | None:
        if self._end(turn) <= self.now:
            return None
        turn.until = self._until(turn)
        return Pause(turn.until - self.now)

    def _until(self, turn: _Turn) -> float:
        """When there is something to be decided, if nothing happens before."""
        end = self._end(turn)
        look = end if turn.next is None else turn.look
        return max(min(look, end), self.now)

    def _end(self, turn: _Turn) -> float:
        """When the turn is over. The last of a round waits for all, and for as long as ever."""
        if turn.next is not None:
            return turn.standing.deadline
        awaited = [each.deadline for each in self.standings.values() if each.is_awaited]
        return max(awaited, default=self.now) + self.spare

    def _note_silence(self, overtaken_by: Attempt | None = None) -> None:
        """Tell the panel for how long those who have not replied have been waited for."""
        for standing in self.standings.values():
            if not standing.is_awaited:
                continue
            seconds = self.now - standing.asked_at
            self.panel.waited(standing.nameserver, seconds)
            if seconds >= _SILENCE:
                self._note_failure_once(standing)
            elif overtaken_by is not None and overtaken_by.at > standing.asked_at:
                self.panel.overtaken(standing.nameserver, standing.asked_at, self.now)

    def _note_failure_once(self, standing: Standing) -> None:
        if not standing.is_noted:
            self.panel.failed(standing.nameserver)
            standing.is_noted = True


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


def _failure(question: Question, trail: Trail, standings: Collection[Standing]) -> Answer:
    """What to say when nobody answered: a failure that was stated says more than silence.

    SERVFAIL comes first, since it is about the name; the others are about us and the nameserver.
    """
    stated = [standing.failure for standing in standings if standing.failure is not None]
    status = Status.SERVFAIL if Status.SERVFAIL in stated else [*stated, Status.TIMEOUT][0]
    errors = dict.fromkeys(error for each in standings for error in each.extended_errors)
    return failed_answer(question, trail, status, "; ".join(map(str, standings)), tuple(errors))
