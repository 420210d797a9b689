"""Hostile data ends in a clear result or a clear error, with bounded questions and memory."""

from __future__ import annotations

import tracemalloc

import pytest

from sipresolve import Policy, Resolution, Resolver, SipResolveError
from sipresolve.backends import ZoneBackend

LONG_LABEL = "a" * 63
#: 253 characters, as long as a name can be: "_sip._udp." does not fit before it.
LONGEST_NAME = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 61])
#: The same with room for "_sips._sctp." before it.
NEARLY_LONGEST_NAME = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 49])


def resolve(zone: str, uri: str, **policy: object) -> Resolution | SipResolveError:
    patient = Policy(lifetime=60.0, **policy)  # type: ignore[arg-type]
    with Resolver(ZoneBackend.from_text(zone), patient) as resolver:
        try:
            return resolver.resolve(uri)
        except SipResolveError as error:
            return error


def told(outcome: Resolution | SipResolveError) -> str | int:
    return outcome.code if isinstance(outcome, SipResolveError) else len(outcome.targets)


def numbered(line: str, count: int = 1000) -> str:
    return "\n".join(line.format(n=n, host=n // 250, last=n % 250) for n in range(count))


HOSTILE = {
    "1,000 SRV records with hosts": (
        numbered(
            "_sip._udp.example.com. IN SRV 1 {last} 5060 h{n}.example.com.\n"
            "h{n}.example.com. IN A 10.0.{host}.{last}"
        ),
        125,  # six questions and two for each host, within a budget of 256
    ),
    "1,000 SRV records without hosts": (
        numbered("_sip._udp.example.com. IN SRV {n} 1 5060 h{n}.example.com."),
        "budget-exceeded",
    ),
    "1,000 SRV records for one host": (
        numbered("_sip._udp.example.com. IN SRV 1 1 {n}1 h.example.com.", 600)
        + "\nh.example.com. IN A 192.0.2.1",
        600,
    ),
    "1,000 addresses": (numbered("example.com. IN A 10.0.{host}.{last}"), 1000),
    "1,000 NAPTR records of as many orders": (
        numbered('example.com. IN NAPTR {n} 1 "s" "SIP+D2U" "" _sip._udp.h{n}.example.com.'),
        "no-targets",
    ),
    "1,000 NAPTR records of one order": (
        numbered('example.com. IN NAPTR 1 {n} "s" "SIP+D2U" "" _sip._udp.h{n}.example.com.'),
        "budget-exceeded",
    ),
    "1,000 NAPTR records that nobody can use": (
        numbered('example.com. IN NAPTR 1 {n} "x" "SIP+D2U" "" _sip._udp.h{n}.example.com.'),
        "no-targets",
    ),
    "a NAPTR that leads to itself": (
        'example.com. IN NAPTR 1 1 "s" "SIP+D2U" "" example.com.\nexample.com. IN A 192.0.2.1',
        1,
    ),
    "a NAPTR without a flag that leads to itself": (
        'example.com. IN NAPTR 1 1 "" "SIP+D2U" "" example.com.\nexample.com. IN A 192.0.2.1',
        1,
    ),
    "two NAPTRs that lead to each other": (
        (
            'example.com. IN NAPTR 1 1 "s" "SIP+D2U" "" b.example.com.\n'
            'b.example.com. IN NAPTR 1 1 "s" "SIP+D2U" "" example.com.'
        ),
        "no-targets",
    ),
    "an alias of itself": ("example.com. IN CNAME example.com.", "loop"),
    "aliases in a circle": (
        "example.com. IN CNAME b.example.com.\nb.example.com. IN CNAME example.com.",
        "loop",
    ),
    "an SRV target in a circle of aliases": (
        (
            "_sip._udp.example.com. IN SRV 1 1 5060 a.example.com.\n"
            "a.example.com. IN CNAME b.example.com.\nb.example.com. IN CNAME a.example.com."
        ),
        "loop",
    ),
    "8 aliases": (
        "example.com. IN CNAME a1.example.com.\n"
        + "\n".join(f"a{n}.example.com. IN CNAME a{n + 1}.example.com." for n in range(1, 8))
        + "\na8.example.com. IN A 192.0.2.1",
        1,
    ),
    "9 aliases": (
        "example.com. IN CNAME a1.example.com.\n"
        + "\n".join(f"a{n}.example.com. IN CNAME a{n + 1}.example.com." for n in range(1, 9))
        + "\na9.example.com. IN A 192.0.2.1",
        "loop",
    ),
    "SRV to itself": (
        "_sip._udp.example.com. IN SRV 1 1 5060 _sip._udp.example.com.",
        "no-targets",
    ),
    "an address as an SRV target": (
        "_sip._udp.example.com. IN SRV 1 1 5060 192.0.2.1.",
        "no-targets",
    ),
    "an SRV target as long as a name can be": (
        f"_sip._udp.example.com. IN SRV 1 1 5060 {LONGEST_NAME}.\n{LONGEST_NAME}. IN A 192.0.2.1",
        1,
    ),
    "TTL 0": ("$TTL 0\nexample.com. IN A 192.0.2.1", 1),
    "TTL 2^31": ("example.com. 2147483648 IN A 192.0.2.1", 1),
    "extreme numbers": (
        (
            "_sip._udp.example.com. IN SRV 65535 65535 65535 example.com.\n"
            'example.com. IN NAPTR 65535 65535 "s" "SIP+D2U" "" _sip._udp.example.com.\n'
            "example.com. IN A 255.255.255.255"
        ),
        1,
    ),
}


@pytest.mark.parametrize(("zone", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_data(zone: str, expected: str | int) -> None:
    tracemalloc.start()
    try:
        outcome = resolve(zone, "sip:example.com")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told(outcome) == expected
    resolution = outcome.resolution if isinstance(outcome, SipResolveError) else outcome
    assert resolution is not None
    assert len(resolution.queries) <= 256
    assert most < 16 * 2**20, "with the zone itself"


@pytest.mark.parametrize("domain", [LONGEST_NAME, NEARLY_LONGEST_NAME])
def test_a_domain_as_long_as_a_name_can_be(domain: str) -> None:
    """RFC 1035 §2.3.4: an SRV name that is too long is absent, and nobody is asked for it."""
    assert told(resolve(f"{domain}. IN A 192.0.2.1", f"sip:{domain}")) == 1
    assert told(resolve("example.com. IN A 192.0.2.1", f"sip:{domain}")) == "no-such-domain"
    for longer in (f"{domain[:-1]}.{'a' * 64}.example", f"{LONGEST_NAME}b"):
        assert told(resolve("example.com. IN A 192.0.2.1", f"sip:{longer}")) == "invalid-uri"


def test_a_ttl_beyond_all_measure_holds_for_a_week() -> None:
    """RFC 8767 §4: at most seven days; each target says what was received."""
    outcome = resolve("example.com. 2147483648 IN A 192.0.2.1", "sip:example.com:5060")
    assert isinstance(outcome, Resolution)
    assert outcome.targets[0].ttl == 2**31
    assert outcome.expires_in == 604_800
