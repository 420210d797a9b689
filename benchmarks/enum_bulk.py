"""Maps many telephone numbers through Knot DNS, near and far, beside a loop over dnspython.

    python benchmarks/enum_bulk.py -o enum.json

The contenders, each in a process of its own, take turns, so that whatever else the machine does
falls on all of them alike. No number is asked for twice. `sipresolve enum` then maps all of them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from attrs import asdict, define, field, frozen
from enum_contenders import CONTENDERS, OURS, PEER
from enum_zone import ROOT, has_records, telephone_number, zone
from knot import knot
from relay import delayed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

__all__ = ["main"]

#: How far away the nameserver is, in seconds.
_NEAR: Final = 0.0
_FAR: Final = 0.02

#: One in how many of the numbers is mapped: in bulk, and in a loop. So turns last alike.
_SHARES: Final = {_NEAR: (1, 10), _FAR: (5, 100)}

_MEBI: Final = 1024  # in kibibytes


@define
class Result:
    """What came of one contender, turn by turn.

    Attributes:
        who: The contender.
        delay_ms: How far away the nameserver was.
        numbers: How many numbers it mapped.
        seconds: How long that took.
        cpu_seconds: How much processor time that took.
        resident: How much memory it had at the end of each turn, in MiB.
        peak: The most that it had.
    """

    who: str
    delay_ms: float
    numbers: list[int] = field(factory=list)
    seconds: list[float] = field(factory=list)
    cpu_seconds: list[float] = field(factory=list)
    resident: list[float] = field(factory=list)
    peak: float = 0.0


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--numbers", type=int, default=200_000, help="in the zone (200,000)")
    parser.add_argument("--turns", type=int, default=50, help="of each contender (50)")
    options = parser.parse_args()
    with knot(ROOT, zone(options.numbers)) as near, delayed(near, _FAR) as far:
        places = {_NEAR: near, _FAR: far}
        results = _race(places, options.numbers, options.turns)
        for delay, address in places.items():
            numbers = options.numbers // _SHARES[delay][0]
            results.append(_run_program(delay, address, numbers, options.turns))
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "numbers": options.numbers,
        "peer": PEER,
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


def _race(places: Mapping[float, str], numbers: int, turns: int) -> list[Result]:
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_worker(who, delay, address))
            for delay, address in places.items()
            for who in CONTENDERS
        ]
        for turn in range(turns):
            first = turn % len(workers)
            for worker in (*workers[first:], *workers[:first]):
                worker.take_turn(numbers // turns)
    return [worker.result for worker in workers]


# --- A contender in a process of its own


@frozen
class _Turn:
    """What came of one turn: numbers found, and times and memory as in `Result`."""

    found: int
    seconds: float
    cpu_seconds: float
    resident: float
    peak: float


@frozen
class _Worker:
    """A contender, and what came of it so far."""

    result: Result
    _share: int
    _pipe: Connection

    def take_turn(self, numbers: int) -> None:
        """Let it map its share of so many numbers: those after the ones that it has mapped."""
        result, first = self.result, sum(self.result.numbers)
        size = max(1, numbers // self._share)
        span = range(first, first + size)
        self._pipe.send(span)
        turn: _Turn = self._pipe.recv()
        _check(result.who, turn.found, span)
        result.numbers.append(size)
        result.seconds.append(turn.seconds)
        result.cpu_seconds.append(turn.cpu_seconds)
        result.resident.append(turn.resident)
        result.peak = turn.peak


@contextmanager
def _worker(who: str, delay: float, address: str) -> Iterator[_Worker]:
    in_bulk, in_loop = _SHARES[delay]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, who, address), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    try:
        yield _Worker(Result(who, 1000 * delay), in_bulk if who == OURS else in_loop, ours)
        ours.send(None)
    finally:
        ours.close()
        process.join()


def _work(pipe: Connection, who: str, address: str) -> None:
    with CONTENDERS[who](address) as map_numbers:
        while (span := pipe.recv()) is not None:
            began, cpu_began = time.perf_counter(), time.process_time()
            found = map_numbers(map(telephone_number, span))
            took, cpu_took = time.perf_counter() - began, time.process_time() - cpu_began
            pipe.send(_Turn(found, took, cpu_took, *_memory("self")))


def _check(who: str, found: int, span: range) -> None:
    """Times compare only where everybody finds all that is there."""
    wanted = sum(map(has_records, span))
    if found != wanted:
        raise SystemExit(f"{who} has found {found} numbers of {wanted}")


def _memory(process: int | str) -> tuple[float, float]:
    """What a process has of the memory, and the most that it had, in MiB."""
    text = Path(f"/proc/{process}/status").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines())
    resident, peak = (int(fields[name].split()[0]) / _MEBI for name in ("VmRSS", "VmHWM"))
    return resident, peak


# --- The program


def _run_program(delay: float, address: str, numbers: int, turns: int) -> Result:
    """Let `sipresolve enum` map numbers from a file to a file; its turns are parts of one run."""
    result = Result("sipresolve enum --input", 1000 * delay, numbers=[numbers])
    with TemporaryDirectory() as folder:
        given, output = Path(folder) / "numbers.txt", Path(folder) / "uris.jsonl"
        given.write_text("".join(f"{telephone_number(n)}\n" for n in range(numbers)))
        command = [sys.executable, "-P", "-m", "sipresolve", "enum", "--nameserver", address]
        command += ["--input", str(given), "--output", str(output)]
        began, cpu_began = time.perf_counter(), _processor_time_of_children()
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - it is ours
            samples = list(_watch(process, output))
        result.seconds.append(time.perf_counter() - began)
        result.cpu_seconds.append(_processor_time_of_children() - cpu_began)
        _check(result.who, _count_found(output), range(numbers))
        whole = output.stat().st_size
    result.resident += [_memory_at((n + 1) / turns * whole, samples) for n in range(turns)]
    result.peak = samples[-1].peak
    return result


#: How long to wait before the program is looked at again, in seconds.
_PAUSE: Final = 0.02


@frozen
class _Sample:
    """How much the program had written, and its memory, as in `Result`."""

    written: int
    resident: float
    peak: float


def _watch(process: subprocess.Popen[bytes], output: Path) -> Iterator[_Sample]:
    while process.poll() is None:
        with suppress(OSError, KeyError):  # it has no output yet, or it has just ended
            yield _Sample(output.stat().st_size, *_memory(process.pid))
        time.sleep(_PAUSE)


def _memory_at(written: float, samples: Sequence[_Sample]) -> float:
    """What it had when it had written so much, or at its end."""
    return next((each for each in samples if each.written >= written), samples[-1]).resident


def _count_found(output: Path) -> int:
    with output.open() as lines:
        return sum(bool(json.loads(line)["uris"]) for line in lines)


def _processor_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
