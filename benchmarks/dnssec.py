"""Resolves signed domains, and one that is not, with proof and without, through a far nameserver.

    PYTHONPATH=tests python benchmarks/dnssec.py -o dnssec.json

The nameserver is an Unbound that validates, and has everything in its cache; queries to it are held
back for a while. The contenders take turns, so that whatever else the machine does falls on all of
them alike. Beside them delv proves the answers to the same questions, one after the other.

Then what was resolved is resolved from the cache, with proof and without.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from attrs import asdict, define, field, frozen
from relay import watched
from signed import ADDRESSES, ALIASED, OTHER, PLAIN, SIGNED, signed_internet
from unbound import find_delv, run_delv, unbound, write_anchor
from workloads import POLICY, SOURCES

from sipresolve import Policy, Resolver
from sipresolve.backends import DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from arrivals import SlowNameserver

    from sipresolve.vocabulary.keys import TrustAnchor

__all__ = ["main"]

#: How long queries are held back, in seconds.
_DELAY: Final = 0.02

#: How many resolutions from the cache are timed together.
_BLOCK: Final = 1000

#: What each domain is, and how far its answers are proven.
_DOMAINS: Final = {
    SIGNED: ("signed", "secure"),
    ADDRESSES: ("signed, addresses alone", "secure"),
    ALIASED: ("signed, host is an alias", "secure"),
    PLAIN: ("not signed", "insecure"),
}

#: Who asks Unbound: by name, what it does about DNSSEC, and what it has resolved before.
_OURS: Final = {
    "no DNSSEC": ("ignore", ""),
    "trust-ad": ("trust-ad", ""),
    "validate": ("validate", ""),
    "validate, com known": ("validate", f"sip:{OTHER}:5060"),
}
_PEER: Final = "delv"

#: What delv says of answers.
_WORDS: Final = {"secure": "fully validated", "insecure": "unsigned answer"}


@define
class Result:
    """What came of one contender with one domain, resolution by resolution.

    Attributes:
        domain: What it is.
        contender: By its name.
        security: How far its answers were proven; empty where nobody looked.
        ms: How long it took, in milliseconds.
        cpu_ms: How much processor time it took, in milliseconds.
        queries: How many queries passed the relay.
        round_trips: How many of them had to wait for one another.
    """

    domain: str
    contender: str
    security: str = ""
    ms: list[float] = field(factory=list)
    cpu_ms: list[float] = field(factory=list)
    queries: list[int] = field(factory=list)
    round_trips: list[int] = field(factory=list)


@define
class Cached:
    """How long a resolution from the cache takes, block by block, in microseconds.

    Attributes:
        contender: By its name.
        us: How long.
    """

    contender: str
    us: list[float] = field(factory=list)


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--resolutions", type=int, default=15, help="of each kind (15)")
    options = parser.parse_args()
    internet = signed_internet()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        near = stack.enter_context(unbound(internet))
        relay = stack.enter_context(watched(near, _DELAY))
        write_anchor(internet, folder / "anchor")
        course = _Course(relay, internet.anchor, find_delv(), folder / "anchor")
        results = course.race(options.resolutions)
        cached = _from_cache(near, internet.anchor, options.resolutions)
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "delay_ms": _DELAY * 1000,
        "results": [asdict(result) for result in results],
        "cached": [asdict(each) for each in cached],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


@frozen
class _Course:
    """What resolutions are measured on."""

    relay: SlowNameserver
    anchor: TrustAnchor
    delv: str
    anchor_of_delv: Path

    def race(self, resolutions: int) -> list[Result]:
        """Let all contenders take turns with all domains."""
        results = [
            Result(what, contender)
            for what, _ in _DOMAINS.values()
            for contender in (*_OURS, _PEER)
        ]
        for turn in range(resolutions + 1):
            for result in results:
                self._measure(result, counts=turn > 0)  # the first is for warming up
        return results

    def _measure(self, result: Result, *, counts: bool) -> None:
        [(domain, expected)] = [
            (domain, expected)
            for domain, (what, expected) in _DOMAINS.items()
            if what == result.domain
        ]
        with ExitStack() as stack:
            resolve = self._contender(result.contender, domain, stack)
            self.relay.traffic()
            began, cpu_began = time.perf_counter(), _processor_time()
            found = resolve()
            took, cpu_took = time.perf_counter() - began, _processor_time() - cpu_began
            traffic = self.relay.traffic()
        if found and found != expected:
            raise SystemExit(f"{result.contender} says that {domain} is {found}, not {expected}")
        if counts:
            result.security = found
            result.ms.append(1000 * took)
            result.cpu_ms.append(1000 * cpu_took)
            result.queries.append(traffic.queries)
            result.round_trips.append(traffic.round_trips)

    def _contender(self, name: str, domain: str, stack: ExitStack) -> Callable[[], str]:
        """What resolves a domain, and says how far that is proven."""
        if name == _PEER:
            return lambda: self._ask_delv(domain)
        dnssec, before = _OURS[name]
        resolver = _resolver(self.relay.address, dnssec, self.anchor)
        if before:
            stack.enter_context(resolver).resolve(before)
            return lambda: _resolved(resolver, domain)

        def resolve() -> str:
            with resolver:
                return _resolved(resolver, domain)

        return resolve

    def _ask_delv(self, domain: str) -> str:
        """Have the answers to the same questions proven, one after the other."""
        said = [
            run_delv(self.delv, self.relay.address, self.anchor_of_delv, name, kind)
            for name, kind in _questions(domain)
        ]
        states = {state for state, words in _WORDS.items() for each in said if words in each}
        [state] = states
        return state


def _questions(domain: str) -> Iterator[tuple[str, str]]:
    """What leads to the targets."""
    yield domain, "NAPTR"
    yield f"_sip._udp.{domain}", "SRV"
    if domain == ADDRESSES:
        yield f"_sip._tcp.{domain}", "SRV"
    host = domain if domain == ADDRESSES else f"gw.{domain}"
    yield from ((host, kind) for kind in ("AAAA", "A"))


def _resolver(address: str, dnssec: str, anchor: TrustAnchor) -> Resolver:
    policy = Policy(transports=POLICY.transports, dnssec=dnssec, trust_anchors=(anchor,))
    return Resolver(DnspythonBackend([address], hosts=False), policy, sources=SOURCES)


def _resolved(resolver: Resolver, domain: str) -> str:
    """Resolve; how far that is proven, if somebody looked."""
    security = resolver.resolve(f"sip:alice@{domain}").security
    return "" if security is None or security == "indeterminate" else str(security)


def _processor_time() -> float:
    """Of this process and of the programs that it has run, in seconds."""
    times = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in times)


def _from_cache(address: str, anchor: TrustAnchor, turns: int) -> list[Cached]:
    """Resolve over and over what was resolved before."""
    with ExitStack() as stack:
        resolvers = {
            name: stack.enter_context(_resolver(address, dnssec, anchor))
            for name, (dnssec, before) in _OURS.items()
            if not before
        }
        results = {name: Cached(name) for name in resolvers}
        for turn in range(turns + 1):
            for name, resolver in resolvers.items():
                began = time.perf_counter()
                for _ in range(_BLOCK):
                    resolver.resolve(f"sip:alice@{SIGNED}")
                if turn:  # the first has to ask
                    results[name].us.append(1e6 * (time.perf_counter() - began) / _BLOCK)
    return list(results.values())


if __name__ == "__main__":
    main()
