"""One attempt's socket in the blocking backend, driven by hand."""

from __future__ import annotations

import selectors
import socket
from typing import TYPE_CHECKING, Any, cast

import dns.message
import pytest
from loopback import nobody

from sipresolve.backends.channels import open_channel
from sipresolve.backends.wire import query_for
from sipresolve.exchange.events import Attempt, Failed, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.vocabulary.records import Question, RecordType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.backends.channels import Channel


def channel_to(address: str, over: str) -> Channel:
    attempt = Attempt(Nameserver.parse(address), "example.com", cast("Any", over), True, 1.0, 0.0)  # noqa: FBT003 - one of many fields
    return open_channel(attempt, query_for(attempt, Question("example.com", RecordType.A)))


def events(channel: Channel, *, within: float = 5.0) -> list[Replied | Failed]:
    """What has happened, once the channel says that something has."""
    with selectors.DefaultSelector() as selector:
        selector.register(channel.socket, channel.interest)
        selector.select(within)
    return list(channel.events(0.0, 0.0))


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        yield listening


def address_of(listening: socket.socket) -> str:
    return "{}:{}".format(*listening.getsockname())


def test_over_tcp_length_and_query_leave_in_one_piece(listening: socket.socket) -> None:
    """RFC 7766 §8."""
    channel = channel_to(address_of(listening), "tcp")
    with channel.socket, listening.accept()[0] as accepted:
        assert events(channel) == []
        assert channel.interest == selectors.EVENT_READ
        query = accepted.recv(65535)
        assert int.from_bytes(query[:2], "big") == len(query) - 2
        reply = dns.message.make_response(dns.message.from_wire(query[2:])).to_wire()
        # Nothing to read is no event.
        assert list(channel.events(0.0, 0.0)) == []
        accepted.sendall(len(reply).to_bytes(2, "big") + reply)
        (event,) = events(channel)
        assert isinstance(event, Replied)


def test_what_the_system_does_not_take_at_once_is_sent_later(listening: socket.socket) -> None:
    class Reluctant:
        sent = b""

        def getsockopt(self, *_option: int) -> int:
            return 0

        def send(self, octets: bytes) -> int:
            self.sent += octets[:20]
            return len(octets[:20])

    channel = cast("Any", channel_to(address_of(listening), "tcp"))
    channel.socket.close()
    channel.socket = reluctant = Reluctant()
    while channel.interest == selectors.EVENT_WRITE:
        assert list(channel.events(0.0, 0.0)) == []
    assert int.from_bytes(reluctant.sent[:2], "big") == len(reluctant.sent) - 2


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_nobody_is_there(over: str) -> None:
    with nobody() as address:
        channel = channel_to(address, over)
        with channel.socket:
            (event,) = events(channel)
    assert isinstance(event, Failed)
    assert event.reason == "connection refused"


def test_a_flood_is_read_in_portions() -> None:
    """Nobody who sends forgeries without end keeps us from the clock."""

    class Flooded:
        read = 0

        def recv(self, _size: int) -> bytes:
            self.read += 1
            assert self.read < 1000
            return b"forged"

    with nobody() as address:
        channel = cast("Any", channel_to(address, "udp"))
    channel.socket.close()
    channel.socket = Flooded()
    assert list(channel.events(0.0, 0.0)) == []
    assert list(channel.events(0.0, 0.0)) == []
