"""The asynchronous pump: tasks, cancellation, failures of backends, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Coroutine
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from attrs import define, evolve
from callers import ends
from scripted import AsyncScripted
from simulation import question, zone

from sipresolve import (
    AllTargetsFailed,
    Answer,
    AsyncFailover,
    AsyncResolver,
    BackendFailed,
    Misuse,
    Policy,
    Question,
    RecordType,
    Sources,
)

ADDRESS = question("example.com A")
OTHER = question("other.example A")
SECOND = question("h2.example.net A")
#: Where a machine with both families would send from.
SOURCES = Sources(IPv4Address("203.0.113.7"), IPv6Address("2001:db8:f::7"))

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


def run(
    test: Callable[[AsyncScripted, AsyncResolver], Awaitable[None]],
    *,
    debug: bool = False,
    **script: object,
) -> None:
    """Run a test in a loop of its own, and see that it leaves no task behind."""

    async def main() -> None:
        backend = AsyncScripted(RECORDS, **script)  # type: ignore[arg-type]
        async with AsyncResolver(backend, IPV4) as resolver:
            await test(backend, resolver)
            await settle()
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert not resolver._pump._jobs
            assert not resolver._pump._signals

    asyncio.run(main(), debug=debug)


async def first(resolver: AsyncResolver, uri: str = URI) -> str:
    return str((await resolver.resolve(uri)).targets[0])


async def settle() -> None:
    """Let what was begun, cancelled or dropped take its course."""
    for _ in range(5):
        await asyncio.sleep(0)


async def step(attempts: AsyncFailover) -> str:
    """Let the next attempt fail; where it was."""
    attempt = await anext(attempts)
    attempt.failed("503")
    return str(attempt.target)


async def tried(attempts: AsyncFailover) -> list[str]:
    """Let every attempt fail; where they were."""
    places = []
    try:
        while True:
            places.append(await step(attempts))
    except AllTargetsFailed:
        return places


def test_tasks_share_a_question_in_flight() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        calls = [asyncio.create_task(first(resolver)) for _ in range(8)]
        await backend.await_start(ADDRESS)
        await backend.let_go(ADDRESS)
        assert await asyncio.gather(*calls) == ["udp 192.0.2.1:5060"] * 8
        assert backend.started[ADDRESS] == 1

    run(test, held={ADDRESS})


@define(eq=False)
class Viewing(AsyncScripted):
    """A backend that says whom it asks."""

    seen: str = "a"

    def view(self) -> str:
        return self.seen


def test_what_is_in_flight_to_other_nameservers_is_given_up_and_asked_again() -> None:
    """They may be those of a network that was left."""

    async def main() -> None:
        backend = Viewing(RECORDS, held={ADDRESS})
        async with AsyncResolver(backend, IPV4) as resolver:
            before = asyncio.create_task(first(resolver))
            await backend.await_start(ADDRESS)
            backend.seen = "b"
            after = asyncio.create_task(first(resolver))
            await settle()
            assert (backend.started[ADDRESS], backend.cancelled[ADDRESS]) == (2, 1)
            await backend.let_go(ADDRESS)
            assert {*await asyncio.gather(before, after)} == {"udp 192.0.2.1:5060"}
            assert await first(resolver) == "udp 192.0.2.1:5060"
            assert backend.started[ADDRESS] == 2
            assert not resolver._pump._jobs

    asyncio.run(asyncio.wait_for(main(), 20))


def test_a_call_that_is_cancelled_harms_none() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        leaving = asyncio.create_task(first(resolver))
        staying = asyncio.create_task(first(resolver))
        await backend.await_start(ADDRESS)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert backend.cancelled[ADDRESS] == 0
        await backend.let_go(ADDRESS)
        assert await staying == "udp 192.0.2.1:5060"

    run(test, held={ADDRESS})


def test_what_a_cancelled_call_alone_waited_for_is_given_up() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        call = asyncio.create_task(first(resolver))
        await backend.await_start(ADDRESS)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0)
        assert backend.cancelled[ADDRESS] == 1
        backend.held.clear()
        assert await first(resolver) == "udp 192.0.2.1:5060"

    run(test, held={ADDRESS})


def test_an_answer_in_the_moment_of_leaving_is_for_nobody() -> None:
    """The task has ended, and its call is over before that is told."""

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        call = asyncio.create_task(first(resolver))
        await backend.await_start(ADDRESS)
        await backend.let_go(ADDRESS)
        for _ in range(6):
            await asyncio.sleep(0)
            if resolver._pump._jobs and next(iter(resolver._pump._jobs.values()))._task.done():
                break
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert await first(resolver) == "udp 192.0.2.1:5060"

    run(test, held={ADDRESS})


def test_a_thousand_calls_at_once() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        found = await asyncio.gather(*(first(resolver) for _ in range(1000)))
        assert set(found) == {"udp 192.0.2.1:5060"}
        assert backend.started[ADDRESS] == 1

    run(test)


# --- Backends that fail


def test_a_backend_that_fails_ends_who_waits_for_it() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        def boom(question: object) -> None:
            if question == ADDRESS:
                raise RuntimeError("boom")

        backend.on_start = boom
        failing = [asyncio.create_task(first(resolver)) for _ in range(2)]
        other = asyncio.create_task(first(resolver, OTHER_URI))
        for outcome in await asyncio.gather(*failing, return_exceptions=True):
            assert isinstance(outcome, BackendFailed)
            assert isinstance(outcome.__cause__, RuntimeError)
        assert await other == "udp 192.0.2.2:5060"
        backend.on_start = lambda _question: None
        assert await first(resolver) == "udp 192.0.2.1:5060", "nothing is stuck"

    run(test)


def test_a_backend_that_gives_up_by_itself_fails() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        def give_up(_question: object) -> None:
            raise asyncio.CancelledError

        backend.on_start = give_up
        with pytest.raises(BackendFailed, match="CancelledError"):
            await first(resolver)
        backend.on_start = lambda _question: None
        assert await first(resolver) == "udp 192.0.2.1:5060"

    run(test)


def test_a_backend_that_cannot_even_be_asked() -> None:
    async def main() -> None:
        async with AsyncResolver(Unaskable(), IPV4) as resolver:  # type: ignore[arg-type]
            with pytest.raises(BackendFailed, match="boom") as caught:
                await first(resolver)
            assert isinstance(caught.value.__cause__, RuntimeError)
            assert not resolver._desk.session.in_flight

    asyncio.run(main())


class Unaskable:
    def ask(self, _question: object) -> None:
        raise RuntimeError("boom")

    async def aclose(self) -> None:
        pass


def test_an_error_of_ours_is_passed_on() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        def closed(_question: object) -> None:
            raise Misuse("the backend is closed")

        backend.on_start = closed
        with pytest.raises(Misuse, match="is closed"):
            await first(resolver)

    run(test)


# --- Targets one at a time


def test_a_task_that_is_busy_with_a_target_holds_nobody_up() -> None:
    async def test(_backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI)
        assert await step(attempts) == "udp 198.51.100.1:5060"
        assert await first(resolver) == "udp 192.0.2.1:5060"
        await attempts.aclose()

    run(test, held={SECOND})


def test_what_was_looked_up_ahead_for_one_is_there_for_another() -> None:
    """And stays in flight when the first one leaves."""

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI)
        assert await step(attempts) == "udp 198.51.100.1:5060"
        other = asyncio.create_task(first(resolver, "sip:h2.example.net:5060"))
        await settle()
        await attempts.aclose()
        await settle()
        assert backend.cancelled[SECOND] == 0
        await backend.let_go(SECOND)
        assert await other == "udp 198.51.100.2:5060"
        assert backend.started[SECOND] == 1

    run(test, held={SECOND})


def test_many_tasks_and_attempts() -> None:
    """No target is lost, and none comes twice."""

    async def test(_backend: AsyncScripted, resolver: AsyncResolver) -> None:
        calls = await asyncio.gather(*(tried(resolver.failover(CLUSTER_URI)) for _ in range(300)))
        assert all(call == ["udp 198.51.100.1:5060", "udp 198.51.100.2:5060"] for call in calls)

    run(test)


def test_cancelling_a_step_gives_up_what_it_waits_for() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI)
        assert await step(attempts) == "udp 198.51.100.1:5060"
        waiting = asyncio.create_task(step(attempts))
        await settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await settle()
        assert backend.cancelled[SECOND] == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}
        with pytest.raises(Misuse, match="was given up before its end"):
            await anext(attempts)

    run(test, held={SECOND})


def test_cancelling_one_step_harms_no_other_call() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        leaving, staying = (resolver.failover(CLUSTER_URI) for _ in range(2))
        assert await step(leaving) == await step(staying) == "udp 198.51.100.1:5060"
        waiting = [asyncio.create_task(step(attempts)) for attempts in (leaving, staying)]
        await settle()
        waiting[0].cancel()
        await settle()
        assert backend.cancelled[SECOND] == 0
        await backend.let_go(SECOND)
        assert await waiting[1] == "udp 198.51.100.2:5060"

    run(test, held={SECOND})


def test_closing_the_resolver_ends_a_step() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI)
        assert await step(attempts) == "udp 198.51.100.1:5060"
        waiting = asyncio.create_task(step(attempts))
        await settle()
        await resolver.aclose()
        with pytest.raises(Misuse, match="closed"):
            await waiting
        await settle()
        assert backend.cancelled[SECOND] == 1

    run(test, held={SECOND})


def test_closing_the_iterator_ends_a_step() -> None:
    """In the middle of one; and that is not success."""

    async def test(_backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI, lifetime=0.1)
        assert await step(attempts) == "udp 198.51.100.1:5060"
        waiting = asyncio.create_task(step(attempts))
        await settle()
        await attempts.aclose()
        with pytest.raises(Misuse):
            await waiting

    run(test, held={SECOND})


def test_an_attempt_may_be_made_in_another_thread() -> None:
    """As blocking code is run beside a loop; asyncio watches that nobody else touches it."""
    given_up = []

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        attempts = resolver.failover(CLUSTER_URI)
        attempt = await anext(attempts)
        await settle()
        await asyncio.to_thread(attempt.succeeded)
        await settle()
        given_up.append(backend.cancelled[SECOND])
        with pytest.raises(StopAsyncIteration):
            await anext(attempts)

    assert ends(lambda: run(test, held={SECOND}, debug=True))
    assert given_up == [1]


class UnaskableFor(AsyncScripted):
    """A backend that raises before there is anything to wait for."""

    def ask(self, question: Question) -> Coroutine[Any, Any, Answer]:
        if question == SECOND:
            raise RuntimeError("boom")
        return super().ask(question)


def test_a_look_ahead_that_cannot_be_started_loses_no_target() -> None:
    """Nor does it hold up those who ask the same."""
    services = question("_sip._udp.example.net SRV")
    first_host = RECORDS[question("h1.example.net A")]
    records = RECORDS | {services: evolve(RECORDS[services], additional=(first_host,))}

    async def main() -> None:
        async with AsyncResolver(UnaskableFor(records), IPV4) as resolver:
            attempts = resolver.failover(CLUSTER_URI)
            assert await step(attempts) == "udp 198.51.100.1:5060"
            with pytest.raises(BackendFailed, match="boom"):
                await first(resolver, "sip:h2.example.net:5060")
            await attempts.aclose()
            assert not resolver._desk.session.in_flight

    asyncio.run(main())


# --- Calls that are dropped. A finaliser may run in any thread, and after the loop has ended.


async def begun(resolver: AsyncResolver) -> list[object]:
    """A call with a question in flight, for the test to drop."""
    attempts = resolver.failover(CLUSTER_URI)
    assert await step(attempts) == "udp 198.51.100.1:5060"
    await settle()
    return [attempts]


def test_what_is_dropped_is_given_up() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        held = await begun(resolver)
        held.clear()
        await settle()
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight

    run(test, held={SECOND})


def test_what_another_thread_drops_is_given_up_by_the_loop() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        held = await begun(resolver)
        await asyncio.to_thread(held.clear)
        await settle()
        assert backend.cancelled[SECOND] == 1
        assert not resolver._desk.session.in_flight

    run(test, held={SECOND})


def test_what_is_dropped_by_the_collector_is_given_up() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        cycle = await begun(resolver)
        cycle.append(cycle)
        del cycle
        gc.collect()
        await settle()
        assert backend.cancelled[SECOND] == 1

    run(test, held={SECOND})


def test_what_is_dropped_after_the_loop_has_ended() -> None:
    """Its tasks have ended with it."""
    backend = AsyncScripted(RECORDS, held={SECOND})
    resolver = AsyncResolver(backend, IPV4)
    held = asyncio.run(begun(resolver))
    assert backend.cancelled[SECOND] == 1
    held.clear()
    gc.collect()
    assert not resolver._pump._jobs


def test_what_was_never_begun_belongs_to_no_loop() -> None:
    resolver = AsyncResolver(AsyncScripted(RECORDS), IPV4)

    async def drop() -> None:
        resolver.failover(CLUSTER_URI)

    asyncio.run(drop())
    assert asyncio.run(first(resolver)) == "udp 192.0.2.1:5060"


def test_attempts_belong_to_the_loop_of_the_resolver() -> None:
    """In another loop there is no next target, and that is not success."""
    resolver = AsyncResolver(AsyncScripted(RECORDS, held={SECOND}), IPV4)
    [attempts] = asyncio.run(begun(resolver))
    assert isinstance(attempts, AsyncFailover)
    for _ in range(2):
        with pytest.raises(Misuse, match="event loop"):
            asyncio.run(step(attempts))


# --- A loop that was kept busy


class Uneven(AsyncScripted):
    """A backend whose answers with addresses of IPv6 take more turns of the loop."""

    async def ask(self, question: Question) -> Answer:
        answer = await AsyncScripted.ask(self, question)
        for _ in range(3 * (question.type is RecordType.AAAA)):
            await asyncio.sleep(0)
        return answer


def test_all_answers_count_that_came_while_the_loop_was_busy() -> None:
    both = question("both.example A"), question("both.example AAAA")
    records = zone("both.example A 192.0.2.1\nboth.example AAAA 2001:db8::1\n")

    async def main() -> list[str]:
        backend = Uneven(records, held=set(both))
        async with AsyncResolver(backend, Policy(lifetime=2.0), sources=SOURCES) as resolver:
            call = asyncio.create_task(resolver.resolve("sip:both.example:5060"))
            for each in both:
                await backend.await_start(each)
            await backend.let_go(*both)
            time.sleep(1.5)  # noqa: ASYNC251 - that is what is wrong with it
            return [str(target) for target in (await call).targets]

    assert asyncio.run(main()) == ["udp [2001:db8::1]:5060", "udp 192.0.2.1:5060"]
