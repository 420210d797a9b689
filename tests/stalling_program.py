"""A program that resolves many hosts at once, and may be stopped while it does.

    python stalling_program.py threads|tasks COUNT LIFETIME NAMESERVER

It writes a line for each host, of the target that it found or of the error.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from typing import Final

from sipresolve import AsyncResolver, Policy, Resolver, SipResolveError, Sources
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

__all__ = ["main"]

SOURCES: Final = Sources(IPv4Address("203.0.113.7"), None)


def main() -> None:
    flavour, count, lifetime, nameserver = sys.argv[1:]
    uris = [f"sip:h{number}.example.com:5070" for number in range(int(count))]
    policy = Policy(lifetime=float(lifetime), families=("ipv4",))
    if flavour == "threads":
        _in_threads(uris, policy, nameserver)
    else:
        asyncio.run(_in_tasks(uris, policy, nameserver))


def _in_threads(uris: list[str], policy: Policy, nameserver: str) -> None:
    def resolve(uri: str) -> str:
        try:
            return str(resolver.resolve(uri).targets[0])
        except SipResolveError as error:
            return str(error)

    with (
        Resolver(DnspythonBackend([nameserver]), policy, sources=SOURCES) as resolver,
        ThreadPoolExecutor(len(uris)) as pool,
    ):
        _tell(list(pool.map(resolve, uris)))


async def _in_tasks(uris: list[str], policy: Policy, nameserver: str) -> None:
    async def resolve(uri: str) -> str:
        try:
            return str((await resolver.resolve(uri)).targets[0])
        except SipResolveError as error:
            return str(error)

    backend = AsyncDnspythonBackend([nameserver])
    async with AsyncResolver(backend, policy, sources=SOURCES) as resolver:
        _tell(await asyncio.gather(*map(resolve, uris)))


def _tell(found: list[str]) -> None:
    print(*found, sep="\n", flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
