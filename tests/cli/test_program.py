"""The program as a whole: arguments in, standard output, standard error and exit status out."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import comes_about
from nameserver import Nameserver
from strategies import near_tels, near_vias, tels, vias, words, words_on_numbers

from sipresolve import Resolver
from sipresolve.cli import main
from sipresolve.cli.program import _parser

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

ZONE: Final = r"""
$TTL 300
example.com. IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
_sip._udp.example.com. IN SRV 0 0 5060 a.example.com.
a.example.com. IN A 192.0.2.1
sctp.example. IN NAPTR 10 10 "s" "SIP+D2S" "" _sip._sctp.sctp.example.
none.example. IN TXT "no address"
no.example. IN TXT "no SIP"
_sip._udp.no.example. IN SRV 0 0 0 .
_sip._tcp.no.example. IN SRV 0 0 0 .
loop.example. IN CNAME loop.example.
evil.example. IN NAPTR 10 10 "\027]0;gotcha\007" "\027[31mSIP+D2U\155" "\027[2J" \027.evil.example.
evil.example. IN NAPTR 10 20 "s" "SIP+D2U" "" \027[2J.evil.example.
\027[2J.evil.example. IN SRV 0 0 5060 \027[1A\013.evil.example.
\027[1A\013.evil.example. IN CNAME \007.evil.example.
\007.evil.example. IN A 192.0.2.66
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .
1.e164.arpa. IN NAPTR 10 10 "" "" "" 1.e164.arpa.
2.e164.arpa. IN NAPTR 10 10 "u" "E2U+unused:data" "!^.*$!data:,none!" .
3.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:nobody.example!" .
4.e164.arpa. IN NAPTR 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .
5.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip\027[31m" "!\027[2J\155!sip:\007!\027" \027.evil.example.
5.e164.arpa. IN NAPTR 10 20 "\027" "E2U+sip" "!\027]0;gotcha\007!!" \027.evil.example.
5.e164.arpa. IN NAPTR 10 30 "" "" "" \027.evil.example.
\027.evil.example. IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:\027[1A@a.example.com!" .
\027.evil.example. IN NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:alice@example.com!" .
"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("zones") / "example.zone"
    file.write_text(ZONE)
    return str(file)


def call(*arguments: str) -> tuple[int, str, str]:
    """The exit status, standard output and standard error of a call in this process."""
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as complaint:
        status = main(arguments)
    return status, output.getvalue(), complaint.getvalue()


def command(*arguments: str | bytes) -> Sequence[str | bytes]:
    """The command line of a process of its own; -P keeps a checkout out of sys.path."""
    return [sys.executable, "-P", "-m", "sipresolve", *arguments]


def process(*arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - the arguments are those of the tests
        command(*arguments),
        capture_output=True,
        env={**os.environ, **environment},
        timeout=30,
        check=False,
    )


# --- What it says, and the exit status


EXIT_STATUSES = [
    # arguments, code, exit status
    (["resolve", "sip:alice@example.com"], None, 0),
    (["resolve", "a.example.com"], None, 0),
    (["resolve", "sip:192.0.2.1"], None, 0),
    (["resolve", "sip:nobody.example"], "no-such-domain", 1),
    (["resolve", "sip:none.example"], "no-targets", 1),
    (["resolve", "sip:sctp.example"], "unsupported-transport", 1),
    (["resolve", "sip:no.example"], "service-not-offered", 1),
    (["resolve", "sip:loop.example:5060"], "loop", 1),
    (["resolve", "sip:example.com", "--require-secure"], "not-secure", 1),
    (["resolve", "sip:[2001:db8::1]", "--family", "ipv4"], "no-targets", 1),
    (["resolve", "sip:alice@example.com;transport=sctp"], "unsupported-transport", 2),
    (["resolve", "sip:alice@example.com;transport=foo"], "unsupported-transport", 2),
    (["resolve", "sips:alice@example.com;transport=udp"], "unsupported-transport", 2),
    (["resolve", "sips:alice@example.com", "--transports", "udp"], "unsupported-transport", 2),
    (["resolve", "tel:+442079460123"], None, 0),
    (["resolve", "TEL:+44-20-7946-0123;ext=7"], None, 0),
    (["resolve", "tel:+9"], "no-such-number", 1),
    (["resolve", "tel:+442079460123", "--root", "nobody.example"], "no-such-number", 1),
    (["resolve", "tel:+1"], "loop", 1),
    (["resolve", "tel:+2"], "number-unused", 1),
    (["resolve", "tel:+3"], "no-such-domain", 1),
    (["resolve", "tel:+4", "--service", "email:mailto"], "no-targets", 1),
    (["resolve", "tel:020"], "invalid-number", 2),
    (["resolve", "tel:1;phone-context=+4", "--local-numbers"], "no-such-number", 1),
    (["resolve", "tel:1;phone-context=+4"], "invalid-number", 2),
    (["resolve", "+44 20 7946 0123"], None, 0),
    (["resolve", "+44 x"], "invalid-number", 2),
    (["resolve", "sip:+442079460123"], "invalid-uri", 2),
    (["resolve", "sip:alice@"], "invalid-uri", 2),
    (["resolve", ""], "invalid-uri", 2),
    (["enum", "+442079460123"], None, 0),
    (["enum", "+442079460123", "--root", "nobody.example", "--root", "e164.arpa"], None, 0),
    (["enum", "+3"], None, 0),
    (["enum", "+4", "--service", "email:mailto"], None, 0),
    (["enum", "+4"], "no-such-number", 1),
    (["enum", "+9"], "no-such-number", 1),
    (["enum", "+1"], "loop", 1),
    (["enum", "+2"], "number-unused", 1),
    (["enum", "+442079460123", "--require-secure"], "not-secure", 1),
    (["enum", "020"], "invalid-number", 2),
    (["enum", "+1234567890123456"], "invalid-number", 2),
    (["enum", "tel:+1;ext="], "invalid-number", 2),
    (["enum", "sip:+1@example.com"], "invalid-number", 2),
    (["enum", "sip:+1@"], "invalid-uri", 2),
    (["enum", ""], "invalid-number", 2),
    (["via", "SIP/2.0/UDP 192.0.2.1"], None, 0),
    (["via", "Via: SIP / 2.0 / UDP a.example.com: 5060 ;branch=z9hG4bK1"], None, 0),
    (["via", "SIP/2.0/UDP nobody.example;received=192.0.2.1"], None, 0),
    (["via", "SIP/2.0/UDP example.com", "--transports", "tls"], None, 0),
    (["via", "SIP/2.0/UDP nobody.example"], "no-such-domain", 1),
    (["via", "SIP/2.0/UDP none.example"], "no-targets", 1),
    (["via", "SIP/2.0/UDP no.example"], "service-not-offered", 1),
    (["via", "SIP/2.0/UDP loop.example:5060"], "loop", 1),
    (["via", "SIP/2.0/UDP example.com", "--require-secure"], "not-secure", 1),
    (["via", "SIP/2.0/UDP [2001:db8::1]", "--family", "ipv4"], "no-targets", 1),
    (["via", "SIP/2.0/QUIC a.example.com"], "unsupported-transport", 2),
    (["via", "SIP/2.0/UDP"], "invalid-via", 2),
    (["via", "SIP/2.0 a.example.com"], "invalid-via", 2),
    (["via", "sip:a.example.com"], "invalid-via", 2),
    (["via", ""], "invalid-via", 2),
]

#: The first keys of an answer: what was resolved, and last what was found.
KEYS: Final = {
    "resolve": ["uri", "targets"],
    "enum": ["number", "domain", "uris"],
    "via": ["via", "targets"],
}


@pytest.mark.parametrize(("arguments", "code", "status"), EXIT_STATUSES)
def test_the_exit_status(zone: str, arguments: list[str], code: str | None, status: int) -> None:
    said, output, complaint = call(*arguments, "--zone", zone, "--json")
    document = json.loads(output)
    command, subject, *_ = arguments
    more = (
        KEYS["enum"] if command == "resolve" and subject.lower().startswith(("tel:", "+")) else []
    )
    assert list(document) == [
        *KEYS[command],
        "security",
        "reason",
        "warnings",
        "queries",
        "error",
        *more,
    ]
    assert document[KEYS[command][0]] == subject
    assert (document["error"]["code"] if document["error"] else None, said) == (code, status)
    assert (document[KEYS[command][-1]] == []) == (code is not None)
    assert complaint == ""


@pytest.mark.parametrize(("arguments", "code", "status"), EXIT_STATUSES)
def test_a_person_is_told_the_same(
    zone: str, arguments: list[str], code: str | None, status: int
) -> None:
    said, output, complaint = call(*arguments, "--zone", zone)
    assert said == status
    assert (f"({code})" in complaint) == (code is not None)
    assert ("Try in this order:" in output) == (code is None)


def test_a_person_is_shown_the_tree(zone: str) -> None:
    status, output, complaint = call("resolve", "sip:alice@example.com", "--zone", zone)
    assert (status, complaint) == (0, "")
    assert output.startswith(
        "sip:alice@example.com\n"
        "├── NAPTR example.com  (TTL 300)\n"
        '│   └── 10 10 "s" "SIP+D2U" → _sip._udp.example.com\n'
        "│       └── SRV _sip._udp.example.com  (TTL 300)\n"
        "│           └── 0 0 5060 a.example.com\n"
        "│               └── 1. udp 192.0.2.1:5060  (A, TTL 300)\n"
        "└── asked ahead and not needed: 4 questions\n"
        "\n"
        "Try in this order:\n"
        "  1.  udp  192.0.2.1:5060  a.example.com\n"
        "\n"
    )


def test_a_person_is_shown_the_steps_of_a_response(zone: str) -> None:
    via = "SIP/2.0/UDP example.com;received=192.0.2.7;rport=40123"
    status, output, complaint = call("via", via, "--zone", zone)
    assert (status, complaint) == (0, "")
    assert output.startswith(
        f"{via}\n"
        "├── received 192.0.2.7 and rport 40123  (RFC 3581 §4)\n"
        "│   └── 1. udp 192.0.2.7:40123\n"
        "├── if that fails: sent-by example.com  (RFC 3263 §5)\n"
        "│   └── SRV _sip._udp.example.com  (TTL 300)\n"
        "│       └── 0 0 5060 a.example.com\n"
        "│           └── 2. udp 192.0.2.1:5060  (A, TTL 300)\n"
        "└── asked ahead and not needed: 2 questions\n"
        "\n"
        "Try in this order:\n"
        "  1.  udp  192.0.2.7:40123\n"
        "  2.  udp  192.0.2.1:5060   a.example.com\n"
        "\n"
    )


def test_a_person_is_shown_the_records_of_a_number(zone: str) -> None:
    status, output, complaint = call("enum", "+44 20 7946 0123", "--zone", zone)
    assert (status, complaint) == (0, "")
    assert output.startswith(
        "+44 20 7946 0123  (+442079460123)\n"
        "└── NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa  (TTL 300)\n"
        '    └── 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!"\n'
        "        └── 1. sip:+442079460123@example.com  (sip)\n"
        "\n"
        "Try in this order:\n"
        "  1.  sip  sip:+442079460123@example.com\n"
        "\n"
        "1 URI, 1 question, "
    )


def test_a_person_is_shown_the_way_from_a_number_to_servers(zone: str) -> None:
    status, output, complaint = call("resolve", "tel:+442079460123", "--zone", zone)
    assert (status, complaint) == (0, "")
    assert output.startswith(
        "tel:+442079460123  (+442079460123)\n"
        "├── NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa  (TTL 300)\n"
        '│   └── 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!"\n'
        "│       └── sip:+442079460123@example.com  (sip)\n"
        "│           └── NAPTR example.com  (TTL 300)\n"
        '│               └── 10 10 "s" "SIP+D2U" → _sip._udp.example.com\n'
        "│                   └── SRV _sip._udp.example.com  (TTL 300)\n"
        "│                       └── 0 0 5060 a.example.com\n"
        "│                           └── 1. udp 192.0.2.1:5060  (A, TTL 300)\n"
        "└── asked ahead and not needed: 4 questions\n"
        "\n"
        "Try in this order:\n"
        "  1.  udp  192.0.2.1:5060  a.example.com  sip:+442079460123@example.com\n"
        "\n"
    )


MISUSES = [
    [],
    ["resolve"],
    ["enum"],
    ["enum", "+442079460123", "--input", "numbers.txt"],
    ["enum", "+442079460123", "--resume"],
    ["enum", "+442079460123", "--root", "."],
    ["enum", "--input", "numbers.txt", "--resume"],
    ["via"],
    ["via", "SIP/2.0/UDP", "192.0.2.1"],
    ["via", "SIP/2.0/UDP 192.0.2.1", "--unknown"],
    ["via", "SIP/2.0/UDP 192.0.2.1", "--transports", "foo"],
    ["via", "SIP/2.0/UDP 192.0.2.1", "--zone", "no-such.zone"],
    ["via", "SIP/2.0/UDP 192.0.2.1", "--root", "e164.arpa"],
    ["unknown"],
    ["--unknown"],
    ["resolve", "sip:example.com", "--unknown"],
    ["resolve", "sip:example.com", "sip:example.net"],
    ["resolve", "sip:example.com", "--transports", "foo"],
    ["resolve", "sip:example.com", "--timeout", "never"],
    ["resolve", "sip:example.com", "--seed"],
    ["resolve", "sip:example.com", "--dnssec", "perhaps"],
    ["resolve", "sip:example.com", "--trust-anchor", "no-such.key"],
    ["resolve", "sip:example.com", "--dnssec", "validate", "--trust-ad"],
    ["enum", "+442079460123", "--trust-anchor", "no-such.key", "--trust-ad"],
    ["enum", "--input", "numbers.txt", "--trust-anchor", "no-such.key"],
    ["resolve", "sip:example.com", "--nameserver", "dns.example"],
    ["resolve", "sip:example.com", "--zone", "no-such.zone"],
    ["resolve", "sip:example.com", "--nameserver", "192.0.2.1", "--zone", "no-such.zone"],
]


@pytest.mark.parametrize("arguments", MISUSES, ids=" ".join)
def test_misuse_is_told_to_a_person(arguments: list[str]) -> None:
    status, output, complaint = call(*arguments)
    assert (status, output) == (2, "")
    usage, message = complaint.splitlines()
    assert usage.startswith("usage: sipresolve ")
    assert message.startswith("sipresolve: error: ")


@pytest.mark.parametrize("arguments", MISUSES, ids=" ".join)
@pytest.mark.parametrize("first", [True, False], ids=["--json first", "--json last"])
def test_misuse_is_told_to_a_program_wherever_it_asks_for_json(
    arguments: list[str], first: bool
) -> None:
    both = ["--json", *arguments] if first else [*arguments, "--json"]
    status, output, complaint = call(*both)
    assert (status, complaint) == (2, "")
    document = json.loads(output)
    assert list(document) == ["error"]
    assert list(document["error"]) == ["code", "message"]
    assert document["error"]["code"] == "usage"


def test_json_may_stand_before_the_sub_command(zone: str) -> None:
    before = call("--json", "resolve", "sip:192.0.2.1", "--zone", zone)
    behind = call("resolve", "--zone", zone, "sip:192.0.2.1", "--json")
    assert before == behind
    assert json.loads(before[1])["error"] is None


def test_behind_two_hyphens_nothing_is_an_option(zone: str) -> None:
    status, output, complaint = call("resolve", "--zone", zone, "--", "--json")
    assert (status, output) == (2, "")
    assert "(invalid-uri)" in complaint
    assert call("resolve", "--zone", zone, "--", "a", "--json")[1] == ""


def test_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    status, output, _ = call("--version")
    assert (status, output.split()[0]) == (0, "sipresolve")

    def not_installed(name: str) -> NoReturn:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", not_installed)
    assert call("--version") == (0, "sipresolve (not installed)\n", "")


def test_the_version_is_the_same_behind_the_sub_command() -> None:
    for sub_command in KEYS:
        assert call(sub_command, "--version") == call("--version")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("sip:x", "sipresolve resolve sip:x"),
        ("sips:a@b;x", "sipresolve resolve 'sips:a@b;x'"),
        ("example.com", "sipresolve resolve example.com"),
        ("[2001:db8::1]", "sipresolve resolve '[2001:db8::1]'"),
        ("alice@localhost", "sipresolve resolve alice@localhost"),
        ("sip:a/b@example.com", "sipresolve resolve sip:a/b@example.com"),
        ("tel:+442079460123", "sipresolve resolve tel:+442079460123"),
        ("+442079460123", "sipresolve enum +442079460123"),
        (" +44 (20) 7946-0123;ext=7", "sipresolve enum ' +44 (20) 7946-0123;ext=7'"),
        ("+44.20.7946.0123", "sipresolve enum +44.20.7946.0123"),
        ("+44@example.com", "sipresolve resolve +44@example.com"),
        ("SIP/2.0/UDP a;x", "sipresolve via 'SIP/2.0/UDP a;x'"),
        ("sip / 2.0 / udp a: 5060", "sipresolve via 'sip / 2.0 / udp a: 5060'"),
        (" Via : SIP/2.0/UDP a", "sipresolve via ' Via : SIP/2.0/UDP a'"),
        ("v:SIP", "sipresolve via v:SIP"),
        ("SIP/2.0 192.0.2.1", "sipresolve via 'SIP/2.0 192.0.2.1'"),
        ("Via:", "sipresolve via Via:"),
    ],
)
def test_what_stands_there_without_a_sub_command_gets_a_hint(word: str, hint: str) -> None:
    status, output, complaint = call(word)
    assert (status, output) == (2, "")
    said = f"argument COMMAND: {word!r} is none of 'resolve', 'enum', 'via'; did you mean: {hint}\n"
    assert complaint.splitlines(keepends=True)[1] == f"sipresolve: error: {said}"


@pytest.mark.parametrize("word", ["Via", "SIP", "/etc/hosts", "number", "resolv", "", "é", "020"])
def test_another_word_gets_none(word: str) -> None:
    _, _, complaint = call(word)
    assert f"{word!r} is none of 'resolve', 'enum', 'via'\n" in complaint


def test_the_help_names_the_sub_commands() -> None:
    status, output, complaint = call("--help")
    assert (status, complaint) == (0, "")
    assert output.isascii()
    assert "find the servers to contact for a SIP URI" in output
    assert "find the URIs of a telephone number" in output
    assert "find where a response goes, by its topmost Via header" in output
    assert "sipresolve resolve sip:alice@example.com" in output
    assert all(f"\n  {status}  " in output for status in (0, 1, 2, 130))
    assert output == _parser().format_help()


# --- What the DNS and the user may do to it


def test_nothing_of_the_dns_reaches_the_terminal_raw(zone: str) -> None:
    status, output, complaint = call("resolve", "sip:evil.example", "--zone", zone)
    assert (status, complaint) == (0, "")
    assert all(line.isprintable() for line in output.split("\n"))
    assert r"\x1b[31mSIP+D2U\x9b" in output
    status, output, _ = call("resolve", "sip:evil.example", "--zone", zone, "--json")
    assert status == 0
    assert output[:-1].isascii()
    assert output[:-1].isprintable()


@pytest.mark.parametrize("subject", [["enum", "+5"], ["resolve", "tel:+5"]], ids=" ".join)
def test_nor_does_anything_of_enum(zone: str, subject: list[str]) -> None:
    status, output, complaint = call(*subject, "--zone", zone)
    assert (status, complaint) == (0, "")
    assert all(line.isprintable() for line in output.split("\n"))
    assert r"E2U+sip\x1b[31m" in output
    assert r"\x1b]0;gotcha\x07" in output
    status, output, _ = call(*subject, "--zone", zone, "--json")
    assert status == 0
    assert output[:-1].isascii()
    assert output[:-1].isprintable()


def check_words(arguments: list[str]) -> None:
    status, output, complaint = call(*arguments)
    assert status in {0, 1, 2}
    assert all(line.isprintable() for line in (output + complaint).split("\n"))
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in options and "usage: " not in output and not output.startswith("sipresolve "):
        assert complaint == ""
        assert "error" in json.loads(output)


#: Words that name no file to read or to write, as ``enum`` does.
harmless = words.filter(lambda word: not word.startswith(("--input", "--output")))


@settings(deadline=None)
@given(
    command=st.sampled_from([*KEYS]), arguments=st.lists(harmless | words_on_numbers, max_size=6)
)
def test_whatever_is_typed_there_is_an_answer(
    zone: str, command: str, arguments: list[str]
) -> None:
    check_words([command, "--zone", zone, *arguments])


@settings(deadline=None)
@given(
    command=st.sampled_from([*KEYS]),
    arguments=st.lists(harmless, max_size=4),
    subject=st.text() | vias | near_vias() | tels | near_tels(),
)
def test_whatever_is_typed_for_a_uri_a_number_or_a_via_there_is_an_answer(
    zone: str, command: str, arguments: list[str], subject: str
) -> None:
    check_words([command, "--zone", zone, *arguments, "--", subject])


@settings(deadline=None)
@given(st.lists(words.filter(lambda word: word not in KEYS), max_size=4))
def test_whatever_is_typed_for_a_sub_command_there_is_an_answer(arguments: list[str]) -> None:
    check_words(arguments)


def test_octets_that_are_no_text_are_no_uri_and_no_via(zone: str) -> None:
    done = process("resolve", b"sip:\xff\x1b[31m.example", "--zone", zone)
    assert done.returncode == 2
    assert rb"\udcff\x1b[31m" in done.stderr
    assert b"Traceback" not in done.stderr
    done = process("resolve", b"sip:\xff.example", "--zone", zone, "--json")
    assert json.loads(done.stdout)["error"]["code"] == "invalid-uri"
    assert done.stdout.isascii()
    done = process("via", b"SIP/2.0/UDP \xff.example", "--zone", zone, "--json")
    assert json.loads(done.stdout)["error"]["code"] == "invalid-via"
    assert done.stdout.isascii()


def test_a_terminal_without_box_characters_gets_ascii(zone: str) -> None:
    done = process(
        "resolve",
        "sip:evil.example",
        "--zone",
        zone,
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
        PYTHONUTF8="0",
        PYTHONIOENCODING="",
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b'`-- 10 20 "s" "SIP+D2U" -> \\027[2j.evil.example' in done.stdout


# --- How it ends


def test_a_reader_that_has_seen_enough_is_no_error(zone: str) -> None:
    readable, writable = os.pipe()
    os.close(readable)
    done = subprocess.run(  # noqa: S603 - as above
        command("resolve", "sip:example.com", "--zone", zone),
        stdout=writable,
        stderr=subprocess.PIPE,
        timeout=30,
        check=False,
    )
    os.close(writable)
    assert (done.returncode, done.stderr) == (0, b"")


class Broken(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._error = OSError(number, os.strerror(number))

    def write(self, _: str) -> NoReturn:
        raise self._error


@pytest.mark.parametrize(
    ("number", "status", "complaint"),
    [
        (errno.EPIPE, 0, ""),
        (errno.ENOSPC, 1, f"sipresolve: cannot write: {os.strerror(errno.ENOSPC).lower()}\n"),
    ],
)
def test_what_cannot_be_written_is_told(
    zone: str, monkeypatch: pytest.MonkeyPatch, number: int, status: int, complaint: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(number))
    with redirect_stderr(io.StringIO()) as told:
        assert main(["resolve", "sip:example.com", "--zone", zone]) == status
    assert told.getvalue() == complaint


@pytest.mark.parametrize("arguments", [["resolve", "sip:192.0.2.1"], ["--help"], ["--version"]])
def test_what_was_found_is_not_said_to_nobody(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as after `>&-`
    with redirect_stderr(io.StringIO()) as told:
        assert main(arguments) == 1
    assert told.getvalue() == "sipresolve: cannot write: the stream is closed\n"


@pytest.mark.parametrize("stream", [None, Broken(errno.EPIPE), Broken(errno.ENOSPC)])
def test_a_complaint_that_nobody_hears_changes_nothing(
    zone: str, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    assert main(["resolve", "sip:192.0.2.1", "--zone", zone]) == 0
    assert main(["resolve", "sip:nobody.example", "--zone", zone]) == 1
    assert main(["--unknown"]) == 2
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["resolve", "sip:nobody.example", "--zone", zone]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")
def test_a_standard_output_that_is_closed_is_an_error(zone: str) -> None:
    done = subprocess.run(  # noqa: S603 - as above
        ["/bin/sh", "-c", '"$@" >&-', "sh", *command("resolve", "sip:example.com", "--zone", zone)],
        stderr=subprocess.PIPE,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        b"sipresolve: cannot write: the stream is closed\n",
    )


def test_arguments_are_those_of_the_process_where_none_are_given(
    zone: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sipresolve", "resolve", "sip:example.com", "--zone", zone])
    assert main() == 0
    assert capsys.readouterr().out.startswith("sip:example.com\n")


def test_an_interruption_has_a_status_of_its_own(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Resolver, "__enter__", interrupted)
    assert call("resolve", "sip:example.com", "--zone", zone) == (130, "", "")


def test_ctrl_c_ends_it_without_a_word() -> None:
    with Nameserver("", faults={"* *": "timeout"}) as server:
        running = subprocess.Popen(  # noqa: S603 - as above
            command(
                "resolve", "sip:example.com", "--nameserver", server.address, "--timeout", "60"
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert comes_about(lambda: bool(server.log))
        running.send_signal(signal.SIGINT)
        output, complaint = running.communicate(timeout=30)
    assert (running.returncode, output, complaint) == (130, b"", b"")


def test_an_interruption_while_the_program_is_imported_is_one_as_well() -> None:
    code = (
        "import sys; from sipresolve.cli import main\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting()); sys.exit(main(['--version']))"
    )
    done = subprocess.run(  # noqa: S603 - as above
        [sys.executable, "-P", "-c", code], capture_output=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_what_is_not_needed_is_not_imported() -> None:
    code = (
        "import sys; from sipresolve.cli import main;"
        "main(['resolve', 'sip:192.0.2.1', '--json', '--nameserver', '127.0.0.1']);"
        "print(*[name for name in ('rich', 'sipresolve.cli.tree') if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - as above
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.splitlines()[1:] == [""]


def test_the_program_is_the_module_as_well(zone: str) -> None:
    done = process("resolve", "sip:example.com", "--zone", zone, "--json")
    assert done.returncode == 0
    assert [target["address"] for target in json.loads(done.stdout)["targets"]] == ["192.0.2.1"]
