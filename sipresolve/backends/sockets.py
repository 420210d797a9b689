"""Sockets to nameservers, which wait for nothing, and what is said when they fail."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.exchange.nameservers import Nameserver

__all__ = [
    "LARGEST_MESSAGE",
    "SocketAddress",
    "begin_tcp",
    "open_tcp",
    "open_udp",
    "reason",
    "socket_address",
]

SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]

#: The most octets that a message can have over any transport.
LARGEST_MESSAGE: Final = 65535


def open_udp(nameserver: Nameserver, message: bytes) -> socket.socket:
    """Send a message from a socket of its own, which then waits for the reply.

    The system gives every socket another port, which is hard to guess (RFC 5452 §9.2). Since it is
    connected, datagrams from anybody else are dropped (§9.1), and ICMP errors become known.

    Raises:
        OSError: The nameserver cannot be reached, or the system has no socket left.
    """
    with _unless_it_fails(_open(nameserver, socket.SOCK_DGRAM)) as opened:
        opened.connect(socket_address(nameserver))
        opened.send(message)
        return opened


def begin_tcp(nameserver: Nameserver) -> socket.socket:
    """A socket that is being connected; it can be written to once it is.

    Raises:
        OSError: The nameserver cannot be reached, or the system has no socket left.
    """
    with _unless_it_fails(open_tcp(nameserver)) as opened:
        with suppress(BlockingIOError):
            opened.connect(socket_address(nameserver))
        return opened


def open_tcp(nameserver: Nameserver) -> socket.socket:
    """A socket that is yet to be connected.

    Raises:
        OSError: The system has no socket left.
    """
    return _open(nameserver, socket.SOCK_STREAM)


def socket_address(nameserver: Nameserver) -> SocketAddress:
    """What the system calls the nameserver.

    Raises:
        OSError: Its scope is no interface of this machine.
    """
    if nameserver.address.version == 4:  # noqa: PLR2004 - of IP
        return str(nameserver.address), nameserver.port
    return str(nameserver.address), nameserver.port, 0, _scope_id(nameserver.scope)


def reason(error: OSError) -> str:
    """What happened, for a person."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _open(nameserver: Nameserver, kind: socket.SocketKind) -> socket.socket:
    is_ipv6 = isinstance(nameserver.address, IPv6Address)
    opened = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, kind)
    opened.settimeout(0)
    return opened


@contextmanager
def _unless_it_fails(opened: socket.socket) -> Iterator[socket.socket]:
    try:
        yield opened
    except OSError:
        opened.close()
        raise


def _scope_id(scope: str) -> int:
    if not scope:
        return 0
    return int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
