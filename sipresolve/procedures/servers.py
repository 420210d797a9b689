"""RFC 3263 §4.2: from a transport to the servers that speak it: port and address.

What follows once the transport is known, for a request (§4) and for a response (§5) alike. The
words in quotation marks are the RFC's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.hosts import contact
from sipresolve.procedures.ordering import SUB_SEED_BITS
from sipresolve.procedures.routes import Route, address_questions, is_refusal
from sipresolve.procedures.sets import SrvSets
from sipresolve.vocabulary.hosts import address_text
from sipresolve.vocabulary.policy import Selection
from sipresolve.vocabulary.records import Security, Status
from sipresolve.vocabulary.targets import Target

if TYPE_CHECKING:
    from sipresolve.procedures.ask import Procedure
    from sipresolve.procedures.search import Search
    from sipresolve.procedures.services import Service
    from sipresolve.vocabulary.records import Address, Answer
    from sipresolve.vocabulary.transports import Transport

__all__ = ["by_addresses", "by_srv", "by_transport", "numeric"]


def numeric(
    search: Search, transport: Transport, address: Address, *, observed: bool = False
) -> Procedure[None]:
    """The target of a numeric host, where nothing has to be asked.

    "If TARGET is a numeric IP address, the client uses that address. If the URI also contains a
    port, it uses that port. If no port is specified, it uses the default port for the particular
    transport protocol." An address of a family that the client lacks leads nowhere.
    """
    target = Target(
        transport=transport,
        address=address,
        port=search.port or transport.default_port,
        host=address_text(address),
        tls_name=search.tls_name(transport),
    )
    if target.family in search.policy.families:
        yield from search.offer(target, observed=observed)


def by_transport(
    search: Search,
    services: tuple[Service, ...],
    default: Transport,
    path: tuple[Answer, ...] = (),
) -> Procedure[None]:
    """Let SRV say which transports the domain has (§4.1).

    "A particular transport is supported if the query is successful." "If no SRV records are found",
    it is the default transport and the addresses of the domain; but a domain that rules out one
    transport publishes SRV, and one whose NAPTR records offer only what the client lacks has said
    what it has: nothing is guessed there.
    """
    leads_nowhere = yield from by_srv(search, services, path)
    if leads_nowhere and not search.refused and not search.unsupported:
        yield from by_addresses(search, default, search.path)


def by_srv(
    search: Search, services: tuple[Service, ...], path: tuple[Answer, ...]
) -> Procedure[bool]:
    """Contact the hosts of some SRV sets, set by set (§4.2, RFC 2782).

    Returns:
        Whether no set leads anywhere, "." included, so that the addresses of the domain may be
        next; never where one was not answered, which is a failure and no absence.
    """
    leads_nowhere = True
    sets = SrvSets(search=search, services=services, path=path)
    if search.large:
        yield from _know_refusals(search, services)
    for service in services:
        search.known = yield sets.ask()
        answer, found = search.use(service.question), sets.take()
        is_last = _takes_tls_away(search, service, answer)
        if answer.status.is_absence:
            if is_last:
                break
            continue
        yield from found.notes
        if found.refused:
            search.refused.add(service.transport)
            continue
        leads_nowhere = False
        search.has_srv |= answer.status is Status.OK
        search.spent |= answer.status is Status.UNASKED
        yield from contact(search, found.routes, sets)
        if search.spent or is_last or answer.status is Status.BOGUS:
            break
    return leads_nowhere


def _takes_tls_away(search: Search, service: Service, answer: Answer) -> bool:
    """Whether what follows would be had without TLS because of something that is not proven.

    Whoever can forge a failure, or an absence, could otherwise choose the transport of those who
    want all to be proven.
    """
    is_unproven = answer.status is not Status.OK and answer.security is not Security.SECURE
    return search.policy.require_secure and service.transport.secure and is_unproven


def _know_refusals(search: Search, services: tuple[Service, ...]) -> Procedure[None]:
    """What the domain rules out for good is not tried instead of UDP either."""
    search.known = yield Ask((Wait(tuple(service.question for service in services)),))
    search.refused.update(
        service.transport for service in services if is_refusal(search.known[service.question])
    )


def by_addresses(
    search: Search, transport: Transport, path: tuple[Answer, ...] = ()
) -> Procedure[None]:
    """§4.2: "the client performs an A or AAAA record lookup of the domain name"."""
    weighted = search.policy.selection is Selection.WEIGHTED
    route = Route(
        transport=transport,
        host=search.target,
        port=search.port or transport.default_port,
        path=path,
        questions=address_questions(search.target, search.policy),
        tls_name=search.tls_name(transport),
        seed=search.rng.getrandbits(SUB_SEED_BITS) if weighted else None,
    )
    search.draws.append((route,))
    yield from contact(search, (route,), SrvSets(search=search, services=(), path=path))
