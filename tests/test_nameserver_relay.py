"""The relay does what it is asked to do, and the same seed has the same course."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from loopback import comes_about
from nameserver import Nameserver
from nameserver_relay import Relay, Weather, relay_apart
from spells import PROMPT

NAMES: Final = [f"d{number}.example.com" for number in range(20)]

RECORDS: Final = "\n".join(f"{name}. IN A 192.0.2.1" for name in NAMES)

#: How long a test waits for what does not come, and for what does, in seconds.
SHORT, LONG = 0.1, 20.0


@pytest.fixture
def upstream() -> Iterator[Nameserver]:
    with Nameserver(RECORDS) as server:
        yield server


@pytest.fixture
def relay(upstream: Nameserver) -> Iterator[Relay]:
    with Relay(upstream=upstream.address, seed=1) as running:
        yield running


def ask(
    relay: Relay, name: str = NAMES[0], *, timeout: float = LONG, tcp: bool = False
) -> dns.message.Message:
    query = dns.message.make_query(name, "A")
    over = dns.query.tcp if tcp else dns.query.udp
    return over(query, relay.host, port=relay.port, timeout=timeout)


@pytest.mark.parametrize("tcp", [False, True])
def test_what_the_nameserver_says_comes_through(
    relay: Relay, upstream: Nameserver, *, tcp: bool
) -> None:
    assert str(ask(relay, tcp=tcp).answer[0][0]) == "192.0.2.1"
    assert [seen.over for seen in upstream.log] == ["tcp" if tcp else "udp"]
    assert relay.asked == upstream.asked


@pytest.mark.parametrize("tcp", [False, True])
def test_faults_are_done_to_it_from_now_on(relay: Relay, *, tcp: bool) -> None:
    relay.faults = {"* *": "servfail"}
    assert ask(relay, tcp=tcp).rcode() == dns.rcode.SERVFAIL
    relay.faults = {"* *": "truncate-tcp"}
    assert ask(relay, tcp=tcp).flags & dns.flags.TC
    relay.faults = {"* *": "timeout"}
    with pytest.raises(dns.exception.Timeout):
        ask(relay, timeout=SHORT, tcp=tcp)
    relay.faults = {}
    assert ask(relay, tcp=tcp).answer


def test_a_connection_is_reset(relay: Relay) -> None:
    relay.faults = {"* *": "tcp-reset"}
    assert ask(relay).flags & dns.flags.TC
    with pytest.raises(ConnectionResetError):
        ask(relay, tcp=True)


def answered(upstream: Nameserver, seed: int) -> list[str]:
    """Which of all names are answered where many are lost, one being asked after the other."""
    found = []
    with Relay(upstream=upstream.address, seed=seed, weather=Weather(loss=0.3)) as relay:
        for name in NAMES:
            try:
                ask(relay, name, timeout=SHORT)
            except dns.exception.Timeout:
                continue
            found.append(name)
    return found


def test_the_same_seed_loses_the_same(upstream: Nameserver) -> None:
    first = answered(upstream, 1)
    assert 2 < len(first) < 18
    assert answered(upstream, 1) == first
    assert answered(upstream, 2) != first


def test_answers_overtake_one_another_and_come_twice() -> None:
    weather = Weather(delay=0.05, jitter=0.05, overtaking=0.5, duplicates=0.5)
    fates = [weather.fate(Random(seed)) for seed in range(200)]
    delays = [delay for fate in fates for delay in fate.delays]
    assert all(fate.arrives for fate in fates)
    assert 60 < sum(len(fate.delays) == 2 for fate in fates) < 140
    assert 60 < sum(fate.delay == 0 for fate in fates) < 140
    assert all(delay == 0 or 0.05 <= delay <= 0.1 for delay in delays)


def test_loss_is_the_share_that_it_is_said_to_be() -> None:
    fates = [Weather(loss=0.2).fate(Random(seed)) for seed in range(2000)]
    assert 320 < sum(not fate.arrives for fate in fates) < 480
    assert 320 < sum(not fate.delays for fate in fates) < 480


def test_it_outlives_the_nameserver() -> None:
    with Nameserver(RECORDS) as upstream:
        address = upstream.address
    with Relay(upstream=address, seed=1) as relay:
        for tcp in (False, True):
            with pytest.raises(dns.exception.Timeout):
                ask(relay, timeout=SHORT, tcp=tcp)
        with Nameserver(RECORDS, port=upstream.port):
            assert ask(relay).answer


@pytest.mark.parametrize("tcp", [False, True])
def test_it_notes_how_long_a_slow_nameserver_took(*, tcp: bool) -> None:
    with (
        Nameserver(RECORDS, delay=2 * PROMPT) as upstream,
        Relay(upstream=upstream.address, seed=1) as relay,
    ):
        began = time.monotonic()
        ask(relay, tcp=tcp)
        (wait,) = relay.waits()
        assert began <= wait.began <= wait.until - 2 * PROMPT <= time.monotonic() - 2 * PROMPT


@pytest.mark.parametrize("tcp", [False, True])
def test_what_is_not_answered_is_slow_from_early_on(*, tcp: bool) -> None:
    with (
        Nameserver(RECORDS, faults={"* *": "timeout"}) as upstream,
        Relay(upstream=upstream.address, seed=1) as relay,
    ):
        with pytest.raises(dns.exception.Timeout):
            ask(relay, timeout=SHORT, tcp=tcp)
        assert comes_about(lambda: bool(relay.waits()))
        (wait,) = relay.waits()
        assert wait.until - wait.began > PROMPT


def test_neither_a_fault_nor_the_weather_is_held_against_a_prompt_nameserver(relay: Relay) -> None:
    """Also where this machine is slow itself, and so is the nameserver."""
    relay.faults = {"* *": "timeout"}
    with pytest.raises(dns.exception.Timeout):
        ask(relay, timeout=2 * PROMPT)
    assert comes_about(lambda: not relay._waiting)
    relay.faults, relay.weather = {}, Weather(delay=2 * PROMPT)
    ask(relay)
    ended = time.monotonic()
    assert all(wait.until <= ended - 2 * PROMPT for wait in relay.waits())


def test_a_process_of_its_own_does_the_same(upstream: Nameserver) -> None:
    query = dns.message.make_query(NAMES[0], "A")
    with relay_apart(upstream.address, 1) as relay:
        host, port = relay.address.split(":")
        relay.behave(Weather(), "refused")
        refused = dns.query.udp(query, host, port=int(port), timeout=LONG)
        assert refused.rcode() == dns.rcode.REFUSED
        relay.behave(Weather())
        assert dns.query.udp(query, host, port=int(port), timeout=LONG).answer


def test_a_process_of_its_own_says_how_long_the_nameserver_took() -> None:
    query = dns.message.make_query(NAMES[0], "A")
    with (
        Nameserver(RECORDS, delay=2 * PROMPT) as upstream,
        relay_apart(upstream.address, 1) as relay,
    ):
        host, port = relay.address.split(":")
        began = time.monotonic()
        dns.query.udp(query, host, port=int(port), timeout=LONG)
        assert any(began <= spell.began < spell.until for spell in relay.spells())
