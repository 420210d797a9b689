"""What one call of ENUM has found so far, and what to say where that is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from sipresolve.procedures.verdicts import bogus, failure, not_secure, unproven
from sipresolve.vocabulary.errors import Loop, NoSuchNumber

if TYPE_CHECKING:
    from sipresolve.procedures.ask import Known
    from sipresolve.vocabulary.errors import SipResolveError
    from sipresolve.vocabulary.mapped import MappedUri
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["Lookup"]

#: The root of public ENUM (RFC 6116 §3.2).
_PUBLIC: Final = "e164.arpa"


@define(kw_only=True)
class Lookup:
    """The state of one call, shared with nobody.

    Attributes:
        number: What is mapped: a global number.
        policy: What the client wants.
        services: The enumservices that are asked for.
        roots: The roots that are asked.
        known: What is known, as the driver keeps it.
        used: The answers that a decision rests on.
        found: The URIs so far, in order.
        loops: Where records lead in a circle, or too deep.
        passed: The answers of the roots that were passed over.
    """

    number: TelUri
    policy: Policy
    services: frozenset[str] = field(init=False)
    roots: tuple[str, ...] = field(init=False)
    known: Known = field(factory=dict)
    used: list[Answer] = field(factory=list)
    found: list[MappedUri] = field(factory=list)
    loops: list[Question] = field(factory=list)
    passed: list[Answer] = field(factory=list)
    _entered: set[Question] = field(factory=set)
    _accepted: set[Question] = field(factory=set)
    _named: set[tuple[str, str]] = field(factory=set)
    _withheld: bool = False

    @services.default
    def _services_without_portability(self) -> frozenset[str]:
        """All that are wanted; of a number that has been dipped, without portability.

        RFC 4694 §5.1: with npdi, "the network node MUST NOT retrieve the NP-related information".
        Nor does it with the carrier identification code of another network; which it is of, is not
        known here.
        """
        services = frozenset(self.policy.enum_services)
        if self.number.is_dipped or self.number.carrier is not None:
            return frozenset(each for each in services if each.partition(":")[0] != "pstn")
        return services

    @roots.default
    def _roots_not_asked_before(self) -> tuple[str, ...]:
        """Those of the policy; none where there is nothing to ask for.

        RFC 4759: with enumdi, the public ENUM has been asked about the number.
        """
        dipped = {_PUBLIC} if self.number.is_enum_dipped else set()
        return tuple(
            root for root in self.policy.enum_roots if self.services and root not in dipped
        )

    def enter(self, question: Question) -> bool:
        """Go to a domain; False where it has been gone to before, on whatever way."""
        is_new = question not in self._entered
        self._entered.add(question)
        return is_new

    def accept(self, question: Question) -> None:
        """A domain has a record that was accepted."""
        self._accepted.add(question)

    def has_accepted(self, question: Question) -> bool:
        """Whether a domain has one."""
        return question in self._accepted

    def add(self, mapped: MappedUri) -> bool:
        """Take a URI down; False where it has been named before, for the same service."""
        name = mapped.uri, mapped.service
        if name in self._named:
            return False
        self._named.add(name)
        self.found.append(mapped)
        return True

    def withhold(self) -> None:
        """Something was found that is not proven, and the policy requires it."""
        self._withheld = True

    @property
    def _dip(self) -> str:
        """Which parameter leaves nothing to ask for."""
        if self.services:
            return ";enumdi (RFC 4759)"
        return f"{';npdi' if self.number.is_dipped else ';cic'} (RFC 4694 §5.1)"

    def nothing_found(self) -> SipResolveError:
        """Why there is no URI: a failure outranks absence."""
        answers = tuple(self.used)
        return (
            bogus(answers)
            or self._not_secure()
            or failure(answers, self.policy)
            or self._circle()
            or unproven(answers, self.policy)
            or self._absence()
        )

    def _not_secure(self) -> SipResolveError | None:
        if not self._withheld:
            return None
        return not_secure(f"{self.number.number}: no record", tuple(self.used))

    def _circle(self) -> SipResolveError | None:
        if not self.loops:
            return None
        names = " and ".join(dict.fromkeys(question.name for question in self.loops))
        message = f"the records of {self.number.number} lead in a circle, or too deep, at {names}"
        return Loop(message, answers=tuple(self.used))

    def _absence(self) -> SipResolveError:
        number = self.number.number
        if not self.roots:
            return NoSuchNumber(f"{number} has been looked up before, as {self._dip} says")
        services, roots = " or ".join(sorted(self.services)), " or ".join(self.roots)
        message = f"{number} has no usable record for {services} below {roots}"
        return NoSuchNumber(message, answers=tuple(self.used))
