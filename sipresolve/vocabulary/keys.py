"""The keys of zones, and what vouches for them (RFC 4034 §2 and §5)."""

from __future__ import annotations

import struct
from typing import Final

from attrs import field, frozen

from sipresolve.vocabulary.names import ROOT, normal_name

__all__ = ["ROOT_ANCHORS", "DnsKey", "Ds", "TrustAnchor"]

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
    """

    flags: int
    protocol: int
    algorithm: int
    key: bytes
    tag: int = field(init=False, eq=False, repr=False)

    @tag.default
    def _tag(self) -> int:
        """RFC 4034 appendix B: a sum of the data, two octets at a time."""
        data = self.data
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
        """The record with these data, of four octets at least."""
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
        """The record with these data, of four octets at least."""
        key_tag, algorithm, digest_type = _DS.unpack_from(data)
        return cls(key_tag, algorithm, digest_type, data[_DS.size :])

    def __str__(self) -> str:
        return f"DS {self.key_tag} (algorithm {self.algorithm}, digest {self.digest_type})"


@frozen
class TrustAnchor:
    """What a chain of trust may begin with (RFC 4033 §2).

    Attributes:
        zone: The zone, in lower case and without a final dot; ``"."`` for the root.
        key: A key of the zone, or the digest of one.
    """

    zone: str = field(converter=normal_name)
    key: Ds | DnsKey

    def __str__(self) -> str:
        return f"{self.zone} {self.key}"


def _of_the_root(key_tag: int, digest: str) -> TrustAnchor:
    return TrustAnchor(ROOT, Ds(key_tag, 8, 2, bytes.fromhex(digest)))


#: The keys of the root: KSK-2017, and KSK-2024, which signs from October 2026 on.
ROOT_ANCHORS: Final = (
    _of_the_root(20326, "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"),
    _of_the_root(38696, "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"),
)
