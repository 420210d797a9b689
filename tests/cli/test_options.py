"""The options that sub-commands share, and the policy they make."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest

from sipresolve import TLS, TLS_SCTP, UDP, Dnssec, Ds, Family, Misuse, Policy, TrustAnchor
from sipresolve.cli.options import (
    add_client_options,
    add_dnssec_options,
    add_json_option,
    add_number_options,
    add_source_options,
    policy_of,
)
from sipresolve.cli.parsing import Asked, Parser, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def parser() -> Parser:
    made = Parser(prog="program", usage="program [OPTION ...]", allow_abbrev=False)
    for add in (add_json_option, add_source_options, add_dnssec_options, add_number_options):
        add(made)
    add_client_options(made, transports="those of the client (default: %(default)s)")
    return made


def parsed(*arguments: str) -> argparse.Namespace:
    return parser().parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [
        ((), Policy()),
        (("--transports", "tls,udp"), Policy(transports=(TLS, UDP))),
        (("--transports", " TLS-SCTP , udp,udp"), Policy(transports=(TLS_SCTP, UDP))),
        (("--family", "any"), Policy(families=(Family.IPV6, Family.IPV4))),
        (("--family", "ipv4"), Policy(families=(Family.IPV4,))),
        (("--family", "ipv6"), Policy(families=(Family.IPV6,))),
        (("--timeout", "0.25"), Policy(lifetime=0.25)),
        (("--no-speculation",), Policy(speculation=False)),
        (("--trust-ad",), Policy(dnssec=Dnssec.TRUST_AD)),
        (("--dnssec", "trust-ad"), Policy(dnssec=Dnssec.TRUST_AD)),
        (("--dnssec", "ignore"), Policy(dnssec=Dnssec.IGNORE)),
        (("--dnssec", "validate"), Policy(dnssec=Dnssec.VALIDATE)),
        (("--require-secure",), Policy(require_secure=True)),
        (
            ("--service", "pstn:TEL", "--service", "x-own"),
            Policy(enum_services=["pstn:tel", "x-own"]),
        ),
        (("--root", ".B.example.", "--root", "a"), Policy(enum_roots=["b.example", "a"])),
        (("--local-numbers",), Policy(enum_local_numbers=True)),
    ],
)
def test_options_make_a_policy(arguments: Sequence[str], policy: Policy) -> None:
    assert policy_of(parsed(*arguments)) == policy


def test_without_options_on_numbers_they_are_those_of_the_policy() -> None:
    made = Parser(prog="program")
    add_client_options(made, transports="")
    add_dnssec_options(made)
    assert policy_of(made.parse_args([])) == Policy()


# --- Trust anchors


DS_OF_A = "a. IN DS 1 13 2 " + "11" * 32
DS_OF_B = "b. IN DS 2 13 2 " + "22" * 32


@pytest.fixture
def anchors(tmp_path: Path) -> list[str]:
    """Options that name two files."""
    options = []
    for name, text in (("a.key", DS_OF_A), ("b.key", DS_OF_B)):
        (tmp_path / name).write_text(f"{text}\n")
        options += ["--trust-anchor", str(tmp_path / name)]
    return options


@pytest.mark.parametrize("more", [[], ["--dnssec", "validate"]], ids=" ".join)
def test_trust_anchors_of_files_take_the_place_of_the_root(
    anchors: list[str], more: list[str]
) -> None:
    policy = policy_of(parsed(*anchors, *more))
    assert policy.dnssec is Dnssec.VALIDATE  # which the option implies
    assert policy.trust_anchors == (
        TrustAnchor("a", Ds(1, 13, 2, b"\x11" * 32)),
        TrustAnchor("b", Ds(2, 13, 2, b"\x22" * 32)),
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--dnssec", "ignore"], "--dnssec ignore"),
        (["--dnssec", "trust-ad"], "--dnssec trust-ad"),
        (["--trust-ad"], "--dnssec trust-ad"),
    ],
)
def test_trust_anchors_are_for_proofs(anchors: list[str], more: list[str], said: str) -> None:
    with pytest.raises(Misuse) as caught:
        policy_of(parsed(*anchors, *more))
    message = f"--trust-anchor is for --dnssec validate, not for {said}"
    assert caught.value.message == message


@pytest.mark.parametrize("other", ["ignore", "validate"])
def test_trust_ad_wins_over_no_other_choice(other: str) -> None:
    options = ["--trust-ad", "--dnssec", other]
    for arguments in (options, options[1:] + options[:1]):
        with pytest.raises(Misuse) as caught:
            policy_of(parsed(*arguments))
        message = f"--trust-ad is --dnssec trust-ad, and contradicts --dnssec {other}"
        assert caught.value.message == message


def test_trust_ad_may_be_said_twice() -> None:
    assert policy_of(parsed("--trust-ad", "--dnssec", "trust-ad")).dnssec is Dnssec.TRUST_AD


def test_a_file_that_holds_no_trust_anchor_makes_no_sense(tmp_path: Path) -> None:
    file = tmp_path / "empty.key"
    file.write_text("; nothing\n")
    for name, words in ((str(file), "no trust anchor"), ("no-such.key", "no-such.key")):
        with pytest.raises(Misuse, match=words):
            policy_of(parsed("--trust-anchor", name))


# --- Others


def test_nameservers_and_zones_may_be_repeated() -> None:
    assert parsed("--nameserver", "a", "--nameserver", "b").nameserver == ["a", "b"]
    assert parsed("--zone", "a", "--zone=b").zone == ["a", "b"]
    assert (parsed().nameserver, parsed().zone) == ([], [])


def test_a_seed_is_a_number_and_without_one_there_is_none() -> None:
    assert (parsed("--seed", "-7").seed, parsed().seed) == (-7, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--transports", "udp,foo"), ["--transports", "'foo' is none of 'udp'", "'tls-sctp'"]),
        (("--transports", ""), ["--transports", "'' is none of 'udp'"]),
        (("--family", "ipx"), ["--family", "'ipx' is none of 'any', 'ipv4', 'ipv6'"]),
        (("--timeout", "soon"), ["--timeout", "'soon'"]),
        (("--timeout", "0"), ["--timeout", "'0' is no number of seconds above 0"]),
        (("--timeout", "-1"), ["--timeout"]),
        (("--timeout", "nan"), ["--timeout", "nan"]),
        (("--timeout", "1e999"), ["--timeout", "'1e999'"]),
        (("--seed", "x"), ["--seed", "'x' is no whole number"]),
        (("--seed", "1.5"), ["--seed", "'1.5' is no whole number"]),
        (("--zone", ""), ["--zone", "the name of a file is wanted"]),
        (("--seed", "9" * 5000), ["--seed"]),
        (
            ("--dnssec", "perhaps"),
            ["--dnssec", "'perhaps' is none of 'ignore', 'trust-ad', 'validate'"],
        ),
        (("--trust-anchor", ""), ["--trust-anchor", "the name of a file is wanted"]),
        (("--service", "sip:"), ["--service", "'sip:' is no enumservice", "(RFC 6116 "]),
        (("--service", "a b"), ["--service", "'a b' is no enumservice"]),
        (("--root", ""), ["--root", "'.' is no domain below which numbers can be"]),
        (("--root", "a..b"), ["--root", "'a..b' is no domain"]),
        (("--nameserver", "a", "--zone", "b"), ["--nameserver", "--zone", "not allowed"]),
    ],
)
def test_what_makes_no_sense_is_complained_of(arguments: Sequence[str], words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(*arguments)
    assert [word for word in words if word not in caught.value.message] == []
    assert caught.value.message.isprintable()
    assert caught.value.usage == "usage: program [OPTION ...]\n"


def test_help_is_asked_for_and_is_ascii() -> None:
    with pytest.raises(Asked) as caught:
        parsed("--help")
    assert caught.value.text.isascii()
    options = ["--json", "--nameserver", "--zone", "--transports", "--family", "--timeout"]
    options += ["--seed", "--no-speculation", "--dnssec", "--trust-ad", "--require-secure"]
    options += ["--trust-anchor"]
    options += ["--service", "--root", "--local-numbers"]
    assert [option for option in options if option not in caught.value.text] == []
    said = " ".join(caught.value.text.split())
    assert "those of the client (default: udp,tcp,tls)" in said
    assert "the addresses that the client can reach (default: any)" in said
    assert "--seed N make the choice among equal records repeatable" in said


def test_what_an_option_means_is_for_the_sub_command_to_say() -> None:
    made = Parser(prog="program")
    add_client_options(made, transports="one", family="two", seed="three")
    said = " ".join(made.format_help().split())
    for option in ("--transports LIST one", "--family {any,ipv4,ipv6} two", "--seed N three"):
        assert option in said
