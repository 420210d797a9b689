"""What may be known of servers across calls, and how it is asked for and reported."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

from attrs import frozen

from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.hosts import address_of, address_text, read_host, read_port
from sipresolve.vocabulary.transports import Transport

if TYPE_CHECKING:
    from typing import Self

    from sipresolve.vocabulary.records import Address
    from sipresolve.vocabulary.targets import Target

__all__ = ["HEALTHY", "PENALISED", "Health", "Place", "Standing", "Unjudged"]


class Place(NamedTuple):
    """What a penalty is for: a server may be dead over UDP and well over TCP.

    A tuple, since one is made and looked up for each target of each call.

    Attributes:
        transport: What is spoken there.
        address: Where it is.
        port: 1 to 65535.
    """

    transport: Transport
    address: Address
    port: int

    @classmethod
    def of(cls, target: Target) -> Self:
        """The place of a target."""
        return cls(target.transport, target.address, target.port)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that a text names, as ``str`` writes it.

        >>> print(Place.parse("udp [2001:db8::1]:5060"))
        udp [2001:db8::1]:5060

        Raises:
            Misuse: It names none.
        """
        transport, _, host_port = text.partition(" ")
        host, _, port = host_port.rpartition(":")
        address = address_of(read_host(host) or "")
        number = read_port(port)
        known = next((each for each in Transport if each == transport), None)
        if known is None or address is None or number is None:
            raise Misuse(f"a place is as 'udp 192.0.2.1:5060', not {text!r}")
        return cls(known, address, number)

    def __str__(self) -> str:
        text = address_text(self.address)
        host = f"[{text}]" if isinstance(self.address, IPv6Address) else text
        return f"{self.transport} {host}:{self.port}"


@frozen(kw_only=True)
class Standing:
    """What is known of a place when a target there comes up; healthy where it is neither.

    Attributes:
        penalised: Its targets come last.
        probe: A number for this attempt, where a penalty has run out and this attempt, and no
            other, is to find out whether the server is back; it is told to `Health` with the
            outcome.
    """

    penalised: bool = False
    probe: int | None = None


#: Nothing is known against the place.
HEALTHY: Final = Standing()
#: Its targets come last.
PENALISED: Final = Standing(penalised=True)


@runtime_checkable
class Health(Protocol):
    """What is known of servers across calls: implement it, and a cluster can share what it knows.

    Threads and tasks call it as they go from target to target, so each method returns at once and
    raises nothing. An implementation for a cluster answers from a copy, and brings that up to date
    elsewhere. Where `admit` gave a probe, one of the other three follows with its number, unless
    the caller is lost; where it gave none, they have no number.
    """

    def admit(self, place: Place) -> Standing:
        """What is known of a place; asked when a target there comes up, as last resort again."""

    def succeeded(self, place: Place, *, probe: int | None) -> None:
        """The server is there: it gave a response that is no failure (RFC 3263 §4.3)."""

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None:
        """The server failed (RFC 3263 §4.3).

        Args:
            place: Where.
            probe: The number of the probe that the attempt was; None if it was none.
            retry_after: For how long the server wants no requests, in seconds (RFC 3261 §21.5.4);
                None for a transport failure or a time-out.
        """

    def released(self, place: Place, *, probe: int | None) -> None:
        """The attempt is over, and said nothing of the place.

        So does a 503 without Retry-After (RFC 3261 §21.5.4: it counts as a 500), and whatever was
        the caller's own trouble.
        """


class Unjudged:
    """A `Health` that knows nothing: for responses, whose places are no matter of choice.

    RFC 3261 §18.2.2: they "MUST be sent to the address in the "received" parameter" first, whatever
    became of another response.
    """

    def admit(self, place: Place) -> Standing:  # noqa: ARG002 - as the protocol has it
        """Nothing is known."""
        return HEALTHY

    def succeeded(self, place: Place, *, probe: int | None) -> None:
        """Forget it."""

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None:
        """Forget it."""

    def released(self, place: Place, *, probe: int | None) -> None:
        """Forget it."""
