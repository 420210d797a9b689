"""Resolves, over and over, what was resolved before, beside others who keep answers as well.

    PYTHONPATH=tests python benchmarks/cached.py -o cached.json

The contenders take turns in short blocks, so that whatever else the machine does falls on all of
them alike. All of it runs in a network of its own (`namespace`).

Two contenders have to be measured from outside. Of sip-dig, which keeps answers for as long as it
runs, what is taken is what a thousand more URIs on its command line cost; of Kamailio, what a
request to the domain takes longer than one to an address.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from aiodns_peer import aiodns_at, chain_all, chain_to_first
from attrs import asdict, define, field, frozen
from kamailio_peer import kamailio, phone
from namespace import enter
from peers import cached_resolver, find_sip_dig, run_sip_dig, walk
from slow_nameserver import slow_nameserver
from workloads import EIGHT, POLICY, SOURCES, TWENTY_FOUR, URI, kept_for_long

from sipresolve import AsyncResolver, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from kamailio_peer import Kamailio, Phone
    from slow_nameserver import SlowNameserver
    from workloads import Domain

__all__ = ["main"]

#: What is resolved.
_WORKLOADS: Final = {"8 targets": EIGHT, "24 targets": TWENTY_FOUR}

#: How long a block is to take, in seconds, and how many resolutions it has at most.
_BLOCK: Final = 0.01
_MOST: Final = 10_000

#: How many more URIs sip-dig is given.
_MORE: Final = 1000

#: Where Kamailio listens for the first of the workloads.
_PROXIES: Final = 5080


@define
class Result:
    """What came of one contender, block by block.

    Attributes:
        workload: What is resolved.
        wanted: All targets, or the first.
        contender: By its name.
        times: How many resolutions a block has.
        us: How long each took, in microseconds.
        queries: How many queries arrived during all blocks.
    """

    workload: str
    wanted: str
    contender: str
    times: int = 0
    us: list[float] = field(factory=list)
    queries: int = 0


@frozen
class Contender:
    """Someone who resolves.

    Attributes:
        wanted: What it finds: all targets, or the first.
        name: Who it is.
        resolve: Resolves so many times, and says how long that took, in seconds.
        times: How many times a block is to have; 0 to find out.
    """

    wanted: str
    name: str
    resolve: Callable[[int], float]
    times: int = 0


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=50, help="blocks of each (default: 50)")
    options = parser.parse_args()
    enter()
    with ExitStack() as stack:
        sip = stack.enter_context(phone())
        results = [
            result
            for number, workload in enumerate(_WORKLOADS, 1)
            for result in _race(stack, workload, number, sip, options.turns)
        ]
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


def _race(stack: ExitStack, workload: str, number: int, sip: Phone, turns: int) -> list[Result]:
    domain, host = _WORKLOADS[workload], f"127.0.2.{number}"
    running = slow_nameserver(kept_for_long(domain.records), delay=0, host=host, port=53)
    server = stack.enter_context(running)
    proxy = stack.enter_context(kamailio([host], sip, port=_PROXIES + number, caching=True))
    contenders = [
        *_blocking(stack, server.address),
        *_asynchronous(stack, server.address),
        *_peers(domain, server.address),
        Contender("first", "Kamailio", lambda times: _request(proxy, times), _MORE),
    ]
    results = [Result(workload, each.wanted, each.name) for each in contenders]
    for contender, result in zip(contenders, results, strict=True):
        contender.resolve(1)
        result.times = contender.times or _fitting(contender.resolve)
    server.traffic()
    for turn in range(turns):
        _take_turns(contenders, results, server, turn)
    return results


def _fitting(resolve: Callable[[int], float]) -> int:
    """How many times make a block."""
    took = min(resolve(1) for _ in range(5))
    return max(1, min(_MOST, int(_BLOCK / took)))


def _take_turns(
    contenders: Sequence[Contender], results: Sequence[Result], server: SlowNameserver, turn: int
) -> None:
    pairs = list(zip(contenders, results, strict=True))
    first = turn % len(pairs)
    for contender, result in (*pairs[first:], *pairs[:first]):
        took = contender.resolve(result.times)
        result.us.append(round(1e6 * took / result.times, 3))
        result.queries += server.traffic().queries


# --- This library


def _blocking(stack: ExitStack, address: str) -> Iterator[Contender]:
    backend = DnspythonBackend([address])
    resolver = stack.enter_context(Resolver(backend, POLICY, sources=SOURCES))

    def attempt(uri: str) -> None:
        for attempt in resolver.failover(uri):
            with attempt:
                break

    yield Contender("all", "Resolver", lambda times: _repeat(resolver.resolve, URI, times))
    yield Contender("first", "Resolver", lambda times: _repeat(attempt, URI, times))


def _asynchronous(stack: ExitStack, address: str) -> Iterator[Contender]:
    runner = stack.enter_context(asyncio.Runner())
    resolver = AsyncResolver(AsyncDnspythonBackend([address]), POLICY, sources=SOURCES)
    stack.callback(lambda: runner.run(resolver.aclose()))

    async def attempt(uri: str) -> None:
        async for attempt in resolver.failover(uri):
            async with attempt:
                break

    for wanted, resolve in (("all", resolver.resolve), ("first", attempt)):
        yield Contender(wanted, "AsyncResolver", _in_loop(runner, resolve, URI))
    kept = runner.run(_made(address))
    stack.callback(lambda: runner.run(kept.close()))
    for wanted, chain in (("all", chain_all), ("first", chain_to_first)):
        yield Contender(wanted, "aiodns", _in_loop(runner, chain, kept))


async def _made(address: str) -> object:
    return aiodns_at([address])


def _repeat(resolve: Callable[[str], object], uri: str, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        resolve(uri)
    return time.perf_counter() - began


def _in_loop(
    runner: asyncio.Runner, resolve: Callable[..., Awaitable[object]], subject: object
) -> Callable[[int], float]:
    async def repeat(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            await resolve(subject)
        return time.perf_counter() - began

    return lambda times: runner.run(repeat(times))


# --- Its peers


def _peers(domain: Domain, address: str) -> Iterator[Contender]:
    cached, program = cached_resolver(domain), find_sip_dig()

    def dig(times: int) -> float:
        return _dig(program, address, 1 + times) - _dig(program, address, 1)

    yield Contender(
        "all", "dnspython", lambda times: _repeat(lambda _: list(walk(cached)), "", times)
    )
    yield Contender(
        "first", "dnspython", lambda times: _repeat(lambda _: next(walk(cached)), "", times)
    )
    yield Contender("all", "sip-dig", dig, _MORE)


def _dig(program: str, address: str, times: int) -> float:
    began = time.perf_counter()
    run_sip_dig(program, address, uris=[URI] * times)
    return time.perf_counter() - began


def _request(proxy: Kamailio, times: int) -> float:
    """Requests to the domain and to an address take turns, one at a time; medians count."""
    uris = (URI, "sip:alice@192.0.2.1")
    rounds = [[proxy.time([uri])[0].seconds for uri in uris] for _ in range(times)]
    to_domain, to_address = (median(took) for took in zip(*rounds, strict=True))
    return times * (to_domain - to_address)


if __name__ == "__main__":
    main()
