"""Via header fields: how they are read, written and compared (RFC 3261 §20.42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from sipresolve.vocabulary.errors import InvalidVia
from sipresolve.vocabulary.hosts import address_of, host_and_port, read_host, read_port
from sipresolve.vocabulary.texts import as_text, refusal, written_parameters
from sipresolve.vocabulary.via_faults import via_faults
from sipresolve.vocabulary.via_grammar import meaning, read, read_address, read_ttl

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Address

__all__ = ["Via"]


@frozen(kw_only=True, eq=False)
class Via:
    """One value of a Via header field: a hop that a request took, and its response will take.

    `parse` reads one and checks it; the constructor takes the parts as `parse` would give them,
    unchecked.

    Two are equal "if their sent-protocol and sent-by fields are equal, both have the same set of
    parameters, and the values of all parameters are equal" (RFC 3261 §20.42). All but quoted
    strings is compared without regard to case (§7.3.1), the branch too: it is a token (§25.1),
    "tokens are always case-insensitive", and no clause excepts it, as §20.8 does the Call-ID.
    Addresses and numbers are compared by value. No port is not the same as the default port, as
    in URIs (§19.1.4).

    Attributes:
        protocol: As it was given: ``"SIP"``.
        version: As it was given: ``"2.0"``.
        transport: In lower case: ``"udp"``. Any token is read; whether there is such a transport,
            `transport_of_via` says.
        host: The host of sent-by: a name in lower case and without its final dot, or an address
            in its canonical text, without brackets.
        port: The port of sent-by, 1 to 65535; None where there is none.
        parameters: Names and values in the order given: the names in lower case, and no name
            twice; the values as they were given, None for none, but for line folds in quoted
            strings, which are spaces.
    """

    protocol: str = "SIP"
    version: str = "2.0"
    transport: str
    host: str
    port: int | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> Via:
        """Read the topmost Via by the grammar of RFC 3261 §25.

        >>> str(Via.parse("v: SIP / 2.0 / udp Example.COM: 5070 ;Branch=z9hG4bK87"))
        'SIP/2.0/UDP example.com:5070;branch=z9hG4bK87'

        Args:
            text: The value of the header field, with its name (``Via:``, ``v:``) or without; white
                space around it is ignored. Of several values, parted by commas, the first is read
                and the others are not looked at.

        Raises:
            InvalidVia: It is none; the error says where and why.
            TypeError: It is not even text.
        """
        text = as_text(text, "a Via", InvalidVia)
        parts = read(text)
        if parts is None:
            raise refusal(InvalidVia, text, next(via_faults(text)))
        return cls(**parts)

    @property
    def address(self) -> Address | None:
        """The host of sent-by, where it is an address; None where it is a name."""
        return address_of(self.host)

    @property
    def received(self) -> Address | None:
        """The address that the request came from, where a server noted it (RFC 3261 §18.2.1)."""
        value = self._parameter("received")
        return None if value is None else read_address(value)

    @property
    def rport(self) -> int | None:
        """The port that the request came from, where a server noted it (RFC 3581 §4).

        None without ``;rport``, and where it has no value: that is a client's wish to have one.
        """
        value = self._parameter("rport")
        return None if value is None else read_port(value)

    @property
    def maddr(self) -> str | None:
        """The host that ``;maddr=`` names, spelt as `host` is; None without one."""
        value = self._parameter("maddr")
        return None if value is None else read_host(value)

    @property
    def ttl(self) -> int | None:
        """The value of ``;ttl=``, the time to live of multicast packets; None without one."""
        value = self._parameter("ttl")
        return None if value is None else read_ttl(value)

    @property
    def branch(self) -> str | None:
        """The value of ``;branch=``, as it was given; None without one (RFC 2543)."""
        return self._parameter("branch")

    def __str__(self) -> str:
        return (
            f"{self.protocol}/{self.version}/{self.transport.upper()} "
            f"{host_and_port(self.host, self.port)}{written_parameters(self.parameters)}"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Via):
            return NotImplemented
        return self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash(self._comparable())

    def _comparable(self) -> tuple[object, ...]:
        """All of it, in the one spelling of all that equal it."""
        return (
            self.protocol.lower(),
            self.version.lower(),
            self.transport,
            self.host,
            self.port,
            frozenset(
                (name, None if value is None else meaning(name, value))
                for name, value in self.parameters
            ),
        )

    def _parameter(self, name: str) -> str | None:
        return next((value for present, value in self.parameters if present == name), None)
