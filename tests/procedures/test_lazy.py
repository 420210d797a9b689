"""One target at a time: what is looked up ahead, what is waited for, and that nothing is lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Caller, Simulation, answer, question, zone
from strategies import (
    Network,
    callers,
    networks,
    policies,
    slow_networks,
    uris_of_one_domain,
    vias_of_one_domain,
)

from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Question
from sipresolve.vocabulary.targets import Resolution, Target

URI = "sip:example.com;transport=udp"
UDP_ONLY = Policy(transports=("udp",), families=("ipv4",), lifetime=60)

#: A caller who is busy for 32 s, as long as a transaction may take (RFC 3261 §17.1.1.2, timer B).
PATIENT = Caller(busy=32.0)


def hosts(letters: str, service: str = "_sip._udp") -> str:
    """The records of an SRV set of hosts of one letter each, in this order."""
    return "\n".join(
        f"{service}.example.com SRV {place} 0 5060 {letter}.example.com\n"
        f"{letter}.example.com A 192.0.2.{ord(letter)}"
        for place, letter in enumerate(letters)
    )


def simulation(
    records: str, delays: dict[str, float] | None = None, policy: Policy = UDP_ONLY
) -> Simulation:
    times = {question(text): delay for text, delay in (delays or {}).items()}
    return Simulation(zone(records), delays=times, policy=policy)


def addresses(letters: str, delay: float) -> dict[str, float]:
    """When the addresses of some hosts come."""
    return {f"{letter}.example.com A": delay for letter in letters}


def letters(found: Resolution) -> str:
    return "".join(target.host[0] for target in found.targets)


def letters_asked(asked: tuple[Question, ...]) -> str:
    return "".join(sorted(each.name[0] for each in asked if each.name[1:] == ".example.com"))


def codes(found: Resolution) -> list[str]:
    return [note.code for note in found.notes]


# --- What is looked up ahead


def test_the_first_target_comes_before_the_addresses_of_the_others_are_known() -> None:
    found = simulation(hosts("abc"), addresses("bc", 1.0))
    found.failover(URI, Caller(wants=1))
    [first] = found.handed_out
    assert first.target.host == "a.example.com"
    assert first.at == pytest.approx(0.04), "a round trip for SRV, and one for the addresses of a"


def test_the_next_four_hosts_are_looked_up_while_the_caller_is_busy() -> None:
    """Across SRV sets and transports."""
    records = hosts("abc") + "\n" + hosts("defgh", "_sip._tcp")
    found = simulation(records, policy=evolve(UDP_ONLY, transports=("udp", "tcp")))
    found.failover("sip:example.com", PATIENT)
    assert [(each.target.host[0], letters_asked(each.asked)) for each in found.handed_out] == [
        ("a", "abcde"),
        ("b", "abcdef"),
        ("c", "abcdefg"),
        ("d", "abcdefgh"),
        ("e", "abcdefgh"),
        ("f", "abcdefgh"),
        ("g", "abcdefgh"),
        ("h", "abcdefgh"),
    ]


def test_who_was_busy_does_not_wait() -> None:
    """What comes next was asked for before the caller turned to its target."""
    found = simulation(hosts("abcdefgh"), addresses("bcdefgh", 1.0))
    found.failover(URI, PATIENT)
    first, *others = [each.at for each in found.handed_out]
    assert others == [pytest.approx(first + 32.0 * place) for place in range(1, 8)]


def test_nothing_is_looked_up_ahead_without_speculation() -> None:
    found = simulation(hosts("abc"), policy=evolve(UDP_ONLY, speculation=False))
    found.failover(URI, PATIENT)
    assert [letters_asked(each.asked) for each in found.handed_out] == ["a", "ab", "abc"]


@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "in an event loop"])
def test_a_set_that_comes_while_the_caller_is_busy_is_looked_up_with_the_next_target(
    *, blocking: bool
) -> None:
    """The hosts of TCP are known as the caller turns to the second address of a."""
    records = f"{hosts('a')}\na.example.com A 192.0.2.1\n{hosts('bc', '_sip._tcp')}"
    policy = evolve(UDP_ONLY, transports=("udp", "tcp"))
    found = simulation(records, {"_sip._tcp.example.com SRV": 1.0}, policy)
    found.failover("sip:example.com", Caller(busy=32.0, blocking=blocking))
    assert [(each.target.host[0], letters_asked(each.asked)) for each in found.handed_out] == [
        ("a", "a"),
        ("a", "abc"),
        ("b", "abc"),
        ("c", "abc"),
    ]


def test_who_needs_no_more_gives_back_what_is_in_flight() -> None:
    found = simulation(hosts("abc"), addresses("c", 1.0))
    resolution = found.failover(URI, Caller(busy=0.5, wants=2))
    assert letters(resolution) == "ab"
    assert found.given_back == (question("c.example.com A"),)


# --- The lifetime


@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "in an event loop"])
@pytest.mark.parametrize("speculation", [True, False], ids=["speculating", "frugal"])
def test_the_time_that_a_caller_is_busy_does_not_count(
    *, blocking: bool, speculation: bool
) -> None:
    """Every target comes, of however many, be the lifetime 5 s and the caller busy for 32 s."""
    udp, tcp = "abcdefghij", "klmnopqrst"
    policy = Policy(transports=("udp", "tcp"), lifetime=5.0, speculation=speculation)
    found = simulation(
        hosts(udp) + "\n" + hosts(tcp, "_sip._tcp"), addresses(udp + tcp, 1.0), policy
    )
    resolution = found.failover("sip:example.com", Caller(busy=32.0, blocking=blocking))
    assert letters(resolution) == udp + tcp
    assert codes(resolution) == []


def test_each_target_has_a_lifetime_of_its_own() -> None:
    """Who wants all at once has one for the whole; without looking ahead that is soon spent."""
    policy = evolve(UDP_ONLY, lifetime=5.0, speculation=False)
    found = simulation(hosts("abcde"), addresses("abcde", 2.0), policy)
    assert letters(found.resolve(URI)) == "a"
    assert letters(found.failover(URI)) == "abcde"


def test_what_was_asked_in_the_lifetime_of_one_target_may_come_in_that_of_the_next() -> None:
    found = simulation(
        hosts("ab"), {**addresses("a", 2.4), **addresses("b", 2.6)}, evolve(UDP_ONLY, lifetime=5.0)
    )
    assert letters(found.failover(URI)) == "ab"


def test_nobody_waits_for_longer_than_a_lifetime() -> None:
    found = simulation(hosts("abc"), addresses("bc", NEVER), evolve(UDP_ONLY, lifetime=5.0))
    resolution = found.failover(URI, PATIENT)
    assert letters(resolution) == "a"
    assert codes(resolution) == ["address-failed"] * 2
    assert 32.0 < found.now <= 0.04 + 32.0 + 5.0


# --- Who is late

BOTH = Policy(transports=("udp",), lifetime=60)
DUAL = f"""
    {hosts("abc")}
    a.example.com AAAA 2001:db8::97
    b.example.com AAAA 2001:db8::98
    c.example.com AAAA 2001:db8::99
"""
A4, A6, B4, B6, C4, C6 = (
    f"{letter}.example.com {kind}" for letter in "abc" for kind in ("A", "AAAA")
)


def families(found: Resolution) -> str:
    """``a6`` is the IPv6 address of host a."""
    return " ".join(f"{target.host[0]}{target.address.version}" for target in found.targets)


# The addresses of the SRV set are asked for at 0.02 s and come at 0.04 s, but for what is said.
@pytest.mark.parametrize(
    ("why", "delays", "expected", "at"),
    [
        ("nobody is late", {}, "a6 a4 b6 b4 c6 c4", 0.04),
        ("a host within 250 ms", {A4: 0.26, A6: 0.26}, "a6 a4 b6 b4 c6 c4", 0.28),
        ("a host after 250 ms", {A4: 0.40, A6: 0.42}, "b6 b4 c6 c4 a4 a6", 0.44),
        ("a host after far more than the 500 ms of who wants all at once",
         {A4: 9.0, A6: 9.0}, "b6 b4 c6 c4 a6 a4", 9.02),
        ("two hosts: as they come", {A4: 1.0, A6: 1.0, B4: 0.8, B6: 0.8},
         "c6 c4 b6 b4 a6 a4", 1.02),
        ("two hosts, family by family: as they come", {A4: 1.0, A6: 0.7, B4: 0.8, B6: 1.1},
         "c6 c4 a6 b4 a4 b6", 1.12),
        ("a family", {A6: 3.0}, "a4 b6 b4 c6 c4 a6", 3.02),
        ("two families", {A6: 3.0, B4: 2.0}, "a4 b6 c6 c4 b4 a6", 3.02),
    ],
)  # fmt: skip
def test_who_is_late_comes_last_and_is_waited_for(
    why: str, delays: dict[str, float], expected: str, at: float
) -> None:
    found = simulation(DUAL, delays, BOTH)
    assert families(found.failover(URI)) == expected, why
    assert found.now == pytest.approx(at), why


@pytest.mark.parametrize("busy", [0.0, 0.15, 0.25, 0.5, 32.0])
@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "in an event loop"])
@pytest.mark.parametrize(
    "delays",
    [
        {A4: 1.0, A6: 1.0, B4: 0.8, B6: 0.8},
        {A4: 0.8, A6: 0.8, B4: 1.0, B6: 1.0},
        {A4: 1.0, A6: 0.8},
        {A6: 1.2, B6: 1.0, C6: 0.8},
    ],
)
def test_who_is_late_is_not_lost_while_the_caller_is_busy_with_another_who_was(
    busy: float, delays: dict[str, float], *, blocking: bool
) -> None:
    resolution = simulation(DUAL, delays, BOTH).failover(URI, Caller(busy, blocking=blocking))
    assert sorted(families(resolution).split()) == ["a4", "a6", "b4", "b6", "c4", "c6"]
    assert "target-named-before" not in codes(resolution), "nor is it offered twice"


def test_who_is_late_and_never_comes_is_a_note() -> None:
    resolution = simulation(hosts("abc"), addresses("a", NEVER)).failover(URI)
    assert letters(resolution) == "bc"
    assert codes(resolution) == ["host-late", "address-failed"]


def test_however_many_hosts_are_silent_the_one_behind_them_is_found() -> None:
    """The next four are looked up ahead: where all of these are silent, four are not enough."""
    delays = {**addresses("abcde", NEVER), **addresses("f", 1.3)}
    found = simulation(hosts("abcdef"), delays, evolve(UDP_ONLY, lifetime=5.0))
    assert letters(found.resolve(URI)) == "f"
    assert letters(found.failover(URI)) == "f"


def test_half_of_a_host_is_not_lost_with_the_other_half() -> None:
    resolution = simulation(DUAL, {A4: 2.0, A6: NEVER}, BOTH).failover(URI)
    assert families(resolution) == "b6 b4 c6 c4 a4"
    assert codes(resolution) == ["host-late", "address-failed"]


# --- What is asked


@pytest.mark.parametrize("ttl", [300, 0])
@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "in an event loop"])
def test_what_was_answered_while_the_caller_was_busy_is_not_asked_again(
    ttl: int, *, blocking: bool
) -> None:
    """A TTL of 0 is for "the transaction in progress", and that may take its time (RFC 1035)."""
    answers = {asked: evolve(known, ttl=ttl) for asked, known in zone(hosts("abcdefgh")).items()}
    found = Simulation(answers, policy=UDP_ONLY)
    resolution = found.failover(URI, Caller(busy=32.0, blocking=blocking))
    assert letters(resolution) == "abcdefgh"
    assert {*Counter(found.asked).values()} == {1}
    assert {target.ttl for target in resolution.targets} == {ttl}


def test_what_came_along_unasked_serves_to_the_end() -> None:
    """RFC 2782: the additional section of an SRV answer saves the questions for its hosts."""
    answers = zone(hosts("abc"))
    service = question("_sip._udp.example.com SRV")
    extra = tuple(answer(f"{each}.example.com A", f"192.0.2.{ord(each)}", ttl=0) for each in "abc")
    answers[service] = evolve(answers[service], additional=extra)
    found = Simulation(answers, policy=UDP_ONLY)
    assert letters(found.failover(URI, PATIENT)) == "abc"
    assert letters_asked(tuple(found.asked)) == ""


# --- What must always hold


def outcome(find: Any, *arguments: Any, **more: Any) -> Resolution | SipResolveError:
    try:
        found: Resolution = find(*arguments, **more)
    except SipResolveError as error:
        return error
    return found


def targets(found: Resolution | SipResolveError) -> tuple[Target, ...]:
    return () if isinstance(found, SipResolveError) else found.targets


def over(network: Network, policy: Policy) -> Simulation:
    return Simulation(network.answers, delays=network.delays, policy=policy)


@given(
    network=networks(late=False),
    uri=uris_of_one_domain(),
    policy=policies(),
    caller=callers(),
    seed=st.integers(),
)
def test_the_same_dice_give_the_same_order_one_by_one(
    network: Network, uri: str, policy: Policy, caller: Caller, seed: int
) -> None:
    """As long as no wait lapses."""
    policy = evolve(policy, budget=10_000)
    at_once = outcome(over(network, policy).resolve, uri, seed)
    one_by_one = outcome(over(network, policy).failover, uri, caller, seed)
    assert targets(one_by_one) == targets(at_once)
    assert getattr(one_by_one, "code", None) == getattr(at_once, "code", None)


@given(
    network=networks(late=False),
    via=vias_of_one_domain(),
    policy=policies(),
    caller=callers(),
    seed=st.integers(),
)
def test_the_same_dice_give_the_same_order_one_by_one_for_a_response(
    network: Network, via: str, policy: Policy, caller: Caller, seed: int
) -> None:
    policy = evolve(policy, budget=10_000)
    at_once = outcome(over(network, policy).respond, via, seed)
    one_by_one = outcome(over(network, policy).failover_response, via, caller, seed)
    assert targets(one_by_one) == targets(at_once)
    assert getattr(one_by_one, "code", None) == getattr(at_once, "code", None)


@given(
    network=networks(),
    uri=uris_of_one_domain(),
    policy=policies(),
    caller=callers(),
    large=st.booleans(),
)
def test_no_target_comes_twice_and_none_is_lost(
    network: Network, uri: str, policy: Policy, caller: Caller, *, large: bool
) -> None:
    """Whatever is late: who takes one at a time has at least what who takes all at once has."""
    policy = evolve(policy, budget=10_000, lifetime=60)
    at_once = targets(outcome(over(network, policy).resolve, uri, large=large))
    one_by_one = targets(outcome(over(network, policy).failover, uri, caller, large=large))

    def places(found: tuple[Target, ...]) -> Counter[Any]:
        return Counter((t.transport, t.address, t.port) for t in found)

    assert {*places(one_by_one).values()} <= {1}
    assert places(one_by_one) >= places(at_once)


@given(network=slow_networks(), caller=callers())
def test_every_host_that_is_late_comes_in_the_end(network: Network, caller: Caller) -> None:
    resolution = over(network, UDP_ONLY).failover(URI, caller)
    coming = [asked.name for asked, delay in network.delays.items() if delay < NEVER]
    assert sorted(target.host for target in resolution.targets) == coming


@given(network=networks(), uri=uris_of_one_domain(), policy=policies(), caller=callers())
def test_it_keeps_its_budget_and_its_lifetimes(
    network: Network, uri: str, policy: Policy, caller: Caller
) -> None:
    found = over(network, policy)
    outcome(found.failover, uri, caller)
    assert len(found.asked) <= policy.budget
    assert len(set(found.asked)) == len(found.asked), "nothing is asked twice"
    came_back = [0.0, *(each.at + caller.busy for each in found.handed_out)]
    next_at = [*(each.at for each in found.handed_out), found.now]
    for since, at in zip(came_back, next_at, strict=True):
        assert at - since <= policy.lifetime + 1e-9
