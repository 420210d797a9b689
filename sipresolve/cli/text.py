"""Texts for a person: nothing in them commands the terminal, and all of them can be shown."""

from __future__ import annotations

from typing import Final

__all__ = ["counted", "milliseconds", "shown", "visible"]

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


def counted(count: int, noun: str) -> str:
    """A number of things: ``1 target``, ``2 targets``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def milliseconds(seconds: float) -> str:
    """A time as a person reads it: ``12.1 ms``."""
    return f"{seconds * 1000:.1f} ms"
