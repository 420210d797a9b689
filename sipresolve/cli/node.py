"""A line of the tree, as plain data: `tree` makes it, `plain` and `coloured` draw it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from sipresolve import Answer

__all__ = ["Node", "Tone"]


class Tone(Enum):
    """What a line of the tree is, which decides its colour."""

    START = auto()
    QUESTION = auto()
    RECORD = auto()
    TARGET = auto()
    PROOF = auto()
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
        answers: Whose chains of trust are to hang from it as well: `with_proofs` draws them up.
        children: What hangs from it.
    """

    label: str = field(converter=visible)
    detail: str = field(default="", converter=visible)
    remark: str = field(default="", converter=visible)
    tone: Tone = Tone.RECORD
    answers: tuple[Answer, ...] = ()
    children: tuple[Node, ...] = ()
