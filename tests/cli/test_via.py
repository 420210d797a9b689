"""``sipresolve via``: what its argument and the options mean to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from commands import found, run

from sipresolve.cli import main
from sipresolve.cli.parsing import UsageError
from sipresolve.cli.replies import Circumstances
from sipresolve.cli.via import VIA

if TYPE_CHECKING:
    from pathlib import Path

ZONE = """
$ORIGIN example.com.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.53
@ IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
_sip._udp IN SRV 10 50 5060 a
_sips._tcp IN SRV 10 50 5061 a
           IN SRV 10 50 5061 b
a IN A 192.0.2.1
  IN AAAA 2001:db8::1
b IN A 192.0.2.2
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    file = tmp_path / "example.zone"
    file.write_text(ZONE)
    return str(file)


@pytest.mark.parametrize(
    "via",
    [
        "SIP/2.0/TLS a.example.com:5070",
        "Via: SIP/2.0/TLS a.example.com:5070",
        "\tv\t:\r\n SIP\t/ 2.0 /TLS  a.example.com : 5070 ; branch = z9hG4bK1",
        "SIP/2.0/TLS a.example.com:5070, SIP/2.0/UDP 192.0.2.9",
    ],
)
def test_it_is_taken_with_its_name_and_white_space_and_the_first_counts(
    zone: str, via: str
) -> None:
    outcome = run(VIA, via, "--zone", zone, "--family", "ipv4")
    assert (outcome.key, outcome.subject) == ("via", via)
    assert outcome.resolution is not None
    assert [str(target) for target in outcome.resolution.targets] == ["tls 192.0.2.1:5070"]


@pytest.mark.parametrize("transports", ["udp", "tcp,udp", "ws", "tls"])
def test_the_transport_is_that_of_the_via_whatever_the_client_has(
    zone: str, transports: str
) -> None:
    targets = found(VIA, "SIP/2.0/TLS example.com", "--zone", zone, "--transports", transports)
    assert set(targets) == {"tls 192.0.2.1:5061", "tls [2001:db8::1]:5061", "tls 192.0.2.2:5061"}


def test_the_help_says_that_transports_have_no_say(capsys: pytest.CaptureFixture[str]) -> None:
    main(["via", "--help"])
    assert "--transports LIST accepted, and without effect: " in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize(
    ("arguments", "restrictions"),
    [
        ([], ()),
        (["--transports", "tls"], ()),
        (["--transports", "tls", "--family", "ipv4"], ("--family",)),
    ],
)
def test_only_the_family_may_rule_something_out(
    zone: str, arguments: list[str], restrictions: tuple[str, ...]
) -> None:
    outcome = run(VIA, "SIP/2.0/UDP nobody.example.com", "--zone", zone, *arguments)
    assert outcome.circumstances == Circumstances(restrictions=restrictions, roots=("e164.arpa",))


def test_a_seed_makes_the_order_repeatable(zone: str) -> None:
    def order(seed: int) -> list[str]:
        return found(VIA, "SIP/2.0/TLS example.com", "--zone", zone, "--seed", str(seed))

    orders = [order(seed) for seed in range(20)]
    assert orders == [order(seed) for seed in range(20)]
    assert len({tuple(order) for order in orders}) > 1


def test_a_transport_that_is_none_is_an_outcome(zone: str) -> None:
    outcome = run(VIA, "SIP/2.0/QUIC 192.0.2.1", "--zone", zone)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.status) == ("unsupported-transport", 2)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["SIP/2.0/UDP", "a.example.com"], True),
        (["SIP", "/", "2.0/UDP", "a.example.com"], True),
        (["Via:", "SIP/2.0/UDP", "a.example.com", "--json"], True),
        (["SIP/2.0/UDP a.example.com", "--unknown"], False),
    ],
)
def test_without_quotes_it_is_said_that_they_are_missing(words: list[str], hint: bool) -> None:
    with pytest.raises(UsageError) as caught:
        run(VIA, *words, "--zone", "no-such.zone")
    said = caught.value.message
    assert said.startswith("unrecognized arguments: ")
    assert ("; put the Via in quotes, " in said) == hint
