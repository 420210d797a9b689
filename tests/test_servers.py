"""The real servers serve the zones of the scenarios, and nothing else."""

from __future__ import annotations

from typing import Final

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.zone
import pytest
from scenario import SCENARIOS, ZONES
from servers import ZONES_OF_BIND


def query(address: str, name: str, rdtype: str) -> dns.message.Message:
    host, port = address.split(":")
    message = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
    return dns.query.udp_with_fallback(message, host, port=int(port), timeout=20)[0]


def assert_same(zone: str, address: str) -> None:
    """Set what a server says beside the zone file, as dnspython reads it."""
    read = dns.zone.from_text(ZONES[zone].read_text(), zone, relativize=False)
    for name, rdataset in read.iterate_rdatasets():
        response = query(address, str(name), rdataset.rdtype.name)
        assert response.flags & dns.flags.AA
        assert response.answer[0].to_rdataset() == rdataset


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_is_one_for_all_readers(zone: str, authoritative_nameserver: str) -> None:
    assert_same(zone, authoritative_nameserver)


@pytest.mark.parametrize("zone", ZONES_OF_BIND)
def test_every_zone_that_bind_loads_is_the_same_there(zone: str, authoritative_bind: str) -> None:
    assert_same(zone, authoritative_bind)


each_resolver: Final = pytest.mark.parametrize(
    "resolver", ["recursive_nameserver", "recursive_bind"]
)


@each_resolver
def test_the_resolver_follows_aliases_from_zone_to_zone(
    resolver: str, request: pytest.FixtureRequest
) -> None:
    response = query(request.getfixturevalue(resolver), "alias.example.com", "NAPTR")
    assert response.flags & dns.flags.RA
    assert [str(rrset.name) for rrset in response.answer] == [
        "alias.example.com.",
        "hub.example.net.",
    ]


@each_resolver
def test_the_resolver_gives_what_no_datagram_carries(
    resolver: str, request: pytest.FixtureRequest
) -> None:
    response = query(request.getfixturevalue(resolver), "_sip._tcp.big.example", "SRV")
    assert len(response.answer[0]) == 1000


@pytest.mark.parametrize("name", ["nowhere.example.com", "elsewhere.test", "com"])
def test_the_resolver_asks_nobody_else(recursive_nameserver: str, name: str) -> None:
    assert query(recursive_nameserver, name, "A").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize(
    ("name", "rcode"),
    [
        ("nowhere.example.com", dns.rcode.NXDOMAIN),
        # Knot DNS refuses what it does not serve.
        ("elsewhere.test", dns.rcode.SERVFAIL),
        ("com", dns.rcode.SERVFAIL),
    ],
)
def test_bind_asks_nobody_else(recursive_bind: str, name: str, rcode: dns.rcode.Rcode) -> None:
    assert query(recursive_bind, name, "A").rcode() == rcode


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [scenario.id for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
