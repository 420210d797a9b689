"""How many different names below a domain: against a model that counts for every domain above."""

from __future__ import annotations

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import counted_names

from sipresolve.session import names
from sipresolve.session.names import MINUTE, NameMeter, counted_name, parent_of


@pytest.mark.parametrize(
    ("name", "counted", "parent"),
    [
        ("a.example.com", "a.example.com", "example.com"),
        ("b.a.example.com", "b.a.example.com", "example.com"),
        ("example.com", "example.com", None),
        ("com", "com", None),
        (".", ".", None),
        # RFC 3263 §4.2: the labels before the domain
        ("_sip._udp.a.example.com", "a.example.com", "example.com"),
        ("_sips._tcp.example.com", "example.com", None),
        ("_sip._sctp.com", "com", None),
        ("_sip", "", None),
        # RFC 2782: as they stand before a domain, and not within it
        ("a._tcp.example.com", "a._tcp.example.com", "example.com"),
        # a NAPTR record can lead anywhere (RFC 3263 §4.1)
        ("_r1._udp.example.com", "_r1._udp.example.com", "example.com"),
        ("_sip._r1.example.com", "_r1.example.com", "example.com"),
        # where a country has domains registered one label deeper
        ("a.example.co.uk", "a.example.co.uk", "example.co.uk"),
        ("b.a.example.com.br", "b.a.example.com.br", "example.com.br"),
        ("_sip._udp.a.example.org.au", "a.example.org.au", "example.org.au"),
        ("example.co.uk", "example.co.uk", None),
        ("_sip._udp.example.ac.at", "example.ac.at", None),
        ("co.uk", "co.uk", None),
        # other labels of a country are domains, and no more than that
        ("a.example.de", "a.example.de", "example.de"),
        ("a.voice.uk", "a.voice.uk", "voice.uk"),
        # and so are those of registries below another top-level domain
        ("a.co.example", "a.co.example", "co.example"),
        ("a.com.net", "a.com.net", "com.net"),
    ],
)
def test_what_counts_below_what(name: str, counted: str, parent: str | None) -> None:
    assert counted_name(name) == counted
    assert parent_of(counted) == parent


def test_a_name_counts_once_in_a_minute() -> None:
    meter = NameMeter(2)
    asked = ["a.example.com", "_sip._udp.a.example.com", "b.example.com", "a.example.com"]
    assert all(meter.allows(name, 0.0) for name in asked)
    assert not meter.allows("c.example.com", 0.0)
    assert not meter.allows("deep.below.c.example.com", MINUTE - 0.001)
    assert meter.allows("a.example.com", 1.0)
    assert meter.allows("c.example.net", 1.0)
    assert meter.allows("example.com", 1.0)


def test_a_new_minute_begins_with_nothing() -> None:
    meter = NameMeter(1)
    assert meter.allows("a.example.com", 100.0)
    assert not meter.allows("b.example.com", 100.0 + MINUTE - 0.001)
    assert meter.allows("b.example.com", 100.0 + MINUTE)
    assert not meter.allows("a.example.com", 100.0 + MINUTE)


def test_domains_of_two_labels_are_not_bounded() -> None:
    meter = NameMeter(1)
    assert all(meter.allows(f"{n}.com", 0.0) for n in range(100))
    assert not meter._names


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST_NAMES", 10)
    meter = NameMeter(3)
    for n in range(100):
        meter.allows(f"a.{n}.example", 0.0)
        assert len(meter._names) <= 10
        assert len(meter._counts) <= 10


@define
class Model:
    """The same, told the long way: a set of names for each domain above that somebody owns.

    Of the domains of the strategy, ``co.uk`` is a registry's.
    """

    limit: int
    ends: float = 0.0
    below: dict[str, set[str]] = field(factory=dict)

    def allows(self, name: str, now: float) -> bool:
        labels = name.split(".")
        while labels[0] in {"_sip", "_sips", "_udp", "_tcp", "_sctp", "_ws"}:
            labels = labels[1:]
        own = ".".join(labels)
        above = [".".join(labels[n:]) for n in range(1, len(labels) - 1)]
        above = [domain for domain in above if domain != "co.uk"]
        if above and now >= self.ends:
            self.ends, self.below = now + MINUTE, {}
        sets = [self.below.setdefault(domain, set()) for domain in above]
        if any(own not in names_below and len(names_below) >= self.limit for names_below in sets):
            return False
        for each in sets:
            each.add(own)
        return True


@settings(max_examples=200)
@given(
    st.integers(1, 4),
    st.lists(st.tuples(counted_names(), st.sampled_from([0.0, 0.0, 0.0, 25.0])), max_size=60),
)
def test_it_counts_for_every_domain_above(limit: int, asked: list[tuple[str, float]]) -> None:
    """Neither more names than the limit below any domain in a minute, nor fewer."""
    meter, model, now = NameMeter(limit), Model(limit), 0.0
    for name, later in asked:
        now += later
        assert meter.allows(name, now) == model.allows(name, now)
