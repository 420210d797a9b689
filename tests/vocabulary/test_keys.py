"""Keys of zones and what vouches for them: RFC 4034 §2, §5 and appendix B, RFC 5011 §2.1."""

from __future__ import annotations

import hashlib
import struct
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.evidence import wire_of
from sipresolve.vocabulary.keys import ROOT_ANCHORS, DnsKey, Ds, TrustAnchor, is_supported

#: The keys of the root that `ROOT_ANCHORS` are the digests of.
KSK_2017 = DnsKey(
    257,
    3,
    8,
    b64decode(
        "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN"
        "7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8"
        "efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLY"
        "A4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU="
    ),
)
KSK_2024 = DnsKey(
    257,
    3,
    8,
    b64decode(
        "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeH"
        "spaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAx"
        "m9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+"
        "u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc="
    ),
)

#: RFC 4034 §5.4, with its digest by SHA-1.
DSKEY = DnsKey(
    256,
    3,
    5,
    b64decode(
        "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMm"
        "mAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=="
    ),
)
ED25519 = DnsKey(257, 3, 15, b64decode("l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="))


@pytest.mark.parametrize(
    ("key", "tag"),
    [
        (DSKEY, 60485),  # RFC 4034 §5.4
        (ED25519, 3613),  # RFC 8080 §6.1
        (KSK_2017, 20326),
        (KSK_2024, 38696),
        (DnsKey(0, 0, 0, b""), 0),
        (DnsKey(256, 3, 13, b"\1"), 1293),  # 0x0100 + 0x030d + 0x0100: an octet left over counts
        (DnsKey(0xFFFF, 0xFF, 0xFF, b"\xff\xff"), 0xFFFF),  # what is carried is added once
    ],
)
def test_the_tag_is_that_of_appendix_b(key: DnsKey, tag: int) -> None:
    assert key.tag == tag


def octet_by_octet(data: bytes) -> int:
    """The reference of RFC 4034 appendix B."""
    total = 0
    for place, octet in enumerate(data):
        total += octet if place & 1 else octet << 8
    total += (total >> 16) & 0xFFFF
    return total & 0xFFFF


octets = st.binary(max_size=600)


@given(st.integers(0, 65_535), st.integers(0, 255), st.integers(0, 255), octets)
def test_a_key_is_its_data(flags: int, protocol: int, algorithm: int, key: bytes) -> None:
    """RFC 4034 §2.1: two octets of flags, one of protocol, one of algorithm, the key."""
    made = DnsKey(flags, protocol, algorithm, key)
    assert made.data == flags.to_bytes(2) + bytes((protocol, algorithm)) + key
    assert DnsKey.of(made.data) == made
    assert hash(DnsKey.of(made.data)) == hash(made)
    assert made.tag == octet_by_octet(made.data)


@given(st.integers(0, 65_535), st.integers(0, 255), st.integers(0, 255), octets)
def test_a_digest_is_its_data(tag: int, algorithm: int, digest_type: int, digest: bytes) -> None:
    """RFC 4034 §5.1: two octets of key tag, one of algorithm, one of digest type, the digest."""
    data = tag.to_bytes(2) + bytes((algorithm, digest_type)) + digest
    assert Ds.of(data) == Ds(tag, algorithm, digest_type, digest)


@pytest.mark.parametrize(
    ("flags", "protocol", "is_zone_key", "is_revoked"),
    [
        (256, 3, True, False),
        (257, 3, True, False),
        (0, 3, False, False),  # RFC 4034 §2.1.1: "MUST NOT be used to verify RRSIGs"
        (1, 3, False, False),
        (257, 2, False, False),  # RFC 4034 §2.1.2: "MUST be treated as invalid"
        (385, 3, False, True),  # RFC 5011 §2.1
        (384, 3, False, True),
        (129, 3, False, True),
        (0xFF7F, 3, True, False),  # RFC 4034 §2.1.1: the others "MUST be ignored"
    ],
)
def test_what_signs_a_zone(
    flags: int, protocol: int, *, is_zone_key: bool, is_revoked: bool
) -> None:
    key = DnsKey(flags, protocol, 13, bytes(64))
    assert key.is_zone_key is is_zone_key
    assert key.is_revoked is is_revoked


def test_a_key_that_is_revoked_has_another_tag() -> None:
    """RFC 5011 §2.1: and so no signature or digest from before finds it."""
    assert DnsKey(385, 3, 15, ED25519.key).tag == ED25519.tag + 128


def test_as_text() -> None:
    assert str(KSK_2017) == "DNSKEY 20326 (algorithm 8)"
    assert str(ROOT_ANCHORS[0].key) == "DS 20326 (algorithm 8, digest 2)"
    assert str(ROOT_ANCHORS[0]) == ". DS 20326 (algorithm 8, digest 2)"
    assert str(TrustAnchor("Example.COM.", ED25519)) == "example.com DNSKEY 3613 (algorithm 15)"


def test_a_zone_is_in_its_normal_form() -> None:
    assert TrustAnchor("Example.COM.", ED25519) == TrustAnchor("example.com", ED25519)
    assert TrustAnchor(".", ED25519).zone == "."


@pytest.mark.parametrize(
    ("key", "anchor"), [*zip([KSK_2017, KSK_2024], ROOT_ANCHORS, strict=True)], ids=["2017", "2024"]
)
def test_the_anchors_of_the_root_are_digests_of_its_keys(key: DnsKey, anchor: TrustAnchor) -> None:
    """RFC 4034 §5.1.4: of the owner and the data of the key."""
    digest = hashlib.sha256(wire_of(()) + key.data).digest()
    assert anchor == TrustAnchor(".", Ds(key.tag, key.algorithm, 2, digest))


def test_the_digest_of_the_example() -> None:
    """RFC 4034 §5.4."""
    owner = wire_of((b"dskey", b"example", b"com"))
    digest = hashlib.sha1(owner + DSKEY.data).hexdigest()  # noqa: S324 - what the RFC shows
    assert digest.upper() == "2BB183AF5F22588179A53B0A98631FAD1A292118"


# --- What a caller gets wrong


@pytest.mark.parametrize("kind", [DnsKey, Ds])
@pytest.mark.parametrize("data", [b"", b"\1\1\3"])
def test_data_without_their_numbers_are_no_record(kind: type[DnsKey | Ds], data: bytes) -> None:
    """RFC 4034 §2.1, §5.1: four octets come before a key or a digest."""
    with pytest.raises(struct.error):
        kind.of(data)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((99_999, 3, 15, b"k"), "flags must be a whole number from 0 to 65535, not 99999"),
        ((-1, 3, 15, b"k"), "flags must be a whole number from 0 to 65535, not -1"),
        ((257, 256, 15, b"k"), "protocol must be a whole number from 0 to 255, not 256"),
        ((257, 3, "15", b"k"), "algorithm must be a whole number from 0 to 255, not '15'"),
        ((257, 3, 15.0, b"k"), "algorithm must be a whole number from 0 to 255, not 15.0"),
        (
            (257, 3, 15, "l02Woi0iS8Aa"),
            "a key must be bytes (base64.b64decode makes them of text), not 'l02Woi0iS8Aa'",
        ),
        (
            (257, 3, 15, None),
            "a key must be bytes (base64.b64decode makes them of text), not None",
        ),
    ],
)
def test_what_no_key_record_can_have(fields: tuple[Any, ...], message: str) -> None:
    """RFC 4034 §2.1: two octets of flags, one of protocol, one of algorithm."""
    with pytest.raises(Misuse) as raised:
        DnsKey(*fields)
    assert raised.value.message == message
    assert isinstance(raised.value.__cause__, struct.error | TypeError)


DIGEST = bytes(32)
TRUTH: Any = True


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (Ds(65_536, 8, 2, DIGEST), "key_tag must be a whole number from 0 to 65535, not 65536"),
        (Ds(-1, 8, 2, DIGEST), "key_tag must be a whole number from 0 to 65535, not -1"),
        (Ds(1, 8, TRUTH, DIGEST), "digest_type must be a whole number from 0 to 255, not True"),
        (Ds(1, 256, 2, DIGEST), "algorithm must be a whole number from 0 to 255, not 256"),
        (Ds(1, 8, 256, DIGEST), "digest_type must be a whole number from 0 to 255, not 256"),
        # RFC 4034 §A.2, RFC 4509 §2.2, RFC 6605 §2
        (Ds(1, 8, 1, DIGEST), f"a digest of type 1 has 20 octets, not 32: '{64 * '0'}'"),
        (Ds(1, 8, 2, b"\xe0m"), "a digest of type 2 has 32 octets, not 2: 'e06d'"),
        (Ds(1, 8, 4, DIGEST), f"a digest of type 4 has 48 octets, not 32: '{64 * '0'}'"),
        (Ds(1, 8, 9, b""), "a digest must have octets, not b''"),
        (DnsKey(257, 3, 15, b""), "a key must have octets, not b''"),
        (
            DnsKey(385, 3, 15, b"k"),
            "DNSKEY 28560 (algorithm 15) is revoked by its flags 385 (RFC 5011 §2.1), and vouches",
        ),
        (
            DnsKey(1, 3, 15, b"k"),
            "DNSKEY 28176 (algorithm 15) is no zone key: its flags are 1, without 256 (RFC 4034",
        ),
        (DnsKey(257, 2, 15, b"k"), "protocol must be 3 (RFC 4034 §2.1.2), not 2"),
    ],
)
def test_a_trust_anchor_is_a_key_that_can_sign_a_zone(key: Ds | DnsKey, message: str) -> None:
    with pytest.raises(Misuse) as raised:
        TrustAnchor("example.com", key)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("digest", "shown"),
    [
        ("E06D44", "'E06D44'"),
        (64 * "E06D", "'" + 19 * "E06D" + "E06…'"),
        (bytearray(32), repr(bytearray(32))[:80] + "…)"),
        (None, "None"),
    ],
)
def test_a_digest_is_octets(digest: Any, shown: str) -> None:
    with pytest.raises(Misuse) as raised:
        TrustAnchor(".", Ds(20326, 8, 2, digest))
    said = "a digest must be bytes (bytes.fromhex makes them of text), not "
    assert raised.value.message == said + shown


def test_a_key_is_octets() -> None:
    octets: Any = bytearray(b"k")
    with pytest.raises(Misuse, match=r"a key must be bytes \(base64"):
        TrustAnchor(".", DnsKey(257, 3, 15, octets))


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        (5, "the zone of a trust anchor must be a domain name, not 5"),
        (None, "the zone of a trust anchor must be a domain name, not None"),
        (b"example.com", "the zone of a trust anchor must be a domain name, not b'example.com'"),
        ("", "the zone of a trust anchor must be a domain name, not ''"),
        ("a..b", "the zone of a trust anchor must be a domain name, not 'a..b'"),
        ("a b", "the zone of a trust anchor must be a domain name, not 'a b'"),
        ("sip:a.example", "the zone of a trust anchor must be a domain name, not 'sip:a.example'"),
        ("/a/root.key", "the zone of a trust anchor must be a domain name, not '/a/root.key'"),
        (64 * "a", "the zone of a trust anchor must be a domain name, not 'aaa"),
        ("bücher.example", "convert the zone 'bücher.example' to A-labels (Punycode): it is not"),
    ],
)
def test_a_trust_anchor_is_for_a_zone(zone: Any, message: str) -> None:
    with pytest.raises(Misuse) as raised:
        TrustAnchor(zone, ED25519)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("key", [None, ".", (20326, 8, 2, DIGEST), ROOT_ANCHORS[0]])
def test_a_trust_anchor_has_a_key(key: Any) -> None:
    with pytest.raises(Misuse, match="the key of a trust anchor must be a Ds or a DnsKey, not "):
        TrustAnchor(".", key)


@pytest.mark.parametrize(
    ("key", "is_it"),
    [
        (ED25519, True),
        (DSKEY, False),  # RFC 9905: nothing with SHA-1
        (Ds(1, 8, 2, DIGEST), True),
        (Ds(1, 5, 2, DIGEST), False),
        (Ds(1, 8, 1, bytes(20)), False),
        (Ds(1, 8, 9, b"a digest"), False),
    ],
)
def test_what_can_be_computed_here(key: Ds | DnsKey, *, is_it: bool) -> None:
    assert is_supported(key) is is_it
    assert TrustAnchor(".", key).key == key  # which the zone may have beside one that can
