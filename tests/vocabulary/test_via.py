"""RFC 3261 §20.42: Via header fields; RFC 3581: rport; the torture tests of RFC 4475 and 5118."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from attrs import asdict, evolve, exceptions
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import any_via_texts, via_parts, vias, written_vias

from sipresolve.vocabulary.errors import InvalidVia
from sipresolve.vocabulary.hosts import address_text
from sipresolve.vocabulary.via import Via

#: The Vias of RFC 4475, RFC 5118 and the examples of RFC 3261 and RFC 3581 whose parts anybody
#: sees: no white space within them, no IPv6 address. Each stands behind the number of its section.
PLAIN = {
    "RFC 3261": """
        4         SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds
        11.1      SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877
        17.1.1.3  SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff
        18.2.1    SIP/2.0/UDP bobspc.biloxi.com:5060
        18.2.1    SIP/2.0/UDP bobspc.biloxi.com:5060;received=192.0.2.4
        20.42     SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7
        23.3,23.4 SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8
        24.1      SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7
    """,
    "RFC 3581": """
        6         SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff
        6         SIP/2.0/UDP proxy.example.com;branch=z9hG4bKkjsh77
    """,
    # That other parts of a message are wrong, or that a Via leads nowhere, is another matter: the
    # answer, too, needs its way (3.1.1.10, 3.1.2.16, 3.2.1, 3.3.10).
    "RFC 4475": """
        3.1.1.2   SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
        3.1.1.3   SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
        3.1.1.4   SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
        3.1.1.5   SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
        3.1.1.6   SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
        3.1.1.8   SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
        3.1.1.8   SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
        3.1.1.9   SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
        3.1.1.10  SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
        3.1.1.10  SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
        3.1.1.10  SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
        3.1.1.10  SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
        3.1.1.10  SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
        3.1.1.11  SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
        3.1.1.12  SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
        3.1.1.13  SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
        3.1.2.2   SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
        3.1.2.3   SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw
        3.1.2.4   SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
        3.1.2.5   SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
        3.1.2.6   SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
        3.1.2.7   SIP/2.0/UDP 192.0.2.5
        3.1.2.8   SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395
        3.1.2.9   SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923
        3.1.2.10  SIP/2.0/TCP host1.examle.com;branch=z9hG4bK299342093
        3.1.2.11  SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKkdjuw
        3.1.2.12  SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
        3.1.2.13  SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw
        3.1.2.14  SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
        3.1.2.15  SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
        3.1.2.16  SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw
        3.1.2.17  SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
        3.1.2.18  SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw
        3.1.2.19  SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
        3.2.1     SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK
        3.3.1     SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
        3.3.2     SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
        3.3.3     SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
        3.3.4     SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
        3.3.5     SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw
        3.3.6     SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
        3.3.7     SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKkdjuw
        3.3.8     SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
        3.3.9     SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
        3.3.10    SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
        3.3.10    SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
        3.3.11    SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i
        3.3.12    SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
        3.3.13    SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
        3.3.14    SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
        3.3.15    SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw
        3.4.1     SIP/2.0/UDP iftgw.example.com
    """,
    "RFC 5118": """
        4.7       SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
        4.10      SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
    """,
}


def plain_cases() -> list[Any]:
    return [
        pytest.param(line.split(maxsplit=1)[1], id=f"{rfc} {line.split()[0]}")
        for rfc, lines in PLAIN.items()
        for line in lines.strip().splitlines()
    ]


def seen(text: str) -> Via:
    """The parts of a plain Via."""
    sent_protocol, rest = text.split(" ")
    protocol, version, transport = sent_protocol.split("/")
    sent_by, *items = rest.split(";")
    host, _, port = sent_by.partition(":")
    pairs = [item.partition("=") for item in items]
    return Via(
        protocol=protocol,
        version=version,
        transport=transport.lower(),
        host=host,
        port=int(port) if port else None,
        parameters=tuple((name, value if equals else None) for name, equals, value in pairs),
    )


@pytest.mark.parametrize("text", plain_cases())
def test_a_plain_via_is_read_into_its_parts(text: str) -> None:
    for name in ("", "Via: ", "Via:     ", "v:"):
        assert asdict(Via.parse(f"{name}{text}\r\n")) == asdict(seen(text))
    assert str(Via.parse(text)) == text


@pytest.mark.parametrize("number", range(1, 34))
def test_the_name_of_the_header_field_has_many_spellings(number: int) -> None:
    """RFC 4475 §3.1.1.7, with these names in the order from the last of its Vias."""
    names = ["Via:"] * 16 + ["Via  :", "Via :", "v  :", "V  :", "v : ", "V : ", "vIA:", "vIa:"]
    names += ["viA:", "via:", "VIA:", "VIa:", "ViA:", "Via:", "V:", "v:", "Via:"]
    via = Via.parse(f"{names[number - 1]} SIP/2.0/TCP sip{number}.example.com")
    assert asdict(via) == asdict(hop("tcp", f"sip{number}.example.com"))


def hop(transport: str, host: str, port: int | None = None, **parameters: str | None) -> Via:
    return Via(transport=transport, host=host, port=port, parameters=tuple(parameters.items()))


BRANCH = f"very{'long' * 50}branchvalue"

#: The other Vias of these RFCs (some of their branches are shortened), and what they leave open.
CASES = [
    # RFC 3261 §4
    (
        "Via: SIP/2.0/UDP server10.biloxi.com\r\n   ;branch=z9hG4bKnashds8;received=192.0.2.3\r\n",
        hop("udp", "server10.biloxi.com", branch="z9hG4bKnashds8", received="192.0.2.3"),
    ),
    (
        "Via: SIP/2.0/UDP bigbox3.site3.atlanta.com\n   ;branch=z9hG4bK77ef4c.1;received=192.0.2.2",
        hop("udp", "bigbox3.site3.atlanta.com", branch="z9hG4bK77ef4c.1", received="192.0.2.2"),
    ),
    (
        "Via: SIP/2.0/UDP pc33.atlanta.com\r\n   ;branch=z9hG4bK776asdhds ;received=192.0.2.1\r\n",
        hop("udp", "pc33.atlanta.com", branch="z9hG4bK776asdhds", received="192.0.2.1"),
    ),
    # RFC 3261 §20.42: "LWS on either side of the ":" or "/" is allowed".
    (
        "Via: SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207\r\n     ;branch=z9hG4bK77asjd\r\n",
        hop("udp", "192.0.2.1", 5060, received="192.0.2.207", branch="z9hG4bK77asjd"),
    ),
    (
        "Via: SIP / 2.0 / UDP first.example.com: 4000;ttl=16\n ;maddr=224.2.0.1 ;branch=z9hG4bKa7",
        hop("udp", "first.example.com", 4000, ttl="16", maddr="224.2.0.1", branch="z9hG4bKa7"),
    ),
    # RFC 3261 §24.1
    (
        "Via: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7\n  ;received=192.0.2.4\n",
        hop("udp", "bobspc.biloxi.com", 5060, branch="z9hG4bKnashds7", received="192.0.2.4"),
    ),
    # RFC 3581 §6
    (
        "Via: SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1;rport=9988\n ;branch=z9hG4bKkjshdyff\n",
        hop("udp", "10.1.1.1", 4540, received="192.0.2.1", rport="9988", branch="z9hG4bKkjshdyff"),
    ),
    # RFC 4475 §3.1.1.1; then the second of two values alone.
    (
        "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n",
        hop("udp", "192.0.2.2", branch="390skdjuw"),
    ),
    (
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n",
        hop("tcp", "spindle.example.com", branch="z9hG4bK9ikj8"),
    ),
    (
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n",
        hop("udp", "192.168.255.111", branch="z9hG4bK30239"),
    ),
    # RFC 4475 §3.1.1.7
    (
        f"Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch={BRANCH}",
        hop("tcp", "host.example.com", received="192.0.2.5", branch=BRANCH),
    ),
    # RFC 4475 §3.1.2.1: semicolons and commas without parameters or values. Were the first
    # semicolons not there, all would be well with the topmost.
    ("Via: SIP/2.0/UDP 192.0.2.15;;,;,,", None),
    ("Via: SIP/2.0/UDP 192.0.2.15,;,,", hop("udp", "192.0.2.15")),
    # RFC 5118 §4.1, and as well 4.2, 4.3, 4.4, 4.8
    (
        "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111",
        hop("udp", "2001:db8::9:1", branch="z9hG4bKas3-111"),
    ),
    # RFC 5118 §4.5: without brackets by the grammar, but both have to be read.
    (
        "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111",
        hop("udp", "2001:db8::9:1", received="[2001:db8::9:255]", branch="z9hG4bKas3-111"),
    ),
    (
        "Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3",
        hop("udp", "2001:db8::9:1", received="2001:db8::9:255", branch="z9hG4bKas3"),
    ),
    # RFC 5118 §4.6, §4.7, §4.9
    (
        "Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111",
        hop("udp", "2001:db8::20", branch="z9hG4bKas3-111"),
    ),
    (
        "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111",
        hop("udp", "2001:db8::9:1", 6050, branch="z9hG4bKas3-111"),
    ),
    (
        "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200",
        hop("tcp", "2001:db8::9:255", branch="z9hG4bK451jj", received="192.0.2.200"),
    ),
    (
        "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19",
        hop("udp", "::ffff:192.0.2.10", 19823, branch="z9hG4bKbh19"),
    ),
    (
        "Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111",
        hop("udp", "::ffff:192.0.2.2", branch="z9hG4bKas3-111"),
    ),
    # RFC 7118 §8.2
    (
        "Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks",
        hop("wss", "df7jal23ls0d.invalid", branch="z9hG4bK56sdasks"),
    ),
    # The name of the header field is not needed, and white space around it all is ignored.
    ("SIP/2.0/UDP a", hop("udp", "a")),
    ("\r\n  v\t:SIP/2.0/UDP a\r\n\r\n", hop("udp", "a")),
    ("V:\n SIP\n / 2.0\n / UDP\n a\n : 1\n ; b\n = c\n", hop("udp", "a", 1, b="c")),
    # "Via" is a token as well.
    ("via/v/UDP a", Via(protocol="via", version="v", transport="udp", host="a")),
    # Of several values, the topmost counts; the others are not looked at.
    ("SIP/2.0/UDP a,SIP/2.0/TCP b", hop("udp", "a")),
    ("SIP/2.0/UDP a , ;;", hop("udp", "a")),
    ("SIP/2.0/UDP a,", hop("udp", "a")),
    ('SIP/2.0/UDP a;b=",;\\"," ;c,d', hop("udp", "a", b='",;\\","', c=None)),
    # A quoted string may be folded; a line break with white space behind it is a space (§7.3.1).
    ('SIP/2.0/UDP a;b="c\r\n \t d"', hop("udp", "a", b='"c d"')),
    ('SIP/2.0/UDP a;b="Zoë \\\x00"', hop("udp", "a", b='"Zoë \\\x00"')),
    # The host in its one spelling, tokens in lower case, values as given.
    (
        "sip/2.0/Udp A.EXAMPLE.:05060;BrAnCh=Ab",
        Via(
            protocol="sip",
            transport="udp",
            host="a.example",
            port=5060,
            parameters=(("branch", "Ab"),),
        ),
    ),
    ("SIP/2.0/TLS-SCTP [2001:DB8:0::1]", hop("tls-sctp", "2001:db8::1")),
    # gen-value = token / host / quoted-string
    ("SIP/2.0/UDP a;b=[::1];c=a.b.;d=%41", hop("udp", "a", b="[::1]", c="a.b.", d="%41")),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_via_is_read_into_its_parts(text: str, expected: Via | None) -> None:
    if expected is None:
        with pytest.raises(InvalidVia):
            Via.parse(text)
    else:
        assert asdict(Via.parse(text)) == asdict(expected)
        assert asdict(Via.parse(text.encode())) == asdict(expected)


def test_an_invalid_via_says_what_is_wrong_and_where() -> None:
    with pytest.raises(InvalidVia) as caught:
        Via.parse("SIP/2.0 192.0.2.30")
    assert (caught.value.position, caught.value.text) == (7, "SIP/2.0 192.0.2.30")
    assert str(caught.value) == (
        "the transport is missing: 'SIP/2.0/UDP', at position 7 of 'SIP/2.0 192.0.2.30'"
    )


def test_octets_that_are_not_utf_8_are_in_no_via() -> None:
    with pytest.raises(InvalidVia) as caught:
        Via.parse(b'SIP/2.0/UDP a;b="\xc3\xbc\xff"')
    assert (caught.value.text, caught.value.position) == ('SIP/2.0/UDP a;b="ü\udcff"', 18)


@pytest.mark.parametrize("given", [None, 5060, ["SIP/2.0/UDP a"], bytearray(b"SIP/2.0/UDP a")])
def test_what_is_no_text_is_a_type_error(given: Any) -> None:
    with pytest.raises(TypeError, match="a Via is str or bytes, not"):
        Via.parse(given)


def test_sent_by_may_be_an_address() -> None:
    assert Via.parse("SIP/2.0/UDP 192.0.2.1").address == ip_address("192.0.2.1")
    assert Via.parse("SIP/2.0/UDP [::1]:5060").address == ip_address("::1")
    assert Via.parse("SIP/2.0/UDP a.example;received=192.0.2.1").address is None


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", (None, None, None, None, None)),
        # RFC 3581 §3: "This parameter MUST have no value; it serves as a flag".
        (";rport", (None, None, None, None, None)),
        (";received=192.0.2.1;rport=9988", (ip_address("192.0.2.1"), 9988, None, None, None)),
        (
            ";received=[2001:DB8::1];rport=05060",
            (ip_address("2001:db8::1"), 5060, None, None, None),
        ),
        (";received=2001:DB8::1", (ip_address("2001:db8::1"), None, None, None, None)),
        (";MADDR=B.Example.;TTL=016", (None, None, "b.example", 16, None)),
        (";maddr=[::1];ttl=0;branch=z9hG4bKAb", (None, None, "::1", 0, "z9hG4bKAb")),
    ],
)
def test_what_the_parameters_say(parameters: str, said: tuple[object, ...]) -> None:
    via = Via.parse(f"SIP/2.0/UDP a{parameters}")
    assert (via.received, via.rport, via.maddr, via.ttl, via.branch) == said


EQUAL = [
    # RFC 3261 §7.3.1: "Tokens are always case-insensitive."
    ("SIP/2.0/UDP a;branch=z9hG4bKa;B=C", "sip/2.0/udp A.;BRANCH=Z9HG4BKA;b=c"),
    # §20.42: "both have the same set of parameters": a set has no order.
    ("SIP/2.0/UDP a;b=c;d", "SIP/2.0/UDP a;d;b=c"),
    # White space says nothing, nor does what follows.
    ("SIP/2.0/UDP a:5060;b=c", "v: SIP / 2.0 / UDP\r\n a : 5060 ; b = c , x"),
    # One address or number has several spellings.
    (
        "SIP/2.0/UDP [::1];received=::2;maddr=[::3]",
        "SIP/2.0/UDP [0::1];received=[0::2];maddr=[0::3]",
    ),
    ("SIP/2.0/UDP a:5060;rport=1;ttl=1", "SIP/2.0/UDP a:05060;rport=01;ttl=001"),
    ('SIP/2.0/UDP a;b="c d"', 'SIP/2.0/UDP a;b="\\c\r\n d"'),
]

DIFFERENT = [
    # §20.42: "equal if their sent-protocol and sent-by fields are equal, both have the same set of
    # parameters, and the values of all parameters are equal".
    ("SIP/2.0/UDP a", "SIPS/2.0/UDP a"),
    ("SIP/2.0/UDP a", "SIP/2.1/UDP a"),
    ("SIP/2.0/UDP a", "SIP/2.0/TCP a"),
    ("SIP/2.0/UDP a", "SIP/2.0/UDP b"),
    ("SIP/2.0/UDP a", "SIP/2.0/UDP a:5060"),
    ("SIP/2.0/UDP a:5060", "SIP/2.0/UDP a:5061"),
    ("SIP/2.0/UDP a", "SIP/2.0/UDP a;b"),
    ("SIP/2.0/UDP a;b", "SIP/2.0/UDP a;b=c"),
    ("SIP/2.0/UDP a;rport", "SIP/2.0/UDP a;rport=5060"),
    ("SIP/2.0/UDP a;branch=b", "SIP/2.0/UDP a;branch=c"),
    # §7.3.1: "values expressed as quoted strings are case-sensitive".
    ('SIP/2.0/UDP a;b="c"', 'SIP/2.0/UDP a;b="C"'),
    ('SIP/2.0/UDP a;b="c"', "SIP/2.0/UDP a;b=c"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_vias_hash_alike(one: str, other: str) -> None:
    first, second = Via.parse(one), Via.parse(other)
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_vias_are_not_equal(one: str, other: str) -> None:
    assert Via.parse(one) != Via.parse(other)
    assert Via.parse(other) != Via.parse(one)


def test_a_via_is_not_equal_to_its_text() -> None:
    assert Via.parse("SIP/2.0/UDP a") != "SIP/2.0/UDP a"


@given(via_parts(), st.data())
def test_white_space_case_and_order_make_no_difference(
    parts: dict[str, Any], data: st.DataObject
) -> None:
    changed = {
        **parts,
        "protocol": parts["protocol"].swapcase(),
        "transport": parts["transport"].swapcase(),
        "host": parts["host"].swapcase(),
        "parameters": [
            (name.swapcase(), value and (value if value.startswith('"') else value.swapcase()))
            for name, value in data.draw(st.permutations(parts["parameters"]))
        ],
    }
    one, other = (Via.parse(data.draw(written_vias(each))) for each in (parts, changed))
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;rport\r\n", "SIP/2.0/UDP 192.0.2.2;rport"),
        ("v: sip/2.0/tls [0::1] : 05061 ; RPort", "sip/2.0/TLS [::1]:5061;rport"),
        ('SIP/2.0/UDP a;b="c\r\n d"', 'SIP/2.0/UDP a;b="c d"'),
    ],
)
def test_a_via_is_written_without_what_says_nothing(text: str, canonical: str) -> None:
    assert str(Via.parse(text)) == canonical


@given(vias)
@example("SIP/2.0/UDP [::ffff:192.0.2.1]")
def test_parse_render_parse_gives_the_same(text: str) -> None:
    via = Via.parse(text)
    again = Via.parse(str(via))
    assert asdict(again) == asdict(via)
    assert again == via
    assert str(again) == str(via)


def outcome(given: str | bytes) -> Via | InvalidVia:
    try:
        return Via.parse(given)
    except InvalidVia as error:
        return error


@given(any_via_texts | st.binary() | st.binary().map(b'SIP/2.0/UDP a;b="'.__add__))
def test_any_text_or_octets_give_a_via_or_invalid_via(given: str | bytes) -> None:
    result = outcome(given)
    if isinstance(result, InvalidVia):
        assert 0 <= result.position <= len(result.text)
        assert f", at position {result.position} of " in str(result)
    else:
        assert asdict(Via.parse(str(result))) == asdict(result)
        assert result.address is None or address_text(result.address) == result.host


HOSTILE = {
    "letters": "a",
    "labels": "a.",
    "hyphens": "a-",
    "digits": "1",
    "zeros": "0",
    "groups": "a:",
    "colons": ":",
    "slashes": "/",
    "words": "a ",
    "spaces": " ",
    "folds": "\r\n ",
    "spaces and folds": "   \r\n  ",
    "carriage returns": "\r",
    "line feeds": "\n",
    "semicolons": ";",
    "parameters": ";a=b",
    "spaced parameters": " ; a = b",
    "equals signs": "=",
    "commas": ",",
    "quotation marks": '"',
    "backslashes": "\\",
    "escaped quotation marks": '\\"',
    "quoted strings": ';a="b"',
    "quoted folds": '"\r\n "',
    "brackets": "[",
    "header names": "Via:",
    "nul": "\x00",
    "surrogates": "\udc80",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("size", [60_000, 1_000_000])
def test_huge_texts_are_read_or_refused_at_once(unit: str, size: int) -> None:
    # In a time quadratic in the text, one of these would take minutes.
    via = "SIP/2.0/UDP a"
    for start in ("", "v:", "SIP/", "SIP/2.0/UDP ", f"{via}:", via, f"{via};", f'{via};b="'):
        for end in ("", '"', ",", "\x00"):
            result = outcome(start + unit * (size // len(unit)) + end)
            if isinstance(result, Via):
                assert size == 60_000
            else:
                assert len(str(result)) < 2_000


def test_what_is_too_long_for_any_datagram_is_refused() -> None:
    """Bounded work and memory; the grammar itself knows no limit."""
    longest = f"SIP/2.0/UDP a;b={'c' * 65_519}"
    assert Via.parse(longest).parameters == (("b", "c" * 65_519),)
    with pytest.raises(InvalidVia, match="no more than 65535 characters are read") as caught:
        Via.parse(f"{longest}c")
    assert caught.value.position == 65_535


def test_a_via_is_frozen_and_can_be_evolved() -> None:
    via = Via.parse("SIP/2.0/UDP a;rport")
    with pytest.raises(exceptions.FrozenInstanceError):
        via.host = "b"  # type: ignore[misc]  # it is what must fail
    assert str(evolve(via, parameters=(("rport", "5060"),))) == "SIP/2.0/UDP a;rport=5060"
