"""A line of the tree, as plain data: `tree` makes it, `plain` and `coloured` draw it."""

from __future__ import annotations

from enum import Enum, auto

from attrs import field, frozen

from sipresolve.cli.text import visible

__all__ = ["Node", "Tone"]


class Tone(Enum):
    """What a line of the tree is, which decides its colour."""

    START = auto()
    QUESTION = auto()
    RECORD = auto()
    TARGET = auto()
    UNUSED = auto()
    FAILED = auto()


@frozen(kw_only=True)
class Node:
    """A line of the tree, and what hangs from it; its texts are safe for a terminal.

    Attributes:
        label: What it is.
        detail: How it was had: time, TTL, source.
        remark: Why it was skipped, or what else is to be said of it.
        tone: What kind of line it is.
        children: What hangs from it.
    """

    label: str = field(converter=visible)
    detail: str = field(default="", converter=visible)
    remark: str = field(default="", converter=visible)
    tone: Tone = Tone.RECORD
    children: tuple[Node, ...] = ()
