"""What a resolution gives."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from attrs import evolve

from sipresolve.vocabulary.targets import Family, Note, Resolution, Target
from sipresolve.vocabulary.transports import TLS, UDP, Transport
from sipresolve.vocabulary.uri import SipUri


@pytest.mark.parametrize(
    ("transport", "address", "family", "text"),
    [
        (UDP, "192.0.2.1", Family.IPV4, "udp 192.0.2.1:5060"),
        # RFC 3986 §3.2.2: brackets tell the port from the address.
        (TLS, "2001:db8::1", Family.IPV6, "tls [2001:db8::1]:5060"),
    ],
)
def test_a_target_has_a_family_and_a_text(
    transport: Transport, address: str, family: Family, text: str
) -> None:
    target = Target(
        transport=transport, address=ip_address(address), port=5060, host="sip.example.com"
    )
    assert target.family is family
    assert str(target) == text


def test_what_no_record_said_of_a_target_is_none() -> None:
    target = Target(transport=UDP, address=ip_address("192.0.2.1"), port=5060, host="192.0.2.1")
    said = (target.priority, target.weight, target.order, target.preference, target.ttl)
    assert said == (None,) * 5
    assert target.tls_name is None
    assert target.security is None
    assert target.uri is None


def test_without_a_number_nothing_was_mapped() -> None:
    resolution = Resolution(subject=SipUri.parse("sip:example.com"), targets=(), security=None)
    assert resolution.uris == ()


def test_warnings_are_the_notes_that_warn() -> None:
    warning = Note(code="srv-target-is-alias", message="a")
    trace = Note(code="twin", message="b", warning=False)
    resolution = Resolution(
        subject=SipUri.parse("sip:example.com"), targets=(), security=None, notes=(trace, warning)
    )
    assert resolution.warnings == (warning,)
    assert evolve(resolution, notes=(trace,)).warnings == ()
