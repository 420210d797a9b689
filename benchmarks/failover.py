"""Times the failover iterators where the first target works, beside the search that they need.

    python benchmarks/failover.py -o failover.json

The difference is a few microseconds beside hundreds, so that all take turns in many short rounds:
whatever else the machine does falls on all of them alike, and what counts is the difference in each
round.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import asdict, define, field
from workloads import EIGHT, POLICY, SOURCES, URI

from sipresolve import UDP, AsyncResolver, CachePolicy, HealthBook, Place, Resolver
from sipresolve.backends import ZoneBackend
from sipresolve.resolver.async_pump import AsyncPump
from sipresolve.resolver.calls import Desk, Request, Wishes
from sipresolve.resolver.pump import Pump

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from sipresolve import Target

__all__ = ["main"]

#: What is resolved, by what is special about it.
_URIS: Final = {"a numeric host": "sip:192.0.2.1", "8 targets": URI}

#: What is measured is the search, not what is kept of it.
_UNCACHED: Final = CachePolicy(entries=0)

#: How often something is done in one round.
_TIMES: Final = 1

#: The same for what takes less than a microsecond.
_MANY_TIMES: Final = 100

#: How many servers a book remembers.
_ENTRIES: Final = 10_000


@define
class Result:
    """How long something took, round by round.

    Attributes:
        subject: What it was done with.
        how: What was done.
        us: How long it took, in microseconds.
    """

    subject: str
    how: str
    us: list[float] = field(factory=list)


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=4000, help="of each kind (default: 4000)")
    options = parser.parse_args()
    zones = ZoneBackend.from_text(EIGHT.records)
    with asyncio.Runner() as runner:
        kinds = [*_blocking(zones), *_asynchronous(zones, runner), _admitting()]
        results = [result for kind in kinds for result in _take_turns(kind, options.rounds)]
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(document) + "\n")


#: Something to time: what came of it so far, and how to do it once more, in microseconds.
Contender = tuple[Result, "Callable[[], float]"]


def _take_turns(contenders: Sequence[Contender], rounds: int) -> Iterable[Result]:
    for turn in range(-1, rounds):
        first = turn % len(contenders)
        for result, measure in (*contenders[first:], *contenders[:first]):
            took = measure()
            if turn >= 0:  # the first is for warming up
                result.us.append(round(took, 3))
    return [result for result, _ in contenders]


def _timed(call: Callable[..., object], *arguments: object, times: int = _TIMES) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call(*arguments)
    return 1e6 * (time.perf_counter() - began) / times


async def _timed_in_loop(call: Callable[[str], Awaitable[object]], uri: str) -> float:
    began = time.perf_counter()
    for _ in range(_TIMES):
        await call(uri)
    return 1e6 * (time.perf_counter() - began) / _TIMES


# --- For blocking programs


def _blocking(zones: ZoneBackend) -> Iterator[list[Contender]]:
    resolver = Resolver(zones, POLICY, sources=SOURCES, cache=_UNCACHED)
    desk = Desk(POLICY, SOURCES, _UNCACHED)
    pump = Pump(zones.attach(), desk.session)
    calls: dict[str, Callable[[str], object]] = {
        "search": partial(_search, desk, pump),
        "failover": partial(_attempt, resolver),
        "resolve": resolver.resolve,
    }
    for kind, uri in _URIS.items():
        yield [(Result(kind, how), partial(_timed, call, uri)) for how, call in calls.items()]


def _search(desk: Desk, pump: Pump, uri: str) -> Target | None:
    """What failover looks up before its first attempt, and what it gives back after it."""
    call = desk.locate(uri, Request(), Wishes(lazy=True), time.monotonic())
    target = pump.next_target(call.run)
    pump.leave(call.run)
    return target


def _attempt(resolver: Resolver, uri: str) -> None:
    for attempt in resolver.failover(uri):
        with attempt:
            break


# --- For asynchronous programs


def _asynchronous(zones: ZoneBackend, runner: asyncio.Runner) -> Iterator[list[Contender]]:
    resolver = AsyncResolver(zones, POLICY, sources=SOURCES, cache=_UNCACHED)
    desk = Desk(POLICY, SOURCES, _UNCACHED)
    pump = AsyncPump(zones, desk.session)
    calls: dict[str, Callable[[str], Awaitable[object]]] = {
        "search": partial(_search_in_loop, desk, pump),
        "failover": partial(_attempt_in_loop, resolver),
        "resolve": resolver.resolve,
    }

    def measure(call: Callable[[str], Awaitable[object]], uri: str) -> float:
        return runner.run(_timed_in_loop(call, uri))

    for kind, uri in _URIS.items():
        yield [
            (Result(f"{kind}, asynchronous", how), partial(measure, call, uri))
            for how, call in calls.items()
        ]


async def _search_in_loop(desk: Desk, pump: AsyncPump, uri: str) -> Target | None:
    call = desk.locate(uri, Request(), Wishes(lazy=True), time.monotonic())
    target = await pump.next_target(call.run)
    pump.leave(call.run)
    return target


async def _attempt_in_loop(resolver: AsyncResolver, uri: str) -> None:
    async for attempt in resolver.failover(uri):
        async with attempt:
            break


# --- The health of servers


def _admitting() -> list[Contender]:
    """What it takes to ask for the health of a server."""
    healthy, *ill = (
        Place(UDP, IPv4Address(0x0A000000 + number), 5060) for number in range(_ENTRIES + 1)
    )
    empty, full = HealthBook(size=_ENTRIES), HealthBook(size=_ENTRIES)
    for place in ill:
        full.failed(place, probe=None, retry_after=1e6)
    cases = {
        "an empty book": (empty, healthy),
        f"a healthy server, {_ENTRIES:,} penalties": (full, healthy),
        f"a penalised server, {_ENTRIES:,} penalties": (full, ill[_ENTRIES // 2]),
    }
    return [
        (Result(kind, "admit"), partial(_timed, book.admit, place, times=_MANY_TIMES))
        for kind, (book, place) in cases.items()
    ]


if __name__ == "__main__":
    main()
