"""Some SRV sets, one after the other, and what is known of those to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.routes import SrvSet, address_questions, srv_set

if TYPE_CHECKING:
    from sipresolve.procedures.routes import Route
    from sipresolve.procedures.search import Search
    from sipresolve.procedures.services import Service
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["SrvSets"]


@define(kw_only=True)
class SrvSets:
    """Some SRV sets, each drawn as soon as it and all before it are known.

    So the hosts of later sets can be looked up early, and yet the dice fall in the order of the
    sets, whatever comes first.

    Attributes:
        search: What this call has found so far.
        services: Where the sets are, in order.
        path: The answers that led to them.
        ahead: Of how many hosts the addresses are looked up ahead; None for all.
    """

    search: Search
    services: tuple[Service, ...]
    path: tuple[Answer, ...]
    _drawn: list[SrvSet] = field(factory=list)
    _taken: int = 0
    _routes: list[Route] = field(factory=list)
    _passed: int = 0
    _looked_up: int = 0
    ahead: int | None = field(init=False)

    @ahead.default
    def _ahead_of_pace(self) -> int | None:
        return self.search.pace.ahead

    def ask(self) -> Ask:
        """Ask for the next set; all after it, and what follows if there is none, may be next."""
        first, *others = (service.question for service in self.services[self._taken :])
        addresses = address_questions(self.search.target, self.search.policy)
        return Ask((Wait((first,)),), hints=(*others, *addresses))

    def take(self) -> SrvSet:
        """The set that was asked for."""
        self._draw()
        self._taken += 1
        return self._drawn[self._taken - 1]

    def pass_on(self) -> tuple[Question, ...]:
        """Go on to the next host; give what is to be looked up ahead of it."""
        self._passed += 1
        return self.look_ahead()

    def look_ahead(self) -> tuple[Question, ...]:
        """The questions for the hosts to come, each given once, as far as the pace wants."""
        self._draw()
        end = len(self._routes) if self.ahead is None else self._passed + self.ahead
        new = self._routes[self._looked_up : end]
        self._looked_up += len(new)
        return tuple(question for route in new for question in route.questions)

    def widen(self) -> None:
        """Look further ahead: those that were looked up are silent."""
        self.ahead = (self.ahead or 0) + (self.search.pace.ahead or 0)

    @property
    def can_widen(self) -> bool:
        """Whether there are hosts that are not looked up yet, for want of being near."""
        return bool(self.ahead) and self._looked_up < len(self._routes)

    def unanswered(self) -> tuple[Question, ...]:
        """The first question whose answer will tell of more hosts; none without looking ahead."""
        if self.search.pace.ahead == 0:
            return ()
        self._draw()
        return tuple(service.question for service in self.services[len(self._drawn) :][:1])

    def _draw(self) -> None:
        for service in self.services[len(self._drawn) :]:
            if service.question not in self.search.known:
                return
            path = (*self.path, self.search.known[service.question])
            tls_name = self.search.tls_name(service.transport)
            policy, rng = self.search.policy, self.search.rng
            drawn = srv_set(service, path, tls_name=tls_name, policy=policy, rng=rng)
            self._drawn.append(drawn)
            if drawn.routes:
                self.search.draws.append(drawn.routes)
            self._routes += drawn.routes
