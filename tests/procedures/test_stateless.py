"""RFC 3263 §4.4: "The stateless proxy MUST define a deterministic order".

It is the same for the same records on every machine, in every process, whatever comes first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulation import Simulation, question, zone
from strategies import (
    Network,
    arrivals,
    callers,
    networks,
    policies,
    shuffled,
    uris_of_one_domain,
    vias_of_one_domain,
)

from sipresolve.procedures.addresses import Sources
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy, Selection
from sipresolve.vocabulary.targets import Target

#: Longer than the answers of any network here take, one after the other, so that none times out.
LIFETIME: Final = 1000.0

STATELESS: Final = Policy(selection="stateless", lifetime=LIFETIME)


def found(
    simulation: Simulation, subject: str, seed: int = 1
) -> tuple[str | None, tuple[Target, ...]]:
    """What was found, or why nothing was; a Via is known by its slashes."""
    find = simulation.respond if "/" in subject else simulation.resolve
    try:
        return None, find(subject, seed).targets
    except SipResolveError as error:
        return error.code, ()


RECORDS: Final = """\
example.com. NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.b.example.
example.com. NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.a.example.
example.com. NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.a.example.
_sip._tcp.a.example. SRV 1 1000 5060 d.example.
_sip._tcp.a.example. SRV 1 1000 5060 c.example.
_sip._tcp.a.example. SRV 1 1001 5060 b.example.
_sip._tcp.a.example. SRV 0 0 5061 a.example.
_sip._tcp.a.example. SRV 0 0 5060 a.example.
_sip._tcp.b.example. SRV 1 1 5065 c.example.
_sip._udp.a.example. SRV 1 1 5060 c.example.
a.example. A 192.0.2.20
a.example. A 192.0.2.3
a.example. AAAA 2001:db8::20
a.example. AAAA 2001:db8::3
b.example. A 192.0.2.4
c.example. A 192.0.2.5
d.example. A 192.0.2.6
"""

#: NAPTRs that are equal by the client's transports, and then by name; SRV records by priority,
#: weight, name and port; addresses by RFC 6724 as far as it needs no sources, and then by value.
ORDER: Final = [
    "udp 192.0.2.5:5060",
    "tcp [2001:db8::3]:5060",
    "tcp [2001:db8::20]:5060",
    "tcp 192.0.2.3:5060",
    "tcp 192.0.2.20:5060",
    "tcp [2001:db8::3]:5061",
    "tcp [2001:db8::20]:5061",
    "tcp 192.0.2.3:5061",
    "tcp 192.0.2.20:5061",
    "tcp 192.0.2.4:5060",
    "tcp 192.0.2.5:5060",
    "tcp 192.0.2.6:5060",
    "tcp 192.0.2.5:5065",
]


def test_the_order() -> None:
    _, targets = found(Simulation(zone(RECORDS), policy=STATELESS), "sip:example.com")
    assert [str(target) for target in targets] == ORDER


@pytest.mark.parametrize(
    "late",
    [
        "example.com NAPTR",
        "_sip._udp.a.example SRV",
        "a.example AAAA",
        "b.example A",
        "c.example A",
    ],
)
@pytest.mark.parametrize("delay", [0.1, 0.4, 3.0])
def test_who_is_late_keeps_its_place(late: str, delay: float) -> None:
    """No wait lapses here: not for NAPTR, not for a family, not for a host."""
    records = RECORDS + "_sip._udp.example.com. SRV 1 1 5060 astray.example.\n"
    simulation = Simulation(zone(records), delays={question(late): delay}, policy=STATELESS)
    resolution = simulation.resolve("sip:example.com")
    assert [str(target) for target in resolution.targets] == ORDER
    assert resolution.notes == ()


subjects = uris_of_one_domain() | vias_of_one_domain()
sources = st.builds(Sources, st.none() | st.ip_addresses(v=4), st.none() | st.ip_addresses(v=6))


@given(
    data=st.data(),
    network=networks(late=False),
    subject=subjects,
    policy=policies(),
    seed=st.integers(),
)
def test_nothing_but_the_records_has_a_say(
    data: st.DataObject, network: Network, subject: str, policy: Policy, seed: int
) -> None:
    """Not dice, not this machine's addresses, not the order of records, not what comes first."""
    policy = evolve(policy, selection=Selection.STATELESS, lifetime=LIFETIME)
    here = Simulation(network.answers, policy=policy)
    there = Simulation(
        data.draw(shuffled(network)).answers,
        delays=data.draw(arrivals()),
        policy=policy,
        sources=data.draw(sources),
    )
    assert found(there, subject, seed) == found(here, subject)


@given(data=st.data(), network=networks(late=False), subject=subjects, policy=policies())
def test_one_by_one_it_is_the_same(
    data: st.DataObject, network: Network, subject: str, policy: Policy
) -> None:
    policy = evolve(policy, selection=Selection.STATELESS, lifetime=LIFETIME, budget=10_000)
    lazily = Simulation(network.answers, delays=data.draw(arrivals()), policy=policy)
    take = lazily.failover_response if "/" in subject else lazily.failover
    one_by_one: tuple[str | None, tuple[Target, ...]]
    try:
        one_by_one = None, take(subject, data.draw(callers()), data.draw(st.integers())).targets
    except SipResolveError as error:
        one_by_one = error.code, ()
    assert one_by_one == found(Simulation(network.answers, policy=policy), subject)


PROGRAM: Final = """
import sys
from sipresolve import Policy, Resolver, Sources
from sipresolve.backends import ZoneBackend

zone, policy = ZoneBackend.from_text(sys.argv[1]), Policy(selection="stateless")
with Resolver(zone, policy, sources=Sources()) as resolver:
    print(*resolver.resolve("sip:example.com").targets, sep="\\n")
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "2", "random"])
def test_it_is_the_same_in_a_fresh_process(hash_seed: str) -> None:
    """With other dice, and with other hashes of texts."""
    done = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", PROGRAM, RECORDS],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ORDER
