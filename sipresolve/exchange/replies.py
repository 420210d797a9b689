"""What a nameserver said, as plain values: the part of a reply that a question can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve.vocabulary.names import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.vocabulary.evidence import Evidence
    from sipresolve.vocabulary.reasons import ExtendedError
    from sipresolve.vocabulary.records import Question, Record

__all__ = ["Alias", "RecordSet", "Reply", "prefix_below"]


@frozen
class RecordSet:
    """The records of one name and type.

    Attributes:
        records: In the order received.
        ttl: In seconds; the least, where they differ (RFC 2181 §5.2).
    """

    records: tuple[Record, ...]
    ttl: int


@frozen
class Alias:
    """Where a CNAME or DNAME record leads.

    Attributes:
        target: A domain name, in lower case and without a final dot.
        ttl: In seconds.
    """

    target: str
    ttl: int


@frozen(kw_only=True)
class Reply:
    """A reply to a query for one name and type. Names are in lower case, without a final dot.

    Attributes:
        rcode: The mnemonic of its response code, such as ``"NOERROR"``.
        truncated: Whether the TC bit is set; then nothing of its sections is kept (RFC 7766 §5).
        authoritative: Whether the AA bit is set.
        authenticated: Whether the AD bit is set.
        records: The records of the wanted type in the answer section, by owner.
        cnames: The CNAME records there, by owner.
        dnames: The DNAME records there, by owner.
        negative_ttls: What RFC 2308 §5 makes of each SOA in the authority section, by owner.
        delegates: Whether there are NS records in the authority section.
        additional: The addresses in the additional section.
        evidence: What came to prove it; None where that was not asked for.
        extended_errors: What the nameserver says of its trouble (RFC 8914), in the order received.
    """

    rcode: str
    truncated: bool = False
    authoritative: bool = False
    authenticated: bool = False
    records: Mapping[str, RecordSet] = field(factory=dict)
    cnames: Mapping[str, Alias] = field(factory=dict)
    dnames: Mapping[str, Alias] = field(factory=dict)
    negative_ttls: Mapping[str, int] = field(factory=dict)
    delegates: bool = False
    additional: Mapping[Question, RecordSet] = field(factory=dict)
    evidence: Evidence | None = None
    extended_errors: tuple[ExtendedError, ...] = ()

    @property
    def is_referral(self) -> bool:
        """Whether it only says who else may know, as one does that does not recurse."""
        return (
            self.rcode == "NOERROR"
            and self.delegates
            and not self.authoritative
            and not (self.negative_ttls or self.records or self.cnames or self.dnames)
        )

    def negative_ttl(self, name: str) -> int | None:
        """For how long the absence of this name holds; None without an SOA of its zone.

        An SOA of another zone, which some servers send where an alias leaves theirs, says nothing.
        """
        zones = [zone for zone in self.negative_ttls if _is_in(name, zone)]
        return self.negative_ttls[max(zones, key=len)] if zones else None


def prefix_below(name: str, ancestor: str) -> str | None:
    r"""The labels of a name that stand before its ancestor; None where that is no ancestor.

    A dot inside a label has to be written as ``\046``.

    >>> prefix_below("a.b.example.com", "example.com")
    'a.b'
    """
    if ancestor == ROOT:
        return name if name != ROOT else None
    prefix = name.removesuffix(f".{ancestor}")
    return prefix if prefix != name else None


def _is_in(name: str, zone: str) -> bool:
    return name == zone or prefix_below(name, zone) is not None
