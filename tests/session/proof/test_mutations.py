"""Whatever is changed of what came, nothing is secure but the truth (RFC 4035 §5.3.3).

Signatures are digests here, that stand for those of real cryptography.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from signed_world import Lookups, World, Zone, a, name_data, srv
from strategies import tampered_evidence

from sipresolve.vocabulary.evidence import Evidence, RrType, SignedSet
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Status


def world() -> World:
    zone = Zone("example.com")
    zone.add("a.example.com", RrType.A, a("192.0.2.1"), a("192.0.2.2"))
    zone.add("b.example.com", RrType.A, a("192.0.2.3"))
    zone.add("_sip._udp.example.com", RrType.SRV, srv(1, 1, 5060, "a.example.com"))
    zone.add("www.example.com", RrType.CNAME, name_data("a.example.com"))
    zone.add("*.wild.example.com", RrType.A, a("192.0.2.4"))
    zone.add("there.wild.example.com", RrType.A, a("192.0.2.5"))
    zone.add("d.example.com", RrType.DNAME, name_data("other.com"))
    other = Zone("other.com").add("a.other.com", RrType.A, a("192.0.2.6"))
    plain = Zone("plain.example.com", signed=False).add(
        "plain.example.com", RrType.A, a("192.0.2.7")
    )
    return World(Zone("."), Zone("com"), zone, other, plain)


ASKED = [
    "a.example.com A",
    "a.example.com AAAA",
    "_sip._udp.example.com SRV",
    "www.example.com A",
    "x.wild.example.com A",
    "x.wild.example.com SRV",
    "there.wild.example.com A",
    "a.d.example.com A",
    "nope.example.com A",
    "example.com DS",
    "example.com DNSKEY",
    "plain.example.com DS",
    "com DNSKEY",
]
TRUTH = {text: Lookups(world()).prove(text) for text in ASKED}
#: All RRsets that the domain shows of itself, to be mixed with others.
SHOWN = tuple(
    dict.fromkeys(
        found
        for text in ASKED
        for shown in [
            world().answer(Question(text.split()[0], RecordType(text.split()[1]))).evidence
        ]
        if shown is not None
        for found in (*shown.answers, *shown.authorities)
    )
)


def test_the_truth_is_what_is_proven() -> None:
    insecure = {text for text, answer in TRUTH.items() if answer.security is Security.INSECURE}
    assert insecure == {"plain.example.com DS"}
    assert all(
        answer.security is Security.SECURE for text, answer in TRUTH.items() if text not in insecure
    )
    assert len(SHOWN) == 18


def content(answer: Answer) -> tuple[object, ...]:
    return answer.status, frozenset(answer.records), answer.aliases


@pytest.mark.parametrize("text", ASKED)
@given(data=st.data())
def test_nothing_else_is_ever_secure(text: str, data: st.DataObject) -> None:
    domain = world()
    name, kind = text.split()
    asked = Question(name, RecordType(kind), signed=True)
    shown = domain.answer(asked).evidence or Evidence()
    evidence = data.draw(tampered_evidence(shown, SHOWN))
    said = data.draw(st.sampled_from([Status.OK, Status.NODATA, Status.NXDOMAIN]))
    ttl = data.draw(st.sampled_from([300, 2**31 - 1]))
    domain.tamper = lambda answer: (
        evolve(answer, evidence=evidence, status=said, ttl=ttl)
        if answer.question == asked
        else answer
    )
    found, truth = Lookups(domain).prove(text), TRUTH[text]
    assert found.security in (Security.BOGUS, truth.security)
    if found.security is Security.BOGUS:
        assert (found.status, found.records) == (Status.BOGUS, ())
        return
    assert content(found) == content(truth)
    assert found.ttl is not None
    assert truth.ttl is not None
    assert found.ttl <= truth.ttl, "the TTL as it was signed"


@given(data=st.data())
def test_below_tampered_keys_nothing_else_is_secure(data: st.DataObject) -> None:
    """A chain is as strong as each of its links."""
    domain = world()
    link = data.draw(
        st.sampled_from(["example.com DNSKEY", "example.com DS", "com DNSKEY", ". DNSKEY"])
    )
    name, kind = link.split()
    asked = Question(name, RecordType(kind), signed=True)
    evidence = data.draw(tampered_evidence(domain.answer(asked).evidence or Evidence(), SHOWN))
    domain.tamper = lambda answer: (
        evolve(answer, evidence=evidence) if answer.question == asked else answer
    )
    for text in ("a.example.com A", "nope.example.com A"):
        found, truth = Lookups(domain).prove(text), TRUTH[text]
        assert found.security in (Security.BOGUS, Security.SECURE)
        if found.security is Security.SECURE:
            assert content(found) == content(truth)


@given(data=st.data())
def test_a_set_is_signed_only_as_it_is(data: st.DataObject) -> None:
    """What is still secure has the same canonical records, in the same order."""
    domain = world()
    asked = Question("a.example.com", RecordType.A, signed=True)
    (truth,) = (domain.answer(asked).evidence or Evidence()).answers
    evidence = data.draw(tampered_evidence(Evidence((truth,)), (truth,)))
    domain.tamper = lambda answer: (
        evolve(answer, evidence=evidence) if answer.question == asked else answer
    )
    found = Lookups(domain).prove("a.example.com A")
    if found.security is Security.SECURE:
        sets = [each for each in evidence.answers if _key(each) == _key(truth)]
        assert truth.data in [each.data for each in sets]


def _key(found: SignedSet) -> tuple[object, int]:
    return found.owner, found.type
