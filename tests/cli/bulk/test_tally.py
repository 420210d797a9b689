"""What a person is told of a run: bad lines one by one up to a bound, and counts at the end."""

from __future__ import annotations

import time

import pytest

from sipresolve.cli.bulk.answers import Answered
from sipresolve.cli.bulk.lines import Line
from sipresolve.cli.bulk.tally import Tally


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Tally:
    """One that has been going on for four seconds."""
    clock = iter([100.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock, 104.0))
    return Tally()


def answered(place: int, outcome: str = "found", complaint: str = "") -> Answered:
    return Answered(Line(place, "+441", 6 * place), b"", outcome, complaint)


def test_nothing(tally: Tally) -> None:
    assert (tally.place, tally.end, tally.numbers) == (0, 0, 0)
    assert tally.summary() == "sipresolve: 0 numbers in 4.0 s (0 a second)\n"


def test_outcomes_are_counted_and_the_most_frequent_comes_first(tally: Tally) -> None:
    for place in range(2, 12):
        outcome = "found" if place % 3 else "no-such-number"
        assert tally.count(answered(place, outcome)) == ""
    assert (tally.place, tally.end, tally.numbers, tally.rate) == (11, 66, 10, 2.5)
    expected = "sipresolve: 10 numbers in 4.0 s (2 a second): 7 found, 3 no-such-number\n"
    assert tally.summary() == expected


def test_a_bad_line_is_told_at_once(tally: Tally) -> None:
    bad = answered(17, "invalid-number", "no digit in '\x1b[2J'")
    assert tally.count(bad) == r"line 17: no digit in '\x1b[2J'"
    assert tally.summary().endswith(": 1 invalid-number\n")
    assert "1 number in" in tally.summary()


def test_what_is_told_of_a_line_is_no_longer_than_a_few_lines(tally: Tally) -> None:
    said = tally.count(answered(17, "invalid-number", "\x1b" * 4000))
    assert said.startswith(r"line 17: \x1b\x1b")
    assert said.endswith("...")
    assert len(said) < 400


def test_of_many_bad_lines_some_are_told(tally: Tally) -> None:
    said = [tally.count(answered(place, "invalid-number", "bad")) for place in range(1, 31)]
    assert [bool(sentence) for sentence in said] == [True] * 5 + [False] * 25
    first, second = tally.summary().splitlines()
    assert first == "sipresolve: 25 more bad lines"
    assert second.endswith(": 30 invalid-number")


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (["dns-timeout"], "the DNS had no answer for 1 number, which can be asked again"),
        (
            ["dns-timeout", "dns-failure", "budget-exceeded", "found"],
            "the DNS had no answer for 3 numbers, which can be asked again",
        ),
        (["found", "no-such-number", "number-unused", "bogus", "invalid-number"], None),
    ],
)
def test_numbers_that_can_be_asked_again_are_told(
    tally: Tally, outcomes: list[str], said: str | None
) -> None:
    for place, outcome in enumerate(outcomes, start=1):
        tally.count(answered(place, outcome))
    _, *more = tally.summary().splitlines()
    assert more == ([f"sipresolve: {said}"] if said else [])


def test_it_goes_on_behind_an_earlier_run() -> None:
    assert Tally(17).place == 17


def test_the_rate_of_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    tally = Tally()
    tally.count(answered(1))
    assert tally.rate > 0
