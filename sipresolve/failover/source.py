"""Where the targets of the iterators come from: what a resolver has to offer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sipresolve.failover.course import Found
    from sipresolve.vocabulary.targets import Resolution, Subject

__all__ = ["AsyncTargets", "Source", "Targets"]


class Source(Protocol):
    """Where targets come from, one at a time."""

    @property
    def subject(self) -> Subject:
        """What they are for."""

    @property
    def resolution(self) -> Resolution:
        """What has been found so far."""

    def leave(self) -> None:
        """Give back what is held: no further target is wanted."""

    def abandon(self) -> None:
        """The same, from a finaliser: it may run in any thread, in the middle of anything."""


class Targets(Source, Protocol):
    """Where the targets of a blocking caller come from."""

    def next(self) -> Found:
        """The next target."""


class AsyncTargets(Source, Protocol):
    """Where the targets of an asynchronous caller come from."""

    async def next(self) -> Found:
        """The next target."""
