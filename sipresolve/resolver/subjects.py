"""What a caller may give to be resolved: a URI, a host, or a telephone number in several forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.procedures.telephone import mappable
from sipresolve.vocabulary.errors import InvalidNumber
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from sipresolve.vocabulary.policy import Policy

__all__ = ["number_in", "number_of", "subject_of"]


def subject_of(given: str | SipUri | TelUri) -> SipUri | TelUri:
    """What is to be located: a SIP, SIPS or tel URI, a number with its plus, or a bare host.

    Raises:
        InvalidUri: It is none of these.
        InvalidNumber: It is a tel URI, or a number, that is none.
    """
    if isinstance(given, (SipUri, TelUri)):
        return given
    if type(given) is str and given[:1] not in _OF_NUMBERS:
        return SipUri.parse_target(given)
    if _begins_with(given, "tel:"):
        return TelUri.parse(given)
    # No host begins like that, and no URI.
    return TelUri.parse_number(given) if _begins_with(given, "+") else SipUri.parse_target(given)


_OF_NUMBERS: Final = frozenset("tT+")


def number_of(given: str | SipUri | TelUri) -> TelUri:
    """What is to be mapped: a number, bare or as a tel URI, or in a SIP URI with ``;user=phone``.

    Raises:
        InvalidUri: It is a SIP URI that is none.
        InvalidNumber: It has no telephone number.
    """
    if _begins_with(given, "sip:") or _begins_with(given, "sips:"):
        given = SipUri.parse(given)  # type: ignore[arg-type]  # of a URI, it has no scheme
    if isinstance(given, SipUri):
        return _number_of_user(given)
    return given if isinstance(given, TelUri) else TelUri.parse_number(given)


def number_in(uri: SipUri, policy: Policy) -> TelUri | None:
    """The number in a SIP URI that is to be mapped; None where there is none (RFC 3261 §19.1.6).

    A local number is its domain's business, and no reason to refuse the URI. A URI of a proxy on
    the way, or with a maddr, says where to go.
    """
    if uri.maddr is not None or any(name == "lr" for name, _ in uri.parameters):
        return None
    try:
        return mappable(_number_of_user(uri), policy)
    except InvalidNumber:
        return None


def _number_of_user(uri: SipUri) -> TelUri:
    if not uri.is_phone:
        text = str(uri)
        message = f"{text!r} has no ;user=phone, so its user is no telephone number"
        raise InvalidNumber(message, text=text, position=len(text))
    return TelUri.parse_subscriber(uri.user or "")


def _begins_with(given: object, prefix: str) -> bool:
    if isinstance(given, bytes):
        return given[: len(prefix)].lower() == prefix.encode()
    return isinstance(given, str) and given[: len(prefix)].lower() == prefix
