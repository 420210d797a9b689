"""RFC 3263 §4: from a SIP URI to the servers to contact, in order.

Read it from the top: `locate` is §4 and §4.1, `_by_naptr` and what it calls the two ways of §4.1 to
a transport; §4.2 is in `servers`. The words in quotation marks are the RFC's.

Three waits are bounded by patience, so that what a network loses is not waited for:

- NAPTR, which home routers drop: half a second longer than all SRV sets. Whoever can delay it could
  take TLS away by that, so where the policy requires proof it is waited for.
- The second family of addresses of a host, and a host that a later one of its set overtakes: both
  in `hosts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.procedures.addresses import NO_SOURCES, Sources
from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.hosts import contact_late
from sipresolve.procedures.plans import prepared
from sipresolve.procedures.routes import address_questions
from sipresolve.procedures.search import EAGER, Pace, Search
from sipresolve.procedures.servers import by_addresses, by_srv, by_transport, numeric
from sipresolve.procedures.services import offer_of, service_for, services_by_transport
from sipresolve.procedures.verdicts import code_of
from sipresolve.vocabulary.errors import UnsupportedTransport
from sipresolve.vocabulary.policy import Dnssec, NaptrFailure
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status
from sipresolve.vocabulary.targets import Note
from sipresolve.vocabulary.transports import TLS, UDP, Transport, transport_of

if TYPE_CHECKING:
    from random import Random

    from sipresolve.procedures.ask import Procedure
    from sipresolve.procedures.services import Service
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["NAPTR_PATIENCE", "first_questions", "locate"]

#: How much longer than for SRV to wait for NAPTR, in seconds.
NAPTR_PATIENCE: Final = 0.5


def locate(  # noqa: PLR0913 - all but one are named where it is called
    uri: SipUri,
    *,
    policy: Policy,
    rng: Random,
    sources: Sources = NO_SOURCES,
    pace: Pace = EAGER,
    large: bool = False,
    prepare: bool = False,
) -> Procedure[tuple[Answer, ...]]:
    """Yield the targets of a URI in order (RFC 3263 §4).

    Args:
        uri: What to locate; it is not changed.
        policy: What the client wants and can do.
        rng: The dice for RFC 2782. The same dice and answers give the same order, whatever came
            first, as long as no wait lapsed.
        sources: Where this machine would send from, for RFC 6724.
        pace: How far to look ahead.
        large: Whether the request is too large for UDP, so that TCP to the same place goes before
            it (RFC 3261 §18.1.1).
        prepare: Whether to yield a plan in the end, where the next search would go the same way.

    Returns:
        The answers that the targets rest on, negative ones too.

    Raises:
        UnsupportedTransport: The URI wants what the client lacks; or the domain offers nothing
            that it has.
        SipResolveError: No target was found; the class says why.
    """
    search = Search(
        target=uri.target,
        port=uri.port,
        policy=policy,
        rng=rng,
        sources=sources,
        pace=pace,
        large=large,
    )
    if uri.transport in _DEPRECATED:
        yield Note(code="transport-deprecated", message=_DEPRECATED[uri.transport])
    # "If the URI specifies a transport protocol in the transport parameter, that transport
    # protocol SHOULD be used."
    wanted = _wanted_transport(uri, policy)
    if uri.target_address is not None:
        # "Otherwise, if no transport protocol is specified, but the TARGET is a numeric IP
        # address, the client SHOULD use UDP for a SIP URI, and TCP for a SIPS URI."
        transport = wanted or _default_transport(uri, policy)
        yield from numeric(search, transport, uri.target_address)
    elif uri.port is not None:
        # "Similarly, if no transport protocol is specified, and the TARGET is not numeric, but an
        # explicit port is provided"
        yield from by_addresses(search, wanted or _default_transport(uri, policy))
    elif wanted is not None:
        yield from by_transport(search, (service_for(wanted, uri.target),), wanted)
    else:
        # "Otherwise, if no transport protocol or port is specified, and the target is not a
        # numeric IP address, the client SHOULD perform a NAPTR query for the domain in the URI."
        yield from _by_naptr(search, uri, _default_transport(uri, policy))
    yield from contact_late(search)
    if not search.found:
        raise search.nothing_found()
    if prepare and (plan := prepared(search)):
        yield plan
    return tuple(search.used)


_DEPRECATED: Final = {
    "tls": ";transport=tls is deprecated: TLS is no transport of its own (RFC 3261 §26.2.2)",
    "wss": ";transport=wss is not registered: it is ;transport=ws in a sips URI (RFC 7118 §5.2)",
    "tls-sctp": ";transport=tls-sctp is not registered: it is ;transport=sctp in a sips URI",
}


def _wanted_transport(uri: SipUri, policy: Policy) -> Transport | None:
    """The transport that the URI specifies; one that the client lacks cannot be used."""
    if uri.transport is None:
        return None
    transport = transport_of(uri.scheme, uri.transport)
    if transport not in policy.transports:
        have = ", ".join(policy.transports)
        message = f"the URI wants transport {str(transport)!r}, and the client has {have}"
        raise UnsupportedTransport(message, from_input=True)
    return transport


def _default_transport(uri: SipUri, policy: Policy) -> Transport:
    """The transport where none is named: "UDP for a SIP URI, and TCP for a SIPS URI".

    A client without UDP uses its first insecure transport, or else its first; one without TLS over
    TCP the first that is secure.
    """
    secure = [transport for transport in policy.transports if transport.secure]
    if uri.scheme == "sips":
        if not secure:
            have = ", ".join(policy.transports)
            message = f"a sips URI needs a secure transport, and the client has {have}"
            raise UnsupportedTransport(message, from_input=True)
        return TLS if TLS in secure else secure[0]
    insecure = [transport for transport in policy.transports if not transport.secure]
    return UDP if UDP in insecure else (insecure or secure)[0]


def _by_naptr(search: Search, uri: SipUri, default: Transport) -> Procedure[None]:
    """§4.1: the domain chooses the transport by NAPTR; where it does not, SRV has to say."""
    policy = search.policy
    question = Question(uri.target, RecordType.NAPTR)
    services = services_by_transport(uri.scheme, uri.target, policy)
    yield from _await_naptr(search, uri, question, services)
    answer = search.known.get(question) or Answer(
        question=question, status=Status.TIMEOUT, detail="not waited for any longer"
    )
    search.used.append(answer)
    if answer.status.is_failure:
        yield _naptr_failed(answer)
        if policy.on_naptr_failure is NaptrFailure.FAIL or answer.status is Status.BOGUS:
            return
    offer = offer_of(answer, uri.scheme, policy)
    yield from offer.notes
    if offer.services:
        yield from _by_services(search, offer.services, (answer,))
    else:
        search.unsupported = offer.unsupported
        yield from by_transport(search, services, default, (answer,))


def _await_naptr(
    search: Search, uri: SipUri, question: Question, services: tuple[Service, ...]
) -> Procedure[None]:
    """Ask for NAPTR, and along with it for all that will probably be asked next."""
    policy = search.policy
    waits = [Wait((question,))]
    if policy.speculation and not _needs_naptr(policy):
        srv_questions = tuple(service.question for service in services)
        patience = search.patience(NAPTR_PATIENCE)
        waits.append(Wait(srv_questions, wanted=(question,), patience=patience))
    search.known = yield Ask(tuple(waits), hints=_guesses(uri, policy))


def _guesses(uri: SipUri, policy: Policy) -> tuple[Question, ...]:
    """What will probably be asked for a domain that may choose the transport."""
    services = [
        service_for(transport, uri.target).question
        for transport in policy.transports
        if transport.secure or uri.scheme == "sip"
    ]
    return (*services, *address_questions(uri.target, policy))


def first_questions(uri: SipUri, policy: Policy) -> tuple[Question, ...]:
    """What will be asked, or will probably be, of a URI that is located soon."""
    try:
        transport = _wanted_transport(uri, policy) or _default_transport(uri, policy)
    except UnsupportedTransport:
        return ()
    if uri.target_address is not None:
        return ()
    addresses = address_questions(uri.target, policy)
    if uri.port is not None:
        return addresses
    if uri.transport is not None:
        return (service_for(transport, uri.target).question, *addresses)
    return (Question(uri.target, RecordType.NAPTR), *_guesses(uri, policy))


def _needs_naptr(policy: Policy) -> bool:
    """Whether the NAPTR answer is waited for to its end.

    Whoever can delay it could otherwise take TLS away from those who want proof.
    """
    wants_proof = policy.require_secure or policy.dnssec is Dnssec.VALIDATE
    return wants_proof or policy.on_naptr_failure is NaptrFailure.FAIL


def _naptr_failed(answer: Answer) -> Note:
    message = f"{answer.said}; the domain's choice is unknown"
    code = code_of(answer, "naptr-failed")
    return Note(code=code, message=message, question=answer.question)


def _by_services(
    search: Search, services: tuple[Service, ...], path: tuple[Answer, ...]
) -> Procedure[None]:
    """§4.2: "the client performs an SRV query on the record returned from the NAPTR processing".

    Where no record leads to SRV, "the client performs an A or AAAA record lookup of the domain
    name", over "the transport protocol determined previously": the first that SRV does not rule
    out.
    """
    if (yield from by_srv(search, services, path)):
        left = (s.transport for s in services if s.transport not in search.refused)
        if (transport := next(left, None)) is not None:
            yield from by_addresses(search, transport, search.path)
