"""Sockets to nameservers."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

import pytest
from loopback import nobody, open_descriptors

from sipresolve.backends.sockets import begin_tcp, open_tcp, open_udp, reason, socket_address
from sipresolve.exchange.nameservers import Nameserver


@pytest.mark.parametrize(
    ("nameserver", "expected"),
    [
        (Nameserver(ip_address("192.0.2.1"), 53), ("192.0.2.1", 53)),
        (Nameserver(ip_address("2001:db8::1"), 5353), ("2001:db8::1", 5353, 0, 0)),
        (Nameserver(ip_address("fe80::1"), 53, "7"), ("fe80::1", 53, 0, 7)),
        (Nameserver(ip_address("fe80::1"), 53, "lo"), ("fe80::1", 53, 0, 1)),
    ],
)
def test_what_the_system_calls_a_nameserver(
    nameserver: Nameserver, expected: tuple[object, ...]
) -> None:
    assert socket_address(nameserver) == expected


def test_a_datagram_leaves_from_a_socket_that_hears_its_peer_only() -> None:
    """RFC 5452 §9.1: the addresses and ports of a reply are those of the query."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        nameserver = Nameserver(ip_address("127.0.0.1"), server.getsockname()[1])
        with open_udp(nameserver, b"query") as opened:
            query, client = server.recvfrom(100)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
                forger.sendto(b"forged", client)
            server.sendto(b"reply", client)
            opened.settimeout(5)
            assert (query, opened.recv(100)) == (b"query", b"reply")


def test_a_stream_is_connected_without_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nameserver = Nameserver(ip_address("127.0.0.1"), server.getsockname()[1])
        with begin_tcp(nameserver) as opened, server.accept()[0] as accepted:
            accepted.sendall(b"octets")
            assert opened.gettimeout() == 0
            opened.settimeout(5)
            assert opened.recv(100) == b"octets"


@pytest.mark.parametrize("opener", [begin_tcp, lambda nameserver: open_udp(nameserver, b"query")])
def test_what_cannot_be_reached_leaves_no_socket(opener: object) -> None:
    assert callable(opener)
    before = open_descriptors()
    with pytest.raises(OSError, match=r"(?i)no such|interface") as caught:
        opener(Nameserver(ip_address("fe80::1"), 53, "no-such-thing"))
    assert open_descriptors() == before
    assert reason(caught.value)


def test_a_stream_to_nobody_is_no_error_yet_or_one() -> None:
    with nobody() as address:
        before = open_descriptors()
        with open_tcp(Nameserver.parse(address)) as opened:
            assert opened.gettimeout() == 0
        assert open_descriptors() == before


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ECONNREFUSED, "Connection refused"), "connection refused"),
        (OSError("No interface with this name"), "no interface with this name"),
        (ConnectionError("connection closed"), "connection closed"),
        (TimeoutError(), "timeouterror"),
    ],
)
def test_what_happened_in_words(error: OSError, text: str) -> None:
    assert reason(error) == text
