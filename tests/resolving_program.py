"""A program that resolves each URI that it reads, by one resolver, and writes what comes of it.

    python resolving_program.py blocking|asynchronous LIFETIME [NAMESERVER ...]

Where no nameserver is named, it asks those of ``/etc/resolv.conf``. It writes a line of JSON for
each URI.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from sipresolve import AsyncResolver, Policy, Resolver, SipResolveError, Sources, address_text
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

__all__ = ["main"]

SOURCES: Final = Sources(IPv4Address("203.0.113.7"), IPv6Address("2001:db8:f::7"))


def main() -> None:
    flavour, lifetime, *nameservers = sys.argv[1:]
    policy = Policy(lifetime=float(lifetime))
    if flavour == "blocking":
        _blocking(policy, nameservers or None)
    else:
        asyncio.run(_asynchronous(policy, nameservers or None))


def _blocking(policy: Policy, nameservers: list[str] | None) -> None:
    with Resolver(DnspythonBackend(nameservers), policy, sources=SOURCES) as resolver:
        for line in sys.stdin:
            began = time.monotonic()
            try:
                resolution = resolver.resolve(line.strip())
            except SipResolveError as error:
                _tell(began, code=error.code)
            else:
                _tell(began, resolution=resolution)


async def _asynchronous(policy: Policy, nameservers: list[str] | None) -> None:
    backend = AsyncDnspythonBackend(nameservers)
    async with AsyncResolver(backend, policy, sources=SOURCES) as resolver:
        while line := await asyncio.to_thread(sys.stdin.readline):
            began = time.monotonic()
            try:
                resolution = await resolver.resolve(line.strip())
            except SipResolveError as error:
                _tell(began, code=error.code)
            else:
                _tell(began, resolution=resolution)


def _tell(began: float, *, code: str | None = None, resolution: Any = None) -> None:
    targets = resolution.targets if resolution else ()
    told = {
        "code": code,
        "targets": [
            f"{each.transport} {address_text(each.address)} {each.port}" for each in targets
        ],
        "notes": [note.code for note in resolution.notes] if resolution else [],
        "seconds": time.monotonic() - began,
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names are enough
    }
    print(json.dumps(told), flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
