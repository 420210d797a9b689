"""Zones: which records they are made of, and what no nameserver would load."""

from __future__ import annotations

import pytest

from sipresolve.backends.zonedata import above, below, nearest, zones_of
from sipresolve.backends.zonefile import read_text
from sipresolve.vocabulary.errors import InvalidZone

SOA = "example.com. SOA ns. hostmaster. 1 2 3 4 5\n"

REFUSED = {
    "an address beside a CNAME (RFC 1034 §3.6.2)": (
        2,
        "a. CNAME b.\na. A 192.0.2.1",
        "'a' has a CNAME and other data",
    ),
    "a CNAME beside an address": (3, "a. A 192.0.2.1\n\na. CNAME b.", "has a CNAME and other data"),
    "a CNAME at the apex": (2, f"{SOA}example.com. CNAME b.", "has a CNAME and other data"),
    "a DNAME beside a CNAME (RFC 6672 §2.4)": (2, "a. CNAME b.\na. DNAME b.", "CNAME and other"),
    "two CNAMEs": (2, "a. CNAME b.\na. CNAME c.", "'a' has a second CNAME"),
    "two DNAMEs (RFC 6672 §2.4)": (2, "a. DNAME b.\na. DNAME c.", "'a' has a second DNAME"),
    "two SOAs (RFC 1035 §5.2)": (2, SOA + SOA.replace("1", "9"), "has a second SOA"),
    "data below a DNAME": (2, "a. DNAME b.\nx.y.a. A 192.0.2.1", "'x.y.a' is below a DNAME"),
    "data below a DNAME that comes later": (1, "x.a. A 192.0.2.1\na. DNAME b.", "below a DNAME"),
    "a DNAME at a wildcard (RFC 6672 §3.3)": (1, "*.a. DNAME b.", "'*.a' is a wildcard"),
}


@pytest.mark.parametrize(("line", "text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_no_nameserver_would_load(line: int, text: str, message: str) -> None:
    with pytest.raises(InvalidZone) as raised:
        zones_of([read_text(text)])
    assert raised.value.line == line
    assert message in raised.value.message


ALLOWED = {
    "the same CNAME twice": "a. CNAME b.\na. CNAME B.",
    "the same SOA twice": SOA + SOA,
    "a DNAME beside an address": "a. DNAME b.\na. A 192.0.2.1",
    "a DNAME at the apex": f"{SOA}example.com. DNAME b.",
    "glue below a DNAME of another zone's cut": f"{SOA}a.example.com. NS x.a.example.com.\n"
    "a.example.com. DNAME b.\nx.a.example.com. A 192.0.2.1",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_what_a_nameserver_would_load(text: str) -> None:
    assert zones_of([read_text(text)])


def test_each_soa_begins_a_zone() -> None:
    other = SOA.replace("example.com", "example.net")
    zones = zones_of([read_text(f"{SOA}{other}www.example.com. A 192.0.2.1")])
    assert set(zones) == {"example.com", "example.net"}
    assert set(zones["example.com"].nodes) == {"example.com", "www.example.com"}


def test_names() -> None:
    assert list(above("a.b.c", "c")) == ["b.c", "c"]
    assert list(above("a.b", ".")) == ["b", "."]
    assert list(above(".", ".")) == []
    assert below("a.b", "*") == "*.a.b"
    assert below(".", "*") == "*"
    assert nearest("a.b.c", {"c", "b.c"}) == "b.c"
    assert nearest("b.c", {"c", "b.c"}) == "b.c"
    assert nearest("x.bb.c", {"b.c", "."}) == "."
    assert nearest("x", {"y"}) is None
