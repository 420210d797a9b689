"""What one call has found so far, and what to say where that is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    Loop,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    ServiceNotOffered,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.records import Security, Status
from sipresolve.vocabulary.targets import Family, Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

    from sipresolve.procedures.addresses import Sources
    from sipresolve.procedures.ask import Known
    from sipresolve.procedures.routes import Route
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Address, Answer, Question
    from sipresolve.vocabulary.targets import Target
    from sipresolve.vocabulary.transports import Transport
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["Pace", "Search", "address_kind"]


@frozen
class Pace:
    """How far to look ahead, and how long to wait for what is late.

    Attributes:
        ahead: Of how many hosts to ask the addresses before they are needed; None for all. With 0
            nothing is known of later hosts, so none overtakes a host that is late.
        stragglers: How long to wait for late addresses after the last target, in seconds.
    """

    ahead: int | None
    stragglers: float


@define(kw_only=True)
class Search:
    """The state of one call of `locate`, shared with nobody.

    Attributes:
        uri: What is being located.
        policy: What the client wants and can do.
        rng: The dice.
        sources: Where this machine would send from.
        pace: How far to look ahead.
        known: What is known, as the driver keeps it.
        used: The answers that a decision rests on.
        unsupported: SIP services that the domain offers and the client lacks.
        refused: Transports that the domain's SRV records rule out.
        has_srv: Whether the domain has SRV records that are more than a refusal.
        late: Questions for addresses that were not waited for, and whose they are.
        spent: Whether the budget is spent.
    """

    uri: SipUri
    policy: Policy
    rng: Random
    sources: Sources
    pace: Pace
    known: Known = field(factory=dict)
    used: list[Answer] = field(factory=list)
    unsupported: tuple[str, ...] = ()
    refused: set[Transport] = field(factory=set)
    has_srv: bool = False
    late: list[tuple[Route, tuple[Question, ...]]] = field(factory=list)
    spent: bool = False
    _yielded: set[tuple[Transport, Address, int]] = field(factory=set)
    _withheld: list[Target] = field(factory=list)

    def use(self, question: Question) -> Answer:
        """The answer to a question that was waited for; from now on, something rests on it."""
        answer = self.known[question]
        self.used.append(answer)
        return answer

    def tls_name(self, transport: Transport) -> str | None:
        """The name that a certificate has to show: the input of RFC 3263 (RFC 5922 §4)."""
        return self.uri.target if transport.secure else None

    def offer(self, target: Target) -> Iterator[Target | Note]:
        """Yield a target, but for twins and for what the policy holds back."""
        place = target.transport, target.address, target.port
        if self.policy.require_secure and target.security not in (None, Security.SECURE):
            self._withheld.append(target)
            message = f"{target} of {target.host}: skipped, the answers that lead to it are "
            yield Note(code="target-not-secure", message=f"{message}{target.security}")
        elif place in self._yielded:
            message = f"{target} of {target.host}: skipped, it was named before"
            yield Note(code="target-named-before", message=message, warning=False)
        else:
            self._yielded.add(place)
            yield target

    @property
    def found(self) -> bool:
        """Whether a target was yielded."""
        return bool(self._yielded)

    def nothing_found(self) -> SipResolveError:
        """Why no target was found: a failure outranks absence."""
        return self._doubt() or self._failure() or self._unproven() or self._absence()

    def _doubt(self) -> SipResolveError | None:
        if bogus := self._used_with(Status.BOGUS):
            return Bogus(f"{_said(bogus)}: DNSSEC validation failed", answers=bogus)
        if self._withheld:
            return NotSecure(
                f"{self.uri.target}: no target is proven by DNSSEC, and the policy requires it",
                answers=tuple(self.used),
            )
        return None

    def _failure(self) -> SipResolveError | None:
        failed = tuple(a for a in self.used if a.status in _REFUSALS and not a.loop)
        if failed:
            return DnsFailure(f"the DNS did not say: {_said(failed)}", answers=failed)
        if silent := self._used_with(Status.TIMEOUT):
            return DnsTimeout(f"no nameserver answered: {_said(silent)}", answers=silent)
        if loops := tuple(answer for answer in self.used if answer.loop):
            return Loop(f"aliases never end: {_said(loops)}", answers=loops)
        if unasked := self._used_with(Status.UNASKED):
            message = f"the budget of {self.policy.budget} questions was spent before"
            return BudgetExceeded(f"{message} {unasked[0].question}", answers=unasked)
        return None

    def _unproven(self) -> SipResolveError | None:
        """Absence may be forged as well as anything else."""
        unproven = tuple(a for a in self.used if a.security is not Security.SECURE)
        if not (self.policy.require_secure and unproven):
            return None
        message = "is not proven by DNSSEC, and the policy requires it"
        return NotSecure(f"{_said(unproven[:1])} {message}", answers=unproven)

    def _absence(self) -> SipResolveError:
        domain, answers = self.uri.target, tuple(self.used)
        if self.unsupported and not self.has_srv:
            offered = ", ".join(self.unsupported)
            return UnsupportedTransport(
                f"{domain} offers {offered}, and nothing that the client can use for this URI",
                offered=self.unsupported,
                answers=answers,
            )
        if self.refused and not self.has_srv:
            names = ", ".join(sorted(self.refused))
            message = f"{domain} says that it has no SIP service over {names}"
            return ServiceNotOffered(message, answers=answers)
        if not self.has_srv and _says_no_such(domain, answers):
            return NoSuchDomain(f"there is no domain {domain!r}", answers=answers)
        over = ", ".join(self.policy.transports)
        address = f"{address_kind(self.policy.families)} over {over}"
        return NoTargets(f"{domain} leads to no {address}", answers=answers)

    def _used_with(self, status: Status) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.used if answer.status is status)


_REFUSALS: Final = frozenset({Status.SERVFAIL, Status.REFUSED, Status.FORMERR, Status.NOTIMP})


def address_kind(families: tuple[Family, ...]) -> str:
    """What a client with these families calls an address."""
    if len(families) > 1:
        return "address"
    return "IPv4 address" if Family.IPV4 in families else "IPv6 address"


def _says_no_such(domain: str, answers: Iterable[Answer]) -> bool:
    """Whether the domain itself is not there, by all that was said of it.

    Behind an alias it is another name that is not there.
    """
    own = [answer for answer in answers if answer.question.name == domain and not answer.aliases]
    statuses = {answer.status for answer in own if not answer.status.is_failure}
    return statuses == {Status.NXDOMAIN}


def _said(answers: tuple[Answer, ...]) -> str:
    """The first few answers, and what became of them."""
    told = [f"{answer.question}: {answer.detail or answer.status}" for answer in answers[:_TOLD]]
    more = len(answers) - _TOLD
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


_TOLD: Final = 3
