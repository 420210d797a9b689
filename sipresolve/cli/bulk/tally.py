"""How many numbers were answered, with what, and which lines had none: for a person."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from sipresolve.cli.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.bulk.answers import Answered

__all__ = ["MOST_COMPLAINTS", "UNANSWERED", "Tally"]

#: How many bad lines are told of one by one.
MOST_COMPLAINTS: Final = 5

#: The outcomes of numbers for which the DNS had no answer this time.
UNANSWERED: Final = ("dns-timeout", "dns-failure", "budget-exceeded", "busy", "too-many-names")

#: How long a complaint may be.
_WIDTH: Final = 300


class Tally:
    """Counts answers in the order of their lines.

    Attributes:
        place: The line that was answered last; 0 for none.
        end: How far into the input that line goes, in octets.
        numbers: How many lines were answered.
    """

    def __init__(self, place: int = 0) -> None:
        """Begin with nothing.

        Args:
            place: The line that an earlier run answered last; 0 for none.
        """
        self.place = place
        self.end = 0
        self.numbers = 0
        self._began = time.monotonic()
        self._outcomes: Counter[str] = Counter()
        self._bad_lines = 0

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        """How many numbers were answered a second."""
        return self.numbers / max(self.seconds, 1e-3)

    def count(self, answered: Answered) -> str:
        """Count an answer; give a sentence on its line where there is something wrong with it."""
        self.place, self.end = answered.line.place, answered.line.end
        self.numbers += 1
        self._outcomes[answered.outcome] += 1
        if not answered.complaint:
            return ""
        self._bad_lines += 1
        if self._bad_lines > MOST_COMPLAINTS:
            return ""
        said = visible(answered.complaint)
        return f"line {self.place}: {said if len(said) <= _WIDTH else f'{said[:_WIDTH]}...'}"

    def summary(self) -> str:
        """All of it in a few lines."""
        return "".join(f"sipresolve: {line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        if self._bad_lines > MOST_COMPLAINTS:
            more = self._bad_lines - MOST_COMPLAINTS
            yield counted(more, "more bad line")
        outcomes = ", ".join(
            f"{count} {outcome}" for outcome, count in self._outcomes.most_common()
        )
        pace = (
            f"{counted(self.numbers, 'number')} in {self.seconds:.1f} s ({self.rate:.0f} a second)"
        )
        yield f"{pace}: {outcomes}" if outcomes else pace
        if unanswered := sum(self._outcomes[outcome] for outcome in UNANSWERED):
            left = counted(unanswered, "number")
            yield f"the DNS had no answer for {left}, which can be asked again"
