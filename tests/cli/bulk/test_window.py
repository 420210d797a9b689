"""Answers come in any order and leave in that of the lines; what waits has bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.cli.bulk.answers import Answered
from sipresolve.cli.bulk.lines import Line
from sipresolve.cli.bulk.window import MOST_LINES, Window


def answered(place: int, octets: bytes = b"") -> Answered:
    return Answered(Line(place, "", 0), octets, "found")


@given(st.permutations(range(12)), st.data())
def test_answers_leave_in_the_order_of_the_lines(order: list[int], data: st.DataObject) -> None:
    window = Window()
    taken: list[Answered] = []
    places = [window.begin() for _ in order]
    for count, index in enumerate(order, start=1):
        window.put(places[index], answered(index))
        ready = next((n for n in range(12) if n not in order[:count]), 12)
        assert window.is_ready == (ready > len(taken))
        if data.draw(st.booleans()):
            taken += window.take()
            assert [answer.line.place for answer in taken] == [*range(ready)]
    taken += window.take()
    assert [answer.line.place for answer in taken] == [*range(12)]
    assert window.is_empty


def test_it_is_empty_until_something_begins() -> None:
    window = Window()
    assert (window.is_empty, window.is_full, window.is_ready) == (True, False, False)
    assert window.take() == []
    window.begin()
    assert (window.is_empty, window.is_full, window.is_ready) == (False, False, False)


def test_a_line_that_is_slow_holds_back_so_many_and_no_more() -> None:
    window = Window(most_lines=3)
    places = [window.begin() for _ in range(3)]
    full = [window.is_full]
    for place in reversed(places):
        window.put(place, answered(place))
        full.append(window.is_full)
    assert full == [True] * 4
    assert [answer.line.place for answer in window.take()] == places
    assert not window.is_full


def test_long_answers_that_are_held_back_have_a_bound() -> None:
    window = Window(most_octets=10)
    places = [window.begin() for _ in range(3)]
    full = []
    for place, octets in zip(reversed(places), (b"123456789", b"1", b"1"), strict=True):
        window.put(place, answered(place, octets))
        full.append(window.is_full)
    assert full == [False, True, True]
    window.take()
    assert not window.is_full


@pytest.mark.parametrize("begun", [MOST_LINES - 1, MOST_LINES])
def test_how_many_lines_it_has_room_for(begun: int) -> None:
    window = Window()
    for _ in range(begun):
        window.begin()
    assert window.is_full == (begun == MOST_LINES)
