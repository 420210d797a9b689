"""The prepared plans of one resolver: a repeated call is a look-up and a draw.

A plan holds until the first of the cached answers that it rests on expires, or is to be refreshed,
and no longer than the nameservers stay the same. What belongs to a call (dice, health) is not in
it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from sipresolve.session.run import LONGEST_LIFE
from sipresolve.vocabulary.targets import Resolution

if TYPE_CHECKING:
    from random import Random

    from sipresolve.procedures.plans import Plan
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.caching import CachePolicy
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.reasons import Reason
    from sipresolve.vocabulary.records import Security
    from sipresolve.vocabulary.targets import Note, Query, Subject, Target
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["Plans", "Prepared", "key_of"]

Key: TypeAlias = Hashable


def key_of(uri: SipUri, policy: Policy) -> Key:
    """What decides the answer: of the URI, not all; and not its text."""
    if not uri.parameters:
        return uri.scheme, uri.host, uri.port, None, policy
    return uri.scheme, uri.target, uri.port, uri.transport, policy


@frozen
class Prepared:
    """A plan, and what else a resolution tells.

    Attributes:
        plan: Where the targets come from.
        until: When it is used no more, on the clock of `Plans.find`.
        expires: When the first of the answers expires that it rests on; `LONGEST_LIFE` at most.
        security: The weakest of them.
        reason: Why it is no more secure than that.
        notes: What was noticed.
        queries: The questions and answers, all of which the cache knows.
    """

    plan: Plan
    until: float
    expires: float
    security: Security | None
    reason: Reason | None
    notes: tuple[Note, ...]
    queries: tuple[Query, ...]

    def resolution(self, subject: Subject, targets: tuple[Target, ...], now: float) -> Resolution:
        """The resolution that these targets are part of."""
        return Resolution(
            subject=subject,
            targets=targets,
            security=self.security,
            reason=self.reason,
            notes=self.notes,
            queries=self.queries,
            expires_in=int(self.expires - now),
        )

    def resolve(self, subject: Subject, rng: Random, now: float) -> Resolution:
        """The servers of a URI, drawn anew."""
        return self.resolution(subject, self.plan.all_targets(rng), now)


class Plans:
    """The plans of one resolver, the oldest given up first. No lock guards them.

    Reading one while another thread keeps one does no harm: each is one step of a dictionary.

    Attributes:
        epoch: How often all was forgotten: a run that began before that makes no plan any more.
    """

    def __init__(self, caching: CachePolicy) -> None:
        """Begin with none.

        Args:
            caching: What may be kept.
        """
        self.epoch = 0
        self._most = caching.plans
        self._most_octets = caching.octets
        self._octets = 0
        self._plans: OrderedDict[Key, tuple[Prepared, int]] = OrderedDict()

    def find(self, key: Key, now: float) -> Prepared | None:
        """The plan for what is the same as it was."""
        found = self._plans.get(key)
        return found[0] if found is not None and now < found[0].until else None

    def keep(self, run: Run, now: float) -> None:
        """Keep what a run that is over has found, if there is a plan of it."""
        if run.plan is None or run.to_plan is None or not run.is_all_cached:
            return
        uri, epoch = run.to_plan
        if epoch == self.epoch:
            found = run.resolution(uri)
            expires = min(run.expires, now + LONGEST_LIFE)
            until = min(run.holds_until, expires)
            prepared = Prepared(
                run.plan, until, expires, found.security, found.reason, found.notes, found.queries
            )
            self._keep(key_of(uri, run.policy), prepared, _octets(len(found.targets)))

    def _keep(self, key: Key, prepared: Prepared, octets: int) -> None:
        self._drop(key)
        self._plans[key] = prepared, octets
        self._octets += octets
        while len(self._plans) > self._most or self._octets > self._most_octets:
            self._drop(next(iter(self._plans)))

    def _drop(self, key: Key) -> None:
        if dropped := self._plans.pop(key, None):
            self._octets -= dropped[1]

    def flush(self) -> None:
        """Forget all."""
        self.epoch += 1
        self._octets = 0
        self._plans.clear()


def _octets(targets: int) -> int:
    """How much memory a plan takes, about: measured for 2 to 24 targets."""
    return 3_000 + 500 * targets
