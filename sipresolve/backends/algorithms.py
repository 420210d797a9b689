"""The algorithms of DNSSEC, by cryptography: from a DNSKEY record to a check of its signatures.

dnspython has these too. Before version 2.9 it takes keys and signatures of ECDSA for right that are
longer than RFC 6605 §4 has them, and in no version does it bound what a check with RSA may cost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    from sipresolve.vocabulary.keys import DnsKey

__all__ = ["Check", "check_with"]

#: Whether a signature over some data is right.
Check: TypeAlias = Callable[[bytes, bytes], bool]

#: The same, where it raises what `_REFUSED` names if it is not.
_Verify: TypeAlias = Callable[[bytes, bytes], None]

#: What cryptography raises of keys and signatures that are not right, or that it cannot check.
_REFUSED: Final = (InvalidSignature, UnsupportedAlgorithm, InternalError, ValueError)


def check_with(key: DnsKey) -> Check | None:
    """The check of the signatures of a key; None where none can be right.

    That is so where its algorithm is unknown, or its octets are no key of the algorithm.
    """
    reader = _READERS.get(key.algorithm)
    if reader is None:
        return None
    try:
        verify = reader(key.key)
    except _REFUSED:
        return None
    return partial(_is_right, verify)


def _is_right(verify: _Verify, signature: bytes, data: bytes) -> bool:
    try:
        verify(signature, data)
    except _REFUSED:
        return False
    return True


# --- RSA


def _rsa(hashed_by: HashAlgorithm, shortest: int, octets: bytes) -> _Verify:
    """A key of RSA (RFC 3110 §2): the length of the exponent in 1 or 3 octets, both numbers."""
    start, length = (1, octets[0]) if octets[:1] > b"\0" else (3, int.from_bytes(octets[1:3]))
    exponent = int.from_bytes(octets[start : start + length])
    modulus = int.from_bytes(octets[start + length :])
    if not shortest <= modulus.bit_length() <= _LONGEST_MODULUS:
        raise ValueError("the modulus is shorter or longer than RFC 5702 §2 allows")
    if exponent.bit_length() > _LONGEST_EXPONENT:
        raise ValueError("the exponent is so long that a check is expensive")
    public = RSAPublicNumbers(exponent, modulus).public_key()
    return partial(_verify_rsa, public.verify, hashed_by)


def _verify_rsa(
    verify: Callable[[bytes, bytes, PKCS1v15, HashAlgorithm], None],
    hashed_by: HashAlgorithm,
    signature: bytes,
    data: bytes,
) -> None:
    verify(signature, data, _PADDING, hashed_by)


#: RFC 5702 §3: "RSASSA-PKCS1-v1_5".
_PADDING: Final = PKCS1v15()

#: RFC 5702 §2.1, §2.2: "MUST NOT be more than 4096 bits".
_LONGEST_MODULUS: Final = 4096

#: A check takes time in proportion to it. In use are 2 to 33 bits; OpenSSL takes no more than 64
#: with a modulus above 3072 bits.
_LONGEST_EXPONENT: Final = 64


# --- Elliptic curves


def _ecdsa(curve: EllipticCurve, hashed_by: HashAlgorithm, size: int, octets: bytes) -> _Verify:
    """A key of ECDSA (RFC 6605 §4): both coordinates of a point of the curve, and nothing else."""
    public = EllipticCurvePublicKey.from_encoded_point(curve, _UNCOMPRESSED + octets)
    return partial(_verify_ecdsa, public.verify, ECDSA(hashed_by), size)


def _verify_ecdsa(
    verify: Callable[[bytes, bytes, ECDSA], None],
    hashed_by: ECDSA,
    size: int,
    signature: bytes,
    data: bytes,
) -> None:
    """RFC 6605 §4: the signature is r and s, each of so many octets."""
    if len(signature) != 2 * size:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
    verify(encode_dss_signature(r, s), data, hashed_by)


#: What precedes such a point in SEC 1 §2.3.3.
_UNCOMPRESSED: Final = b"\4"


def _ed25519(octets: bytes) -> _Verify:
    """A key of Ed25519 (RFC 8080 §3)."""
    return Ed25519PublicKey.from_public_bytes(octets).verify


def _ed448(octets: bytes) -> _Verify:
    """A key of Ed448 (RFC 8080 §3)."""
    return Ed448PublicKey.from_public_bytes(octets).verify


#: What is checked: how the key is read that a DNSKEY record of an algorithm holds.
_READERS: Final[Mapping[int, Callable[[bytes], _Verify]]] = {
    8: partial(_rsa, SHA256(), 512),  # RFC 5702 §2.1
    10: partial(_rsa, SHA512(), 1024),  # RFC 5702 §2.2
    13: partial(_ecdsa, SECP256R1(), SHA256(), 32),  # RFC 6605 §4
    14: partial(_ecdsa, SECP384R1(), SHA384(), 48),  # RFC 6605 §4
    15: _ed25519,
    16: _ed448,
}
