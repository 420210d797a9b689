"""Probes whose attempts were dropped without a word are given back by the next caller."""

from __future__ import annotations

from collections import deque
from ipaddress import ip_address
from typing import Any

import pytest
from attempts import Told

from sipresolve.failover.claims import Claims
from sipresolve.failover.health import PENALISED, Place
from sipresolve.vocabulary.transports import UDP

HERE = Place(UDP, ip_address("192.0.2.1"), 5060)
THERE = Place(UDP, ip_address("192.0.2.2"), 5060)


def test_it_says_what_the_health_says() -> None:
    health = Told({str(HERE): PENALISED})
    assert health.claims.admit(HERE) is PENALISED
    assert not health.claims.admit(THERE).penalised


def test_it_passes_on_what_it_is_told() -> None:
    health = Told()
    claims = health.claims
    claims.succeeded(HERE, probe=1)
    claims.failed(HERE, probe=None, retry_after=5)
    claims.released(THERE, probe=2)
    assert health.reports == [
        ("succeeded", str(HERE), 1),
        ("failed", str(HERE), None, 5),
        ("released", str(THERE), 2),
    ]


def test_what_was_lost_is_given_back_before_the_next_attempt() -> None:
    """So that the next attempt may be the probe, at that place or another."""
    health = Told()
    claims = health.claims
    claims.lose(HERE, 1)
    claims.lose(THERE, 2)
    assert health.reports == [], "a finaliser takes no lock"
    claims.admit(HERE)
    assert health.reports == [("released", str(HERE), 1), ("released", str(THERE), 2)]
    claims.admit(HERE)
    assert len(health.reports) == 2


def test_what_is_lost_while_that_is_given_back_is_given_back_too() -> None:
    class Dropping(Told):
        """The collector may run in any of its methods."""

        def released(self, place: Place, *, probe: int | None) -> None:
            super().released(place, probe=probe)
            if probe == 1:
                claims.lose(THERE, 2)

    health = Dropping()
    claims = Claims(health)
    claims.lose(HERE, 1)
    claims.admit(HERE)
    assert health.reports == [("released", str(HERE), 1), ("released", str(THERE), 2)]


def test_two_threads_may_see_the_same_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """One takes it, and the other finds that it is gone."""

    class Contended(deque[Any]):
        """As if the other thread were quicker each time."""

        def __bool__(self) -> bool:
            there = len(self) > 0
            self.clear()
            return there

    health = Told()
    claims = health.claims
    monkeypatch.setattr(claims, "_lost", Contended([(HERE, 1)]))
    assert not claims.admit(HERE).penalised
