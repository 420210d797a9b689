"""Tests of failover that are written once for both resolvers: the blocking one is awaited, too.

    @each_flavour
    def test_something(flavour: Flavour) -> None:
        async def test(world: World) -> None:
            async for attempt in world.failover("sip:example.com"):
                with attempt:
                    ...

        run(flavour, test, held=questions("h2.example.com A"))

Whatever the test does, nothing may be left behind: no task, and no question in flight.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import pytest
from attrs import define
from scripted import AsyncScripted, Scripted

from sipresolve import AllTargetsFailed, AsyncResolver, Policy, Resolver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Self

    from sipresolve import Answer, AsyncFailover, Attempt, Failover, Health, Question, Resolution

__all__ = [
    "Attempts",
    "Awaited",
    "Flavour",
    "World",
    "all_failed",
    "each_flavour",
    "ends",
    "fail",
    "leave_by",
    "run",
    "tried",
]

Flavour: TypeAlias = Literal["blocking", "asynchronous"]

each_flavour: Final = pytest.mark.parametrize("flavour", ["blocking", "asynchronous"])

#: One address for each host, and a lifetime that is longer than a machine is busy.
PLAIN: Final = Policy(families=("ipv4",), transports=("udp", "tcp"), lifetime=60.0)


class Awaited:
    """A blocking iterator with the face of an asynchronous one."""

    def __init__(self, failover: Failover) -> None:
        self._failover = failover

    @property
    def resolution(self) -> Resolution:
        return self._failover.resolution

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Attempt:
        try:
            return next(self._failover)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        self._failover.close()


@define
class BlockingWorld:
    """A blocking resolver and its scripted backend."""

    backend: Scripted
    resolver: Resolver

    def failover(self, uri: str, **keywords: Any) -> Awaited:
        return Awaited(self.resolver.failover(uri, **keywords))

    def failover_response(self, via: str, **keywords: Any) -> Awaited:
        return Awaited(self.resolver.failover_response(via, **keywords))

    async def resolve(self, uri: str) -> Resolution:
        return self.resolver.resolve(uri)

    async def respond(self, via: str) -> Resolution:
        return self.resolver.respond(via)

    async def let_go(self, *questions: Question) -> None:
        self.backend.let_go(*questions)

    def let_go_later(self, *questions: Question) -> None:
        """Let them go when the caller waits, and not while it only reads what has come."""
        waits = count()

        def let_go() -> None:
            if next(waits) == 1:
                self.backend.let_go(*questions)

        self.backend.on_wait = let_go

    async def fail_at(self, _question: Question) -> None:
        """Let whoever waits next fail."""
        self.backend.fail(RuntimeError("boom"))

    async def settle(self) -> None:
        """There is nothing that goes on by itself."""

    async def close(self) -> None:
        self.resolver.close()

    async def check_that_nothing_is_left(self) -> None:
        gc.collect()
        pump = self.resolver._pump
        assert pump._leader is None
        assert not pump._followers
        # What is closed has nothing in flight, whatever was not given back before.
        if not self.backend.closed:
            assert not pump._abandoned
            pump.look_up()  # What was late is for the cache, and read by whoever comes next.
            assert not self.resolver._desk.session.in_flight


class _Failing(dict[Any, Any]):
    """Answers that cannot be had any more."""

    def get(self, _question: object, _default: object = None) -> Any:
        raise RuntimeError("boom")


@define
class TasksWorld:
    """The same for an asynchronous resolver."""

    backend: AsyncScripted
    resolver: AsyncResolver
    _later: asyncio.Task[None] | None = None

    def failover(self, uri: str, **keywords: Any) -> AsyncFailover:
        return self.resolver.failover(uri, **keywords)

    def failover_response(self, via: str, **keywords: Any) -> AsyncFailover:
        return self.resolver.failover_response(via, **keywords)

    async def resolve(self, uri: str) -> Resolution:
        return await self.resolver.resolve(uri)

    async def respond(self, via: str) -> Resolution:
        return await self.resolver.respond(via)

    async def let_go(self, *questions: Question) -> None:
        await self.backend.let_go(*questions)
        await self.settle()

    def let_go_later(self, *questions: Question) -> None:
        """Let them go when the caller waits."""
        self._later = asyncio.create_task(self.backend.let_go(*questions))

    async def fail_at(self, question: Question) -> None:
        """Let who waits for this fail."""
        self.backend.answers = _Failing(self.backend.answers)
        await self.let_go(question)

    async def settle(self) -> None:
        """Let what was begun, cancelled or left take its course."""
        for _ in range(5):
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self.resolver.aclose()

    async def check_that_nothing_is_left(self) -> None:
        gc.collect()
        await self.settle()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        pump = self.resolver._pump
        assert not pump._jobs
        assert not pump._signals
        assert not pump._broken
        assert not self.resolver._desk.session.in_flight


World: TypeAlias = BlockingWorld | TasksWorld
Attempts: TypeAlias = "Awaited | AsyncFailover"


def run(
    flavour: Flavour,
    test: Callable[[World], Awaitable[None]],
    records: Mapping[Question, Answer],
    *,
    health: Health | None = None,
    policy: Policy = PLAIN,
    **script: Any,
) -> None:
    """Run a test in a loop of its own, and see that it leaves nothing behind.

    Args:
        flavour: Which of the resolvers.
        test: What to do with it.
        records: What the backend answers.
        health: Of the resolver; None for its own.
        policy: Of the resolver.
        script: More of what the backend is to do: questions that are ``held``, say.
    """

    async def main() -> None:
        world = made(flavour)
        try:
            await test(world)
            await world.check_that_nothing_is_left()
        finally:
            await world.close()

    def made(flavour: Flavour) -> World:
        if flavour == "blocking":
            backend = Scripted(records, **script)
            return BlockingWorld(backend, Resolver(backend, policy, health=health))
        asked = AsyncScripted(records, **script)
        return TasksWorld(asked, AsyncResolver(asked, policy, health=health))

    asyncio.run(main())


# --- What callers do


async def fail(attempts: Attempts, reason: str | Exception = "503") -> str:
    """Let the next attempt fail; where it was."""
    attempt = await anext(attempts)
    attempt.failed(reason)
    return str(attempt.target)


async def all_failed(attempts: Attempts, *outcomes: str | Exception) -> AllTargetsFailed:
    """Let every attempt fail, by these words and exceptions in turn, and then in words."""
    left = iter(outcomes)
    try:
        async for attempt in attempts:
            with attempt:
                outcome = next(left, "503")
                if isinstance(outcome, Exception):
                    raise outcome
                attempt.failed(outcome)
    except AllTargetsFailed as error:
        return error
    raise AssertionError("it ended as if one had worked")


async def tried(attempts: Attempts, *outcomes: str | Exception) -> list[str]:
    """Likewise; where attempts were made, those before included."""
    error = await all_failed(attempts, *outcomes)
    return [str(target) for target, _ in error.failures]


async def leave_by(attempts: Attempts, error: BaseException, *, said: bool = False) -> None:
    """Leave the next attempt by an exception, with a failure told before or without."""
    async for attempt in attempts:
        with attempt:
            if said:
                attempt.failed("503")
            raise error


def ends(action: Callable[[], object]) -> bool:
    """Whether it ends; one that is locked for ever must not hold up the tests."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(5)
    return not thread.is_alive()
