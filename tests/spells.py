"""Spells: when something was not as it should be, and the pulse of a process that may stall."""

from __future__ import annotations

import threading
import time
from typing import Final, Self

from attrs import define, field, frozen

__all__ = ["PROMPT", "Pulse", "Spell", "overlap"]

#: Within what time a nameserver that is near answers, and a process does what is due, in seconds.
PROMPT: Final = 0.1

#: How often it is looked whether a process still runs, in seconds.
_BEAT: Final = 0.02


@frozen
class Spell:
    """From when to when, in seconds of the monotonic clock, which all processes share."""

    began: float
    until: float = float("inf")


def overlap(spells: list[Spell], began: float, ended: float) -> bool:
    """Whether any of these was while something else went on."""
    return any(spell.began <= ended and spell.until >= began for spell in spells)


@define
class Pulse:
    """Notes when this process did not run, for as long as the block takes.

    A virtual machine may be stopped for a while, and a busy one may have no processor to spare.

    Attributes:
        latest: When it was last seen to run, in seconds of the monotonic clock.
        stalls: When it did not.
    """

    latest: float = field(factory=time.monotonic)
    stalls: list[Spell] = field(init=False, factory=list)
    _lock: threading.Lock = field(init=False, factory=threading.Lock)
    _ended: threading.Event = field(init=False, factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        self.latest = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_BEAT):
            self.beat(time.monotonic())

    def beat(self, now: float) -> None:
        """Note that it runs; by whoever wants to know of a stall that has only just ended, too."""
        with self._lock:
            if now - self.latest > PROMPT:
                self.stalls.append(Spell(self.latest, now))
            self.latest = max(now, self.latest)
