"""The keys of zones: what vouches for them, and where the chain of trust ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from attrs import evolve
from signed_world import NOW, Lookups, World, Zone, a, tampered

from sipresolve.session.proof.names import labels_of
from sipresolve.session.proof.zones import probable_zone
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.evidence import RrType, SignedSet, wire_of
from sipresolve.vocabulary.keys import DnsKey, Ds, TrustAnchor
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Status

OTHER = DnsKey(257, 3, 13, b"another key")


def digest_of(zone: str, key: DnsKey, kind: int = 2) -> Ds:
    name = {1: "sha1", 2: "sha256", 4: "sha384"}.get(kind, "sha256")
    data = wire_of(labels_of(zone)) + key.data
    return Ds(key.tag, key.algorithm, kind, hashlib.new(name, data).digest())


def world(example: Zone, *more: Zone) -> World:
    """The root, a TLD, and what is below it."""
    return World(Zone("."), Zone("com"), example, *more)


def keys_of_example(example: Zone, *anchors: TrustAnchor) -> Answer:
    return Lookups(world(example), *anchors).prove("example.com DNSKEY")


def test_the_keys_of_a_zone() -> None:
    zone = Zone("example.com")
    found = keys_of_example(zone)
    assert (found.status, found.security) == (Status.OK, Security.SECURE)
    assert found.records == (zone.key,)
    assert found.ttl == 300
    assert found.proven_until == NOW + 86_400
    assert [(link.name, link.type, link.security) for link in found.proof] == [
        (".", "DNSKEY", "secure"),
        ("com", "DS", "secure"),
        ("com", "DNSKEY", "secure"),
        ("example.com", "DS", "secure"),
        ("example.com", "DNSKEY", "secure"),
    ]


KEY = Zone("example.com").key
GOST = Ds(KEY.tag, KEY.algorithm, 3, bytes(32))
SHA1 = digest_of("example.com", KEY, 1)
SHA384 = digest_of("example.com", KEY, 4)
WRONG = digest_of("example.com", OTHER)
TWISTED = evolve(digest_of("example.com", KEY), digest=bytes(32))
FOREIGN = evolve(digest_of("example.com", KEY), algorithm=253)
OF_ANOTHER_NAME = digest_of("example.net", KEY)

# What the parent says of the keys of a zone (RFC 4035 §5.2, RFC 6840 §5.2, §5.11).
VOUCHERS: list[tuple[str, tuple[Ds, ...], str, str]] = [
    ("SHA-256", (digest_of("example.com", KEY),), "secure", "proven"),
    ("SHA-384", (SHA384,), "secure", "proven"),
    ("SHA-1 only: RFC 8624 §3.3", (SHA1,), "insecure", "unsupported-digest"),
    ("GOST only", (GOST,), "insecure", "unsupported-digest"),
    ("an unknown one beside one that fits", (GOST, SHA384), "secure", "proven"),
    ("one that fits is enough", (WRONG, SHA384), "secure", "proven"),
    ("of a key that is not there", (WRONG,), "bogus", "no-matching-key"),
    ("with another digest", (TWISTED,), "bogus", "no-matching-key"),
    ("for the key under another name", (OF_ANOTHER_NAME,), "bogus", "no-matching-key"),
    ("SHA-1 does not help: RFC 4509 §3", (TWISTED, SHA1), "bogus", "no-matching-key"),
    ("an unknown algorithm only", (FOREIGN,), "insecure", "unsupported-algorithm"),
    ("an unknown algorithm beside a known one", (FOREIGN, SHA384), "secure", "proven"),
    ("an unknown algorithm beside a wrong one", (FOREIGN, WRONG), "bogus", "no-matching-key"),
    ("nothing known of both together", (FOREIGN, GOST), "insecure", "unsupported-digest"),
    (
        "more of others' than anybody needs",
        (*(evolve(FOREIGN, key_tag=tag) for tag in range(40)), SHA384),
        "secure",
        "proven",
    ),
]


@pytest.mark.parametrize(
    ("vouchers", "security", "code"),
    [row[1:] for row in VOUCHERS],
    ids=[row[0] for row in VOUCHERS],
)
def test_what_the_parent_vouches_for(vouchers: tuple[Ds, ...], security: str, code: str) -> None:
    found = keys_of_example(Zone("example.com", vouchers=vouchers))
    assert (found.security, found.reason.code) == (security, code)
    assert bool(found.records) is (security == "secure")
    assert (found.status is Status.BOGUS) is (security == "bogus")
    assert "example.com" in found.reason.sentence or "signed by key" in found.reason.sentence


# Keys of a zone for which the parent vouches truly.
KEYS: list[tuple[str, Zone, str, str]] = [
    ("RFC 4034 §2.1.1: no zone key", Zone("example.com", flags=1), "bogus", "no-zone-key"),
    ("RFC 4034 §2.1.2: protocol 4", Zone("example.com", protocol=4), "bogus", "no-zone-key"),
    ("RFC 5011 §2.1: revoked", Zone("example.com", flags=385), "bogus", "no-zone-key"),
    ("RFC 4034 §2.1.1: without SEP", Zone("example.com", flags=256), "secure", "proven"),
    (
        "an algorithm nobody knows",
        Zone("example.com", algorithm=200),
        "insecure",
        "unsupported-algorithm",
    ),
    ("expired", Zone("example.com", ends=-1), "bogus", "signature-expired"),
    ("not yet valid", Zone("example.com", begins=60), "bogus", "signature-not-yet-valid"),
    (
        "expired before valid",
        Zone("example.com", begins=60, ends=-60),
        "bogus",
        "expired-before-valid",
    ),
    ("not signed by its key", Zone("example.com", make=lambda _: b"wrong"), "bogus", "bogus"),
    (
        "more keys",
        Zone("example.com", more_keys=(OTHER, evolve(OTHER, algorithm=253))),
        "secure",
        "proven",
    ),
]


@pytest.mark.parametrize(
    ("zone", "security", "code"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS]
)
def test_what_keys_are_like(zone: Zone, security: str, code: str) -> None:
    found = keys_of_example(zone)
    assert (found.security, found.reason.code) == (security, code)


def test_a_key_that_signs_only_itself_is_not_trusted() -> None:
    """RFC 4035 §5.2: the one that the DS record names has signed the whole set."""
    zone = Zone("example.com", more_keys=(OTHER,))
    domain = world(zone)
    domain.tamper = tampered(
        "example.com DNSKEY", lambda each: zone.sign(each, zone.apex, key=OTHER)
    )
    found = Lookups(domain).prove("example.com DNSKEY")
    assert (found.security, found.reason.code) == (Security.BOGUS, "no-matching-key")


def _without(_: SignedSet) -> None:
    return None


def _unsigned(found: SignedSet) -> SignedSet:
    return evolve(found, signatures=())


def _by_parent(found: SignedSet) -> SignedSet:
    parent = Zone("com")
    return parent.sign(found, found.owner)


def _short(found: SignedSet) -> SignedSet:
    zone = Zone("example.com")
    return zone.sign(evolve(found, data=(b"\1\1\3\x0d", *found.data)), found.owner)


# What happens to the keys on their way.
ON_THE_WAY: list[tuple[str, str, Callable[[SignedSet], SignedSet | None], str, str]] = [
    ("no keys", "example.com DNSKEY", _without, "bogus", "no-matching-key"),
    ("keys without a signature", "example.com DNSKEY", _unsigned, "bogus", "no-signature"),
    ("signed by the parent", "example.com DNSKEY", _by_parent, "bogus", "no-signature"),
    ("a key of no octets", "example.com DNSKEY", _short, "secure", "proven"),
    ("no DS, and nothing for it", "example.com DS", _without, "bogus", "not-denied"),
    ("DS without a signature", "example.com DS", _unsigned, "bogus", "no-signature"),
    ("keys of the parent", "com DNSKEY", _unsigned, "bogus", "no-signature"),
    ("keys of the root", ". DNSKEY", _unsigned, "bogus", "no-signature"),
]


@pytest.mark.parametrize(
    ("whose", "change", "security", "code"),
    [row[1:] for row in ON_THE_WAY],
    ids=[row[0] for row in ON_THE_WAY],
)
def test_what_happens_on_the_way(
    whose: str, change: Callable[[SignedSet], SignedSet | None], security: str, code: str
) -> None:
    domain = world(Zone("example.com"))
    domain.tamper = tampered(whose, change)
    found = Lookups(domain).prove("example.com DNSKEY")
    assert (found.security, found.reason.code) == (security, code)


def test_keys_that_came_without_what_proves_them() -> None:
    domain = world(Zone("example.com"))
    domain.tamper = lambda answer: (
        evolve(answer, evidence=None) if str(answer.question) == "example.com DNSKEY" else answer
    )
    assert Lookups(domain).prove("example.com DNSKEY").security is Security.BOGUS


# --- Trust anchors


def anchors_of(zone: Zone, *keys: Ds | DnsKey) -> tuple[TrustAnchor, ...]:
    return tuple(TrustAnchor(zone.name, key) for key in keys)


ROOT = Zone(".")
EXAMPLE = Zone("example.com")
REVOKED = Zone(".", flags=385)

ANCHORS: list[tuple[str, tuple[TrustAnchor, ...], str, str]] = [
    ("a digest", anchors_of(ROOT, ROOT.ds), "secure", "proven"),
    ("a key", anchors_of(ROOT, ROOT.key), "secure", "proven"),
    (
        "two, of which one fits",
        anchors_of(ROOT, digest_of(".", OTHER), ROOT.ds),
        "secure",
        "proven",
    ),
    ("two keys, of which one fits", anchors_of(ROOT, OTHER, ROOT.key), "secure", "proven"),
    ("one that does not fit", anchors_of(ROOT, digest_of(".", OTHER)), "bogus", "no-matching-key"),
    ("a key of another", anchors_of(ROOT, OTHER), "bogus", "no-matching-key"),
    ("of the zone itself", anchors_of(EXAMPLE, EXAMPLE.ds), "secure", "proven"),
    ("of the zone itself, a key", anchors_of(EXAMPLE, EXAMPLE.key), "secure", "proven"),
    (
        "of the zone itself, wrong",
        (*anchors_of(ROOT, ROOT.ds), *anchors_of(EXAMPLE, OTHER)),
        "bogus",
        "no-matching-key",
    ),
    ("of another zone", anchors_of(Zone("example.net"), OTHER), "indeterminate", "no-trust-anchor"),
    (
        "of a zone below",
        anchors_of(Zone("a.example.com"), OTHER),
        "indeterminate",
        "no-trust-anchor",
    ),
]


@pytest.mark.parametrize(
    ("anchors", "security", "code"), [row[1:] for row in ANCHORS], ids=[row[0] for row in ANCHORS]
)
def test_where_a_chain_begins(anchors: tuple[TrustAnchor, ...], security: str, code: str) -> None:
    """RFC 4033 §5: without a trust anchor above it, nothing is known of a zone."""
    found = keys_of_example(Zone("example.com"), *anchors)
    assert (found.security, found.reason.code) == (security, code)


def test_below_a_trust_anchor_its_parents_are_not_asked() -> None:
    lookups = Lookups(world(Zone("example.com")), *anchors_of(EXAMPLE, EXAMPLE.ds))
    assert lookups.prove("example.com DNSKEY").security is Security.SECURE
    assert lookups.asked == ["example.com DNSKEY*"]


def test_what_has_no_trust_anchor_is_not_asked_for() -> None:
    lookups = Lookups(world(Zone("example.com")), *anchors_of(Zone("net"), OTHER))
    lookups.prove("example.com DNSKEY")
    assert lookups.asked == []


def test_a_revoked_key_is_no_trust_anchor() -> None:
    """RFC 5011 §2.1: "the resolver MUST consider this key permanently invalid"."""
    with pytest.raises(Misuse, match="revoked"):
        anchors_of(REVOKED, REVOKED.key)
    domain = World(REVOKED, Zone("com"), Zone("example.com"))
    found = Lookups(domain, *anchors_of(REVOKED, REVOKED.ds)).prove("example.com DNSKEY")
    assert found.security is Security.BOGUS


# --- Where the chain ends


def islands() -> World:
    return World(
        Zone("."),
        Zone("com"),
        Zone("plain.com", signed=False).add("www.plain.com", RrType.A, a("192.0.2.1")),
        Zone("island.com", delegated=False).add("www.island.com", RrType.A, a("192.0.2.2")),
        Zone("signed.plain.com").add("www.signed.plain.com", RrType.A, a("192.0.2.3")),
        Zone("sub.island.com").add("www.sub.island.com", RrType.A, a("192.0.2.4")),
        Zone("example.com").add("www.example.com", RrType.A, a("192.0.2.5")),
        Zone("strange.com", algorithm=200).add("www.strange.com", RrType.A, a("192.0.2.6")),
        Zone("below.strange.com").add("www.below.strange.com", RrType.A, a("192.0.2.7")),
        Zone("plain.example.com", signed=False),
    )


# RFC 4035 §5.2: below a delegation that is proven to be insecure, nothing is proven, nor forged.
STATES: list[tuple[str, str, str]] = [
    ("www.example.com A", "secure", "proven"),
    ("www.plain.com A", "insecure", "not-signed"),
    ("plain.com NAPTR", "insecure", "not-signed"),
    ("nope.plain.com A", "insecure", "not-signed"),
    ("www.island.com A", "insecure", "not-signed"),
    ("nope.island.com A", "insecure", "not-signed"),
    ("www.signed.plain.com A", "insecure", "not-signed"),
    ("www.sub.island.com A", "insecure", "not-signed"),
    ("plain.example.com A", "insecure", "not-signed"),
    ("_sip._udp.plain.example.com SRV", "insecure", "not-signed"),
    ("www.strange.com A", "insecure", "unsupported-algorithm"),
    ("www.below.strange.com A", "insecure", "unsupported-algorithm"),
    ("plain.com DNSKEY", "insecure", "not-signed"),
    ("island.com DNSKEY", "insecure", "not-signed"),
    ("plain.com DS", "insecure", "not-signed"),
    ("signed.plain.com DS", "insecure", "not-signed"),
    ("www.example.com DS", "secure", "proven"),
    ("www.example.com DNSKEY", "secure", "proven"),
    ("nope.example.com DNSKEY", "secure", "proven"),
    ("com DS", "secure", "proven"),
]


@pytest.mark.parametrize(("asked", "security", "code"), STATES)
def test_the_four_states(asked: str, security: str, code: str) -> None:
    found = Lookups(islands()).prove(asked)
    assert (found.security, found.reason.code) == (security, code)
    assert found.status is not Status.BOGUS


@pytest.mark.parametrize("asked", ["www.strange.com A", "www.below.strange.com A"])
def test_a_zone_of_unknown_algorithms_need_not_show_its_signatures(asked: str) -> None:
    """RFC 4035 §5.2: its parent shows that nothing of it can be proven."""
    domain = islands()
    domain.tamper = tampered(asked, _unsigned)
    found = Lookups(domain).prove(asked)
    assert (found.security, found.reason.code) == (Security.INSECURE, "unsupported-algorithm")


def test_an_insecure_zone_below_a_trust_anchor_of_its_own_is_secure_again() -> None:
    domain = islands()
    island = domain.zones[labels_of("island.com")]
    anchors = (domain.anchor, TrustAnchor("island.com", island.ds))
    lookups = Lookups(domain, *anchors)
    assert lookups.prove("www.island.com A").security is Security.SECURE
    assert lookups.prove("www.sub.island.com A").security is Security.SECURE
    assert lookups.prove("www.plain.com A").security is Security.INSECURE


# A chain that breaks: nothing below is proven, whatever it is.
@pytest.mark.parametrize("asked", ["www.example.com A", "www.plain.com A", "nope.com A", "com DS"])
def test_below_a_broken_link_all_is_bogus(asked: str) -> None:
    domain = islands()
    domain.tamper = tampered(". DNSKEY", _unsigned)
    found = Lookups(domain).prove(asked)
    assert (found.status, found.security) == (Status.BOGUS, Security.BOGUS)
    assert found.reason.sentence in found.detail


def test_what_could_not_be_had_is_not_forged() -> None:
    domain = islands()

    def tamper(answer: Answer) -> Answer:
        lost = answer.question == Question("com", RecordType.DNSKEY, signed=True)
        return Answer(question=answer.question, status=Status.TIMEOUT) if lost else answer

    domain.tamper = tamper
    for asked in ("www.example.com A", "www.plain.com A", "nope.com A", "example.com DS"):
        found = Lookups(domain).prove(asked)
        assert (found.status, found.security) == (Status.TIMEOUT, Security.INDETERMINATE)
        assert found.reason.code == "not-answered"
        assert "com DNSKEY" in found.reason.sentence
        assert found.records == ()


def test_who_is_no_zone_signs_nothing() -> None:
    """RFC 4035 §5.3.1; and the chain says where it breaks."""
    domain = islands()
    zone = domain.zones[labels_of("example.com")]
    owner = labels_of("www.example.com")
    domain.tamper = tampered("www.example.com A", lambda each: zone.sign(each, owner, signer=owner))
    found = Lookups(domain).prove("www.example.com A")
    assert found.security is Security.BOGUS
    assert found.reason.sentence == "it is said to be signed by www.example.com, which is no zone"
    assert found.proof[-1].sentence == found.reason.sentence


# --- Which zone it will be

PROBABLE: list[tuple[str, str]] = [
    ("example.com NAPTR", "example.com"),
    ("_sip._udp.example.com SRV", "example.com"),
    ("sip.example.com A", "example.com"),
    ("example.com AAAA", "example.com"),
    ("com A", "com"),
    (". A", "."),
    ("example.com DS", "com"),
    ("com DS", "."),
    ("_sip._udp.sip.example.com SRV", "sip.example.com"),
    ("a.b.c.d.example.com A", "c.d.example.com"),
    ("4.3.2.1.6.4.e164.arpa NAPTR", "6.4.e164.arpa"),
]


@pytest.mark.parametrize(("asked", "zone"), PROBABLE)
def test_the_zone_that_is_probably_asked(asked: str, zone: str) -> None:
    name, kind = asked.split()
    assert probable_zone(Question(name, RecordType(kind))) == labels_of(zone)
