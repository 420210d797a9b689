"""Times hostile substitution expressions, each compiled afresh, and ordinary ones beside them.

    PYTHONPATH=tests python benchmarks/regexps.py -o regexps.json

They take several turns, and the least time of each counts: whatever else a machine does can only
add to it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import time
from pathlib import Path
from typing import Final

import re2
from attrs import asdict, define, field
from hostile_regexps import SLOWEST, hostile_regexps

from sipresolve.procedures import substitution
from sipresolve.procedures.substitution import BadExpression, Substitution, require_matcher

__all__ = ["main"]

_NUMBER: Final = "+123456789012345"

_ORDINARY: Final = (
    rb"!^.*$!sip:info@example.com!",
    rb"!^(.*)$!sip:\1@example.com;user=phone!",
    rb"!^\+1(.*)$!sip:\1@example.com!",
    rb"!^\+1([2-9][0-9]{2})([0-9]{7})([0-9]*)$!sip:\1-\2-\3@gw.example.com:5070;transport=tcp!",
    rb"/^\+(44|49|1)([[:digit:]]{6,14})$/sips:+\1.\2@[2001:db8::1]/i",
)


@define
class Result:
    """What came of the expressions of one kind.

    Attributes:
        kind: What they are.
        hostile: Whether somebody would publish them to do harm.
        us: How long each takes, in microseconds.
        refused: How many cannot be used.
        unmatched: How many do not match the number.
    """

    kind: str
    hostile: bool
    us: list[float] = field(factory=list)
    refused: int = 0
    unmatched: int = 0


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20_000, help="how many (default: 20,000)")
    parser.add_argument("--turns", type=int, default=3, help="of each (default: 3)")
    options = parser.parse_args()
    require_matcher()
    hostile = list(hostile_regexps(options.count, seed=1))
    before = _peak()
    gc.disable()
    results = _measure([*hostile, ("the slowest found", SLOWEST)], options.turns, hostile=True)
    grown = _peak() - before
    results += _measure([("ordinary", regexp) for regexp in _ORDINARY], 99)
    results += _measure([("ordinary, again", regexp) for regexp in _ORDINARY], 99, afresh=False)
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "grown_mib": grown,
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(document) + "\n")


def _measure(
    regexps: list[tuple[str, bytes]], turns: int, *, hostile: bool = False, afresh: bool = True
) -> list[Result]:
    least = [float("inf")] * len(regexps)
    for _ in range(turns):
        if afresh:
            re2.purge()
            substitution._matcher.cache_clear()  # noqa: SLF001 - it keeps compiled patterns as well
        for place, (_, regexp) in enumerate(regexps):
            began = time.perf_counter()
            _apply(regexp)
            least[place] = min(least[place], 1e6 * (time.perf_counter() - began))
    results: dict[str, Result] = {}
    for (kind, regexp), us in zip(regexps, least, strict=True):
        result = results.setdefault(kind, Result(kind, hostile))
        found = _apply(regexp)
        result.us.append(round(us, 1))
        result.refused += isinstance(found, BadExpression)
        result.unmatched += found is None
    return list(results.values())


def _apply(regexp: bytes) -> bytes | BadExpression | None:
    try:
        return Substitution.parse(regexp).apply(_NUMBER)
    except BadExpression as error:
        return error


def _peak() -> float:
    """The greatest size of this process so far, in MiB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
