"""``sipresolve resolve URI``: the servers to contact for a URI (RFC 3263 §4, RFC 6116)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve import NoTargets
from sipresolve.cli.command import Command
from sipresolve.cli.options import add_number_options

if TYPE_CHECKING:
    import argparse

    from sipresolve import Resolution, Resolver

__all__ = ["RESOLVE"]


def _find(resolver: Resolver, options: argparse.Namespace) -> Resolution:
    resolution = resolver.resolve(options.subject, seed=options.seed)
    if resolution.targets:
        return resolution
    # A number may lead to URIs that other protocols have servers for.
    uris = " and ".join(dict.fromkeys(mapped.uri for mapped in resolution.uris))
    error = NoTargets(f"{options.subject!r} leads to no SIP URI, and so to no server: {uris}")
    error.resolution = resolution
    raise error


#: The sub-command.
RESOLVE: Final = Command(
    name="resolve",
    key="uri",
    subject="a SIP or SIPS URI; a bare host: a name or an address, with a port or without; or a"
    " telephone number with its plus and country code, or a tel URI, which ENUM maps before",
    help="find the servers to contact for a SIP URI or a telephone number",
    description="Find the servers to contact for a SIP URI, in order, by RFC 3263; for a\n"
    "telephone number, those of every SIP URI that ENUM (RFC 6116) gives for it.",
    examples=(
        "sipresolve resolve sip:alice@example.com",
        "sipresolve resolve sips:example.com --nameserver 192.0.2.53 --json",
        'sipresolve resolve "sip:example.com;transport=tcp" --zone example.zone',
        'sipresolve resolve "+44 20 7946 0123" --root enum.carrier.example',
    ),
    find=_find,
    transports="the transports of the client in its order, of udp tcp tls sctp tls-sctp ws wss"
    " (default: %(default)s)",
    restricting=("--family", "--transports"),
    more_options=(add_number_options,),
    quoting="put a number in quotes, if it has blanks in it",
)
