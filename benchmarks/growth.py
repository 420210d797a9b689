"""Whether a cached resolution costs more where the cache is large, or the process old.

    python benchmarks/growth.py -o growth.json

Caches with 10, 1,000 and 100,000 other names take turns, and so do dnspython's. Then one resolver
goes on for a million resolutions, and is looked at every so often.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import time
from collections import deque
from contextlib import ExitStack
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.resolver
from attrs import asdict, define, evolve, field
from peers import cached_resolver, walk
from workloads import DOMAIN, POLICY, SOURCES, TWENTY_FOUR, URI, ready_answers

from sipresolve import Answer, CachePolicy, RecordType, Resolver, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

    from sipresolve import Question

__all__ = ["main"]

#: Answers are kept for longer than any run takes, in seconds.
_TTL: Final = 86_400

#: Room for all that is asked.
_ROOM: Final = CachePolicy(entries=1_000_000, octets=2 << 30)

#: How many resolutions are timed at once.
_BLOCK: Final = 100

#: How often a resolver that grows old is looked at, and for how many blocks.
_AGES: Final = 20
_BLOCKS: Final = 50


@define
class Result:
    """What came of one contender with a cache of one size, block by block.

    Attributes:
        contender: By its name.
        others: How many other names its cache has.
        us: How long a resolution took, in microseconds.
        entries: How many answers the cache says that it has; None where it does not say.
    """

    contender: str
    others: int
    us: list[float] = field(factory=list)
    entries: int | None = None


@define
class Age:
    """How a resolver is after so many resolutions.

    Attributes:
        resolutions: How many.
        us: How long one took, in microseconds, in the quickest of some blocks: whatever else the
            machine does can only add to it.
        resident: How much memory the process has, in MiB.
    """

    resolutions: int
    us: float
    resident: float


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=200, help="blocks of each (default: 200)")
    parser.add_argument(
        "--others", type=int, nargs="+", default=[10, 1_000, 100_000], help="sizes of the caches"
    )
    parser.add_argument(
        "--resolutions", type=int, default=1_000_000, help="to grow old (default: 1,000,000)"
    )
    options = parser.parse_args()
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "results": [asdict(each) for each in _sizes(options.others, options.turns)],
        "ages": [asdict(each) for each in _ages(options.resolutions)],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


# --- With the size of the cache


def _sizes(sizes: Sequence[int], turns: int) -> list[Result]:
    """Each cache is in a process of its own: what one adds to the heap is not to be all others'."""
    with ExitStack() as stack:
        pairs = [(others, who) for others in sizes for who in _CONTENDERS]
        pipes = [_start(stack, who, others) for others, who in pairs]
        results = [
            Result(who, others, entries=pipe.recv())
            for (others, who), pipe in zip(pairs, pipes, strict=True)
        ]
        contenders = list(zip(results, pipes, strict=True))
        for turn in range(turns):
            first = turn % len(contenders)
            for result, pipe in (*contenders[first:], *contenders[:first]):
                pipe.send("once more")
                result.us.append(round(pipe.recv(), 3))
    return results


def _start(stack: ExitStack, who: str, others: int) -> Connection:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, who, others), daemon=True)
    process.start()
    stack.callback(process.terminate)
    theirs.close()  # so that its end is noticed here
    return ours


def _serve(pipe: Connection, who: str, others: int) -> None:
    resolve, entries = _CONTENDERS[who](others)
    pipe.send(entries)
    while pipe.recv():
        pipe.send(_timed(resolve))


def _ours(others: int) -> Prepared:
    resolver = _resolver(others)
    return partial(resolver.resolve, URI), resolver.statistics.entries


def _theirs(others: int) -> Prepared:
    resolver = _dnspython(others)
    return (lambda: list(walk(resolver))), None


#: What resolves, and how many answers its cache has, if it says so.
Prepared: TypeAlias = "tuple[Callable[[], object], int | None]"

_CONTENDERS: Final[Mapping[str, Callable[[int], Prepared]]] = {
    "Resolver": _ours,
    "dnspython": _theirs,
}


def _resolver(others: int) -> Resolver:
    """A resolver that has resolved the URI of the workloads, and other names after it."""
    known = {
        question: evolve(answer, ttl=_TTL)
        for question, answer in ready_answers(TWENTY_FOUR).items()
    }
    resolver = Resolver(_Hosts(known), POLICY, sources=SOURCES, cache=_ROOM)
    resolver.resolve(URI)
    for number in range(others):
        resolver.resolve(f"sip:domain{number}.example:5060")
    return resolver


def _dnspython(others: int) -> dns.resolver.Resolver:
    resolver = cached_resolver(TWENTY_FOUR)
    cache = dns.resolver.LRUCache(max_size=_ROOM.entries)
    for (name, kind, rdclass), node in resolver.cache.data.items():
        cache.put((name, kind, rdclass), node.value)
        filler = node.value
    for number in range(others):
        name = dns.name.from_text(f"domain{number}.example.")
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            cache.put((name, kind, dns.rdataclass.IN), filler)
    resolver.cache = cache
    return resolver


def _timed(resolve: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_BLOCK):
        resolve()
    return 1e6 * (time.perf_counter() - began) / _BLOCK


class _Hosts:
    """A backend that knows a domain, and that every other name is a host of two addresses."""

    def __init__(self, known: Mapping[Question, Answer]) -> None:
        self._known = known
        self._ready: deque[Answer] = deque()

    def start(self, question: Question) -> None:
        self._ready.append(self._known.get(question) or _host(question))

    def wait(self, until: float) -> list[Answer]:  # noqa: ARG002 - it never waits
        answers = list(self._ready)
        self._ready.clear()
        return answers

    def close(self) -> None:
        self._ready.clear()


def _host(question: Question) -> Answer:
    if DOMAIN in question.name or question.type not in _ADDRESSES:
        return Answer(question=question, status=Status.NODATA, ttl=_TTL)
    records = (_ADDRESSES[question.type],)
    return Answer(question=question, status=Status.OK, records=records, ttl=_TTL)


_ADDRESSES: Final = {
    RecordType.A: IPv4Address("192.0.2.99"),
    RecordType.AAAA: IPv6Address("2001:db8::99"),
}


# --- With time


def _ages(resolutions: int) -> list[Age]:
    resolver = _resolver(1_000)
    ages = [_look_at(resolver, 0)]
    for age in range(1, _AGES + 1):
        for _ in range(resolutions // _AGES):
            resolver.resolve(URI)
        ages.append(_look_at(resolver, age * (resolutions // _AGES)))
    return ages


def _look_at(resolver: Resolver, resolutions: int) -> Age:
    least = min(_timed(partial(resolver.resolve, URI)) for _ in range(_BLOCKS))
    return Age(resolutions, round(least, 3), round(_resident(), 2))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
