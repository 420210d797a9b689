"""A small signed DNS in memory: what a resolver that asks with DO and CD would give.

It is made of zones whose records are octets, as `SignedSet` has them. Its signatures are digests,
so that it needs no cryptography, and a test can say of each what is wrong with it. It knows NSEC
only, and its delegations have no names of nameservers.
"""

from __future__ import annotations

import hashlib
import struct
from random import Random
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field
from simulation import question as question_of

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.procedures.ask import Ask, Wait
from sipresolve.session.proof.means import Checking
from sipresolve.session.proof.names import canonical_key, is_at_or_below, is_below, labels_of
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.evidence import (
    Evidence,
    Labels,
    RrType,
    Signature,
    SignedSet,
    wire_of,
)
from sipresolve.vocabulary.keys import DnsKey, Ds, TrustAnchor
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipresolve.procedures.ask import Procedure
    from sipresolve.vocabulary.caching import CachePolicy
    from sipresolve.vocabulary.targets import Resolution

__all__ = [
    "NOW",
    "Crypto",
    "Lookups",
    "World",
    "Zone",
    "a",
    "aaaa",
    "ds_data",
    "name_data",
    "naptr",
    "srv",
    "tampered",
    "verify",
]

#: The time of day in these tests, in seconds since 1970.
NOW: Final = 1_800_000_000
ALGORITHM: Final = 13
TTL: Final = 300


def verify(key: DnsKey, signature: bytes, data: bytes) -> bool:
    """What takes the place of cryptography."""
    return signature == _digest(key, data)


@define
class Crypto:
    """The same, counted.

    Attributes:
        checks: How many signatures were checked.
    """

    checks: int = 0

    def __call__(self, key: DnsKey, signature: bytes, data: bytes) -> bool:
        """Check one."""
        self.checks += 1
        return verify(key, signature, data)


def _digest(key: DnsKey, data: bytes) -> bytes:
    return hashlib.sha256(key.data + data).digest()


def a(text: str) -> bytes:
    """The data of an A record."""
    return bytes(map(int, text.split(".")))


def aaaa(last: int) -> bytes:
    """The data of an AAAA record, of 2001:db8::."""
    return bytes.fromhex("20010db8") + last.to_bytes(12, "big")


def srv(priority: int, weight: int, port: int, target: str) -> bytes:
    """The data of an SRV record."""
    return struct.pack("!HHH", priority, weight, port) + wire_of(labels_of(target))


def naptr(order: int, preference: int, service: str, replacement: str) -> bytes:
    """The data of a NAPTR record for SIP, with the flag "s"."""
    text = service.encode()
    strings = b"\x01s" + bytes((len(text),)) + text + b"\0"
    return struct.pack("!HH", order, preference) + strings + wire_of(labels_of(replacement))


def name_data(target: str) -> bytes:
    """The data of a CNAME or DNAME record."""
    return wire_of(labels_of(target))


def ds_data(ds: Ds) -> bytes:
    """The data of a DS record."""
    return struct.pack("!HBB", ds.key_tag, ds.algorithm, ds.digest_type) + ds.digest


@define(eq=False)
class Zone:
    """A zone.

    Attributes:
        name: Its name, as text.
        signed: Whether it is.
        delegated: Whether its parent has DS records of it, if it is signed.
        algorithm: That of its key.
        records: Its records, by owner and type, but for those that follow from others.
        begins: When its signatures begin, in seconds since `NOW`.
        ends: When they end.
        public: The octets of its key; None for such as are its own.
        make: What makes its signatures; None for `verify` to find them right.
        flags: Those of its key.
        protocol: That of its key.
        more_keys: Keys that it has besides.
        vouchers: What its parent says of its keys; None for the truth.
    """

    name: str
    signed: bool = True
    delegated: bool = True
    algorithm: int = ALGORITHM
    begins: int = -3600
    ends: int = 86_400
    public: bytes | None = None
    make: Callable[[bytes], bytes] | None = None
    flags: int = 257
    protocol: int = 3
    more_keys: tuple[DnsKey, ...] = ()
    vouchers: tuple[Ds, ...] | None = None
    records: dict[tuple[Labels, int], tuple[bytes, ...]] = field(factory=dict)
    key: DnsKey = field(init=False)

    @key.default
    def _key(self) -> DnsKey:
        public = self.public or b"key of " + self.name.encode()
        return DnsKey(self.flags, self.protocol, self.algorithm, public)

    @property
    def apex(self) -> Labels:
        """Its name."""
        return labels_of(self.name)

    @property
    def ds(self) -> Ds:
        """What its parent says of its key."""
        digest = hashlib.sha256(wire_of(self.apex) + self.key.data).digest()
        return Ds(self.key.tag, self.algorithm, 2, digest)

    def add(self, owner: str, type_: int, *data: bytes) -> Zone:
        """The zone with an RRset more."""
        self.records[labels_of(owner), type_] = tuple(sorted(data))
        return self

    def names(self) -> list[Labels]:
        """The owners of records, in canonical order."""
        return sorted({owner for owner, _ in self.records}, key=canonical_key)

    def rrset(self, owner: Labels, type_: int, *, asked: Labels | None = None) -> SignedSet:
        """An RRset with its signature; as of a name that a wildcard made, where one is given."""
        found = SignedSet(asked or owner, type_, TTL, self.records[owner, type_])
        return self.sign(found, owner) if self.signed else found

    def sign(self, found: SignedSet, owner: Labels, **of_signature: Any) -> SignedSet:
        """An RRset with the signature that it has at this owner.

        Args:
            found: The RRset.
            owner: Whose it is: the wildcard, where one made it.
            of_signature: What is not as usual in the signature, by the names of `Signature`.
        """
        return evolve(found, signatures=(self.signature(found, owner, **of_signature),))

    def signature(
        self,
        found: SignedSet,
        owner: Labels,
        *,
        signer: Labels | None = None,
        key: DnsKey | None = None,
        **of_signature: int,
    ) -> Signature:
        """The signature of an RRset.

        Args:
            found: The RRset.
            owner: Whose it is.
            signer: The zone that is said to have made it; None for this one.
            key: The key that makes it; None for that of the zone.
            of_signature: What is not as usual.
        """
        key, signer = key or self.key, self.apex if signer is None else signer
        made = {
            "covered": found.type,
            "algorithm": key.algorithm,
            "labels": len(owner) - (owner[:1] == (b"*",)),
            "original_ttl": TTL,
            "expiration": NOW + self.ends,
            "inception": NOW + self.begins,
            "key_tag": key.tag,
            **of_signature,
        }
        head = struct.pack("!HBBIIIH", *made.values()) + wire_of(signer)
        record = wire_of(owner) + struct.pack("!HHI", found.type, 1, made["original_ttl"])
        parts = [record + struct.pack("!H", len(data)) + data for data in found.data]
        data = head + b"".join(parts)
        octets = _digest(key, data) if self.make is None else self.make(data)
        return Signature(**made, signer=signer, signature=octets, head=head, ttl=TTL)

    def nsec(self, owner: Labels) -> SignedSet:
        """The NSEC record of an owner."""
        names = self.names()
        following = names[(names.index(owner) + 1) % len(names)]
        types = sorted({type_ for name, type_ in self.records if name == owner} | {46, 47})
        data = wire_of(following) + _bitmap(types)
        return self.sign(SignedSet(owner, RrType.NSEC, TTL, (data,)), owner)


def _bitmap(types: list[int]) -> bytes:
    """RFC 4034 §4.1.2, of types below 256."""
    octets = bytearray(max(types) // 8 + 1)
    for type_ in types:
        octets[type_ // 8] |= 0x80 >> type_ % 8
    return bytes((0, len(octets))) + bytes(octets)


class World:
    """Zones from the root down; all but the root are delegated by the one above."""

    def __init__(self, *zones: Zone) -> None:
        """Put zones together; each gets an SOA, and keys and delegations where it has them."""
        #: What happens to an answer on its way.
        self.tamper: Callable[[Answer], Answer] = _untouched
        self.zones = {zone.apex: zone for zone in zones}
        for zone in zones:
            zone.add(zone.name, RrType.SOA, b"soa").add(zone.name, RrType.NS, wire_of((b"ns",)))
            if zone.signed:
                keys = (zone.key, *zone.more_keys)
                zone.add(zone.name, RrType.DNSKEY, *(key.data for key in keys))
            if zone.apex:
                self._delegate(zone)

    def _delegate(self, zone: Zone) -> None:
        parent = self.zone_of(zone.apex[1:])
        parent.add(zone.name, RrType.NS, wire_of((b"ns",)))
        if zone.signed and zone.delegated:
            vouchers = (zone.ds,) if zone.vouchers is None else zone.vouchers
            parent.add(zone.name, RrType.DS, *map(ds_data, vouchers))

    @property
    def anchor(self) -> TrustAnchor:
        """That of the root."""
        return TrustAnchor(".", self.zones[()].ds)

    def zone_of(self, name: Labels) -> Zone:
        """The deepest zone that a name is in."""
        zones = [zone for apex, zone in self.zones.items() if is_at_or_below(name, apex)]
        return max(zones, key=lambda zone: len(zone.apex))

    def answer(self, question: Question) -> Answer:
        """What a resolver gives to a question with DO and CD."""
        return self.tamper(self._answer(question))

    def _answer(self, question: Question) -> Answer:
        answers: list[SignedSet] = []
        proof: tuple[SignedSet, ...] = ()
        name, type_ = labels_of(question.name), int(RrType[question.type])
        zone = self.zone_of(name[1:] if question.type is RecordType.DS else name)
        for _ in range(9):
            if (dname := self._dname(zone, name)) is not None:
                found = zone.rrset(dname, RrType.DNAME)
                target = (*name[: -len(dname)], *_read(found.data[0]))
                answers += found, SignedSet(name, RrType.CNAME, TTL, (wire_of(target),))
            else:
                owner = self._owner(zone, name)
                if owner != name:
                    proof += self._denial(zone, name)
                if (owner, type_) in zone.records:
                    answers.append(zone.rrset(owner, type_, asked=name))
                    return self._made(question, Status.OK, answers, proof)
                if (owner, RrType.CNAME) not in zone.records:
                    break
                answers.append(zone.rrset(owner, RrType.CNAME, asked=name))
                target = _read(zone.records[owner, RrType.CNAME][0])
            name = target
            zone = self.zone_of(name)
        exists = any(is_at_or_below(each, name) for each in zone.names())
        is_there = exists or self._owner(zone, name) != name
        status = Status.NODATA if is_there else Status.NXDOMAIN
        return self._made(question, status, answers, proof + self._denial(zone, name))

    def _dname(self, zone: Zone, name: Labels) -> Labels | None:
        """What leads a name elsewhere with all that is below it (RFC 6672)."""
        above = (owner for owner, type_ in zone.records if type_ == RrType.DNAME)
        return next((owner for owner in above if is_below(name, owner)), None)

    def _owner(self, zone: Zone, name: Labels) -> Labels:
        """A name, or the wildcard that makes it (RFC 4592)."""
        if any(is_at_or_below(each, name) for each in zone.names()):
            return name
        closest = next(
            name[at:]
            for at in range(1, len(name) + 1)
            if any(is_at_or_below(each, name[at:]) for each in zone.names())
        )
        wildcard = (b"*", *closest)
        return wildcard if wildcard in zone.names() else name

    def _denial(self, zone: Zone, name: Labels) -> tuple[SignedSet, ...]:
        """The SOA of a zone, and what proves that a name or its records are not there."""
        soa = zone.rrset(zone.apex, RrType.SOA)
        return (soa, *dict.fromkeys(self._nsecs(zone, name))) if zone.signed else (soa,)

    def _nsecs(self, zone: Zone, name: Labels) -> Iterator[SignedSet]:
        """Those of the name, and of the wildcard that would stand for it."""
        names = zone.names()
        yield self._nsec_before(zone, name)
        if not any(is_at_or_below(each, name) for each in names):
            above = (name[at:] for at in range(1, len(name) + 1))
            closest = next(
                each for each in above if any(is_at_or_below(owner, each) for owner in names)
            )
            yield self._nsec_before(zone, (b"*", *closest))

    def _nsec_before(self, zone: Zone, name: Labels) -> SignedSet:
        before = [each for each in zone.names() if canonical_key(each) <= canonical_key(name)]
        return zone.nsec(before[-1])

    def _made(
        self,
        question: Question,
        status: Status,
        answers: list[SignedSet],
        proof: tuple[SignedSet, ...],
    ) -> Answer:
        return Answer(
            question=question,
            status=status,
            ttl=TTL,
            evidence=Evidence(tuple(answers), proof),
        )


def _read(data: bytes) -> Labels:
    labels: list[bytes] = []
    while size := data[0]:
        labels.append(data[1 : 1 + size])
        data = data[1 + size :]
    return tuple(labels)


def _untouched(answer: Answer) -> Answer:
    return answer


def tampered(
    text: str, change: Callable[[SignedSet], SignedSet | None]
) -> Callable[[Answer], Answer]:
    """What changes an RRset in every answer, or takes it away.

    Args:
        text: Its owner and type.
        change: What becomes of it; None for nothing.
    """
    name, type_ = text.split()
    wanted = labels_of(name), RrType[type_]

    def changed(sets: tuple[SignedSet, ...]) -> tuple[SignedSet, ...]:
        made = (change(each) if (each.owner, each.type) == wanted else each for each in sets)
        return tuple(each for each in made if each is not None)

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        evidence = Evidence(changed(shown.answers), changed(shown.authorities))
        return evolve(answer, evidence=evidence)

    return tamper


def _asking(*questions: Question) -> Procedure[tuple[Answer, ...]]:
    known = yield Ask((Wait(questions),))
    return tuple(known[each] for each in questions)


class Lookups:
    """What is looked up in a world, by calls that share a session; answers come in rounds.

    Attributes:
        world: Who answers.
        crypto: The check of signatures.
        time: The time of day, in seconds since `NOW`.
        now: The time.
        rounds: What was asked of the world, round by round.
        session: What the calls share.
    """

    def __init__(
        self,
        world: World,
        *anchors: TrustAnchor,
        caching: CachePolicy | None = None,
        **policy: object,
    ) -> None:
        """Begin.

        Args:
            world: Who answers.
            anchors: Where chains begin; at the root of the world, if none is given.
            caching: As of `Session`.
            policy: As of `Policy`.
        """
        self.world = world
        self.crypto = Crypto()
        self.time = 0.0
        self.now = 0.0
        self.rounds: list[set[str]] = []
        wanted = {"dnssec": "validate", "trust_anchors": anchors or (world.anchor,), **policy}
        self.policy = Policy(**wanted)  # type: ignore[arg-type]  # any fields
        checking = Checking(self.crypto, lambda: NOW + self.time)
        self.session = Session(self.policy, caching, checking)

    def prove(self, *questions: str) -> Answer:
        """The answer to the first of some questions that are asked at once."""
        return self.prove_all(*questions)[0]

    def prove_all(self, *questions: str) -> tuple[Answer, ...]:
        """The answers to some questions that are asked at once."""
        run = self.ask(*questions)
        self.finish(run)
        assert run.ended is not None
        return run.ended.used

    def ask(self, *questions: str) -> Run:
        """Begin a call that asks some questions."""
        return Run(_asking(*map(question_of, questions)), self.policy, self.now)

    def resolve(self, uri: str) -> Resolution:
        """All targets of a URI."""
        subject = SipUri.parse(uri)
        run = self.locate(uri)
        self.finish(run)
        return run.result(subject)

    def locate(self, uri: str) -> Run:
        """Begin to locate a URI."""
        return self.session.locate(
            SipUri.parse(uri), self.policy, rng=Random(1), sources=NO_SOURCES, now=self.now
        )

    def finish(self, *runs: Run) -> None:
        """Answer all that some calls ask, until they are over."""
        self.rounds = []
        for _ in range(_MOST_ROUNDS):
            asked = [question for run in runs for question in self.advance(run)]
            if all(run.ended is not None for run in runs):
                break
            self.answer(*asked)
        for run in runs:
            assert run.ended is not None
            self.session.leave(run)

    def advance(self, run: Run) -> tuple[Question, ...]:
        """Take a call as far as it can go; say what is to be asked."""
        while not isinstance(step := self.session.advance(run, self.now), Waiting):
            if isinstance(step, Ended):
                return ()
        return step.start

    def answer(self, *questions: Question) -> None:
        """Answer some questions, and all that follows from them, a round trip each."""
        asked = questions
        while asked:
            self.rounds.append({f"{each}{'*' if each.signed else ''}" for each in asked})
            self.now += _ROUND_TRIP
            self.session.deliver([self.world.answer(each) for each in asked], self.now)
            asked = self.session.take()
        if not questions:
            self.now += _ROUND_TRIP

    @property
    def asked(self) -> list[str]:
        """All that was asked of the world by the latest calls, each as often as it was."""
        return sorted(text for asked in self.rounds for text in asked)


_ROUND_TRIP: Final = 0.02
_MOST_ROUNDS: Final = 200
