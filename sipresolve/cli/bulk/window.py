"""Answers that come in any order, put back into the order of their questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sipresolve.cli.bulk.answers import Answered

__all__ = ["MOST_LINES", "MOST_OCTETS", "Window"]

#: How many lines may be on their way. One that takes the whole lifetime holds back those behind it,
#: and thousands of these are answered meanwhile.
MOST_LINES: Final = 16_384

#: How many octets of answers may be held back before nothing more is begun.
MOST_OCTETS: Final = 16 * 1024 * 1024


class Window:
    """The lines that have begun and are not written yet: never more than it has room for."""

    def __init__(self, most_lines: int = MOST_LINES, most_octets: int = MOST_OCTETS) -> None:
        """Begin with nothing.

        Args:
            most_lines: How many lines it has room for.
            most_octets: With how many octets of answers in it no other line may begin.
        """
        self._most_lines = most_lines
        self._most_octets = most_octets
        self._first = 0
        self._begun = 0
        self._octets = 0
        self._answered: dict[int, Answered] = {}

    @property
    def is_full(self) -> bool:
        """Whether no line may begin before some are taken out."""
        lines = self._begun - self._first
        return lines >= self._most_lines or self._octets >= self._most_octets

    @property
    def is_empty(self) -> bool:
        """Whether everything that has begun is taken out."""
        return self._begun == self._first

    @property
    def is_ready(self) -> bool:
        """Whether there is something to take out."""
        return self._first in self._answered

    def begin(self) -> int:
        """Make room for a line; where it is."""
        self._begun += 1
        return self._begun - 1

    def put(self, where: int, answered: Answered) -> None:
        """A line is answered."""
        self._answered[where] = answered
        self._octets += len(answered.octets)

    def take(self) -> list[Answered]:
        """Take out the answers to all lines before the first that has none, in their order."""
        taken = []
        while (answered := self._answered.pop(self._first, None)) is not None:
            self._first += 1
            self._octets -= len(answered.octets)
            taken.append(answered)
        return taken
