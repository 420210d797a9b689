"""The failover iterators: attempts, one after the other, over any source of targets.

They are plain classes. What they hold (questions in flight) is given back when an attempt ends the
loop, when all have failed, and when they are closed; and by `__del__`, should a caller leave the
loop without a word. That takes no lock: the source sees to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.failover.attempt import Outcome
from sipresolve.failover.course import course
from sipresolve.vocabulary.errors import Misuse, SipResolveError

if TYPE_CHECKING:
    from typing import Self

    from sipresolve.failover.attempt import Attempt
    from sipresolve.failover.claims import Claims
    from sipresolve.failover.course import Found
    from sipresolve.failover.source import AsyncTargets, Source, Targets
    from sipresolve.vocabulary.targets import Resolution

__all__ = ["AsyncFailover", "Failover"]


class Failover:
    """Attempts at the servers of a request or a response, one after the other (RFC 3263 §4.3).

    An iterator, for one thread. Each attempt is to be made before the next is asked for. It ends
    when one has succeeded, and with `AllTargetsFailed` when all have failed.
    """

    def __init__(self, targets: Targets, claims: Claims) -> None:
        """Begin; nothing is looked up yet.

        Args:
            targets: Where targets come from, in order.
            claims: What is known of servers across calls.
        """
        self._targets = targets
        self._steps = _Steps(targets, claims)

    def __repr__(self) -> str:
        return f"<Failover of {self._targets.subject}>"

    @property
    def resolution(self) -> Resolution:
        """What has been found so far, and how."""
        return self._targets.resolution

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Attempt:
        attempt = self._steps.go()
        while attempt is None:
            attempt = self._steps.go(self._targets.next())
        return attempt

    def close(self) -> None:
        """Give up: no further target is wanted."""
        self._steps.close()

    def __del__(self) -> None:
        if targets := getattr(self, "_targets", None):  # It may not have been made.
            targets.abandon()


class AsyncFailover:
    """The same for asynchronous callers; an iterator for one task at a time."""

    def __init__(self, targets: AsyncTargets, claims: Claims) -> None:
        """Begin; nothing is looked up yet.

        Args:
            targets: Where targets come from, in order.
            claims: What is known of servers across calls.
        """
        self._targets = targets
        self._steps = _Steps(targets, claims)

    def __repr__(self) -> str:
        return f"<AsyncFailover of {self._targets.subject}>"

    @property
    def resolution(self) -> Resolution:
        """What has been found so far, and how."""
        return self._targets.resolution

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Attempt:
        try:
            attempt = self._steps.go()
            while attempt is None:
                attempt = self._steps.go(await self._targets.next())
        except StopIteration:
            raise StopAsyncIteration from None
        return attempt

    async def aclose(self) -> None:
        """Give up: no further target is wanted."""
        self._steps.close()

    def __del__(self) -> None:
        if targets := getattr(self, "_targets", None):  # It may not have been made.
            targets.abandon()


class _Steps:
    """The course of the attempts, as far as it does not matter who waits for targets."""

    def __init__(self, source: Source, claims: Claims) -> None:
        self._source = source
        self._course = course(source, claims)
        self._attempt: Attempt | None = None
        self._error: SipResolveError | None = None

    def go(self, found: Found | None = None) -> Attempt | None:
        """Go on with what the source of targets gave; None where it is to give another."""
        if self._error is not None:
            raise self._error
        if found is None and self._attempt is not None:
            self._attempt.check_is_over()
        try:
            self._attempt = self._course.send(found)
        except SipResolveError as error:
            # Whoever asks once more is not to take the end for success.
            self._error = error
            if error.resolution is None and not isinstance(error, Misuse):
                error.resolution = self._source.resolution
            raise
        return self._attempt

    def close(self) -> None:
        """Give back what is held."""
        has_succeeded = self._attempt is not None and self._attempt.outcome is Outcome.SUCCEEDED
        if self._error is None and not has_succeeded:
            self._error = Misuse(f"the failover of {self._source.subject} was closed")
        self._course.close()
        if self._attempt is not None:
            self._attempt.release()
        self._source.leave()
