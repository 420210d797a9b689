"""RFC 3966 and RFC 4694: tel URIs; E.164, RFC 6116 §3.7: numbers to be mapped."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from attrs import asdict, evolve, exceptions
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import (
    any_tel_texts,
    global_numbers,
    separated,
    tel_parts,
    tels,
    written_subscribers,
)

from sipresolve.vocabulary.errors import InvalidNumber
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Callable

DIALLED = (
    "this is a dialled string, and those are not mapped (RFC 6116 §3.7): "
    "write the number with '+' and its country code"
)
PARSERS = (TelUri.parse, TelUri.parse_number, TelUri.parse_subscriber)


def parts(number: str, **given: Any) -> dict[str, Any]:
    nothing = {"extension": None, "subaddress": None, "phone_context": None, "parameters": ()}
    return {"number": number, **nothing, **given}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 3966 §6, all of its examples.
        ("tel:+1-201-555-0123", parts("+12015550123")),
        ("tel:7042;phone-context=example.com", parts("7042", phone_context="example.com")),
        ("tel:863-1234;phone-context=+1-914-555", parts("8631234", phone_context="+1914555")),
        # RFC 4694 §6: A, B, C, D, E, F, G.
        ("tel:+1-800-123-4567", parts("+18001234567")),
        (
            "tel:+1-800-123-4567;cic=+1-6789",
            parts("+18001234567", parameters=(("cic", "+1-6789"),)),
        ),
        ("tel:+1-202-533-1234", parts("+12025331234")),
        (
            "tel:+1-202-533-1234;npdi;rn=+1-202-544-0000",
            parts("+12025331234", parameters=(("npdi", None), ("rn", "+1-202-544-0000"))),
        ),
        ("tel:+1-202-533-6789;npdi", parts("+12025336789", parameters=(("npdi", None),))),
        (
            "tel:+1-202-533-1234;npdi;rn=+1-202-000-0000",
            parts("+12025331234", parameters=(("npdi", None), ("rn", "+1-202-000-0000"))),
        ),
        ("tel:+1-800-123-456", parts("+1800123456")),
        (
            "tel:+1-800-123-4567;cic=+1-56789",
            parts("+18001234567", parameters=(("cic", "+1-56789"),)),
        ),
        # RFC 3261 §19.1.6, in either order.
        (
            "tel:+358-555-1234567;POSTD=PP22;isub=1411",
            parts("+3585551234567", subaddress="1411", parameters=(("postd", "PP22"),)),
        ),
        # RFC 3966 §3: any separators, any order, names in either case.
        (
            "TEL:(9a)*.#1-;X=%2FB[];Phone-Context=Example.COM.;Ext=(1)2.-3",
            parts(
                "9A*#1", extension="123", phone_context="example.com", parameters=(("x", "%2FB[]"),)
            ),
        ),
        ("tel:+()1", parts("+1")),
        ("tel:+123456789012345", parts("+123456789012345")),
        ("tel:+1;isub=a/b?c:d@e&f=g+h$i,j%3Bk", parts("+1", subaddress="a/b?c:d@e&f=g+h$i,j%3Bk")),
        ("tel:1234567890123456;phone-context=a", parts("1234567890123456", phone_context="a")),
    ],
)
def test_a_tel_uri_is_read_into_its_parts(text: str, expected: dict[str, Any]) -> None:
    assert asdict(TelUri.parse(text)) == expected
    assert asdict(TelUri.parse(text.encode())) == expected
    assert asdict(TelUri.parse_number(f"\t {text} ")) == expected
    assert asdict(TelUri.parse_subscriber(text[4:])) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+442079460123", "+442079460123"),
        ("+44 20 7946 0123", "+442079460123"),
        (" +44 (20) 7946-0123\t", "+442079460123"),
        ("+ 1.201.555.0123", "+12015550123"),
        ("+1", "+1"),
    ],
)
def test_a_number_to_be_mapped_may_stand_alone_and_with_blanks(text: str, number: str) -> None:
    """ITU-T E.123 parts digits by blanks, which tel URIs must not (RFC 3966 §5.1.1)."""
    assert asdict(TelUri.parse_number(text)) == parts(number)
    assert asdict(TelUri.parse_number(text.encode())) == parts(number)


@pytest.mark.parametrize(
    ("uri", "tel"),
    [
        # RFC 3261 §19.1.6, and §19.1.3.
        ("sip:+358-555-1234567;postd=pp22@foo.com;user=phone", "tel:+3585551234567;postd=pp22"),
        ("sip:+1-212-555-1212:1234@gateway.com;user=phone", "tel:+12125551212"),
        (
            "sip:+12025331234;npdi;rn=+12025440000@example.com;user=phone",
            "tel:+12025331234;npdi;rn=+12025440000",
        ),
        ("sip:%2B44%2D20;%4Epdi;x=a%3Ab@a;user=phone", "tel:+4420;npdi;x=a:b"),
        ("sip:*21%23;phone-context=%2b44@a;user=phone", "tel:*21#;phone-context=+44"),
    ],
)
def test_the_user_part_of_a_sip_uri_is_a_subscriber(uri: str, tel: str) -> None:
    user = SipUri.parse(uri).user
    assert user is not None
    assert str(TelUri.parse_subscriber(user)) == tel


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (
            TelUri.parse,
            "tel:+44x",
            "'x' is not allowed in a global number, at position 7 of 'tel:+44x'",
        ),
        (
            TelUri.parse_number,
            " 020",
            f"{DIALLED}, at position 1 of ' 020'",
        ),
        (
            TelUri.parse_subscriber,
            "+44x",
            "'x' is not allowed in a global number, at position 3 of '+44x'",
        ),
    ],
)
def test_an_invalid_number_says_what_is_wrong_and_where(
    parse: Callable[[str], TelUri], text: str, message: str
) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse(text)
    assert str(caught.value) == message
    assert caught.value.text == text
    assert f", at position {caught.value.position} of " in message
    assert (caught.value.code, caught.value.from_input) == ("invalid-number", True)


def test_a_fault_of_a_user_part_is_counted_without_its_escapes() -> None:
    with pytest.raises(InvalidNumber) as caught:
        TelUri.parse_subscriber("%2B44%58")
    assert (caught.value.text, caught.value.position) == ("+44X", 3)


@pytest.mark.parametrize(
    ("given", "text", "position"),
    [
        (b"tel:+44\xff", "tel:+44\udcff", 7),
        ("tel:+٤٤".encode(), "tel:+٤٤", 5),
        (b"tel:+\x00", "tel:+\x00", 5),
    ],
)
def test_octets_beyond_ascii_are_in_no_number(given: bytes, text: str, position: int) -> None:
    for parse in (TelUri.parse, TelUri.parse_number):
        with pytest.raises(InvalidNumber) as caught:
            parse(given)
        assert (caught.value.text, caught.value.position) == (text, position)


@pytest.mark.parametrize("given", [None, 442079460123, ["tel:+44"], bytearray(b"tel:+44")])
def test_what_is_no_text_is_a_type_error(given: Any) -> None:
    for parse in PARSERS:
        with pytest.raises(TypeError, match="a telephone number is str or bytes, not"):
            parse(given)


@pytest.mark.parametrize(
    ("text", "is_global", "is_dipped"),
    [
        ("tel:+44", True, False),
        ("tel:44;phone-context=a", False, False),
        ("tel:+44;NPDI", True, True),
        ("tel:44;rn=+1;npdi;phone-context=a", False, True),
        ("tel:+44;x-npdi;npdi-x=1", True, False),
    ],
)
def test_what_a_number_is(text: str, *, is_global: bool, is_dipped: bool) -> None:
    tel = TelUri.parse(text)
    assert (tel.is_global, tel.is_dipped) == (is_global, is_dipped)


@pytest.mark.parametrize(
    ("parameters", "rn", "rn_context", "cic", "cic_context"),
    [
        ("", None, None, None, None),
        (";npdi", None, None, None, None),
        (";npdi;rn=+1-202-544-0000", "+12025440000", None, None, None),
        (";RN=5-b.(c);rn-context=+1-202", "5BC", "+1202", None, None),
        (";rn-context=Example.COM.;rn=+1a", "+1A", "example.com", None, None),
        (";cic=+1-6789", None, None, "+16789", None),
        (";cic=0-9a;Cic-Context=+1(b", None, None, "09A", "+1B"),
    ],
)
def test_what_portability_databases_said(
    parameters: str,
    rn: str | None,
    rn_context: str | None,
    cic: str | None,
    cic_context: str | None,
) -> None:
    """RFC 4694 §5: "the visual separators in them are removed before using the information"."""
    tel = TelUri.parse(f"tel:+1-202-533-1234{parameters}")
    assert (tel.routing_number, tel.routing_context) == (rn, rn_context)
    assert (tel.carrier, tel.carrier_context) == (cic, cic_context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tel:7042;phone-context=+1914555", "tel:+19145557042"),
        ("tel:863-1234;phone-context=+1-914-555", "tel:+19145558631234"),
        ("tel:1;phone-context=+44;npdi;ext=2;x=Y", "tel:+441;ext=2;npdi;x=Y"),
        ("tel:1;isub=2;phone-context=+44", "tel:+441;isub=2"),
        ("tel:+44-20", "tel:+4420"),
        ("tel:2345;phone-context=+12345678901", "tel:+123456789012345"),
    ],
)
def test_a_local_number_behind_its_context_is_a_global_one(text: str, expected: str) -> None:
    tel = TelUri.parse(text).globalised()
    assert str(tel) == expected
    assert tel.is_global
    assert tel.globalised() is tel


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tel:7042;phone-context=Example.com", "the phone-context 'example.com' is a domain"),
        ("tel:12;phone-context=fed", "the phone-context 'fed' is a domain"),
        ("tel:*21;phone-context=+44", "'\\*' is not allowed in a global number"),
        ("tel:b1;phone-context=+44", "'B' is not allowed in a global number"),
        ("tel:23456;phone-context=+12345678901", "15 digits at most \\(E.164\\), not 16"),
    ],
)
def test_other_local_numbers_do_not_become_global(text: str, message: str) -> None:
    tel = TelUri.parse(text)
    with pytest.raises(InvalidNumber, match=message) as caught:
        tel.globalised()
    assert (caught.value.text, caught.value.position) == (str(tel), 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 3966 §3: subaddress or extension, context, others "in lexicographical order".
        (
            "tel:1;z;phone-context=a;b=2;isub=3;a-c;a=B",
            "tel:1;isub=3;phone-context=a;a=B;a-c;b=2;z",
        ),
        ("TEL:+4-4;X=%4a;Ext=1-2", "tel:+44;ext=12;x=%4a"),
        ("tel:a#;phone-context=+4-4", "tel:A#;phone-context=+44"),
        (
            "tel:+1;rn=a-b;rn-context=A-b.Example.;npdi;cic=0(1;cic-context=+4-4",
            "tel:+1;cic=01;cic-context=+44;npdi;rn=AB;rn-context=a-b.example",
        ),
    ],
)
def test_a_number_is_written_in_one_order_and_without_separators(text: str, expected: str) -> None:
    assert str(TelUri.parse(text)) == expected


# RFC 3966 §4, each rule in turn.
EQUIVALENT = [
    # "equal, after removing all visual separators"
    ("tel:+1-201-555-0123", "tel:+1(201)555.0123"),
    ("tel:86-31;phone-context=a", "tel:8631;phone-context=a"),
    # "compared as a host name if it is a 'domainname' or digit by digit"
    ("tel:1;phone-context=Example.com", "tel:1;phone-context=example.COM."),
    ("tel:1;phone-context=+1-914", "tel:1;phone-context=+1914"),
    ("tel:+1;ext=1-2", "tel:+1;ext=12"),
    # "Parameters are compared according to 'pname', regardless of the order"
    ("tel:+1;a=1;b;ext=2", "tel:+1;ext=2;b;a=1"),
    # "URI comparisons are case-insensitive."
    ("TEL:+1;NPDI", "tel:+1;npdi"),
    ("tel:a#;phone-context=a", "tel:A#;phone-context=a"),
    ("tel:+1;x=Y", "tel:+1;X=y"),
    ("tel:+1;isub=aB", "tel:+1;isub=Ab"),
    # RFC 3261 §19.1.6 says so, too.
    ("tel:+358-555-1234567;postd=pp22", "tel:+358-555-1234567;POSTD=PP22"),
    (
        "tel:+358-555-1234567;postd=pp22;isub=1411",
        "tel:+358-555-1234567;isub=1411;postd=pp22",
    ),
    # §3: what is not reserved is "equivalent to" its escape.
    ("tel:+1;x=%41%2d", "tel:+1;x=a-"),
    ("tel:+1;isub=%61%3b", "tel:+1;isub=A%3B"),
    # RFC 4694 §5: separators are removed before use.
    ("tel:+1;rn=+1-2b;cic=+3.4", "tel:+1;cic=+34;rn=+12B"),
    ("tel:+1;rn=1;rn-context=A.b.", "tel:+1;rn=1-;rn-context=a.B"),
]

DIFFERENT = [
    # "Both must be either a 'local-number' or a 'global-number'"
    ("tel:+1", "tel:1;phone-context=a"),
    ("tel:+19145557042", "tel:7042;phone-context=+1914555"),
    ("tel:+1", "tel:+2"),
    ("tel:1;phone-context=a", "tel:1;phone-context=b"),
    ("tel:1;phone-context=+1", "tel:1;phone-context=+2"),
    # "If one URI has a parameter name not found in the other, the two URIs are not equal."
    ("tel:+1", "tel:+1;x"),
    ("tel:+1;x", "tel:+1;x=1"),
    ("tel:+1;x=1", "tel:+1;x=2"),
    ("tel:+1", "tel:+1;ext=1"),
    ("tel:+1;ext=1", "tel:+1;isub=1"),
    ("tel:+1;ext=1", "tel:+1;ext=2"),
    ("tel:+1;isub=1", "tel:+1;isub=2"),
    ("tel:+1;rn=+1", "tel:+1;rn=1;rn-context=a"),
    # What is reserved means something else where it is escaped.
    ("tel:+1;x=%2F", "tel:+1;x=/"),
]


@pytest.mark.parametrize(("one", "other"), EQUIVALENT)
def test_equivalent_numbers_are_equal_and_hash_alike(one: str, other: str) -> None:
    first, second = TelUri.parse(one), TelUri.parse(other)
    assert first == second
    assert second == first
    assert hash(first) == hash(second)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_numbers_are_not_equal(one: str, other: str) -> None:
    first, second = TelUri.parse(one), TelUri.parse(other)
    assert first != second
    assert second != first


def test_a_number_is_not_equal_to_its_text() -> None:
    assert TelUri.parse("tel:+1") != "tel:+1"


@given(st.data(), tel_parts())
def test_what_the_rfc_ignores_makes_no_difference(data: st.DataObject, parts: Any) -> None:
    changed = {**parts, "parameters": data.draw(st.permutations(parts["parameters"]))}
    one = TelUri.parse(f"tel:{data.draw(written_subscribers(parts))}")
    other = TelUri.parse(f"Tel:{data.draw(written_subscribers(changed))}".swapcase())
    assert one == other
    assert hash(one) == hash(other)


@given(tels)
@example("tel:+1;isub=a=b")
@example("tel:f;phone-context=f;rn=f;rn-context=f")
def test_parse_render_parse_gives_the_same(text: str) -> None:
    tel = TelUri.parse(text)
    again = TelUri.parse(str(tel))
    assert again == tel
    assert hash(again) == hash(tel)
    assert str(again) == str(tel)
    assert TelUri.parse_number(str(tel)) == tel


@given(st.data(), global_numbers)
def test_separators_and_blanks_anywhere_do_not_matter(data: st.DataObject, number: str) -> None:
    text = data.draw(separated(number, "-.() \t").filter(lambda text: "(0)" not in text))
    assert TelUri.parse_number(text).number == number


@given(global_numbers, global_numbers)
def test_a_context_of_digits_is_a_prefix(context: str, number: str) -> None:
    """RFC 3966 §5.1.5."""
    local = TelUri.parse(f"tel:{number[1:]};phone-context={context}")
    joined = f"{context}{number[1:]}"
    if len(joined) > len("+") + 15:
        with pytest.raises(InvalidNumber, match="15 digits at most"):
            local.globalised()
    else:
        assert local.globalised() == TelUri.parse_number(joined)


def outcome(parse: Callable[[str | bytes], TelUri], given: str | bytes) -> TelUri | InvalidNumber:
    try:
        return parse(given)
    except InvalidNumber as error:
        return error


@given(any_tel_texts | st.binary() | st.binary().map(b"tel:+1;".__add__))
def test_any_text_or_octets_give_a_number_or_invalid_number(given: str | bytes) -> None:
    for parse in PARSERS:
        result = outcome(parse, given)
        if isinstance(result, InvalidNumber):
            assert 0 <= result.position <= len(result.text)
            assert f", at position {result.position} of " in str(result)
        else:
            assert TelUri.parse(str(result)) == result
            assert result.is_global is (result.phone_context is None)


HOSTILE = [*"0aA+-(*#;=%:. \t\n\x00\udc80", "%41", "%4", ";a", ";a=b", ";a=%41", "a.", "a-", "+1"]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("size", [65_000, 300_000])
def test_huge_texts_are_read_or_refused_at_once(unit: str, size: int) -> None:
    # In a time quadratic in the text, one of these would take minutes.
    for start in ("", "tel:", "tel:+1", "tel:+1;x=", "tel:+1;isub=", "tel:1;phone-context="):
        for end in ("", "\x00"):
            for parse in PARSERS:
                result = outcome(parse, start + unit * (size // len(unit)) + end)
                if isinstance(result, TelUri):
                    assert size == 65_000
                else:
                    assert len(str(result)) < 2_000


def test_many_parameters_are_read_at_once() -> None:
    names = [f"p{number}" for number in range(9_000)]
    tel = TelUri.parse(f"tel:+1;{';'.join(names)}")
    assert [name for name, _ in tel.parameters] == names


def test_what_is_too_long_for_any_datagram_is_refused() -> None:
    """Bounded work and memory; the grammar itself knows no limit."""
    for parse in PARSERS:
        with pytest.raises(InvalidNumber, match="no more than 65535 characters are read") as caught:
            parse("+" * 65_536)
        assert caught.value.position == 65_535


def test_a_number_is_frozen_and_can_be_evolved() -> None:
    tel = TelUri.parse("tel:+44;npdi")
    with pytest.raises(exceptions.FrozenInstanceError):
        tel.number = "+1"  # type: ignore[misc]  # it is what must fail
    assert str(evolve(tel, parameters=())) == "tel:+44"


@given(tels)
def test_a_number_can_be_pickled_and_copied(text: str) -> None:
    tel = TelUri.parse(text)
    pickled = pickle.loads(pickle.dumps(tel))  # noqa: S301 - it is ours
    for twin in (pickled, copy.copy(tel), copy.deepcopy(tel)):
        assert asdict(twin) == asdict(tel)
        assert twin == tel
