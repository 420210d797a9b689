"""Enumservices: the services field of ENUM records, and the schemes of URIs that go with each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNUSED", "enumservices_of", "is_enumservice", "is_of_enum", "is_private", "schemes_of"]

#: enumservice = type 0*( ":" subtype ); type and subtype = 1*32( ALPHA / DIGIT / "-" )
_ENUMSERVICE: Final = "[a-z0-9-]{1,32}(?::[a-z0-9-]{1,32})*"

# RFC 6116 §3.6: "clients MUST use case-insensitive processing".
_NEW: Final = re.compile(rf"e2u((?:\+{_ENUMSERVICE})+)", re.IGNORECASE | re.ASCII)
# RFC 6116 §5.2: "ENUM clients SHOULD also support ENUM NAPTRs according to the obsolete syntax of
# [RFC2916]".
_OLD: Final = re.compile(rf"({_ENUMSERVICE})\+e2u", re.IGNORECASE | re.ASCII)
_OF_ENUM: Final = re.compile(r"e2u(?![a-z0-9])|.*\+e2u\Z", re.IGNORECASE | re.DOTALL | re.ASCII)

_is_enumservice: Final = re.compile(_ENUMSERVICE, re.ASCII).fullmatch


def is_enumservice(text: str) -> bool:
    """Whether a text in lower case is an enumservice: ``sip``, ``pstn:tel`` (RFC 6116 §3.4.3)."""
    return _is_enumservice(text) is not None


def is_of_enum(field: str) -> bool:
    """Whether the services field of a record says that it is one of ENUM, well formed or not."""
    return _OF_ENUM.match(field) is not None


def enumservices_of(field: str) -> tuple[str, ...]:
    """The enumservices of a services field from left to right, in lower case; none if it is wrong.

    >>> enumservices_of("E2U+voice:tel+SMS:tel"), enumservices_of("sip+E2U")
    (('voice:tel', 'sms:tel'), ('sip',))
    """
    if found := _NEW.fullmatch(field):
        return tuple(found[1].lower()[1:].split("+"))
    if found := _OLD.fullmatch(field):
        return (found[1].lower(),)
    return ()


def is_private(enumservice: str) -> bool:
    """Whether it is for a private network alone: a type that begins with ``P-`` (§3.4.3.1)."""
    return enumservice.startswith("p-")


#: Types that say that a number is not in use, whatever their subtype.
UNUSED: Final = frozenset({"unused", "void"})


def schemes_of(enumservice: str) -> frozenset[str] | None:
    """The schemes of URIs that a registered enumservice allows; None where it is not registered."""
    return _REGISTERED.get(enumservice)


def _schemes(*names: str) -> frozenset[str]:
    return frozenset(names)


#: The registry of IANA, with the RFC of each.
_REGISTERED: Final[Mapping[str, frozenset[str]]] = {
    "acct": _schemes("acct"),  # RFC 7566
    "email:mailto": _schemes("mailto"),  # RFC 4355
    "ems:mailto": _schemes("mailto"),  # RFC 4355
    "ems:tel": _schemes("tel"),  # RFC 4355
    "fax:tel": _schemes("tel"),  # RFC 4355
    "ft:ftp": _schemes("ftp"),  # RFC 4002
    "h323": _schemes("h323"),  # RFC 3762
    "iax": _schemes("iax"),  # RFC 6315
    "ical-access:http": _schemes("http"),  # RFC 5333
    "ical-access:https": _schemes("https"),  # RFC 5333
    "ical-sched:mailto": _schemes("mailto"),  # RFC 5333
    "ifax:mailto": _schemes("mailto"),  # RFC 4143
    "im": _schemes("im"),  # RFC 5028
    "mms:mailto": _schemes("mailto"),  # RFC 4355
    "mms:tel": _schemes("tel"),  # RFC 4355
    "pres": _schemes("pres"),  # RFC 3953
    "pstn:sip": _schemes("sip"),  # RFC 4769
    "pstn:tel": _schemes("tel"),  # RFC 4769
    "sip": _schemes("sip", "sips"),  # RFC 3764
    "sms:mailto": _schemes("mailto"),  # RFC 4355
    "sms:tel": _schemes("tel"),  # RFC 4355
    "unifmsg:http": _schemes("http"),  # RFC 5278
    "unifmsg:https": _schemes("https"),  # RFC 5278
    "unifmsg:sip": _schemes("sip"),  # RFC 5278
    "unifmsg:sips": _schemes("sips"),  # RFC 5278
    "vcard": _schemes("http", "https"),  # RFC 4969
    "videomsg:http": _schemes("http"),  # RFC 5278
    "videomsg:https": _schemes("https"),  # RFC 5278
    "videomsg:sip": _schemes("sip"),  # RFC 5278
    "videomsg:sips": _schemes("sips"),  # RFC 5278
    "voice:tel": _schemes("tel"),  # RFC 4415
    "voicemsg:http": _schemes("http"),  # RFC 5278
    "voicemsg:https": _schemes("https"),  # RFC 5278
    "voicemsg:sip": _schemes("sip"),  # RFC 5278
    "voicemsg:sips": _schemes("sips"),  # RFC 5278
    "voicemsg:tel": _schemes("tel"),  # RFC 5278
    "vpim:ldap": _schemes("ldap"),  # RFC 4238
    "vpim:mailto": _schemes("mailto"),  # RFC 4238
    "web:http": _schemes("http"),  # RFC 4002
    "web:https": _schemes("https"),  # RFC 4002
    "xmpp": _schemes("xmpp"),  # RFC 4979
}
