"""aiodns: a chain of lookups as one writes it with c-ares under asyncio, as much at once as can be.

c-ares keeps answers by itself for as long as their TTL, so a resolver that is kept has a cache.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import aiodns
from workloads import DOMAIN

from sipresolve import TCP, TLS, UDP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from peers import Found

__all__ = ["aiodns_at", "chain_all", "chain_to_first"]

_TRANSPORTS: Final = {"SIPS+D2T": TLS, "SIP+D2T": TCP, "SIP+D2U": UDP}


def aiodns_at(addresses: Iterable[str]) -> aiodns.DNSResolver:
    """A resolver that asks these nameservers, for the loop that is running."""
    return aiodns.DNSResolver(nameservers=list(addresses))


async def chain_all(resolver: aiodns.DNSResolver, domain: str = DOMAIN) -> list[Found]:
    """All targets of a domain: NAPTR, then every SRV set, then the addresses of every host."""
    services = await _services(resolver, domain)
    sets = await asyncio.gather(*(_lookup(resolver, name, "SRV") for _, name in services))
    hosts = {srv.target for srv in chain(*sets)} or {domain}
    found = await asyncio.gather(*(_addresses(resolver, host) for host in hosts))
    addresses = dict(zip(hosts, found, strict=True))
    if not any(sets):
        return [(str(UDP), address, UDP.default_port) for address in addresses[domain]]
    return [
        (str(transport), address, srv.port)
        for (transport, _), srvs in zip(services, sets, strict=True)
        for srv in sorted(srvs, key=_rank)
        for address in addresses[srv.target]
    ]


async def chain_to_first(resolver: aiodns.DNSResolver, domain: str = DOMAIN) -> Found:
    """The first target of a domain that has NAPTR and SRV records, and nothing beside it."""
    transport, name = (await _services(resolver, domain))[0]
    srv = min(await _lookup(resolver, name, "SRV"), key=_rank)
    addresses = await _addresses(resolver, srv.target)
    return str(transport), addresses[0], srv.port


async def _services(resolver: aiodns.DNSResolver, domain: str) -> list[tuple[Any, str]]:
    naptrs = await _lookup(resolver, domain, "NAPTR")
    naptrs.sort(key=lambda naptr: (naptr.order, naptr.preference))
    offered = [(_TRANSPORTS[naptr.service], naptr.replacement) for naptr in naptrs]
    return offered or [(each, f"{each.srv_labels}.{domain}") for each in (UDP, TCP)]


def _rank(srv: Any) -> tuple[int, int]:  # noqa: ANN401 - as pycares has it
    """No dice: whoever wants RFC 2782's draw has to write it."""
    return srv.priority, -srv.weight


async def _addresses(resolver: aiodns.DNSResolver, host: str) -> list[str]:
    both = await asyncio.gather(*(_lookup(resolver, host, kind) for kind in ("AAAA", "A")))
    return [data.addr for data in chain(*both)]


async def _lookup(resolver: aiodns.DNSResolver, name: str, kind: str) -> list[Any]:
    try:
        result = await resolver.query_dns(name, kind)
    except aiodns.error.DNSError as error:
        if error.args[0] in {aiodns.error.ARES_ENODATA, aiodns.error.ARES_ENOTFOUND}:
            return []
        raise
    return [record.data for record in result.answer]
