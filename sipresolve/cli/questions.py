"""A question as a line of the tree: how it was answered, and whether that can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve import Security, Source, Status
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.proofs import proven
from sipresolve.cli.text import milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import Query, Question
    from sipresolve.cli.trace import Trace

__all__ = ["details_of", "failure_of", "label_of", "manner_of", "question_node", "trouble_of"]


def question_node(trace: Trace, question: Question, children: tuple[Node, ...]) -> Node:
    """The line of a question, over the lines of its records."""
    query = trace.draw(question)
    label = label_of(question)
    if query is None:
        return Node(label=label, remark="not asked", tone=Tone.UNUSED)
    if failure := failure_of(query):
        remark, tone = trace.said_of(str(question)) or failure, Tone.FAILED
        children = ()
    else:
        remark, tone = trouble_of(query), Tone.QUESTION if children else Tone.UNUSED
        label = label if children else f"{label}: none"
    return Node(
        label=label,
        detail=details_of(query),
        remark=remark,
        tone=tone,
        answers=proven(query),
        children=children,
    )


def label_of(question: Question) -> str:
    """A question as the tree names it."""
    return f"{question.type} {question.name}"


def failure_of(query: Query) -> str:
    """Why a question brought nothing that can be relied on; empty where it did."""
    if query.answer is None:  # what was waited for in vain has an answer that says so
        return "not waited for"
    if query.answer.status.is_failure:
        return query.answer.detail or str(query.answer.status)
    return ""


def trouble_of(query: Query) -> str:
    """What a nameserver said of its trouble with an answer that it gave all the same (RFC 8914)."""
    answer = query.answer
    if answer is None or answer.status.is_failure:  # which says it already
        return ""
    return "; ".join(map(str, answer.extended_errors))


# Nothing is said of a zone file: who gave it knows, and all comes from there.
_SOURCES: Final = {
    Source.ZONE: "",
    Source.CACHE: "from the cache",
    Source.STALE: "from the cache, stale",
    Source.ADDITIONAL: "additional data",
    Source.HOSTS: "hosts file",
}


def details_of(query: Query) -> str:
    """How an answer was had, and what DNSSEC says of it."""
    answer = query.answer
    is_told = answer is not None and (
        answer.security is not Security.INDETERMINATE or bool(answer.proof)
    )
    state = str(answer.security) if answer is not None and is_told else ""
    return ", ".join(filter(None, (manner_of(query), state)))


def manner_of(query: Query) -> str:
    """How an answer was had."""
    return ", ".join(filter(None, _each_detail(query)))


def _each_detail(query: Query) -> Iterator[str]:
    answer = query.answer
    if answer is None:
        return
    if answer.status.is_absence:
        yield str(answer.status)
    if answer.source in _SOURCES:
        yield _SOURCES[answer.source]
    elif query.seconds is not None and answer.status is not Status.TIMEOUT:
        yield milliseconds(query.seconds)
    if answer.ttl is not None:
        yield f"TTL {answer.ttl}"
    if answer.aliases:
        yield f"alias of {answer.aliases[-1]}"
