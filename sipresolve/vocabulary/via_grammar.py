"""The grammar of the Via header field (RFC 3261 §25, RFC 3581 §5), as one regular expression.

It is put together from named pieces, each beside its rule in the RFC. A character can be read in
one way only, so it takes a time linear in the text, whatever the text. What it does not say (what
the values of some parameters have to be, and that none comes twice) is checked after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypedDict

from sipresolve.vocabulary.hosts import (
    HOST,
    PORT,
    address_of,
    normal_host,
    read_host,
    read_ipv6,
    read_port,
)
from sipresolve.vocabulary.uri_grammar import TOKEN, TTL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipresolve.vocabulary.records import Address

__all__ = [
    "BEGINNING",
    "NEEDS_VALUE",
    "QUOTED_TEXT",
    "TOKEN_CHARACTERS",
    "WHITE_SPACE",
    "Parts",
    "meaning",
    "read",
    "read_address",
    "read_ttl",
]

#: All that white space is made of.
WHITE_SPACE: Final = " \t\r\n"

# SWS = [LWS], LWS = [*WSP CRLF] 1*WSP. A line may end in LF alone, as in texts from files, and one
# fold may follow another: by §7.3.1 each is a space. Only single characters are possessive, here
# and below; `hosts` says why.
_SWS: Final = r"[ \t]*+(?:\r?\n[ \t]++)*"
_LWS: Final = rf"(?=[{WHITE_SPACE}]){_SWS}"

#: What a token is made of, as the inside of a character class; "%" is one of many here.
TOKEN_CHARACTERS: Final = f"{TOKEN}%"
_TOKEN: Final = f"[{TOKEN_CHARACTERS}]++"

# quoted-string = SWS DQUOTE *(qdtext / quoted-pair ) DQUOTE, where lone surrogates stand for octets
# that are not UTF-8.
_QDTEXT: Final = r'[^"\\\x00-\x08\n-\x1f\x7f\ud800-\udfff]*+'
_QUOTED_PAIR: Final = r"\\[\x00-\x09\x0b\x0c\x0e-\x7f]"
#: The beginning of a quoted string, as far as it is one.
QUOTED_TEXT: Final = rf'"{_QDTEXT}(?:(?:{_QUOTED_PAIR}|\r?\n[ \t]){_QDTEXT})*'

# gen-value = token / host / quoted-string, and the IPv6address of via-received without brackets.
# A name and an IPv4 address are tokens as well.
_VALUE: Final = rf'(?:[{TOKEN_CHARACTERS}:\[\]]++|{QUOTED_TEXT}")'

#: What may stand before the value: white space, and the header's name: ( "Via" / "v" ) HCOLON
BEGINNING: Final = rf"[{WHITE_SPACE}]*+(?:(?i:via|v)[ \t]*+:{_SWS})?"

_VIA: Final = re.compile(
    f"{BEGINNING}"
    # sent-protocol = protocol-name SLASH protocol-version SLASH transport
    f"({_TOKEN}){_SWS}/{_SWS}({_TOKEN}){_SWS}/{_SWS}({_TOKEN})"
    # via-parm = sent-protocol LWS sent-by *( SEMI via-params ); sent-by = host [ COLON port ]
    f"{_LWS}({HOST})(?:{_SWS}:{_SWS}{PORT})?"
    # generic-param = token [ EQUAL gen-value ]
    f"((?:{_SWS};{_SWS}{_TOKEN}(?:{_SWS}={_SWS}{_VALUE})?)*)"
    # *(COMMA via-parm): the others are not looked at.
    rf"(?:{_SWS},|[{WHITE_SPACE}]*+\Z)",
    re.ASCII,  # or else the dotless i of Unicode would be as good as an "i"
)
_PARAMETER: Final = re.compile(f"{_SWS};{_SWS}({_TOKEN})(?:{_SWS}={_SWS}({_VALUE}))?")
_FOLD: Final = re.compile(r"\r?\n[ \t]++")


class Parts(TypedDict):
    """The parts of a Via, as `Via` has them."""

    protocol: str
    version: str
    transport: str
    host: str
    port: int | None
    parameters: tuple[tuple[str, str | None], ...]


def read(text: str) -> Parts | None:
    """The parts of the first Via of a header field, with its name or without; None for no Via."""
    found = _VIA.match(text)
    if found is None:
        return None
    protocol, version, transport, host_text, port, parameter_text = found.groups()
    host = normal_host(host_text)
    parameters = _parameters(parameter_text)
    if host is None or parameters is None:
        return None
    return {
        "protocol": protocol,
        "version": version,
        "transport": transport.lower(),
        "host": host,
        "port": int(port) if port else None,
        "parameters": parameters,
    }


def _parameters(text: str) -> tuple[tuple[str, str | None], ...] | None:
    parameters: dict[str, str | None] = {}
    items = _PARAMETER.findall(text)
    for raw_name, raw_value in items:
        name = raw_name.lower()
        # §7.3.1: a line break and the white space behind it "are treated as a single SP".
        value = _FOLD.sub(" ", raw_value) if "\n" in raw_value else raw_value or None
        if not _is_possible(name, value):
            return None
        parameters[name] = value
    # §7.3.1: "any given parameter-name MUST NOT appear more than once".
    return tuple(parameters.items()) if len(parameters) == len(items) else None


def _is_possible(name: str, value: str | None) -> bool:
    return name not in NEEDS_VALUE if value is None else meaning(name, value) is not None


def meaning(name: str, value: str) -> object:
    """What the value of a parameter means: equal for equal values, None for one it cannot have.

    Args:
        name: The name of the parameter, in lower case.
        value: What stands behind its "=".
    """
    return _READERS.get(name, _read_value)(value)


def read_address(text: str) -> Address | None:
    """The address that ``received`` names; None for a text that is none.

    RFC 3261 has no brackets around an IPv6 address there; RFC 5118 §4.5 wants both to be read.
    """
    host = read_host(text) or read_ipv6(text)
    return address_of(host) if host else None


def read_ttl(text: str) -> int | None:
    """The number of a ``ttl``; None for a text that is none."""
    return int(text) if _is_ttl(text) else None


def _read_token(text: str) -> str | None:
    """The one spelling of a token (§7.3.1: "Tokens are always case-insensitive")."""
    return text.lower() if _is_token(text) else None


def _read_value(text: str) -> str | None:
    """The one spelling of the value of any other parameter."""
    if text.startswith('"'):
        # §25.1: "All linear white space […] has the same semantics as SP." The opening quotation
        # mark stays, since a quoted string, which is case-sensitive, never equals a token.
        return _QUOTED.sub(lambda found: found[1] or " ", text[:-1])
    return _read_token(text) or read_host(text)


_is_ttl: Final = re.compile(TTL).fullmatch
_is_token: Final = re.compile(_TOKEN).fullmatch
_QUOTED: Final = re.compile(r"\\(.)|[ \t]++", re.DOTALL)

_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "ttl": read_ttl,  # via-ttl = "ttl" EQUAL ttl
    "maddr": read_host,  # via-maddr = "maddr" EQUAL host
    "received": read_address,  # via-received = "received" EQUAL (IPv4address / IPv6address)
    "branch": _read_token,  # via-branch = "branch" EQUAL token
    "rport": read_port,  # response-port = "rport" [EQUAL 1*DIGIT] (RFC 3581 §5)
}
NEEDS_VALUE: Final = frozenset({"ttl", "maddr", "received", "branch"})
