"""One scenario gives the same targets however it is run, and whatever the answers come through.

The bare generator over ready answers, the blocking and the asynchronous resolver over the zones in
memory, and both over Unbound and Knot DNS.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from scenario import SCENARIOS, ZONES, Scenario, check
from scripted import AsyncScripted, Scripted
from servers import authoritative_nameserver, recursive_nameserver
from strategies import networks, policies, uris_of_one_domain

from sipresolve import AsyncResolver, Policy, Resolver, SipResolveError, SipUri, Sources
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend, ZoneBackend
from sipresolve.procedures import hosts, locate
from sipresolve.procedures.ask import Ask
from sipresolve.vocabulary.targets import Note, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strategies import Network

    from sipresolve.backends import AsyncBackend, Backend
    from sipresolve.procedures.ask import Known
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
        yield


@pytest.fixture(scope="module")
def zones() -> ZoneBackend:
    return ZoneBackend.from_files(*ZONES.values())


def by_generator(scenario: Scenario, zones: ZoneBackend) -> list[str]:
    """The least that can run a procedure: no session, no clock, every answer there at once."""
    uri = SipUri.parse_target(scenario.uri)
    procedure = locate.locate(
        uri, policy=scenario.policy, rng=Random(scenario.seed), sources=SOURCES
    )
    known: dict[Question, Answer] = {}
    targets: list[str] = []
    sent: Known | None = None
    try:
        while True:
            match next(procedure) if sent is None else procedure.send(sent):
                case Ask(waits=waits, hints=hints):
                    asked = {q for wait in waits for q in (*wait.needed, *wait.wanted)}
                    for question in {*asked, *hints}:
                        known[question] = asyncio.run(zones.ask(question))
                    sent = known
                case Target() as target:
                    targets.append(str(target))
                    sent = None
                case Note():
                    sent = None
    except StopIteration:
        return targets
    except SipResolveError as error:
        return [error.code]


def patient(scenario: Scenario) -> Policy:
    return evolve(scenario.policy, lifetime=LIFETIME)


def blocking(scenario: Scenario, backend: Backend) -> Resolution | SipResolveError:
    try:
        with Resolver(backend, patient(scenario), sources=SOURCES) as resolver:
            return resolver.resolve(scenario.uri, seed=scenario.seed)
    except SipResolveError as error:
        return error


def asynchronous(scenario: Scenario, backend: AsyncBackend) -> Resolution | SipResolveError:
    async def main() -> Resolution:
        async with AsyncResolver(backend, patient(scenario), sources=SOURCES) as resolver:
            return await resolver.resolve(scenario.uri, seed=scenario.seed)

    try:
        return asyncio.run(main())
    except SipResolveError as error:
        return error


def told(outcome: Resolution | SipResolveError) -> list[str]:
    if isinstance(outcome, SipResolveError):
        return [outcome.code]
    return [str(target) for target in outcome.targets]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_over_the_zones_in_memory(scenario: Scenario, zones: ZoneBackend) -> None:
    by_threads, by_tasks = blocking(scenario, zones), asynchronous(scenario, zones)
    check(scenario, by_threads)
    assert told(by_threads) == told(by_tasks) == by_generator(scenario, zones)


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


@given(
    network=networks(late=False), uri=uris_of_one_domain(), policy=policies(), seed=st.integers()
)
def test_whatever_the_answers_are(network: Network, uri: str, policy: Policy, seed: int) -> None:
    scenario = Scenario(id="", why="", uri=uri, policy=evolve(policy, budget=10_000), seed=seed)
    by_threads = blocking(scenario, Scripted(network.answers))
    by_tasks = asynchronous(scenario, AsyncScripted(network.answers))
    assert told(by_threads) == told(by_tasks)
