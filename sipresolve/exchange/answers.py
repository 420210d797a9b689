"""The answer to a question, made of what nameservers said and of where aliases led."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.vocabulary.records import Answer, Source, Srv, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sipresolve.exchange.aliases import Trail
    from sipresolve.exchange.replies import RecordSet, Reply
    from sipresolve.vocabulary.records import Question, Record

__all__ = ["answer_of", "failed_answer"]


def answer_of(question: Question, trail: Trail, reply: Reply, *, authenticated: bool) -> Answer:
    """The answer that the last reply gives.

    Args:
        question: What was asked.
        trail: Where the aliases of all replies have led.
        reply: The last of them, which says NOERROR or NXDOMAIN; that concerns the end of the
            trail (RFC 2308 §2.1).
        authenticated: Whether all of them came with the AD bit.
    """
    if trail.fault:
        return failed_answer(question, trail, Status.SERVFAIL, trail.fault)
    status, records, ttl = _found(trail.end, reply)
    return Answer(
        question=question,
        status=status,
        records=records,
        ttl=None if ttl is None else trail.least(ttl),
        aliases=trail.aliases,
        additional=_additional(records, reply.additional),
        authenticated=authenticated,
    )


def failed_answer(question: Question, trail: Trail, status: Status, detail: str) -> Answer:
    """The answer when nobody gave one, or none that can be used."""
    return Answer(
        question=question, status=status, aliases=trail.aliases, loop=trail.loop, detail=detail
    )


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
