"""Messages about signed zones, as a nameserver with all of them gives them, octet by octet.

    net = SignedInternet.of(Plan(zone="."), Plan(zone="com."), Plan(zone="example.com."))
    net.message(Question("example.com", RecordType.NAPTR))

It answers a question as RFC 4035 §3.1 and RFC 5155 §7.2 have it, and follows aliases from one of
its zones to the next. Of what is below a delegation, or below a DNAME record, it knows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
from attrs import frozen
from dns.rdatatype import RdataType
from internet.plans import Plan, built, keys_of
from internet.signing import Nsec3, SignedZone

from sipresolve.backends.wire import query_for
from sipresolve.exchange.attempts import advance, attempts
from sipresolve.exchange.events import Attempt, Event, Expired, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.panel import Panel
from sipresolve.vocabulary.keys import DnsKey, TrustAnchor
from sipresolve.vocabulary.records import Answer, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dns.message import Message
    from dns.name import Name

    from sipresolve.backends.wire import Query

__all__ = ["SignedInternet", "answered"]

_SOMEBODY: Final = Nameserver.parse("192.0.2.53")
_MOST_ALIASES: Final = 8
_ID: Final = 2  # octets


@frozen
class SignedInternet:
    """Zones, and who has all of them.

    Attributes:
        zones: By their names; the root is one of them.
    """

    zones: Mapping[Name, SignedZone]

    @classmethod
    def of(cls, *plans: Plan) -> SignedInternet:
        """Make the zones and sign them."""
        return cls(built(plans, keys_of(plans)))

    @property
    def anchor(self) -> TrustAnchor:
        """The key of the root that is for its keys."""
        key = next(key for key in self.zones[dns.name.root].keys if key.is_entry)
        return TrustAnchor(".", DnsKey.of(key.dnskey.to_digestable()))

    def message(self, question: Question) -> bytes:
        """The reply to a question with DO and CD; its ID is of no use."""
        attempt = Attempt(_SOMEBODY, question.name, "tcp", edns=True, patience=1.0, at=0.0)
        query = dns.message.from_wire(query_for(attempt, question).wire)
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.CD
        asked = query.question[0]
        self._answer(response, asked.name, asked.rdtype)
        return response.to_wire(max_size=65_535)

    def _answer(self, response: Message, name: Name, rdtype: RdataType) -> None:
        for _ in range(_MOST_ALIASES):
            shown = _Shown.of(self._zone_of(name, rdtype), name)
            alias = shown.add_to(response, rdtype)
            if alias is None:
                return
            name = alias

    def _zone_of(self, name: Name, rdtype: RdataType) -> SignedZone:
        """The deepest zone that a name is in; DS records are in the one above."""
        if rdtype == RdataType.DS:
            name = name.parent()
        return self.zones[max((z for z in self.zones if name.is_subdomain(z)), key=len)]


@frozen
class _Shown:
    """What a zone shows of a name.

    Attributes:
        zone: The zone.
        name: The name.
        owner: Whose records answer: its own, or those of a wildcard; None where there are none.
        encloser: The longest name at or above it that exists.
    """

    zone: SignedZone
    name: Name
    owner: Name | None
    encloser: Name

    @classmethod
    def of(cls, zone: SignedZone, name: Name) -> _Shown:
        existing = {
            owner.split(depth)[1]
            for owner, rdtype in zone.records
            if rdtype != RdataType.NSEC3
            for depth in range(len(zone.origin), len(owner) + 1)
        }
        at_or_above = (name.split(depth)[1] for depth in range(len(name), 0, -1))
        encloser = next(each for each in at_or_above if each in existing)
        wildcard = dns.name.Name((b"*", *encloser.labels))
        others = wildcard if wildcard in existing else None
        return cls(zone, name, name if encloser == name else others, encloser)

    def add_to(self, response: Message, rdtype: RdataType) -> Name | None:
        """Add what is there, or that nothing is; where to go on, if it is an alias."""
        if (dname := self._dname()) is not None:
            return self._redirect(response, dname)
        if self.owner is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
            self._deny(response, self.encloser, self._next_closer, self._wildcard)
            return None
        wanted = self._first_of(self.owner, rdtype, RdataType.CNAME)
        if wanted is None:
            self._deny(response, *self._shown_to_lack())
            return None
        response.answer.extend(self._signed(self.owner, wanted, self.name))
        if self.owner != self.name:
            response.authority.extend(self._proofs(self._next_closer))
        if wanted == rdtype:
            return None
        return self.zone.records[self.owner, wanted][0].target  # type: ignore[no-any-return]  # a name

    def _shown_to_lack(self) -> tuple[Name, ...]:
        """RFC 5155 §7.2.3 to §7.2.5; §7.2.4 where opt-out has left out a delegation."""
        if self.owner != self.name:
            return self.encloser, self._next_closer, self._wildcard
        denial = self.zone.denial
        if isinstance(denial, Nsec3) and denial.opt_out and self.zone.is_unsigned_cut(self.name):
            return self.name.parent(), self.name
        return (self.name,)

    def _first_of(self, owner: Name, *rdtypes: RdataType) -> RdataType | None:
        return next((each for each in rdtypes if (owner, each) in self.zone.records), None)

    def _dname(self) -> Name | None:
        above = (self.name.split(d)[1] for d in range(len(self.name) - 1, 0, -1))
        return next((each for each in above if (each, RdataType.DNAME) in self.zone.records), None)

    def _redirect(self, response: Message, owner: Name) -> Name:
        """RFC 6672 §3.1, with the CNAME that is not signed."""
        response.answer.extend(self._signed(owner, RdataType.DNAME, owner))
        records = self.zone.records[owner, RdataType.DNAME]
        target = self.name.relativize(owner).concatenate(records[0].target)
        cname = dns.rrset.from_text(self.name, records.ttl, "IN", "CNAME", target.to_text())
        response.answer.append(cname)
        return target

    @property
    def _next_closer(self) -> Name:
        return self.name.split(len(self.encloser) + 1)[1]

    @property
    def _wildcard(self) -> Name:
        return dns.name.Name((b"*", *self.encloser.labels))

    def _deny(self, response: Message, *names: Name) -> None:
        origin = self.zone.origin
        response.authority.extend(self._signed(origin, RdataType.SOA, origin))
        response.authority.extend(self._proofs(*names))

    def _proofs(self, *names: Name) -> Iterator[dns.rrset.RRset]:
        """The NSEC or NSEC3 records at these names, or around them, each once."""
        if self.zone.denial is None:
            return
        rdtype, origin = RdataType.NSEC, self.zone.origin
        if isinstance(self.zone.denial, Nsec3):
            rdtype, hashed = RdataType.NSEC3, self.zone.denial.hashed
            names = tuple(dns.name.from_text(hashed(name), origin) for name in names)
        elif len(names) > 1:  # NSEC records need not show the closest encloser.
            names = names[-2:]
        owners = sorted(owner for owner, kind in self.zone.records if kind == rdtype)
        found = [max((o for o in owners if o <= name), default=owners[-1]) for name in names]
        for owner in dict.fromkeys(found):
            yield from self._signed(owner, rdtype, owner)

    def _signed(self, owner: Name, rdtype: RdataType, name: Name) -> Iterator[dns.rrset.RRset]:
        records = self.zone.records[owner, rdtype]
        yield dns.rrset.from_rdata_list(name, records.ttl, list(records))
        if signatures := self.zone.signatures.get((owner, rdtype)):
            yield dns.rrset.from_rdata_list(name, records.ttl, signatures)


def answered(question: Question, reply: Callable[[Query, str], bytes]) -> Answer:
    """The answer of one nameserver to a question, over TCP as it were.

    Args:
        question: The question.
        reply: What comes for a query that asks for a name.
    """
    event: Event | None = None
    latest: list[tuple[Attempt, bytes, Query]] = []

    def begin(attempt: Attempt) -> None:
        query = query_for(attempt, question)
        octets = reply(query, attempt.name)
        latest.append((attempt, query.wire[:_ID] + octets[_ID:], query))

    steps = attempts(question, [_SOMEBODY], Panel((_SOMEBODY,)), now=0.0, timeout=1.0, rounds=1)
    while not isinstance(said := advance(steps, event, begin), Answer):
        event = Expired(1.0)
        if latest:
            attempt, octets, query = latest.pop()
            if (read := query.read(octets)) is not None:
                event = Replied(attempt, read, 0.0, 0.0)
    return said
