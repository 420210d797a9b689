"""The bar: how much is done where that is known, else how many numbers; gone at the end."""

from __future__ import annotations

import io
import re
import time

import pytest

from sipresolve.cli.bulk.progress import drawn_bar

COMMANDS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """All that it was told to show."""
        return COMMANDS.sub("", self.getvalue())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}.items():
        monkeypatch.setenv(name, value)
    return Terminal()


def test_of_a_file_it_shows_how_much_is_done(terminal: Terminal) -> None:
    with drawn_bar(terminal, 4000) as bar:
        bar.show(octets=1000, numbers=12_345, rate=6789.0)
    assert "25%" in terminal.text
    assert "12,345 numbers, 6,789 a second" in terminal.text


def test_of_a_pipe_it_shows_how_many_there_were(terminal: Terminal) -> None:
    with drawn_bar(terminal, None) as bar:
        bar.show(octets=1000, numbers=12_345, rate=6789.0)
    assert "%" not in terminal.text
    assert "12,345 numbers, 6,789 a second" in terminal.text


def test_an_empty_file(terminal: Terminal) -> None:
    with drawn_bar(terminal, 0):
        pass
    assert "0 numbers" in terminal.text


def test_a_drawing_stands_for_a_while(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with drawn_bar(terminal, None) as bar:
        for numbers in range(10, 40):
            bar.show(octets=1, numbers=numbers, rate=1.0)
            clock[0] += 0.01
    shown = re.findall(r"([0-9]+) numbers", terminal.text)
    assert set(shown) <= {"0", "10", "20", "30"}
    assert "30" in shown


def test_what_is_said_stands_above_it_as_it_is(terminal: Terminal) -> None:
    sentence = "line 17: [bold]no[/bold] :smile: 'x' " + "and so on " * 20
    with drawn_bar(terminal, 4000) as bar:
        bar.say(sentence)
    assert sentence in terminal.text


def test_nothing_is_left_of_it(terminal: Terminal) -> None:
    with drawn_bar(terminal, 4000) as bar:
        bar.show(octets=1000, numbers=1, rate=1.0)
    assert terminal.getvalue().rstrip("\n").endswith("\x1b[2K")  # the line is wiped
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h") == 1
