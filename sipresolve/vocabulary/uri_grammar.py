"""The grammar of SIP and SIPS URIs (RFC 3261 §25), as one regular expression.

It is put together from named pieces, each beside its rule in the RFC. A character can be read in
one way only, so it takes a time linear in the text, whatever the text. What it does not say (what
the values of some parameters have to be, and that none comes twice) is checked after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypedDict

from sipresolve.vocabulary.hosts import HOST, PORT, normal_host, read_host, read_ipv6

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "HEADER",
    "OTHER_SCHEME",
    "PARAMETER",
    "PASSWORD",
    "RULES",
    "TOKEN",
    "TTL",
    "USER",
    "Parts",
    "normal_escapes",
    "read",
    "read_next_hop",
]

_UNRESERVED: Final = r"A-Za-z0-9\-_.!~*'()"  # unreserved = alphanum / mark
_ESCAPED: Final = "%[0-9A-Fa-f]{2}"  # escaped = "%" HEXDIG HEXDIG

# What may stand unescaped, as the inside of a character class.
USER: Final = rf"{_UNRESERVED}&=+$,;?/"  # user = 1*( unreserved / escaped / user-unreserved )
PASSWORD: Final = rf"{_UNRESERVED}&=+$,"  # password = *( unreserved / escaped / "&" / "=" … )
PARAMETER: Final = rf"{_UNRESERVED}\[\]/:&+$"  # paramchar = param-unreserved / unreserved / …
HEADER: Final = rf"{_UNRESERVED}\[\]/?:+$"  # hname = 1*( hnv-unreserved / unreserved / escaped )
TOKEN: Final = r"A-Za-z0-9\-.!*_+`'~"  # noqa: S105 - no secret; "%" only begins an escape here

#: ttl = 1*3DIGIT ; 0 to 255
TTL: Final = "[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]"


def _any(characters: str) -> str:
    """``*( characters / escaped )``. Only single characters are possessive; `hosts` says why."""
    return f"[{characters}]*+(?:{_ESCAPED}[{characters}]*+)*"


def _some(characters: str) -> str:
    """``1*( characters / escaped )``."""
    return f"(?=[{characters}%]){_any(characters)}"


# hname "=" hvalue, where a value may be empty.
_FIELD: Final = f"{_some(HEADER)}={_any(HEADER)}"

_URI: Final = re.compile(
    "((?i:sips?)):"
    # userinfo = user [ ":" password ] "@"
    f"(?:({_some(USER)})(?::({_any(PASSWORD)}))?@)?"
    # hostport = host [ ":" port ]
    f"({HOST})(?::{PORT})?"
    # uri-parameters = *( ";" pname [ "=" pvalue ] ); the "`" is for tokens
    f"((?:;{_some(PARAMETER)}(?:={_some(PARAMETER + '`')})?)*)"
    # headers = "?" header *( "&" header )
    rf"(?:\?({_FIELD}(?:&{_FIELD})*))?",
    re.ASCII,  # or else the long s of Unicode would be as good as an "s"
)


class Parts(TypedDict):
    """The parts of a URI, as `SipUri` has them."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    port: int | None
    parameters: tuple[tuple[str, str | None], ...]
    headers: tuple[tuple[str, str], ...]


def read(text: str) -> Parts | None:
    """The parts of a SIP or SIPS URI; None for a text that is none."""
    found = _URI.fullmatch(text)
    if found is None:
        return None
    scheme, user, password, host_text, port, parameter_text, header_text = found.groups()
    host = normal_host(host_text)
    parameters = _parameters(parameter_text) if parameter_text else ()
    if host is None or parameters is None:
        return None
    return {
        "scheme": scheme.lower(),
        "user": user,
        "password": password,
        "host": host,
        "port": int(port) if port else None,
        "parameters": parameters,
        "headers": _headers(header_text) if header_text else (),
    }


#: What only the scheme of another kind of URI can be, and no host before a port or an address.
OTHER_SCHEME: Final = re.compile(
    r"(?i:tel)(?=:)|[A-Za-z][A-Za-z0-9+-]*+(?=:(?![0-9]*\Z|[0-9A-Fa-f]*:))"
)


def read_next_hop(text: str) -> Parts | None:
    """The parts of the URI ``sip:<proxy>`` for a host, with a port or without (RFC 3263 §4).

    Here alone an IPv6 address may stand without brackets. None for any other text.
    """
    if OTHER_SCHEME.match(text) or not set(text).isdisjoint("@;?"):
        return None
    return read(f"sip:[{text}]" if read_ipv6(text) else f"sip:{text}")


_token: Final = re.compile(_some(TOKEN)).fullmatch

#: What the value of a parameter has to be, where the RFC says more than pvalue.
RULES: Final[Mapping[str, Callable[[str], object]]] = {
    "transport": _token,  # transport-param = "transport=" ( "udp" / "tcp" / … / token )
    "user": _token,  # user-param = "user=" ( "phone" / "ip" / token )
    "method": _token,  # method-param = "method=" Method
    "ttl": re.compile(TTL).fullmatch,  # ttl-param = "ttl=" ttl
    "maddr": read_host,  # maddr-param = "maddr=" host
}
_pvalue: Final = re.compile("[^`]*").fullmatch


def _parameters(text: str) -> tuple[tuple[str, str | None], ...] | None:
    parameters: dict[str, str | None] = {}
    items = text[1:].split(";")
    for item in items:
        name, equals, value = item.partition("=")
        name = normal_escapes(name).lower()
        if not RULES.get(name, _pvalue)(value):
            return None
        parameters[name] = value if equals else None
    # RFC 3261 §19.1.1: "any given parameter-name MUST NOT appear more than once".
    return tuple(parameters.items()) if len(parameters) == len(items) else None


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    fields = (field.partition("=") for field in text.split("&"))
    return tuple((name, value) for name, _, value in fields)


# RFC 3261 §19.1.4: "Characters other than those in the reserved set are equivalent to their
# encoding". These are the ones that the grammar lets stand unescaped in a name.
_EQUIVALENT: Final = re.compile(rf"[{_UNRESERVED}\[\]]")
_ESCAPE: Final = re.compile(_ESCAPED)


def normal_escapes(text: str) -> str:
    """One spelling for equivalent texts: what needs no escape has none, others are upper case.

    >>> normal_escapes("%61lice%3b")
    'alice%3B'
    """
    return _ESCAPE.sub(_normal_escape, text) if "%" in text else text


def _normal_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape.group()[1:], 16))
    return character if _EQUIVALENT.match(character) else escape.group().upper()
