"""``sipresolve resolve``: what the options mean to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from commands import found, run
from nameserver import Nameserver

from sipresolve.cli.parsing import UsageError
from sipresolve.cli.replies import Circumstances
from sipresolve.cli.resolve import RESOLVE

if TYPE_CHECKING:
    from pathlib import Path

ZONE = """
$ORIGIN example.com.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.53
@ IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp
  IN NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp
_sips._tcp IN SRV 10 60 5061 a
_sip._tcp IN SRV 10 50 5060 a
          IN SRV 10 50 5060 b
a IN A 192.0.2.1
  IN AAAA 2001:db8::1
b IN A 192.0.2.2
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:b.example.com:5070!" .
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 20 "u" "E2U+web:http" "!^.*$!http://example.com/!" .
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 30 "u" "E2U+pres" "!^.*$!pres:a@example.com!" .
"""

RECORDS = """
example.com. IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.
_sip._udp.example.com. IN SRV 0 0 5060 a.example.com.
a.example.com. IN A 192.0.2.1
a.example.com. IN AAAA 2001:db8::1
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    file = tmp_path / "example.zone"
    file.write_text(ZONE)
    return str(file)


def test_a_zone_file_answers(zone: str) -> None:
    assert set(found(RESOLVE, "SIP:example.com", "--zone", zone)) == {
        "tls 192.0.2.1:5061",
        "tls [2001:db8::1]:5061",
        "tcp 192.0.2.1:5060",
        "tcp [2001:db8::1]:5060",
        "tcp 192.0.2.2:5060",
    }


def test_transports_and_family_are_the_clients(zone: str) -> None:
    only = found(
        RESOLVE, "sip:example.com", "--zone", zone, "--transports", "tcp", "--family", "ipv6"
    )
    assert only == ["tcp [2001:db8::1]:5060"]


def test_a_seed_makes_the_order_repeatable(zone: str) -> None:
    def order(seed: int) -> list[str]:
        return found(RESOLVE, "sip:example.com", "--zone", zone, "--seed", str(seed))

    orders = [order(seed) for seed in range(20)]
    assert orders == [order(seed) for seed in range(20)]
    assert len({tuple(order) for order in orders}) > 1


def test_without_speculation_nothing_is_asked_ahead() -> None:
    with Nameserver(RECORDS) as server:
        found(RESOLVE, "sip:example.com", "--no-speculation", "--nameserver", server.address)
        asked = set(server.asked)  # on a busy machine, one may be sent again
    assert sorted(asked) == [
        "_sip._udp.example.com SRV",
        "a.example.com A",
        "a.example.com AAAA",
        "example.com NAPTR",
    ]


NUMBER = "tel:+44-20-7946-0123"


@pytest.mark.parametrize("number", [NUMBER, "+44 20 7946 0123"])
def test_a_number_leads_to_the_servers_of_its_sip_uris(zone: str, number: str) -> None:
    services = ("--service", "web:http", "--service", "sip")
    assert found(RESOLVE, number, "--zone", zone) == ["udp 192.0.2.2:5070"]
    assert found(RESOLVE, number, "--zone", zone, *services) == ["udp 192.0.2.2:5070"]


def test_a_number_without_quotes_is_told_that_it_needs_them() -> None:
    with pytest.raises(UsageError, match="; put a number in quotes, if it has blanks in it"):
        run(RESOLVE, "+44", "20", "7946", "0123")


def test_a_number_without_a_sip_uri_leads_to_no_server(zone: str) -> None:
    services = ("--service", "web:http", "--service", "pres")
    outcome = run(RESOLVE, NUMBER, "--zone", zone, *services)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.status) == ("no-targets", 1)
    assert outcome.error.message == (
        f"{NUMBER!r} leads to no SIP URI, and so to no server:"
        " http://example.com/ and pres:a@example.com"
    )
    assert outcome.resolution is not None
    assert len(outcome.resolution.uris) == 2


@pytest.mark.parametrize(
    ("arguments", "restrictions"),
    [
        ([], ()),
        (["--transports", "tls,tcp,udp", "--family", "any"], ()),
        (["--transports", "udp,tcp,tls,ws"], ()),
        (["--transports", "tls"], ("--transports",)),
        (["--family", "ipv6"], ("--family",)),
        (["--family", "ipv4", "--transports", "tls"], ("--family", "--transports")),
    ],
)
def test_the_options_that_rule_something_out_are_known(
    zone: str, arguments: list[str], restrictions: tuple[str, ...]
) -> None:
    outcome = run(RESOLVE, "sip:nobody.example.com", "--zone", zone, *arguments)
    assert outcome.circumstances == Circumstances(restrictions=restrictions, roots=("e164.arpa",))
