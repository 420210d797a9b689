"""The program: reads the arguments, runs a sub-command, says what became of it."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import sipresolve
from sipresolve.cli import resolve
from sipresolve.cli.parsing import Asked, Parser, UsageError, add_json_option
from sipresolve.cli.replies import (
    FOUND,
    INTERRUPTED,
    UNWRITTEN,
    Reply,
    reply_to_misuse,
    reply_with_drawing,
    reply_with_json,
)
from sipresolve.cli.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Those behind the name of the program; None for those of the process.

    Returns:
        The exit status: 0 found; 1 not found; 2 a command line, or input, that can never lead to
        anything; 130 interrupted.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _say(_reply(given))
    except KeyboardInterrupt:
        return INTERRUPTED


def _reply(given: Sequence[str]) -> Reply:
    try:
        options = _parser().parse_args(given, argparse.Namespace(json=False))
        outcome = options.run(options)
    except Asked as asked:
        return Reply(status=FOUND, output=asked.text)
    except UsageError as error:
        return reply_to_misuse(error, as_json=_wants_json(given))
    if options.json:
        return reply_with_json(outcome)
    return reply_with_drawing(outcome, sys.stdout)


def _wants_json(given: Sequence[str]) -> bool:
    """Whether ``--json`` is there, though the arguments as a whole cannot be read."""
    options = given[: given.index("--")] if "--" in given else given
    return "--json" in options


# --- What it is asked


_EXAMPLES: Final = """\
examples:
  sipresolve resolve sip:alice@example.com
  sipresolve resolve sips:example.com --json
  sipresolve resolve --help
"""


class _Version(argparse.Action):
    """``--version``."""

    def __call__(self, *_: object) -> NoReturn:
        try:
            version = sipresolve.__version__
        except ImportError:
            version = "(not installed)"
        raise Asked(f"sipresolve {version}\n")


def _parser() -> Parser:
    parser = Parser(
        prog="sipresolve",
        usage="sipresolve COMMAND [OPTION ...]",
        description="Find SIP servers: from a SIP URI to the servers to contact, in order.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    add_json_option(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    resolve.add_to(commands)
    return parser


# --- What it says


def _say(reply: Reply) -> int:
    try:
        _write(reply.output, sys.stdout)
        _write(reply.complaint, sys.stderr)
    except BrokenPipeError:
        # Who reads it has seen enough, as `head` has. That is no error.
        _discard(sys.stdout, sys.stderr)
    except OSError as error:
        _discard(sys.stdout)
        _write(f"sipresolve: cannot write: {str(error.strerror).lower()}\n", sys.stderr)
        return UNWRITTEN
    return reply.status


def _write(text: str, stream: TextIO | None) -> None:
    """Write all that a stream can show; it is None where the program was started without it."""
    if text and stream is not None:
        stream.write(shown(text, stream.encoding or "utf-8"))
        stream.flush()


def _discard(*streams: TextIO | None) -> None:
    """Let what is still buffered go nowhere: the interpreter would fail with it at its end."""
    for stream in streams:
        if stream is not None:
            with suppress(OSError), Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
