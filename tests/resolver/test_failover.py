"""Failover by both resolvers: lazy, with a lifetime for each target, and nothing left behind."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from attempts import Told
from attrs import define, evolve
from callers import (
    PLAIN,
    Attempts,
    Flavour,
    World,
    all_failed,
    each_flavour,
    fail,
    leave_by,
    run,
    tried,
)
from simulation import question, zone

from sipresolve import (
    AsyncResolver,
    BackendFailed,
    HealthBook,
    InvalidUri,
    InvalidVia,
    Misuse,
    NoSuchDomain,
    Place,
    Policy,
    Question,
    Resolver,
    SipUri,
    Standing,
    UnsupportedTransport,
    Via,
)
from sipresolve.backends import ZoneBackend
from sipresolve.failover.health import PENALISED

#: Eight servers, one behind the other.
CLUSTER = zone(
    "\n".join(
        f"_sip._udp.example.com SRV {n} 0 5060 h{n}.example.com\nh{n}.example.com A 192.0.2.{n}"
        for n in range(1, 9)
    )
)
URI = "sip:example.com"


def host(number: int) -> Question:
    """The question for the addresses of one of them."""
    return question(f"h{number}.example.com A")


def hosts(*numbers: int) -> set[Question]:
    return {host(number) for number in numbers}


def server(number: int) -> str:
    return f"udp 192.0.2.{number}:5060"


def servers(*numbers: int) -> list[str]:
    return [server(number) for number in numbers]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass in which the caller does something else."""
    monotonic, passed = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + sum(passed))
    return passed.append


# --- What a caller sees ---------------------------------------------------------------------------


@each_flavour
def test_servers_are_tried_until_one_works(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        down = servers(1, 2)
        places = []
        async for attempt in world.failover(URI):
            with attempt:
                places.append(str(attempt.target))
                if places[-1] in down:
                    raise ConnectionRefusedError
        assert places == servers(1, 2, 3)

    run(flavour, test, CLUSTER)


@each_flavour
def test_when_all_have_failed_the_error_says_what_was_found(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert attempts.resolution.targets == ()
        error = await all_failed(attempts)
        resolution = error.resolution
        assert resolution is not None
        assert resolution.subject == SipUri.parse(URI)
        assert [str(each) for each in resolution.targets] == servers(*range(1, 9))
        assert tuple(each for each, _ in error.failures) == resolution.targets
        assert host(8) in [query.question for query in resolution.queries]

    run(flavour, test, CLUSTER)


@each_flavour
def test_what_has_been_found_so_far(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        await fail(attempts)
        await fail(attempts)
        assert [str(each) for each in attempts.resolution.targets] == servers(1, 2)
        await attempts.aclose()

    run(flavour, test, CLUSTER)


@each_flavour
def test_where_nothing_is_found_the_first_step_raises_what_resolve_raises(
    flavour: Flavour,
) -> None:
    async def test(world: World) -> None:
        with pytest.raises(NoSuchDomain) as resolved:
            await world.resolve("sip:nowhere.example")
        with pytest.raises(NoSuchDomain) as caught:
            await anext(world.failover("sip:nowhere.example"))
        assert str(caught.value) == str(resolved.value)
        assert caught.value.resolution is not None, "what was asked"
        assert {query.question for query in caught.value.resolution.queries} == {
            question("nowhere.example NAPTR"),
            question("_sip._udp.nowhere.example SRV"),
            question("_sip._tcp.nowhere.example SRV"),
            question("nowhere.example A"),
        }

    run(flavour, test, CLUSTER)


@each_flavour
def test_what_the_uri_says_is_looked_at_at_once(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        with pytest.raises(InvalidUri):
            world.failover("http://example.com")
        with pytest.raises(InvalidVia):
            world.failover_response("SIP/2.0")
        with pytest.raises(Misuse, match="size must be"):
            world.failover(URI, size=0)
        with pytest.raises(UnsupportedTransport):
            await anext(world.failover("sip:example.com;transport=tls"))

    run(flavour, test, CLUSTER)


@each_flavour
def test_nothing_is_asked_before_the_first_step(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        world.failover(URI)
        await world.settle()
        assert not world.backend.started

    run(flavour, test, CLUSTER)


@each_flavour
def test_what_a_call_sets_by_keyword(flavour: Flavour) -> None:
    equal = "\n".join(
        f"_sip._udp.example.com SRV 1 1 5060 h{n}.example.com\nh{n}.example.com A 192.0.2.{n}"
        for n in range(9)
    )

    async def test(world: World) -> None:
        orders = {tuple(await tried(world.failover(URI, seed=4))) for _ in range(3)}
        assert len(orders) == 1
        orders |= {tuple(await tried(world.failover(URI))) for _ in range(20)}
        assert len(orders) > 1
        over_tcp = await tried(world.failover("sip:192.0.2.1", transports=["tcp"]))
        assert over_tcp == ["tcp 192.0.2.1:5060"]

    run(flavour, test, zone(equal))


@each_flavour
def test_a_route_is_located_as_its_request_uri_demands(flavour: Flavour) -> None:
    """RFC 3261 §16.6: "as if the input URI were a SIPS URI"."""
    policy = Policy(families=("ipv4",), transports=("udp", "tls"))

    async def test(world: World) -> None:
        attempts = world.failover("sip:192.0.2.1", request_uri="sips:alice@example.org")
        assert await tried(attempts) == ["tls 192.0.2.1:5061"]
        assert attempts.resolution.subject == SipUri.parse("sip:192.0.2.1")

    run(flavour, test, {}, policy=policy)


REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "connection refused")


@pytest.mark.parametrize(
    ("keywords", "error", "expected"),
    [
        ({"size": 1300}, REFUSED, ["udp"]),
        ({"size": 1301}, REFUSED, ["tcp", "udp"]),
        ({"size": 1301}, TimeoutError(), ["tcp"]),
        ({"size": 1301, "mtu": 1502}, TimeoutError(), ["udp"]),
        ({"size": 1301, "mtu": 1501}, TimeoutError(), ["tcp"]),
    ],
)
@each_flavour
def test_what_is_too_large_for_udp(
    flavour: Flavour, keywords: dict[str, int], error: Exception, expected: list[str]
) -> None:
    """RFC 3261 §18.1.1: TCP goes first, and UDP only where that is refused."""

    async def test(world: World) -> None:
        places = await tried(world.failover("sip:192.0.2.1", **keywords), error)
        assert [place.partition(" ")[0] for place in places] == expected

    run(flavour, test, {})


@each_flavour
def test_a_response_goes_along_the_via(flavour: Flavour) -> None:
    """RFC 3263 §5: sent-by is asked for once `received` has failed, and not before."""
    via = "SIP/2.0/UDP h7.example.com:5070;received=198.51.100.7;rport=40123"

    async def test(world: World) -> None:
        attempts = world.failover_response(via)
        assert await fail(attempts) == "udp 198.51.100.7:40123"
        await world.settle()
        assert not world.backend.started
        assert await fail(attempts) == "udp 192.0.2.7:5070"
        found = await world.respond(via)
        assert [str(each) for each in found.targets] == [
            "udp 198.51.100.7:40123",
            "udp 192.0.2.7:5070",
        ]
        error = await all_failed(attempts)
        assert error.message.startswith("all 2 targets of SIP/2.0/UDP h7.example.com:5070")
        assert error.resolution is not None
        assert error.resolution.subject == Via.parse(via)

    run(flavour, test, CLUSTER)


# --- Laziness -------------------------------------------------------------------------------------


@each_flavour
def test_the_first_target_does_not_wait_for_those_behind_it(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        # The next four hosts are looked up while the caller is busy, and no more.
        assert {each for each in world.backend.started if each in CLUSTER and each.type == "A"} == (
            hosts(1, 2, 3, 4, 5)
        )
        await attempts.aclose()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_what_comes_while_the_caller_is_busy_is_not_asked_again(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        await world.let_go(*hosts(2, 3))
        assert await fail(attempts) == server(2)
        assert await fail(attempts) == server(3)
        assert set(world.backend.started.values()) == {1}
        await attempts.aclose()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_what_is_found_beside_the_target_is_started_before_it_is_handed_out(
    flavour: Flavour,
) -> None:
    """Where nothing had to be waited for: the addresses came with the SRV records (RFC 2782)."""
    services = question("_sip._udp.example.com SRV")
    came_along = evolve(CLUSTER[services], additional=(CLUSTER[host(1)],))
    records = CLUSTER | {services: came_along}

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        assert host(1) not in world.backend.started
        assert all(world.backend.started[each] == 1 for each in hosts(2, 3, 4, 5))
        await attempts.aclose()

    run(flavour, test, records, held=hosts(*range(2, 9)))


@each_flavour
def test_the_time_in_which_the_caller_is_busy_does_not_count(
    flavour: Flavour, busy: Callable[[float], None]
) -> None:
    """A transaction may take 32 s (RFC 3261 §17.1.1.2), and the next target is still waited for."""

    async def test(world: World) -> None:
        attempts = world.failover(URI, lifetime=20)
        assert await fail(attempts) == server(1)
        for number in range(2, 5):
            busy(32)
            await world.settle()
            world.let_go_later(host(number))
            assert await fail(attempts) == server(number)
        assert set(world.backend.started.values()) == {1}
        await attempts.aclose()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_what_came_while_the_caller_was_busy_is_looked_at_before_any_timer(
    flavour: Flavour, busy: Callable[[float], None]
) -> None:
    """Host 2 answered in time, after host 3, and so it is not late, however long the call took."""

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        await world.let_go(host(3))
        await world.let_go(host(2))
        busy(32)
        assert await fail(attempts) == server(2)
        assert await fail(attempts) == server(3)
        await attempts.aclose()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_each_target_has_a_lifetime_of_its_own(flavour: Flavour) -> None:
    """One host that never answers takes its own time, and nothing of the others'."""
    alone = zone(
        "_sip._udp.example.com SRV 1 0 5060 h1.example.com\nh1.example.com A 192.0.2.1\n"
        "_sip._udp.example.com SRV 2 0 5060 h2.example.com\n"
    )

    async def test(world: World) -> None:
        attempts = world.failover(URI, lifetime=0.05)
        assert await fail(attempts) == server(1)
        assert await tried(attempts) == servers(1)
        assert [note.code for note in attempts.resolution.warnings] == ["address-failed"]
        await world.let_go(host(2))  # What comes so late is for the cache.

    run(flavour, test, alone, held=hosts(2))


@each_flavour
def test_a_host_that_is_late_is_asked_for_when_all_others_have_failed(flavour: Flavour) -> None:
    """And comes before those that are penalised: it is healthy, as far as is known."""
    records = zone(
        "\n".join(
            f"_sip._udp.example.com SRV {n} 0 5060 h{n}.example.com\nh{n}.example.com A 192.0.2.{n}"
            for n in range(1, 4)
        )
    )

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(2)
        await world.settle()
        world.let_go_later(host(1))
        assert await tried(attempts) == servers(2, 1, 3)

    health = Told({server(3): PENALISED})
    run(flavour, test, records, health=health, held=hosts(1))


@each_flavour
def test_without_speculation_nothing_is_looked_up_ahead(flavour: Flavour) -> None:
    policy = Policy(families=("ipv4",), transports=("udp",), speculation=False, lifetime=60.0)

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        assert host(2) not in world.backend.started
        assert await tried(attempts) == servers(*range(1, 9))

    run(flavour, test, CLUSTER, policy=policy)


# --- Health ---------------------------------------------------------------------------------------


@each_flavour
def test_what_one_call_reports_the_next_one_heeds(flavour: Flavour) -> None:
    """RFC 3261 §21.5.4: "the client SHOULD attempt to forward the request to an alternate"."""

    async def test(world: World) -> None:
        async for attempt in world.failover(URI):
            with attempt:
                if str(attempt.target) == server(1):
                    attempt.failed("503", retry_after=120)
                else:
                    break
        assert (await tried(world.failover(URI)))[-1] == server(1)
        [penalty] = world.resolver.health.snapshot()  # type: ignore[attr-defined]  # it is a book
        assert str(penalty.place) == server(1)

    run(flavour, test, CLUSTER)


@each_flavour
def test_resolve_does_not_look_at_it(flavour: Flavour) -> None:
    health = Told({server(1): PENALISED})

    async def test(world: World) -> None:
        assert str((await world.resolve(URI)).targets[0]) == server(1)
        assert health.admitted == []

    run(flavour, test, CLUSTER, health=health)


@each_flavour
def test_a_health_of_ones_own(flavour: Flavour) -> None:
    """Four methods are all that it takes."""
    health = Told({server(1): PENALISED, server(3): Standing(probe=5)})

    async def test(world: World) -> None:
        assert world.resolver.health is health
        async for attempt in world.failover(URI):
            with attempt:
                if str(attempt.target) == server(2):
                    raise TimeoutError
        assert health.admitted == servers(1, 2, 3)
        assert health.reports == [
            ("failed", server(2), None, None),
            ("succeeded", server(3), 5),
        ]

    run(flavour, test, CLUSTER, health=health)


@pytest.mark.parametrize("via_transport", ["UDP", "TCP"])
@each_flavour
def test_where_a_response_goes_is_no_matter_of_health(flavour: Flavour, via_transport: str) -> None:
    """RFC 3261 §18.2.2: it "MUST be sent to the address in the "received" parameter" first."""
    via = f"SIP/2.0/{via_transport} 192.0.2.2:5060;received=192.0.2.1"
    places = [f"{via_transport.lower()} 192.0.2.{number}:5060" for number in (1, 2)]
    health = Told({places[0]: PENALISED})

    async def test(world: World) -> None:
        assert await tried(world.failover_response(via), TimeoutError()) == places
        assert (health.admitted, health.reports) == ([], [])

    run(flavour, test, {}, health=health)


@each_flavour
def test_a_health_may_be_shared_by_resolvers(flavour: Flavour) -> None:
    health = HealthBook()

    async def fail_once(world: World) -> None:
        await fail(world.failover("sip:192.0.2.1"), TimeoutError())

    async def test(world: World) -> None:
        assert (await tried(world.failover(URI)))[-1] == server(1)

    run("blocking", fail_once, {}, health=health)
    run(flavour, test, CLUSTER, health=health)


@pytest.mark.parametrize("health", ["healthy", object(), {}])
def test_what_is_no_health_is_refused_at_once(health: Any) -> None:
    zones = ZoneBackend.from_text("example.com. IN A 192.0.2.1")
    for kind in (Resolver, AsyncResolver):
        with pytest.raises(Misuse, match="is no health"):
            kind(zones, health=health)


# --- Nothing is left behind -----------------------------------------------------------------------


@define
class Clock:
    """A clock that stands until it is set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def due(number: int) -> HealthBook:
    """A book in which the penalty of one server has just run out: the next attempt is its probe."""
    clock = Clock()
    book = HealthBook(clock=clock)
    book.failed(place(number), probe=None, retry_after=10)
    clock.now = 10
    return book


def place(number: int) -> Place:
    [address] = CLUSTER[host(number)].addresses
    return Place(PLAIN.transports[0], address, 5060)


async def success(attempts: Attempts) -> None:
    async for attempt in attempts:
        with attempt:
            pass


async def success_and_break(attempts: Attempts) -> None:
    async for attempt in attempts:
        with attempt:
            break


async def success_in_words(attempts: Attempts) -> None:
    (await anext(attempts)).succeeded()


async def failure_and_break(attempts: Attempts) -> None:
    async for attempt in attempts:
        with attempt:
            raise OSError(errno.ENETUNREACH, "network is unreachable")
        break


async def failure_and_close(attempts: Attempts) -> None:
    async with aclosing(attempts):
        await fail(attempts)


async def break_without_an_attempt(attempts: Attempts) -> None:
    async for _attempt in attempts:
        break


async def close_without_an_attempt(attempts: Attempts) -> None:
    await anext(attempts)
    await attempts.aclose()


async def close_within_an_attempt(attempts: Attempts) -> None:
    with await anext(attempts):
        await attempts.aclose()


async def exception_in_the_body(attempts: Attempts) -> None:
    with pytest.raises(ValueError, match="boom"):
        await leave_by(attempts, ValueError("boom"))


async def exception_after_a_failure(attempts: Attempts) -> None:
    with pytest.raises(ValueError, match="boom"):
        await leave_by(attempts, ValueError("boom"), said=True)


async def exception_outside_the_statement(attempts: Attempts) -> None:
    async def body() -> None:
        async for _attempt in attempts:
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        await body()


async def interrupt_in_the_body(attempts: Attempts) -> None:
    with pytest.raises(KeyboardInterrupt):
        await leave_by(attempts, KeyboardInterrupt())


async def no_more_descriptors(attempts: Attempts) -> None:
    with pytest.raises(OSError, match="too many open files"):
        await leave_by(attempts, OSError(errno.EMFILE, "too many open files"))


async def cancellation_in_the_body(attempts: Attempts) -> None:
    async def body() -> None:
        async for attempt in attempts:
            async with attempt:
                await asyncio.sleep(60)

    task = asyncio.create_task(body())
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def response_by_response(attempts: Attempts) -> AsyncGenerator[int, None]:
    async for attempt in attempts:
        with attempt:
            yield 100
            yield 200


async def generator_that_is_closed(attempts: Attempts) -> None:
    async with aclosing(response_by_response(attempts)) as responses:
        assert await anext(responses) == 100


async def misuse(attempts: Attempts) -> None:
    await anext(attempts)
    with pytest.raises(Misuse):
        await anext(attempts)


WAYS_TO_LEAVE = [
    success,
    success_and_break,
    success_in_words,
    failure_and_break,
    failure_and_close,
    break_without_an_attempt,
    close_without_an_attempt,
    close_within_an_attempt,
    exception_in_the_body,
    exception_after_a_failure,
    exception_outside_the_statement,
    interrupt_in_the_body,
    no_more_descriptors,
    cancellation_in_the_body,
    generator_that_is_closed,
    misuse,
]


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
@each_flavour
def test_leaving_gives_back_what_is_held(
    flavour: Flavour, leave: Callable[[Attempts], Awaitable[None]]
) -> None:
    """The look-ahead is given up, and the probe is there for the next call."""
    health = due(1)

    async def test(world: World) -> None:
        await leave(world.failover(URI))
        await world.check_that_nothing_is_left()
        assert all(world.backend.cancelled[each] == 1 for each in hosts(2, 3, 4, 5))
        (await anext(world.failover("sip:192.0.2.1"))).succeeded()
        assert health.snapshot() == (), "only the success of a probe makes a server healthy"

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)), health=health)


@each_flavour
def test_keeping_the_iterator_after_success_holds_nothing(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        (await anext(attempts)).succeeded()
        await world.check_that_nothing_is_left()
        assert attempts.resolution.targets

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_leaving_one_call_harms_no_other(flavour: Flavour) -> None:
    """They share the questions in flight."""

    async def test(world: World) -> None:
        leaving, staying = world.failover(URI), world.failover(URI)
        assert await fail(leaving) == await fail(staying) == server(1)
        await world.settle()
        await leaving.aclose()
        await world.settle()
        assert world.backend.cancelled[host(2)] == 0
        await world.let_go(host(2))
        assert await fail(staying) == server(2)
        assert world.backend.started[host(2)] == 1
        await staying.aclose()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_a_question_that_was_given_up_can_be_asked_again(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        await break_without_an_attempt(world.failover(URI))
        await world.settle()
        world.backend.held.clear()
        assert await tried(world.failover(URI)) == servers(*range(1, 9))

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


# --- A backend that fails -------------------------------------------------------------------------


def fails_at(*questions: Question) -> Callable[[Question], None]:
    def on_start(asked: Question) -> None:
        if asked in questions:
            raise RuntimeError("boom")

    return on_start


@each_flavour
def test_a_backend_that_fails_at_once(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        attempts = world.failover(URI)
        for _ in range(2):
            with pytest.raises(BackendFailed, match="boom"):
                await anext(attempts)

    run(flavour, test, CLUSTER, on_start=fails_at(question("example.com NAPTR")))


@each_flavour
def test_what_was_put_off_is_tried_although_the_backend_fails(flavour: Flavour) -> None:
    """Host 6 is asked for when host 2 is wanted."""

    async def test(world: World) -> None:
        attempts = world.failover(URI, lifetime=2)
        assert await fail(attempts) == server(2)
        error = await all_failed(attempts)
        assert str(error.failures[-1][0]) == server(1)
        assert isinstance(error.__cause__, BackendFailed)
        assert isinstance(error.__cause__.__cause__, RuntimeError)

    health = Told({server(1): PENALISED})
    run(flavour, test, CLUSTER, health=health, on_start=fails_at(host(7)))


@each_flavour
def test_a_target_that_was_found_is_not_lost_where_the_look_ahead_cannot_be_started(
    flavour: Flavour,
) -> None:
    """What is only to be looked up ahead harms nothing before it; and then it is told."""

    async def test(world: World) -> None:
        error = await all_failed(world.failover(URI, lifetime=2))
        assert [str(each) for each, _ in error.failures][:5] == servers(1, 2, 3, 4, 5)
        assert isinstance(error.__cause__, BackendFailed)

    run(flavour, test, CLUSTER, on_start=fails_at(host(6)))


@each_flavour
def test_what_is_known_is_tried_although_the_backend_fails(flavour: Flavour) -> None:
    """Hosts 2 and 3 have answered when it does."""

    async def test(world: World) -> None:
        attempts = world.failover(URI, lifetime=2)
        assert await fail(attempts) == server(1)
        await world.settle()
        await world.let_go(*hosts(2, 3))
        assert await fail(attempts) == server(2)
        await world.fail_at(host(4))
        assert await fail(attempts) == server(3)
        error = await all_failed(attempts)
        assert isinstance(error.__cause__, BackendFailed)

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


# --- A resolver that is closed --------------------------------------------------------------------


@each_flavour
def test_a_resolver_that_is_closed_in_the_middle(flavour: Flavour) -> None:
    """What was put off is not tried, and nothing takes it for the failure of all."""

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(2)
        await world.settle()
        await world.close()
        for _ in range(2):
            with pytest.raises(Misuse, match="the resolver is closed"):
                await anext(attempts)

    health = Told({server(1): PENALISED})
    run(flavour, test, CLUSTER, health=health, held=hosts(*range(3, 9)))


@each_flavour
def test_closing_it_gives_up_what_is_looked_up_ahead(flavour: Flavour) -> None:
    """No caller has to come back for that."""

    async def test(world: World) -> None:
        attempts = world.failover(URI)
        assert await fail(attempts) == server(1)
        await world.settle()
        await world.close()
        await world.settle()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert attempts.resolution.targets

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_an_attempt_may_end_after_the_resolver_was_closed(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        async for attempt in world.failover(URI):
            with attempt:
                await world.close()

    run(flavour, test, CLUSTER, held=hosts(*range(2, 9)))


@each_flavour
def test_a_closed_resolver_makes_no_attempts(flavour: Flavour) -> None:
    async def test(world: World) -> None:
        await world.close()
        with pytest.raises(Misuse, match="the resolver is closed"):
            world.failover(URI)
        with pytest.raises(Misuse, match="the resolver is closed"):
            world.failover_response("SIP/2.0/UDP 192.0.2.1")

    run(flavour, test, {})
