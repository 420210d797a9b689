"""From a telephone number to the servers to contact: ENUM, then RFC 3263 for each URI it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.procedures.ask import Ask
from sipresolve.procedures.locate import first_questions, locate
from sipresolve.procedures.lookup import Lookup
from sipresolve.procedures.search import EAGER, Pace
from sipresolve.procedures.telephone import enum
from sipresolve.vocabulary.errors import (
    DnsError,
    NotProven,
    NumberUnused,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.records import weakest
from sipresolve.vocabulary.targets import Note, Target
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from random import Random

    from sipresolve.procedures.ask import Known, Procedure, Yielded
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer

__all__ = ["Client", "locate_number", "locate_user_phone", "map_number"]

#: How many more URIs are looked up along with one, for a caller who wants all targets at once.
_TOGETHER: Final = 8


@define(kw_only=True)
class Client:
    """Who calls, and what was found for it.

    Attributes:
        policy: What it wants and can do.
        rng: The dice for RFC 2782.
        sources: Where this machine would send from, for RFC 6724.
        pace: How far to look ahead.
        large: Whether the request is too large for UDP (RFC 3261 §18.1.1).
        sips: Whether every URI is located as a SIPS URI, since the Request-URI is one (RFC 3261
            §16.6).
        used: The answers that the targets rest on.
        errors: Why URIs could not be located.
        found: Whether there was a target.
    """

    policy: Policy
    rng: Random
    sources: Sources = NO_SOURCES
    pace: Pace = EAGER
    large: bool = False
    sips: bool = False
    used: list[Answer] = field(factory=list)
    errors: list[SipResolveError] = field(factory=list)
    found: bool = False
    _located: set[str] = field(factory=set)

    def locate(self, uri: SipUri) -> Procedure[tuple[Answer, ...]]:
        """Locate a URI as RFC 3263 §4 says."""
        return locate(
            uri,
            policy=self.policy,
            rng=self.rng,
            sources=self.sources,
            pace=self.pace,
            large=self.large,
        )

    @property
    def ahead(self) -> int:
        """How many URIs to look up ahead of the one that is located: not to spend the budget."""
        return _TOGETHER if self.pace.ahead is None else self.pace.ahead

    def hop(self, uri: SipUri) -> SipUri:
        """A URI of the number as it is located."""
        return evolve(uri, scheme="sips") if self.sips else uri

    def turn_to(self, mapped: MappedUri) -> bool:
        """Begin with a URI; False where it is not located, or has been for another service."""
        is_new = isinstance(mapped.parsed, SipUri) and mapped.uri not in self._located
        self._located.add(mapped.uri)
        return is_new

    def offer(self, target: Target, mapped: MappedUri, uri: SipUri) -> Target:
        """A target of a URI, which begins at the number."""
        self.found = True
        lives = [ttl for ttl in (target.ttl, mapped.ttl) if ttl is not None]
        security, reason = target.security, target.reason
        if security is None or weakest(mapped.security, security) is not security:
            security, reason = mapped.security, mapped.reason
        ttl = min(lives, default=None)
        return evolve(target, uri=uri, security=security, reason=reason, ttl=ttl)

    def fail(self, error: SipResolveError, uri: SipUri) -> Note:
        """A URI could not be located."""
        self.used += error.answers
        message = f"{uri}: {error.message}"
        self.errors.append(_blamed_on_enum(error, message))
        return Note(code="uri-not-located", message=message)

    def nothing_found(self) -> SipResolveError:
        """Why no URI led to a target: a failure outranks absence."""
        return min(self.errors, key=_rank)


def map_number(number: TelUri, *, policy: Policy) -> Procedure[tuple[Answer, ...]]:
    """Yield the URIs of a number in order, and locate none (RFC 6116).

    Args:
        number: A global number.
        policy: What the client wants.

    Returns:
        The answers that the URIs rest on, negative ones too.

    Raises:
        NumberUnused: ENUM says that the number is not in use.
        NoSuchNumber: ENUM has no usable entry.
        SipResolveError: No URI was found for another reason; the class says why.
    """
    lookup = Lookup(number=number, policy=policy)
    yield from enum(lookup)
    return tuple(lookup.used)


def locate_number(number: TelUri, client: Client) -> Procedure[tuple[Answer, ...]]:
    """Yield the URIs of a number in order, and after those that are SIP URIs their targets.

    What comes from one answer is looked up together. URIs of other schemes are for the caller.

    Returns:
        The answers that all of it rests on, negative ones too.

    Raises:
        NumberUnused: ENUM says that the number is not in use.
        NoSuchNumber: ENUM has no usable entry.
        SipResolveError: No SIP URI led to a target; the class says why.
    """
    steps = enum(Lookup(number=number, policy=client.policy, used=client.used))
    step = _resumed(steps, None)
    while step is not None:
        together: list[MappedUri] = []
        while isinstance(step, (MappedUri, Note)):
            yield step
            if isinstance(step, MappedUri):
                together.append(step)
            step = _resumed(steps, None)
        yield from _locate_each(client, together)
        if step is not None:
            step = _resumed(steps, (yield step))
    if client.errors and not client.found:
        raise client.nothing_found()
    return tuple(client.used)


def locate_user_phone(number: TelUri, uri: SipUri, client: Client) -> Procedure[tuple[Answer, ...]]:
    """Yield the targets of a number, or where it leads nowhere those of the SIP URI that has it.

    Its domain owns the user part, so what ENUM does not know is no reason to give up.

    Raises:
        NumberUnused: ENUM says that the number is not in use.
        NotProven: What ENUM says may be forged.
        SipResolveError: No target was found; the class says why.
    """
    # What is asked for by a SIPS URI goes nowhere without TLS, wherever its number leads.
    client.sips = client.sips or uri.scheme == "sips"
    failed: SipResolveError | None = None
    try:
        yield from locate_number(number, client)
    except (NumberUnused, NotProven):
        raise
    except SipResolveError as error:
        failed = error
    if not client.found:
        why = failed.message if failed else f"{number.number} leads to no SIP URI"
        message = f"{why}; {uri.target} is asked instead"
        yield Note(code="enum-not-used", message=message, warning=isinstance(failed, DnsError))
        client.used += yield from client.locate(uri)
    return tuple(client.used)


def _resumed(steps: Procedure[None], sent: Known | None) -> Yielded | None:
    """The next step of a procedure; None at its end."""
    try:
        return next(steps) if sent is None else steps.send(sent)
    except StopIteration:
        return None


def _locate_each(client: Client, uris: list[MappedUri]) -> Procedure[None]:
    """Locate those that are SIP URIs, each once, and look ahead to the next few."""
    new = filter(client.turn_to, uris)
    each = [(mapped, mapped.parsed) for mapped in new if isinstance(mapped.parsed, SipUri)]
    for position, (mapped, uri) in enumerate(each):
        near = [client.hop(hop) for _, hop in each[position : position + 1 + client.ahead]]
        if len(near) > 1:
            yield Ask(hints=tuple(q for hop in near for q in first_questions(hop, client.policy)))
        yield from _located(client, mapped, uri)


def _located(client: Client, mapped: MappedUri, uri: SipUri) -> Procedure[None]:
    """Locate one URI; that it leads nowhere is a note, since another may."""
    steps = client.locate(client.hop(uri))
    sent: Known | None = None
    while True:
        try:
            step = next(steps) if sent is None else steps.send(sent)
        except StopIteration as stop:
            client.used += stop.value
            return
        except SipResolveError as error:
            yield client.fail(error, uri)
            return
        sent = None
        if isinstance(step, Target):
            yield client.offer(step, mapped, uri)
        else:
            sent = yield step


def _blamed_on_enum(error: SipResolveError, message: str) -> SipResolveError:
    """A URI that nobody but ENUM gave is no wrong input; and it has to be named."""
    if isinstance(error, UnsupportedTransport):
        return UnsupportedTransport(message, offered=error.offered, answers=error.answers)
    return type(error)(message, answers=error.answers)


#: What is told first of several errors: doubt, then failure, then absence.
_RANKS: Final = (
    "bogus",
    "not-secure",
    "name-refused",
    "address-refused",
    "too-many-names",
    "busy",
    "dns-failure",
    "dns-timeout",
    "loop",
    "budget-exceeded",
)


def _rank(error: SipResolveError) -> int:
    return _RANKS.index(error.code) if error.code in _RANKS else len(_RANKS)
