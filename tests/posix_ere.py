"""Matches extended regular expressions by their definition (IEEE Std 1003.1-2017, chapter 9).

It is slow, and shares nothing with what the library uses. A pattern is read into a tree. Where a
match can end follows, from each place, from where the branches can end; and where there are several
ways to the same end, a `Rule` says which is taken.
"""

from __future__ import annotations

import re
import string
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Rule", "Tree", "parse", "search"]


@frozen
class Anchor:
    at_end: bool


@frozen
class Octet:
    allowed: frozenset[int]


@frozen
class Group:
    number: int
    inside: Tree
    is_table: bool = False


@frozen
class Then:
    first: Tree
    rest: Tree


@frozen
class Either:
    first: Tree
    other: Tree


@frozen
class Repeat:
    inside: Tree
    least: int
    most: int | None
    begun: bool = False

    def again(self, *, was_null: bool) -> Repeat:
        """What is left when it was repeated; endless repetition ends with the null string."""
        most = self.most and self.most - 1
        if self.most is None and self.least <= 1 and was_null:
            most = 0
        return Repeat(self.inside, max(self.least - 1, 0), most, begun=True)


Tree: TypeAlias = Anchor | Octet | Group | Then | Either | Repeat

#: Matches the null string.
_NOTHING: Final = Repeat(Octet(frozenset()), 0, 0)


# --- From patterns to trees


def parse(ere: bytes) -> Tree:
    """Read a pattern, of which nothing is left undefined."""
    tokens = [*reversed(_TOKENS.findall(ere))]
    tree = _either(tokens, iter(range(1, len(tokens) + 1)))
    assert not tokens
    return tree


_TOKENS: Final = re.compile(rb"(?s)\[\^?\]?(?:\[:[a-z]+:\]|[^]])*\]|\{[0-9]+,?[0-9]*\}|\\?.")


def _either(tokens: list[bytes], numbers: Iterator[int]) -> Tree:
    tree = _then(tokens, numbers)
    if tokens and tokens[-1] == b"|":
        tokens.pop()
        return Either(tree, _either(tokens, numbers))
    return tree


def _then(tokens: list[bytes], numbers: Iterator[int]) -> Tree:
    if not tokens or tokens[-1] in {b"|", b")"}:
        return _NOTHING
    tree = _one(tokens, numbers)
    if tokens and (counts := _counts(tokens[-1])):
        tokens.pop()
        tree = Repeat(tree, *counts)
    return Then(tree, _then(tokens, numbers))


def _one(tokens: list[bytes], numbers: Iterator[int]) -> Tree:
    match token := tokens.pop():
        case b"(":
            number, behind = next(numbers), [*tokens]
            inside = _either(tokens, numbers)
            assert tokens.pop() == b")"
            is_table = _OF_TABLES.issuperset(behind[len(tokens) :])
            return Group(number, inside, is_table and not (tokens and _counts(tokens[-1])))
        case b"^" | b"$":
            return Anchor(token == b"$")
        case b".":
            return Octet(frozenset(range(256)))
    return Octet(_bracket(token[1:-1]) if token[:1] == b"[" else frozenset(token[-1:]))


#: What a group has that chooses among plain numbers.
_OF_TABLES: Final = {rb"\+", b"|", b")", *(b"%d" % digit for digit in range(10))}


def _counts(token: bytes) -> tuple[int, int | None] | None:
    if token[:1] == b"{":
        least, comma, most = token[1:-1].partition(b",")
        return int(least), int(most) if most else None if comma else int(least)
    return {b"*": (0, None), b"+": (1, None), b"?": (0, 1)}.get(token)


def _bracket(inside: bytes) -> frozenset[int]:
    if inside[:1] == b"^":
        return frozenset(range(256)) - _bracket(inside[1:])
    allowed: set[int] = set()
    for name, low, high, octet in _MEMBERS.findall(inside):
        among = range(low[0], high[0] + 1) if low else octet
        allowed.update(getattr(string, _CLASSES[name]).encode() if name else among)
    return frozenset(allowed)


_MEMBERS: Final = re.compile(rb"(?s)\[:([a-z]+):\]|(.)-(.)|(.)")
_CLASSES: Final = {b"digit": "digits", b"punct": "punctuation", b"alpha": "ascii_letters"}


# --- From trees to matches


class Rule(Enum):
    """Which of the ways to the same end is taken."""

    #: §9.1: "each subpattern, from left to right, shall match the longest possible string"; a null
    #: string is matched only where there is no other way. Each repetition forgets the one before.
    LONGEST = "longest"

    #: The first alternative, and as many repetitions as can be, from left to right: the order in
    #: which Perl tries. What a group has matched stays, also where it has no part in a repetition.
    #: Where a group that is not repeated chooses among plain numbers, the longest comes first.
    FIRST = "first"


Spans: TypeAlias = dict[int, tuple[int, int]]


def search(tree: Tree, subject: bytes, rule: Rule) -> dict[int, bytes] | None:
    """The longest of the leftmost matches, as number 0, and its submatches by their numbers."""
    matching = _Matching(subject, rule)
    for start in range(len(subject) + 1):
        if ends := matching.ends(tree, start):
            spans = {0: (start, max(ends))} | matching.spans(tree, start, max(ends))
            return {number: subject[slice(*span)] for number, span in spans.items()}
    return None


@define
class _Matching:
    subject: bytes
    rule: Rule
    _ends: dict[tuple[Tree, int], list[int]] = field(factory=dict)

    def ends(self, tree: Tree, start: int) -> list[int]:
        """Where a match that begins there can end, in the order of the rule."""
        if (tree, start) not in self._ends:
            ends = dict.fromkeys(self._ways(tree, start))
            longest = self.rule is Rule.LONGEST
            self._ends[tree, start] = sorted(ends, reverse=True) if longest else [*ends]
        return self._ends[tree, start]

    def _ways(self, tree: Tree, start: int) -> Iterator[int]:
        match tree:
            case Anchor(at_end):
                yield from [start] if start == (len(self.subject) if at_end else 0) else []
            case Octet(allowed):
                yield from (start + 1 for octet in self.subject[start:][:1] if octet in allowed)
            case Group(_, inside, is_table):
                ends = self.ends(inside, start)
                yield from sorted(ends, reverse=True) if is_table else ends
            case Then(first, rest):
                yield from (end for mid in self.ends(first, start) for end in self.ends(rest, mid))
            case Either(first, other):
                yield from self.ends(first, start) + self.ends(other, start)
            case Repeat(_, least):
                yield from (end for rest in self._repeated(tree, start) for end in self.ends(*rest))
                yield from [start] if least == 0 else []

    def _repeated(self, tree: Repeat, start: int) -> Iterator[tuple[Repeat, int]]:
        """What is left after the next repetition, and where that can end."""
        counted = tree.most is not None and self.rule is Rule.FIRST
        for end in self.ends(tree.inside, start) if tree.most != 0 else ():
            if end != start or tree.least or not tree.begun or counted:
                yield tree.again(was_null=end == start), end

    def spans(self, tree: Tree, start: int, end: int) -> Spans:
        """The submatches of a match from there to there."""
        match tree:
            case Group(number, inside):
                return {number: (start, end)} | self.spans(inside, start, end)
            case Then(first, rest):
                mid = next(mid for mid in self.ends(first, start) if end in self.ends(rest, mid))
                return self.spans(first, start, mid) | self.spans(rest, mid, end)
            case Either(first, other):
                return self.spans(first if end in self.ends(first, start) else other, start, end)
            case Repeat():
                return self._spans_of_repetitions(tree, start, end)
        return {}

    def _spans_of_repetitions(self, tree: Repeat, start: int, end: int) -> Spans:
        spans: Spans = {}
        while ways := [rest for rest in self._repeated(tree, start) if end in self.ends(*rest)]:
            again, mid = ways[0]
            kept = spans if self.rule is Rule.FIRST else {}
            spans = kept | self.spans(tree.inside, start, mid)
            tree, start = again, mid
        return spans
