"""The resolver for asynchronous programs: what a call takes and gives, and its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from scripted import AsyncScripted, Scripted
from simulation import answer, question, zone
from telephony import DOMAIN, NUMBER, numbers, terminal

from sipresolve import (
    AllTargetsFailed,
    AsyncFailover,
    AsyncResolver,
    CachePolicy,
    DnsTimeout,
    InvalidNumber,
    InvalidUri,
    Misuse,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    Policy,
    SipResolveError,
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
    """The call, that is: what it asked may yet serve the next."""

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        with pytest.raises(DnsTimeout):
            await resolver.resolve(URI, lifetime=0.02)
        await asyncio.sleep(0)
        assert backend.cancelled[ADDRESS] == 0
        await backend.let_go(ADDRESS)
        assert await first(resolver) == "udp 192.0.2.1:5060"
        assert backend.started[ADDRESS] == 1

    run(test, held={ADDRESS})


def test_closing_it_ends_what_goes_on_for_the_cache() -> None:
    async def main() -> None:
        backend = AsyncScripted(RECORDS, held={ADDRESS})
        async with AsyncResolver(backend, IPV4) as resolver:
            with pytest.raises(DnsTimeout):
                await resolver.resolve(URI, lifetime=0.02)
        await asyncio.sleep(0)
        assert backend.cancelled[ADDRESS] == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


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


def test_what_is_prepared_belongs_to_the_same_loop() -> None:
    """It need not wait for the loop; a wrong one is noticed all the same."""
    resolver = AsyncResolver(AsyncScripted(RECORDS), IPV4)

    async def twice() -> None:
        for _ in range(2):
            await first(resolver)

    async def attempt() -> None:
        await anext(resolver.failover(URI))

    asyncio.run(twice())
    for call in (first(resolver), attempt()):
        with pytest.raises(Misuse, match="event loop"):
            asyncio.run(call)


def test_without_a_backend_it_asks_the_nameservers_of_the_system() -> None:
    async def main() -> None:
        async with AsyncResolver() as resolver:
            assert type(resolver._backend).__name__ == "AsyncDnspythonBackend"

    asyncio.run(main())


# --- Repeated calls

CLUSTER = zone("""
    _sip._udp.example.net SRV 1 0 5060 h1.example.net
    _sip._udp.example.net SRV 2 0 5060 h2.example.net
    h1.example.net A 198.51.100.1
    h2.example.net A 198.51.100.2
""")
NAMED = "sip:example.net;transport=udp"
FIRST, LAST = question("h1.example.net A"), question("h2.example.net A")


async def prepare(backend: AsyncScripted, resolver: AsyncResolver) -> list[str]:
    """Make the plan: the first call asks, the second finds all of it in the cache."""
    backend.answers = CLUSTER
    await resolver.resolve(NAMED)
    resolution = await resolver.resolve(NAMED)
    return [str(target) for target in resolution.targets]


async def each_failed(attempts: AsyncFailover) -> list[str]:
    """The targets of all attempts, none of which works."""
    tried = []
    try:
        async for attempt in attempts:
            tried.append(str(attempt.target))
            attempt.failed()
    except AllTargetsFailed:
        return tried
    raise AssertionError("one of them worked")


def test_a_repeated_call_asks_nobody() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        order = await prepare(backend, resolver)
        backend.on_start = lambda asked: pytest.fail(str(asked))
        assert [str(t) for t in (await resolver.resolve(NAMED)).targets] == order
        for _ in range(2):
            assert await each_failed(resolver.failover(NAMED)) == order
        assert backend.started[LAST] == 1

    run(test)


def test_the_same_seed_gives_the_same_order_cold_cached_and_prepared() -> None:
    hosts = "\n".join(
        f"_sip._udp.example.net SRV 1 {n} 5060 h{n}.example.net\nh{n}.example.net A 192.0.2.{n}"
        for n in range(6)
    )

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        backend.answers = zone(hosts)
        for seed in range(20):
            resolver.flush()
            orders = {(await resolver.resolve(NAMED, seed=seed)).targets for _ in range(4)}
            [order] = orders
            tried = await each_failed(resolver.failover(NAMED, seed=seed))
            assert tried == [str(target) for target in order]

    run(test)


def test_what_failed_in_one_call_counts_in_the_next_through_health_alone() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        order = await prepare(backend, resolver)
        attempts = resolver.failover(NAMED)
        async with await anext(attempts):
            raise ConnectionRefusedError
        (await anext(attempts)).succeeded()
        await attempts.aclose()
        assert await each_failed(resolver.failover(NAMED)) == order[::-1]
        assert [str(t) for t in (await resolver.resolve(NAMED)).targets] == order

    run(test)


def test_without_a_cache_each_call_asks() -> None:
    async def main() -> None:
        backend = AsyncScripted(RECORDS)
        async with AsyncResolver(backend, IPV4, cache=CachePolicy(entries=0)) as resolver:
            for calls in (1, 2, 3):
                await first(resolver)
                assert backend.started[ADDRESS] == calls
            assert (resolver.statistics.entries, resolver.statistics.hits) == (0, 0)

    asyncio.run(main())


def test_what_is_no_cache_policy_is_refused_at_once() -> None:
    wrong: Any = {"entries": 0}
    with pytest.raises(Misuse, match="cache is a CachePolicy"):
        AsyncResolver(AsyncScripted(), cache=wrong)


def test_what_the_cache_has_done() -> None:
    async def test(_backend: AsyncScripted, resolver: AsyncResolver) -> None:
        assert resolver.statistics.misses == 0
        await first(resolver)
        await first(resolver)
        seen = resolver.statistics
        assert (seen.hits, seen.misses, seen.entries) == (1, 1, 1)

    run(test)


@pytest.mark.parametrize(("name", "calls"), [(None, 2), ("Example.COM.", 2), ("example.net", 1)])
def test_what_is_flushed_is_asked_again(name: str | None, calls: int) -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        await first(resolver)
        await first(resolver)
        resolver.flush(name)
        await first(resolver)
        assert backend.started[ADDRESS] == calls

    run(test)


def test_a_closed_resolver_refuses_what_it_knows_as_well() -> None:
    async def main() -> None:
        backend = AsyncScripted(CLUSTER)
        resolver = AsyncResolver(backend, IPV4)
        await prepare(backend, resolver)
        attempts = resolver.failover(NAMED)
        (await anext(attempts)).failed()
        await resolver.aclose()
        with pytest.raises(Misuse, match="the resolver is closed"):
            await anext(attempts)
        with pytest.raises(Misuse, match="the resolver is closed"):
            await resolver.resolve(NAMED)
        with pytest.raises(Misuse, match="the resolver is closed"):
            resolver.failover(NAMED)

    asyncio.run(main())


def test_who_leaves_a_prepared_call_leaves_nothing_behind() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        await prepare(backend, resolver)
        attempts = resolver.failover(NAMED)
        (await anext(attempts)).succeeded()
        await attempts.aclose()
        abandoned = resolver.failover(NAMED)
        await anext(abandoned)
        del abandoned

    run(test)


def test_many_tasks_cost_one_query_and_one_that_is_cancelled_harms_none() -> None:
    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        tasks = [asyncio.create_task(first(resolver)) for _ in range(50)]
        await backend.await_start(ADDRESS)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.sleep(0)
        await backend.let_go(ADDRESS)
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(each) for each in found[::2]} == {asyncio.CancelledError}
        assert set(found[1::2]) == {"udp 192.0.2.1:5060"}
        assert backend.started[ADDRESS] == 1
        assert backend.cancelled[ADDRESS] == 0

    run(test, held={ADDRESS})


def test_what_is_late_is_there_for_the_next_call() -> None:
    """The call has ended without it; it goes on for the cache."""

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        await prepare(backend, resolver)
        resolver.flush(FIRST.name)
        backend.held.add(FIRST)
        assert len((await resolver.resolve(NAMED, lifetime=0.02)).targets) == 1
        await backend.let_go(FIRST)
        assert len((await resolver.resolve(NAMED)).targets) == 2
        assert (backend.started[FIRST], backend.cancelled[FIRST]) == (2, 0)

    run(test)


def test_other_nameservers_are_noticed() -> None:
    class Viewing(AsyncScripted):
        seen: str = "a"

        def view(self) -> str:
            return self.seen

    async def main() -> None:
        backend = Viewing(RECORDS)
        async with AsyncResolver(backend, IPV4) as resolver:
            for _ in range(2):
                await first(resolver)
            backend.seen = "b"
            resolver._look_again = 0.0  # as if a second had passed
            await first(resolver)
            assert backend.started[ADDRESS] == 2

    asyncio.run(main())


def test_a_view_that_fails_is_a_backend_that_fails() -> None:
    class Blind(AsyncScripted):
        def view(self) -> str:
            raise OSError("no resolv.conf")

    async def main() -> None:
        async with AsyncResolver(Blind(RECORDS), IPV4) as resolver:
            with pytest.raises(SipResolveError):
                await first(resolver)

    asyncio.run(main())


def test_what_is_used_is_refreshed_while_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    for module in ("tasks", "async_pump"):
        monkeypatch.setattr(f"sipresolve.resolver.{module}.clock", lambda: now)

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        nonlocal now
        await first(resolver)
        now += 280
        backend.answers = zone("example.com A 192.0.2.2")
        backend.held.add(ADDRESS)
        for _ in range(3):
            assert await first(resolver) == "udp 192.0.2.1:5060"
        await backend.await_start(ADDRESS)
        await backend.let_go(ADDRESS)
        for _ in range(10):  # turns of the loop
            await asyncio.sleep(0)
        assert not resolver._pump._jobs
        assert backend.started[ADDRESS] == 2
        now += 21
        backend.on_start = lambda asked: pytest.fail(str(asked))
        assert await first(resolver) == "udp 192.0.2.2:5060"
        assert resolver.statistics.refreshed == 1

    run(test)


def test_tasks_share_what_is_known() -> None:
    """Right targets, whether they are asked for, cached, prepared, or over in the next moment."""
    names = {f"h{n}.example": (f"192.0.2.{n}", n % 2) for n in range(6)}
    answers = [
        answer(f"{name} A", address, ttl=300 * ttl) for name, (address, ttl) in names.items()
    ]

    async def many(resolver: AsyncResolver, number: int) -> int:
        wrong = 0
        for turn in range(50):
            name = f"h{(turn + number) % 6}.example"
            wrong += await first(resolver, f"sip:{name}:5060") != f"udp {names[name][0]}:5060"
            if turn % 20 == 19:
                resolver.flush(name)
        return wrong

    async def test(backend: AsyncScripted, resolver: AsyncResolver) -> None:
        backend.answers = {each.question: each for each in answers}
        assert sum(await asyncio.gather(*(many(resolver, n) for n in range(8)))) == 0

    run(test)
