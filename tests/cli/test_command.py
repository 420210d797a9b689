"""What the sub-commands that find servers have in common."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from commands import found, run
from loopback import nobody
from nameserver import Nameserver

from sipresolve import Bogus, Dnssec, DnsTimeout, NoSuchDomain
from sipresolve.cli import main
from sipresolve.cli.enum import ENUM
from sipresolve.cli.parsing import UsageError
from sipresolve.cli.replies import Circumstances
from sipresolve.cli.resolve import RESOLVE
from sipresolve.cli.via import VIA

if TYPE_CHECKING:
    from pathlib import Path

    from sipresolve.cli.command import Command

ZONE = """
example.com. 300 IN SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
example.com. 300 IN NS ns.example.com.
ns.example.com. 300 IN A 192.0.2.53
_sip._udp.example.com. 300 IN SRV 0 0 5070 a.example.com.
a.example.com. 300 IN A 192.0.2.1
a.example.com. 300 IN AAAA 2001:db8::1
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. 300 IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:example.com!" .
"""

#: Each sub-command that finds servers, and how it is asked for those of a name.
COMMANDS = [
    pytest.param(RESOLVE, "sip:{};transport=udp", id="resolve"),
    pytest.param(VIA, "SIP/2.0/UDP {}", id="via"),
]
both = pytest.mark.parametrize(("command", "form"), COMMANDS)

#: Each sub-command, and something that it finds.
CALLS = [
    pytest.param(RESOLVE, "sip:example.com;transport=udp", id="resolve"),
    pytest.param(RESOLVE, "tel:+44-20-7946-0123", id="resolve a number"),
    pytest.param(VIA, "SIP/2.0/UDP example.com", id="via"),
    pytest.param(ENUM, "+442079460123", id="enum"),
]
every = pytest.mark.parametrize(("command", "subject"), CALLS)

#: Each sub-command, and how it is used.
USAGES = [
    pytest.param(RESOLVE, "sipresolve resolve URI [OPTION ...]", id="resolve"),
    pytest.param(VIA, "sipresolve via VIA [OPTION ...]", id="via"),
    pytest.param(ENUM, "sipresolve enum NUMBER | --input FILE [OPTION ...]", id="enum"),
]


@pytest.fixture
def zone(tmp_path: Path) -> str:
    file = tmp_path / "example.zone"
    file.write_text(ZONE)
    return str(file)


# --- What becomes of it


@both
def test_a_zone_file_answers(zone: str, command: Command, form: str) -> None:
    subject = form.format("Example.com")
    outcome = run(command, subject, "--zone", zone)
    assert (outcome.key, outcome.subject) == (command.key, subject)  # as it was given
    assert outcome.seconds > 0
    assert set(found(command, subject, "--zone", zone)) == {
        "udp 192.0.2.1:5070",
        "udp [2001:db8::1]:5070",
    }


@every
def test_a_subject_stands_there_as_it_was_given(zone: str, command: Command, subject: str) -> None:
    outcome = run(command, subject, "--zone", zone)
    assert (outcome.subject, outcome.error, outcome.sought) == (subject, None, command.sought)


@both
def test_several_zone_files_answer(zone: str, tmp_path: Path, command: Command, form: str) -> None:
    other = tmp_path / "example.net.zone"
    other.write_text(
        "example.net. 300 IN SOA ns.example.net. h.example.net. 1 1 1 1 60\n"
        "example.net. 300 IN NS a.example.com.\n"
        "_sip._udp.example.net. 300 IN SRV 0 0 5060 ns.example.com.\n"
    )
    targets = found(command, form.format("example.net"), "--zone", zone, "--zone", str(other))
    assert targets == ["udp 192.0.2.53:5060"]


@both
def test_the_family_is_the_clients(zone: str, command: Command, form: str) -> None:
    subject = form.format("example.com")
    only = found(command, subject, "--zone", zone, "--family", "ipv6")
    assert only == ["udp [2001:db8::1]:5070"]


@both
def test_nothing_found_is_an_outcome(zone: str, command: Command, form: str) -> None:
    outcome = run(command, form.format("nobody.example.com"), "--zone", zone)
    assert isinstance(outcome.error, NoSuchDomain)
    assert outcome.resolution is not None
    assert outcome.resolution.queries


@both
def test_a_text_that_is_none_is_an_outcome(zone: str, command: Command, form: str) -> None:
    outcome = run(command, form.format(""), "--zone", zone)
    assert outcome.resolution is None
    assert outcome.error is not None
    assert outcome.error.code == f"invalid-{command.key}"


# --- Nameservers


@both
def test_a_nameserver_answers(command: Command, form: str) -> None:
    with Nameserver(ZONE) as server:
        targets = found(command, form.format("example.com"), "--nameserver", server.address)
    assert set(targets) == {"udp 192.0.2.1:5070", "udp [2001:db8::1]:5070"}


@both
def test_the_next_nameserver_is_asked_where_one_fails(command: Command, form: str) -> None:
    with (
        Nameserver(ZONE, faults={"* *": "servfail"}) as failing,
        Nameserver(ZONE) as working,
    ):
        servers = ("--nameserver", failing.address, "--nameserver", working.address)
        targets = found(command, form.format("example.com"), "--family", "ipv4", *servers)
        assert targets == ["udp 192.0.2.1:5070"]
        assert failing.asked


@both
def test_without_speculation_nothing_is_asked_ahead(command: Command, form: str) -> None:
    with Nameserver(ZONE) as server:
        subject = form.format("example.com")
        found(command, subject, "--no-speculation", "--nameserver", server.address)
        asked = set(server.asked)  # on a busy machine, one may be sent again
    assert sorted(asked) == ["_sip._udp.example.com SRV", "a.example.com A", "a.example.com AAAA"]


@pytest.mark.parametrize(
    ("ad", "arguments", "security"),
    [
        (True, ["--trust-ad"], "secure"),
        (True, ["--dnssec", "trust-ad", "--require-secure"], "secure"),
        (False, ["--trust-ad"], "insecure"),
        (True, [], "indeterminate"),
    ],
)
@every
def test_the_ad_bit_counts_where_it_is_trusted(
    ad: bool, arguments: list[str], security: str, command: Command, subject: str
) -> None:
    with Nameserver(ZONE, ad=ad) as server:
        outcome = run(command, subject, "--nameserver", server.address, *arguments)
    assert outcome.resolution is not None
    assert str(outcome.resolution.security) == security


@every
def test_what_is_not_proven_is_not_taken_where_proof_is_required(
    command: Command, subject: str
) -> None:
    with Nameserver(ZONE) as server:
        outcome = run(command, subject, "--nameserver", server.address, "--require-secure")
    assert outcome.error is not None
    assert outcome.error.code == "not-secure"


@every
def test_a_timeout_bounds_the_whole(command: Command, subject: str) -> None:
    with Nameserver(ZONE, faults={"* *": "timeout"}) as server:
        outcome = run(command, subject, "--nameserver", server.address, "--timeout", "0.3")
    assert outcome.error is not None
    assert outcome.error.code == "dns-timeout"
    assert outcome.seconds < 3


@every
def test_whom_the_questions_went_to_and_whether_time_ran_out_is_known(
    command: Command, subject: str
) -> None:
    with Nameserver(ZONE, faults={"* *": "timeout"}) as silent:
        outcome = run(command, subject, "--nameserver", silent.address, "--timeout", "0.2")
        assert outcome.circumstances == Circumstances(
            nameservers=(silent.address,), out_of_time=True, roots=("e164.arpa",)
        )
    with nobody() as closed:
        outcome = run(command, subject, "--nameserver", closed, "--timeout", "20")
    assert isinstance(outcome.error, DnsTimeout)
    assert outcome.circumstances == Circumstances(nameservers=(closed,), roots=("e164.arpa",))


# --- Proof


@every
def test_a_zone_file_proves_nothing(zone: str, command: Command, subject: str) -> None:
    outcome = run(command, subject, "--zone", zone, "--dnssec", "validate")
    assert outcome.error is None
    assert outcome.resolution is not None
    assert outcome.resolution.reason is not None
    assert outcome.resolution.reason.code == "local-data"
    assert outcome.circumstances.dnssec is Dnssec.VALIDATE


@every
def test_a_nameserver_that_shows_no_proof_proves_nothing(command: Command, subject: str) -> None:
    """RFC 4035 §5.2: below a trust anchor, what is not signed has to be proven not to be."""
    with Nameserver(ZONE, ad=True) as server:  # RFC 4035 §4.9.3: nor is its word believed
        outcome = run(command, subject, "--nameserver", server.address, "--dnssec", "validate")
    assert isinstance(outcome.error, Bogus)


@every
def test_without_cryptography_it_says_what_to_install(
    zone: str, command: Command, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "sipresolve.backends.algorithms", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(UsageError, match=r"pip install 'sipresolve\[dnssec\]'"):
        run(command, subject, "--zone", zone, "--dnssec", "validate")


@every
def test_trust_anchors_are_read(tmp_path: Path, command: Command, subject: str) -> None:
    file = tmp_path / "own.key"
    file.write_text(f"example.net. IN DS 370 13 2 {'be' * 32}\n")
    with Nameserver(ZONE) as server:
        options = ("--nameserver", server.address, "--trust-anchor", str(file))
        outcome = run(command, subject, *options)
    assert outcome.resolution is not None
    assert outcome.resolution.reason is not None
    assert outcome.resolution.reason.code == "no-trust-anchor"  # above example.com


# --- What makes no sense


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
        (["--trust-anchor", "no-such.key"], "no-such.key"),
        (["--trust-anchor", "\x1b"], r"\x1b"),
        (["--trust-anchor", "."], "'.'"),
        (["--trust-anchor", "any.key", "--trust-ad"], "--trust-anchor is for --dnssec validate"),
    ],
)
@every
def test_what_cannot_answer_makes_no_sense(
    arguments: list[str], word: str, command: Command, subject: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(command, subject, *arguments)
    assert word in caught.value.message
    assert caught.value.usage == f"usage: {command.usage}\n"


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
            run(RESOLVE, "sip:example.com", "--zone", str(file))
        assert "bad.zone" in caught.value.message


def test_the_name_of_a_zone_file_is_safe_for_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "\x1b[2J.zone"
    file.write_text("nonsense\n")
    with pytest.raises(UsageError, match=r"/\\x1b\[2J\.zone:1: ") as caught:
        run(RESOLVE, "sip:example.com", "--zone", str(file))
    assert caught.value.message.isprintable()


# --- Help


@pytest.mark.parametrize(("command", "usage"), USAGES)
def test_the_help_has_examples_and_the_exit_status(
    command: Command, usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: {usage}\n")
    assert command.usage == usage
    assert all(f"\n  {example}\n" in text for example in command.examples)
    assert all(f"\n  {status}  " in text for status in (0, 1, 2, 130))
    assert text.isascii()
