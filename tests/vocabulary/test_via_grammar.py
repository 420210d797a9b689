"""RFC 3261 §25, RFC 3581 §5: the expression against the grammar, transcribed naively again."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import near_vias, via_joints, via_parts, vias, written_vias

from sipresolve.vocabulary.hosts import normal_host, read_host
from sipresolve.vocabulary.via_grammar import meaning, read, read_address, read_ttl

# Rule by rule, with nothing done for speed. The names are those of the grammar, in its order.
LWS = r"(?:[ \t]|\r?\n(?=[ \t]))+"
SWS = f"(?:{LWS})?"
TOKEN = "[A-Za-z0-9.!%*_+`'~-]+"  # noqa: S105 - no secret
SLASH, EQUAL, SEMI, COLON, COMMA = (f"{SWS}{separator}{SWS}" for separator in "/=;:,")
QDTEXT = r"""(?:[\t !#-\[\]-~\x80-\ud7ff\ue000-\U0010ffff]|\r?\n(?=[ \t]))"""
QUOTED_STRING = rf'"(?:{QDTEXT}|\\[\x00-\x09\x0b\x0c\x0e-\x7f])*"'
HOST = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"
GEN_VALUE = f"(?:{TOKEN}|{HOST}|{QUOTED_STRING})"
VIA_PARAMS = f"(?:(?i:received){EQUAL}[0-9A-Fa-f:.]+|{TOKEN}(?:{EQUAL}{GEN_VALUE})?)"
VIA_PARM = (
    f"{TOKEN}{SLASH}{TOKEN}{SLASH}{TOKEN}{LWS}(?P<host>{HOST})(?:{COLON}(?P<port>[0-9]+))?"
    f"(?P<parameters>(?:{SEMI}{VIA_PARAMS})*)"
)
VIA = re.compile(
    rf"[ \t\r\n]*(?:(?i:via|v)[ \t]*:{SWS})?{VIA_PARM}(?:{COMMA}.*|[ \t\r\n]*)", re.DOTALL
)
ITEM = re.compile(rf"{SEMI}({TOKEN})(?:{EQUAL}((?:{QUOTED_STRING}|[^ \t\r\n;])+))?")


def is_via(text: str) -> bool:
    """Whether the rules allow a text, and what they mean with it is possible."""
    found = VIA.fullmatch(text)
    if found is None:
        return False
    pairs = [(name.lower(), value) for name, value in ITEM.findall(found["parameters"])]
    return (
        read_host(found["host"]) is not None
        and (found["port"] is None or 1 <= int(found["port"]) <= 65_535)
        and len(dict(pairs)) == len(pairs)
        and all(is_possible(name, value) for name, value in pairs)
    )


def is_possible(name: str, value: str) -> bool:
    match name:
        case "ttl":
            return bool(re.fullmatch("[0-9]{1,3}", value)) and int(value) < 256
        case "rport":
            return not value or (bool(re.fullmatch("[0-9]+", value)) and 1 <= int(value) <= 65_535)
        case "branch":
            return bool(re.fullmatch(TOKEN, value))
        case "maddr":
            return read_host(value) is not None
        case "received":
            return is_address(value)
    return not value.startswith("[") or is_address(value)


def is_address(text: str) -> bool:
    try:
        address = ip_address(re.sub(r"\A\[(.*:.*)\]\Z", r"\1", text))
    except ValueError:
        return False
    return "%" not in text and (address.version == 6 or str(address) == text)


@given(via_parts(), st.data())
def test_the_parts_of_a_valid_via_are_found(parts: dict[str, Any], data: st.DataObject) -> None:
    found = read(data.draw(written_vias(parts)))
    assert found == {
        **parts,
        "transport": parts["transport"].lower(),
        "host": normal_host(parts["host"]),
        "parameters": tuple(
            (name.lower(), value and re.sub(r"\r?\n[ \t]+", " ", value))
            for name, value in parts["parameters"]
        ),
    }


@given(vias)
def test_the_strategy_of_vias_follows_the_grammar(text: str) -> None:
    assert is_via(text)


@given(near_vias() | via_joints.map("SIP/2.0/UDP a".__add__) | via_joints.map("S/2/U a;b=".__add__))
@example("SIP/2.0/UDP a")
@example("SIP/2.0/UDP\ta")
@example("SIP/2.0/UDP\n a")
@example("SIP/2.0/UDP\na")
@example("SIP/2.0/UDP\r a")
@example("SIP/2.0/UDPa")
@example("SIP/2.0/UDP a:")
@example("SIP/2.0/UDP a:5060 :")
@example("SIP/2.0/UDP a b")
@example("SIP/2.0/UDP a,")
@example("SIP/2.0/UDP a\r\n,")
@example("SIP/2.0/UDP a;b=c=d")
@example("SIP/2.0/UDP a;b=")
@example("SIP/2.0/UDP a;b=[::1]")
@example("SIP/2.0/UDP a;b=[::1].")
@example("SIP/2.0/UDP a;b=::1")
@example("SIP/2.0/UDP a;received=::1")
@example("SIP/2.0/UDP a;received=[192.0.2.1]")
@example("SIP/2.0/UDP a;received=a.example")
@example("SIP/2.0/UDP a;received=::1%1")
@example("SIP/2.0/UDP a;rport=65536")
@example("SIP/2.0/UDP a;b;B")
@example('SIP/2.0/UDP a;b="\\\n "')
@example('SIP/2.0/UDP a;b="\\"')
@example('SIP/2.0/UDP a;b=""c')
@example('SIP/2.0/UDP a;b=c""')
@example('SIP/2.0/UDP a;b="\x7f"')
@example('SIP/2.0/UDP a;b="\ud800"')
@example("via/2.0/UDP a")
@example("Via\r\n : SIP/2.0/UDP a")
@example("Via: Via: SIP/2.0/UDP a")
def test_exactly_what_the_grammar_allows_is_read(text: str) -> None:
    assert (read(text) is not None) == is_via(text)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "a.",
            "a-",
            "1.",
            "0",
            "/",
            " ",
            " \r\n ",
            "\r\n ",
            "\r",
            "a:",
            "[",
            ",",
            "ü",
            "via:",
        ),
        *(";", ";a", ";a=b", " ; a = b", ";a=[", ';a="b"', '"', ':"', "\\", '\\"'),
    ],
)
def test_reading_takes_a_time_linear_in_the_text(unit: str) -> None:
    # Each takes milliseconds; in a quadratic time, each would take hours.
    via = "SIP/2.0/UDP a"
    for start in ("", "Via:", "SIP", "SIP/2.0/UDP", f"{via}:", via, f"{via};b=", f'{via};b="'):
        for end in ("", '"', "\x00"):
            found = read(start + unit * (300_000 // len(unit)) + end)
            assert found is None or found["host"] == "a"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", IPv4Address("192.0.2.1")),
        ("2001:DB8::1", IPv6Address("2001:db8::1")),
        ("[2001:db8::1]", IPv6Address("2001:db8::1")),  # RFC 5118 §4.5
        ("::ffff:192.0.2.1", IPv6Address("::ffff:192.0.2.1")),
        ("192.0.2.01", None),
        ("[192.0.2.1]", None),
        ("example.com", None),
        ("fe80::1%1", None),
        ("", None),
    ],
)
def test_received_is_an_address(text: str, address: IPv4Address | IPv6Address | None) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    ("text", "ttl"), [("0", 0), ("1", 1), ("016", 16), ("255", 255), ("256", None), ("0001", None)]
)
def test_a_ttl_is_a_number_of_three_digits_up_to_255(text: str, ttl: int | None) -> None:
    assert read_ttl(text) == ttl


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        # §7.3.1: "Tokens are always case-insensitive."
        ("branch", "z9hG4bKab", "Z9HG4BKAB"),
        ("x", "a", "A"),
        # By value.
        ("received", "2001:db8::1", "[2001:DB8:0::1]"),
        ("rport", "5060", "05060"),
        ("ttl", "16", "016"),
        ("maddr", "[::1]", "[0::1]"),
        ("maddr", "Example.COM.", "example.com"),
        ("x", "[::1]", "[0::1]"),
        # A quoted pair is the character; §25.1: linear white space "has the same semantics as SP".
        ("x", r'"a\b"', '"ab"'),
        ("x", '"a \t b"', '"a b"'),
        ("x", r'"a\ \ b"', r'"a\  b"'),
    ],
)
def test_equal_values_mean_the_same(name: str, one: str, other: str) -> None:
    assert meaning(name, one) == meaning(name, other)
    assert meaning(name, one) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # §7.3.1: "values expressed as quoted strings are case-sensitive".
        ('"a"', '"A"'),
        ('"a"', "a"),
        ('"a b"', r'"a\ \ b"'),
        (r'"\""', '""'),
        (r'"\\"', r'"\""'),
    ],
)
def test_different_values_mean_something_else(one: str, other: str) -> None:
    assert meaning("x", one) != meaning("x", other)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("ttl", "256"), ("rport", "0"), ("branch", '"a"'), ("maddr", "a_b"), ("received", "a")),
        *(("x", "a:b"), ("x", "[a]"), ("x", "[::1")),
    ],
)
def test_what_a_parameter_cannot_have_means_nothing(name: str, value: str) -> None:
    assert meaning(name, value) is None
