"""One procedure on its way: what it asked, what it knows, and how long it may wait.

A run is pure: it is told the time, and never sleeps. `Run.advance` takes it as far as it can go
with what is known, to one of three steps:

- a `Target`, to be handed to the caller;
- `Waiting`: start these questions, and come back when an answer came, or at that time;
- `Ended`: the procedure returned, or raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, frozen

from sipresolve.procedures.ask import Ask
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.names import can_exist
from sipresolve.vocabulary.records import Answer, Question, Security, Status, weakest
from sipresolve.vocabulary.targets import Note, Query, Resolution, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve.procedures.ask import Procedure, Wait
    from sipresolve.vocabulary.targets import Subject

__all__ = ["Ended", "Limits", "Run", "Step", "Waiting"]


@frozen
class Waiting:
    """The run waits.

    Attributes:
        start: Questions to start now.
        until: When it goes on, whatever came by then.
    """

    start: tuple[Question, ...]
    until: float


@frozen
class Ended:
    """The run is over.

    Attributes:
        used: The answers that the result rests on, negative ones too.
        error: Why there is no result; None where there is one.
    """

    used: tuple[Answer, ...] = ()
    error: SipResolveError | None = None


Step: TypeAlias = Target | Waiting | Ended


@frozen(kw_only=True)
class Limits:
    """What bounds a run.

    Attributes:
        lifetime: How long it may wait, in seconds.
        budget: How many questions it may ask.
        speculation: Whether hints are started.
    """

    lifetime: float
    budget: int
    speculation: bool


@define
class _Asked:
    """A question of this run, and what became of it."""

    at: float
    expires: float
    answer: Answer | None = None
    answered_at: float | None = None


#: No question gets more than this part of what is left of the lifetime, so that one silent server
#: leaves something to the questions after it.
_SHARE: Final = 0.5

_NEVER: Final = float("inf")


class Run:
    """One procedure on its way."""

    def __init__(
        self, procedure: Procedure[tuple[Answer, ...]], limits: Limits, now: float
    ) -> None:
        """Begin.

        Args:
            procedure: What to run.
            limits: What bounds it.
            now: The time, in seconds, on a clock that never goes back.
        """
        self.targets: list[Target] = []
        self.uris: list[MappedUri] = []
        self.notes: dict[Note, None] = {}  # in order, and each once
        self.ended: Ended | None = None
        self._procedure = procedure
        self._limits = limits
        self._began = now
        self._deadline = now + limits.lifetime
        self._known: dict[Question, Answer] = {}
        self._asked: dict[Question, _Asked] = {}
        self._additional: dict[Question, Answer] = {}
        self._ask: Ask | None = None
        self._ask_at = now
        self._to_start: list[Question] = []
        self._sent: dict[Question, Answer] | None = None

    # --- What the session tells it

    def learn(self, answer: Answer, now: float) -> None:
        """An answer came. One that the run does not wait for any more is let go.

        What came along with it answers questions that are in flight, and those yet to be asked:
        the addresses in the additional section of an SRV answer (RFC 2782).
        """
        self._learn(answer, now)
        for extra in answer.additional:
            self._additional.setdefault(extra.question, extra)
            self._learn(extra, now)

    def _learn(self, answer: Answer, now: float) -> None:
        asked = self._asked.get(answer.question)
        if asked is not None and asked.answer is None:
            asked.answer, asked.answered_at = answer, now
            self._known[answer.question] = answer

    # --- How far it can go

    def advance(self, now: float) -> Step:
        """Go as far as what is known allows."""
        self._expire(now)
        while self.ended is None:
            if self._ask is not None:
                until = self._resumes_at(self._ask)
                if until > now:
                    return Waiting(self.look_ahead(), min(until, self._next_expiry()))
            step = self._resume()
            if isinstance(step, Target):
                self.targets.append(step)
                return step
            if isinstance(step, Note):
                self.notes[step] = None
            elif isinstance(step, MappedUri):
                self.uris.append(step)
            elif isinstance(step, Ask):
                self._begin(step, now)
            else:
                self.ended = step
        return self.ended

    def come_back(self, now: float) -> None:
        """The caller, who was busy with a target, wants the next one: a new lifetime begins.

        It does so for the questions in flight as well: only the time that is spent waiting for the
        DNS counts.
        """
        self._deadline = now + self._limits.lifetime
        for asked in self._unanswered():
            asked.expires = now + self._limits.lifetime * _SHARE

    def start_again(self) -> None:
        """What is in flight was lost: start it again when the run goes on."""
        self._to_start = [q for q, asked in self._asked.items() if asked.answer is None]

    def abandon(self) -> None:
        """The caller has left: give the procedure up."""
        self._procedure.close()
        self.ended = self.ended or Ended()

    @property
    def questions(self) -> Iterable[Question]:
        """All that it has asked."""
        return self._asked

    def _resume(self) -> Ask | Target | MappedUri | Note | Ended:
        sent, self._ask, self._sent = self._sent, None, None
        try:
            return next(self._procedure) if sent is None else self._procedure.send(sent)
        except StopIteration as stop:
            return Ended(used=stop.value)
        except SipResolveError as error:
            return Ended(used=error.answers, error=error)

    def look_ahead(self) -> tuple[Question, ...]:
        """The questions to start before the caller turns to a target.

        They are for what comes next, which is looked up while the caller is busy.
        """
        questions, self._to_start = tuple(self._to_start), []
        return questions

    # --- What it asks

    def _begin(self, ask: Ask, now: float) -> None:
        self._ask, self._ask_at, self._sent = ask, now, self._known
        for wait in ask.waits:
            for question in (*wait.needed, *wait.wanted):
                self._put(question, now)
        if self._limits.speculation:
            for question in ask.hints:
                if len(self._asked) < self._limits.budget:
                    self._put(question, now)

    def _put(self, question: Question, now: float) -> None:
        if question in self._asked:
            return
        if answer := self._known_already(question):
            self._asked[question] = _Asked(now, now, answer, now)
            self._known[question] = answer
            return
        share = max(self._deadline - now, 0.0) * _SHARE
        self._asked[question] = _Asked(now, now + share)
        self._to_start.append(question)

    def _known_already(self, question: Question) -> Answer | None:
        """What can be said without asking anybody."""
        if len(self._asked) >= self._limits.budget:
            detail = f"not asked, the budget of {self._limits.budget} questions is spent"
            return Answer(question=question, status=Status.UNASKED, detail=detail)
        if not can_exist(question.name):
            # A name that the DNS cannot hold is not there, and no server could be asked for it.
            return Answer(question=question, status=Status.NXDOMAIN, detail="too long for a name")
        return self._additional.get(question)

    # --- What it waits for

    def _resumes_at(self, ask: Ask) -> float:
        """When the first of the waits is satisfied, as far as is known."""
        return min((self._satisfied_at(wait) for wait in ask.waits), default=-_NEVER)

    def _satisfied_at(self, wait: Wait) -> float:
        if not all(question in self._known for question in wait.needed):
            return _NEVER
        if all(question in self._known for question in wait.wanted):
            return -_NEVER
        if not wait.needed:
            return self._ask_at + wait.patience
        answered = [self._asked[question].answered_at or self._began for question in wait.needed]
        asked = [self._asked[question].at for question in wait.wanted]
        return max(answered + asked) + wait.patience

    def _unanswered(self) -> Iterator[_Asked]:
        return (asked for asked in self._asked.values() if asked.answer is None)

    def _next_expiry(self) -> float:
        return min((asked.expires for asked in self._unanswered()), default=_NEVER)

    def _expire(self, now: float) -> None:
        for question, asked in self._asked.items():
            if asked.answer is None and asked.expires <= now:
                detail = f"no answer in {asked.expires - asked.at:.3g} s"
                self._learn(Answer(question=question, status=Status.TIMEOUT, detail=detail), now)

    # --- What became of it

    def result(self, subject: Subject) -> Resolution:
        """What the run has found, and how.

        Raises:
            SipResolveError: No target was found; its `resolution` says what was asked.
        """
        resolution = self.resolution(subject)
        if self.ended is not None and self.ended.error is not None:
            self.ended.error.resolution = resolution
            raise self.ended.error
        return resolution

    def resolution(self, subject: Subject) -> Resolution:
        """What the run has found so far."""
        used = self.ended.used if self.ended else ()
        lives = [answer.ttl for answer in used if answer.ttl is not None]
        return Resolution(
            subject=subject,
            targets=tuple(self.targets),
            uris=tuple(self.uris),
            security=_security(used),
            notes=tuple(self.notes),
            queries=tuple(self._queries()),
            expires_in=min((*lives, _LONGEST_LIFE)) if lives else None,
        )

    def _queries(self) -> Iterator[Query]:
        for question, asked in self._asked.items():
            if asked.answer is not None and asked.answer.status is Status.UNASKED:
                continue
            took = None if asked.answered_at is None else asked.answered_at - asked.at
            yield Query(
                question=question,
                answer=asked.answer,
                asked_at=asked.at - self._began,
                seconds=took,
            )


#: RFC 8767 §4: a TTL is at most seven days, in seconds.
_LONGEST_LIFE: Final = 604_800


def _security(used: Iterable[Answer]) -> Security | None:
    states = [answer.security for answer in used]
    return weakest(*states) if states else None
