"""The resolver for asynchronous programs: tasks, cancellation, failures of backends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scripted import AsyncScripted, Scripted
from simulation import question, zone

from sipresolve import (
    AsyncResolver,
    BackendFailed,
    DnsTimeout,
    InvalidUri,
    Misuse,
    NoSuchDomain,
    Policy,
)
from sipresolve.backends import AsyncBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ADDRESS = question("example.com A")
OTHER = question("other.example A")
RECORDS = zone("example.com A 192.0.2.1\nother.example A 192.0.2.2")
URI, OTHER_URI = "sip:example.com:5060", "sip:other.example:5060"
IPV4 = Policy(families=("ipv4",), lifetime=60.0)  # longer than a machine is busy


def run(test: Callable[[AsyncScripted, AsyncResolver], Awaitable[None]], **script: object) -> None:
    """Run a test in a loop of its own, and see that it leaves no task behind."""

    async def main() -> None:
        backend = AsyncScripted(RECORDS, **script)  # type: ignore[arg-type]
        async with AsyncResolver(backend, IPV4) as resolver:
            await test(backend, resolver)
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert not resolver._jobs
            assert not resolver._signals
        assert backend.closed == 1

    asyncio.run(main())


async def first(resolver: AsyncResolver, uri: str = URI) -> str:
    return str((await resolver.resolve(uri)).targets[0])


def test_the_scripted_backend_is_a_backend() -> None:
    assert isinstance(AsyncScripted(), AsyncBackend)


def test_it_resolves() -> None:
    async def test(_backend: AsyncScripted, resolver: AsyncResolver) -> None:
        assert await first(resolver) == "udp 192.0.2.1:5060"
        [target] = (await resolver.resolve(URI, transports=["tcp"], seed=1)).targets
        assert target.transport == "tcp"
        with pytest.raises(NoSuchDomain):
            await resolver.resolve("sip:nowhere.example")
        with pytest.raises(InvalidUri):
            await resolver.resolve("http://example.com")

    run(test)


def test_a_silent_backend_ends_with_the_lifetime() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        with pytest.raises(DnsTimeout):
            await resolver.resolve(URI, lifetime=0.02)
        await asyncio.sleep(0)
        assert backend.cancelled[ADDRESS] == 1, "what nobody waits for is given up"

    run(test, held={ADDRESS})


def test_tasks_share_a_question_in_flight() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        calls = [asyncio.create_task(first(resolver)) for _ in range(8)]
        await backend.await_start(ADDRESS)
        await backend.let_go(ADDRESS)
        assert await asyncio.gather(*calls) == ["udp 192.0.2.1:5060"] * 8
        assert backend.started[ADDRESS] == 1

    run(test, held={ADDRESS})


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
            if resolver._jobs and next(iter(resolver._jobs.values()))._task.done():
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


def test_closing_it_ends_what_is_asked() -> None:
    async def main() -> None:
        backend = AsyncScripted(RECORDS, held={ADDRESS})
        resolver = AsyncResolver(backend, IPV4)
        call = asyncio.create_task(resolver.resolve(URI))
        await backend.await_start(ADDRESS)
        await resolver.aclose()
        with pytest.raises(Misuse, match="closed"):
            await call
        assert backend.cancelled[ADDRESS] == 1

    asyncio.run(main())


def test_a_closed_resolver_is_closed() -> None:
    async def main() -> None:
        resolver = AsyncResolver(AsyncScripted(RECORDS))
        await resolver.aclose()
        for uri in (URI, "sip:192.0.2.1"):
            with pytest.raises(Misuse, match="the resolver is closed"):
                await resolver.resolve(uri)

    asyncio.run(main())


@pytest.mark.parametrize("backend", ["192.0.2.53", Scripted(), object()])
def test_what_is_no_backend_is_refused_at_once(backend: Any) -> None:
    with pytest.raises(Misuse, match="is no backend for an AsyncResolver"):
        AsyncResolver(backend)


def test_it_belongs_to_one_loop() -> None:
    resolver = AsyncResolver(AsyncScripted(RECORDS), IPV4)
    assert asyncio.run(first(resolver)) == "udp 192.0.2.1:5060"
    with pytest.raises(Misuse, match="event loop"):
        asyncio.run(first(resolver))


def test_without_a_backend_it_asks_the_nameservers_of_the_system() -> None:
    async def main() -> None:
        async with AsyncResolver() as resolver:
            assert type(resolver._backend).__name__ == "AsyncDnspythonBackend"

    asyncio.run(main())
