"""What the blocking and the asynchronous backend have in common: their settings, and the start."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from sipresolve.backends.hosts import Hosts
from sipresolve.backends.resolvconf import ResolvConf
from sipresolve.backends.wire import canonical_name
from sipresolve.exchange.attempts import attempts
from sipresolve.exchange.nameservers import nameservers_from
from sipresolve.exchange.panel import Panel
from sipresolve.vocabulary.checks import is_number, is_whole
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer, Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from sipresolve.backends.system import System
    from sipresolve.exchange.events import Attempts
    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.vocabulary.records import Question

__all__ = ["Settings"]


@frozen
class Settings:
    """How questions are answered.

    Attributes:
        source: Where it stands whom to ask, in this order.
        panel: What is known of them.
        timeout: How long to wait for each in the first round, in seconds.
        rounds: How often to ask each, waiting twice as long each time.
        hosts: The hosts file that is looked into first; None for none.
    """

    source: ResolvConf | tuple[Nameserver, ...]
    panel: Panel
    timeout: float
    rounds: int
    hosts: Hosts | None

    @classmethod
    def of(  # noqa: PLR0913 - as many as there are to set
        cls,
        nameservers: Iterable[str | Nameserver] | None,
        *,
        timeout: float,
        rounds: int,
        hosts: bool | None,
        hedge: bool,
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
        source = (
            ResolvConf(system, monotonic())
            if nameservers is None
            else nameservers_from(nameservers)
        )
        return cls(
            source,
            Panel(_named_by(source), hedge),
            timeout,
            rounds,
            Hosts(system.hosts) if hosts else None,
        )

    def nameservers(self) -> tuple[Nameserver, ...]:
        """Whom to ask now, in this order."""
        return _named_by(self.source)

    def view(self) -> Hashable:
        """What decides the answers: the nameservers, and what the hosts file says."""
        return self.nameservers(), self.hosts and self.hosts.stamp()

    def begin(self, question: Question, now: float) -> Answer | Attempts:
        """The answer, where it needs no nameserver; else how they are to be asked.

        Args:
            question: What is asked.
            now: The time, as the driver counts it.
        """
        if self.hosts is not None and (answer := self.hosts.answer(question)):
            return answer
        name = canonical_name(question.name)
        if name is None:
            detail = f"no name can be {question.name!r} (RFC 1035 §2.3.4)"
            return Answer(question=question, status=Status.NXDOMAIN, detail=detail)
        if self.hosts is None and name == question.name:
            return self._attempts(question, now)
        return self._translated(question, evolve(question, name=name), now)

    def probes(self, question: Question, now: float) -> list[Attempts]:
        """The same question to those that are out of favour, to see whether they are well again.

        Nobody waits for that, and nothing but the panel hears of it.
        """
        return [
            attempts(question, [each], self.panel, now=now, timeout=self.timeout, rounds=1)
            for each in self.panel.due(now)
        ]

    def _attempts(self, question: Question, now: float) -> Attempts:
        self.panel.renew(self.nameservers())
        self.panel.earn()
        return attempts(
            question,
            self.panel.order(),
            self.panel,
            now=now,
            timeout=self.timeout,
            rounds=self.rounds,
        )

    def _translated(self, question: Question, canonical: Question, now: float) -> Attempts:
        """Ask for a name as dnspython writes it, and answer for the name as it was given.

        Of what comes along with the answer, nothing is taken that the hosts file knows better.
        """
        answer = yield from self._attempts(canonical, now)
        additional = tuple(extra for extra in answer.additional if not self._knows(extra.question))
        return evolve(answer, question=question, additional=additional)

    def _knows(self, question: Question) -> bool:
        return self.hosts is not None and self.hosts.answer(question) is not None


def _named_by(source: ResolvConf | tuple[Nameserver, ...]) -> tuple[Nameserver, ...]:
    return source.nameservers(monotonic()) if isinstance(source, ResolvConf) else source
