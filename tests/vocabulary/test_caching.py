"""What a cache may be told, and what it refuses."""

from __future__ import annotations

from inspect import getdoc
from typing import Any

import pytest
from attrs import evolve, fields

from sipresolve.vocabulary.caching import CachePolicy, CacheStatistics
from sipresolve.vocabulary.errors import Misuse


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("longest_ttl", 604_800),  # RFC 8767 §4
        ("longest_negative_ttl", 3_600),  # RFC 2308 §5: one to three hours work well
        ("failure_ttl", 2.0),
        ("longest_failure_ttl", 5.0),
        ("stale", 86_400.0),  # RFC 8767 §5: between one day and three
        ("stale_after", 0.45),  # RFC 8767 §5
        ("stale_ttl", 30.0),  # RFC 8767 §4
    ],
)
def test_the_defaults_are_what_the_rfcs_suggest(setting: str, value: float) -> None:
    assert getattr(CachePolicy(), setting) == value


@pytest.mark.parametrize(
    "changes",
    [
        {"entries": 0},
        {"octets": 0},
        {"longest_ttl": 0, "longest_negative_ttl": 0},
        {"failure_ttl": 1, "longest_failure_ttl": 1},
        {"failure_ttl": 300, "longest_failure_ttl": 300},
        {"stale": 0, "stale_after": 0, "stale_ttl": 1},
        {"refresh_ahead": 0, "shortest_refreshed": 0},
        {"refresh_ahead": 0.99},
    ],
)
def test_bounds_may_be_reached(changes: dict[str, Any]) -> None:
    policy = CachePolicy(**changes)
    assert {name: getattr(policy, name) for name in changes} == changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"entries": -1}, "entries must be a whole number of 0 or more, not -1"),
        ({"entries": 1.0}, "entries must be a whole number of 0 or more, not 1.0"),
        ({"entries": True}, "entries must be a whole number of 0 or more, not True"),
        ({"octets": "16M"}, "octets must be a whole number of 0 or more, not '16M'"),
        ({"longest_ttl": -1}, "longest_ttl must be a finite number of 0 or more, not -1"),
        (
            {"longest_ttl": float("inf")},
            "longest_ttl must be a finite number of 0 or more, not inf",
        ),
        (
            {"longest_negative_ttl": None},
            "longest_negative_ttl must be a finite number of 0 or more, not None",
        ),
        ({"stale": float("nan")}, "stale must be a finite number of 0 or more, not nan"),
        ({"stale_after": -0.1}, "stale_after must be a finite number of 0 or more, not -0.1"),
        ({"shortest_refreshed": "x"}, "shortest_refreshed must be a finite number of 0 or more"),
        ({"refresh_ahead": 1}, "refresh_ahead must be a part of 1, less than the whole, not 1"),
        ({"refresh_ahead": -0.1}, "refresh_ahead must be a part of 1, less than the whole"),
        # RFC 9520 §3.2: a second at least, and five minutes at most
        (
            {"failure_ttl": 0.9},
            "failure_ttl must be between 1 and 300 seconds, not 0.9 (RFC 9520 §3.2)",
        ),
        (
            {"longest_failure_ttl": 301},
            "longest_failure_ttl must be between 1 and 300 seconds, not 301 (RFC 9520 §3.2)",
        ),
        (
            {"failure_ttl": 3.0, "longest_failure_ttl": 2.0},
            "longest_failure_ttl must be 3.0 or more, as failure_ttl is, not 2.0",
        ),
        # RFC 8767 §4: the TTL of a stale answer is more than 0
        (
            {"stale_ttl": 0},
            "stale_ttl must be between 1 and 300 seconds, not 0 (RFC 8767 §4, RFC 9520 §3.2)",
        ),
        ({"stale_ttl": True}, "stale_ttl must be between 1 and 300 seconds, not True"),
    ],
)
def test_what_makes_no_sense_is_misuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse) as caught:
        CachePolicy(**changes)
    assert str(caught.value).startswith(message)


def test_a_change_is_checked_as_well() -> None:
    with pytest.raises(Misuse):
        evolve(CachePolicy(), failure_ttl=60)


@pytest.mark.parametrize("kind", [CachePolicy, CacheStatistics])
def test_every_field_is_documented(kind: type[CachePolicy | CacheStatistics]) -> None:
    documentation = getdoc(kind) or ""
    for attribute in fields(kind):
        assert f"\n    {attribute.name}: " in documentation
