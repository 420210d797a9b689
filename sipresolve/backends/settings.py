"""What the blocking and the asynchronous backend have in common: their settings, and the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from sipresolve.backends.hosts import Hosts
from sipresolve.backends.wire import canonical_name
from sipresolve.exchange.attempts import attempts
from sipresolve.exchange.nameservers import nameservers_from
from sipresolve.vocabulary.checks import is_number, is_whole
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer, Question, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.backends.system import System
    from sipresolve.exchange.attempts import Attempts
    from sipresolve.exchange.nameservers import Nameserver

__all__ = ["Settings"]


@frozen
class Settings:
    """How questions are answered.

    Attributes:
        nameservers: Whom to ask, in this order.
        timeout: How long to wait for each in the first round, in seconds.
        rounds: How often to ask each, waiting twice as long each time.
        hosts: The hosts file that is looked into first; None for none.
    """

    nameservers: tuple[Nameserver, ...]
    timeout: float
    rounds: int
    hosts: Hosts | None

    @classmethod
    def of(
        cls,
        nameservers: Iterable[str | Nameserver] | None,
        *,
        timeout: float,
        rounds: int,
        hosts: bool | None,
        system: System,
    ) -> Settings:
        """Settings as the constructors of the backends take them.

        Raises:
            Misuse: They make no sense.
        """
        if not (is_number(timeout) and timeout > 0):
            raise Misuse(f"timeout must be greater than 0 and finite, not {timeout!r}")
        if not (is_whole(rounds) and rounds > 0):
            raise Misuse(f"rounds must be 1 or more, not {rounds!r}")
        if hosts is None:
            hosts = nameservers is None and system.looks_into_hosts()
        return cls(
            system.nameservers() if nameservers is None else nameservers_from(nameservers),
            timeout,
            rounds,
            Hosts(system.hosts) if hosts else None,
        )

    def begin(self, question: Question) -> Answer | Attempts:
        """The answer, where it needs no nameserver; else how they are to be asked."""
        if self.hosts is not None and (answer := self.hosts.answer(question)):
            return answer
        name = canonical_name(question.name)
        if name is None:
            detail = f"no name can be {question.name!r} (RFC 1035 §2.3.4)"
            return Answer(question=question, status=Status.NXDOMAIN, detail=detail)
        if self.hosts is None and name == question.name:
            return self._attempts(question)
        return self._translated(question, Question(name, question.type))

    def _attempts(self, question: Question) -> Attempts:
        return attempts(question, self.nameservers, timeout=self.timeout, rounds=self.rounds)

    def _translated(self, question: Question, canonical: Question) -> Attempts:
        """Ask for a name as dnspython writes it, and answer for the name as it was given.

        Of what comes along with the answer, nothing is taken that the hosts file knows better.
        """
        answer = yield from self._attempts(canonical)
        additional = tuple(extra for extra in answer.additional if not self._knows(extra.question))
        return evolve(answer, question=question, additional=additional)

    def _knows(self, question: Question) -> bool:
        return self.hosts is not None and self.hosts.answer(question) is not None
