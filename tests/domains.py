"""Many domains of several kinds, as one zone for any nameserver, and where each of them leads."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen
from groups import check_groups

from sipresolve import (
    TCP,
    TLS,
    UDP,
    Policy,
    Resolution,
    SipResolveError,
    Sources,
    Transport,
    address_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sipresolve import AsyncResolver, Resolver

__all__ = [
    "POLICY",
    "SOURCES",
    "ZONE",
    "Domain",
    "Outcome",
    "Verdict",
    "domain",
    "judge",
    "resolved",
    "resolved_in_a_task",
    "verdict_on_failure",
    "verdict_on_targets",
    "zone_file",
]

ZONE: Final = "domains.example"

#: The client to which the domains lead as they say.
POLICY: Final = Policy(transports=(UDP, TCP, TLS))

#: Where a machine with both families would send from; given, so that nothing is asked of ours.
SOURCES: Final = Sources(IPv4Address("203.0.113.7"), IPv6Address("2001:db8:f::7"))

#: Each host has one address of each family, and no two hosts have the same.
_IPV4: Final = int(IPv4Address("198.18.0.0"))
_IPV6: Final = int(IPv6Address("2001:db8:d::"))
_HOSTS_EACH: Final = 8

#: How many SRV records no datagram of 1,232 octets carries.
_MANY: Final = 30

_SERVICES: Final = {TLS: "SIPS+D2T", TCP: "SIP+D2T", UDP: "SIP+D2U"}

#: What nothing is found for where nobody answers; many questions that wait for nobody are too many.
_OUTAGES: Final = frozenset({"dns-failure", "dns-timeout", "busy"})

#: What came of a resolution: every target of the domain in a right order; some of them or in
#: another order, with a note that says why; a failure that is stated; or what cannot be right.
Verdict: TypeAlias = Literal["right", "excused", "failed", "wrong"]

Outcome: TypeAlias = Resolution | SipResolveError


@frozen(kw_only=True)
class Domain:
    """A domain.

    Attributes:
        name: Its name.
        records: Its lines in the zone.
        groups: Its targets: groups, in order, of "transport address port".
    """

    name: str
    records: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]

    @property
    def uri(self) -> str:
        return f"sip:someone@{self.name}"


def domain(number: int) -> Domain:
    """The domain with a number; one of ten has more than a datagram carries."""
    kinds = (_with_naptr, _with_srv, _with_addresses, _with_aliases, _with_naptr)
    kind = _with_many if number % 10 == 9 else kinds[number % len(kinds)]
    return kind(_Names(number))


@frozen
class _Names:
    """What a domain and its hosts are called."""

    number: int

    @property
    def name(self) -> str:
        return f"d{self.number}.{ZONE}"

    def host(self, index: int) -> str:
        return f"h{index}.{self.name}"

    def addresses(self, index: int) -> tuple[IPv4Address, IPv6Address]:
        offset = self.number * _HOSTS_EACH + index
        return IPv4Address(_IPV4 + offset), IPv6Address(_IPV6 + offset)

    def address_records(self, owner: str, index: int) -> tuple[str, ...]:
        ipv4, ipv6 = self.addresses(index)
        return f"{owner}. IN A {ipv4}", f"{owner}. IN AAAA {ipv6}"

    def targets(self, transport: Transport, port: int, *indices: int) -> tuple[str, ...]:
        return tuple(
            f"{transport} {address} {port}" for each in indices for address in self.addresses(each)
        )


def _with_naptr(names: _Names) -> Domain:
    """Three transports, and a second host behind the first."""
    records = [*names.address_records(names.host(0), 0), *names.address_records(names.host(1), 1)]
    groups = []
    for preference, (transport, service) in enumerate(_SERVICES.items()):
        srv, port = f"{transport.srv_labels}.{names.name}", 5070 + preference
        records += [f'{names.name}. IN NAPTR 10 {preference} "s" "{service}" "" {srv}.']
        for index in (0, 1):
            records += [f"{srv}. IN SRV {index} 0 {port} {names.host(index)}."]
            groups += [names.targets(transport, port, index)]
    return Domain(name=names.name, records=tuple(records), groups=tuple(groups))


def _with_srv(names: _Names) -> Domain:
    """Two transports, and hosts among which chance decides."""
    records = [line for each in (0, 1, 2) for line in names.address_records(names.host(each), each)]
    for transport in (UDP, TCP):
        srv = f"{transport.srv_labels}.{names.name}"
        records += [f"{srv}. IN SRV 10 {each + 1} 5080 {names.host(each)}." for each in (0, 1, 2)]
    groups = tuple(names.targets(transport, 5080, 0, 1, 2) for transport in (UDP, TCP))
    return Domain(name=names.name, records=tuple(records), groups=groups)


def _with_addresses(names: _Names) -> Domain:
    """Nothing but addresses."""
    records = names.address_records(names.name, 0)
    return Domain(name=names.name, records=records, groups=(names.targets(UDP, 5060, 0),))


def _with_aliases(names: _Names) -> Domain:
    """An SRV set under another name."""
    records = (
        f"_sip._udp.{names.name}. IN CNAME _sip._udp.hub.{names.name}.",
        f"_sip._udp.hub.{names.name}. IN SRV 10 0 5090 {names.host(0)}.",
        *names.address_records(names.host(0), 0),
    )
    return Domain(name=names.name, records=records, groups=(names.targets(UDP, 5090, 0),))


def _with_many(names: _Names) -> Domain:
    """An SRV set that comes over TCP only."""
    ports = range(6000, 6000 + _MANY)
    records = (
        *(f"_sip._udp.{names.name}. IN SRV 10 0 {port} {names.host(0)}." for port in ports),
        *names.address_records(names.host(0), 0),
    )
    group = tuple(target for port in ports for target in names.targets(UDP, port, 0))
    return Domain(name=names.name, records=records, groups=(group,))


def zone_file(domains: Iterable[Domain], ttl: Callable[[int], int]) -> Iterator[str]:
    """The lines of the zone.

    Args:
        domains: What is in it.
        ttl: That of all records of the domain with an index, in seconds.
    """
    yield f"$ORIGIN {ZONE}.\n"
    yield "@ 60 IN SOA ns hostmaster 1 3600 900 86400 5\n"
    yield "@ 60 IN NS ns\n"
    yield "ns 60 IN A 127.0.0.1\n"
    for index, each in enumerate(domains):
        for record in each.records:
            yield record.replace(" IN ", f" {ttl(index)} IN ", 1) + "\n"


def resolved(resolver: Resolver, of: Domain, lifetime: float) -> Outcome:
    """What comes of resolving a domain."""
    try:
        return resolver.resolve(of.uri, lifetime=lifetime)
    except SipResolveError as error:
        return error


async def resolved_in_a_task(resolver: AsyncResolver, of: Domain, lifetime: float) -> Outcome:
    """The same by the other resolver."""
    try:
        return await resolver.resolve(of.uri, lifetime=lifetime)
    except SipResolveError as error:
        return error


def judge(of: Domain, outcome: Outcome) -> Verdict:
    """Set what came of a resolution beside the zone."""
    if isinstance(outcome, SipResolveError):
        return verdict_on_failure(outcome.code)
    got = [f"{each.transport} {address_text(each.address)} {each.port}" for each in outcome.targets]
    return verdict_on_targets(of, got, has_notes=bool(outcome.notes))


def verdict_on_failure(code: str) -> Verdict:
    """Whether an error, by its code, says that the DNS did not answer."""
    return "failed" if code in _OUTAGES else "wrong"


def verdict_on_targets(of: Domain, got: list[str], *, has_notes: bool) -> Verdict:
    """Set targets, as "transport address port", beside the zone."""
    if _is_in_order(of, got):
        return "right"
    is_part = got and set(got) <= {target for group in of.groups for target in group}
    return "excused" if is_part and has_notes else "wrong"


def _is_in_order(of: Domain, got: list[str]) -> bool:
    try:
        check_groups(of.groups, got)
    except AssertionError:
        return False
    return True
