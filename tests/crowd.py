"""Many callers: where they want to go, what becomes of them, and what each would get alone."""

from __future__ import annotations

import asyncio
import errno
import heapq
import threading
import time
from random import Random
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen
from simulation import walk, zone

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.procedures.locate import locate
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.records import Answer, Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sipresolve.failover.attempt import Attempt
    from sipresolve.failover.health import Place
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Question

__all__ = [
    "ENDINGS",
    "URIS",
    "WORLD",
    "Alone",
    "AsyncSlow",
    "Clock",
    "Ending",
    "NaiveHealth",
    "Slow",
    "alone",
    "answer_to",
]

# --- Where they want to go: domains that share hosts, and some hosts an address or a port ---------

WORLD: Final = zone("""
    _sip._udp.example.com SRV 1 10 5060 a.example.com
    _sip._udp.example.com SRV 1 30 5060 b.example.com
    _sip._udp.example.com SRV 1 0 5070 a.example.com
    _sip._udp.example.com SRV 2 1 5060 c.example.com
    _sip._tcp.example.com SRV 1 1 5060 b.example.com
    _sip._tcp.example.com SRV 1 1 5060 c.example.com
    example.net NAPTR 10 1 "s" "SIP+D2T" "" _sip._tcp.hosting.example
    example.net NAPTR 10 2 "s" "SIP+D2U" "" _sip._udp.hosting.example
    _sip._tcp.hosting.example SRV 5 1 5060 b.example.com
    _sip._tcp.hosting.example SRV 5 1 5060 d.hosting.example
    _sip._udp.hosting.example SRV 1 1 5060 d.hosting.example
    _sip._udp.hosting.example SRV 3 1 5060 a.example.com
    a.example.com A 192.0.2.1
    a.example.com A 192.0.2.2
    a.example.com AAAA 2001:db8::1
    b.example.com A 192.0.2.3
    b.example.com AAAA 2001:db8::3
    c.example.com AAAA 2001:db8::4
    d.hosting.example A 192.0.2.2
    d.hosting.example A 192.0.2.5
""")

URIS: Final = (
    "sip:example.com",
    "sip:example.com;transport=tcp",
    "sip:example.net",
    "sip:a.example.com:5060",
    "sip:192.0.2.1",
    "sip:nowhere.example",
)


def answer_to(question: Question) -> Answer:
    return WORLD.get(question) or Answer(question=question, status=Status.NODATA)


# --- What each would get alone --------------------------------------------------------------------


@frozen
class Alone:
    """What a caller gets where there is no other: targets in order, or the code of an error."""

    targets: tuple[Target, ...] = ()
    code: str | None = None


def alone(
    uri: str, seed: int, policy: Policy, answers: Mapping[Question, Answer], *, large: bool = False
) -> Alone:
    """The procedure and nothing else: no session, no time, and every answer there at once."""
    procedure = locate(
        SipUri.parse_target(uri), policy=policy, rng=Random(seed), sources=NO_SOURCES, large=large
    )
    try:
        yielded, _ = walk(procedure, answers)
    except SipResolveError as error:
        return Alone(code=error.code)
    return Alone(tuple(item for item in yielded if isinstance(item, Target)))


# --- What becomes of their attempts ---------------------------------------------------------------


@frozen
class Ending:
    """How an attempt ends.

    Attributes:
        act: What happens inside the ``with`` statement.
        goes_on: Whether the caller wants the next target (RFC 3263 §4.3).
        blames: Whether the server, or the way to it, failed.
        refuses: Whether nobody speaks TCP there (RFC 3261 §18.1.1).
    """

    act: Callable[[Attempt], None]
    goes_on: bool = False
    blames: bool = False
    refuses: bool = False


def _raises(kind: type[Exception], *arguments: object) -> Callable[[Attempt], None]:
    def act(_attempt: Attempt) -> None:
        raise kind(*arguments)

    return act


ENDINGS: Final = {
    "answered": Ending(lambda _attempt: None),
    "silent": Ending(_raises(TimeoutError), goes_on=True, blames=True),
    "refused": Ending(_raises(ConnectionRefusedError), goes_on=True, blames=True, refuses=True),
    "503": Ending(lambda attempt: attempt.failed("503"), goes_on=True),
    "no way there": Ending(_raises(OSError, errno.ENETUNREACH, "no way"), goes_on=True),
    "no more sockets": Ending(_raises(OSError, errno.EMFILE, "too many")),
    "a bug": Ending(_raises(ZeroDivisionError)),
}


# --- What is known of servers, without a book -----------------------------------------------------


@define
class Clock:
    """A clock that stands until it is set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@define
class _Penalty:
    until: float
    back_off: float = 0.0
    prober: object | None = None
    probed_at: float = 0.0


@define
class NaiveHealth:
    """What `HealthBook` says that it does, place by place, where callers have names."""

    clock: Clock
    shortest: float
    longest: float
    probing: float
    grace: float
    penalties: dict[Place, _Penalty] = field(factory=dict)
    spared: dict[Place, float] = field(factory=dict)
    lost: list[tuple[Place, object]] = field(factory=list)

    def admit(self, place: Place, caller: object) -> str:
        """``healthy``, ``penalised`` or ``probe``; what was lost before is taken back first."""
        while self.lost:
            self.released(*self.lost.pop())
        penalty = self.penalties.get(place)
        if penalty is None:
            return "healthy"
        if not self._is_due(penalty):
            return "penalised"
        penalty.prober, penalty.probed_at = caller, self.clock.now
        return "probe"

    def answered(self, place: Place, caller: object) -> None:
        if self._probes(place, caller):
            del self.penalties[place]
            self.spared[place] = self.clock.now + self.grace

    def released(self, place: Place, caller: object) -> None:
        if self._probes(place, caller):
            self.penalties[place].prober = None

    def failed(self, place: Place, caller: object) -> None:
        if place not in self.penalties:
            if self.clock.now >= self.spared.get(place, 0.0):
                self.penalties[place] = _Penalty(self.clock.now + self.shortest, self.shortest)
        elif self._probes(place, caller):
            penalty = self.penalties[place]
            penalty.prober = None
            penalty.back_off = min(max(self.shortest, 2 * penalty.back_off), self.longest)
            penalty.until = max(penalty.until, self.clock.now + penalty.back_off)

    def rested(self, place: Place, caller: object, seconds: float) -> None:
        if seconds <= 0:
            self.released(place, caller)
            return
        penalty = self.penalties.setdefault(place, _Penalty(self.clock.now))
        if penalty.prober is caller or self._is_due(penalty):
            penalty.prober = None
        penalty.until = max(penalty.until, self.clock.now + seconds)

    def snapshot(self) -> set[tuple[Place, float, bool]]:
        """Places, for how long each is penalised yet, and whether a probe is out."""
        return {
            (place, max(penalty.until - self.clock.now, 0.0), self._is_probed(penalty))
            for place, penalty in self.penalties.items()
        }

    def _probes(self, place: Place, caller: object) -> bool:
        return place in self.penalties and self.penalties[place].prober is caller

    def _is_due(self, penalty: _Penalty) -> bool:
        return penalty.until <= self.clock.now and not self._is_probed(penalty)

    def _is_probed(self, penalty: _Penalty) -> bool:
        return penalty.prober is not None and self.clock.now < penalty.probed_at + self.probing


# --- Backends that take their time ----------------------------------------------------------------

#: How long an answer takes, in seconds.
_DELAYS: Final = (0.0, 0.0, 0.0, 0.0005, 0.002)


class Slow:
    """A blocking backend whose answers come in any order."""

    def __init__(self, seed: int = 0) -> None:
        self.closed = False
        self._rng = Random(seed)
        self._coming: list[tuple[float, str, Question]] = []
        self._changed = threading.Condition()

    @property
    def outstanding(self) -> int:
        return len(self._coming)

    def start(self, question: Question) -> None:
        with self._changed:
            at = time.monotonic() + self._rng.choice(_DELAYS)
            heapq.heappush(self._coming, (at, str(question), question))
            self._changed.notify_all()

    def wait(self, until: float) -> Sequence[Answer]:
        with self._changed:
            while not (ready := self._ready()) and (now := time.monotonic()) < until:
                until_next = self._coming[0][0] if self._coming else until
                self._changed.wait(max(min(until, until_next) - now, 0.0))
            return ready

    def _ready(self) -> list[Answer]:
        ready = []
        now = time.monotonic()
        while self._coming and self._coming[0][0] <= now:
            ready.append(answer_to(heapq.heappop(self._coming)[2]))
        return ready

    def cancel(self, question: Question) -> None:
        with self._changed:
            self._coming = [each for each in self._coming if each[2] != question]
            heapq.heapify(self._coming)

    def close(self) -> None:
        self.closed = True


class AsyncSlow:
    """The same for asynchronous programs."""

    def __init__(self, seed: int = 0) -> None:
        self.closed = False
        self.outstanding = 0
        self._rng = Random(seed)

    async def ask(self, question: Question) -> Answer:
        self.outstanding += 1
        try:
            await asyncio.sleep(self._rng.choice(_DELAYS))
        finally:
            self.outstanding -= 1
        return answer_to(question)

    async def aclose(self) -> None:
        self.closed = True
