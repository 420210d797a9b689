"""Many resolutions a second over two real recursors, while faults come and go before both.

Each result is set beside the zone: nothing may be wrong, and nothing may fail unless both recursors
were faulty at the time, or were seen to be slow. The tests run it briefly, the benchmark for as
long as one likes.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import evolve, field, frozen
from daemons import bind_recursor, knot, unbound
from domains import POLICY, SOURCES, ZONE, domain, resolved, resolved_in_a_task, zone_file
from faults import HEALTHY
from loopback import open_descriptors
from nameserver_relay import relay_apart
from soak_plan import Change
from soak_record import Period, Record
from spells import Pulse

from sipresolve import AsyncResolver, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from domains import Domain
    from nameserver_relay import RemoteRelay
    from soak_plan import Plan

__all__ = ["soak_in_tasks", "soak_in_threads"]

#: What is told of each period when it has ended.
Report: TypeAlias = "Callable[[Period], None]"

#: How often it is looked at what is open, in seconds.
_LOOK: Final = 0.1


def _say_nothing(_period: Period) -> None:
    """For those who look at the record."""


def soak_in_tasks(plan: Plan, folder: Path, report: Report = _say_nothing) -> Record:
    """Run all of it in the tasks of one loop.

    Args:
        plan: What is done.
        folder: Where the nameservers have their files; it is empty.
        report: What is told of each period when it has ended.
    """
    with _recursors(plan, folder) as relays, Pulse() as pulse:
        before = open_descriptors()
        record = Record(plan, [relay.spells for relay in relays], pulse)
        asyncio.run(_tasks(record, relays, report))
        record.left_open = open_descriptors() - before
    return record


async def _tasks(record: Record, relays: Sequence[RemoteRelay], report: Report) -> None:
    plan, tasks = record.plan, set[asyncio.Task[None]]()
    domains = [domain(number) for number in range(plan.domains)]

    async def resolve(of: Domain) -> None:
        began = time.monotonic()
        record.note(of, await resolved_in_a_task(resolver, of, plan.lifetime), began)

    backend = AsyncDnspythonBackend([relay.address for relay in relays])
    async with AsyncResolver(backend, POLICY, sources=SOURCES, cache=plan.cache) as resolver:
        with _directed(record, relays, resolver, report):
            began = time.monotonic()
            for index, number in enumerate(plan.numbers()):
                if (due := index / plan.rate) >= plan.seconds:
                    break
                await asyncio.sleep(began + due - time.monotonic())
                task = asyncio.create_task(resolve(domains[number]))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def soak_in_threads(plan: Plan, folder: Path, report: Report = _say_nothing) -> Record:
    """Run all of it in threads that share one resolver; arguments as of `soak_in_tasks`."""
    with _recursors(plan, folder) as relays, Pulse() as pulse:
        before = open_descriptors()
        record = Record(plan, [relay.spells for relay in relays], pulse)
        _threads(record, relays, report)
        record.left_open = open_descriptors() - before
    return record


def _threads(record: Record, relays: Sequence[RemoteRelay], report: Report) -> None:
    plan = record.plan
    domains = [domain(number) for number in range(plan.domains)]

    def work(worker: int) -> None:
        """Each has its own pace, and does not hurry where it was held up."""
        pace = plan.workers / plan.rate
        due = time.monotonic() + pace * worker / plan.workers
        until = due + plan.seconds
        for number in evolve(plan, seed=plan.seed + worker).numbers():
            time.sleep(max(0.0, due - time.monotonic()))
            if due >= until:
                return
            resolve(domains[number])
            due = max(due + pace, time.monotonic())

    def resolve(of: Domain) -> None:
        began = time.monotonic()
        record.note(of, resolved(resolver, of, plan.lifetime), began)

    backend = DnspythonBackend([relay.address for relay in relays])
    with (
        Resolver(backend, POLICY, sources=SOURCES, cache=plan.cache) as resolver,
        _directed(record, relays, resolver, report),
        ThreadPoolExecutor(plan.workers) as pool,
    ):
        for done in [pool.submit(work, worker) for worker in range(plan.workers)]:
            done.result()


# --- What is around it ----------------------------------------------------------------------------


@contextmanager
def _recursors(plan: Plan, folder: Path) -> Iterator[list[RemoteRelay]]:
    """Unbound and BIND, each behind a relay; both ask Knot DNS."""
    folders = {name: folder / name for name in ("zones", "knot", "unbound", "bind")}
    for each in folders.values():
        each.mkdir()
    domains, zone = [domain(number) for number in range(plan.domains)], folders["zones"] / ZONE
    zone.write_text("".join(zone_file(domains, ttl=lambda index: 1 + index % 5)))
    with ExitStack() as stack:
        stack.enter_context(_all_descriptors())
        authority = stack.enter_context(knot(folders["knot"], {ZONE: zone})).address
        recursors = (
            unbound(folders["unbound"], [ZONE], authority),
            bind_recursor(folders["bind"], [ZONE], authority),
        )
        addresses = [stack.enter_context(each).address for each in recursors]
        yield [
            stack.enter_context(relay_apart(address, plan.seed + which))
            for which, address in enumerate(addresses)
        ]


@contextmanager
def _all_descriptors() -> Iterator[None]:
    """Let this process have as many as the system allows: how many it takes is measured."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def _directed(
    record: Record,
    relays: Sequence[RemoteRelay],
    resolver: Resolver | AsyncResolver,
    report: Report,
) -> Iterator[None]:
    """Have faults come and go, and periods end, for as long as the block takes."""
    director = _Director(record, relays, lambda: report(record.end_period(resolver)))
    thread = threading.Thread(target=director.run, name="director")
    thread.start()
    try:
        yield
    finally:
        director.ended.set()
        thread.join()
        report(record.end_period(resolver))
        record.periods.pop()  # the one that it has begun


@frozen
class _Director:
    """Does what the plan says, in a thread of its own."""

    record: Record
    relays: Sequence[RemoteRelay]
    end_period: Callable[[], None]
    ended: threading.Event = field(factory=threading.Event)
    began: float = field(factory=time.monotonic)

    def run(self) -> None:
        changes = iter([*self.record.plan.changes(), Change(float("inf"), 0, HEALTHY)])
        ends = itertools.count(self.record.plan.period, self.record.plan.period)
        change, end = next(changes), next(ends)
        while self._reaches(min(change.at, end)):
            if change.at <= end:
                self._change(change)
                change = next(changes)
            else:
                self.end_period()
                end = next(ends)

    def _reaches(self, at: float) -> bool:
        """Wait for a moment; False where all is over before."""
        while (left := self.began + at - time.monotonic()) > 0:
            if self.ended.wait(min(left, _LOOK)):
                return False
            self.record.look()
        return not self.ended.is_set()

    def _change(self, change: Change) -> None:
        """A recursor is faulty from before the change to it, and until after the change back."""
        if change.fault != HEALTHY:
            self.record.begin_fault(change.which)
        self.relays[change.which].behave(change.fault.weather, change.fault.does)
        if change.fault == HEALTHY:
            self.record.end_fault(change.which)
