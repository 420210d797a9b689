"""The resolver for asynchronous programs: what a call takes and gives, and its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from scripted import AsyncScripted, Scripted
from simulation import question, zone
from telephony import DOMAIN, NUMBER, numbers, terminal

from sipresolve import (
    AsyncResolver,
    DnsTimeout,
    InvalidNumber,
    InvalidUri,
    Misuse,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    Policy,
)
from sipresolve.backends import AsyncBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ADDRESS = question("example.com A")
RECORDS = zone("example.com A 192.0.2.1")
URI = "sip:example.com:5060"
IPV4 = Policy(families=("ipv4",), lifetime=60.0)  # longer than a machine is busy


def run(test: Callable[[AsyncScripted, AsyncResolver], Awaitable[None]], **script: object) -> None:
    """Run a test in a loop of its own, and see that it leaves no task behind."""

    async def main() -> None:
        backend = AsyncScripted(RECORDS, **script)  # type: ignore[arg-type]
        async with AsyncResolver(backend, IPV4) as resolver:
            await test(backend, resolver)
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert not resolver._pump._jobs
            assert not resolver._pump._signals
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


def test_it_maps_a_number() -> None:
    records = numbers(
        terminal("sip:a@example.com:5060", 10, 1),
        terminal("tel:+44", 10, 2, "E2U+voice:tel"),
        terminal("h323:b", owner=DOMAIN.replace("e164.arpa", "enum.example"), service="E2U+h323"),
    )

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        backend.answers = records | RECORDS
        resolution = await resolver.enum("+44 20 7946 0123")
        assert [mapped.uri for mapped in resolution.uris] == ["sip:a@example.com:5060"]
        assert resolution.targets == ()
        chosen = await resolver.enum(
            NUMBER, services=["h323"], roots=["e164.arpa", "enum.example"], lifetime=30
        )
        assert [mapped.uri for mapped in chosen.uris] == ["h323:b"]
        with pytest.raises(NoSuchNumber):
            await resolver.enum("+44")
        with pytest.raises(InvalidNumber):
            await resolver.enum("020 7946 0123")
        assert await first(resolver, f"tel:{NUMBER}") == "udp 192.0.2.1:5060"
        async for attempt in resolver.failover(f"tel:{NUMBER}"):
            async with attempt:
                assert str(attempt.target.uri) == "sip:a@example.com:5060"

    run(test)


def test_a_number_that_leads_to_nothing_that_is_located() -> None:
    async def main() -> None:
        backend = AsyncScripted(numbers(terminal("tel:+44", service="E2U+voice:tel")))
        policy = evolve(IPV4, enum_services=("voice:tel",))
        async with AsyncResolver(backend, policy) as resolver:
            assert (await resolver.resolve(f"tel:{NUMBER}")).targets == ()
            with pytest.raises(NoTargets, match="leads to URIs that are not located"):
                await anext(resolver.failover(f"tel:{NUMBER}"))

    asyncio.run(main())


def test_a_silent_backend_ends_with_the_lifetime() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        with pytest.raises(DnsTimeout):
            await resolver.resolve(URI, lifetime=0.02)
        await asyncio.sleep(0)
        assert backend.cancelled[ADDRESS] == 1, "what nobody waits for is given up"

    run(test, held={ADDRESS})


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
