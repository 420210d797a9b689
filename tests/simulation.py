"""A network in no time: a run over scripted answers, with a clock that only jumps."""

from __future__ import annotations

import heapq
from ipaddress import ip_address
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.vocabulary.targets import Resolution

NEVER = float("inf")


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


@define
class Simulation:
    """Runs the procedure over answers that come after a delay, in simulated seconds.

    What has no answer is NODATA where the name has other records or names below it, else NXDOMAIN.
    """

    answers: Mapping[Question, Answer]
    delays: Mapping[Question, float] = field(factory=dict)
    delay: float = 0.02
    policy: Policy = field(factory=Policy)
    sources: Sources = NO_SOURCES
    asked: list[Question] = field(factory=list)
    now: float = 0.0

    def resolve(self, uri: str, seed: int = 1) -> Resolution:
        session = Session(self.policy)
        run = session.locate(
            SipUri.parse_target(uri),
            self.policy,
            rng=Random(seed),
            sources=self.sources,
            now=self.now,
        )
        self._drive(session, run)
        return run.result(SipUri.parse_target(uri))

    def _drive(self, session: Session, run: Run) -> None:
        coming: list[tuple[float, int, Answer]] = []
        serial = count()
        while not isinstance(step := session.advance(run, self.now), Ended):
            if not isinstance(step, Waiting):
                continue
            for asked in step.start:
                self.asked.append(asked)
                at = self.now + self.delays.get(asked, self.delay)
                if at < NEVER:
                    heapq.heappush(coming, (at, next(serial), self._answer(asked)))
            if coming and coming[0][0] <= step.until:
                self.now, _, came = heapq.heappop(coming)
                session.deliver([came], self.now)
            else:
                assert step.until < NEVER, "the run waits for what never comes"
                self.now = step.until

    def _answer(self, asked: Question) -> Answer:
        if asked in self.answers:
            return self.answers[asked]
        exists = any(
            name == asked.name or name.endswith(f".{asked.name}")
            for name in (known.name for known in self.answers)
        )
        status = Status.NODATA if exists else Status.NXDOMAIN
        return Answer(question=asked, status=status, ttl=60)
