"""Real nameservers under faults: nothing that one of them does is heard while another answers.

Faults come by a relay between the resolver and Knot DNS, BIND or Unbound. Whatever happens, every
resolution ends within its lifetime, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

import pytest
from attrs import define, field, frozen
from daemons import Daemon, bind_authority, bind_recursor, is_answered, knot, unbound
from domains import (
    POLICY,
    SOURCES,
    ZONE,
    Domain,
    Outcome,
    domain,
    judge,
    resolved,
    resolved_in_a_task,
    zone_file,
)
from faults import FAULTS, HEALTHY, Fault
from loopback import comes_about, nobody, open_descriptors
from nameserver_relay import Relay
from scenario import SCENARIOS, Scenario, check

from sipresolve import AsyncResolver, Resolution, Resolver, SipResolveError, Source
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

#: How long a resolution may wait, in seconds: more than a busy machine needs.
LIFETIME: Final = 10.0

#: How long it may where nobody is ever going to answer, in seconds.
SHORT: Final = 0.5

#: How late a busy machine may notice that a lifetime is over, in seconds.
GRACE: Final = 5.0

#: How long a nameserver is waited for before the next is asked, in seconds.
TIMEOUT: Final = 0.2

#: How many resolutions are under way at once.
AT_ONCE: Final = 6

#: One of each kind of domain, and two of some.
DOMAINS: Final = [domain(number) for number in range(4, 10)]

#: So many that a nameserver may die in the middle.
MANY_DOMAINS: Final = [domain(number) for number in range(60)]

#: One whose records hold for a second.
EPHEMERAL: Final = domain(60)


# --- Resolving, in both ways ----------------------------------------------------------------------


@frozen(kw_only=True)
class Resolved:
    """What came of resolving a domain, and how long it took, in seconds."""

    domain: Domain
    outcome: Outcome
    seconds: float

    @property
    def verdict(self) -> str:
        return judge(self.domain, self.outcome)


#: Resolves domains by some nameservers, some at once; the outcomes, in the order of the domains.
Resolving: TypeAlias = Callable[..., list[Resolved]]


def in_threads(
    nameservers: Sequence[str],
    domains: Iterable[Domain],
    *,
    lifetime: float = LIFETIME,
    at_once: int = AT_ONCE,
    when_done: Callable[[], None] = lambda: None,
    **settings: Any,
) -> list[Resolved]:
    def resolve(of: Domain) -> Resolved:
        began = time.monotonic()
        outcome = resolved(resolver, of, lifetime)
        seconds = time.monotonic() - began
        when_done()
        return Resolved(domain=of, outcome=outcome, seconds=seconds)

    backend = DnspythonBackend(nameservers, timeout=TIMEOUT, **settings)
    with (
        Resolver(backend, POLICY, sources=SOURCES) as resolver,
        ThreadPoolExecutor(at_once) as pool,
    ):
        return list(pool.map(resolve, domains))


def in_tasks(
    nameservers: Sequence[str],
    domains: Iterable[Domain],
    *,
    lifetime: float = LIFETIME,
    at_once: int = AT_ONCE,
    when_done: Callable[[], None] = lambda: None,
    **settings: Any,
) -> list[Resolved]:
    async def resolve(of: Domain, resolver: AsyncResolver) -> Resolved:
        async with places:
            began = time.monotonic()
            outcome = await resolved_in_a_task(resolver, of, lifetime)
            seconds = time.monotonic() - began
        when_done()
        return Resolved(domain=of, outcome=outcome, seconds=seconds)

    async def resolve_all() -> list[Resolved]:
        backend = AsyncDnspythonBackend(nameservers, timeout=TIMEOUT, **settings)
        async with AsyncResolver(backend, POLICY, sources=SOURCES) as resolver:
            outcomes = await asyncio.gather(*(resolve(of, resolver) for of in domains))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outcomes

    places = asyncio.Semaphore(at_once)
    return asyncio.run(resolve_all())


@define
class Turns:
    """Does something when so many resolutions have ended; they may end in several threads."""

    turns: Mapping[int, Callable[[], None]]
    ended: Iterator[int] = field(factory=lambda: count(1))

    def __call__(self) -> None:
        if turn := self.turns.get(next(self.ended)):
            turn()


both_ways: Final = pytest.mark.parametrize("resolving", [in_threads, in_tasks])


@pytest.fixture(autouse=True)
def _nothing_left_behind(daemons: Daemons) -> Iterator[None]:
    del daemons  # they are started before descriptors are counted
    before = open_descriptors()
    yield
    assert comes_about(lambda: open_descriptors() <= before)


def assert_found(outcomes: Iterable[Resolved], *, whole: bool = True) -> None:
    """Targets of every domain were found, in time, and all of them unless a note says why not."""
    for each in outcomes:
        assert each.verdict in ("right", "excused"), each
        assert isinstance(each.outcome, Resolution)
        wanted = sum(len(group) for group in each.domain.groups)
        assert len(each.outcome.targets) == wanted or not whole, each
        assert each.seconds < LIFETIME + GRACE


def assert_failed(outcomes: Iterable[Resolved], code: str, lifetime: float) -> None:
    """None was found, for the right reason, and nobody waited beyond the lifetime."""
    for each in outcomes:
        assert isinstance(each.outcome, SipResolveError), each
        assert each.outcome.code == code, each
        assert each.seconds < lifetime + GRACE


# --- The nameservers ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    file = tmp_path_factory.mktemp("zones") / ZONE
    domains = [*MANY_DOMAINS, EPHEMERAL]
    file.write_text("".join(zone_file(domains, ttl=lambda index: 1 if index == 60 else 300)))
    return {ZONE: file}


@pytest.fixture(scope="module")
def daemons(
    zones: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Daemon]]:
    """Two that are authoritative, and two that ask the first of them."""
    with ExitStack() as stack:
        knotd = stack.enter_context(knot(tmp_path_factory.mktemp("knot"), zones))
        rest = {
            "BIND": bind_authority(tmp_path_factory.mktemp("bind"), zones),
            "Unbound": unbound(tmp_path_factory.mktemp("unbound"), zones, knotd.address),
            "BIND as a recursor": bind_recursor(
                tmp_path_factory.mktemp("recursor"), zones, knotd.address
            ),
        }
        started = {name: stack.enter_context(daemon) for name, daemon in rest.items()}
        yield {"Knot": knotd} | started


Daemons: TypeAlias = dict[str, Daemon]

#: A nameserver, and another of its kind.
PAIRS: Final = {
    "Knot": "BIND",
    "BIND": "Knot",
    "Unbound": "BIND as a recursor",
    "BIND as a recursor": "Unbound",
}

each_server: Final = pytest.mark.parametrize("server", PAIRS)


# --- The faults -----------------------------------------------------------------------------------

each_fault: Final = pytest.mark.parametrize(
    "fault", [HEALTHY, *FAULTS.values()], ids=["healthy", *FAULTS]
)


@contextmanager
def faulty(fault: Fault, server: Daemon) -> Iterator[Relay]:
    with Relay(
        upstream=server.address, seed=1, weather=fault.weather, faults={"* *": fault.does}
    ) as relay:
        yield relay


@both_ways
@each_server
@each_fault
def test_of_two_nameservers_one_is_enough(
    fault: Fault, server: str, resolving: Resolving, daemons: Daemons
) -> None:
    with faulty(fault, daemons[server]) as relay:
        outcomes = resolving([relay.address, daemons[PAIRS[server]].address], DOMAINS)
        assert_found(outcomes)
        assert relay.log, "the faulty one has not been asked"


@both_ways
@pytest.mark.parametrize("server", ["BIND", "Unbound"])
@each_fault
def test_a_single_nameserver_is_as_good_as_it_can_be(
    fault: Fault, server: str, resolving: Resolving, daemons: Daemons
) -> None:
    code = fault.alone
    lifetime = SHORT if code == "dns-timeout" else LIFETIME
    with faulty(fault, daemons[server]) as relay:
        outcomes = resolving([relay.address], DOMAINS, lifetime=lifetime)
        assert relay.log
    if code is None:
        assert_found(outcomes, whole=not fault.weather.loss)
    else:
        assert_failed(outcomes, code, lifetime)


@both_ways
@each_server
def test_nobody_listens_where_the_first_should_be(
    server: str, resolving: Resolving, daemons: Daemons
) -> None:
    with nobody() as dead:
        assert_found(resolving([dead, daemons[server].address], DOMAINS))


@both_ways
def test_nobody_listens_anywhere(resolving: Resolving) -> None:
    with nobody() as dead, nobody("127.0.0.2") as dead_too:
        assert_failed(resolving([dead, dead_too], DOMAINS, lifetime=SHORT), "dns-timeout", SHORT)


# --- What is learnt of nameservers ----------------------------------------------------------------


@both_ways
@pytest.mark.parametrize("fault", ["silent", "answering garbage", "refusing"])
def test_a_dead_nameserver_is_hardly_asked(
    fault: str, resolving: Resolving, daemons: Daemons
) -> None:
    """Once it is known for what it is; until then, what is under way has been sent to it."""
    with (
        faulty(FAULTS[fault], daemons["Unbound"]) as dead,
        faulty(HEALTHY, daemons["BIND"]) as well,
    ):
        assert_found(resolving([dead.address, well.address], MANY_DOMAINS))
        assert len(dead.log) < len(well.log) / 3


@both_ways
def test_an_outage_is_not_made_worse(resolving: Resolving, daemons: Daemons) -> None:
    """Asking the next nameserver early is no licence to send more than without (RFC 9520 §3.2)."""
    sent = {}
    for hedge in (False, True):
        with (
            faulty(FAULTS["silent"], daemons["Unbound"]) as first,
            faulty(FAULTS["silent"], daemons["BIND"]) as second,
        ):
            outcomes = resolving(
                [first.address, second.address], DOMAINS, lifetime=SHORT, hedge=hedge
            )
            assert_failed(outcomes, "dns-timeout", SHORT)
            sent[hedge] = len(first.log) + len(second.log)
    assert sent[True] < 1.25 * sent[False]


@both_ways
def test_what_was_known_is_served_while_nobody_answers(
    resolving: Resolving, daemons: Daemons
) -> None:
    """RFC 8767 §5: answers after their TTL, where asking again fails; and nothing else."""
    with faulty(HEALTHY, daemons["Knot"]) as relay:

        def fail() -> None:
            relay.faults = {"* *": "servfail"}
            time.sleep(1.1)  # until the records do not hold any more

        fresh, stale, unknown = resolving(
            [relay.address],
            [EPHEMERAL, EPHEMERAL, DOMAINS[0]],
            at_once=1,
            when_done=Turns({1: fail}),
        )
    assert_found([fresh, stale])
    assert Source.STALE not in sources(fresh)
    assert Source.STALE in sources(stale)
    assert_failed([unknown], "dns-failure", LIFETIME)


def sources(resolved: Resolved) -> set[Source]:
    assert isinstance(resolved.outcome, Resolution)
    queries = resolved.outcome.queries
    return {query.answer.source for query in queries if query.answer is not None}


@pytest.mark.parametrize("fault", ["silent", "losing a fifth", "silent over TCP"])
def test_who_gives_up_leaves_nothing_behind(fault: str, daemons: Daemons) -> None:
    """A task that is cancelled while it waits for a nameserver."""

    async def give_up(address: str) -> None:
        dice = Random(1)
        async with AsyncResolver(
            AsyncDnspythonBackend([address]), POLICY, sources=SOURCES
        ) as resolver:
            tasks = [asyncio.create_task(resolver.resolve(of.uri)) for of in MANY_DOMAINS]
            for task in tasks:
                asyncio.get_running_loop().call_later(dice.uniform(0, 0.3), task.cancel)
            await asyncio.wait(tasks)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with faulty(FAULTS[fault], daemons["BIND"]) as relay:
        asyncio.run(give_up(relay.address))


# --- A nameserver dies, or comes and goes ---------------------------------------------------------


@both_ways
@pytest.mark.parametrize("server", ["Knot", "BIND"])
def test_a_nameserver_is_killed_in_the_middle(
    server: str,
    resolving: Resolving,
    zones: dict[str, Path],
    daemons: Daemons,
    tmp_path: Path,
) -> None:
    authority = {"Knot": knot, "BIND": bind_authority}[server]
    with authority(tmp_path, zones) as mortal:
        servers = [mortal.address, daemons["Knot"].address]
        assert_found(resolving(servers, MANY_DOMAINS, when_done=Turns({20: mortal.kill})))
        assert not is_answered(ZONE, mortal.port)


@both_ways
def test_a_nameserver_falls_silent_and_recovers(resolving: Resolving, daemons: Daemons) -> None:
    """In one run, by one resolver: whatever it remembers of nameservers does not hold for ever."""
    with faulty(HEALTHY, daemons["Unbound"]) as relay:

        def does(fault: str) -> Callable[[], None]:
            return lambda: setattr(relay, "faults", {"* *": fault})

        turns = Turns(
            {10: does("timeout"), 30: does("none"), 40: does("servfail"), 50: does("none")}
        )
        servers = [relay.address, daemons["BIND as a recursor"].address]
        assert_found(resolving(servers, MANY_DOMAINS, when_done=turns))


# --- What the scenarios lead to, by BIND ----------------------------------------------------------


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.uri], ids=str)
def test_scenarios_over_bind(scenario: Scenario, recursive_bind: str) -> None:
    outcome: Outcome
    backend = DnspythonBackend([recursive_bind], timeout=5)
    with Resolver(backend, scenario.policy, sources=SOURCES) as resolver:
        try:
            outcome = resolver.resolve(scenario.uri, seed=scenario.seed, **scenario.request)
        except SipResolveError as error:
            outcome = error
    check(scenario, outcome, behind_a_resolver=True)
