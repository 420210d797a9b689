"""Where a response goes: along the topmost Via (RFC 3261 §18.2.2, RFC 3581 §4, RFC 3263 §5).

Read it from the top: `respond` is the bullets of RFC 3261 §18.2.2 in order, `_to_sent_by` is RFC
3263 §5. That a response goes over the connection that the request came in on, while it is open, is
the caller's to see to: only then is there anything to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.procedures.hosts import contact_late
from sipresolve.procedures.search import EAGER, Pace, Search
from sipresolve.procedures.servers import by_addresses, by_transport, numeric
from sipresolve.procedures.services import service_for
from sipresolve.vocabulary.hosts import address_of, address_text
from sipresolve.vocabulary.targets import Note
from sipresolve.vocabulary.transports import UDP, WS, WSS, Transport, transport_of_via

if TYPE_CHECKING:
    from random import Random

    from sipresolve.procedures.ask import Procedure
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Address, Answer
    from sipresolve.vocabulary.via import Via

__all__ = ["respond"]


def respond(
    via: Via,
    *,
    policy: Policy,
    rng: Random,
    sources: Sources = NO_SOURCES,
    pace: Pace = EAGER,
) -> Procedure[tuple[Answer, ...]]:
    """Yield the targets of a response in order.

    Args:
        via: The topmost Via of the response.
        policy: What the client wants and can do; but the transport is that of the Via.
        rng: The dice for RFC 2782.
        sources: Where this machine would send from, for RFC 6724.
        pace: How far to look ahead. Nothing is looked up before `received` or a numeric `maddr`
            has been tried: it is seldom needed.

    Returns:
        The answers that the targets rest on, negative ones too.

    Raises:
        UnsupportedTransport: The Via names a transport that is not known.
        SipResolveError: No target was found; the class says why.
    """
    transport = transport_of_via(via.transport)
    own = evolve(policy, transports=(transport,))
    search = Search(target=via.host, port=via.port, policy=own, rng=rng, sources=sources, pace=pace)
    if transport in _OVER_ONE_CONNECTION:
        yield Note(code="websocket-response", message=_WEBSOCKET)
    if transport is UDP and via.maddr is not None:
        # "Otherwise, if the Via header field value contains a "maddr" parameter, the response MUST
        # be forwarded to the address listed there, using the port indicated in "sent-by", or port
        # 5060 if none is present."
        yield from _tried(search, "maddr-unusable", _to_maddr(search, via.maddr))
    elif via.received is not None:
        # "Otherwise (for unreliable unicast transports), if the top Via has a "received"
        # parameter, the response MUST be sent to the address in the "received" parameter"; for
        # reliable ones "the server SHOULD open a connection" to it.
        way = _to_received(search, via, transport, via.received)
        yield from _tried(search, "received-unusable", way)
    # "If this fails, […] the procedures of Section 5 of [4] SHOULD be used".
    way = _to_sent_by(search, via, transport)
    yield from _tried(search, "sent-by-unusable", way) if search.offers else way
    yield from contact_late(search)
    if not search.found:
        search.turn_to_all()
        raise search.nothing_found()
    return tuple(search.used)


_OVER_ONE_CONNECTION: Final = frozenset({WS, WSS})
_WEBSOCKET: Final = (
    "a response to a WebSocket client can only be sent over the connection that it opened"
    " (RFC 7118 §5.3); these are the places where a server would be"
)


def _to_maddr(search: Search, maddr: str) -> Procedure[None]:
    search.turn_to(maddr, search.port)
    address = address_of(maddr)
    if address is not None:
        yield from numeric(search, UDP, address)
    else:
        yield from by_addresses(search, UDP)


def _to_received(
    search: Search, via: Via, transport: Transport, received: Address
) -> Procedure[None]:
    """To where the request came from.

    RFC 3581 §4, over UDP: "the response MUST be sent to the IP address listed in the "received"
    parameter, and the port in the "rport" parameter."
    """
    rport = via.rport if transport is UDP else None
    search.turn_to(address_text(received), rport or via.port)
    yield from numeric(search, transport, received, observed=True)


def _to_sent_by(search: Search, via: Via, transport: Transport) -> Procedure[None]:
    """RFC 3263 §5, where what is nearer has failed."""
    search.turn_to(via.host, via.port)
    if via.address is not None:
        # "If it contains a numeric IP address, the server attempts to send the response to that
        # address, using the transport protocol from the Via header, and the port from sent-by, if
        # present, else the default for that transport protocol."
        yield from numeric(search, transport, via.address)
    elif via.port is not None:
        # "If, however, the sent-by field contained a domain name and a port number, the server
        # queries for A or AAAA records with that name."
        yield from by_addresses(search, transport)
    else:
        # "If, however, the sent-by field contained a domain name and no port, the server queries
        # for SRV records at that domain name using the service identifier "_sips" if the Via
        # transport is "TLS", "_sip" otherwise, and the transport from the topmost Via header".
        yield from by_transport(search, (service_for(transport, via.host),), transport)


def _tried(search: Search, code: str, way: Procedure[None]) -> Procedure[None]:
    """One of several ways to the client: where it leads nowhere, that is a note, and no failure."""
    before = search.offers, len(search.late)
    yield from way
    if before == (search.offers, len(search.late)):
        yield Note(code=code, message=search.nothing_found().message)
