"""Which URI a request is located by (RFC 3261 §16.6, step 7)."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve

from sipresolve.vocabulary.uri import SipUri

__all__ = ["next_hop", "wants_sips"]


def next_hop(uri: SipUri, request_uri: str | SipUri | None) -> SipUri:
    """The URI to locate, for a request that may be on its way to a SIPS URI.

    Args:
        uri: That of the first Route, or the Request-URI.
        request_uri: The Request-URI, of any scheme; None where it is not known.

    Raises:
        InvalidUri: The Request-URI is neither a SIP or SIPS URI nor one of another scheme.
    """
    return evolve(uri, scheme="sips") if wants_sips(request_uri) else uri


def wants_sips(request_uri: str | SipUri | None) -> bool:
    """Whether a request has to go where a SIPS URI leads, whatever it is located by.

    "Independently of which URI is being used as input to the procedures of [4], if the Request-URI
    specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the input URI were
    a SIPS URI." So must a client (§8.1.2).

    Raises:
        InvalidUri: It is neither a SIP or SIPS URI nor one of another scheme.
    """
    if request_uri is None or _OTHER_SCHEME.match(str(request_uri)):
        return False
    if not isinstance(request_uri, SipUri):
        request_uri = SipUri.parse(request_uri)
    return request_uri.scheme == "sips"


# RFC 3261 §25.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ). What has none is no URI: a
# SIPS URI that was taken for one of another scheme would go out in the clear.
_OTHER_SCHEME: Final = re.compile("(?!(?i:sips?):)[A-Za-z][A-Za-z0-9+.-]*+:", re.ASCII)
