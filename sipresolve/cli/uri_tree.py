"""The way of a request: from a URI through NAPTR and SRV to the addresses (RFC 3263 §4)."""

from __future__ import annotations

from operator import or_
from typing import TYPE_CHECKING, Final

from sipresolve import Question, RecordType, Transport
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.questions import question_node
from sipresolve.cli.servers import (
    SrvSet,
    address_node,
    addresses_node,
    is_absent,
    is_refused,
    srv_node,
)
from sipresolve.cli.trace import Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipresolve import Naptr, SipUri
    from sipresolve.cli.trace import Trace

__all__ = ["uri_branches"]


def uri_branches(trace: Trace, uri: SipUri) -> Iterator[Node]:
    """What hangs from a URI."""
    if uri.target_address is not None:
        for route, address in trace.numbers:
            yield address_node(trace, route, address, remark=_NUMERIC)
        return
    naptr = Question(uri.target, RecordType.NAPTR)
    sets: list[SrvSet] = []
    if naptr in trace.queries:
        yield _naptr_question(trace, naptr, sets)
    by_naptr = bool(sets)
    if not by_naptr:
        sets += _sets_by_transport(trace, uri)
        yield from (srv_node(trace, found) for found in sets)
    if _went_on_to_addresses(trace, sets, by_naptr=by_naptr):
        yield addresses_node(trace, uri.target, _routes_to_domain(trace, uri))


_NUMERIC: Final = "the host is an address: nothing to ask"


# --- NAPTR


_SERVICES: Final = {transport.naptr_service: transport for transport in Transport}


def _naptr_question(trace: Trace, question: Question, sets: list[SrvSet]) -> Node:
    """The NAPTR question of the domain; the SRV sets that its records lead to are added."""
    answer = trace.answer(question)
    naptrs = sorted(answer.naptrs if answer else (), key=lambda n: (n.order, n.preference))
    children = tuple(_naptr(trace, question, naptr, sets) for naptr in naptrs)
    return question_node(trace, question, children)


def _naptr(trace: Trace, owner: Question, naptr: Naptr, sets: list[SrvSet]) -> Node:
    label = _naptr_label(naptr)
    transport = _SERVICES.get(naptr.service.upper())
    remark = trace.said_of(f"{owner.name} {naptr}")
    if remark or transport is None:
        return Node(label=label, remark=remark, tone=Tone.UNUSED)
    found = SrvSet(transport, Question(naptr.replacement, RecordType.SRV), naptr)
    if any((s.transport, s.question) == (transport, found.question) for s in sets):
        return Node(label=label, remark="leads where a record above leads", tone=Tone.UNUSED)
    sets.append(found)
    return Node(label=label, children=(srv_node(trace, found),))


def _naptr_label(naptr: Naptr) -> str:
    regexp = f' "{naptr.regexp.decode("latin-1")}"' if naptr.regexp else ""
    fields = f'{naptr.order} {naptr.preference} "{naptr.flags}" "{naptr.service}"{regexp}'
    return f"{fields} → {naptr.replacement}"


# --- SRV, and the addresses of the domain


def _sets_by_transport(trace: Trace, uri: SipUri) -> Iterator[SrvSet]:
    """The SRV sets that count where no NAPTR record leads to one.

    For a SIP URI those of secure transports are asked ahead as well, in case a NAPTR record leads
    there; they count only where they led to a target, or where there are no others.
    """
    names = {f"{transport.srv_labels}.{uri.target}": transport for transport in Transport}
    sets = [
        SrvSet(names[question.name], question)
        for question in trace.queries
        if question.type is RecordType.SRV and question.name in names
    ]
    insecure = any(not found.transport.secure for found in sets)
    used = {route.transport for route in trace.first if route.priority is not None}
    for found in sets:
        ahead = uri.scheme == "sip" and insecure and found.transport.secure
        if not ahead or found.transport in used:
            yield found


def _went_on_to_addresses(trace: Trace, sets: Sequence[SrvSet], *, by_naptr: bool) -> bool:
    """Whether the addresses of the domain itself were what remained (RFC 3263 §4.2)."""
    if any(route.priority is None for route in trace.first):
        return True
    if any(note.code == "naptr-transport-unsupported" for note in trace.resolution.notes):
        return False
    refused = [is_refused(trace, found.question) for found in sets]
    absent = [is_absent(trace, found.question) for found in sets]
    if by_naptr:
        return all(map(or_, absent, refused)) and not all(refused)
    return all(absent)


def _routes_to_domain(trace: Trace, uri: SipUri) -> list[Route]:
    routes = [route for route in trace.first if route.priority is None]
    if routes:
        return routes
    # No target names the transport, but what was held back is said to be of one.
    said = {note.message.partition(" ")[0] for note in trace.resolution.notes}
    return [
        Route(transport=transport, host=uri.target, port=uri.port or transport.default_port)
        for transport in Transport
        if transport in said
    ]
