"""What a resolution gives: targets in order, what was noticed, what was asked."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from sipresolve.vocabulary.hosts import address_text

if TYPE_CHECKING:
    from sipresolve.vocabulary.mapped import MappedUri
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.reasons import Reason
    from sipresolve.vocabulary.records import Address, Answer, Question, Security
    from sipresolve.vocabulary.transports import Transport
    from sipresolve.vocabulary.uri import SipUri
    from sipresolve.vocabulary.via import Via

__all__ = ["Family", "Note", "Query", "Resolution", "Subject", "Target"]

#: What is resolved: the URI of a request, the Via of a response, or a telephone number.
Subject: TypeAlias = "SipUri | Via | TelUri"


class Family(StrEnum):
    """A family of addresses."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


@frozen(kw_only=True)
class Target:
    """A server to contact: one address, one port, one transport.

    Attributes:
        transport: What to speak with it.
        address: Where it is.
        port: 1 to 65535.
        host: The name that the address belongs to, or the address as text.
        priority: Of its SRV record; None without one.
        weight: Of its SRV record; None without one.
        order: Of its NAPTR record; None without one.
        preference: Of its NAPTR record; None without one.
        tls_name: The name that its certificate has to show (RFC 5922 §4): the domain of the
            URI, never the SRV target's; the address as text where the URI has one; None
            without TLS.
        security: The weakest of the answers on the path to it; None where nothing was asked.
        reason: Why it is no more secure than that; None where nothing was asked.
        ttl: For how long its records hold, in seconds, as received; None where nothing was asked.
        instead_of_udp: Whether it is TCP only because the request is too large for UDP, which the
            domain has at this place (RFC 3261 §18.1.1); the topmost Via says TCP then.
        only_after_refusal: Whether it is a UDP target to which a request is too large: to be tried
            only where TCP to the same address and port, which stands before it, was refused
            (RFC 3261 §18.1.1). Failover sees to that.
        uri: Where a telephone number led here: the URI that ENUM gave for it, which is then the
            Request-URI; None where nothing was mapped.
    """

    transport: Transport
    address: Address
    port: int
    host: str
    priority: int | None = None
    weight: int | None = None
    order: int | None = None
    preference: int | None = None
    tls_name: str | None = None
    security: Security | None = None
    reason: Reason | None = None
    ttl: int | None = None
    instead_of_udp: bool = False
    only_after_refusal: bool = False
    uri: SipUri | None = None

    @property
    def family(self) -> Family:
        """The family of its address."""
        return Family.IPV4 if isinstance(self.address, IPv4Address) else Family.IPV6

    def __str__(self) -> str:
        text = address_text(self.address)
        place = text if self.family is Family.IPV4 else f"[{text}]"
        return f"{self.transport} {place}:{self.port}"


@frozen(kw_only=True)
class Note:
    """Something that a procedure noticed.

    Attributes:
        code: A stable word for it.
        message: What it is, for a person, naming the record and the field.
        question: The question whose answer gave rise to it; None where none did.
        warning: Whether the domain's or the network's owner should know; else it is a line of
            the trace.
    """

    code: str
    message: str
    question: Question | None = None
    warning: bool = True


@frozen(kw_only=True)
class Query:
    """A question of a resolution, and what became of it.

    Attributes:
        question: What was asked.
        answer: What became of it.
        asked_at: When it was asked, in seconds since the resolution began.
        seconds: How long the answer took; None where the resolution ended before one came.
    """

    question: Question
    answer: Answer | None
    asked_at: float
    seconds: float | None


@frozen(kw_only=True, slots=False)
class Resolution:
    """The servers to contact for a request or a response, in order, and how they were found.

    Attributes:
        subject: What was resolved: the URI of a request, the Via of a response, or a number.
        targets: In the order in which to try them.
        uris: Where a number was mapped: what ENUM gave, in order, whether it was located or not.
        security: The weakest of every answer that was used, negative ones too; None where
            nothing was asked.
        reason: Why it is no more secure than that; None where nothing was asked.
        notes: What was noticed, warnings and trace, in the order in which it was.
        queries: What was asked, in that order.
        expires_in: For how long the whole holds, in seconds, counted from its end: the least
            TTL of every answer that was used; None where nothing says.
    """

    subject: Subject
    targets: tuple[Target, ...]
    uris: tuple[MappedUri, ...] = ()
    security: Security | None
    reason: Reason | None = None
    notes: tuple[Note, ...] = ()
    queries: tuple[Query, ...] = ()
    expires_in: int | None = None

    @property
    def warnings(self) -> tuple[Note, ...]:
        """Those of the notes that are warnings."""
        return tuple(note for note in self.notes if note.warning)
