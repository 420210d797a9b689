"""Where a run stopped, by what it has written, whole or torn."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve import Misuse
from sipresolve.cli.bulk.resume import Stop, stop_of

if TYPE_CHECKING:
    from pathlib import Path

FIRST = b'{"line": 1, "number": "+441", "uris": []}\n'
SECOND = b'{"line": 17, "number": "+44\\u00e9", "error": {}}\n'


@pytest.mark.parametrize(
    ("written", "stop"),
    [
        (b"", Stop(0, 0, "")),
        (b"{", Stop(0, 0, "")),
        (b'{"line": 1, "num', Stop(0, 0, "")),
        (FIRST, Stop(len(FIRST), 1, "+441")),
        (FIRST + b'{"li', Stop(len(FIRST), 1, "+441")),
        (FIRST + SECOND[:-1], Stop(len(FIRST), 1, "+441")),
        (FIRST + SECOND, Stop(len(FIRST + SECOND), 17, "+44é")),
        (FIRST + SECOND + FIRST[:-1], Stop(len(FIRST + SECOND), 17, "+44é")),
    ],
)
def test_where_it_stopped(written: bytes, stop: Stop) -> None:
    assert stop_of(written, "it") == stop


@given(st.integers(0, len(FIRST + SECOND)))
def test_wherever_it_is_torn_its_whole_lines_count(size: int) -> None:
    written = (FIRST + SECOND)[:size]
    stop = stop_of(written, "it")
    assert written[: stop.size] in {b"", FIRST, FIRST + SECOND}
    assert b"\n" not in written[stop.size :]


def test_a_file_is_read_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_bytes(b"not looked at\n" * 100_000 + SECOND + b'{"line": 18,')
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as written:
        assert stop_of(written, "it") == Stop(1_400_000 + len(SECOND), 17, "+44é")


@pytest.mark.parametrize(
    "written",
    [
        b"\n",
        b"+441\n",
        b"dear all",
        FIRST + b"\n",
        FIRST + b"dear all",
        FIRST + b"dear all\n",
        FIRST + b"\0\0\0",
        b"\xff\n",
        b"17\n",
        b"[]\n",
        b"{}\n",
        b'{"line": 1}\n',
        b'{"number": "+441"}\n',
        b'{"line": 0, "number": "+441"}\n',
        b'{"line": true, "number": "+441"}\n',
        b'{"line": 1.0, "number": "+441"}\n',
        b'{"line": "1", "number": "+441"}\n',
        b'{"line": 1, "number": null}\n',
        b'{"line": ' + b"[" * 100_000 + b"\n",
    ],
    ids=lambda written: repr(written[:60]),
)
def test_what_no_run_has_written_is_left_alone(written: bytes) -> None:
    with pytest.raises(Misuse) as told:
        stop_of(written, "it")
    said = "the output 'it' cannot be gone on with: it does not end with the answer to a line"
    assert told.value.message == said


@given(st.binary())
def test_any_octets_are_one_or_the_other(written: bytes) -> None:
    try:
        stop = stop_of(written, "it")
    except Misuse:
        return
    assert stop.size <= len(written)
