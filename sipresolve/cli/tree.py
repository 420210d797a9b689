"""The way of a resolution as a tree: from the URI through NAPTR and SRV to the addresses."""

from __future__ import annotations

from operator import or_
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sipresolve import Question, RecordType, Target, Transport
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.questions import details_of, failure_of, label_of, question_node
from sipresolve.cli.text import counted
from sipresolve.cli.trace import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sipresolve import Address, Naptr, Query, Srv
    from sipresolve.cli.trace import Trace

__all__ = ["tree_of"]


def tree_of(text: str, trace: Trace) -> Node:
    """Draw up the tree of a resolution.

    Args:
        text: The URI as it was given.
        trace: What was found, or what is known where nothing was; it learns what the tree shows.
    """
    branches = tuple(_branches(trace))
    return Node(label=text, tone=Tone.START, children=(*branches, *_not_needed(trace)))


def _branches(trace: Trace) -> Iterator[Node]:
    uri = trace.resolution.uri
    if uri.target_address is not None:
        yield from _numeric(trace)
        return
    naptr = Question(uri.target, RecordType.NAPTR)
    sets: list[_Set] = []
    if naptr in trace.queries:
        yield _naptr_question(trace, naptr, sets)
    by_naptr = bool(sets)
    if not by_naptr:
        sets += _sets_by_transport(trace)
        yield from (_srv_question(trace, found) for found in sets)
    if _went_on_to_addresses(trace, sets, by_naptr=by_naptr):
        yield _domain(trace, uri.target)


def _numeric(trace: Trace) -> Iterator[Node]:
    for (route, address), number in trace.numbers.items():
        label = f"{number}. {_place(route, address)}"
        yield Node(label=label, remark="the host is an address: nothing to ask", tone=Tone.TARGET)


def _not_needed(trace: Trace) -> Iterator[Node]:
    count = len(trace.queries.keys() - trace.drawn)
    if count:
        label = f"asked ahead and not needed: {counted(count, 'question')}"
        yield Node(label=label, tone=Tone.UNUSED)


# --- NAPTR


@frozen
class _Set:
    """An SRV set that counted, and the NAPTR record that led to it."""

    transport: Transport
    question: Question
    naptr: Naptr | None = None


_SERVICES: Final = {transport.naptr_service: transport for transport in Transport}


def _naptr_question(trace: Trace, question: Question, sets: list[_Set]) -> Node:
    """The NAPTR question of the domain; the SRV sets that its records lead to are added."""
    answer = trace.answer(question)
    naptrs = sorted(answer.naptrs if answer else (), key=lambda n: (n.order, n.preference))
    children = tuple(_naptr(trace, question, naptr, sets) for naptr in naptrs)
    return question_node(trace, question, children)


def _naptr(trace: Trace, owner: Question, naptr: Naptr, sets: list[_Set]) -> Node:
    label = _naptr_label(naptr)
    transport = _SERVICES.get(naptr.service.upper())
    remark = trace.said_of(f"{owner.name} {naptr}")
    if remark or transport is None:
        return Node(label=label, remark=remark, tone=Tone.UNUSED)
    found = _Set(transport, Question(naptr.replacement, RecordType.SRV), naptr)
    if any((s.transport, s.question) == (transport, found.question) for s in sets):
        return Node(label=label, remark="leads where a record above leads", tone=Tone.UNUSED)
    sets.append(found)
    return Node(label=label, children=(_srv_question(trace, found),))


def _naptr_label(naptr: Naptr) -> str:
    regexp = f' "{naptr.regexp.decode("latin-1")}"' if naptr.regexp else ""
    fields = f'{naptr.order} {naptr.preference} "{naptr.flags}" "{naptr.service}"{regexp}'
    return f"{fields} → {naptr.replacement}"


# --- SRV


def _sets_by_transport(trace: Trace) -> Iterator[_Set]:
    """The SRV sets that count where no NAPTR record leads to one.

    For a SIP URI those of secure transports are asked ahead as well, in case a NAPTR record leads
    there; they count only where they led to a target, or where there are no others.
    """
    uri = trace.resolution.uri
    names = {f"{transport.srv_labels}.{uri.target}": transport for transport in Transport}
    sets = [
        _Set(names[question.name], question)
        for question in trace.queries
        if question.type is RecordType.SRV and question.name in names
    ]
    insecure = any(not found.transport.secure for found in sets)
    used = {route.transport for route in trace.first if route.priority is not None}
    for found in sets:
        ahead = uri.scheme == "sip" and insecure and found.transport.secure
        if not ahead or found.transport in used:
            yield found


def _srv_question(trace: Trace, found: _Set) -> Node:
    answer = trace.answer(found.question)
    routes = [(_route(found, srv), srv) for srv in (answer.srvs if answer else ())]
    last = len(trace.numbers) + 1
    routes.sort(key=lambda each: (each[1].priority, trace.first.get(each[0], last)))
    records = [_srv(trace, found.question, route, srv) for route, srv in routes]
    return question_node(trace, found.question, tuple(_without_the_left_out(records)))


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


def _route(found: _Set, srv: Srv) -> Route:
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
    return Node(
        label=f"{srv.priority} {srv.weight} {srv.port} {srv.target}",
        remark=trace.said_of(f"{owner.name} {srv}"),
        tone=Tone.RECORD if children else Tone.UNUSED,
        children=children,
    )


# --- Addresses


def _went_on_to_addresses(trace: Trace, sets: Sequence[_Set], *, by_naptr: bool) -> bool:
    """Whether the addresses of the domain itself were what remained (RFC 3263 §4.2)."""
    if any(route.priority is None for route in trace.first):
        return True
    if any(note.code == "naptr-transport-unsupported" for note in trace.resolution.notes):
        return False
    refused = [_is_refused(trace, found.question) for found in sets]
    absent = [_is_absent(trace, found.question) for found in sets]
    if by_naptr:
        return all(map(or_, absent, refused)) and not all(refused)
    return all(absent)


def _is_refused(trace: Trace, question: Question) -> bool:
    answer = trace.answer(question)
    return answer is not None and [srv.target for srv in answer.srvs] == ["."]


def _is_absent(trace: Trace, question: Question) -> bool:
    answer = trace.answer(question)
    return answer is not None and answer.status.is_absence


def _domain(trace: Trace, domain: str) -> Node:
    children = tuple(_addresses(trace, domain, _routes_to_domain(trace, domain)))
    if children:
        return Node(label=f"addresses of {domain}", tone=Tone.QUESTION, children=children)
    answers = [trace.answer(Question(domain, kind)) for kind in _ADDRESS_TYPES]
    detail = ", ".join(f"{each.question.type} {each.status}" for each in answers if each)
    return Node(label=f"addresses of {domain}: none", detail=detail, tone=Tone.UNUSED)


def _routes_to_domain(trace: Trace, domain: str) -> list[Route]:
    routes = [route for route in trace.first if route.priority is None]
    if routes:
        return routes
    # No target names the transport, but what was held back is said to be of one.
    said = {note.message.partition(" ")[0] for note in trace.resolution.notes}
    port = trace.resolution.uri.port
    return [
        Route(transport=transport, host=domain, port=port or transport.default_port)
        for transport in Transport
        if transport in said
    ]


_ADDRESS_TYPES: Final = (RecordType.AAAA, RecordType.A)


def _addresses(trace: Trace, host: str, routes: Iterable[Route]) -> Iterator[Node]:
    """The addresses of a host in their order, and what was wrong with the questions for them."""
    questions = [Question(host, kind) for kind in _ADDRESS_TYPES]
    queries = [query for question in questions if (query := trace.draw(question))]
    found = [
        (route, address, query)
        for route in routes
        for query in queries
        for address in (query.answer.addresses if query.answer else ())
    ]
    last = len(trace.numbers) + 1
    found.sort(key=lambda each: trace.numbers.get(each[:2], last))
    for route, address, query in found:
        yield _address(trace, route, address, query)
    for question in questions:
        yield from _trouble(trace, question)


def _address(trace: Trace, route: Route, address: Address, query: Query) -> Node:
    place = _place(route, address)
    detail = ", ".join(filter(None, (str(query.question.type), details_of(query))))
    if number := trace.numbers.get((route, address)):
        return Node(label=f"{number}. {place}", detail=detail, tone=Tone.TARGET)
    remark = trace.said_of(f"{place} of {route.host}")
    return Node(label=place, detail=detail, remark=remark, tone=Tone.UNUSED)


def _place(route: Route, address: Address) -> str:
    return str(Target(transport=route.transport, address=address, port=route.port, host=route.host))


def _trouble(trace: Trace, question: Question) -> Iterator[Node]:
    """A line for a question for addresses that failed, was late, or was not asked any more."""
    query = trace.queries.get(question)
    if remark := trace.said_about(question) or (failure_of(query) if query else ""):
        detail = details_of(query) if query else ""
        yield Node(label=label_of(question), detail=detail, remark=remark, tone=Tone.FAILED)
