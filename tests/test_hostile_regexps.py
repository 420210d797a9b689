"""Whatever expression a record has, it costs little, breaks nothing and says nothing.

How long they take is measured by ``benchmarks/regexps.py``, and asserted nowhere; what bounds it is
asserted here: how many instructions RE2 makes of a pattern, and how much memory they take.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
import re2
from hostile_regexps import HOSTILE, LONGEST, SLOWEST, hostile_regexps
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.procedures import substitution
from sipresolve.procedures.rules import Skipped, Terminal, rule_of
from sipresolve.procedures.substitution import BadExpression, Substitution
from sipresolve.vocabulary.records import Naptr

COUNT = 20_000
NUMBER = "+123456789012345"

#: RE2 is given 32 KiB, and an instruction takes 16 octets of them at least, and then some.
MOST_INSTRUCTIONS = 3_000

#: In MiB: what RE2's module keeps of the last 128 patterns, above all.
MOST_MEMORY = 16


def outcome(regexp: bytes) -> bytes | str | None:
    try:
        return Substitution.parse(regexp).apply(NUMBER)
    except BadExpression as error:
        return str(error)


def instructions(regexp: bytes) -> int:
    """Of the program that a pattern is matched by; 0 where there is none."""
    try:
        expression = Substitution.parse(regexp)
        options = substitution._options(re2, expression.ignores_case)
        return int(re2.compile(substitution._in_re2(expression.ere), options).programsize)
    except (BadExpression, re2.error):
        return 0


def test_hostile_expressions(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = Counter[tuple[str, str]]()
    for kind, regexp in [*hostile_regexps(COUNT, seed=1), ("slowest", SLOWEST)]:
        found = outcome(regexp)
        outcomes[kind, type(found).__name__] += 1
        assert instructions(regexp) <= MOST_INSTRUCTIONS, regexp
        if isinstance(found, bytes):
            # each back-reference takes two octets, and gives those of the number at most
            assert len(found) <= LONGEST / 2 * len(NUMBER)
    assert outcomes.total() == COUNT + 1
    assert {kind for kind, _ in outcomes} == {*HOSTILE, "slowest"}
    for each in ("bytes", "str", "NoneType"):
        # not all of them are refused, and not all accepted
        assert sum(outcomes[kind, each] for kind in HOSTILE) > COUNT / 10
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_a_record_with_a_hostile_expression_is_used_or_skipped() -> None:
    codes = Counter[str]()
    for _, regexp in hostile_regexps(2_000, seed=2):
        rule = rule_of(Naptr(1, 1, "u", "E2U+sip", regexp, "."), NUMBER, {"sip"})
        assert isinstance(rule, (Skipped, Terminal))
        codes[rule.code if isinstance(rule, Skipped) else "used"] += 1
    assert codes.keys() == {"enum-regexp", "enum-no-match", "enum-uri", "used"}


@given(st.binary(max_size=300) | st.binary(max_size=260).map(b"!%b!!".__mod__))
def test_any_octets_have_an_outcome(regexp: bytes) -> None:
    outcome(regexp)


MEASURE = f"""
from pathlib import Path
from hostile_regexps import SLOWEST, hostile_regexps
from test_hostile_regexps import outcome

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

regexps = [regexp for _, regexp in hostile_regexps({COUNT}, seed=3)]
regexps += [SLOWEST.replace(b"x", bytes([octet])) for octet in range(128, 256)]
before = peak()
for regexp in regexps:
    outcome(regexp)
print(peak() - before)
"""


def test_memory_is_bounded() -> None:
    """In a process of its own, of which the greatest size is known."""
    measured = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", MEASURE],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    assert float(measured.stdout) < MOST_MEMORY
