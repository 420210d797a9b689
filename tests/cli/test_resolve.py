"""``sipresolve resolve``: what the options mean to the resolver."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest
from loopback import nobody
from nameserver import Nameserver

from sipresolve import DnsTimeout, NoSuchDomain, Resolution
from sipresolve.cli import main, resolve
from sipresolve.cli.parsing import Parser, UsageError
from sipresolve.cli.replies import Circumstances

if TYPE_CHECKING:
    from pathlib import Path

    from sipresolve.cli.replies import Outcome

ZONE = """
$ORIGIN example.com.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.53
@ IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp
  IN NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp
_sips._tcp IN SRV 10 60 5061 a
_sip._tcp IN SRV 10 50 5060 a
          IN SRV 10 50 5060 b
a IN A 192.0.2.1
  IN AAAA 2001:db8::1
b IN A 192.0.2.2
"""

RECORDS = """
example.com. IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
_sip._udp.example.com. IN SRV 0 0 5060 a.example.com.
a.example.com. IN A 192.0.2.1
a.example.com. IN AAAA 2001:db8::1
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    file = tmp_path / "example.zone"
    file.write_text(ZONE)
    return str(file)


def run(*arguments: str) -> Outcome:
    program = Parser(prog="sipresolve")
    resolve.add_to(program.add_subparsers())
    options = program.parse_args(["resolve", *arguments], argparse.Namespace(json=False))
    outcome: Outcome = options.run(options)
    return outcome


def found(*arguments: str) -> list[str]:
    outcome = run(*arguments)
    assert outcome.error is None
    assert isinstance(outcome.resolution, Resolution)
    return [str(target) for target in outcome.resolution.targets]


def test_a_zone_file_answers(zone: str) -> None:
    outcome = run("SIP:example.com", "--zone", zone)
    assert (outcome.key, outcome.subject) == ("uri", "SIP:example.com")
    assert outcome.seconds > 0
    first = found("SIP:example.com", "--zone", zone)
    assert set(first) == {
        "tls 192.0.2.1:5061",
        "tls [2001:db8::1]:5061",
        "tcp 192.0.2.1:5060",
        "tcp [2001:db8::1]:5060",
        "tcp 192.0.2.2:5060",
    }


def test_several_zone_files_answer(zone: str, tmp_path: Path) -> None:
    other = tmp_path / "example.net.zone"
    other.write_text(
        "example.net. 300 IN SOA ns.example.net. h.example.net. 1 1 1 1 60\n"
        "example.net. 300 IN NS a.example.com.\n"
        "_sip._udp.example.net. 300 IN SRV 0 0 5060 b.example.com.\n"
    )
    assert found("sip:example.net", "--zone", zone, "--zone", str(other)) == ["udp 192.0.2.2:5060"]


def test_transports_and_family_are_the_clients(zone: str) -> None:
    only = found("sip:example.com", "--zone", zone, "--transports", "tcp", "--family", "ipv6")
    assert only == ["tcp [2001:db8::1]:5060"]


def test_a_seed_makes_the_order_repeatable(zone: str) -> None:
    def order(seed: int) -> list[str]:
        return found("sip:example.com", "--zone", zone, "--seed", str(seed))

    orders = [order(seed) for seed in range(20)]
    assert orders == [order(seed) for seed in range(20)]
    assert len({tuple(order) for order in orders}) > 1


def test_nothing_found_is_an_outcome(zone: str) -> None:
    outcome = run("sip:nobody.example.com", "--zone", zone)
    assert isinstance(outcome.error, NoSuchDomain)
    assert outcome.resolution is not None
    assert outcome.resolution.queries


def test_a_uri_that_is_none_is_an_outcome(zone: str) -> None:
    outcome = run("sip:", "--zone", zone)
    assert outcome.resolution is None
    assert outcome.error is not None
    assert outcome.error.code == "invalid-uri"


def test_a_nameserver_answers() -> None:
    with Nameserver(RECORDS) as server:
        targets = found("sip:example.com", "--nameserver", server.address)
    assert set(targets) == {"udp 192.0.2.1:5060", "udp [2001:db8::1]:5060"}


def test_the_next_nameserver_is_asked_where_one_fails() -> None:
    with (
        Nameserver(RECORDS, faults={"* *": "servfail"}) as failing,
        Nameserver(RECORDS) as working,
    ):
        both = ("--nameserver", failing.address, "--nameserver", working.address)
        assert found("sip:a.example.com:5060", "--family", "ipv4", *both) == ["udp 192.0.2.1:5060"]
        assert failing.asked


def test_without_speculation_nothing_is_asked_ahead() -> None:
    with Nameserver(RECORDS) as server:
        found("sip:example.com", "--no-speculation", "--nameserver", server.address)
        asked = set(server.asked)  # on a busy machine, one may be sent again
    assert sorted(asked) == [
        "_sip._udp.example.com SRV",
        "a.example.com A",
        "a.example.com AAAA",
        "example.com NAPTR",
    ]


@pytest.mark.parametrize(
    ("ad", "arguments", "security"),
    [
        (True, ["--trust-ad"], "secure"),
        (True, ["--dnssec", "trust-ad", "--require-secure"], "secure"),
        (False, ["--trust-ad"], "insecure"),
        (True, [], "indeterminate"),
    ],
)
def test_the_ad_bit_counts_where_it_is_trusted(
    ad: bool, arguments: list[str], security: str
) -> None:
    with Nameserver(RECORDS, ad=ad) as server:
        outcome = run("sip:example.com", "--nameserver", server.address, *arguments)
    assert outcome.resolution is not None
    assert str(outcome.resolution.security) == security


def test_what_is_not_proven_is_not_taken_where_proof_is_required() -> None:
    with Nameserver(RECORDS) as server:
        outcome = run("sip:example.com", "--nameserver", server.address, "--require-secure")
    assert outcome.error is not None
    assert outcome.error.code == "not-secure"


def test_a_timeout_bounds_the_whole() -> None:
    with Nameserver(RECORDS, faults={"* *": "timeout"}) as server:
        outcome = run("sip:example.com", "--nameserver", server.address, "--timeout", "0.3")
    assert outcome.error is not None
    assert outcome.error.code == "dns-timeout"
    assert outcome.seconds < 3


@pytest.mark.parametrize(
    ("arguments", "restrictions"),
    [
        ([], ()),
        (["--transports", "tls,tcp,udp", "--family", "any"], ()),
        (["--transports", "udp,tcp,tls,ws"], ()),
        (["--transports", "tls"], ("--transports",)),
        (["--family", "ipv6"], ("--family",)),
        (["--family", "ipv4", "--transports", "tls"], ("--family", "--transports")),
    ],
)
def test_the_options_that_rule_something_out_are_known(
    zone: str, arguments: list[str], restrictions: tuple[str, ...]
) -> None:
    circumstances = run("sip:nobody.example.com", "--zone", zone, *arguments).circumstances
    assert circumstances == Circumstances(restrictions=restrictions)


def test_whom_the_questions_went_to_and_whether_time_ran_out_is_known() -> None:
    with Nameserver(RECORDS, faults={"* *": "timeout"}) as silent:
        outcome = run("sip:a.example.com:1", "--nameserver", silent.address, "--timeout", "0.2")
        assert outcome.circumstances == Circumstances(
            nameservers=(silent.address,), out_of_time=True
        )
    with nobody() as closed:
        outcome = run("sip:a.example.com:1", "--nameserver", closed, "--timeout", "20")
    assert isinstance(outcome.error, DnsTimeout)
    assert outcome.circumstances == Circumstances(nameservers=(closed,))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--zone", "no-such.zone"], "no-such.zone"),
        (["--zone", "."], "'.'"),
        (["--zone", "\x00"], r"\x00"),
        (["--zone", ""], "the name of a file is wanted"),
        (["--nameserver", "dns.example"], "dns.example"),
        (["--nameserver", "tls://192.0.2.1"], "tls://192.0.2.1"),
        (["--nameserver", "192.0.2.1:0"], "192.0.2.1:0"),
        (["--nameserver", f"192.0.2.1:{'9' * 5000}"], "192.0.2.1:9"),
        (["--nameserver", ""], "''"),
    ],
)
def test_what_cannot_answer_makes_no_sense(arguments: list[str], word: str) -> None:
    with pytest.raises(UsageError) as caught:
        run("sip:example.com", *arguments)
    assert word in caught.value.message
    assert caught.value.usage == "usage: sipresolve resolve URI [OPTION ...]\n"


def test_a_zone_file_that_is_none_makes_no_sense(tmp_path: Path) -> None:
    for content in (
        b"",
        b"; nothing\n",
        b"this is no zone\n",
        b"\xff\xfe\x00",
        b"example.com. IN A 1.2.3\n",
    ):
        file = tmp_path / "bad.zone"
        file.write_bytes(content)
        with pytest.raises(UsageError) as caught:
            run("sip:example.com", "--zone", str(file))
        assert "bad.zone" in caught.value.message


def test_the_name_of_a_zone_file_is_safe_for_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "\x1b[2J.zone"
    file.write_text("nonsense\n")
    with pytest.raises(UsageError, match=r"/\\x1b\[2J\.zone:1: ") as caught:
        run("sip:example.com", "--zone", str(file))
    assert caught.value.message.isprintable()


def test_the_help_has_examples_and_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "--help"]) == 0
    text = capsys.readouterr().out
    assert "sipresolve resolve sip:alice@example.com" in text
    assert all(f"\n  {status}  " in text for status in (0, 1, 2, 130))
