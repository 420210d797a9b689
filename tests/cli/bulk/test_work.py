"""Many lines at once: the order of the answers, what is on its way, and how it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.cli.bulk import work as bulk_work
from sipresolve.cli.bulk.answers import Answered
from sipresolve.cli.bulk.lines import Line
from sipresolve.cli.bulk.window import Window
from sipresolve.cli.bulk.work import Work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from random import Random


@pytest.fixture(autouse=True, scope="module")
def _no_pause() -> Iterable[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_work, "PAUSE", 0)
        yield


async def settle() -> None:
    """Let everybody go on who can."""
    for _ in range(20):
        await asyncio.sleep(0)


@define
class Feed:
    """Lines that come when the test has them come; and what was taken."""

    lines: asyncio.Queue[Line | None] = field(factory=asyncio.Queue)
    taken: list[int] = field(factory=list)
    ended: bool = False

    @classmethod
    def of(cls, count: int) -> Feed:
        feed = cls()
        for place in range(1, count + 1):
            feed.lines.put_nowait(Line(place, "", 0))
        feed.lines.put_nowait(None)
        return feed

    async def take(self) -> Line | None:
        line = None if self.ended else await self.lines.get()
        if line is None:
            self.ended = True
        else:
            self.taken.append(line.place)
        return line


@define
class Answers:
    """Answers to lines that are there when the test gives them."""

    waiting: dict[int, asyncio.Future[None]] = field(factory=dict)
    most: int = 0

    async def __call__(self, line: Line) -> Answered:
        self.waiting[line.place] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.waiting))
        try:
            await self.waiting[line.place]
        finally:
            del self.waiting[line.place]
        return Answered(line, b"", "found")

    def give(self, *places: int) -> None:
        for place in places:
            self.waiting[place].set_result(None)


@define
class Written:
    """Answers in the order in which they are written, once the reader goes on."""

    places: list[int] = field(factory=list)
    put_: list[int] = field(factory=list)
    reading: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.reading.set()

    def put(self, answered: Answered) -> None:
        self.put_.append(answered.line.place)

    async def drain(self) -> None:
        await self.reading.wait()
        self.places += self.put_
        self.put_.clear()


async def at_once(line: Line) -> Answered:
    return Answered(line, b"", "found")


@given(st.integers(0, 15), st.integers(1, 6), st.integers(1, 8), st.randoms(use_true_random=False))
def test_answers_are_written_in_the_order_of_the_lines(
    count: int, concurrency: int, room: int, dice: Random
) -> None:
    async def main() -> None:
        feed, answers, written = Feed.of(count), Answers(), Written()
        work = Work(feed, answers, written, Window(room))
        running = asyncio.create_task(work.run(concurrency))
        await settle()
        while answers.waiting:
            assert len(feed.taken) - len(written.places) <= room
            answers.give(dice.choice(sorted(answers.waiting)))
            await settle()
        await running
        assert written.places == [*range(1, count + 1)]
        assert answers.most <= concurrency

    asyncio.run(main())


def test_as_many_are_on_their_way_as_are_wanted() -> None:
    async def main() -> None:
        answers = Answers()
        running = asyncio.create_task(Work(Feed.of(20), answers, Written(), Window()).run(7))
        await settle()
        assert sorted(answers.waiting) == [1, 2, 3, 4, 5, 6, 7]
        answers.give(3)
        await settle()
        assert sorted(answers.waiting) == [1, 2, 4, 5, 6, 7, 8]
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(main())


def test_a_slow_line_holds_up_no_more_than_there_is_room_for() -> None:
    async def main() -> None:
        feed, answers, written = Feed.of(1000), Answers(), Written()
        running = asyncio.create_task(Work(feed, answers, written, Window(50)).run(10))
        await settle()
        while later := [place for place in answers.waiting if place > 1]:
            answers.give(*later)
            await settle()
        assert (feed.taken, written.places) == ([*range(1, 51)], [])
        answers.give(1)
        await settle()
        assert written.places == [*range(1, 51)]
        assert len(feed.taken) == 60
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(main())


def test_a_slow_reader_stops_the_reading() -> None:
    async def main() -> None:
        feed, written = Feed.of(1000), Written()
        written.reading.clear()
        running = asyncio.create_task(Work(feed, at_once, written, Window(50)).run(10))
        await settle()
        assert len(feed.taken) <= 2 * 50  # a window full, and another one taken out of it
        written.reading.set()
        await running
        assert written.places == [*range(1, 1001)]

    asyncio.run(main())


def test_a_line_is_answered_without_waiting_for_the_next() -> None:
    async def main() -> None:
        feed, written = Feed(), Written()
        running = asyncio.create_task(Work(feed, at_once, written, Window()).run(10))
        for place in (1, 2, 3):
            feed.lines.put_nowait(Line(place, "", 0))
            await settle()
            assert written.places[-1] == place
        feed.lines.put_nowait(None)
        await running

    asyncio.run(main())


def test_cancelled_it_gives_up_what_is_on_its_way_and_keeps_what_is_whole() -> None:
    async def main() -> None:
        feed, answers, written = Feed.of(20), Answers(), Written()
        work = Work(feed, answers, written, Window())
        running = asyncio.create_task(work.run(5))
        await settle()
        answers.give(1, 2, 4)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        assert not answers.waiting
        await work.write()
        assert written.places == [1, 2]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.parametrize("given_out", [[], [1, 2]])
def test_what_a_reader_has_not_taken_is_written_when_it_goes_on(given_out: list[int]) -> None:
    async def main() -> None:
        answers, written = Answers(), Written()
        written.reading.clear()
        work = Work(Feed.of(20), answers, written, Window())
        running = asyncio.create_task(work.run(5))
        await settle()
        answers.give(*given_out)
        await settle()
        running.cancel()
        await asyncio.wait([running])
        written.reading.set()
        await work.write()
        assert written.places == given_out

    asyncio.run(main())


class Broken(Exception):
    """Something that ends a run."""


async def fail(_: Line) -> NoReturn:
    raise Broken


class BrokenFeed(Feed):
    async def take(self) -> NoReturn:
        raise Broken


class BrokenWriting(Written):
    async def drain(self) -> NoReturn:
        raise Broken


@pytest.mark.parametrize(
    ("feed", "answer", "written"),
    [
        (BrokenFeed, at_once, Written),
        (Feed, fail, Written),
        (Feed, at_once, BrokenWriting),
        (BrokenFeed, fail, BrokenWriting),
    ],
)
def test_a_failure_ends_it_as_it_is(
    feed: type[Feed], answer: Callable[[Line], Awaitable[Answered]], written: type[Written]
) -> None:
    async def main() -> None:
        with pytest.raises(Broken):
            await Work(feed.of(20), answer, written(), Window()).run(5)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
