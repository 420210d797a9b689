"""Zones made of the records of zone files: what exists in each, and what leads elsewhere.

What no nameserver would load is refused here, so that looking up never meets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import dns.rdatatype
from attrs import field, frozen
from dns.rdatatype import KEY, NSEC, NSEC3, RRSIG
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.SOA import SOA

from sipresolve.backends.convert import name_of, record_of
from sipresolve.exchange.replies import Alias
from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Status

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from sipresolve.backends.zonefile import Entry
    from sipresolve.vocabulary.records import Record

__all__ = ["Node", "Zone", "above", "below", "nearest", "zones_of"]

#: Records of DNSSEC. They may stand beside a CNAME (RFC 4035 §2.5), and nobody asks for them.
_PROOFS: Final = frozenset({KEY, NSEC, NSEC3, RRSIG})


@frozen
class Node:
    """What there is at one name: nothing, at an empty non-terminal (RFC 4592 §2.2.2).

    Attributes:
        answers: The answer for each type of records that it has.
        cname: Where questions for this name are to be asked instead.
        dname: Where questions for names below this one are to be asked instead.
        delegated_to: The nameservers of another zone that begins here.
    """

    answers: Mapping[RecordType, Answer] = field(factory=dict)
    cname: Alias | None = None
    dname: Alias | None = None
    delegated_to: tuple[str, ...] = ()


@frozen
class Zone:
    """One zone.

    Attributes:
        apex: The name that it begins at.
        nodes: Every name that exists in it, and that it does not delegate; its apex is one.
        negative_ttl: For how long an absence holds, in seconds (RFC 2308 §5); None without an SOA.
    """

    apex: str
    nodes: Mapping[str, Node]
    negative_ttl: int | None


def zones_of(sources: Sequence[Sequence[Entry]]) -> Mapping[str, Zone]:
    """The zones that some sources of records hold together, by their apexes.

    A record belongs to the nearest zone above it, and to one of its own source if there is one:
    the address of a child's nameserver stays with the parent that gives it, where the two are in
    files of their own. Records in no zone that has an SOA form one that begins at the root; there
    is such a one as well where there is no SOA at all.

    Raises:
        InvalidZone: No nameserver would load these records together.
    """
    apexes = [_apexes(source) for source in sources]
    everywhere = {apex for those in apexes for apex in those}
    entries: dict[str, list[Entry]] = {apex: [] for apex in everywhere or {ROOT}}
    for here, source in zip(apexes, sources, strict=True):
        for entry in source:
            apex = nearest(entry.owner, here) or nearest(entry.owner, everywhere) or ROOT
            entries.setdefault(apex, []).append(entry)
    return {apex: _zone(apex, entries[apex]) for apex in entries}


def above(name: str, apex: str) -> Iterator[str]:
    """The names above a name, from its parent up to an apex."""
    while name != apex:
        name = name.partition(".")[2] or ROOT
        yield name


def below(name: str, labels: str) -> str:
    """The name that has these labels before another name."""
    return labels if name == ROOT else f"{labels}.{name}"


def nearest(name: str, apexes: Container[str]) -> str | None:
    """The apex of the zone that a name belongs to; None where it belongs to none of them."""
    return next((apex for apex in (name, *above(name, ROOT)) if apex in apexes), None)


def _apexes(entries: Iterable[Entry]) -> set[str]:
    return {entry.owner for entry in entries if isinstance(entry.rdata, SOA)}


def _zone(apex: str, entries: Iterable[Entry]) -> Zone:
    by_owner: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.rdata.rdtype not in _PROOFS:
            by_owner.setdefault(entry.owner, []).append(entry)
    negative_ttl = _negative_ttl(by_owner.get(apex, ()))
    cuts = set() if negative_ttl is None else _owners(NS, by_owner) - {apex}
    dnames = _owners(DNAME, by_owner)
    nodes = {apex: Node()}
    for owner, those in by_owner.items():
        ancestors = tuple(above(owner, apex))
        if not cuts.isdisjoint(ancestors):
            continue  # below a zone cut there is glue, which answers nothing (RFC 1034 §4.2.1)
        if not dnames.isdisjoint(ancestors):
            raise those[0].place.error(f"{owner!r} is below a DNAME (RFC 6672 §2.4)")
        nodes[owner] = _cut(those) if owner in cuts else _node(owner, those)
        for ancestor in ancestors:
            nodes.setdefault(ancestor, Node())
    return Zone(apex, nodes, negative_ttl)


def _negative_ttl(entries: Iterable[Entry]) -> int | None:
    for entry in entries:
        if isinstance(entry.rdata, SOA):
            return min(entry.ttl, int(entry.rdata.minimum))
    return None


def _owners(kind: type, by_owner: Mapping[str, Iterable[Entry]]) -> set[str]:
    return {
        owner
        for owner, entries in by_owner.items()
        if any(isinstance(entry.rdata, kind) for entry in entries)
    }


def _cut(entries: Iterable[Entry]) -> Node:
    rdatas = (entry.rdata for entry in entries)
    return Node(delegated_to=tuple(name_of(ns.target) for ns in rdatas if isinstance(ns, NS)))


def _node(owner: str, entries: Sequence[Entry]) -> Node:
    _refuse_impossible(owner, entries)
    return Node(
        answers={answer.question.type: answer for answer in _answers(owner, entries)},
        cname=_alias(CNAME, entries),
        dname=_alias(DNAME, entries),
    )


def _alias(kind: type[CNAME | DNAME], entries: Iterable[Entry]) -> Alias | None:
    for entry in entries:
        if isinstance(entry.rdata, kind):
            return Alias(name_of(entry.rdata.target), entry.ttl)
    return None


def _answers(owner: str, entries: Iterable[Entry]) -> Iterator[Answer]:
    rrsets: dict[RecordType, dict[Record, int]] = {}
    for entry in entries:
        record = record_of(entry.rdata)
        if record is not None:
            kind = RecordType(dns.rdatatype.to_text(entry.rdata.rdtype))
            ttls = rrsets.setdefault(kind, {})
            ttls[record] = min(entry.ttl, ttls.get(record, entry.ttl))
    for kind, ttls in rrsets.items():
        yield Answer(
            question=Question(owner, kind),
            status=Status.OK,
            records=tuple(ttls),
            ttl=min(ttls.values()),  # RFC 2181 §5.2: one RRset, one TTL, and the least is safe
            source=Source.ZONE,
        )


def _refuse_impossible(owner: str, entries: Sequence[Entry]) -> None:
    first_of: dict[type, Entry] = {}
    for entry in entries:
        first = first_of.setdefault(type(entry.rdata), entry)
        if isinstance(entry.rdata, (CNAME, DNAME, SOA)) and entry.rdata != first.rdata:
            kind = dns.rdatatype.to_text(entry.rdata.rdtype)
            raise entry.place.error(f"{owner!r} has a second {kind}")
        if CNAME in first_of and len(first_of) > 1:
            raise entry.place.error(f"{owner!r} has a CNAME and other data (RFC 1034 §3.6.2)")
        if isinstance(entry.rdata, DNAME) and owner.startswith("*"):
            raise entry.place.error(f"{owner!r} is a wildcard and has a DNAME (RFC 6672 §3.3)")
