"""What one call has found so far, and what to say where that is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field, frozen

from sipresolve.procedures.verdicts import address_refused, bogus, failure, not_secure, unproven
from sipresolve.vocabulary.errors import (
    NoSuchDomain,
    NoTargets,
    ServiceNotOffered,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.hosts import address_of
from sipresolve.vocabulary.policy import Selection, allows_address
from sipresolve.vocabulary.records import Security, Status
from sipresolve.vocabulary.targets import Family, Note
from sipresolve.vocabulary.transports import TCP, UDP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from sipresolve.procedures.addresses import Sources
    from sipresolve.procedures.ask import Known
    from sipresolve.procedures.routes import Route
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Address, Answer, Question
    from sipresolve.vocabulary.targets import Target
    from sipresolve.vocabulary.transports import Transport

__all__ = ["EAGER", "Pace", "Search", "address_kind"]


@frozen
class Pace:
    """How far to look ahead, and how long to wait for what is late.

    Attributes:
        ahead: Of how many hosts to ask the addresses before they are needed; None for all. With 0
            nothing is known of later hosts, so none overtakes a host that is late.
        stragglers: How long to wait for late addresses after the last target, in seconds; None for
            as long as it takes, one after the other as they come.
    """

    ahead: int | None
    stragglers: float | None


#: For a caller who wants all targets at once: every host is looked up as soon as it is known.
EAGER: Final = Pace(ahead=None, stragglers=0.5)


@define(kw_only=True)
class Search:
    """The state of one call of a procedure, shared with nobody.

    Attributes:
        target: The TARGET of RFC 3263: the host whose servers are wanted, a name or an address.
        identity: The name that a certificate has to show: the first such host, and so the input
            of RFC 3263 (RFC 5922 §4).
        port: The port that goes with it; None where none was given.
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
        large: Whether the request is too large for UDP (RFC 3261 §18.1.1).
        offers: How many targets it has come to, twins and those held back included.
        draws: What was drawn so far: the hosts of an SRV set, or the domain itself.
    """

    target: str
    identity: str = field(init=False)
    port: int | None
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
    large: bool = False
    offers: int = 0
    draws: list[Sequence[Route]] = field(factory=list)
    _yielded: set[tuple[Transport, Address, int]] = field(factory=set)
    _withheld: list[Target] = field(factory=list)
    _disallowed: list[str] = field(factory=list)
    _since: int = 0

    @identity.default
    def _first_target(self) -> str:
        return self.target

    def use(self, question: Question) -> Answer:
        """The answer to a question that was waited for; from now on, something rests on it."""
        answer = self.known[question]
        self.used.append(answer)
        return answer

    def tls_name(self, transport: Transport) -> str | None:
        """The name that a certificate has to show; None where there is none."""
        return self.identity if transport.secure else None

    def turn_to(self, target: str, port: int | None) -> None:
        """Begin with another host: what was answered for those before has no part in it."""
        self.target, self.port, self._since = target, port, len(self.used)

    def turn_to_all(self) -> None:
        """Where none of several hosts led anywhere, all that was answered has a part in that."""
        self._since = 0

    @property
    def path(self) -> tuple[Answer, ...]:
        """The answers that led to where the search for this host is."""
        return tuple(self.used[self._since :])

    def patience(self, seconds: float) -> float:
        """For how long to wait for what is late, where that decides the order.

        A stateless proxy waits for all of it: its order must not depend on what came first
        (RFC 3263 §4.4).
        """
        return _FOREVER if self.policy.selection is Selection.STATELESS else seconds

    def offer(self, target: Target, *, observed: bool = False) -> Iterator[Target | Note]:
        """Yield a target; TCP before UDP where the request is too large for that.

        Args:
            target: The target.
            observed: Whether a request came from there, so that nobody has to allow it.
        """
        self.offers += 1
        if not (observed or allows_address(self.policy, target.address, target.host)):
            self._disallowed.append(str(target))
            message = f"{target} of {target.host}: skipped, the policy does not allow the address"
            yield Note(code="address-refused", message=message)
        elif not self.large or target.transport is not UDP:
            yield from self._offer(target)
        elif TCP in self.policy.transports and TCP not in self.refused:
            yield from self._offer(evolve(target, transport=TCP, instead_of_udp=True))
            yield from self._offer(evolve(target, only_after_refusal=True))
        else:
            yield Note(code="request-too-large", message=_TOO_LARGE)
            yield from self._offer(target)

    def _offer(self, target: Target) -> Iterator[Target | Note]:
        """Yield a target, but for twins and for what the policy holds back."""
        place = target.transport, target.address, target.port
        if self.policy.require_secure and target.security not in (None, Security.SECURE):
            self._withheld.append(target)
            message = f"{target} of {target.host}: skipped, the answers that lead to it are "
            message = f"{message}{target.security}: {target.reason}"
            yield Note(code="target-not-secure", message=message)
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

    @property
    def is_exceptional(self) -> bool:
        """Whether something was late, left out or done in place of another."""
        return bool(self.late) or self.spent or self.large or self.offers != len(self._yielded)

    def nothing_found(self) -> SipResolveError:
        """Why no target was found: a failure outranks absence."""
        return (
            bogus(self.path)
            or self._withheld_all()
            or self._refused_all()
            or failure(self.path, self.policy)
            or unproven(self.path, self.policy)
            or self._absence()
        )

    def _withheld_all(self) -> SipResolveError | None:
        if not self._withheld:
            return None
        return not_secure(f"{self.target}: no target", self.path)

    def _refused_all(self) -> SipResolveError | None:
        if not self._disallowed:
            return None
        return address_refused(self.target, tuple(self._disallowed), self.path)

    def _absence(self) -> SipResolveError:
        domain, answers = self.target, self.path
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
        if address := address_of(domain):
            have = ", ".join(self.policy.families)
            return NoTargets(f"{domain} is IPv{address.version}, and the client has {have}")
        over = ", ".join(self.policy.transports)
        kind = address_kind(self.policy.families)
        return NoTargets(f"{domain} leads to no {kind} over {over}", answers=answers)


_FOREVER: Final = float("inf")
_TOO_LARGE: Final = (
    "the request is too large for UDP, and client and domain have no TCP in common"
    " (RFC 3261 §18.1.1)"
)


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
