"""One attempt at one server, and what the caller says became of it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from sipresolve.failover.claims import Claim
from sipresolve.failover.failures import Meaning, is_refusal, meaning_of
from sipresolve.vocabulary.checks import is_number
from sipresolve.vocabulary.errors import Misuse, SipResolveError, TargetFailed

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from sipresolve.failover.claims import Claims
    from sipresolve.failover.health import Place, Standing
    from sipresolve.failover.source import Source
    from sipresolve.vocabulary.targets import Target

__all__ = ["Attempt", "Outcome"]


class Outcome(Enum):
    """What became of an attempt."""

    #: Nothing is known yet.
    OPEN = auto()
    #: The server did its part, and the search is over.
    SUCCEEDED = auto()
    #: The next server is to be tried.
    FAILED = auto()
    #: The caller left with an exception that says nothing of the server.
    LEFT = auto()


class Attempt:
    """One attempt at one target: try it in a ``with`` or ``async with`` statement.

    - An OSError or TimeoutError that leaves the statement means that the server failed, or the way
      to it: the exception ends there, and the loop goes on to the next target. Those that speak of
      the caller's own limits (no more file descriptors or memory, a missing file) pass through. A
      group of exceptions means what its parts do.
    - Leaving it otherwise is success, and ends the loop: with ``break``, ``return`` or
      ``continue``, or without.
    - Any other exception passes through, counts for nothing, and ends the loop.

    A caller that learns of the outcome elsewhere says `succeeded` or `failed`, with the statement
    or without it.

    Attributes:
        target: The server to contact.
        outcome: What became of it so far.
        error: What happened, where it failed.
    """

    def __init__(
        self,
        target: Target,
        place: Place,
        *,
        standing: Standing,
        claims: Claims,
        source: Source,
    ) -> None:
        """Begin.

        Args:
            target: The server to contact.
            place: Where that is, as far as its health goes.
            standing: What is known of the place.
            claims: Whom to tell what becomes of it.
            source: Where the target came from, to be told when no further one is wanted.
        """
        self.target = target
        self.outcome = Outcome.OPEN
        self.error: Exception | None = None
        self._place = place
        self._claim = None if standing.probe is None else Claim(claims, place, standing.probe)
        self._claims = claims
        self._source = source
        self._entered = False

    def __repr__(self) -> str:
        return f"<Attempt at {self.target} of {self.target.host}: {self.outcome.name.lower()}>"

    def succeeded(self) -> None:
        """Say that the server did its part: any response but a failure (`is_failure`).

        Raises:
            Misuse: The outcome has been told before, and it was another.
        """
        if self._settle(Outcome.SUCCEEDED):
            self._claims.succeeded(self._place, probe=self._probe())
            self._source.leave()

    def failed(
        self, reason: str | Exception = "failed", *, retry_after: float | None = None
    ) -> None:
        """Say that the server failed, so that the next one is tried (RFC 3263 §4.3).

        A 503 without Retry-After is told by a reason in words, and penalises nobody: RFC 3261
        §21.5.4 has it treated as a 500.

        Args:
            reason: What happened, in words, which penalise nobody by themselves; or an exception.
                An OSError tells of the server what it would if it left the ``with`` statement, and
                one of the caller's own, such as of a transaction that timed out, a failure.
            retry_after: For how long the server wants to be left alone, in seconds (the
                Retry-After of a 503, RFC 3261 §21.5.4): so long it goes to the end of every list.
                None where it does not say.

        Raises:
            Misuse: The outcome has been told before, and it was another; or the seconds make no
                sense.
        """
        _check(retry_after)
        if not self._settle(Outcome.FAILED):
            return
        if isinstance(reason, Exception):
            self.error = reason
        else:
            self.error = TargetFailed(reason, target=self.target, retry_after=retry_after)
        if retry_after or self._is_to_blame(self.error):
            self._claims.failed(self._place, probe=self._probe(), retry_after=retry_after or None)
        else:
            self._claims.released(self._place, probe=self._probe())

    def _is_to_blame(self, error: Exception) -> bool:
        """Whether others should know of what the caller said."""
        if self.target.instead_of_udp and is_refusal(error):
            return False  # RFC 3261 §18.1.1: it has UDP.
        if isinstance(error, (OSError, ExceptionGroup, SipResolveError)):
            return meaning_of(error) is Meaning.FAILED
        return True

    def check_is_over(self) -> None:
        """Be sure that the caller may turn to the next target.

        Raises:
            Misuse: The outcome has not been told. The attempt can still be made.
        """
        if self.outcome is Outcome.OPEN:
            raise Misuse(
                f"the attempt at {self.target} has no outcome yet: before the next, make it in a"
                " 'with' statement, or say 'succeeded' or 'failed'"
            )

    def release(self) -> None:
        """Say that nothing is known of the server, and that no further target is wanted.

        So it is with a caller who gives up before there is any response.
        """
        if self.outcome is Outcome.OPEN:
            self._claims.released(self._place, probe=self._probe())
        self._end_the_search()
        self._source.leave()

    def abandon(self) -> None:
        """The same, for what a finaliser runs: it waits for no lock."""
        if self._claim is not None:
            self._claim.lose()
        self._end_the_search()
        self._source.abandon()

    def _probe(self) -> int | None:
        """The number of the probe that this attempt is, to be reported at once."""
        if self._claim is None:
            return None
        self._claim.settled = True
        return self._claim.probe

    def _end_the_search(self) -> None:
        if self.outcome is not Outcome.SUCCEEDED:
            self.outcome = Outcome.LEFT

    def __enter__(self) -> Self:
        if self._entered:
            raise Misuse(f"the attempt at {self.target} has been entered before")
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            if self.outcome is Outcome.OPEN:
                self.succeeded()
            return False
        if self._is_failure(error):
            return True
        if isinstance(error, GeneratorExit):
            # A generator with the statement in it was closed, perhaps by the garbage collector.
            self.abandon()
        else:
            self.release()
        return False

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        return self.__exit__(kind, error, traceback)

    def _is_failure(self, error: BaseException) -> bool:
        """Whether an exception that leaves the statement sends the caller to the next target."""
        if not isinstance(error, Exception) or meaning_of(error) is Meaning.NOTHING:
            return False
        if self.outcome is Outcome.SUCCEEDED:
            return False
        if self.outcome is Outcome.OPEN:
            self.failed(error)
        return True

    def _settle(self, outcome: Outcome) -> bool:
        """Set the outcome; False where it has been told before, or nobody wants to know."""
        if self.outcome is Outcome.OPEN:
            self.outcome = outcome
            return True
        if self.outcome not in (outcome, Outcome.LEFT):
            was = self.outcome.name.lower()
            raise Misuse(f"the attempt at {self.target} has {was}, and cannot have another end")
        return False


def _check(retry_after: object) -> None:
    if retry_after is not None and not is_number(retry_after):
        raise Misuse(f"retry_after must be seconds, 0 or more, not {retry_after!r}")
