"""What is timed: URIs, SRV sets, and domains of which everything is known."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve import TCP, TLS, UDP, Policy, Resolver, Sources, Srv
from sipresolve.backends import ZoneBackend

if TYPE_CHECKING:
    from sipresolve import Address, Answer, Question, Transport

__all__ = [
    "ADDRESSES",
    "DOMAIN",
    "EIGHT",
    "POLICY",
    "SCENARIOS",
    "SOURCES",
    "SRV_COUNTS",
    "TWENTY_FOUR",
    "URI",
    "URIS",
    "Domain",
    "kept_for_long",
    "ready_answers",
    "srv_records",
]

DOMAIN: Final = "example.com"
URI: Final = f"sip:alice@{DOMAIN}"

#: URIs of several kinds, by what is special about them.
URIS: Final = {
    "plain": URI,
    "with parameters": (
        "sips:+44-20-7946-0123;phone-context=example.com@sip.example.com:5071"
        ";transport=tcp;user=phone;lr?subject=project%20x&priority=urgent"
    ),
    "IPv6": "sip:bob@[2001:db8::9:1]:5070;transport=udp",
}

POLICY: Final = Policy(transports=(UDP, TCP, TLS))

#: Where a machine with both families would send from; given, so that nothing is asked of ours.
SOURCES: Final = Sources(IPv4Address("203.0.113.7"), IPv6Address("2001:db8:f::7"))

#: Four addresses of one host.
ADDRESSES: Final[tuple[Address, ...]] = tuple(
    map(ip_address, ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"))
)

#: How many records the SRV sets have: an ordinary one, a large one, a hostile one.
SRV_COUNTS: Final = (4, 24, 1000)


def srv_records(count: int) -> tuple[Srv, ...]:
    """An SRV set of one priority, in which the draw has the most to do."""
    return tuple(Srv(10, 10 * (n % 7), 5060, f"host{n}.{DOMAIN}") for n in range(count))


_SERVICES: Final = {TLS: "SIPS+D2T", TCP: "SIP+D2T", UDP: "SIP+D2U"}
_HOSTS: Final = {"a": 40, "b": 30, "c": 20, "d": 10}  # by name, with their weights


@frozen(kw_only=True)
class Domain:
    """A domain, by what it publishes.

    Attributes:
        name: Its name.
        naptr: The transports that its NAPTR records offer, the preferred first.
        srv: The transports that it has SRV sets for, each with the same four hosts.
    """

    name: str = DOMAIN
    naptr: tuple[Transport, ...] = ()
    srv: tuple[Transport, ...] = ()

    @property
    def records(self) -> str:
        """All of it as lines that a zone file may hold."""
        return "\n".join([*self._naptr(), *self._srv(), *self._addresses()])

    def _naptr(self) -> list[str]:
        # All of one order: those of a higher one would not be used (RFC 3403 §4.1).
        return [
            f'{self.name}. IN NAPTR 10 {preference} "s" "{_SERVICES[transport]}" ""'
            f" {transport.srv_labels}.{self.name}."
            for preference, transport in enumerate(self.naptr)
        ]

    def _srv(self) -> list[str]:
        return [
            f"{transport.srv_labels}.{self.name}. IN SRV 10 {weight} {transport.default_port}"
            f" {host}.{self.name}."
            for transport in self.srv
            for host, weight in _HOSTS.items()
        ]

    def _addresses(self) -> list[str]:
        owners = [f"{host}.{self.name}" for host in _HOSTS] if self.srv else [self.name]
        return [
            f"{owner}. IN {kind} {network}{number}"
            for number, owner in enumerate(owners, 1)
            for kind, network in (("A", "192.0.2."), ("AAAA", "2001:db8::"))
        ]


#: One SRV set: four hosts of two addresses, 8 targets.
EIGHT: Final = Domain(naptr=(UDP,), srv=(UDP,))

#: Three SRV sets of the same four hosts, 24 targets.
TWENTY_FOUR: Final = Domain(naptr=(TLS, TCP, UDP), srv=(TLS, TCP, UDP))

#: What is resolved through a nameserver, by what the domain has.
SCENARIOS: Final = {
    "full": TWENTY_FOUR,
    "srv": Domain(srv=(TLS, TCP, UDP)),
    "a": Domain(),
}


def ready_answers(domain: Domain) -> dict[Question, Answer]:
    """The answer to every question that resolving the domain asks."""
    with Resolver(ZoneBackend.from_text(domain.records), POLICY, sources=SOURCES) as resolver:
        queries = resolver.resolve(URI).queries
    return {query.question: query.answer for query in queries if query.answer is not None}


def kept_for_long(records: str) -> str:
    """The same records with a TTL of a day, so that no run outlives them."""
    return records.replace(" IN ", " 86400 IN ")
