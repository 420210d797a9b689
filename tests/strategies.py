"""Hypothesis strategies: the field's values, valid and hostile."""

from __future__ import annotations

from ipaddress import ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from attrs import evolve, frozen
from crowd import ENDINGS, URIS
from hypothesis import strategies as st
from simulation import Caller

from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.failover.health import Place
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
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

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


_FAILURES = [status for status in Status if status not in (Status.OK, Status.UNASKED)]


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
