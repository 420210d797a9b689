"""The tables of `enum_bulk` and `regexps`, and the goals that they are measured against."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, Final

from tables import share, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.table import Table

__all__ = ["bulk_goals", "memory_table", "numbers_table", "regexp_goals", "regexps_table"]

#: Who maps telephone numbers in bulk, and how many times as fast as a loop over dnspython it is to
#: do so, by how far away the nameserver is, in milliseconds.
_IN_BULK: Final = "AsyncResolver.enum"
_BULK_GOALS: Final = {0: 1.5, 20: 20}

#: What 99.9 % of hostile expressions may take, and what any may, in microseconds.
_REGEXP_GOALS: Final = {0.999: 1_000.0, 1.0: 10_000.0}


# --- Telephone numbers


def numbers_table(results: Sequence[Mapping[str, Any]], peer: str) -> Table:
    """How many numbers a second, and how many times as many as the peer."""
    shown = table(["nameserver", "who"], ["numbers", "a second", "times its peer", "CPU µs"])
    for result in results:
        shown.add_row(
            f"{result['delay_ms']:.0f} ms away",
            result["who"],
            f"{sum(result['numbers']):,}",
            f"{1 / _seconds_each(result):,.0f}",
            f"{_times_faster(result, results, peer):.2f}",
            f"{1e6 * sum(result['cpu_seconds']) / sum(result['numbers']):.0f}",
        )
    return shown


def _seconds_each(result: Mapping[str, Any]) -> float:
    """How long a number takes, in the median of the turns."""
    turns = zip(result["seconds"], result["numbers"], strict=True)
    return float(median(seconds / count for seconds, count in turns))


def _times_faster(
    result: Mapping[str, Any], results: Iterable[Mapping[str, Any]], peer: str
) -> float:
    away = result["delay_ms"]
    (beside,) = (each for each in results if each["who"] == peer and each["delay_ms"] == away)
    return _seconds_each(beside) / _seconds_each(result)


def memory_table(results: Iterable[Mapping[str, Any]]) -> Table:
    """How much memory, after each quarter of the numbers."""
    shown = table(["nameserver", "who"], ["numbers", "25 %", "50 %", "75 %", "100 %", "peak"])
    for result in results:
        resident = result["resident"]
        quarters = [resident[len(resident) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)]
        shown.add_row(
            f"{result['delay_ms']:.0f} ms away",
            result["who"],
            f"{sum(result['numbers']):,}",
            *(f"{each:.1f}" for each in (*quarters, result["peak"])),
        )
    return shown


def bulk_goals(results: Sequence[Mapping[str, Any]], peer: str) -> Iterable[str]:
    """Whether numbers in bulk are as quick as they are to be."""
    for result in results:
        if result["who"] == _IN_BULK:
            away = round(result["delay_ms"])
            times, goal = _times_faster(result, results, peer), _BULK_GOALS[away]
            what = f"numbers in bulk, {away} ms away, {times:.2f} times of {goal}"
            yield verdict(what, met=times >= goal)


# --- Regular expressions


def regexps_table(results: Iterable[Mapping[str, Any]]) -> Table:
    """How long expressions of each kind take."""
    numbers = ["expressions", "refused", "median", "99.9 %", "greatest"]
    shown = table(["kind"], numbers)
    for result in results:
        shares = (f"{share(result['us'], part):.0f}" for part in (0.5, 0.999, 1.0))
        count, refused = f"{len(result['us']):,}", f"{result['refused']:,}"
        shown.add_row(result["kind"], count, refused, *shares)
    return shown


def regexp_goals(results: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Whether hostile expressions are bounded as they are to be."""
    us = [each for result in results for each in result["us"] if result["hostile"]]
    for part, goal in _REGEXP_GOALS.items():
        took = share(us, part)
        what = f"{part:.1%} of hostile expressions, {took:.0f} of {goal:.0f} µs"
        yield verdict(what, met=took <= goal)
