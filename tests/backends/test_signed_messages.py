"""What signed messages prove when somebody has changed them, from the octets to the verdict.

Everything is real but the network: dnspython and cryptography sign, messages are read as they come
from a socket, and a session proves them, with keys and delegations from other messages.
"""

from __future__ import annotations

import struct
import time
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.message
import dns.name
import dns.rdata
import dns.rrset
import pytest
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from hypothesis import given
from hypothesis import strategies as st
from internet.plans import UNSIGNED, Plan
from internet.signing import Nsec3
from signed_messages import SignedInternet, answered
from strategies import recomposed, tampered

from sipresolve.backends.signatures import signatures
from sipresolve.procedures.ask import Ask, Wait
from sipresolve.session.proof.means import Checking
from sipresolve.session.proof.names import labels_of
from sipresolve.session.run import Ended, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.evidence import wire_of
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dns.rrset import RRset
    from hypothesis.strategies import DataObject

    from sipresolve.backends.wire import Query
    from sipresolve.procedures.ask import Procedure

NAMES: Final = """
@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
@ NAPTR 20 10 "s" "SIP+D2T" "" _sip._tcp
_sip._udp SRV 10 10 5060 gw
_sip._udp SRV 10 20 5060 gw.nsec3.com.
gw A 192.0.2.1
gw A 192.0.2.2
gw A 192.0.2.3
a.between A 192.0.2.4
*.any A 192.0.2.5
here.any A 192.0.2.6
"""
ALIASES: Final = """
abroad CNAME gw.nsec3.com.
moved DNAME nsec3.com.
"""

INTERNET: Final = SignedInternet.of(
    Plan(zone=".", records=""),
    Plan(zone="com.", records="", denial=Nsec3()),
    Plan(zone="nsec.com.", records=NAMES + ALIASES),
    Plan(zone="nsec3.com.", records=NAMES, denial=Nsec3(salt=b"\xab", iterations=1)),
    Plan(zone="plain.com.", keys=UNSIGNED),
    Plan(zone="open.com.", records=NAMES, denial=Nsec3(opt_out=True)),
    Plan(zone="signed.open.com."),
    Plan(zone="plain.open.com.", keys=UNSIGNED),
)
POLICY: Final = Policy(dnssec="validate", trust_anchors=[INTERNET.anchor])
NOW: Final = time.time()
CHECKING: Final = Checking(cache(signatures()), lambda: NOW)

#: Messages that come in place of those that are right.
Changed: TypeAlias = "Mapping[Question, bytes]"

SECURE, INSECURE, BOGUS = Security.SECURE, Security.INSECURE, Security.BOGUS
OK, NODATA, NXDOMAIN = Status.OK, Status.NODATA, Status.NXDOMAIN
A, AAAA, SRV, NAPTR = RecordType.A, RecordType.AAAA, RecordType.SRV, RecordType.NAPTR

#: What each question is answered with where nobody has changed anything.
TRUTHS: Final = {
    Question("nsec.com", NAPTR): (OK, SECURE),
    Question("_sip._udp.nsec.com", SRV): (OK, SECURE),
    Question("gw.nsec.com", A): (OK, SECURE),
    Question("gw.nsec3.com", A): (OK, SECURE),
    Question("here.any.nsec.com", A): (OK, SECURE),
    Question("x.any.nsec.com", A): (OK, SECURE),
    Question("x.any.nsec3.com", A): (OK, SECURE),
    Question("abroad.nsec.com", A): (OK, SECURE),
    Question("gw.moved.nsec.com", A): (OK, SECURE),
    Question("gw.nsec.com", AAAA): (NODATA, SECURE),
    Question("gw.nsec3.com", AAAA): (NODATA, SECURE),
    Question("between.nsec.com", A): (NODATA, SECURE),
    Question("between.nsec3.com", A): (NODATA, SECURE),
    Question("x.any.nsec.com", AAAA): (NODATA, SECURE),
    Question("x.any.nsec3.com", AAAA): (NODATA, SECURE),
    Question("no.nsec.com", A): (NXDOMAIN, SECURE),
    Question("no.no.nsec3.com", A): (NXDOMAIN, SECURE),
    Question("gw.open.com", A): (OK, SECURE),
    Question("gw.signed.open.com", A): (OK, SECURE),
    Question("gw.open.com", AAAA): (NODATA, SECURE),
    Question("no.open.com", A): (NXDOMAIN, INSECURE),
    Question("gw.plain.open.com", A): (OK, INSECURE),
    Question("gw.plain.com", A): (OK, INSECURE),
    Question("no.plain.com", A): (NXDOMAIN, INSECURE),
}


@cache
def message(question: Question) -> bytes:
    return INTERNET.message(question)


def proven(
    question: Question, changed: Changed | None = None, asked: list[Question] | None = None
) -> Answer:
    """What is proven of a question, by a session that knows nothing yet."""
    session = Session(POLICY, None, CHECKING)
    run = session._run(asking(question), POLICY, 0.0)
    while not isinstance(step := session.advance(run, 0.0), Ended):
        assert isinstance(step, Waiting)
        questions = (*step.start, *session.take())
        if asked is not None:
            asked += questions
        session.deliver([answer(each, changed or {}) for each in questions], 0.0)
    return step.used[0]


def asking(question: Question) -> Procedure[tuple[Answer, ...]]:
    known = yield Ask((Wait((question,)),))
    return (known[question],)


def answer(question: Question, changed: Changed) -> Answer:
    if Question(question.name, question.type) not in changed:
        return unchanged(question)

    def reply(query: Query, name: str) -> bytes:
        wanted = Question(name, query.type)
        return changed.get(wanted) or message(wanted)

    return answered(question, reply)


@cache
def unchanged(question: Question) -> Answer:
    return answered(question, lambda query, name: message(Question(name, query.type)))


@cache
def truth(question: Question) -> tuple[Answer, tuple[Question, ...]]:
    """What is proven where nothing is changed, and the questions whose messages prove it."""
    asked: list[Question] = []
    found = proven(question, asked=asked)
    return found, tuple(Question(each.name, each.type) for each in asked)


@pytest.mark.parametrize(("question", "expected"), TRUTHS.items(), ids=str)
def test_what_is_proven_where_nothing_is_changed(
    question: Question, expected: tuple[Status, Security]
) -> None:
    found, _ = truth(question)
    assert (found.status, found.security) == expected, found.reason


# --- Anything at all is changed


OF_EACH_KIND: Final = [
    Question("nsec.com", NAPTR),
    Question("gw.nsec.com", A),
    Question("x.any.nsec.com", A),
    Question("abroad.nsec.com", A),
    Question("gw.moved.nsec.com", A),
    Question("gw.nsec3.com", AAAA),
    Question("no.nsec.com", A),
    Question("no.no.nsec3.com", A),
    Question("no.plain.com", A),
]
questions = st.sampled_from(list(TRUTHS))


def places(question: Question) -> st.SearchStrategy[list[Question]]:
    """Where something is changed: in the answer itself, as a rule."""
    others = st.lists(st.sampled_from(truth(question)[1]), min_size=1, max_size=3, unique=True)
    return st.just([question]) | others


@pytest.mark.parametrize("bits", [0x01, 0x20])
@pytest.mark.parametrize("question", OF_EACH_KIND, ids=str)
def test_no_octet_can_be_changed_so_that_something_else_is_proven(
    question: Question, bits: int
) -> None:
    """The ID decides only whether it is a reply; 0x20 changes the case of letters."""
    octets = message(question)
    for at in range(2, len(octets)):
        changed = octets[:at] + bytes((octets[at] ^ bits,)) + octets[at + 1 :]
        check(question, {question: changed})


@given(st.data(), questions)
def test_messages_with_other_octets_prove_nothing_else(
    data: DataObject, question: Question
) -> None:
    changed = data.draw(places(question))
    check(question, {place: data.draw(tampered(message(place))) for place in changed})


@given(st.data(), questions)
def test_messages_with_other_records_prove_nothing_else(
    data: DataObject, question: Question
) -> None:
    known = (*TRUTHS, *truth(question)[1])
    changed, others = data.draw(places(question)), [message(each) for each in known]
    check(question, {place: data.draw(recomposed(message(place), others)) for place in changed})


@given(st.data(), questions, questions)
def test_messages_in_the_place_of_others_prove_nothing_else(
    data: DataObject, question: Question, other: Question
) -> None:
    changed, others = data.draw(places(question)), st.sampled_from(truth(other)[1])
    check(question, {place: in_place_of(place, data.draw(others)) for place in changed})


def in_place_of(question: Question, other: Question) -> bytes:
    """The message about another question, as if it were about this one."""
    made = dns.message.from_wire(message(other), one_rr_per_rrset=True)
    made.question = dns.message.from_wire(message(question)).question
    return made.to_wire(max_size=65_535)


def check(question: Question, changed: Changed) -> None:
    """What is signed stays as it is or is found to be forged; what is not signed, likewise."""
    told, found = truth(question)[0], proven(question, changed)
    if found.security is SECURE:
        assert told.security is SECURE
        assert content(found) == content(told)
        # RFC 4035 §5.3.3: no greater than "the value in the RRSIG RR's Original TTL field".
        assert found.ttl is None or (told.ttl is not None and found.ttl <= told.ttl)
    elif found.security is INSECURE:
        # RFC 4035 §5.2: a zone is not signed only if the one above proves that it has no DS.
        assert told.security is INSECURE
    elif found.security is BOGUS:
        assert (found.status, found.records) == (Status.BOGUS, ())
    else:
        assert found.status.is_failure
        assert not found.records


def content(found: Answer) -> tuple[object, ...]:
    return found.status, frozenset(found.records), found.aliases


# --- One thing is changed

#: Changes records, each of which comes alone, signatures too.
Change: TypeAlias = "Callable[[list[RRset]], Iterable[RRset]]"


def rewritten(question: Question, *changes: Change) -> bytes:
    made = dns.message.from_wire(message(question), one_rr_per_rrset=True)
    for change in changes:
        made.answer = list(change(made.answer))
        made.authority = list(change(made.authority))
    return made.to_wire(max_size=65_535)


def each(alter: Callable[[RRset], RRset]) -> Change:
    return lambda rrs: map(alter, rrs)


def with_data(rr: RRset, data: dns.rdata.Rdata) -> RRset:
    return dns.rrset.from_rdata(rr.name, rr.ttl, data)


def in_capitals(name: dns.name.Name) -> dns.name.Name:
    return dns.name.Name([label.upper() for label in name.labels])


def with_owner_in_capitals(rr: RRset) -> RRset:
    return dns.rrset.from_rdata(in_capitals(rr.name), rr.ttl, rr[0])


def with_capitals_in(field: str, *types: RdataType) -> Change:
    def alter(rr: RRset) -> RRset:
        if rr.rdtype not in types:
            return rr
        value = getattr(rr[0], field)
        is_name = isinstance(value, dns.name.Name)
        return with_data(
            rr, rr[0].replace(**{field: in_capitals(value) if is_name else value.lower()})
        )

    return each(alter)


def with_ttl(change: Callable[[int], int], *, of_signatures: bool | None = None) -> Change:
    def alter(rr: RRset) -> RRset:
        if of_signatures is not None and isinstance(rr[0], RRSIG) != of_signatures:
            return rr
        return dns.rrset.from_rdata(rr.name, change(rr.ttl), rr[0])

    return each(alter)


def and_more(*texts: str) -> Change:
    def change(rrs: list[RRset]) -> list[RRset]:
        return [*rrs, *(rrset(text) for text in texts)] if rrs else rrs

    return change


def rrset(text: str) -> RRset:
    owner, class_, rdtype, data = text.split(" ", 3)
    return dns.rrset.from_text(owner, 300, class_, rdtype, data)


def after_a_spoiled_signature(rrs: list[RRset]) -> list[RRset]:
    spoiled = [
        with_data(rr, rr[0].replace(signature=bytes(len(rr[0].signature))))
        for rr in rrs
        if isinstance(rr[0], RRSIG)
    ]
    return [*spoiled, *rrs]


def without_the_first(rdtype: RdataType) -> Change:
    def change(rrs: list[RRset]) -> list[RRset]:
        first = next((rr for rr in rrs if rr.rdtype == rdtype), None)
        return [rr for rr in rrs if rr is not first]

    return change


DOMAIN, SERVICE, HOST, *_ = TRUTHS
ABROAD, MOVED = Question("abroad.nsec.com", A), Question("gw.moved.nsec.com", A)
DELEGATION = Question("nsec.com", RecordType.DS)
EXPANDED, EXPANDED_NSEC3 = Question("x.any.nsec.com", A), Question("x.any.nsec3.com", A)
NO_NSEC, NO_NSEC3 = Question("no.nsec.com", A), Question("no.no.nsec3.com", A)


@pytest.mark.parametrize(
    ("question", "change", "clause"),
    [
        (HOST, lambda rrs: rrs[::-1], "RFC 4034 §6.3: records are sorted"),
        (HOST, lambda rrs: [*rrs, *rrs], "RFC 4034 §6.3: duplicates are removed"),
        (HOST, each(with_owner_in_capitals), "RFC 4034 §6.2 (2)"),
        (NO_NSEC, each(with_owner_in_capitals), "RFC 4034 §6.2 (2)"),
        (NO_NSEC3, each(with_owner_in_capitals), "RFC 4034 §6.2 (2)"),
        (SERVICE, with_capitals_in("target", RdataType.SRV), "RFC 4034 §6.2 (3)"),
        (DOMAIN, with_capitals_in("replacement", RdataType.NAPTR), "RFC 4034 §6.2 (3)"),
        (ABROAD, with_capitals_in("target", RdataType.CNAME), "RFC 4034 §6.2 (3)"),
        (MOVED, with_capitals_in("target", RdataType.DNAME), "RFC 4034 §6.2 (3)"),
        (NO_NSEC, with_capitals_in("mname", RdataType.SOA), "RFC 4034 §6.2 (3)"),
        (HOST, with_capitals_in("signer", RdataType.RRSIG), "RFC 6840 §5.1"),
        (NO_NSEC3, with_capitals_in("signer", RdataType.RRSIG), "RFC 6840 §5.1"),
        (HOST, and_more("gw.nsec.com. IN TYPE65280 \\# 1 00"), "RFC 3597 §5: no use of it"),
        (HOST, and_more("gw.nsec.com. CH TXT x"), "RFC 4034 §6: of one class"),
        (HOST, and_more("no.nsec.com. IN A 192.0.2.66"), "RFC 5452 §6: nobody has asked"),
        (HOST, and_more("nsec.com. IN SOA . . 1 1 1 1 1"), "RFC 5452 §6: nobody has asked"),
        (HOST, after_a_spoiled_signature, "RFC 4035 §5.3.3: one that is right is enough"),
        (NO_NSEC, after_a_spoiled_signature, "RFC 4035 §5.3.3: one that is right is enough"),
        (HOST, with_ttl(lambda _: 2**31 - 1), "RFC 4035 §5.3.3"),
        (HOST, with_ttl(lambda _: 2**31 - 1, of_signatures=False), "RFC 4035 §5.3.3"),
        (ABROAD, with_ttl(lambda _: 2**31 - 1), "RFC 4035 §5.3.3"),
        (MOVED, with_ttl(lambda _: 2**31 - 1), "RFC 4035 §5.3.3"),
        (NO_NSEC, with_ttl(lambda _: 2**31 - 1), "RFC 4035 §5.3.3"),
        (NO_NSEC3, with_ttl(lambda _: 2**31 - 1), "RFC 4035 §5.3.3"),
    ],
)
def test_what_is_the_same_in_canonical_form_is_proven(
    question: Question, change: Change, clause: str
) -> None:
    told, found = truth(question)[0], proven(question, {question: rewritten(question, change)})
    assert found.security is SECURE, (clause, found.reason)
    assert (content(found), found.ttl) == (content(told), told.ttl), clause


@pytest.mark.parametrize("is_compressed", [True, False])
def test_names_may_be_compressed_or_not(is_compressed: bool) -> None:
    """RFC 4034 §6.2 (1): they are expanded; RFC 3597 §4: "even if they are" in SRV records, too."""
    found = proven(SERVICE, {SERVICE: by_hand(is_compressed=is_compressed)})
    assert found.security is SECURE, found.reason
    assert content(found) == content(truth(SERVICE)[0])


def by_hand(*, is_compressed: bool) -> bytes:
    """The SRV records, with all owners and targets in few octets, or in all of them."""
    whole = message(SERVICE)
    records = dns.message.from_wire(whole, one_rr_per_rrset=True).answer
    owner, suffix = on_the_wire(SERVICE.name), on_the_wire("nsec.com")
    made = whole[:6] + struct.pack("!HHH", len(records), 0, 0) + whole[12 : 12 + len(owner) + 4]
    to_owner, to_suffix = (
        struct.pack("!H", 0xC000 + 12 + at) for at in (0, len(owner) - len(suffix))
    )
    for rr in records:
        data = rr[0].to_wire()
        if is_compressed and data.endswith(suffix):
            data = data.removesuffix(suffix) + to_suffix
        made += to_owner if is_compressed else owner
        made += struct.pack("!HHIH", rr.rdtype, rr.rdclass, rr.ttl, len(data)) + data
    return made


def on_the_wire(name: str) -> bytes:
    return wire_of(labels_of(name))


@pytest.mark.parametrize(
    ("change", "ttl"),
    [
        (with_ttl(lambda _: 7), 7),
        (with_ttl(lambda _: 7, of_signatures=True), 7),
        (with_ttl(lambda _: 7, of_signatures=False), 7),
        (with_ttl(lambda _: 0), 0),
        (with_ttl(lambda _: 301), 300),
    ],
)
@pytest.mark.parametrize("question", [HOST, ABROAD, NO_NSEC, NO_NSEC3], ids=str)
def test_it_holds_for_the_least_of_what_was_received_and_what_was_signed(
    question: Question, change: Change, ttl: int
) -> None:
    """RFC 4035 §5.3.3, of all that proves it."""
    found = proven(question, {question: rewritten(question, change)})
    assert (found.security, found.ttl) == (SECURE, ttl)


@pytest.mark.parametrize(
    ("question", "change", "clause"),
    [
        (HOST, without_the_first(RdataType.A), "RFC 4035 §5.3.2: the RRset is whole"),
        (HOST, and_more("gw.nsec.com. IN A 192.0.2.66"), "RFC 4035 §5.3.2: nothing is added"),
        (HOST, without_the_first(RdataType.RRSIG), "RFC 4035 §5.3: it has to have a signature"),
        (NO_NSEC, without_the_first(RdataType.NSEC), "RFC 4035 §5.4"),
        (NO_NSEC3, without_the_first(RdataType.NSEC3), "RFC 5155 §8.4"),
        (EXPANDED, without_the_first(RdataType.NSEC), "RFC 4035 §5.3.4"),
        (EXPANDED_NSEC3, without_the_first(RdataType.NSEC3), "RFC 5155 §8.8"),
        (DOMAIN, with_capitals_in("service", RdataType.NAPTR), "a string is no name"),
        (NO_NSEC, with_capitals_in("next", RdataType.NSEC), "RFC 6840 §5.1: as it was signed"),
    ],
)
def test_what_is_another_in_canonical_form_is_forged(
    question: Question, change: Change, clause: str
) -> None:
    found = proven(question, {question: rewritten(question, change)})
    assert (found.security, found.status) == (BOGUS, Status.BOGUS), clause


@pytest.mark.parametrize(
    ("question", "other", "clause"),
    [
        (
            Question("gw.nsec3.com", A),
            HOST,
            "RFC 4035 §5.3.1: the owner is the one that was signed",
        ),
        (Question("here.any.nsec.com", A), EXPANDED, "RFC 4035 §5.3.4: no wildcard is for it"),
    ],
)
def test_records_of_one_name_are_none_of_another(
    question: Question, other: Question, clause: str
) -> None:
    made = dns.message.from_wire(in_place_of(question, other), one_rr_per_rrset=True)
    made.answer = [dns.rrset.from_rdata(f"{question.name}.", rr.ttl, rr[0]) for rr in made.answer]
    assert proven(question, {question: made.to_wire()}).security is BOGUS, clause


def without_signatures(rrs: list[RRset]) -> list[RRset]:
    return [rr for rr in rrs if not isinstance(rr[0], RRSIG)]


def without_anything(_: list[RRset]) -> list[RRset]:
    return []


@pytest.mark.parametrize(
    "delegation",
    [
        rewritten(DELEGATION, without_signatures),
        rewritten(DELEGATION, without_the_first(RdataType.DS)),
        rewritten(DELEGATION, without_anything),
        in_place_of(DELEGATION, Question("plain.com", RecordType.DS)),
        in_place_of(DELEGATION, Question("gw.nsec.com", AAAA)),
        in_place_of(DELEGATION, Question("nsec.com", RecordType.DNSKEY)),
    ],
    ids=["unsigned", "signatures alone", "nothing", "another's", "of the child", "its keys"],
)
@pytest.mark.parametrize("question", [HOST, NO_NSEC, EXPANDED], ids=str)
def test_a_signed_zone_is_never_taken_for_one_that_is_not(
    question: Question, delegation: bytes
) -> None:
    """RFC 4035 §5.2: that takes a proof, by the zone above, that there are no DS records."""
    changed = {question: rewritten(question, without_signatures), DELEGATION: delegation}
    found = proven(question, changed)
    assert (found.security, found.status) == (BOGUS, Status.BOGUS)
