"""``sipresolve resolve URI``: the servers to contact for a SIP URI (RFC 3263 §4)."""

from __future__ import annotations

from typing import Final

from sipresolve import Resolver
from sipresolve.cli.command import Command

__all__ = ["RESOLVE"]

#: The sub-command.
RESOLVE: Final = Command(
    name="resolve",
    key="uri",
    subject="a SIP or SIPS URI, or a bare host: a name or an address, with a port or without",
    help="find the servers to contact for a SIP URI",
    description="Find the servers to contact for a SIP URI, in order, by RFC 3263.",
    examples=(
        "sipresolve resolve sip:alice@example.com",
        "sipresolve resolve sips:example.com --nameserver 192.0.2.53 --json",
        'sipresolve resolve "sip:example.com;transport=tcp" --zone example.zone',
    ),
    find=Resolver.resolve,
    transports="the transports of the client in its order, of udp tcp tls sctp tls-sctp ws wss"
    " (default: %(default)s)",
    restricting=("--family", "--transports"),
)
