"""The resolver for blocking programs; how its threads wait together is in `pump`."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from sipresolve.backends.protocols import Backend, SharedBackend
from sipresolve.failover.claims import Claims
from sipresolve.failover.health import Unjudged
from sipresolve.failover.iterators import Failover
from sipresolve.resolver.calls import LOOK_EVERY, Desk, Prepared, Request, Wishes, checked_health
from sipresolve.resolver.pump import Pump
from sipresolve.vocabulary.errors import Misuse, SipResolveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from sipresolve.failover.course import Found
    from sipresolve.failover.health import Health
    from sipresolve.procedures.addresses import Sources
    from sipresolve.resolver.calls import Call
    from sipresolve.vocabulary.caching import CachePolicy, CacheStatistics
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.targets import Resolution, Subject
    from sipresolve.vocabulary.uri import SipUri
    from sipresolve.vocabulary.via import Via

__all__ = ["Resolver"]


class Resolver:
    """Finds SIP servers for blocking programs; may be shared by threads.

    >>> from sipresolve.backends import ZoneBackend
    >>> zone = ZoneBackend.from_text("sip.example.com. IN A 192.0.2.1")
    >>> with Resolver(zone) as resolver:
    ...     for target in resolver.resolve("sip:alice@sip.example.com").targets:
    ...         print(target)
    udp 192.0.2.1:5060

    Attributes:
        health: What is known of servers across calls; only `failover` looks at it.
    """

    def __init__(
        self,
        backend: Backend | SharedBackend | None = None,
        policy: Policy | None = None,
        *,
        sources: Sources | None = None,
        health: Health | None = None,
        cache: CachePolicy | None = None,
    ) -> None:
        """Make a resolver; nothing is asked yet.

        Args:
            backend: Where answers come from, and closed with the resolver, to which it belongs if
                it is no `SharedBackend`; None for the nameservers of the system.
            policy: What the client wants and can do; None for the defaults.
            sources: Where this machine sends from (RFC 6724); None to find out once.
            health: Where failures of servers are remembered, and may be shared by resolvers; None
                for a `HealthBook` of its own.
            cache: What is kept of answers, and for how long; None for the defaults,
                ``CachePolicy(entries=0)`` for no cache.

        Raises:
            Misuse: The nameservers of the system make no sense, or this is no backend, policy,
                health or cache policy.
        """
        self.health = checked_health(health)
        self._claims = Claims(self.health)
        self._backend = _backend(backend)
        self._closed = False
        self._look_again = 0.0
        self._desk = Desk(policy, sources, cache)
        self._pump = Pump(self._backend, self._desk.session)
        self._fork_noticed = threading.Lock()

    def resolve(  # noqa: PLR0913 - all but one are named where it is called
        self,
        uri: str | SipUri | TelUri,
        *,
        transports: Iterable[str] | None = None,
        lifetime: float | None = None,
        seed: int | None = None,
        size: int | None = None,
        mtu: int | None = None,
        request_uri: str | SipUri | None = None,
    ) -> Resolution:
        """Find the servers to contact for a URI, in order (RFC 3263 §4).

        Args:
            uri: A SIP or SIPS URI, or a bare host (a name or an address, with or without a port);
                or a tel URI or a number with its plus, which is mapped by ENUM first (`enum`).
            transports: The transports to use for this call, in the order of preference; None for
                those of the policy.
            lifetime: How long the whole may wait for the DNS, in seconds; None for that of the
                policy.
            seed: Makes the dice of RFC 2782 repeatable; None for fresh ones.
            size: That of the request, in octets. Over 1,300, or within 200 of a known MTU, TCP
                goes before UDP (RFC 3261 §18.1.1); None where it does not matter.
            mtu: That of the path, in octets; None where it is not known.
            request_uri: The Request-URI, where `uri` is that of a Route: if it is a SIPS URI, so
                is what is located (RFC 3261 §16.6).

        Raises:
            InvalidUri: It is neither a URI nor a host.
            InvalidNumber: It is no number that is mapped, though it begins like one.
            UnsupportedTransport: It wants what the client lacks, or the domain offers nothing else.
            SipResolveError: No server was found; the class and its `code` say why.
        """
        request = Request.of(size, mtu, request_uri)
        wishes = Wishes.of(transports, lifetime, seed)
        now = time.monotonic()
        call = self._open(now).locate(uri, request, wishes, now)
        return call.result() if isinstance(call, Prepared) else self._finish(call)

    def failover(  # noqa: PLR0913 - likewise
        self,
        uri: str | SipUri | TelUri,
        *,
        transports: Iterable[str] | None = None,
        lifetime: float | None = None,
        seed: int | None = None,
        size: int | None = None,
        mtu: int | None = None,
        request_uri: str | SipUri | None = None,
    ) -> Failover:
        r"""Attempts at the servers of a URI, one after the other until one works (RFC 3263 §4.3).

        >>> from sipresolve.backends import ZoneBackend
        >>> zone = ZoneBackend.from_text("sip.example.com. IN A 192.0.2.1\n IN A 192.0.2.2")
        >>> down = {"192.0.2.1"}
        >>> with Resolver(zone) as resolver:
        ...     for attempt in resolver.failover("sip:sip.example.com", seed=1):
        ...         with attempt:
        ...             if str(attempt.target.address) in down:
        ...                 raise ConnectionRefusedError
        ...             print("answered by", attempt.target)
        answered by udp 192.0.2.2:5060

        It is lazy: a target is handed out as soon as it is known, and what comes next is looked up
        while the caller is busy with it. Servers that have failed before (`health`) come last.

        Args:
            uri: As of `resolve`, and so are the others but for one:
            transports: As of `resolve`.
            lifetime: How long each target may wait for the DNS, in seconds. The time that the
                caller is busy with a target does not count.
            seed: As of `resolve`.
            size: As of `resolve`; UDP follows TCP only where that was refused.
            mtu: As of `resolve`.
            request_uri: As of `resolve`.

        Raises:
            InvalidUri: It is neither a URI nor a host.
            InvalidNumber: It is no number that is mapped, though it begins like one.
            AllTargetsFailed: On the way: every attempt failed.
            SipResolveError: On the way: no server was found; the class and its `code` say why.
        """
        request = Request.of(size, mtu, request_uri)
        wishes = Wishes.of(transports, lifetime, seed, lazy=True)
        now = time.monotonic()
        return self._attempts(self._open(now).locate(uri, request, wishes, now), self._claims)

    def enum(
        self,
        number: str | SipUri | TelUri,
        *,
        services: Iterable[str] | None = None,
        roots: Iterable[str] | None = None,
        lifetime: float | None = None,
    ) -> Resolution:
        """Map a telephone number to URIs (RFC 6116); the servers of none of them are looked up.

        >>> from sipresolve.backends import ZoneBackend
        >>> zone = ZoneBackend.from_text(
        ...     '3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+sip"'
        ...     ' "!^.*$!sip:info@example.com!" .'
        ... )
        >>> with Resolver(zone) as resolver:
        ...     for mapped in resolver.enum("+44 20 7946 0123").uris:
        ...         print(mapped.uri)
        sip:info@example.com

        Args:
            number: A number of E.164 with its plus, in which blanks and ``-.()`` do not count; a
                tel URI; or a SIP URI with ``;user=phone``.
            services: The enumservices to ask for, such as ``"sip"`` and ``"pstn:tel"``; None for
                those of the policy.
            roots: The domains below which to look, in order; None for those of the policy.
            lifetime: As of `resolve`.

        Returns:
            A resolution without targets: its `uris` are what was found, in order.

        Raises:
            InvalidNumber: It is no global number.
            InvalidUri: It is a SIP URI that is none.
            NumberUnused: ENUM says that the number is not in use.
            NoSuchNumber: ENUM has no usable entry.
            Misuse: google-re2 is not installed (the extra ``enum``).
            SipResolveError: Nothing was found; the class and its `code` say why.
        """
        wishes = Wishes(lifetime=lifetime, services=services, roots=roots)
        now = time.monotonic()
        return self._finish(self._open(now).enum(number, wishes, now))

    def respond(
        self, via: str | Via, *, lifetime: float | None = None, seed: int | None = None
    ) -> Resolution:
        """Find where a response goes, in order (RFC 3261 §18.2.2, RFC 3581, RFC 3263 §5).

        >>> from sipresolve.backends import ZoneBackend
        >>> with Resolver(ZoneBackend.from_text("")) as resolver:
        ...     via = "SIP/2.0/UDP 10.0.0.5:5060;received=198.51.100.7;rport=40123"
        ...     for target in resolver.respond(via).targets:
        ...         print(target)
        udp 198.51.100.7:40123
        udp 10.0.0.5:5060

        Over a reliable transport this is for when the connection that the request came in on is
        no longer open.

        Args:
            via: The Via header of the response, of which the topmost value counts.
            lifetime: As of `resolve`.
            seed: As of `resolve`.

        Raises:
            InvalidVia: It is no Via header.
            UnsupportedTransport: It names a transport that is not known.
            SipResolveError: No server was found; the class and its `code` say why.
        """
        wishes = Wishes(None, lifetime, seed)
        now = time.monotonic()
        return self._finish(self._open(now).respond(via, wishes, now))

    def failover_response(
        self, via: str | Via, *, lifetime: float | None = None, seed: int | None = None
    ) -> Failover:
        """Attempts at the places where a response may go, one after the other, as of `failover`.

        Nothing is looked up before ``received`` has been tried. What is known of servers does not
        count, and nothing is remembered: where a response goes first is no choice.

        Args:
            via: As of `respond`.
            lifetime: As of `failover`.
            seed: As of `resolve`.

        Raises:
            InvalidVia: It is no Via header.
            AllTargetsFailed: On the way: every attempt failed.
            SipResolveError: On the way: nothing was found; the class and its `code` say why.
        """
        wishes = Wishes(None, lifetime, seed, lazy=True)
        now = time.monotonic()
        call = self._open(now).respond(via, wishes, now)
        return self._attempts(call, Claims(Unjudged()))

    @property
    def statistics(self) -> CacheStatistics:
        """What its cache has done, and how large it is."""
        return self._desk.session.cache.statistics()

    def flush(self, name: str | None = None) -> None:
        """Forget what is known of the DNS; the next calls ask anew.

        Args:
            name: The name of which all is forgotten, with every type of record; None for all names.

        Raises:
            Misuse: It is no domain name.
        """
        self._check_open()
        self._pump.flush(name)

    def close(self) -> None:
        """Close the backend, and so every socket; calls on their way end in `Misuse`."""
        self._closed = True
        self._claims.pass_on()
        self._pump.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, now: float) -> Desk:
        """The desk that takes a call, in this process."""
        self._check_open()
        if now >= self._look_again:
            self._look_again = now + LOOK_EVERY
            self._pump.look_up()
        return self._desk

    def _check_open(self) -> None:
        if self._closed:
            raise Misuse("the resolver is closed")
        if self._pump.process != os.getpid():
            self._notice_fork()

    def _finish(self, call: Call) -> Resolution:
        self._pump.finish(call.run)
        return call.result()

    def _attempts(self, call: Call | Prepared, claims: Claims) -> Failover:
        if isinstance(call, Prepared):
            return Failover(_Ready(call, self._check_open), claims)
        return Failover(_Targets(call, self._pump, self._current_pump), claims)

    def _current_pump(self) -> Pump:
        self._check_open()
        return self._pump

    def _notice_fork(self) -> None:
        """A child has no share in what its parent waits for, nor in its lock."""
        with self._fork_noticed:
            if self._pump.process != os.getpid():
                self._desk = self._desk.anew()
                self._look_again = 0.0
                self._pump = Pump(self._backend, self._desk.session)


class _Ready:
    """The targets of a call that is answered by a plan."""

    def __init__(self, call: Prepared, check_open: Callable[[], None]) -> None:
        self._call = call
        self._check_open = check_open

    @property
    def subject(self) -> Subject:
        return self._call.subject

    @property
    def resolution(self) -> Resolution:
        return self._call.resolution

    def next(self) -> Found:
        try:
            self._check_open()
        except SipResolveError as error:
            return error
        return self._call.next()

    def leave(self) -> None:
        """It holds nothing."""

    def abandon(self) -> None:
        """It holds nothing."""


class _Targets:
    """The targets of one call, one at a time."""

    def __init__(self, call: Call, pump: Pump, current_pump: Callable[[], Pump]) -> None:
        self._call = call
        self._pump = pump
        self._current_pump = current_pump

    @property
    def subject(self) -> Subject:
        return self._call.subject

    @property
    def resolution(self) -> Resolution:
        return self._call.resolution

    def next(self) -> Found:
        run = self._call.run
        try:
            pump = self._current_pump()
            if pump is not self._pump:  # This is a child of the process that began.
                self._pump = pump
                run.start_again()
            target = pump.next_target(run)
        except SipResolveError as error:
            return error
        return self._call.found(target)

    def leave(self) -> None:
        run = self._call.run
        if run.questions:
            self._pump.leave(run)
        else:  # It has nothing that it could give back.
            run.abandon()

    def abandon(self) -> None:
        if not self._call.run.ended:
            self._pump.abandon(self._call.run)


def _backend(given: Backend | SharedBackend | None) -> Backend:
    if given is None:
        from sipresolve.backends import DnspythonBackend  # noqa: PLC0415 - brings dnspython along

        return DnspythonBackend()
    backend = given.attach() if isinstance(given, SharedBackend) else given
    if not isinstance(backend, Backend):
        raise Misuse(f"{backend!r} is no backend for a Resolver: see sipresolve.backends.Backend")
    return backend
