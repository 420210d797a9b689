"""How arguments are read: by argparse, but without leaving the program or writing anywhere."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

import sipresolve
from sipresolve import Dnssec, Family, Policy, Transport
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EXIT_STATUSES",
    "Asked",
    "Parser",
    "Subparsers",
    "UsageError",
    "add_client_options",
    "add_dnssec_options",
    "add_json_option",
    "add_source_options",
    "add_version_option",
    "policy_of",
]

#: What the help says of the exit status.
EXIT_STATUSES: Final = """\
exit status:
  0    found
  1    not found, or what was found could not be written
  2    a command line, or input, that can never lead to anything
  130  interrupted
"""


class Asked(Exception):
    """Help or the version was asked for.

    Attributes:
        text: What to print.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class UsageError(Exception):
    """A command line that makes no sense.

    Attributes:
        message: What is wrong with it.
        usage: How the command is used, in a line.
    """

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """Reads arguments; what is wrong or asked for is raised.

    Attributes:
        on_words_too_many: What else to say where there are more words than it can use.
    """

    on_words_too_many = ""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise UsageError(visible(message), self.format_usage())

    def print_help(self, file: object = None) -> NoReturn:  # noqa: ARG002 - of argparse
        """Answer ``--help``."""
        raise Asked(self.format_help())

    def refusal(self, value: str, choices: Iterable[str]) -> str:
        """What is said of a word that is none of some."""
        return _none_of(value, choices)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        # Of argparse, which says it in other words.
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, self.refusal(str(value), action.choices))

    def parse_known_args(  # type: ignore[override]  # it has overloads for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Read arguments, and complain at once of those that are unknown, with the right usage."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            advice = "" if any(map(_is_option, unknown)) else self.on_words_too_many
            said = f"unrecognized arguments: {' '.join(unknown)}"
            self.error("; ".join(filter(None, (said, advice))))
        return known, unknown


def _is_option(word: str) -> bool:
    return word.startswith("-")


#: What a sub-command adds itself to.
Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no other name


# --- Options that sub-commands share


def add_version_option(parser: argparse.ArgumentParser) -> None:
    """``--version``, which may stand before and after the name of the sub-command."""
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        try:
            version = sipresolve.__version__
        except ImportError:
            version = "(not installed)"
        raise Asked(f"sipresolve {version}\n")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """``--json``, which may stand before and after the name of the sub-command."""
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON object, for programs",
    )


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Where answers come from."""
    group = parser.add_argument_group("where answers come from")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--nameserver",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="ask this nameserver, ADDR or ADDR:PORT, not those of the system; may be repeated",
    )
    either.add_argument(
        "--zone",
        action="append",
        type=_file,
        default=[],
        metavar="FILE",
        help="answer from this zone file, without a network; may be repeated",
    )


def add_client_options(parser: argparse.ArgumentParser, *, transports: str) -> None:
    """What the client has, and how long it waits.

    Args:
        parser: What they are added to.
        transports: What ``--transports`` means there, for the help.
    """
    group = parser.add_argument_group("what the client has")
    group.add_argument(
        "--transports",
        type=_transports,
        default="udp,tcp,tls",
        metavar="LIST",
        help=transports,
    )
    group.add_argument(
        "--family",
        choices=list(_FAMILIES),
        default="any",
        help="the addresses that the client can reach (default: %(default)s)",
    )
    group.add_argument(
        "--timeout",
        type=_lifetime,
        default="5",
        metavar="SECONDS",
        help="how long to wait for the DNS in all (default: %(default)s)",
    )
    group.add_argument(
        "--seed", type=_seed, metavar="N", help="make the choice among equal records repeatable"
    )
    group.add_argument(
        "--no-speculation",
        dest="speculation",
        action="store_false",
        help="ask only what is needed next, nothing ahead of time",
    )


def add_dnssec_options(parser: argparse.ArgumentParser) -> None:
    """What is believed."""
    group = parser.add_argument_group("DNSSEC")
    group.add_argument(
        "--dnssec",
        type=_dnssec,
        default="ignore",
        metavar="{ignore,trust-ad}",
        help="whether to believe the nameserver's AD bit (default: %(default)s)",
    )
    group.add_argument(
        "--trust-ad",
        dest="dnssec",
        action="store_const",
        const="trust-ad",
        help="short for --dnssec trust-ad: the nameserver validates, and the path to it is safe",
    )
    group.add_argument(
        "--require-secure", action="store_true", help="take nothing that DNSSEC does not prove"
    )
    group.add_argument("--trust-anchor", type=_trust_anchor, help=argparse.SUPPRESS)


def policy_of(options: argparse.Namespace) -> Policy:
    """The policy that the shared options ask for."""
    return Policy(
        transports=options.transports,
        families=_FAMILIES[options.family],
        lifetime=options.timeout,
        speculation=options.speculation,
        dnssec=options.dnssec,
        require_secure=options.require_secure,
    )


# --- Their values


_FAMILIES: Final = {
    "any": (Family.IPV6, Family.IPV4),
    "ipv4": (Family.IPV4,),
    "ipv6": (Family.IPV6,),
}


def _none_of(word: str, words: Iterable[str]) -> str:
    return f"{word!r} is none of {', '.join(repr(str(each)) for each in words)}"


def _one_of(word: str, words: Iterable[str]) -> str:
    known = [str(each) for each in words]
    if word not in known:
        raise argparse.ArgumentTypeError(_none_of(word, known))
    return word


def _file(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is wanted, not ''")
    return text


def _transports(text: str) -> tuple[str, ...]:
    return tuple(_one_of(name.strip().lower(), Transport) for name in text.split(","))


def _lifetime(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:  # also where there are thousands of digits
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, or too long") from error


def _dnssec(text: str) -> str:
    if text == "validate":
        raise argparse.ArgumentTypeError("validation is not built yet; 'trust-ad' is")
    return _one_of(text, Dnssec)


def _trust_anchor(text: str) -> NoReturn:
    raise argparse.ArgumentTypeError(f"{text!r} cannot be used: validation is not built yet")
