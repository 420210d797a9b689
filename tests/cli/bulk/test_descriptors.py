"""Waiting for a descriptor lets tasks go on, and changes nothing about it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from loopback import open_descriptors

from sipresolve.cli.bulk.descriptors import readable, writable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Where to read it, and where to write it, as a shell makes it: reading and writing block."""
    descriptors = os.pipe()
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


def fill(writing: int) -> None:
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)


def test_what_waits_for_nobody_is_ready(tmp_path: Path) -> None:
    async def main() -> None:
        for path in (tmp_path / "file", os.devnull):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
            await readable(descriptor)
            await writable(descriptor)
            os.close(descriptor)

    asyncio.run(main())


def test_who_reads_waits_until_there_is_something(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        reading, writing = pipe
        waiting = asyncio.create_task(readable(reading))
        done, _ = await asyncio.wait([waiting], timeout=0)
        assert not done
        os.write(writing, b"x")
        await waiting
        await readable(reading)
        assert os.get_blocking(reading)

    asyncio.run(main())


def test_who_writes_waits_until_there_is_room(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        reading, writing = pipe
        await writable(writing)
        fill(writing)
        waiting = asyncio.create_task(writable(writing))
        done, _ = await asyncio.wait([waiting], timeout=0)
        assert not done
        os.read(reading, 65536)
        await waiting
        assert os.get_blocking(writing)

    asyncio.run(main())


def test_an_end_is_ready_as_well() -> None:
    async def main() -> None:
        reading, writing = os.pipe()
        fill(writing)
        waiting = asyncio.create_task(writable(writing))
        await asyncio.sleep(0)
        os.close(reading)
        await waiting
        await writable(writing)
        os.close(writing)
        reading, writing = os.pipe()
        waiting = asyncio.create_task(readable(reading))
        await asyncio.sleep(0)
        os.close(writing)
        await waiting
        os.close(reading)

    asyncio.run(main())


def test_who_gives_up_leaves_nothing_behind(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        before = open_descriptors()
        waiting = asyncio.create_task(readable(pipe[0]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not asyncio.get_running_loop().remove_reader(pipe[0])
        assert open_descriptors() == before

    asyncio.run(main())
