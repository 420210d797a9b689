"""What is needed of an event loop."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from sipresolve.backends.eventloop import (
    Inbox,
    Signal,
    clock,
    connect,
    let_others_run,
    receive,
    running_loop,
    send,
    spawn,
)


def run(test: Any) -> Any:
    return asyncio.run(test(), debug=True)


def test_a_signal_that_was_given_before() -> None:
    async def test() -> bool:
        signal = Signal()
        signal.set()
        assert signal.is_set
        return await signal.wait()

    assert run(test)


def test_a_signal_that_is_given_while_several_wait() -> None:
    async def test() -> list[bool]:
        signal = Signal()
        waiting = [asyncio.ensure_future(signal.wait(until)) for until in (None, clock() + 5)]
        await let_others_run()
        signal.set()
        signal.set()
        signal.clear()
        assert not signal.is_set
        return await asyncio.gather(*waiting)

    assert run(test) == [True, True]


def test_a_signal_that_is_not_given() -> None:
    async def test() -> tuple[bool, float]:
        began = clock()
        happened = await Signal().wait(began + 0.02)
        return happened, clock() - began

    happened, waited = run(test)
    assert not happened
    assert waited >= 0.02


def test_a_signal_and_the_end_of_the_wait_at_once() -> None:
    async def test() -> bool:
        signal, until = Signal(), clock() + 0.01
        waiting = asyncio.ensure_future(signal.wait(until))
        await let_others_run()
        signal.set()
        while clock() < until:
            pass
        return await waiting

    assert run(test)


async def give(signal: Signal, turns: int) -> None:
    """Give a signal after so many turns of the loop."""
    for _ in range(turns):
        await let_others_run()
    signal.set()


@pytest.mark.parametrize(("turns", "happens"), [(0, True), (5, True), (100, False)])
def test_a_wait_that_a_busy_loop_has_held_up(turns: int, *, happens: bool) -> None:
    """What the loop was kept from comes first, but nothing is waited for beyond that."""

    async def test() -> bool:
        signal, until = Signal(), clock() + 0.01
        waiting = asyncio.ensure_future(signal.wait(until))
        await let_others_run()
        while clock() < until + 0.4:
            pass
        giving = asyncio.ensure_future(give(signal, turns))
        happened = await waiting
        await giving
        return happened

    assert run(test) is happens


def test_a_wait_that_is_cancelled_leaves_nothing() -> None:
    async def test() -> set[Any]:
        signal = Signal()
        waiting = asyncio.ensure_future(signal.wait(clock() + 60))
        await let_others_run()
        waiting.cancel()
        await asyncio.wait([waiting])
        return signal._waiters

    assert run(test) == set()


def test_an_inbox_gives_what_has_come_in_order() -> None:
    async def test() -> list[int | None]:
        inbox: Inbox[int] = Inbox()
        inbox.put(1)
        inbox.put(2)
        # What is there is given even when the time has passed.
        got = [await inbox.get(clock() - 1), await inbox.get(clock() - 1)]
        asyncio.get_running_loop().call_later(0.01, inbox.put, 3)
        got += [await inbox.get(clock() + 5), await inbox.get(clock() + 0.01)]
        return got

    assert run(test) == [1, 2, 3, None]


@pytest.mark.parametrize("raises", [None, ValueError("no")])
def test_a_job_tells_how_it_ended(raises: Exception | None) -> None:
    async def work() -> int:
        await let_others_run()
        if raises is not None:
            raise raises
        return 7

    async def test() -> list[Any]:
        told: list[Any] = []
        await spawn(work(), lambda *outcome: told.append(outcome)).ended()
        return told

    assert run(test) == [(7, None) if raises is None else (None, raises)]


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_job_that_is_cancelled_tells_nothing_and_closes_what_it_held(*, has_begun: bool) -> None:
    async def test() -> tuple[list[Any], int]:
        told: list[Any] = []
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        with theirs:
            job = spawn(receive(ours, 1), lambda *outcome: told.append(outcome), holding=ours)
            if has_begun:
                await let_others_run()
            job.cancel()
            await job.ended()
        return told, ours.fileno()

    assert run(test) == ([], -1)


def test_octets_over_a_stream() -> None:
    async def test() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as ours:
            ours.settimeout(0)
            await connect(ours, server.getsockname())
            theirs, _ = server.accept()
            with theirs:
                theirs.settimeout(0)
                await send(ours, b"octets")
                return await receive(theirs, 100)

    assert run(test) == b"octets"


def test_the_loop_that_runs() -> None:
    async def test() -> bool:
        return running_loop() is asyncio.get_running_loop()

    assert run(test)
