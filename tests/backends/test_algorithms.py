"""Keys of each algorithm: what their octets have to be."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sipresolve.backends.algorithms import check_with
from sipresolve.vocabulary.keys import DnsKey


def key(algorithm: int, octets: bytes) -> DnsKey:
    return DnsKey(256, 3, algorithm, octets)


def rsa(bits: int, exponent: int = 65537) -> bytes:
    """RFC 3110 §2: the length of the exponent, it, and the modulus, here an odd number."""
    size = max(1, (exponent.bit_length() + 7) // 8)
    modulus = (1 << (bits - 1)) + 1
    return bytes((size,)) + exponent.to_bytes(size) + modulus.to_bytes((bits + 7) // 8)


def point(curve: ec.EllipticCurve, size: int) -> bytes:
    numbers = ec.derive_private_key(2, curve).public_key().public_numbers()
    return numbers.x.to_bytes(size) + numbers.y.to_bytes(size)


P256, P384 = point(ec.SECP256R1(), 32), point(ec.SECP384R1(), 48)

KEYS = {
    # RFC 5702 §2.1: "MUST NOT be less than 512 bits and MUST NOT be more than 4096 bits"
    "RSA/SHA-256 of 512 bits": key(8, rsa(512)),
    "RSA/SHA-256 of 4096 bits": key(8, rsa(4096)),
    # RFC 5702 §2.2: "MUST NOT be less than 1024 bits and MUST NOT be more than 4096 bits"
    "RSA/SHA-512 of 1024 bits": key(10, rsa(1024)),
    "RSA/SHA-512 of 4096 bits": key(10, rsa(4096)),
    "the exponent 3": key(8, rsa(1024, 3)),
    "the exponent 2^32 + 1": key(8, rsa(2048, (1 << 32) + 1)),
    "an exponent of 64 bits": key(8, rsa(4096, (1 << 64) - 1)),
    # RFC 3110 §2: "a zero octet followed by a two-octet unsigned length"
    "a length of 3 octets": key(8, b"\0\0" + rsa(1024)),
    "P-256": key(13, P256),
    "P-384": key(14, P384),
}

NO_KEYS = {
    "RSA/SHA-256 of 511 bits": key(8, rsa(511)),
    "RSA/SHA-256 of 4097 bits": key(8, rsa(4097)),
    "RSA/SHA-512 of 1023 bits": key(10, rsa(1023)),
    "RSA/SHA-512 of 4097 bits": key(10, rsa(4097)),
    "RSA of 16,384 bits": key(8, rsa(16_384)),
    # With an exponent of 1, everybody can make signatures; even ones are none of RSA.
    "the exponent 0": key(8, rsa(1024, 0)),
    "the exponent 1": key(8, rsa(1024, 1)),
    "the exponent 2": key(8, rsa(1024, 2)),
    "an exponent of 65 bits": key(8, rsa(2048, (1 << 64) + 1)),
    "an exponent as long as the modulus": key(8, rsa(1024, (1 << 1022) + 1)),
    "no octets": key(8, b""),
    "a zero octet": key(8, b"\0"),
    "a length alone": key(8, b"\3"),
    "no modulus": key(8, b"\3\1\0\1"),
    "an exponent that is cut": key(8, b"\xff" + bytes(100)),
    "a long length that is cut": key(8, b"\0\1"),
    "a long exponent that is cut": key(8, b"\0\1\0" + bytes(100)),
    "P-256 without octets": key(13, b""),
    "P-256 too short": key(13, P256[:-1]),
    "P-256 too long": key(13, P256 + b"\0"),
    "P-256 not on the curve": key(13, P256[:-1] + bytes((P256[-1] ^ 1,))),
    "P-256 beyond the field": key(13, b"\xff" * 64),
    "P-256 of zeros": key(13, bytes(64)),
    "P-256 as SEC 1 has it": key(13, b"\4" + P256),
    "a point of P-384 as P-256": key(13, P384),
    "a point of P-256 as P-384": key(14, P256),
    "P-384 not on the curve": key(14, P384[:-1] + bytes((P384[-1] ^ 1,))),
    "Ed25519 without octets": key(15, b""),
    "Ed25519 too short": key(15, bytes(31)),
    "Ed25519 too long": key(15, bytes(33)),
    "Ed448 too short": key(16, bytes(56)),
    "Ed448 too long": key(16, bytes(58)),
    "RSA/SHA-1": key(5, rsa(1024)),
    "GOST": key(12, bytes(64)),
    "a private algorithm": key(253, rsa(1024)),
}


@pytest.mark.parametrize("dnskey", KEYS.values(), ids=KEYS)
def test_what_is_a_key(dnskey: DnsKey) -> None:
    check = check_with(dnskey)
    assert check is not None
    assert not check(bytes(64), b"data")


@pytest.mark.parametrize("dnskey", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key(dnskey: DnsKey) -> None:
    assert check_with(dnskey) is None


@pytest.mark.parametrize("dnskey", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("octet", [b"\0", b"\xff"])
def test_a_signature_of_any_length_is_just_wrong(dnskey: DnsKey, octet: bytes) -> None:
    check = check_with(dnskey)
    assert check is not None
    assert not any(check(octet * length, b"data") for length in (*range(130), 512, 513, 65_535))
