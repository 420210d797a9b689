"""Keys of zones and what vouches for them: RFC 4034 §2, §5 and appendix B, RFC 5011 §2.1."""

from __future__ import annotations

import hashlib
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.vocabulary.evidence import wire_of
from sipresolve.vocabulary.keys import ROOT_ANCHORS, DnsKey, Ds, TrustAnchor

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
