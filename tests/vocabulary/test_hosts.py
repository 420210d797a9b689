"""RFC 3261 §25 (host), RFC 5954 §4.1, RFC 1035 §2.3.4."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from strategies import any_texts, host_names, hosts, ipv4_texts, ipv6_texts

from sipresolve.vocabulary.hosts import (
    address_of,
    address_text,
    host_and_port,
    host_faults,
    normal_host,
    port_faults,
    quoted,
    read_host,
    read_ipv6,
    read_port,
    split_port,
)

LABEL_63 = "a" * 63
NAME_253 = f"{LABEL_63}.{LABEL_63}.{LABEL_63}.{'a' * 61}"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("localhost", "localhost"),
        ("a", "a"),
        ("a1", "a1"),
        ("3com.example", "3com.example"),
        ("1.2.3.a", "1.2.3.a"),
        ("a--b.example", "a--b.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        (LABEL_63, LABEL_63),
        (NAME_253, NAME_253),
        (f"{NAME_253}.", NAME_253),
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - nothing is bound to it
        ("255.255.255.255", "255.255.255.255"),
        ("[::]", "::"),
        ("[2001:DB8::9:1]", "2001:db8::9:1"),
        ("[2001:0db8:0:0:0:0:0:1]", "2001:db8::1"),
        ("[2001:db8::192.0.2.1]", "2001:db8::c000:201"),
        # RFC 5954 §4.1: "::" may stand for a single group.
        ("[1:2:3:4:5:6:7::]", "1:2:3:4:5:6:7:0"),
    ],
)
def test_a_host_has_one_spelling(text: str, host: str) -> None:
    assert read_host(text) == normal_host(text) == host


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "the host is missing"),
        # RFC 3261 §25: toplabel begins with a letter, so these can only be addresses, and are none.
        ("1.2.3", 0, "'1.2.3' is no IPv4 address: four numbers of 0 to 255, no leading zeros"),
        ("256.1.1.1", 0, "'256.1.1.1' is no IPv4 address"),
        ("192.0.2.01", 0, "'192.0.2.01' is no IPv4 address"),
        ("192.0.2.1.", 0, "'192.0.2.1.' is no IPv4 address"),
        ("192.0.2.1.5", 0, "'192.0.2.1.5' is no IPv4 address"),
        ("3232235777", 0, "'3232235777' is no IPv4 address"),
        ("0x7f.1", 5, "the last label '1' does not begin with a letter"),
        ("0x7f000001", 0, "the last label '0x7f000001' does not begin with a letter"),
        ("example.7com.", 8, "the last label '7com' does not begin with a letter"),
        # domainlabel = alphanum / alphanum *( alphanum / "-" ) alphanum
        ("-a.example", 0, "the label '-a' begins or ends with a hyphen"),
        ("a.b-.example", 2, "the label 'b-' begins or ends with a hyphen"),
        ("a.-", 2, "the label '-' begins or ends with a hyphen"),
        (".", 0, "the host '.' has an empty label"),
        ("a..b", 2, "the host 'a..b' has an empty label"),
        ("a.b..", 4, "the host 'a.b..' has an empty label"),
        (".a", 0, "the host '.a' has an empty label"),
        ("sip_1.example", 3, "'_' is not allowed in a host"),
        ("a b", 1, "' ' is not allowed in a host"),
        ("a\x00", 1, "'\\x00' is not allowed in a host"),
        ("a\n", 1, "'\\n' is not allowed in a host"),
        ("a\udc80", 1, "'\\udc80' is not allowed in a host"),
        ("a\u2028", 1, "'\\u2028' is not allowed in a host"),
        ("bücher.example", 1, "convert the host 'bücher.example' to A-labels (Punycode)"),
        ("example。com", 7, "convert the host 'example。com' to A-labels"),
        # Digits of other scripts are digits for Python, but not for the grammar.
        ("\u0661.2.3.4", 0, "convert the host '\u0661.2.3.4' to A-labels"),
        # RFC 3261 §19.1.2: "character escaping is not allowed in the host component".
        ("ex%61mple.com", 2, "escapes are not allowed in a host (RFC 3261 §19.1.2)"),
        (f"b.{LABEL_63}a", 2, "has more than 63 characters"),
        (f"{NAME_253}a", 0, "is too long for the DNS: 254 characters"),
        ("2001:db8::1", 0, "an IPv6 address has to stand in brackets: '2001:db8::1'"),
        ("fe80::1%eth0", 0, "an IPv6 address has to stand in brackets: 'fe80::1%eth0'"),
        ("2001:db8::zz", 0, "'2001:db8::zz' is neither a name nor an address"),
        ("[2001:db8::1", 12, "the ']' of '[2001:db8::1' is missing"),
        ("[2001:db8::zz]", 1, "'2001:db8::zz' is no IPv6 address"),
        ("[]", 1, "'' is no IPv6 address"),
        ("[192.0.2.1]", 1, "'192.0.2.1' is no IPv6 address"),
        ("[1:2:3:4:5:6:7:8::]", 1, "'1:2:3:4:5:6:7:8::' is no IPv6 address"),
        ("[::192.0.2.01]", 1, "'::192.0.2.01' is no IPv6 address"),
        # RFC 5118 §4.10: RFC 3261's grammar allows this, with three colons; RFC 5954 does not.
        ("[2001:db8:::192.0.2.1]", 1, "'2001:db8:::192.0.2.1' is no IPv6 address"),
        ("[fe80::1%eth0]", 8, "a zone has no place in a host: 'fe80::1%eth0'"),
        ("[fe80::1%25eth0]", 8, "a zone has no place in a host: 'fe80::1%25eth0'"),
        ("[::1]x", 5, "'x' has no place behind an IPv6 address"),
        ("[::1].", 5, "'.' has no place behind an IPv6 address"),
    ],
)
def test_what_is_no_host_is_refused_with_the_reason(text: str, position: int, message: str) -> None:
    assert read_host(text) is None
    found, said = next(host_faults(text, 100))
    assert found == 100 + position
    assert message in said


@given(hosts)
def test_the_one_spelling_of_a_host_is_its_own(text: str) -> None:
    host = read_host(text)
    assert host is not None
    assert read_host(f"[{host}]" if ":" in host else host) == host


@given(any_texts)
@example("[fe80::1%1]")
@example("a" * 64)
def test_every_text_is_a_host_or_has_a_fault_in_it(text: str) -> None:
    if read_host(text) is None:
        position, message = next(host_faults(text, 0))
        assert 0 <= position <= len(text)
        assert message


@given(ipv4_texts)
def test_an_ipv4_address_is_its_own_spelling(text: str) -> None:
    assert read_host(text) == text
    assert address_of(text) == IPv4Address(text)


@given(ipv6_texts)
def test_spellings_of_an_ipv6_address_become_one(text: str) -> None:
    host = read_host(f"[{text}]")
    assert host == read_ipv6(text) == address_text(IPv6Address(text))
    assert address_of(host) == IPv6Address(text)


@given(host_names)
def test_a_name_is_no_address(text: str) -> None:
    host = read_host(text)
    assert host == text.lower().removesuffix(".")
    assert address_of(host) is None


@pytest.mark.parametrize("text", ["fe80::1%eth0", "fe80::1%", "192.0.2.1", "", "::g", "[::1]"])
def test_what_is_no_ipv6_address_or_has_a_zone(text: str) -> None:
    assert read_ipv6(text) is None


def test_long_texts_are_cut_in_messages() -> None:
    assert quoted("a" * 80) == repr("a" * 80)
    assert quoted("a" * 81) == repr("a" * 80 + "…")
    assert quoted("\udc80\n") == "'\\udc80\\n'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:c000:280", "::ffff:192.0.2.128"),
        ("::192.0.2.128", "::c000:280"),
    ],
)
def test_the_text_of_an_address_is_the_same_on_every_python(text: str, expected: str) -> None:
    """RFC 5952 §4, §5."""
    assert address_text(ip_address(text)) == expected


@pytest.mark.parametrize(
    ("text", "port"),
    [("1", 1), ("05060", 5060), ("65535", 65_535), (f"{'0' * 5000}1", 1)]
    + [(text, None) for text in ("", "0", "65536", "99999", "-1", "5o60", " 1", "1\n", "\u0663")],
)
def test_a_port_is_a_number_of_1_to_65535(text: str, port: int | None) -> None:
    assert read_port(text) == port
    faults = [] if port else [(9, f"a port is a number of 1 to 65535, not {text!r}")]
    assert list(port_faults(text, 9)) == faults


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a", "", "")),
        ("a:1", ("a", ":", "1")),
        ("a:", ("a", ":", "")),
        ("[::1]", ("[::1]", "", "")),
        ("[::1]:1", ("[::1]", ":", "1")),
        ("[::1]x:1", ("[::1]x", ":", "1")),
        ("[::1", ("[::1", "", "")),
        # Without brackets, no colon is known to be that before a port.
        ("::1", ("::1", "", "")),
    ],
)
def test_a_port_is_told_from_the_host(text: str, parts: tuple[str, str, str]) -> None:
    assert split_port(text) == parts


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("example.com", None, "example.com"),
        ("192.0.2.1", 5060, "192.0.2.1:5060"),
        ("2001:db8::1", None, "[2001:db8::1]"),
        ("2001:db8::1", 5060, "[2001:db8::1]:5060"),
    ],
)
def test_a_host_and_its_port_are_written(host: str, port: int | None, text: str) -> None:
    assert host_and_port(host, port) == text
