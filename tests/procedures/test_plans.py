"""Plans: the same dice give the same order as the search that a plan was made of."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import walk, zone
from strategies import lasting_networks, policies, sources_of_machines, uris_of_one_domain

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.procedures.locate import locate
from sipresolve.procedures.plans import Plan
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import AddressOrder, Policy, Selection
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Source, Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strategies import Network


class Cached(dict[Question, Answer]):
    """Answers that the cache has, and that all else is not there."""

    @classmethod
    def of(cls, answers: Mapping[Question, Answer]) -> Cached:
        return cls((asked, evolve(each, source=Source.CACHE)) for asked, each in answers.items())

    def get(self, asked: Question, _default: object = None) -> Answer:
        """Of a mapping, this is all that is looked at."""
        if asked in self:
            return self[asked]
        return Answer(question=asked, status=Status.NODATA, ttl=60, source=Source.CACHE)


def search(
    answers: Mapping[Question, Answer], uri: str, policy: Policy, seed: int = 1, **more: Any
) -> tuple[tuple[Target, ...], Plan | None]:
    """The targets in order, and the plan of the search; more as of `locate`."""
    procedure = locate(SipUri.parse(uri), policy=policy, rng=Random(seed), prepare=True, **more)
    try:
        yielded, _ = walk(procedure, answers)
    except SipResolveError:
        return (), None
    plans = [item for item in yielded if isinstance(item, Plan)]
    targets = tuple(item for item in yielded if isinstance(item, Target))
    return targets, plans[0] if plans else None


@given(
    network=lasting_networks(),
    uri=uris_of_one_domain(),
    policy=policies(),
    sources=sources_of_machines,
    seed=st.integers(),
)
def test_the_same_dice_give_the_same_order(
    network: Network, uri: str, policy: Policy, sources: Sources, seed: int
) -> None:
    policy, answers = evolve(policy, budget=10_000), Cached.of(network.answers)
    _, plan = search(answers, uri, policy, sources=sources)
    if plan is None:
        return
    targets, _ = search(answers, uri, policy, seed, sources=sources)
    assert tuple(plan.targets(Random(seed))) == targets


SEVERAL = """
    _sip._udp.example.com SRV 1 2 5060 a.example.com
    _sip._udp.example.com SRV 1 1 5060 b.example.com
    _sip._udp.example.com SRV 1 0 5060 c.example.com
    _sip._udp.example.com SRV 1 0 5060 d.example.com
    _sip._udp.example.com SRV 2 0 5070 a.example.com
    _sip._udp.example.com SRV 2 0 5070 e.example.com
    _sip._tcp.example.com SRV 3 5 5060 b.example.com
    _sip._tcp.example.com SRV 3 5 5060 a.example.com
    a.example.com A 192.0.2.1
    a.example.com A 192.0.2.2
    a.example.com A 192.0.2.3
    a.example.com AAAA 2001:db8::1
    a.example.com AAAA 2001:db8::2
    b.example.com AAAA 2001:db8::3
    b.example.com AAAA fd00::3
    b.example.com A 192.0.2.4
    c.example.com A 192.0.2.5
    c.example.com A 192.0.2.6
    d.example.com A 192.0.2.7
"""
ONLY_ADDRESSES = "example.com A 192.0.2.1\nexample.com A 192.0.2.2\nexample.com AAAA 2001:db8::1"
BY_NAPTR = """
    example.com NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.example.com
    example.com NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.example.com
"""
ONLY_TCP = "_sip._tcp.example.com SRV 1 1 1 a.example.com\na.example.com A 192.0.2.1\n"
HERE = Sources(ipv6=SipUri.parse("sip:[2001:db8::9]").address)  # type: ignore[arg-type]  # it is

#: What has a plan, and how many targets that has.
PLANNED = [
    ("sip:example.com", SEVERAL, 24),
    ("sip:example.com", SEVERAL + BY_NAPTR, 24),
    ("sip:example.com;transport=tcp", SEVERAL, 8),
    # sets that are not there stand before, between and after those that are
    ("sip:example.com", ONLY_TCP, 1),
    ("sip:example.com", ONLY_TCP.replace("tcp", "udp"), 1),
    ("sip:example.com", ONLY_TCP + "_sip._udp.example.com SRV 0 0 0 .", 1),
    ("sip:example.com", ONLY_ADDRESSES, 3),
    ("sip:example.com:5070", ONLY_ADDRESSES, 3),
    ("sips:example.com", ONLY_ADDRESSES, 3),
    ("sip:a.example.com:5070", SEVERAL, 5),
]


@pytest.mark.parametrize(("uri", "records", "count"), PLANNED)
@pytest.mark.parametrize(
    "policy",
    [
        Policy(selection=selection, address_order=order)
        for selection in Selection
        for order in AddressOrder
    ],
    ids=lambda policy: f"{policy.selection} {policy.address_order}",
)
@pytest.mark.parametrize("sources", [NO_SOURCES, HERE], ids=["nowhere", "ipv6"])
def test_what_has_a_plan(
    uri: str, records: str, count: int, policy: Policy, sources: Sources
) -> None:
    answers = Cached.of(zone(records))
    _, plan = search(answers, uri, policy, sources=sources)
    assert plan is not None
    for seed in range(50):
        targets, _ = search(answers, uri, policy, seed, sources=sources)
        assert len(targets) == count
        assert tuple(plan.targets(Random(seed))) == targets


def test_who_wants_few_targets_throws_few_dice() -> None:
    """A host is drawn when its first target is asked for, so the rest costs nothing."""
    _, plan = search(Cached.of(zone(SEVERAL)), "sip:example.com", Policy())
    assert plan is not None
    eager, lazy = Random(1), Random(1)
    targets = tuple(plan.targets(eager))
    found = plan.targets(lazy)
    assert lazy.getstate() == Random(1).getstate()
    assert next(found) == targets[0]
    assert lazy.getstate() != eager.getstate()
    assert tuple(found) == targets[1:]
    assert lazy.getstate() == eager.getstate()


def test_without_dice_none_are_thrown() -> None:
    """RFC 3263 §4.4: a deterministic order."""
    policy = Policy(selection="stateless")
    _, plan = search(Cached.of(zone(SEVERAL)), "sip:example.com", policy)
    assert plan is not None
    dice = Random(1)
    before = dice.getstate()
    assert tuple(plan.targets(dice)) == tuple(plan.targets(dice))
    assert dice.getstate() == before


# RFC 2782, "Weight": "a relative weight for entries with the same priority. Larger weights SHOULD
# be given a proportionately higher probability of being selected."
def test_load_is_shared_by_weight() -> None:
    weights = {"192.0.2.1": 60, "192.0.2.2": 30, "192.0.2.3": 10}
    records = "\n".join(
        f"_sip._udp.example.com SRV 1 {weight} 5060 h{n}.example.com\nh{n}.example.com A {address}"
        for n, (address, weight) in enumerate(weights.items())
    )
    _, plan = search(Cached.of(zone(records)), "sip:example.com;transport=udp", Policy())
    assert plan is not None
    dice, draws = Random(1), 6000
    seen = Counter(str(next(plan.targets(dice)).address) for _ in range(draws))
    for address, weight in weights.items():
        # A 0 is one of 101 numbers, and selects any of the three.
        share = (weight + 1 / 3) / 101
        # Five standard deviations: the seed is fixed, so this never fails by chance.
        spread = 5 * (draws * share * (1 - share)) ** 0.5
        assert abs(seen[address] - draws * share) <= spread


def test_addresses_of_equal_rank_share_the_load() -> None:
    records = "\n".join(f"example.com A 192.0.2.{n}" for n in range(1, 5))
    _, plan = search(Cached.of(zone(records)), "sip:example.com:5060", Policy())
    assert plan is not None
    dice, draws = Random(1), 4000
    seen = Counter(next(plan.targets(dice)).address for _ in range(draws))
    spread = 5 * (draws * 0.25 * 0.75) ** 0.5
    assert all(abs(count - draws / 4) <= spread for count in seen.values())
    assert len(seen) == 4


def test_a_set_that_has_a_record_twice() -> None:
    """RFC 2181 §5 forbids it; where it is so, the dice are still the same."""
    records = zone("""
        _sip._udp.example.com SRV 1 1 5060 nowhere.example.com
        _sip._udp.example.com SRV 1 1 5060 nowhere.example.com
        _sip._udp.example.com SRV 1 1 5060 a.example.com
        _sip._udp.example.com SRV 1 1 5060 b.example.com
        a.example.com A 192.0.2.1
        b.example.com A 192.0.2.2
    """)
    answers, uri = Cached.of(records), "sip:example.com;transport=udp"
    _, plan = search(answers, uri, Policy())
    if plan is None:
        return
    for seed in range(50):
        assert tuple(plan.targets(Random(seed))) == search(answers, uri, Policy(), seed)[0]


# --- What has none

A1 = Question("a.example.com", RecordType.A)
NAPTR = Question("example.com", RecordType.NAPTR)
TCP_SET = Question("_sip._tcp.example.com", RecordType.SRV)


@pytest.mark.parametrize(
    ("asked", "change"),
    [
        (A1, {"source": Source.STALE}),
        (A1, {"source": Source.NETWORK}),
        (A1, {"source": Source.ADDITIONAL}),
        (A1, {"status": Status.SERVFAIL, "records": ()}),
        (A1, {"status": Status.TIMEOUT, "records": ()}),
        (A1, {"status": Status.UNASKED, "records": ()}),
        (A1, {"status": Status.BUSY, "records": ()}),
        (NAPTR, {"status": Status.SERVFAIL}),
        (NAPTR, {"source": Source.STALE}),
        (TCP_SET, {"status": Status.REFUSED, "records": ()}),
        (TCP_SET, {"source": Source.NETWORK}),
    ],
)
def test_where_one_answer_will_not_be_the_same(asked: Question, change: dict[str, Any]) -> None:
    answers = Cached.of(zone(SEVERAL))
    assert search(answers, "sip:example.com", Policy())[1] is not None
    answers[asked] = evolve(answers.get(asked), **change)
    targets, plan = search(answers, "sip:example.com", Policy())
    assert targets
    assert plan is None


TWINS = """
    _sip._udp.example.com SRV 1 0 5060 a.example.com
    _sip._udp.example.com SRV 2 0 5060 b.example.com
    a.example.com A 192.0.2.1
    b.example.com A 192.0.2.1
    b.example.com A 192.0.2.2
"""


@pytest.mark.parametrize(
    ("records", "policy", "large"),
    [
        (TWINS, Policy(), False),
        (SEVERAL, Policy(allow_address=lambda address, _: str(address) != "192.0.2.3"), False),
        (SEVERAL, Policy(), True),
    ],
    ids=["twins", "refused", "large"],
)
def test_where_something_is_left_out_or_added(records: str, policy: Policy, *, large: bool) -> None:
    answers = Cached.of(zone(records))
    targets, plan = search(answers, "sip:example.com", policy, large=large)
    assert targets
    assert plan is None


def test_where_something_is_withheld() -> None:
    answers = Cached.of(
        {asked: evolve(each, security=Security.SECURE) for asked, each in zone(TWINS).items()}
    )
    answers[A1] = evolve(answers[A1], security=Security.INSECURE)
    targets, plan = search(answers, "sip:example.com;transport=udp", Policy(require_secure=True))
    assert len(targets) == 2
    assert plan is None


@pytest.mark.parametrize("uri", ["sip:192.0.2.1", "sip:[2001:db8::1]:5070", "sip:nowhere.example"])
def test_what_needs_no_plan(uri: str) -> None:
    """A numeric host asks nobody; and where nothing is, there is no plan to it."""
    assert search(Cached(), uri, Policy())[1] is None


def test_a_plan_is_made_on_request_only() -> None:
    """What else asks for a search would not know what to do with it."""
    procedure = locate(SipUri.parse("sip:example.com"), policy=Policy(), rng=Random(1))
    yielded, _ = walk(procedure, Cached.of(zone(SEVERAL)))
    assert not any(isinstance(item, Plan) for item in yielded)
