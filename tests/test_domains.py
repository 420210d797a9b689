"""The domains lead where they say, and the judge of what comes of them tells right from wrong."""

from __future__ import annotations

from attrs import evolve
from domains import POLICY, SOURCES, domain, judge, resolved, verdict_on_targets, zone_file

from sipresolve import Note, Resolution, Resolver
from sipresolve.backends import ZoneBackend
from sipresolve.vocabulary.errors import DnsTimeout, NoSuchDomain

DOMAINS = [domain(number) for number in range(20)]


def zone() -> ZoneBackend:
    return ZoneBackend.from_text("".join(zone_file(DOMAINS, ttl=lambda _index: 300)))


def test_every_domain_leads_where_it_says() -> None:
    with Resolver(zone(), POLICY, sources=SOURCES) as resolver:
        for of in DOMAINS:
            assert judge(of, resolved(resolver, of, 5.0)) == "right"


def test_no_two_domains_have_a_target_in_common() -> None:
    targets = [target for of in DOMAINS for group in of.groups for target in group]
    assert len(set(targets)) == len(targets)


def test_what_belongs_to_another_domain_is_wrong() -> None:
    with Resolver(zone(), POLICY, sources=SOURCES) as resolver:
        of, another = DOMAINS[:2]
        outcome = resolved(resolver, another, 5.0)
        assert judge(of, outcome) == "wrong"
        assert isinstance(outcome, Resolution)
        noted = evolve(outcome, notes=(Note(code="naptr-failed", message=""),))
        assert judge(of, noted) == "wrong"


def test_a_part_needs_an_excuse() -> None:
    of = DOMAINS[1]
    part = [target for group in of.groups for target in group][:-1]
    assert verdict_on_targets(of, part, has_notes=False) == "wrong"
    assert verdict_on_targets(of, part, has_notes=True) == "excused"
    assert verdict_on_targets(of, [], has_notes=True) == "wrong"


def test_only_a_failure_of_the_dns_is_none_of_ours() -> None:
    assert judge(DOMAINS[0], DnsTimeout("nobody answered")) == "failed"
    assert judge(DOMAINS[0], NoSuchDomain("it does not exist")) == "wrong"
