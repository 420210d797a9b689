"""RFC 3261 §25: the expression against the grammar, transcribed a second time and naively."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from strategies import joints, near_uris, runs, uri_parts, uris, written

from sipresolve.vocabulary.hosts import normal_host
from sipresolve.vocabulary.uri_grammar import normal_escapes, read, read_next_hop

# Rule by rule, with nothing done for speed. The names are those of the grammar, in its order.
ALPHANUM = "[A-Za-z0-9]"
UNRESERVED = "[A-Za-z0-9_.!~*'()-]"
ESCAPED = "%[0-9A-Fa-f][0-9A-Fa-f]"
TOKEN = f"(?:[A-Za-z0-9.!*_+`'~-]|{ESCAPED})+"
USER = f"(?:{UNRESERVED}|{ESCAPED}|[&=+$,;?/])+"
PASSWORD = f"(?:{UNRESERVED}|{ESCAPED}|[&=+$,])*"
DOMAINLABEL = f"(?:{ALPHANUM}|{ALPHANUM}(?:{ALPHANUM}|-)*{ALPHANUM})"
TOPLABEL = f"(?:[A-Za-z]|[A-Za-z](?:{ALPHANUM}|-)*{ALPHANUM})"
HOSTNAME = rf"(?:{DOMAINLABEL}\.)*{TOPLABEL}\.?"
IPV4ADDRESS = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
IPV6REFERENCE = r"\[[0-9A-Fa-f:.]+\]"
HOST = f"(?:{HOSTNAME}|{IPV4ADDRESS}|{IPV6REFERENCE})"
PARAMCHAR = rf"(?:[\[\]/:&+$]|{UNRESERVED}|{ESCAPED})"
URI_PARAMETER = f"(?:(?i:transport|user|method)={TOKEN}|{PARAMCHAR}+(?:={PARAMCHAR}+)?)"
HNV = rf"(?:[\[\]/?:+$]|{UNRESERVED}|{ESCAPED})"
HEADER = f"{HNV}+={HNV}*"
URI = re.compile(
    rf"(?i:sips?):(?:{USER}(?::{PASSWORD})?@)?(?P<host>{HOST})(?::(?P<port>[0-9]+))?"
    rf"(?P<parameters>(?:;{URI_PARAMETER})*)(?:\?{HEADER}(?:&{HEADER})*)?"
)


def is_uri(text: str) -> bool:
    """Whether the rules allow a text, and what they mean with it is possible."""
    found = URI.fullmatch(text)
    if found is None:
        return False
    pairs = [item.partition("=") for item in found["parameters"].split(";")[1:]]
    names = [normal_escapes(name).lower() for name, _, _ in pairs]
    return (
        is_possible_host(found["host"])
        and (found["port"] is None or 1 <= int(found["port"]) <= 65_535)
        and len(set(names)) == len(names)
        and all(is_possible(name, pair[2]) for name, pair in zip(names, pairs, strict=True))
    )


def is_possible_host(text: str) -> bool:
    if text.startswith("["):
        try:
            return bool(str(IPv6Address(text[1:-1])))
        except ValueError:
            return False
    if re.fullmatch(IPV4ADDRESS, text):
        return all(str(int(part)) == part and int(part) < 256 for part in text.split("."))
    name = text.removesuffix(".")
    return len(name) <= 253 and all(len(label) <= 63 for label in name.split("."))


def is_possible(name: str, value: str) -> bool:
    if name == "maddr":
        return bool(re.fullmatch(HOST, value)) and is_possible_host(value)
    if name == "ttl":
        return bool(re.fullmatch("[0-9]{1,3}", value)) and int(value) < 256
    return name not in {"transport", "user", "method"} or bool(re.fullmatch(TOKEN, value))


@given(uri_parts())
def test_the_parts_of_a_valid_uri_are_found(parts: dict[str, Any]) -> None:
    found = read(written(parts))
    assert found == {
        **parts,
        "scheme": parts["scheme"].lower(),
        "host": normal_host(parts["host"]),
        "parameters": tuple(
            (normal_escapes(name).lower(), value) for name, value in parts["parameters"]
        ),
        "headers": tuple(parts["headers"]),
    }


@given(uris)
def test_the_strategy_of_uris_follows_the_grammar(text: str) -> None:
    assert is_uri(text)


@given(near_uris() | joints.map("sip:".__add__))
@example("sip:a&%41@b%4")  # what possessive groups get wrong before Python 3.11.5
@example("sip:a-.")
@example("sip:1-.1-.b.")
@example("sip:a:b%@c")
@example("sip:a;transport=a`b")
@example("sip:a;transport=a:b")
@example("sip:a;p=a`b")
@example("sip:a;p`=b")
@example("sip:a;maddr=[::1].")
@example("sip:a;lr=")
@example("sip:a;;lr")
@example("sip:a?")
@example("sip:a?b=c&")
@example("sip:a?=c")
@example("sip:a?b=c=d")
@example("sip:a?b&c=d")
@example("sip:1.2.3.4.")
@example("sip:a\n")
@example("sip:a:5060\n")
def test_exactly_what_the_grammar_allows_is_read(text: str) -> None:
    assert (read(text) is not None) == is_uri(text)


@pytest.mark.parametrize(
    "unit", ["a", "a.", "a-", "1.", "%41", "%4", ":a", ";a=b", "&a=b", "[", "a:", " ", "0", "@"]
)
def test_reading_takes_a_time_linear_in_the_text(unit: str) -> None:
    # Each takes milliseconds; in a quadratic time, each would take hours.
    for start in ("sip:", "sip:a@", "sip:a:", "sip:a;b=", "sip:a?b=", "sip:[", "sip:a-a."):
        for end in ("", "@", "\n"):
            found = read(start + unit * (1_000_000 // len(unit)) + end)
            assert found is None or found["host"] == "a"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.com", "example.com", None),
        ("Example.com.:5060", "example.com", 5060),
        ("192.0.2.1:05070", "192.0.2.1", 5070),
        ("2001:db8::1", "2001:db8::1", None),
        ("fe80::1", "fe80::1", None),
        ("[2001:DB8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:5070", "2001:db8::1", 5070),
        # A port is told from the rest of another kind of URI by its digits.
        ("http:8080", "http", 8080),
        ("sip", "sip", None),
    ],
)
def test_a_next_hop_is_read(text: str, host: str, port: int | None) -> None:
    assert read_next_hop(text) == {
        "scheme": "sip",
        "user": None,
        "password": None,
        "host": host,
        "port": port,
        "parameters": (),
        "headers": (),
    }


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        # RFC 3261 §19.1.4: what is not reserved is equivalent to its escape, and only that.
        ("%61%6C%69ce", "alice"),
        ("%2D%5f%2e%21%7E%2a%27%28%29", "-_.!~*'()"),
        ("%3b%2f%3f%3a%40%26%3d%2b%24%2c", "%3B%2F%3F%3A%40%26%3D%2B%24%2C"),
        ("%5b%5D", "[]"),
        # Octets that can stand in no URI keep their escapes; "%25" keeps others from appearing.
        ("%00%20%7f%c3%a9", "%00%20%7F%C3%A9"),
        ("%2540", "%2540"),
        ("alice", "alice"),
    ],
)
def test_equivalent_escapes_have_one_spelling(text: str, normal: str) -> None:
    assert normal_escapes(text) == normal


@given(runs("aZ-%;@[".replace("%", "")))
def test_the_one_spelling_says_the_same_and_is_its_own(text: str) -> None:
    assert unquote(normal_escapes(text)) == unquote(text)
    assert normal_escapes(normal_escapes(text)) == normal_escapes(text)
