"""The course of the attempts of one call: which target is next (RFC 3263 §4.3).

A generator, and so the same for blocking and for asynchronous callers. It yields

- None: another target, please; it is sent a `Target`, `NO_MORE`, or the error that says why;
- an `Attempt`, for the caller to make.

It ends when an attempt has succeeded, and with `AllTargetsFailed` when all have failed.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from sipresolve.failover.attempt import Attempt, Outcome
from sipresolve.failover.failures import is_refusal
from sipresolve.failover.health import Place
from sipresolve.vocabulary.errors import AllTargetsFailed, Misuse, NoTargets, SipResolveError
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.transports import TCP

if TYPE_CHECKING:
    from sipresolve.failover.claims import Claims
    from sipresolve.failover.source import Source
    from sipresolve.vocabulary.records import Address

__all__ = ["NO_MORE", "Course", "Found", "NoMore", "course"]


class NoMore(Enum):
    """There are no more targets."""

    NO_MORE = auto()


NO_MORE: Final = NoMore.NO_MORE

#: What a source of targets gives.
Found: TypeAlias = Target | NoMore | SipResolveError

Course: TypeAlias = Generator[Attempt | None, Found | None, None]


def course(source: Source, claims: Claims) -> Course:
    """Make attempts at targets in their order, and in the end at those that are known to be ill.

    A target with a penalty goes to the very end, behind the healthy ones of every priority, but
    never away: where all have one, they are still tried.

    Args:
        source: Where targets come from; it is told when no further one is wanted.
        claims: What is known of servers across calls.

    Raises:
        AllTargetsFailed: Every target was tried, and every attempt failed.
        SipResolveError: No target was found.
        Misuse: The next attempt was asked for before the last one was over.
    """
    tries = _Tries(source, claims)
    put_off: list[Target] = []
    while isinstance(found := (yield None), Target):
        if (attempt := tries.attempt(found, last=False)) is None:
            put_off.append(found)
            continue
        yield attempt
        if tries.is_last(attempt):
            return
    if found is None:
        raise Misuse(
            f"the search for the targets of {source.subject} was given up before its end,"
            " or another task waits in it"
        )
    if isinstance(found, Misuse):
        raise found
    for target in put_off:
        if (attempt := tries.attempt(target, last=True)) is not None:
            yield attempt
            if tries.is_last(attempt):
                return
    raise tries.verdict(found)


@define
class _Tries:
    """What has been tried, and what is to be tried yet.

    Attributes:
        source: Where the targets come from.
        claims: What is known of servers across calls.
        failures: The targets, and what happened there.
    """

    source: Source
    claims: Claims
    failures: list[tuple[Target, Exception]] = field(factory=list)
    _refused: set[tuple[Address, int]] = field(factory=set)

    def attempt(self, target: Target, *, last: bool) -> Attempt | None:
        """An attempt at a target; None where it is not its turn, or where it has none.

        Args:
            target: What comes next.
            last: Whether nothing is left but what was put off before.
        """
        place = Place.of(target)
        if target.only_after_refusal and (target.address, target.port) not in self._refused:
            return None
        standing = self.claims.admit(place)
        if standing.penalised and not last:
            return None
        return Attempt(target, place, standing=standing, claims=self.claims, source=self.source)

    def is_last(self, attempt: Attempt) -> bool:
        """Whether an attempt that the caller has made ends the search."""
        if attempt.outcome is Outcome.SUCCEEDED:
            return True
        target, error = attempt.target, attempt.error
        if attempt.outcome is not Outcome.FAILED or error is None:
            raise Misuse(f"the attempt at {target} was left without an outcome: begin anew")
        self.failures.append((target, error))
        if target.transport is TCP and is_refusal(error):
            self._refused.add((target.address, target.port))
        return False

    def verdict(self, found: Found) -> SipResolveError:
        """What to raise when nothing is left."""
        cause = found if isinstance(found, SipResolveError) else None
        if not self.failures:
            message = f"{self.source.subject} leads to URIs that are not located, and to no server"
            return cause or NoTargets(message)
        count = len(self.failures)
        targets = f"all {count} targets" if count > 1 else "the only target"
        message = f"{targets} of {self.source.subject} failed"
        error = AllTargetsFailed(message, failures=self.failures)
        for number, (target, _) in enumerate(self.failures, 1):
            # Not on what happened: that may belong to several calls.
            error.add_note(f"{number}: {target} of {target.host}")
        error.__cause__ = cause
        return error
