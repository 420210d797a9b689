"""Zones that say what they lack: their NSEC and NSEC3 records, and what is true of them.

It is written apart from the library, and hashes with dnspython. The zones of RFC 4035 appendix A
and RFC 5155 appendix A are here as well.
"""

from __future__ import annotations

from base64 import b32hexdecode
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeVar

import dns.dnssec
import dns.name
from attrs import field, frozen

from sipresolve.vocabulary.evidence import Labels, RrType, SignedSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ATTACKED",
    "RFC_4035",
    "RFC_5155",
    "DenyingZone",
    "Hashing",
    "bitmap",
    "labels",
    "nsec",
    "nsec3",
    "numbers",
    "wire",
]

_OTHERS: Final = {"HINFO": 13, "MX": 15, "NSEC3PARAM": 51, "NXNAME": 128, "TYPE1234": 1234}


def labels(name: str) -> Labels:
    """The labels of a name without escapes; the root is empty text, or a dot."""
    return tuple(label.encode() for label in name.split(".") if label)


def wire(name: Labels) -> bytes:
    """A name as it is sent, without compression."""
    return b"".join(bytes([len(label)]) + label for label in name) + b"\0"


def numbers(types: str) -> frozenset[int]:
    """The numbers of types, by their mnemonics."""
    return frozenset(
        _OTHERS[each] if each in _OTHERS else RrType[each].value for each in types.split()
    )


def bitmap(types: Iterable[int]) -> bytes:
    """A list of types, as RFC 4034 §4.1.2 has it."""
    octets = b""
    for window, members in groupby(sorted(types), key=lambda number: number // 256):
        bits = ["0"] * 256
        for number in members:
            bits[number % 256] = "1"
        text = "".join(bits).rstrip("0")
        text += "0" * (-len(text) % 8)
        octets += bytes([window, len(text) // 8]) + int(text, 2).to_bytes(len(text) // 8, "big")
    return octets


def nsec(owner: str, next_: str, types: str) -> SignedSet:
    """An NSEC record."""
    data = wire(labels(next_)) + bitmap(numbers(types))
    return SignedSet(labels(owner), RrType.NSEC, 3600, (data,))


@frozen
class Hashing:
    """The parameters of NSEC3 records."""

    salt: str = "aabbccdd"
    iterations: int = 12
    algorithm: int = 1

    def of(self, name: Labels) -> str:
        """The hash of a name, in base32hex."""
        whole = dns.name.Name((*name, b""))
        return dns.dnssec.nsec3_hash(whole, self.salt, self.iterations, 1).lower()

    def record(
        self, owner: str, next_: str, types: Iterable[int], flags: int, zone: Labels
    ) -> SignedSet:
        """A record; both hashes are in base32hex."""
        salt, end = bytes.fromhex(self.salt), b32hexdecode(next_.upper())
        data = bytes([self.algorithm, flags, self.iterations >> 8, self.iterations & 255])
        data += bytes([len(salt)]) + salt + bytes([len(end)]) + end + bitmap(types)
        return SignedSet((owner.encode(), *zone), RrType.NSEC3, 3600, (data,))


def nsec3(
    owner: str, next_: str, types: str, hashing: Hashing | None = None, flags: int = 1
) -> SignedSet:
    """An NSEC3 record of the zone of RFC 5155 appendix A; both hashes are in base32hex."""
    return (hashing or Hashing()).record(owner, next_, numbers(types), flags, labels("example"))


# RFC 4035 appendix A.
_RFC_4035: Final = """
example a.example NS SOA MX RRSIG NSEC DNSKEY
a.example ai.example NS DS RRSIG NSEC
ai.example b.example A HINFO AAAA RRSIG NSEC
b.example ns1.example NS RRSIG NSEC
ns1.example ns2.example A RRSIG NSEC
ns2.example *.w.example A RRSIG NSEC
*.w.example x.w.example MX RRSIG NSEC
x.w.example x.y.w.example MX RRSIG NSEC
x.y.w.example xx.example MX RRSIG NSEC
xx.example example A HINFO AAAA RRSIG NSEC
"""

# RFC 5155 appendix A, by the names that its comments give for the hashes.
_RFC_5155: Final = """
example 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom MX DNSKEY NS SOA NSEC3PARAM RRSIG
ns1.example 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG
x.y.w.example 2vptu5timamqttgl4luu9kg21e0aor3s MX RRSIG
a.example 35mthgpgcu1qg68fab165klnsnk3dpvl NS DS RRSIG
x.w.example b4um86eghhds6nea196smvmlo4ors995 MX RRSIG
ai.example gjeqe526plbf1g8mklp59enfd789njgi HINFO A AAAA RRSIG
y.w.example ji6neoaepv8b5o6k4ev33abha8ht9fgc
w.example k8udemvp1j2f7eg6jebps17vp3n8i58h
2t7b4g4vsa5smi47k61mv5bv1a22bojr.example kohar7mbb8dc2ce8a9qvl8hon4k53uhi A RRSIG
ns2.example q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG
*.w.example r53bq7cc2uvmubfu5ocmm6pers9tk9en MX RRSIG
xx.example t644ebqk9bibcna874givr6joj62mlhv HINFO A AAAA RRSIG
"""

# With delegations, aliases, and wildcards at two levels, one with a name below it.
_ATTACKED: Final = """
example NS SOA DNSKEY
alias.example CNAME
dname.example A DNAME
safe.example NS DS
sub.example NS
*.w.example A
*.a.w.example A
*.star.example CNAME
www.example A
x.*.y.example A
*.z.example NS
"""


def _rows(table: str) -> list[tuple[str, str, str]]:
    rows = [[*line.split(maxsplit=2), ""] for line in table.strip().splitlines()]
    return [(name, other, types) for name, other, types, *_ in rows]


def _hashed(table: str) -> dict[str, SignedSet]:
    return {
        name: nsec3(own, end, types) for (name, own, types), (_, end, _) in _links(_rows(table))
    }


@frozen
class DenyingZone:
    """A zone, and what is true of it.

    Attributes:
        apex: Its name.
        names: The types at each name that has records, those of the apex among them.
        left_out: Delegations that opt-out leaves out of the chain.
        lean: Whether empty non-terminals that lead to nothing else are left out as well.
        opt_out: Whether all of the chain has the flag; else, where it must be.
        salt: In hexadecimal.
        iterations: How often the hash is hashed again.
    """

    apex: Labels
    names: Mapping[Labels, frozenset[int]]
    left_out: frozenset[Labels] = field(default=frozenset())
    lean: bool = False
    opt_out: bool = False
    salt: str = ""
    iterations: int = 0

    def truth(self, name: Labels, type_: int) -> str:
        """What a nameserver would answer: RFC 1034 §4.3.2, RFC 4592, RFC 6672 §3.2, RFC 4035 §3."""
        for length in range(len(self.apex) + 1, len(name) + 1):
            types = self.names.get(name[len(name) - length :], frozenset())
            is_above = length < len(name)
            if RrType.NS in types and (is_above or type_ != RrType.DS):
                return "referral"
            if RrType.DNAME in types and is_above:
                return "alias"
        if not self.has(name):
            name = (b"*", *self.encloser(name))
            if not self.has(name):
                return "name error"
        types = self.names.get(name, frozenset())
        if type_ in types:
            return "data"
        return "alias" if RrType.CNAME in types else "no data"

    def has(self, name: Labels) -> bool:
        """Whether a name exists, though it may be but above others."""
        return any(_ends_with(each, name) for each in self.names)

    def encloser(self, name: Labels) -> Labels:
        """The closest name above one that exists."""
        above = name[1:]
        while not self.has(above):
            above = above[1:]
        return above

    def nsec_chain(self) -> list[SignedSet]:
        """RFC 4034 §4.1.1: one name after the other, and the apex after the last."""
        order = sorted(self.names, key=lambda name: name[::-1])
        own = {RrType.NSEC.value, RrType.RRSIG.value}
        return [
            SignedSet(name, RrType.NSEC, 300, (wire(end) + bitmap(self.names[name] | own),))
            for name, end in _links(order)
        ]

    def nsec3_chain(self) -> list[SignedSet]:
        """RFC 5155 §7.1: one hash after the other, of empty non-terminals as well."""
        hashing = self.hashing
        every = self._and_above(self.names)
        kept = self._and_above(self.names.keys() - self.left_out) if self.lean else every
        hashes = {hashing.of(name): name for name in kept - self.left_out}
        hidden = [hashing.of(name) for name in every - set(hashes.values())]
        return [
            hashing.record(
                own,
                end,
                self.names.get(hashes[own], frozenset()),
                int(self.opt_out or any(_is_between(own, each, end) for each in hidden)),
                self.apex,
            )
            for own, end in _links(sorted(hashes))
        ]

    @property
    def hashing(self) -> Hashing:
        """How its names are hashed."""
        return Hashing(self.salt, self.iterations)

    def _and_above(self, names: Iterable[Labels]) -> set[Labels]:
        """Names, and all that are above them in the zone."""
        depth = len(self.apex)
        return {name[at:] for name in names for at in range(len(name) - depth + 1)}


_T = TypeVar("_T")


def _links(order: list[_T]) -> list[tuple[_T, _T]]:
    """Each with the next, the last with the first."""
    return list(zip(order, order[1:] + order[:1], strict=True))


def _is_between(begin: str, text: str, end: str) -> bool:
    if begin < end:
        return begin < text < end
    return text > begin or text < end


def _ends_with(name: Labels, end: Labels) -> bool:
    return len(name) >= len(end) and name[len(name) - len(end) :] == end


#: The records of these zones, by the names that they are of.
RFC_4035: Final = {row[0]: nsec(*row) for row in _rows(_RFC_4035)}
RFC_5155: Final = _hashed(_RFC_5155)

#: A zone to attack.
ATTACKED: Final = DenyingZone(
    labels("example"),
    {
        labels(name): numbers(types)
        for name, types in (line.split(maxsplit=1) for line in _ATTACKED.strip().splitlines())
    },
)
