"""Hosts and ports: names, IPv4 addresses, IPv6 references (RFC 3261 §25, RFC 5954 §4.1)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias

from sipresolve.vocabulary.names import can_exist, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.vocabulary.records import Address

__all__ = [
    "HOST",
    "PORT",
    "Fault",
    "address_of",
    "address_text",
    "host_and_port",
    "host_faults",
    "normal_host",
    "port_faults",
    "quoted",
    "read_host",
    "read_ipv6",
    "read_port",
    "split_port",
]

#: Where a text departs from its grammar, counted from 0, and what is wrong there.
Fault: TypeAlias = tuple[int, str]

# RFC 3261 §25: hostname = *( domainlabel "." ) toplabel [ "." ]. A label is written as runs of
# letters and digits with hyphens between them, so that each character can be read in one way only.
# Only single characters are repeated possessively: before Python 3.11.5 a possessive group can
# match what it should not.
_HYPHENATED: Final = "(?:-++[A-Za-z0-9]++)*"
_DOMAIN_LABEL: Final = f"[A-Za-z0-9]++{_HYPHENATED}"
_TOP_LABEL: Final = f"[A-Za-z][A-Za-z0-9]*+{_HYPHENATED}"
_HOSTNAME: Final = rf"(?:{_DOMAIN_LABEL}\.)*{_TOP_LABEL}\.?"

# RFC 5954 §4.1: IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4_ADDRESS: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}"

# Of the ways to write an IPv6 address, only the characters; `read_ipv6` knows the rest.
_IPV6_REFERENCE: Final = r"\[[0-9A-Fa-f:.]++\]"

#: The grammar of a host as a regular expression; `normal_host` checks what it does not say.
HOST: Final = f"(?:{_HOSTNAME}|{_IPV4_ADDRESS}|{_IPV6_REFERENCE})"

#: port = 1*DIGIT, and from 1 to 65535; the group leaves out leading zeros.
PORT: Final = (
    "0*+([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)

_HOST: Final = re.compile(HOST)
_PORT: Final = re.compile(PORT)
_LABEL: Final = re.compile(_DOMAIN_LABEL)
_FORBIDDEN: Final = re.compile("[^A-Za-z0-9.-]")
_LONGEST_LABEL: Final = 63  # octets, RFC 1035 §2.3.4
_LONGEST_QUOTATION: Final = 80


def normal_host(text: str) -> str | None:
    """The one spelling of a host that `HOST` matches.

    A name in lower case and without its final dot, an address in its canonical text, an IPv6
    address without brackets. None for what is no IPv6 address, and for a name that is too long
    for the DNS.
    """
    if text.startswith("["):
        return read_ipv6(text[1:-1])
    name = normal_name(text)
    return name if len(name) <= _LONGEST_LABEL or can_exist(name) else None


def read_host(text: str) -> str | None:
    """The one spelling of a host, and None for a text that is none."""
    return normal_host(text) if _HOST.fullmatch(text) else None


def address_of(host: str) -> Address | None:
    """The address that a host in its one spelling is; None for a name."""
    if ":" in host:
        return IPv6Address(host)
    # RFC 3261 §25: the last label of a name begins with a letter.
    return IPv4Address(host) if host.rpartition(".")[2][:1].isdigit() else None


def read_ipv6(text: str) -> str | None:
    """The canonical text of an IPv6 address without brackets; None if it is none, or has a zone."""
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    return None if address.scope_id else address_text(address)


def address_text(address: Address) -> str:
    """The canonical text of an address (RFC 5952).

    A mapped IPv4 address is written as one (§5), which Python does only since 3.13.
    """
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return f"::ffff:{mapped}" if mapped else str(address)


def host_and_port(host: str, port: int | None) -> str:
    """The text of a host in its one spelling and of a port, if there is one."""
    text = f"[{host}]" if ":" in host else host
    return text if port is None else f"{text}:{port}"


def split_port(text: str) -> tuple[str, str, str]:
    """A host, the colon and the port behind it; colon and port are empty where there is none."""
    if text.startswith("["):
        address, bracket, rest = text.partition("]")
        more, colon, port = rest.partition(":")
        return f"{address}{bracket}{more}", colon, port
    # Several colons are those of an IPv6 address, which lacks its brackets.
    return text.partition(":") if text.count(":") == 1 else (text, "", "")


def read_port(text: str) -> int | None:
    """The number of a port; None for a text that is none."""
    found = _PORT.fullmatch(text)
    return int(found[1]) if found else None


def quoted(text: str) -> str:
    """A text in quotes for a message, cut where it is too long to be read."""
    return repr(text if len(text) <= _LONGEST_QUOTATION else f"{text[:_LONGEST_QUOTATION]}…")


def host_faults(text: str, start: int) -> Iterator[Fault]:
    """What is wrong with a text that is no host, the first fault first.

    Args:
        text: What should be a host, alone.
        start: Where it begins in the text that the faults are counted in.
    """
    if not text:
        yield start, "the host is missing"
    elif text.startswith("["):
        yield from _reference_faults(text, start)
    elif ":" in text:
        yield from _colon_faults(text, start)
    else:
        yield from _character_faults(text, start)
        yield from _label_faults(text, start)
        yield from _name_faults(text, start)


def _reference_faults(text: str, start: int) -> Iterator[Fault]:
    address, bracket, rest = text[1:].partition("]")
    if not bracket:
        yield start + len(text), f"the ']' of {quoted(text)} is missing"
    if "%" in address:
        yield start + text.index("%"), f"a zone has no place in a host: {quoted(address)}"
    if not read_ipv6(address):
        yield start + 1, f"{quoted(address)} is no IPv6 address"
    yield start + len(text) - len(rest), f"{quoted(rest)} has no place behind an IPv6 address"


def _colon_faults(text: str, start: int) -> Iterator[Fault]:
    if read_ipv6(text.partition("%")[0]):
        yield start, f"an IPv6 address has to stand in brackets: {quoted(text)}"
    yield start, f"{quoted(text)} is neither a name nor an address"


def _character_faults(text: str, start: int) -> Iterator[Fault]:
    for found in _FORBIDDEN.finditer(text):
        character, position = found.group(), start + found.start()
        if character == "%":
            yield position, "escapes are not allowed in a host (RFC 3261 §19.1.2)"
        if character.isprintable() and not character.isascii():
            yield (
                position,
                f"convert the host {quoted(text)} to A-labels (Punycode): it is not ASCII",
            )
        yield position, f"{character!r} is not allowed in a host"


def _label_faults(text: str, start: int) -> Iterator[Fault]:
    for label in text.removesuffix(".").split("."):
        if not label:
            yield start, f"the host {quoted(text)} has an empty label"
        if not _LABEL.fullmatch(label):
            yield start, f"the label {quoted(label)} begins or ends with a hyphen"
        if len(label) > _LONGEST_LABEL:
            yield start, f"the label {quoted(label)} has more than {_LONGEST_LABEL} characters"
        start += len(label) + 1


def _name_faults(text: str, start: int) -> Iterator[Fault]:
    if not text.strip("0123456789."):
        yield (
            start,
            f"{quoted(text)} is no IPv4 address: four numbers of 0 to 255, no leading zeros",
        )
    top = text.removesuffix(".").rpartition(".")[2]
    if not top[0].isalpha():
        yield start + text.rindex(top), f"the last label {top!r} does not begin with a letter"
    yield start, f"the name {quoted(text)} is too long for the DNS: {len(text)} characters"


def port_faults(text: str, start: int) -> Iterator[Fault]:
    """What is wrong with a text that should be a port; nothing with a valid one."""
    if read_port(text) is None:
        yield start, f"a port is a number of 1 to 65535, not {quoted(text)}"
