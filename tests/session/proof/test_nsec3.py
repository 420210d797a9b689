"""NSEC3 records: which can be read, which names they show, and which gaps (RFC 5155 §3, §8)."""

from __future__ import annotations

from base64 import b32hexdecode, b32hexencode
from typing import Final

import pytest
from attrs import evolve
from denying import RFC_5155, DenyingZone, Hashing, bitmap, labels, nsec3
from hypothesis import given
from hypothesis import strategies as st
from strategies import denied_names, denying_zones, wire_labels

from sipresolve.session.proof.chains import Gap
from sipresolve.session.proof.nsec3 import Nsec3Chain, TooMuchWorkError, hash_of
from sipresolve.session.proof.work import Work
from sipresolve.vocabulary.evidence import Labels, RrType, SignedSet

EXAMPLE: Final = labels("example")
GOOD: Final = RFC_5155["ns1.example"]


def chain_of(*sets: SignedSet, work: Work | None = None) -> Nsec3Chain | None:
    """What a reply shows of the zone."""
    return Nsec3Chain.of(EXAMPLE, sets, work or Work())


def with_data(*data: bytes) -> SignedSet:
    """The record with other data."""
    return evolve(GOOD, data=data)


def data_with(algorithm: int = 1, flags: int = 1, next_: bytes = b"\x2f" * 20) -> bytes:
    """The data of a record."""
    head = bytes([algorithm, flags, 0, 12, 4]) + bytes.fromhex("aabbccdd")
    return head + bytes([len(next_)]) + next_ + bitmap([1])


# --- Hashes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
        ("a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
        ("ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"),
        ("ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
        ("ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"),
        ("w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"),
        ("*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
        ("x.w.example", "b4um86eghhds6nea196smvmlo4ors995"),
        ("y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"),
        ("x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"),
        ("xx.example", "t644ebqk9bibcna874givr6joj62mlhv"),
        (
            "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example",
            "kohar7mbb8dc2ce8a9qvl8hon4k53uhi",
        ),
    ],
)
def test_the_hashes_of_the_rfc(name: str, expected: str) -> None:
    """RFC 5155 appendix A: 12 iterations, salt aabbccdd."""
    hashed = hash_of(labels(name), bytes.fromhex("aabbccdd"), 12)
    assert b32hexencode(hashed).decode().lower() == expected


@given(name=wire_labels, salt=st.binary(max_size=255), iterations=st.integers(0, 5))
def test_hashes_are_those_of_dnspython(
    name: tuple[bytes, ...], salt: bytes, iterations: int
) -> None:
    """RFC 5155 §5, for any name, salt and number of iterations."""
    lower = tuple(label.lower() for label in name)
    other = Hashing(salt.hex(), iterations).of(name).upper()
    assert hash_of(lower, salt, iterations) == b32hexdecode(other)


# --- Records


def test_a_record_shows_its_owner_and_a_gap() -> None:
    """RFC 5155 §8.3, §8.5."""
    chain = chain_of(GOOD, RFC_5155["a.example"])
    assert chain is not None
    types = chain.types_at(labels("ns1.example"))
    assert types is not None
    assert RrType.A in types
    assert RrType.AAAA not in types
    assert chain.types_at(labels("c.example")) is None
    assert chain.gap_at(labels("c.example")) == Gap(labels("c.example"), is_opt_out=True)
    assert chain.gap_at(labels("ns1.example")) is None
    assert chain.gap_at(labels("xx.example")) is None


@pytest.mark.parametrize(
    "found",
    [
        with_data(),
        with_data(data_with(), data_with()),
        with_data(b""),
        with_data(b"\1\1\0\0"),
        with_data(b"\1\1\0\0\4\xaa"),
        with_data(data_with()[:9]),
        with_data(data_with()[:20]),
        with_data(data_with() + b"\0"),
        # RFC 5155 §8.1, §8.2
        with_data(data_with(algorithm=0)),
        with_data(data_with(algorithm=2)),
        with_data(data_with(flags=2)),
        with_data(data_with(flags=0x81)),
        # no hashes of SHA-1
        with_data(data_with(next_=b"\x2f" * 19)),
        with_data(data_with(next_=b"\x2f" * 21)),
        with_data(data_with(next_=b"")),
        evolve(GOOD, owner=(GOOD.owner[0][:24], *EXAMPLE)),
        evolve(GOOD, owner=(GOOD.owner[0] + b"00000000", *EXAMPLE)),
        evolve(GOOD, owner=(GOOD.owner[0][:-1], *EXAMPLE)),
        evolve(GOOD, owner=(GOOD.owner[0][:-1] + b"z", *EXAMPLE)),
        evolve(GOOD, owner=(GOOD.owner[0][:-1] + b"\xe9", *EXAMPLE)),
        # RFC 5155 §3: the hash is one label before the name of the zone
        evolve(GOOD, owner=EXAMPLE),
        evolve(GOOD, owner=()),
        evolve(GOOD, owner=(GOOD.owner[0], b"sub", *EXAMPLE)),
        evolve(GOOD, owner=(GOOD.owner[0], b"test")),
        evolve(GOOD, owner=(GOOD.owner[0],)),
        evolve(GOOD, type=RrType.NSEC),
    ],
)
def test_what_cannot_be_a_record_of_the_zone_is_ignored(found: SignedSet) -> None:
    """RFC 5155 §8.1, §8.2; and others are as good as without it."""
    assert chain_of(found) is None
    chain = chain_of(found, GOOD)
    assert chain is not None
    assert len(chain.links) == 1


@pytest.mark.parametrize(
    "other",
    [
        Hashing(salt="aabbccde"),
        Hashing(salt=""),
        Hashing(iterations=11),
    ],
)
def test_records_of_different_parameters_prove_nothing(other: Hashing) -> None:
    """RFC 5155 §8.2."""
    found = nsec3(other.of(EXAMPLE), other.of(labels("ns1.example")), "NS SOA", other)
    assert chain_of(found) is not None
    assert chain_of(GOOD, found) is None


def test_the_flags_may_differ() -> None:
    """RFC 5155 §6: a zone may have both."""
    own = Hashing().of(EXAMPLE)
    assert chain_of(GOOD, nsec3(own, own, "NS SOA", flags=0)) is not None


@pytest.mark.parametrize(
    ("begin", "end", "is_gap"),
    [
        (-1, 1, True),
        (0, 1, False),
        (-1, 0, False),
        (1, 2, False),
        (-2, -1, False),
        # the last one, before and behind
        (-1, -2, True),
        (2, 1, True),
        (1, -1, False),
        (1, 0, False),
        (0, -1, False),
        # the only one
        (1, 1, True),
        (-1, -1, True),
        (0, 0, False),
    ],
)
def test_gaps(begin: int, end: int, *, is_gap: bool) -> None:
    """RFC 5155 §3.1.7, as far from the hash of a name."""
    name = labels("nope.example")
    hashed = int.from_bytes(hash_of(name, b"", 0))
    own, next_ = (b32hexencode((hashed + by).to_bytes(20)).decode() for by in (begin, end))
    chain = chain_of(nsec3(own.lower(), next_, "A", Hashing("", 0), flags=0))
    assert chain is not None
    assert chain.gap_at(name) == (Gap(name) if is_gap else None)


def test_a_name_that_is_shown_is_in_no_gap() -> None:
    """An old record, whose signature is still valid, and a name that is new since."""
    own = Hashing().of(EXAMPLE)
    old = nsec3(own, own, "NS SOA", flags=0)
    for sets in ((GOOD, old), (old, GOOD)):
        chain = chain_of(*sets)
        assert chain is not None
        assert chain.gap_at(labels("ns1.example")) is None
        assert chain.gap_at(labels("ns2.example")) is not None


def test_one_record_with_the_flag_leaves_a_gap_open() -> None:
    """RFC 5155 §6, of two that contradict each other."""
    own = Hashing().of(EXAMPLE)
    both = nsec3(own, own, "NS SOA", flags=0), RFC_5155["a.example"]
    chain = chain_of(*both)
    assert chain is not None
    assert chain.gap_at(labels("c.example")) == Gap(labels("c.example"), is_opt_out=True)


# --- The closest encloser


@given(data=st.data(), zone=denying_zones())
def test_the_next_closer_name_is_below_the_closest_encloser(
    data: st.DataObject, zone: DenyingZone
) -> None:
    """RFC 5155 §8.3, by the steps of the algorithm that it gives."""
    name = data.draw(denied_names(zone))
    sets = data.draw(st.lists(st.sampled_from(zone.nsec3_chain()), unique=True, min_size=1))
    chain = Nsec3Chain.of(zone.apex, sets, Work())
    assert chain is not None
    gap = chain.next_closer(name)
    assert (None if gap is None else gap.name[1:]) == encloser(zone, sets, name)


def encloser(zone: DenyingZone, sets: list[SignedSet], name: Labels) -> Labels | None:
    """RFC 5155 §8.3: the algorithm, and the check of what it finds."""
    owners = {each.owner[0].decode() for each in sets}
    flag = False
    for at in range(len(name) - len(zone.apex) + 1):
        hashed = zone.hashing.of(name[at:])
        if hashed in owners:
            types = zone.names.get(name[at:], frozenset())
            is_other = RrType.NS in types and RrType.SOA not in types
            return name[at:] if flag and not is_other and RrType.DNAME not in types else None
        flag = any(is_covering(each, hashed) for each in sets)
    return None


def is_covering(found: SignedSet, hashed: str) -> bool:
    """Whether a hash is between the two of a record."""
    begin, size = found.owner[0].decode(), found.data[0][4]
    end = b32hexencode(found.data[0][6 + size : 26 + size]).decode().lower()
    return begin < hashed < end or (end <= begin and (hashed > begin or hashed < end))


# --- What it costs


def test_a_name_is_hashed_once() -> None:
    """CVE-2023-50868: 12 iterations are 13 applications of SHA-1."""
    work = Work(hashes=13)
    chain = chain_of(*RFC_5155.values(), work=work)
    assert chain is not None
    for _ in range(3):
        assert chain.gap_at(labels("c.example"))
        assert not chain.types_at(labels("c.example"))
    assert work.hashes == 0
    with pytest.raises(TooMuchWorkError):
        chain.gap_at(labels("d.example"))
