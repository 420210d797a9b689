"""Noticing that a file has changed."""

from __future__ import annotations

import os
from typing import TypeAlias

__all__ = ["Stamp", "stamp"]

#: When a file was changed, in nanoseconds; its size in octets; and its number.
Stamp: TypeAlias = tuple[int, int, int]


def stamp(path: str) -> Stamp | None:
    """What differs as soon as the file is another; None where there is none to be seen."""
    try:
        status = os.stat(path)  # noqa: PTH116 - done for every question, and a Path is slow
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
