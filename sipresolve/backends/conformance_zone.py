r"""A zone, and what a backend that is asked about it has to answer: data for `conformance`.

It is what a nameserver would hold that a backend over the network is tried with. One record stands
on each line, with absolute names, TTL and class, so that the simplest of servers can read it.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.vocabulary.records import Naptr, Question, RecordType, Srv, Status

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Record

__all__ = ["EXPECTED", "ORIGIN", "OUTSIDE", "ZONE", "Expected"]

#: The name that the zone begins at.
ORIGIN: Final = "conformance.example"

#: A name that is in no zone of a server that has `ZONE` alone.
OUTSIDE: Final = "conformance.invalid"

_MANY: Final = tuple(f"192.0.2.{host}" for host in range(1, 121))
_LONGEST_LABEL: Final = "l" * 63
_LONGEST_NAME: Final = ".".join(("x" * 41, _LONGEST_LABEL, _LONGEST_LABEL, _LONGEST_LABEL, ORIGIN))

#: The zone, as a zone file has it.
ZONE: Final = rf"""
conformance.example. 120 IN SOA ns.conformance.example. hostmaster.conformance.example. 1 2 3 4 60
conformance.example. 120 IN NS ns.conformance.example.
ns.conformance.example. 300 IN A 192.0.2.53

conformance.example. 300 IN NAPTR 10 50 "s" "SIPS+D2T" "" _sips._tcp.conformance.example.
conformance.example. 300 IN NAPTR 20 60 "S" "sip+d2u" "" _SIP._udp.Conformance.Example.
conformance.example. 300 IN NAPTR 30 70 "u" "E2U+sip" "!^\\+(.*)$!sip:\\1@example.com!" .
_sip._udp.conformance.example. 240 IN SRV 10 60 5060 Host.Conformance.Example.
_sip._udp.conformance.example. 240 IN SRV 20 0 65535 other.conformance.example.
_sip._tcp.conformance.example. 240 IN SRV 0 0 0 .
host.conformance.example. 300 IN A 192.0.2.1
host.conformance.example. 300 IN A 192.0.2.2
host.conformance.example. 300 IN AAAA 2001:db8::1
a.b.conformance.example. 300 IN A 192.0.2.3

unkept.conformance.example. 0 IN A 192.0.2.4
eternal.conformance.example. 2147483647 IN A 192.0.2.5

alias.conformance.example. 200 IN CNAME host.conformance.example.
short-alias.conformance.example. 100 IN CNAME alias.conformance.example.
alias-to-nothing.conformance.example. 30 IN CNAME nothing.conformance.example.
alias-to-nodata.conformance.example. 600 IN CNAME a.b.conformance.example.
moved.conformance.example. 150 IN DNAME b.conformance.example.
circle-1.conformance.example. 300 IN CNAME circle-2.conformance.example.
circle-2.conformance.example. 300 IN CNAME circle-1.conformance.example.
self.conformance.example. 300 IN CNAME self.conformance.example.
hop-1.conformance.example. 300 IN CNAME hop-2.conformance.example.
hop-2.conformance.example. 300 IN CNAME hop-3.conformance.example.
hop-3.conformance.example. 300 IN CNAME hop-4.conformance.example.
hop-4.conformance.example. 300 IN CNAME hop-5.conformance.example.
hop-5.conformance.example. 300 IN CNAME hop-6.conformance.example.
hop-6.conformance.example. 300 IN CNAME hop-7.conformance.example.
hop-7.conformance.example. 300 IN CNAME hop-8.conformance.example.
hop-8.conformance.example. 300 IN CNAME hop-9.conformance.example.
hop-9.conformance.example. 300 IN CNAME host.conformance.example.

{_LONGEST_NAME}. 300 IN A 192.0.2.6
""" + "".join(f"many.{ORIGIN}. 300 IN A {address}\n" for address in _MANY)


@frozen(kw_only=True)
class Expected:
    """What has to come of a question.

    Attributes:
        question: What to ask.
        status: As of the answer.
        records: In any order.
        ttl: As of the answer; of a failure it does not matter.
        aliases: As of the answer; of a failure they do not matter.
        why: What it is an example of.
    """

    why: str
    question: Question
    status: Status = Status.OK
    records: frozenset[Record] = frozenset()
    ttl: int | None = None
    aliases: tuple[str, ...] = ()


def _question(text: str) -> Question:
    labels, kind = text.split()
    name = ORIGIN if labels == "@" else f"{labels}.{ORIGIN}"
    return Question(name, RecordType(kind))


def _found(
    why: str, question: str, *records: Record | str, ttl: int = 300, aliases: str = ""
) -> Expected:
    return Expected(
        why=why,
        question=_question(question),
        records=frozenset(ip_address(item) if isinstance(item, str) else item for item in records),
        ttl=ttl,
        aliases=tuple(f"{alias}.{ORIGIN}" for alias in aliases.split()),
    )


def _absent(
    why: str, question: str, status: Status, *, ttl: int = 60, aliases: str = ""
) -> Expected:
    return Expected(
        why=why,
        question=_question(question),
        status=status,
        ttl=ttl,
        aliases=tuple(f"{alias}.{ORIGIN}" for alias in aliases.split()),
    )


def _failed(why: str, question: str) -> Expected:
    return Expected(why=why, question=_question(question), status=Status.SERVFAIL)


_NODATA: Final = Status.NODATA
_NXDOMAIN: Final = Status.NXDOMAIN

#: The questions to ask about `ZONE`, and what has to come of them.
EXPECTED: Final = (
    _found("addresses of IPv4", "host A", "192.0.2.1", "192.0.2.2"),
    _found("addresses of IPv6", "host AAAA", "2001:db8::1"),
    _found(
        "SRV, with the target in lower case",
        "_sip._udp SRV",
        Srv(10, 60, 5060, f"host.{ORIGIN}"),
        Srv(20, 0, 65535, f"other.{ORIGIN}"),
        ttl=240,
    ),
    _found("SRV that says no (RFC 2782)", "_sip._tcp SRV", Srv(0, 0, 0, "."), ttl=240),
    _found(
        "NAPTR, with its strings as they are",
        "@ NAPTR",
        Naptr(10, 50, "s", "SIPS+D2T", b"", f"_sips._tcp.{ORIGIN}"),
        Naptr(20, 60, "S", "sip+d2u", b"", f"_sip._udp.{ORIGIN}"),
        Naptr(30, 70, "u", "E2U+sip", rb"!^\+(.*)$!sip:\1@example.com!", "."),
    ),
    _found("a TTL of 0", "unkept A", "192.0.2.4", ttl=0),
    _found("the longest TTL (RFC 2181 §8)", "eternal A", "192.0.2.5", ttl=2**31 - 1),
    _found("more records than a datagram holds", "many A", *_MANY),
    _found(
        "the longest name (RFC 1035 §2.3.4)",
        f"{_LONGEST_NAME.removesuffix('.' + ORIGIN)} A",
        "192.0.2.6",
    ),
    _found("an alias", "alias AAAA", "2001:db8::1", ttl=200, aliases="host"),
    _found(
        "two aliases, the TTL the least of all",
        "short-alias AAAA",
        "2001:db8::1",
        ttl=100,
        aliases="alias host",
    ),
    _found("a DNAME (RFC 6672)", "a.moved A", "192.0.2.3", ttl=150, aliases="a.b"),
    _found(
        "eight aliases",
        "hop-2 AAAA",
        "2001:db8::1",
        aliases="hop-3 hop-4 hop-5 hop-6 hop-7 hop-8 hop-9 host",
    ),
    _absent("no such records", "host SRV", _NODATA),
    _absent("an empty non-terminal (RFC 4592 §2.2.2)", "b A", _NODATA),
    _absent("no such name", "nothing A", _NXDOMAIN),
    _absent("no such name below one that exists", "_sip._udp.host SRV", _NXDOMAIN),
    _absent("an alias of what has no such records", "alias-to-nodata SRV", _NODATA, aliases="a.b"),
    _absent(
        "an alias of what does not exist (RFC 2308 §2.1)",
        "alias-to-nothing A",
        _NXDOMAIN,
        ttl=30,
        aliases="nothing",
    ),
    _failed("aliases in a circle", "circle-1 A"),
    _failed("an alias of itself", "self A"),
    _failed("nine aliases", "hop-1 AAAA"),
)
