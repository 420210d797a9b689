"""The options that sub-commands share, what their values may be, and the policy they make."""

from __future__ import annotations

import argparse
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import sipresolve
from sipresolve import Dnssec, Family, Misuse, Policy, Transport
from sipresolve.cli.parsing import Asked, none_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve import TrustAnchor

__all__ = [
    "FAMILY",
    "SEED",
    "add_client_options",
    "add_dnssec_options",
    "add_json_option",
    "add_number_options",
    "add_source_options",
    "add_version_option",
    "file_name",
    "policy_of",
]


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
        type=file_name,
        default=[],
        metavar="FILE",
        help="answer from this zone file, without a network; may be repeated",
    )


#: What ``--family`` means, and ``--seed``.
FAMILY: Final = "the addresses that the client can reach (default: %(default)s)"
SEED: Final = "make the choice among equal records repeatable"


def add_client_options(
    parser: argparse.ArgumentParser, *, transports: str, family: str = FAMILY, seed: str = SEED
) -> None:
    """What the client has, and how long it waits.

    Args:
        parser: What they are added to.
        transports: What ``--transports`` means there, for the help.
        family: What ``--family`` means there.
        seed: What ``--seed`` means there.
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
        help=family,
    )
    group.add_argument(
        "--timeout",
        type=_lifetime,
        default="5",
        metavar="SECONDS",
        help="how long to wait for the DNS in all (default: %(default)s)",
    )
    group.add_argument("--seed", type=_seed, metavar="N", help=seed)
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
        choices=list(map(str, Dnssec)),
        help="who says what is proven: nobody; the nameserver, by its AD bit; or this program, with"
        " the extra dnssec (default: ignore)",
    )
    group.add_argument(
        "--trust-ad",
        action="store_true",
        help="short for --dnssec trust-ad: the nameserver validates, and the path to it is safe",
    )
    group.add_argument(
        "--require-secure", action="store_true", help="take nothing that DNSSEC does not prove"
    )
    group.add_argument(
        "--trust-anchor",
        action="append",
        type=file_name,
        default=[],
        metavar="FILE",
        help="begin with the keys in this file, not those of the root; may be repeated; implies"
        " --dnssec validate",
    )


def add_number_options(parser: argparse.ArgumentParser) -> None:
    """How telephone numbers are looked up."""
    group = parser.add_argument_group("telephone numbers")
    group.add_argument(
        "--service",
        action="append",
        type=_service,
        default=[],
        metavar="TYPE",
        help="use records for this enumservice, such as pstn:tel; may be repeated (default:"
        f" {' and '.join(Policy().enum_services)})",
    )
    group.add_argument(
        "--root",
        action="append",
        type=_root,
        default=[],
        metavar="DOMAIN",
        help="look below this domain; may be repeated, and is asked where those before have nothing"
        f" or fail (default: {' and '.join(Policy().enum_roots)})",
    )
    group.add_argument(
        "--local-numbers",
        action="store_true",
        help="take local numbers as well, with the digits of their phone-context before them",
    )


def policy_of(options: argparse.Namespace) -> Policy:
    """The policy that the shared options ask for.

    Raises:
        Misuse: The options contradict each other, or a file of trust anchors cannot be used.
    """
    default = Policy()
    return Policy(
        transports=options.transports,
        families=_FAMILIES[options.family],
        lifetime=options.timeout,
        speculation=options.speculation,
        dnssec=_dnssec_of(options),
        trust_anchors=_trust_anchors(options.trust_anchor) or default.trust_anchors,
        require_secure=options.require_secure,
        # Not every sub-command takes telephone numbers.
        enum_services=getattr(options, "service", ()) or default.enum_services,
        enum_roots=getattr(options, "root", ()) or default.enum_roots,
        enum_local_numbers=getattr(options, "local_numbers", default.enum_local_numbers),
    )


def _dnssec_of(options: argparse.Namespace) -> Dnssec:
    """Who says what is proven; whoever gives trust anchors wants to have it proven here.

    The last of two options that contradict each other does not win: it may believe more.
    """
    if options.trust_ad and options.dnssec not in (None, Dnssec.TRUST_AD):
        raise Misuse(f"--trust-ad is --dnssec trust-ad, and contradicts --dnssec {options.dnssec}")
    given = Dnssec.TRUST_AD if options.trust_ad else options.dnssec
    chosen = Dnssec(given or (Dnssec.VALIDATE if options.trust_anchor else Dnssec.IGNORE))
    if options.trust_anchor and chosen is not Dnssec.VALIDATE:
        raise Misuse(f"--trust-anchor is for --dnssec validate, not for --dnssec {chosen}")
    return chosen


def _trust_anchors(files: Iterable[str]) -> tuple[TrustAnchor, ...]:
    """Those of all files."""
    return tuple(anchor for file in files for anchor in sipresolve.read_trust_anchors(file))


# --- Their values


_FAMILIES: Final = {
    "any": (Family.IPV6, Family.IPV4),
    "ipv4": (Family.IPV4,),
    "ipv6": (Family.IPV6,),
}


def _one_of(word: str, words: Iterable[str]) -> str:
    known = [str(each) for each in words]
    if word not in known:
        raise argparse.ArgumentTypeError(none_of(word, known))
    return word


def file_name(text: str) -> str:
    """The name of a file."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is wanted, not ''")
    return text


def _transports(text: str) -> tuple[str, ...]:
    return tuple(_one_of(name.strip().lower(), Transport) for name in text.split(","))


def _service(text: str) -> str:
    with _refusal_of_a_policy():
        Policy(enum_services=[text])
    return text


def _root(text: str) -> str:
    with _refusal_of_a_policy():
        Policy(enum_roots=[text])
    return text


@contextmanager
def _refusal_of_a_policy() -> Iterator[None]:
    """Say of a word what a policy has against it, without the name that the setting has there."""
    try:
        yield
    except Misuse as error:
        raise argparse.ArgumentTypeError(error.message.partition(": ")[2]) from error


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
