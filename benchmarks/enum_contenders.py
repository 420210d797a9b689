"""Who maps telephone numbers: this library in bulk and in a loop, and dnspython in a loop."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.e164
import dns.resolver
from enum_zone import ROOT
from peers import resolver_at

from sipresolve import AsyncResolver, NoSuchNumber, Policy, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["CONTENDERS", "OURS", "PEER"]

#: Maps numbers, and says how many of them were found.
Mapper: TypeAlias = "Callable[[Iterable[str]], int]"

#: How many numbers are on their way at once in bulk.
_WINDOW: Final = 100

# A machine that is busy with something else is no reason to give up.
_PATIENT: Final = Policy(lifetime=30.0)
_TIMEOUT: Final = 2.0  # seconds; that of dnspython's resolver


@contextmanager
def _bulk(address: str) -> Iterator[Mapper]:
    """`AsyncResolver.enum`, for a bounded number of tasks at a time."""
    resolver = AsyncResolver(AsyncDnspythonBackend([address], timeout=_TIMEOUT), _PATIENT)
    with asyncio.Runner() as runner:
        yield lambda numbers: runner.run(_map_all(resolver, numbers))
        runner.run(resolver.aclose())


async def _map_all(resolver: AsyncResolver, numbers: Iterable[str]) -> int:
    waiting = iter(numbers)
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(_map_next(resolver, waiting)) for _ in range(_WINDOW)]
    return sum(worker.result() for worker in workers)


async def _map_next(resolver: AsyncResolver, waiting: Iterator[str]) -> int:
    found = 0
    for number in waiting:
        try:
            await resolver.enum(number)
        except NoSuchNumber:
            continue
        found += 1
    return found


@contextmanager
def _loop(address: str) -> Iterator[Mapper]:
    """`Resolver.enum`, one number after the other."""
    backend = DnspythonBackend([address], timeout=_TIMEOUT)
    with Resolver(backend, _PATIENT) as resolver:
        yield partial(_count, resolver.enum, NoSuchNumber)


@contextmanager
def _e164_loop(address: str) -> Iterator[Mapper]:
    """`dns.e164.query`, one number after the other: it gives records, and reads none of them."""
    query = partial(dns.e164.query, domains=[ROOT], resolver=resolver_at(address))
    yield partial(_count, query, dns.resolver.NXDOMAIN)


def _count(
    look_up: Callable[[str], object], absence: type[Exception], numbers: Iterable[str]
) -> int:
    found = 0
    for number in numbers:
        try:
            look_up(number)
        except absence:
            continue
        found += 1
    return found


#: The one that is to be fast, and the one that it is set beside.
OURS: Final = "AsyncResolver.enum"
PEER: Final = "loop over dns.e164.query"

#: By name, how to set each up to ask the nameserver at an address.
CONTENDERS: Final[dict[str, Callable[[str], AbstractContextManager[Mapper]]]] = {
    OURS: _bulk,
    "loop over Resolver.enum": _loop,
    PEER: _e164_loop,
}
