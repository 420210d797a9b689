"""What happened in a soak, period by period."""

from __future__ import annotations

import os
import threading
import time
from array import array
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field
from domains import judge
from loopback import open_descriptors
from spells import Pulse, Spell, overlap

from sipresolve import SipResolveError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domains import Domain, Outcome
    from soak_plan import Plan

    from sipresolve import AsyncResolver, Resolver

__all__ = ["Period", "Record"]

#: How late a busy machine may notice that a lifetime is over, in seconds.
GRACE: Final = 0.5

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@define(kw_only=True)
class Period:
    """What happened in one period.

    Attributes:
        verdicts: How often a resolution was what; those that were allowed to fail are ``failed``.
        codes: The codes of the errors of those.
        over_lifetime: How many took longer than their lifetime.
        milliseconds: How long each took.
        resident: The memory of this process at the end, in octets.
        descriptors: How many descriptors it had open at the end.
        most_descriptors: How many it had open at any moment when that was looked at.
        entries: How many answers the cache held at the end.
    """

    verdicts: Counter[str] = field(factory=Counter)
    codes: Counter[str] = field(factory=Counter)
    over_lifetime: int = 0
    milliseconds: array[float] = field(factory=lambda: array("d"))
    resident: int = 0
    descriptors: int = 0
    most_descriptors: int = 0
    entries: int = 0

    def quantile(self, share: float) -> float:
        """What this share of the resolutions did not exceed, in milliseconds."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


@define
class Record:
    """What happened.

    Attributes:
        plan: What was to be done.
        slow: Say when each of the recursors was slow, until now.
        pulse: That of this process.
        periods: Period by period.
        wrong: What was wrong, for a person to read.
        left_open: How many more descriptors were open at the end than in the beginning.
    """

    plan: Plan
    slow: Sequence[Callable[[], list[Spell]]]
    pulse: Pulse
    periods: list[Period] = field(factory=lambda: [Period()])
    wrong: list[str] = field(factory=list)
    left_open: int = 0
    _faulty: tuple[list[Spell], list[Spell]] = field(init=False, factory=lambda: ([], []))
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    @property
    def resolutions(self) -> int:
        """How many there were."""
        return sum(period.verdicts.total() for period in self.periods)

    def count(self, verdict: str) -> int:
        """How many of them were what."""
        return sum(period.verdicts[verdict] for period in self.periods)

    def note(self, of: Domain, outcome: Outcome, began: float) -> None:
        """Take in what came of a resolution that has just ended."""
        ended = time.monotonic()
        verdict: str = judge(of, outcome)
        if verdict == "failed" and not self.may_fail(began, ended):
            verdict = "wrong"
        with self._lock:
            period = self.periods[-1]
            period.verdicts[verdict] += 1
            period.milliseconds.append(1000 * (ended - began))
            period.over_lifetime += ended - began > self.plan.lifetime + GRACE
            if isinstance(outcome, SipResolveError):
                period.codes[outcome.code] += 1
            if verdict == "wrong":
                self.wrong.append(f"{of.name} after {ended - began:.3f} s: {outcome!r}")

    def begin_fault(self, which: int) -> None:
        """Note that one of the recursors is about to be faulty."""
        self._faulty[which].append(Spell(time.monotonic()))

    def end_fault(self, which: int) -> None:
        """Note that it is healthy again."""
        if spells := self._faulty[which]:  # else it has never been faulty
            spells[-1] = evolve(spells[-1], until=time.monotonic())

    def may_fail(self, began: float, ended: float) -> bool:
        """Whether neither could be relied on, or the failure may still be remembered.

        It may have been asked in the last moment of a fault, over a connection that stays silent
        until it is given up, and be remembered from then on. A recursor that has no fault may be
        slow all the same, or this process may be, on a machine that is busy or stalls: that counts
        where it was seen.
        """
        self.pulse.beat(ended)
        since = began - self.plan.lifetime - self.plan.failure_ttl
        return all(
            overlap([*faulty, *self.pulse.stalls, *slow()], since, ended)
            for faulty, slow in zip(self._faulty, self.slow, strict=True)
        )

    def look(self) -> None:
        """See how many descriptors are open."""
        period = self.periods[-1]
        period.most_descriptors = max(period.most_descriptors, open_descriptors())

    def end_period(self, resolver: Resolver | AsyncResolver) -> Period:
        """Close a period, and begin another; the one that is closed."""
        period = self.periods[-1]
        period.resident = _resident()
        period.descriptors = open_descriptors()
        period.entries = resolver.statistics.entries
        with self._lock:
            self.periods.append(Period())
        return period


def _resident() -> int:
    """The memory of this process, in octets."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
