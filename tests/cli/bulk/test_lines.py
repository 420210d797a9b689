"""Lines of numbers: the same however the octets come, and nothing in them stops a run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import cut_up, files_of_numbers

from sipresolve.cli.bulk.lines import LONGEST, Line, Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def taken(lines: Lines) -> Iterator[Line]:
    while (line := lines.take()) is not None:
        yield line


def lines_of(blocks: Iterable[bytes]) -> list[Line]:
    lines = Lines()
    found: list[Line] = []
    for block in blocks:
        lines.feed(block)
        found += taken(lines)
    lines.finish()
    return [*found, *taken(lines)]


LINES = [
    # octets, places and numbers
    (b"", []),
    (b"\n\n", []),
    (b"+441\n+442\n", [(1, "+441"), (2, "+442")]),
    (b"+441\n+442", [(1, "+441"), (2, "+442")]),
    (b"+441\r\n+442\r\n", [(1, "+441"), (2, "+442")]),
    (b"\xef\xbb\xbf+441\n", [(1, "+441")]),
    (b"+441\n\xef\xbb\xbf+442\n", [(1, "+441"), (2, "+442")]),  # two files, one behind the other
    (b"  +44 1\t \n", [(1, "+44 1")]),
    ("\u00a0+441\u00a0\n".encode(), [(1, "+441")]),
    (b"# a list\n \t\n\n  # more\n+441\n", [(5, "+441")]),
    (b"# caf\xe9\n+441\n", [(2, "+441")]),
    (b"+441 # no comment\n", [(1, "+441 # no comment")]),
    (b"\x00\n", [(1, "\x00")]),
]


@pytest.mark.parametrize(("octets", "expected"), LINES)
def test_which_lines_have_numbers(octets: bytes, expected: list[tuple[int, str]]) -> None:
    lines = lines_of([octets])
    assert [(line.place, line.text) for line in lines] == expected
    assert all(line.fault is None for line in lines)


@given(st.data())
def test_it_does_not_matter_how_the_octets_come(data: st.DataObject) -> None:
    octets, expected = data.draw(files_of_numbers())
    lines = lines_of(data.draw(cut_up(octets)))
    assert [(line.place, line.text) for line in lines] == expected
    assert lines == lines_of([octets])


@given(st.data())
def test_any_octets_are_lines(data: st.DataObject) -> None:
    octets = data.draw(st.binary(max_size=200))
    lines = lines_of(data.draw(cut_up(octets)))
    parts = [(line.place, line.text, line.end, line.fault is None) for line in lines]
    whole = lines_of([octets])
    assert parts == [(line.place, line.text, line.end, line.fault is None) for line in whole]
    assert all(0 < line.place <= octets.count(b"\n") + 1 for line in lines)
    assert all(first.place < second.place for first, second in pairwise(lines))
    assert all(line.text.encode().decode().strip() == line.text for line in lines)


def test_a_line_that_is_there_is_not_kept_back() -> None:
    lines = Lines()
    lines.feed(b"+441\n+44")
    assert [line.text for line in taken(lines)] == ["+441"]
    lines.feed(b"2")
    assert lines.take() is None
    lines.feed(b"\n")
    assert [line.text for line in taken(lines)] == ["+442"]


@pytest.mark.parametrize(
    ("octets", "text", "said"),
    [
        (b"+44\xff1", r"+44\xff1", r"octet 4 is not UTF-8, in '+44\\xff1'"),
        (b"\xef\xbb\xbf\xe9", r"\xe9", r"octet 1 is not UTF-8, in '\\xe9'"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80", r"octet 1 is not UTF-8, in '\\xed\\xa0\\x80'"),
    ],
)
def test_octets_that_are_not_utf_8_are_told(octets: bytes, text: str, said: str) -> None:
    bad, good = lines_of([octets + b"\n+441"])
    assert (bad.text, good.text, good.fault) == (text, "+441", None)
    assert bad.fault is not None
    assert (bad.fault.message, bad.fault.text) == (said, text)


def test_a_line_without_an_end_takes_no_room() -> None:
    lines = Lines()
    lines.feed(b"+441\n")
    for _ in range(1000):
        lines.feed(b"1" * 1000)
        assert len(lines._begun) <= LONGEST + 1
    lines.feed(b"\n+442\n")
    first, long, last = taken(lines)
    assert (first.fault, last.fault) == (None, None)
    assert long.fault is not None
    assert long.fault.message == "no number has over 4096 octets"
    assert last.end == len(b"+441\n") + 1000 * 1000 + len(b"\n+442\n")


@pytest.mark.parametrize(("length", "is_bad"), [(LONGEST, False), (LONGEST + 1, True)])
def test_how_long_a_line_may_be(length: int, *, is_bad: bool) -> None:
    for blocks in ([b"1" * length + b"\n"], [b"1" * length]):
        (line,) = lines_of(blocks)
        assert (line.fault is not None) == is_bad
        assert line.end == length + 1


def test_where_a_line_ends() -> None:
    assert [line.end for line in lines_of([b"#\n+441\r\n", b"\n+4", b"42\n"])] == [8, 14]


def test_lines_of_any_kind_are_passed_over() -> None:
    lines = Lines()
    lines.feed(b"\n# 2\n+443\n+444\n")
    assert lines.skip(0)
    assert lines.skip(3)
    assert [(line.place, line.text) for line in taken(lines)] == [(4, "+444")]
    assert not lines.skip(6)
    lines.feed(b"+445\n+446\n+447\n")
    assert lines.skip(6)
    assert [(line.place, line.text) for line in taken(lines)] == [(7, "+447")]


def test_a_line_that_is_too_long_is_cut_wherever_it_was_read() -> None:
    octets = b"+44" + b"1" * 2 * LONGEST
    found = []
    for place in (len(octets), LONGEST, 5):
        lines = Lines()
        for part in (octets[:place], octets[place:], b"\n"):
            lines.feed(part)
        line = lines.take()
        assert line is not None
        assert line.fault is not None
        found.append(line.text)
    assert found == [octets[: LONGEST + 1].decode()] * 3
