"""The tables of `proofs` and `dnssec`, and the goals that they are measured against."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tables import table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

__all__ = ["from_cache_table", "proof_goals", "proofs_table", "proving_goals", "proving_table"]

#: What a proof may cost with the algorithm of most zones, by what was known before, and what each
#: signature may, in microseconds.
_WORKLOAD: Final = ("NAPTR, SRV, A, AAAA", "P-256")
_PROOF_GOALS: Final = {"nothing": 3000.0, "keys": 1000.0}
_SIGNATURE_GOAL: Final = 200.0

#: How many round trips more a resolution may take that proves its answers.
_MORE_ROUND_TRIPS: Final = 1
_PLAIN: Final = "no DNSSEC"

#: How many times as long a resolution from the cache may take: what lies within is the machine.
_CACHED_GOAL: Final = 1.1

#: What a file holds.
Results: TypeAlias = "Sequence[Mapping[str, Any]]"


# --- Proofs by themselves


def proofs_table(results: Results) -> Table:
    """What proofs cost, and how many times as much as dnspython's."""
    shown = table(
        ["resolved", "keys", "denial", "known"],
        [
            "signatures",
            "proof (quartiles)",
            "each",
            "cryptography",
            "dnspython",
            "times",
            "without",
        ],
    )
    for result in results:
        low, proof, high = quantiles(result["proof"])
        peer = median(result["peer"])
        shown.add_row(
            *(result[name] for name in ("workload", "algorithm", "denial", "known")),
            str(result["checks"]),
            f"{proof:.0f} ({low:.0f}, {high:.0f})",
            f"{proof / result['checks']:.0f}",
            f"{median(result['checking']):.0f}",
            f"{peer:.0f}",
            f"{proof / peer:.2f}",
            f"{median(result['plain']):.0f}",
        )
    return shown


def proof_goals(results: Results) -> Iterator[str]:
    """Whether proofs are as cheap as they are to be."""
    for result in results:
        if (result["workload"], result["algorithm"]) == _WORKLOAD:
            known, took = result["known"], median(result["proof"])
            limit, each = _PROOF_GOALS[known], took / result["checks"]
            what = f"proof with {known} known"
            yield verdict(f"{what}, {took:.0f} of {limit:.0f} µs", met=took <= limit)
            of_each = f"{each:.0f} of {_SIGNATURE_GOAL:.0f} µs for each signature"
            yield verdict(f"{what}, {of_each}", met=each <= _SIGNATURE_GOAL)


# --- Through a nameserver


def proving_table(results: Results) -> Table:
    """What a resolution costs that proves its answers, beside one that does not."""
    shown = table(
        ["domain", "who", "answers"],
        ["ms (from, to)", "ratio", "queries", "round trips", "CPU ms"],
    )
    for result in results:
        took, plain = median(result["ms"]), median(_plain(results, result)["ms"])
        shown.add_row(
            result["domain"],
            result["contender"],
            result["security"],
            f"{took:.1f} ({min(result['ms']):.1f}, {max(result['ms']):.1f})",
            f"{took / plain:.2f}",
            f"{median(result['queries']):.0f}",
            f"{median(result['round_trips']):.0f}",
            f"{median(result['cpu_ms']):.1f}",
        )
    return shown


def _plain(results: Results, beside: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resolution of the same domain that proves nothing."""
    same = (each for each in results if each["domain"] == beside["domain"])
    return next(each for each in same if each["contender"] == _PLAIN)


def from_cache_table(results: Results) -> Table:
    """How long a resolution from the cache takes."""
    shown = table(["who"], ["µs (from, to)", "ratio"])
    plain = median(results[0]["us"])
    for result in results:
        us = result["us"]
        cells = f"{median(us):.1f} ({min(us):.1f}, {max(us):.1f})", f"{median(us) / plain:.2f}"
        shown.add_row(result["contender"], *cells)
    return shown


def proving_goals(results: Results, cached: Results) -> Iterator[str]:
    """Whether proofs take no more round trips, and cached ones no more time, than they are to."""
    for result in results:
        if result["contender"].startswith("validate"):
            trips = median(result["round_trips"])
            limit = median(_plain(results, result)["round_trips"]) + _MORE_ROUND_TRIPS
            what = f"{result['domain']}, {result['contender']}, {trips:.0f} of {limit:.0f}"
            yield verdict(f"{what} round trips", met=trips <= limit)
    times = median(cached[-1]["us"]) / median(cached[0]["us"])
    what = f"from the cache with proof, {times:.2f} times of {_CACHED_GOAL}"
    yield verdict(what, met=times <= _CACHED_GOAL)
