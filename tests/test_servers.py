"""The real servers serve the zones of the scenarios, and nothing else."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.zone
import pytest
from scenario import SCENARIOS, ZONES


def query(address: str, name: str, rdtype: str) -> dns.message.Message:
    host, port = address.split(":")
    message = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
    return dns.query.udp_with_fallback(message, host, port=int(port), timeout=20)[0]


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_is_one_for_all_readers(zone: str, authoritative_nameserver: str) -> None:
    read = dns.zone.from_text(ZONES[zone].read_text(), zone, relativize=False)
    for name, rdataset in read.iterate_rdatasets():
        response = query(authoritative_nameserver, str(name), rdataset.rdtype.name)
        assert response.flags & dns.flags.AA
        assert response.answer[0].to_rdataset() == rdataset


def test_the_resolver_follows_aliases_from_zone_to_zone(recursive_nameserver: str) -> None:
    response = query(recursive_nameserver, "alias.example.com", "NAPTR")
    assert response.flags & dns.flags.RA
    assert [str(rrset.name) for rrset in response.answer] == [
        "alias.example.com.",
        "hub.example.net.",
    ]


def test_the_resolver_gives_what_no_datagram_carries(recursive_nameserver: str) -> None:
    response = query(recursive_nameserver, "_sip._tcp.big.example", "SRV")
    assert len(response.answer[0]) == 1000


@pytest.mark.parametrize("name", ["nowhere.example.com", "elsewhere.test", "com"])
def test_the_resolver_asks_nobody_else(recursive_nameserver: str, name: str) -> None:
    assert query(recursive_nameserver, name, "A").rcode() == dns.rcode.NXDOMAIN


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [scenario.id for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
