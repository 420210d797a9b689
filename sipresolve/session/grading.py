"""What the AD bit says of an answer, to those who trust the nameserver and the way to it."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Security, Status

__all__ = ["graded"]


def graded(answer: Answer) -> Answer:
    """An answer with what the nameserver says that it has proven.

    RFC 4035 §4.9.3: the AD bit counts only from a trusted resolver over a secure path. It says
    nothing of the additional section (§3.2.3), which is then left unread.
    """
    if answer.status is Status.SERVFAIL and any(e.names_dnssec for e in answer.extended_errors):
        said = "; ".join(str(e) for e in answer.extended_errors if e.names_dnssec)
        reason = Reason.of("resolver-says-bogus", f"{answer.question}: the nameserver says: {said}")
        return evolve(
            answer,
            status=Status.BOGUS,
            security=Security.BOGUS,
            reason=reason,
            additional=(),
            detail=answer.detail or said,
        )
    if answer.status.is_failure:
        is_bogus = answer.status is Status.BOGUS
        what = answer.detail or str(answer.status)
        reason = Reason.not_answered(answer.question, what)
        return answer if is_bogus else evolve(answer, reason=reason, additional=())
    if answer.authenticated:
        return evolve(answer, security=Security.SECURE, reason=_PROVEN, additional=())
    reason = _OF_THIS_MACHINE if answer.source.is_local else _NOT_PROVEN
    return evolve(answer, security=Security.INSECURE, reason=reason, additional=())


_PROVEN: Final = Reason.of("authenticated-data", "the nameserver says that it is proven (AD)")
_NOT_PROVEN: Final = Reason.of(
    "not-authenticated", "the nameserver does not say that it is proven (no AD)"
)
_OF_THIS_MACHINE: Final = Reason.of("local-data", "it is from a file of this machine")
