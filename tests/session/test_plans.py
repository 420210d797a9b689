"""Prepared plans of a resolver: a repeated call is a look-up and a draw, and nothing else differs.

The first call of a name is cold; the second finds all in the cache, and makes the plan; the third
goes by it.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Caller, Simulation, question, zone
from strategies import (
    consistent_networks,
    lasting_networks,
    policies,
    sources_of_machines,
    uris_of_one_domain,
)

from sipresolve.procedures.addresses import Sources
from sipresolve.session.plans import Plans, Prepared, key_of
from sipresolve.session.session import Session
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, Security, Source, Status
from sipresolve.vocabulary.targets import Resolution
from sipresolve.vocabulary.uri import SipUri

URI = "sip:example.com"
RECORDS = """
    _sip._udp.example.com SRV 1 3 5060 a.example.com
    _sip._udp.example.com SRV 1 1 5060 b.example.com
    _sip._udp.example.com SRV 2 0 5060 c.example.com
    a.example.com A 192.0.2.1
    a.example.com A 192.0.2.2
    b.example.com A 192.0.2.3
    c.example.com A 192.0.2.4
"""
IPV4 = Policy(families=("ipv4",), transports=("udp",))
SRV, A = question("_sip._udp.example.com SRV"), question("a.example.com A")
NAPTR = question("example.com NAPTR")
NO_NAPTR = {NAPTR: Answer(question=NAPTR, status=Status.NODATA, ttl=300)}


def simulated(
    answers: Any = RECORDS, policy: Policy = IPV4, caching: CachePolicy | None = None, **more: Any
) -> Simulation:
    """Calls that share a session."""
    answers = NO_NAPTR | zone(answers) if isinstance(answers, str) else dict(answers)
    return Simulation(answers, policy=policy, shared=Session(policy, caching), **more)


def found_plan(simulation: Simulation, uri: str = URI) -> Prepared | None:
    """The plan that a call would go by now."""
    assert simulation.shared is not None
    key = key_of(SipUri.parse(uri), simulation.policy)
    return simulation.shared.plans.find(key, simulation.now)


def by_plan(simulation: Simulation, uri: str = URI, seed: int = 1) -> Resolution:
    """What a call gets that goes by a plan."""
    way = found_plan(simulation, uri)
    assert way is not None
    return way.resolve(SipUri.parse(uri), Random(seed), simulation.now)


def prepared(*given: Any, uri: str = URI, **more: Any) -> Simulation:
    """Two calls have been made, so there is a plan."""
    simulation = simulated(*given, **more)
    simulation.resolve(uri)
    assert found_plan(simulation, uri) is None, "who asks the network is not ready yet"
    simulation.resolve(uri)
    assert found_plan(simulation, uri) is not None
    return simulation


def outcome(call: Any, *given: Any, **more: Any) -> tuple[Any, ...]:
    """The targets in order, or the code of the error."""
    try:
        return call(*given, **more).targets  # type: ignore[no-any-return]
    except SipResolveError as error:
        return (error.code,)


# --- The same as without


@given(
    network=lasting_networks() | consistent_networks(),
    uri=uris_of_one_domain(),
    policy=policies(),
    sources=sources_of_machines,
    seed=st.integers(),
)
def test_the_same_seed_gives_the_same_order_with_a_plan_and_without(
    network: Any, uri: str, policy: Policy, sources: Sources, seed: int
) -> None:
    policy = evolve(policy, budget=10_000)
    simulation = simulated(network.answers, policy, sources=sources)
    cold = outcome(simulation.resolve, uri, seed)
    assert outcome(simulation.resolve, uri, seed) == cold
    assert outcome(simulation.failover, uri, Caller(), seed) == cold
    if (way := found_plan(simulation, uri)) is not None:
        subject, now = SipUri.parse(uri), simulation.now
        assert way.resolve(subject, Random(seed), now).targets == cold
        assert tuple(way.plan.targets(Random(seed))) == cold


@given(
    network=lasting_networks() | consistent_networks(),
    uri=uris_of_one_domain(),
    policy=policies(),
)
def test_what_is_told_of_it_is_the_same(network: Any, uri: str, policy: Policy) -> None:
    simulation = simulated(network.answers, evolve(policy, budget=10_000))
    try:
        simulation.resolve(uri)
        warm = simulation.resolve(uri)
    except SipResolveError:
        return
    if found_plan(simulation, uri) is None:
        return
    ready = by_plan(simulation, uri)
    assert ready == evolve(warm, queries=ready.queries, expires_in=ready.expires_in)
    assert ready.expires_in is not None
    assert warm.expires_in is not None
    assert warm.expires_in - 1 <= ready.expires_in <= warm.expires_in
    assert {query.question for query in ready.queries} == {q.question for q in warm.queries}
    used = [query.answer for query in ready.queries if query.answer is not None]
    assert {answer.source for answer in used} <= {Source.CACHE}


def test_a_cached_call_asks_nobody_and_takes_no_time() -> None:
    simulation = prepared()
    asked, now = len(simulation.asked), simulation.now
    resolution = by_plan(simulation)
    assert (len(simulation.asked), simulation.now) == (asked, now)
    assert [query.answer and query.answer.source for query in resolution.queries] == (
        [Source.CACHE] * len(resolution.queries)
    )
    assert resolution.queries
    assert resolution.security is Security.INDETERMINATE


def test_the_subject_is_that_of_the_call() -> None:
    simulation = prepared()
    way = found_plan(simulation)
    assert way is not None
    bob = SipUri.parse("sip:bob@example.com")
    assert way.resolve(bob, Random(1), simulation.now).subject is bob


def test_it_says_for_how_long_it_still_holds() -> None:
    simulation = prepared()
    first = by_plan(simulation)
    assert first.expires_in is not None
    assert 299 <= first.expires_in <= 300
    simulation.pass_time(100.0)
    assert by_plan(simulation).expires_in == first.expires_in - 100


def test_it_holds_for_a_week_at_most() -> None:
    """RFC 8767 §4: a TTL is no longer than that, whatever the cache may keep."""
    simulation = simulated(uri_records(ttl=2**21), caching=CachePolicy(longest_ttl=10**7))
    for _ in range(2):
        assert simulation.resolve("sip:example.com:5060").expires_in == 604_800
    assert by_plan(simulation, "sip:example.com:5060").expires_in == 604_800


def uri_records(ttl: int) -> dict[Question, Answer]:
    asked = question("example.com A")
    return {asked: evolve(zone("example.com A 192.0.2.1")[asked], ttl=ttl)}


def test_ttls_of_targets_are_as_received() -> None:
    simulation = prepared()
    simulation.pass_time(100.0)
    assert {target.ttl for target in by_plan(simulation).targets} == {300}


WARNED = (
    RECORDS
    + """
    _sip._udp.example.com SRV 3 0 0 a.example.com
    _sip._udp.example.com SRV 3 0 5060 nowhere.example.com
    example.com NAPTR 10 10 "a" "SIP+D2U" "" a.example.com
"""
)


def test_warnings_are_given_again() -> None:
    simulation = simulated(WARNED)
    cold = simulation.resolve(URI)
    simulation.resolve(URI)
    ready = by_plan(simulation)
    assert set(ready.notes) == set(cold.notes)
    assert len(ready.warnings) == 3


def test_a_deprecated_transport_is_warned_of_each_time() -> None:
    policy = Policy(transports=("tls",))
    records = "_sips._tcp.example.com SRV 1 1 5061 a.example.com\na.example.com A 192.0.2.1"
    simulation = prepared(records, policy, uri="sip:example.com;transport=tls")
    ready = by_plan(simulation, "sip:example.com;transport=tls")
    assert [note.code for note in ready.warnings] == ["transport-deprecated"]


def test_sips_that_vanished_is_warned_of_with_a_plan_as_well() -> None:
    """RFC 3263 §7: "it is a sign of a potential attack"."""
    simulation = simulated(RECORDS + 'example.com NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.x.example')
    assert codes(simulation.resolve(URI)) == []
    simulation.answers |= NO_NAPTR  # type: ignore[operator]  # it is a dict
    simulation.pass_time(400.0)
    for _ in ("from the network", "from the cache"):
        assert "sips-naptr-vanished" in codes(simulation.resolve(URI))
    assert "sips-naptr-vanished" in codes(by_plan(simulation))


def test_records_that_are_left_out_are_warned_of_with_a_plan_as_well() -> None:
    simulation = prepared(RECORDS, evolve(IPV4, records=2))
    assert codes(by_plan(simulation)) == ["records-left-out"]
    assert len(by_plan(simulation).targets) == 3


def codes(resolution: Resolution) -> list[str]:
    return [note.code for note in resolution.warnings]


# --- For whom it is used

SAME = [
    "sip:alice@example.com",
    "sip:alice:secret@example.com",
    "SIP:EXAMPLE.COM",
    "sip:example.com.",
    "sip:example.com;lr",
    "sip:example.com;user=phone",
    "sip:+442079460123@example.com;user=phone",
    "sip:example.com;method=INVITE",
    "sip:example.com;ttl=5",
    "sip:example.com;unknown=1",
    "sip:example.com?subject=x",
    "sip:sbc.example.net;maddr=example.com",
    "sip:sbc.example.net;MADDR=Example.COM.",
]
OTHERS = [
    "sips:example.com",
    "sip:example.com:5060",
    "sip:example.com;transport=udp",
    "sip:example.com;transport=tcp",
    "sip:example.net",
    "sip:a.example.com",
    "sip:example.com;maddr=example.org",
    "sip:192.0.2.1",
]


@pytest.mark.parametrize("uri", SAME)
def test_what_is_located_in_the_same_way(uri: str) -> None:
    """RFC 3263 §4: TARGET, port, transport and scheme are all that it looks at."""
    policy = Policy()
    assert key_of(SipUri.parse(uri), policy) == key_of(SipUri.parse(URI), policy)
    assert by_plan(prepared(), uri).targets == by_plan(prepared()).targets


@pytest.mark.parametrize("uri", OTHERS)
def test_what_is_located_in_another_way(uri: str) -> None:
    policy = Policy()
    assert key_of(SipUri.parse(uri), policy) != key_of(SipUri.parse(URI), policy)
    assert found_plan(prepared(), uri) is None


def test_no_two_of_them_are_located_in_the_same_way() -> None:
    assert len({key_of(SipUri.parse(uri), Policy()) for uri in OTHERS}) == len(OTHERS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:example.com;transport=tcp", "sip:bob@EXAMPLE.com;lr;Transport=TCP"),
        ("sip:example.com;transport=tcp", "sip:example.com;transport=%74cp"),
        ("sip:example.com:5070", "sip:bob@example.com:05070"),
        ("sips:example.com", "SIPS:bob@example.com;ob"),
    ],
)
def test_spelling_does_not_count(one: str, other: str) -> None:
    assert key_of(SipUri.parse(one), IPV4) == key_of(SipUri.parse(other), IPV4)


@pytest.mark.parametrize(
    "change",
    [
        {"transports": ("tcp", "udp")},
        {"transports": ("udp", "tcp")},
        {"families": ("ipv4", "ipv6")},
        {"selection": "stateless"},
        {"address_order": "interleaved"},
        {"naptr_order": "relaxed"},
        {"on_naptr_failure": "fail"},
        {"opportunistic_tls": True},
        {"require_secure": True},
        {"dnssec": "trust-ad"},
        {"records": 1},
        {"allow_address": lambda _address, _host: True},
        {"allow_name": lambda _name: True},
    ],
)
def test_another_policy_has_plans_of_its_own(change: dict[str, Any]) -> None:
    simulation = prepared()
    simulation.policy = evolve(IPV4, **change)
    assert found_plan(simulation) is None
    simulation.policy = Policy(families=["ipv4"], transports=["udp"])
    assert found_plan(simulation) is not None, "an equal policy is the same"


# --- When it ends


def test_it_ends_with_the_first_answer_that_expires() -> None:
    caching = CachePolicy(refresh_ahead=0)
    for asked in (SRV, A):
        simulation = simulated(caching=caching)
        simulation.answers[asked] = evolve(simulation.answers[asked], ttl=20)  # type: ignore[index]
        simulation.resolve(URI)
        simulation.resolve(URI)
        simulation.pass_time(19.9 - simulation.now)
        assert by_plan(simulation).expires_in == 0
        simulation.pass_time(0.2)
        assert found_plan(simulation) is None


def test_it_ends_with_an_absence_too() -> None:
    """RFC 2308 §5: that there is no NAPTR holds no longer than it says."""
    simulation = simulated(caching=CachePolicy(refresh_ahead=0))
    simulation.answers[NAPTR] = Answer(question=NAPTR, status=Status.NODATA, ttl=7)  # type: ignore[index]
    simulation.resolve(URI)
    simulation.resolve(URI)
    simulation.pass_time(6.9 - simulation.now)
    assert found_plan(simulation) is not None
    simulation.pass_time(0.2)
    assert found_plan(simulation) is None


def test_it_ends_when_an_answer_is_to_be_refreshed() -> None:
    """Else nobody would notice that it is in use, and all would wait in the end."""
    simulation = prepared()
    simulation.pass_time(269.9 - simulation.now)
    assert found_plan(simulation) is not None
    simulation.pass_time(0.2)
    assert found_plan(simulation) is None
    asked = len(simulation.asked)
    simulation.resolve(URI)
    assert len(simulation.asked) > asked, "in the background"
    assert found_plan(simulation) is not None, "and until they expire, they hold"
    simulation.pass_time(31.0)
    assert found_plan(simulation) is None


@pytest.mark.parametrize("name", [None, "a.example.com", "A.Example.COM."])
def test_it_ends_with_a_flush(name: str | None) -> None:
    simulation = prepared()
    simulation.shared.flush(name)  # type: ignore[union-attr]  # it is there
    assert found_plan(simulation) is None


def test_it_ends_when_the_nameservers_are_others() -> None:
    simulation = prepared()
    session = simulation.shared
    assert session is not None
    session.look_through("192.0.2.53")
    assert found_plan(simulation) is None
    asked = len(simulation.asked)
    simulation.resolve(URI)
    assert len(simulation.asked) > asked, "other nameservers may see other names"
    simulation.resolve(URI)
    session.look_through("192.0.2.53")
    assert found_plan(simulation) is not None, "these are the same"


@pytest.mark.parametrize(
    "end", [lambda s: s.flush(), lambda s: s.flush("a.example.com"), lambda s: s.look_through(2)]
)
def test_a_call_that_began_before_that_makes_none(end: Any) -> None:
    """What it knows is what was to be forgotten."""
    simulation = prepared()
    session, now = simulation.shared, simulation.now
    assert session is not None
    subject, dice = SipUri.parse(URI), Random(1)
    run = session.locate(subject, IPV4, rng=dice, sources=Sources(), now=now, lazy=True)
    session.advance(run, now)
    end(session)
    while run.ended is None:
        run.come_back(now)
        session.advance(run, now)
    assert len(run.targets) == 4
    assert found_plan(simulation) is None


def test_a_call_that_ended_before_that_makes_none_either() -> None:
    simulation = prepared()
    session, now = simulation.shared, simulation.now
    assert session is not None
    run = session.locate(SipUri.parse(URI), IPV4, rng=Random(1), sources=Sources(), now=now)
    while run.ended is None:
        session.advance(run, now)
    session.flush()
    session.advance(run, now)
    session.leave(run)
    assert found_plan(simulation) is None


# --- What makes none


def test_without_a_cache_there_is_none() -> None:
    simulation = simulated(caching=CachePolicy(entries=0))
    for _ in range(3):
        simulation.resolve(URI)
    assert found_plan(simulation) is None
    assert simulation.asked.count(A) == 3


@pytest.mark.parametrize("caching", [CachePolicy(entries=0), CachePolicy()])
def test_what_another_cache_knows_makes_none(caching: CachePolicy) -> None:
    """A backend may have a cache of its own; how long its answers hold, only their TTL says."""
    answers = {
        asked: evolve(each, ttl=0, source=Source.CACHE)
        for asked, each in (NO_NAPTR | zone(RECORDS)).items()
    }
    simulation = simulated(answers, caching=caching)
    for calls in (1, 2, 3):
        simulation.resolve(URI)
        assert found_plan(simulation) is None
        assert simulation.asked.count(A) == calls


def test_where_none_are_wanted_the_cache_serves() -> None:
    simulation = simulated(caching=CachePolicy(plans=0))
    simulation.resolve(URI)
    asked = len(simulation.asked)
    simulation.resolve(URI)
    assert found_plan(simulation) is None
    assert len(simulation.asked) == asked


@pytest.mark.parametrize("asked", [SRV, A, NAPTR])
def test_what_has_no_life_makes_none(asked: Question) -> None:
    """RFC 1035 §3.2.1: TTL 0 serves the call that asked; of absences too."""
    simulation = simulated()
    known = simulation.answers.get(asked) or Answer(question=asked, status=Status.NODATA)
    simulation.answers[asked] = evolve(known, ttl=0)  # type: ignore[index]
    for calls in (1, 2, 3):
        simulation.resolve(URI)
        assert simulation.asked.count(asked) == calls
        assert found_plan(simulation) is None


@pytest.mark.parametrize(
    ("asked", "status"),
    [(A, Status.SERVFAIL), (A, Status.TIMEOUT), (A, Status.BOGUS), (NAPTR, Status.REFUSED)],
)
def test_what_failed_makes_none(asked: Question, status: Status) -> None:
    simulation = simulated()
    simulation.answers[asked] = Answer(question=asked, status=status)  # type: ignore[index]
    for _ in range(3):
        simulation.resolve(URI)
        assert found_plan(simulation) is None


@pytest.mark.parametrize("late", [A, NAPTR])
def test_what_was_late_makes_none(late: Question) -> None:
    simulation = simulated(delays={late: NEVER})
    for _ in range(3):
        simulation.resolve(URI)
        assert found_plan(simulation) is None


def test_what_is_stale_makes_none() -> None:
    simulation = prepared()
    simulation.answers[SRV] = Answer(question=SRV, status=Status.SERVFAIL)  # type: ignore[index]
    simulation.pass_time(301.0)
    for _ in range(3):
        resolution = simulation.resolve(URI)
        [source] = [q.answer.source for q in resolution.queries if q.question == SRV and q.answer]
        assert source is Source.STALE
        assert found_plan(simulation) is None


@pytest.mark.parametrize(
    "policy",
    [
        evolve(IPV4, allow_address=lambda address, _host: str(address) != "192.0.2.3"),
        evolve(IPV4, budget=5),
    ],
    ids=["refused", "budget"],
)
def test_what_is_left_out_makes_none(policy: Policy) -> None:
    simulation = simulated(policy=policy)
    for _ in range(3):
        assert simulation.resolve(URI).targets
        assert found_plan(simulation) is None


def test_twins_make_none() -> None:
    simulation = simulated(RECORDS + "c.example.com A 192.0.2.1")
    for _ in range(3):
        assert len(simulation.resolve(URI).targets) == 4
        assert found_plan(simulation) is None


def test_a_large_request_neither_makes_nor_spoils_one() -> None:
    """RFC 3261 §18.1.1."""
    simulation = simulated(policy=evolve(IPV4, transports=("udp", "tcp")))
    for _ in range(3):
        simulation.resolve(URI, large=True)
        assert found_plan(simulation) is None
    simulation.resolve(URI)
    assert {target.transport for target in by_plan(simulation).targets} == {"udp"}
    simulation.resolve(URI, large=True)
    assert {target.transport for target in by_plan(simulation).targets} == {"udp"}


def test_who_leaves_before_the_end_makes_none() -> None:
    simulation = simulated()
    simulation.resolve(URI)
    simulation.failover(URI, Caller(wants=1))
    assert found_plan(simulation) is None
    simulation.failover(URI)
    assert found_plan(simulation) is not None, "and who takes all does"


def test_an_error_makes_none() -> None:
    simulation = simulated("")
    for _ in range(3):
        with pytest.raises(SipResolveError):
            simulation.resolve(URI)
        assert found_plan(simulation) is None


# --- How many are kept


def test_the_oldest_is_given_up_first() -> None:
    uris = [f"sip:{host}.example.com:5060" for host in "abc"]
    simulation = simulated(caching=CachePolicy(plans=2))
    for uri in (*uris[:2], *uris[:2], uris[0], *[uris[2]] * 2):
        simulation.resolve(uri)
    kept = [found_plan(simulation, uri) is not None for uri in uris]
    assert kept == [True, False, True], "the first was made again after the second"


def test_what_they_need_is_bounded() -> None:
    """Of few plans with many targets, as of many with few."""
    hosts, addresses, domains = 10, 10, 6
    lines = []
    for domain in (f"d{n}.example" for n in range(domains)):
        for host in range(hosts):
            lines.append(f"_sip._udp.{domain} SRV 1 1 5060 h{host}.{domain}")
            lines += [f"h{host}.{domain} A 192.0.{host}.{n}" for n in range(addresses)]
    uris = [f"sip:d{n}.example;transport=udp" for n in range(domains)]
    caching = CachePolicy(octets=200_000)
    session = Session(evolve(IPV4, budget=1000), caching)
    simulation = Simulation(zone("\n".join(lines)), policy=session.policy, shared=session)
    for uri in uris:
        for _ in range(2):
            assert len(simulation.resolve(uri).targets) == hosts * addresses
        assert session.plans._octets <= caching.octets
    kept = [found_plan(simulation, uri) is not None for uri in uris]
    assert kept == [False] * 3 + [True] * 3, "the oldest were given up for the newest"
    session.flush()
    assert session.plans._octets == 0


def test_one_that_needs_more_than_there_is_is_not_kept() -> None:
    simulation = simulated(caching=CachePolicy(octets=4_000))
    for _ in range(3):
        simulation.resolve(URI)
        assert found_plan(simulation) is None
    assert simulation.shared.plans._octets == 0  # type: ignore[union-attr]  # it is there


def test_of_one_key_there_is_one() -> None:
    simulation = prepared(caching=CachePolicy(plans=2))
    for user in "abcdef":
        simulation.resolve(f"sip:{user}@example.com")
    plans = simulation.shared.plans  # type: ignore[union-attr]  # it is there
    assert len(plans._plans) == 1


def test_flushing_nothing() -> None:
    plans = Plans(CachePolicy())
    plans.flush()
    assert plans.find(key_of(SipUri.parse(URI), IPV4), 0.0) is None
