"""KeyTrap and its kin: what an attacker makes a proof do has an end, and others do not feel it.

CVE-2023-50387: many keys of one tag, many signatures, many DS records. CVE-2023-50868: many hashes.
"""

from __future__ import annotations

import hashlib
from base64 import b32hexencode
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import define, evolve
from signed_world import Lookups, World, Zone, a, name_data, srv

from sipresolve.session.proof import nsec3, zones
from sipresolve.session.proof.names import labels_of
from sipresolve.session.proof.work import (
    MOST_CHECKS_OF_A_SET,
    MOST_ITERATIONS,
    MOST_KEYS_OF_A_TAG,
    Work,
)
from sipresolve.vocabulary.evidence import Evidence, Labels, RrType, SignedSet
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import Answer, RecordType, Security, Status

MANY = 200
CHECKS = Work().checks
VAIN = Work().vain_checks
HASHES = Work().hashes
EVIL = labels_of("evil.com")
#: Checks that the chain of a name below a TLD takes: two RRsets of each zone above, and its own.
CHAIN = 6


def colliding(key: DnsKey, count: int) -> tuple[DnsKey, ...]:
    """Keys with the tag of another: what is added at one place is taken away at the next."""
    head = key.key[: len(key.key) // 2 * 2]
    made = []
    for number in range(1, count + 1):
        step = number.to_bytes(2, "big")
        words = bytearray(head + step + (0xFFFF - number).to_bytes(2, "big"))
        words += key.key[len(head) :]
        made.append(DnsKey(key.flags, key.protocol, key.algorithm, bytes(words)))
    return tuple(each for each in made if each.tag == made[0].tag)


def evil(**more: Any) -> Zone:
    """A zone with keys of one tag."""
    first = Zone("evil.com", public=b"the first key.").key
    keys = colliding(first, MANY)
    zone = Zone("evil.com", public=keys[0].key, more_keys=keys[1:], **more)
    zone.add("a.evil.com", RrType.A, a("192.0.2.66"))
    return zone.add("b.evil.com", RrType.A, a("192.0.2.67"))


def world(*zones_: Zone) -> World:
    example = Zone("example.com").add("a.example.com", RrType.A, a("192.0.2.1"))
    return World(Zone("."), Zone("com"), example, *zones_)


def is_of(zone: Labels) -> Callable[[SignedSet], bool]:
    return lambda found: found.owner[-len(zone) :] == zone


def flooding(
    change: Callable[[SignedSet], SignedSet], *, keys: bool = False, zone: Labels = EVIL
) -> Callable[[Answer], Answer]:
    """What an attacker does to RRsets of his zone."""

    def changed(sets: tuple[SignedSet, ...]) -> tuple[SignedSet, ...]:
        mine = is_of(zone)
        return tuple(
            change(each) if mine(each) and (keys or each.type not in _OF_KEYS) else each
            for each in sets
        )

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        return evolve(answer, evidence=Evidence(changed(shown.answers), changed(shown.authorities)))

    return tamper


_OF_KEYS = (RrType.DNSKEY, RrType.DS)


def wrongly(count: int) -> Callable[[SignedSet], SignedSet]:
    """Many signatures, none of which is right."""

    def change(found: SignedSet) -> SignedSet:
        made = [
            evolve(each, signature=number.to_bytes(4, "big"))
            for each in found.signatures
            for number in range(count)
        ]
        return evolve(found, signatures=tuple(made))

    return change


def test_the_keys_collide() -> None:
    keys = evil().more_keys
    assert len(keys) > 100
    assert {key.tag for key in keys} == {evil().key.tag}


# --- Keys and signatures


def test_many_keys_and_many_signatures() -> None:
    """KeyTrap itself: each key would be tried on each signature."""
    domain = world(evil())
    domain.tamper = flooding(wrongly(MANY))
    lookups = Lookups(domain)
    found = lookups.prove("a.evil.com A")
    assert (found.status, found.reason.code) == (Status.BOGUS, "too-much-work")
    assert lookups.crypto.checks <= CHAIN + MOST_CHECKS_OF_A_SET


def test_many_keys_and_one_signature() -> None:
    domain = world(evil())
    domain.tamper = flooding(wrongly(1))
    lookups = Lookups(domain)
    found = lookups.prove("a.evil.com A")
    assert (found.status, found.reason.code) == (Status.BOGUS, "bogus")
    assert lookups.crypto.checks <= CHAIN + MOST_KEYS_OF_A_TAG


def test_many_questions_of_one_call() -> None:
    """One check of each RRset is made; what goes beyond is counted over all of them."""
    zone = evil()
    names = [f"n{number}.evil.com" for number in range(50)]
    for name in names:
        zone.add(name, RrType.A, a("192.0.2.66"))
    domain = world(zone)
    domain.tamper = flooding(wrongly(MANY))
    lookups = Lookups(domain)
    answers = lookups.prove_all(*(f"{name} A" for name in names))
    assert {each.status for each in answers} == {Status.BOGUS}
    assert lookups.crypto.checks <= CHAIN + len(names) + VAIN


def test_keys_that_are_signed_in_vain() -> None:
    domain = world(evil())
    domain.tamper = flooding(wrongly(MANY), keys=True)
    lookups = Lookups(domain)
    assert lookups.prove("a.evil.com A").status is Status.BOGUS
    assert lookups.crypto.checks <= CHAIN + MOST_CHECKS_OF_A_SET


@define
class Counting:
    """What stands for `hashlib`, and counts."""

    made: int = 0

    def new(self, name: str, data: bytes) -> Any:
        self.made += 1
        return hashlib.new(name, data)


def test_many_ds_records_and_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each digest would be made of each key."""
    counting = Counting()
    monkeypatch.setattr(zones, "hashlib", SimpleNamespace(new=counting.new))
    tag = evil().key.tag
    vouchers = tuple(Ds(tag, 13, 2, number.to_bytes(32, "big")) for number in range(MANY))
    lookups = Lookups(world(evil(vouchers=vouchers)))
    found = lookups.prove("a.evil.com A")
    assert (found.status, found.reason.code) == (Status.BOGUS, "no-matching-key")
    assert counting.made <= 2 + 16 * MOST_KEYS_OF_A_TAG
    assert lookups.crypto.checks <= CHAIN


# --- Proofs of absence


def flood_of_nsec(zone: Zone, count: int) -> tuple[SignedSet, ...]:
    """NSEC records that are signed, and prove nothing."""
    sets = []
    for number in range(count):
        owner = labels_of(f"z{number:04}.{zone.name}")
        data = name_data(f"z{number:04}z.{zone.name}") + b"\0\1\x40"
        sets.append(zone.sign(SignedSet(owner, RrType.NSEC, 300, (data,)), owner))
    return tuple(sets)


def flood_of_nsec3(zone: Zone, count: int, iterations: int) -> tuple[SignedSet, ...]:
    """NSEC3 records with that many iterations, of which one proves that the zone exists."""
    sets = []
    apex = nsec3.hash_of(zone.apex, b"", iterations)
    for number in range(count):
        begin = apex if number == 0 else number.to_bytes(2, "big") * 10
        owner = (b32hexencode(begin).lower(), *zone.apex)
        end = number.to_bytes(2, "big") * 9 + b"\xff\xff"
        data = b"\1\0" + iterations.to_bytes(2, "big") + b"\0\x14" + end + b"\0\1\x40"
        sets.append(zone.sign(SignedSet(owner, RrType.NSEC3, 300, (data,)), owner))
    return tuple(sets)


def showing(sets: tuple[SignedSet, ...], name: str) -> Callable[[Answer], Answer]:
    """What shows some proof of absence below a name."""

    def tamper(answer: Answer) -> Answer:
        if not answer.question.name.endswith(name) or answer.question.type is not RecordType.A:
            return answer
        return evolve(answer, status=Status.NXDOMAIN, evidence=Evidence((), sets))

    return tamper


def test_many_nsec_records() -> None:
    zone = Zone("evil.com")
    domain = world(zone)
    domain.tamper = showing(flood_of_nsec(zone, 1_000), "evil.com")
    lookups = Lookups(domain)
    assert lookups.prove("nope.evil.com A").status is Status.BOGUS
    assert lookups.crypto.checks <= CHAIN + 12


def test_many_nsec_records_for_many_questions() -> None:
    """No absence takes more than three or four; what goes beyond that is counted."""
    zone = Zone("evil.com")
    domain = world(zone)
    domain.tamper = showing(flood_of_nsec(zone, 100), "evil.com")
    lookups = Lookups(domain)
    answers = lookups.prove_all(*(f"n{number}.evil.com A" for number in range(50)), "nope.com A")
    assert {each.status for each in answers[:-1]} == {Status.BOGUS}
    assert answers[-1].security is Security.SECURE
    assert lookups.crypto.checks <= CHAIN + 50 * 4 + VAIN + 3
    assert lookups.prove("n49.evil.com A").reason.code == "not-denied"


def test_absences_without_number_and_none_of_them_proven() -> None:
    """What is checked as a matter of course has an end as well; another call begins anew."""
    zone = Zone("evil.com")
    domain = world(zone)
    wrong = tuple(wrongly(1)(each) for each in flood_of_nsec(zone, 12))
    domain.tamper = showing(wrong, "evil.com")
    lookups = Lookups(domain, budget=400)
    answers = lookups.prove_all(*(f"n{number}.evil.com A" for number in range(300)))
    assert {each.status for each in answers} == {Status.BOGUS}
    assert lookups.crypto.checks == CHECKS
    assert lookups.prove("a.example.com A").security is Security.SECURE


def test_targets_without_number_whose_absence_none_proves() -> None:
    """The same where it is a domain that leads there, whatever that call asks."""
    zone, hosts = Zone("evil.com"), [f"h{number}.evil.com" for number in range(100)]
    zone.add("_sip._udp.evil.com", RrType.SRV, *(srv(1, 1, 5060, host) for host in hosts))
    domain = world(zone)
    wrong = tuple(wrongly(1)(each) for each in flood_of_nsec(zone, 12))

    def tamper(answer: Answer) -> Answer:
        if answer.question.type not in (RecordType.A, RecordType.AAAA):
            return answer
        return evolve(answer, status=Status.NODATA, evidence=Evidence((), wrong))

    domain.tamper = tamper
    lookups = Lookups(domain)
    run = lookups.locate("sip:evil.com;transport=udp")
    lookups.finish(run)
    assert lookups.crypto.checks <= CHECKS
    assert run.targets == []


@pytest.fixture(name="hashed")
def count_hashes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often SHA-1 was applied."""
    counted = [0]

    def sha1(data: bytes, *, usedforsecurity: bool) -> Any:
        counted[0] += 1
        return hashlib.sha1(data, usedforsecurity=usedforsecurity)  # noqa: S324 - as RFC 5155 has it

    monkeypatch.setattr(nsec3, "sha1", sha1)
    return counted


DEEP = ".".join(["x"] * 110) + ".evil.com"


def test_many_nsec3_records_and_long_names(hashed: list[int]) -> None:
    zone = Zone("evil.com")
    domain = world(zone)
    domain.tamper = showing(flood_of_nsec3(zone, 1_000, MOST_ITERATIONS), "evil.com")
    hashed[0] = 0
    lookups = Lookups(domain)
    found = lookups.prove(f"{DEEP} A")
    assert found.status is Status.BOGUS
    assert lookups.crypto.checks <= CHAIN + 12 + 2, "and that of a zone that was guessed wrong"
    assert hashed[0] <= HASHES
    answers = lookups.prove_all(*(f"y{number}.{DEEP[4:]} A" for number in range(20)))
    assert {each.reason.code for each in answers} == {"too-much-work"}
    assert hashed[0] <= 2 * HASHES, "of two calls"


def test_more_iterations_than_anybody_needs(hashed: list[int]) -> None:
    """RFC 9276 §3.2: they are not even begun, and the answer is insecure."""
    zone = Zone("evil.com")
    domain = world(zone)
    domain.tamper = showing(flood_of_nsec3(zone, 1_000, 2_500), "evil.com")
    hashed[0] = 0
    found = Lookups(domain).prove(f"{DEEP} A")
    assert (found.security, found.reason.code) == (Security.INSECURE, "too-many-iterations")
    assert hashed[0] == 0


def test_a_proof_is_checked_once_for_all_aliases() -> None:
    """Each is made of a wildcard, and has to be proven so."""
    zone = Zone("evil.com")
    for number in range(8):
        zone.add(f"*.w{number}.evil.com", RrType.CNAME, name_data(f"x.w{number + 1}.evil.com"))
    zone.add("*.w8.evil.com", RrType.A, a("192.0.2.66"))
    domain = world(zone)
    more = flood_of_nsec(zone, 1_000)

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        is_leaf = answer.question.type is RecordType.A
        return (
            evolve(answer, evidence=Evidence(shown.answers, (*more, *shown.authorities)))
            if is_leaf
            else answer
        )

    domain.tamper = tamper
    lookups = Lookups(domain)
    assert lookups.prove("x.w0.evil.com A").status is Status.BOGUS
    assert lookups.crypto.checks <= CHAIN + 8 + 12


# --- Questions


@pytest.mark.parametrize("length", [5, 30, 110])
def test_signers_that_are_no_zones(length: int) -> None:
    """What a proof asks grows with the labels of a name, and no faster."""
    zone = Zone("evil.com")
    name = ".".join(["x"] * length) + ".evil.com"
    zone.add(name, RrType.A, a("192.0.2.66"))
    domain = world(zone)

    def tamper(answer: Answer) -> Answer:
        asked = labels_of(answer.question.name)

        def change(found: SignedSet) -> SignedSet:
            deeper = [zone.signature(found, found.owner, signer=asked[at:]) for at in range(3)]
            return evolve(found, signatures=(*deeper, *found.signatures))

        return flooding(change, keys=True)(answer)

    domain.tamper = tamper
    lookups = Lookups(domain)
    assert lookups.prove(f"{name} A").security is Security.BOGUS
    assert len(lookups.asked) <= 2 * length + 10
    assert len(lookups.asked) == len(set(lookups.asked))
    assert lookups.crypto.checks <= 20


ROUNDS: list[tuple[str, int]] = [
    ("b.evil.com", 1),
    ("x.b.evil.com", 1),
    (".".join(["x"] * 29) + ".evil.com", 2),
    ("_sip._udp.evil.com", 2),
    ("_sip._udp." + ".".join(["x"] * 27) + ".evil.com", 3),
]


@pytest.mark.parametrize(("name", "rounds"), ROUNDS)
def test_how_many_rounds_it_takes_that_something_is_not_signed(name: str, rounds: int) -> None:
    """Each label may be a delegation: the probable ones, those below, and names like ``_sip``."""
    zone = Zone("evil.com")
    zone.add(name, RrType.SRV, srv(1, 1, 5060, "a.evil.com"))
    domain = world(zone)
    domain.tamper = flooding(lambda found: evolve(found, signatures=()) if is_srv(found) else found)
    lookups = Lookups(domain)
    found = lookups.prove(f"{name} SRV")
    assert (found.status, found.reason.code) == (Status.BOGUS, "no-signature")
    assert len(lookups.rounds) == rounds
    assert len(lookups.asked) == len(set(lookups.asked))


def is_srv(found: SignedSet) -> bool:
    return found.type == RrType.SRV


@pytest.mark.parametrize("kind", ["DNSKEY", "DS"])
@pytest.mark.parametrize(("labels", "is_too_deep"), [(32, False), (33, True), (120, True)])
def test_no_zone_is_that_deep(kind: str, labels: int, *, is_too_deep: bool) -> None:
    """A chain has two questions for each label, and nobody has such a chain."""
    name = ".".join(["x"] * (labels - 2)) + ".evil.com"
    lookups = Lookups(world(Zone("evil.com")))
    found = lookups.prove(f"{name} {kind}")
    assert (found.status is Status.BOGUS) is is_too_deep
    assert (found.reason.code == "too-much-work") is is_too_deep
    assert bool(lookups.asked) is not is_too_deep


def test_a_host_may_be_deeper_than_a_zone() -> None:
    """RFC 1035 §2.3.4 bounds a name by its octets only; 6.4.e164.arpa has such names."""
    name = ".".join(["x"] * 100) + ".evil.com"
    lookups = Lookups(world(Zone("evil.com").add(name, RrType.A, a("192.0.2.66"))))
    assert lookups.prove(f"{name} A").security is Security.SECURE


def test_a_name_of_many_labels_without_a_signature() -> None:
    """Each of them may be a delegation, as far down as there are zones."""
    zone = Zone("evil.com")
    name = ".".join(["x"] * 110) + ".evil.com"
    zone.add(name, RrType.A, a("192.0.2.66"))
    domain = world(zone)
    domain.tamper = flooding(lambda found: evolve(found, signatures=()))
    lookups = Lookups(domain)
    found = lookups.prove(f"{name} A")
    assert (found.status, found.security) == (Status.BOGUS, Security.BOGUS)
    assert len(lookups.asked) <= 2 * 110 + 10


# --- Others


def exhausted() -> World:
    """A world in which the addresses of evil.com use up all that a call may spend."""
    zone = evil()
    names = [f"n{number}.evil.com" for number in range(10)]
    for name in names:
        zone.add(name, RrType.A, a("192.0.2.66"))
    domain = world(zone, twins(), Zone("other.com").add("a.other.com", RrType.A, a("192.0.2.2")))
    domain.tamper = flooding(wrongly(MANY))
    return domain


def twins() -> Zone:
    """A healthy zone, two of whose keys happen to have one tag: one check is in vain."""
    key = Zone("twins", public=b"one of two keys.").key
    first, second = sorted(colliding(key, 2), key=lambda each: each.data)
    zone = Zone("twins.com", public=second.key, more_keys=(first,))
    zone.add("a.twins.com", RrType.A, a("192.0.2.3"))
    return zone


ATTACK = [f"n{number}.evil.com A" for number in range(10)]


def test_neighbours_are_proven_in_the_same_call() -> None:
    lookups = Lookups(exhausted())
    answers = lookups.prove_all(*ATTACK, "a.example.com A", "nope.other.com A", "a.other.com A")
    assert {each.status for each in answers[:10]} == {Status.BOGUS}
    assert {each.security for each in answers[10:]} == {Security.SECURE}


def test_neighbours_are_proven_in_parallel_calls() -> None:
    lookups = Lookups(exhausted())
    attacked, healthy = lookups.ask(*ATTACK), lookups.ask("a.example.com A", "a.other.com A")
    asked = (*lookups.advance(attacked), *lookups.advance(healthy))
    lookups.answer(*asked)
    lookups.finish(attacked, healthy)
    assert healthy.ended is not None
    assert {each.security for each in healthy.ended.used} == {Security.SECURE}


def test_keys_that_a_spent_call_could_not_prove_are_proven_by_others() -> None:
    """What one call has wasted is not remembered against the zone."""
    lookups = Lookups(exhausted())
    attacked = lookups.ask(*ATTACK, "a.twins.com A")
    lookups.finish(attacked)
    assert attacked.ended is not None
    assert attacked.work.is_spent
    lost = attacked.ended.used[-1]
    assert (lost.status, lost.reason.code) == (Status.BOGUS, "too-much-work")
    found = lookups.prove("a.twins.com A")
    assert (found.status, found.security) == (Status.OK, Security.SECURE)


def test_who_waits_with_a_spent_call_proves_at_his_own_expense() -> None:
    lookups = Lookups(exhausted())
    attacked, healthy = lookups.ask(*ATTACK, "a.twins.com A"), lookups.ask("a.twins.com A")
    asked = list(lookups.advance(attacked))
    assert lookups.advance(healthy) == ()
    of_twins = [each for each in asked if each.name == "a.twins.com"]
    lookups.answer(*(each for each in asked if each not in of_twins))
    lookups.answer(*of_twins)
    lookups.finish(attacked, healthy)
    assert attacked.ended is not None
    assert attacked.ended.used[-1].reason.code == "too-much-work"
    assert healthy.ended is not None
    assert healthy.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


def test_who_cannot_prove_it_himself_is_told_at_once() -> None:
    """He had joined a proof that ended for want of means, and there is no room for his own."""
    lookups = Lookups(exhausted())
    attacked, refused = lookups.ask(*ATTACK, "a.twins.com A"), lookups.ask("a.twins.com A")
    refused.policy = evolve(refused.policy, concurrency=1)
    asked = list(lookups.advance(attacked))
    lookups.advance(lookups.ask("b.example.com A"))
    assert lookups.advance(refused) == ()
    of_twins = [each for each in asked if each.name == "a.twins.com"]
    lookups.answer(*(each for each in asked if each not in of_twins))
    answers = [lookups.world.answer(each) for each in of_twins]
    assert lookups.session.deliver(answers, lookups.now) == {attacked, refused}
    lookups.advance(refused)
    assert refused.ended is not None
    assert refused.ended.used[0].status is Status.BUSY


def test_who_was_left_with_a_spent_proof() -> None:
    """Nobody waits for it any more: it is let go."""
    lookups = Lookups(exhausted())
    attacked = lookups.ask(*ATTACK)
    lookups.finish(attacked)
    assert attacked.ended is not None
    again = lookups.prove(ATTACK[-1])
    assert again.status is Status.BOGUS
    assert lookups.prove("com DNSKEY").source == "cache"
    assert lookups.prove("evil.com DNSKEY").security is Security.SECURE


def test_what_one_set_alone_makes_too_much_is_remembered() -> None:
    """RFC 9520 §3.2: it was not for want of means."""
    domain = world(evil())
    domain.tamper = flooding(wrongly(MANY))
    lookups = Lookups(domain)
    lookups.prove("a.evil.com A")
    assert lookups.prove("a.evil.com A").reason.code == "too-much-work"
    assert lookups.asked == []
