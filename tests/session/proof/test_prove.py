"""Proof of an answer: what is there, what is not, and where aliases lead; by whoever forges it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import pytest
from attrs import evolve
from signed_world import (
    NOW,
    Lookups,
    World,
    Zone,
    a,
    aaaa,
    name_data,
    naptr,
    srv,
    tampered,
)

from sipresolve.session.proof.names import labels_of
from sipresolve.vocabulary.evidence import Evidence, RrType, Signature, SignedSet
from sipresolve.vocabulary.keys import DnsKey, TrustAnchor
from sipresolve.vocabulary.records import (
    Answer,
    Naptr,
    Question,
    RecordType,
    Security,
    Source,
    Srv,
    Status,
)

ADDRESS = ip_address("192.0.2.1")
OTHER = DnsKey(257, 3, 13, b"another key")


def example(**more: object) -> Zone:
    """A domain with some of everything."""
    zone = Zone("example.com", **more)  # type: ignore[arg-type]  # any fields
    zone.add("example.com", RrType.NAPTR, naptr(10, 10, "SIP+D2U", "_sip._udp.example.com"))
    zone.add("_sip._udp.example.com", RrType.SRV, srv(1, 1, 5060, "a.example.com"))
    zone.add("a.example.com", RrType.A, a("192.0.2.1"))
    zone.add("www.example.com", RrType.CNAME, name_data("a.example.com"))
    zone.add("*.wild.example.com", RrType.A, a("192.0.2.1"))
    zone.add("there.wild.example.com", RrType.A, a("192.0.2.2"))
    zone.add("*.alias.example.com", RrType.CNAME, name_data("a.example.com"))
    return zone


def world(*more: Zone, **fields: object) -> World:
    return World(Zone("."), Zone("com"), example(**fields), *more)


def prove(asked: str, domain: World | None = None, *anchors: TrustAnchor) -> Answer:
    return Lookups(domain or world(), *anchors).prove(asked)


# What is asked, what becomes of it, and where aliases lead.
HEALTHY: list[tuple[str, Status, tuple[str, ...]]] = [
    ("a.example.com A", Status.OK, ()),
    ("example.com NAPTR", Status.OK, ()),
    ("_sip._udp.example.com SRV", Status.OK, ()),
    ("a.example.com AAAA", Status.NODATA, ()),
    ("nope.example.com A", Status.NXDOMAIN, ()),
    ("nope.a.example.com A", Status.NXDOMAIN, ()),
    ("_udp.example.com A", Status.NODATA, ()),
    ("wild.example.com A", Status.NODATA, ()),
    ("any.wild.example.com A", Status.OK, ()),
    ("any.any.wild.example.com A", Status.OK, ()),
    ("*.wild.example.com A", Status.OK, ()),
    ("any.wild.example.com SRV", Status.NODATA, ()),
    ("there.wild.example.com A", Status.OK, ()),
    ("there.wild.example.com SRV", Status.NODATA, ()),
    ("any.there.wild.example.com A", Status.NXDOMAIN, ()),
    ("www.example.com A", Status.OK, ("a.example.com",)),
    ("www.example.com AAAA", Status.NODATA, ("a.example.com",)),
    ("any.alias.example.com A", Status.OK, ("a.example.com",)),
    ("www.example.com DS", Status.NODATA, ()),
    ("any.alias.example.com DS", Status.NODATA, ()),
    ("nope.com A", Status.NXDOMAIN, ()),
    ("nope A", Status.NXDOMAIN, ()),
    (". A", Status.NODATA, ()),
]


@pytest.mark.parametrize(("asked", "status", "aliases"), HEALTHY)
def test_what_a_signed_domain_says_is_secure(
    asked: str, status: Status, aliases: tuple[str, ...]
) -> None:
    found = prove(asked)
    assert (found.status, found.security) == (status, Security.SECURE)
    assert found.reason.code == "proven"
    assert found.aliases == aliases
    assert found.question == Question(*asked.split())  # type: ignore[arg-type]  # text is a type
    assert found.proven_until == NOW + 86_400
    assert found.ttl == 300
    assert found.proof[0].name == "."
    assert all(link.security is Security.SECURE for link in found.proof)
    assert bool(found.records) is (status is Status.OK)


def test_records_are_made_of_what_was_signed() -> None:
    """Whatever else the answer says: its records, and those that came along."""
    domain = world()
    plain = Answer(question=Question("x.example", RecordType.A), status=Status.OK)

    def tamper(answer: Answer) -> Answer:
        return evolve(answer, records=(ip_address("198.51.100.1"),), additional=(plain,))

    domain.tamper = tamper
    assert prove("a.example.com A", domain).records == (ADDRESS,)
    assert prove("a.example.com A", domain).additional == ()
    assert prove("_sip._udp.example.com SRV", domain).records == (Srv(1, 1, 5060, "a.example.com"),)
    assert prove("example.com NAPTR", domain).records == (
        Naptr(10, 10, "s", "SIP+D2U", b"", "_sip._udp.example.com"),
    )
    assert prove("nope.example.com A", domain).records == ()


# --- On its way


def _without(_: SignedSet) -> None:
    return None


def _unsigned(found: SignedSet) -> SignedSet:
    return evolve(found, signatures=())


def _other_data(found: SignedSet) -> SignedSet:
    return evolve(found, data=(a("198.51.100.1"),))


def _more_data(found: SignedSet) -> SignedSet:
    return evolve(found, data=(*found.data, a("198.51.100.1")))


def _ttl_above(found: SignedSet) -> SignedSet:
    return evolve(found, ttl=86_400)


def _resigned(key: DnsKey, signer: str) -> Callable[[SignedSet], SignedSet]:
    def change(found: SignedSet) -> SignedSet:
        forged = evolve(found, data=(a("198.51.100.1"),))
        return Zone("example.com").sign(forged, found.owner, key=key, signer=labels_of(signer))

    return change


def _signed_by(text: str) -> Callable[[SignedSet], SignedSet]:
    """By a key of somebody else, as if it were of a zone."""
    return _resigned(OTHER, text)


def _dated(**of_signature: int) -> Callable[[SignedSet], SignedSet]:
    def change(found: SignedSet) -> SignedSet:
        return Zone("example.com").sign(found, found.owner, **of_signature)

    return change


# What becomes of the address of a.example.com, and of its proof.
FORGED: list[tuple[str, Callable[[SignedSet], SignedSet | None], str]] = [
    ("nothing is left", _without, "not-denied"),
    ("no signature: RFC 4035 §5.2", _unsigned, "no-signature"),
    ("other data", _other_data, "bogus"),
    ("more data", _more_data, "bogus"),
    ("another key", _resigned(OTHER, "example.com"), "no-matching-key"),
    ("as if by the parent", _signed_by("com"), "no-matching-key"),
    ("as if by the root", _signed_by("."), "no-matching-key"),
    ("as if by the name itself", _signed_by("a.example.com"), "bogus"),
    ("as if by a name below", _signed_by("b.a.example.com"), "no-signature"),
    ("as if by a sibling", _signed_by("b.example.com"), "no-signature"),
    ("by another domain", _resigned(Zone("other.com").key, "other.com"), "no-signature"),
    (
        "by another domain, as if by this",
        _resigned(Zone("other.com").key, "example.com"),
        "no-matching-key",
    ),
    ("expired", _dated(expiration=NOW - 1), "signature-expired"),
    ("not yet valid", _dated(inception=NOW + 1), "signature-not-yet-valid"),
    ("expired before valid", _dated(inception=NOW + 1, expiration=NOW - 1), "expired-before-valid"),
    ("too many labels", _dated(labels=4), "bogus"),
    ("too few labels", _dated(labels=2), "bogus"),
    ("too few for its zone", _dated(labels=1), "bogus"),
    ("data that are no address", lambda each: evolve(each, data=(b"12345",)), "bogus"),
    ("no data", lambda each: evolve(each, data=()), "bogus"),
]


@pytest.mark.parametrize(
    ("change", "code"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED]
)
def test_what_a_forger_can_do(change: Callable[[SignedSet], SignedSet | None], code: str) -> None:
    domain = world(Zone("other.com"))
    domain.tamper = tampered("a.example.com A", change)
    found = prove("a.example.com A", domain)
    assert (found.status, found.security) == (Status.BOGUS, Security.BOGUS)
    assert found.reason.code == code
    assert found.records == ()
    assert "example.com" in found.detail
    assert found.proof[-1].security is Security.BOGUS


def test_a_ttl_above_the_signed_one_is_cut() -> None:
    """RFC 4035 §5.3.3."""
    domain = world()
    domain.tamper = lambda answer: evolve(
        tampered("a.example.com A", _ttl_above)(answer), ttl=86_400
    )
    found = prove("a.example.com A", domain)
    assert (found.security, found.ttl) == (Security.SECURE, 300)


def test_an_answer_without_a_ttl_has_none() -> None:
    """RFC 2308 §5: what came without an SOA record is not kept."""
    domain = world()
    domain.tamper = lambda answer: evolve(answer, ttl=None)
    assert prove("nope.example.com A", domain).ttl is None


def test_the_status_is_what_is_proven() -> None:
    """The response code is not signed: NODATA may be called NXDOMAIN, and the other way round."""
    for asked, truth in (
        ("nope.example.com A", Status.NXDOMAIN),
        ("a.example.com AAAA", Status.NODATA),
    ):
        for said in (Status.OK, Status.NODATA, Status.NXDOMAIN):
            domain = world()

            def tamper(answer: Answer, said: Status = said) -> Answer:
                return answer if answer.status is Status.OK else evolve(answer, status=said)

            domain.tamper = tamper
            found = prove(asked, domain)
            assert (found.status, found.security) == (truth, Security.SECURE)


def test_records_that_are_called_absent_are_there() -> None:
    domain = world()
    domain.tamper = lambda answer: evolve(answer, status=Status.NXDOMAIN)
    found = prove("a.example.com A", domain)
    assert (found.status, found.records) == (Status.OK, (ADDRESS,))


# What is left of the NSEC records that prove an absence, or a wildcard (RFC 4035 §5.4, §5.3.4).
@pytest.mark.parametrize(
    "asked",
    [
        "nope.example.com A",
        "a.example.com AAAA",
        "any.wild.example.com A",
        "any.wild.example.com SRV",
        "any.alias.example.com A",
    ],
)
@pytest.mark.parametrize("left", ["nothing", "unsigned", "of others", "forged", "expired"])
def test_an_absence_has_to_be_proven(asked: str, left: str) -> None:
    zone = Zone("example.com")

    def change(found: SignedSet) -> SignedSet:
        if found.type != RrType.NSEC:
            return found
        match left:
            case "unsigned":
                return _unsigned(found)
            case "of others":
                return zone.sign(found, found.owner, signer=labels_of("com"))
            case "forged":
                return evolve(found, data=(found.data[0] + b"\0",))
            case _:
                return zone.sign(found, found.owner, expiration=NOW - 1)

    domain = world()

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        authorities = () if left == "nothing" else tuple(map(change, shown.authorities))
        return evolve(answer, evidence=evolve(shown, authorities=authorities))

    domain.tamper = tamper
    found = prove(asked, domain)
    assert (found.status, found.records) == (Status.BOGUS, ())
    assert found.security is Security.BOGUS
    if left == "expired":
        assert found.reason.code == "signature-expired"


def test_an_nsec_record_of_another_name_proves_nothing() -> None:
    """A replay: what is signed, of another question."""
    domain = world()
    said = Lookups(domain).world.answer(Question("nope.example.com", RecordType.A, signed=True))
    domain.tamper = lambda answer: (
        evolve(answer, status=said.status, evidence=said.evidence)
        if answer.question.name == "a.example.com" and answer.question.type is RecordType.A
        else answer
    )
    assert prove("a.example.com A", domain).security is Security.BOGUS


def test_an_nsec_record_made_of_a_wildcard_proves_nothing() -> None:
    """RFC 4035 §5.4: an NSEC record is not made of a wildcard."""
    zone = Zone("example.com")

    def change(found: SignedSet) -> SignedSet:
        moved = evolve(found, owner=labels_of("nn.example.com"))
        return zone.sign(moved, labels_of("*.example.com")) if found.type == RrType.NSEC else found

    domain = world()

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        return evolve(
            answer, evidence=evolve(shown, authorities=tuple(map(change, shown.authorities)))
        )

    domain.tamper = tamper
    assert prove("nope.example.com A", domain).security is Security.BOGUS


def test_what_the_parent_says_of_names_below_counts_for_nothing() -> None:
    """RFC 6840 §4.1: the NSEC record at a delegation speaks of nothing below it."""
    domain = world()
    above = domain.answer(Question("nope.com", RecordType.A, signed=True))
    cut = domain.zones[labels_of("com")].nsec(labels_of("example.com"))
    shown = above.evidence or Evidence()
    replayed = evolve(shown, authorities=(*shown.authorities, cut))

    def tamper(answer: Answer) -> Answer:
        is_leaf = answer.question.type is RecordType.A
        return evolve(answer, status=Status.NXDOMAIN, evidence=replayed) if is_leaf else answer

    domain.tamper = tamper
    for asked in ("a.example.com A", "example.com A"):
        assert prove(asked, domain).security is Security.BOGUS


# --- Where nothing is known


def test_a_forger_cannot_name_a_zone_above_the_trust_anchor() -> None:
    """RFC 4033 §5: what is below a trust anchor is proven or forged, whoever is said to sign it."""
    domain = world()
    zone = domain.zones[labels_of("example.com")]
    anchor = TrustAnchor("example.com", zone.ds)
    for signer in ("com", "."):
        domain.tamper = tampered("a.example.com A", _signed_by(signer))
        assert prove("a.example.com A", domain, anchor).status is Status.BOGUS
    domain.tamper = lambda answer: evolve(
        answer, status=Status.NXDOMAIN, evidence=domain_says_nope(domain)
    )
    asked = Lookups(domain, anchor)
    assert asked.prove("a.example.com A").status is Status.BOGUS


def domain_says_nope(domain: World) -> Evidence:
    parent = domain.zones[labels_of("com")]
    return Evidence((), (parent.nsec(labels_of("com")), parent.nsec(labels_of("example.com"))))


def test_nor_an_insecure_zone_above_it() -> None:
    strange = Zone("strange.com", algorithm=200)
    below = Zone("below.strange.com").add("a.below.strange.com", RrType.A, a("192.0.2.1"))
    domain = world(strange, below)
    anchors = (domain.anchor, TrustAnchor("below.strange.com", below.ds))
    assert prove("a.below.strange.com A", domain, *anchors).security is Security.SECURE
    domain.tamper = tampered("a.below.strange.com A", _signed_by("strange.com"))
    assert prove("a.below.strange.com A", domain, *anchors).security is Security.BOGUS


def test_below_no_trust_anchor_all_is_indeterminate() -> None:
    """RFC 4033 §5: "There is no trust anchor that would indicate" what is secure."""
    anchor = TrustAnchor("net", OTHER)
    for asked in ("a.example.com A", "nope.example.com A", "www.example.com A", "example.com DS"):
        found = prove(asked, world(), anchor)
        assert (found.security, found.reason.code) == (Security.INDETERMINATE, "no-trust-anchor")
        assert not found.status.is_failure
    assert prove("a.example.com A", world(), anchor).records == (ADDRESS,)


def test_what_vouches_for_an_anchored_zone_is_above_it() -> None:
    """A DS record is in the parent, of which a trust anchor for the zone says nothing."""
    domain = world()
    anchor = TrustAnchor("example.com", domain.zones[labels_of("example.com")].ds)
    assert prove("example.com DS", domain, anchor).security is Security.INDETERMINATE


@pytest.mark.parametrize("source", [Source.HOSTS, Source.ZONE])
def test_what_is_of_this_machine_is_insecure(source: Source) -> None:
    domain = world()
    domain.tamper = lambda answer: evolve(answer, source=source, records=(ADDRESS,))
    found = prove("a.example.com A", domain)
    assert (found.security, found.reason.code) == (Security.INSECURE, "local-data")
    assert found.question == Question("a.example.com", RecordType.A)
    assert found.records == (ADDRESS,)
    assert found.additional == ()


@pytest.mark.parametrize("status", [Status.SERVFAIL, Status.TIMEOUT, Status.REFUSED, Status.BUSY])
@pytest.mark.parametrize(
    "lost", ["a.example.com A", "example.com DNSKEY", "example.com DS", "com DNSKEY", ". DNSKEY"]
)
def test_what_the_proof_could_not_have(lost: str, status: Status) -> None:
    """A failure is never taken for a forgery, nor for leave to use what is not proven."""
    domain = world()

    def tamper(answer: Answer) -> Answer:
        if str(answer.question) != lost:
            return answer
        return Answer(question=answer.question, status=status, detail="nobody is there")

    domain.tamper = tamper
    found = prove("a.example.com A", domain)
    assert (found.status, found.security) == (status, Security.INDETERMINATE)
    assert found.reason.code == "not-answered"
    assert lost in found.reason.sentence
    assert found.reason.sentence.endswith("nobody is there")
    assert found.records == ()
    assert found.detail.endswith("nobody is there")
    assert (lost in found.detail) is (lost != "a.example.com A")


def test_aliases_that_never_end_stay_a_failure() -> None:
    domain = world()
    domain.tamper = lambda answer: (
        evolve(answer, status=Status.SERVFAIL, loop=True, aliases=("b.example.com",), detail="loop")
        if answer.question.type is RecordType.A
        else answer
    )
    found = prove("a.example.com A", domain)
    assert (found.status, found.loop, found.aliases) == (Status.SERVFAIL, True, ("b.example.com",))


def test_a_backend_that_shows_no_evidence() -> None:
    """Where a zone is not signed there is nothing to show; where it is, all else is forged."""
    plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
    domain = world(plain)

    def tamper(answer: Answer) -> Answer:
        if answer.question.type is not RecordType.A:
            return answer
        return evolve(answer, evidence=None, records=(ADDRESS,))

    domain.tamper = tamper
    found = prove("a.plain.com A", domain)
    assert (found.status, found.security, found.records) == (
        Status.OK,
        Security.INSECURE,
        (ADDRESS,),
    )
    assert prove("a.example.com A", domain).status is Status.BOGUS


def test_signatures_in_a_zone_that_is_proven_not_to_be_signed() -> None:
    """They are those of nobody: what is below an insecure delegation may be signed again."""
    island = Zone("island.com", delegated=False).add("a.island.com", RrType.A, a("192.0.2.1"))
    domain = world(island)
    for change in (_unsigned, _resigned(OTHER, "island.com"), _resigned(OTHER, "a.island.com")):
        domain.tamper = tampered("a.island.com A", change)
        assert prove("a.island.com A", domain).security is Security.INSECURE


def test_a_second_signature_by_a_zone_above() -> None:
    """The deepest that may have signed is tried first, and the next one where that fails."""
    domain = world()
    zone = domain.zones[labels_of("example.com")]

    def change(found: SignedSet) -> SignedSet:
        deeper = zone.signature(found, found.owner, signer=found.owner, labels=3)
        return evolve(found, signatures=(deeper, *found.signatures))

    domain.tamper = tampered("a.example.com A", change)
    assert prove("a.example.com A", domain).security is Security.SECURE


def test_of_two_zones_that_failed_the_deeper_tells_why() -> None:
    domain = world()
    both = (_dated(expiration=NOW - 1), _signed_by("com"))

    def change(found: SignedSet) -> SignedSet:
        signatures = tuple(each for made in both for each in made(found).signatures)
        return evolve(found, signatures=signatures)

    domain.tamper = tampered("a.example.com A", change)
    assert prove("a.example.com A", domain).reason.code == "signature-expired"


# --- Aliases


def aliased() -> World:
    """Aliases from a signed domain to others of each kind, and from each of these."""
    zone = example()
    zone.add("to-secure.example.com", RrType.CNAME, name_data("a.other.com"))
    zone.add("to-plain.example.com", RrType.CNAME, name_data("a.plain.com"))
    zone.add("to-old.example.com", RrType.CNAME, name_data("a.old.com"))
    zone.add("to-nothing.example.com", RrType.CNAME, name_data("nope.other.com"))
    zone.add("to-no-such-plain.example.com", RrType.CNAME, name_data("nope.plain.com"))
    zone.add("two.example.com", RrType.CNAME, name_data("to-plain.example.com"))
    zone.add("d.example.com", RrType.DNAME, name_data("other.com"))
    zone.add("dp.example.com", RrType.DNAME, name_data("plain.com"))
    zone.add("to-d.example.com", RrType.CNAME, name_data("a.d.example.com"))
    plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
    plain.add("back.plain.com", RrType.CNAME, name_data("a.example.com"))
    plain.add("to-old.plain.com", RrType.CNAME, name_data("a.old.com"))
    return World(
        Zone("."),
        Zone("com"),
        zone,
        Zone("other.com").add("a.other.com", RrType.A, a("192.0.2.1")),
        plain,
        Zone("old.com", ends=-1).add("a.old.com", RrType.A, a("192.0.2.1")),
        Zone("away.com", signed=False).add("away.com", RrType.DNAME, name_data("other.com")),
    )


# RFC 4035 §5: each link counts, and the weakest wins.
CHAINS: list[tuple[str, Status, str, int]] = [
    ("to-secure.example.com A", Status.OK, "secure", 1),
    ("to-plain.example.com A", Status.OK, "insecure", 1),
    ("to-old.example.com A", Status.BOGUS, "bogus", 1),
    ("to-nothing.example.com A", Status.NXDOMAIN, "secure", 1),
    ("to-no-such-plain.example.com A", Status.NXDOMAIN, "insecure", 1),
    ("two.example.com A", Status.OK, "insecure", 2),
    ("back.plain.com A", Status.OK, "insecure", 1),
    ("to-old.plain.com A", Status.BOGUS, "bogus", 1),
    ("a.d.example.com A", Status.OK, "secure", 1),
    ("nope.d.example.com A", Status.NXDOMAIN, "secure", 1),
    ("a.d.example.com SRV", Status.NODATA, "secure", 1),
    ("a.dp.example.com A", Status.OK, "insecure", 1),
    ("to-d.example.com A", Status.OK, "secure", 2),
    ("a.d.example.com DS", Status.NODATA, "secure", 0),
    ("d.example.com A", Status.NODATA, "secure", 0),
    ("a.away.com A", Status.OK, "insecure", 1),
    ("a.away.com DS", Status.NODATA, "insecure", 0),
]


@pytest.mark.parametrize(("asked", "status", "security", "aliases"), CHAINS)
def test_aliases_across_zones(asked: str, status: Status, security: str, aliases: int) -> None:
    found = prove(asked, aliased())
    assert (found.status, found.security) == (status, security)
    assert len(found.aliases) == aliases
    if status is Status.OK:
        assert found.records == (ADDRESS,)


def test_aliases_that_wildcards_made_are_proven_together() -> None:
    """RFC 4035 §5.3.4, of each; what shows it is checked once for all of them."""
    zone = example()
    for number in range(3):
        zone.add(
            f"*.w{number}.example.com", RrType.CNAME, name_data(f"x.w{number + 1}.example.com")
        )
    zone.add("*.w3.example.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(World(Zone("."), Zone("com"), zone))
    found = lookups.prove("x.w0.example.com A")
    assert (found.security, found.records, len(found.aliases)) == (Security.SECURE, (ADDRESS,), 3)
    shown = lookups.world.answer(Question("x.w0.example.com", RecordType.A)).evidence or Evidence()
    denials = {each for each in shown.authorities if each.type == RrType.NSEC}
    of_guess = 1
    assert lookups.crypto.checks == 5 + 4 + len(denials) + of_guess


def _points_elsewhere(found: SignedSet) -> SignedSet:
    return evolve(found, data=(name_data("evil.com"),))


@pytest.mark.parametrize("change", [_unsigned, _points_elsewhere, _dated(expiration=NOW - 1)])
@pytest.mark.parametrize(
    ("asked", "alias"),
    [
        ("www.example.com A", "www.example.com CNAME"),
        ("a.d.example.com A", "d.example.com DNAME"),
        ("www.example.com DS", "www.example.com CNAME"),
    ],
)
def test_a_forged_alias(asked: str, alias: str, change: Callable[[SignedSet], SignedSet]) -> None:
    domain = aliased()
    domain.tamper = tampered(alias, change)
    found = prove(asked, domain)
    assert (found.status, found.records) == (Status.BOGUS, ())


def test_the_cname_that_comes_with_a_dname_counts_for_nothing() -> None:
    """RFC 6672 §5.3.1: it is not signed, and made anew of the DNAME record."""
    domain = aliased()
    domain.tamper = tampered("a.d.example.com CNAME", _points_elsewhere)
    found = prove("a.d.example.com A", domain)
    assert (found.security, found.aliases) == (Security.SECURE, ("a.other.com",))
    domain.tamper = tampered("a.d.example.com CNAME", _without)
    assert prove("a.d.example.com A", domain).security is Security.SECURE


def test_a_dname_is_only_for_what_is_below_it() -> None:
    """RFC 6672 §2.3."""
    domain = aliased()
    dname = domain.zones[labels_of("example.com")].rrset(labels_of("d.example.com"), RrType.DNAME)

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        return evolve(answer, evidence=evolve(shown, answers=(dname, *shown.answers)))

    domain.tamper = tamper
    assert prove("a.example.com A", domain).records == (ADDRESS,)
    assert prove("d.example.com A", domain).status is Status.NODATA


def test_the_deepest_dname_leads_on() -> None:
    """Of two above a name, the one below the other cannot be there, nor anything be below it."""
    domain = aliased()
    zone = domain.zones[labels_of("example.com")]
    dname = zone.rrset(labels_of("d.example.com"), RrType.DNAME)
    upper = zone.sign(evolve(dname, owner=zone.apex), zone.apex)

    def tamper(answer: Answer) -> Answer:
        shown = answer.evidence or Evidence()
        is_leaf = answer.question.type is RecordType.A
        return (
            evolve(answer, evidence=evolve(shown, answers=(upper, *shown.answers)))
            if is_leaf
            else answer
        )

    domain.tamper = tamper
    assert prove("a.d.example.com A", domain).aliases == ("a.other.com",)


# Whoever runs a zone, and whoever is on the way, decides what aliases are shown.
LOOPS: list[tuple[str, dict[str, str]]] = [
    ("CNAME", {"a.loop.com": "b.loop.com", "b.loop.com": "a.loop.com"}),
    ("CNAME", {"a.loop.com": "a.loop.com"}),
    ("DNAME", {"loop.com": "loop.com"}),
    ("DNAME", {"loop.com": "b.loop.com"}),
    (
        "CNAME",
        {"a.loop.com": "b.loop.com"}
        | {f"{'b' * n}.loop.com": f"{'b' * (n + 1)}.loop.com" for n in range(1, 60)},
    ),
]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("kind", "links"), LOOPS)
def test_aliases_that_never_end(kind: str, links: dict[str, str], signed: bool) -> None:
    """However the backend came to an answer, what is shown to prove it leads in a circle."""
    zone = Zone("loop.com", signed=signed)
    sets = []
    for owner, target in links.items():
        zone.add(owner, RrType.AAAA, aaaa(1))
        found = SignedSet(labels_of(owner), RrType[kind], 300, (name_data(target),))
        sets.append(zone.sign(found, found.owner) if signed else found)
    domain = world(zone)

    def tamper(answer: Answer) -> Answer:
        is_leaf = answer.question.type is RecordType.A
        return (
            evolve(answer, status=Status.OK, evidence=Evidence(tuple(sets))) if is_leaf else answer
        )

    domain.tamper = tamper
    lookups = Lookups(domain)
    outcome = lookups.prove("a.loop.com A")
    assert (outcome.status, outcome.loop, outcome.records) == (Status.SERVFAIL, True, ())
    assert "more than 8 aliases: a.loop.com -> " in outcome.detail
    assert lookups.crypto.checks < 20


def test_what_cannot_be_read_is_no_alias() -> None:
    plain = Zone("plain.com", signed=False)
    for data in ((), (b"\3abc",), (b"",)):
        domain = world(plain)
        found = SignedSet(labels_of("a.plain.com"), RrType.CNAME, 300, data)
        domain.tamper = lambda answer, found=found: (  # type: ignore[misc]  # a default binds it
            evolve(answer, status=Status.OK, evidence=Evidence((found,)))
            if answer.question.type is RecordType.A
            else answer
        )
        outcome = prove("a.plain.com A", domain)
        assert (outcome.status, outcome.reason.code) == (Status.BOGUS, "bogus")
        assert "cannot be read" in outcome.reason.sentence


# --- What is told


def test_the_chain_is_told_link_by_link() -> None:
    found = prove("www.example.com A")
    assert [f"{link.name} {link.type}" for link in found.proof] == [
        ". DNSKEY",
        "com DS",
        "com DNSKEY",
        "example.com DS",
        "example.com DNSKEY",
        "www.example.com CNAME",
        "a.example.com A",
    ]
    assert "signed by example.com, key" in str(found.proof[-1])


def test_where_a_chain_broke() -> None:
    domain = world(ends=-1)
    found = prove("a.example.com A", domain)
    assert [link.security for link in found.proof] == ["secure"] * 4 + ["bogus"]
    assert str(found.proof[-1]) == (
        "example.com DNSKEY: example.com DNSKEY has a signature that has expired"
    )


def test_an_answer_holds_no_longer_than_the_first_of_its_signatures() -> None:
    domain = World(Zone("."), Zone("com", ends=100), example())
    assert prove("a.example.com A", domain).proven_until == NOW + 100
    assert prove("nope.example.com A", domain).proven_until == NOW + 100
    plain = World(Zone("."), Zone("com", ends=100), Zone("plain.com", signed=False))
    assert prove("plain.com A", plain).proven_until == NOW + 100


def test_what_rests_on_no_signature_holds_for_ever() -> None:
    found = prove("a.example.com A", world(), TrustAnchor("net", OTHER))
    assert found.proven_until is None
    found = prove("example.com DNSKEY", world(), TrustAnchor("example.com", OTHER))
    assert found.proven_until is None


def test_the_strangest_signature_is_only_bogus() -> None:
    nothing = Signature(0, 0, 0, 0, 0, 0, 0, (), b"", b"", 0)
    domain = world()
    domain.tamper = tampered(
        "a.example.com A", lambda each: evolve(each, signatures=(nothing,) * 99)
    )
    assert prove("a.example.com A", domain).security is Security.BOGUS
