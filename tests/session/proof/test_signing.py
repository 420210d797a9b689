"""Whether a zone has signed an RRset: what a signature must be like, and for how long it holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve
from signed_world import NOW, Crypto, Zone, a, verify

from sipresolve.session.proof.means import Means, Trust
from sipresolve.session.proof.names import labels_of
from sipresolve.session.proof.signing import Signed, check_set, described, type_text
from sipresolve.session.proof.work import Work
from sipresolve.vocabulary.evidence import RrType, SignedSet
from sipresolve.vocabulary.keys import DnsKey
from sipresolve.vocabulary.reasons import Reason

APEX = labels_of("example.com")
OWNER = labels_of("a.example.com")
ZONE = Zone("example.com")
OTHER = DnsKey(257, 3, 13, b"another key")
FOUND = SignedSet(OWNER, RrType.A, 300, (a("192.0.2.1"), a("192.0.2.2")))
SIGNED = ZONE.sign(FOUND, OWNER)


def means(now: float = NOW, work: Work | None = None, crypto: Crypto | None = None) -> Means:
    return Means(Trust(()), crypto or verify, lambda: now, work or Work())


def check(
    found: SignedSet, *keys: DnsKey, zone: str = "example.com", now: float = NOW
) -> Signed | Reason:
    return check_set(found, labels_of(zone), keys or (ZONE.key,), means(now))


def code(outcome: Signed | Reason) -> str:
    return outcome.code if isinstance(outcome, Reason) else "signed"


def test_what_a_zone_has_signed() -> None:
    """RFC 4035 §5.3.1: all of the conditions hold."""
    assert check(SIGNED) == Signed(ttl=300, until=NOW + 86_400, wildcard=None, key=ZONE.key)


def test_the_name_of_the_root_counts_no_labels() -> None:
    root = Zone(".")
    found = root.sign(SignedSet((), RrType.NS, 300, (b"\0",)), ())
    assert code(check(found, root.key, zone=".")) == "signed"


def by_key(**fields: int) -> tuple[SignedSet, DnsKey]:
    """An RRset signed by a key with such fields, which the zone has."""
    zone = Zone("example.com", **fields)  # type: ignore[arg-type]  # fields of a key
    return zone.sign(FOUND, OWNER), zone.key


# What is wrong, and what is said of it.
KEYS: list[tuple[str, dict[str, int], str]] = [
    ("a key that signs keys, and one that does not, are alike", {"flags": 256}, "signed"),
    ("RFC 4034 §2.1.1: no zone key", {"flags": 1}, "no-zone-key"),
    ("RFC 5011 §2.1: revoked", {"flags": 385}, "no-zone-key"),
    ("RFC 4034 §2.1.2: the protocol is 3", {"protocol": 2}, "no-zone-key"),
    ("RFC 8624 §3.1: RSAMD5", {"algorithm": 1}, "no-matching-key"),
    ("RFC 8624 §3.1: DSA", {"algorithm": 3}, "no-matching-key"),
    ("RFC 9905: RSASHA1", {"algorithm": 5}, "no-matching-key"),
    ("RFC 9905: RSASHA1-NSEC3-SHA1", {"algorithm": 7}, "no-matching-key"),
    ("RSASHA256", {"algorithm": 8}, "signed"),
    ("RSASHA512", {"algorithm": 10}, "signed"),
    ("ECC-GOST", {"algorithm": 12}, "no-matching-key"),
    ("P-384", {"algorithm": 14}, "signed"),
    ("Ed25519", {"algorithm": 15}, "signed"),
    ("Ed448", {"algorithm": 16}, "signed"),
    ("private", {"algorithm": 253}, "no-matching-key"),
]


@pytest.mark.parametrize(
    ("fields", "expected"), [row[1:] for row in KEYS], ids=[r[0] for r in KEYS]
)
def test_which_keys_may_sign(fields: dict[str, int], expected: str) -> None:
    found, key = by_key(**fields)
    assert code(check(found, key)) == expected


def test_a_key_that_the_zone_lacks() -> None:
    """RFC 4035 §5.3.1: tag, algorithm and signer match a DNSKEY record of the zone."""
    outcome = check(ZONE.sign(FOUND, OWNER, key=OTHER))
    assert isinstance(outcome, Reason)
    assert outcome.code == "no-matching-key"
    assert outcome.extended_error == 9
    assert str(OTHER.tag) in outcome.sentence
    assert "a.example.com A" in outcome.sentence


def test_a_key_of_the_same_tag_and_another_algorithm() -> None:
    forged = ZONE.sign(FOUND, OWNER, algorithm=8)
    assert code(check(forged)) == "no-matching-key"


# RFC 4035 §5.3.1: "The RRSIG RR's Signer's Name field MUST be the name of the zone that contains
# the RRset", and the RRset has its name and its type.
OF_OTHERS: list[tuple[str, SignedSet, str]] = [
    ("none at all", FOUND, "no-signature"),
    ("by the parent", ZONE.sign(FOUND, OWNER, signer=labels_of("com")), "no-signature"),
    ("by a zone below", ZONE.sign(FOUND, OWNER, signer=OWNER), "no-signature"),
    ("by a sibling", ZONE.sign(FOUND, OWNER, signer=labels_of("example.net")), "no-signature"),
    ("for another type", ZONE.sign(FOUND, OWNER, covered=RrType.AAAA), "bogus"),
    ("for a name with more labels", ZONE.sign(FOUND, OWNER, labels=4), "bogus"),
    ("for another name", ZONE.sign(FOUND, labels_of("b.example.com")), "bogus"),
    ("for fewer labels, and no wildcard", ZONE.sign(FOUND, OWNER, labels=2), "bogus"),
    ("of other data", evolve(SIGNED, data=(a("192.0.2.1"),)), "bogus"),
    ("of no data", evolve(SIGNED, data=()), "bogus"),
    ("with more data", evolve(SIGNED, data=(*SIGNED.data, a("192.0.2.3"))), "bogus"),
    ("in another order", evolve(SIGNED, data=SIGNED.data[::-1]), "bogus"),
    ("moved", evolve(SIGNED, owner=labels_of("b.example.com")), "bogus"),
    ("moved below", evolve(SIGNED, owner=labels_of("b.a.example.com")), "bogus"),
    ("of another type", evolve(SIGNED, type=int(RrType.DS)), "bogus"),
]


@pytest.mark.parametrize(
    ("found", "expected"), [row[1:] for row in OF_OTHERS], ids=[row[0] for row in OF_OTHERS]
)
def test_a_signature_that_is_for_something_else(found: SignedSet, expected: str) -> None:
    assert code(check(found)) == expected


def test_a_zone_signs_nothing_outside_of_it() -> None:
    """RFC 4035 §5.3.1: the signer is the zone that contains the RRset."""
    outside = Zone("example.com").sign(evolve(FOUND, owner=labels_of("a.example.net")), OWNER)
    assert code(check(outside)) != "signed"
    owner = labels_of("example.net")
    outside = ZONE.sign(evolve(FOUND, owner=owner), owner)
    assert code(check(outside)) == "bogus"


# --- Time (RFC 4034 §3.1.5)

_TOP = 2**32
_HALF = 2**31

# From when to when, when it is, and what is said.
TIMES: list[tuple[int, int, float, str]] = [
    (NOW - 10, NOW + 10, NOW, "signed"),
    (NOW, NOW, NOW, "signed"),
    (NOW - 10, NOW, NOW + 0.9, "signed"),
    (NOW - 10, NOW, NOW + 1, "signature-expired"),
    (NOW, NOW + 10, NOW - 0.1, "signature-not-yet-valid"),
    (NOW + 10, NOW - 10, NOW, "expired-before-valid"),
    (NOW + 1, NOW, NOW, "expired-before-valid"),
    # After the year 2106, and on the way there, in the arithmetic of RFC 1982.
    (_TOP - 10, 10, _TOP - 1, "signed"),
    (_TOP - 10, 10, _TOP + 5, "signed"),
    (_TOP - 10, 10, _TOP + 11, "signature-expired"),
    (_TOP - 10, 10, _TOP - 11, "signature-not-yet-valid"),
    (5, 10, _TOP + 7, "signed"),
    (5, 10, _TOP - 1, "signature-not-yet-valid"),
    (NOW - 10, NOW + 10, NOW + _TOP, "signed"),
    (NOW - 10, NOW + 10, NOW + _TOP + 11, "signature-expired"),
    # RFC 1982 §3.2: neither is greater than the other.
    (NOW, (NOW + _HALF) % _TOP, NOW, "expired-before-valid"),
    (NOW - _HALF + 2, NOW + 1, NOW, "signed"),
]


@pytest.mark.parametrize(("begins", "ends", "now", "expected"), TIMES)
def test_when_a_signature_is_valid(begins: int, ends: int, now: float, expected: str) -> None:
    found = ZONE.sign(FOUND, OWNER, inception=begins % _TOP, expiration=ends % _TOP)
    assert code(check(found, now=now)) == expected


@pytest.mark.parametrize("offset", [0, _TOP])
def test_when_a_signature_ends_in_seconds_since_1970(offset: int) -> None:
    outcome = check(ZONE.sign(FOUND, OWNER), now=NOW + offset)
    assert isinstance(outcome, Signed)
    assert outcome.until == NOW + offset + 86_400


def test_what_ends_within_the_second_is_not_used_after_it() -> None:
    outcome = check(ZONE.sign(FOUND, OWNER, expiration=NOW + 5), now=NOW + 0.75)
    assert isinstance(outcome, Signed)
    assert NOW + 5 <= outcome.until < NOW + 6


# RFC 4035 §5.3.3: no greater than the TTL as received, that of the RRSIG, the original one, and
# what is left of the signature.
TTLS: list[tuple[SignedSet, int]] = [
    (evolve(SIGNED, ttl=86_400), 300),
    (evolve(SIGNED, ttl=20), 20),
    (evolve(SIGNED, ttl=0), 0),
    (evolve(SIGNED, signatures=(evolve(SIGNED.signatures[0], ttl=7),)), 7),
    (ZONE.sign(FOUND, OWNER, original_ttl=30), 30),
    (ZONE.sign(FOUND, OWNER, expiration=NOW + 9), 9),
    (ZONE.sign(FOUND, OWNER, expiration=NOW), 0),
]


@pytest.mark.parametrize(("found", "ttl"), TTLS)
def test_for_how_long_it_holds(found: SignedSet, ttl: int) -> None:
    outcome = check(found)
    assert isinstance(outcome, Signed)
    assert outcome.ttl == ttl


# --- Wildcards (RFC 4035 §5.3.2)


def test_what_a_wildcard_made_says_so() -> None:
    wildcard = labels_of("*.example.com")
    for asked in ("a.example.com", "b.a.example.com", "c.b.a.example.com"):
        found = ZONE.sign(evolve(FOUND, owner=labels_of(asked)), wildcard)
        outcome = check(found)
        assert isinstance(outcome, Signed)
        assert outcome.wildcard == 2


def test_the_wildcard_itself_is_none() -> None:
    """RFC 4034 §3.1.3: an asterisk at the left is not counted."""
    wildcard = labels_of("*.example.com")
    outcome = check(ZONE.sign(evolve(FOUND, owner=wildcard), wildcard))
    assert isinstance(outcome, Signed)
    assert outcome.wildcard is None


@pytest.mark.parametrize("wildcard", ["*.com", "*"])
def test_a_wildcard_above_the_zone_is_not_of_it(wildcard: str) -> None:
    """RFC 4035 §5.3.1: else a zone could sign for what its parent leaves to all."""
    assert code(check(ZONE.sign(FOUND, labels_of(wildcard)))) == "bogus"


def test_an_asterisk_elsewhere_is_a_label_like_any_other() -> None:
    owner = labels_of("a.*.example.com")
    outcome = check(ZONE.sign(evolve(FOUND, owner=owner), owner))
    assert isinstance(outcome, Signed)
    assert outcome.wildcard is None


# --- Several signatures


def several(*change: Callable[[], SignedSet]) -> SignedSet:
    signatures = tuple(signature for each in change for signature in each().signatures)
    return evolve(FOUND, signatures=signatures)


def good() -> SignedSet:
    return SIGNED


def expired() -> SignedSet:
    return ZONE.sign(FOUND, OWNER, expiration=NOW - 1)


def premature() -> SignedSet:
    return ZONE.sign(FOUND, OWNER, inception=NOW + 1)


def unknown() -> SignedSet:
    return ZONE.sign(FOUND, OWNER, key=evolve(OTHER, algorithm=253))


def by_another() -> SignedSet:
    return ZONE.sign(FOUND, OWNER, key=OTHER)


def wrong() -> SignedSet:
    signature = evolve(SIGNED.signatures[0], signature=b"wrong")
    return evolve(SIGNED, signatures=(signature,))


def reversed_() -> SignedSet:
    return ZONE.sign(FOUND, OWNER, expiration=NOW - 9, inception=NOW + 9)


# RFC 4035 §5.3.1: one is enough. Where all are no good, that is told of which came closest.
SEVERAL: list[tuple[SignedSet, str]] = [
    (several(expired, good), "signed"),
    (several(good, expired), "signed"),
    (several(unknown, by_another, wrong, good), "signed"),
    (several(by_another, expired), "signature-expired"),
    (several(expired, wrong), "bogus"),
    (several(unknown, premature), "signature-not-yet-valid"),
    (several(premature, expired), "signature-expired"),
    (several(by_another, reversed_), "expired-before-valid"),
    (several(reversed_, premature), "signature-not-yet-valid"),
    (several(by_another, unknown), "no-matching-key"),
]


@pytest.mark.parametrize(("found", "expected"), SEVERAL)
def test_one_right_signature_is_enough(found: SignedSet, expected: str) -> None:
    assert code(check(found)) == expected


def test_two_keys_may_have_one_tag() -> None:
    """RFC 4034 §5.3.1 of RFC 4035: "the validator ... MUST try each"."""
    twin = colliding(1)[0]
    assert twin.tag == ZONE.key.tag
    assert code(check(SIGNED, twin, ZONE.key)) == "signed"


def colliding(count: int) -> list[DnsKey]:
    """Keys with the tag of that of the zone: octets change places, two by two."""
    words = [ZONE.key.key[at : at + 2] for at in range(0, len(ZONE.key.key) - 1, 2)]
    rest = ZONE.key.key[2 * len(words) :]
    orders = (words[at:] + words[:at] for at in range(1, count + 1))
    return [DnsKey(257, 3, 13, b"".join(each) + rest) for each in orders]


def test_no_more_than_four_keys_of_one_tag_are_tried() -> None:
    crypto = Crypto()
    keys = (*colliding(6), ZONE.key)
    outcome = check_set(SIGNED, APEX, keys, means(crypto=crypto))
    assert code(outcome) == "bogus"
    assert crypto.checks == 4


def test_no_more_than_sixteen_checks_of_one_set() -> None:
    crypto, work = Crypto(), Work()
    found = evolve(SIGNED, signatures=wrong().signatures * 20 + SIGNED.signatures)
    outcome = check_set(found, APEX, (*colliding(3), ZONE.key), means(work=work, crypto=crypto))
    assert isinstance(outcome, Reason)
    assert outcome.code == "too-much-work"
    assert crypto.checks == 16


def test_the_first_check_is_always_made() -> None:
    """However much was spent in vain: a healthy RRset needs one."""
    spent = Work(vain_checks=0)
    assert code(check_set(SIGNED, APEX, (ZONE.key,), means(work=spent))) == "signed"
    found = several(wrong, good)
    assert code(check_set(found, APEX, (ZONE.key,), means(work=spent))) == "too-much-work"


def test_even_the_first_check_is_counted() -> None:
    """A thousand RRsets are more than one call needs."""
    work, crypto = Work(checks=1), Crypto()
    for expected in ("signed", "too-much-work"):
        outcome = check_set(SIGNED, APEX, (ZONE.key,), means(work=work, crypto=crypto))
        assert code(outcome) == expected
    assert crypto.checks == 1
    assert work.is_spent


def test_what_cannot_be_right_is_not_checked() -> None:
    crypto = Crypto()
    found = several(expired, premature, unknown, by_another, reversed_)
    check_set(found, APEX, (ZONE.key,), means(crypto=crypto))
    assert crypto.checks == 0


def test_an_rrset_as_a_person_names_it() -> None:
    assert described(FOUND) == "a.example.com A"
    assert type_text(RrType.NSEC3) == "NSEC3"
    assert type_text(65_280) == "TYPE65280"
