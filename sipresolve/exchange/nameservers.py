"""Nameservers as a caller writes them: an address, and a port where it is not 53."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.vocabulary.records import Address

__all__ = ["PORT", "Nameserver", "nameservers_from"]

#: The port of the DNS (RFC 1035 §4.2).
PORT: Final = 53

_LARGEST_PORT: Final = 65535
_WITH_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DIGITS: Final = re.compile("[0-9]{1,5}")
_BRACKETED: Final = re.compile(r"\[([^\]]*:[^\]]*)\](?::(.*))?", re.DOTALL)


@frozen(cache_hash=True)
class Nameserver:
    """A nameserver that is asked over UDP and TCP.

    Attributes:
        address: Its address, without a scope.
        port: Its port, the same for UDP and TCP.
        scope: The interface of a link-local IPv6 address, by name or number; empty for none
            (RFC 4007 §11).
    """

    address: Address
    port: int = PORT
    scope: str = ""

    @classmethod
    def parse(cls, text: str) -> Nameserver:
        """Read ``192.0.2.53``, ``192.0.2.53:5353``, ``2001:db8::53`` or ``[2001:db8::53]:5353``.

        Raises:
            Misuse: It is none of these.
        """
        if _WITH_SCHEME.match(text):
            raise Misuse(f"encrypted nameservers are not supported yet: {text!r}")
        host, port = _split(text)
        address, scope = _address(host, text)
        return cls(address, _port(port, text), scope)

    def __str__(self) -> str:
        host = f"{self.address}%{self.scope}" if self.scope else str(self.address)
        return f"{host}:{self.port}" if self.address.version == 4 else f"[{host}]:{self.port}"  # noqa: PLR2004 - of IP


def nameservers_from(given: Iterable[str | Nameserver]) -> tuple[Nameserver, ...]:
    """The nameservers that a caller gave, in that order, each once.

    Raises:
        Misuse: There is none, or one of them cannot be read.
    """
    if isinstance(given, str):
        raise Misuse(f"a sequence of nameservers is wanted, not the text {given!r}")
    nameservers = dict.fromkeys(map(_nameserver, given))
    if not nameservers:
        raise Misuse("at least one nameserver is wanted")
    return tuple(nameservers)


def _nameserver(given: object) -> Nameserver:
    if isinstance(given, Nameserver):
        return given
    if not isinstance(given, str):
        raise Misuse(f"a nameserver is given as text, not as {given!r}")
    return Nameserver.parse(given)


def _split(text: str) -> tuple[str, str | None]:
    """The address and the port of a text, either of which may still be anything."""
    if bracketed := _BRACKETED.fullmatch(text):
        return bracketed[1], bracketed[2]
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, None


def _address(host: str, text: str) -> tuple[Address, str]:
    try:
        address = ip_address(host)
    except ValueError as error:
        raise Misuse(f"a nameserver is given by its address, not as {text!r}") from error
    if isinstance(address, IPv6Address) and address.scope_id:
        return IPv6Address(int(address)), address.scope_id
    return address, ""


def _port(digits: str | None, text: str) -> int:
    if digits is None:
        return PORT
    if not (_DIGITS.fullmatch(digits) and 1 <= int(digits) <= _LARGEST_PORT):
        raise Misuse(f"{digits!r} is no port, in the nameserver {text!r}")
    return int(digits)
