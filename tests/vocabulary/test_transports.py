"""RFC 3263 §4.1 and §4.2, RFC 4168, RFC 7118: what is known of each transport."""

from __future__ import annotations

import pytest

from sipresolve.vocabulary.errors import UnsupportedTransport
from sipresolve.vocabulary.transports import (
    BY_NAPTR_SERVICE,
    SCTP,
    TCP,
    TLS,
    TLS_SCTP,
    UDP,
    WS,
    WSS,
    Transport,
    transport_of,
    transport_of_via,
)


@pytest.mark.parametrize(
    ("transport", "name", "said"),
    [
        (UDP, "udp", ("SIP+D2U", "_sip._udp", 5060, False)),
        (TCP, "tcp", ("SIP+D2T", "_sip._tcp", 5060, False)),
        (TLS, "tls", ("SIPS+D2T", "_sips._tcp", 5061, True)),
        (SCTP, "sctp", ("SIP+D2S", "_sip._sctp", 5060, False)),
        (TLS_SCTP, "tls-sctp", ("SIPS+D2S", "_sips._sctp", 5061, True)),
        (WS, "ws", ("SIP+D2W", "_sip._ws", 80, False)),
        (WSS, "wss", ("SIPS+D2W", "_sips._ws", 443, True)),
    ],
)
def test_what_the_rfcs_say_of_a_transport(
    transport: Transport, name: str, said: tuple[str, str, int, bool]
) -> None:
    service, labels, port, secure = said
    assert transport == name
    assert str(transport) == name
    assert (transport.naptr_service, transport.srv_labels) == (service, labels)
    assert (transport.default_port, transport.secure) == (port, secure)
    assert BY_NAPTR_SERVICE[service] is transport


def test_every_transport_has_a_service_of_its_own() -> None:
    assert list(BY_NAPTR_SERVICE.values()) == list(Transport)


def test_secure_transports_and_no_others_are_asked_for_as_sips() -> None:
    """RFC 3263 §4.2: the service is "sips" for TLS, else "sip"."""
    for transport in Transport:
        assert transport.srv_labels.startswith("_sips.") is transport.secure
        assert transport.naptr_service.startswith("SIPS+") is transport.secure


@pytest.mark.parametrize(
    ("scheme", "parameter", "transport"),
    [
        ("sip", "udp", UDP),
        ("sip", "tcp", TCP),
        ("sip", "sctp", SCTP),
        ("sip", "ws", WS),
        # RFC 3261 §26.2.2: deprecated, and in use.
        ("sip", "tls", TLS),
        ("sip", "tls-sctp", TLS_SCTP),
        ("sip", "wss", WSS),
        # RFC 3261 §26.2.2: TLS runs over what the parameter names.
        ("sips", "tcp", TLS),
        ("sips", "tls", TLS),
        ("sips", "sctp", TLS_SCTP),
        ("sips", "tls-sctp", TLS_SCTP),
        ("sips", "ws", WSS),
        ("sips", "wss", WSS),
    ],
)
def test_what_the_parameter_means(scheme: str, parameter: str, transport: Transport) -> None:
    assert transport_of(scheme, parameter) is transport


def test_a_sips_uri_never_means_an_insecure_transport() -> None:
    """RFC 3261 §26.2.2."""
    parameters = {str(transport) for transport in Transport} - {"udp"}
    assert all(transport_of("sips", parameter).secure for parameter in parameters)


@pytest.mark.parametrize(
    ("scheme", "parameter", "message"),
    [
        ("sips", "udp", "transport 'udp' cannot carry a sips URI, which needs TLS"),
        ("sip", "carrier-pigeon", "there is no transport 'carrier-pigeon'"),
        ("sips", "carrier-pigeon", "there is no transport 'carrier-pigeon'"),
        ("sip", "", "there is no transport ''"),
    ],
)
def test_a_transport_that_cannot_be(scheme: str, parameter: str, message: str) -> None:
    with pytest.raises(UnsupportedTransport, match=message) as caught:
        transport_of(scheme, parameter)
    assert caught.value.from_input


@pytest.mark.parametrize(
    ("name", "transport"),
    [
        # RFC 3261 §20.42: "TLS" means TLS over TCP.
        ("udp", UDP),
        ("tcp", TCP),
        ("tls", TLS),
        ("sctp", SCTP),
        # RFC 4168 §4: "TLS-SCTP" means TLS over SCTP.
        ("tls-sctp", TLS_SCTP),
        # RFC 7118 §5.1: "WSS" where the WebSocket connection runs over TLS, else "WS".
        ("ws", WS),
        ("wss", WSS),
    ],
)
def test_what_a_via_means(name: str, transport: Transport) -> None:
    assert transport_of_via(name) is transport


@pytest.mark.parametrize("name", ["unknown", "UDP", ""])
def test_a_via_may_name_a_transport_that_is_not_known(name: str) -> None:
    """RFC 4475 §3.1.1.10: it is well formed."""
    with pytest.raises(UnsupportedTransport, match=f"there is no transport '{name}'") as caught:
        transport_of_via(name)
    assert caught.value.from_input
