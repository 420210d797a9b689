"""What both resolvers do before the first question of a call: the same input, the same run."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from sipresolve.resolver.sources import find_sources
from sipresolve.session.session import Session
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.targets import Resolution

__all__ = ["Call", "Desk"]


@frozen
class Call:
    """A call of `resolve` on its way."""

    uri: SipUri
    run: Run

    def result(self) -> Resolution:
        """What became of it, once the run has ended."""
        return self.run.result(self.uri)


class Desk:
    """Takes calls for one resolver."""

    def __init__(self, policy: Policy | None, sources: Sources | None) -> None:
        """Begin with fresh dice, and no calls.

        Args:
            policy: What the client wants and can do; None for the defaults.
            sources: Where this machine sends from; None to find out once.
        """
        if not isinstance(policy, (Policy, type(None))):
            raise Misuse(f"a Policy is wanted, not {policy!r}")
        self.session = Session(policy or Policy())
        self._sources = sources
        self._rng = Random()  # noqa: S311 - it shares load, it guards nothing

    def open(
        self,
        uri: str | SipUri,
        *,
        transports: Iterable[str] | None,
        lifetime: float | None,
        seed: int | None,
        now: float,
    ) -> Call:
        """Begin a call of `resolve`."""
        if not isinstance(seed, (int, type(None))):
            raise Misuse(f"seed must be a whole number, not {seed!r}")
        parsed = uri if isinstance(uri, SipUri) else SipUri.parse_target(uri)
        policy = self.session.policy
        if transports is not None:
            policy = evolve(policy, transports=transports)
        if lifetime is not None:
            policy = evolve(policy, lifetime=lifetime)
        run = self.session.locate(
            parsed,
            policy,
            rng=self._rng if seed is None else Random(seed),  # noqa: S311 - likewise
            sources=self._known_sources(),
            now=now,
        )
        return Call(parsed, run)

    def anew(self) -> Desk:
        """The same desk with fresh dice and no calls, for a child process."""
        return Desk(self.session.policy, self._sources)

    def _known_sources(self) -> Sources:
        if self._sources is None:
            self._sources = find_sources()
        return self._sources
