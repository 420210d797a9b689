"""What is remembered of nameservers from one question to the next: who is quick, who is dead.

It reads no clock: the time is an argument, in seconds of one clock that never goes back.

- The order in which they were given is kept until something is known that speaks against it: a
  nameserver that is much slower than the best of them goes behind the others, and a dead one to
  the very end.
- How long to wait for one before the next is asked as well comes from its own past, as the timer of
  RFC 6298 does. That costs queries, so there is a budget for it: a tenth of the questions, and a
  few to begin with. Without it a general outage would double the load of who is in trouble already.
- Whoever is put back for being slow or dead is asked now and then beside the others, with nobody
  waiting for it, and has its place again as soon as it answers as it should.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

if TYPE_CHECKING:
    from sipresolve.exchange.nameservers import Nameserver

__all__ = ["Panel"]

# RFC 6298 §2.3 and §3: how much one measurement weighs, in the mean and in the variation.
_IN_MEAN: Final = 1 / 8
_IN_VARIATION: Final = 1 / 4
_VARIATIONS: Final = 4
# How long a measurement speaks for what comes, in seconds; one that is older counts no more.
_HOLDS: Final = 30.0

# How long to wait for one of whom nothing is known, and for any other at least, in seconds. The
# least is more than what a busy machine takes to wake a program.
_UNKNOWN: Final = 0.075
_LEAST: Final = 0.02
# A connection takes a round trip, and the query another one.
_OVER_TCP: Final = 3

# Slower than the best by this factor and by so many seconds is worth another order.
_FACTOR: Final = 2
_MARGIN: Final = 0.02

# What one may cost where nothing is known of any.
_NO_LIMIT: Final = float("inf")

# How often in a row one has to fail to be dead, and for its silence to be more than bad luck.
_DEAD: Final = 3
_SILENT: Final = 2

# When to ask again whoever is put back, in seconds; twice as long each time, to the longest.
_FIRST_PROBE: Final = 1.0
_LONGEST: Final = 30.0

# What the budget begins with and holds at most, and what a question brings in.
_BUDGET: Final = 16.0
_SHARE: Final = 0.1


@define
class _Past:
    """What is known of one nameserver.

    Attributes:
        mean: The smoothed time that its replies took, in seconds; None without any.
        variation: How much they vary, in seconds.
        heard: When the latest reply came.
        waited: The longest that it was waited for in vain since, in seconds.
        failures: How often it has failed since.
        overtaken: When it was seen last that another was quicker.
        probe: When to ask it beside the others; None where it has its place.
        pause: How long that is after the last time, in seconds.
    """

    mean: float | None = None
    variation: float = 0.0
    heard: float = float("-inf")
    waited: float = 0.0
    failures: int = 0
    overtaken: float = float("-inf")
    probe: float | None = None
    pause: float = _FIRST_PROBE

    @property
    def cost(self) -> float:
        """What asking it takes, as far as is known, in seconds."""
        return max(self.mean or 0.0, self.waited if self.failures >= _SILENT else 0.0)

    def measure(self, seconds: float, now: float) -> None:
        if self.mean is None or now - self.heard > _HOLDS:
            self.mean, self.variation = seconds, seconds / 2
        else:
            error = seconds - self.mean
            self.variation += _IN_VARIATION * (abs(error) - self.variation)
            self.mean += _IN_MEAN * error


@define
class Panel:
    """The nameservers of one backend, as experience has shown them.

    Attributes:
        nameservers: All of them, in the order given.
        hedge: Whether the next may be asked before the time-out of one has passed.
    """

    nameservers: tuple[Nameserver, ...]
    hedge: bool = True
    _pasts: dict[Nameserver, _Past] = field(init=False, factory=dict)
    _budget: float = field(init=False, default=_BUDGET)

    def __attrs_post_init__(self) -> None:
        self._pasts = {nameserver: _Past() for nameserver in self.nameservers}

    def renew(self, nameservers: tuple[Nameserver, ...]) -> None:
        """Take others from now on; those that stay keep their past."""
        if nameservers != self.nameservers:
            self._pasts = {each: self._past(each) for each in nameservers}
            self.nameservers = nameservers

    def order(self) -> list[Nameserver]:
        """In which order to ask them."""
        limit = self._limit()
        return sorted(self.nameservers, key=lambda nameserver: self._rank(nameserver, limit))

    def delay(self, nameserver: Nameserver, *, tcp: bool = False) -> float:
        """How long to wait for it before the next is asked as well, in seconds."""
        past = self._past(nameserver)
        if past.mean is None:
            return _UNKNOWN
        delay = max(past.mean + _VARIATIONS * past.variation, _LEAST)
        return max(delay * _OVER_TCP, _UNKNOWN) if tcp else delay

    def is_dead(self, nameserver: Nameserver) -> bool:
        """Whether it has failed so often in a row that nothing is to be expected of it."""
        return self._past(nameserver).failures >= _DEAD

    def has_replied(self, nameserver: Nameserver, since: float) -> bool:
        """Whether a reply has come from it since then."""
        return self._past(nameserver).heard > since

    def earn(self) -> None:
        """A question begins."""
        self._budget = min(self._budget + _SHARE, _BUDGET)

    def spend(self) -> bool:
        """Whether one more query may be sent before a time-out; that is noted."""
        if self._budget < 1:
            return False
        self._budget -= 1
        return True

    def replied(self, nameserver: Nameserver, seconds: float | None, now: float) -> None:
        """It has replied, after so many seconds; None where that says nothing of it."""
        past = self._past(nameserver)
        past.waited, past.failures = 0.0, 0
        if seconds is not None:
            past.measure(seconds, now)
        past.heard = now

    def failed(self, nameserver: Nameserver) -> None:
        """It was silent, cannot be reached, or says that it does not serve us."""
        self._past(nameserver).failures += 1

    def overtaken(self, nameserver: Nameserver, asked_at: float, now: float) -> None:
        """Another that was asked later has replied before it.

        That is a failure, but one for all that were asked at the same moment: programs and packets
        are held up now and then, and a resolution asks many questions at once.
        """
        past = self._past(nameserver)
        if asked_at > past.overtaken:
            past.overtaken = now
            past.failures += 1

    def waited(self, nameserver: Nameserver, seconds: float) -> None:
        """It has not replied for so long."""
        past = self._past(nameserver)
        past.waited = max(past.waited, seconds)

    def due(self, now: float) -> list[Nameserver]:
        """Whom to ask beside the others, which is then noted as done."""
        limit = self._limit()
        dead = [self.is_dead(nameserver) for nameserver in self.nameservers]
        return [
            nameserver
            for nameserver in self.nameservers
            if _is_due(
                self._past(nameserver),
                now,
                is_back=not all(dead) and self._rank(nameserver, limit) > _IN_PLACE,
            )
        ]

    def _past(self, nameserver: Nameserver) -> _Past:
        """One that is no longer of the panel may still be asked: that is not remembered."""
        return self._pasts.get(nameserver) or _Past()

    def _limit(self) -> float:
        """The most that one may cost to keep its place, given the best that is known of any."""
        pasts = [self._past(each) for each in self.nameservers if not self.is_dead(each)]
        best = min((past.cost for past in pasts if past.mean is not None), default=_NO_LIMIT)
        return max(best * _FACTOR, best + _MARGIN)

    def _rank(self, nameserver: Nameserver, limit: float) -> tuple[int, float]:
        if self.is_dead(nameserver):
            return _LAST
        past = self._past(nameserver)
        # One that was never heard, and did not reply when another did, is the first suspect.
        is_suspect = past.mean is None and past.failures > 0 and limit < _NO_LIMIT
        return (1, past.cost) if is_suspect or past.cost > limit else _IN_PLACE


_IN_PLACE: Final = (0, 0.0)
_LAST: Final = (2, 0.0)


def _is_due(past: _Past, now: float, *, is_back: bool) -> bool:
    """Whether to ask one now that may have been put back."""
    if not is_back:
        past.probe, past.pause = None, _FIRST_PROBE
    elif past.probe is None:
        past.probe = now + past.pause
    elif not now < past.probe <= now + _LONGEST:  # The clock of another loop may say anything.
        past.pause = min(past.pause * 2, _LONGEST)
        past.probe = now + past.pause
        return True
    return False
