"""Keys, and zones signed with them, well or badly: every field of what proves them can be given.

    zone = SignedZone(name_of("sip.example."), keys, records)
    zone.sign_all()
    zone.deny(Nsec3(salt=b"salt"))
    zone.write(path)

Signatures are valid from a day ago to thirty days ahead. What is not said otherwise is as
RFC 4034, RFC 4035 §2 and RFC 5155 §7.1 want it.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import dns.dnssec
import dns.dnssecalgs
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.zonefile
from attrs import Factory, define, field, frozen
from dns.dnssecalgs.rsa import PrivateRSA
from dns.exception import UnsupportedAlgorithm
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dns.name import Name
    from dns.rdataset import Rdataset

__all__ = [
    "DAY",
    "TTL",
    "Denial",
    "Key",
    "Nsec",
    "Nsec3",
    "Place",
    "SignedZone",
    "digest_of",
    "make_key",
    "make_twins",
    "name_of",
    "signature",
]

#: How long records may be kept, in seconds, where nothing else is said.
TTL: Final = 300

#: In seconds.
DAY: Final = 86_400
_IN: Final = dns.rdataclass.IN
_HEAD: Final = struct.Struct("!HBBIIIH")
_NUMBERS: Final = (
    "type_covered",
    "algorithm",
    "labels",
    "original_ttl",
    "expiration",
    "inception",
    "key_tag",
)
_RECORD: Final = struct.Struct("!HHI")

#: The types of the records that a zone may have; NSEC and NSEC3 records know of themselves.
_TYPES: Final = (
    RdataType.A,
    RdataType.NS,
    RdataType.CNAME,
    RdataType.SOA,
    RdataType.AAAA,
    RdataType.SRV,
    RdataType.NAPTR,
    RdataType.DNAME,
    RdataType.DS,
    RdataType.DNSKEY,
    RdataType.NSEC3PARAM,
)

#: Where an RRset is in a zone.
Place: TypeAlias = "tuple[Name, RdataType]"


@frozen
class Key:
    """A key of a zone, whose private half may be pretended.

    Attributes:
        dnskey: What the zone publishes of it.
        sign: Sign octets.
        published: Whether the zone does publish it.
        signs: Whether the zone is signed with it.
    """

    dnskey: DNSKEY
    sign: Callable[[bytes], bytes] = field(repr=False)
    published: bool = True
    signs: bool = True

    @property
    def is_entry(self) -> bool:
        """Whether it is for the DNSKEY records alone (RFC 4034 §2.1.1)."""
        return bool(self.dnskey.flags & 1)

    @property
    def tag(self) -> int:
        """RFC 4034 appendix B."""
        return dns.dnssec.key_id(self.dnskey)


def make_key(
    algorithm: int, flags: int, protocol: int = 3, *, published: bool = True, signs: bool = True
) -> Key:
    """Make a key; one of an algorithm that nobody knows makes signatures of random octets."""
    try:
        kind = dns.dnssecalgs.get_algorithm_cls(algorithm)
    except UnsupportedAlgorithm:
        made = _record(
            DNSKEY, flags=flags, protocol=protocol, algorithm=algorithm, key=os.urandom(64)
        )
        return Key(made, lambda _: os.urandom(64), published, signs)
    private = kind.generate(2048) if issubclass(kind, PrivateRSA) else kind.generate()  # type: ignore[attr-defined]  # every kind has one, with arguments of its own
    made = private.public_key().to_dnskey(flags=flags, protocol=protocol)
    return Key(made, private.sign, published, signs)


def make_twins(flags: int) -> tuple[Key, Key]:
    """Make two keys that have the same key tag, as they are sorted; some hundred have two."""
    seen: dict[int, Key] = {}
    while True:
        key = make_key(dns.dnssec.ED25519, flags)
        if key.tag in seen:
            first, second = sorted([seen[key.tag], key], key=lambda each: each.dnskey.key)
            return first, second
        seen[key.tag] = key


def digest_of(zone: Name, key: Key, kind: int = 2, **fields: Any) -> DS:
    """The DS record of a key (RFC 4034 §5.1.4), of a known kind or not, with other fields."""
    data = zone.to_digestable() + key.dnskey.to_digestable()
    algorithm = {1: "sha1", 2: "sha256", 4: "sha384"}.get(kind, "sha512")
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    told = {"key_tag": key.tag, "algorithm": key.dnskey.algorithm, "digest": digest} | fields
    made: DS = _record(DS, digest_type=kind, **told)
    return made


def signature(owner: Name, of: Rdataset, key: Key, **fields: Any) -> RRSIG:
    """Sign an RRset; fields that are given are as they are given when it is signed."""
    now = int(time.time())
    told = {
        "type_covered": of.rdtype,
        "algorithm": key.dnskey.algorithm,
        "labels": len(owner) - 1 - owner.is_wild(),
        "original_ttl": of.ttl,
        "expiration": now + 30 * DAY,
        "inception": now - DAY,
        "key_tag": key.tag,
    } | fields
    octets = _signed_octets(owner, of, **told)
    made: RRSIG = _record(RRSIG, **told, signature=key.sign(octets))
    return made


def _record(kind: Any, **fields: Any) -> Any:
    return kind(_IN, RdataType.make(kind.__name__), **fields)


def _signed_octets(
    owner: Name, of: Rdataset, *, labels: int, original_ttl: int, signer: Name, **rest: int
) -> bytes:
    """RFC 4034 §3.1.8.1."""
    numbers = {"labels": labels, "original_ttl": original_ttl, **rest}
    head = _HEAD.pack(*(numbers[name] for name in _NUMBERS))
    if labels < len(owner) - 1:
        owner = dns.name.Name([b"*", *owner.labels[-1 - labels :]])
    start = owner.to_digestable() + _RECORD.pack(of.rdtype, _IN, original_ttl)
    data = sorted({record.to_digestable() for record in of})
    records = [start + struct.pack("!H", len(each)) + each for each in data]
    return head + signer.to_digestable() + b"".join(records)


@frozen
class Nsec:
    """What is not there is denied by NSEC records (RFC 4034 §4)."""

    def records(self, zone: SignedZone) -> Iterator[tuple[Name, str]]:
        """The owner of each record, and its data as a zone file has them."""
        names = sorted(zone.names())
        for owner, following in zip(names, [*names[1:], names[0]], strict=True):
            types = {*zone.types(owner), RdataType.RRSIG, RdataType.NSEC}
            yield owner, f"NSEC {following} {_listed(types)}"


@frozen(kw_only=True)
class Nsec3:
    """What is not there is denied by NSEC3 records (RFC 5155 §3).

    Attributes:
        salt: What each name is hashed with.
        iterations: How many more times it is hashed.
        opt_out: Whether delegations without DS are left out.
        algorithm: The number of the hash that the records name; it is SHA-1 whatever they say.
        flags: What the records say beside opt-out.
    """

    salt: bytes = b""
    iterations: int = 0
    opt_out: bool = False
    algorithm: int = 1
    flags: int = 0

    @property
    def parameters(self) -> str:
        """As NSEC3PARAM and NSEC3 records begin, but for the flags."""
        return f"{self.iterations} {self.salt.hex() or '-'}"

    def hashed(self, name: Name) -> str:
        """RFC 5155 §5."""
        return dns.dnssec.nsec3_hash(name, self.salt, self.iterations, 1).lower()

    def records(self, zone: SignedZone) -> Iterator[tuple[Name, str]]:
        """The owner of each record, and its data as a zone file has them."""
        left_out = {name for name in zone.names() if self.opt_out and zone.is_unsigned_cut(name)}
        names = _with_those_between(zone.names() - left_out, zone.origin)
        owners = sorted((self.hashed(name), name) for name in names)
        start = f"NSEC3 {self.algorithm} {self.flags | self.opt_out} {self.parameters}"
        for number, (hashed, name) in enumerate(owners):
            following = owners[(number + 1) % len(owners)][0]
            types = set(zone.types(name))
            if types and types != {RdataType.NS}:
                types.add(RdataType.RRSIG)
            owner = dns.name.from_text(hashed, zone.origin)
            yield owner, f"{start} {following} {_listed(types)}"


Denial: TypeAlias = Nsec | Nsec3


def _with_those_between(names: set[Name], origin: Name) -> set[Name]:
    """With the empty non-terminals (RFC 5155 §7.1)."""
    return {
        parent
        for name in names
        for depth in range(len(origin), len(name) + 1)
        for parent in [name.split(depth)[1]]
    }


def _listed(types: Iterable[RdataType]) -> str:
    return " ".join(dns.rdatatype.to_text(rdtype) for rdtype in sorted(types))


@define
class SignedZone:
    """A zone, and what proves its records; both can be changed, one without the other."""

    origin: Name
    keys: tuple[Key, ...]
    records: dict[Place, Rdataset]
    signatures: dict[Place, list[RRSIG]] = Factory(dict)
    denial: Denial | None = None

    @classmethod
    def of(cls, origin: Name, keys: tuple[Key, ...], text: str) -> SignedZone:
        """A zone with the records of a zone file, and those of its keys; nothing is signed."""
        sets = dns.zonefile.read_rrsets(
            text, name=None, origin=origin, relativize=False, rdclass=_IN, default_ttl=TTL
        )
        zone = cls(origin, keys, {(each.name, each.rdtype): each.to_rdataset() for each in sets})
        if published := [key.dnskey for key in keys if key.published]:
            zone.records[origin, RdataType.DNSKEY] = dns.rdataset.from_rdata_list(TTL, published)
        return zone

    def sign_all(self) -> None:
        """Sign each RRset that the zone has authority for (RFC 4035 §2.2)."""
        for owner, rdtype in self.records:
            if self._is_signed(owner, rdtype):
                self.sign(owner, rdtype)

    def sign(self, owner: Name, rdtype: RdataType, *keys: Key, **fields: Any) -> None:
        """Sign one RRset anew, with the keys that are for it where none are given."""
        told = {"signer": self.origin} | fields
        self.signatures[owner, rdtype] = [
            signature(owner, self.records[owner, rdtype], key, **told)
            for key in keys or self.keys_for(rdtype)
        ]

    def keys_for(self, rdtype: RdataType) -> Iterator[Key]:
        """One key of each algorithm at least: an entry for the keys, another for the rest."""
        signing = [key for key in self.keys if key.signs]
        for algorithm in {key.dnskey.algorithm: None for key in signing}:
            alike = [key for key in signing if key.dnskey.algorithm == algorithm]
            wanted = [key for key in alike if key.is_entry == (rdtype == RdataType.DNSKEY)]
            yield from wanted or alike

    def deny(self, denial: Denial) -> None:
        """Add the records that deny the rest, and sign them."""
        self.denial = denial
        if isinstance(denial, Nsec3):
            parameters = f"NSEC3PARAM {denial.algorithm} 0 {denial.parameters}"
            self.sign(*self.put(self.origin, parameters))
        for owner, text in list(denial.records(self)):
            self.sign(*self.put(owner, text))

    def put(self, owner: Name, *texts: str, ttl: int = TTL) -> Place:
        """Have these records, and no others of their type; where they are."""
        rdtype = RdataType.make(texts[0].partition(" ")[0])
        data = [text.partition(" ")[2] for text in texts]
        rdataset = dns.rdataset.from_text_list(
            _IN, rdtype, ttl, data, origin=self.origin, relativize=False
        )
        self.records[owner, rdtype] = rdataset
        return owner, rdtype

    def names(self) -> set[Name]:
        """The owners of what the zone has authority for, and its delegations."""
        return {name for name, _ in self.records if not self._is_occluded(name)}

    def types(self, owner: Name) -> list[RdataType]:
        """What an owner has that the zone has authority for (RFC 4035 §2.3)."""
        types = [rdtype for rdtype in _TYPES if (owner, rdtype) in self.records]
        if self._is_cut(owner):
            return [rdtype for rdtype in types if rdtype in {RdataType.NS, RdataType.DS}]
        return types

    def is_unsigned_cut(self, owner: Name) -> bool:
        """Whether an owner is a delegation without DS."""
        return self._is_cut(owner) and (owner, RdataType.DS) not in self.records

    def _is_cut(self, owner: Name) -> bool:
        return owner != self.origin and (owner, RdataType.NS) in self.records

    def _is_occluded(self, owner: Name) -> bool:
        """Whether it is below a delegation, or below a DNAME."""
        above = [owner.split(depth)[1] for depth in range(len(self.origin), len(owner))]
        return any(self._is_cut(name) or (name, RdataType.DNAME) in self.records for name in above)

    def _is_signed(self, owner: Name, rdtype: RdataType) -> bool:
        return rdtype in self.types(owner) and not (
            self._is_occluded(owner) or (self._is_cut(owner) and rdtype == RdataType.NS)
        )

    def write(self, path: Path) -> None:
        """Write the zone file, the apex first."""
        lines = [
            f"{owner} {rdataset.ttl} IN {dns.rdatatype.to_text(record.rdtype)} {record.to_text()}\n"
            for (owner, rdtype), rdataset in self._sorted()
            for record in [*rdataset, *self.signatures.get((owner, rdtype), ())]
        ]
        path.write_text("".join(lines))

    def _sorted(self) -> list[tuple[Place, Rdataset]]:
        return sorted(
            self.records.items(), key=lambda item: (item[0][0], item[0][1] != RdataType.SOA)
        )


def name_of(text: str, origin: Name | None = dns.name.root) -> Name:
    """A name; `@` is the origin."""
    return dns.name.from_text(text, origin)
