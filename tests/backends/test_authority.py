"""What zones answer: RFC 1034 §4.3.2, wildcards by RFC 4592, DNAME by RFC 6672."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from sipresolve.backends.authority import Authority
from sipresolve.backends.zonedata import zones_of
from sipresolve.backends.zonefile import read_text
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Srv, Status


def authority(*texts: str) -> Authority:
    return Authority(zones_of([read_text(text) for text in texts]))


def ask(authority: Authority, text: str) -> Answer:
    name, kind = text.split(" ")
    question = Question(name, RecordType(kind))
    answer = authority.answer(question)
    assert answer.question == question
    assert answer.source is Source.ZONE
    assert (answer.status is Status.OK) == bool(answer.records)
    return answer


def outcome(answer: Answer) -> str:
    """The status, or the data, with the aliases that led to it."""
    found = " ".join(map(str, answer.records)) or str(answer.status)
    return " -> ".join((*answer.aliases, found))


# The zone of RFC 4592 §2.2.1, with the types of records that are asked for here.
WILDCARDS = authority("""
$ORIGIN example.
$TTL 3600
@ SOA ns.example.com. hostmaster 1 2 3 4 5
@ NS ns.example.com.
@ NS ns.example.net.
* SRV 1 2 3 host1
sub.* A 192.0.2.9
host1 A 192.0.2.1
_ssh._tcp.host1 SRV 1 2 22 host1
_ssh._tcp.host2 SRV 1 2 22 host2
subdel NS ns.example.com.
subdel NS ns.example.net.
*.alias CNAME host1
here.alias A 192.0.2.5
*.away CNAME host1.example.net.
*.deep.er A 192.0.2.6
*.cut NS ns.example.com.
""")

SYNTHESIS = {
    "synthesised": ("host3.example SRV", "SRV 1 2 3 host1.example"),
    "several labels deep": ("foo.bar.example SRV", "SRV 1 2 3 host1.example"),
    "NODATA at the wildcard": ("host3.example A", "nodata"),
    "a name that exists": ("host1.example SRV", "nodata"),
    "an empty non-terminal": ("_tcp.host1.example SRV", "nodata"),
    "an empty non-terminal with no data beside it": ("host2.example SRV", "nodata"),
    "below a name that exists": ("_telnet._tcp.host1.example SRV", "nxdomain"),
    "directly below a name that exists": ("x.host1.example SRV", "nxdomain"),
    "the wildcard itself": ("*.example SRV", "SRV 1 2 3 host1.example"),
    "below the wildcard, where there is data": ("sub.*.example A", "192.0.2.9"),
    "below the wildcard, of another type": ("sub.*.example SRV", "nodata"),
    "below the wildcard, no such name": ("ghost.*.example SRV", "nxdomain"),
    "below a delegation": ("host.subdel.example A", "servfail"),
    "a wildcard that is an alias": ("any.alias.example A", "host1.example -> 192.0.2.1"),
    "an alias for every type": ("any.alias.example SRV", "host1.example -> nodata"),
    "a name beside such a wildcard": ("here.alias.example A", "192.0.2.5"),
    "an alias out of the zones": ("any.away.example A", "host1.example.net -> refused"),
    "far below an empty non-terminal": ("a.b.deep.er.example A", "192.0.2.6"),
    "the empty non-terminal above": ("deep.er.example A", "nodata"),
    "no wildcard here": ("x.er.example A", "nxdomain"),
    "a wildcard that delegates": ("x.cut.example A", "servfail"),
}


@pytest.mark.parametrize(("question", "expected"), SYNTHESIS.values(), ids=SYNTHESIS)
def test_wildcards(question: str, expected: str) -> None:
    assert outcome(ask(WILDCARDS, question)) == expected


LONG = ".".join(["l" * 63] * 3)

ALIASES = authority(
    """
$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 2 3 4 60
@ DNAME other.example.
@ A 192.0.2.1
""",
    f"""
$ORIGIN other.example.
$TTL 300
@ SOA ns hostmaster 1 2 3 4 60
host A 192.0.2.2
alias 20 CNAME host
uncle CNAME www.example.com.
www CNAME host
outside CNAME www.example.org.
gone 20 CNAME nothing
moved 10 DNAME hosts
a.hosts A 192.0.2.3
a.b.hosts A 192.0.2.4
*.hosts AAAA 2001:db8::1
up DNAME .
host.example A 192.0.2.5
down DNAME below.down2
long DNAME {LONG}.example.
circle-1 CNAME circle-2
circle-2 CNAME circle-3
circle-3 CNAME circle-2
self CNAME self
rings DNAME rings2
rings2 DNAME rings
growing CNAME x.grows
grows DNAME more.sworg
sworg DNAME and.grows
hop-1 CNAME hop-2
hop-2 CNAME hop-3
hop-3 CNAME hop-4
hop-4 CNAME hop-5
hop-5 CNAME hop-6
hop-6 CNAME hop-7
hop-7 CNAME hop-8
hop-8 CNAME hop-9
hop-9 CNAME host
""",
)

FOLLOWED = {
    "an alias": ("alias.other.example A", "host.other.example -> 192.0.2.2"),
    "an alias of what has no such type": (
        "alias.other.example SRV",
        "host.other.example -> nodata",
    ),
    "an alias of nothing": ("gone.other.example A", "nothing.other.example -> nxdomain"),
    "aliases from zone to zone": (
        "uncle.other.example A",
        "www.example.com -> www.other.example -> host.other.example -> 192.0.2.2",
    ),
    "an alias out of all zones": ("outside.other.example A", "www.example.org -> refused"),
    "the owner of a DNAME": ("example.com A", "192.0.2.1"),
    "the owner of a DNAME, of another type": ("example.com AAAA", "nodata"),
    "below a DNAME": ("a.moved.other.example A", "a.hosts.other.example -> 192.0.2.3"),
    "two labels below a DNAME": (
        "a.b.moved.other.example A",
        "a.b.hosts.other.example -> 192.0.2.4",
    ),
    "a DNAME to a wildcard": (
        "x.moved.other.example AAAA",
        "x.hosts.other.example -> 2001:db8::1",
    ),
    "a DNAME to the root": (
        "host.other.example.up.other.example A",
        "host.other.example -> 192.0.2.2",
    ),
    "a DNAME to nothing": ("x.down.other.example A", "x.below.down2.other.example -> nxdomain"),
    "eight aliases": (
        "hop-2.other.example A",
        " -> ".join(
            [
                *(f"hop-{hop}.other.example" for hop in range(3, 10)),
                "host.other.example",
                "192.0.2.2",
            ]
        ),
    ),
}


@pytest.mark.parametrize(("question", "expected"), FOLLOWED.values(), ids=FOLLOWED)
def test_aliases_are_followed(question: str, expected: str) -> None:
    assert outcome(ask(ALIASES, question)) == expected


ENDLESS = {
    "in a circle": ("circle-1.other.example A", "in a circle"),
    "of itself": ("self.other.example A", "in a circle"),
    "two DNAMEs": ("x.rings.other.example A", "in a circle"),
    "DNAMEs that grow": ("growing.other.example A", "more than 8"),
    "nine": ("hop-1.other.example A", "more than 8"),
}


@pytest.mark.parametrize(("question", "detail"), ENDLESS.values(), ids=ENDLESS)
def test_aliases_without_end(question: str, detail: str) -> None:
    answer = ask(ALIASES, question)
    assert answer.status is Status.SERVFAIL
    assert answer.loop
    assert answer.ttl is None
    assert detail in answer.detail


def test_a_dname_that_makes_too_long_a_name() -> None:
    # RFC 6672 §2.2: a result longer than 255 octets is no name (YXDOMAIN).
    label = "l" * (253 - len(f".{LONG}.example"))
    fits = ask(ALIASES, f"{label}.long.other.example A")
    assert fits.status is Status.REFUSED
    longer = ask(ALIASES, f"{label}l.long.other.example A")
    assert longer.status is Status.SERVFAIL
    assert not longer.loop
    assert "longer than a name may be" in longer.detail


TTLS = {
    "of the RRset": ("host.other.example A", 300),
    "the least, with aliases": ("alias.other.example A", 20),
    "the least, with a DNAME": ("a.moved.other.example A", 10),
    "of no data: the minimum of the SOA (RFC 2308 §5)": ("host.other.example SRV", 60),
    "of no name": ("nothing.other.example A", 60),
    "of an alias of nothing": ("gone.other.example A", 20),
    "of a failure": ("outside.other.example A", None),
}


@pytest.mark.parametrize(("question", "ttl"), TTLS.values(), ids=TTLS)
def test_ttls(question: str, ttl: int | None) -> None:
    assert ask(ALIASES, question).ttl == ttl


@pytest.mark.parametrize(
    ("soa_ttl", "minimum", "ttl"), [(30, 60, 30), (60, 30, 30), (0, 60, 0), (2**31, 2**31, 2**31)]
)
def test_an_absence_holds_for_the_lesser_of_the_ttl_and_the_minimum_of_the_soa(
    soa_ttl: int, minimum: int, ttl: int
) -> None:
    zone = authority(f"example.com. {soa_ttl} SOA ns. hostmaster. 1 2 3 4 {minimum}")
    assert ask(zone, "example.com A").ttl == ttl
    assert ask(zone, "www.example.com A").ttl == ttl


@pytest.mark.parametrize("ttl", [0, 2**31 - 1, 2**31, 2**32 - 1])
def test_extreme_ttls_are_as_they_stand(ttl: int) -> None:
    assert ask(authority(f"example.com. {ttl} A 192.0.2.1"), "example.com A").ttl == ttl


def test_the_least_ttl_of_an_rrset_is_that_of_all() -> None:
    # RFC 2181 §5.2
    zone = authority(
        "a. 30 A 192.0.2.1\na. 20 A 192.0.2.2\na. 40 A 192.0.2.2\n"
        "b. 2 A 192.0.2.1\nb. 1 A 192.0.2.1"
    )
    assert outcome(ask(zone, "a A")) == "192.0.2.1 192.0.2.2"
    assert ask(zone, "a A").ttl == 20
    assert ask(zone, "b A").ttl == 1


PARENT = """
$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 2 3 4 60
@ NS ns
ns A 192.0.2.1
child NS ns.child
child NS ns.elsewhere.example.
ns.child A 192.0.2.66
*.child A 192.0.2.67
deep.er NS ns.elsewhere.example.
"""
CHILD = """
$ORIGIN child.example.com.
$TTL 300
@ SOA ns hostmaster 1 2 3 4 30
@ NS ns
@ A 192.0.2.3
ns A 192.0.2.2
"""

DELEGATED = {
    "the cut": "child.example.com A",
    "a name below": "www.child.example.com A",
    "glue": "ns.child.example.com A",
    "glue with a wildcard": "*.child.example.com A",
}


@pytest.mark.parametrize("question", DELEGATED.values(), ids=DELEGATED)
def test_a_delegation_to_a_zone_that_is_not_here(question: str) -> None:
    answer = ask(authority(PARENT), question)
    assert answer.status is Status.SERVFAIL
    name, _ = question.split()
    assert answer.detail == (
        f"'{name}' is delegated to ns.child.example.com, ns.elsewhere.example, "
        "and that zone is not here"
    )


def test_a_name_above_a_delegation_exists() -> None:
    assert outcome(ask(authority(PARENT), "er.example.com A")) == "nodata"


@pytest.mark.parametrize("texts", [(PARENT, CHILD), (CHILD, PARENT)])
def test_a_delegation_to_a_zone_that_is_here(texts: tuple[str, str]) -> None:
    zones = authority(*texts)
    assert outcome(ask(zones, "child.example.com A")) == "192.0.2.3"
    assert outcome(ask(zones, "www.child.example.com A")) == "nxdomain"
    assert ask(zones, "www.child.example.com A").ttl == 30
    # The glue in the parent's file may be out of date: the child has the say (RFC 1034 §4.2.1).
    assert outcome(ask(zones, "ns.child.example.com A")) == "192.0.2.2"
    assert outcome(ask(zones, "ns.example.com A")) == "192.0.2.1"


def test_parent_and_child_in_one_file() -> None:
    zones = authority(f"{PARENT}\n{CHILD}".replace("192.0.2.66", "192.0.2.2"))
    assert outcome(ask(zones, "ns.child.example.com A")) == "192.0.2.2"
    assert outcome(ask(zones, "www.child.example.com A")) == "192.0.2.67"
    assert outcome(ask(zones, "www.example.com A")) == "nxdomain"


def test_a_record_that_another_zone_hides() -> None:
    # Without a delegation, what the parent's file says of the child is no more the parent's.
    zones = authority(PARENT.replace("NS ns.child", "TXT x").replace("child NS", "c NS"), CHILD)
    assert outcome(ask(zones, "ns.child.example.com A")) == "192.0.2.2"


def test_a_name_outside_every_zone_is_refused() -> None:
    answer = ask(authority(PARENT), "www.example.org A")
    assert answer.status is Status.REFUSED
    assert answer.detail == "no zone for 'www.example.org'"


BARE = """
example.com. IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
example.com. IN NS ns.example.com.
_sip._udp.example.com. IN SRV 1 2 5060 sip.example.net.
sip.example.net. IN A 192.0.2.1
www.example.net. IN CNAME sip.example.net.
lost.example.net. IN CNAME nothing.example.org.
"""

PLAIN_LIST = {
    "a record": ("sip.example.net A", "192.0.2.1"),
    "an alias": ("www.example.net A", "sip.example.net -> 192.0.2.1"),
    "no such type": ("sip.example.net AAAA", "nodata"),
    "an empty non-terminal": ("_udp.example.com SRV", "nodata"),
    "NS records delegate nothing": ("_sip._tcp.example.com SRV", "nxdomain"),
    "no such name": ("www.example.org A", "nxdomain"),
    "an alias of nothing": ("lost.example.net A", "nothing.example.org -> nxdomain"),
    "the root": (". A", "nodata"),
}


@pytest.mark.parametrize(("question", "expected"), PLAIN_LIST.values(), ids=PLAIN_LIST)
def test_records_without_an_soa_are_a_zone_at_the_root(question: str, expected: str) -> None:
    answer = ask(authority(BARE), question)
    assert outcome(answer) == expected
    assert answer.ttl == (300 if answer.records else None)


def test_nothing_at_all_is_a_zone_without_names() -> None:
    assert outcome(ask(authority(""), "example.com A")) == "nxdomain"
    assert outcome(ask(authority(), "example.com A")) == "nxdomain"


def test_records_in_no_zone_beside_a_zone() -> None:
    zones = authority(PARENT, "www.example.org. A 192.0.2.9\nmore.example.com. A 192.0.2.8")
    assert outcome(ask(zones, "www.example.org A")) == "192.0.2.9"
    assert outcome(ask(zones, "www.example.net A")) == "nxdomain"
    # A record that lies in a zone of another file belongs to it.
    assert outcome(ask(zones, "more.example.com A")) == "192.0.2.8"


def test_a_zone_at_the_root() -> None:
    zones = authority(". 60 SOA ns. hostmaster. 1 2 3 4 60\n*. 60 A 192.0.2.1")
    assert outcome(ask(zones, "any.name A")) == "192.0.2.1"
    assert outcome(ask(zones, ". A")) == "nodata"


def test_a_dname_at_the_root() -> None:
    zones = authority(". 60 DNAME example.\n")
    assert ask(zones, "a.b A").loop


def test_signed_zones() -> None:
    # RFC 4035 §2.5: RRSIG and NSEC stand beside a CNAME. A hash of NSEC3 is no name.
    zones = authority(
        PARENT
        + """
www CNAME ns
www NSEC ns CNAME KEY RRSIG NSEC
www KEY \\# 7 01000308010203
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
"""
    )
    assert outcome(ask(zones, "www.example.com A")) == "ns.example.com -> 192.0.2.1"
    hashed = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com A"
    assert outcome(ask(zones, hashed)) == "nxdomain"


SPELLINGS = {
    r"a\.b.example A": "192.0.2.1",
    r"a\046b.example A": "192.0.2.1",
    r"\097\.b.example A": "192.0.2.1",
    r"a\032b.example A": "192.0.2.2",
    "a b.example A": "192.0.2.2",
    "A.Example. A": "192.0.2.3",
    "bücher.example A": "192.0.2.4",
    "a.b.example A": "nxdomain",
}


@pytest.mark.parametrize(("question", "expected"), SPELLINGS.items())
def test_a_name_may_be_spelt_in_many_ways(question: str, expected: str) -> None:
    zones = authority(
        r"a\.b.example. A 192.0.2.1"
        "\n"
        r"a\032b.example. A 192.0.2.2"
        "\na.example. A 192.0.2.3\nxn--bcher-kva.example. A 192.0.2.4"
    )
    name, kind = question.rsplit(" ", 1)
    answer = zones.answer(Question(name, RecordType(kind)))
    assert outcome(answer) == expected
    assert answer.question.name == name.lower().removesuffix(".")


NO_NAMES = ["a..b", "l" * 64, ".".join(["l" * 63] * 4), "a\\", r"\999", "é" * 64, "\ud800"]


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
@pytest.mark.parametrize("zone", ["*. A 192.0.2.1", "example. SOA ns. hostmaster. 1 2 3 4 5"])
def test_what_can_be_no_name_does_not_exist(name: str, zone: str) -> None:
    assert authority(zone).answer(Question(name, RecordType.A)).status is Status.NXDOMAIN


def test_a_name_at_the_limit() -> None:
    # RFC 1035 §2.3.4: 255 octets on the wire are 253 characters.
    longest = ".".join([*["l" * 63] * 3, "l" * 61])
    assert outcome(ask(authority(f"{longest}. A 192.0.2.1"), f"{longest} A")) == "192.0.2.1"
    wildcard = authority("*. A 192.0.2.1")
    assert outcome(ask(wildcard, f"{longest} A")) == "192.0.2.1"


def test_an_rrset_of_a_thousand_records() -> None:
    srvs = [Srv(number, 1, 5060, f"sip{number}.example.com") for number in range(1000)]
    text = "".join(f"_sip._udp.example.com. {srv}.\n" for srv in srvs)
    assert ask(authority(text), "_sip._udp.example.com SRV").records == tuple(srvs)


def test_records_stay_in_their_order_and_come_once() -> None:
    zones = authority("a. A 192.0.2.2\na. A 192.0.2.1\nA. 1 A 192.0.2.2\na. AAAA ::1")
    assert ask(zones, "a A").records == (ip_address("192.0.2.2"), ip_address("192.0.2.1"))
