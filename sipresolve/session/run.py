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
from sipresolve.procedures.plans import Plan
from sipresolve.session.proof.work import Work
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.names import can_exist
from sipresolve.vocabulary.policy import Dnssec
from sipresolve.vocabulary.reasons import NOT_CHECKED, Reason
from sipresolve.vocabulary.records import Answer, Question, Source, Status, weakest_of
from sipresolve.vocabulary.targets import Note, Query, Resolution, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sipresolve.procedures.ask import Procedure, Wait
    from sipresolve.session.cache import Hit
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.targets import Subject
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["LONGEST_LIFE", "Ended", "Run", "Step", "Waiting"]


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


@define
class _Asked:
    """A question of this run, and what became of it.

    Attributes:
        at: When it was asked.
        expires: When it is given up.
        patience: When a stale answer is good enough.
        answer: Its answer, once there is one.
        answered_at: When that came.
        hit: What the cache knew of it.
    """

    at: float
    expires: float
    patience: float
    answer: Answer | None = None
    answered_at: float | None = None
    hit: Hit | None = None


#: No question gets more than this part of what is left of the lifetime, so that one silent server
#: leaves something to the questions after it.
_SHARE: Final = 0.5

_NEVER: Final = float("inf")


class Run:
    """One procedure on its way."""

    def __init__(  # noqa: PLR0913 - all but three are named where it is called
        self,
        procedure: Procedure[tuple[Answer, ...]],
        policy: Policy,
        now: float,
        *,
        stale_after: float = float("inf"),
        work: Work | None = None,
        lacking: Callable[[Question], str] = lambda _: "",
    ) -> None:
        """Begin.

        Args:
            procedure: What to run.
            policy: What the client wants, and what bounds it.
            now: The time, in seconds, on a clock that never goes back.
            stale_after: How long to wait for an answer before a stale one is good enough, in
                seconds (RFC 8767 §5).
            work: What it may spend on proofs; None for as much as any call.
            lacking: What a question waits for that is asked with others, for a person.
        """
        self.targets: list[Target] = []
        self.uris: list[MappedUri] = []
        self.notes: dict[Note, None] = {}  # in order, and each once
        self.plan: Plan | None = None
        self.to_plan: tuple[SipUri, int] | None = None
        self.ended: Ended | None = None
        self._procedure = procedure
        self.policy = policy
        self._lacking = lacking
        self.work = work or Work.of(policy)
        self._stale_after = stale_after
        self._began = now
        self._deadline = now + policy.lifetime
        self._known: dict[Question, Answer] = {}
        self._asked: dict[Question, _Asked] = {}
        self._waited: set[Question] = set()
        self._needed: set[Question] = set()
        self._given_up: set[Question] = set()
        self._additional: dict[Question, Answer] = {}
        self._ask: Ask | None = None
        self._ask_at = now
        self._to_start: list[Question] = []
        self._sent: dict[Question, Answer] | None = None
        self._is_abandoned = False

    # --- What the session tells it

    def learn(self, answer: Answer, now: float, hit: Hit | None = None) -> None:
        """An answer came. One that the run does not wait for any more is let go.

        What came along with it answers questions that are in flight, and those yet to be asked:
        the addresses in the additional section of an SRV answer (RFC 2782).

        Args:
            answer: The answer.
            now: The time.
            hit: Where it comes from, if that is the cache.
        """
        self._learn(answer, now, hit)
        for extra in answer.additional:
            self._additional.setdefault(extra.question, extra)
            self._learn(extra, now)

    def _learn(self, answer: Answer, now: float, hit: Hit | None = None) -> None:
        asked = self._asked.get(answer.question)
        if asked is not None and asked.answer is None:
            asked.answer, asked.answered_at, asked.hit = answer, now, hit
            self._known[answer.question] = answer
            if answer.left_out:
                self.notes[_left_out(answer)] = None

    def join(self, question: Question, since: float) -> None:
        """A question has been in flight since then: a stale answer is good enough the sooner."""
        asked = self._asked[question]
        asked.patience = min(asked.patience, since + self._stale_after)

    def withdraw(self, question: Question) -> None:
        """A question was not started after all: if it is needed, it will be asked for anew."""
        del self._asked[question]

    def needs(self, question: Question) -> bool:
        """Whether a question is more than a hint."""
        return question in self._needed

    def impatient_for(self, now: float) -> tuple[Question, ...]:
        """The questions for which a stale answer is good enough by now; each is given once."""
        late = tuple(q for q, asked in self._asked.items() if asked.patience <= now)
        for question in late:
            self._asked[question].patience = _NEVER
        return tuple(question for question in late if question not in self._known)

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
            elif isinstance(step, Plan):
                self.plan = step
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
        self._deadline = now + self.policy.lifetime
        for asked in self._unanswered():
            asked.expires = now + self.policy.lifetime * _SHARE
            asked.patience = min(now + self._stale_after, asked.expires)

    def start_again(self) -> None:
        """What is in flight was lost: start it again when the run goes on."""
        self._to_start = list(self.awaited)

    def abandon(self) -> None:
        """The caller has left: give the procedure up."""
        self._is_abandoned = self._is_abandoned or self.ended is None
        self._procedure.close()
        self.ended = self.ended or Ended()

    @property
    def questions(self) -> Iterable[Question]:
        """All that it has asked."""
        return self._asked

    @property
    def awaited(self) -> tuple[Question, ...]:
        """What it has asked, and was not answered yet."""
        return tuple(q for q, asked in self._asked.items() if asked.answer is None)

    @property
    def lapsed(self) -> tuple[Question, ...]:
        """What it needed and came to its end without: the answers may yet serve others."""
        if self.ended is None or self._is_abandoned:
            return ()
        return tuple(filter(self._is_lapsed, self._waited))

    def _is_lapsed(self, question: Question) -> bool:
        answer = self._known.get(question)
        return answer is None or answer.source is Source.STALE or question in self._given_up

    def _resume(self) -> Ask | Target | MappedUri | Note | Plan | Ended:
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
                self._waited.add(question)
                self._put(question, now)
        for wait in ask.waits[:1]:  # The others are for what may be known sooner.
            self._needed.update(wait.needed, wait.wanted)
        if self.policy.speculation:
            for question in ask.hints:
                if len(self._asked) < self.policy.budget:
                    self._put(question, now)

    def _put(self, question: Question, now: float) -> None:
        if question in self._asked:
            return
        if answer := self._known_already(question):
            self._asked[question] = _Asked(now, now, _NEVER, answer, now)
            self._known[question] = answer
            return
        expires = now + max(self._deadline - now, 0.0) * _SHARE
        patience = min(now + self._stale_after, expires)
        self._asked[question] = _Asked(now, expires, patience)
        self._to_start.append(question)

    def _known_already(self, question: Question) -> Answer | None:
        """What can be said without asking anybody."""
        if len(self._asked) >= self.policy.budget:
            detail = f"not asked, the budget of {self.policy.budget} questions is spent"
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
        asked = [self._asked[each].at for each in wait.wanted if each in self._asked]
        return max(answered + asked) + wait.patience

    def _unanswered(self) -> Iterator[_Asked]:
        return (asked for asked in self._asked.values() if asked.answer is None)

    def _next_expiry(self) -> float:
        ends = (min(asked.expires, asked.patience) for asked in self._unanswered())
        return min(ends, default=_NEVER)

    def _expire(self, now: float) -> None:
        for question, asked in self._asked.items():
            if asked.answer is None and asked.expires <= now:
                self._learn(self._timed_out(question, asked), now)
                self._given_up.add(question)

    def _timed_out(self, question: Question, asked: _Asked) -> Answer:
        detail = f"no answer in {asked.expires - asked.at:.3g} s{self._lacking(question)}"
        is_checked = self.policy.dnssec is not Dnssec.IGNORE
        return Answer(
            question=question,
            status=Status.TIMEOUT,
            reason=Reason.not_answered(question, detail) if is_checked else NOT_CHECKED,
            detail=detail,
        )

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
        weakest = weakest_of(used)
        lives = [life for answer in used if (life := self._life(answer)) is not None]
        return Resolution(
            subject=subject,
            targets=tuple(self.targets),
            uris=tuple(self.uris),
            security=weakest.security if weakest else None,
            reason=weakest.reason if weakest else None,
            notes=tuple(self.notes),
            queries=tuple(self._queries()),
            expires_in=int(min((*lives, LONGEST_LIFE))) if lives else None,
        )

    @property
    def is_all_cached(self) -> bool:
        """Whether all that it used came from the cache of the resolver."""
        return self.ended is not None and len(self.ended.used) == len(list(self._hits()))

    @property
    def expires(self) -> float:
        """When the first of the cached answers expires that it used."""
        return min((hit.expires for hit in self._hits()), default=_NEVER)

    @property
    def holds_until(self) -> float:
        """When the first of them expires, or is to be refreshed."""
        return min((min(hit.expires, hit.refresh_at) for hit in self._hits()), default=_NEVER)

    def _hits(self) -> Iterator[Hit]:
        used = self.ended.used if self.ended else ()
        asked = (self._asked[answer.question] for answer in used)
        return (each.hit for each in asked if each.hit is not None)

    def _life(self, answer: Answer) -> float | None:
        """For how long an answer held when it came, in seconds; None where nothing says."""
        asked = self._asked.get(answer.question)
        if asked is None or asked.hit is None or asked.answered_at is None:
            return answer.ttl
        return asked.hit.expires - asked.answered_at

    def _queries(self) -> Iterator[Query]:
        for question, asked in self._asked.items():
            if asked.answer is not None and not asked.answer.status.was_asked:
                continue
            took = None if asked.answered_at is None else asked.answered_at - asked.at
            yield Query(
                question=question,
                answer=asked.answer,
                asked_at=asked.at - self._began,
                seconds=took,
            )


#: RFC 8767 §4: a TTL is at most seven days, in seconds.
LONGEST_LIFE: Final = 604_800


def _left_out(answer: Answer) -> Note:
    taken = len(answer.records)
    message = f"{answer.question}: {answer.left_out} of {taken + answer.left_out} records left out"
    return Note(code="records-left-out", message=message, question=answer.question)
