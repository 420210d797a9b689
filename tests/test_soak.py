"""Faults come and go before two real recursors, while many resolutions a second go on.

``benchmarks/soak.py`` does the same for ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve
from faults import HEALTHY
from soak_plan import Plan
from soak_record import Record
from soaking import soak_in_tasks, soak_in_threads

#: Faults last for a second or two, and at times both recursors are faulty.
BRIEF: Final = Plan(seconds=7.0, rate=100.0, period=1.75, fault=1.0, lifetime=1.0, seed=225)

#: What Python may take for itself while nothing is kept, in octets.
SPARE: Final = 24 << 20

#: How much longer than its lifetime a resolution may take on a busy machine, in seconds.
BUSY: Final = 5.0


@pytest.mark.parametrize(
    ("soak", "plan"),
    [(soak_in_tasks, BRIEF), (soak_in_threads, evolve(BRIEF, stale=False))],
    ids=["tasks", "threads"],
)
def test_nothing_is_wrong_and_nothing_hangs(
    soak: Callable[[Plan, Path], Record], plan: Plan, tmp_path: Path
) -> None:
    record = soak(plan, tmp_path)
    assert not record.wrong
    assert record.count("right") > record.resolutions / 2
    assert record.resolutions > BRIEF.rate * BRIEF.seconds / 4  # also where both were faulty
    for period in record.periods:
        assert max(period.milliseconds, default=0.0) < 1000 * (BRIEF.lifetime + BUSY)
    second, *_, last = record.periods[1:]
    assert last.resident < second.resident + SPARE
    assert record.left_open <= 0


def test_both_recursors_are_faulty_at_times_and_healthy_at_times() -> None:
    """Else the brief form would say little."""
    faulty = {0: False, 1: False}
    seen = set()
    for change in BRIEF.changes():
        faulty[change.which] = change.fault != HEALTHY
        seen.add(tuple(faulty.values()))
    assert len(seen) == 4
    assert len({change.fault.does for change in BRIEF.changes()}) > 4
