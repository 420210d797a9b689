"""The resolver for blocking programs: what a call takes and gives, its end, and forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import define, evolve
from nameserver import Nameserver
from scripted import AsyncScripted, Scripted
from simulation import answer, question, zone
from telephony import DOMAIN, NUMBER, numbers, terminal

from sipresolve import (
    Attempt,
    DnsTimeout,
    Failover,
    InvalidNumber,
    InvalidUri,
    Misuse,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    Policy,
    Resolver,
    SipUri,
    Sources,
    TelUri,
    UnsupportedTransport,
)
from sipresolve.backends import Backend, ZoneBackend

ADDRESS = question("example.com A")
RECORDS = zone("example.com A 192.0.2.1")
URI = "sip:example.com:5060"
IPV4 = Policy(families=("ipv4",), lifetime=60.0)  # longer than a machine is busy
WEIGHTED = "\n".join(f"_sip._udp.example.com SRV 1 1 5060 h{n}.example.com" for n in range(9))
HOSTS = "\n".join(f"h{n}.example.com A 192.0.2.{n}" for n in range(9))

SECOND = question("h2.example.net A")
CLUSTER = zone("""
    _sip._udp.example.net SRV 1 0 5060 h1.example.net
    _sip._udp.example.net SRV 2 0 5060 h2.example.net
    h1.example.net A 198.51.100.1
    h2.example.net A 198.51.100.2
""")


def first(resolver: Resolver, uri: str = URI) -> str:
    return str(resolver.resolve(uri).targets[0])


def test_it_resolves() -> None:
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        resolution = resolver.resolve(URI)
    assert [str(target) for target in resolution.targets] == ["udp 192.0.2.1:5060"]
    assert resolution.subject == SipUri.parse(URI)
    assert resolution.queries[0].seconds is not None


def test_the_scripted_backend_is_a_backend() -> None:
    assert isinstance(Scripted(), Backend)


def test_it_takes_a_uri_or_a_bare_host() -> None:
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        assert first(resolver, "example.com") == "udp 192.0.2.1:5060"
        assert str(resolver.resolve(SipUri.parse(URI)).targets[0]) == "udp 192.0.2.1:5060"


def test_what_a_call_sets_by_keyword() -> None:
    backend = Scripted(zone(WEIGHTED + "\n" + HOSTS + "\nexample.com A 192.0.2.99"))
    with Resolver(backend, IPV4) as resolver:
        assert first(resolver, "sip:example.com:1") == "udp 192.0.2.99:1"
        [target] = resolver.resolve("sip:example.com:1", transports=["tcp"]).targets
        assert target.transport == "tcp"
        orders = {resolver.resolve("sip:example.com", seed=4).targets for _ in range(3)}
        assert len(orders) == 1
        others = {resolver.resolve("sip:example.com").targets for _ in range(20)}
        assert len(others) > 1
        backend.held.add(ADDRESS)
        with pytest.raises(DnsTimeout):
            resolver.resolve("sip:example.com:1", lifetime=0.01)


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"transports": ["pigeon"]}, Misuse),
        ({"transports": []}, Misuse),
        ({"transports": "udp"}, Misuse),
        ({"lifetime": 0}, Misuse),
        ({"lifetime": float("inf")}, Misuse),
        ({"seed": 1.5}, Misuse),
    ],
)
def test_what_makes_no_sense(keywords: dict[str, object], error: type[Exception]) -> None:
    with Resolver(Scripted()) as resolver, pytest.raises(error):
        resolver.resolve(URI, **keywords)  # type: ignore[arg-type]


def test_errors_say_what_was_asked() -> None:
    with Resolver(Scripted(RECORDS)) as resolver:
        with pytest.raises(InvalidUri) as invalid:
            resolver.resolve("http://example.com")
        assert invalid.value.resolution is None
        with pytest.raises(UnsupportedTransport) as unsupported:
            resolver.resolve("sips:example.com;transport=udp")
        assert unsupported.value.resolution is not None
        assert unsupported.value.resolution.queries == ()
        with pytest.raises(NoSuchDomain) as nothing:
            resolver.resolve("sip:nowhere.example")
        assert nothing.value.resolution is not None
        assert len(nothing.value.resolution.queries) == 6


def test_a_silent_backend_ends_with_the_lifetime() -> None:
    backend = Scripted(held={ADDRESS})
    with Resolver(backend, IPV4) as resolver:
        began = time.monotonic()
        with pytest.raises(DnsTimeout):
            resolver.resolve(URI, lifetime=0.1)
        assert time.monotonic() - began < 10


def test_closing_it_closes_the_backend() -> None:
    backend = Scripted()
    with Resolver(backend):
        assert backend.closed == 0
    assert backend.closed == 1


def test_a_closed_resolver_is_closed() -> None:
    resolver = Resolver(Scripted(RECORDS))
    resolver.close()
    for uri in (URI, "sip:192.0.2.1"):
        with pytest.raises(Misuse, match="the resolver is closed"):
            resolver.resolve(uri)


@pytest.mark.parametrize("backend", ["192.0.2.53", AsyncScripted(), object()])
def test_what_is_no_backend_is_refused_at_once(backend: Any) -> None:
    with pytest.raises(Misuse, match="is no backend for a Resolver"):
        Resolver(backend)


def test_what_is_no_policy_is_refused_at_once() -> None:
    policy: Any = {"transports": ["tls"]}
    with pytest.raises(Misuse, match="a Policy is wanted"):
        Resolver(Scripted(), policy)


def test_resolvers_may_share_a_backend_that_says_so() -> None:
    zones = ZoneBackend.from_text("example.com. IN A 192.0.2.1")

    def many(_number: int) -> set[str]:
        with Resolver(zones, IPV4) as resolver:
            return {first(resolver) for _ in range(100)}

    with ThreadPoolExecutor(8) as pool:
        assert set().union(*pool.map(many, range(8))) == {"udp 192.0.2.1:5060"}


def test_this_machine_s_addresses_decide_about_families() -> None:
    """RFC 6724 rule 1: a family without a source goes last, and is not dropped."""
    both = zone("example.com A 192.0.2.1\nexample.com AAAA 2001:db8::1")
    for sources, expected in (
        (Sources(ipv4=answer("x A", "192.0.2.9").addresses[0]), 4),  # type: ignore[arg-type]
        (Sources(ipv6=answer("x AAAA", "2001:db8::9").addresses[0]), 6),  # type: ignore[arg-type]
    ):
        with Resolver(Scripted(both), sources=sources) as resolver:
            versions = [target.address.version for target in resolver.resolve(URI).targets]
        assert versions == [expected, 10 - expected]


# --- Numbers

NUMBERS = Scripted(
    numbers(
        terminal("sip:a@example.com:5060", 10, 1),
        terminal("tel:+44", 10, 2, "E2U+voice:tel"),
        terminal("h323:b@example.com", owner=DOMAIN.replace("e164.arpa", "enum.example"),
                 service="E2U+h323"),
    ) | RECORDS
)  # fmt: skip


def test_it_maps_a_number() -> None:
    with Resolver(NUMBERS, IPV4) as resolver:
        resolution = resolver.enum("+44 20 7946 0123")
        assert [mapped.uri for mapped in resolution.uris] == ["sip:a@example.com:5060"]
        assert (str(resolution.subject), resolution.targets) == (f"tel:{NUMBER}", ())
        chosen = resolver.enum(
            f"sip:{NUMBER}@example.com;user=phone",
            services=["H323"],
            roots=["e164.arpa", "enum.example"],
            lifetime=30,
        )
    [mapped] = chosen.uris
    assert (mapped.uri, mapped.root) == ("h323:b@example.com", "enum.example")


@pytest.mark.parametrize(
    ("given", "keywords", "error"),
    [
        ("+44", {}, NoSuchNumber),
        ("020 7946 0123", {}, InvalidNumber),
        ("sip:a@", {}, InvalidUri),
        (NUMBER, {"services": "sip"}, Misuse),
        (NUMBER, {"roots": []}, Misuse),
        (NUMBER, {"lifetime": 0}, Misuse),
    ],
)
def test_what_cannot_be_mapped(
    given: str, keywords: dict[str, Any], error: type[Exception]
) -> None:
    with Resolver(NUMBERS, IPV4) as resolver, pytest.raises(error):
        resolver.enum(given, **keywords)


def test_a_number_leads_to_servers() -> None:
    with Resolver(NUMBERS, IPV4) as resolver:
        assert first(resolver, f"tel:{NUMBER}") == "udp 192.0.2.1:5060"
        for attempt in resolver.failover(TelUri.parse(f"tel:{NUMBER}")):
            with attempt:
                assert str(attempt.target.uri) == "sip:a@example.com:5060"


def test_a_number_that_leads_to_nothing_that_is_located() -> None:
    policy = evolve(IPV4, enum_services=("voice:tel",))
    with Resolver(NUMBERS, policy) as resolver:
        resolution = resolver.resolve(f"tel:{NUMBER}")
        assert ([each.uri for each in resolution.uris], resolution.targets) == (["tel:+44"], ())
        with pytest.raises(NoTargets, match="leads to URIs that are not located") as caught:
            next(resolver.failover(f"tel:{NUMBER}"))
    assert caught.value.resolution is not None
    assert caught.value.resolution.uris == resolution.uris


# --- Forks


def in_a_child(action: Callable[[], object]) -> int:
    """The exit status of a child that does this; one that hangs is killed."""
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(5)
            action()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def test_after_a_fork_the_child_begins_anew() -> None:
    zone_backend = ZoneBackend.from_text("example.com. IN A 192.0.2.1")
    resolver = Resolver(zone_backend, IPV4)
    zones: Any = resolver._backend

    def resolve() -> None:
        assert first(resolver) == "udp 192.0.2.1:5060"

    # As if other threads were in the middle of a call.
    with resolver._pump._lock, zones._mailbox()._changed:
        assert in_a_child(resolve) == 0
    resolve()
    resolver.close()


@define
class Begun:
    """A call with one attempt to be made, and the next target in flight."""

    backend: Scripted
    attempts: Failover
    attempt: Attempt

    @classmethod
    def by(cls, backend: Scripted, resolver: Resolver) -> Begun:
        attempts = resolver.failover("sip:example.net")
        return cls(backend, attempts, next(attempts))

    def succeed(self) -> None:
        self.attempt.succeeded()
        assert next(self.attempts, None) is None

    def go_on(self) -> None:
        self.attempt.failed()
        self.backend.let_go(SECOND)
        assert str(next(self.attempts).target) == "udp 198.51.100.2:5060"

    def close(self) -> None:
        self.attempts.close()

    def drop(self) -> None:
        del self.attempts, self.attempt


@pytest.mark.parametrize("end", [Begun.succeed, Begun.go_on, Begun.close, Begun.drop])
def test_a_child_may_end_what_its_parent_began(end: Callable[[Begun], None]) -> None:
    """Whatever another thread of the parent was doing: no lock that it held is waited for."""
    backend = Scripted(CLUSTER, held={SECOND})
    with Resolver(backend, IPV4) as resolver:
        call = Begun.by(backend, resolver)
        with resolver._pump._lock:
            assert in_a_child(lambda: end(call)) == 0
        backend.let_go(SECOND)
        call.attempt.failed()
        assert str(next(call.attempts).target) == "udp 198.51.100.2:5060"
        call.attempts.close()


#: A fork between two attempts, while the second target is looked up.
FORKS = """
import os, sys
from sipresolve import AllTargetsFailed, Policy, Resolver
from sipresolve.backends import DnspythonBackend

def tried(attempts):
    places = []
    try:
        for attempt in attempts:
            places.append(str(attempt.target))
            attempt.failed()
    except AllTargetsFailed as error:
        assert len(error.failures) == 2, error.failures
    return places

policy = Policy(families=("ipv4",), transports=("udp",), lifetime=20)
resolver = Resolver(DnspythonBackend([sys.argv[1]], timeout=10.0), policy)
attempts = resolver.failover("sip:example.net")
first = next(attempts)
assert str(first.target) == "udp 198.51.100.1:5060"
first.failed()
child = os.fork()
assert tried(attempts) == ["udp 198.51.100.2:5060"]
if child == 0:
    resolver.close()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
resolver.close()
"""


ZONE = """
_sip._udp.example.net. IN SRV 1 0 5060 h1.example.net.
_sip._udp.example.net. IN SRV 2 0 5060 h2.example.net.
h1.example.net. IN A 198.51.100.1
h2.example.net. IN A 198.51.100.2
"""


def test_parent_and_child_go_on_with_their_attempts() -> None:
    """Each with sockets of its own: the child asks again for what was in flight."""
    with Nameserver(ZONE, faults={"h2.example.net A": "late"}) as server:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", FORKS, server.address]
        subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own script
    assert server.asked.count("h2.example.net A") == 2
    assert server.asked.count("h1.example.net A") == 1
    first, second = (seen.port for seen in server.log if seen.name == "h2.example.net")
    assert first != second


def test_without_a_backend_it_asks_the_nameservers_of_the_system() -> None:
    with Resolver() as resolver:
        assert type(resolver._backend).__name__ == "DnspythonBackend"
