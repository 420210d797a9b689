"""A report for a terminal: the same as plain text, in colours, and not wider than the terminal."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from sipresolve.cli import coloured, plain
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.report import Report

if TYPE_CHECKING:
    import pytest

REPORT = Report(
    tree=Node(
        label="sip:example.com",
        tone=Tone.START,
        children=(
            Node(
                label="SRV _sip._udp.example.com",
                detail="12.1 ms",
                tone=Tone.QUESTION,
                children=(
                    Node(label="10 60 5060 [bold]a.example.com[/bold] :smile:"),
                    Node(label="20 0 0 b", remark="skipped, there is no port 0", tone=Tone.UNUSED),
                ),
            ),
            Node(label="1. udp 192.0.2.1:5060", tone=Tone.TARGET),
            Node(label="A b.example.com", remark="servfail", tone=Tone.FAILED),
        ),
    ),
    targets=[
        ("1.", "udp", "192.0.2.1:5060", "a.example.com", ""),
        ("10.", "tls", "[2001:db8::1]:5061", "b.example.com", "certificate for example.com"),
    ],
    warnings=["a warning"],
    summary="2 targets",
)

STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A terminal that shows UTF-8."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


BARE = Report(tree=Node(label="sip:example.com"), targets=[], warnings=[], summary="0 targets")


def drawn(
    monkeypatch: pytest.MonkeyPatch, report: Report = REPORT, width: int = 100, **environment: str
) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    known = {"TERM": "xterm-256color", "COLUMNS": str(width), "LINES": "40", **environment}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    return coloured.draw(report, Terminal())


def without_padding(text: str) -> list[str]:
    return [line.rstrip() for line in STYLES.sub("", text).splitlines()]


def test_the_text_is_that_of_the_plain_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    for report in (REPORT, BARE):
        lines = without_padding(drawn(monkeypatch, report))
        assert lines == plain.draw(report).splitlines()


def test_there_are_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch)
    assert "\x1b[32m1. udp 192.0.2.1:5060" in text
    assert "\x1b[33m  skipped, there is no port 0" in text


def test_there_are_none_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert not colours.search(drawn(monkeypatch, NO_COLOR="1"))
    assert "\x1b" not in drawn(monkeypatch, TERM="dumb")


def test_a_narrow_terminal_keeps_the_tree_and_the_addresses_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = without_padding(drawn(monkeypatch, width=48))
    assert max(map(len, lines)) <= 48
    assert "├── SRV _sip._udp.example.com  (12.1 ms)" in lines
    assert any("[2001:db8::1]:5061" in line for line in lines)
