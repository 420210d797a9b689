"""One scenario gives the same targets however it is run, and whatever the answers come through.

The bare generator over ready answers, the blocking and the asynchronous resolver over the zones in
memory, and both over Unbound and Knot DNS; all targets at once, or one attempt after the other.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from scenario import SCENARIOS, ZONES, Scenario, check, named, written
from scripted import AsyncScripted, Scripted
from servers import authoritative_nameserver, recursive_nameserver
from strategies import (
    NUMBER,
    networks,
    networks_behind_a_number,
    policies,
    policies_for_numbers,
    uris_of_one_domain,
)

from sipresolve import (
    AllTargetsFailed,
    AsyncResolver,
    Policy,
    Resolver,
    SipResolveError,
    Sources,
    Via,
)
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend, ZoneBackend
from sipresolve.procedures import hosts, locate, telephone
from sipresolve.procedures.ask import Ask
from sipresolve.procedures.locate_number import (
    Client,
    locate_number,
    locate_user_phone,
    map_number,
)
from sipresolve.procedures.next_hop import next_hop, wants_sips
from sipresolve.procedures.respond import respond
from sipresolve.procedures.size import too_large_for_udp
from sipresolve.procedures.telephone import mappable
from sipresolve.resolver.subjects import number_in, number_of, subject_of
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.targets import Note, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strategies import Network

    from sipresolve.backends import AsyncBackend, Backend
    from sipresolve.procedures.ask import Known, Procedure
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.targets import Resolution

__all__ = ["authoritative_nameserver", "recursive_nameserver"]  # fixtures

#: The same for every way, so that RFC 6724 gives them one order.
SOURCES = Sources()

#: Longer than a machine is busy, in seconds.
LIFETIME = 60.0


@pytest.fixture(scope="module", autouse=True)
def _nobody_is_late() -> Iterator[None]:
    """All ways agree as long as no wait lapses, and a busy machine is late at times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hosts, "FAMILY_PATIENCE", LIFETIME)
        patch.setattr(hosts, "HOST_PATIENCE", LIFETIME)
        patch.setattr(locate, "NAPTR_PATIENCE", LIFETIME)
        patch.setattr(telephone, "LATE_PATIENCE", LIFETIME)
        yield


@pytest.fixture(scope="module")
def zones() -> ZoneBackend:
    return ZoneBackend.from_files(*ZONES.values())


def by_generator(scenario: Scenario, backend: AsyncBackend) -> Told:
    """The least that can run a procedure: no session, no clock, every answer there at once."""
    known: dict[Question, Answer] = {}
    uris: list[str] = []
    targets: list[str] = []
    sent: Known | None = None
    try:
        procedure = procedure_of(scenario)
        while True:
            match next(procedure) if sent is None else procedure.send(sent):
                case Ask(waits=waits, hints=hints):
                    asked = {q for wait in waits for q in (*wait.needed, *wait.wanted)}
                    for question in {*asked, *hints}:
                        known[question] = asyncio.run(backend.ask(question))
                    sent = known
                case Target() as target:
                    targets.append(written(target))
                    sent = None
                case MappedUri() as mapped:
                    uris.append(named(mapped))
                    sent = None
                case Note():
                    sent = None
    except StopIteration:
        return uris, targets
    except SipResolveError as error:
        return uris, [error.code]


def procedure_of(scenario: Scenario) -> Procedure[tuple[Answer, ...]]:
    policy, rng = scenario.policy, Random(scenario.seed)
    if scenario.via:
        return respond(Via.parse(scenario.via), policy=policy, rng=rng, sources=SOURCES)
    if scenario.number:
        return map_number(mappable(number_of(scenario.number), policy), policy=policy)
    subject = subject_of(scenario.uri)
    large = too_large_for_udp(scenario.size, scenario.mtu)
    sips = wants_sips(scenario.request_uri)
    client = Client(policy=policy, rng=rng, sources=SOURCES, large=large, sips=sips)
    if isinstance(subject, TelUri):
        return locate_number(mappable(subject, policy), client)
    uri = next_hop(subject, scenario.request_uri)
    if policy.enum_user_phone and not scenario.request_uri and (number := number_in(uri, policy)):
        return locate_user_phone(number, uri, client)
    return client.locate(uri)


def patient(scenario: Scenario) -> Policy:
    return evolve(scenario.policy, lifetime=LIFETIME)


def sought(resolver: Resolver | AsyncResolver, scenario: Scenario) -> Any:
    """What is found: a resolution, or what will be one."""
    if scenario.via:
        return resolver.respond(scenario.via, seed=scenario.seed)
    if scenario.number:
        return resolver.enum(scenario.number)
    return resolver.resolve(scenario.uri, seed=scenario.seed, **scenario.request)


def tried(resolver: Resolver | AsyncResolver, scenario: Scenario) -> Any:
    """The attempts at what is found."""
    if scenario.via:
        return resolver.failover_response(scenario.via, seed=scenario.seed)
    return resolver.failover(scenario.uri, seed=scenario.seed, **scenario.request)


def blocking(scenario: Scenario, backend: Backend) -> Resolution | SipResolveError:
    try:
        with Resolver(backend, patient(scenario), sources=SOURCES) as resolver:
            found: Resolution = sought(resolver, scenario)
    except SipResolveError as error:
        return error
    return found


def asynchronous(scenario: Scenario, backend: AsyncBackend) -> Resolution | SipResolveError:
    async def main() -> Resolution:
        async with AsyncResolver(backend, patient(scenario), sources=SOURCES) as resolver:
            found: Resolution = await sought(resolver, scenario)
            return found

    try:
        return asyncio.run(main())
    except SipResolveError as error:
        return error


def blocking_failover(scenario: Scenario, backend: Backend) -> list[str]:
    """The targets that a caller tries who is refused everywhere, or why there is none."""
    try:
        with Resolver(backend, patient(scenario), sources=SOURCES) as resolver:
            for attempt in tried(resolver, scenario):
                with attempt:
                    raise ConnectionRefusedError
    except SipResolveError as error:
        return failed(error)
    raise AssertionError("a loop in which every attempt fails ends in an error")


def asynchronous_failover(scenario: Scenario, backend: AsyncBackend) -> list[str]:
    """The same in an event loop."""

    async def main() -> None:
        async with AsyncResolver(backend, patient(scenario), sources=SOURCES) as resolver:
            async for attempt in tried(resolver, scenario):
                async with attempt:
                    raise ConnectionRefusedError

    try:
        asyncio.run(main())
    except SipResolveError as error:
        return failed(error)
    raise AssertionError("a loop in which every attempt fails ends in an error")


def failed(error: SipResolveError) -> list[str]:
    if isinstance(error, AllTargetsFailed):
        return [written(target) for target, _ in error.failures]
    return [error.code]


#: The URIs of a number, and the targets or what is to be said where there are none.
Told: TypeAlias = tuple[list[str], list[str]]


def told(outcome: Resolution | SipResolveError) -> Told:
    if isinstance(outcome, SipResolveError):
        uris = outcome.resolution.uris if outcome.resolution else ()
        return [*map(named, uris)], [outcome.code]
    return [*map(named, outcome.uris)], [*map(written, outcome.targets)]


def to_try(outcome: Resolution | SipResolveError) -> list[str]:
    """What there is to try; a number may lead only to what is not located.

    A server that a second URI of a number leads to has failed by then, and comes last.
    """
    places: set[str] = set()
    first: list[str] = []
    again: list[str] = []
    for each in told(outcome)[1]:
        place = " ".join(each.split()[:3])
        (again if place in places else first).append(each)
        places.add(place)
    return first + again or ["no-targets"]


#: Those that lead to servers, and not to URIs alone.
LOCATED: Final = [scenario for scenario in SCENARIOS if not scenario.number]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_over_the_zones_in_memory(scenario: Scenario, zones: ZoneBackend) -> None:
    by_threads, by_tasks = blocking(scenario, zones), asynchronous(scenario, zones)
    check(scenario, by_threads)
    assert told(by_threads) == told(by_tasks) == by_generator(scenario, zones)


@pytest.mark.parametrize("scenario", LOCATED, ids=str)
def test_one_by_one_over_the_zones_in_memory(scenario: Scenario, zones: ZoneBackend) -> None:
    """RFC 3263 §4.3: who is refused everywhere is handed out every target, in the same order."""
    at_once = to_try(blocking(scenario, zones))
    assert blocking_failover(scenario, zones) == at_once
    assert asynchronous_failover(scenario, zones) == at_once


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_over_real_servers(
    scenario: Scenario, zones: ZoneBackend, recursive_nameserver: str
) -> None:
    by_threads = blocking(scenario, DnspythonBackend([recursive_nameserver], timeout=5))
    by_tasks = asynchronous(scenario, AsyncDnspythonBackend([recursive_nameserver], timeout=5))
    check(scenario, by_threads, behind_a_resolver=True)
    assert told(by_threads) == told(by_tasks)
    if scenario.behind_a_resolver is None:
        assert told(by_threads) == told(blocking(scenario, zones))


#: Those that begin with a telephone number.
BY_NUMBER: Final = [each for each in SCENARIOS if each.number or each.uri.startswith("tel:")]


@pytest.mark.parametrize("scenario", BY_NUMBER, ids=str)
def test_numbers_over_an_authoritative_server(
    scenario: Scenario, zones: ZoneBackend, authoritative_nameserver: str
) -> None:
    """Carriers ask the servers of their own roots, with no resolver in between."""
    servers = [authoritative_nameserver]
    by_threads = blocking(scenario, DnspythonBackend(servers, timeout=5))
    by_tasks = asynchronous(scenario, AsyncDnspythonBackend(servers, timeout=5))
    check(scenario, by_threads)
    assert told(by_threads) == told(by_tasks) == told(blocking(scenario, zones))


@pytest.mark.parametrize("scenario", LOCATED, ids=str)
def test_one_by_one_over_real_servers(scenario: Scenario, recursive_nameserver: str) -> None:
    """RFC 3263 §4.3, over a network."""
    servers = [recursive_nameserver]
    at_once = to_try(blocking(scenario, DnspythonBackend(servers, timeout=5)))
    assert blocking_failover(scenario, DnspythonBackend(servers, timeout=5)) == at_once
    assert asynchronous_failover(scenario, AsyncDnspythonBackend(servers, timeout=5)) == at_once


@given(
    network=networks(late=False), uri=uris_of_one_domain(), policy=policies(), seed=st.integers()
)
def test_whatever_the_answers_are(network: Network, uri: str, policy: Policy, seed: int) -> None:
    scenario = Scenario(id="", why="", uri=uri, policy=evolve(policy, budget=10_000), seed=seed)
    by_threads = blocking(scenario, Scripted(network.answers))
    by_tasks = asynchronous(scenario, AsyncScripted(network.answers))
    assert told(by_threads) == told(by_tasks)
    assert to_try(by_threads) == blocking_failover(scenario, Scripted(network.answers))
    assert to_try(by_tasks) == asynchronous_failover(scenario, AsyncScripted(network.answers))


@given(
    network=networks_behind_a_number(late=False),
    uri=st.sampled_from(["", f"tel:{NUMBER}", f"sips:{NUMBER}@example.com;user=phone"]),
    request=st.sampled_from([None, "sip:a@example.com", "sips:a@example.com"]),
    policy=policies_for_numbers(),
    seed=st.integers(),
)
def test_whatever_a_number_leads_to(
    network: Network, uri: str, request: str | None, policy: Policy, seed: int
) -> None:
    policy = evolve(policy, budget=10_000, enum_user_phone=True)
    number = "" if uri else NUMBER
    scenario = Scenario(
        id="", why="", number=number, uri=uri, request_uri=request, policy=policy, seed=seed
    )
    by_threads = blocking(scenario, Scripted(network.answers))
    by_tasks = asynchronous(scenario, AsyncScripted(network.answers))
    assert told(by_threads) == told(by_tasks)
    assert told(by_threads) == by_generator(scenario, AsyncScripted(network.answers))
    if uri:
        assert to_try(by_threads) == blocking_failover(scenario, Scripted(network.answers))
        assert to_try(by_tasks) == asynchronous_failover(scenario, AsyncScripted(network.answers))
    if "sips:" in (request or uri):
        assert not [each for each in told(by_tasks)[1] if each.startswith(("udp ", "tcp "))]
