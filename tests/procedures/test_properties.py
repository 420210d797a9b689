"""What must always hold of `locate`, whatever the DNS says and whenever it says it."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import Simulation
from strategies import networks, policies, uris_of_one_domain

from sipresolve.procedures.locate import locate
from sipresolve.session.run import Ended, Limits, Run, Waiting
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy, Selection
from sipresolve.vocabulary.records import Answer, Question
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from strategies import Network

    from sipresolve.vocabulary.targets import Resolution


def resolve(network: Network, uri: str, policy: Policy, seed: int = 1) -> tuple[Any, Simulation]:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        return simulation.resolve(uri, seed=seed), simulation
    except SipResolveError as error:
        return error, simulation


@given(network=networks(), uri=uris_of_one_domain(), policy=policies())
def test_it_ends_within_its_budget_and_its_lifetime(
    network: Network, uri: str, policy: Policy
) -> None:
    _, simulation = resolve(network, uri, policy)
    assert len(simulation.asked) <= policy.budget
    assert len(set(simulation.asked)) == len(simulation.asked), "nothing is asked twice"
    assert simulation.now <= policy.lifetime


@given(network=networks(), uri=uris_of_one_domain(), policy=policies())
def test_a_target_fits_the_uri_and_the_policy(network: Network, uri: str, policy: Policy) -> None:
    found, _ = resolve(network, uri, policy)
    parsed = SipUri.parse_target(uri)
    for target in getattr(found, "targets", ()):
        assert target.transport in policy.transports
        assert target.family in policy.families
        assert 1 <= target.port <= 65535
        assert target.transport.secure or parsed.scheme == "sip", "SIPS never leaves TLS"
        assert target.tls_name == (parsed.target if target.transport.secure else None)
        assert parsed.port is None or target.port == parsed.port
    places = [(t.transport, t.address, t.port) for t in getattr(found, "targets", ())]
    assert len(set(places)) == len(places), "no target is named twice"


@given(network=networks(late=False), uri=uris_of_one_domain(), policy=policies())
def test_priorities_never_invert(network: Network, uri: str, policy: Policy) -> None:
    found, _ = resolve(network, uri, policy)
    ranks: dict[Any, list[tuple[int, int, int]]] = {}
    for target in getattr(found, "targets", ()):
        if target.priority is not None:
            key = (target.transport, target.order, target.preference)
            ranks.setdefault(key, []).append(target.priority)
    for priorities in ranks.values():
        assert priorities == sorted(priorities)


@given(
    network=networks(late=False), uri=uris_of_one_domain(), policy=policies(), seed=st.integers()
)
def test_the_same_seed_gives_the_same_order_whatever_comes_first(
    network: Network, uri: str, policy: Policy, seed: int
) -> None:
    policy = evolve(policy, budget=10_000)
    punctual = evolve(network, delays={})
    first, _ = resolve(network, uri, policy, seed)
    second, _ = resolve(punctual, uri, policy, seed)
    assert getattr(first, "targets", ()) == getattr(second, "targets", ())
    assert getattr(first, "code", None) == getattr(second, "code", None)


@given(
    network=networks(late=False), uri=uris_of_one_domain(), policy=policies(), seed=st.integers()
)
def test_dice_decide_about_the_order_alone(
    network: Network, uri: str, policy: Policy, seed: int
) -> None:
    policy = evolve(policy, budget=10_000)
    weighted, _ = resolve(network, uri, policy, seed)
    fixed, _ = resolve(network, uri, evolve(policy, selection=Selection.STATELESS))

    def places(found: Resolution | SipResolveError) -> Counter[Any]:
        return Counter((t.transport, t.address, t.port) for t in getattr(found, "targets", ()))

    assert places(weighted) == places(fixed)


@given(network=networks(late=False), uri=uris_of_one_domain(), policy=policies())
def test_speculation_changes_what_is_asked_and_nothing_else(
    network: Network, uri: str, policy: Policy
) -> None:
    """Unless the budget is spent on what was not needed."""
    roomy = evolve(policy, budget=10_000)
    eager, _ = resolve(network, uri, evolve(roomy, speculation=True))
    frugal, simulation = resolve(network, uri, evolve(roomy, speculation=False))
    assert getattr(eager, "targets", ()) == getattr(frugal, "targets", ())
    assert getattr(eager, "code", None) == getattr(frugal, "code", None)
    eager_resolution = getattr(eager, "resolution", None) or eager
    asked = {query.question for query in eager_resolution.queries}
    assert set(simulation.asked) <= asked


@settings(max_examples=30)
@given(data=st.data(), uri=uris_of_one_domain(), policy=policies())
def test_a_list_of_answers_is_enough(data: st.DataObject, uri: str, policy: Policy) -> None:
    """The bare generator: no session, no clock, and every answer there at once."""
    network = data.draw(networks(late=False))
    policy = evolve(policy, budget=10_000)
    by_session, _ = resolve(evolve(network, delays={}), uri, policy)
    limits = Limits(lifetime=1e6, budget=policy.budget, speculation=policy.speculation)
    run = Run(locate(SipUri.parse_target(uri), policy=policy, rng=Random(1)), limits, now=0.0)
    while not isinstance(step := run.advance(0.0), Ended):
        if isinstance(step, Waiting):
            for question in step.start:
                run.learn(_answer(network, question), 0.0)
    assert tuple(run.targets) == getattr(by_session, "targets", ())


def _answer(network: Network, question: Question) -> Answer:
    return Simulation(network.answers)._answer(question)
