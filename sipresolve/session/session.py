"""What the calls of one resolver share: the questions in flight.

A question in flight belongs to the session, never to the call that opened it: others join it, and
a call that leaves harms none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.procedures.locate import locate
from sipresolve.procedures.locate_number import (
    Client,
    locate_number,
    locate_user_phone,
    map_number,
)
from sipresolve.procedures.respond import respond
from sipresolve.procedures.search import EAGER, Pace
from sipresolve.session.run import Limits, Run, Waiting
from sipresolve.vocabulary.policy import Dnssec
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.run import Step
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.uri import SipUri
    from sipresolve.vocabulary.via import Via

__all__ = ["Session"]


class Session:
    """What the calls of one resolver share. It is pure, and no lock guards it: its driver does."""

    def __init__(self, policy: Policy) -> None:
        """Begin with nothing.

        Args:
            policy: What the client wants and can do, where a call does not say otherwise.
        """
        self.policy = policy
        self._in_flight: dict[Question, set[Run]] = {}

    def locate(  # noqa: PLR0913 - all but two are named where it is called
        self,
        uri: SipUri,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        large: bool = False,
        lazy: bool = False,
    ) -> Run:
        """Begin to locate the servers of a URI (RFC 3263 §4).

        Args:
            uri: What to locate.
            policy: What the client wants and can do.
            rng: The dice.
            sources: Where this machine would send from.
            now: The time.
            large: Whether the request is too large for UDP.
            lazy: Whether targets are wanted one at a time, with the caller busy in between.
        """
        procedure = locate(
            uri, policy=policy, rng=rng, sources=sources, pace=_pace(policy, lazy), large=large
        )
        return Run(procedure, _limits(policy), now)

    def locate_number(  # noqa: PLR0913 - likewise
        self,
        number: TelUri,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        large: bool = False,
        lazy: bool = False,
        sips: bool = False,
        uri: SipUri | None = None,
    ) -> Run:
        """Begin to locate the servers of a telephone number (RFC 6116, then RFC 3263 §4).

        Args:
            number: What to locate: a global number.
            policy: As of `locate`, and so are the others but for two:
            rng: As of `locate`.
            sources: As of `locate`.
            now: As of `locate`.
            large: As of `locate`.
            lazy: As of `locate`.
            sips: Whether what the number leads to is located as if it were a SIPS URI.
            uri: The SIP URI that has the number, to be located where the number leads nowhere.
        """
        client = Client(
            policy=policy,
            rng=rng,
            sources=sources,
            pace=_pace(policy, lazy),
            large=large,
            sips=sips,
        )
        if uri is None:
            return Run(locate_number(number, client), _limits(policy), now)
        return Run(locate_user_phone(number, uri, client), _limits(policy), now)

    def map_number(self, number: TelUri, policy: Policy, *, now: float) -> Run:
        """Begin to map a telephone number to URIs (RFC 6116); arguments as of `locate_number`."""
        return Run(map_number(number, policy=policy), _limits(policy), now)

    def respond(  # noqa: PLR0913 - likewise
        self,
        via: Via,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        lazy: bool = False,
    ) -> Run:
        """Begin to find where a response goes (RFC 3261 §18.2.2); arguments as of `locate`."""
        procedure = respond(via, policy=policy, rng=rng, sources=sources, pace=_pace(policy, lazy))
        return Run(procedure, _limits(policy), now)

    def advance(self, run: Run, now: float) -> Step:
        """Take a run as far as it can go; the questions to start are those not in flight yet."""
        step = run.advance(now)
        if not isinstance(step, Waiting):
            return step
        return Waiting(self._joined(run, step.start), step.until)

    def look_ahead(self, run: Run) -> tuple[Question, ...]:
        """The questions to start before the caller turns to a target."""
        return self._joined(run, run.look_ahead())

    def _joined(self, run: Run, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        """Let a run wait for these; give those that have to be started."""
        # What is in flight for nobody may have been lost with whoever asked.
        fresh = tuple(question for question in questions if not self._in_flight.get(question))
        for question in questions:
            self._in_flight.setdefault(question, set()).add(run)
        return fresh

    def deliver(self, answers: Iterable[Answer], now: float) -> set[Run]:
        """Pass answers on to the runs that wait for them, and say which those are."""
        reached: set[Run] = set()
        for answer in answers:
            graded = self._graded(answer)
            for run in self._in_flight.pop(answer.question, ()):
                run.learn(graded, now)
                reached.add(run)
        return reached

    def leave(self, run: Run) -> tuple[Question, ...]:
        """A run is over: say which questions in flight nobody waits for any more."""
        run.abandon()
        return tuple(question for question in run.questions if self._is_last(run, question))

    def _is_last(self, run: Run, question: Question) -> bool:
        """Whether nobody waits for a question once this run does not."""
        runs = self._in_flight.get(question)
        if runs is None or run not in runs:
            return False
        runs.remove(run)
        return not runs

    def forget(self, question: Question) -> set[Run]:
        """A question in flight will not be answered; say which runs wait for it."""
        return self._in_flight.pop(question, set())

    @property
    def in_flight(self) -> bool:
        """Whether any answer is outstanding."""
        return bool(self._in_flight)

    def _graded(self, answer: Answer) -> Answer:
        """An answer with what DNSSEC says of it, as far as the policy believes it.

        RFC 4035 §4.9.3: the AD bit counts only from a trusted resolver over a secure path. It says
        nothing of the additional section (§3.2.3), which is then left unread.
        """
        if self.policy.dnssec is not Dnssec.TRUST_AD:
            return answer
        if answer.status.is_failure:
            return evolve(answer, additional=())
        security = Security.SECURE if answer.authenticated else Security.INSECURE
        return evolve(answer, security=security, additional=())


#: For a caller who is busy with one target at a time: the next few hosts are looked up meanwhile.
_LAZY: Final = Pace(ahead=4, stragglers=None)


def _pace(policy: Policy, lazy: bool) -> Pace:  # noqa: FBT001
    pace = _LAZY if lazy else EAGER
    # Without speculation only what RFC 3263 needs next is asked.
    return pace if policy.speculation else evolve(pace, ahead=0)


def _limits(policy: Policy) -> Limits:
    return Limits(lifetime=policy.lifetime, budget=policy.budget, speculation=policy.speculation)
