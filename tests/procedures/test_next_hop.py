"""RFC 3261 §16.6 and §8.1.2: a SIPS Request-URI makes the Route's URI be located as SIPS."""

from __future__ import annotations

import pytest
from hypothesis import given
from simulation import Simulation, zone
from strategies import any_texts, uris

from sipresolve.procedures.next_hop import next_hop, wants_sips
from sipresolve.vocabulary.errors import InvalidUri, UnsupportedTransport
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.uri import SipUri

SIPS = "sips:bob@biloxi.example"


@pytest.mark.parametrize(
    ("why", "route", "request_uri", "expected"),
    [
        ("a SIPS Request-URI", "sip:p1.example;lr", SIPS, "sips:p1.example;lr"),
        ("in either case (§19.1.1)", "sip:p1.example", "SIPS:bob@biloxi.example",
         "sips:p1.example"),
        ("the port is kept", "sip:p1.example:5060;lr", SIPS, "sips:p1.example:5060;lr"),
        ("so is the transport", "sip:p1.example;transport=tcp", SIPS,
         "sips:p1.example;transport=tcp"),
        ("so is maddr", "sip:p1.example;maddr=192.0.2.1", SIPS, "sips:p1.example;maddr=192.0.2.1"),
        ("so is the user", "sip:tok-1@p1.example", SIPS, "sips:tok-1@p1.example"),
        ("a Route that is SIPS already", "sips:p1.example", SIPS, "sips:p1.example"),
        ("a SIP Request-URI takes nothing away", "sips:p1.example", "sip:bob@biloxi.example",
         "sips:p1.example"),
        ("a SIP Request-URI", "sip:p1.example", "sip:bob@biloxi.example", "sip:p1.example"),
        ("a tel Request-URI", "sip:p1.example", "tel:+442079460123", "sip:p1.example"),
        ("a tel Request-URI and a SIPS Route", "sips:p1.example", "tel:+442079460123",
         "sips:p1.example"),
        ("another scheme", "sip:p1.example", "urn:service:sos", "sip:p1.example"),
        ("a scheme that only begins like it", "sip:p1.example", "sipsy:bob@biloxi.example",
         "sip:p1.example"),
        ("no Request-URI", "sip:p1.example", None, "sip:p1.example"),
    ],
)  # fmt: skip
def test_what_is_located(why: str, route: str, request_uri: str | None, expected: str) -> None:
    given_uri = SipUri.parse(route)
    assert str(next_hop(given_uri, request_uri)) == expected, why
    assert str(given_uri) == route, "what was given is left alone"


def test_a_request_uri_may_have_been_read_before() -> None:
    route = SipUri.parse("sip:p1.example")
    assert next_hop(route, SipUri.parse(SIPS)).scheme == "sips"
    assert next_hop(route, SipUri.parse("sip:bob@biloxi.example")) is route


@pytest.mark.parametrize(
    ("request_uri", "expected"),
    [
        (None, False),
        (SIPS, True),
        ("SIPS:bob@biloxi.example", True),
        ("sip:bob@biloxi.example", False),
        ("tel:+442079460123", False),
        ("SIPSY:bob@biloxi.example", False),
        (SipUri.parse(SIPS), True),
        (SipUri.parse("sip:bob@biloxi.example"), False),
    ],
)
def test_whether_a_request_has_to_go_as_a_sips_request(
    request_uri: str | SipUri | None, *, expected: bool
) -> None:
    """Also where a number is located, and each URI that it leads to."""
    assert wants_sips(request_uri) is expected


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "nonsense",
        "bob@biloxi.example",
        "sips",
        "sips:",
        "sips:bob@",
        "sips:bob@biloxi_example",
        "sip:bob@biloxi.example:0",
        "SIPS:[2001:db8::1",
        # §25.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), so these have none; a SIPS
        # URI that is taken for one of another scheme would go out in the clear.
        " sips:bob@biloxi.example",
        "<sips:bob@biloxi.example>",
        "sips :bob@biloxi.example",
        "\tsips:bob@biloxi.example",
        "\N{LATIN SMALL LETTER LONG S}ips:bob@biloxi.example",
        ":",
    ],
)
def test_what_is_no_uri_is_refused(nonsense: str) -> None:
    with pytest.raises(InvalidUri) as caught:
        next_hop(SipUri.parse("sip:p1.example"), nonsense)
    assert caught.value.text == nonsense
    with pytest.raises(InvalidUri):
        wants_sips(nonsense)


@given(route=uris, request_uri=any_texts)
def test_any_text_gives_a_uri_or_our_own_error(route: str, request_uri: str) -> None:
    uri = SipUri.parse(route)
    try:
        found = next_hop(uri, request_uri)
    except InvalidUri:
        return
    assert found.scheme in {uri.scheme, "sips"}


# --- What comes of it

RECORDS = """
    p1.example NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.p1.example
    p1.example NAPTR 1 2 "s" "SIPS+D2T" "" _sips._tcp.p1.example
    _sip._udp.p1.example SRV 1 1 5070 p1.example
    _sip._tcp.p1.example SRV 1 1 5071 p1.example
    _sips._tcp.p1.example SRV 1 1 5072 p1.example
    p1.example A 192.0.2.1
"""


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("sip:p1.example;lr", "tls 192.0.2.1:5072"),
        ("sip:p1.example;transport=tcp;lr", "tls 192.0.2.1:5072"),
        ("sip:p1.example;transport=tls;lr", "tls 192.0.2.1:5072"),
        ("sip:p1.example:5060;lr", "tls 192.0.2.1:5060"),
        ("sip:192.0.2.9;lr", "tls 192.0.2.9:5061"),
        ("sip:192.0.2.9:5060;transport=tcp;lr", "tls 192.0.2.9:5060"),
        ("sip:p2.example;maddr=p1.example", "tls 192.0.2.1:5072"),
    ],
)
def test_a_sips_request_takes_no_other_way_than_tls(route: str, expected: str) -> None:
    """§16.6: "the proxy MUST follow the procedures of [4] as if the input URI were a SIPS URI"."""
    located = next_hop(SipUri.parse(route), SIPS)
    for large in (False, True):
        resolution = Simulation(zone(RECORDS)).resolve(str(located), large=large)
        assert [str(target) for target in resolution.targets] == [expected]


@pytest.mark.parametrize(
    ("route", "transports"),
    [
        ("sip:p1.example;transport=udp;lr", ("udp", "tcp", "tls")),
        ("sip:192.0.2.9;transport=udp;lr", ("udp", "tcp", "tls")),
        ("sip:p1.example;lr", ("udp", "tcp")),
        ("sip:p1.example;transport=tcp;lr", ("udp", "tcp")),
    ],
)
def test_a_route_that_cannot_be_sips(route: str, transports: tuple[str, ...]) -> None:
    """RFC 3261 §26.2.2: UDP carries no TLS; and a client may have none."""
    located = next_hop(SipUri.parse(route), SIPS)
    simulation = Simulation(zone(RECORDS), policy=Policy(transports=transports))
    with pytest.raises(UnsupportedTransport) as caught:
        simulation.resolve(str(located))
    assert caught.value.from_input
