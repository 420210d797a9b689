"""What must always hold of numbers, whatever the DNS says of them, and whenever."""

from __future__ import annotations

from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Simulation, zone
from strategies import (
    NUMBER,
    ROOTS,
    Network,
    arrivals_for_a_number,
    networks_behind_a_number,
    networks_of_a_number,
    policies_for_numbers,
)

from sipresolve.procedures.rules import Terminal, rule_of
from sipresolve.vocabulary.enumservices import schemes_of
from sipresolve.vocabulary.errors import NumberUnused, SipResolveError
from sipresolve.vocabulary.mapped import MappedUri, enum_domain, parsed_uri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import NaptrOrder, Policy
from sipresolve.vocabulary.records import Answer, Naptr, Question, RecordType, Security, Status
from sipresolve.vocabulary.targets import Resolution
from sipresolve.vocabulary.uri import SipUri

#: Enough for every question that there is.
ROOMY: Final = 10_000

#: So long that no question lapses which is answered.
LIFETIME: Final = 60.0


def enum(network: Network, policy: Policy) -> tuple[Any, Simulation]:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        return simulation.enum(NUMBER), simulation
    except SipResolveError as error:
        return error, simulation


def resolve(network: Network, policy: Policy, seed: int = 1, **more: Any) -> tuple[Any, Simulation]:
    simulation = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        return simulation.resolve_number(NUMBER, seed, **more), simulation
    except SipResolveError as error:
        return error, simulation


def uris_of(found: Any) -> tuple[MappedUri, ...]:
    """What was found, also where it led to no server."""
    resolution: Resolution | None = getattr(found, "resolution", found)
    assert resolution is not None
    return resolution.uris


def domain(root: str) -> Question:
    return Question(enum_domain(TelUri.parse_number(NUMBER), root), RecordType.NAPTR)


# --- Bounds


@given(network=networks_of_a_number(), policy=policies_for_numbers(), locates=st.booleans())
def test_it_ends_within_its_budget_and_its_lifetime(
    network: Network, policy: Policy, locates: bool
) -> None:
    _, simulation = (resolve if locates else enum)(network, policy)
    assert len(simulation.asked) <= policy.budget
    assert len(set(simulation.asked)) == len(simulation.asked), "nothing is asked twice"
    assert simulation.now <= policy.lifetime


@pytest.mark.parametrize("silent", range(1, 5))
def test_silent_roots_leave_something_to_those_behind_them(silent: int) -> None:
    """Each has half of what is left of the lifetime, and no more."""
    roots = [f"r{place}.example" for place in range(5)]
    last = domain(roots[-1])
    answers = zone(f'{last.name} NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .')
    delays = {domain(root): NEVER for root in roots[:silent]}
    policy = Policy(enum_roots=roots, lifetime=4.0)
    found, simulation = enum(Network(answers, delays), policy)
    assert [mapped.root for mapped in uris_of(found)] == roots[-1:]
    assert [note.code for note in found.warnings] == ["enum-root-failed"] * silent
    waited = 4.0 * (1 - 0.5**silent)
    assert waited < simulation.now < waited + 0.2
    failure, simulation = enum(Network({}, delays), policy)
    assert failure.code == "dns-timeout", "of the others nothing is known"
    assert simulation.now < 4.0


# --- What is found


@given(network=networks_of_a_number(), policy=policies_for_numbers(), locates=st.booleans())
def test_a_uri_is_what_its_record_says(network: Network, policy: Policy, locates: bool) -> None:
    """RFC 6116 §3.3: a URI in its absolute form, of a service that was asked for."""
    found, _ = (resolve if locates else enum)(network, policy)
    for mapped in uris_of(found):
        answer = network.answers[Question(mapped.domain, RecordType.NAPTR)]
        rule = rule_of(mapped.naptr, NUMBER, policy.enum_services)
        assert mapped.naptr in answer.records
        assert isinstance(rule, Terminal)
        assert mapped.service in rule.services
        assert mapped.service in policy.enum_services
        assert (mapped.uri, mapped.parsed) == (rule.uri, parsed_uri(mapped.uri))
        scheme = mapped.uri.partition(":")[0]
        assert scheme in (schemes_of(mapped.service) or {scheme})
        assert mapped.root in policy.enum_roots
    names = [(mapped.uri, mapped.service) for mapped in uris_of(found)]
    assert len(set(names)) == len(names), "no URI is named twice for one service"


@given(network=networks_of_a_number(), policy=policies_for_numbers())
def test_orders_and_preferences_never_invert_in_a_domain(network: Network, policy: Policy) -> None:
    """RFC 6116 §5.2: "ENUM clients SHOULD consider the ORDER field value only […] within a single
    RRSet"; RFC 3403 §4.1: where a record of one order has matched, no other order counts.
    """
    found, _ = enum(network, policy)
    ranks: dict[str, list[tuple[int, int]]] = {}
    for mapped in uris_of(found):
        ranks.setdefault(mapped.domain, []).append((mapped.order, mapped.preference))
    for name, in_domain in ranks.items():
        assert in_domain == sorted(in_domain)
        usable = [
            naptr.order
            for naptr in network.answers[Question(name, RecordType.NAPTR)].naptrs
            if isinstance(rule_of(naptr, NUMBER, policy.enum_services), Terminal)
        ]
        if policy.naptr_order is NaptrOrder.STRICT:
            assert {order for order, _ in in_domain} == {min(usable)}


@given(network=networks_of_a_number(late=False), policy=policies_for_numbers())
def test_the_first_root_that_has_it_wins(network: Network, policy: Policy) -> None:
    found, simulation = enum(network, evolve(policy, require_secure=False))
    uris = uris_of(found)
    if not uris:
        return
    root = uris[0].root
    assert {mapped.root for mapped in uris} == {root}
    place = policy.enum_roots.index(root)
    for before in policy.enum_roots[:place]:
        answer = network.answers.get(domain(before))
        for naptr in answer.naptrs if answer else ():
            assert not isinstance(rule_of(naptr, NUMBER, policy.enum_services), Terminal)
    led_to = {naptr.replacement for each in network.answers.values() for naptr in each.naptrs}
    for after in policy.enum_roots[place + 1 :]:
        assert domain(after) not in simulation.asked or domain(after).name in led_to


@given(
    network=networks_of_a_number(late=False),
    policy=policies_for_numbers(),
    service=st.sampled_from(["E2U+unused:data", "e2u+VOID:mailto", "unused:tel+E2U"]),
    locates=st.booleans(),
)
def test_a_number_that_is_not_in_use_has_nothing_below_later_roots(
    network: Network, policy: Policy, service: str, locates: bool
) -> None:
    first = domain(ROOTS[0])
    unused = Naptr(0, 0, "u", service, b"!^.*$!data:,unused!", ".")
    answer = evolve(Simulation({})._answer(first), status=Status.OK, records=(unused,))
    records = network.answers.get(first, answer).naptrs
    answer = evolve(answer, records=(unused, *records))
    network = evolve(network, answers={**network.answers, first: answer})
    policy = evolve(policy, enum_roots=ROOTS, require_secure=False)
    found, simulation = (resolve if locates else enum)(network, policy)
    assert isinstance(found, NumberUnused)
    assert simulation.asked == [first]


# --- Proof


@given(network=networks_behind_a_number(), policy=policies_for_numbers(), sips=st.booleans())
def test_what_is_required_to_be_proven_is(network: Network, policy: Policy, sips: bool) -> None:
    found, _ = resolve(network, evolve(policy, require_secure=True), sips=sips)
    answers = network.answers
    for mapped in uris_of(found):
        assert mapped.security is Security.SECURE
        for root in policy.enum_roots[: policy.enum_roots.index(mapped.root) + 1]:
            assert answers[domain(root)].security is Security.SECURE
        own = Question(mapped.domain, RecordType.NAPTR)
        assert answers[own].security is Security.SECURE
    for target in getattr(found, "targets", ()):
        assert target.security is Security.SECURE


def test_that_a_root_lacks_a_number_has_to_be_proven_as_well() -> None:
    """Whoever can forge that could choose the root."""
    first, second = map(domain, ROOTS)
    answers = zone(f'{second.name} NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .')
    answers[second] = evolve(answers[second], security=Security.SECURE)
    policy = Policy(enum_roots=ROOTS, require_secure=True)
    assert enum(Network(answers, {}), policy)[0].code == "not-secure"
    absent = Answer(question=first, status=Status.NXDOMAIN, security=Security.SECURE)
    found, _ = resolve(Network({first: absent, **answers}, {}), policy)
    assert [target.security for target in found.targets] == [Security.SECURE]


# --- From numbers to servers


@given(network=networks_behind_a_number(), policy=policies_for_numbers(), large=st.booleans())
def test_a_target_fits_its_uri_and_the_policy(
    network: Network, policy: Policy, large: bool
) -> None:
    found, _ = resolve(network, policy, large=large)
    named = [mapped.parsed for mapped in uris_of(found) if isinstance(mapped.parsed, SipUri)]
    targets = getattr(found, "targets", ())
    places = [named.index(target.uri) for target in targets]
    assert places == sorted(places), "the targets of one URI come before those of the next"
    for target in targets:
        assert target.transport in policy.transports
        assert target.family in policy.families
        assert target.transport.secure or target.uri.scheme == "sip", "SIPS never leaves TLS"
        assert target.tls_name == (target.uri.target if target.transport.secure else None)
        assert target.uri.port in (None, target.port)
    servers = [(str(t.uri), t.transport, t.address, t.port, t.tls_name) for t in targets]
    assert len(set(servers)) == len(servers), "no server is named twice for one URI"


@given(network=networks_behind_a_number(), policy=policies_for_numbers(), large=st.booleans())
def test_a_sips_request_goes_by_tls_alone(network: Network, policy: Policy, large: bool) -> None:
    """RFC 3261 §16.6: whatever the number leads to."""
    found, _ = resolve(network, policy, sips=True, large=large)
    assert all(target.transport.secure for target in getattr(found, "targets", ()))


@given(network=networks_behind_a_number(late=False), policy=policies_for_numbers())
def test_to_locate_a_number_is_to_map_it_first(network: Network, policy: Policy) -> None:
    policy = evolve(policy, budget=ROOMY, lifetime=LIFETIME)
    mapped, _ = enum(network, policy)
    located, _ = resolve(network, policy)
    assert uris_of(located) == uris_of(mapped)
    if isinstance(mapped, SipResolveError):
        assert located.code == mapped.code


# --- Whatever comes first


@given(
    network=networks_of_a_number(late=False),
    delays=arrivals_for_a_number(),
    policy=policies_for_numbers(),
)
def test_what_comes_first_changes_nothing(
    network: Network, delays: dict[Question, float], policy: Policy
) -> None:
    """As long as no wait lapses."""
    policy = evolve(policy, budget=ROOMY, lifetime=LIFETIME)
    punctual, _ = enum(evolve(network, delays={}), policy)
    late, _ = enum(evolve(network, delays=delays), policy)
    assert uris_of(late) == uris_of(punctual)
    assert getattr(late, "code", None) == getattr(punctual, "code", None)


@given(
    network=networks_behind_a_number(late=False), policy=policies_for_numbers(), seed=st.integers()
)
def test_the_same_seed_gives_the_same_order(network: Network, policy: Policy, seed: int) -> None:
    policy = evolve(policy, budget=ROOMY, lifetime=LIFETIME)
    first, _ = resolve(network, policy, seed)
    second, _ = resolve(evolve(network, delays={}), policy, seed)
    assert getattr(first, "targets", ()) == getattr(second, "targets", ())
    assert getattr(first, "code", None) == getattr(second, "code", None)


@given(network=networks_of_a_number(late=False), policy=policies_for_numbers())
def test_speculation_changes_what_is_asked_and_nothing_else(
    network: Network, policy: Policy
) -> None:
    roomy = evolve(policy, budget=ROOMY, lifetime=LIFETIME)
    eager, _ = resolve(network, evolve(roomy, speculation=True))
    frugal, _ = resolve(network, evolve(roomy, speculation=False))
    assert uris_of(eager) == uris_of(frugal)
    assert getattr(eager, "targets", ()) == getattr(frugal, "targets", ())
    assert getattr(eager, "code", None) == getattr(frugal, "code", None)


# --- What is asked


def test_nothing_is_asked_that_no_record_can_lead_to() -> None:
    """RFC 6116 §5.2.1: without a replacement, or in a circle, there is no next domain."""
    number = domain("e164.arpa").name
    answers = zone(f"""
        {number} NAPTR 100 1 "" "" "" a.example.net
        {number} NAPTR 100 2 "" "" "" .
        {number} NAPTR 100 3 "" "" "" {number}
        {number} NAPTR 100 4 "x" "" "" x.example.net
        {number} NAPTR 100 5 "u" "E2U+sip" "" y.example.net
        {number} NAPTR 100 6 "" "E2U+sip" "!.*!!" b.example.net
        b.example.net NAPTR 100 1 "u" "E2U+sip" "!^.*$!sip:b@example.com!" .
    """)
    found, simulation = enum(Network(answers, {}), Policy())
    assert [mapped.uri for mapped in uris_of(found)] == ["sip:b@example.com"]
    assert [asked.name for asked in simulation.asked] == [number, "a.example.net", "b.example.net"]
