"""RFC 3966 §3, RFC 4694 §4: the reader against the grammar, transcribed a second time, naively."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import (
    any_tel_texts,
    near_tels,
    separated,
    tel_joints,
    tel_parts,
    tels,
    written_subscribers,
)

from sipresolve.vocabulary.number_grammar import (
    contradictions,
    is_too_long,
    meaning,
    normal_subscriber,
    read_given,
    read_number,
    read_subscriber,
    read_tel,
)

# Rule by rule, with nothing done for speed. The names are those of the grammars, in their order.
SEPARATOR = "[-.()]"
PHONEDIGIT = f"(?:[0-9]|{SEPARATOR})"
PHONEDIGIT_HEX = f"(?:[0-9A-Fa-f*#]|{SEPARATOR})"
GLOBAL_NUMBER_DIGITS = rf"\+{PHONEDIGIT}*[0-9]{PHONEDIGIT}*"
LOCAL_NUMBER_DIGITS = f"{PHONEDIGIT_HEX}*[0-9A-Fa-f*#]{PHONEDIGIT_HEX}*"
ALPHANUM = "[A-Za-z0-9]"
DOMAINLABEL = f"(?:{ALPHANUM}|{ALPHANUM}(?:{ALPHANUM}|-)*{ALPHANUM})"
TOPLABEL = f"(?:[A-Za-z]|[A-Za-z](?:{ALPHANUM}|-)*{ALPHANUM})"
DOMAINNAME = rf"(?:{DOMAINLABEL}\.)*{TOPLABEL}\.?"
UNRESERVED = "[A-Za-z0-9_.!~*'()-]"
PCT_ENCODED = "%[0-9A-Fa-f][0-9A-Fa-f]"
PARAMCHAR = rf"(?:[\[\]/:&+$]|{UNRESERVED}|{PCT_ENCODED})"
URIC = f"(?:[/?:@&=+$,]|{UNRESERVED}|{PCT_ENCODED})"  # §3: a ";" has to be escaped there
HEX_PHONEDIGIT = f"(?:[0-9A-Fa-f]|{SEPARATOR})"
GLOBAL_HEX_DIGITS = rf"\+[0-9]{{1,3}}{HEX_PHONEDIGIT}*"
RN = f"(?:{GLOBAL_HEX_DIGITS}|[0-9A-Fa-f]{HEX_PHONEDIGIT}*)"
RN_DESCRIPTOR = f"(?:{DOMAINNAME}|{GLOBAL_HEX_DIGITS})"
PARAMETERS = {
    "ext": f"={PHONEDIGIT}*[0-9]{PHONEDIGIT}*",
    "isub": f"={URIC}+",
    "phone-context": f"=(?:{DOMAINNAME}|{GLOBAL_NUMBER_DIGITS})",
    "rn": f"={RN}",
    "cic": f"={RN}",
    "rn-context": f"={RN_DESCRIPTOR}",
    "cic-context": f"={RN_DESCRIPTOR}",
    "npdi": "",
}


def is_tel(text: str) -> bool:
    """Whether the rules allow a text, and what they mean with it is possible."""
    found = re.fullmatch(r"(?i:tel):([^;]*)((?:;[^;]*)*)", text, re.ASCII)
    if found is None:
        return False
    number, items = found[1], found[2].split(";")[1:]
    is_global = number.startswith("+")
    if not all(re.match("[A-Za-z0-9-]+(?:=|\\Z)", item) for item in items):
        return False
    names = [item.partition("=")[0].lower() for item in items]
    values = {name: item.partition("=")[2] for name, item in zip(names, items, strict=True)}
    return (
        is_number(number)
        and len(set(names)) == len(names)
        and all(is_parameter(name, item) for name, item in zip(names, items, strict=True))
        and is_global != ("phone-context" in values)
        and not ("ext" in values and "isub" in values)
        and all(
            values.get(name, "+").startswith("+") or f"{name}-context" in values
            for name in ("rn", "cic")
        )
    )


def is_number(text: str) -> bool:
    if text.startswith("+"):
        is_short = sum(character.isdigit() for character in text) <= 15
        return is_short and bool(re.fullmatch(GLOBAL_NUMBER_DIGITS, text))
    return bool(re.fullmatch(LOCAL_NUMBER_DIGITS, text))


def is_parameter(name: str, item: str) -> bool:
    rest = item[len(name) :]
    if name.endswith("-context") and name in PARAMETERS and not rest.startswith("=+"):
        domain = rest[1:].removesuffix(".")
        if len(domain) > 253 or any(len(label) > 63 for label in domain.split(".")):
            return False
    return bool(re.fullmatch(PARAMETERS.get(name, f"(?:={PARAMCHAR}+)?"), rest))


@given(tels)
def test_the_strategy_of_tel_uris_follows_the_grammar(text: str) -> None:
    assert is_tel(text)


@given(near_tels() | tel_joints.map("tel:".__add__) | tel_joints.map("tel:+1;".__add__))
@example("tel:+")
@example("tel:+-")
@example("tel:-")
@example("tel:+1;")
@example("tel:+1;ext=")
@example("tel:+1;ext=()")
@example("tel:+1;ext")
@example("tel:+1;npdi=")
@example("tel:+1;isub=a;b")
@example("tel:+1;isub=a=b?c@d,e")
@example("tel:+1;isub=[]")
@example("tel:+1;x=a=b")
@example("tel:+1;x=[]%41%4")
@example("tel:+1;rn=1;RN-Context=a")
@example("tel:+1;rn=+a")
@example("tel:+1;rn=-1;rn-context=a")
@example("tel:+1;rn-context=a")
@example("tel:1;phone-context=192.0.2.1")
@example("tel:1;phone-context=[::1]")
@example("tel:1;phone-context=1914")
@example("tel:1;phone-context=a.1")
@example("tel:1;phone-context=a..b")
@example("tel:+1\n")
@example("tel:+1;npdi\n")
@example("tel:\u0661;phone-context=a")
@example("tel:+\u0661")
@example("tel:+1;\u212a")
@example("te\u217c:+1")
def test_exactly_what_the_grammar_allows_is_read(text: str) -> None:
    assert (read_tel(text) is not None) == is_tel(text)


@given(st.data(), tel_parts())
def test_the_parts_of_a_valid_subscriber_are_found(data: st.DataObject, parts: Any) -> None:
    text = data.draw(written_subscribers(parts))
    assert read_subscriber(text) == parts
    assert read_tel(f"tel:{text}") == parts


@given(st.data(), tel_parts())
def test_separators_blanks_and_case_make_no_difference(data: st.DataObject, parts: Any) -> None:
    """RFC 3966 §5.1.1: visual separators only help a reader."""
    number = parts["number"]
    assert read_number(data.draw(separated(number))) == number
    if number.startswith("+"):
        text = data.draw(separated(number, "-.() \t").filter(lambda text: "(0)" not in text))
        nothing = dict.fromkeys(("extension", "subaddress", "phone_context"))
        assert read_given(f" \t{text} ") == {"number": number, **nothing, "parameters": ()}


@given(any_tel_texts)
def test_what_a_caller_gives_is_a_tel_uri_or_a_global_number_alone(text: str) -> None:
    found = read_given(text)
    stripped = text.strip(" \t")
    if stripped.lower().startswith("tel:"):
        assert found == read_tel(stripped)
    elif found is not None:
        assert re.fullmatch(r"\+[0-9(). \t-]+", stripped)
        assert found["number"] == "+" + "".join(re.findall("[0-9]", stripped))


@pytest.mark.parametrize(
    ("number", "longest"),
    [("+123456789012345", False), ("+1234567890123456", True), ("1234567890123456", False)],
)
def test_a_global_number_has_15_digits_at_most(number: str, *, longest: bool) -> None:
    """E.164; the numbering plans of others may know longer ones."""
    assert is_too_long(number) is longest
    assert (read_number(f"{number[:3]}-({number[3:]})") is None) is longest


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ext", "(1)-2.3", "123"),
        ("isub", "12%3B%61B", "12%3bab"),
        ("phone-context", "+1-914", "+1914"),
        ("phone-context", "Example.COM.", "example.com"),
        ("phone-context", "192.0.2.1", None),
        ("phone-context", "[2001:db8::1]", None),
        ("rn", "+1-202-5bC", "+12025BC"),
        ("rn", "5b-c", "5BC"),
        ("rn", "*70", None),
        ("rn-context", "+4", "+4"),
        ("rn-context", "A.b", "a.b"),
        ("cic", "+1-6789", "+16789"),
        ("cic-context", "44", None),
        ("npdi", "1", None),
        ("x", "A%2dB", "a-b"),
        ("x", "a?b", None),
    ],
)
def test_what_the_values_of_parameters_mean(name: str, value: str, expected: str | None) -> None:
    assert meaning(name, value) == expected


@pytest.mark.parametrize(
    ("number", "parameters", "names"),
    [
        ("+1", {}, []),
        ("1", {"phone-context": "a"}, []),
        ("1", {}, [""]),
        ("+1", {"phone-context": "a"}, ["phone-context"]),
        ("+1", {"ext": "1", "isub": "1"}, ["isub"]),
        ("+1", {"rn": "+1", "cic": "+1"}, []),
        ("+1", {"rn": "1", "cic": "1"}, ["rn", "cic"]),
        ("+1", {"rn": "1", "rn-context": "a"}, []),
        ("+1", {"cic": "1", "cic-context": "a", "rn-context": "a"}, []),
    ],
)
def test_which_parameters_cannot_stand_together(
    number: str, parameters: dict[str, str | None], names: list[str]
) -> None:
    assert [name for name, _ in contradictions(number, parameters)] == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+44-20;npdi;x=1", "+44-20;npdi;x=1"),
        ("%2b44%2D20;%6epdi", "+44-20;npdi"),
        ("%2A21%23;phone-context=%2B44", "*21#;phone-context=+44"),
        # RFC 3261 §25: a user part has no unescaped ":".
        ("+1;x=a%3ab%2fc", "+1;x=a:b%2Fc"),
        # RFC 3966 §3: a "#" has to be escaped in a parameter, a ";" everywhere but before one.
        ("+1;x=%23", "+1;x=%23"),
        ("+1%3bnpdi;x=%3B", "+1%3Bnpdi;x=%3B"),
        ("%252B1", "%252B1"),
    ],
)
def test_a_user_part_loses_the_escapes_that_a_tel_uri_does_not_need(
    text: str, expected: str
) -> None:
    assert normal_subscriber(text) == expected


@pytest.mark.parametrize(
    "unit",
    [*"1a-(*#;=%+. \x00", "%41", "%4", ";a", ";a=b", ";1=%41", "a.", "a-", ";ext", "1-", "+1"],
)
def test_reading_takes_a_time_linear_in_the_text(unit: str) -> None:
    # Each takes milliseconds; in a quadratic time, each would take hours.
    for start in ("", "+1", "+1;", "+1;x=", "+1;isub=", "+1;ext=", "1;phone-context=", "+1;rn=+1"):
        for end in ("", "\n", ";"):
            text = normal_subscriber(start + unit * (300_000 // len(unit)) + end)
            assert read_subscriber(text) == read_tel(f"tel:{text}")
