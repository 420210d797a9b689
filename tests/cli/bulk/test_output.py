"""Answers to a file or a pipe: all of their octets, once, in order, and nobody held up."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import io
import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
from loopback import open_descriptors

from sipresolve import Misuse
from sipresolve.cli.bulk.output import Output, open_output
from sipresolve.cli.bulk.resume import Stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = b'{"line": 1, "number": "+441"}\n'


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Where to read it, and where to write it, as a shell makes it: reading and writing block."""
    descriptors = os.pipe()
    yield descriptors
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)


def onto(descriptor: int) -> Output:
    return Output(partial(os.write, descriptor), descriptor)


def put(path: Path, *, resume: bool = False, octets: bytes = LINE) -> Stop | None:
    """Write to a file, behind what is whole there; where that stops."""
    with open_output(str(path), resume=resume) as output:
        output.cut()
        output.put(octets)
        asyncio.run(output.drain())
        return output.stop


# --- Files


def test_a_new_file_is_made(tmp_path: Path) -> None:
    before = open_descriptors()
    assert put(tmp_path / "new") is None
    assert (tmp_path / "new").read_bytes() == LINE
    assert open_descriptors() == before


@pytest.mark.parametrize("resume", [True, False])
def test_an_empty_file_is_as_good_as_a_new_one(tmp_path: Path, *, resume: bool) -> None:
    path = tmp_path / "empty"
    path.touch()
    assert put(path, resume=resume) is None
    assert path.read_bytes() == LINE


def test_a_file_that_has_something_in_it_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(LINE)
    with pytest.raises(Misuse) as told:
        put(path)
    said = f"{str(path)!r} is there already: go on with it by --resume, or take another name"
    assert told.value.message == said
    assert path.read_bytes() == LINE


@pytest.mark.parametrize(
    ("old", "stop"),
    [(LINE, Stop(len(LINE), 1, "+441")), (LINE + b"{", Stop(len(LINE), 1, "+441")), (b"{", Stop())],
)
def test_an_earlier_run_is_gone_on_with(tmp_path: Path, old: bytes, stop: Stop) -> None:
    path = tmp_path / "old"
    path.write_bytes(old)
    assert put(path, resume=True) == stop
    assert path.read_bytes() == old[: stop.size] + LINE


def test_nothing_is_cut_off_before_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(LINE + b"{")
    with open_output(str(path), resume=True):
        pass
    assert path.read_bytes() == LINE + b"{"


def test_what_no_run_has_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "thesis"
    path.write_bytes(b"To whom it may concern")
    with pytest.raises(Misuse):
        put(path, resume=True)
    assert path.read_bytes() == b"To whom it may concern"


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("old", [b"", LINE, LINE + b"{", b"To whom it may concern"])
def test_what_another_run_writes_is_left_to_it(tmp_path: Path, old: bytes, *, resume: bool) -> None:
    path = tmp_path / "output"
    with open_output(str(path), resume=False) as output:
        output.put(old)
        asyncio.run(output.drain())
        with pytest.raises(Misuse) as told:
            put(path, resume=resume)
        assert told.value.message == f"another run is writing {str(path)!r}"
        assert path.read_bytes() == old
    path.write_bytes(LINE)
    assert put(path, resume=True) is not None


def test_a_file_system_without_locks_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert put(tmp_path / "new") is None
    assert (tmp_path / "new").read_bytes() == LINE


def test_a_device_belongs_to_all() -> None:
    with open_output(os.devnull, resume=False), open_output(os.devnull, resume=False):
        pass


@pytest.mark.parametrize("resume", [True, False])
def test_a_device_is_written_from_the_beginning(*, resume: bool) -> None:
    with open_output(os.devnull, resume=resume) as output:
        assert output.stop is None
        output.put(LINE)
        asyncio.run(output.drain())


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        put(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path.parent / "/dev/full")


# --- Pipes


def test_a_slow_reader_holds_up_nobody_and_misses_nothing(pipe: tuple[int, int]) -> None:
    octets = b"".join(b"%d\n" % number for number in range(50_000))

    async def main() -> None:
        reading, writing = pipe
        output = onto(writing)
        output.put(octets)
        draining = asyncio.create_task(output.drain())
        came = b""
        while len(came) < len(octets):
            done, _ = await asyncio.wait([draining], timeout=0)
            assert not done or len(octets) - len(came) <= 65536
            came += os.read(reading, 10_000)
        await draining
        assert came == octets

    asyncio.run(main())


def test_broken_off_it_goes_on_where_it_was(pipe: tuple[int, int]) -> None:
    octets = b"".join(b"%d\n" % number for number in range(50_000))

    async def main() -> None:
        reading, writing = pipe
        output = onto(writing)
        output.put(octets)
        came = b""
        while len(came) < len(octets):
            draining = asyncio.create_task(output.drain())
            await asyncio.wait([draining], timeout=0)
            draining.cancel()
            await asyncio.wait([draining])
            came += os.read(reading, 65536)
        assert came == octets
        await output.drain()

    asyncio.run(main())


def test_somebody_else_may_have_filled_it(pipe: tuple[int, int]) -> None:
    written = []

    def write(octets: bytes) -> int:
        written.append(octets)
        if len(written) == 1:
            raise BlockingIOError
        return 1 if len(written) == 2 else len(octets)  # a part of it

    output = Output(write, pipe[1])
    output.put(b"abc")
    asyncio.run(output.drain())
    assert written == [b"abc", b"abc", b"bc"]


def test_a_reader_that_has_gone_is_told(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    output = onto(writing)
    output.put(LINE)
    with pytest.raises(BrokenPipeError):
        asyncio.run(output.drain())


# --- Standard output


def test_standard_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"something\n")
    with path.open("a") as stream:  # as after `>>`
        monkeypatch.setattr(sys, "stdout", stream)
        with open_output(None, resume=False) as output:
            assert output.stop is None
            output.cut()
            output.put(LINE)
            asyncio.run(output.drain())
        assert not stream.closed
    assert path.read_bytes() == b"something\n" + LINE


def test_a_standard_output_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with open_output(None, resume=False) as output:
        assert not output.is_terminal
        output.put(LINE)
        asyncio.run(output.drain())
    assert stream.getvalue() == LINE.decode()


def test_without_a_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as after `>&-`
    with pytest.raises(OSError, match="the stream is closed") as told:
        open_output(None, resume=False).__enter__()
    assert told.value.errno == errno.EBADF


def test_a_terminal_is_known() -> None:
    terminal, other = os.openpty()
    try:
        assert onto(terminal).is_terminal
    finally:
        os.close(terminal)
        os.close(other)
