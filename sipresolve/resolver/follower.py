"""A thread that waits for the leader, until it is called."""

from __future__ import annotations

import time
from threading import Condition
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Lock

__all__ = ["Follower"]

# A wait that ends later than this was held up, and so was the leader, in seconds.
_HELD_UP: Final = 0.02
# How long the leader may take then to pass on what has come, in seconds: as long as that, but no
# less than it takes on a busy machine, and no more than is worth it.
_LEAST, _MOST = 0.05, 0.5


class Follower:
    """Waits on a lock that it holds; whoever calls it holds the lock, too."""

    def __init__(self, lock: Lock) -> None:
        self._condition = Condition(lock)
        self._is_called = False

    def call(self) -> None:
        """Let it go on: an answer has reached it, or it is to lead."""
        self._is_called = True
        self._condition.notify()

    def wait(self, until: float, is_led: Callable[[], bool]) -> None:
        """Wait until it is called, or until that time of `time.monotonic`.

        Where the process did not run until after that time, the leader goes on no sooner than the
        others do, and may hold what has come: it is waited for.

        Args:
            until: When to go on.
            is_led: Whether there is a leader.
        """
        due = max(until, time.monotonic())
        self._wait(due)
        late = time.monotonic() - due
        if late > _HELD_UP and is_led():
            self._wait(time.monotonic() + min(max(late, _LEAST), _MOST))

    def _wait(self, until: float) -> None:
        """A call that comes between the end of the wait and the lock counts as well."""
        self._condition.wait_for(lambda: self._is_called, until - time.monotonic())
