"""RFC 1035 §2.3.1, §2.3.3 and §2.3.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import host_names

from sipresolve.vocabulary.names import ROOT, can_exist, normal_name

LABEL_63 = "a" * 63
NAME_253 = f"{LABEL_63}.{LABEL_63}.{LABEL_63}.{'a' * 61}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sip.Example.COM.", "sip.example.com"),
        ("sip.example.com", "sip.example.com"),
        ("_SIP._UDP.example.com.", "_sip._udp.example.com"),
        (".", ROOT),
        ("", ROOT),
        ("com.", "com"),
        (r"a\046b.example.", r"a\046b.example"),
        (r"a\.", r"a\."),
        (r"a\..", r"a\."),
        (r"a\\.", r"a\\"),
    ],
)
def test_a_name_has_one_spelling(text: str, name: str) -> None:
    assert normal_name(text) == name


@given(host_names)
def test_the_one_spelling_of_a_name_is_its_own(text: str) -> None:
    name = normal_name(text)
    assert normal_name(name) == name
    assert normal_name(text.swapcase()) == name


@pytest.mark.parametrize(
    ("name", "possible"),
    [
        (ROOT, True),
        ("a", True),
        (LABEL_63, True),
        (f"{LABEL_63}a", False),
        (f"a.{LABEL_63}a.b", False),
        # 255 octets on the wire are 253 characters, the lengths and the root being left out.
        (NAME_253, True),
        (f"{NAME_253}a", False),
        ("", False),
        ("a..b", False),
        (".a", False),
        # RFC 1035 §5.1: an escape stands for one octet, and an escaped dot parts no labels.
        (r"\046" * 63, True),
        (r"\046" * 64, False),
        (r"a\.." + LABEL_63, True),
        (r"a\." + LABEL_63, False),
        (f"{NAME_253[:-1]}\\\\", True),
        (f"{NAME_253}\\\\", False),
        ("a\\\n", True),
    ],
)
def test_the_limits_of_names(name: str, possible: bool) -> None:
    assert can_exist(name) is possible


@given(host_names)
def test_what_can_be_written_in_a_uri_can_exist(text: str) -> None:
    assert can_exist(normal_name(text))
