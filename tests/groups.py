"""Targets as the tables of the tests write them: groups, in order, of "transport address port"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_groups"]


def check_groups(wanted: Sequence[Sequence[str]], got: Sequence[str]) -> None:
    """Compare in order; inside a group chance may have its way."""
    start = 0
    for group in wanted:
        found = got[start : start + len(group)]
        assert sorted(found) == sorted(group), f"wanted {wanted}, got {got}"
        start += len(group)
    assert start == len(got), f"wanted {wanted}, got {got}"
