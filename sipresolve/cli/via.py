"""``sipresolve via VIA``: where a response goes (RFC 3261 §18.2.2, RFC 3581, RFC 3263 §5)."""

from __future__ import annotations

from typing import Final

from sipresolve import Resolver
from sipresolve.cli.command import Command

__all__ = ["VIA"]

#: The sub-command.
VIA: Final = Command(
    name="via",
    key="via",
    subject="a Via header, with its name or without, as one argument; of several values in it, the"
    " first counts",
    help="find where a response goes, by its topmost Via header",
    description="Find where a response goes, by its topmost Via header: the places to try, in\n"
    "order, by RFC 3261, RFC 3581 and RFC 3263.",
    examples=(
        'sipresolve via "SIP/2.0/TLS client.example.com"',
        'sipresolve via "SIP/2.0/UDP 10.0.0.5:5060;received=198.51.100.7;rport=40123" --json',
        'sipresolve via "Via: SIP/2.0/TCP client.example.com:5070" --zone example.zone',
    ),
    find=Resolver.respond,
    transports="accepted, and without effect: a response goes over the transport of its Via",
    restricting=("--family",),
    quoting="put the Via in quotes, since it has blanks in it, and semicolons",
)
