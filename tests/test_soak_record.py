"""The record of a soak lets a failure pass only where neither recursor could be relied on."""

from __future__ import annotations

import time
from typing import Final

import pytest
from domains import domain
from soak_plan import Plan
from soak_record import Record
from spells import PROMPT, Pulse, Spell

from sipresolve.vocabulary.errors import DnsTimeout

PLAN: Final = Plan(seconds=1.0)

#: For how long something that has passed may still be felt, in seconds.
FELT: Final = PLAN.lifetime + PLAN.failure_ttl

#: A resolution that nobody answered.
BEGAN, ENDED = 100.0, 102.0

#: What was before it, what was in the midst of it, and what was too early to be felt in it.
BEFORE: Final = Spell(BEGAN - FELT - 5, BEGAN - FELT)
AMIDST: Final = Spell(BEGAN + 0.5, BEGAN + 1)
TOO_EARLY: Final = Spell(BEGAN - FELT - 5, BEGAN - FELT - 0.1)
AFTERWARDS: Final = Spell(ENDED + 0.1, ENDED + 5)


def record(first: list[Spell], second: list[Spell], stalls: list[Spell] | None = None) -> Record:
    """Of two recursors that were slow, in a process that stalled."""
    pulse = Pulse(latest=float("inf"))  # it notes no stall but those
    pulse.stalls += stalls or []
    return Record(PLAN, [lambda: first, lambda: second], pulse)


@pytest.mark.parametrize("spell", [BEFORE, AMIDST, Spell(BEGAN)])
def test_it_may_fail_where_both_were_slow(spell: Spell) -> None:
    assert record([spell], [AMIDST]).may_fail(BEGAN, ENDED)
    assert record([AMIDST], [spell]).may_fail(BEGAN, ENDED)


@pytest.mark.parametrize("spells", [[], [TOO_EARLY], [AFTERWARDS], [TOO_EARLY, AFTERWARDS]])
def test_it_may_not_fail_where_one_was_prompt(spells: list[Spell]) -> None:
    assert not record([AMIDST], spells).may_fail(BEGAN, ENDED)
    assert not record(spells, [AMIDST]).may_fail(BEGAN, ENDED)


def test_it_may_fail_where_the_process_stalled() -> None:
    assert record([], [], [BEFORE]).may_fail(BEGAN, ENDED)
    assert record([], [], [AMIDST]).may_fail(BEGAN, ENDED)
    assert not record([], [], [TOO_EARLY]).may_fail(BEGAN, ENDED)


def test_a_stall_that_has_only_just_ended_counts() -> None:
    stalled = record([], [])
    stalled.pulse.latest = ENDED - 2 * PROMPT
    assert stalled.may_fail(BEGAN, ENDED)


def verdict(of: Record) -> str:
    """What is said of a resolution that nobody answered, and that has just ended."""
    of.note(domain(0), DnsTimeout("no nameserver answered"), time.monotonic())
    (said,) = of.periods[-1].verdicts
    return said


def test_a_failure_without_a_cause_is_wrong() -> None:
    prompt = record([], [])
    assert verdict(prompt) == "wrong"
    assert len(prompt.wrong) == 1


def test_one_that_is_faulty_and_one_that_is_slow_are_a_cause() -> None:
    faulty = record([], [Spell(0.0)])
    assert verdict(faulty) == "wrong"
    faulty = record([], [Spell(0.0)])
    faulty.begin_fault(0)
    assert verdict(faulty) == "failed"
    assert not faulty.wrong
    faulty.end_fault(0)
    assert faulty.may_fail(time.monotonic() - 0.1, time.monotonic())
    later = time.monotonic() + FELT + 1
    assert not faulty.may_fail(later, later)
