"""The public API as a user sees it: never run, checked by mypy, fails where the types get worse."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import assert_type

import sipresolve
from sipresolve import TCP, TLS, AsyncResolver, Policy, Resolver, SipUri, Transport
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend, ZoneBackend


def blocking() -> None:
    with Resolver() as resolver:
        resolution = resolver.resolve("sip:alice@example.com")
        assert_type(resolution, sipresolve.Resolution)
        for target in resolution.targets:
            assert_type(target.address, IPv4Address | IPv6Address)
            assert_type(target.transport, Transport)
            assert_type(target.port, int)
            assert_type(target.tls_name, str | None)
        resolver.resolve(SipUri.parse("sips:example.com"), transports=("tls",), lifetime=2, seed=1)
    Resolver(backend=ZoneBackend.from_file("example.zone"), policy=Policy(transports=(TLS, TCP)))
    Resolver(backend=DnspythonBackend(nameservers=["192.0.2.53", "[2001:db8::53]:5353"]))


async def asynchronous() -> None:
    async with AsyncResolver() as resolver:
        assert_type(await resolver.resolve("sip:alice@example.com"), sipresolve.Resolution)
    AsyncResolver(backend=ZoneBackend.from_file("example.zone"))
    AsyncResolver(backend=AsyncDnspythonBackend(nameservers=["192.0.2.53"]))


def errors() -> None:
    try:
        blocking()
    except sipresolve.SipResolveError as error:
        assert_type(error.code, str)
        assert_type(error.resolution, sipresolve.Resolution | None)


def a_backend(backend: ZoneBackend) -> tuple[sipresolve.backends.Backend, ...]:
    return (backend, DnspythonBackend())
