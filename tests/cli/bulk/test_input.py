"""Numbers from a file or a pipe: as they come, and never further ahead than a block."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

import pytest
from loopback import open_descriptors

from sipresolve import Misuse
from sipresolve.cli.bulk import input as bulk_input
from sipresolve.cli.bulk.input import Input, open_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipe() -> Iterator[tuple[Input, int]]:
    """The numbers of a pipe, and where to write it."""
    reading, writing = os.pipe()
    yield Input("a pipe", reading), writing
    os.close(reading)
    with suppress(OSError):
        os.close(writing)


async def places(source: Input) -> list[int]:
    found = []
    while (line := await source.take()) is not None:
        found.append(line.place)
    return found


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"".join(b"+44%07d\n" % number for number in range(20_000)) + b"+441")
    before = open_descriptors()
    with open_input(str(path)) as source:
        assert (source.name, source.size) == (str(path), path.stat().st_size)
        assert not source.is_terminal
        assert asyncio.run(places(source)) == [*range(1, 20_002)]
        assert asyncio.run(source.take()) is None  # and again
    assert open_descriptors() == before


def test_a_pipe_gives_a_line_as_soon_as_it_is_there(pipe: tuple[Input, int]) -> None:
    async def main() -> None:
        source, writing = pipe
        assert source.size is None
        for number in (b"+441\n", b"+442\n#\n+44"):
            os.write(writing, number)
            line = await source.take()
            assert line is not None
            assert line.text == number[:4].decode()
        waiting = asyncio.create_task(source.take())
        done, _ = await asyncio.wait([waiting], timeout=0)
        assert not done
        os.write(writing, b"3")
        os.close(writing)
        line = await waiting
        assert line is not None
        assert (line.place, line.text) == (4, "+443")
        assert await source.take() is None

    asyncio.run(main())


def test_others_have_their_turn_while_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"#" * 1_000_000)

    async def main() -> None:
        turns = 0
        with open_input(str(path)) as source:
            reading = asyncio.create_task(places(source))
            while not reading.done():
                turns += 1
                await asyncio.sleep(0)
        assert turns > 1_000_000 // bulk_input._BLOCK

    asyncio.run(main())


def test_it_begins_behind_lines_that_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"".join(b"+44%07d\n" % number for number in range(20_000)))

    async def first_behind(count: int) -> int | None:
        with open_input(str(path)) as source:
            await source.skip(count)
            line = await source.take()
            return line.place if line else None

    for passed_over in (0, 1, 7_281, 7_282, 19_999):  # a block ends in line 7,282
        assert asyncio.run(first_behind(passed_over)) == passed_over + 1
    for passed_over in (20_000, 20_001):
        assert asyncio.run(first_behind(passed_over)) is None


def test_somebody_else_may_have_read_what_was_there(
    pipe: tuple[Input, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, writing = pipe
    reads = count()

    def read(_descriptor: int, _size: int) -> bytes:
        if next(reads) == 0:
            raise BlockingIOError
        return b"+441\n"

    os.write(writing, b"x")
    monkeypatch.setattr(os, "read", read)
    line = asyncio.run(source.take())
    assert line is not None
    assert line.text == "+441"


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    cases = {
        str(tmp_path / "none"): f"cannot open {tmp_path / 'none'}: no such file or directory",
        "a\0b": "cannot open a\0b: ",  # the rest is in the words of this Python
    }
    for path, said in cases.items():
        with pytest.raises(Misuse) as told, open_input(path):
            pass
        assert told.value.message.startswith(said)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with open_input(str(tmp_path)) as source, pytest.raises(Misuse) as told:
        asyncio.run(source.take())
    assert told.value.message == f"cannot read {tmp_path}: is a directory"


def test_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"+441\n")
    with path.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        with open_input("-") as source:
            assert source.name == "standard input"
            assert asyncio.run(places(source)) == [1]
        assert not stream.closed


@pytest.mark.parametrize(
    ("stream", "reason"),
    [(None, "it is closed"), (io.StringIO(), "fileno")],  # None is there after `<&-`
)
def test_without_a_standard_input(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None, reason: str
) -> None:
    monkeypatch.setattr(sys, "stdin", stream)
    with pytest.raises(Misuse) as told, open_input("-"):
        pass
    assert told.value.message == f"cannot read standard input: {reason}"
