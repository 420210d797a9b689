"""``sipresolve via VIA``: where a response goes (RFC 3261 §18.2.2, RFC 3581, RFC 3263 §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.cli.command import Command

if TYPE_CHECKING:
    import argparse

    from sipresolve import Resolution, Resolver

__all__ = ["VIA"]


def _find(resolver: Resolver, options: argparse.Namespace) -> Resolution:
    return resolver.respond(options.subject, seed=options.seed)


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
    find=_find,
    transports="accepted, and without effect: a response goes over the transport of its Via",
    restricting=("--family",),
    quoting="put the Via in quotes, since it has blanks in it, and semicolons",
)
