"""What the program says, and with which exit status."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from simulation import Simulation, zone
from telephony import DOMAIN, NUMBER, numbers

from sipresolve import (
    Dnssec,
    DnsTimeout,
    InvalidUri,
    NoSuchDomain,
    Resolution,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.cli.parsing import UsageError
from sipresolve.cli.replies import (
    Circumstances,
    Outcome,
    Reply,
    reply_to_misuse,
    reply_with_drawing,
    reply_with_json,
)
from sipresolve.cli.sought import Sought

if TYPE_CHECKING:
    from typing import TextIO

FOUND = Simulation(zone("example.com A 192.0.2.1")).resolve("sip:example.com:5060")


class Terminal(io.StringIO):
    """A terminal that shows what an encoding has."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # it is an attribute there
        return self._encoding

    def isatty(self) -> bool:
        return True


def outcome(resolution: Resolution | None = FOUND, error: SipResolveError | None = None) -> Outcome:
    return Outcome(
        key="uri", subject="sip:example.com:5060", resolution=resolution, error=error, seconds=0.1
    )


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, 0),
        (NoSuchDomain("it"), 1),
        (DnsTimeout("it"), 1),
        (UnsupportedTransport("the domain's"), 1),
        (UnsupportedTransport("the URI's", from_input=True), 2),
        (InvalidUri("it", text="", position=0), 2),
    ],
)
def test_the_exit_status_says_whose_fault_it_is(error: SipResolveError | None, status: int) -> None:
    told = outcome(error=error)
    assert told.status == status
    assert reply_with_json(told).status == status
    assert reply_with_drawing(told, None).status == status


def test_misuse_is_told_to_a_person_with_the_usage() -> None:
    reply = reply_to_misuse(UsageError("no URI", "usage: it\n"), as_json=False)
    assert reply == Reply(status=2, complaint="usage: it\nsipresolve: error: no URI\n")


def test_misuse_is_told_to_a_program_on_standard_output() -> None:
    reply = reply_to_misuse(UsageError("no URI", "usage: it\n"), as_json=True)
    assert (reply.status, reply.complaint) == (2, "")
    assert json.loads(reply.output) == {"error": {"code": "usage", "message": "no URI"}}


def test_json_is_all_that_a_program_is_told() -> None:
    reply = reply_with_json(outcome(error=NoSuchDomain("it")))
    assert reply.complaint == ""
    assert json.loads(reply.output)["error"] == {"code": "no-such-domain", "message": "it"}


@pytest.mark.parametrize("dnssec", Dnssec)
def test_a_program_is_told_the_proofs_where_it_asked_for_them(dnssec: Dnssec) -> None:
    for found in (outcome(), of_a_number("e164.arpa")):
        told = evolve(found, circumstances=Circumstances(roots=("e164.arpa",), dnssec=dnssec))
        queries = json.loads(reply_with_json(told).output)["queries"]
        assert queries
        assert all(("proof" in query) == (dnssec is Dnssec.VALIDATE) for query in queries)


def of_a_number(*roots: str) -> Outcome:
    records = numbers('@ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .')
    return Outcome(
        key="number",
        subject="+44 20 7946 0123",
        resolution=Simulation(records).enum(NUMBER),
        error=None,
        seconds=0.1,
        sought=Sought.URIS,
        circumstances=Circumstances(roots=roots),
    )


def test_of_a_number_a_program_is_told_the_uris() -> None:
    document = json.loads(reply_with_json(of_a_number("e164.arpa")).output)
    assert (document["number"], document["domain"]) == (NUMBER, DOMAIN)
    assert [found["uri"] for found in document["uris"]] == ["sip:a@example.com"]


def test_of_a_number_a_person_is_told_of_every_root() -> None:
    reply = reply_with_drawing(of_a_number("e164.arpa", "other.example"), None)
    assert f"├── NAPTR {DOMAIN}" in reply.output
    assert "└── NAPTR 3.2.1.0.6.4.9.7.0.2.4.4.other.example  not asked\n" in reply.output
    assert "Try in this order:\n  1.  sip  sip:a@example.com\n" in reply.output


def test_a_person_is_told_of_an_error_beside_the_tree() -> None:
    reply = reply_with_drawing(outcome(error=NoSuchDomain("it")), None)
    assert reply.output.startswith("sip:example.com:5060\n└── addresses of example.com\n")
    assert reply.complaint.startswith("sipresolve: it (no-such-domain)\n")


@pytest.mark.parametrize("resolution", [None, Simulation({}).resolve("sip:192.0.2.1")])
def test_there_is_no_tree_where_there_is_nothing_on_it(resolution: Resolution | None) -> None:
    bare = resolution and Resolution(subject=resolution.subject, targets=(), security=None)
    assert reply_with_drawing(outcome(bare, NoSuchDomain("it")), None).output == ""


@pytest.mark.parametrize(
    ("stream", "coloured"),
    [
        (None, False),
        (io.StringIO(), False),
        (Terminal("utf-8"), True),
        (Terminal("UTF8"), True),
        (Terminal("ascii"), False),
    ],
)
def test_colours_are_for_terminals_that_can_show_the_tree(
    monkeypatch: pytest.MonkeyPatch, stream: TextIO | None, coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert ("\x1b[" in reply_with_drawing(outcome(), stream).output) == coloured


def test_a_terminal_gets_plain_text_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sipresolve.cli.coloured", raising=False)
    monkeypatch.delattr("sipresolve.cli.coloured", raising=False)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    in_terminal = reply_with_drawing(outcome(), Terminal("utf-8"))
    assert in_terminal == reply_with_drawing(outcome(), None)
