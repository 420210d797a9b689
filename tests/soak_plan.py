"""What a soak does: how many resolutions, of which domains, and when faults come and go."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from attrs import evolve, frozen
from faults import FAULTS, HEALTHY, Fault

from sipresolve import CachePolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Change", "Plan"]


@frozen(kw_only=True)
class Plan:
    """What is done.

    Attributes:
        seconds: For how long.
        rate: How many resolutions are begun in a second.
        period: After how long the record begins a new line, in seconds.
        fault: How long a fault, or the time without one, lasts on average, in seconds.
        lifetime: How long a resolution may wait, in seconds.
        domains: How many there are; their TTLs are 1 to 5 seconds.
        workers: How many threads there are.
        failure_ttl: For how long a failure is remembered, however often it comes, in seconds
            (RFC 9520 §3.2).
        stale: Whether answers may be served after their TTL (RFC 8767).
        seed: Of everything that is left to chance.
    """

    seconds: float
    rate: float = 200.0
    period: float = 60.0
    fault: float = 8.0
    lifetime: float = 2.0
    domains: int = 200
    workers: int = 32
    failure_ttl: float = 1.0
    stale: bool = True
    seed: int = 1

    @property
    def cache(self) -> CachePolicy:
        """What the resolver keeps."""
        cache = CachePolicy(failure_ttl=self.failure_ttl, longest_failure_ttl=self.failure_ttl)
        return cache if self.stale else evolve(cache, stale=0)

    def numbers(self) -> Iterator[int]:
        """The domains that are resolved, one after the other."""
        dice = Random(self.seed)
        return iter(lambda: dice.randrange(self.domains), None)

    def changes(self) -> list[Change]:
        """When faults come and go, in the order of time; each recursor has its own."""
        found = [
            Change(at, which, fault) for which in (0, 1) for at, fault in self._course_of(which)
        ]
        return sorted(found, key=lambda change: change.at)

    def _course_of(self, which: int) -> Iterator[tuple[float, Fault]]:
        dice = Random(f"{self.seed} {which}")
        at, names = 0.0, list(FAULTS)
        while True:
            for fault in (HEALTHY, FAULTS[dice.choice(names)]):
                if at >= self.seconds:
                    return
                yield at, fault
                at += self.fault * dice.uniform(0.5, 1.5)


@frozen
class Change:
    """From some moment on, in seconds, one of the recursors has a fault, or is healthy."""

    at: float
    which: int
    fault: Fault
