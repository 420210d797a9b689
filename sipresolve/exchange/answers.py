"""The answer to a question, made of what nameservers said and of where aliases led."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from sipresolve.vocabulary.evidence import Evidence
from sipresolve.vocabulary.records import Answer, Source, Srv, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sipresolve.exchange.aliases import Trail
    from sipresolve.exchange.replies import RecordSet, Reply
    from sipresolve.vocabulary.reasons import ExtendedError
    from sipresolve.vocabulary.records import Question, Record

__all__ = ["answer_of", "failed_answer"]


def answer_of(question: Question, trail: Trail, replies: Sequence[Reply]) -> Answer:
    """The answer that replies give, of which each led to the next.

    It is authenticated if all of them came with the AD bit.

    Args:
        question: What was asked.
        trail: Where the aliases of all replies have led.
        replies: The last of them says NOERROR or NXDOMAIN; that concerns the end of the trail
            (RFC 2308 §2.1).
    """
    evidence = _evidence(replies) if question.signed else None
    errors = tuple(dict.fromkeys([error for reply in replies for error in reply.extended_errors]))
    if trail.fault:
        failed = failed_answer(question, trail, Status.SERVFAIL, trail.fault, errors)
        return evolve(failed, evidence=evidence)
    last = replies[-1]
    status, records, ttl = _found(trail.end, last)
    return Answer(
        question=question,
        status=status,
        records=records,
        ttl=None if ttl is None else trail.least(ttl),
        aliases=trail.aliases,
        additional=_additional(records, last.additional),
        authenticated=all(reply.authenticated for reply in replies),
        evidence=evidence,
        extended_errors=errors,
    )


def failed_answer(
    question: Question,
    trail: Trail,
    status: Status,
    detail: str,
    extended_errors: tuple[ExtendedError, ...] = (),
) -> Answer:
    """The answer when nobody gave one, or none that can be used."""
    return Answer(
        question=question,
        status=status,
        aliases=trail.aliases,
        extended_errors=extended_errors,
        loop=trail.loop,
        detail=detail,
    )


def _evidence(replies: Iterable[Reply]) -> Evidence:
    """All that was shown on the way: an alias is proven by the reply that led along it."""
    return sum((reply.evidence or Evidence() for reply in replies), Evidence())


def _found(name: str, reply: Reply) -> tuple[Status, tuple[Record, ...], int | None]:
    if reply.rcode == "NXDOMAIN":
        return Status.NXDOMAIN, (), reply.negative_ttl(name)
    if found := reply.records.get(name):
        return Status.OK, found.records, found.ttl
    return Status.NODATA, (), reply.negative_ttl(name)


def _additional(
    records: Iterable[object], others: Mapping[Question, RecordSet]
) -> tuple[Answer, ...]:
    """The addresses that came along, of the hosts that were asked about and of no others."""
    targets = {record.target for record in records if isinstance(record, Srv)}
    return tuple(
        Answer(
            question=question,
            status=Status.OK,
            records=found.records,
            ttl=found.ttl,
            source=Source.ADDITIONAL,
        )
        for question, found in others.items()
        if question.name in targets
    )
