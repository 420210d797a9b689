"""What ENUM gives for a telephone number: URIs, each by a record (RFC 6116)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from sipresolve.vocabulary.errors import InvalidNumber, InvalidUri
from sipresolve.vocabulary.hosts import quoted
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.reasons import NOT_CHECKED, Reason
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipresolve.vocabulary.records import Naptr, Security

__all__ = ["MappedUri", "ParsedUri", "enum_domain", "parsed_uri"]

#: A URI of a scheme that this library reads; None of another.
ParsedUri: TypeAlias = SipUri | TelUri | None


@frozen(kw_only=True)
class MappedUri:
    """A URI that ENUM gave for a number.

    Attributes:
        uri: The URI, as the record makes it.
        service: The enumservice that it is for, in lower case: ``"sip"``, ``"pstn:tel"``.
        root: The root below which the number was found, such as ``"e164.arpa"``.
        domain: The name that has the record; behind a non-terminal record, another than that of
            the number.
        naptr: The record.
        security: The weakest of the answers on the path to it, of which those of roots that lack
            the number are some.
        reason: Why it is no more secure than that.
        ttl: For how long its records hold, in seconds, as received; None where nothing says.
        parsed: The URI in its parts, where it is a SIP, SIPS or tel URI; None otherwise.
    """

    uri: str
    service: str
    root: str
    domain: str
    naptr: Naptr
    security: Security
    reason: Reason = NOT_CHECKED
    ttl: int | None
    parsed: ParsedUri = field(repr=False)

    @property
    def order(self) -> int:
        """That of the record."""
        return self.naptr.order

    @property
    def preference(self) -> int:
        """That of the record."""
        return self.naptr.preference

    @property
    def number(self) -> TelUri | None:
        """The telephone number in the URI, with what is said of its portability (RFC 4694).

        Of a tel URI, itself; of a SIP URI with ``;user=phone`` or for ``pstn:sip``, its user part
        (RFC 4769 §3). None where there is none.
        """
        if isinstance(self.parsed, TelUri):
            return self.parsed
        if self.parsed is None or not (self.parsed.is_phone or self.service == "pstn:sip"):
            return None
        try:
            return TelUri.parse_subscriber(self.parsed.user or "")
        except InvalidNumber:
            return None

    def __str__(self) -> str:
        return self.uri


def enum_domain(number: TelUri, root: str) -> str:
    """The domain of a global number below a root (RFC 6116 §3.2).

    >>> enum_domain(TelUri.parse_number("+44-20-7946-0148"), "e164.arpa")
    '8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa'

    Raises:
        InvalidNumber: It is a local number.
    """
    if not number.is_global:
        text = str(number)
        raise InvalidNumber(f"{text!r} is a local number", text=text, position=len("tel:"))
    return f"{'.'.join(reversed(number.number.removeprefix('+')))}.{root}"


def parsed_uri(text: str) -> ParsedUri:
    """Check that a text is an absolute URI (RFC 3986 §4.3), and read those that can be read.

    Raises:
        InvalidUri: It is none; the error says why.
        InvalidNumber: It is a tel URI that is none.
    """
    if not _ABSOLUTE_URI.fullmatch(text):
        message = f"{quoted(text)} is no absolute URI (RFC 3986 §4.3)"
        raise InvalidUri(message, text=text, position=0)
    scheme = text.partition(":")[0].lower()
    parse = _READERS.get(scheme)
    return parse(text) if parse else None


_READERS: Final[Mapping[str, Callable[[str], ParsedUri]]] = {
    "sip": SipUri.parse,
    "sips": SipUri.parse,
    "tel": TelUri.parse,
}

# absolute-URI = scheme ":" hier-part [ "?" query ], with something behind the colon; IPv6 addresses
# bring brackets.
_ABSOLUTE_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*+:(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]]|%[0-9A-Fa-f]{2})++",
    re.ASCII,
)
