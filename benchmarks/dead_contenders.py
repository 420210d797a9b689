"""Who resolves while a nameserver is dead, each with a client of its own for each case."""

from __future__ import annotations

import asyncio
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias

from aiodns_peer import aiodns_at, chain_all
from attrs import frozen
from kamailio_peer import kamailio
from peers import find_sip_dig, resolver_at, run_sip_dig, walk
from workloads import POLICY, SOURCES

from sipresolve import AsyncResolver, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import ExitStack

    import aiodns
    from kamailio_peer import Phone

__all__ = ["LIMIT", "Client", "contenders"]

#: When a resolution that has not ended is given up, in seconds.
LIMIT: Final = 30.0

_DNS: Final = 53

#: Where Kamailios listen.
_PROXIES: Final = count(5081)

#: Finds the targets of a domain.
Resolve: TypeAlias = "Callable[[str], Sequence[object]]"

#: How many targets each domain has.
_TARGETS: Final = 8

#: Resolves domains, and says how long each took, in seconds.
Timed: TypeAlias = "Callable[[Sequence[str]], list[float]]"


@frozen
class Client:
    """Someone who resolves domains.

    Attributes:
        one_by_one: Resolves them one after the other.
        at_once: Resolves them side by side, where no resolution learns from another; else None.
    """

    one_by_one: Timed
    at_once: Timed | None = None


def contenders(stack: ExitStack, hosts: Sequence[str], sip: Phone) -> Iterator[tuple[str, Client]]:
    """Everybody, told to ask these nameservers, for as long as the stack is open."""
    addresses = [f"{host}:{_DNS}" for host in hosts]
    yield "Resolver", _client(_blocking(stack, addresses))
    yield "AsyncResolver", _client(_asynchronous(stack, addresses))
    yield "Resolver, just started", _client(partial(_just_started, addresses))
    plain, program = resolver_at(*addresses), find_sip_dig()
    yield "dnspython loop", _forgetful(lambda domain: list(walk(plain, domain)))
    yield (
        "sip-dig",
        _forgetful(
            lambda domain: run_sip_dig(program, *addresses, uris=[_uri(domain)], timeout=LIMIT)
        ),
    )
    yield "aiodns", _client(_chain(stack, addresses))
    yield "Kamailio", _through_kamailio(stack, hosts, sip)


def _uri(domain: str) -> str:
    return f"sip:alice@{domain}"


# --- How they are timed


def _client(resolve: Resolve) -> Client:
    return Client(lambda domains: [_time(resolve, domain) for domain in domains])


def _forgetful(resolve: Resolve) -> Client:
    def at_once(domains: Sequence[str]) -> list[float]:
        with ThreadPoolExecutor(max_workers=len(domains)) as pool:
            return list(pool.map(partial(_time, resolve), domains))

    return Client(_client(resolve).one_by_one, at_once)


def _time(resolve: Resolve, domain: str) -> float:
    began = time.perf_counter()
    try:
        found = resolve(domain)
    except subprocess.TimeoutExpired:
        return LIMIT
    took = time.perf_counter() - began
    if len(found) < _TARGETS:
        raise SystemExit(f"{len(found)} of {_TARGETS} targets of {domain}")
    return took


# --- This library


def _blocking(stack: ExitStack, addresses: Sequence[str]) -> Resolve:
    backend = DnspythonBackend(addresses)
    resolver = stack.enter_context(Resolver(backend, POLICY, sources=SOURCES))
    return lambda domain: resolver.resolve(_uri(domain)).targets


def _just_started(addresses: Sequence[str], domain: str) -> Sequence[object]:
    with Resolver(DnspythonBackend(addresses), POLICY, sources=SOURCES) as resolver:
        return resolver.resolve(_uri(domain)).targets


def _asynchronous(stack: ExitStack, addresses: Sequence[str]) -> Resolve:
    runner = stack.enter_context(asyncio.Runner())
    resolver = AsyncResolver(AsyncDnspythonBackend(addresses), POLICY, sources=SOURCES)
    stack.callback(lambda: runner.run(resolver.aclose()))

    async def resolve(domain: str) -> Sequence[object]:
        return (await resolver.resolve(_uri(domain))).targets

    return lambda domain: runner.run(resolve(domain))


# --- Its peers


def _chain(stack: ExitStack, addresses: Sequence[str]) -> Resolve:
    runner = stack.enter_context(asyncio.Runner())

    async def made() -> aiodns.DNSResolver:
        return aiodns_at(addresses)

    resolver = runner.run(made())
    stack.callback(lambda: runner.run(resolver.close()))
    return lambda domain: runner.run(chain_all(resolver, domain))


def _through_kamailio(stack: ExitStack, hosts: Sequence[str], sip: Phone) -> Client:
    proxy = stack.enter_context(kamailio(hosts, sip, port=next(_PROXIES), caching=True))

    def at_once(domains: Sequence[str]) -> list[float]:
        return [passage.seconds for passage in proxy.time([_uri(domain) for domain in domains])]

    return Client(lambda domains: [at_once([domain])[0] for domain in domains], at_once)
