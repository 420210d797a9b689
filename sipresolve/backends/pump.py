"""All questions in flight of one process, and the loop that moves them on."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final

from sipresolve.backends.flight import Flight
from sipresolve.backends.sockets import reason
from sipresolve.backends.watch import Watch
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer, Status

if TYPE_CHECKING:
    from sipresolve.backends.channels import Channel
    from sipresolve.backends.settings import Settings
    from sipresolve.vocabulary.records import Question

__all__ = ["Pump"]

# How long to sleep at a time where there is no file descriptor left to wait with, in seconds.
_WITHOUT_WATCH: Final = 0.01
# How long a wait has to take to say that there was nothing to be read before, in seconds.
_SLEPT: Final = 0.001
# The longest wait that every system knows, in seconds; then it waits again.
_LONGEST: Final = 3600.0


class Pump:
    """Starts questions, and answers them when it is pumped.

    Two locks: `_turn` is held by the thread that waits, for as long as it does; `_state` by whoever
    looks at what is in flight, and never while waiting.

    No socket is closed under a thread that sleeps: the system might give its number to another
    socket, and some systems make an error of it. That thread closes it when it wakes.

    Nobody waits for a probe: whoever waits for an answer reads what has come of it, or drops it
    when its time has passed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = Lock()
        self._state = Lock()
        self._flights: dict[Question, Flight] = {}
        self._probes: list[Flight] = []
        self._cancelled: list[Flight] = []
        self._answers: list[Answer] = []
        self._watch: Watch[Flight] | None = None
        self._looked = time.monotonic()
        self._asleep = False
        self._closed = False

    def start(self, question: Question) -> None:
        """Send the first query for a question, unless it is in flight already."""
        with self._state:
            self._check_open()
            if question not in self._flights:
                self._begin(question)
                self._wake()

    def cancel(self, question: Question) -> None:
        """Drop a question and its answer, and close its sockets, or have the sleeper close them."""
        with self._state:
            self._answers = [each for each in self._answers if each.question != question]
            if question in self._flights:
                self._cancelled.append(self._flights.pop(question))
                self._wake()
            if not self._is_asleep():
                self._bury()
                self._rest()

    def wait(self, until: float) -> list[Answer]:
        """Read what has come, move on what has lost patience, until there is an answer."""
        if not self._turn.acquire(timeout=_seconds_to(until)):
            return []
        try:
            while (answers := self._go_round(until)) is None:
                pass
            return answers
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close everything, once the thread that waits has noticed."""
        with self._state:
            self._closed = True
            self._wake()
        with self._turn, self._state:
            self.abandon()

    def abandon(self) -> None:
        """Close everything, without regard to other threads: a child of a fork has none."""
        for flight in (*self._in_flight(), *self._cancelled):
            flight.abandon()
        self._flights.clear()
        self._probes.clear()
        self._cancelled.clear()
        self._rest()

    def _check_open(self) -> None:
        if self._closed:
            raise Misuse("the backend is closed")

    def _begin(self, question: Question) -> None:
        now = time.monotonic()
        begun = self._settings.begin(question, now)
        if isinstance(begun, Answer):
            self._answers.append(begun)
            return
        try:
            watch = self._opened_watch()
        except OSError as error:
            failed = Answer(question=question, status=Status.TIMEOUT, detail=reason(error))
            self._answers.append(failed)
        else:
            self._launch(Flight(question, begun, watch))
            self._probe(question, now, watch)

    def _launch(self, flight: Flight) -> None:
        self._flights[flight.question] = flight
        self._land(flight)

    def _probe(self, question: Question, now: float, watch: Watch[Flight]) -> None:
        for steps in self._settings.probes(question, now):
            self._probes.append(Flight(question, steps, watch))
            self._land(self._probes[-1])

    def _land(self, flight: Flight) -> None:
        """Hand out the answer, if there is one by now; nobody wants that of a probe."""
        if flight.answer is None:
            return
        if flight in self._probes:
            self._probes.remove(flight)
        else:
            del self._flights[flight.question]
            self._answers.append(flight.answer)

    def _opened_watch(self) -> Watch[Flight]:
        if self._watch is None:
            self._watch = Watch()
        return self._watch

    def _is_asleep(self) -> bool:
        """Whether a thread sleeps; one that was interrupted has not said that it no longer does."""
        return self._asleep and self._turn.locked()

    def _wake(self) -> None:
        if self._is_asleep() and self._watch is not None:
            self._watch.wake()

    def _bury(self) -> None:
        """Close what was cancelled."""
        for flight in self._cancelled:
            flight.close()
        self._cancelled.clear()

    def _rest(self) -> None:
        """Close the watch as well, where nothing is in flight: the next question opens another."""
        if self._watch is not None and not self._in_flight():
            self._watch.close()
            self._watch = None

    def _go_round(self, until: float) -> list[Answer] | None:
        """Wait once, and see to all that has happened by then: the sockets before the clock.

        Returns:
            What `wait` is to give; None to go on.
        """
        with self._state:
            self._check_open()
            pause = self._pause(until)
            if pause:
                with suppress(OSError):
                    self._opened_watch()
            self._asleep = True
        began = time.monotonic()
        ready = self._ready(pause)
        now = time.monotonic()
        since = now if now - began > _SLEPT else self._looked
        with self._state:
            self._asleep = False
            for channel, flight in ready:
                if self._is_in_flight(flight):
                    flight.take(channel, now, since)
                    self._land(flight)
            self._bury()
            self._looked = now
            # A time that passed during this look counts only after the next one.
            self._expire(began)
            if not self._answers and began < until:
                return None
            self._rest()
            answers, self._answers = self._answers, []
            return answers

    def _is_in_flight(self, flight: Flight) -> bool:
        return self._flights.get(flight.question) is flight or flight in self._probes

    def _in_flight(self) -> list[Flight]:
        return [*self._flights.values(), *self._probes]

    def _pause(self, until: float) -> float:
        if self._answers:
            return 0.0
        deadlines = [flight.deadline for flight in self._in_flight()]
        return _seconds_to(min([until, *deadlines]))

    def _ready(self, pause: float) -> list[tuple[Channel, Flight]]:
        """The sockets that have something, and whose they are."""
        if self._watch is not None:
            return self._watch.wait(pause)
        time.sleep(min(pause, _WITHOUT_WATCH))
        return []

    def _expire(self, now: float) -> None:
        for flight in self._in_flight():
            if flight.deadline <= now:
                flight.expire(now)
                self._land(flight)


def _seconds_to(time_: float) -> float:
    return min(max(0.0, time_ - time.monotonic()), _LONGEST)
