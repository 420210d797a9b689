"""SRV sets and addresses as branches of the tree: those of a URI and of a Via alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sipresolve import Question, RecordType, Target, Transport
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.proofs import proven
from sipresolve.cli.questions import (
    details_of,
    failure_of,
    label_of,
    manner_of,
    question_node,
    trouble_of,
)
from sipresolve.cli.trace import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sipresolve import Address, Answer, Naptr, Query, Srv
    from sipresolve.cli.trace import Trace

__all__ = [
    "ADDRESS_TYPES",
    "SrvSet",
    "address_node",
    "addresses_node",
    "is_absent",
    "is_refused",
    "srv_node",
]


# --- SRV


@frozen
class SrvSet:
    """An SRV set that counted, and the NAPTR record that led to it."""

    transport: Transport
    question: Question
    naptr: Naptr | None = None


def srv_node(trace: Trace, found: SrvSet) -> Node:
    """The question for an SRV set, over its records and the addresses of their targets."""
    answer = trace.answer(found.question)
    routes = [(_route(found, srv), srv) for srv in (answer.srvs if answer else ())]
    last = len(trace.resolution.targets) + 1
    routes.sort(key=lambda each: (each[1].priority, trace.first.get(each[0], last)))
    records = [_srv(trace, found.question, route, srv) for route, srv in routes]
    return question_node(trace, found.question, tuple(_without_the_left_out(records)))


def is_refused(trace: Trace, question: Question) -> bool:
    """Whether an SRV set says that the service is not offered (RFC 2782)."""
    answer = trace.answer(question)
    return answer is not None and [srv.target for srv in answer.srvs] == ["."]


def is_absent(trace: Trace, question: Question) -> bool:
    """Whether the answer to a question is that there is nothing."""
    answer = trace.answer(question)
    return answer is not None and answer.status.is_absence


def _without_the_left_out(records: Sequence[Node]) -> Iterator[Node]:
    """The lines of SRV records; of those that were never come to, one line says how many."""
    left_out = [record for record in records if _is_blank(record)]
    yield from (record for record in records if not _is_blank(record))
    if len(left_out) == 1:
        yield evolve(left_out[0], remark="left out")
    elif left_out:
        label = f"{len(left_out)} more records"
        yield Node(label=label, remark="left out", tone=Tone.UNUSED)


def _is_blank(record: Node) -> bool:
    return not (record.children or record.remark)


def _route(found: SrvSet, srv: Srv) -> Route:
    return Route(
        transport=found.transport,
        host=srv.target,
        port=srv.port,
        priority=srv.priority,
        weight=srv.weight,
        order=found.naptr.order if found.naptr else None,
        preference=found.naptr.preference if found.naptr else None,
    )


def _srv(trace: Trace, owner: Question, route: Route, srv: Srv) -> Node:
    usable = srv.target != "." and srv.port != 0
    children = tuple(_addresses(trace, route.host, [route])) if usable else ()
    remark = trace.said_of(f"{owner.name} {srv}")
    return Node(
        label=f"{srv.priority} {srv.weight} {srv.port} {srv.target}",
        remark=remark,
        tone=Tone.RECORD if children else Tone.UNUSED,
        answers=_proven_addresses(trace, route.host) if children or remark else (),
        children=children,
    )


# --- Addresses


def addresses_node(trace: Trace, host: str, routes: Iterable[Route]) -> Node:
    """The addresses of a host that was given itself, and is no SRV target.

    Args:
        trace: What is known.
        host: The name.
        routes: To that host, those that its addresses may lie on.
    """
    children = tuple(_addresses(trace, host, routes))
    answers = _proven_addresses(trace, host)
    if children:
        return Node(
            label=f"addresses of {host}", tone=Tone.QUESTION, answers=answers, children=children
        )
    known = [trace.answer(Question(host, kind)) for kind in ADDRESS_TYPES]
    detail = ", ".join(f"{each.question.type} {each.status}" for each in known if each)
    return Node(
        label=f"addresses of {host}: none", detail=detail, tone=Tone.UNUSED, answers=answers
    )


def address_node(
    trace: Trace, route: Route, address: Address, *, detail: str = "", remark: str = ""
) -> Node:
    """The line of an address.

    Args:
        trace: What is known.
        route: How it was come to.
        address: What was come to.
        detail: How it was had; of a target, its own state is added, which may be weaker than that
            of its address.
        remark: What else is to be said of a target; of what is none, it is said why.
    """
    place = str(
        Target(transport=route.transport, address=address, port=route.port, host=route.host)
    )
    if number := trace.take(route, address):
        detail = ", ".join(filter(None, (detail, trace.state_of(number))))
        return Node(label=f"{number}. {place}", detail=detail, remark=remark, tone=Tone.TARGET)
    reason = trace.said_of(f"{place} of {route.host}")
    return Node(label=place, detail=detail, remark=reason, tone=Tone.UNUSED)


#: The types of records that have an address.
ADDRESS_TYPES: Final = (RecordType.AAAA, RecordType.A)


def _addresses(trace: Trace, host: str, routes: Iterable[Route]) -> Iterator[Node]:
    """The addresses of a host in their order, and what was wrong with the questions for them."""
    questions = [Question(host, kind) for kind in ADDRESS_TYPES]
    queries = [query for question in questions if (query := trace.draw(question))]
    found = [
        (route, address, query)
        for route in routes
        for query in queries
        for address in (query.answer.addresses if query.answer else ())
    ]
    last = len(trace.resolution.targets) + 1
    found.sort(key=lambda each: trace.numbers.get(each[:2], last))
    for route, address, query in found:
        detail = ", ".join(filter(None, (str(query.question.type), manner_of(query))))
        yield address_node(trace, route, address, detail=detail)
    for question in questions:
        yield from _trouble(trace, question)


def _trouble(trace: Trace, question: Question) -> Iterator[Node]:
    """A line for a question for addresses that failed, was late, or was not asked any more.

    One that was answered by a nameserver in trouble has a line as well.
    """
    query = trace.queries.get(question)
    label, detail = label_of(question), details_of(query) if query else ""
    if remark := trace.said_about(question) or (failure_of(query) if query else ""):
        answers = _failed(query)
        yield Node(label=label, detail=detail, remark=remark, tone=Tone.FAILED, answers=answers)
    elif remark := trouble_of(query) if query else "":
        yield Node(label=label, detail=detail, remark=remark, tone=Tone.UNUSED)


# --- What proves them


def _proven_addresses(trace: Trace, host: str) -> tuple[Answer, ...]:
    """The answers for the addresses of a host whose chains of trust are shown with the host."""
    queries = (trace.queries.get(Question(host, kind)) for kind in ADDRESS_TYPES)
    return tuple(answer for answer in proven(*queries) if not answer.status.is_failure)


def _failed(query: Query | None) -> tuple[Answer, ...]:
    """What failed has a line of its own, and its chain there."""
    return tuple(answer for answer in proven(query) if answer.status.is_failure)
