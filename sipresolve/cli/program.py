"""The program: reads the arguments, runs a sub-command, says what became of it."""

from __future__ import annotations

import argparse
import errno
import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sipresolve.cli.enum import ENUM
from sipresolve.cli.options import add_json_option, add_version_option
from sipresolve.cli.parsing import EXIT_STATUSES, Asked, Parser, UsageError
from sipresolve.cli.replies import (
    FOUND,
    UNWRITTEN,
    Reply,
    reply_to_misuse,
    reply_with_drawing,
    reply_with_json,
)
from sipresolve.cli.resolve import RESOLVE
from sipresolve.cli.text import shown, uncapitalised
from sipresolve.cli.via import VIA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

__all__ = ["run"]


def run(arguments: Sequence[str] | None) -> int:
    """Run the command line, and return the exit status.

    Args:
        arguments: Those behind the name of the program; None for those of the process.
    """
    return _say(_reply(sys.argv[1:] if arguments is None else list(arguments)))


def _reply(given: Sequence[str]) -> Reply:
    try:
        options = _parser().parse_args(given, argparse.Namespace(json=False))
        said = options.run(options)
    except Asked as asked:
        return Reply(status=FOUND, output=asked.text)
    except UsageError as error:
        return reply_to_misuse(error, as_json=_wants_json(given))
    if isinstance(said, Reply):
        return said
    if options.json:
        return reply_with_json(said)
    return reply_with_drawing(said, sys.stdout)


def _wants_json(given: Sequence[str]) -> bool:
    """Whether ``--json`` is there, though the arguments as a whole cannot be read."""
    options = given[: given.index("--")] if "--" in given else given
    return "--json" in options


# --- What it is asked


_EPILOG: Final = f"""\
examples:
  sipresolve resolve sip:alice@example.com
  sipresolve resolve sips:example.com --json
  sipresolve enum "+44 20 7946 0123"
  sipresolve via "SIP/2.0/UDP client.example.com;received=192.0.2.1"
  sipresolve via --help

{EXIT_STATUSES}"""

#: How a Via begins: with its name, or with its protocol.
_BEGINNING_OF_A_VIA: Final = re.compile(r"\s*(?:(?:via|v)\s*:|sip\s*/)", re.IGNORECASE)

#: A telephone number as people write it, with what a tel URI may have behind it.
_NUMBER: Final = re.compile(r"\s*\+[0-9\s().-]*(?:;.*)?", re.DOTALL)

#: What is in a URI, or in a host with a dot, and in no name of a sub-command.
_MARKS_OF_A_URI: Final = frozenset(":.@[")


class _Program(Parser):
    """Reads the name of the sub-command, and what stands before it."""

    def refusal(self, value: str, choices: Iterable[str]) -> str:
        """What is said of a word that is no sub-command; it may be what one resolves."""
        said = super().refusal(value, choices)
        if _BEGINNING_OF_A_VIA.match(value):
            meant = VIA
        elif _NUMBER.fullmatch(value):
            meant = ENUM
        elif not _MARKS_OF_A_URI.isdisjoint(value):
            meant = RESOLVE
        else:
            return said
        return f"{said}; did you mean: sipresolve {meant.name} {shlex.quote(value)}"


def _parser() -> Parser:
    parser = _Program(
        prog="sipresolve",
        usage="sipresolve COMMAND [OPTION ...]",
        description="Find SIP servers: for a request by its URI or telephone number, for a response"
        " by\nits Via.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_version_option(parser)
    add_json_option(parser)
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )
    for command in (RESOLVE, ENUM, VIA):
        command.add_to(commands)
    return parser


# --- What it says


def _say(reply: Reply) -> int:
    try:
        _write(reply.output, sys.stdout)
    except BrokenPipeError:
        _discard(sys.stdout)  # Who reads it has seen enough, as `head` has. That is no error.
    except OSError as error:
        _discard(sys.stdout)
        _complain(f"sipresolve: cannot write: {uncapitalised(str(error.strerror))}\n")
        return UNWRITTEN
    _complain(reply.complaint)
    return reply.status


def _complain(text: str) -> None:
    """Write to standard error; where that cannot be, there is nobody to tell."""
    try:
        _write(text, sys.stderr)
    except OSError:
        _discard(sys.stderr)


def _write(text: str, stream: TextIO | None) -> None:
    """Write all that a stream can show; it is None where the program was started without it."""
    if not text:
        return
    if stream is None:
        raise OSError(errno.EBADF, "the stream is closed")
    stream.write(shown(text, stream.encoding or "utf-8"))
    stream.flush()


def _discard(*streams: TextIO | None) -> None:
    """Let what is still buffered go nowhere: the interpreter would fail with it at its end."""
    for stream in streams:
        if stream is not None:
            with suppress(OSError), Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
