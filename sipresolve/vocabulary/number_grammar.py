"""The grammar of tel URIs (RFC 3966 §3, RFC 4694 §4), and of numbers as callers write them.

A semicolon "MUST be percent encoded" in the value of a parameter, also where a rule would let it
stand. So a text is cut at its semicolons first, and each piece is read by an expression of its own.
In those, a character can be read in one way only: all takes a time linear in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypedDict

from sipresolve.vocabulary.hosts import address_of, read_host
from sipresolve.vocabulary.uri_grammar import PARAMETER, USER, normal_escapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "BLANKS",
    "ITEM",
    "LONGEST",
    "NEEDS_VALUE",
    "SEPARATORS",
    "SUBADDRESS",
    "TRUNK_ZERO",
    "VALUE",
    "Parts",
    "contradictions",
    "is_tel",
    "is_too_long",
    "meaning",
    "normal_subscriber",
    "read_given",
    "read_number",
    "read_subscriber",
    "read_tel",
    "with_separators",
]

#: How many digits a global number has at most, its country code among them (E.164).
LONGEST: Final = 15

#: What may stand around a number that a caller gives, and between its digits.
BLANKS: Final = " \t"

#: visual-separator = "-" / "." / "(" / ")", as the inside of a character class.
SEPARATORS: Final = r"\-.()"

# global-number-digits = "+" *phonedigit DIGIT *phonedigit. Only single characters are possessive,
# here and below; `hosts` says why.
_GLOBAL: Final = rf"\+[{SEPARATORS}]*+[0-9][0-9{SEPARATORS}]*+"
# local-number-digits = *phonedigit-hex (HEXDIG / "*" / "#") *phonedigit-hex
_LOCAL: Final = rf"[{SEPARATORS}]*+[0-9A-Fa-f*#][0-9A-Fa-f*#{SEPARATORS}]*+"
# extension = ";ext=" 1*phonedigit, of which one has to be a digit for it to say anything.
_EXTENSION: Final = rf"[{SEPARATORS}]*+[0-9][0-9{SEPARATORS}]*+"
# RFC 4694 §4: global-hex-digits = "+" 1*3(DIGIT) *hex-phonedigit
_GLOBAL_HEX: Final = rf"\+[0-9][0-9A-Fa-f{SEPARATORS}]*+"
# 1*hex-phonedigit, whose first "MUST be a hex-decimal digit".
_LOCAL_HEX: Final = rf"[0-9A-Fa-f][0-9A-Fa-f{SEPARATORS}]*+"

#: pvalue = 1*paramchar, where paramchar is the one of RFC 3261 §25.
VALUE: Final = re.compile(f"(?:[{PARAMETER}]++|%[0-9A-Fa-f]{{2}})+")
#: 1*uric, where uric = reserved / unreserved / pct-encoded.
SUBADDRESS: Final = re.compile(f"(?:[{USER}:@]++|%[0-9A-Fa-f]{{2}})+")

#: A parameter: its name, the "=" if there is one, and what stands behind it, be it right or wrong.
ITEM: Final = re.compile(";([^;=]*+)(=?)([^;]*+)")

#: As in "+44 (0)20": it is dialled within the country, and in most a part of no number abroad.
TRUNK_ZERO: Final = "(0)"

_WITHOUT_SEPARATORS: Final = str.maketrans("", "", "-.()")
_BLANKS_TO_SEPARATORS: Final = str.maketrans(BLANKS, "-" * len(BLANKS))


class Parts(TypedDict):
    """The parts of a telephone number, as `TelUri` has them."""

    number: str
    extension: str | None
    subaddress: str | None
    phone_context: str | None
    parameters: tuple[tuple[str, str | None], ...]


def read_tel(text: str) -> Parts | None:
    """The parts of a tel URI; None for a text that is none."""
    return read_subscriber(text[4:]) if is_tel(text) else None


def is_tel(text: str) -> bool:
    """Whether a text has the scheme of tel URIs."""
    return text[:4].lower() == "tel:"


def read_given(text: str) -> Parts | None:
    """The parts of a tel URI, or of a global number alone, with blanks; None for other texts."""
    text = text.strip(BLANKS)
    if is_tel(text):
        return read_tel(text)
    is_clear = text.startswith("+") and ";" not in text and TRUNK_ZERO not in text
    return read_subscriber(with_separators(text)) if is_clear else None


def with_separators(text: str) -> str:
    """A text with visual separators in the place of blanks."""
    return text.translate(_BLANKS_TO_SEPARATORS)


def normal_subscriber(text: str) -> str:
    """The telephone-subscriber that the user part of a SIP URI holds (RFC 3261 §19.1.6).

    It has none of the escapes that a tel URI does not need: a SIP URI needs those of ":" and "#",
    and "+" is often escaped without need.
    """
    text = normal_escapes(text).replace("%2B", "+").replace("%3A", ":")
    number, semicolon, parameters = text.partition(";")
    return f"{number.replace('%23', '#')}{semicolon}{parameters}"


def read_subscriber(text: str) -> Parts | None:
    """The parts of a telephone-subscriber, which is a tel URI without its scheme."""
    digits = text.partition(";")[0]
    number = read_number(digits)
    parameters = _parameters(text[len(digits) :])
    if number is None or parameters is None or any(contradictions(number, parameters)):
        return None
    extension = parameters.pop("ext", None)
    phone_context = parameters.pop("phone-context", None)
    return {
        "number": number,
        "extension": extension and meaning("ext", extension),
        "subaddress": parameters.pop("isub", None),
        "phone_context": phone_context and meaning("phone-context", phone_context),
        "parameters": tuple(parameters.items()),
    }


def read_number(text: str) -> str | None:
    """A number without separators and in upper case; None for a text that is none."""
    number = _read_number(text)
    return None if number is None or is_too_long(number) else number


def is_too_long(number: str) -> bool:
    """Whether a number without separators is a global one of more digits than E.164 allows."""
    return number.startswith("+") and len(number) > LONGEST + 1


def contradictions(number: str, parameters: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Which parameter cannot stand beside the rest, and why; ``""`` stands for the number."""
    if number.startswith("+"):
        if "phone-context" in parameters:
            yield "phone-context", "a global number has no phone-context (RFC 3966 §3)"
    elif "phone-context" not in parameters:
        yield "", "a number without '+' is a local one, and needs a phone-context (RFC 3966 §5.1.5)"
    if {"ext", "isub"} <= parameters.keys():
        yield "isub", "a number has an 'isub' or an 'ext', not both (RFC 3966 §3)"
    for name, context in (("rn", "rn-context"), ("cic", "cic-context")):
        value = parameters.get(name)
        if value and not value.startswith("+") and context not in parameters:
            yield name, f"the parameter {name!r} needs a '+', or a {context!r} (RFC 4694 §4)"


def _parameters(text: str) -> dict[str, str | None] | None:
    parameters: dict[str, str | None] = {}
    for item in ITEM.finditer(text):
        name, value = item[1].lower(), item[3] if item[2] else None
        # RFC 3966 §3: "Each parameter name […] MUST NOT appear more than once".
        if not _is_name(item[1]) or name in parameters or not _is_possible(name, value):
            return None
        parameters[name] = value
    return parameters


_is_name: Final = re.compile("[A-Za-z0-9-]++").fullmatch  # pname = 1*( alphanum / "-" )


def _is_possible(name: str, value: str | None) -> bool:
    return name not in NEEDS_VALUE if value is None else meaning(name, value) is not None


def meaning(name: str, value: str) -> str | None:
    """What the value of a parameter means: equal for equal values, None for one it cannot have.

    Args:
        name: The name of the parameter, in lower case.
        value: What stands behind its "=".
    """
    return _READERS.get(name, _read_value)(value)


def _reader_of_digits(grammar: str) -> Callable[[str], str | None]:
    """How to read digits: without separators, and in upper case where they are hexadecimal."""
    matches = re.compile(grammar).fullmatch

    def read(text: str) -> str | None:
        return text.translate(_WITHOUT_SEPARATORS).upper() if matches(text) else None

    return read


def _reader_of_values(grammar: re.Pattern[str]) -> Callable[[str], str | None]:
    """How to read any text; RFC 3966 §4: "URI comparisons are case-insensitive"."""

    def read(text: str) -> str | None:
        return normal_escapes(text).lower() if grammar.fullmatch(text) else None

    return read


def _reader_of_contexts(grammar: str) -> Callable[[str], str | None]:
    """How to read a context: the digits that a global number begins with, or a domain."""
    read_digits = _reader_of_digits(grammar)
    return lambda text: read_digits(text) or _read_domain(text)


def _read_domain(text: str) -> str | None:
    """A domain name in lower case and without its final dot; None for a text that is none."""
    host = read_host(text)
    return host if host and address_of(host) is None else None


_read_number: Final = _reader_of_digits(f"{_GLOBAL}|{_LOCAL}")
_read_value: Final = _reader_of_values(VALUE)

_READERS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "ext": _reader_of_digits(_EXTENSION),
    "isub": _reader_of_values(SUBADDRESS),
    "phone-context": _reader_of_contexts(_GLOBAL),  # descriptor = domainname / global-number-digits
    "rn": _reader_of_digits(f"{_GLOBAL_HEX}|{_LOCAL_HEX}"),
    "rn-context": _reader_of_contexts(_GLOBAL_HEX),
    "cic": _reader_of_digits(f"{_GLOBAL_HEX}|{_LOCAL_HEX}"),
    "cic-context": _reader_of_contexts(_GLOBAL_HEX),
    "npdi": lambda _: None,  # npdi = ";npdi"
}
NEEDS_VALUE: Final = frozenset(_READERS) - {"npdi"}
