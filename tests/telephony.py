"""Numbers and their records, as the tests of ENUM write them.

A line of records is as in `simulation.zone`; ``@`` stands for the domain of the number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from simulation import zone

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.targets import Resolution

__all__ = ["DOMAIN", "NUMBER", "codes", "leads", "mapped", "numbers", "terminal", "warned"]

NUMBER: Final = "+442079460123"
DOMAIN: Final = "3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa"


def numbers(*lines: str) -> dict[Question, Answer]:
    """The answers of these records."""
    return zone(re.sub(r"^\s*@ ", f"{DOMAIN} ", "\n".join(lines), flags=re.MULTILINE))


def terminal(
    uri: str, order: int = 10, preference: int = 10, service: str = "E2U+sip", owner: str = "@"
) -> str:
    """A record that gives a URI."""
    return f'{owner} NAPTR {order} {preference} "u" "{service}" "!^.*$!{uri}!" .'


def leads(to: str, order: int = 10, preference: int = 10, owner: str = "@") -> str:
    """A non-terminal record."""
    return f'{owner} NAPTR {order} {preference} "" "" "" {to}'


def mapped(resolution: Resolution) -> str:
    """The URIs that were found."""
    return " ".join(each.uri for each in resolution.uris)


def codes(resolution: Resolution | None) -> list[str]:
    """What was noticed."""
    return [note.code for note in resolution.notes] if resolution else []


def warned(resolution: Resolution | None) -> list[str]:
    """What somebody should know."""
    return [note.code for note in resolution.warnings] if resolution else []
