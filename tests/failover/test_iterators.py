"""The failover iterators over any source of targets: where they end, and what they give back."""

from __future__ import annotations

import asyncio
import gc
import traceback
from typing import TYPE_CHECKING, TypeAlias

import pytest
from attempts import Source, Told, target
from attrs import define, field
from callers import Attempts, Awaited, Flavour, all_failed, each_flavour, leave_by, tried

from sipresolve.failover.course import Found
from sipresolve.failover.health import PENALISED, Standing
from sipresolve.failover.iterators import AsyncFailover, Failover
from sipresolve.vocabulary.errors import (
    AllTargetsFailed,
    BackendFailed,
    Misuse,
    NoSuchDomain,
    TargetFailed,
)
from sipresolve.vocabulary.targets import Resolution
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ONE, TWO = target("udp 192.0.2.1"), target("udp 192.0.2.2")


@define(eq=False)
class Supply(Source):
    """A source for either kind of iterator, and the health that goes with it."""

    health: Told = field(factory=Told)

    def attempts(self, flavour: Flavour) -> Attempts:
        if flavour == "blocking":
            return Awaited(Failover(_Blocking(self), self.health.claims))
        return AsyncFailover(_InTasks(self), self.health.claims)


@define(eq=False)
class _Shown:
    """What both kinds of targets show of it."""

    source: Source

    @property
    def subject(self) -> SipUri:
        return self.source.subject

    @property
    def resolution(self) -> Resolution:
        return self.source.resolution

    def leave(self) -> None:
        self.source.leave()

    def abandon(self) -> None:
        self.source.abandon()


class _Blocking(_Shown):
    def next(self) -> Found:
        return self.source.take()


class _InTasks(_Shown):
    async def next(self) -> Found:
        await asyncio.sleep(0)
        return self.source.take()


Test: TypeAlias = "Callable[[Attempts], Awaitable[None]]"


def run(flavour: Flavour, source: Supply, test: Test) -> None:
    async def main() -> None:
        await test(source.attempts(flavour))

    asyncio.run(main())


# --- Where the loop ends --------------------------------------------------------------------------


@each_flavour
def test_leaving_the_statement_normally_ends_the_loop_without_a_break(flavour: Flavour) -> None:
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        places = []
        async for attempt in attempts:
            with attempt:
                places.append(attempt.target)
        assert places == [ONE]
        with pytest.raises(StopAsyncIteration):
            await anext(attempts)

    run(flavour, source, test)
    assert source.found == [TWO], "it was not asked for"
    assert source.left >= 1


@each_flavour
def test_continue_and_break_leave_it_normally(flavour: Flavour) -> None:
    async def going_on(attempts: Attempts) -> None:
        async for attempt in attempts:
            with attempt:
                continue

    async def breaking(attempts: Attempts) -> None:
        async for attempt in attempts:
            with attempt:
                break

    for test in (going_on, breaking):
        source = Supply([ONE, TWO])
        run(flavour, source, test)
        assert source.health.reports == [("succeeded", str(ONE), None)]
        assert source.left >= 1


@each_flavour
def test_an_asynchronous_statement_is_the_same(flavour: Flavour) -> None:
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        outcomes: list[Exception | None] = [ConnectionRefusedError(), None]
        async for attempt in attempts:
            async with attempt:
                if outcome := outcomes.pop(0):
                    raise outcome
        assert outcomes == []

    run(flavour, source, test)
    assert [kind for kind, *_ in source.health.reports] == ["failed", "succeeded"]


@each_flavour
def test_all_have_failed(flavour: Flavour) -> None:
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        error = await all_failed(attempts, TimeoutError(), "503")
        assert [each for each, _ in error.failures] == [ONE, TWO]
        assert [type(what) for what in error.exceptions] == [TimeoutError, TargetFailed]
        assert error.resolution == Supply([]).resolution

    run(flavour, source, test)


@each_flavour
def test_what_has_failed_can_be_handled_by_kind(flavour: Flavour) -> None:
    """An `ExceptionGroup` is for ``except*``."""

    async def test(attempts: Attempts) -> None:
        handled: list[tuple[str, BaseException]] = []
        try:
            raise await all_failed(attempts, ConnectionRefusedError(), TimeoutError())
        except* ConnectionRefusedError as refused:
            handled.append(("refused", refused))
        except* TimeoutError as silent:
            handled.append(("silent", silent))
        for (kind, part), expected in zip(
            handled, [("refused", ONE), ("silent", TWO)], strict=True
        ):
            assert isinstance(part, AllTargetsFailed)
            assert [(kind, each) for each, _ in part.failures] == [expected]

    run(flavour, Supply([ONE, TWO]), test)


@each_flavour
def test_the_traceback_tells_the_story(flavour: Flavour) -> None:
    """What was tried and what happened there, and why there was no more."""

    async def test(attempts: Attempts) -> None:
        refused = ConnectionRefusedError(111, "connection refused")
        error = await all_failed(attempts, refused, "503 Service Unavailable")
        story = "".join(traceback.format_exception(error))
        beginnings = [
            "sipresolve.vocabulary.errors.BackendFailed: the backend failed",
            "The above exception was the direct cause of the following exception",
            "AllTargetsFailed: all 2 targets of sip:example.com failed (2 sub-exceptions)",
            "1: udp 192.0.2.1:5060 of h1.example.com",
            "2: udp 192.0.2.2:5060 of h2.example.com",
            "ConnectionRefusedError: [Errno 111] connection refused",
            "TargetFailed: udp 192.0.2.2:5060 of h2.example.com: 503 Service Unavailable",
        ]
        places = [story.find(beginning) for beginning in beginnings]
        assert places == sorted(places)
        assert -1 not in places
        assert "During handling of the above exception" not in story
        assert "StopIteration" not in story

    run(flavour, Supply([ONE, TWO, BackendFailed("the backend failed")]), test)


@each_flavour
def test_where_there_is_no_target_the_first_step_says_so(flavour: Flavour) -> None:
    """With the same error as `resolve`."""
    nothing = NoSuchDomain("example.com does not exist")

    async def test(attempts: Attempts) -> None:
        with pytest.raises(NoSuchDomain) as caught:
            await anext(attempts)
        assert caught.value is nothing

    run(flavour, Supply([nothing]), test)


@each_flavour
def test_what_has_been_found_so_far(flavour: Flavour) -> None:
    async def test(attempts: Attempts) -> None:
        assert attempts.resolution == Supply([]).resolution

    run(flavour, Supply([]), test)


# --- Asking once more -----------------------------------------------------------------------------


@each_flavour
def test_who_asks_after_the_end_is_not_told_of_success(flavour: Flavour) -> None:
    async def test(attempts: Attempts) -> None:
        first = await all_failed(attempts)
        second = await all_failed(attempts)
        assert second.failures == first.failures

    run(flavour, Supply([ONE, TWO]), test)


@each_flavour
def test_who_asks_after_closing_it_is_not_told_of_success(flavour: Flavour) -> None:
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        (await anext(attempts)).failed()
        await attempts.aclose()
        await attempts.aclose()
        with pytest.raises(Misuse):
            await anext(attempts)
        with pytest.raises(Misuse):
            await anext(attempts)

    run(flavour, source, test)
    assert source.found == [TWO]


@each_flavour
def test_who_closes_it_after_success_has_had_success(flavour: Flavour) -> None:
    async def test(attempts: Attempts) -> None:
        async for attempt in attempts:
            attempt.succeeded()
        await attempts.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(attempts)

    run(flavour, Supply([ONE]), test)


@each_flavour
def test_who_has_not_made_an_attempt_is_told_so(flavour: Flavour) -> None:
    """RFC 3263 §4.3 tries one after the other. Nothing is lost: the attempt can still be made."""
    source = Supply([ONE, TWO], health=Told({str(ONE): Standing(probe=3)}))

    async def test(attempts: Attempts) -> None:
        attempt = await anext(attempts)
        for _ in range(2):
            with pytest.raises(Misuse, match="has no outcome yet"):
                await anext(attempts)
        attempt.failed("503", retry_after=5)
        assert (await anext(attempts)).target == TWO

    run(flavour, source, test)
    assert source.health.reports == [("failed", str(ONE), 3, 5)]


@each_flavour
def test_who_asks_within_the_statement_is_told_so(flavour: Flavour) -> None:
    source = Supply([ONE, TWO], health=Told({str(ONE): Standing(probe=3)}))

    async def test(attempts: Attempts) -> None:
        async def within() -> None:
            with await anext(attempts):
                await anext(attempts)

        with pytest.raises(Misuse, match="has no outcome yet"):
            await within()

    run(flavour, source, test)
    assert source.health.reports == [("released", str(ONE), 3)]


@each_flavour
def test_who_has_said_so_may_ask_within_the_statement(flavour: Flavour) -> None:
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        async for attempt in attempts:
            with attempt:
                attempt.failed("503")
                with await anext(attempts) as other:
                    assert other.target == TWO

    run(flavour, source, test)
    assert [kind for kind, *_ in source.health.reports] == ["released", "succeeded"]


@pytest.mark.parametrize("said", [False, True])
@each_flavour
def test_who_goes_on_after_an_exception_passed_through_is_told_so(
    flavour: Flavour, *, said: bool
) -> None:
    """The search was given up with it; that is neither success nor the failure of all."""

    async def test(attempts: Attempts) -> None:
        with pytest.raises(ValueError, match="boom"):
            await leave_by(attempts, ValueError("boom"), said=said)
        for _ in range(2):
            with pytest.raises(Misuse):
                await anext(attempts)

    run(flavour, Supply([ONE, TWO]), test)


@each_flavour
def test_who_goes_on_after_an_interrupt_is_told_so(flavour: Flavour) -> None:
    source = Supply([ONE, RuntimeError("as if interrupted"), TWO])

    async def test(attempts: Attempts) -> None:
        (await anext(attempts)).failed()
        with pytest.raises(RuntimeError, match="as if interrupted"):
            await anext(attempts)
        for _ in range(2):
            with pytest.raises(Misuse, match="was given up before its end"):
                await anext(attempts)

    run(flavour, source, test)


def test_two_tasks_at_once_are_one_too_many() -> None:
    """And neither takes it for success."""
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        outcomes = await asyncio.gather(anext(attempts), anext(attempts), return_exceptions=True)
        assert any(isinstance(outcome, Misuse) for outcome in outcomes)
        assert not any(isinstance(outcome, StopAsyncIteration) for outcome in outcomes)

    run("asynchronous", source, test)


def test_one_task_may_follow_another() -> None:
    async def test(attempts: Attempts) -> None:
        async def fail() -> None:
            (await anext(attempts)).failed()

        await asyncio.create_task(fail())
        attempt = await asyncio.create_task(anext(attempts))
        assert attempt.target == TWO
        attempt.succeeded()

    run("asynchronous", Supply([ONE, TWO]), test)


def test_closing_it_in_the_middle_of_a_step_is_not_success() -> None:
    async def test(attempts: Attempts) -> None:
        step = asyncio.create_task(anext(attempts))
        await asyncio.sleep(0)
        await attempts.aclose()
        with pytest.raises(Misuse):
            await step

    run("asynchronous", Supply([ONE, TWO]), test)


# --- Giving back ----------------------------------------------------------------------------------


@each_flavour
def test_dropping_it_tells_the_source(flavour: Flavour) -> None:
    """Not by `leave`, which may take a lock."""
    source = Supply([ONE, TWO])

    async def test(attempts: Attempts) -> None:
        (await anext(attempts)).failed()

    run(flavour, source, test)
    gc.collect()
    assert (source.left, source.abandoned) == (0, 1)


@each_flavour
def test_dropping_it_leaves_the_attempt_to_whoever_has_it(flavour: Flavour) -> None:
    """A caller of callbacks need not keep the iterator for the last one."""
    source = Supply([ONE, TWO], health=Told({str(ONE): Standing(probe=3)}))

    async def main() -> None:
        attempt = await anext(source.attempts(flavour))
        gc.collect()
        assert source.abandoned == 1
        attempt.succeeded()

    asyncio.run(main())
    assert source.health.reports == [("succeeded", str(ONE), 3)]


@each_flavour
def test_closing_it_gives_the_probe_back(flavour: Flavour) -> None:
    source = Supply([ONE, TWO], health=Told({str(ONE): Standing(probe=3)}))

    async def test(attempts: Attempts) -> None:
        attempt = await anext(attempts)
        await attempts.aclose()
        attempt.succeeded()

    run(flavour, source, test)
    assert source.health.reports == [("released", str(ONE), 3)], "nobody wants to know any more"
    assert source.left >= 1


@each_flavour
def test_closing_it_before_it_began(flavour: Flavour) -> None:
    source = Supply([ONE])

    async def test(attempts: Attempts) -> None:
        await attempts.aclose()

    run(flavour, source, test)
    assert source.found == [ONE]


@pytest.mark.parametrize("kind", [Failover, AsyncFailover])
@pytest.mark.filterwarnings("error")
def test_one_that_could_not_be_made_has_nothing_to_give_back(
    kind: type[Failover | AsyncFailover],
) -> None:
    with pytest.raises(TypeError):
        kind()  # type: ignore[call-arg]  # that is what is tested
    gc.collect()


# --- Health ---------------------------------------------------------------------------------------


@each_flavour
def test_penalised_targets_come_last(flavour: Flavour) -> None:
    source = Supply([ONE, TWO], health=Told({str(ONE): PENALISED}))

    async def test(attempts: Attempts) -> None:
        assert await tried(attempts) == [str(TWO), str(ONE)]

    run(flavour, source, test)
