"""What must always hold of `locate` and `respond`, whatever the DNS says, and whenever."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import Simulation
from strategies import networks, policies, uris, uris_of_one_domain, vias_of_one_domain

from sipresolve.procedures.locate import locate
from sipresolve.procedures.next_hop import next_hop
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy, Selection
from sipresolve.vocabulary.records import Answer, Question, RecordType
from sipresolve.vocabulary.transports import TCP, UDP
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

if TYPE_CHECKING:
    from strategies import Network

    from sipresolve.vocabulary.targets import Resolution, Target


def resolve(
    network: Network, uri: str, policy: Policy, seed: int = 1, *, large: bool = False
) -> tuple[Any, Simulation]:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        return simulation.resolve(uri, seed=seed, large=large), simulation
    except SipResolveError as error:
        return error, simulation


def respond(network: Network, via: str, policy: Policy) -> tuple[Any, Simulation]:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        return simulation.respond(via), simulation
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
    patient = evolve(policy, lifetime=1e6)
    run = Run(locate(SipUri.parse_target(uri), policy=policy, rng=Random(1)), patient, now=0.0)
    while not isinstance(step := run.advance(0.0), Ended):
        if isinstance(step, Waiting):
            for question in step.start:
                run.learn(_answer(network, question), 0.0)
    assert tuple(run.targets) == getattr(by_session, "targets", ())


def _answer(network: Network, question: Question) -> Answer:
    return Simulation(network.answers)._answer(question)


# --- RFC 3261 §18.1.1


@given(network=networks(), uri=uris_of_one_domain(), policy=policies(), seed=st.integers())
def test_size_puts_tcp_before_each_udp_and_changes_nothing_else(
    network: Network, uri: str, policy: Policy, seed: int
) -> None:
    # It asks whether TCP is ruled out as well, so a small budget would be spent earlier.
    policy = evolve(policy, budget=256)
    small, _ = resolve(network, uri, policy, seed)
    large, _ = resolve(network, uri, policy, seed, large=True)
    expected: dict[Any, Target] = {}
    # What the domain rules out for good is not tried instead of UDP either (RFC 2782).
    refused = any(
        note.code == "srv-not-offered" and note.question and "_sip._tcp" in note.question.name
        for note in getattr(large, "notes", ())
    )
    for target in getattr(small, "targets", ()):
        for each in (target,) if refused else _for_a_large_request(target, policy):
            expected.setdefault((each.transport, each.address, each.port), each)
    assert getattr(large, "targets", ()) == (*expected.values(),)
    assert getattr(large, "code", None) == getattr(small, "code", None)
    # Of what is needed, that is: what is asked ahead may be spared by an answer that ends it all.
    frugal = evolve(policy, speculation=False)
    asked = {*resolve(network, uri, frugal, seed)[1].asked}
    asked_for_large = {*resolve(network, uri, frugal, seed, large=True)[1].asked}
    assert asked <= asked_for_large
    assert all(each.type is RecordType.SRV for each in asked_for_large - asked)


def _for_a_large_request(target: Target, policy: Policy) -> tuple[Target, ...]:
    if target.transport is not UDP or TCP not in policy.transports:
        return (target,)
    twin = evolve(target, transport=TCP, instead_of_udp=True)
    return twin, evolve(target, only_after_refusal=True)


@given(network=networks(), uri=uris_of_one_domain(), policy=policies(), seed=st.integers())
def test_without_the_twins_a_large_request_goes_where_a_small_one_does(
    network: Network, uri: str, policy: Policy, seed: int
) -> None:
    """Where the domain itself offers no TCP."""
    silent = {question for question in network.answers if "_tcp" in question.name}
    answers = {question: network.answers[question] for question in network.answers.keys() - silent}
    network = evolve(network, answers=answers)
    small, _ = resolve(network, uri, policy, seed)
    large, _ = resolve(network, uri, policy, seed, large=True)
    after = {(t.address, t.port) for t in getattr(large, "targets", ()) if t.only_after_refusal}
    left = [
        evolve(target, only_after_refusal=False)
        for target in getattr(large, "targets", ())
        if target.transport is not TCP or (target.address, target.port) not in after
    ]
    assert left == [*getattr(small, "targets", ())]


# --- RFC 3261 §16.6


@given(network=networks(), uri=uris_of_one_domain(), request=uris, policy=policies())
def test_a_sips_request_goes_by_tls_alone(
    network: Network, uri: str, request: str, policy: Policy
) -> None:
    located = next_hop(SipUri.parse_target(uri), request)
    found, _ = resolve(network, str(located), policy)
    if request.lower().startswith("sips:"):
        assert all(target.transport.secure for target in getattr(found, "targets", ()))
    else:
        assert located == SipUri.parse_target(uri)


# --- Responses: RFC 3261 §18.2.2, RFC 3263 §5


@given(network=networks(), via=vias_of_one_domain(), policy=policies())
def test_a_response_ends_within_its_budget_and_its_lifetime(
    network: Network, via: str, policy: Policy
) -> None:
    _, simulation = respond(network, via, policy)
    assert len(simulation.asked) <= policy.budget
    assert len(set(simulation.asked)) == len(simulation.asked), "nothing is asked twice"
    assert simulation.now <= policy.lifetime


@given(network=networks(), via=vias_of_one_domain(), policy=policies())
def test_a_target_of_a_response_fits_the_via_and_the_policy(
    network: Network, via: str, policy: Policy
) -> None:
    found, simulation = respond(network, via, policy)
    parsed = Via.parse(via)
    for target in getattr(found, "targets", ()):
        assert target.transport == parsed.transport
        assert target.family in policy.families
        assert target.tls_name == (parsed.host if target.transport.secure else None)
        assert parsed.port is None or target.port in (parsed.port, parsed.rport)
        assert not target.only_after_refusal
    places = [(t.transport, t.address, t.port) for t in getattr(found, "targets", ())]
    assert len(set(places)) == len(places), "no target is named twice"
    assert all(asked.type is not RecordType.NAPTR for asked in simulation.asked)
