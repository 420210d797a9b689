"""What may be known of servers across calls."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from sipresolve.failover.health import Place
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.transports import TCP, TLS, UDP, Transport


@pytest.mark.parametrize(
    ("transport", "address", "text"),
    [
        (UDP, "192.0.2.1", "udp 192.0.2.1:5060"),
        # RFC 3986 §3.2.2: brackets tell the port from the address.
        (TLS, "2001:db8::1", "tls [2001:db8::1]:5060"),
        # RFC 5952 §5
        (TCP, "::ffff:192.0.2.1", "tcp [::ffff:192.0.2.1]:5060"),
    ],
)
def test_the_place_of_a_target(transport: Transport, address: str, text: str) -> None:
    target = Target(
        transport=transport, address=ip_address(address), port=5060, host="sip.example.com"
    )
    place = Place.of(target)
    assert place == Place(transport, ip_address(address), 5060)
    assert str(place) == str(target) == text
    assert Place.parse(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "udp",
        "192.0.2.1:5060",
        "udp 192.0.2.1",
        "udp 192.0.2.1:0",
        "udp 192.0.2.1:65536",
        "udp 2001:db8::1:5060",
        "udp sip.example.com:5060",
        "dtls 192.0.2.1:5060",
        "UDP 192.0.2.1:5060",
        " udp 192.0.2.1:5060",
    ],
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(Misuse, match="a place is as"):
        Place.parse(text)
