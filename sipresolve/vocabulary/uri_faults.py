"""What is wrong with a text that is no SIP URI, and where: asked only after it has been refused.

Each function yields the faults of one part. Only the first is sure to be one: what follows it is
read as if it were not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.hosts import host_faults, port_faults, quoted, read_host, split_port
from sipresolve.vocabulary.uri_grammar import (
    HEADER,
    OTHER_SCHEME,
    PARAMETER,
    PASSWORD,
    RULES,
    USER,
    normal_escapes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sipresolve.vocabulary.hosts import Fault

__all__ = ["next_hop_faults", "uri_faults"]

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*+")
_WITHOUT_SCHEME: Final = re.compile("[@;?]")


def uri_faults(text: str) -> Iterator[Fault]:
    """What is wrong with a SIP or SIPS URI, the first fault first; nothing with a valid one."""
    scheme, colon, _ = text.partition(":")
    if not colon or not _SCHEME.fullmatch(scheme):
        yield 0, "a scheme is missing: 'sip:' or 'sips:'"
    if scheme.lower() not in {"sip", "sips"}:
        yield 0, f"the scheme {quoted(scheme)} is neither 'sip' nor 'sips'"
    start, at = len(scheme) + 1, text.find("@")
    if at >= 0:
        yield from _userinfo_faults(text[start:at], start)
        start = at + 1
    resource, question_mark, headers = text[start:].partition("?")
    host_and_port, semicolon, parameters = resource.partition(";")
    yield from _host_and_port_faults(host_and_port, start)
    if semicolon:
        yield from _parameter_faults(parameters, start + len(host_and_port) + 1)
    if question_mark:
        yield from _header_faults(headers, start + len(resource) + 1)


def next_hop_faults(text: str) -> Iterator[Fault]:
    """What is wrong with a host, with a port or without, that stands for its URI."""
    if scheme := OTHER_SCHEME.match(text):
        yield 0, f"the scheme {quoted(scheme[0])} is neither 'sip' nor 'sips'"
    if found := _WITHOUT_SCHEME.search(text):
        yield found.start(), f"{found[0]!r} cannot stand without a scheme, as in 'sip:…'"
    yield from _host_and_port_faults(text, 0)


def _userinfo_faults(text: str, start: int) -> Iterator[Fault]:
    user, _, password = text.partition(":")
    if not user:
        yield start, "there is no user before the '@'"
    yield from _character_faults("the user part", user, start)
    yield from _character_faults("a password", password, start + len(user) + 1)


def _host_and_port_faults(text: str, start: int) -> Iterator[Fault]:
    host, colon, port = split_port(text)
    if not read_host(host):
        yield from host_faults(host, start)
    if colon:
        yield from port_faults(port, start + len(host) + 1)


def _parameter_faults(text: str, start: int) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, item in _pieces(text, ";", start):
        raw_name, equals, value = item.partition("=")
        name = normal_escapes(raw_name).lower()
        if not name:
            yield position, "a parameter has no name"
        yield from _character_faults("a parameter", raw_name, position)
        if name in seen:
            yield position, f"the parameter {quoted(name)} comes twice (RFC 3261 §19.1.1)"
        seen.add(name)
        if equals and not value:
            yield position, f"the parameter {quoted(name)} has no value behind its '='"
        yield from _value_faults(name, value, position + len(raw_name) + 1)


_WANTED: Final[Mapping[str, str]] = {
    "transport": "a token",
    "user": "a token",
    "method": "a token",
    "ttl": "a number of 0 to 255",
}


def _value_faults(name: str, value: str, start: int) -> Iterator[Fault]:
    if name not in RULES:
        yield from _character_faults("a parameter", value, start)
    elif not RULES[name](value):
        if name in _WANTED:
            yield start, f"the parameter {name!r} is {_WANTED[name]}, not {quoted(value)}"
        yield from host_faults(value, start)


def _header_faults(text: str, start: int) -> Iterator[Fault]:
    for position, field in _pieces(text, "&", start):
        name, equals, value = field.partition("=")
        if not (name and equals):
            yield position, f"a header is a name, '=' and a value, not {quoted(field)}"
        yield from _character_faults("a header", name, position)
        yield from _character_faults("a header", value, position + len(name) + 1)


def _pieces(text: str, separator: str, start: int) -> Iterator[tuple[int, str]]:
    for piece in text.split(separator):
        yield start, piece
        start += len(piece) + 1


_FORBIDDEN: Final = {
    part: re.compile(f"[^{characters}%]|%(?![0-9A-Fa-f]{{2}})")
    for part, characters in {
        "the user part": USER,
        "a password": PASSWORD,
        "a parameter": PARAMETER,
        "a header": HEADER,
    }.items()
}


def _character_faults(part: str, text: str, start: int) -> Iterator[Fault]:
    for found in _FORBIDDEN[part].finditer(text):
        yield start + found.start(), f"{found[0]!r} has to be escaped in {part}"
