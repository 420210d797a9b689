"""A relay before a real nameserver: the way to it is bad, or the nameserver lies, on request.

It is a scripted nameserver that gets its answers from another. Its `faults` are done to what that
one says; its `weather` is what becomes of messages on their way. Both may be changed at any time:

    with Relay(upstream=knot.address, seed=1) as relay:
        relay.weather = Weather(loss=0.2, delay=0.05)
        relay.faults = {"* *": "garbage"}

What befalls a message depends on the seed, its question, and how often that has come before; not on
what else is under way. So the same seed has the same course, whatever the machine does meanwhile.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import dns.message
from attrs import define, field, frozen
from nameserver import Nameserver
from nameserver_faults import FAULTS, Asked, Over, Reply
from spells import PROMPT, Pulse, Spell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection


__all__ = ["CALM", "Relay", "RemoteRelay", "Weather", "relay_apart"]

#: What a relay apart is asked: to behave otherwise from now on, or what held it up.
Request: TypeAlias = "tuple[Weather, Mapping[str, str]] | Literal['spells']"

#: How many IDs there are.
_IDS: Final = 1 << 16

#: How long a query counts as waiting for an answer that does not come, in seconds.
_GIVEN_UP: Final = 2.0


@frozen(kw_only=True)
class Weather:
    """What becomes of messages on their way; TCP knows of nothing but the delay.

    Attributes:
        loss: The share of messages that are lost, each way.
        delay: How long an answer takes on its way, in seconds.
        jitter: How much longer it may take, at most, in seconds.
        overtaking: The share of answers that are not delayed, and so overtake the others.
        duplicates: The share of answers that come twice.
    """

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    overtaking: float = 0.0
    duplicates: float = 0.0

    def fate(self, dice: Random) -> Fate:
        """Roll for one query and its answer; always as often, so that the dice stay in step."""
        lost, lost_back, overtakes, twice, late, later = (dice.random() for _ in range(6))
        delays = [
            0.0 if overtakes < self.overtaking else self.delay + self.jitter * share
            for share in (late, later)
        ]
        return Fate(
            arrives=lost >= self.loss,
            delays=() if lost_back < self.loss else tuple(delays[: 1 + (twice < self.duplicates)]),
            delay=delays[0],
        )


#: Nothing happens on the way.
CALM: Final = Weather()


@frozen(kw_only=True)
class Fate:
    """What becomes of one query and its answer.

    Attributes:
        arrives: Whether the query does.
        delays: How late each copy of the answer is, in seconds; none is left of one that is lost.
        delay: How late the answer would be over TCP, where nothing is lost or doubled.
    """

    arrives: bool
    delays: tuple[float, ...]
    delay: float


@frozen(kw_only=True, eq=False)
class Forwarded:
    """A query that is with the nameserver, and what to do with its answer.

    Attributes:
        at: Since when, in seconds of the monotonic clock.
    """

    at: float
    query: bytes
    over: Over
    fault: str
    before: int
    delays: tuple[float, ...]
    send: Callable[[Reply], None]


@define
class Relay(Nameserver):
    """Runs while it is a context manager.

    Attributes:
        upstream: Where the nameserver is, as ``address:port``.
        seed: Of the dice.
        weather: What becomes of messages from now on.
    """

    upstream: str = field(kw_only=True)
    seed: int = field(kw_only=True)
    weather: Weather = field(default=CALM, kw_only=True)
    _upward: asyncio.DatagramTransport | None = field(init=False, default=None)
    _calls: set[asyncio.Transport] = field(init=False, factory=set)
    _forwarded: dict[int, Forwarded] = field(init=False, factory=dict)
    _latest: int = field(init=False, default=0)
    _waiting: set[Forwarded] = field(init=False, factory=set)
    _late: list[Spell] = field(init=False, factory=list)

    def waits(self) -> list[Spell]:
        """When the nameserver was not as prompt as one that is near."""
        now = time.monotonic()
        waits = [Spell(each.at, min(now, each.at + _GIVEN_UP)) for each in list(self._waiting)]
        return self._late + [wait for wait in waits if wait.until - wait.began > PROMPT]

    @property
    def _at(self) -> tuple[str, int]:
        host, _, port = self.upstream.rpartition(":")
        return host, int(port)

    async def _serve(self) -> None:
        self._upward, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Upward(self), remote_addr=self._at
        )
        try:
            await super()._serve()
        finally:
            self._upward.close()
            for call in self._calls:
                call.abort()

    def answer(self, wire: bytes, over: Over, port: int, send: Callable[[Reply], None]) -> None:
        """Note a query, and pass it on if it arrives."""
        seen = self._note(dns.message.from_wire(wire), over, port)
        before = self._times[str(seen)]
        self._times[str(seen)] += 1
        fate = self.weather.fate(Random(f"{self.seed} {seen} {before}"))
        forwarded = Forwarded(
            at=time.monotonic(),
            query=wire,
            over=over,
            fault=self._fault(seen),
            before=before,
            delays=fate.delays if over == "udp" else (fate.delay,),
            send=send,
        )
        if over == "tcp":
            # Kept by the loop until it is done, which is soon: the nameserver is near.
            self._loop.create_task(self._call(forwarded)).add_done_callback(_forget)
        elif fate.arrives:
            self._forward(forwarded)

    def _forward(self, forwarded: Forwarded) -> None:
        """The queries of all clients leave by one socket, so each gets an ID of its own."""
        assert self._upward is not None
        self._waiting.add(forwarded)
        self._latest = (self._latest + 1) % _IDS
        self._forwarded[self._latest] = forwarded
        self._upward.sendto(self._latest.to_bytes(2, "big") + forwarded.query[2:])

    async def _call(self, forwarded: Forwarded) -> None:
        self._waiting.add(forwarded)
        try:
            call, _ = await self._loop.create_connection(lambda: Call(self, forwarded), *self._at)
        except OSError:
            return
        self._calls.add(call)
        call.write(len(forwarded.query).to_bytes(2, "big") + forwarded.query)

    def came(self, answer: bytes) -> None:
        """Send an answer back that has come over UDP, or what is made of it."""
        if forwarded := self._forwarded.pop(int.from_bytes(answer[:2], "big"), None):
            self.send_back(forwarded, forwarded.query[:2] + answer[2:])

    def send_back(self, forwarded: Forwarded, answer: bytes) -> None:
        """Send an answer back, or what is made of it."""
        self._end_the_wait(forwarded, time.monotonic())
        replies = self._made_of(forwarded, answer)
        for delay in forwarded.delays:
            for reply in replies:
                self._send_in(delay + reply.after, partial(forwarded.send, reply))

    def _end_the_wait(self, forwarded: Forwarded, now: float) -> None:
        """It is seen as one that goes on, or as one that has ended, by any thread."""
        if now - forwarded.at > PROMPT:
            self._late.append(Spell(forwarded.at, now))
        self._waiting.discard(forwarded)

    def _made_of(self, forwarded: Forwarded, answer: bytes) -> list[Reply]:
        if forwarded.fault == "none":
            return [Reply(wire=answer)]
        asked = Asked(
            query=dns.message.from_wire(forwarded.query),
            answer=dns.message.from_wire(answer),
            over=forwarded.over,
            before=forwarded.before,
        )
        return FAULTS[forwarded.fault](asked)

    def _send_in(self, delay: float, send: Callable[[], None]) -> None:
        if delay > 0:
            self._loop.call_later(delay, send)
        else:
            send()

    def hung_up(self, call: asyncio.Transport) -> None:
        """Forget a connection to the nameserver."""
        self._calls.discard(call)


def _forget(task: asyncio.Task[None]) -> None:
    task.result()


class Upward(asyncio.DatagramProtocol):
    """The way to the nameserver over UDP; that it is not there is heard as silence."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.relay.came(data)


class Call(asyncio.Protocol):
    """The way to the nameserver over TCP, for one query."""

    transport: asyncio.Transport

    def __init__(self, relay: Relay, forwarded: Forwarded) -> None:
        self.relay = relay
        self.forwarded = forwarded
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.relay.hung_up(self.transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        end = 2 + int.from_bytes(self._unread[:2], "big")
        if len(self._unread) >= max(end, 2):
            self.relay.send_back(self.forwarded, self._unread[2:end])
            self.transport.close()


@frozen
class RemoteRelay:
    """A relay in a process of its own: its work and its memory are not to count as a client's.

    Attributes:
        address: Where it is, as ``address:port``.
    """

    address: str
    _pipe: Connection
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    def behave(self, weather: Weather, fault: str = "none") -> None:
        """Change what happens from now on; it does so before this returns."""
        self._ask((weather, {"* *": fault}))

    def spells(self) -> list[Spell]:
        """When the nameserver was slow, or the relay was held up, until now."""
        return self._ask("spells")

    def _ask(self, request: Request) -> list[Spell]:
        with self._lock:
            self._pipe.send(request)
            said: list[Spell] = self._pipe.recv()
            return said


@contextmanager
def relay_apart(upstream: str, seed: int) -> Iterator[RemoteRelay]:
    """Run a relay for as long as the block takes, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_apart, args=(theirs, upstream, seed), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    try:
        yield RemoteRelay(ours.recv(), ours)
    finally:
        ours.close()
        process.join(timeout=10)


def _serve_apart(pipe: Connection, upstream: str, seed: int) -> None:
    with Relay(upstream=upstream, seed=seed) as relay, Pulse() as pulse:
        pipe.send(relay.address)
        while request := _next_request(pipe):
            if request == "spells":
                pulse.beat(time.monotonic())
                pipe.send(relay.waits() + pulse.stalls)
            else:
                relay.weather, relay.faults = request
                relay.log.clear()  # nobody reads it, and it would grow
                pipe.send([])


def _next_request(pipe: Connection) -> Request | None:
    try:
        request: Request = pipe.recv()
    except EOFError:
        return None
    return request
