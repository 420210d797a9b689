"""What is seen of a run: a bar where there is a terminal and rich, else only what is said."""

from __future__ import annotations

import io
import sys
from typing import NoReturn

import pytest

from sipresolve.cli.bulk.display import open_display
from sipresolve.cli.bulk.progress import Bar


class Stream(io.StringIO):
    """A standard error that may be a terminal."""

    encoding = "utf-8"

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "drawing", "is_drawn"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_it_is_drawn_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool, drawing: bool, is_drawn: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Stream(terminal=terminal))
    with open_display(None, drawing=drawing) as display:
        assert isinstance(display, Bar) == is_drawn
        display.show(octets=1, numbers=1, rate=1.0)
    assert bool(stream.getvalue()) == is_drawn


def test_without_rich_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Stream(terminal=True))
    monkeypatch.delitem(sys.modules, "sipresolve.cli.bulk.progress")
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with open_display(None, drawing=True) as display:
        display.show(octets=1, numbers=1, rate=1.0)
        display.say("line 17: no")
    assert stream.getvalue() == "line 17: no\n"


class Plain(Stream):
    encoding = "ascii"


def test_what_is_said_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Plain())
    with open_display(None, drawing=True) as display:
        display.say("line 17: RFC 6116 §3.7, 'é'")
    assert stream.getvalue() == "line 17: RFC 6116 section 3.7, '\\xe9'\n"


class Broken(Stream):
    def write(self, _: str) -> NoReturn:
        raise OSError


@pytest.mark.parametrize("stream", [None, Broken()])
def test_nobody_may_be_there_to_hear_it(
    monkeypatch: pytest.MonkeyPatch, stream: Stream | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with open_display(None, drawing=True) as display:
        display.say("line 17: no")
