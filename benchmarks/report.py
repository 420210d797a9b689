"""Prints what `pure`, `failover`, `cold`, `enum_bulk` and `regexps` have measured, as tables.

python benchmarks/report.py pure.json failover.json cold.json enum.json regexps.json
"""

from __future__ import annotations

import json
import sys
from math import ceil
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import pyperf  # type: ignore[import-untyped]  # it has no annotations
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["main"]

#: What everybody is set beside.
_OURS: Final = "Resolver"

#: The sequential round trips to be had: without additional data, and with it.
_GOALS: Final = {
    False: {"full": 2, "srv": 2, "a": 1},
    True: {"full": 1, "srv": 1, "a": 1},
}


#: What the iterator may cost beside the search that it needs, in microseconds.
_ITERATOR_GOAL: Final = 5.0

#: Who maps telephone numbers in bulk, and how many times as fast as a loop over dnspython it is to
#: do so, by how far away the nameserver is, in milliseconds.
_IN_BULK: Final = "AsyncResolver.enum"
_BULK_GOALS: Final = {0: 1.5, 20: 20}

#: What 99.9 % of hostile expressions may take, and what any may, in microseconds.
_REGEXP_GOALS: Final = {0.999: 1_000.0, 1.0: 10_000.0}


def main() -> None:
    """Print all reports: for a terminal, or else as Markdown."""
    pure, failover, cold, enum, regexps = map(Path, sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else _WIDEST, highlight=False)
    _print(console, "Without a network", _pure(pyperf.BenchmarkSuite.load(str(pure))))
    results = json.loads(failover.read_text())["results"]
    _print(console, "To the first target, which works, in µs", _failover(results))
    _print(console, "To ask for the health of a server", _admit(results))
    document = json.loads(cold.read_text())
    title = f"Through a nameserver that takes {document['delay_ms']:.0f} ms for every answer"
    _print(console, title, _cold(document["results"]))
    start = median(document["sip_dig_start_ms"])
    console.print(f"sip-dig takes {start:.1f} ms of it to start; the others are running already.\n")
    numbers = json.loads(enum.read_text())
    _print(console, "Telephone numbers", _enum(numbers["results"], numbers["peer"]))
    _print(console, "Memory, after parts of the numbers, in MiB", _memory(numbers["results"]))
    expressions = json.loads(regexps.read_text())
    _print(console, "Regular expressions, in µs", _regexps(expressions["results"]))
    console.print(f"They have made the process {expressions['grown_mib']:.1f} MiB larger.\n")
    for line in (
        *_iterator_goals(results),
        *_goals(document["results"]),
        *_bulk_goals(numbers["results"], numbers["peer"]),
        *_regexp_goals(expressions["results"]),
    ):
        console.print(line)


#: Wider than any table.
_WIDEST: Final = 160


def _print(console: Console, title: str, table: Table) -> None:
    if not console.is_terminal:
        table.box = MARKDOWN
    console.print(title, style="bold")
    console.print(table)
    console.print()


def _table(left: Sequence[str], right: Sequence[str]) -> Table:
    """A table with columns of text, and then columns of numbers, which are always shown whole."""
    table = Table()
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


# --- Without a network


def _pure(suite: pyperf.BenchmarkSuite) -> Table:
    """Ratios are of the least times: whatever else the machine does can only add to a time."""
    numbers = ["least", "median", "its least", "ratio"]
    table = _table(["what", "beside"], numbers)
    benchmarks = {benchmark.get_name(): benchmark for benchmark in suite.get_benchmarks()}
    peers = {name: _beside(benchmark) for name, benchmark in benchmarks.items()}
    for name, benchmark in benchmarks.items():
        if name in peers.values():
            continue
        least, its_least, ratio = min(benchmark.get_values()), "", ""
        if peer := peers[name]:
            its = min(benchmarks[peer].get_values())
            its_least, ratio = _seconds(its), f"{least / its:.2f}"
        shown = _seconds(least), _seconds(benchmark.median()), its_least, ratio
        table.add_row(name, peer.partition(":")[0], *shown)
    return table


def _beside(benchmark: pyperf.Benchmark) -> str:
    return str(benchmark.get_metadata().get("beside", ""))


def _seconds(seconds: float) -> str:
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


# --- Failover


def _failover(results: Iterable[Mapping[str, Any]]) -> Table:
    numbers = ["search", "failover", "iterator (quartiles)", "share", "resolve"]
    table = _table(["what"], numbers)
    for subject, took in _by_subject(results).items():
        low, iterator, high = _iterator(took)
        table.add_row(
            subject,
            f"{median(took['search']):.1f}",
            f"{median(took['failover']):.1f}",
            f"{iterator:.1f} ({low:.1f}, {high:.1f})",
            f"{iterator / median(took['failover']):.1%}",
            f"{median(took['resolve']):.1f}",
        )
    return table


def _by_subject(results: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, list[float]]]:
    """What each search took, and what was set beside it, in microseconds."""
    subjects: dict[str, dict[str, list[float]]] = {}
    for result in results:
        if result["how"] != "admit":
            subjects.setdefault(result["subject"], {})[result["how"]] = result["us"]
    return subjects


def _iterator(took: Mapping[str, list[float]]) -> list[float]:
    """The quartiles of what failover took more than the search of the same round."""
    return quantiles([b - a for a, b in zip(took["search"], took["failover"], strict=True)])


def _iterator_goals(results: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for subject, took in _by_subject(results).items():
        _, iterator, _ = _iterator(took)
        said = "met" if iterator <= _ITERATOR_GOAL else "MISSED"
        yield f"Goal {said}: {subject}, {iterator:.1f} of {_ITERATOR_GOAL:.0f} µs"


def _admit(results: Iterable[Mapping[str, Any]]) -> Table:
    table = _table(["what"], ["median"])
    for result in results:
        if result["how"] == "admit":
            table.add_row(result["subject"], _seconds(median(result["us"]) / 1e6))
    return table


# --- Through a nameserver


def _cold(results: Iterable[Mapping[str, Any]]) -> Table:
    table = _table(
        ["domain", "who"],
        ["targets", "ms (from, to)", "ratio", "queries", "round trips", "CPU ms"],
    )
    ours = 0.0
    for result in results:
        took = median(result["ms"])
        if result["contender"] == _OURS:
            ours = took
        table.add_row(
            _domain(result),
            result["contender"],
            str(result["targets"]),
            f"{took:.1f} ({min(result['ms']):.1f}, {max(result['ms']):.1f})",
            f"{took / ours:.2f}",
            f"{median(result['queries']):.0f}",
            f"{median(result['round_trips']):.0f}",
            f"{median(result['cpu_ms']):.1f}",
        )
    return table


def _domain(result: Mapping[str, Any]) -> str:
    return f"{result['scenario']}, additional" if result["additional"] else result["scenario"]


def _goals(results: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for result in results:
        if result["contender"] == _OURS:
            goal = _GOALS[result["additional"]][result["scenario"]]
            trips = median(result["round_trips"])
            said = "met" if trips <= goal else "MISSED"
            yield f"Goal {said}: {_domain(result)}, {trips:.0f} of {goal} round trips"


# --- Telephone numbers


def _enum(results: Sequence[Mapping[str, Any]], peer: str) -> Table:
    table = _table(["nameserver", "who"], ["numbers", "a second", "times its peer", "CPU µs"])
    for result in results:
        table.add_row(
            f"{result['delay_ms']:.0f} ms away",
            result["who"],
            f"{sum(result['numbers']):,}",
            f"{1 / _seconds_each(result):,.0f}",
            f"{_times_faster(result, results, peer):.2f}",
            f"{1e6 * sum(result['cpu_seconds']) / sum(result['numbers']):.0f}",
        )
    return table


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


def _memory(results: Iterable[Mapping[str, Any]]) -> Table:
    table = _table(["nameserver", "who"], ["numbers", "25 %", "50 %", "75 %", "100 %", "peak"])
    for result in results:
        resident = result["resident"]
        quarters = [resident[len(resident) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)]
        table.add_row(
            f"{result['delay_ms']:.0f} ms away",
            result["who"],
            f"{sum(result['numbers']):,}",
            *(f"{each:.1f}" for each in (*quarters, result["peak"])),
        )
    return table


def _bulk_goals(results: Sequence[Mapping[str, Any]], peer: str) -> Iterable[str]:
    for result in results:
        if result["who"] == _IN_BULK:
            away = round(result["delay_ms"])
            times, goal = _times_faster(result, results, peer), _BULK_GOALS[away]
            said = "met" if times >= goal else "MISSED"
            yield f"Goal {said}: numbers in bulk, {away} ms away, {times:.2f} times of {goal}"


# --- Regular expressions


def _regexps(results: Iterable[Mapping[str, Any]]) -> Table:
    numbers = ["expressions", "refused", "median", "99.9 %", "greatest"]
    table = _table(["kind"], numbers)
    for result in results:
        shares = (f"{_share(result['us'], share):.0f}" for share in (0.5, 0.999, 1.0))
        count, refused = f"{len(result['us']):,}", f"{result['refused']:,}"
        table.add_row(result["kind"], count, refused, *shares)
    return table


def _share(us: Iterable[float], share: float) -> float:
    """What so large a share of them do not exceed."""
    ordered = sorted(us)
    return ordered[ceil(share * len(ordered)) - 1]


def _regexp_goals(results: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    us = [each for result in results for each in result["us"] if result["hostile"]]
    for share, goal in _REGEXP_GOALS.items():
        took = _share(us, share)
        said = "met" if took <= goal else "MISSED"
        yield f"Goal {said}: {share:.1%} of hostile expressions, {took:.0f} of {goal:.0f} µs"


if __name__ == "__main__":
    main()
