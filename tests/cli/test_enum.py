"""``sipresolve enum``: what its argument and the options mean to it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import pytest
from commands import run
from nameserver import Nameserver

from sipresolve import Misuse, Policy
from sipresolve.cli import main
from sipresolve.cli.bulk import run as bulk
from sipresolve.cli.enum import ENUM
from sipresolve.cli.parsing import UsageError
from sipresolve.cli.replies import Outcome, Reply
from sipresolve.cli.resolve import RESOLVE
from sipresolve.procedures import substitution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sipresolve.cli.command import Command

RECORDS = r"""
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 20 "u" "E2U+email:mailto" "!^.*$!mailto:a@b.org!" .
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi!" .
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 30 "u" "E2U+pstn:sip" "!^(.*)$!sip:\\1@gw.org!" .
3.2.1.0.6.4.9.7.0.2.4.4.carrier.example. IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .
2.4.0.7.5.5.5.4.1.9.1.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .
"""

NUMBER = "+442079460123"


@pytest.fixture
def zone(tmp_path: Path) -> str:
    file = tmp_path / "example.zone"
    file.write_text(f"$TTL 300\n{RECORDS}")
    return str(file)


def uris(*arguments: str) -> list[str]:
    """The URIs that it finds."""
    outcome = run(ENUM, *arguments)
    assert outcome.error is None
    assert outcome.resolution is not None
    assert outcome.resolution.targets == ()
    return [mapped.uri for mapped in outcome.resolution.uris]


# --- Numbers


@pytest.mark.parametrize(
    "number",
    [
        NUMBER,
        " +44 (20) 7946-0123 ",
        "tel:+44-20-7946-0123",
        "TEL:+442079460123;ext=7",
        "sip:+44-20-7946-0123@example.net;user=phone",
    ],
)
def test_a_number_is_taken_in_any_form(zone: str, number: str) -> None:
    found = [f"sip:{NUMBER}@example.com", f"sip:{NUMBER}@gw.org"]
    assert uris(number, "--zone", zone) == found


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("02079460123", "invalid-number"),  # RFC 6116 §3.7
        ("+1234567890123456", "invalid-number"),  # E.164: at most 15 digits
        ("tel:7042;phone-context=+1914555", "invalid-number"),
        ("sip:+442079460123@example.net", "invalid-number"),  # without user=phone
        ("", "invalid-number"),
        ("sip:", "invalid-uri"),
    ],
)
def test_what_is_no_global_number_is_an_outcome(zone: str, number: str, code: str) -> None:
    outcome = run(ENUM, number, "--zone", zone)
    assert outcome.resolution is None
    assert outcome.error is not None
    assert (outcome.error.code, outcome.status) == (code, 2)


# --- Options on numbers


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--service", "email:mailto"], ["mailto:a@b.org"]),
        (["--service", "E2U"], None),
        (
            ["--service", "pstn:TEL", "--service", "sip"],
            [f"tel:{NUMBER};npdi", f"sip:{NUMBER}@example.com"],
        ),
        (["--root", ".carrier.example."], ["sip:a@192.0.2.1"]),
        (["--root", "nothing.example", "--root", "carrier.example"], ["sip:a@192.0.2.1"]),
        (["--root", "carrier.example", "--root", "e164.arpa"], ["sip:a@192.0.2.1"]),
        (["--root", "nothing.example"], None),
    ],
)
def test_services_and_roots_are_the_callers_choice(
    zone: str, arguments: list[str], found: list[str] | None
) -> None:
    outcome = run(ENUM, NUMBER, "--zone", zone, *arguments)
    if found is None:
        assert outcome.error is not None
        assert (outcome.error.code, outcome.status) == ("no-such-number", 1)
    else:
        assert sorted(uris(NUMBER, "--zone", zone, *arguments)) == sorted(found)


def test_local_numbers_are_taken_where_they_are_wanted(zone: str) -> None:
    arguments = ("tel:7042;phone-context=+1914555", "--local-numbers", "--zone", zone)
    assert uris(*arguments) == ["sip:+19145557042@example.com"]


def test_all_of_it_goes_for_a_number_that_is_resolved(zone: str) -> None:
    arguments = ("tel:0123;phone-context=+44207946", "--local-numbers", "--service", "sip")
    outcome = run(RESOLVE, *arguments, "--root", "carrier.example", "--zone", zone)
    assert outcome.resolution is not None
    assert [str(target) for target in outcome.resolution.targets] == ["udp 192.0.2.1:5060"]


def test_options_that_only_servers_want_are_taken_without_effect(zone: str) -> None:
    arguments = ("--transports", "ws", "--family", "ipv6", "--seed", "7", "--no-speculation")
    assert uris(NUMBER, "--zone", zone, *arguments) == uris(NUMBER, "--zone", zone)
    outcome = run(ENUM, "+999", "--zone", zone, *arguments)
    assert outcome.circumstances.restrictions == ()


def test_the_help_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    main(["enum", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for option in ("--transports LIST", "--family {any,ipv4,ipv6}", "--seed N"):
        assert f"{option} accepted, and without effect: no servers are looked up" in said
    assert "(default: sip and pstn:sip)" in said
    assert "where those before have nothing or fail (default: e164.arpa)" in said


def test_the_help_says_what_the_exit_status_of_many_numbers_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["enum", "--help"])
    _, one, many = capsys.readouterr().out.split("\n\nexit status")
    assert one.startswith(":\n  0    found\n")
    assert many.startswith(" with --input:\n  0    every line was answered, whatever the answers")
    assert "\n  130  interrupted; 143 by SIGTERM\n" in many
    main(["resolve", "--help"])
    assert "--input" not in capsys.readouterr().out


def test_roots_are_asked_one_after_the_other() -> None:
    with Nameserver(RECORDS) as server:
        arguments = ("--root", "carrier.example", "--root", "e164.arpa")
        uris(NUMBER, "--nameserver", server.address, *arguments)
        asked = set(server.asked)  # on a busy machine, one may be sent again
    assert asked == {"3.2.1.0.6.4.9.7.0.2.4.4.carrier.example NAPTR"}


# --- What makes no sense


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a NUMBER is wanted, or a file of numbers, with --input"),
        (["--json"], "a NUMBER is wanted, or a file of numbers, with --input"),
        ([NUMBER, "--input", "x"], "a NUMBER has no place beside --input"),
        ([NUMBER, "--output", "x"], "--output is for many numbers, and there is no --input"),
        ([NUMBER, "--resume"], "--resume is for many numbers, and there is no --input"),
        ([NUMBER, "--concurrency", "1"], "--concurrency is for many numbers, and there is no"),
        (["--input", "x", "--resume"], "--resume needs --output"),
        (["--input", "x", "--resume", "--output", "-"], "--resume needs --output"),
        ([NUMBER, "--output", "-"], "--output is for many numbers, and there is no --input"),
        (["--input", ""], "the name of a file is wanted, not ''"),
        (["--input", "x", "--output", ""], "the name of a file is wanted, not ''"),
        (["--input", "x", "--concurrency", "0"], "'0' is no whole number above 0"),
        (["--input", "x", "--concurrency", "-1"], "'-1' is no whole number above 0"),
        (["--input", "x", "--concurrency", "many"], "'many' is no whole number above 0"),
        (["--input", "x", "--concurrency", "٣"], "'٣' is no whole number above 0"),
        (["--input", "x", "--concurrency", "9" * 5000], "or too large"),
        ([NUMBER, "--service", "sip:"], "argument --service: 'sip:' is no enumservice"),
        ([NUMBER, "--service", ""], "argument --service: '' is no enumservice"),
        ([NUMBER, "--service", "\x1b"], r"argument --service: '\x1b' is no enumservice"),
        ([NUMBER, "--root", "."], "argument --root: '.' is no domain below which numbers can be"),
        ([NUMBER, "--root", "a..b"], "argument --root: 'a..b' is no domain"),
        (["+44", "20", "7946"], "arguments: 20 7946; put the number in quotes, if it has blanks"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(ENUM, *arguments)
    assert said in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.usage == f"usage: {ENUM.usage}\n"


# --- Many numbers


class Bulk:
    """Takes the place of what maps many numbers."""

    def __init__(self) -> None:
        self.options = argparse.Namespace()
        self.policy = Policy()

    def run(self, options: argparse.Namespace, policy: Policy) -> Reply:
        self.options, self.policy = options, policy
        return Reply(status=1, output="lines\n", complaint="told\n")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Bulk:
    made = Bulk()
    monkeypatch.setattr(bulk, "run", made.run)
    return made


def test_many_numbers_are_left_to_what_maps_them(
    many: Bulk, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--output", "y", "--resume", "--concurrency", "7", "--zone", "z", "--root", "r"]
    assert main(["enum", "--input", "-", *arguments, "--service", "sip", "--timeout", "2"]) == 1
    assert capsys.readouterr() == ("lines\n", "told\n")
    given = many.options
    assert (given.input, given.output, given.resume, given.concurrency) == ("-", "y", True, 7)
    assert (given.nameserver, given.zone, given.service, given.root) == ([], ["z"], ["sip"], ["r"])
    assert many.policy == Policy(lifetime=2.0, enum_services=["sip"], enum_roots=["r"])


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--output", "-"]])
def test_a_hundred_at_a_time_to_standard_output_unless_told_otherwise(
    many: Bulk, arguments: list[str]
) -> None:
    assert main(["enum", "--input", "x", *arguments]) == 1
    given = many.options
    assert (given.input, given.output, given.resume, given.concurrency) == ("x", None, False, 100)
    assert many.policy == Policy()


def test_what_they_have_against_it_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Reply:
        raise Misuse("there is no file \x1b")

    monkeypatch.setattr(bulk, "run", refuse)
    with pytest.raises(UsageError, match=r"^there is no file \\x1b$"):
        run(ENUM, "--input", "x")


# --- Without the extra


@pytest.fixture
def _without_re2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "re2", None)
    substitution._matcher.cache_clear()
    yield
    substitution._matcher.cache_clear()


@pytest.mark.usefixtures("_without_re2")
@pytest.mark.parametrize(("command", "subject"), [(ENUM, NUMBER), (RESOLVE, f"tel:{NUMBER}")])
def test_without_the_extra_it_is_said_what_to_install(
    zone: str, command: Command, subject: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(command, subject, "--zone", zone)
    assert isinstance(outcome, Outcome)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.status) == ("usage", 2)
    assert main([command.name, subject, "--zone", zone]) == 2
    missing = "telephone numbers are mapped with google-re2, which is not installed"
    told = f"sipresolve: {missing}: pip install 'sipresolve[enum]' (usage)\n"
    assert capsys.readouterr() == ("", told)


@pytest.mark.usefixtures("_without_re2")
def test_without_the_extra_a_number_that_is_none_is_told_first(zone: str) -> None:
    outcome = run(ENUM, "020", "--zone", zone)
    assert outcome.error is not None
    assert outcome.error.code == "invalid-number"
