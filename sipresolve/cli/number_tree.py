"""The way of a telephone number: from its ENUM domains to URIs (RFC 6116), and on to servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from sipresolve import Question, RecordType, SipUri, Status, enum_domain
from sipresolve.cli.naptrs import naptr_label
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.questions import details_of, failure_of, label_of, question_node
from sipresolve.cli.sought import Sought
from sipresolve.cli.uri_tree import uri_branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import MappedUri, Naptr, Query, TelUri
    from sipresolve.cli.trace import Trace

__all__ = ["number_branches"]


def number_branches(trace: Trace, number: TelUri) -> Iterator[Node]:
    """What hangs from a global number: the question for its domain below each root."""
    names = [enum_domain(number, root) for root in trace.roots]
    walk = _Walk(trace, [Question(name, RecordType.NAPTR) for name in names])
    for question in walk.roots:
        if question not in trace.drawn:
            yield _domain(walk, question)


@define
class _Walk:
    """The way through the records, as the procedure went.

    Attributes:
        trace: What is known; it learns what the tree shows.
        roots: The questions for the domains of the number, one below each root.
        ended: Whether a record was come to that says that the number is not in use, or an answer
            that is forged: either is the end.
        located: The URIs that the tree shows with their servers.
    """

    trace: Trace
    roots: list[Question]
    ended: bool = False
    located: set[str] = field(factory=set)


def _domain(walk: _Walk, question: Question) -> Node:
    walk.trace.draw(question)  # before its records, which may lead back to it
    records = walk.trace.records(question)
    children = tuple(_record(walk, question, naptr) for naptr in records)
    answer = walk.trace.answer(question)
    walk.ended |= answer is not None and answer.status is Status.BOGUS
    return question_node(walk.trace, question, children)


# --- Records


def _record(walk: _Walk, owner: Question, naptr: Naptr) -> Node:
    """A record, and what it gave or led to; or why it was not used."""
    trace, subject = walk.trace, f"{owner.name} {naptr}"
    remark, children = trace.said_of(subject), tuple(_uris(walk, owner, naptr))
    if not naptr.flags:
        children = tuple(_next_domain(walk, naptr, trace.codes_of(subject)))
    if not (remark or children):
        remark = _LEFT_OUT if walk.ended else _NOT_IN_USE
        walk.ended = True
    tone = Tone.UNUSED if remark else Tone.RECORD
    return Node(label=naptr_label(naptr), remark=remark, tone=tone, children=children)


# Only what the search ends with has neither a result nor a note, and what was not come to after it.
_NOT_IN_USE: Final = "says that the number is not in use"
_LEFT_OUT: Final = "left out"


def _next_domain(walk: _Walk, naptr: Naptr, codes: set[str]) -> Iterator[Node]:
    """The domain that a non-terminal record leads to, if it was looked at, or waited for."""
    question = Question(naptr.replacement, RecordType.NAPTR)
    if walk.ended or question not in walk.trace.queries.keys() - walk.trace.drawn:
        return
    if codes <= {"enum-leads-nowhere"}:
        yield _domain(walk, question)
    elif "enum-domain-failed" in codes and question not in walk.roots:
        yield _unanswered(walk.trace, walk.trace.queries[question])


def _unanswered(trace: Trace, query: Query) -> Node:
    """The line of a question that was not answered, or not until others had been looked at."""
    if failure_of(query):
        return question_node(trace, query.question, ())
    trace.draw(query.question)
    label, detail = label_of(query.question), details_of(query)
    return Node(label=label, detail=detail, remark="came too late", tone=Tone.FAILED)


# --- URIs


def _uris(walk: _Walk, owner: Question, naptr: Naptr) -> Iterator[Node]:
    for number, mapped in walk.trace.uris.get((owner.name, naptr), ()):
        detail = ", ".join(_details(mapped))
        if walk.trace.sought is Sought.URIS:
            yield Node(label=f"{number}. {mapped.uri}", detail=detail, tone=Tone.TARGET)
        elif isinstance(mapped.parsed, SipUri):
            yield _located(walk, mapped.parsed, detail)
        else:
            yield Node(label=mapped.uri, detail=detail, remark=_NO_SIP_URI, tone=Tone.UNUSED)


_NO_SIP_URI: Final = "not located, since it is no SIP URI"
_AS_ABOVE: Final = "located above"


def _details(mapped: MappedUri) -> Iterator[str]:
    """What a URI is for, and what it says of the portability of the number (RFC 4694)."""
    yield mapped.service
    if number := mapped.number:
        if number.routing_number:
            yield f"rn {number.routing_number}"
        if number.carrier:
            yield f"cic {number.carrier}"
        if number.is_dipped:
            yield "npdi"


def _located(walk: _Walk, uri: SipUri, detail: str) -> Node:
    """A SIP URI over its servers, or why there are none; for two services they stand there once."""
    trace = walk.trace.of_uri(uri)
    failure = trace.said_of(str(uri))
    children: tuple[Node, ...] = ()
    if str(uri) not in walk.located:
        walk.located.add(str(uri))
        children = tuple(uri_branches(trace, uri))
    elif not failure:
        return Node(label=str(uri), detail=detail, remark=_AS_ABOVE, tone=Tone.UNUSED)
    return Node(
        label=str(uri),
        detail=detail,
        remark=trace.in_short(failure),
        tone=Tone.FAILED if failure else Tone.RECORD,
        children=children,
    )
