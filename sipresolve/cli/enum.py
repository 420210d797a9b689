"""``sipresolve enum NUMBER``: the URIs of a telephone number, or of many from a file (RFC 6116)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sipresolve import Misuse
from sipresolve.cli.command import Command, Many
from sipresolve.cli.options import add_number_options, file_name
from sipresolve.cli.sought import Sought

if TYPE_CHECKING:
    from sipresolve import Policy, Resolution, Resolver
    from sipresolve.cli.replies import Reply

__all__ = ["ENUM"]


def _find(resolver: Resolver, options: argparse.Namespace) -> Resolution:
    return resolver.enum(options.subject)


# --- Many numbers


#: How many numbers are looked up at the same time, unless told otherwise.
_CONCURRENCY: Final = 100


def _add_options_for_many(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("many numbers")
    group.add_argument(
        "--input",
        type=file_name,
        metavar="FILE",
        help="map the numbers in this file, one a line, - being standard input; print a JSON object"
        " for each",
    )
    group.add_argument(
        "--output",
        type=file_name,
        metavar="FILE",
        help="write them there; - is standard output, which is the default",
    )
    group.add_argument(
        "--resume",
        action="store_true",
        help="go on where a run with the same --input and --output was interrupted",
    )
    group.add_argument(
        "--concurrency",
        type=_concurrency,
        metavar="N",
        help=f"how many numbers to look up at the same time (default: {_CONCURRENCY})",
    )


def _concurrency(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < _DIGITS and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0, or too large")
    return int(text)


#: Of a number that is too large for whatever is counted.
_DIGITS: Final = 7


def _run_many(options: argparse.Namespace, policy: Policy) -> Reply | None:
    if options.input is None:
        _refuse_options_for_many(options)
        return None
    if options.subject is not None:
        raise Misuse("a NUMBER has no place beside --input: the numbers are in the file")
    if options.output == _STANDARD_OUTPUT:
        options.output = None
    if options.resume and options.output is None:
        raise Misuse("--resume needs --output, the file to go on with")
    if options.concurrency is None:
        options.concurrency = _CONCURRENCY
    from sipresolve.cli.bulk import run as bulk  # noqa: PLC0415 - brings asyncio along

    return bulk.run(options, policy)


#: The name of standard output.
_STANDARD_OUTPUT: Final = "-"


def _refuse_options_for_many(options: argparse.Namespace) -> None:
    if options.subject is None:
        raise Misuse("a NUMBER is wanted, or a file of numbers, with --input")
    for option in ("output", "resume", "concurrency"):
        if getattr(options, option) not in {None, False}:
            raise Misuse(f"--{option} is for many numbers, and there is no --input")


# --- The sub-command


_EXIT_STATUSES: Final = """\
exit status with --input:
  0    every line was answered, whatever the answers are
  1    the answers could not be written
  2    a command line that makes no sense, or a file that cannot be used
  130  interrupted; 143 by SIGTERM
"""

_NO_SERVERS: Final = "accepted, and without effect: no servers are looked up"

#: The sub-command.
ENUM: Final = Command(
    name="enum",
    key="number",
    subject="a telephone number with its plus and country code, a tel URI, or a SIP URI with"
    " ;user=phone",
    help="find the URIs of a telephone number",
    description="Find the URIs of a telephone number, in order, by ENUM (RFC 6116).",
    examples=(
        'sipresolve enum "+44 20 7946 0123"',
        "sipresolve enum tel:+44-20-7946-0123 --service sip --service email:mailto --json",
        "sipresolve enum +442079460123 --root enum.carrier.example --root e164.arpa",
        "sipresolve enum --input numbers.txt --output uris.jsonl --resume",
    ),
    find=_find,
    sought=Sought.URIS,
    transports=_NO_SERVERS,
    family=_NO_SERVERS,
    seed=_NO_SERVERS,
    restricting=(),
    more_options=(add_number_options, _add_options_for_many),
    many=Many(usage="--input FILE", exit_statuses=_EXIT_STATUSES, run=_run_many),
    quoting="put the number in quotes, if it has blanks in it",
)
