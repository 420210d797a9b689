"""Resolves for ten minutes, while faults come and go before two real recursors.

    PYTHONPATH=tests python benchmarks/soak.py -o soak.json

Unbound and BIND ask Knot DNS; before each of them is a relay that loses, delays, forges, truncates
and so on, by a seeded schedule. At times both are faulty, or were seen to be slow: only then may a
resolution fail.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from attrs import asdict
from soak_plan import Plan
from soaking import soak_in_tasks, soak_in_threads

if TYPE_CHECKING:
    from soak_record import Period, Record

__all__ = ["main"]

_MEBIBYTE: Final = 1 << 20

_COLUMNS: Final = (
    "resolutions right excused failed wrong late p50_ms p99_ms MiB descriptors at_most entries"
)


def main() -> None:
    """Run it, print a line for each minute, and write all of them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0, help="(default: 600)")
    parser.add_argument("--rate", type=float, default=200.0, help="a second (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (default: 1)")
    parser.add_argument("--threads", action="store_true", help="in threads rather than tasks")
    parser.add_argument("--no-stale", action="store_true", help="serve nothing after its TTL")
    options = parser.parse_args()
    plan = Plan(
        seconds=options.seconds,
        rate=options.rate,
        stale=not options.no_stale,
        seed=options.seed,
    )
    soak = soak_in_threads if options.threads else soak_in_tasks
    print(*(f"{column:>11}" for column in _COLUMNS.split()))
    with TemporaryDirectory() as folder:
        record = soak(plan, Path(folder), _print)
    for wrong in record.wrong[:20]:
        print("wrong:", wrong)
    if options.output:
        options.output.write_text(json.dumps(_document(plan, record), indent=1) + "\n")
    if record.wrong:
        raise SystemExit(f"{len(record.wrong)} of {record.resolutions} were wrong")


def _print(period: Period) -> None:
    print(*(f"{value:>11}" for value in _row(period).values()), dict(period.codes), flush=True)


def _row(period: Period) -> dict[str, int | float]:
    values = (
        period.verdicts.total(),
        *(period.verdicts[verdict] for verdict in ("right", "excused", "failed", "wrong")),
        period.over_lifetime,
        round(period.quantile(0.5), 2),
        round(period.quantile(0.99), 1),
        round(period.resident / _MEBIBYTE, 1),
        period.descriptors,
        period.most_descriptors,
        period.entries,
    )
    return dict(zip(_COLUMNS.split(), values, strict=True))


def _document(plan: Plan, record: Record) -> dict[str, object]:
    return {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "plan": asdict(plan),
        "periods": [_row(period) | {"codes": period.codes} for period in record.periods],
        "wrong": record.wrong,
    }


if __name__ == "__main__":
    main()
