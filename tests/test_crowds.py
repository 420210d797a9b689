"""Crowds of callers in threads and in tasks: no target is lost, none twice, nothing stays behind.

Each call has dice of its own, and its attempts have a fate that depends on the call and the target
alone; so what it is to try can be said without the others.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import pytest
from attrs import define, field
from crowd import ENDINGS, URIS, WORLD, AsyncSlow, Clock, Slow, alone

from sipresolve import (
    TCP,
    UDP,
    AsyncResolver,
    Health,
    HealthBook,
    Place,
    Policy,
    Resolver,
    SipResolveError,
    Sources,
    Target,
)
from sipresolve.procedures import hosts, locate

#: Longer than a machine is busy, in seconds.
LIFETIME: Final = 60.0

PATIENT: Final = Policy(transports=(UDP, TCP), lifetime=LIFETIME)


@pytest.fixture(autouse=True)
def _nobody_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order is the same for the same dice as long as no wait lapses."""
    monkeypatch.setattr(hosts, "FAMILY_PATIENCE", LIFETIME)
    monkeypatch.setattr(hosts, "HOST_PATIENCE", LIFETIME)
    monkeypatch.setattr(locate, "NAPTR_PATIENCE", LIFETIME)


#: How the attempt of a call at a target ends: a name in `ENDINGS`, or "walks off".
Fate: TypeAlias = Callable[[int, Target], str]

#: Where no other call goes.
ELSEWHERE: Final = "sip:192.0.2.99"


@define
class Call:
    """What a call has come to.

    Attributes:
        tried: The targets of its attempts, in order.
        error: What passed out of its loop: the code of one of our errors, or the name of another.
    """

    tried: list[Target] = field(factory=list)
    error: str | None = None


#: Many calls at once: their numbers, how their attempts end, and what is known of servers.
Crowd: TypeAlias = Callable[[Iterable[int], Fate, Health], dict[int, Call]]


def uri_of(number: int) -> str:
    return URIS[number % len(URIS)]


def in_threads(numbers: Iterable[int], fate: Fate, health: Health) -> dict[int, Call]:
    def make(number: int) -> Call:
        call = Call()
        with noting_errors(call):
            for attempt in resolver.failover(uri_of(number), seed=number):
                call.tried.append(attempt.target)
                if (how := fate(number, attempt.target)) == "walks off":
                    break
                with attempt:
                    ENDINGS[how].act(attempt)
        return call

    backend = Slow()
    with Resolver(backend, PATIENT, sources=Sources(), health=health) as resolver:
        with ThreadPoolExecutor(32) as pool:
            calls = {number: pool.submit(make, number) for number in numbers}
        gc.collect()  # An exception's traceback may still hold what was dropped,
        for attempt in resolver.failover(ELSEWHERE):  # and the next caller gives it back.
            attempt.succeeded()
        pump = resolver._pump
        assert not resolver._desk.session.in_flight
        assert not pump._followers
        assert not pump._abandoned
        assert backend.outstanding == 0
    return {number: call.result() for number, call in calls.items()}


def in_tasks(numbers: Iterable[int], fate: Fate, health: Health) -> dict[int, Call]:
    return asyncio.run(gathered(numbers, fate, health))


def in_tasks_of_which_some_are_cancelled(
    numbers: Iterable[int], fate: Fate, health: Health
) -> dict[int, Call]:
    return asyncio.run(gathered(numbers, fate, health, cancelled=range(0, 10_000, 3)))


async def gathered(
    numbers: Iterable[int], fate: Fate, health: Health, cancelled: Container[int] = ()
) -> dict[int, Call]:
    async def make(number: int) -> Call:
        call = Call()
        with noting_errors(call):
            async for attempt in resolver.failover(uri_of(number), seed=number):
                call.tried.append(attempt.target)
                if (how := fate(number, attempt.target)) == "walks off":
                    break
                async with attempt:
                    ENDINGS[how].act(attempt)
        return call

    backend, rng = AsyncSlow(), Random(1)
    async with AsyncResolver(backend, PATIENT, sources=Sources(), health=health) as resolver:
        tasks = {number: asyncio.create_task(make(number)) for number in numbers}
        for number, task in tasks.items():
            if number in cancelled:
                asyncio.get_running_loop().call_later(rng.random() / 10, task.cancel)
        await asyncio.wait(tasks.values())
        gc.collect()
        async for attempt in resolver.failover(ELSEWHERE):
            attempt.succeeded()
        if given_up := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(given_up)
        pump = resolver._pump
        assert not resolver._desk.session.in_flight
        assert not pump._jobs
        assert not pump._signals
        assert not pump._broken
        assert backend.outstanding == 0
    return {number: task.result() for number, task in tasks.items() if not task.cancelled()}


@contextmanager
def noting_errors(call: Call) -> Iterator[None]:
    try:
        yield
    except SipResolveError as error:
        call.error = error.code
    except (OSError, ZeroDivisionError) as error:
        call.error = type(error).__name__


both_ways = pytest.mark.parametrize("crowd", [in_threads, in_tasks])


def by_chance(*ways: str) -> Fate:
    """Each call at each target has a fate of its own, and always the same."""
    return lambda number, target: Random(f"{number} {target}").choice(ways)


def targets_of(number: int) -> list[Target]:
    """What a call finds by itself."""
    return list(alone(uri_of(number), number, PATIENT, WORLD).targets)


def by_itself(number: int, fate: Fate) -> Call:
    """What a call would come to if there were no other."""
    call = Call(error="no-targets")
    for target in targets_of(number):
        call.tried.append(target)
        how = fate(number, target)
        call.error = ERRORS.get(how, "all-targets-failed")
        if how in ERRORS:
            break
    return call


#: How an attempt that is the last of a call ends, and what passes out of the loop.
ERRORS: Final = {
    "answered": None,
    "walks off": None,
    "a bug": "ZeroDivisionError",
    "no more sockets": "OSError",
}


@both_ways
def test_each_call_tries_what_it_would_alone(crowd: Crowd) -> None:
    """In the same order, where nothing is said against any server."""
    before = threads_and_files()
    fate = by_chance(*["503", "no way there"] * 12, *ERRORS)
    for number, call in crowd(range(2000), fate, HealthBook()).items():
        assert call == by_itself(number, fate)
    assert threads_and_files() <= before


@both_ways
def test_penalties_change_nothing_but_the_order(crowd: Crowd) -> None:
    book = HealthBook(shortest=0.001, longest=0.01)
    fate = by_chance("silent", "refused", "503", "no way there")
    for number, call in crowd(range(1000), fate, book).items():
        expected = by_itself(number, fate)
        assert sorted(map(str, call.tried)) == sorted(map(str, expected.tried))
        assert call.error == expected.error
    assert book.snapshot()
    assert not any(penalty.probing for penalty in book.snapshot())


@both_ways
def test_a_dead_server_gets_one_attempt_for_each_back_off(crowd: Crowd) -> None:
    """And every call gets through: of the servers of each domain one lives."""
    dead = {ip_address(text) for text in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1")}
    attempts: list[Place] = []

    def fate(_number: int, target: Target) -> str:
        if target.address not in dead:
            return "answered"
        attempts.append(Place.of(target))
        return "silent"

    clock = Clock()
    book = HealthBook(clock=clock)
    numbers = [number for number in range(600) if uri_of(number) in URIS[:3]]
    for _ in range(4):
        known = {penalty.place for penalty in book.snapshot()}
        attempts.clear()
        for call in crowd(numbers, fate, book).values():
            assert call.tried[-1].address not in dead
            assert call.error is None
        assert not known or Counter(attempts) == Counter(known)
        clock.now += 1800.0
    dead.clear()
    crowd(numbers, fate, book)
    assert not any(penalty.probing for penalty in book.snapshot())


@pytest.mark.parametrize("crowd", [in_threads, in_tasks, in_tasks_of_which_some_are_cancelled])
def test_who_leaves_early_leaves_no_probe_behind(crowd: Crowd) -> None:
    book = HealthBook(shortest=0.001, longest=0.01)
    fate = by_chance("silent", "503", *ERRORS)
    for number, call in crowd(range(1000), fate, book).items():
        assert len(set(call.tried)) == len(call.tried)
        assert set(call.tried) <= set(targets_of(number))
    assert not any(penalty.probing for penalty in book.snapshot())


def threads_and_files() -> set[object]:
    return {*threading.enumerate(), *Path("/dev/fd").iterdir()}
