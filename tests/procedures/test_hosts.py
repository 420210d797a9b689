"""Hosts and families that are late: nobody waits for the dead, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from simulation import NEVER, Simulation, question, zone

from sipresolve.vocabulary.errors import BudgetExceeded, DnsTimeout
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, Source
from sipresolve.vocabulary.targets import Resolution

HOSTS = """
    _sip._udp.example.com SRV 1 0 5060 a.example.com
    _sip._udp.example.com SRV 2 0 5060 b.example.com
    _sip._udp.example.com SRV 3 0 5060 c.example.com
    a.example.com A 192.0.2.1
    a.example.com AAAA 2001:db8::1
    b.example.com A 192.0.2.2
    b.example.com AAAA 2001:db8::2
    c.example.com A 192.0.2.3
    c.example.com AAAA 2001:db8::3
"""
A4, A6 = "a.example.com A", "a.example.com AAAA"
B4, B6 = "b.example.com A", "b.example.com AAAA"
C4, C6 = "c.example.com A", "c.example.com AAAA"


def resolve(
    delays: dict[str, float], records: str = HOSTS, **policy: Any
) -> tuple[Resolution, float]:
    simulation = Simulation(
        zone(records),
        delays={question(text): delay for text, delay in delays.items()},
        policy=Policy(transports=("udp",), lifetime=60, records=1000, **policy),
    )
    resolution = simulation.resolve("sip:example.com;transport=udp")
    return resolution, simulation.now


def last_octets(resolution: Resolution) -> str:
    """``61`` is the IPv6 address of host 1, ``41`` its IPv4 address."""
    return " ".join(f"{t.address.version}{str(t.address)[-1]}" for t in resolution.targets)


# The addresses of the SRV set are asked for at 0.02 s and come at 0.04 s, but for what is said.
@pytest.mark.parametrize(
    ("why", "delays", "expected", "at", "codes"),
    [
        ("nothing is late", {}, "61 41 62 42 63 43", 0.04, []),
        ("a family within 50 ms", {A6: 0.06}, "61 41 62 42 63 43", 0.08, []),
        (
            "a family after 50 ms goes to the end, with a warning",
            {A6: 0.08},
            "41 62 42 63 43 61",
            0.10,
            ["family-late"],
        ),
        (
            "a family that never comes is given up 500 ms after the last target",
            {A6: NEVER},
            "41 62 42 63 43",
            0.59,
            ["family-late", "addresses-given-up"],
        ),
        ("a host within 250 ms", {A4: 0.26, A6: 0.26}, "61 41 62 42 63 43", 0.28, []),
        (
            "a host after 250 ms goes to the end",
            {A4: 0.40, A6: 0.42},
            "62 42 63 43 61 41",
            0.44,
            ["host-late"],
        ),
        (
            "a host that never comes",
            {A4: NEVER, A6: NEVER},
            "62 42 63 43",
            0.79,
            ["host-late", "addresses-given-up", "addresses-given-up"],
        ),
        (
            "half of a host that never comes",
            {A4: 0.5, A6: NEVER},
            "62 42 63 43 41",
            0.79,
            ["host-late", "addresses-given-up"],
        ),
        (
            "250 ms count from the first of those behind",
            {A4: NEVER, A6: NEVER, B4: 0.1, B6: 0.1},
            "62 42 63 43",
            0.79,
            ["host-late", "addresses-given-up", "addresses-given-up"],
        ),
        (
            "two hosts that never come",
            {A4: NEVER, A6: NEVER, B4: NEVER, B6: NEVER},
            "63 43",
            0.79,
            ["host-late"] * 2 + ["addresses-given-up"] * 4,
        ),
        (
            "the last host has nobody behind it: it is waited for",
            {C4: 1.0, C6: 1.0},
            "61 41 62 42 63 43",
            1.02,
            [],
        ),
        (
            "the first family of a late host, while those behind are there",
            {A4: 0.2, A6: NEVER},
            "41 62 42 63 43",
            0.77,
            ["family-late", "addresses-given-up"],
        ),
    ],
)
def test_who_is_late(
    why: str, delays: dict[str, float], expected: str, at: float, codes: list[str]
) -> None:
    resolution, now = resolve(delays)
    assert last_octets(resolution) == expected, why
    assert now == pytest.approx(at), why
    assert [note.code for note in resolution.notes] == codes, why


def test_a_family_without_addresses_is_no_reason_to_hurry() -> None:
    """An answer without addresses is not "the first family's answer": the other is waited for."""
    records = "\n".join(line for line in HOSTS.splitlines() if "a.example.com AAAA" not in line)
    resolution, _ = resolve({A4: 0.2}, records)
    assert last_octets(resolution) == "41 62 42 63 43"


def test_a_host_without_addresses_overtakes_nobody() -> None:
    records = """
        _sip._udp.example.com SRV 1 0 5060 a.example.com
        _sip._udp.example.com SRV 2 0 5060 gone.example.com
        a.example.com A 192.0.2.1
        a.example.com AAAA 2001:db8::1
    """
    resolution, now = resolve({A4: 0.9, A6: 0.9}, records)
    assert last_octets(resolution) == "61 41"
    assert now == pytest.approx(0.92)


# An answer may be there long before its host is asked for: patience begins with the question.
EARLY_BACKUP = """
    _sip._udp.example.com SRV 10 0 5060 a.example.com
    _sip._udp.example.com SRV 20 0 5060 example.com
    a.example.com A 192.0.2.1
    example.com A 192.0.2.2
"""


@pytest.mark.parametrize(
    ("uri", "delays"),
    [
        ("sip:example.com", {"example.com NAPTR": NEVER}),
        ("sip:example.com", {"example.com NAPTR": 0.4}),
        ("sip:example.com;transport=udp", {"_sip._udp.example.com SRV": 0.4}),
    ],
)
def test_the_addresses_of_the_domain_are_no_head_start_for_a_backup(
    uri: str, delays: dict[str, float]
) -> None:
    """RFC 2782: priorities never invert on a healthy network."""
    simulation = Simulation(
        zone(EARLY_BACKUP),
        delays={question(text): delay for text, delay in delays.items()},
        policy=Policy(transports=("udp",)),
    )
    resolution = simulation.resolve(uri)
    assert [str(target.address) for target in resolution.targets] == ["192.0.2.1", "192.0.2.2"]


def test_a_host_that_an_earlier_set_has_named_is_no_head_start_either() -> None:
    records = """
        _sip._udp.example.com SRV 10 0 5060 b.example.com
        _sip._tcp.example.com SRV 10 0 5061 a.example.com
        _sip._tcp.example.com SRV 20 0 5061 b.example.com
        a.example.com A 192.0.2.1
        b.example.com A 192.0.2.2
    """
    simulation = Simulation(
        zone(records),
        delays={question("_sip._tcp.example.com SRV"): 0.4},
        policy=Policy(transports=("udp", "tcp")),
    )
    resolution = simulation.resolve("sip:example.com")
    assert [str(target) for target in resolution.targets] == [
        "udp 192.0.2.2:5060",
        "tcp 192.0.2.1:5061",
        "tcp 192.0.2.2:5061",
    ]


def with_additional(*texts: str) -> dict[Question, Answer]:
    """The answers of HOSTS, some of which come along with the SRV set."""
    answers = zone(HOSTS)
    srv = question("_sip._udp.example.com SRV")
    extra = tuple(evolve(answers[question(text)], source=Source.ADDITIONAL) for text in texts)
    return {**answers, srv: evolve(answers[srv], additional=extra)}


@pytest.mark.parametrize(
    ("delay", "expected", "codes"),
    [
        (0.12, "61 41 62 42 63 43", []),
        (0.30, "41 62 42 63 43 61", ["family-late"]),
    ],
)
def test_a_family_that_came_unasked_gives_the_other_a_round_trip(
    delay: float, expected: str, codes: list[str]
) -> None:
    """RFC 8305 §3 speaks of two questions that were asked together."""
    simulation = Simulation(
        with_additional(A4, B4, B6, C4, C6),
        delays={question(A6): delay},
        policy=Policy(transports=("udp",)),
    )
    resolution = simulation.resolve("sip:example.com;transport=udp")
    assert last_octets(resolution) == expected
    assert [note.code for note in resolution.notes] == codes


ONE_FAMILY = """
    _sip._udp.example.com SRV 1 0 5060 a.example.com
    _sip._udp.example.com SRV 2 0 5060 b.example.com
    a.example.com A 192.0.2.1
    b.example.com A 192.0.2.2
"""


@pytest.mark.parametrize(
    ("delays", "expected", "codes"),
    [
        # the absence of AAAA comes late, the address was there all along
        ({A6: 0.1}, "41 42", ["family-late"]),
        # the address comes late, the absence of AAAA was there: the host is late, not a family
        ({A4: 0.4}, "42 41", ["host-late"]),
    ],
)
def test_a_host_with_one_family_is_not_said_to_have_none(
    delays: dict[str, float], expected: str, codes: list[str]
) -> None:
    resolution, _ = resolve(delays, ONE_FAMILY)
    assert last_octets(resolution) == expected
    assert [note.code for note in resolution.notes] == codes


def test_a_late_host_without_addresses_is_said_to_have_none() -> None:
    records = ONE_FAMILY.replace("a.example.com A 192.0.2.1", "")
    resolution, _ = resolve({A4: 0.4, A6: 0.4}, records)
    assert last_octets(resolution) == "42"
    assert [note.code for note in resolution.notes] == ["host-late", "srv-target-without-address"]


def test_an_absence_behind_does_not_count_for_an_address_beside_it() -> None:
    """250 ms count from the addresses of the host behind, not from its NODATA."""
    resolution, now = resolve({A4: 0.40, A6: 0.40, B4: 0.20}, ONE_FAMILY)
    # b has no AAAA since 0.04 s and an A since 0.22 s: until 0.47 s a.example.com may come.
    assert last_octets(resolution) == "41 42"
    assert now == pytest.approx(0.42)


def test_a_late_absence_behind_is_no_reason_either() -> None:
    """The host behind turns out to have nothing: its 250 ms are void."""
    records = """
        _sip._udp.example.com SRV 1 0 5060 a.example.com
        _sip._udp.example.com SRV 2 0 5060 gone.example.com
        a.example.com A 192.0.2.1
        a.example.com AAAA 2001:db8::1
    """
    delays = {A4: 0.9, A6: 0.9, "gone.example.com A": 0.1, "gone.example.com AAAA": 0.1}
    resolution, _ = resolve(delays, records)
    assert last_octets(resolution) == "61 41"


def test_without_looking_ahead_nobody_overtakes() -> None:
    resolution, _ = resolve({A4: 0.4, A6: 0.4}, speculation=False)
    assert last_octets(resolution) == "61 41 62 42 63 43"


def test_one_host_in_two_records_does_not_overtake_itself() -> None:
    records = """
        _sip._udp.example.com SRV 1 0 5060 a.example.com
        _sip._udp.example.com SRV 2 0 5061 a.example.com
        a.example.com A 192.0.2.1
    """
    resolution, _ = resolve({A4: 0.6, A6: 0.6}, records)
    assert [target.port for target in resolution.targets] == [5060, 5061]
    assert [note.code for note in resolution.notes] == []


def test_dead_hosts_only() -> None:
    dead = dict.fromkeys((A4, A6, B4, B6, C4, C6), NEVER)
    with pytest.raises(DnsTimeout):
        resolve(dead)


def test_later_sets_are_looked_up_along_with_the_first() -> None:
    records = HOSTS.replace("_udp", "_tcp") + (
        "_sip._udp.example.com SRV 1 0 5060 d.example.com\nd.example.com A 192.0.2.4"
    )
    simulation = Simulation(
        zone(records), delay=1.0, policy=Policy(transports=("udp", "tcp"), lifetime=60)
    )
    resolution = simulation.resolve("sip:example.com")
    assert last_octets(resolution) == "44 61 41 62 42 63 43"
    assert simulation.now == 2.0, "NAPTR and SRV, then every address"


def test_the_same_dice_give_the_same_order_whatever_comes_first() -> None:
    records = "\n".join(
        f"_sip._udp.example.com SRV 1 {n % 3} 5060 h{n}.example.com\n"
        + "\n".join(f"h{n}.example.com A 192.0.2.{10 * n + k}" for k in range(3))
        for n in range(1, 7)
    )
    orders = set()
    for slow in range(1, 7):
        simulation = Simulation(
            zone(records),
            delays={question(f"h{slow}.example.com A"): 0.2},
            policy=Policy(transports=("udp",)),
        )
        resolution = simulation.resolve("sip:example.com;transport=udp", seed=5)
        orders.add(tuple(str(target) for target in resolution.targets))
    assert len(orders) == 1
    assert len(next(iter(orders))) == 18


# Hostile data: RRsets of 1,000 records.


def test_a_thousand_hosts_stop_at_the_budget() -> None:
    records = "\n".join(
        f"_sip._udp.example.com SRV 1 0 5060 h{n}.example.com\n"
        f"h{n}.example.com A 10.0.{n // 250}.{n % 250}"
        for n in range(1000)
    )
    resolution, _ = resolve({}, records, families=("ipv4",))
    # NAPTR is not asked; one SRV, one address of the domain, and the rest is hosts.
    assert len(resolution.targets) == 254
    assert len(resolution.queries) == 256
    [warning] = resolution.warnings
    assert warning.code == "budget-exceeded"
    assert "746 in all" in warning.message, "how many hosts are left out"


def test_a_thousand_naptrs_without_srv_stop_at_the_budget() -> None:
    records = "\n".join(
        f'example.com NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.h{n}.example.com' for n in range(1000)
    )
    simulation = Simulation(zone(records), policy=Policy(transports=("udp",), records=1000))
    with pytest.raises(BudgetExceeded) as caught:
        simulation.resolve("sip:example.com")
    assert len(simulation.asked) == 256
    assert caught.value.resolution is not None
    assert [note.code for note in caught.value.resolution.notes] == ["budget-exceeded"]


def test_a_thousand_addresses_of_one_host() -> None:
    records = "_sip._udp.example.com SRV 1 0 5060 h.example.com\n" + "\n".join(
        f"h.example.com A 10.0.{n // 250}.{n % 250}" for n in range(1000)
    )
    resolution, _ = resolve({}, records)
    assert len(set(resolution.targets)) == 1000
