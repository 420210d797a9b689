"""What to say where nothing was found and some answers are no plain absence.

A failure outranks absence: each of these is asked before it is said that there is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    Loop,
    NotSecure,
)
from sipresolve.vocabulary.records import Security, Status

if TYPE_CHECKING:
    from sipresolve.vocabulary.errors import SipResolveError
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer

__all__ = ["bogus", "failure", "unproven"]


def bogus(answers: tuple[Answer, ...]) -> SipResolveError | None:
    """Whether DNSSEC says that something was forged."""
    if forged := _with_status(answers, Status.BOGUS):
        return Bogus(f"{_said(forged)}: DNSSEC validation failed", answers=forged)
    return None


def failure(answers: tuple[Answer, ...], policy: Policy) -> SipResolveError | None:
    """Whether something was not answered, or not asked."""
    failed = tuple(answer for answer in answers if answer.status in _REFUSALS and not answer.loop)
    if failed:
        return DnsFailure(f"the DNS did not say: {_said(failed)}", answers=failed)
    if silent := _with_status(answers, Status.TIMEOUT):
        return DnsTimeout(f"no nameserver answered: {_said(silent)}", answers=silent)
    if loops := tuple(answer for answer in answers if answer.loop):
        return Loop(f"aliases never end: {_said(loops)}", answers=loops)
    if unasked := _with_status(answers, Status.UNASKED):
        message = f"the budget of {policy.budget} questions was spent before"
        return BudgetExceeded(f"{message} {unasked[0].question}", answers=unasked)
    return None


def unproven(answers: tuple[Answer, ...], policy: Policy) -> SipResolveError | None:
    """Whether absence is not proven where it has to be: it may be forged like anything else."""
    doubtful = tuple(answer for answer in answers if answer.security is not Security.SECURE)
    if not (policy.require_secure and doubtful):
        return None
    message = "is not proven by DNSSEC, and the policy requires it"
    return NotSecure(f"{_said(doubtful[:1])} {message}", answers=doubtful)


_REFUSALS: Final = frozenset({Status.SERVFAIL, Status.REFUSED, Status.FORMERR, Status.NOTIMP})


def _with_status(answers: tuple[Answer, ...], status: Status) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers if answer.status is status)


def _said(answers: tuple[Answer, ...]) -> str:
    """The first few answers, and what became of them."""
    told = [f"{answer.question}: {answer.detail or answer.status}" for answer in answers[:_TOLD]]
    more = len(answers) - _TOLD
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


_TOLD: Final = 3
