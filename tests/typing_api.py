"""The public API as a user sees it: never run, checked by mypy, fails where the types get worse."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import assert_type

import sipresolve
from sipresolve import (
    ROOT_ANCHORS,
    TCP,
    TLS,
    AsyncResolver,
    Attempt,
    ExtendedError,
    Health,
    HealthBook,
    Link,
    MappedUri,
    Place,
    Policy,
    Reason,
    Resolver,
    Security,
    SipUri,
    Standing,
    Target,
    TelUri,
    Transport,
    TrustAnchor,
    Via,
    enum_domain,
    is_failure,
    read_trust_anchors,
)
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend, ZoneBackend


def blocking() -> None:
    with Resolver() as resolver:
        resolution = resolver.resolve("sip:alice@example.com")
        assert_type(resolution, sipresolve.Resolution)
        for target in resolution.targets:
            assert_type(target.address, IPv4Address | IPv6Address)
            assert_type(target.transport, Transport)
            assert_type(target.port, int)
            assert_type(target.tls_name, str | None)
        resolver.resolve(SipUri.parse("sips:example.com"), transports=("tls",), lifetime=2, seed=1)
    Resolver(backend=ZoneBackend.from_file("example.zone"), policy=Policy(transports=(TLS, TCP)))
    Resolver(backend=DnspythonBackend(nameservers=["192.0.2.53", "[2001:db8::53]:5353"]))


def proofs() -> None:
    anchors = read_trust_anchors("root.key")
    assert_type(anchors, tuple[TrustAnchor, ...])
    policy = Policy(dnssec="validate", trust_anchors=(*ROOT_ANCHORS, *anchors), require_secure=True)
    with Resolver(policy=policy) as resolver:
        resolution = resolver.resolve("sips:alice@example.com")
        assert_type(resolution.security, Security | None)
        assert_type(resolution.reason, Reason | None)
        for query in resolution.queries:
            if query.answer is not None:
                assert_type(query.answer.reason.extended_error, int | None)
                assert_type(query.answer.proof, tuple[Link, ...])
                assert_type(query.answer.extended_errors, tuple[ExtendedError, ...])


def numbers() -> None:
    with Resolver(policy=Policy(enum_services=("sip", "pstn:tel"), enum_user_phone=True)) as it:
        resolution = it.enum("+44 20 7946 0123", services=("sip",), roots=["e164.arpa"], lifetime=2)
        assert_type(resolution, sipresolve.Resolution)
        for mapped in resolution.uris:
            assert_type(mapped, MappedUri)
            assert_type(mapped.uri, str)
            assert_type(mapped.parsed, SipUri | TelUri | None)
            assert_type(mapped.number, TelUri | None)
            assert_type(mapped.order, int)
        number = TelUri.parse_number("+44 20 7946 0123")
        assert_type(enum_domain(number, "e164.arpa"), str)
        assert_type(it.resolve(number).subject, SipUri | Via | TelUri)
        for target in it.resolve("tel:+442079460123").targets:
            assert_type(target.uri, SipUri | None)
        for attempt in it.failover(number, request_uri="tel:+442079460123"):
            assert_type(attempt, Attempt)


def failover(status: int | None, retry_after: float | None) -> int:
    resolver = Resolver(health=HealthBook(shortest=10, longest=600.0, size=100, probing=60))
    attempts = resolver.failover(
        "sip:example.com", size=1400, mtu=None, request_uri="sips:b.example"
    )
    assert_type(attempts, sipresolve.Failover)
    for attempt in attempts:
        assert_type(attempt, Attempt)
        with attempt as entered:
            assert_type(entered, Attempt)
            assert_type(attempt.target, Target)
            if is_failure(status, provisional=True):
                attempt.failed("503", retry_after=retry_after)
            attempt.failed(TimeoutError())
            attempt.succeeded()
            return 200
        # It may be left by an exception that ends there, so that this is reached.
        assert_type(attempts.resolution, sipresolve.Resolution)
    attempts.close()
    for attempt in resolver.failover_response(
        Via.parse("SIP/2.0/UDP 192.0.2.1"), lifetime=2, seed=1
    ):
        assert_type(attempt, Attempt)
    assert_type(resolver.respond("SIP/2.0/UDP 192.0.2.1"), sipresolve.Resolution)
    return 0


async def asynchronous_failover() -> int:
    resolver = AsyncResolver(health=HealthBook())
    attempts = resolver.failover(SipUri.parse("sip:example.com"), transports=("tcp",))
    assert_type(attempts, sipresolve.AsyncFailover)
    async for attempt in attempts:
        assert_type(attempt, Attempt)
        async with attempt as entered:
            assert_type(entered, Attempt)
            return 200
        assert_type(attempts.resolution, sipresolve.Resolution)
    await attempts.aclose()
    async for attempt in resolver.failover_response("SIP/2.0/UDP 192.0.2.1"):
        assert_type(attempt, Attempt)
    assert_type(await resolver.respond("SIP/2.0/UDP 192.0.2.1"), sipresolve.Resolution)
    return 0


class SharedHealth:
    """A health of one's own: four methods, and nothing to inherit."""

    def admit(self, place: Place) -> Standing:
        return Standing(penalised=place.port == 5060)

    def succeeded(self, place: Place, *, probe: int | None) -> None: ...

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None: ...

    def released(self, place: Place, *, probe: int | None) -> None: ...


def health() -> tuple[Health, ...]:
    Resolver(health=SharedHealth())
    AsyncResolver(health=SharedHealth())
    book = HealthBook()
    for penalty in book.snapshot():
        assert_type(penalty, sipresolve.Penalty)
        assert_type(penalty.place, Place)
        assert_type(penalty.remaining, float)
        assert_type(penalty.probing, bool)
        book.forget(penalty.place)
    book.clear()
    # What was given may be anybody's: a snapshot is the book's alone.
    assert_type(Resolver(health=book).health, Health)
    return (book, SharedHealth())


async def asynchronous() -> None:
    async with AsyncResolver() as resolver:
        assert_type(await resolver.resolve("sip:alice@example.com"), sipresolve.Resolution)
        assert_type(await resolver.enum("+44 20 7946 0123"), sipresolve.Resolution)
    AsyncResolver(backend=ZoneBackend.from_file("example.zone"))
    AsyncResolver(backend=AsyncDnspythonBackend(nameservers=["192.0.2.53"]))


def errors() -> None:
    try:
        blocking()
    except sipresolve.SipResolveError as error:
        assert_type(error.code, str)
        assert_type(error.resolution, sipresolve.Resolution | None)
    try:
        failover(503, None)
    except sipresolve.AllTargetsFailed as error:
        assert_type(error.failures, tuple[tuple[Target, Exception], ...])
        assert_type(error.exceptions, tuple[Exception | ExceptionGroup[Exception], ...])
        for target, failure in error.failures:
            assert_type(target, Target)
            if isinstance(failure, sipresolve.TargetFailed):
                assert_type(failure.reason, str)


def errors_by_kind() -> None:
    try:
        failover(None, 30)
    except* TimeoutError as silent:
        assert_type(silent, ExceptionGroup[TimeoutError])


def a_backend(backend: ZoneBackend) -> tuple[sipresolve.backends.Backend, ...]:
    return (backend, DnspythonBackend())
