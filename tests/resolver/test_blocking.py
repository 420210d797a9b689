"""The resolver for blocking programs: threads, failures of backends, what is left behind."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from scripted import AsyncScripted, Scripted
from simulation import answer, question, zone

from sipresolve import (
    BackendFailed,
    DnsTimeout,
    InvalidUri,
    Misuse,
    NoSuchDomain,
    Policy,
    Resolver,
    SipUri,
    Sources,
    UnsupportedTransport,
)
from sipresolve.backends import Backend, ZoneBackend

ADDRESS = question("example.com A")
OTHER = question("other.example A")
RECORDS = zone("example.com A 192.0.2.1\nother.example A 192.0.2.2")
URI, OTHER_URI = "sip:example.com:5060", "sip:other.example:5060"
IPV4 = Policy(families=("ipv4",), lifetime=60.0)  # longer than a machine is busy
WEIGHTED = "\n".join(f"_sip._udp.example.com SRV 1 1 5060 h{n}.example.com" for n in range(9))
HOSTS = "\n".join(f"h{n}.example.com A 192.0.2.{n}" for n in range(9))


def first(resolver: Resolver, uri: str = URI) -> str:
    return str(resolver.resolve(uri).targets[0])


def test_it_resolves() -> None:
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        resolution = resolver.resolve(URI)
    assert [str(target) for target in resolution.targets] == ["udp 192.0.2.1:5060"]
    assert resolution.uri == SipUri.parse(URI)
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


# --- Threads


def test_threads_share_a_question_in_flight() -> None:
    backend = Scripted(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(first, resolver) for _ in range(8)]
        backend.await_start(ADDRESS)
        while len(resolver._followers) < 7:
            time.sleep(0.001)
        backend.let_go(ADDRESS)
        assert [call.result(20) for call in calls] == ["udp 192.0.2.1:5060"] * 8
    assert backend.started[ADDRESS] == 1


def test_who_is_done_hands_over() -> None:
    """The leader's own answer comes first; the one behind it has to take the lead."""
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"


def test_a_follower_is_not_kept_by_the_leader() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"
        assert not leader.done()
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"


def test_a_follower_has_a_lifetime_of_its_own() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        with pytest.raises(DnsTimeout):
            resolver.resolve(OTHER_URI, lifetime=0.05)
        backend.let_go(ADDRESS)
        assert leader.result(20) == "udp 192.0.2.1:5060"


def test_many_threads_and_calls() -> None:
    records = "\n".join(
        f"_sip._udp.d{n}.example SRV 1 1 5060 h{n}.example\nh{n}.example A 192.0.2.{n}"
        for n in range(20)
    )
    backend = Scripted(zone(records))
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(16) as pool:
        found = pool.map(lambda n: first(resolver, f"sip:d{n % 20}.example"), range(600))
        expected = [f"udp 192.0.2.{n % 20}:5060" for n in range(600)]
        assert list(found) == expected
        assert not resolver._desk.session.in_flight
        assert not resolver._followers


def test_no_threads_are_left_behind() -> None:
    before = threading.active_count()
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        first(resolver)
        assert threading.active_count() == before


# --- Backends that fail


def boom(*_: object) -> None:
    raise RuntimeError("boom")


def test_a_backend_that_cannot_start() -> None:
    backend = Scripted(RECORDS, on_start=boom)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(BackendFailed, match="boom") as caught:
            first(resolver)
        assert isinstance(caught.value.__cause__, RuntimeError)
        assert caught.value.code == "dns-failure"
        backend.on_start = lambda _question: None
        assert first(resolver) == "udp 192.0.2.1:5060", "nothing is stuck"


def test_a_backend_that_cannot_wait() -> None:
    backend = Scripted(RECORDS, on_wait=boom)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(BackendFailed, match="boom"):
            first(resolver)
        backend.on_wait = lambda: None
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_a_backend_that_is_closed() -> None:
    def closed(*_: object) -> None:
        raise Misuse("the backend is closed")

    backend = Scripted(RECORDS, on_start=closed)
    with Resolver(backend, IPV4) as resolver, pytest.raises(Misuse, match="is closed"):
        first(resolver)
    backend = Scripted(RECORDS, on_wait=closed)
    with Resolver(backend, IPV4) as resolver, pytest.raises(Misuse, match="is closed"):
        first(resolver)


def test_an_interrupt_leaves_nothing_stuck() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    backend = Scripted(RECORDS, on_wait=interrupt)
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(KeyboardInterrupt):
            first(resolver)
        backend.on_wait = lambda: None
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_a_leader_that_left_its_name_behind_leads_nobody() -> None:
    """As an interrupt may have it, in the moment before the backend is waited for."""
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        finished = resolver._desk.open(URI, transports=None, lifetime=None, seed=None, now=0.0).run
        finished.abandon()
        resolver._leader = finished
        assert first(resolver) == "udp 192.0.2.1:5060"


def test_the_failure_of_the_leader_is_not_the_follower_s() -> None:
    backend = Scripted(RECORDS, held={ADDRESS, OTHER})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(2) as pool:
        leader = pool.submit(first, resolver)
        backend.await_start(ADDRESS)
        follower = pool.submit(first, resolver, OTHER_URI)
        backend.await_start(OTHER)
        backend.fail(RuntimeError("boom"))
        assert isinstance(leader.exception(20), BackendFailed)
        backend.let_go(OTHER)
        assert follower.result(20) == "udp 192.0.2.2:5060"


# --- What is left of earlier calls


def test_what_comes_too_late_is_not_for_those_who_ask_later() -> None:
    """An answer that lay about since the last call may be as old as you like."""
    old, new = answer("example.com A", "192.0.2.66"), answer("example.com A", "192.0.2.1")
    backend = Scripted({ADDRESS: old}, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver:
        with pytest.raises(DnsTimeout):
            resolver.resolve(URI, lifetime=0.01)
        backend.let_go(ADDRESS)
        backend.answers = {ADDRESS: new}
        assert first(resolver) == "udp 192.0.2.1:5060"
    assert backend.started[ADDRESS] == 2


def test_what_is_still_in_flight_is_asked_again() -> None:
    backend = Scripted(RECORDS, held={ADDRESS})
    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(1) as pool:
        with pytest.raises(DnsTimeout):
            resolver.resolve(URI, lifetime=0.01)
        call = pool.submit(first, resolver)
        while resolver._leader is None:
            time.sleep(0.001)
        backend.let_go(ADDRESS)
        assert call.result(20) == "udp 192.0.2.1:5060"
    assert backend.started[ADDRESS] == 2, "and started again, in case its answer was lost"


def test_after_a_fork_the_child_begins_anew() -> None:
    zone_backend = ZoneBackend.from_text("example.com. IN A 192.0.2.1")
    resolver = Resolver(zone_backend, IPV4)
    zones: Any = resolver._backend
    # As if other threads were in the middle of a call.
    with resolver._lock, zones._mailbox()._changed:
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if first(resolver) == "udp 192.0.2.1:5060" else 1)
            finally:
                os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert first(resolver) == "udp 192.0.2.1:5060"
    resolver.close()


def test_without_a_backend_it_asks_the_nameservers_of_the_system() -> None:
    with Resolver() as resolver:
        assert type(resolver._backend).__name__ == "DnspythonBackend"
