"""``sipresolve resolve URI``: the servers to contact for a SIP URI (RFC 3263 §4)."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve import InputError, Policy, Resolver, SipResolveError, backends
from sipresolve.cli.parsing import (
    EXIT_STATUSES,
    UsageError,
    add_client_options,
    add_dnssec_options,
    add_json_option,
    add_source_options,
    add_version_option,
    policy_of,
)
from sipresolve.cli.replies import Circumstances, Outcome
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from sipresolve import Resolution
    from sipresolve.cli.parsing import Subparsers

__all__ = ["add_to"]

_USAGE: Final = "sipresolve resolve URI [OPTION ...]"
_EPILOG: Final = f"""\
examples:
  sipresolve resolve sip:alice@example.com
  sipresolve resolve sips:example.com --nameserver 192.0.2.53 --json
  sipresolve resolve "sip:example.com;transport=tcp" --zone example.zone

{EXIT_STATUSES}"""


def add_to(commands: Subparsers) -> None:
    """Add the sub-command to the program."""
    parser = commands.add_parser(
        "resolve",
        help="find the servers to contact for a SIP URI",
        description="Find the servers to contact for a SIP URI, in order, by RFC 3263.",
        usage=_USAGE,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "uri",
        metavar="URI",
        help="a SIP or SIPS URI, or a bare host: a name or an address, with a port or without",
    )
    add_version_option(parser)
    add_json_option(parser)
    add_source_options(parser)
    add_client_options(parser)
    add_dnssec_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Resolve the URI.

    Raises:
        UsageError: A nameserver or a zone file cannot be used.
    """
    try:
        policy, backend = policy_of(options), _backend(options)
        with Resolver(backend, policy) as resolver:
            outcome = _outcome(resolver, options)
        return evolve(outcome, circumstances=_circumstances(backend, policy, outcome.seconds))
    except InputError as error:
        raise UsageError(visible(error.message), f"usage: {_USAGE}\n") from error


def _outcome(resolver: Resolver, options: argparse.Namespace) -> Outcome:
    began = time.monotonic()
    resolution: Resolution | None
    try:
        resolution, error = resolver.resolve(options.uri, seed=options.seed), None
    except SipResolveError as failure:
        resolution, error = failure.resolution, failure
    return Outcome(
        key="uri",
        subject=options.uri,
        resolution=resolution,
        error=error,
        seconds=time.monotonic() - began,
    )


def _circumstances(backend: backends.Backend, policy: Policy, seconds: float) -> Circumstances:
    narrowed = {
        "--family": {*Policy().families} - {*policy.families},
        "--transports": {*Policy().transports} - {*policy.transports},
    }
    nameservers = backend.nameservers if isinstance(backend, backends.DnspythonBackend) else ()
    return Circumstances(
        restrictions=tuple(option for option, ruled_out in narrowed.items() if ruled_out),
        nameservers=tuple(map(str, nameservers)),
        # No question gets more than half of what is left.
        out_of_time=seconds >= policy.lifetime / 2,
    )


def _backend(options: argparse.Namespace) -> backends.Backend:
    if options.zone:
        return backends.ZoneBackend.from_files(*options.zone)
    return backends.DnspythonBackend(nameservers=options.nameserver or None)
