"""RFC 3261 §19.1: SIP and SIPS URIs; RFC 3263 §4: TARGET."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from attrs import asdict, evolve, exceptions
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import UNRESERVED, any_texts, hosts, uri_parts, uris, written

from sipresolve.vocabulary.errors import InvalidUri
from sipresolve.vocabulary.hosts import address_text
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Callable

UNUSUAL = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"


def parts(**given: Any) -> dict[str, Any]:
    nothing = {"user": None, "password": None, "port": None, "parameters": (), "headers": ()}
    return {"scheme": "sip", **nothing, **given}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 3261 §19.1.3, all of its examples.
        ("sip:alice@atlanta.com", parts(user="alice", host="atlanta.com")),
        (
            "sip:alice:secretword@atlanta.com;transport=tcp",
            parts(
                user="alice",
                password="secretword",  # noqa: S106 - the RFC's own example
                host="atlanta.com",
                parameters=(("transport", "tcp"),),
            ),
        ),
        (
            "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
            parts(
                scheme="sips",
                user="alice",
                host="atlanta.com",
                headers=(("subject", "project%20x"), ("priority", "urgent")),
            ),
        ),
        (
            "sip:+1-212-555-1212:1234@gateway.com;user=phone",
            parts(
                user="+1-212-555-1212",
                password="1234",  # noqa: S106 - the RFC's own example
                host="gateway.com",
                parameters=(("user", "phone"),),
            ),
        ),
        ("sips:1212@gateway.com", parts(scheme="sips", user="1212", host="gateway.com")),
        ("sip:alice@192.0.2.4", parts(user="alice", host="192.0.2.4")),
        (
            "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
            parts(
                host="atlanta.com",
                parameters=(("method", "REGISTER"),),
                headers=(("to", "alice%40atlanta.com"),),
            ),
        ),
        ("sip:alice;day=tuesday@atlanta.com", parts(user="alice;day=tuesday", host="atlanta.com")),
        # RFC 4475 §3.1.1.1, §3.1.1.2, §3.1.1.3, §3.1.1.4, §3.1.1.9, §3.1.2.11.
        (
            "sip:vivekg@chair-dnrc.example.com;unknownparam",
            parts(
                user="vivekg",
                host="chair-dnrc.example.com",
                parameters=(("unknownparam", None),),
            ),
        ),
        (
            f"sip:{UNUSUAL}:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
            parts(
                user=UNUSUAL,
                password="&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",  # noqa: S106 - likewise
                host="example.com",
            ),
        ),
        (
            "sip:sips%3Auser%40example.com@example.net",
            parts(user="sips%3Auser%40example.com", host="example.net"),
        ),
        ("sip:null-%00-null@example.com", parts(user="null-%00-null", host="example.com")),
        (
            "sip:user;par=u%40example.net@example.com",
            parts(user="user;par=u%40example.net", host="example.com"),
        ),
        (
            "sip:user@example.com?Route=%3Csip:example.com%3E",
            parts(
                user="user",
                host="example.com",
                headers=(("Route", "%3Csip:example.com%3E"),),
            ),
        ),
        # RFC 5118 §4.1 to §4.4 and §4.10: brackets are needed, and tell a port from a group.
        ("sip:[2001:db8::10]", parts(host="2001:db8::10")),
        ("sip:2001:db8::10", None),
        ("sip:[2001:db8::10:5070]", parts(host="2001:db8::10:5070")),
        ("sip:[2001:db8::10]:5070", parts(host="2001:db8::10", port=5070)),
        ("sip:user@[2001:db8::10]:5070", parts(user="user", host="2001:db8::10", port=5070)),
        ("sip:user@[2001:db8:::192.0.2.1]", None),
        ("sip:user@[2001:db8::192.0.2.1]", parts(user="user", host="2001:db8::c000:201")),
        # RFC 3261 §19.1.1: scheme, host and names of parameters are case-insensitive.
        (
            "SiPs:Alice@EXAMPLE.com.:05061;Transport=TCP;LR;maddr=[2001:DB8::1]",
            parts(
                scheme="sips",
                user="Alice",
                host="example.com",
                port=5061,
                parameters=(("transport", "TCP"), ("lr", None), ("maddr", "[2001:DB8::1]")),
            ),
        ),
        # §25: password may be empty, hvalue too, and one hname may come twice.
        ("sip:a:@b?c=&c=", parts(user="a", password="", host="b", headers=(("c", ""), ("c", "")))),
        # §19.1.4: an escape of a letter is the letter.
        ("sip:a;%54tl=1", parts(host="a", parameters=(("ttl", "1"),))),
        # The userinfo goes as far as its grammar: here to the only "@".
        ("sip:example.com;lr@b", parts(user="example.com;lr", host="b")),
        ("sip:example.com?to=a@b", parts(user="example.com?to=a", host="b")),
        ("sip:example.com:5060;lr@b", None),
    ],
)
def test_a_uri_is_read_into_its_parts(text: str, expected: dict[str, Any] | None) -> None:
    if expected is None:
        with pytest.raises(InvalidUri):
            SipUri.parse(text)
    else:
        assert asdict(SipUri.parse(text)) == expected
        assert asdict(SipUri.parse_target(text)) == expected
        assert asdict(SipUri.parse(text.encode())) == expected


def test_an_invalid_uri_says_what_is_wrong_and_where() -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse("sip:example.com:99999")
    assert caught.value.position == 16
    assert caught.value.text == "sip:example.com:99999"
    assert str(caught.value) == (
        "a port is a number of 1 to 65535, not '99999', at position 16 of 'sip:example.com:99999'"
    )


@pytest.mark.parametrize(
    ("given", "text", "position"),
    [
        (b"sip:b\xc3\xbccher.example", "sip:bücher.example", 5),
        (b"sip:\xff@example.com", "sip:\udcff@example.com", 4),
        (b"example.com\xff", "example.com\udcff", 11),
        (b"\x00", "\x00", 0),
    ],
)
def test_octets_beyond_ascii_are_in_no_uri(given: bytes, text: str, position: int) -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse_target(given)
    assert (caught.value.text, caught.value.position) == (text, position)


@pytest.mark.parametrize("given", [None, 5060, ["sip:example.com"], bytearray(b"sip:a")])
def test_what_is_no_text_is_a_type_error(given: Any) -> None:
    for parse in (SipUri.parse, SipUri.parse_target):
        with pytest.raises(TypeError, match="a URI is str or bytes, not"):
            parse(given)


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("example.com", "sip:example.com"),
        ("Example.com.:5070", "sip:example.com:5070"),
        ("192.0.2.1", "sip:192.0.2.1"),
        ("192.0.2.1:5070", "sip:192.0.2.1:5070"),
        ("2001:db8::1", "sip:[2001:db8::1]"),
        ("[2001:db8::1]", "sip:[2001:db8::1]"),
        ("[2001:db8::1]:5070", "sip:[2001:db8::1]:5070"),
        (f"a:{'0' * 65_000}1", "sip:a:1"),
        ("SIP:alice@example.com", "sip:alice@example.com"),
        ("sips:example.com", "sips:example.com"),
    ],
)
def test_a_target_is_a_uri_or_a_next_hop(text: str, uri: str) -> None:
    """RFC 3263 §4: "a temporary URI … of the form sip:<proxy>"."""
    assert str(SipUri.parse_target(text)) == uri


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://example.com", "the scheme 'http' is neither 'sip' nor 'sips'"),
        ("sip:5060", "'5060' is no IPv4 address"),
        ("alice@example.com", "'@' cannot stand without a scheme"),
    ],
)
def test_what_is_no_target_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidUri, match=message):
        SipUri.parse_target(text)


@pytest.mark.parametrize(
    ("text", "maddr", "target", "address"),
    [
        ("sip:Example.com.", None, "example.com", None),
        ("sip:192.0.2.1", None, "192.0.2.1", "192.0.2.1"),
        ("sip:[2001:DB8::1]", None, "2001:db8::1", "2001:db8::1"),
        ("sip:a.example;maddr=B.Example.", "b.example", "b.example", None),
        ("sip:a.example;maddr=192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("sip:192.0.2.2;maddr=[2001:DB8::1]", "2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("sip:192.0.2.2;maddr=a.example", "a.example", "a.example", None),
    ],
)
def test_target_is_maddr_or_the_host(
    text: str, maddr: str | None, target: str, address: str | None
) -> None:
    """RFC 3263 §4: TARGET is the value of the maddr parameter, if present, else the host."""
    uri = SipUri.parse(text)
    assert (uri.maddr, uri.target) == (maddr, target)
    assert uri.target_address == (None if address is None else ip_address(address))


def test_address_is_that_of_the_host_whatever_maddr_says() -> None:
    assert SipUri.parse("sip:192.0.2.2;maddr=a.example").address == ip_address("192.0.2.2")
    assert SipUri.parse("sip:a.example;maddr=192.0.2.2").address is None


@pytest.mark.parametrize(
    ("text", "transport"),
    [
        ("sip:a", None),
        ("sip:a;lr;Transport=TCP", "tcp"),
        ("sip:a;transport=t%63%50", "tcp"),
        ("sip:a;%54ransport=udp", "udp"),
        ("sip:a;transport=carrier-pigeon`", "carrier-pigeon`"),
    ],
)
def test_transport_is_in_lower_case_and_unescaped(text: str, transport: str | None) -> None:
    assert SipUri.parse(text).transport == transport


@pytest.mark.parametrize(
    ("uri", "is_phone"),
    [
        # RFC 3261 §19.1.6, its examples
        ("sip:+358-555-1234567;postd=pp22@foo.com;user=phone", True),
        ("sip:+358-555-1234567@foo.com", False),
        # §19.1.4: but for the userinfo, "case-insensitive unless explicitly defined otherwise"
        ("sips:alice@foo.com;USER=Phone", True),
        ("sip:+358@foo.com;user=%70hone", True),
        ("sip:+358@foo.com;transport=tcp;user=phone;lr", True),
        ("sip:foo.com;user=phone", True),
        ("sip:+358@foo.com;user=ip", False),
        ("sip:+358@foo.com;user=phones", False),
        ("sip:phone@foo.com;phone=user", False),
    ],
)
def test_whether_the_user_is_a_telephone_number(uri: str, *, is_phone: bool) -> None:
    assert SipUri.parse(uri).is_phone is is_phone


# RFC 3261 §19.1.4. "The URIs within each of the following sets are equivalent", then more.
EQUIVALENT = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    # "Note that equality is not transitive", the first two of its three bullets.
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=off"),
    # "case-insensitive unless explicitly defined otherwise"
    ("SIP:a@b", "sip:a@B."),
    ("sip:a;x=Y", "sip:a;X=y"),
    ("sip:a?Subject=Next", "sip:a?subject=nexT"),
    ("sip:a;lr", "sip:a"),
    # "Characters other than those in the reserved set are equivalent to their encoding."
    ("sip:a%2eb:%7e@c", "sip:a.b:~@c"),
    ("sip:a%c3%a9@c", "sip:a%C3%A9@c"),
    ("sip:a;x=%5b%41", "sip:a;x=[a"),
    ("sip:a?%73=%2d", "sip:a?s=-"),
    # RFC 5954 §4.2: spellings of one address are equal.
    ("sip:bob@[::ffff:c000:280]", "sip:bob@[::ffff:192.0.2.128]"),
    ("sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:01]"),
    ("sip:[2001:db8::1];maddr=[::1]", "sip:[2001:DB8:0::1];maddr=[0::1]"),
    ("sip:a;maddr=Example.com", "sip:a;maddr=example.COM."),
]

DIFFERENT = [
    # "The URIs within each of the following sets are not equivalent".
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    # "A SIP and SIPS URI are never equivalent."
    ("sip:a@b", "sips:a@b"),
    # "A URI omitting the user component will not match a URI that includes one", password likewise.
    ("sip:b", "sip:a@b"),
    ("sip:a@b", "sip:a:@b"),
    ("sip:a:p@b", "sip:a:P@b"),
    # What is reserved means something else where it is escaped.
    ("sip:a+b@c", "sip:a%2Bb@c"),
    ("sip:a%2540@c", "sip:a%40@c"),
    # "A user, ttl, or method uri-parameter appearing in only one URI never matches", nor maddr.
    ("sip:a", "sip:a;user=ip"),
    ("sip:a", "sip:a;ttl=1"),
    ("sip:a", "sip:a;method=INVITE"),
    ("sip:a", "sip:a;maddr=a"),
    ("sip:a", "sip:a;transport=tcp"),
    # "Any uri-parameter appearing in both URIs must match."
    ("sip:a;transport=tcp", "sip:a;transport=udp"),
    ("sip:a;x", "sip:a;x=1"),
    # §25.1: methods are defined in capitals; §20.8: Call-IDs are compared byte by byte.
    ("sip:a;method=INVITE", "sip:a;method=invite"),
    ("sip:a?Call-ID=a", "sip:a?Call-ID=A"),
    ("sip:a?body=a", "sip:a?body=A"),
    # "Any present header component MUST be present in both URIs and match."
    ("sip:a?b=c", "sip:a?b=d"),
    ("sip:a?b=c&b=c", "sip:a?b=c"),
]


@pytest.mark.parametrize(("one", "other"), EQUIVALENT)
def test_equivalent_uris_are_equal_and_hash_alike(one: str, other: str) -> None:
    first, second = SipUri.parse(one), SipUri.parse(other)
    assert first == second
    assert second == first
    assert hash(first) == hash(second)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_uris_are_not_equal(one: str, other: str) -> None:
    first, second = SipUri.parse(one), SipUri.parse(other)
    assert first != second
    assert second != first


def test_a_uri_is_not_equal_to_its_text() -> None:
    assert SipUri.parse("sip:a") != "sip:a"


@given(uri_parts(), st.randoms(use_true_random=False))
def test_what_the_rfc_ignores_makes_no_difference(given: dict[str, Any], rng: Any) -> None:
    changed = dict(given)
    changed["scheme"] = given["scheme"].swapcase()
    changed["host"] = given["host"].swapcase()
    changed["parameters"] = rng.sample(given["parameters"], len(given["parameters"]))
    changed["parameters"].append(("x-not-in-the-other", "1"))
    changed["headers"] = rng.sample(given["headers"], len(given["headers"]))
    if given["user"]:
        changed["user"] = _escaped(given["user"])
    one, other = SipUri.parse(written(given)), SipUri.parse(written(changed))
    assert one == other
    assert hash(one) == hash(other)


def _escaped(user: str) -> str:
    head, *escapes = user.split("%")
    plain = "".join(f"%{ord(char):02x}" if char in UNRESERVED else char for char in head)
    return "%".join([plain, *escapes])


@given(uris)
@example("sip:a:@b?c=&c=")
@example("sip:[::ffff:192.0.2.1]")
def test_parse_render_parse_gives_the_same(text: str) -> None:
    uri = SipUri.parse(text)
    again = SipUri.parse(str(uri))
    assert asdict(again) == asdict(uri)
    assert again == uri
    assert hash(again) == hash(uri)
    assert str(again) == str(uri)


@given(hosts, st.none() | st.integers(1, 65_535))
def test_a_bare_host_is_the_temporary_uri_of_the_rfc(host: str, port: int | None) -> None:
    text = host if port is None else f"{host}:{port}"
    assert asdict(SipUri.parse_target(text)) == asdict(SipUri.parse(f"sip:{text}"))


def outcome(parse: Callable[[str | bytes], SipUri], given: str | bytes) -> SipUri | InvalidUri:
    try:
        return parse(given)
    except InvalidUri as error:
        return error


@given(any_texts | st.binary() | st.binary().map(b"sip:".__add__))
@example("sip:[::1%1]")
def test_any_text_or_octets_give_a_uri_or_invalid_uri(given: str | bytes) -> None:
    for parse in (SipUri.parse, SipUri.parse_target):
        result = outcome(parse, given)
        if isinstance(result, InvalidUri):
            assert 0 <= result.position <= len(result.text)
            assert f", at position {result.position} of " in str(result)
        else:
            assert asdict(SipUri.parse(str(result))) == asdict(result)
            address = result.target_address
            assert (address_text(address) if address else result.target) == result.target


HOSTILE = {
    "letters": "a",
    "labels": "a.",
    "hyphens": "a-",
    "only hyphens": "-",
    "digits": "1",
    "octets": "1.",
    "escapes": "%41",
    "broken escapes": "%4",
    "colons": ":",
    "at signs": "@",
    "semicolons": ";",
    "parameters": ";a=b",
    "headers": "&a=b",
    "brackets": "[",
    "groups": "a:",
    "white space": " ",
    "zeros": "0",
    "nul": "\x00",
    "surrogates": "\udc80",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("size", [65_000, 1_000_000])
def test_huge_texts_are_read_or_refused_at_once(unit: str, size: int) -> None:
    # In a time quadratic in the text, one of these would take minutes.
    for start in ("", "sip:", "sip:a@", "sip:a:", "sip:a;", "sip:a?", "sip:["):
        for end in ("", "@", "@a", "\x00"):
            result = outcome(SipUri.parse_target, start + unit * (size // len(unit)) + end)
            if isinstance(result, SipUri):
                assert size == 65_000
            else:
                assert len(str(result)) < 2_000


def test_what_is_too_long_for_any_datagram_is_refused() -> None:
    """Bounded work and memory; the grammar itself knows no limit."""
    assert SipUri.parse(f"sip:{'a' * 65_529}@b").user == "a" * 65_529
    with pytest.raises(InvalidUri, match="no more than 65535 characters are read") as caught:
        SipUri.parse(f"sip:{'a' * 65_530}@b")
    assert caught.value.position == 65_535


def test_a_uri_is_frozen_and_can_be_evolved() -> None:
    uri = SipUri.parse("sip:alice@example.com;lr")
    with pytest.raises(exceptions.FrozenInstanceError):
        uri.host = "example.net"  # type: ignore[misc]  # it is what must fail
    assert str(evolve(uri, scheme="sips")) == "sips:alice@example.com;lr"
