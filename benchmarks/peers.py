"""What this library is set beside: dnspython's resolver in a plain loop, Sofia-SIP's sip-dig."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Final, cast

import dns.message
import dns.name
import dns.rdataset
import dns.resolver
import dns.rrset
from workloads import DOMAIN, URI

from sipresolve import TCP, TLS, UDP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workloads import Domain

    from sipresolve import Srv

__all__ = [
    "Found",
    "cached_resolver",
    "find_sip_dig",
    "resolver_at",
    "run_sip_dig",
    "split_uri",
    "srv_rdataset",
    "walk",
]

#: A target, as a peer finds it: transport, address, port.
Found = tuple[str, str, int]


# --- A regular expression

_PARTS: Final = re.compile(
    r"(sips?):(?:([^@:]*)(?::([^@]*))?@)?(\[[^\]]*\]|[^:;?]*)(?::(\d+))?(?:;([^?]*))?(?:\?(.*))?"
)


def split_uri(text: str) -> re.Match[str] | None:
    """Take a SIP URI apart and check nothing: as little as can be done by a regular expression."""
    return _PARTS.fullmatch(text)


# --- dnspython

_TRANSPORTS: Final = {"SIPS+D2T": TLS, "SIP+D2T": TCP, "SIP+D2U": UDP}


def walk(resolver: dns.resolver.Resolver, domain: str = DOMAIN) -> Iterator[Found]:
    """Resolve a URI with this domain as plainly as can be: one lookup after the other.

    It checks nothing and expects no failure, but it finds the same targets as we do.
    """
    naptrs = sorted(_lookup(resolver, domain, "NAPTR"), key=lambda rr: (rr.order, rr.preference))
    services = [(_TRANSPORTS[rr.service.decode()], rr.replacement) for rr in naptrs] or [
        (transport, f"{transport.srv_labels}.{domain}") for transport in (UDP, TCP)
    ]
    nothing = True
    for transport, name in services:
        for srv in _lookup(resolver, name, "SRV", ordered=True):
            nothing = False
            for address in _addresses(resolver, srv.target):
                yield transport, address, srv.port
    if nothing:
        for address in _addresses(resolver, domain):
            yield UDP, address, UDP.default_port


def _addresses(resolver: dns.resolver.Resolver, host: dns.name.Name | str) -> Iterator[str]:
    for kind in ("AAAA", "A"):
        for rdata in _lookup(resolver, host, kind):
            yield rdata.address


def _lookup(
    resolver: dns.resolver.Resolver,
    name: dns.name.Name | str,
    kind: str,
    *,
    ordered: bool = False,
) -> Iterable[Any]:  # what the records have depends on the kind
    try:
        rrset = resolver.resolve(name, kind, raise_on_no_answer=False, search=False).rrset
    except dns.resolver.NXDOMAIN:
        return ()
    if rrset is None:
        return ()
    return rrset.processing_order() if ordered else rrset


def resolver_at(*addresses: str) -> dns.resolver.Resolver:
    """A resolver that asks these nameservers, which have one port, and keeps nothing."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [address.rpartition(":")[0] for address in addresses]
    resolver.port = int(addresses[0].rpartition(":")[2])
    return resolver


def cached_resolver(domain: Domain) -> dns.resolver.Resolver:
    """A resolver whose cache has all that there is to know of a domain."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.cache = dns.resolver.LRUCache()
    rrsets: dict[tuple[str, str], list[str]] = {}
    for line in domain.records.splitlines():
        owner, _, kind, data = line.split(None, 3)
        rrsets.setdefault((owner, kind), []).append(data)
    for (owner, kind), texts in rrsets.items():
        answer = _answer(dns.rrset.from_text_list(owner, 86_400, "IN", kind, texts))
        resolver.cache.put((answer.qname, answer.rdtype, answer.rdclass), answer)
    return resolver


def _answer(rrset: dns.rrset.RRset) -> dns.resolver.Answer:
    """What dnspython makes of a response with this RRset."""
    query = dns.message.make_query(rrset.name, rrset.rdtype)
    response = dns.message.make_response(query)
    response.answer.append(rrset)
    message = cast("dns.message.QueryMessage", dns.message.from_wire(response.to_wire()))
    return dns.resolver.Answer(rrset.name, rrset.rdtype, rrset.rdclass, message)


def srv_rdataset(records: Iterable[Srv]) -> dns.rdataset.Rdataset:
    """The same SRV set, as dnspython has it."""
    texts = [f"{srv.priority} {srv.weight} {srv.port} {srv.target}." for srv in records]
    return dns.rdataset.from_text_list("IN", "SRV", 300, texts)


# --- sip-dig

_PACKAGE: Final = "sofia-sip-bin"


def find_sip_dig() -> str:
    """Where sip-dig is; without it there is nothing to compare with, so the program ends."""
    path = shutil.which("sip-dig")
    if path is None:
        raise SystemExit(f"sip-dig is missing: apt-get install --no-install-recommends {_PACKAGE}")
    return path


def run_sip_dig(
    program: str, *addresses: str, uris: Sequence[str] = (URI,), timeout: float = 30
) -> list[Found]:
    """What sip-dig prints for URIs: lines of preference, weight, transport, port and address.

    Args:
        program: Where it is.
        addresses: Those of the nameservers, which have one port.
        uris: One, or several, of which it says no more for which one a line is.
        timeout: When to give up, in seconds.

    Raises:
        TimeoutExpired: It has not ended by then.
    """
    with NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.writelines(f"nameserver {each.rpartition(':')[0]}\n" for each in addresses)
        settings.write(f"port {addresses[0].rpartition(':')[2]}\n")
        settings.flush()
        done = subprocess.run(  # noqa: S603 - the program is sip-dig, and the arguments are ours
            [program, "--udp", "--tcp", "--tls", *uris],
            env={**os.environ, "SRESOLV_CONF": settings.name},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            timeout=timeout,
        )
    lines = (line.split() for line in done.stdout.splitlines())
    fields = (line for line in lines if len(line) > 1)  # between them, a URI by itself
    return [(transport, where, int(number)) for _, _, transport, number, where in fields]
