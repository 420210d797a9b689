"""Lines of numbers, cut out of octets as these come."""

from __future__ import annotations

from collections import deque
from typing import Final

from attrs import frozen

from sipresolve import InvalidNumber

__all__ = ["LONGEST", "Line", "Lines"]

#: The most octets that a line may have; no more than these are kept of a longer one.
LONGEST: Final = 4096

#: What some editors put before a text in UTF-8 (RFC 3629 §6).
_MARK: Final = "\ufeff".encode()


@frozen
class Line:
    """A line that has a number, or should have one.

    Attributes:
        place: Which line of the input it is, counted from 1.
        text: The number, without the blanks around it; octets that are not UTF-8 are escaped.
        end: How far into the input it goes, in octets.
        fault: Why nobody need look whether it is a number; None where somebody has to.
    """

    place: int
    text: str
    end: int
    fault: InvalidNumber | None = None


class Lines:
    """Cuts octets into lines, and passes over those that are blank or begin with ``#``."""

    def __init__(self) -> None:
        self._place = 0
        self._end = 0
        self._whole: deque[bytes] = deque()
        self._begun = b""

    def feed(self, octets: bytes) -> None:
        """Add what comes next in the input."""
        *whole, begun = (self._begun + octets).split(b"\n")
        self._whole += whole
        self._begun = begun[: LONGEST + 1]  # one too many, to tell that it is too long
        self._end += len(begun) - len(self._begun)

    def finish(self) -> None:
        """Nothing more will come: a line that has begun is whole."""
        if self._begun:
            self.feed(b"\n")

    def skip(self, count: int) -> bool:
        """Pass over the first lines of the input, of any kind, as far as they are there.

        Returns:
            Whether so many have been passed over.
        """
        while self._whole and self._place < count:
            self._pop()
        return self._place >= count

    def take(self) -> Line | None:
        """The next line with a number; None where there is none yet."""
        while self._whole:
            octets = self._pop().removeprefix(_MARK)[: LONGEST + 1]  # however it was fed
            text = octets.decode(errors="backslashreplace").strip()
            if text and not text.startswith("#"):
                return Line(self._place, text, self._end, _fault(octets, text))
        return None

    def _pop(self) -> bytes:
        octets = self._whole.popleft()
        self._place += 1
        self._end += len(octets) + 1
        return octets


def _fault(octets: bytes, text: str) -> InvalidNumber | None:
    if len(octets) > LONGEST:
        return InvalidNumber(f"no number has over {LONGEST} octets", text=text, position=0)
    try:
        octets.decode()
    except UnicodeDecodeError as error:
        message = f"octet {error.start + 1} is not UTF-8, in {text!r}"
        return InvalidNumber(message, text=text, position=0)
    return None
