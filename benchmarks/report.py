"""Prints what all the others have measured, as tables: what there is of it in a folder.

python benchmarks/report.py build/benchmarks
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyperf  # type: ignore[import-untyped]  # it has no annotations
from report_dns import (
    ages_table,
    cached_goals,
    cached_table,
    dead_goals,
    dead_table,
    growth_goals,
    growth_table,
)
from report_dnssec import (
    from_cache_table,
    proof_goals,
    proofs_table,
    proving_goals,
    proving_table,
)
from report_numbers import (
    bulk_goals,
    memory_table,
    numbers_table,
    regexp_goals,
    regexps_table,
)
from tables import console, print_table, seconds, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rich.console import Console
    from rich.table import Table

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


def main() -> None:
    """Print what there is in a folder, and then which goals have been met."""
    folder, where = Path(sys.argv[1]), console()
    goals: list[str] = []
    for name, show in _SECTIONS.items():
        if (file := folder / f"{name}.json").exists():
            goals += show(where, file)
    for line in goals:
        where.print(line)


# --- Without a network


def _pure(suite: pyperf.BenchmarkSuite) -> Table:
    """Ratios are of the least times: whatever else the machine does can only add to a time."""
    numbers = ["least", "median", "its least", "ratio"]
    shown = table(["what", "beside"], numbers)
    benchmarks = {benchmark.get_name(): benchmark for benchmark in suite.get_benchmarks()}
    peers = {name: _beside(benchmark) for name, benchmark in benchmarks.items()}
    for name, benchmark in benchmarks.items():
        if name in peers.values():
            continue
        least, its_least, ratio = min(benchmark.get_values()), "", ""
        if peer := peers[name]:
            its = min(benchmarks[peer].get_values())
            its_least, ratio = seconds(its), f"{least / its:.2f}"
        cells = seconds(least), seconds(benchmark.median()), its_least, ratio
        shown.add_row(name, peer.partition(":")[0], *cells)
    return shown


def _beside(benchmark: pyperf.Benchmark) -> str:
    return str(benchmark.get_metadata().get("beside", ""))


# --- Failover


def _failover(results: Iterable[Mapping[str, Any]]) -> Table:
    numbers = ["search", "failover", "iterator (quartiles)", "share", "resolve"]
    shown = table(["what"], numbers)
    for subject, took in _by_subject(results).items():
        low, iterator, high = _iterator(took)
        shown.add_row(
            subject,
            f"{median(took['search']):.1f}",
            f"{median(took['failover']):.1f}",
            f"{iterator:.1f} ({low:.1f}, {high:.1f})",
            f"{iterator / median(took['failover']):.1%}",
            f"{median(took['resolve']):.1f}",
        )
    return shown


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
        what = f"{subject}, {iterator:.1f} of {_ITERATOR_GOAL:.0f} µs"
        yield verdict(what, met=iterator <= _ITERATOR_GOAL)


def _admit(results: Iterable[Mapping[str, Any]]) -> Table:
    shown = table(["what"], ["median"])
    for result in results:
        if result["how"] == "admit":
            shown.add_row(result["subject"], seconds(median(result["us"]) / 1e6))
    return shown


# --- Through a nameserver


def _cold(results: Iterable[Mapping[str, Any]]) -> Table:
    shown = table(
        ["domain", "who"],
        ["targets", "ms (from, to)", "ratio", "queries", "round trips", "CPU ms"],
    )
    ours = 0.0
    for result in results:
        took = median(result["ms"])
        if result["contender"] == _OURS:
            ours = took
        shown.add_row(
            _domain(result),
            result["contender"],
            str(result["targets"]),
            f"{took:.1f} ({min(result['ms']):.1f}, {max(result['ms']):.1f})",
            f"{took / ours:.2f}",
            f"{median(result['queries']):.0f}",
            f"{median(result['round_trips']):.0f}",
            f"{median(result['cpu_ms']):.1f}" if result["cpu_ms"] else "",
        )
    return shown


def _domain(result: Mapping[str, Any]) -> str:
    return f"{result['scenario']}, additional" if result["additional"] else result["scenario"]


def _goals(results: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for result in results:
        if result["contender"] == _OURS:
            goal = _GOALS[result["additional"]][result["scenario"]]
            trips = median(result["round_trips"])
            what = f"{_domain(result)}, {trips:.0f} of {goal} round trips"
            yield verdict(what, met=trips <= goal)


# --- All of it

#: Prints what a file has, and gives the lines about goals.
Show: TypeAlias = "Callable[[Console, Path], Iterable[str]]"


def _show_pure(where: Console, file: Path) -> Iterable[str]:
    print_table(where, "Without a network", _pure(pyperf.BenchmarkSuite.load(str(file))))
    return ()


def _show_failover(where: Console, file: Path) -> Iterable[str]:
    results = json.loads(file.read_text())["results"]
    print_table(where, "To the first target, which works, in µs", _failover(results))
    print_table(where, "To ask for the health of a server", _admit(results))
    return _iterator_goals(results)


def _show_cold(where: Console, file: Path) -> Iterable[str]:
    document = json.loads(file.read_text())
    title = f"Through a nameserver that takes {document['delay_ms']:.0f} ms for every answer"
    print_table(where, title, _cold(document["results"]))
    start = median(document["sip_dig_start_ms"])
    where.print(f"sip-dig takes {start:.1f} ms of it to start; the others are running already.\n")
    return _goals(document["results"])


def _show_cached(where: Console, file: Path) -> Iterable[str]:
    results = json.loads(file.read_text())["results"]
    print_table(where, "What was resolved before", cached_table(results))
    return cached_goals(results)


def _show_growth(where: Console, file: Path) -> Iterable[str]:
    document = json.loads(file.read_text())
    results, ages = document["results"], document["ages"]
    print_table(where, "All of 24 targets, cached, beside other names", growth_table(results))
    print_table(where, "The same, as the resolver grows old", ages_table(ages))
    return growth_goals(results, ages)


def _show_dead(where: Console, file: Path) -> Iterable[str]:
    document = json.loads(file.read_text())
    title = f"Two nameservers that take {document['delay_ms']:.0f} ms, in ms"
    print_table(where, title, dead_table(document["results"], document["limit_ms"]))
    return dead_goals(document["results"])


def _show_enum(where: Console, file: Path) -> Iterable[str]:
    numbers = json.loads(file.read_text())
    print_table(where, "Telephone numbers", numbers_table(numbers["results"], numbers["peer"]))
    print_table(
        where, "Memory, after parts of the numbers, in MiB", memory_table(numbers["results"])
    )
    return bulk_goals(numbers["results"], numbers["peer"])


def _show_regexps(where: Console, file: Path) -> Iterable[str]:
    expressions = json.loads(file.read_text())
    print_table(where, "Regular expressions, in µs", regexps_table(expressions["results"]))
    where.print(f"They have made the process {expressions['grown_mib']:.1f} MiB larger.\n")
    return regexp_goals(expressions["results"])


def _show_proofs(where: Console, file: Path) -> Iterable[str]:
    results = json.loads(file.read_text())["results"]
    print_table(where, "Proofs by DNSSEC, without a network, in µs", proofs_table(results))
    return proof_goals(results)


def _show_dnssec(where: Console, file: Path) -> Iterable[str]:
    document = json.loads(file.read_text())
    results, cached = document["results"], document["cached"]
    title = f"Proofs by DNSSEC, with an Unbound {document['delay_ms']:.0f} ms away"
    print_table(where, title, proving_table(results))
    print_table(where, "What was resolved before", from_cache_table(cached))
    return proving_goals(results, cached)


_SECTIONS: Final[Mapping[str, Show]] = {
    "pure": _show_pure,
    "failover": _show_failover,
    "cold": _show_cold,
    "cached": _show_cached,
    "growth": _show_growth,
    "dead": _show_dead,
    "proofs": _show_proofs,
    "dnssec": _show_dnssec,
    "enum": _show_enum,
    "regexps": _show_regexps,
}


if __name__ == "__main__":
    main()
