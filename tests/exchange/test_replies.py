"""What a reply says of itself."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from sipresolve.exchange.replies import Alias, RecordSet, Reply, prefix_below


@pytest.mark.parametrize(
    ("name", "ancestor", "prefix"),
    [
        ("a.example.com", "example.com", "a"),
        ("a.b.example.com", "example.com", "a.b"),
        ("example.com", "example.com", None),
        ("example.com", "a.example.com", None),
        ("anexample.com", "example.com", None),
        (r"a\046example.com", "example.com", None),
        ("example.com", ".", "example.com"),
        (".", ".", None),
        (".", "example.com", None),
    ],
)
def test_what_stands_before_an_ancestor(name: str, ancestor: str, prefix: str | None) -> None:
    assert prefix_below(name, ancestor) == prefix


@pytest.mark.parametrize(
    ("name", "soas", "ttl"),
    [
        ("a.example.com", {"example.com": 60}, 60),
        ("example.com", {"example.com": 60}, 60),
        ("a.example.com", {".": 7, "example.com": 60, "com": 8}, 60),
        ("a.example.com", {"example.net": 60}, None),
        ("example.com", {"a.example.com": 60}, None),
        ("example.com", {}, None),
    ],
)
def test_an_soa_speaks_for_the_names_of_its_zone_only(
    name: str, soas: dict[str, int], ttl: int | None
) -> None:
    """RFC 2308 §5: without an SOA a negative answer is not to be cached."""
    assert Reply(rcode="NXDOMAIN", negative_ttls=soas).negative_ttl(name) == ttl


@pytest.mark.parametrize(
    ("fields", "is_referral"),
    [
        ({}, True),
        ({"rcode": "NXDOMAIN"}, False),
        ({"delegates": False}, False),
        ({"authoritative": True}, False),
        ({"negative_ttls": {"example.com": 60}}, False),
        ({"records": {"example.com": RecordSet((ip_address("192.0.2.1"),), 60)}}, False),
        ({"cnames": {"example.com": Alias("example.net", 60)}}, False),
        ({"dnames": {"com": Alias("net", 60)}}, False),
    ],
)
def test_a_referral_says_only_who_else_may_know(
    fields: dict[str, Any], *, is_referral: bool
) -> None:
    """RFC 2308 §2.2: NS records without an SOA are a referral, and no NODATA."""
    given: dict[str, Any] = {"rcode": "NOERROR", "delegates": True} | fields
    assert Reply(**given).is_referral == is_referral
