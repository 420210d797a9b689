"""What to say where nothing was found and some answers are no plain absence.

A failure outranks absence: each of these is asked before it is said that there is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.errors import (
    AddressRefused,
    Bogus,
    BudgetExceeded,
    Busy,
    DnsFailure,
    DnsTimeout,
    Loop,
    NameRefused,
    NotSecure,
    TooManyNames,
)
from sipresolve.vocabulary.records import Security, Status, weakest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.vocabulary.errors import OutOfBounds, SipResolveError
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer

__all__ = ["address_refused", "bogus", "code_of", "failure", "not_secure", "unproven"]


def bogus(answers: tuple[Answer, ...]) -> SipResolveError | None:
    """Whether DNSSEC says that something was forged."""
    if forged := _with_status(answers, Status.BOGUS):
        return Bogus(f"{_said(forged)}: DNSSEC validation failed", answers=forged)
    return None


def failure(answers: tuple[Answer, ...], policy: Policy) -> SipResolveError | None:
    """Whether something was not answered, or not asked.

    That a bound or the policy refused a question comes first: it is what the caller can act on. The
    budget comes last: without the failures before, it might have sufficed.
    """
    for status, kind in _REFUSED_HERE.items():
        if refused := _with_status(answers, status):
            return kind(_said(refused[:1]), answers=refused)
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
    message = f"{_said(doubtful[:1])} is not proven by DNSSEC, {_REQUIRED}"
    return NotSecure(f"{message}: {doubtful[0].reason}", answers=doubtful)


def not_secure(what: str, answers: tuple[Answer, ...]) -> SipResolveError:
    """What to say where all was found that is wanted, and none of it is proven.

    Args:
        what: What is not proven.
        answers: What it rests on; the one that is proven the least tells why.
    """
    weakest = weakest_of(answers)
    why = f": {weakest.question}: {weakest.reason}" if weakest else ""
    return NotSecure(f"{what} is proven by DNSSEC, {_REQUIRED}{why}", answers=answers)


_REQUIRED: Final = "and the policy requires it"


def address_refused(
    target: str, places: tuple[str, ...], answers: tuple[Answer, ...]
) -> SipResolveError:
    """What to say where the policy allows none of the addresses that were found.

    Args:
        target: The host whose servers were wanted.
        places: The targets that were left out, as text.
        answers: What led to them.
    """
    named = _listed(places)
    return AddressRefused(f"{target}: the policy does not allow {named}", answers=answers)


def code_of(answer: Answer, otherwise: str) -> str:
    """The code of a warning about a failure: what refused the question, where it was not asked.

    Args:
        answer: The failure.
        otherwise: The code where the DNS was asked.
    """
    return _CODES.get(answer.status, otherwise)


_REFUSED_HERE: Final[Mapping[Status, type[OutOfBounds]]] = {
    Status.NAME_REFUSED: NameRefused,
    Status.TOO_MANY_NAMES: TooManyNames,
    Status.BUSY: Busy,
}
_CODES: Final[Mapping[Status, str]] = {
    Status.UNASKED: BudgetExceeded.code,
    **{status: kind.code for status, kind in _REFUSED_HERE.items()},
}
_REFUSALS: Final = frozenset({Status.SERVFAIL, Status.REFUSED, Status.FORMERR, Status.NOTIMP})


def _with_status(answers: tuple[Answer, ...], status: Status) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers if answer.status is status)


def _said(answers: tuple[Answer, ...]) -> str:
    """The first few answers, and what became of them."""
    return _listed(tuple(answer.said for answer in answers))


def _listed(texts: tuple[str, ...]) -> str:
    more = len(texts) - _TOLD
    return "; ".join(texts[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


_TOLD: Final = 3
