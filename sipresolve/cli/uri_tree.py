"""The way of a request: from a URI through NAPTR and SRV to the addresses (RFC 3263 §4)."""

from __future__ import annotations

from operator import or_
from typing import TYPE_CHECKING, Final

from sipresolve import Question, RecordType, Transport
from sipresolve.cli.naptrs import naptr_label
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.questions import question_node
from sipresolve.cli.servers import (
    ADDRESS_TYPES,
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
        yield from _numeric(trace, uri)
        return
    naptr = Question(uri.target, RecordType.NAPTR)
    sets: list[SrvSet] = []
    # Other URIs of the same number may have had the questions asked that this one has no use for.
    if naptr in trace.queries and uri.port is None and uri.transport is None:
        yield _naptr_question(trace, naptr, sets)
    by_naptr = bool(sets)
    if not by_naptr:
        sets += _sets_by_transport(trace, uri)
        yield from (srv_node(trace, found) for found in sets)
    if _went_on_to_addresses(trace, uri, sets, by_naptr=by_naptr):
        yield addresses_node(trace, uri.target, _routes_to_domain(trace, uri))


def _numeric(trace: Trace, uri: SipUri) -> Iterator[Node]:
    """The line of the address that stands in a URI."""
    for route, address in trace.numbers:
        yield address_node(trace, route, address, remark=_NUMERIC)
    for said in _targets_not_offered(trace, uri) if not trace.numbers else ():
        place = said.partition(" of ")[0]
        yield Node(label=place, remark=trace.said_of(said), tone=Tone.UNUSED)


_NUMERIC: Final = "the host is an address: nothing to ask"


# --- NAPTR


_SERVICES: Final = {transport.naptr_service: transport for transport in Transport}


def _naptr_question(trace: Trace, question: Question, sets: list[SrvSet]) -> Node:
    """The NAPTR question of the domain; the SRV sets that its records lead to are added."""
    children = tuple(_naptr(trace, question, naptr, sets) for naptr in trace.records(question))
    return question_node(trace, question, children)


def _naptr(trace: Trace, owner: Question, naptr: Naptr, sets: list[SrvSet]) -> Node:
    label = naptr_label(naptr)
    transport = _SERVICES.get(naptr.service.upper())
    # What a SIPS URI of the same number had no use for may have led here.
    remark = "" if _led_here(trace, naptr, transport) else trace.said_of(f"{owner.name} {naptr}")
    if remark or transport is None:
        return Node(label=label, remark=remark, tone=Tone.UNUSED)
    found = SrvSet(transport, Question(naptr.replacement, RecordType.SRV), naptr)
    if any((s.transport, s.question) == (transport, found.question) for s in sets):
        return Node(label=label, remark="leads where a record above leads", tone=Tone.UNUSED)
    sets.append(found)
    return Node(label=label, children=(srv_node(trace, found),))


def _led_here(trace: Trace, naptr: Naptr, transport: Transport | None) -> bool:
    """Whether a record led to a target."""
    record = transport, naptr.order, naptr.preference
    return any((route.transport, route.order, route.preference) == record for route in trace.first)


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
        if uri.port is None and _may_use(uri, names[question.name])
    ]
    insecure = any(not found.transport.secure for found in sets)
    used = {route.transport for route in trace.first if route.priority is not None}
    for found in sets:
        ahead = uri.scheme == "sip" and insecure and found.transport.secure
        if not ahead or found.transport in used:
            yield found


def _may_use(uri: SipUri, transport: Transport) -> bool:
    """Whether a URI leaves room for a transport; in a SIPS URI, it may say what TLS runs over."""
    below = transport.srv_labels.rpartition("_")[2] if uri.scheme == "sips" else str(transport)
    fits = uri.scheme == "sip" or transport.secure
    return fits and uri.transport in (None, str(transport), below)


def _went_on_to_addresses(
    trace: Trace, uri: SipUri, sets: Sequence[SrvSet], *, by_naptr: bool
) -> bool:
    """Whether the addresses of the domain itself were what remained (RFC 3263 §4.2)."""
    if any(route.priority is None for route in trace.first):
        return True
    naptr = Question(uri.target, RecordType.NAPTR)
    if any(
        note.code == "naptr-transport-unsupported" and note.question == naptr
        for note in trace.resolution.notes
    ):
        return False
    if not (_targets_not_offered(trace, uri) or _lacks_addresses(trace, uri.target)):
        return False  # They were asked ahead, and nobody came to them.
    refused = [is_refused(trace, found.question) for found in sets]
    absent = [is_absent(trace, found.question) for found in sets]
    if by_naptr:
        return all(map(or_, absent, refused)) and not all(refused)
    return all(absent) and (bool(sets) or uri.port is not None)


def _lacks_addresses(trace: Trace, host: str) -> bool:
    answers = [trace.answer(Question(host, kind)) for kind in ADDRESS_TYPES]
    return not any(answer.addresses for answer in answers if answer)


def _routes_to_domain(trace: Trace, uri: SipUri) -> list[Route]:
    routes = [route for route in trace.first if route.priority is None]
    if routes:
        return routes
    # No target names the transport, but what was held back is said to be of one.
    said = {each.partition(" ")[0] for each in _targets_not_offered(trace, uri)}
    return [
        Route(transport=transport, host=uri.target, port=uri.port or transport.default_port)
        for transport in Transport
        if transport in said
    ]


def _targets_not_offered(trace: Trace, uri: SipUri) -> list[str]:
    """What is no target though it was come to, as notes name it: ``udp 192.0.2.1:5060 of host``."""
    heads = dict.fromkeys(note.message.partition(": ")[0] for note in trace.resolution.notes)
    return [head for head in heads if head.endswith(f" of {uri.target}")]
