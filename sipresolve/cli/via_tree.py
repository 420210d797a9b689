"""The way of a response: maddr or received, then sent-by (RFC 3261 §18.2.2, RFC 3263 §5)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve import UDP, Question, RecordType, Transport, address_text
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.servers import SrvSet, address_node, addresses_node, is_absent, srv_node
from sipresolve.cli.trace import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sipresolve import Address, Via
    from sipresolve.cli.trace import Trace

__all__ = ["via_branches"]


def via_branches(trace: Trace, via: Via) -> Iterator[Node]:
    """What hangs from a Via: the steps in their order, then the parameters that have no say."""
    transport = _TRANSPORTS[via.transport]
    steps = _steps(trace, via, transport)
    yield next(steps)
    yield from (evolve(step, label=f"if that fails: {step.label}") for step in steps)
    yield from _without_say(via, transport)


_TRANSPORTS: Final = {str(transport): transport for transport in Transport}


# --- Steps


_RESPONSES: Final = "RFC 3261 §18.2.2"
_SYMMETRIC: Final = "RFC 3581 §4"
_SERVERS: Final = "RFC 3263 §5"


def _steps(trace: Trace, via: Via, transport: Transport) -> Iterator[Node]:
    if transport is not UDP:
        yield Node(label="the connection of the request, while it is open", detail=_RESPONSES)
    if transport is UDP and via.maddr is not None:
        yield _maddr(trace, via, via.maddr)
    elif via.received is not None:
        yield _received(trace, via, transport, via.received)
    sent_by, _, _ = str(via).partition(" ")[2].partition(";")
    children = _to_sent_by(trace, via, transport)
    yield _step(trace, f"sent-by {sent_by}", _SERVERS, "sent-by-unusable", children)


def _step(trace: Trace, label: str, detail: str, code: str, children: Iterable[Node]) -> Node:
    """A step over what it leads to, and why that is nowhere, where it is.

    What is said there of single questions stands beside them, below.
    """
    below = tuple(children)
    remark = trace.in_short(trace.said_as(code))
    tone = Tone.FAILED if remark else Tone.RECORD
    return Node(label=label, detail=detail, remark=remark, tone=tone, children=below)


def _maddr(trace: Trace, via: Via, host: str) -> Node:
    label, detail = _own_port(f"maddr {host}", via), _RESPONSES
    route, address = _route(via, UDP, host), _address_of(host)
    if address is None:
        children = [addresses_node(trace, host, [route])]
    else:
        children = [*_numeric(trace, route, address)]
        if address.is_multicast:
            # "the response SHOULD be sent using the TTL indicated in the "ttl" parameter, or with
            # a TTL of 1 if that parameter is not present."
            detail = f"multicast, with a TTL of {1 if via.ttl is None else via.ttl}, {detail}"
    return _step(trace, label, detail, "maddr-unusable", children)


def _address_of(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _received(trace: Trace, via: Via, transport: Transport, address: Address) -> Node:
    host = address_text(address)
    route = _route(via, transport, host)
    label, detail = _own_port(f"received {host}", via), _RESPONSES
    if transport is UDP and via.rport is not None:
        route = evolve(route, port=via.rport)
        label, detail = f"received {host} and rport {via.rport}", _SYMMETRIC
    return _step(trace, label, detail, "received-unusable", _numeric(trace, route, address))


def _own_port(label: str, via: Via) -> str:
    return f"{label}, with the {'default port' if via.port is None else 'port of sent-by'}"


def _to_sent_by(trace: Trace, via: Via, transport: Transport) -> Iterator[Node]:
    route = _route(via, transport, via.host)
    if via.address is not None:
        yield from _numeric(trace, route, via.address)
        return
    if via.port is None:
        srv = Question(f"{transport.srv_labels}.{via.host}", RecordType.SRV)
        yield srv_node(trace, SrvSet(transport, srv))
        if not is_absent(trace, srv):
            return
    yield addresses_node(trace, via.host, [route])


def _numeric(trace: Trace, route: Route, address: Address) -> Iterator[Node]:
    """The line of an address that stands in the Via, if there is anything to say of it."""
    node = address_node(trace, route, address)
    if node.tone is Tone.TARGET or node.remark:
        yield node


def _route(via: Via, transport: Transport, host: str) -> Route:
    return Route(transport=transport, host=host, port=via.port or transport.default_port)


# --- What has no say


def _without_say(via: Via, transport: Transport) -> Iterator[Node]:
    """The parameters that would say where the response goes, but for something else."""
    for name, value in via.parameters:
        if reason := _reasons(via, transport).get(name):
            label = name if value is None else f"{name} {value}"
            yield Node(label=label, remark=f"skipped, {reason}", tone=Tone.UNUSED)


def _reasons(via: Via, transport: Transport) -> Mapping[str, str]:
    """Why parameters have no say, by their names; those that are not there included."""
    if transport is not UDP:
        only = "it is for UDP only"
        return {"maddr": f"{only} ({_RESPONSES})", "rport": f"{only} ({_SYMMETRIC})"}
    if via.maddr is not None:
        return dict.fromkeys(("received", "rport"), f"maddr goes before it ({_RESPONSES})")
    if via.received is None:
        return {"rport": f"there is no received beside it ({_SYMMETRIC})"}
    if via.rport is None:
        return {"rport": f"the server has put no port there ({_SYMMETRIC})"}
    return {}
