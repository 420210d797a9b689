"""The tables of `cached`, `growth` and `dead`, and the goals that they are measured against."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tables import share, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

__all__ = [
    "ages_table",
    "cached_goals",
    "cached_table",
    "dead_goals",
    "dead_table",
    "growth_goals",
    "growth_table",
]

#: What everybody is set beside.
_OURS: Final = "Resolver"

#: What a cached resolution may take, in microseconds, by what is resolved and what is wanted of it.
_CACHED_GOALS: Final = {
    ("8 targets", "all"): 6.0,
    ("24 targets", "all"): 12.0,
    ("8 targets", "first"): 4.0,
    ("24 targets", "first"): 4.0,
}

#: How much longer the slowest of a hundred may take where a nameserver is dead, in milliseconds.
_DEAD_GOAL: Final = 100.0
_HEALTHY: Final = "both answer"

#: How many times as long a resolution may take with the largest cache, or the oldest resolver: what
#: lies within is the machine.
_GROWTH_GOAL: Final = 1.2

#: What a file holds.
Results: TypeAlias = "Sequence[Mapping[str, Any]]"


# --- Cached


def cached_table(results: Results) -> Table:
    """How long a cached resolution takes, and how many times as long as ours."""
    shown = table(["cached", "wanted", "who"], ["µs (from, to)", "ratio", "queries"])
    for result in results:
        took, ours = median(result["us"]), median(_ours(results, result)["us"])
        queries = result["queries"] / (result["times"] * len(result["us"]))
        shown.add_row(
            result["workload"],
            result["wanted"],
            result["contender"],
            f"{took:.1f} ({min(result['us']):.1f}, {max(result['us']):.1f})",
            f"{took / ours:.2f}",
            f"{queries:.2f}",
        )
    return shown


def _ours(results: Results, beside: Mapping[str, Any]) -> Mapping[str, Any]:
    same = ("workload", "wanted")
    (ours,) = (
        each
        for each in results
        if each["contender"] == _OURS and all(each[key] == beside[key] for key in same)
    )
    return ours


def cached_goals(results: Results) -> Iterator[str]:
    """Whether a cached resolution is as quick as it is to be."""
    for result in results:
        if result["contender"] == _OURS:
            workload, wanted = result["workload"], result["wanted"]
            took, limit = median(result["us"]), _CACHED_GOALS[workload, wanted]
            what = f"cached, {wanted} of {workload}, {took:.1f} of {limit:.0f} µs"
            yield verdict(what, met=took <= limit)


# --- With the size of the cache, and with time


def growth_table(results: Results) -> Table:
    """How long a cached resolution takes beside ever more other names."""
    shown = table(["who"], ["other names", "answers kept", "µs", "beside the fewest"])
    for result in results:
        shown.add_row(
            result["contender"],
            f"{result['others']:,}",
            "" if result["entries"] is None else f"{result['entries']:,}",
            f"{median(result['us']):.1f}",
            f"{_beside_fewest(result, results):.2f}",
        )
    return shown


def _beside_fewest(result: Mapping[str, Any], results: Results) -> float:
    same = (each for each in results if each["contender"] == result["contender"])
    fewest = min(same, key=lambda each: each["others"])
    return float(median(result["us"]) / median(fewest["us"]))


def ages_table(ages: Results) -> Table:
    """How a resolver is at the beginning, half way, and at the end."""
    shown = table([], ["resolutions", "µs", "beside the first", "resident MiB"])
    for age in (ages[0], ages[1], ages[len(ages) // 2], ages[-1]):
        shown.add_row(
            f"{age['resolutions']:,}",
            f"{age['us']:.1f}",
            f"{age['us'] / ages[0]['us']:.2f}",
            f"{age['resident']:.1f}",
        )
    return shown


def growth_goals(results: Results, ages: Results) -> Iterator[str]:
    """Whether the cost of a resolution stays what it was."""
    for result in (each for each in results if each["contender"] == _OURS):
        times = _beside_fewest(result, results)
        what = f"cached beside {result['others']:,} other names, {times:.2f} of {_GROWTH_GOAL}"
        yield verdict(what, met=times <= _GROWTH_GOAL)
    times = ages[-1]["us"] / ages[0]["us"]
    what = f"after {ages[-1]['resolutions']:,} resolutions, {times:.2f} of {_GROWTH_GOAL}"
    yield verdict(what, met=times <= _GROWTH_GOAL)


# --- A dead nameserver


def dead_table(results: Results, limit: float) -> Table:
    """What half, and all but one in a hundred, and all resolutions do not exceed."""
    numbers = ["resolutions", "50 %", "99 %", "100 %", "99 % beside both answer"]
    shown = table(["nameservers", "who"], numbers)
    for result in results:
        shares = (_limited(share(result["ms"], part), limit) for part in (0.5, 0.99, 1.0))
        shown.add_row(
            result["case"],
            result["contender"],
            str(len(result["ms"])),
            *shares,
            f"{_more(result, results):+,.0f}",
        )
    return shown


def _limited(ms: float, limit: float) -> str:
    return f"> {limit:,.0f}" if ms >= limit else f"{ms:,.1f}"


def _more(result: Mapping[str, Any], results: Results) -> float:
    """How much longer the slowest of a hundred take than where both nameservers answer."""
    (healthy,) = (
        each
        for each in results
        if each["contender"] == result["contender"] and each["case"] == _HEALTHY
    )
    return share(result["ms"], 0.99) - share(healthy["ms"], 0.99)


def dead_goals(results: Results) -> Iterator[str]:
    """Whether a dead nameserver is not heard."""
    for result in results:
        if result["contender"] in {_OURS, "AsyncResolver"} and result["case"] != _HEALTHY:
            more = _more(result, results)
            what = f"{result['contender']}, {result['case']}, {more:+.0f} of {_DEAD_GOAL:.0f} ms"
            yield verdict(what, met=more <= _DEAD_GOAL)
