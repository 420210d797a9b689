"""What numbers have to be that a caller gives."""

from __future__ import annotations

from typing import TypeGuard

__all__ = ["is_number", "is_whole"]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number of 0 or more, and no bool, which is one by accident."""
    return (isinstance(value, float) or is_whole(value)) and 0 <= value < float("inf")


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, and no bool."""
    return isinstance(value, int) and not isinstance(value, bool)
