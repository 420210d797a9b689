"""Nameservers as callers write them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from sipresolve.exchange.nameservers import Nameserver, nameservers_from
from sipresolve.vocabulary.errors import Misuse


@pytest.mark.parametrize(
    ("text", "address", "port", "scope", "rendered"),
    [
        ("192.0.2.53", "192.0.2.53", 53, "", "192.0.2.53:53"),
        ("192.0.2.53:5353", "192.0.2.53", 5353, "", "192.0.2.53:5353"),
        ("192.0.2.53:65535", "192.0.2.53", 65535, "", "192.0.2.53:65535"),
        ("2001:db8::53", "2001:db8::53", 53, "", "[2001:db8::53]:53"),
        ("::1", "::1", 53, "", "[::1]:53"),
        ("[2001:db8::53]", "2001:db8::53", 53, "", "[2001:db8::53]:53"),
        ("[2001:DB8::53]:5353", "2001:db8::53", 5353, "", "[2001:db8::53]:5353"),
        ("::ffff:192.0.2.53", "::ffff:192.0.2.53", 53, "", "[::ffff:c000:235]:53"),
        # RFC 4007 §11.2: <address>%<zone_id>.
        ("fe80::1%eth0", "fe80::1", 53, "eth0", "[fe80::1%eth0]:53"),
        ("[fe80::1%2]:5353", "fe80::1", 5353, "2", "[fe80::1%2]:5353"),
    ],
)
def test_an_address_and_perhaps_a_port(
    text: str, address: str, port: int, scope: str, rendered: str
) -> None:
    nameserver = Nameserver.parse(text)
    assert nameserver == Nameserver(ip_address(address), port, scope)
    assert str(nameserver) in (rendered, rendered.replace("c000:235", "192.0.2.53"))
    assert Nameserver.parse(str(nameserver)) == nameserver


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "given by its address"),
        ("dns.example", "given by its address"),
        ("dns.example:53", "given by its address"),
        ("192.0.2", "given by its address"),
        ("192.0.2.053", "given by its address"),
        ("192.0.2.53:", "is no port"),
        ("192.0.2.53:0", "is no port"),
        ("192.0.2.53:65536", "is no port"),
        ("192.0.2.53:+53", "is no port"),
        ("192.0.2.53:٥٣", "is no port"),
        ("192.0.2.53:domain", "is no port"),
        ("192.0.2.53:53:53", "given by its address"),
        ("[192.0.2.53]", "given by its address"),
        ("[192.0.2.53]:53", "given by its address"),
        ("[2001:db8::53", "given by its address"),
        ("[2001:db8::53]53", "given by its address"),
        ("[2001:db8::53]:", "is no port"),
        ("[dns:example]:53", "given by its address"),
        ("tls://192.0.2.53", "encrypted nameservers are not supported yet"),
        ("https://dns.example/dns-query", "encrypted nameservers are not supported yet"),
        ("QUIC://[2001:db8::53]:853", "encrypted nameservers are not supported yet"),
    ],
)
def test_anything_else_is_misuse(text: str, says: str) -> None:
    with pytest.raises(Misuse, match=says) as caught:
        Nameserver.parse(text)
    assert repr(text) in caught.value.message


def test_they_keep_their_order_and_each_counts_once() -> None:
    second = Nameserver.parse("192.0.2.2:5353")
    given: list[str | Nameserver] = ["192.0.2.1", second, "192.0.2.1:53", "192.0.2.2:5353"]
    assert nameservers_from(given) == (Nameserver.parse("192.0.2.1"), second)


def test_none_at_all_is_misuse() -> None:
    with pytest.raises(Misuse, match="at least one nameserver"):
        nameservers_from([])


def test_one_text_is_no_sequence_of_nameservers() -> None:
    with pytest.raises(Misuse, match=r"not the text '192\.0\.2\.53'"):
        nameservers_from("192.0.2.53")


@pytest.mark.parametrize("given", [[None], ("127.0.0.1", 53), [("127.0.0.1", 53)]])
def test_a_nameserver_is_given_as_text(given: Any) -> None:
    with pytest.raises(Misuse, match="a nameserver is given as text"):
        nameservers_from(given)
