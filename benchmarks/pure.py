"""Times what needs no network, each beside the peer that does most nearly the same.

    python benchmarks/pure.py -o pure.json

It takes the options of pyperf. Each timing says in its metadata what it is to be set beside.
"""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING, Final

import pyperf  # type: ignore[import-untyped]  # it has no annotations
from attrs import frozen
from peers import cached_resolver, split_uri, srv_rdataset, walk
from workloads import (
    ADDRESSES,
    EIGHT,
    POLICY,
    SOURCES,
    SRV_COUNTS,
    TWENTY_FOUR,
    URI,
    URIS,
    ready_answers,
    srv_records,
)

from sipresolve import AddressOrder, CachePolicy, Resolver, Selection, SipUri, Target
from sipresolve.backends import ZoneBackend
from sipresolve.procedures.addresses import in_order
from sipresolve.procedures.ask import Ask
from sipresolve.procedures.locate import locate
from sipresolve.procedures.ordering import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import dns.resolver
    from peers import Found

    from sipresolve.procedures.ask import Known

__all__ = ["main"]


@frozen
class Timing:
    """Something to time.

    Attributes:
        name: What it is.
        call: What is called over and over, with the arguments.
        arguments: The arguments.
        beside: The name of the timing to set it beside; empty for a peer, or where there is none.
    """

    name: str
    call: Callable[..., object]
    arguments: tuple[Any, ...]
    beside: str = ""


#: Python programs that are run from start to end, by their names in the report.
_PROGRAMS: Final = {
    "python, doing nothing": "pass",
    "import dns.resolver": "import dns.resolver",
    "import sipresolve": "import sipresolve",
    "import sipresolve, and make a Resolver": (
        "from sipresolve import Resolver; from sipresolve.backends import DnspythonBackend;"
        "Resolver(DnspythonBackend(['192.0.2.53'])).close()"
    ),
}


def main() -> None:
    """Time everything, as the options of pyperf say."""
    runner = pyperf.Runner()
    for timing in (*_uris(), *_orders(), *_locating()):
        metadata = {"beside": timing.beside} if timing.beside else None
        runner.bench_func(timing.name, timing.call, *timing.arguments, metadata=metadata)
    for name, program in _PROGRAMS.items():
        runner.bench_command(name, [sys.executable, "-c", program])


def _uris() -> Iterator[Timing]:
    for kind, text in URIS.items():
        peer = f"bare regular expression: {kind}"
        yield Timing(peer, split_uri, (text,))
        yield Timing(f"SipUri.parse: {kind}", SipUri.parse, (text,), peer)


def _orders() -> Iterator[Timing]:
    for count in SRV_COUNTS:
        records, peer = srv_records(count), f"dnspython's processing_order: {count} SRV records"
        yield Timing(peer, srv_rdataset(records).processing_order, ())
        arguments = (records, Selection.WEIGHTED, Random(1))
        yield Timing(f"place: {count} SRV records", place, arguments, peer)
    yield Timing(f"in_order: {len(ADDRESSES)} addresses", _order_addresses, ())


def _order_addresses() -> object:
    return in_order(ADDRESSES, sources=SOURCES, order=AddressOrder.RFC6724, seed=0x5EED)


def _locating() -> Iterator[Timing]:
    uri = SipUri.parse(URI)
    for domain, targets in ((EIGHT, "8 targets"), (TWENTY_FOUR, "24 targets")):
        peer = f"dnspython's LRUCache: {targets}"
        yield Timing(peer, _walk_all, (cached_resolver(domain),))
        known, dice = ready_answers(domain), Random(1)
        yield Timing(f"locate: {targets}", _all_targets, (uri, known, dice), peer)
        backend = ZoneBackend.from_text(domain.records)
        resolver = Resolver(backend, POLICY, sources=SOURCES, cache=CachePolicy(entries=0))
        yield Timing(f"Resolver, ZoneBackend: {targets}", resolver.resolve, (URI,), peer)
        peer = f"dnspython's LRUCache: first of {targets}"
        yield Timing(peer, _walk_to_first, (cached_resolver(domain),))
        name = f"locate: first of {targets}"
        yield Timing(name, _first_target, (uri, known, dice), peer)


def _walk_all(resolver: dns.resolver.Resolver) -> list[Found]:
    return list(walk(resolver))


def _walk_to_first(resolver: dns.resolver.Resolver) -> Found:
    return next(walk(resolver))


def _all_targets(uri: SipUri, known: Known, dice: Random) -> list[Target]:
    return list(_targets(uri, known, dice))


def _first_target(uri: SipUri, known: Known, dice: Random) -> Target:
    return next(_targets(uri, known, dice))


def _targets(uri: SipUri, known: Known, dice: Random) -> Iterator[Target]:
    """The least that can drive the procedure: whatever it asks is known already."""
    procedure = locate(uri, policy=POLICY, rng=dice, sources=SOURCES)
    sent = None
    while True:
        try:
            step = procedure.send(sent) if sent is not None else next(procedure)
        except StopIteration:
            return
        sent = known if isinstance(step, Ask) else None
        if isinstance(step, Target):
            yield step


if __name__ == "__main__":
    main()
