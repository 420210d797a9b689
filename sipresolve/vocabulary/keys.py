"""The keys of zones, and what vouches for them (RFC 4034 §2 and §5)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from attrs import Attribute, field, frozen

from sipresolve.vocabulary.checks import is_whole
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.names import ROOT, is_domain_name, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a caller meets; the rest is for the library alone.
__all__ = ["ROOT_ANCHORS", "DnsKey", "Ds", "TrustAnchor"]

#: RSA with SHA-256 and SHA-512, P-256, P-384, Ed25519 and Ed448 (RFC 8624 §3.1).
SUPPORTED_ALGORITHMS: Final = frozenset({8, 10, 13, 14, 15, 16})

#: SHA-256 and SHA-384 (RFC 8624 §3.3), by what `hashlib` calls them.
SUPPORTED_DIGESTS: Final = {2: "sha256", 4: "sha384"}

#: How many octets a digest has, by its type (RFC 4034 §A.2, RFC 4509 §2.2, RFC 6605 §2).
DIGEST_SIZES: Final = {1: 20, 2: 32, 4: 48}

_DNSKEY: Final = struct.Struct("!HBB")
_DS: Final = struct.Struct("!HBB")


@frozen(cache_hash=True)
class DnsKey:
    """A DNSKEY record (RFC 4034 §2).

    Attributes:
        flags: 256 for a zone key, and 1 more for one that a parent vouches for; 128 more once it
            is revoked (RFC 5011 §2.1).
        protocol: 3.
        algorithm: The number of its algorithm.
        key: The octets of the public key.
        tag: Its key tag, by which signatures and DS records name it; several keys may have one.

    Raises:
        Misuse: No record can have these data.
    """

    flags: int
    protocol: int
    algorithm: int
    key: bytes
    tag: int = field(init=False, eq=False, repr=False)

    @tag.default
    def _tag(self) -> int:
        """RFC 4034 appendix B: a sum of the data, two octets at a time."""
        try:
            data = self.data
        except (struct.error, TypeError) as error:
            raise Misuse(next(_faults(self))) from error
        total = (sum(data[::2]) << 8) + sum(data[1::2])
        return (total + (total >> 16)) & 0xFFFF

    @property
    def data(self) -> bytes:
        """Its data, as they are signed."""
        return _DNSKEY.pack(self.flags, self.protocol, self.algorithm) + self.key

    @property
    def is_zone_key(self) -> bool:
        """Whether it may sign records (RFC 4034 §2.1.1, §2.1.2), and is not revoked."""
        return bool(self.flags & _ZONE) and not self.is_revoked and self.protocol == _PROTOCOL

    @property
    def is_revoked(self) -> bool:
        """Whether its owner took it back (RFC 5011 §2.1)."""
        return bool(self.flags & _REVOKED)

    @classmethod
    def of(cls, data: bytes) -> DnsKey:
        """The record with these data.

        Raises:
            struct.error: They have less than four octets.
        """
        flags, protocol, algorithm = _DNSKEY.unpack_from(data)
        return cls(flags, protocol, algorithm, data[_DNSKEY.size :])

    def __str__(self) -> str:
        return f"DNSKEY {self.tag} (algorithm {self.algorithm})"


_ZONE: Final = 0x0100
_REVOKED: Final = 0x0080
_PROTOCOL: Final = 3


@frozen
class Ds:
    """A DS record: the digest of a key of a zone, in its parent (RFC 4034 §5).

    What it is made of is checked where it becomes a `TrustAnchor`.

    Attributes:
        key_tag: Of the key.
        algorithm: That of the key.
        digest_type: The number of the kind of digest.
        digest: The octets of the digest.
    """

    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes

    @classmethod
    def of(cls, data: bytes) -> Ds:
        """The record with these data.

        Raises:
            struct.error: They have less than four octets.
        """
        key_tag, algorithm, digest_type = _DS.unpack_from(data)
        return cls(key_tag, algorithm, digest_type, data[_DS.size :])

    def __str__(self) -> str:
        return f"DS {self.key_tag} (algorithm {self.algorithm}, digest {self.digest_type})"


def _zone(given: str) -> str:
    if not is_domain_name(given):
        raise Misuse(f"the zone of a trust anchor must be a domain name, not {_short(given)}")
    if not given.isascii():
        raise Misuse(f"convert the zone {given!r} to A-labels (Punycode): it is not ASCII")
    return normal_name(given)


def _key(_anchor: object, _attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, Ds | DnsKey):
        raise Misuse(f"the key of a trust anchor must be a Ds or a DnsKey, not {_short(value)}")
    if fault := next(_faults(value), None):
        raise Misuse(fault)


@frozen
class TrustAnchor:
    """What a chain of trust may begin with (RFC 4033 §2).

    Attributes:
        zone: The zone, in lower case and without a final dot; ``"."`` for the root.
        key: A key of the zone, or the digest of one.

    Raises:
        Misuse: The zone is no domain name, or the key is none that can sign a zone: it is revoked,
            its digest has another length than those of its type, a number is out of range.
    """

    zone: str = field(converter=_zone)
    key: Ds | DnsKey = field(validator=_key)

    def __str__(self) -> str:
        return f"{self.zone} {self.key}"


def is_supported(key: Ds | DnsKey) -> bool:
    """Whether its algorithm, and its digest if it is one, can be computed here."""
    if isinstance(key, Ds) and key.digest_type not in SUPPORTED_DIGESTS:
        return False
    return key.algorithm in SUPPORTED_ALGORITHMS


# --- What is wrong with a key that a caller made

#: The largest value of each field that is a number (RFC 4034 §2.1, §5.1).
_MOST: Final = {
    "key_tag": 0xFFFF,
    "flags": 0xFFFF,
    "protocol": 0xFF,
    "algorithm": 0xFF,
    "digest_type": 0xFF,
}


def _faults(key: Ds | DnsKey) -> Iterator[str]:
    for name, most in _MOST.items():
        value = getattr(key, name, 0)  # neither has them all
        if not (is_whole(value) and 0 <= value <= most):
            yield f"{name} must be a whole number from 0 to {most}, not {_short(value)}"
    yield from _faults_of_digest(key) if isinstance(key, Ds) else _faults_of_key(key)


def _faults_of_digest(ds: Ds) -> Iterator[str]:
    if not _is_bytes(ds.digest):
        given = _short(ds.digest)
        yield f"a digest must be bytes (bytes.fromhex makes them of text), not {given}"
    if not ds.digest:
        yield f"a digest must have octets, not {ds.digest!r}"
    size = DIGEST_SIZES.get(ds.digest_type)
    if size not in {None, len(ds.digest)}:
        what = f"a digest of type {ds.digest_type} has {size} octets"
        yield f"{what}, not {len(ds.digest)}: {_short(ds.digest.hex())}"


def _faults_of_key(key: DnsKey) -> Iterator[str]:
    if not _is_bytes(key.key):
        given = _short(key.key)
        yield f"a key must be bytes (base64.b64decode makes them of text), not {given}"
    if not key.key:
        yield f"a key must have octets, not {key.key!r}"
    if key.is_revoked:
        yield f"{key} is revoked by its flags {key.flags} (RFC 5011 §2.1), and vouches for nothing"
    if not key.flags & _ZONE:
        yield f"{key} is no zone key: its flags are {key.flags}, without 256 (RFC 4034 §2.1.1)"
    if key.protocol != _PROTOCOL:
        yield f"protocol must be {_PROTOCOL} (RFC 4034 §2.1.2), not {key.protocol}"


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…{text[-1]}"


_LONGEST_SHOWN: Final = 80


# --- The root


def _of_the_root(key_tag: int, digest: str) -> TrustAnchor:
    return TrustAnchor(ROOT, Ds(key_tag, 8, 2, bytes.fromhex(digest)))


#: The keys of the root: KSK-2017, and KSK-2024, which signs from October 2026 on.
ROOT_ANCHORS: Final = (
    _of_the_root(20326, "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"),
    _of_the_root(38696, "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"),
)
