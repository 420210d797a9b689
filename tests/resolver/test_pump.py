"""The blocking pump: threads that wait together, backends that fail, and what is left behind."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from attrs import define, evolve, field
from callers import ends
from loopback import comes_about
from scripted import Scripted
from simulation import answer, question, zone

from sipresolve import (
    AllTargetsFailed,
    Answer,
    BackendFailed,
    CachePolicy,
    DnsTimeout,
    Failover,
    Misuse,
    Policy,
    Question,
    Resolver,
)
from sipresolve.backends.protocols import Backend, CancellingBackend
from sipresolve.resolver.calls import Call, Request, Wishes

ADDRESS = question("example.com A")
OTHER = question("other.example A")
SECOND = question("h2.example.net A")
RECORDS = zone(
    "example.com A 192.0.2.1\n"
    "other.example A 192.0.2.2\n"
    "_sip._udp.example.net SRV 1 0 5060 h1.example.net\n"
    "_sip._udp.example.net SRV 2 0 5060 h2.example.net\n"
    "h1.example.net A 198.51.100.1\n"
    "h2.example.net A 198.51.100.2\n"
)
URI, OTHER_URI, CLUSTER_URI = "sip:example.com:5060", "sip:other.example:5060", "sip:example.net"
IPV4 = Policy(families=("ipv4",), lifetime=60.0)  # longer than a machine is busy


def first(resolver: Resolver, uri: str = URI) -> str:
    return str(resolver.resolve(uri).targets[0])


def step(attempts: Failover) -> str:
    """Let the next attempt fail; where it was."""
    attempt = next(attempts)
    attempt.failed("503")
    return str(attempt.target)


# --- Threads


def test_threads_share_a_question_in_flight() -> None:
    backend = Scripted(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(first, resolver) for _ in range(8)]
        backend.await_start(ADDRESS)
        while len(resolver._pump._followers) < 7:
            time.sleep(0.001)
        backend.let_go(ADDRESS)
        assert [call.result(20) for call in calls] == ["udp 192.0.2.1:5060"] * 8
    assert backend.started[ADDRESS] == 1


def test_who_is_done_hands_over() -> None:
    """The leader's own answer comes first; the one behind it has to take the lead."""
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"


def test_a_follower_is_not_kept_by_the_leader() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"
        assert not leader.done()
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"


def test_a_follower_has_a_lifetime_of_its_own() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        with pytest.raises(DnsTimeout):
            resolver.resolve(OTHER_URI, lifetime=0.05)
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"


def test_who_only_looks_what_has_come_hands_over() -> None:
    """A call that goes by a plan reads the sockets, and leads for that moment."""
    backend = Scripted(RECORDS, held={SECOND, OTHER})
    inside, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        backend.on_wait = lambda: None
        inside.set()
        assert go_on.wait(20)

    caching = CachePolicy(stale=0)  # nobody wakes to look for something stale
    with (
        Resolver(backend, IPV4, cache=caching) as resolver,
        ThreadPoolExecutor(2) as pool,
        closing(resolver.failover(CLUSTER_URI)) as attempts,
    ):
        assert [first(resolver), first(resolver)] == ["udp 192.0.2.1:5060"] * 2
        step(attempts)  # and so there is something in flight
        resolver._look_again = 0.0  # as if a second had passed
        backend.on_wait = pause
        passer_by = pool.submit(first, resolver)
        assert inside.wait(20)
        follower = pool.submit(first, resolver, OTHER_URI)
        assert comes_about(lambda: len(resolver._pump._followers) == 1)
        go_on.set()
        assert passer_by.result(20) == "udp 192.0.2.1:5060"
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"


@define(eq=False)
class Viewing(Scripted):
    """A backend that says whom it asks."""

    seen: str = "a"

    def view(self) -> str:
        return self.seen


def test_what_is_in_flight_to_other_nameservers_is_given_up_and_asked_again() -> None:
    """They may be those of a network that was left."""
    backend = Viewing(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        before = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        backend.seen = "b"
        after = pool.submit(first, resolver)
        assert comes_about(lambda: backend.started[ADDRESS] == 2)
        assert backend.cancelled[ADDRESS] == 1
        backend.let_go(ADDRESS)
        assert before.result(20) == after.result(20) == "udp 192.0.2.1:5060"
        assert first(resolver) == "udp 192.0.2.1:5060"
        assert backend.started[ADDRESS] == 2
        backend.seen = "a"
        resolver._look_again = 0.0  # as if a second had passed
        first(resolver)
        assert backend.started[ADDRESS] == 3, "nothing was heard from them"


def test_many_threads_and_calls() -> None:
    records = "\n".join(
        f"_sip._udp.d{n}.example SRV 1 1 5060 h{n}.example\nh{n}.example A 192.0.2.{n}"
        for n in range(20)
    )
    backend = Scripted(zone(records))
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(16) as pool:
        found = pool.map(lambda n: first(resolver, f"sip:d{n % 20}.example"), range(600))
        expected = [f"udp 192.0.2.{n % 20}:5060" for n in range(600)]
        assert list(found) == expected
        assert not resolver._desk.session.in_flight
        assert not resolver._pump._followers


def test_no_threads_are_left_behind() -> None:
    before = threading.active_count()
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        first(resolver)
        assert threading.active_count() == before


# --- Backends that fail


def boom(*_: object) -> None:
    raise RuntimeError("boom")


def test_a_backend_that_cannot_start() -> None:
    backend = Scripted(RECORDS, on_start=boom)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(BackendFailed, match="boom") as caught:
            first(resolver)
        assert isinstance(caught.value.__cause__, RuntimeError)
        assert caught.value.code == "dns-failure"
        backend.on_start = lambda _question: None
        assert first(resolver) == "udp 192.0.2.1:5060", "nothing is stuck"


def test_a_backend_that_cannot_wait() -> None:
    backend = Scripted(RECORDS, on_wait=boom)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(BackendFailed, match="boom"):
            first(resolver)
        backend.on_wait = lambda: None
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_a_backend_that_is_closed() -> None:
    def closed(*_: object) -> None:
        raise Misuse("the backend is closed")

    backend = Scripted(RECORDS, on_start=closed)
    with Resolver(backend, IPV4) as resolver, pytest.raises(Misuse, match="is closed"):
        first(resolver)
    backend = Scripted(RECORDS, on_wait=closed)
    with Resolver(backend, IPV4) as resolver, pytest.raises(Misuse, match="is closed"):
        first(resolver)


def test_an_interrupt_leaves_nothing_stuck() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    backend = Scripted(RECORDS, on_wait=interrupt)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(KeyboardInterrupt):
            first(resolver)
        backend.on_wait = lambda: None
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_a_leader_that_left_its_name_behind_leads_nobody() -> None:
    """As an interrupt may have it, in the moment before the backend is waited for."""
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        call = resolver._desk.locate(URI, Request(), Wishes(), 0.0)
        assert isinstance(call, Call)
        finished = call.run
        finished.abandon()
        resolver._pump._leader = finished
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_the_failure_of_the_leader_is_not_the_follower_s() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.fail(RuntimeError("boom"))
        assert isinstance(leader.exception(20), BackendFailed)
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"


@define(eq=False)
class Stalling(Scripted):
    """A backend whose first wait ends when its time is up, and an answer comes just then."""

    waits: int = 0

    def wait(self, until: float) -> Sequence[Answer]:
        self.waits += 1
        if self.waits > 1:
            return Scripted.wait(self, until)
        time.sleep(max(until - time.monotonic(), 0.0))
        self.let_go(ADDRESS)
        return []


def test_a_leader_looks_once_more_before_it_gives_up() -> None:
    """The thread may have been held up after its look."""
    backend = Stalling(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver:
        assert str(resolver.resolve(URI, lifetime=0.2).targets[0]) == "udp 192.0.2.1:5060"
    assert backend.waits == 2


# --- What is left of earlier calls


def test_what_comes_too_late_is_for_those_who_ask_later() -> None:
    """How long an answer lay about is not known: its TTL counts from when it was asked for."""
    old, new = answer("example.com A", "192.0.2.66"), answer("example.com A", "192.0.2.1")
    backend = Scripted({ADDRESS: old}, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(DnsTimeout):
            resolver.resolve(URI, lifetime=0.01)
        backend.let_go(ADDRESS)
        backend.answers = {ADDRESS: new}
        assert first(resolver) == "udp 192.0.2.66:5060"
    assert backend.started[ADDRESS] == 1


def test_what_is_still_in_flight_is_joined() -> None:
    backend = Scripted(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        with pytest.raises(DnsTimeout):
            resolver.resolve(URI, lifetime=0.01)
        call = pool.submit(first, resolver)
        while resolver._pump._leader is None:
            time.sleep(0.001)
        backend.let_go(ADDRESS)
        assert call.result(20) == "udp 192.0.2.1:5060"
    assert backend.started[ADDRESS] == 1


# --- Threads, and targets one at a time


def test_a_thread_that_is_busy_with_a_target_holds_nobody_up() -> None:
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        assert pool.submit(first, resolver).result(20) == "udp 192.0.2.1:5060"
        attempts.close()


def test_who_waits_for_its_next_target_is_woken_by_the_leader() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        leader = pool.submit(first, resolver)
        assert comes_about(lambda: resolver._pump._leader is not None)
        follower = pool.submit(step, attempts)
        assert comes_about(lambda: len(resolver._pump._followers) == 1)
        backend.let_go(SECOND)
        assert follower.result(20) == "udp 198.51.100.2:5060"
        assert not leader.done()
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"


def test_who_has_its_next_target_hands_over() -> None:
    """It may be busy for long, and somebody has to lead meanwhile."""
    backend = Scripted(RECORDS, held={ADDRESS, SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        leader = pool.submit(step, attempts)
        assert comes_about(lambda: resolver._pump._leader is not None)
        follower = pool.submit(first, resolver)
        assert comes_about(lambda: len(resolver._pump._followers) == 1)
        backend.let_go(SECOND)
        assert leader.result(20) == "udp 198.51.100.2:5060"
        backend.let_go(ADDRESS)
        assert follower.result(20) == "udp 192.0.2.1:5060"


def test_leaving_does_not_wait_for_the_leader() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        leader = pool.submit(first, resolver)
        assert comes_about(lambda: resolver._pump._leader is not None)
        attempts.close()
        assert backend.cancelled[SECOND] == 1
        assert not leader.done()
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"
        assert backend.cancelled[ADDRESS] == 0


def test_what_was_looked_up_ahead_for_one_is_there_for_another() -> None:
    """And stays in flight when the first one leaves."""
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        other = pool.submit(first, resolver, "sip:h2.example.net:5060")
        assert comes_about(lambda: resolver._pump._leader is not None)
        attempts.close()
        assert backend.cancelled[SECOND] == 0
        backend.let_go(SECOND)
        assert other.result(20) == "udp 198.51.100.2:5060"
    assert backend.started[SECOND] == 1


def test_many_threads_and_attempts() -> None:
    """No target is lost, and none comes twice."""
    servers = "\n".join(
        f"_sip._udp.d{n}.example SRV {m} 1 5060 h{m}.d{n}.x\nh{m}.d{n}.x A 192.0.{n}.{m}"
        for n in range(8)
        for m in range(1, 7)
    )

    def tried(number: int) -> list[str]:
        attempts, places = resolver.failover(f"sip:d{number % 8}.example"), []
        try:
            while True:
                places.append(step(attempts))
        except AllTargetsFailed:
            return places

    with Resolver(Scripted(zone(servers)), IPV4) as resolver, ThreadPoolExecutor(16) as pool:
        found = pool.map(tried, range(200))
        expected = [[f"udp 192.0.{n % 8}.{m}:5060" for m in range(1, 7)] for n in range(200)]
        assert list(found) == expected
        assert not resolver._desk.session.in_flight
        assert not resolver._pump._followers


def test_an_interrupt_while_the_next_target_is_waited_for() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        attempts = resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        backend.on_wait = interrupt
        with pytest.raises(KeyboardInterrupt):
            next(attempts)
        backend.on_wait = lambda: None
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight
        assert first(resolver) == "udp 192.0.2.1:5060"
        with pytest.raises(Misuse, match="was given up before its end"):
            next(attempts)


# --- Calls that are dropped. A finaliser may run in any thread, in the middle of anything.


@define(eq=False)
class Locked(Scripted):
    """A backend with a lock of its own, which lets not even its holder in."""

    while_locked: Callable[[], object] = lambda: None
    on_cancel: Callable[[], object] = lambda: None
    _own: threading.Lock = field(factory=threading.Lock)

    def wait(self, until: float) -> Sequence[Answer]:
        with self._own:
            self.while_locked()
        return super().wait(until)

    def cancel(self, question: Question) -> None:
        with self._own:
            self.on_cancel()
            super().cancel(question)


@define
class Dropped:
    """A call with a question in flight, to be dropped when the test says."""

    resolver: Resolver
    _held: list[object] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        attempts = self.resolver.failover(CLUSTER_URI)
        assert step(attempts) == "udp 198.51.100.1:5060"
        self._held.append(attempts)

    def drop(self) -> None:
        self._held.clear()
        gc.collect()


def test_what_is_dropped_is_given_up_at_once() -> None:
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        Dropped(resolver).drop()
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_by_another_thread_is_given_up_at_once() -> None:
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        assert ends(Dropped(resolver).drop)
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_while_the_lock_is_held_is_given_up_by_its_holder() -> None:
    backend = Locked(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        call = Dropped(resolver)
        backend.on_start = lambda _question: call.drop()
        assert ends(lambda: first(resolver))
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_inside_the_backend_is_given_up_when_that_is_left() -> None:
    """The backend's lock is held then, perhaps by this very thread."""
    backend = Locked(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        call = Dropped(resolver)
        backend.while_locked = call.drop
        assert ends(lambda: first(resolver))
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_while_another_thread_leads_is_given_up_by_it() -> None:
    backend = Locked(RECORDS, held={ADDRESS, SECOND})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        call = Dropped(resolver)
        leader = pool.submit(first, resolver)
        assert comes_about(lambda: resolver._pump._leader is not None)
        assert ends(call.drop)
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def responses(attempts: Failover) -> Iterator[int]:
    for attempt in attempts:
        with attempt:
            yield 100


def responses_at_any_rate(attempts: Failover) -> Iterator[int]:
    with closing(attempts):
        yield from responses(attempts)


@pytest.mark.parametrize("responses", [responses, responses_at_any_rate])
def test_an_attempt_that_is_dropped_in_the_middle_waits_for_no_lock(
    responses: Callable[[Failover], Iterator[int]],
) -> None:
    """The ``with`` statements of a generator end wherever the collector runs."""
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        coming = [responses(resolver.failover(CLUSTER_URI))]
        assert next(coming[0]) == 100
        backend.on_start = lambda _question: coming.clear()
        assert ends(lambda: first(resolver))
        assert not coming
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_while_something_dropped_is_given_up() -> None:
    """The collector may run again in the middle of a finaliser."""
    backend = Locked(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        call = Dropped(resolver)
        coming = [responses_at_any_rate(resolver.failover(URI))]
        assert next(coming[0]) == 100
        backend.on_cancel = coming.clear
        assert ends(call.drop)
        assert not coming
        assert not resolver._desk.session.in_flight


def test_what_is_dropped_after_the_resolver_was_closed() -> None:
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        call = Dropped(resolver)
    call.drop()
    assert backend.cancelled[SECOND] == 0, "closing it has dropped everything"


def test_what_was_never_begun_has_nothing_to_give_up() -> None:
    backend = Scripted(RECORDS)
    with Resolver(backend, IPV4) as resolver:
        resolver.failover(CLUSTER_URI)
        assert not backend.started
        assert not backend.cancelled


# --- Backends that cannot give up a question


@define(eq=False)
class Plain:
    """A backend of three methods."""

    scripted: Scripted

    def start(self, question: Question) -> None:
        self.scripted.start(question)

    def wait(self, until: float) -> Sequence[Answer]:
        return self.scripted.wait(until)

    def close(self) -> None:
        self.scripted.close()


def test_which_backends_can_give_up_a_question() -> None:
    assert isinstance(Scripted(), CancellingBackend)
    assert not isinstance(Plain(Scripted()), CancellingBackend)


def test_what_nobody_waits_for_is_asked_again_where_it_cannot_be_given_up() -> None:
    """Its answer may come, or may have been lost with whoever waited for it."""
    backend = Scripted(RECORDS, held={SECOND})
    with Resolver(Plain(backend), IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        Dropped(resolver).drop()
        assert not backend.cancelled
        call = pool.submit(first, resolver, "sip:h2.example.net:5060")
        assert comes_about(lambda: backend.started[SECOND] == 2)
        backend.let_go(SECOND)
        assert call.result(20) == "udp 198.51.100.2:5060"


def test_an_answer_that_nobody_waits_for_is_for_the_cache() -> None:
    backend = Scripted({**RECORDS, SECOND: answer(str(SECOND), "192.0.2.66")}, held={SECOND})
    with Resolver(Plain(backend), IPV4) as resolver:
        Dropped(resolver).drop()
        backend.let_go(SECOND)
        backend.answers = RECORDS
        assert first(resolver, "sip:h2.example.net:5060") == "udp 192.0.2.66:5060"
        resolver.flush()
        assert first(resolver, "sip:h2.example.net:5060") == "udp 198.51.100.2:5060"


@pytest.mark.parametrize("kind", [Plain, lambda backend: backend], ids=["plain", "cancelling"])
def test_a_hook_that_fails_leaves_nothing_in_flight(kind: Callable[[Scripted], Backend]) -> None:
    """What was to be started with it never was, and takes nobody's room."""

    def allow(name: str) -> bool:
        if name.startswith("_sip._tcp"):
            raise KeyError(name)
        return True

    policy = evolve(IPV4, allow_name=allow, transports=("udp", "tcp"), concurrency=8)
    with Resolver(kind(Scripted(RECORDS)), policy) as resolver:
        for n in range(10):
            with pytest.raises(Misuse, match="allow_name"):
                resolver.resolve(f"sip:d{n}.example")
        assert not resolver._desk.session.in_flight
        assert first(resolver) == "udp 192.0.2.1:5060"


@pytest.mark.parametrize(
    "call",
    [
        Resolver.flush,
        first,
        lambda resolver: next(resolver.failover(URI)),
        lambda resolver: resolver.enum("+442079460123"),
    ],
    ids=["flush", "resolve", "failover", "enum"],
)
def test_a_hook_that_calls_the_resolver_is_told(call: Callable[[Resolver], object]) -> None:
    """It holds the lock that it would wait for."""
    told: list[BaseException] = []

    def allow(name: str) -> bool:  # noqa: ARG001 - of a hook
        call(resolver)
        return True

    def resolve() -> None:
        try:
            first(resolver)
        except Misuse as error:
            told.append(error)

    resolver = Resolver(Scripted(RECORDS), evolve(IPV4, allow_name=allow))
    assert ends(resolve), "it does not hang"
    [error] = told
    assert "hook" in str(error)
    resolver.close()
