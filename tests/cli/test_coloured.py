"""A report for a terminal: the same as plain text, in colours, and not wider than the terminal."""

from __future__ import annotations

import io
import re

import pytest

from sipresolve.cli import coloured, plain
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.report import Report

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
    rows=[
        ("1.", "udp", "192.0.2.1:5060", "a.example.com", "sip:a@example.com"),
        ("10.", "tls", "[2001:db8::1]:5061", "b.example.com", "sips:a@example.com"),
        ("11.", "tls", "192.0.2.2:5061", "", ""),
    ],
    certificate="over TLS, the certificate has to be for example.com",
    warnings=["a warning"],
    summary="2 targets",
)

STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A terminal that shows UTF-8."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


BARE = Report(tree=Node(label="sip:example.com"), rows=[], warnings=[], summary="0 targets")


def drawn(
    monkeypatch: pytest.MonkeyPatch, report: Report = REPORT, width: int = 100, **environment: str
) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    known = {"TERM": "xterm-256color", "COLUMNS": str(width), "LINES": "40", **environment}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    return coloured.draw(report, Terminal())


def without_colours(text: str) -> list[str]:
    return STYLES.sub("", text).splitlines()


def test_the_text_is_that_of_the_plain_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    for report in (REPORT, BARE):
        lines = without_colours(drawn(monkeypatch, report))
        assert lines == plain.draw(report).splitlines()


def test_there_are_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch)
    assert "\x1b[32m1. udp 192.0.2.1:5060" in text
    assert "\x1b[33m  skipped, there is no port 0" in text
    assert "1.   udp  \x1b[32m192.0.2.1:5060      \x1b[0ma.example.com" in text


def test_there_are_none_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert not colours.search(drawn(monkeypatch, NO_COLOR="1"))
    assert "\x1b" not in drawn(monkeypatch, TERM="dumb")


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_narrow_terminal_breaks_no_word(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    narrow = without_colours(drawn(monkeypatch, width=width))
    words = {word for line in plain.draw(REPORT).splitlines() for word in line.split()}
    assert words <= {word for line in narrow for word in line.split()}
    assert [line for line in narrow if line != line.rstrip()] == []


def test_the_targets_stand_in_a_line_each_however_narrow_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def rows(lines: list[str]) -> list[str]:
        begin = lines.index("Try in this order:")
        return lines[begin : lines.index("Warnings:")]

    wide, narrow = plain.draw(REPORT).splitlines(), without_colours(drawn(monkeypatch, width=40))
    assert rows(narrow) == rows(wide)


def test_a_line_of_the_tree_is_broken_below_its_guides(monkeypatch: pytest.MonkeyPatch) -> None:
    remark = "one two three four five six seven eight nine ten eleven twelve"
    leaf = Node(label="leaf")
    tree = Node(
        label="root",
        children=(Node(label="branch", remark=remark, children=(leaf,)), Node(label="other")),
    )
    report = Report(tree=tree, rows=[], warnings=[], summary="")
    assert without_colours(drawn(monkeypatch, report, width=40))[:4] == [
        "root",
        "├── branch  one two three four five six",
        "│   │   seven eight nine ten eleven twelve",
        "│   └── leaf",
    ]
