"""Hypothesis strategies: the field's values, valid and hostile."""

from __future__ import annotations

import struct
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import dns.flags
import dns.message
import dns.name
import dns.rrset
from attrs import evolve, frozen
from crowd import ENDINGS, URIS
from denying import DenyingZone, numbers
from dns.rcode import Rcode
from dns.rdataclass import CH, IN
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV
from hypothesis import strategies as st
from simulation import Caller, zone

from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.failover.health import Place
from sipresolve.procedures.addresses import Sources
from sipresolve.vocabulary.evidence import Evidence, Signature, SignedSet, wire_of
from sipresolve.vocabulary.policy import (
    AddressOrder,
    NaptrFailure,
    NaptrOrder,
    Policy,
    Selection,
)
from sipresolve.vocabulary.records import (
    Answer,
    Naptr,
    Question,
    RecordType,
    Security,
    Srv,
    Status,
)
from sipresolve.vocabulary.targets import Family
from sipresolve.vocabulary.transports import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dns.rdata import Rdata
    from dns.rrset import RRset
    from hypothesis.strategies import DrawFn, SearchStrategy

    from sipresolve.vocabulary.evidence import Labels
    from sipresolve.vocabulary.records import Address, Record

# --- URIs and names: by the rules of RFC 3261 §25, written apart from those of the library ------

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARK = "-_.!~*'()"
UNRESERVED = LETTERS + DIGITS + MARK
USER_UNRESERVED = "&=+$,;?/"
PARAM_UNRESERVED = "[]/:&+$"
HNV_UNRESERVED = "[]/?:+$"

#: The parameters whose values have rules of their own.
RULED = frozenset({"transport", "user", "method", "ttl", "maddr"})

escapes = st.text("0123456789abcdefABCDEF", min_size=2, max_size=2).map(lambda hexes: f"%{hexes}")


def runs(characters: str, *, min_size: int = 0) -> SearchStrategy[str]:
    """``min_size*( characters / escaped )``."""
    units = st.sampled_from(characters) | escapes
    return st.lists(units, min_size=min_size, max_size=12).map("".join)


labels = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", fullmatch=True)
top_labels = st.from_regex(r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", fullmatch=True)

#: Host names of 1 to 253 characters, with a final dot or without.
host_names = (
    st.tuples(st.lists(labels, max_size=4), top_labels, st.sampled_from(["", "."]))
    .map(lambda parts: ".".join([*parts[0], parts[1]]) + parts[2])
    .filter(lambda name: len(name.removesuffix(".")) <= 253)
)

ipv4_texts = st.ip_addresses(v=4).map(str)


def _spellings(address: Address) -> SearchStrategy[str]:
    digits = address.packed.hex()
    groups = [digits[start : start + 4] for start in range(0, 32, 4)]
    last = ".".join(str(octet) for octet in address.packed[-4:])
    return st.sampled_from(
        [
            str(address),
            ":".join(groups),
            ":".join(groups).upper(),
            ":".join(f"{int(group, 16):x}" for group in groups),
            ":".join([*groups[:6], last]),
        ]
    )


ipv6_texts = st.ip_addresses(v=6).flatmap(_spellings)

#: Every kind of host, as it stands in a URI.
hosts = host_names | ipv4_texts | ipv6_texts.map(lambda text: f"[{text}]")

tokens = st.text(LETTERS + DIGITS + "-.!*_+`'~", min_size=1, max_size=12)

_other_names = runs(UNRESERVED + PARAM_UNRESERVED, min_size=1).filter(
    lambda name: unquote(name).lower() not in RULED
)
parameters: SearchStrategy[tuple[str, str | None]] = st.one_of(
    st.tuples(st.sampled_from(["transport", "Transport", "user", "method", "METHOD"]), tokens),
    st.tuples(st.just("ttl"), st.integers(0, 255).map(str)),
    st.tuples(st.sampled_from(["maddr", "MAddr"]), hosts),
    st.tuples(st.sampled_from(["lr", "LR"]), st.none()),
    st.tuples(_other_names, st.none() | runs(UNRESERVED + PARAM_UNRESERVED, min_size=1)),
)
headers = st.tuples(
    runs(UNRESERVED + HNV_UNRESERVED, min_size=1), runs(UNRESERVED + HNV_UNRESERVED)
)
users = runs(UNRESERVED + USER_UNRESERVED, min_size=1)
passwords = runs(UNRESERVED + "&=+$,")


def written(parts: dict[str, Any]) -> str:
    """The text of a URI of these parts, each taken as it is."""
    userinfo = "" if parts["user"] is None else f"{parts['user']}@"
    if parts["password"] is not None:
        userinfo = f"{parts['user']}:{parts['password']}@"
    port = "" if parts["port"] is None else f":{parts['port']}"
    pairs = [
        f";{name}" if value is None else f";{name}={value}" for name, value in parts["parameters"]
    ]
    fields = "&".join(f"{name}={value}" for name, value in parts["headers"])
    return f"{parts['scheme']}:{userinfo}{parts['host']}{port}{''.join(pairs)}" + (
        f"?{fields}" if fields else ""
    )


@st.composite
def uri_parts(draw: DrawFn) -> dict[str, Any]:
    """The parts of a valid URI, as they stand in its text."""
    user = draw(st.none() | users)
    return {
        "scheme": draw(st.sampled_from(["sip", "sips", "SIP", "Sips"])),
        "user": user,
        "password": None if user is None else draw(st.none() | passwords),
        "host": draw(hosts),
        "port": draw(st.none() | st.integers(1, 65_535)),
        "parameters": draw(
            st.lists(parameters, max_size=4, unique_by=lambda pair: unquote(pair[0]).lower())
        ),
        "headers": draw(st.lists(headers, max_size=3)),
    }


#: The texts of valid URIs.
uris = uri_parts().map(written)


@st.composite
def near_uris(draw: DrawFn) -> str:
    """A valid URI with a few characters replaced, removed or put in: seldom still valid."""
    text = draw(uris)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 2)))
        text = (
            text[:start]
            + draw(st.text(st.characters() | st.sampled_from("@:;?&=%[].-_ `0"), max_size=2))
            + text[end:]
        )
    return text


#: Short texts that press upon the joints of the grammar.
joints = st.text("aZ1-._%4f:@;=?&[]`/$", max_size=16)

#: Texts of every kind, lone surrogates included.
any_texts = st.one_of(
    st.text(st.characters(exclude_categories=())), near_uris(), joints, joints.map("sip:".__add__)
)


# --- The DNS: records, answers, and whole networks of them ----------------------------------------


def addresses() -> SearchStrategy[Address]:
    """Any address, those with a meaning of their own more often."""
    special = st.sampled_from(
        [
            "127.0.0.1",
            "169.254.1.1",
            "10.0.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fec0::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:c000:201::1",
            "3ffe::1",
            "::192.0.2.1",
            "::ffff:192.0.2.1",
        ]
    ).map(ip_address)
    return special | st.ip_addresses()


def srvs(targets: SearchStrategy[str]) -> SearchStrategy[Srv]:
    """SRV records, with small numbers so that they meet."""
    number = st.integers(0, 3) | st.just(65_535)
    return st.builds(Srv, number, number, st.sampled_from([0, 5060, 5061, 65_535]), targets)


def srv_records() -> SearchStrategy[list[Srv]]:
    """An SRV set."""
    return st.lists(srvs(st.sampled_from(["a", "b", "c", "d"])), max_size=12)


DOMAIN = "example.com"
_HOSTS = [DOMAIN, "a.example.com", "b.example.com", "c.example.net", "."]
_SERVICES = [transport.naptr_service for transport in Transport]
_SRV_NAMES = [f"{t.srv_labels}.{d}" for t in Transport for d in (DOMAIN, "hosting.example.net")]


def naptrs() -> SearchStrategy[Naptr]:
    """NAPTR records: most of them for SIP and in order."""
    small = st.integers(0, 3)
    return st.builds(
        Naptr,
        small,
        small,
        st.sampled_from(["s", "s", "s", "S", "a", "u", "", "su"]),
        st.sampled_from([*_SERVICES, *_SERVICES, "sip+d2u", "SIPS+D2U", "SIP+D2Z", "E2U+sip", ""]),
        st.sampled_from([b"", b"", b"", b"!.*!x!"]),
        st.sampled_from([*_SRV_NAMES, *_SRV_NAMES, DOMAIN, "."]),
    )


_FAILURES = [status for status in Status if status is not Status.OK and status.was_asked]


def _records(question: Question) -> SearchStrategy[list[Record]]:
    match question.type:
        case RecordType.NAPTR:
            return st.lists(naptrs(), min_size=1, max_size=6)
        case RecordType.SRV:
            return st.lists(srvs(st.sampled_from(_HOSTS)), min_size=1, max_size=5)
        case RecordType.A:
            return st.lists(st.ip_addresses(v=4, network="192.0.2.0/29"), min_size=1, max_size=3)
        case RecordType.AAAA:
            return st.lists(st.ip_addresses(v=6, network="2001:db8::/125"), min_size=1, max_size=3)
        case RecordType.DNSKEY | RecordType.DS:  # No procedure asks for these.
            return st.nothing()


def answers_to(question: Question) -> SearchStrategy[Answer]:
    """Anything that a backend may say to a question."""
    found = st.builds(
        Answer,
        question=st.just(question),
        status=st.just(Status.OK),
        records=_records(question).map(lambda records: tuple(dict.fromkeys(records))),
        ttl=st.none() | st.sampled_from([0, 60, 2**31]),
        aliases=st.sampled_from([(), (), ("elsewhere.example.com",)]),
        security=st.sampled_from(Security),
    )
    nothing = st.builds(
        Answer,
        question=st.just(question),
        status=st.sampled_from(_FAILURES),
        ttl=st.none() | st.just(60),
        loop=st.booleans(),
    )
    return found | found | nothing


@frozen
class Network:
    """Answers, and when they come, in seconds; infinity for never."""

    answers: dict[Question, Answer]
    delays: dict[Question, float]


_QUESTIONS = [
    Question(DOMAIN, RecordType.NAPTR),
    *(Question(name, RecordType.SRV) for name in _SRV_NAMES),
    *(Question(host, kind) for host in _HOSTS for kind in (RecordType.A, RecordType.AAAA)),
]


@st.composite
def networks(draw: DrawFn, *, late: bool = True) -> Network:
    """All that can be asked about a domain, answered in any way.

    Args:
        late: Whether answers may come so late that a wait lapses.
    """
    asked = draw(st.lists(st.sampled_from(_QUESTIONS), unique=True))
    answers = {question: draw(answers_to(question)) for question in asked}
    times = st.sampled_from([0.0, 0.03, 0.1, 0.3, 0.6, 2.0, float("inf")] if late else [0.01, 0.03])
    delays = {
        question: draw(times)
        for question in draw(st.lists(st.sampled_from(_QUESTIONS), unique=True))
    }
    return Network(answers, delays)


def uris_of_one_domain() -> SearchStrategy[str]:
    """URIs that lead to what `networks` has answers for."""
    return st.builds(
        "{}:{}{}{}".format,
        st.sampled_from(["sip", "sip", "sips"]),
        st.sampled_from([DOMAIN, DOMAIN, DOMAIN, "192.0.2.9", "x.example;maddr=example.com"]),
        st.just(""),
        st.sampled_from(["", "", "", ";transport=udp", ";transport=tcp", ";transport=tls"]),
    ) | st.sampled_from([f"sip:{DOMAIN}:5070", f"sips:{DOMAIN}:5071;transport=tcp"])


def policies() -> SearchStrategy[Policy]:
    """Any policy that makes sense."""
    return st.builds(
        Policy,
        transports=st.lists(st.sampled_from(Transport), min_size=1, unique=True),
        families=st.lists(st.sampled_from(Family), min_size=1, unique=True),
        lifetime=st.sampled_from([1.0, 5.0]),
        budget=st.sampled_from([1, 5, 256]),
        speculation=st.booleans(),
        naptr_order=st.sampled_from(NaptrOrder),
        on_naptr_failure=st.sampled_from(NaptrFailure),
        opportunistic_tls=st.booleans(),
        selection=st.sampled_from(Selection),
        address_order=st.sampled_from(AddressOrder),
        require_secure=st.booleans(),
    )


# --- Zone files and names on the wire ------------------------------------------------------------

#: The labels of any name that the DNS can hold: octets of all values (RFC 2181 §11).
wire_labels = st.lists(st.binary(min_size=1, max_size=12), max_size=5)

_ZONE_FILE_WORDS = r'example.com. @ a * IN A SRV NAPTR SOA CNAME 60 192.0.2.1 " ( ) ; \ \046 ü .. .'
_ZONE_FILE_SPACES = (" ", "\t", "\n", "\r\n", "\n$ORIGIN ", "\n$TTL ", "\n$INCLUDE ")

#: What might stand in a zone file, and seldom should.
zone_file_texts = st.text() | st.lists(
    st.sampled_from((*_ZONE_FILE_WORDS.split(), *_ZONE_FILE_SPACES))
).map("".join)


# --- Octets on a stream ---------------------------------------------------------------------------


@st.composite
def streams(draw: DrawFn) -> tuple[list[bytes], list[bytes]]:
    """Messages, and the pieces in which they come behind their lengths (RFC 1035 §4.2.2)."""
    messages = draw(st.lists(st.binary(max_size=20), max_size=5))
    octets = b"".join(len(message).to_bytes(2, "big") + message for message in messages)
    cuts = sorted(draw(st.lists(st.integers(0, len(octets)), max_size=20)))
    edges = [0, *cuts, len(octets)]
    return messages, [octets[start:end] for start, end in pairwise(edges)]


# --- What can happen to a question that nameservers are asked -------------------------------------

rcodes = st.sampled_from(
    ["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "BADVERS", "YXDOMAIN"]
)
few_names = st.sampled_from(["example.com", "a.example.com", "b.example.com", "c.example.net"])
aliases = st.dictionaries(few_names, st.builds(Alias, few_names, st.integers(0, 60)), max_size=3)
record_sets = st.builds(
    RecordSet, st.tuples(st.ip_addresses(v=4)), st.integers(min_value=0, max_value=60)
)
replies = st.builds(
    Reply,
    rcode=rcodes,
    truncated=st.booleans(),
    authoritative=st.booleans(),
    records=st.dictionaries(few_names, record_sets, max_size=1),
    cnames=aliases,
    dnames=aliases,
    negative_ttls=st.dictionaries(few_names, st.integers(0, 60), max_size=1),
    delegates=st.booleans(),
)


@st.composite
def happenings(draw: DrawFn) -> Callable[[int], tuple[int, Reply | str] | None]:
    """What happens next, given how many attempts there are: None is the end of a wait.

    In the end it is always that: an attempt can fail, or be replied to, so many times only.
    """
    left = draw(
        st.lists(st.tuples(st.integers(0, 1000), replies | st.just("refused")), max_size=40)
    )

    def happening(attempts: int) -> tuple[int, Reply | str] | None:
        if not left or draw(st.booleans()):
            return None
        number, what = left.pop()
        return number % attempts, what

    return happening


# --- What a user may type, and what the DNS may make a terminal show ------------------------------

_COMMAND_WORDS = """
    resolve via enum --json --nameserver --zone --transports --family --timeout --seed
    --no-speculation --dnssec --trust-ad --require-secure --trust-anchor --version --help -h --
    sip:alice@example.com sips:example.com sip:192.0.2.1:5070 example.com any ipv4 ipv6 udp,tcp,tls
    127.0.0.1 [::1]:5353 127.0.0.1:0 ignore trust-ad validate 0 -1 1e9 nan inf
"""

#: Words of a command line: those that mean something, glued together, and any others. Lone
#: surrogates stand for octets that are not UTF-8 (PEP 383).
words = (
    st.sampled_from(_COMMAND_WORDS.split())
    | st.lists(st.sampled_from(_COMMAND_WORDS.split()), max_size=3).map("=".join)
    | st.text()
    | st.text(st.characters(categories=["Cc", "Cs", "Zs", "Nd"]))
)

#: Texts with all that can harm a terminal: control characters, marks of direction, surrogates.
hostile_texts = st.text(st.characters() | st.characters(categories=["Cc", "Cf", "Cs", "Zl"]))


# --- The health of servers ------------------------------------------------------------------------


def places() -> SearchStrategy[Place]:
    """A few places, so that attempts meet there."""
    return st.sampled_from(
        [
            Place(transport, ip_address(address), 5060)
            for transport in (Transport.UDP, Transport.TCP)
            for address in ("192.0.2.1", "::192.0.2.1")
        ]
    )


#: What servers say in Retry-After, in seconds: most of it within a few penalties.
rests = st.sampled_from([-1.0, 0.0, 0.5, 5.0, 10.0, 20.0, 30.0, 100.0])

#: For how long nothing happens, in seconds: to either side of the end of a penalty, and to it.
pauses = st.sampled_from([0.0, 0.5, 5.0, 9.5, 10.0, 20.0, 24.5, 25.0, 40.0, 100.0])


# --- Via headers: by the rules of RFC 3261 §25 and RFC 3581 §5, likewise written apart ------------

#: The parameters of a Via whose values have rules of their own.
VIA_RULED = frozenset({"ttl", "maddr", "received", "branch", "rport"})

via_tokens = st.text(LETTERS + DIGITS + "-.!%*_+`'~", min_size=1, max_size=12)

#: SWS: mostly none.
white_spaces = st.sampled_from(
    ["", "", "", " ", "  ", "\t", "\r\n ", " \r\n\t ", "\n  ", "\r\n \n "]
)

_quoted_units = st.sampled_from([*"aZ1;,=:/<>[] \t", "ü", "\u2028", '\\"', "\\\\", "\\\x00", "\\ "])
quoted_strings = st.lists(_quoted_units | st.sampled_from(["\r\n ", "\n\t"]), max_size=6).map(
    lambda units: f'"{"".join(units)}"'
)

via_parameters: SearchStrategy[tuple[str, str | None]] = st.one_of(
    st.tuples(st.sampled_from(["branch", "Branch"]), via_tokens),
    st.tuples(st.sampled_from(["received", "RECEIVED"]), ipv4_texts | ipv6_texts),
    st.tuples(st.just("received"), ipv6_texts.map("[{}]".format)),
    st.tuples(st.just("rport"), st.none() | st.integers(1, 65_535).map(str)),
    st.tuples(st.just("ttl"), st.integers(0, 255).map(str)),
    st.tuples(st.sampled_from(["maddr", "MAddr"]), hosts),
    st.tuples(
        via_tokens.filter(lambda name: name.lower() not in VIA_RULED),
        st.none() | via_tokens | hosts | quoted_strings,
    ),
)


def via_parts() -> SearchStrategy[dict[str, Any]]:
    """The parts of a valid Via, as they stand in its text."""
    return st.fixed_dictionaries(
        {
            "protocol": st.just("SIP") | via_tokens,
            "version": st.just("2.0") | via_tokens,
            "transport": st.sampled_from(["UDP", "TLS-SCTP", "ws"]) | via_tokens,
            "host": hosts,
            "port": st.none() | st.integers(1, 65_535),
            "parameters": st.lists(
                via_parameters, max_size=5, unique_by=lambda pair: pair[0].lower()
            ),
        }
    )


def written_via(parts: dict[str, Any], gap: Callable[[], str] = str) -> str:
    """The text of a Via of these parts, each taken as it is, and of white space between them."""

    def spaced(separator: str) -> str:
        return f"{gap()}{separator}{gap()}"

    port = "" if parts["port"] is None else f"{spaced(':')}{parts['port']}"
    pairs = [
        f"{spaced(';')}{name}" if value is None else f"{spaced(';')}{name}{spaced('=')}{value}"
        for name, value in parts["parameters"]
    ]
    return (
        f"{parts['protocol']}{spaced('/')}{parts['version']}{spaced('/')}{parts['transport']}"
        f"{gap() or ' '}{parts['host']}{port}{''.join(pairs)}"
    )


@st.composite
def written_vias(draw: DrawFn, parts: dict[str, Any]) -> str:
    """A text of a Via of these parts: with white space, the header's name and further values."""
    name = draw(st.sampled_from(["", "", "Via:", "v:", "VIA \t: ", "\r\nV :\r\n ", " \n"]))
    end = draw(st.sampled_from(["", "", " ", "\r\n", ",", " , SIP/2.0/UDP b", '\r\n ,;;"']))
    return f"{name}{written_via(parts, lambda: draw(white_spaces))}{end}"


#: The texts of valid Vias.
vias = via_parts().flatmap(written_vias)


@st.composite
def near_vias(draw: DrawFn) -> str:
    """A valid Via with a few characters replaced, removed or put in: seldom still valid."""
    text = draw(vias)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 2)))
        new = st.text(st.characters() | st.sampled_from('/:;,="\\[].- \t\r\n0'), max_size=2)
        text = f"{text[:start]}{draw(new)}{text[end:]}"
    return text


#: Short texts that press upon the joints of the grammar.
via_joints = st.text('aZ1-.%:;=,/"\\[] \t\r\nü', max_size=16)

#: Texts of every kind, lone surrogates included.
any_via_texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    near_vias(),
    via_joints,
    via_joints.map("SIP/2.0/UDP ".__add__),
    via_joints.map("SIP/2.0/UDP a;".__add__),
    via_joints.map('v:SIP/2.0/UDP a;b="'.__add__),
)


# --- Attempts at targets --------------------------------------------------------------------------


@frozen
class Fate:
    """What awaits a caller at a target: whether it is penalised, and whether it works."""

    penalised: bool
    works: bool


#: Of a few targets, most of which do not work.
fates = st.lists(
    st.builds(Fate, st.booleans(), st.sampled_from([False, False, False, True])),
    min_size=1,
    max_size=8,
)


# --- Callers of a crowd, and what becomes of them -------------------------------------------------


@frozen
class CallOfACrowd:
    """What a caller wants.

    Attributes:
        uri: Where to.
        seed: Its dice.
        large: Whether the request is too large for UDP.
    """

    uri: str
    seed: int
    large: bool


def calls_of_a_crowd() -> SearchStrategy[CallOfACrowd]:
    """Calls for the same few places."""
    return st.builds(CallOfACrowd, st.sampled_from(URIS), st.integers(0, 99), st.booleans())


#: Which one, of however many there are.
any_of_them = st.integers(0, 1000)

#: Some of them, one after the other.
some_of_them = st.lists(any_of_them, min_size=1, max_size=8)

rarely = st.sampled_from([False, False, False, False, False, True])

#: How an attempt ends: most often so that the caller wants another.
endings = st.sampled_from(
    [name for name, ending in ENDINGS.items() for _ in range(3 if ending.goes_on else 1)]
)

#: What a 503 says in Retry-After, in seconds.
rests_of_a_503 = rests.filter(lambda seconds: seconds >= 0)

#: While the DNS is waited for, in seconds: to either side of what a search has patience for.
short_pauses = st.sampled_from([0.0, 0.03125, 0.0625, 0.25, 0.5, 2.5])

#: While callers are busy, in seconds: to either side of the end of a penalty, and to it.
long_pauses = pauses.filter(lambda seconds: seconds >= 5)


# --- Responses, and callers who take one target at a time ----------------------------------------


def vias_of_one_domain() -> SearchStrategy[str]:
    """Vias that lead to what `networks` has answers for, and to addresses."""
    return st.builds(
        "SIP/2.0/{} {}{}{}".format,
        st.sampled_from(["UDP", "UDP", "UDP", "TCP", "TLS", "SCTP", "WS"]),
        st.sampled_from([DOMAIN, DOMAIN, "a.example.com", "192.0.2.9", "[2001:db8::9]"]),
        st.sampled_from(["", "", ":5070"]),
        st.sampled_from(
            [
                "",
                ";rport",
                ";received=192.0.2.9",
                ";received=2001:db8::5;rport=7000",
                ";maddr=b.example.com",
                ";maddr=192.0.2.9",
                ";maddr=example.com;received=192.0.2.1",
            ]
        ),
    )


def callers() -> SearchStrategy[Caller]:
    """Callers who are busy for less than a host may be late, and for more."""
    busy = st.sampled_from([0.0, 0.02, 0.15, 0.25, 1.0, 32.0])
    return st.builds(Caller, busy=busy, blocking=st.booleans())


@st.composite
def slow_networks(draw: DrawFn) -> Network:
    """One SRV set of ``sip:example.com;transport=udp``: all hosts are late but for the last."""
    service = Question(f"_sip._udp.{DOMAIN}", RecordType.SRV)
    times = draw(st.permutations([0.4, 0.5, 0.6, 0.7, 0.8, 2.0, float("inf")]))
    late = times[: draw(st.integers(1, len(times)))]
    hosts = [Question(f"h{place}.{DOMAIN}", RecordType.A) for place in range(len(late) + 1)]
    srv = tuple(Srv(place, 0, 5060, host.name) for place, host in enumerate(hosts))
    answers = {service: Answer(question=service, status=Status.OK, records=srv)} | {
        host: Answer(question=host, status=Status.OK, records=(ip_address(f"192.0.2.{place}"),))
        for place, host in enumerate(hosts)
    }
    return Network(answers, dict(zip(hosts, [*late, 0.02], strict=True)))


def arrivals() -> SearchStrategy[dict[Question, float]]:
    """When the answers of `networks` come, in seconds: at any time, and all of them do."""
    return st.dictionaries(st.sampled_from(_QUESTIONS), st.floats(0.0, 2.0))


@st.composite
def shuffled(draw: DrawFn, network: Network) -> Network:
    """The same network, whose nameservers hand out their records in another order."""
    return evolve(
        network,
        answers={
            question: evolve(answer, records=tuple(draw(st.permutations(answer.records))))
            for question, answer in network.answers.items()
        },
    )


# --- Telephone numbers: by the rules of RFC 3966 §3 and RFC 4694 §4, likewise written apart -------

HEXADECIMAL = "0123456789abcdefABCDEF"

#: The parameters of a tel URI whose values have rules of their own.
TEL_RULED = frozenset(
    {"ext", "isub", "phone-context", "rn", "rn-context", "cic", "cic-context", "npdi"}
)

#: Of at most 15 digits, without visual separators.
global_numbers = st.text(DIGITS, min_size=1, max_size=15).map("+{}".format)
local_numbers = st.text(DIGITS + "ABCDEF*#", min_size=1, max_size=20)

#: A domain as a context: in lower case and without its final dot.
context_domains = host_names.map(lambda name: name.lower().removesuffix("."))

_routing_digits = st.text(HEXADECIMAL + "-.()", max_size=8)
_global_routings = st.tuples(st.sampled_from(DIGITS), _routing_digits).map(
    lambda parts: f"+{parts[0]}{parts[1]}"
)
_local_routings = st.tuples(st.sampled_from(HEXADECIMAL), _routing_digits).map("".join)
_other_tel_parameters = st.tuples(
    st.text("abcxyz019-", min_size=1, max_size=8).filter(lambda name: name not in TEL_RULED),
    st.none() | runs(UNRESERVED + PARAM_UNRESERVED, min_size=1),
)


@st.composite
def _portability(draw: DrawFn, name: str) -> list[tuple[str, str]]:
    """``rn`` or ``cic``: a global one, or a local one with its context."""
    if draw(st.booleans()):
        return [(name, draw(_global_routings))]
    return [
        (name, draw(_local_routings)),
        (f"{name}-context", draw(_global_routings | host_names)),
    ]


@st.composite
def tel_parts(draw: DrawFn) -> dict[str, Any]:
    """The parts of a valid tel URI, as `TelUri` has them."""
    is_global = draw(st.booleans())
    behind = draw(st.sampled_from(["nothing", "ext", "isub"]))
    others = draw(st.lists(_other_tel_parameters, max_size=3, unique_by=lambda pair: pair[0]))
    rn, cic = (draw(st.just([]) | _portability(name)) for name in ("rn", "cic"))
    npdi = draw(st.sampled_from([[], [("npdi", None)]]))
    return {
        "number": draw(global_numbers if is_global else local_numbers),
        "extension": draw(st.text(DIGITS, min_size=1)) if behind == "ext" else None,
        "subaddress": (
            draw(runs(UNRESERVED + "/?:@&=+$,", min_size=1)) if behind == "isub" else None
        ),
        "phone_context": None if is_global else draw(global_numbers | context_domains),
        "parameters": tuple(draw(st.permutations([*others, *rn, *cic, *npdi]))),
    }


@st.composite
def separated(draw: DrawFn, number: str, separators: str = "-.()") -> str:
    """A number with separators wherever they may stand, and in either case."""
    gaps = st.sampled_from(["", "", "", *separators])
    plus, digits = number[: number.startswith("+")], number.removeprefix("+")
    cases = st.sampled_from([str.lower, str.upper])
    units = [f"{draw(gaps)}{draw(cases)(digit)}" for digit in digits]
    return f"{plus}{''.join(units)}{draw(gaps)}"


@st.composite
def _written_contexts(draw: DrawFn, context: str) -> str:
    if context.startswith("+"):
        return draw(separated(context))
    return draw(st.sampled_from([context, context.upper()])) + draw(st.sampled_from(["", "."]))


@st.composite
def written_subscribers(draw: DrawFn, parts: dict[str, Any]) -> str:
    """A telephone-subscriber of these parts, with its own parameters at any place."""
    pairs = list(parts["parameters"])
    own = {
        "ext": parts["extension"] and draw(separated(parts["extension"])),
        "isub": parts["subaddress"],
        "phone-context": parts["phone_context"] and draw(_written_contexts(parts["phone_context"])),
    }
    for pair in own.items():
        if pair[1] is not None:
            pairs.insert(draw(st.integers(0, len(pairs))), pair)
    texts = [
        f";{draw(st.sampled_from([name, name.upper()]))}{'' if value is None else f'={value}'}"
        for name, value in pairs
    ]
    return f"{draw(separated(parts['number']))}{''.join(texts)}"


#: The texts of valid tel URIs without their scheme, and with it.
subscribers = tel_parts().flatmap(written_subscribers)
tels = st.builds("{}:{}".format, st.sampled_from(["tel", "tel", "TEL", "Tel"]), subscribers)


@st.composite
def near_tels(draw: DrawFn) -> str:
    """A valid tel URI with a few characters replaced, removed or put in: seldom still valid."""
    text = draw(tels)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 2)))
        new = st.text(st.characters() | st.sampled_from("+-.()*#;=%:@ \t09aFg"), max_size=2)
        text = f"{text[:start]}{draw(new)}{text[end:]}"
    return text


#: Short texts that press upon the joints of the grammar.
tel_joints = st.lists(
    st.sampled_from([*"+1ag*#-(;=. é", "44", "%4", "%41", "x", "a.example", *sorted(TEL_RULED)]),
    max_size=12,
).map("".join)

#: Texts of every kind, lone surrogates included.
any_tel_texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    near_tels(),
    tel_joints,
    tel_joints.map("+1".__add__),
    tel_joints.map("tel:".__add__),
    tel_joints.map("tel:+1;".__add__),
    tel_joints.map(" tel:1;phone-context=+1;".__add__),
)


# --- ENUM: services fields by RFC 6116 §3.4.3, and networks of numbers ----------------------------

_type_or_subtype = st.text(LETTERS + DIGITS + "-", min_size=1, max_size=32)


@st.composite
def enum_services_fields(draw: DrawFn) -> tuple[str, tuple[str, ...]]:
    """A services field, and its enumservices in lower case."""
    services = draw(
        st.lists(
            st.lists(_type_or_subtype, min_size=1, max_size=3).map(":".join), min_size=1, max_size=3
        )
    )
    token = draw(st.sampled_from(["E2U", "e2u", "E2u"]))
    # The obsolete syntax of RFC 2916 names one service, and what begins with "E2U" is none of it.
    if len(services) == 1 and services[0].lower() != "e2u" and draw(st.booleans()):
        field = f"{services[0]}+{token}"
    else:
        field = "+".join([token, *services])
    return field, tuple(service.lower() for service in services)


@st.composite
def enum_naptrs(draw: DrawFn) -> Naptr:
    """Any record, though most often one that is nearly of use."""
    octets = st.binary(max_size=40)
    delimiter, ere, repl = draw(
        st.tuples(
            st.sampled_from(["!", "/", "#", "\\", "1", "i", "."]),
            st.sampled_from(["^.*$", r"^\+44(.*)$", "^(.*)$", "(", "^44", "+44(.)", "[", "()"]),
            st.sampled_from(["sip:a@b.example", r"sip:\1@b.example", "tel:+44", "mailto:a", "x"]),
        )
    )
    regexp = f"{delimiter}{ere}{delimiter}{repl}{delimiter}".encode()
    return Naptr(
        draw(st.integers(0, 65535)),
        draw(st.integers(0, 65535)),
        draw(st.sampled_from(["u", "U", "u", "", "s", "a", "p", "uu", "\xe9"])),
        draw(
            enum_services_fields().map(lambda drawn: drawn[0])
            | st.sampled_from(["E2U+sip", "E2U+voice:tel+sip", "sip+E2U", "E2U", "SIP+D2U", ""])
            | octets.map(lambda some: some.decode("latin-1"))
        ),
        draw(st.just(regexp) | octets),
        draw(st.sampled_from([".", ".", "n.example.net", "x" * 64, "a b", ""])),
    )


# --- Extended regular expressions: what IEEE Std 1003.1 §9.4 defines, and nothing that it does not

#: Of two digits for the most part, so that there are several ways to match.
_ere_octets = st.sampled_from(
    ["1", "1", "2", "3", ".", r"\+", r"\*", "[12]", "[^1]", "[2-9]", "[+1]", "[]2]", r"[^\2]"]
) | st.sampled_from(["[[:digit:]]", "[^[:alpha:]3]", "[[:punct:]1-]"])
_ere_anchors = st.sampled_from(["^", "$"])
_ere_counts = st.sampled_from(
    ["", "*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "{0}", "{2,}", "{0,}"]
)


@st.composite
def eres(draw: DrawFn, depth: int = 3) -> str:
    """Patterns of any kind, with groups repeated and within one another so many deep."""
    octets = st.builds("{}{}".format, _ere_octets, _ere_counts)
    elements = octets | octets | _ere_anchors
    if depth:
        elements |= st.builds("({}){}".format, eres(depth - 1), _ere_counts)
    rows = st.lists(elements, min_size=1, max_size=3).map("".join)
    return "|".join(draw(st.lists(rows, min_size=1, max_size=3)))


def eres_read_alike() -> SearchStrategy[str]:
    """Patterns whose groups get the same by every rule that takes as much as can be.

    They are alternatives of rows of elements, with groups around parts of a row. An element is an
    octet that may be repeated, or of a length that is always the same. Of two ways to match a row,
    let one give more to an element than the other does. If it falls back behind the other later, it
    can go on as that does from there, since what repeated octets match, they match a part of as
    well. So to give each element as much as can be, from left to right, costs neither a group nor
    the whole match any length: the longest match of every part is had at once.

    Tables of numbers of several lengths may stand in the row itself, where only the whole match has
    to be as long as can be. In a group, nothing of variable length may stand before one: what falls
    back there has no number to go on with. Behind it the same holds as above.
    """
    octets = st.builds("{}{}".format, _ere_octets, _ere_counts)
    elements = octets | octets | _ere_anchors | st.integers(1, 3).flatmap(_eres_of_length)
    parts = st.recursive(
        elements, lambda some: st.lists(some, min_size=1, max_size=4).map(_grouped), max_leaves=8
    )
    fixed = _ere_octets | _ere_anchors | _eres_of_length(2)
    tables = st.recursive(
        _ere_tables,
        lambda some: st.tuples(
            st.lists(fixed, max_size=2).map("".join), some, st.lists(parts, max_size=2).map("".join)
        ).map(_grouped),
        max_leaves=2,
    )
    rows = st.lists(parts | tables, min_size=1, max_size=3).map("".join)
    return st.lists(rows, min_size=1, max_size=3).map("|".join)


#: Groups that choose among plain numbers.
_ere_tables = st.lists(
    st.lists(st.sampled_from(["1", "1", "2", r"\+"]), min_size=1, max_size=3).map("".join),
    min_size=2,
    max_size=4,
).map(lambda numbers: f"({'|'.join(numbers)})")


def _eres_of_length(length: int) -> SearchStrategy[str]:
    alternatives = st.lists(_ere_octets, min_size=length, max_size=length).map("".join)
    return st.lists(alternatives, min_size=1, max_size=3).map(lambda some: f"({'|'.join(some)})")


def _grouped(parts: Sequence[str]) -> str:
    return f"({''.join(parts)})"


#: What patterns are applied to: a plus, and a few digits of a few kinds.
ere_subjects = st.text("1112234", max_size=9).map("+{}".format)


# --- Files of numbers, a line each ----------------------------------------------------------------


@st.composite
def files_of_numbers(draw: DrawFn) -> tuple[bytes, list[tuple[int, str]]]:
    """A file, and which of its lines have which number.

    Numbers here are what nobody could take for blanks or for a comment.
    """
    numbers = st.from_regex(r"[+0-9A-Za-z:][ -~é]{,8}[0-9a-z]", fullmatch=True)
    others = st.sampled_from(["", " ", "\t", "# +44", " #", "\r", "\ufeff", "\ufeff#"])
    lines, found = [], []
    for place in range(1, draw(st.integers(0, 12)) + 1):
        number = draw(numbers | st.none())
        if number is None:
            lines.append(draw(others))
        else:
            found.append((place, number))
            before, behind = draw(st.sampled_from(["", " ", "\ufeff"])), draw(st.text(" \t\r"))
            lines.append(f"{before}{number}{behind}")
    end = draw(st.sampled_from(["", "\n"])) if lines else ""
    return ("\n".join(lines) + end).encode(), found


@st.composite
def cut_up(draw: DrawFn, octets: bytes) -> list[bytes]:
    """The blocks in which some octets may come."""
    places = sorted(draw(st.sets(st.integers(0, len(octets)), max_size=6)))
    return [octets[start:end] for start, end in pairwise([0, *places, len(octets)])]


# --- What a user may type of telephone numbers ----------------------------------------------------

_NUMBER_WORDS = """
    --service --root --local-numbers --resume --concurrency +442079460123 tel:+44-20-7946-0123
    tel:7042;phone-context=+1914555 sip:+442079460123@example.com;user=phone 020 sip pstn:tel
    e164.arpa .carrier.example --service=sip: --root=. 100
"""

#: Words of a command line, those that name files to read or to write left out.
words_on_numbers = st.sampled_from(_NUMBER_WORDS.split())


# --- What a number leads to: networks of NAPTR records, and who asks them -------------------------

NUMBER = "+442079460123"
ROOTS = ("enum.example.net", "e164.arpa")

_OF_THE_NUMBER = [f"3.2.1.0.6.4.9.7.0.2.4.4.{root}" for root in ROOTS]
_BEHIND_IT = [f"n{place}.example.net" for place in range(7)]
_NUMBER_QUESTIONS = [Question(name, RecordType.NAPTR) for name in (*_OF_THE_NUMBER, *_BEHIND_IT)]

_SIP_REGEXPS = [
    *[b"!^.*$!sip:a@example.com!", b"!^.*$!sip:b@example.com;transport=tcp!"],
    *[b"!^.*$!sips:a@example.com!", b"!^.*$!sip:a@192.0.2.9!", rb"!^(.*)$!sip:\1@nowhere.example!"],
    *[rb"!^\+44(.*)$!sip:\1@a.example.com:5070!", b"!^+44(.*)$!sips:c@example.com;transport=udp!"],
]
_USABLE_SERVICES = ["E2U+sip", "E2U+sip", "e2u+SIP", "sip+E2U", "E2U+h323+sip", "E2U+pstn:sip"]

#: Flags, services, regexp and replacement: most often what leads to a SIP URI, or to a domain.
_RULES = [
    *[("u", service, regexp, ".") for service in _USABLE_SERVICES for regexp in _SIP_REGEXPS],
    *[("", service, b"", name) for service in ("", "E2U+sip") for name in _BEHIND_IT],
    *[("", "", b"!.*!sip:ignored@example.com!", name) for name in (*_OF_THE_NUMBER, ".")],
    ("u", "E2U+pstn:tel+sip", rb"!^(.*)$!tel:\1;npdi!", "."),
    ("U", "E2U+email:mailto", b"!^.*$!mailto:a@example.com!", "."),
    ("u", "E2U+x-own+p-own", b"!^.*$!x:y!", "."),
    ("u", "E2U+unused:data", b"!^.*$!data:,unused!", "."),
    ("u", "E2U+sip", b"!^1.*$!sip:no-match@example.com!", "."),
    ("u", "E2U+sip", b"!^((a*)*)*(\xff|\\+)!sip:\\3@example.com!", "."),
    ("u", "E2U+sip", b"!^.*$!sip:\xfc@example.com!", "."),
    ("u", "E2U+sip", b"!(!sip:a@example.com!", "."),
    ("u", "E2U+sip", rb"!^.*$!sip:\1@example.com!", "."),
    ("u", "E2U+sip", b"!^.*$!sip:both@example.com!", "n1.example.net"),
    ("s", "SIP+D2U", b"", "_sip._udp.example.com"),
    ("\xfc", "\xfc+E2U", b"\xfc\xfc\xfc", "\\252.example.net"),
]
_rules = st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from(_RULES)).map(
    lambda parts: Naptr(parts[0], parts[1], *parts[2])
)


@st.composite
def _answers_for_a_number(draw: DrawFn, question: Question) -> Answer:
    status = draw(st.sampled_from([*[Status.OK] * 20, *_FAILURES]))
    found = status is Status.OK
    return Answer(
        question=question,
        status=status,
        records=tuple(draw(st.lists(_rules, min_size=1, max_size=4, unique=True)) if found else ()),
        ttl=60,
        security=draw(st.sampled_from([*[Security.SECURE] * 12, *Security])),
    )


@st.composite
def networks_of_a_number(draw: DrawFn, *, late: bool = True) -> Network:
    """All that can be asked about a number, answered in any way.

    Args:
        late: Whether answers may come so late that a wait lapses.
    """
    asked = draw(st.lists(st.sampled_from(_NUMBER_QUESTIONS[1:]), max_size=6, unique=True))
    first = _NUMBER_QUESTIONS[:1] * draw(st.sampled_from([1, 1, 1, 0]))
    answers = {question: draw(_answers_for_a_number(question)) for question in (*first, *asked)}
    times = st.sampled_from([0.03, 0.3, 0.6, 2.0, float("inf")] if late else [0.01, 0.03])
    return Network(
        answers, draw(st.dictionaries(st.sampled_from(_NUMBER_QUESTIONS), times, max_size=4))
    )


_BEHIND_URIS = zone("""
    example.com NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.example.com
    example.com NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.example.com
    _sips._tcp.example.com SRV 1 1 5061 a.example.com
    _sips._tcp.example.com SRV 1 1 5061 b.example.com
    _sip._udp.example.com SRV 1 1 5060 a.example.com
    _sip._tcp.example.com SRV 2 1 5060 b.example.com
    example.com A 192.0.2.1
    a.example.com A 192.0.2.2
    a.example.com AAAA 2001:db8::2
    b.example.com A 192.0.2.2
""")


@st.composite
def networks_behind_a_number(draw: DrawFn, *, late: bool = True) -> Network:
    """The same, and what the SIP URIs lead to."""
    network = draw(networks_of_a_number(late=late))
    servers = {}
    for question, answer in _BEHIND_URIS.items():
        became = draw(st.sampled_from([*["secure"] * 4, "insecure", "absent", "failure"]))
        if became == "failure":
            servers[question] = Answer(question=question, status=draw(st.sampled_from(_FAILURES)))
        elif became != "absent":
            servers[question] = evolve(answer, security=Security(became))
    return evolve(network, answers=servers | network.answers)


def arrivals_for_a_number() -> SearchStrategy[dict[Question, float]]:
    """When its answers come, in seconds: at any time, but none so late that a wait lapses."""
    return st.dictionaries(st.sampled_from(_NUMBER_QUESTIONS), st.floats(0.0, 0.4))


def policies_for_numbers() -> SearchStrategy[Policy]:
    """Any policy, with roots and enumservices of any kind."""
    return st.builds(
        evolve,
        policies(),
        enum_roots=st.sampled_from([ROOTS, ROOTS, ROOTS[::-1], ROOTS[1:]]),
        enum_services=st.sampled_from(
            [
                *[["sip"], ["sip"], ["sip", "pstn:sip"], ["email:mailto", "sip"]],
                *[["pstn:tel", "sip", "x-own"], ["p-own", "sip"], ["pstn:tel", "email:mailto"]],
            ]
        ),
        budget=st.sampled_from([4, 256, 256, 256]),
        require_secure=st.sampled_from([False, False, True]),
    )


def calls_to_numbers() -> SearchStrategy[CallOfACrowd]:
    """Calls for numbers that lead to the places of a crowd, and for one that does not exist."""
    uris = st.sampled_from([f"tel:{NUMBER}", "tel:+442079460124", "tel:+442079460199"])
    return st.builds(CallOfACrowd, uris, st.integers(0, 99), st.booleans())


# --- Replies in the wire format -------------------------------------------------------------------

_sixteen_bits = st.integers(0, 65_535)
_some_octets = st.binary(max_size=20)
_wire_names = st.sampled_from(["a.example.com.", "A.Example.COM.", "b.example.com."]).map(
    dns.name.from_text
) | wire_labels.map(lambda labels: dns.name.Name((*labels, b"")))

_rdatas: SearchStrategy[Rdata] = st.one_of(
    st.builds(A, st.just(IN), st.just(RdataType.A), ipv4_texts),
    st.builds(AAAA, st.just(IN), st.just(RdataType.AAAA), ipv6_texts),
    st.builds(SRV, st.just(IN), st.just(RdataType.SRV), *[_sixteen_bits] * 3, _wire_names),
    st.builds(
        NAPTR,
        st.just(IN),
        st.just(RdataType.NAPTR),
        *[_sixteen_bits] * 2,
        *[_some_octets] * 3,
        _wire_names,
    ),
    st.builds(CNAME, st.just(IN), st.just(RdataType.CNAME), _wire_names),
    st.builds(DNAME, st.just(IN), st.just(RdataType.DNAME), _wire_names),
    st.builds(NS, st.just(IN), st.just(RdataType.NS), _wire_names),
    st.builds(
        SOA,
        st.just(IN),
        st.just(RdataType.SOA),
        *[_wire_names] * 2,
        *[st.integers(0, 2**32 - 1)] * 5,
    ),
    st.builds(TXT, st.sampled_from([IN, CH]), st.just(RdataType.TXT), _some_octets),
)
_rrs = st.builds(
    dns.rrset.from_rdata,
    _wire_names,
    st.integers(0, 2**31 - 1),
    _rdatas,
)


@st.composite
def messages(draw: DrawFn) -> bytes:
    """A reply with records of all kinds in all sections, as dnspython writes it."""
    message = dns.message.make_response(dns.message.make_query(draw(_wire_names), "NAPTR"))
    for section in (message.answer, message.authority, message.additional):
        section.extend(draw(st.lists(_rrs, max_size=4)))
    if draw(st.booleans()):
        message.use_edns(0)
    message.flags |= draw(st.sampled_from([0, dns.flags.AA, dns.flags.AD]))
    message.set_rcode(Rcode.make(draw(st.sampled_from([0, 2, 3, 5, 11]))))
    return message.to_wire()


@st.composite
def damaged_messages(draw: DrawFn) -> bytes:
    """The same with a few octets changed behind the flags, or cut off at the end."""
    octets = bytearray(draw(messages()))
    for _ in range(draw(st.integers(0, 4))):
        octets[draw(st.integers(4, len(octets) - 1))] = draw(
            st.integers(0, 255) | st.sampled_from([0, 1, 0xC0, 0x0C])
        )
    return bytes(octets[: len(octets) - draw(st.sampled_from([0, 0, 0, 1, 7]))])


# --- Names of few domains, as the meter of names counts them ------------------------------------

_counted_labels = st.sampled_from(["a", "b", "c", "d", "_sip", "_udp", "_r1"])


def counted_names() -> SearchStrategy[str]:
    """Names below three domains, and those domains; some with labels of SIP before them."""
    domains = st.sampled_from(["example.com", "example.net", "co.uk", "com"])
    heads = st.lists(_counted_labels, max_size=4)
    return st.builds(lambda head, domain: ".".join([*head, domain]), heads, domains)


# --- What a cache hears ---------------------------------------------------------------------------

_CACHED_NAMES = ["a.example.com", "b.example.com", "c.b.example.com", "_sip._udp.b.example.com"]

#: To either side of every bound of the policy that the cache is tested with, and to it, in seconds.
cache_pauses = st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0, 7.5, 8.0, 20.0, 45.0])

cached_names = st.sampled_from(_CACHED_NAMES)

cached_questions = st.builds(
    Question, cached_names, st.sampled_from([RecordType.A, RecordType.SRV])
)

_cached_ttls = st.sampled_from([0, 1, 8, 8, 20, 50])

_came_along = st.builds(
    Answer, question=cached_questions, status=st.just(Status.OK), ttl=_cached_ttls
)

_cached_absences = st.sampled_from([Status.NODATA, Status.NXDOMAIN])

_cached_failures = st.sampled_from([Status.SERVFAIL, Status.TIMEOUT, Status.BOGUS, Status.BUSY])

_aliases_to_cached = st.just(()) | st.lists(cached_names, max_size=2).map(tuple)


def heard_answers() -> SearchStrategy[Answer]:
    """Answers, absences and failures for a few names, some of which are aliases of each other."""
    return st.one_of(
        st.builds(
            Answer,
            question=cached_questions,
            status=st.just(Status.OK),
            ttl=_cached_ttls,
            aliases=_aliases_to_cached,
            additional=st.lists(_came_along, max_size=2).map(tuple),
        ),
        st.builds(
            Answer,
            question=cached_questions,
            status=_cached_absences,
            ttl=st.none() | _cached_ttls,
            aliases=_aliases_to_cached,
        ),
        st.builds(Answer, question=cached_questions, status=_cached_failures),
    )


# --- What nameservers have been like --------------------------------------------------------------


def histories() -> SearchStrategy[list[tuple[str, float | None]]]:
    """Which of two nameservers replied after how many seconds, or failed (None), in order."""
    seconds = st.none() | st.sampled_from([0.001, 0.04, 0.3, 3.0])
    return st.lists(st.tuples(st.sampled_from("AB"), seconds), max_size=12)


# --- What repeated calls find ---------------------------------------------------------------------

_PLACES = ["example.com", "a.example.com", "b.example.com", "c.example.net"]
_FAMILIES = {RecordType.A: ["192.0.2.1{}{}"], RecordType.AAAA: ["2001:db8::{}:{}", "fd00::{}:{}"]}


def _addresses_of_a_place(kind: RecordType, place: int) -> SearchStrategy[list[Address]]:
    """Addresses that no other place has, of several ranks where they are IPv6."""
    texts = [form.format(place, n) for form in _FAMILIES[kind] for n in range(1, 4)]
    return st.lists(st.sampled_from(texts).map(ip_address), max_size=4, unique=True)


def _distinct_srvs() -> SearchStrategy[list[Srv]]:
    return st.lists(
        srvs(st.sampled_from([*_PLACES, "nowhere.example.com"])),
        max_size=4,
        unique_by=lambda srv: srv.target,
    )


@st.composite
def lasting_networks(draw: DrawFn) -> Network:
    """Nothing fails, comes late or ends soon; what is left of `networks` may still be strange."""
    records: dict[Question, Sequence[Record]] = {
        Question(name, RecordType.SRV): draw(_distinct_srvs())
        for name in draw(st.lists(st.sampled_from(_SRV_NAMES), unique=True))
    }
    if draw(st.booleans()):
        records[Question(DOMAIN, RecordType.NAPTR)] = draw(
            st.lists(naptrs(), max_size=4, unique=True)
        )
    for number, name in enumerate(_PLACES):
        for kind in (RecordType.A, RecordType.AAAA):
            records[Question(name, kind)] = draw(_addresses_of_a_place(kind, number))
    return Network({asked: _lasting(asked, found) for asked, found in records.items()}, {})


def _lasting(question: Question, records: Sequence[Record]) -> Answer:
    status = Status.OK if records else Status.NODATA
    return Answer(question=question, status=status, records=tuple(records), ttl=300)


@st.composite
def consistent_networks(draw: DrawFn) -> Network:
    """Those of `networks` that answer in time, and in which no name is there and is not."""
    network = draw(networks(late=False))
    answers = {
        asked: evolve(answer, status=Status.NODATA) if answer.status is Status.NXDOMAIN else answer
        for asked, answer in network.answers.items()
    }
    return evolve(network, answers=answers)


sources_of_machines = st.builds(
    Sources,
    st.none() | st.just(IPv4Address("192.0.2.200")),
    st.none() | st.sampled_from([IPv6Address("2001:db8::1:9"), IPv6Address("fd00::9")]),
)


# --- Replies in the wire format that prove what they say ------------------------------------------

_octet = st.integers(0, 255)
# RFC 4034 §4.1.2: "Trailing zero octets in the bitmap MUST be omitted."
_bitmap = st.builds(
    lambda head, last: head + bytes((last,)), st.binary(max_size=31), st.integers(1, 255)
)
_bitmaps = st.lists(st.tuples(_octet, _bitmap), max_size=2, unique_by=lambda each: each[0]).map(
    sorted
)
_signed_types = st.sampled_from([1, 2, 5, 6, 16, 28, 33, 35, 39, 43, 47, 48, 50])
_thirty_two_bits = st.integers(0, 2**32 - 1)

_proving_rdatas: SearchStrategy[Rdata] = st.one_of(
    st.builds(
        RRSIG,
        st.just(IN),
        st.just(RdataType.RRSIG),
        _signed_types,
        *[_octet] * 2,
        *[_thirty_two_bits] * 3,
        _sixteen_bits,
        _wire_names,
        _some_octets,
    ),
    st.builds(
        DNSKEY,
        st.just(IN),
        st.just(RdataType.DNSKEY),
        _sixteen_bits,
        *[_octet] * 2,
        _some_octets,
    ),
    st.builds(
        DS,
        st.just(IN),
        st.just(RdataType.DS),
        _sixteen_bits,
        _octet,
        st.just(2),
        st.binary(min_size=32, max_size=32),
    ),
    st.builds(NSEC, st.just(IN), st.just(RdataType.NSEC), _wire_names, _bitmaps),
    st.builds(
        NSEC3,
        st.just(IN),
        st.just(RdataType.NSEC3),
        *[_octet] * 2,
        _sixteen_bits,
        _some_octets,
        st.binary(min_size=1, max_size=20),
        _bitmaps,
    ),
)
_few_names = st.sampled_from(["a.example.com.", "A.Example.COM.", "*.b.example.com."]).map(
    dns.name.from_text
)
_proving_rrs = st.builds(
    dns.rrset.from_rdata,
    _few_names | _wire_names,
    st.integers(0, 2**31 - 1),
    _proving_rdatas | _rdatas,
)


@st.composite
def proving_messages(draw: DrawFn) -> bytes:
    """A reply with records and signatures of few owners, some twice and in letters of any case."""
    message = dns.message.make_response(dns.message.make_query(draw(_few_names), "A"))
    for section in (message.answer, message.authority):
        rrs = draw(st.lists(_proving_rrs, max_size=8))
        section.extend(rrs + draw(st.permutations(rrs))[:2])
    message.use_edns(0, ednsflags=dns.flags.DO)
    return message.to_wire(max_size=65_535)


@st.composite
def damaged_proving_messages(draw: DrawFn) -> bytes:
    """The same with a few octets changed behind the counts, or cut off at the end."""
    octets = bytearray(draw(proving_messages()))
    for _ in range(draw(st.integers(0, 4))):
        octets[draw(st.integers(12, len(octets) - 1))] = draw(
            _octet | st.sampled_from([0, 1, 0xC0, 0x0C, 46, 47, 50])
        )
    return bytes(octets[: len(octets) - draw(st.sampled_from([0, 0, 0, 1, 7]))])


# --- Zones that say what they lack ----------------------------------------------------------------

_DATA_TYPES = ["A", "A AAAA", "SRV", "CNAME"]
_OTHER_TYPES = [*_DATA_TYPES, "NS", "NS", "NS DS", "DNAME", "A DNAME"]
_few_labels = st.sampled_from([b"a", b"b", b"c", b"*"])
_heads = st.lists(_few_labels, min_size=1, max_size=3).map(tuple)


@st.composite
def denying_zones(draw: DrawFn, *, opt_out: bool = False) -> DenyingZone:
    """Small zones with delegations, wildcards, aliases and empty non-terminals.

    Nothing is below a delegation or a DNAME record (RFC 6672 §2.4), and wildcards are neither, of
    which RFC 4592 §4 says that nobody should.
    """
    apex = draw(st.sampled_from([(b"example",), (b"b", b"a"), ()]))
    names = {apex: numbers("SOA NS DNSKEY")}
    for head in sorted(draw(st.sets(_heads, max_size=8)), key=len):
        tails = (head[at:] + apex for at in range(1, len(head)))
        if any(names.get(tail, frozenset()) & numbers("NS DNAME") for tail in tails):
            continue
        kinds = _DATA_TYPES if head[0] == b"*" else _OTHER_TYPES
        names[head + apex] = numbers(draw(st.sampled_from(kinds)))
    unsigned = sorted(name for name, types in names.items() if types == numbers("NS"))
    left_out = draw(st.sets(st.sampled_from(unsigned))) if opt_out and unsigned else set()
    return DenyingZone(
        apex=apex,
        names=names,
        left_out=frozenset(left_out),
        lean=draw(st.booleans()),
        opt_out=opt_out and draw(st.booleans()),
        salt=draw(st.sampled_from(["", "aabbccdd"])),
        iterations=draw(st.integers(0, 2)),
    )


def denied_names(zone: DenyingZone) -> SearchStrategy[Labels]:
    """Names in a zone, and below what is in it."""
    heads = st.lists(_few_labels | st.sampled_from([b"d", b"ab"]), max_size=3).map(tuple)
    return st.builds(lambda head, tail: head + tail, heads, st.sampled_from(sorted(zone.names)))


# --- Messages that somebody has tampered with -----------------------------------------------------

_BEHIND_THE_ID, _BEHIND_THE_HEADER = 2, 12  # octets


@st.composite
def tampered(draw: DrawFn, octets: bytes) -> bytes:
    """A message with octets changed, cut out, put in, or taken from elsewhere in it."""
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        at = draw(st.sampled_from([*[_BEHIND_THE_HEADER] * 5, _BEHIND_THE_ID]))
        at = draw(st.integers(at, len(octets) - 1))
        begin, size = draw(st.integers(0, len(octets) - 1)), draw(st.integers(1, 60))
        flipped = bytes((octets[at] ^ 1 << draw(st.integers(0, 7)),))
        others = [b"\0", b"\xc0\x0c", octets[begin : begin + size]]
        new = draw(st.just(flipped) | st.binary(max_size=4) | st.sampled_from(others))
        left_out = draw(st.sampled_from([*[len(new)] * 5, 0, 1, size]))
        octets = (octets[:at] + new + octets[at + left_out :]).ljust(_BEHIND_THE_HEADER + 1, b"\0")
    return octets


@st.composite
def recomposed(draw: DrawFn, octets: bytes, others: Sequence[bytes]) -> bytes:
    """A message with whole records left out, moved, altered, or taken from other messages."""
    message = dns.message.from_wire(octets, one_rr_per_rrset=True)
    pool = [rr for each in others for rr in _records_of_message(each)]
    sections = message.answer, message.authority
    for _ in range(draw(st.integers(1, 4))):
        section = sections[draw(st.integers(0, 1))]
        takes_out = draw(st.booleans())
        if section and takes_out:
            pool.append(section.pop(draw(st.integers(0, len(section) - 1))))
        else:
            taken = draw(_altered(draw(st.sampled_from(pool)), pool))
            section.insert(draw(st.integers(0, len(section))), taken)
    message.set_rcode(draw(st.sampled_from([message.rcode()] * 4 + [Rcode.NXDOMAIN, Rcode(0)])))
    return message.to_wire(max_size=65_535)


@cache
def _records_of_message(octets: bytes) -> list[RRset]:
    message = dns.message.from_wire(octets, one_rr_per_rrset=True)
    return [*message.answer, *message.authority]


@st.composite
def _altered(draw: DrawFn, rr: RRset, pool: Sequence[RRset]) -> RRset:
    """A record with the owner, the TTL or a field of its signature as another has it, or none."""
    other, data = draw(st.sampled_from(pool)), rr[0]
    name, ttl = draw(
        st.sampled_from([(rr.name, rr.ttl)] * 3 + [(other.name, rr.ttl), (rr.name, 0)])
    )
    ttl = draw(st.sampled_from([ttl] * 3 + [ttl + 1, 2**31 - 1]))
    if isinstance(data, RRSIG) and draw(st.booleans()):
        changes = st.fixed_dictionaries(
            {},
            optional={
                "labels": st.integers(0, 5),
                "original_ttl": st.integers(0, 2**32 - 1),
                "type_covered": st.just(other.rdtype),
                "key_tag": _sixteen_bits,
                "expiration": st.integers(0, 2**32 - 1),
                "signer": st.just(other.name),
            },
        )
        data = data.replace(**draw(changes))
    return dns.rrset.from_rdata(name, ttl, data)


# --- Records and their data, as a signature covers them -------------------------------------------

_labels_of_records = st.lists(st.binary(min_size=1, max_size=12), max_size=4).map(
    # A dot within a label has two spellings, of which each reader takes its own.
    lambda labels: tuple(label.lower().replace(b".", b"-") for label in labels)
)


def _in_octets(labels: tuple[bytes, ...]) -> tuple[bytes, str]:
    """A name on the wire, and as text, each octet escaped (RFC 1035 §5.1)."""
    wire = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    text = ".".join("".join(f"\\{octet:03}" for octet in label) for label in labels)
    return wire, dns.name.from_text(text + ".").to_text(omit_final_dot=bool(labels))


@st.composite
def records_with_data(draw: DrawFn) -> tuple[str, bytes, Record]:
    """The type of a record, its data, and what they say."""
    kind = draw(st.sampled_from(["SRV", "NAPTR", "A", "AAAA"]))
    numbers = draw(st.tuples(*[_sixteen_bits] * 3))
    name, text = _in_octets(draw(_labels_of_records))
    if kind == "SRV":
        priority, weight, port = numbers
        return kind, struct.pack("!HHH", *numbers) + name, Srv(priority, weight, port, text)
    if kind == "NAPTR":
        strings = draw(st.tuples(*[st.binary(max_size=20)] * 3))
        written = b"".join(bytes((len(each),)) + each for each in strings)
        flags, service, regexp = strings
        naptr = Naptr(
            numbers[0],
            numbers[1],
            flags.decode("latin-1"),
            service.decode("latin-1"),
            regexp,
            text,
        )
        return kind, struct.pack("!HH", *numbers[:2]) + written + name, naptr
    size = 4 if kind == "A" else 16
    data = draw(st.binary(min_size=size, max_size=size))
    return kind, data, ip_address(data)


# --- What may happen to the evidence of an answer on its way -------------------------------------


def _octets_changed(draw: DrawFn, octets: bytes) -> bytes:
    """Some octets with one more, one less or one changed."""
    at = draw(st.integers(0, len(octets)))
    octet = bytes((draw(_octet),))
    return (
        octets[:at] + draw(st.sampled_from([b"", octet])) + octets[at + draw(st.integers(0, 1)) :]
    )


def _signature_changed(draw: DrawFn, signature: Signature) -> Signature:
    name = draw(st.sampled_from([*_NUMBERS_OF_A_SIGNATURE, "signer", "signature", "head", "ttl"]))
    value: Any
    if name in ("signature", "head"):
        value = _octets_changed(draw, getattr(signature, name))
    elif name == "ttl":
        value = draw(_ttls)
    elif name == "signer":
        value = draw(_signers)
    else:
        size = _NUMBERS_OF_A_SIGNATURE[name]
        near = getattr(signature, name) + draw(st.integers(-3, 3))
        value = draw(st.sampled_from([near % 2**size]) | st.integers(0, 2**size - 1))
    changed = evolve(signature, **{name: value})
    if name in ("signature", "head", "ttl"):
        return changed
    return changed if draw(st.booleans()) else evolve(changed, head=_head_of(changed))


def _head_of(signature: Signature) -> bytes:
    """What the fields of a signature would be on the wire (RFC 4034 §3.1)."""
    numbers_ = (getattr(signature, name) for name in _NUMBERS_OF_A_SIGNATURE)
    return struct.pack("!HBBIIIH", *numbers_) + wire_of(signature.signer)


#: The numbers in a signature, and how many bits they have.
_NUMBERS_OF_A_SIGNATURE = {
    "covered": 16,
    "algorithm": 8,
    "labels": 8,
    "original_ttl": 32,
    "expiration": 32,
    "inception": 32,
    "key_tag": 16,
}
_ttls = st.integers(0, 2**31 - 1)
_signers = st.sampled_from(
    [(), (b"com",), (b"example", b"com"), (b"a", b"example", b"com"), (b"other", b"com")]
)


def _set_changed(draw: DrawFn, found: SignedSet, others: Sequence[SignedSet]) -> SignedSet:
    other = draw(st.sampled_from(others))
    signed = [_signature_changed(draw, each) for each in found.signatures]
    changes: dict[str, Any] = {
        "owner": other.owner,
        "type": draw(st.sampled_from([other.type, draw(_sixteen_bits)])),
        "ttl": draw(_ttls),
        "data": draw(
            st.sampled_from(
                [
                    other.data,
                    tuple(draw(st.permutations(found.data))),
                    _data_changed(draw, found.data),
                ]
            )
        ),
        "signatures": draw(st.sampled_from([(), other.signatures, tuple(signed)])),
    }
    names = draw(st.lists(st.sampled_from(sorted(changes)), min_size=1, max_size=2))
    return evolve(found, **{name: changes[name] for name in names})


def _data_changed(draw: DrawFn, data: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Some records with one of them taken away, changed, or there twice."""
    if not data:
        return data
    at = draw(st.integers(0, len(data) - 1))
    changed = _octets_changed(draw, data[at])
    made = draw(st.sampled_from([(), (changed,), (data[at], data[at]), (data[at], changed)]))
    return (*data[:at], *made, *data[at + 1 :])


@st.composite
def tampered_evidence(draw: DrawFn, evidence: Evidence, others: Sequence[SignedSet]) -> Evidence:
    """Evidence with one to three changes: of an RRset, or of which of them there are.

    Args:
        draw: Of Hypothesis.
        evidence: As it was.
        others: RRsets of the same domain, that it may be mixed with.
    """
    sections = [list(evidence.answers), list(evidence.authorities)]
    for _ in range(draw(st.integers(1, 3))):
        sets = draw(st.sampled_from(sections))
        at = draw(st.integers(0, max(len(sets) - 1, 0)))
        if not sets or draw(st.integers(0, 4)) == 0:
            sets[at : at + draw(st.integers(0, 1))] = draw(
                st.sampled_from([[], [draw(st.sampled_from(others))]])
            )
        else:
            sets[at] = _set_changed(draw, sets[at], others)
    return Evidence(*(tuple(draw(st.permutations(sets))) for sets in sections))
