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
    AllTargetsFailed,
    Attempt,
    CachePolicy,
    CacheStatistics,
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
    SipResolveError,
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


# --- Repeated calls


NAMED = "sip:example.net;transport=udp"


def prepared(resolver: Resolver, uri: str = NAMED) -> None:
    """Make the plan: the first call asks, the second finds all of it in the cache."""
    for _ in range(2):
        resolver.resolve(uri)


def test_a_repeated_call_asks_nobody() -> None:
    backend = Scripted(CLUSTER)
    with Resolver(backend, IPV4) as resolver:
        orders = [resolver.resolve(NAMED).targets for _ in range(5)]
        tried = [[str(a.target) for a in each_failed(resolver.failover(NAMED))] for _ in range(2)]
    assert len(set(orders)) == 1
    assert tried == [[str(target) for target in orders[0]]] * 2
    assert backend.started[SECOND] == 1


def each_failed(attempts: Failover) -> list[Attempt]:
    """All attempts, none of which works."""
    made = []
    try:
        for attempt in attempts:
            made.append(attempt)
            attempt.failed()
    except AllTargetsFailed:
        return made
    raise AssertionError("one of them worked")


def test_the_same_seed_gives_the_same_order_cold_cached_and_prepared() -> None:
    backend = Scripted(zone(WEIGHTED + "\n" + HOSTS))
    for seed in range(20):
        with Resolver(backend, IPV4) as resolver:
            orders = [resolver.resolve("sip:example.com", seed=seed).targets for _ in range(4)]
            attempts = each_failed(resolver.failover("sip:example.com", seed=seed))
        assert len(set(orders)) == 1
        assert tuple(attempt.target for attempt in attempts) == orders[0]


def test_what_failed_in_one_call_counts_in_the_next_through_health_alone() -> None:
    """A plan knows nothing of what was tried: penalised targets go to the end, never away."""
    with Resolver(Scripted(CLUSTER), IPV4) as resolver:
        prepared(resolver)
        expected = [str(target) for target in resolver.resolve(NAMED).targets]
        attempts = resolver.failover(NAMED)
        with next(attempts):
            raise ConnectionRefusedError
        next(attempts).succeeded()
        again = resolver.failover(NAMED)
        assert [str(attempt.target) for attempt in each_failed(again)] == expected[::-1]
        assert [str(target) for target in resolver.resolve(NAMED).targets] == expected


def test_an_address_that_is_allowed_no_more_is_left_out_of_a_repeated_call() -> None:
    """`Policy.allow_address` "is asked for each address", and may change its mind."""
    refused: set[str] = set()
    policy = evolve(IPV4, allow_address=lambda address, _host: str(address) not in refused)
    with Resolver(Scripted(CLUSTER), policy) as resolver:
        prepared(resolver)
        assert len(resolver.resolve(NAMED).targets) == 2
        refused.add("198.51.100.1")
        resolution = resolver.resolve(NAMED)
    assert [str(target) for target in resolution.targets] == ["udp 198.51.100.2:5060"]
    assert [note.code for note in resolution.warnings] == ["address-refused"]


def test_without_a_cache_each_call_asks() -> None:
    backend = Scripted(RECORDS)
    with Resolver(backend, IPV4, cache=CachePolicy(entries=0)) as resolver:
        for calls in (1, 2, 3):
            first(resolver)
            assert backend.started[ADDRESS] == calls
        assert resolver.statistics.entries == 0
        assert resolver.statistics.hits == 0


@pytest.mark.parametrize("cache", [0, False, "none", {"entries": 0}, Policy()])
def test_what_is_no_cache_policy_is_refused_at_once(cache: Any) -> None:
    with pytest.raises(Misuse, match="cache is a CachePolicy"):
        Resolver(Scripted(), cache=cache)


def test_what_the_cache_has_done() -> None:
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        assert resolver.statistics == CacheStatistics(
            hits=0, misses=0, stale=0, refreshed=0, evicted=0, entries=0, octets=0
        )
        first(resolver)
        first(resolver)
        seen = resolver.statistics
        assert (seen.hits, seen.misses, seen.entries) == (1, 1, 1)
        assert seen.octets > 0
        first(resolver)
        assert resolver.statistics == seen, "a plan looks nothing up"


@pytest.mark.parametrize(
    ("name", "calls"), [(None, 2), ("example.com", 2), ("Example.COM.", 2), ("example.net", 1)]
)
def test_what_is_flushed_is_asked_again(name: str | None, calls: int) -> None:
    backend = Scripted(RECORDS)
    with Resolver(backend, IPV4) as resolver:
        prepared(resolver, URI)
        resolver.flush(name)
        first(resolver)
        assert backend.started[ADDRESS] == calls


def test_a_closed_resolver_refuses_what_it_knows_as_well() -> None:
    resolver = Resolver(Scripted(CLUSTER), IPV4)
    prepared(resolver)
    attempts = resolver.failover(NAMED)
    next(attempts).failed()
    resolver.close()
    with pytest.raises(Misuse, match="the resolver is closed"):
        next(attempts)
    for call in (resolver.resolve, resolver.failover):
        with pytest.raises(Misuse, match="the resolver is closed"):
            call(NAMED)


def test_who_leaves_a_prepared_call_leaves_nothing_behind() -> None:
    with Resolver(Scripted(CLUSTER), IPV4) as resolver:
        prepared(resolver)
        attempts = resolver.failover(NAMED)
        next(attempts).succeeded()
        attempts.close()
        assert next(attempts, None) is None
        abandoned = resolver.failover(NAMED)
        next(abandoned)
        del abandoned
        assert not resolver._pump._session.in_flight


def test_a_prepared_call_says_what_it_is_about() -> None:
    with Resolver(Scripted(CLUSTER), IPV4) as resolver:
        prepared(resolver)
        attempts = resolver.failover("sip:bob@example.net;transport=udp")
        for _ in range(2):
            next(attempts).failed()
        with pytest.raises(AllTargetsFailed) as caught:
            next(attempts)
    assert caught.value.resolution is not None
    assert str(caught.value.resolution.subject) == "sip:bob@example.net;transport=udp"
    assert len(caught.value.resolution.targets) == 2


def test_a_child_begins_with_an_empty_cache() -> None:
    backend = Scripted(CLUSTER)
    with Resolver(backend, IPV4) as resolver:
        prepared(resolver)

        def ask_again() -> None:
            assert len(resolver.resolve(NAMED).targets) == 2
            assert backend.started[SECOND] == 2

        assert in_a_child(ask_again) == 0
        assert len(resolver.resolve(NAMED).targets) == 2
        assert backend.started[SECOND] == 1


def test_a_child_goes_on_with_a_prepared_call() -> None:
    with Resolver(Scripted(CLUSTER), IPV4) as resolver:
        prepared(resolver)
        attempts = resolver.failover(NAMED)
        next(attempts).failed()

        def go_on() -> None:
            assert str(next(attempts).target) == "udp 198.51.100.2:5060"

        with resolver._pump._lock:
            assert in_a_child(go_on) == 0
        go_on()


@pytest.mark.parametrize("call", [Resolver.flush, lambda resolver: resolver.statistics])
def test_a_child_waits_for_no_lock_of_its_parent(call: Callable[[Resolver], object]) -> None:
    """Whatever it calls first, and whatever another thread of the parent was doing."""
    with Resolver(Scripted(RECORDS), IPV4) as resolver:
        first(resolver)
        with resolver._pump._lock:
            assert in_a_child(lambda: call(resolver)) == 0


def test_other_nameservers_are_noticed() -> None:
    """Not at once, but soon."""

    class Viewing(Scripted):
        seen: str = "a"

        def view(self) -> str:
            return self.seen

    backend = Viewing(RECORDS)
    with Resolver(backend, IPV4) as resolver:
        prepared(resolver, URI)
        backend.seen = "b"
        resolver._look_again = 0.0  # as if a second had passed
        first(resolver)
        assert backend.started[ADDRESS] == 2


def test_a_view_that_fails_is_a_backend_that_fails() -> None:
    class Blind(Scripted):
        def view(self) -> str:
            raise OSError("no resolv.conf")

    with Resolver(Blind(RECORDS), IPV4) as resolver, pytest.raises(SipResolveError):
        first(resolver)


@define
class Clock:
    """The time, moved by hand; long past for the backend, which so never sleeps."""

    now: float = -10_000.0

    def monotonic(self) -> float:
        return self.now

    def pass_while_idle(self, backend: Scripted) -> None:
        """Whoever waits for what is held waits for 0.3 s, and in vain."""

        def wait() -> None:
            self.now += 0.0 if backend._ready else 0.3

        backend.on_wait = wait


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of a resolver; its backend has one of its own."""
    clock = Clock()
    for module in ("blocking", "pump"):
        monkeypatch.setattr(f"sipresolve.resolver.{module}.time", clock)
    return clock


def test_what_is_used_is_refreshed_while_nobody_waits(clock: Clock) -> None:
    """Sent in one call, and read in the next that looks."""
    backend = Scripted(RECORDS)
    with Resolver(backend, IPV4) as resolver:
        first(resolver)
        clock.now += 280
        backend.answers = zone("example.com A 192.0.2.2")
        assert first(resolver) == "udp 192.0.2.1:5060"
        assert backend.started[ADDRESS] == 2
        clock.now += 21
        backend.on_start = pytest.fail  # type: ignore[assignment]  # that it starts anything
        assert first(resolver) == "udp 192.0.2.2:5060"
        assert resolver.statistics.refreshed == 1


def test_what_was_refreshed_long_before_the_end_is_not_asked_again(clock: Clock) -> None:
    """The last tenth of an hour is longer than any answer takes; it is there since then."""
    backend = Scripted({ADDRESS: answer("example.com A", "192.0.2.1", ttl=3600)})
    with Resolver(backend, IPV4) as resolver:
        first(resolver)
        clock.now += 3300
        for _ in range(30):
            first(resolver)
            clock.now += 10
        assert backend.started[ADDRESS] == 2
        assert backend.cancelled[ADDRESS] == 0
        first(resolver)
        assert backend.started[ADDRESS] == 2, "nobody waits"


def test_what_is_late_is_there_for_the_next_call(clock: Clock) -> None:
    late = question("h1.example.net A")
    backend = Scripted(CLUSTER, held={late})
    clock.pass_while_idle(backend)
    with Resolver(backend, IPV4) as resolver:
        assert len(resolver.resolve(NAMED).targets) == 1
        backend.let_go(late)
        assert len(resolver.resolve(NAMED).targets) == 2
        assert backend.started[late] == 1
        assert backend.cancelled[late] == 0


def test_what_never_comes_is_given_up_in_the_end(clock: Clock) -> None:
    never = question("h1.example.net A")
    backend = Scripted(CLUSTER, held={never})
    clock.pass_while_idle(backend)
    with Resolver(backend, IPV4) as resolver:
        resolver.resolve(NAMED)
        assert backend.cancelled[never] == 0
        clock.now += 31
        resolver.resolve("sip:h2.example.net:5060")
        assert backend.cancelled[never] == 1
        assert not resolver._pump._session.in_flight


def test_what_cannot_be_given_up_is_forgotten_in_the_end(clock: Clock) -> None:
    """A backend that cannot cancel, and never answers, takes nobody's room for ever."""

    class Plain:
        def __init__(self, scripted: Scripted) -> None:
            self.start, self.wait, self.close = scripted.start, scripted.wait, scripted.close

    with Resolver(Plain(Scripted(CLUSTER, held={SECOND})), IPV4) as resolver:
        attempts = resolver.failover(NAMED)
        next(attempts).failed("503")
        attempts.close()
        assert resolver._pump._session.in_flight
        clock.now += 31
        resolver.resolve("sip:h1.example.net:5060")
        assert not resolver._pump._session.in_flight


def test_threads_share_what_is_known() -> None:
    """Right targets, whether they are asked for, cached, prepared, or over in the next moment."""
    names = {f"h{n}.example": (f"192.0.2.{n}", n % 2) for n in range(6)}
    backend = Scripted(
        {
            each.question: each
            for name, (address, ttl) in names.items()
            for each in [answer(f"{name} A", address, ttl=300 * ttl)]
        }
    )

    def many(number: int) -> int:
        wrong = 0
        for turn in range(200):
            name = f"h{(turn + number) % 6}.example"
            wrong += first(resolver, f"sip:{name}:5060") != f"udp {names[name][0]}:5060"
            if turn % 50 == 49:
                resolver.flush(name if number % 2 else None)
        return wrong

    with Resolver(backend, IPV4) as resolver, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(many, range(8))) == 0
        assert not resolver._pump._session.in_flight
