"""A network in no time: a run over scripted answers, with a clock that only jumps."""

from __future__ import annotations

import heapq
from ipaddress import ip_address
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, evolve, field, frozen

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.procedures.ask import Ask
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import (
    Answer,
    Naptr,
    Question,
    Record,
    RecordType,
    Srv,
    Status,
)
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.procedures.ask import Known, Procedure
    from sipresolve.procedures.plans import Plan
    from sipresolve.vocabulary.mapped import MappedUri
    from sipresolve.vocabulary.targets import Note, Resolution, Target

NEVER = float("inf")

Result = TypeVar("Result")


def question(text: str) -> Question:
    """``example.com NAPTR``."""
    name, kind = text.split()
    return Question(name, RecordType(kind))


def record(kind: str, text: str) -> Record:
    """The data of a record, as a zone file has it."""
    fields = text.replace('"', "").split() if kind != "NAPTR" else _naptr_fields(text)
    match kind, fields:
        case "NAPTR", [order, preference, flags, service, regexp, replacement]:
            return Naptr(
                int(order), int(preference), flags, service, regexp.encode("latin-1"), replacement
            )
        case "SRV", [priority, weight, port, target]:
            return Srv(int(priority), int(weight), int(port), target)
        case _, [address]:
            return ip_address(address)
    raise ValueError(text)


def _naptr_fields(text: str) -> list[str]:
    order, preference, rest = text.split(None, 2)
    _, flags, _, service, _, regexp, replacement = rest.split('"')
    return [order, preference, flags, service, regexp, replacement.strip()]


def answer(text: str, *data: str | Status, ttl: int | None = 300, **more: object) -> Answer:
    """An answer: to ``name TYPE``, with records, or a status."""
    asked = question(text)
    if len(data) == 1 and isinstance(data[0], Status):
        return Answer(question=asked, status=data[0], ttl=ttl, **more)  # type: ignore[arg-type]
    records = tuple(record(asked.type, str(item)) for item in data)
    return Answer(question=asked, status=Status.OK, records=records, ttl=ttl, **more)  # type: ignore[arg-type]


def zone(text: str) -> dict[Question, Answer]:
    """Answers from lines ``owner TYPE data`` or ``owner TYPE status``, each with a TTL of 300 s."""
    answers: dict[Question, Answer] = {}
    statuses = {str(status) for status in Status}
    for line in filter(None, map(str.strip, text.splitlines())):
        owner, kind, data = line.split(None, 2)
        asked = Question(owner, RecordType(kind))
        if data in statuses:
            answers[asked] = Answer(question=asked, status=Status(data))
            continue
        before = answers.get(asked, Answer(question=asked, status=Status.OK, ttl=300))
        answers[asked] = evolve(before, records=(*before.records, record(kind, data)))
    return answers


def walk(
    procedure: Procedure[Result], answers: Mapping[Question, Answer]
) -> tuple[list[Target | MappedUri | Note | Plan], Result]:
    """What a procedure yields and what it returns, where every answer is there at once.

    What has no answer is NODATA.
    """
    known: dict[Question, Answer] = {}
    yielded: list[Target | MappedUri | Note | Plan] = []
    sent: Known | None = None
    while True:
        try:
            item = next(procedure) if sent is None else procedure.send(sent)
        except StopIteration as stop:
            return yielded, stop.value
        if isinstance(item, Ask):
            asked = [q for wait in item.waits for q in (*wait.needed, *wait.wanted)]
            for each in (*asked, *item.hints):
                known[each] = answers.get(each) or Answer(question=each, status=Status.NODATA)
            sent = known
        else:
            yielded.append(item)
            sent = None


@frozen
class Caller:
    """Who takes one target at a time.

    Attributes:
        busy: For how long with each of them, in seconds.
        blocking: Whether the answers that come meanwhile are seen only when it is back, as where a
            kernel keeps them for it; else they are seen when they come, as in an event loop.
        wants: How many targets it takes; None for all that there are.
    """

    busy: float = 0.0
    blocking: bool = True
    wants: int | None = None


@frozen
class HandedOut:
    """A target in the hands of its caller.

    Attributes:
        target: The target.
        at: When it was handed out.
        asked: What had been asked by then, and what was asked as the caller turned to it.
    """

    target: Target
    at: float
    asked: tuple[Question, ...]


@define
class Simulation:
    """Runs the procedures over answers that come after a delay, in simulated seconds.

    What has no answer is NODATA where the name has other records or names below it, else NXDOMAIN.

    Attributes:
        asked: What was asked, in that order.
        handed_out: The targets that a caller took one at a time.
        given_back: What was in flight for nobody else when the caller left.
        kept: What it needed and ended without, and what goes on for the cache.
        now: The time.
        shared: What all calls share; None where each has a session of its own.
    """

    answers: Mapping[Question, Answer]
    delays: Mapping[Question, float] = field(factory=dict)
    delay: float = 0.02
    policy: Policy = field(factory=Policy)
    sources: Sources = NO_SOURCES
    asked: list[Question] = field(factory=list)
    handed_out: list[HandedOut] = field(factory=list)
    given_back: tuple[Question, ...] = ()
    kept: tuple[Question, ...] = ()
    now: float = 0.0
    shared: Session | None = None
    _coming: list[tuple[float, int, Answer]] = field(factory=list, init=False)
    _serial: count[int] = field(factory=count, init=False)

    def resolve(self, uri: str, seed: int = 1, *, large: bool = False) -> Resolution:
        """All targets of a URI at once."""
        session, subject = self._session(), SipUri.parse_target(uri)
        run = self._locate(session, subject, seed, large=large)
        self._take_all(session, run)
        return run.result(subject)

    def enum(self, number: str) -> Resolution:
        """The URIs of a number."""
        session, subject = self._session(), TelUri.parse_number(number)
        run = session.map_number(subject, self.policy, now=self.now)
        self._take_all(session, run)
        return run.result(subject)

    def resolve_number(self, number: str, seed: int = 1, **more: Any) -> Resolution:
        """All targets of a number at once; more as of `Session.locate_number`."""
        session, subject = self._session(), TelUri.parse_number(number)
        run = self._locate_number(session, subject, seed, **more)
        self._take_all(session, run)
        return run.result(subject)

    def respond(self, via: str, seed: int = 1) -> Resolution:
        """All targets of a response at once."""
        session, subject = self._session(), Via.parse(via)
        run = self._respond(session, subject, seed)
        self._take_all(session, run)
        return run.result(subject)

    def failover(
        self, uri: str, caller: Caller | None = None, seed: int = 1, *, large: bool = False
    ) -> Resolution:
        """The targets of a URI, one at a time."""
        session, subject = self._session(), SipUri.parse_target(uri)
        run = self._locate(session, subject, seed, large=large, lazy=True)
        self._take_one_by_one(session, run, caller or Caller())
        return run.result(subject)

    def failover_number(
        self, number: str, caller: Caller | None = None, seed: int = 1, **more: Any
    ) -> Resolution:
        """The targets of a number, one at a time."""
        session, subject = self._session(), TelUri.parse_number(number)
        run = self._locate_number(session, subject, seed, lazy=True, **more)
        self._take_one_by_one(session, run, caller or Caller())
        return run.result(subject)

    def failover_response(
        self, via: str, caller: Caller | None = None, seed: int = 1
    ) -> Resolution:
        """The targets of a response, one at a time."""
        session, subject = self._session(), Via.parse(via)
        run = self._respond(session, subject, seed, lazy=True)
        self._take_one_by_one(session, run, caller or Caller())
        return run.result(subject)

    def pass_time(self, seconds: float) -> None:
        """Nobody calls for so long; what is in flight for the cache comes."""
        session, later = self._session(), self.now + seconds
        while self._coming and self._coming[0][0] <= later:
            self.now = self._coming[0][0]
            session.deliver([self._next()], self.now)
        self.now = later

    def _session(self) -> Session:
        return self.shared or Session(self.policy)

    def _locate(
        self, session: Session, uri: SipUri, seed: int, *, large: bool, lazy: bool = False
    ) -> Run:
        return session.locate(
            uri,
            self.policy,
            rng=Random(seed),
            sources=self.sources,
            now=self.now,
            large=large,
            lazy=lazy,
        )

    def _locate_number(self, session: Session, number: TelUri, seed: int, **more: Any) -> Run:
        return session.locate_number(
            number, self.policy, rng=Random(seed), sources=self.sources, now=self.now, **more
        )

    def _respond(self, session: Session, via: Via, seed: int, *, lazy: bool = False) -> Run:
        return session.respond(
            via, self.policy, rng=Random(seed), sources=self.sources, now=self.now, lazy=lazy
        )

    def _take_all(self, session: Session, run: Run) -> None:
        while not isinstance(self._step(session, run), Ended):
            pass
        self._leave(session, run)

    def _take_one_by_one(self, session: Session, run: Run, caller: Caller) -> None:
        while True:
            run.come_back(self.now)
            step = self._step(session, run)
            if isinstance(step, Ended):
                break
            self._start(session.look_ahead(run, self.now))
            self.handed_out.append(HandedOut(step, self.now, tuple(self.asked)))
            if len(run.targets) == caller.wants:
                break
            self._be_busy(session, caller)
        self._leave(session, run)

    def _step(self, session: Session, run: Run) -> Target | Ended:
        """Wait until there is a target, or no more."""
        while isinstance(step := session.advance(run, self.now), Waiting):
            self._start(step.start)
            if self._coming and self._coming[0][0] <= step.until:
                self.now = self._coming[0][0]
                session.deliver([self._next()], self.now)
            else:
                assert step.until < NEVER, "the run waits for what never comes"
                self.now = step.until
        return step

    def _be_busy(self, session: Session, caller: Caller) -> None:
        back = self.now + caller.busy
        while self._coming and self._coming[0][0] <= back:
            self.now = back if caller.blocking else self._coming[0][0]
            session.deliver([self._next()], self.now)
        self.now = back

    def _leave(self, session: Session, run: Run) -> None:
        self.given_back = session.leave(run)
        for orphan in self.given_back:
            session.forget(orphan)
        self._coming = [each for each in self._coming if each[-1].question not in self.given_back]
        heapq.heapify(self._coming)
        self._start(session.take())
        self.kept = session.overdue(NEVER)
        if self.shared is not None:
            return
        for late in self.kept:
            session.forget(late)
        assert not session.in_flight, "nothing stays in flight for a run that is over"
        self._coming.clear()

    def _start(self, questions: tuple[Question, ...]) -> None:
        for asked in questions:
            self.asked.append(asked)
            at = self.now + self.delays.get(asked, self.delay)
            if at < NEVER:
                heapq.heappush(self._coming, (at, next(self._serial), self._answer(asked)))

    def _next(self) -> Answer:
        return heapq.heappop(self._coming)[-1]

    def _answer(self, asked: Question) -> Answer:
        if asked in self.answers:
            return self.answers[asked]
        exists = any(
            name == asked.name or name.endswith(f".{asked.name}")
            for name in (known.name for known in self.answers)
        )
        status = Status.NODATA if exists else Status.NXDOMAIN
        return Answer(question=asked, status=status, ttl=60)
