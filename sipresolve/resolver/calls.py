"""What both resolvers do before the first question of a call: the same input, the same run."""

from __future__ import annotations

import time
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field, frozen

from sipresolve.failover.book import HealthBook
from sipresolve.failover.course import NO_MORE
from sipresolve.failover.health import Health
from sipresolve.procedures.next_hop import next_hop, wants_sips
from sipresolve.procedures.size import too_large_for_udp
from sipresolve.procedures.substitution import require_matcher
from sipresolve.procedures.telephone import mappable
from sipresolve.resolver.sources import find_sources
from sipresolve.resolver.subjects import number_in, number_of, subject_of
from sipresolve.session.plans import Prepared as Way
from sipresolve.session.plans import key_of
from sipresolve.session.session import Session
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.checks import is_whole
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Dnssec, Policy
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sipresolve.failover.course import Found
    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.proof.means import Checking
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.targets import Resolution, Subject, Target

__all__ = ["LOOK_EVERY", "Call", "Desk", "Prepared", "Request", "Wishes", "checked_health"]

#: How often to look whether answers come from other nameservers by now, in seconds.
LOOK_EVERY: Final = 1.0


@frozen(eq=False)
class Call:
    """A call on its way.

    Attributes:
        subject: What is resolved: the URI of a request, the Via of a response, or a number.
        run: How far it is.
    """

    subject: Subject
    run: Run

    def result(self) -> Resolution:
        """What became of it, once the run has ended."""
        return self.run.result(self.subject)

    @property
    def resolution(self) -> Resolution:
        """What has been found so far."""
        return self.run.resolution(self.subject)

    def found(self, target: Target | None) -> Found:
        """What to tell an iterator of a target, or where there is no more, of the end."""
        if target is not None:
            return target
        return (self.run.ended and self.run.ended.error) or NO_MORE


@define(eq=False)
class Prepared:
    """A call that is answered by a plan.

    Attributes:
        subject: The URI of a request.
    """

    subject: SipUri
    _way: Way
    _rng: Random
    _now: float
    _ahead: Iterator[Target] | None = None
    _found: list[Target] = field(factory=list)

    def result(self) -> Resolution:
        """All of it."""
        return self._way.resolve(self.subject, self._rng, self._now)

    @property
    def resolution(self) -> Resolution:
        """What has been handed out so far."""
        return self._way.resolution(self.subject, tuple(self._found), self._now)

    def next(self) -> Found:
        """The next target, or the end."""
        if self._ahead is None:
            self._ahead = self._way.plan.targets(self._rng)
        target = next(self._ahead, None)
        if target is None:
            return NO_MORE
        self._found.append(target)
        return target


@frozen
class Wishes:
    """What a call sets by keyword; None for what the resolver's policy says.

    Attributes:
        transports: The transports to use, in the order of preference.
        lifetime: How long to wait for the DNS, in seconds.
        seed: Makes the dice repeatable.
        lazy: Whether targets are wanted one at a time.
        services: The enumservices to ask for.
        roots: The roots of ENUM to ask, in order.
    """

    transports: Iterable[str] | None = None
    lifetime: float | None = None
    seed: int | None = None
    lazy: bool = False
    services: Iterable[str] | None = None
    roots: Iterable[str] | None = None

    @classmethod
    def of(
        cls,
        transports: Iterable[str] | None,
        lifetime: float | None,
        seed: int | None,
        *,
        lazy: bool = False,
    ) -> Wishes:
        """The wishes of a call for targets; most calls have none."""
        if transports is None and lifetime is None and seed is None:
            return _LAZILY if lazy else _NONE
        return cls(transports, lifetime, seed, lazy)

    def policy(self, policy: Policy) -> Policy:
        """The policy of the resolver as the call wishes it."""
        if self is _NONE or self is _LAZILY:
            return policy
        if self.transports is not None:
            policy = evolve(policy, transports=self.transports)
        if self.lifetime is not None:
            policy = evolve(policy, lifetime=self.lifetime)
        if self.services is not None:
            policy = evolve(policy, enum_services=self.services)
        if self.roots is not None:
            policy = evolve(policy, enum_roots=self.roots)
        return policy

    def rng(self, common: Random) -> Random:
        """The dice of the call."""
        if not isinstance(self.seed, (int, type(None))):
            raise Misuse(f"seed must be a whole number, not {self.seed!r}")
        return common if self.seed is None else Random(self.seed)  # noqa: S311 - it shares load


_NONE: Final = Wishes()
_LAZILY: Final = Wishes(lazy=True)


@frozen
class Request:
    """What a call says of the request that is to be sent.

    Attributes:
        size: Its size in octets; None where it does not matter (RFC 3261 §18.1.1).
        mtu: That of the path, in octets; None where it is not known.
        request_uri: Its Request-URI, where another URI is located (RFC 3261 §16.6).
    """

    size: int | None = None
    mtu: int | None = None
    request_uri: str | SipUri | None = None

    @classmethod
    def of(
        cls, size: int | None, mtu: int | None, request_uri: str | SipUri | None
    ) -> Request | None:
        """What is said of a request; None where nothing is."""
        if size is None and mtu is None and request_uri is None:
            return None
        return cls(size, mtu, request_uri)

    @property
    def is_large(self) -> bool:
        """Whether it is too large for UDP."""
        return too_large_for_udp(_octets("size", self.size), _octets("mtu", self.mtu))


def _is_special(request: Request | None) -> bool:
    """Whether what is said of a request has a say in where it goes."""
    return request is not None and (request.request_uri is not None or request.is_large)


def _octets(name: str, value: int | None) -> int | None:
    if value is not None and not (is_whole(value) and value > 0):
        raise Misuse(f"{name} must be a whole number of octets above 0, not {value!r}")
    return value


_NO_CACHE_POLICY: Final = "cache is a CachePolicy (with entries=0: no cache)"


class Desk:
    """Takes calls for one resolver."""

    def __init__(
        self,
        policy: Policy | None,
        sources: Sources | None,
        caching: CachePolicy | None = None,
    ) -> None:
        """Begin with fresh dice, and no calls.

        Args:
            policy: What the client wants and can do; None for the defaults.
            sources: Where this machine sends from; None to find out once.
            caching: What may be kept, and for how long; None for the defaults.
        """
        if not isinstance(policy, (Policy, type(None))):
            raise Misuse(f"a Policy is wanted, not {policy!r}")
        if not isinstance(caching, (CachePolicy, type(None))):
            raise Misuse(f"{_NO_CACHE_POLICY}, not {type(caching).__name__}")
        policy = policy or Policy()
        self.session = Session(policy, caching, _checking(policy))
        self._sources = sources
        self._rng = Random()  # noqa: S311 - it shares load, it guards nothing

    def locate(
        self, uri: str | SipUri | TelUri, request: Request | None, wishes: Wishes, now: float
    ) -> Call | Prepared:
        """Begin to find where a request goes."""
        subject = subject_of(uri)
        policy = wishes.policy(self.session.policy)
        if isinstance(subject, SipUri) and not (policy.enum_user_phone or _is_special(request)):
            way = self.session.plans.find(key_of(subject, policy), now)
            if way is not None:
                return Prepared(subject, way, wishes.rng(self._rng), now)
        request = request or Request()
        run = self._search(subject, request, policy)(
            policy,
            rng=wishes.rng(self._rng),
            sources=self._known_sources(),
            now=now,
            large=request.is_large,
            lazy=wishes.lazy,
        )
        return Call(subject, run)

    def _search(
        self, subject: SipUri | TelUri, request: Request, policy: Policy
    ) -> Callable[..., Run]:
        """What finds the servers: RFC 3263 for a URI; for a number, ENUM before it."""
        if isinstance(subject, TelUri):
            return self._search_by_number(mappable(subject, policy), request)
        uri = next_hop(subject, request.request_uri)
        # Where there is another Request-URI, this one is that of a Route: a place to go to.
        may_be_mapped = policy.enum_user_phone and request.request_uri is None
        number = number_in(uri, policy) if may_be_mapped else None
        if number is None:
            return partial(self.session.locate, uri)
        return self._search_by_number(number, request, uri)

    def _search_by_number(
        self, number: TelUri, request: Request, uri: SipUri | None = None
    ) -> Callable[..., Run]:
        require_matcher()
        sips = wants_sips(request.request_uri)
        return partial(self.session.locate_number, number, sips=sips, uri=uri)

    def enum(self, number: str | SipUri | TelUri, wishes: Wishes, now: float) -> Call:
        """Begin to map a telephone number to URIs."""
        policy = wishes.policy(self.session.policy)
        subject = mappable(number_of(number), policy)
        require_matcher()
        return Call(subject, self.session.map_number(subject, policy, now=now))

    def respond(self, via: str | Via, wishes: Wishes, now: float) -> Call:
        """Begin to find where a response goes."""
        parsed = via if isinstance(via, Via) else Via.parse(via)
        run = self.session.respond(
            parsed,
            wishes.policy(self.session.policy),
            rng=wishes.rng(self._rng),
            sources=self._known_sources(),
            now=now,
            lazy=wishes.lazy,
        )
        return Call(parsed, run)

    def anew(self) -> Desk:
        """The same desk with fresh dice and no calls, for a child process."""
        return Desk(self.session.policy, self._sources, self.session.caching)

    def _known_sources(self) -> Sources:
        if self._sources is None:
            self._sources = find_sources()
        return self._sources


def _checking(policy: Policy) -> Checking | None:
    """What answers are proven with, where they are proven here."""
    if policy.dnssec is not Dnssec.VALIDATE:
        return None
    from sipresolve.backends.signatures import signatures  # noqa: PLC0415 - few need it
    from sipresolve.session.proof.means import Checking  # noqa: PLC0415 - likewise

    return Checking(signatures(), time.time)


def checked_health(given: Health | None) -> Health:
    """The health that a resolver was given, or a new one."""
    if given is None:
        return HealthBook()
    if not isinstance(given, Health):
        raise Misuse(f"{given!r} is no health: see sipresolve.Health")
    return given
