"""``sipresolve enum`` for many numbers: a line each in, and a line of JSON each out, in order.

What a run does stands here; its parts are in the other modules of this package.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve import AsyncResolver, CachePolicy, Misuse, Policy, backends
from sipresolve.cli.bulk.answers import answer
from sipresolve.cli.bulk.display import open_display
from sipresolve.cli.bulk.input import open_input
from sipresolve.cli.bulk.limits import allow_sockets
from sipresolve.cli.bulk.output import open_output
from sipresolve.cli.bulk.signals import interruptible
from sipresolve.cli.bulk.tally import Tally
from sipresolve.cli.bulk.window import Window
from sipresolve.cli.bulk.work import Work
from sipresolve.cli.replies import FOUND, UNWRITTEN, Reply
from sipresolve.cli.text import uncapitalised, visible

if TYPE_CHECKING:
    import argparse
    import signal

    from sipresolve.cli.bulk.answers import Answered
    from sipresolve.cli.bulk.display import Display
    from sipresolve.cli.bulk.input import Input
    from sipresolve.cli.bulk.lines import Line
    from sipresolve.cli.bulk.output import Output
    from sipresolve.cli.bulk.resume import Stop

__all__ = ["run"]


def run(options: argparse.Namespace, policy: Policy) -> Reply:
    """Answer the numbers of a file or of standard input.

    Args:
        options: ``input`` and ``output`` (names of files; ``-`` for standard input, None for
            standard output), ``resume``, ``concurrency`` (how many numbers are on their way at
            once), ``nameserver`` and ``zone`` (lists).
        policy: What the client wants and can do.

    Raises:
        InputError: A setting makes no sense, the input cannot be read, or the output is there
            already and cannot be gone on with.
    """
    backend = _backend(options)
    try:
        with (
            open_input(options.input) as source,
            open_output(options.output, resume=options.resume) as output,
        ):
            return asyncio.run(_run(options, policy, backend, source, output))
    except BrokenPipeError:  # Who reads it has seen enough, as `head` has. That is no error.
        return Reply(status=FOUND)
    except OSError as error:
        place = f" {visible(options.output)}" if options.output else ""
        reason = uncapitalised(error.strerror or str(error))
        return Reply(status=UNWRITTEN, complaint=f"sipresolve: cannot write{place}: {reason}\n")


async def _run(
    options: argparse.Namespace,
    policy: Policy,
    backend: backends.AsyncBackend,
    source: Input,
    output: Output,
) -> Reply:
    drawing = not (source.is_terminal or output.is_terminal)
    # The numbers are the caller's own: the bounds against those of strangers do not apply.
    own = evolve(
        policy, concurrency=policy.concurrency + 2 * options.concurrency, names_per_minute=_NO_BOUND
    )
    async with AsyncResolver(backend, own, cache=_CACHE) as resolver:
        with open_display(source.size, drawing=drawing) as display:
            record = _Record(output, display)
            answering = partial(answer, resolver=resolver, policy=policy)
            window = Window()
            work = Work(source, answering, record, window)
            with interruptible() as interruption:
                await _go_on(source, output, policy)
                await work.run(options.concurrency)
            if interruption.signal is None:
                return _finished(record.tally, output.stop)
            with suppress(BrokenPipeError):  # The same signal may have ended the reader.
                await work.write()
    return _interrupted(interruption.signal, record.tally, options.output)


def _backend(options: argparse.Namespace) -> backends.AsyncBackend:
    if options.zone:
        return backends.ZoneBackend.from_files(*options.zone)
    allow_sockets(options.concurrency)
    return backends.AsyncDnspythonBackend(nameservers=options.nameserver or None)


_NO_BOUND: Final = 10**9
#: Each number is asked for once: little is worth keeping.
_CACHE: Final = CachePolicy(entries=1_000, plans=0)


class _Record:
    """Takes answers in the order of the lines, to the output, the tally and the display."""

    def __init__(self, output: Output, display: Display) -> None:
        self.tally = Tally(output.stop.place if output.stop else 0)
        self._output = output
        self._display = display

    def put(self, answered: Answered) -> None:
        self._output.put(answered.octets)
        if sentence := self.tally.count(answered):
            self._display.say(sentence)

    async def drain(self) -> None:
        await self._output.drain()
        tally = self.tally
        self._display.show(octets=tally.end, numbers=tally.numbers, rate=tally.rate)


def _finished(tally: Tally, stop: Stop | None) -> Reply:
    if stop and stop.place and not tally.numbers:
        said = "sipresolve: nothing is left to do: every number has its answer\n"
        return Reply(status=FOUND, complaint=said)
    return Reply(status=FOUND, complaint=tally.summary())


def _interrupted(signal: signal.Signals, tally: Tally, output: str | None) -> Reply:
    place = f"after line {tally.place}" if tally.place else "before the first answer"
    advice = "; go on with --resume" if output else ""
    said = f"{tally.summary()}sipresolve: interrupted {place}{advice}\n"
    return Reply(status=_KILLED_BY + signal, complaint=said)


#: What shells add to the number of a signal for the exit status.
_KILLED_BY: Final = 128


# --- Going on with an earlier run


async def _go_on(source: Input, output: Output, policy: Policy) -> None:
    """Pass over what an earlier run has answered, and take away what it did not finish.

    Raises:
        Misuse: It was a run over another input.
    """
    stop = output.stop
    if stop is None:
        return
    if stop.place:
        await source.skip(stop.place - 1)
        await _check(stop, await source.take(), policy)
    output.cut()


async def _check(stop: Stop, line: Line | None, policy: Policy) -> None:
    """See that the input has the number that was answered last."""
    there = await _number(line, policy) if line and line.place == stop.place else None
    if there != stop.number:
        found = "no number" if there is None else repr(there)
        said = f"the output ends with line {stop.place}, {stop.number!r}"
        raise Misuse(f"{said}, where the input has {found}: it belongs to another input")


async def _number(line: Line, policy: Policy) -> str:
    """What the answer to a line calls its number, whatever the DNS has to say of it."""
    async with AsyncResolver(backends.ZoneBackend.from_text(""), policy) as resolver:
        number: str = json.loads((await answer(line, resolver, policy)).octets)["number"]
    return number
