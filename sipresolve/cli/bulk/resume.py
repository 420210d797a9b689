"""Where an earlier run stopped, by what it has written."""

from __future__ import annotations

import json
from typing import Final, Protocol

from attrs import frozen

from sipresolve import Misuse

__all__ = ["Octets", "Stop", "stop_of"]


class Octets(Protocol):
    """The octets of a file, in memory or mapped to it."""

    def rfind(self, octets: bytes, start: int = ..., end: int = ..., /) -> int:
        """Where some octets are for the last time; -1 where they are not."""

    def __getitem__(self, part: slice, /) -> bytes: ...


@frozen
class Stop:
    """Where a run stopped.

    Attributes:
        size: How many octets of what it has written are whole lines.
        place: The line of the input that it answered last; 0 for none.
        number: The number there, as the answer has it.
    """

    size: int = 0
    place: int = 0
    number: str = ""


def stop_of(written: Octets, name: str) -> Stop:
    """Find where a run stopped; a line that it did not finish does not count.

    Args:
        written: What it has written.
        name: What a message calls that.

    Raises:
        Misuse: No run has written this.
    """
    size = written.rfind(b"\n") + 1
    if not _HEAD.startswith(written[size : size + len(_HEAD)]):
        raise _foreign(name)
    if size == 0:
        return Stop()
    last = written[written.rfind(b"\n", 0, size - 1) + 1 : size]
    try:
        return Stop(size, *_place_and_number(last))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _foreign(name) from error


#: How every line begins that a run writes.
_HEAD: Final = b'{"line": '


def _place_and_number(octets: bytes) -> tuple[int, str]:
    document = json.loads(octets)
    place, number = document["line"], document["number"]
    if type(place) is not int or place < 1 or not isinstance(number, str):
        raise ValueError(f"line {place!r} has no number {number!r}")
    return place, number


def _foreign(name: str) -> Misuse:
    said = "it does not end with the answer to a line"
    return Misuse(f"the output {name!r} cannot be gone on with: {said}")
