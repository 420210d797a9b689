"""The transports of SIP, and all that the RFCs say of each, in one table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from sipresolve.vocabulary.errors import UnsupportedTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BY_NAPTR_SERVICE",
    "SCTP",
    "TCP",
    "TLS",
    "TLS_SCTP",
    "UDP",
    "WS",
    "WSS",
    "Transport",
    "transport_of",
    "transport_of_via",
]


class Transport(StrEnum):
    """A transport of SIP, by the name that the command line and the JSON output use.

    Attributes:
        naptr_service: The service field of a NAPTR record that offers it (RFC 3263 §4.1).
        srv_labels: What stands before the domain in the name of its SRV records (RFC 3263 §4.2).
        default_port: The port where nothing names one (RFC 3261 §18.1.1, RFC 7118 §5.5).
        secure: Whether it is TLS, and so fit for a SIPS URI (RFC 3261 §26.2.2).
    """

    #          name        NAPTR service  SRV labels      port  secure
    UDP = "udp", "SIP+D2U", "_sip._udp", 5060, False  # RFC 3263
    TCP = "tcp", "SIP+D2T", "_sip._tcp", 5060, False  # RFC 3263
    TLS = "tls", "SIPS+D2T", "_sips._tcp", 5061, True  # RFC 3263
    SCTP = "sctp", "SIP+D2S", "_sip._sctp", 5060, False  # RFC 3263, RFC 4168
    TLS_SCTP = "tls-sctp", "SIPS+D2S", "_sips._sctp", 5061, True  # RFC 4168
    WS = "ws", "SIP+D2W", "_sip._ws", 80, False  # RFC 7118
    WSS = "wss", "SIPS+D2W", "_sips._ws", 443, True  # RFC 7118

    naptr_service: str
    srv_labels: str
    default_port: int
    secure: bool

    def __new__(
        cls,
        name: str,
        naptr_service: str,
        srv_labels: str,
        default_port: int,
        secure: bool,  # noqa: FBT001
    ) -> Self:
        """A row of the table above; the name alone is the value."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.naptr_service = naptr_service
        member.srv_labels = srv_labels
        member.default_port = default_port
        member.secure = secure
        return member


UDP: Final = Transport.UDP
TCP: Final = Transport.TCP
TLS: Final = Transport.TLS
SCTP: Final = Transport.SCTP
TLS_SCTP: Final = Transport.TLS_SCTP
WS: Final = Transport.WS
WSS: Final = Transport.WSS

#: The transport that a NAPTR service offers; the service in upper case.
BY_NAPTR_SERVICE: Final[Mapping[str, Transport]] = {
    transport.naptr_service: transport for transport in Transport
}

_BY_NAME: Final[Mapping[str, Transport]] = {str(transport): transport for transport in Transport}

# RFC 3261 §26.2.2 and RFC 5630 §3: in a SIPS URI the parameter names what TLS runs over, and UDP
# carries no TLS. "tls" is deprecated, "tls-sctp" and "wss" were never registered as values of the
# parameter; they are in use, and what they mean is plain.
_MEANING: Final[Mapping[tuple[str, str], Transport]] = {
    ("sip", "udp"): UDP,
    ("sip", "tcp"): TCP,
    ("sip", "tls"): TLS,
    ("sip", "sctp"): SCTP,
    ("sip", "tls-sctp"): TLS_SCTP,
    ("sip", "ws"): WS,
    ("sip", "wss"): WSS,
    ("sips", "tcp"): TLS,
    ("sips", "tls"): TLS,
    ("sips", "sctp"): TLS_SCTP,
    ("sips", "tls-sctp"): TLS_SCTP,
    ("sips", "ws"): WSS,
    ("sips", "wss"): WSS,
}


def transport_of(scheme: str, parameter: str) -> Transport:
    """The transport that ``;transport=`` means in a URI of this scheme.

    Args:
        scheme: ``"sip"`` or ``"sips"``.
        parameter: The value of the parameter, in lower case.

    Raises:
        UnsupportedTransport: There is no such transport, or it cannot carry SIPS.
    """
    try:
        return _MEANING[scheme, parameter]
    except KeyError:
        pass
    if scheme == "sips" and parameter == "udp":
        raise UnsupportedTransport(
            "transport 'udp' cannot carry a sips URI, which needs TLS (RFC 3261 §26.2.2)",
            from_input=True,
        )
    raise UnsupportedTransport(f"there is no transport {parameter!r}", from_input=True)


def transport_of_via(name: str) -> Transport:
    """The transport that a Via header means.

    There ``tls`` is TLS over TCP and ``ws`` WebSocket without TLS, whatever the scheme of the
    request's URI: the names are those of `Transport` (RFC 3261 §20.42, RFC 4168 §4, RFC 7118
    §5.1).

    Args:
        name: What stands behind ``SIP/2.0/``, in lower case.

    Raises:
        UnsupportedTransport: There is no such transport.
    """
    transport = _BY_NAME.get(name)
    if transport is None:
        raise UnsupportedTransport(f"there is no transport {name!r}", from_input=True)
    return transport
