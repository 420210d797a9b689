"""Absence: the examples of RFC 4035 and RFC 5155, attacks, and small zones against their truth."""

from __future__ import annotations

from base64 import b32hexdecode, b32hexencode
from typing import TYPE_CHECKING, Final

import pytest
from attrs import evolve
from denying import (
    ATTACKED,
    RFC_4035,
    RFC_5155,
    DenyingZone,
    Hashing,
    labels,
    nsec,
    nsec3,
    numbers,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import denied_names, denying_zones

from sipresolve.session.proof.denial import (
    Denial,
    absent_name,
    absent_type,
    expanded_wildcard,
)
from sipresolve.session.proof.work import MOST_ITERATIONS, Work
from sipresolve.vocabulary.evidence import RrType
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.vocabulary.evidence import Labels, SignedSet

EXAMPLE: Final = labels("example")
SECURE: Final = Denial(Security.SECURE)
UNSIGNED_DELEGATION: Final = Denial(Security.SECURE, delegation=True)


def deny(
    question: str, sets: Sequence[SignedSet], zone: Labels = EXAMPLE, work: Work | None = None
) -> Denial:
    """What is proven of a question: a name and a type, none, or how many labels a wildcard has."""
    text, what = question.split()
    name, work = labels(text), work or Work()
    if what == "nothing":
        return absent_name(name, zone, sets, work)
    if what.isdecimal():
        return expanded_wildcard(name, int(what), zone, sets, work)
    (type_,) = numbers(what)
    return absent_type(name, type_, zone, sets, work)


def code(denial: Denial) -> str | None:
    """Why it is not secure; None where it is."""
    return None if denial.reason is None else denial.reason.code


# --- The examples of the RFCs


@pytest.mark.parametrize(
    ("question", "shown", "expected"),
    [
        # B.1: there are such records
        ("x.w.example MX", "x.w.example", None),
        ("ml.example nothing", "b.example example", SECURE),  # B.2
        ("ns1.example MX", "ns1.example", SECURE),  # B.3
        # B.4: a referral to a zone that is signed
        ("a.example DS", "a.example", None),
        ("b.example DS", "b.example", UNSIGNED_DELEGATION),  # B.5
        ("a.z.w.example 2", "x.y.w.example", SECURE),  # B.6
        ("a.z.w.example AAAA", "x.y.w.example *.w.example", SECURE),  # B.7
        ("example DS", "example", None),  # B.8
    ],
)
def test_the_responses_of_rfc_4035(question: str, shown: str, expected: Denial | None) -> None:
    """RFC 4035 appendix B and C; and none of the records can be spared."""
    sets = [RFC_4035[name] for name in shown.split()]
    denial = deny(question, sets)
    assert denial == (expected or evolve(denial, security=Security.BOGUS))
    assert deny(question, [*RFC_4035.values()]) == denial
    for needed in sets:
        fewer = deny(question, [each for each in sets if each is not needed])
        assert code(fewer) == "not-denied"


@pytest.mark.parametrize(
    ("question", "shown", "expected"),
    [
        ("a.c.x.w.example nothing", "example x.w.example a.example", "opt-out"),  # B.1
        ("ns1.example MX", "ns1.example", SECURE),  # B.2
        ("y.w.example A", "y.w.example", SECURE),  # B.2.1
        ("c.example DS", "a.example example", "opt-out"),  # B.3
        ("mc.c.example DS", "a.example example", "opt-out"),
        ("a.z.w.example 2", "ns2.example", "opt-out"),  # B.4
        ("a.z.w.example AAAA", "w.example ns2.example *.w.example", "opt-out"),  # B.5
        ("example DS", "example", "not-denied"),  # B.6
    ],
)
def test_the_responses_of_rfc_5155(question: str, shown: str, expected: Denial | str) -> None:
    """RFC 5155 appendix B, in which all records have the flag of opt-out (§9.2)."""
    sets = [RFC_5155[name] for name in shown.split()]
    denial = deny(question, sets)
    assert (denial if expected is SECURE else code(denial)) == expected
    assert deny(question, [*RFC_5155.values()]) == denial
    for needed in sets:
        fewer = deny(question, [each for each in sets if each is not needed])
        # what stands for c.x.w.example may be an unsigned delegation, whatever its wildcard has
        assert code(fewer) == "not-denied" or (
            needed is RFC_5155["*.w.example"] and code(fewer) == "opt-out"
        )


def test_opt_out_leaves_open_whether_there_is_a_delegation() -> None:
    """RFC 5155 §8.6, §8.9: it may be one, and then it is not signed."""
    sets = [RFC_5155["example"], RFC_5155["a.example"]]
    denial = deny("c.example DS", sets)
    assert (denial.security, denial.delegation) == (Security.INSECURE, True)
    denial = deny("c.example A", sets)
    assert (denial.security, denial.delegation) == (Security.INSECURE, False)
    assert str(denial.reason) == "example leaves open (opt-out) whether c.example is signed"


@pytest.mark.parametrize("question", ["a.c.x.w.example nothing", "a.z.w.example 2"])
def test_without_opt_out_nothing_is_open(question: str) -> None:
    """RFC 5155 §8.4, §8.8."""
    assert deny(question, [*map(closed, RFC_5155.values())]) == SECURE


def test_without_opt_out_a_name_that_is_not_shown_may_be_signed() -> None:
    """RFC 5155 §8.6: the NSEC3 record that covers the next closer name must have the flag."""
    sets = [closed(RFC_5155["example"]), closed(RFC_5155["a.example"])]
    assert code(deny("c.example DS", sets)) == "not-denied"
    assert code(deny("c.example A", sets)) == "not-denied"


def closed(found: SignedSet) -> SignedSet:
    """An NSEC3 record without the flag of opt-out."""
    (data,) = found.data
    return evolve(found, data=(data[:1] + b"\0" + data[2:],))


# --- Attacks

NSEC: Final = {found.owner: found for found in ATTACKED.nsec_chain()}


def link_of(name: str) -> SignedSet:
    """An NSEC3 record that matches a name, and covers next to nothing."""
    own, end = hashes_beside(name, 0, 1)
    types = ATTACKED.names.get(labels(name), ())
    return ATTACKED.hashing.record(own, end, types, 0, EXAMPLE)


def link_over(name: str) -> SignedSet:
    """An NSEC3 record that covers a name, and next to nothing else (RFC 7129 appendix B)."""
    own, end = hashes_beside(name, -1, 1)
    return ATTACKED.hashing.record(own, end, (), 0, EXAMPLE)


def hashes_beside(name: str, *distances: int) -> list[str]:
    """What is so far from the hash of a name."""
    hashed = int.from_bytes(b32hexdecode(ATTACKED.hashing.of(labels(name)).upper()))
    return [b32hexencode((hashed + by).to_bytes(20)).decode().lower() for by in distances]


def test_a_record_that_covers_one_name_is_enough() -> None:
    """Those that are made for one answer (RFC 7129 appendix B)."""
    sets = [link_of("w.example"), *map(link_over, ["b.w.example", "*.b.w.example"])]
    assert deny("a.b.w.example AAAA", [*sets, link_of("*.w.example")]) == SECURE
    sets = [link_of("example"), *map(link_over, ["nope.example", "*.example"])]
    assert deny("a.nope.example nothing", sets) == SECURE


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        # RFC 6840 §4.1: the parent's side of a delegation says nothing of what is below
        ("x.safe.example nothing", "safe.example example"),
        ("x.safe.example A", "safe.example *.w.example example"),
        ("x.safe.example DS", "safe.example"),
        ("safe.example A", "safe.example"),
        ("sub.example A", "sub.example"),
        ("x.sub.example 1", "sub.example"),
        # nor does a DNAME record
        ("x.dname.example nothing", "dname.example example"),
        ("x.dname.example A", "dname.example"),
        ("x.dname.example 1", "dname.example"),
        # RFC 6840 §4.3: an alias was left out
        ("alias.example A", "alias.example"),
        ("x.star.example A", "*.star.example"),
        # RFC 6840 §4.4: there are DS records, or may be behind an alias
        ("safe.example DS", "safe.example"),
        ("alias.example DS", "alias.example"),
        # the name exists: as the owner, as the next one, as one above others
        ("www.example nothing", "www.example example"),
        ("www.example nothing", "*.star.example example"),
        ("y.example nothing", "www.example example"),
        ("a.w.example nothing", "*.w.example example"),
        # a wildcard exists, and was left out
        ("x.w.example nothing", "*.a.w.example sub.example"),
        ("x.w.example A", "*.a.w.example *.w.example"),
        ("x.y.example nothing", "x.*.y.example www.example"),
        # the wildcard of another level
        ("x.w.example AAAA", "*.a.w.example"),
        ("x.a.w.example AAAA", "*.w.example sub.example"),
        ("x.a.w.example 2", "*.a.w.example"),
        ("x.b.w.example 3", "*.w.example"),
        ("x.w.example 1", "*.a.w.example"),
        # more labels than the name has, or fewer than the zone
        ("x.w.example 3", "*.a.w.example"),
        ("x.w.example 4", "*.a.w.example"),
        ("nope.example 0", "dname.example"),
        # the name itself exists
        ("www.example 1", "www.example *.star.example"),
        # another gap, or none
        ("nope.example nothing", "example www.example"),
        ("nope.example nothing", ""),
        ("nope.example A", "www.example"),
        ("nope.example 1", "www.example"),
        # a wildcard that is a delegation (RFC 4592 §4.2)
        ("x.z.example A", "*.z.example"),
        ("x.z.example DS", "*.z.example"),
        # names of other zones
        ("nope.test nothing", "example *.z.example"),
        ("nope.test A", "example *.z.example"),
        ("nope.test 0", "example *.z.example"),
    ],
)
def test_what_nsec_does_not_prove_is_bogus(question: str, shown: str) -> None:
    """By any choice of the records of a zone."""
    assert code(deny(question, [NSEC[labels(name)] for name in shown.split()])) == "not-denied"


@pytest.mark.parametrize(
    ("question", "matched", "covered"),
    [
        # RFC 5155 §8.3: the closest encloser is the parent's side of a delegation, or has a DNAME
        ("x.safe.example nothing", "safe.example", "x.safe.example *.safe.example"),
        ("x.sub.example A", "sub.example *.w.example", "x.sub.example"),
        ("x.sub.example DS", "sub.example", "x.sub.example"),
        ("x.dname.example nothing", "dname.example", "x.dname.example *.dname.example"),
        # RFC 6840 §4.1, §4.3, §4.4
        ("safe.example A", "safe.example", ""),
        ("safe.example DS", "safe.example", ""),
        ("alias.example A", "alias.example", ""),
        ("alias.example DS", "alias.example", ""),
        ("x.star.example A", "star.example *.star.example", "x.star.example"),
        # the next closer name, or the wildcard beside it, is not shown to be missing
        ("nope.example nothing", "example", "*.example"),
        ("x.nope.example nothing", "example", "x.nope.example *.example *.nope.example"),
        ("nope.example nothing", "", "nope.example *.example"),
        ("x.w.example nothing", "w.example", "x.w.example *.x.w.example"),
        ("x.w.example A", "w.example *.w.example", "x.w.example"),
        # the closest encloser is another one: that above it, whose wildcard is missing
        ("x.w.example nothing", "example", "x.w.example *.example"),
        ("x.a.w.example AAAA", "w.example *.w.example", "x.a.w.example"),
        # the name exists
        ("www.example nothing", "www.example example", "*.example"),
        ("www.example 1", "www.example", "*.example"),
        ("y.example 1", "y.example", "*.example"),
        # a wildcard that is a delegation
        ("x.z.example A", "z.example *.z.example", "x.z.example"),
        # more labels than the name has, or fewer than the zone
        ("nope.example 0", "", "example"),
        ("x.w.example 3", "", "example"),
        ("x.w.example 4", "", "w.example"),
        # a name above the zone, and that of the zone itself
        ("test nothing", "example", "test"),
        ("example nothing", "example", ""),
    ],
)
def test_what_nsec3_does_not_prove_is_bogus(question: str, matched: str, covered: str) -> None:
    """By any choice of the records of a zone without opt-out."""
    sets = [*map(link_of, matched.split()), *map(link_over, covered.split())]
    assert code(deny(question, sets)) == "not-denied"


def test_records_of_a_child_prove_nothing_of_its_ds_records() -> None:
    """RFC 6840 §4.4: those with the SOA bit are not of the parent."""
    child = nsec("child.example", "child.example", "NS SOA DNSKEY NSEC RRSIG")
    assert code(deny("child.example DS", [child])) == "not-denied"
    own = Hashing().of(labels("child.example"))
    assert code(deny("child.example DS", [nsec3(own, own, "NS SOA DNSKEY")])) == "not-denied"
    denial = deny("child.example DS", [child], labels("child.example"))
    assert str(denial.reason) == (
        "child.example does not prove that child.example has no DS records: "
        "they are in the zone above"
    )


def test_the_root_has_no_zone_above() -> None:
    """RFC 4035 §2.4: a DS record is at a delegation, and the root is none."""
    root = nsec("", "com", "NS SOA RRSIG NSEC DNSKEY")
    assert absent_type((), RrType.DS, (), [root], Work()) == SECURE


def test_a_name_without_ns_records_is_no_delegation() -> None:
    """RFC 6840 §4.4: an attacker would have an unsigned zone there."""
    assert deny("www.example DS", [NSEC[labels("www.example")]]) == SECURE
    assert deny("www.example DS", [link_of("www.example")]) == SECURE
    assert deny("sub.example DS", [NSEC[labels("sub.example")]]) == UNSIGNED_DELEGATION
    assert deny("sub.example DS", [link_of("sub.example")]) == UNSIGNED_DELEGATION


# --- What is said


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("nope.example nothing", "that nope.example does not exist"),
        ("nope.example SRV", "that nope.example has no SRV records"),
        ("a.b.example 1", "that *.example stands for a.b.example"),
    ],
)
def test_a_reason_names_the_name_and_the_zone(question: str, sentence: str) -> None:
    """For whoever has to find the fault."""
    denial = deny(question, [])
    assert str(denial.reason) == f"example does not prove {sentence}"


# --- Bounds


@pytest.mark.parametrize("question", ["nope.example nothing", "www.example AAAA", "x.w.example 2"])
@pytest.mark.parametrize("more", [0, 1, 2000])
def test_too_many_iterations_are_insecure(question: str, more: int) -> None:
    """RFC 9276 §3.2; nothing is hashed then."""
    iterations = MOST_ITERATIONS + more
    work = Work()
    before = work.hashes
    denial = deny(question, evolve(ATTACKED, iterations=iterations).nsec3_chain(), work=work)
    assert (work.hashes < before) == (not more)
    assert denial.security == (Security.INSECURE if more else Security.SECURE)
    if more:
        name, _ = question.split()
        assert code(denial) == "too-many-iterations"
        assert str(denial.reason) == (
            f"the NSEC3 records of example have {iterations} iterations, more than 150: "
            f"{name} is not proven"
        )


@pytest.mark.parametrize(
    ("question", "hashes"),
    [
        ("www.example AAAA", 1),
        ("nope.example nothing", 3),  # it, the zone, the wildcard
        ("a.b.c.nope.example nothing", 6),
        ("a.b.w.example AAAA", 4),
        ("a.b.w.example 2", 1),
    ],
)
def test_each_name_is_hashed_once(question: str, hashes: int) -> None:
    """CVE-2023-50868: what an NSEC3 proof costs, in applications of SHA-1."""
    sets = evolve(ATTACKED, iterations=9).nsec3_chain()
    work = Work(hashes=hashes * 10)
    assert deny(question, sets, work=work) == SECURE
    assert work.hashes == 0
    denial = deny(question, sets, work=Work(hashes=hashes * 10 - 1))
    assert (denial.security, code(denial)) == (Security.BOGUS, "too-much-work")
    assert str(denial.reason).endswith(" without hashing too often")


# --- Records of both kinds, and of servers that make them as they answer


def test_records_of_either_kind_suffice() -> None:
    """A zone that goes over to NSEC3 has both (RFC 5155 §10.4)."""
    sets = [*RFC_4035.values(), *RFC_5155.values()]
    assert deny("ml.example nothing", sets) == SECURE
    assert deny("y.w.example A", [RFC_4035["example"], RFC_5155["y.w.example"]]) == SECURE


def test_records_made_for_one_answer() -> None:
    """RFC 4470: they begin just before a name, and end just behind it. RFC 9824: with the name."""
    around = [
        nsec("nopd~.example", "nope-.example", "RRSIG NSEC"),
        nsec(").example", "+.example", ""),
    ]
    assert deny("nope.example nothing", around) == SECURE
    compact = nsec("nope.example", "\0.nope.example", "RRSIG NSEC NXNAME")
    assert deny("nope.example A", [compact]) == SECURE
    assert deny("nope.example DS", [compact]) == SECURE
    assert code(deny("nope.example nothing", [compact])) == "not-denied"


def test_a_zone_of_one_name() -> None:
    """RFC 4034 §4.1.1, RFC 5155 §3.1.7: the only record is its own next one."""
    only = nsec("example", "example", "SOA NS DNSKEY NSEC RRSIG")
    own = Hashing().of(EXAMPLE)
    for found in (only, closed(nsec3(own, own, "SOA NS DNSKEY"))):
        assert deny("a.b.example nothing", [found]) == SECURE
        assert deny("example A", [found]) == SECURE
        assert deny("a.b.example 1", [found]) == SECURE
        assert code(deny("example SOA", [found])) == "not-denied"
        assert code(deny("example nothing", [found])) == "not-denied"


# --- Small zones, and what is true of them

TYPES: Final = st.sampled_from([RrType.A, RrType.AAAA, RrType.SRV, RrType.CNAME, RrType.DS])


def is_true(zone: DenyingZone, name: Labels, type_: int) -> bool:
    """Whether a name has no such records, as the zone sees it."""
    is_of_parent = type_ == RrType.DS and name == zone.apex != ()
    return zone.truth(name, type_) == "no data" and not is_of_parent


def is_unsigned(zone: DenyingZone, name: Labels, type_: int) -> bool:
    """Whether a name is a delegation, as a question for its DS records finds out."""
    is_delegation = name != zone.apex and RrType.NS in zone.names.get(name, ())
    return type_ == RrType.DS and is_delegation


@given(data=st.data(), zone=denying_zones(), type_=TYPES, hashed=st.booleans())
def test_a_whole_chain_proves_what_is_true(
    data: st.DataObject, zone: DenyingZone, type_: RrType, *, hashed: bool
) -> None:
    """And all that is true, and nothing else."""
    name = data.draw(denied_names(zone))
    chain = zone.nsec3_chain() if hashed else zone.nsec_chain()
    absent = absent_name(name, zone.apex, chain, Work())
    assert absent.security == proven(is_proven=zone.truth(name, RrType.A) == "name error")
    lacking = absent_type(name, type_, zone.apex, chain, Work())
    is_lacking = is_true(zone, name, type_)
    assert lacking.security == proven(is_proven=is_lacking)
    assert lacking.delegation == (is_lacking and is_unsigned(zone, name, type_))


def proven(*, is_proven: bool) -> Security:
    """What a proof comes to, where nothing is left open."""
    return Security.SECURE if is_proven else Security.BOGUS


@given(data=st.data(), zone=denying_zones(opt_out=True), type_=TYPES, hashed=st.booleans())
def test_a_part_of_a_chain_proves_nothing_else(
    data: st.DataObject, zone: DenyingZone, type_: RrType, *, hashed: bool
) -> None:
    """Whatever an attacker leaves out, of records of either kind."""
    name = data.draw(denied_names(zone))
    chain = zone.nsec3_chain() if hashed else zone.nsec_chain()
    part = data.draw(st.lists(st.sampled_from(chain), unique=True, max_size=4))
    if absent_name(name, zone.apex, part, Work()).security is Security.SECURE:
        assert zone.truth(name, RrType.A) == "name error"
    lacking = absent_type(name, type_, zone.apex, part, Work())
    if lacking.security is Security.SECURE:
        assert is_true(zone, name, type_)
        assert lacking.delegation == is_unsigned(zone, name, type_)


@given(data=st.data(), zone=denying_zones(opt_out=True), type_=TYPES)
def test_opt_out_leaves_no_more_open_than_it_must(
    data: st.DataObject, zone: DenyingZone, type_: RrType
) -> None:
    """RFC 5155 §6, §9.2: only what is at or below a gap of the chain is left open."""
    name = data.draw(denied_names(zone))
    chain = zone.nsec3_chain()
    absent = absent_name(name, zone.apex, chain, Work())
    lacking = absent_type(name, type_, zone.apex, chain, Work())
    truth = zone.truth(name, type_)
    if lacking.security is Security.SECURE:
        assert is_true(zone, name, type_)
    if zone.lean:
        return
    if truth in {"data", "alias"}:
        assert lacking.security is absent.security is Security.BOGUS
    if truth == "name error":
        closer = name[len(name) - len(zone.encloser(name)) - 1 :]
        assert absent.security is not Security.BOGUS
        assert (absent.security is Security.INSECURE) == is_in_open_gap(zone, closer, chain)
    if is_true(zone, name, type_):
        assert lacking.security is not Security.BOGUS
        assert lacking.delegation == is_unsigned(zone, name, type_) or (
            type_ == RrType.DS and lacking.security is Security.INSECURE
        )


def is_in_open_gap(zone: DenyingZone, name: Labels, chain: Sequence[SignedSet]) -> bool:
    """Whether the record before the hash of a name has the flag of opt-out."""
    hashed = zone.hashing.of(name).encode()
    before = [each for each in chain if each.owner[0] < hashed] or chain
    return max(before, key=lambda each: each.owner[0]).data[0][1] == 1


@given(data=st.data(), zone=denying_zones(), hashed=st.booleans())
def test_a_wildcard_stands_for_names_that_do_not_exist(
    data: st.DataObject, zone: DenyingZone, *, hashed: bool
) -> None:
    """RFC 4592 §3.3.1: whose closest encloser is the name above the wildcard."""
    wildcards = sorted(name for name in zone.names if name[:1] == (b"*",))
    if not wildcards:
        return
    encloser = data.draw(st.sampled_from(wildcards))[1:]
    head = data.draw(st.lists(st.sampled_from([b"a", b"d", b"*"]), min_size=1, max_size=3))
    name = (*head, *encloser)
    chain = zone.nsec3_chain() if hashed else zone.nsec_chain()
    denial = expanded_wildcard(name, len(encloser), zone.apex, chain, Work())
    is_right = not zone.has(name[len(head) - 1 :])
    assert denial.security == proven(is_proven=is_right)
    part = data.draw(st.lists(st.sampled_from(chain), unique=True, max_size=2))
    some = expanded_wildcard(name, len(encloser), zone.apex, part, Work())
    assert some.security is Security.BOGUS or is_right
