"""The questions in flight of one resolver: who waits for which, and which are to be started.

A question in flight belongs to nobody: others join it, and a call that leaves harms none. Some are
kept though nobody waits: the answer is for the cache then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

if TYPE_CHECKING:
    from sipresolve.session.cache import View
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.records import Question

__all__ = ["Flight", "Flights"]

#: After so many seconds no backend is expected to answer any more.
_LONGEST: Final = 30.0
#: For so many seconds others join a question; then it is asked anew.
_FRESH: Final = 2.0


@define
class Flight:
    """A question in flight.

    Attributes:
        since: When it was asked.
        view: Whose answer it will be.
        runs: Who waits for it.
        is_again: Whether it was asked of others before, who are to be asked no more.
    """

    since: float
    view: View
    runs: set[Run] = field(factory=set)
    is_again: bool = False


class Flights:
    """The questions in flight. No lock guards them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._flights: dict[Question, Flight] = {}
        self._kept: set[Question] = set()
        self._left: set[Question] = set()  # by all, where the backend cannot give it up
        self._queue: dict[Question, None] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def get(self, question: Question) -> Flight | None:
        """The flight of a question."""
        return self._flights.get(question)

    def to_join(
        self, question: Question, view: View, now: float, *, fresh: float = _FRESH
    ) -> Flight | None:
        """The flight of a question, for one more to wait for it.

        There is none where it goes to other nameservers than are asked now, nor where it is so old
        that whoever asks it waits long before he asks again: after an outage nobody would notice
        that it is over. What is in flight for nobody may have been lost with whoever asked.
        """
        flight = self._flights.get(question)
        if flight is None or flight.view != view or flight.since + fresh <= now:
            return None
        return flight if flight.runs or question in self._kept else None

    def launch(self, question: Question, view: View, now: float, *, start: bool = True) -> Flight:
        """Have a question started; whoever waited for it elsewhere waits for this answer now.

        Args:
            question: The question.
            view: Whose answer it will be.
            now: The time.
            start: Whether it goes to the DNS; else somebody sees to the answer.
        """
        before = self._flights.get(question)
        flight = self._flights[question] = Flight(now, view)
        self._left.discard(question)
        if before is not None:
            flight.runs, flight.is_again = before.runs, question not in self._queue
        if start:
            self._queue[question] = None
        return flight

    def keep(self, question: Question) -> None:
        """Let a question go on, if it is in flight, whether anybody waits for it or not."""
        if question in self._flights:
            self._kept.add(question)

    def take(self) -> tuple[Question, ...]:
        """The questions to start now."""
        questions, self._queue = tuple(self._queue), {}
        return questions

    def land(self, question: Question) -> Flight | None:
        """A question is no longer in flight."""
        self._kept.discard(question)
        self._left.discard(question)
        self._queue.pop(question, None)
        return self._flights.pop(question, None)

    def leave(self, run: Run) -> tuple[Question, ...]:
        """A run waits no more: say which questions were started and nobody waits for any more."""
        orphans = [question for question in run.questions if self._is_last(run, question)]
        for question in [each for each in orphans if each in self._queue]:
            self.land(question)
            orphans.remove(question)
        self._left.update(orphans)
        return tuple(orphans)

    def _is_last(self, run: Run, question: Question) -> bool:
        """Whether nobody waits for a question once this run does not."""
        flight = self._flights.get(question)
        if flight is None or run not in flight.runs:
            return False
        flight.runs.remove(run)
        return not (flight.runs or question in self._kept)

    def overdue(self, now: float) -> tuple[Question, ...]:
        """What nobody waits for, and was asked so long ago that there will be no answer."""
        flights = ((question, self._flights[question]) for question in self._kept | self._left)
        return tuple(
            question
            for question, flight in flights
            if not flight.runs and flight.since + _LONGEST <= now
        )
