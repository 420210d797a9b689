"""What is wrong with a text that is no telephone number, and where: asked only once it is refused.

Each function yields the faults of one part. Only the first is sure to be one: what follows it is
read as if it were not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.hosts import quoted
from sipresolve.vocabulary.number_grammar import (
    BLANKS,
    ITEM,
    LONGEST,
    NEEDS_VALUE,
    SEPARATORS,
    SUBADDRESS,
    TRUNK_ZERO,
    VALUE,
    contradictions,
    is_too_long,
    meaning,
    with_separators,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sipresolve.vocabulary.hosts import Fault

__all__ = ["given_faults", "globalising_faults", "subscriber_faults", "tel_faults"]

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*+:")
_DIALLED: Final = (
    "this is a dialled string, and those are not mapped (RFC 6116 §3.7): "
    "write the number with '+' and its country code"
)
_UNCLEAR: Final = (
    "whether the 0 of '(0)' belongs to the number is not clear (E.123 has no such form): "
    "write the number with it or without"
)

#: What people dial.
_DIALS: Final = frozenset("0123456789*#(")


def tel_faults(text: str, start: int = 0) -> Iterator[Fault]:
    """What is wrong with a tel URI, the first fault first; nothing with a valid one.

    Args:
        text: What should be a tel URI, alone.
        start: Where it begins in the text that the faults are counted in.
    """
    scheme, colon, subscriber = text.partition(":")
    if not colon:
        yield start, "the scheme is missing: 'tel:'"
    if scheme.lower() != "tel":
        yield start, f"the scheme {quoted(scheme)} is not 'tel'"
    yield from subscriber_faults(subscriber, start + len(scheme) + 1)


def given_faults(text: str) -> Iterator[Fault]:
    """What is wrong with what a caller gave as a tel URI, or as a global number alone."""
    start = len(text) - len(text.lstrip(BLANKS))
    text = text.strip(BLANKS)
    if _SCHEME.match(text):
        yield from tel_faults(text, start)
    elif text and text[0] in _DIALS:
        yield start, _DIALLED
    elif text and not text.startswith("+"):
        yield start, f"a number begins with '+' and its country code, not with {text[0]!r}"
    else:
        if ";" in text:
            yield start + text.index(";"), "parameters want a tel URI before them, as in 'tel:+…'"
        if TRUNK_ZERO in text:
            yield start + text.index(TRUNK_ZERO), _UNCLEAR
        yield from _number_faults(with_separators(text), start)


def subscriber_faults(text: str, start: int = 0) -> Iterator[Fault]:
    """What is wrong with a telephone-subscriber, which is a tel URI without its scheme."""
    number = text.partition(";")[0]
    yield from _number_faults(number, start)
    yield from _parameter_faults(text, len(number), start)
    items = {item[1].lower(): item for item in ITEM.finditer(text, len(number))}
    values = {name: item[3] for name, item in items.items()}
    for name, message in contradictions(number, values):
        yield start + (items[name].start(1) if name else 0), message


def globalising_faults(number: str, phone_context: str) -> Iterator[Fault]:
    """Why a local number does not become a global one behind its context (RFC 3966 §5.1.5).

    The faults are counted in the text of its tel URI.
    """
    start = len("tel:")
    if not phone_context.startswith("+"):
        yield start, f"the phone-context {quoted(phone_context)} is a domain, and no prefix"
    for _, message in _number_faults(f"{phone_context}{number}", start):
        yield start, message


#: What has no place in a number of either kind.
_FORBIDDEN: Final[Mapping[str, re.Pattern[str]]] = {
    "global": re.compile(rf"(?!\A\+)[^0-9{SEPARATORS}]"),
    "local": re.compile(f"[^0-9A-Fa-f*#{SEPARATORS}]"),
}
_DIGIT: Final = re.compile("[0-9A-Fa-f*#]")


def _number_faults(text: str, start: int) -> Iterator[Fault]:
    if not text:
        yield start, "the number is missing"
    kind = "global" if text.startswith("+") else "local"
    for found in _FORBIDDEN[kind].finditer(text):
        yield start + found.start(), f"{found[0]!r} is not allowed in a {kind} number"
    digits = _DIGIT.findall(text)
    if not digits:
        yield start, f"there is no digit in {quoted(text)}"
    if kind == "global" and is_too_long(f"+{''.join(digits)}"):
        yield start, f"a global number has {LONGEST} digits at most (E.164), not {len(digits)}"


def _parameter_faults(text: str, end_of_number: int, start: int) -> Iterator[Fault]:
    seen: set[str] = set()
    for item in ITEM.finditer(text, end_of_number):
        raw_name, equals, value = item.groups()
        name, position = raw_name.lower(), start + item.start(1)
        yield from _name_faults(raw_name, position)
        if name in seen:
            yield position, f"the parameter {quoted(name)} comes twice (RFC 3966 §3)"
        seen.add(name)
        if equals:
            yield from _value_faults(name, value, start + item.start(3))
        elif name in NEEDS_VALUE:
            yield position, f"the parameter {quoted(name)} has no value"


_NO_NAME: Final = re.compile("[^A-Za-z0-9-]")


def _name_faults(text: str, start: int) -> Iterator[Fault]:
    if not text:
        yield start, "a parameter has no name"
    for found in _NO_NAME.finditer(text):
        yield start + found.start(), f"{found[0]!r} is not allowed in the name of a parameter"


_WANTED: Final[Mapping[str, str]] = {
    "ext": "a row of digits",
    "phone-context": "a domain, or '+' and digits",
    "rn": "hexadecimal digits, behind '+' and a country code or alone",
    "rn-context": "a domain, or '+' and a country code",
    "cic": "hexadecimal digits, behind '+' and a country code or alone",
    "cic-context": "a domain, or '+' and a country code",
    "npdi": "one without '=' and value",
}


def _value_faults(name: str, value: str, start: int) -> Iterator[Fault]:
    if meaning(name, value) is not None:
        return
    if name in _WANTED:
        yield start, f"the parameter {name!r} is {_WANTED[name]}, not {quoted(value)}"
    elif not value:
        yield start, f"the parameter {quoted(name)} has no value behind its '='"
    else:
        found = (SUBADDRESS if name == "isub" else VALUE).match(value)
        end = found.end() if found else 0
        yield start + end, f"{value[end]!r} has to be escaped in a parameter"
