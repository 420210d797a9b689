"""Hostile data ends in a clear result or a clear error, with bounded questions and memory."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import pytest
import strategies
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import Simulation
from strategies import any_tel_texts, enum_naptrs, networks_of_a_number

from sipresolve import Policy, Resolution, Resolver, SipResolveError
from sipresolve.backends import ZoneBackend
from sipresolve.vocabulary.records import Naptr

LONG_LABEL = "a" * 63
#: 253 characters, as long as a name can be: "_sip._udp." does not fit before it.
LONGEST_NAME = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 61])
#: The same with room for "_sips._sctp." before it.
NEARLY_LONGEST_NAME = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 49])


def resolve(zone: str, uri: str, **policy: object) -> Resolution | SipResolveError:
    patient = Policy(lifetime=60.0, records=1000, **policy)  # type: ignore[arg-type]
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


# --- Numbers

NUMBER = "3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa."

#: As long as one can be: a matcher that goes back on its way would never be done with the first,
#: and the second needs more memory than any pattern may.
EXPLODING = f"!^({'(.*)*' * 40}x)+$!sip:a@192.0.2.1!"
BACK_REFERENCES = r"\\1" * 100
EXPENSIVE = f"!^({'[0-9+]{1,90}' * 15})*x$!sip:a@192.0.2.1!"


def with_naptrs(*data: str) -> str:
    return "\n".join(f"{NUMBER} IN NAPTR {each}" for each in data)


def with_regexps(*regexps: str) -> str:
    return with_naptrs(*(f'{n} 1 "u" "E2U+sip" "{text}" .' for n, text in enumerate(regexps)))


HOSTILE_NUMBERS = {
    "1,000 URIs": (
        with_naptrs(*(f'1 1 "u" "E2U+sip" "!.*!sip:{n}@192.0.2.1!" .' for n in range(1000))),
        1000,
    ),
    "400 records of one URI": (
        with_naptrs(*(f'1 {n} "u" "E2U+sip" "!.*!sip:a@192.0.2.1!" .' for n in range(400))),
        1,
    ),
    "400 expressions, of which the last matches": (
        with_regexps(*(f"!^{n}$!sip:a@192.0.2.1!" for n in range(399)), "!.*!sip:b@192.0.2.1!"),
        1,
    ),
    "200 expressions that explode": (with_regexps(*[EXPLODING] * 200), "no-such-number"),
    "200 expressions that are expensive": (with_regexps(*[EXPENSIVE] * 200), "no-such-number"),
    "100 back-references": (with_regexps(f"!^(.*)$!sip:{BACK_REFERENCES}@192.0.2.1!"), 1),
    "octets of all values in every field": (
        with_naptrs(
            *(
                rf'{octet} 1 "\{octet:03}" "E2U+\{octet:03}" "\{octet:03}.\{octet:03}a" .'
                for octet in range(256)
            ),
            *(
                rf'{octet} 2 "u" "E2U+sip" "\{octet:03}.\{octet:03}sip:a\{octet:03}" .'
                for octet in range(256)
            ),
        ),
        1,
    ),
    "1,000 domains to go to": (
        with_naptrs(*(f'1 {n} "" "" "" n{n}.example.com.' for n in range(1000))),
        "budget-exceeded",
    ),
    "400 times the same domain to go to": (
        with_naptrs(*(f'1 {n} "" "" "" n.example.com.' for n in range(400))),
        "no-such-number",
    ),
    "20 domains to go to from each of 20": (
        with_naptrs(*(f'1 {n} "" "" "" n{n}.example.com.' for n in range(20)))
        + "\n"
        + "\n".join(
            f'n{m}.example.com. IN NAPTR 1 {n} "" "" "" n{n}.example.com.'
            for m in range(20)
            for n in range(20)
        ),
        "loop",
    ),
    "a circle of one": (with_naptrs(f'1 1 "" "" "" {NUMBER}'), "loop"),
    "an alias of itself": (f"{NUMBER} IN CNAME {NUMBER}", "loop"),
    "a DNAME that makes names longer": ("4.4.e164.arpa. IN DNAME 4.4.4.e164.arpa.", "loop"),
}


@pytest.mark.parametrize(("zone", "expected"), HOSTILE_NUMBERS.values(), ids=HOSTILE_NUMBERS)
def test_hostile_numbers(zone: str, expected: str | int) -> None:
    tracemalloc.start()
    try:
        outcome = resolve(zone, "tel:+442079460123")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    resolution = outcome.resolution if isinstance(outcome, SipResolveError) else outcome
    assert resolution is not None
    assert (len(resolution.uris) or told(outcome)) == expected
    assert len(resolution.queries) <= 256
    assert most < 16 * 2**20, "with the zone itself"


#: Numbers that begin with 4 lead somewhere, whatever comes behind.
SOME_NUMBERS = ZoneBackend.from_text(
    '*.4.e164.arpa. IN NAPTR 1 1 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@192.0.2.1!" .'
)


@given(text=any_tel_texts, scheme=st.sampled_from(["", "tel:", "TEL:", "sip:", "sips:+4"]))
def test_any_text_is_a_number_or_an_error_of_ours(text: str, scheme: str) -> None:
    with Resolver(SOME_NUMBERS, Policy(enum_user_phone=True, enum_local_numbers=True)) as resolver:
        for look_up in (resolver.enum, resolver.resolve):
            with suppress(SipResolveError):
                assert look_up(f"{scheme}{text}").uris or not scheme.lower().startswith("tel")


@given(network=networks_of_a_number(), naptrs=st.lists(enum_naptrs(), min_size=1, max_size=4))
def test_any_record_leads_to_a_uri_or_an_error_of_ours(
    network: strategies.Network, naptrs: list[Naptr]
) -> None:
    answers = {
        question: evolve(answer, records=tuple(naptrs)) if answer.records else answer
        for question, answer in network.answers.items()
    }
    with suppress(SipResolveError):
        for mapped in Simulation(answers, policy=Policy(budget=8)).enum(strategies.NUMBER).uris:
            assert mapped.naptr in naptrs
