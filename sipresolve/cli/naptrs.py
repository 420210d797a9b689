"""A NAPTR record as a line of the tree: those of a domain and those of a number alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sipresolve import Naptr

__all__ = ["NOWHERE", "naptr_label"]

#: The replacement of a record that leads to no other domain (RFC 3403 §4.1).
NOWHERE: Final = "."


def naptr_label(naptr: Naptr) -> str:
    """A record as the tree names it; of regexp and replacement, one alone is of use."""
    fields = f'{naptr.order} {naptr.preference} "{naptr.flags}" "{naptr.service}"'
    regexp = f' "{naptr.regexp.decode(errors="backslashreplace")}"' if naptr.regexp else ""
    replacement = "" if regexp and naptr.replacement == NOWHERE else f" → {naptr.replacement}"
    return f"{fields}{regexp}{replacement}"
