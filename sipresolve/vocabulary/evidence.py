"""What a nameserver shows to prove an answer: RRsets in canonical form, and their signatures.

Everything is as RFC 4034 §6 wants it to be signed, so that a proof works on octets alone: names are
labels in lower case, data have no compression, and records are sorted, each once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

from attrs import field, frozen

__all__ = ["Evidence", "Labels", "RrType", "Signature", "SignedSet", "wire_of"]

#: A domain name: its labels in lower case, the first one first; the root has none.
Labels: TypeAlias = tuple[bytes, ...]


class RrType(IntEnum):
    """The types of records that a proof knows, by their numbers."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    AAAA = 28
    SRV = 33
    NAPTR = 35
    DNAME = 39
    DS = 43
    RRSIG = 46
    NSEC = 47
    DNSKEY = 48
    NSEC3 = 50


@frozen
class Signature:
    """An RRSIG record (RFC 4034 §3).

    Attributes:
        covered: The type of the records that it signs.
        algorithm: The number of its algorithm.
        labels: How many labels the owner had when it was signed, an asterisk not counted.
        original_ttl: In seconds, as it was signed.
        expiration: When it ends, in seconds since 1970, modulo 2**32.
        inception: When it begins, likewise.
        key_tag: Of the key that made it; several keys may have the same.
        signer: The zone whose key that is.
        signature: The octets of the signature.
        head: Its data but for the signature, in canonical form: the signed data begin with it
            (RFC 4034 §3.1.8.1).
        ttl: Its own, in seconds, as received.
    """

    covered: int
    algorithm: int
    labels: int
    original_ttl: int
    expiration: int
    inception: int
    key_tag: int
    signer: Labels
    signature: bytes
    head: bytes
    ttl: int


@frozen
class SignedSet:
    """An RRset as it stands in one section of a reply, and the signatures that came with it.

    Attributes:
        owner: The name of the records.
        type: The number of their type.
        ttl: In seconds, as received; the least, where they differ.
        data: The data of the records in canonical form and order, each once (RFC 4034 §6).
        signatures: The RRSIG records that cover it, in the order received.
    """

    owner: Labels
    type: int
    ttl: int
    data: tuple[bytes, ...]
    signatures: tuple[Signature, ...] = ()


@frozen
class Evidence:
    """What one reply, or several of which aliases led from one to the next, have shown.

    Attributes:
        answers: The RRsets of the answer sections.
        authorities: The NSEC, NSEC3 and SOA records of the authority sections.
    """

    answers: tuple[SignedSet, ...] = field(default=())
    authorities: tuple[SignedSet, ...] = field(default=())

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(self.answers + other.answers, self.authorities + other.authorities)


def wire_of(labels: Labels) -> bytes:
    r"""A name as it is signed (RFC 4034 §6.2).

    >>> wire_of((b"example", b"com"))
    b'\x07example\x03com\x00'
    """
    return b"".join([bytes((len(label),)) + label for label in labels]) + b"\0"
