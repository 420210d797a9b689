"""The health of servers across calls: who is penalised, for how long, and who finds out more.

RFC 3263 §4.3 leaves it at one call; RFC 3261 §21.5.4 has a client keep other requests away from a
server for as long as its Retry-After says. A server that fails, or is silent, is treated likewise,
for a time that doubles with each failure in a row. A penalty never takes a server away: its targets
come last.

::

               failure, Retry-After                 time
      healthy ─────────────────────► penalised ─────────────► due ◄───────────────┐
         ▲                            ▲     ▲                  │ one attempt      │ released,
         │                Retry-After │     │                  ▼                  │ or lost
    time │                ┌───────────┘     └─ it failed ─── probed ──────────────┘
         │                │                                    │
         └──────────── recovered ◄──────── it succeeded ───────┘
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sipresolve.failover.health import HEALTHY, PENALISED, Place, Standing
from sipresolve.vocabulary.checks import is_number, is_whole
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HealthBook", "Penalty", "PenaltyReason"]

# The longest time that can be added to another, in seconds: RFC 3261 §20.33 bounds no Retry-After,
# and Python cannot add a whole number of 400 digits to a float.
_FOREVER: Final = sys.float_info.max


class HealthBook:
    """Remembers which servers failed; may be shared by threads, tasks, loops and resolvers.

    - A failure penalises a healthy place for `shortest`, a Retry-After for as long as it says. One
      of 0 or less penalises nobody, and counts as no report.
    - While a penalty runs, no success ends it early. When it has run out, the next attempt is the
      probe, and all others are kept away until it has reported. If it succeeds, the place is
      healthy. If it fails, the next penalty is twice as long, up to `longest`, or as long as
      Retry-After says. Released, or given up for lost, it makes room for another probe.
    - Until the place is healthy again, no failure counts but the probe's: the others are of
      attempts that began before, or of last resorts. A Retry-After that reaches further extends
      the penalty, whoever brings it; the success of a probe that is out still ends it.
    - A place that has recovered is healthy, but for `grace` only a Retry-After counts there: calls
      that began while it was away may yet time out. If it dies again within that time, failures
      that come fast are ignored until it is over, and each call goes on to the next server by
      itself; the time-outs of calls that began after the recovery arrive later, and count.
    - A Retry-After counts as no failure in a row: a server that asks for a rest is alive.
    - No failure shortens a penalty, not even the probe's own.

    A child of a fork goes on with a copy, and then on its own.

    >>> from ipaddress import ip_address
    >>> from sipresolve.vocabulary.transports import UDP
    >>> book = HealthBook()
    >>> place = Place(UDP, ip_address("192.0.2.1"), 5060)
    >>> book.failed(place, probe=None, retry_after=120)
    >>> book.admit(place)
    Standing(penalised=True, probe=None)
    >>> [str(penalty.place) for penalty in book.snapshot()]
    ['udp 192.0.2.1:5060']
    """

    def __init__(  # noqa: PLR0913 - all are named where it is called
        self,
        *,
        shortest: float = 30.0,
        longest: float = 1800.0,
        size: int = 10_000,
        probing: float = 240.0,
        grace: float = 32.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make an empty book.

        Args:
            shortest: The penalty for a first failure, in seconds.
            longest: The penalty for any number of failures in a row, in seconds.
            size: How many places are remembered; beyond it, the one that recovered longest ago is
                forgotten, or, if there is none, the one that was penalised longest ago.
            probing: For how long a probe is waited for, in seconds, before another may follow: its
                caller may be lost, and never report. It should be more than a caller's own
                time-outs; an INVITE may ring for over three minutes (RFC 3261 §16.6, Timer C).
            grace: For how long failures count for nothing where a server has recovered, in seconds:
                an attempt that began before may time out so late (RFC 3261 §17.1, Timers B and F).
            clock: The time in seconds; it never goes back.

        Raises:
            Misuse: A setting makes no sense.
        """
        _check_seconds(shortest=shortest, longest=longest, probing=probing)
        _check_seconds(may_be_0=True, grace=grace)
        if longest < shortest:
            raise Misuse(f"longest must be {shortest!r} or more, not {longest!r}")
        if not (is_whole(size) and size > 0):
            raise Misuse(f"size must be a whole number above 0, not {size!r}")
        if not callable(clock):
            raise Misuse(f"clock must be a function, not {clock!r}")
        self._shortest = shortest
        self._longest = longest
        self._size = size
        self._probing = probing
        self._grace = grace
        self._clock = clock
        # Those that were penalised longest ago come first. Entries are frozen, and the dictionaries
        # make sense after each single operation: a fork at any moment copies a whole book.
        self._entries: OrderedDict[Place, _Entry] = OrderedDict()
        # Until when failures count for nothing, once an entry is gone; the earliest comes first.
        # What is over is no different from what is not there, and stays until room is needed.
        self._recovered: OrderedDict[Place, float] = OrderedDict()
        self._numbers = count(1)
        self._locks: dict[int, threading.RLock] = {}

    def admit(self, place: Place) -> Standing:
        """What is known of a place, or that this attempt is its probe."""
        # Nearly always the answer, hence without the lock: Python looks a key up in one step, and a
        # penalty that comes at this very moment might as well have come a moment later.
        if not self._entries or place not in self._entries:
            return HEALTHY
        with self._lock():
            now = self._clock()
            entry = self._entries.get(place)
            if entry is None:
                return HEALTHY
            if not entry.is_due(now):
                return PENALISED
            probe = next(self._numbers)
            self._entries[place] = evolve(entry, probe=probe, probe_until=now + self._probing)
            return Standing(probe=probe)

    def succeeded(self, place: Place, *, probe: int | None) -> None:
        """The server is there; its penalty ends, if this was its probe."""
        if probe is None:
            return
        with self._lock():
            if self._entries.get(place, _BLANK).probe == probe:
                self._recover(place)

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None:
        """The server failed, or asked for a rest; penalise it."""
        if retry_after is not None and not retry_after > 0:
            self.released(place, probe=probe)
            return
        with self._lock():
            now = self._clock()
            before = self._entries.get(place, _BLANK)
            if retry_after is not None:
                after = before.rested(now, probe, min(retry_after, _FOREVER))
            elif self._is_news(place, probe, now):
                after = self._backed_off(before, now)
            else:
                after = before
            if after is not before:
                self._keep(place, after)

    def released(self, place: Place, *, probe: int | None) -> None:
        """The attempt said nothing of the place; if it was its probe, another may follow."""
        if probe is None:
            return
        with self._lock():
            entry = self._entries.get(place, _BLANK)
            if entry.probe == probe:
                self._entries[place] = evolve(entry, probe=None)

    def snapshot(self) -> tuple[Penalty, ...]:
        """All penalties, for an operator; what was penalised longest ago comes first."""
        with self._lock():
            now = self._clock()
            entries = list(self._entries.items())
        return tuple(
            Penalty(
                place=place,
                reason=entry.reason,
                failures=entry.failures,
                remaining=max(entry.until - now, 0.0),
                probing=entry.is_probed(now),
            )
            for place, entry in entries
        )

    def forget(self, place: Place) -> None:
        """Make a place healthy at once: an operator knows better.

        If it was penalised, it has recovered now, as by a probe: for `grace` no failure counts, so
        that no call that began before undoes the operator's word.
        """
        with self._lock():
            self._recover(place)

    def clear(self) -> None:
        """Make every place healthy at once, as `forget` does."""
        with self._lock():
            for place in tuple(self._entries):
                self._recover(place)

    def _lock(self) -> threading.RLock:
        """The lock of this process.

        After a fork another one, since the thread that holds the old one may be left behind in the
        parent. Of two threads that come here first, both get the same: `dict.setdefault` is one
        step. The lock lets its holder in again: a finaliser that reports may run at any time, here
        included.
        """
        process = os.getpid()
        return self._locks.get(process) or self._locks.setdefault(process, threading.RLock())

    def _is_news(self, place: Place, probe: int | None, now: float) -> bool:
        """Whether a failure says how the server is now, and not how it was before."""
        entry = self._entries.get(place)
        if entry is None:
            return now >= self._recovered.get(place, float("-inf"))
        return entry.is_probe(probe)

    def _backed_off(self, entry: _Entry, now: float) -> _Entry:
        """One more failure in a row."""
        back_off = min(max(self._shortest, 2 * entry.back_off), self._longest)
        counted = evolve(entry, failures=entry.failures + 1, back_off=back_off, probe=None)
        return counted.penalised_until(now + back_off, PenaltyReason.FAILURE)

    def _keep(self, place: Place, entry: _Entry) -> None:
        self._recovered.pop(place, None)
        if place not in self._entries and len(self._entries) + len(self._recovered) >= self._size:
            (self._recovered or self._entries).popitem(last=False)
        self._entries[place] = entry
        self._entries.move_to_end(place)

    def _recover(self, place: Place) -> None:
        """A penalty ends; nothing happens where there is none."""
        if self._entries.pop(place, None) is not None:
            self._recovered[place] = self._clock() + self._grace


class PenaltyReason(StrEnum):
    """Why a place is penalised."""

    RETRY_AFTER = "retry-after"
    FAILURE = "failure"


@frozen(kw_only=True)
class Penalty:
    """What a book remembers of a place, as of a moment.

    Attributes:
        place: Where.
        reason: What the end of the penalty comes from.
        failures: How many transport failures and time-outs there were in a row, each of them at
            the end of a penalty, but for the first.
        remaining: For how long the penalty goes on, in seconds; 0.0 when it has run out, and waits
            for its probe.
        probing: Whether a probe is out.
    """

    place: Place
    reason: PenaltyReason
    failures: int
    remaining: float
    probing: bool


@frozen(kw_only=True)
class _Entry:
    """What is remembered of a place; times as the clock of the book counts them.

    Attributes:
        reason: What `until` comes from.
        failures: In a row.
        back_off: For how long the latest of them penalised; 0.0 if there was none.
        until: When the penalty runs out.
        probe: The number of the latest probe; None where it has reported.
        probe_until: When that probe is given up for lost.
    """

    reason: PenaltyReason
    failures: int = 0
    back_off: float = 0.0
    until: float
    probe: int | None = None
    probe_until: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether the penalty has run out, and nobody is finding out more."""
        return self.until <= now and not self.is_probed(now)

    def is_probed(self, now: float) -> bool:
        """Whether a probe is out, and not given up."""
        return self.probe is not None and now < self.probe_until

    def is_probe(self, probe: int | None) -> bool:
        """Whether an attempt with this number is the latest probe, and has not yet reported."""
        return probe is not None and probe == self.probe

    def rested(self, now: float, probe: int | None, seconds: float) -> _Entry:
        """The entry after a Retry-After; the same one, if it reaches no further."""
        # If it is not the probe's own, but that one was given up, it is not waited for any more.
        heeded = evolve(self, probe=None) if self.is_probe(probe) or self.is_due(now) else self
        return heeded.penalised_until(now + seconds, PenaltyReason.RETRY_AFTER)

    def penalised_until(self, until: float, reason: PenaltyReason) -> _Entry:
        """The entry with a penalty that reaches so far, unless it reaches further already."""
        return evolve(self, until=until, reason=reason) if until > self.until else self


#: Of a place that has no entry: its penalty has always run out.
_BLANK: Final = _Entry(reason=PenaltyReason.FAILURE, until=float("-inf"))


def _check_seconds(*, may_be_0: bool = False, **settings: object) -> None:
    bound = "of 0 or more" if may_be_0 else "above 0"
    for name, value in settings.items():
        if not (is_number(value) and value <= _FOREVER and (may_be_0 or value > 0)):
            raise Misuse(f"{name} must be a finite number {bound}, not {value!r}")
