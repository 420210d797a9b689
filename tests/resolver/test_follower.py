"""A follower goes on when it is called, and waits for a leader that was held up as well."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import TYPE_CHECKING

import pytest

from sipresolve.resolver import follower as module
from sipresolve.resolver.follower import Follower

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

#: How long a wait may take that ends in time, and one that does not, in seconds.
SOON, FOR_EVER = 20.0, 60.0


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a leader without need does so for too long."""
    monkeypatch.setattr(module, "_LEAST", FOR_EVER)
    monkeypatch.setattr(module, "_MOST", FOR_EVER)


class Waiting:
    """A follower that waits in a thread of its own."""

    def __init__(self, pool: ThreadPoolExecutor, seconds: float, *, led: bool) -> None:
        self.lock = Lock()
        self.follower = Follower(self.lock)
        self._led = led
        self._inside = Event()
        self.done: Future[None] = pool.submit(self._wait, seconds)
        assert self._inside.wait(SOON)

    def _wait(self, seconds: float) -> None:
        with self.lock:
            self._inside.set()
            self.follower.wait(time.monotonic() + seconds, lambda: self._led)

    def hold_up(self, seconds: float) -> None:
        """Keep it from going on when its time has come; the lock is held afterwards."""
        self.lock.acquire()
        time.sleep(seconds)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def test_it_goes_on_when_it_is_called(pool: ThreadPoolExecutor) -> None:
    waiting = Waiting(pool, FOR_EVER, led=True)
    with waiting.lock:
        waiting.follower.call()
    waiting.done.result(SOON)


def test_a_call_that_comes_before_it_has_the_lock_is_heard(pool: ThreadPoolExecutor) -> None:
    waiting = Waiting(pool, 0.05, led=True)
    waiting.hold_up(0.2)
    waiting.follower.call()
    waiting.lock.release()
    waiting.done.result(SOON)


def test_where_nobody_leads_it_goes_on_when_its_time_has_come(pool: ThreadPoolExecutor) -> None:
    waiting = Waiting(pool, 0.05, led=False)
    waiting.hold_up(0.2)
    waiting.lock.release()
    waiting.done.result(SOON)


def test_a_leader_that_was_held_up_as_well_is_waited_for(pool: ThreadPoolExecutor) -> None:
    waiting = Waiting(pool, 1.0, led=True)
    waiting.hold_up(1.3)
    waiting.lock.release()
    time.sleep(0.2)
    assert not waiting.done.done()
    with waiting.lock:
        waiting.follower.call()
    waiting.done.result(SOON)
