"""Texts for a person: nothing in them commands the terminal, and all of them can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["columns", "counted", "milliseconds", "shown", "uncapitalised", "visible"]

#: What stands for the characters that drawings and messages use, where only ASCII can be shown.
_IN_ASCII: Final = str.maketrans(
    {"├": "|", "│": "|", "└": "`", "─": "-", "→": "->", "…": "...", "§": "section "}
)


def visible(text: str) -> str:
    r"""A text with an escape for each character that is not printable.

    What comes from the DNS may hold anything: control characters, escape sequences, marks that turn
    the direction of writing.

    >>> visible("sip\x1b[2J")
    'sip\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _escape(character) for character in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def shown(text: str, encoding: str) -> str:
    """A text as far as an encoding has it, with ASCII or an escape for the rest.

    >>> shown("├── RFC 3263 §4.1", "ascii")
    '|-- RFC 3263 section 4.1'
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_IN_ASCII)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return text


def columns(rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The cells of a table, each as wide as its column and two blanks, and never broken.

    What is empty to the end of a row is cut off, and so is a column that is empty everywhere.

    >>> list(columns([("1.", "", "a"), ("10.", "", "")]))
    [['1.   ', '', 'a'], ['10.', '', '']]
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        last = max((place for place, cell in enumerate(row) if cell), default=0)
        yield [
            cell.ljust(width + 2 if width else 0) if place < last else cell
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]


def uncapitalised(text: str) -> str:
    """A sentence as it stands behind a colon; an acronym at its beginning is left whole.

    >>> uncapitalised("No such file"), uncapitalised("RPC error")
    ('no such file', 'RPC error')
    """
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def counted(count: int, noun: str) -> str:
    """A number of things: ``1 target``, ``2 targets``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def milliseconds(seconds: float) -> str:
    """A time as a person reads it: ``12.1 ms``."""
    return f"{seconds * 1000:.1f} ms"
