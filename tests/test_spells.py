"""Spells overlap as they should, and a pulse notes when its process did not run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
from spells import PROMPT, Pulse, Spell, overlap


@pytest.mark.parametrize(
    ("began", "ended", "expected"),
    [(0, 9, False), (0, 10, True), (11, 12, True), (20, 30, True), (21, 30, False), (0, 30, True)],
)
def test_a_spell_is_while_something_else_goes_on(
    began: float, ended: float, *, expected: bool
) -> None:
    assert overlap([Spell(10, 20)], began, ended) is expected
    assert not overlap([], began, ended)


def test_a_spell_without_an_end_goes_on() -> None:
    assert overlap([Spell(10)], 1000, 2000)


def test_a_pulse_notes_the_gaps_between_its_beats() -> None:
    pulse = Pulse(latest=0.0)
    for now in (PROMPT / 2, PROMPT, 10.0, 10.0 + PROMPT / 2, 9.0, 10.0 + PROMPT):
        pulse.beat(now)
    assert pulse.stalls == [Spell(PROMPT, 10.0)]


#: Says that it runs, and when it is asked to, how long it did not.
STALLING: Final = """
import time
from spells import Pulse
with Pulse() as pulse:
    print("runs", flush=True)
    input()
    pulse.beat(time.monotonic())
    print(max((stall.until - stall.began for stall in pulse.stalls), default=0))
"""


def test_a_process_that_is_stopped_notes_it() -> None:
    command = [sys.executable, "-c", STALLING]
    environment = {"PYTHONPATH": str(Path(__file__).parent), "PATH": os.environ["PATH"]}
    with subprocess.Popen(  # noqa: S603 - it is written above
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "runs\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(3 * PROMPT)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate("\n", timeout=20)
    assert float(said) > 2 * PROMPT
