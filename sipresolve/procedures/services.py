"""Which SRV sets to ask for: by NAPTR (RFC 3263 §4.1), or one for each transport of the client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.policy import NaptrOrder
from sipresolve.vocabulary.records import Naptr, Question, RecordType
from sipresolve.vocabulary.targets import Note
from sipresolve.vocabulary.transports import BY_NAPTR_SERVICE, TLS, Transport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer

__all__ = ["Offer", "Service", "offer_of", "service_for", "services_by_transport"]


@frozen(kw_only=True)
class Service:
    """A transport, and where its SRV records are.

    Attributes:
        transport: What the servers of that SRV set speak.
        question: The question for the SRV set.
        naptr: The record that leads there; None where the name was made from the transport.
    """

    transport: Transport
    question: Question
    naptr: Naptr | None = None


@frozen(kw_only=True)
class Offer:
    """What the NAPTR records of a domain offer to this client.

    Attributes:
        services: Those to use, in order.
        unsupported: SIP services that the client cannot use, as the records name them.
        notes: What was skipped, and why.
    """

    services: tuple[Service, ...]
    unsupported: tuple[str, ...]
    notes: tuple[Note, ...]


def service_for(transport: Transport, target: str) -> Service:
    """The service of one transport, by its own SRV name (RFC 3263 §4.2)."""
    name = f"{transport.srv_labels}.{target}"
    return Service(transport=transport, question=Question(name, RecordType.SRV))


def services_by_transport(scheme: str, target: str, policy: Policy) -> tuple[Service, ...]:
    """Without NAPTR: "the client constructs SRV queries for those transport protocols it supports".

    "Queries are done using the service identifier "_sip" for SIP URIs and "_sips" for SIPS URIs"
    (RFC 3263 §4.1); "for a SIP URI, if the client wishes to use TLS, it also uses the service
    identifier "_sips"" (§4.2), and a client that has nothing else wishes it.
    """
    secure = [transport for transport in policy.transports if transport.secure]
    insecure = [transport for transport in policy.transports if not transport.secure]
    chosen = secure if scheme == "sips" or not insecure else insecure
    if policy.opportunistic_tls and TLS in secure and TLS not in chosen:
        chosen = [TLS, *chosen]
    return tuple(service_for(transport, target) for transport in chosen)


def offer_of(answer: Answer, scheme: str, policy: Policy) -> Offer:
    """Read a NAPTR set as RFC 3263 §4.1 does.

    "First, a client resolving a SIPS URI MUST discard any services that do not contain "SIPS" as
    the protocol in the service field." "Second, a client MUST discard any service fields that
    identify a resolution service whose value is not "D2X", for values of X that indicate
    transport protocols supported by the client."
    """
    notes: list[Note] = []
    usable: list[Service] = []
    unsupported: list[str] = []
    for naptr in answer.naptrs:
        if not _SIP_SERVICE.fullmatch(naptr.service):
            notes.append(_note(answer, naptr, "naptr-of-another-application"))
        elif fault := _fault_of(naptr):
            notes.append(_note(answer, naptr, fault))
        elif (transport := _usable_transport(naptr, scheme, policy)) is None:
            unsupported.append(naptr.service.upper())
            notes.append(_note(answer, naptr, "naptr-transport-unsupported"))
        else:
            question = Question(naptr.replacement, RecordType.SRV)
            usable.append(Service(transport=transport, question=question, naptr=naptr))
    chosen = _chosen(usable, policy)
    strict = policy.naptr_order is NaptrOrder.STRICT
    reason = "naptr-order-not-considered" if strict else "naptr-less-secure"
    notes += [
        _note(answer, service.naptr, reason)
        for service in sorted(usable, key=_order)
        if service.naptr and service not in chosen
    ]
    return Offer(
        services=_without_twins(chosen),
        unsupported=tuple(dict.fromkeys(unsupported)),
        notes=tuple(notes),
    )


# "SIP+D2X" and "SIPS+D2X", "where X is a letter that corresponds to a transport protocol"; in
# either case, as RFC 3403 §4.1 has it.
_SIP_SERVICE: Final = re.compile(r"SIPS?\+D2[A-Z]", re.IGNORECASE | re.ASCII)


def _fault_of(naptr: Naptr) -> str | None:
    """Why a record cannot be used by anybody, as the code of a warning.

    RFC 2915 §2: a record with an unknown flag is ignored before orders are compared. RFC 3263
    §4.1: "an empty regular expression and a replacement value".
    """
    if naptr.flags.upper() != "S":
        return "naptr-flag"
    if naptr.regexp:
        return "naptr-regexp"
    if naptr.replacement == ROOT:
        return "naptr-replacement"
    return None


def _usable_transport(naptr: Naptr, scheme: str, policy: Policy) -> Transport | None:
    transport = BY_NAPTR_SERVICE.get(naptr.service.upper())
    if transport not in policy.transports or (scheme == "sips" and not transport.secure):
        return None
    return transport


def _chosen(services: Iterable[Service], policy: Policy) -> list[Service]:
    """Those that count, by order, preference, and then by the client's own transports."""

    def rank(service: Service) -> tuple[int, int, int, str]:
        order, preference = _order(service), service.naptr.preference if service.naptr else 0
        own = policy.transports.index(service.transport)
        return order, preference, own, service.question.name

    ranked = sorted(services, key=rank)
    if policy.naptr_order is NaptrOrder.RELAXED:
        return list(_never_less_secure(ranked))
    # RFC 3403 §4.1: once a record of one order matched, "the client MUST NOT consider any NAPTRs
    # with a higher value for ORDER".
    return [service for service in ranked if _order(service) == _order(ranked[0])]


def _order(service: Service) -> int:
    return service.naptr.order if service.naptr else 0


def _never_less_secure(ranked: Iterable[Service]) -> Iterator[Service]:
    """Leave out insecure services of a higher order than a secure one (RFC 3263 §7)."""
    secure_order: int | None = None
    for service in ranked:
        if service.transport.secure and secure_order is None:
            secure_order = _order(service)
        if service.transport.secure or secure_order in (None, _order(service)):
            yield service


def _without_twins(services: Iterable[Service]) -> tuple[Service, ...]:
    """One service for each transport and SRV set, the first of them."""
    first: dict[tuple[Transport, Question], Service] = {}
    for service in services:
        first.setdefault((service.transport, service.question), service)
    return tuple(first.values())


#: Why a record is skipped: what is wrong with which field, and whether its owner should know.
_REASONS: Final = {
    "naptr-of-another-application": ("the service is not one of SIP", False),
    "naptr-flag": ('the flags have to be "s" (RFC 3263 §4.1)', True),
    "naptr-regexp": ("the regexp has to be empty (RFC 3263 §4.1)", True),
    "naptr-replacement": ('the replacement has to be a name, not "." (RFC 3263 §4.1)', True),
    "naptr-transport-unsupported": ("the service is none that the client can use", False),
    "naptr-order-not-considered": ("the order is higher than one that matched", False),
    "naptr-less-secure": ("the service is less secure than one of a lower order", False),
}


def _note(answer: Answer, naptr: Naptr, code: str) -> Note:
    reason, warning = _REASONS[code]
    message = f"{answer.question.name} {naptr}: skipped, {reason}"
    return Note(code=code, message=message, question=answer.question, warning=warning)
