"""Where this machine would send from."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest

from sipresolve.resolver.sources import find_sources


def test_each_source_is_an_address_of_its_family_or_none() -> None:
    sources = find_sources()
    assert sources.ipv4 is None or type(sources.ipv4) is IPv4Address
    assert sources.ipv6 is None or type(sources.ipv6) is IPv6Address


def test_a_machine_without_a_way_out_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_self: socket.socket, _address: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    sources = find_sources()
    assert (sources.ipv4, sources.ipv6) == (None, None)


def test_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sending(*_: object) -> None:
        raise AssertionError("something was sent")

    for name in ("send", "sendto", "sendall", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, no_sending)
    find_sources()


def test_a_zone_of_the_address_is_left_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda _self, _address: None)
    monkeypatch.setattr(
        socket.socket,
        "getsockname",
        lambda self: (
            ("fe80::1%eth0", 1, 0, 2) if self.family == socket.AF_INET6 else ("192.0.2.9", 1)
        ),
    )
    sources = find_sources()
    assert (str(sources.ipv4), str(sources.ipv6)) == ("192.0.2.9", "fe80::1")
