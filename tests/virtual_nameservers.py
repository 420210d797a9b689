"""Questions to nameservers that do not exist, in a time that does not pass: no socket, no sleep."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from ipaddress import ip_address
from itertools import count
from typing import TYPE_CHECKING, Final

from attrs import define, field

from sipresolve.exchange.attempts import advance, attempts
from sipresolve.exchange.events import Attempt, Event, Expired, Replied
from sipresolve.exchange.panel import Panel
from sipresolve.exchange.replies import RecordSet, Reply
from sipresolve.vocabulary.records import Answer, Question, RecordType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sipresolve.exchange.events import Attempts
    from sipresolve.exchange.nameservers import Nameserver

__all__ = ["World", "percentile"]

QUESTION: Final = Question("example.com", RecordType.A)
YES: Final = Reply(
    rcode="NOERROR", records={"example.com": RecordSet((ip_address("192.0.2.99"),), 300)}
)


@define(eq=False)
class Run:
    """A question that is being asked, or a probe."""

    steps: Attempts
    began: float
    is_probe: bool
    outcome: Answer | float = 0.0
    waits: int = 0


@define
class World:
    """Nameservers, and a panel that comes to know them.

    Attributes:
        latency: For each nameserver, how long it takes for a query that is sent at a time, in
            seconds; None for silence. Their order is that of the panel.
        hedge: Whether the panel hedges.
        took: How long each question took, in the order of their ends, in seconds.
        queries: How many queries each nameserver got, probes among them.
        probes: How many of them were probes.
        first: Whom each question was sent to first.
    """

    latency: Mapping[Nameserver, Callable[[float], float | None]]
    hedge: bool = True
    took: list[float] = field(init=False, factory=list)
    queries: Counter[Nameserver] = field(init=False, factory=Counter)
    probes: Counter[Nameserver] = field(init=False, factory=Counter)
    first: list[Nameserver] = field(init=False, factory=list)
    panel: Panel = field(init=False)
    _agenda: list[tuple[float, int, Run, Event | None]] = field(init=False, factory=list)
    _numbers: count[int] = field(init=False, factory=count)

    def __attrs_post_init__(self) -> None:
        self.panel = Panel(tuple(self.latency), hedge=self.hedge)

    def ask(self, times: Sequence[float]) -> None:
        """Ask a question at each of the times, and go on until all are answered."""
        for time in times:
            self._go_to(time)
            self.panel.earn()
            order = self.panel.order()
            self.first.append(order[0])
            self._begin(order, time, rounds=3)
            for nameserver in self.panel.due(time):
                self.probes[nameserver] += 1
                self._begin([nameserver], time, rounds=1, is_probe=True)
        self._go_to(float("inf"))

    def _begin(
        self, order: Sequence[Nameserver], now: float, *, rounds: int, is_probe: bool = False
    ) -> None:
        steps = attempts(QUESTION, order, self.panel, now=now, timeout=0.5, rounds=rounds)
        self._advance(Run(steps, now, is_probe), None, now)

    def _go_to(self, time: float) -> None:
        while self._agenda and self._agenda[0][0] <= time:
            at, number, run, event = heappop(self._agenda)
            if isinstance(run.outcome, Answer):
                continue
            if event is None and number == run.waits:
                event = Expired(at)
            if event is not None:
                self._advance(run, event, at)

    def _advance(self, run: Run, event: Event | None, now: float) -> None:
        def send(attempt: Attempt) -> None:
            self.queries[attempt.nameserver] += 1
            latency = self.latency[attempt.nameserver](now)
            if latency is not None:
                at = now + latency
                heappush(
                    self._agenda, (at, next(self._numbers), run, Replied(attempt, YES, at, at))
                )

        run.outcome = advance(run.steps, event, send)
        if not isinstance(run.outcome, Answer):
            run.waits = next(self._numbers)
            heappush(self._agenda, (now + run.outcome, run.waits, run, None))
        elif not run.is_probe:
            self.took.append(now - run.began)


def percentile(values: Sequence[float], percent: float) -> float:
    """What so many per cent of the values are not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]
