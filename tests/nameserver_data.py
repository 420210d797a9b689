"""The records of the scripted nameserver, and how a resolver would answer from them."""

from __future__ import annotations

from typing import Final

import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.set
from attrs import define, field
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

__all__ = ["Data"]

#: How many aliases are followed; a chain without end is SERVFAIL, as resolvers have it.
MOST_ALIASES: Final = 64


@define
class Data:
    """The records, and how a resolver answers from them."""

    sets: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset] = field(factory=dict)
    names: set[dns.name.Name] = field(factory=set)

    def add(self, line: str) -> None:
        """Take a line; whatever it says is served, the misconfigured too."""
        owner, rest = line.split(None, 1)
        first, after = rest.split(None, 1)
        ttl, rest = (int(first), after) if first.isdigit() else (300, rest)
        rdclass, rdtype_text, text = rest.split(None, 2)
        if rdclass != "IN":
            raise ValueError(f"not a record: {line!r}")
        name, rdtype = dns.name.from_text(owner.lower()), dns.rdatatype.from_text(rdtype_text)
        rrset = self.sets.setdefault(
            (name, rdtype), dns.rrset.RRset(name, dns.rdataclass.IN, rdtype)
        )
        rrset.update_ttl(ttl)
        # RRset.add would drop the first of two CNAMEs.
        dns.set.Set.add(rrset, rdata_from(rdtype, text))  # type: ignore[no-untyped-call]
        while name != dns.name.root:  # a name above a name exists, if empty (RFC 8020)
            self.names.add(name)
            name = name.parent()

    def fill(self, response: dns.message.Message, *, additional: bool) -> None:
        """Put in the answer and the aliases before it, or the proof that there is none."""
        question = response.question[0]
        name = question.name.canonicalize()
        for _ in range(MOST_ALIASES):
            if rrset := self.sets.get((name, question.rdtype)):
                response.answer.append(rrset)
                break
            links, following = self._alias(name)
            if following is None:
                self._absence(response, name)
                return
            if links[-1] in response.answer:
                self._loop(response)
                return
            response.answer += links
            name = following
        else:
            self._loop(response)
        if additional:
            self._add_additional(response)

    def _alias(self, name: dns.name.Name) -> tuple[list[dns.rrset.RRset], dns.name.Name | None]:
        """The records that make a name an alias, and what of; a DNAME gives a CNAME too."""
        if rrset := self.sets.get((name, dns.rdatatype.CNAME)):
            return [rrset], target_of(rrset)
        above = name
        while above != dns.name.root:
            above = above.parent()
            if rrset := self.sets.get((above, dns.rdatatype.DNAME)):
                following = name.relativize(above).concatenate(target_of(rrset))
                link = dns.rrset.from_text(name, rrset.ttl, "IN", "CNAME", following.to_text())
                return [rrset, link], following
        return [], None

    def _loop(self, response: dns.message.Message) -> None:
        response.answer.clear()
        response.set_rcode(dns.rcode.SERVFAIL)

    def _absence(self, response: dns.message.Message, name: dns.name.Name) -> None:
        """NXDOMAIN or NODATA, with the SOA that says for how long (RFC 2308 §3)."""
        if name not in self.names:
            response.set_rcode(dns.rcode.NXDOMAIN)
        apex = name
        while apex != dns.name.root:
            if soa := self.sets.get((apex, dns.rdatatype.SOA)):
                response.authority.append(soa)
                return
            apex = apex.parent()
        made_up = "ns.invalid. hostmaster.invalid. 1 3600 600 86400 60"
        apex = dns.name.Name(name.labels[-3:])
        response.authority.append(dns.rrset.from_text(apex, 60, "IN", "SOA", made_up))

    def _add_additional(self, response: dns.message.Message) -> None:
        records = [rdata for rrset in response.answer for rdata in rrset]
        for rdata in records:
            if isinstance(rdata, NAPTR):
                records += self._add(response, rdata.replacement, dns.rdatatype.SRV)
            elif isinstance(rdata, SRV):
                self._add(response, rdata.target, dns.rdatatype.A)
                self._add(response, rdata.target, dns.rdatatype.AAAA)

    def _add(
        self, response: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> list[dns.rdata.Rdata]:
        rrset = self.sets.get((name.canonicalize(), rdtype))
        if rrset is None or rrset in response.additional:
            return []
        response.additional.append(rrset)
        return list(rrset)


def rdata_from(rdtype: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
    r"""Rdata from text; the octets of `\# 4 00010001` (RFC 3597 §5) need not make sense."""
    if text.lstrip().startswith("\\#"):
        octets = bytes.fromhex("".join(text.split()[2:]))
        return dns.rdata.GenericRdata(dns.rdataclass.IN, rdtype, octets)
    return dns.rdata.from_text(
        dns.rdataclass.IN, rdtype, text, origin=dns.name.root, relativize=False
    )


def target_of(rrset: dns.rrset.RRset) -> dns.name.Name:
    """Where a CNAME or DNAME leads."""
    first = rrset[0]
    assert isinstance(first, CNAME | DNAME)
    return first.target.canonicalize()
