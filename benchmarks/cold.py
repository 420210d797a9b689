"""Resolves through a nameserver that takes its time, beside others who do the same.

    python benchmarks/cold.py -o cold.json

The contenders take turns, so that whatever else the machine does falls on all of them alike. All of
it runs in a network of its own (`namespace`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from aiodns_peer import aiodns_at, chain_all
from attrs import asdict, define, field, frozen
from kamailio_peer import Kamailio, kamailio, phone
from namespace import enter
from peers import Found, find_sip_dig, resolver_at, run_sip_dig, walk
from slow_nameserver import slow_nameserver
from workloads import POLICY, SCENARIOS, SOURCES, URI

from sipresolve import AsyncResolver, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from slow_nameserver import SlowNameserver

    from sipresolve import Resolution

__all__ = ["main"]

#: How long every answer takes, in seconds.
_DELAY: Final = 0.02

#: Whom the others are set beside.
_OURS: Final = "Resolver"

#: Who finds the first target, and is done.
_FIRST_ONLY: Final = frozenset({"Kamailio"})

#: Who does its work in a process that was there before, which `getrusage` knows nothing of.
_ELSEWHERE: Final = frozenset({"Kamailio"})

#: The port of the DNS: Kamailio knows no other.
_DNS: Final = 53

#: Resolves the URI of the workloads by a nameserver.
Contender: TypeAlias = "Callable[[Course], list[Found]]"


@frozen
class Course:
    """What resolutions are measured on.

    Attributes:
        server: The nameserver.
        proxy: A Kamailio that asks it.
        results: Of every contender.
    """

    server: SlowNameserver
    proxy: Kamailio
    results: tuple[Result, ...]


@define
class Result:
    """What came of one contender in one scenario, resolution by resolution.

    Attributes:
        scenario: By its name in `SCENARIOS`.
        additional: Whether answers brought additional data.
        contender: By its name.
        targets: How many targets were found.
        ms: How long it took, in milliseconds.
        cpu_ms: How much processor time it took, in milliseconds; empty where nobody knows.
        queries: How many queries arrived.
        round_trips: How many of them had to wait for one another.
    """

    scenario: str
    additional: bool
    contender: str
    targets: int = 0
    ms: list[float] = field(factory=list)
    cpu_ms: list[float] = field(factory=list)
    queries: list[int] = field(factory=list)
    round_trips: list[int] = field(factory=list)


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--resolutions", type=int, default=15, help="of each kind (default: 15)")
    options = parser.parse_args()
    enter()
    sip_dig = find_sip_dig()
    with asyncio.Runner() as runner:
        contenders: dict[str, Contender] = {
            _OURS: _blocking,
            "AsyncResolver": lambda course: runner.run(_asynchronous(course.server.address)),
            "sip-dig": lambda course: run_sip_dig(sip_dig, course.server.address),
            "dnspython loop": lambda course: list(walk(resolver_at(course.server.address))),
            "aiodns": lambda course: runner.run(_chain(course.server.address)),
            "Kamailio": lambda course: course.proxy.resolve(),
        }
        results = _race(contenders, options.resolutions)
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "delay_ms": _DELAY * 1000,
        "sip_dig_start_ms": _start_of_sip_dig(options.resolutions),
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


def _race(contenders: Mapping[str, Contender], resolutions: int) -> list[Result]:
    with ExitStack() as stack:
        courses = list(_courses(stack, contenders))
        for turn in range(resolutions + 1):
            counts = turn > 0  # the first is for warming up
            for course in courses:
                found = {
                    result.contender: _measure(
                        result, contenders[result.contender], course, counts=counts
                    )
                    for result in course.results
                }
                _check(found)
    return [result for course in courses for result in course.results]


def _courses(stack: ExitStack, contenders: Iterable[str]) -> Iterator[Course]:
    """Start a nameserver for each scenario, without additional data and with it."""
    sip = stack.enter_context(phone())
    kinds = product((False, True), SCENARIOS.items())
    for number, (additional, (name, domain)) in enumerate(kinds, 1):
        host = f"127.0.1.{number}"
        running = slow_nameserver(
            domain.records, delay=_DELAY, additional=additional, host=host, port=_DNS
        )
        server = stack.enter_context(running)
        proxy = stack.enter_context(kamailio([host], sip, port=_PROXIES + number))
        results = (Result(name, additional, contender) for contender in contenders)
        yield Course(server, proxy, tuple(results))


#: Below the ports of all Kamailios.
_PROXIES: Final = 5080


def _measure(
    result: Result, resolve: Contender, course: Course, *, counts: bool
) -> frozenset[Found]:
    began, cpu_began = time.perf_counter(), _processor_time()
    found = resolve(course)
    took, cpu_took = time.perf_counter() - began, _processor_time() - cpu_began
    traffic = course.server.traffic()
    if counts:
        result.targets = len(found)
        result.ms.append(1000 * took)
        if result.contender not in _ELSEWHERE:
            result.cpu_ms.append(1000 * cpu_took)
        result.queries.append(traffic.queries)
        result.round_trips.append(traffic.round_trips)
    return frozenset(found)


def _check(found: Mapping[str, frozenset[Found]]) -> None:
    """Times compare only where everybody finds what we find; some find more, or say the first."""
    for contender, targets in found.items():
        ours = found[_OURS]
        if missing := targets - ours if contender in _FIRST_ONLY else ours - targets:
            raise SystemExit(f"{contender} has not found {sorted(missing)}")


def _processor_time() -> float:
    """Of this process and of the programs that it has run, in seconds."""
    times = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in times)


def _blocking(course: Course) -> list[Found]:
    backend = DnspythonBackend([course.server.address])
    with Resolver(backend, POLICY, sources=SOURCES) as resolver:
        return _found(resolver.resolve(URI))


async def _asynchronous(address: str) -> list[Found]:
    backend = AsyncDnspythonBackend([address])
    async with AsyncResolver(backend, POLICY, sources=SOURCES) as resolver:
        return _found(await resolver.resolve(URI))


async def _chain(address: str) -> list[Found]:
    async with aiodns_at([address]) as resolver:
        return await chain_all(resolver)


def _found(resolution: Resolution) -> list[Found]:
    return [(str(t.transport), str(t.address), t.port) for t in resolution.targets]


def _start_of_sip_dig(times: int) -> list[float]:
    """How long sip-dig takes for a URI that asks nothing, in milliseconds."""
    program, took = find_sip_dig(), []
    for _ in range(times):
        began = time.perf_counter()
        run_sip_dig(program, "127.0.0.1:53", uris=["sip:192.0.2.1"])
        took.append(1000 * (time.perf_counter() - began))
    return took


if __name__ == "__main__":
    main()
