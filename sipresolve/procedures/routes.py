"""SRV sets as routes: which host and port, over which transport, by which records (RFC 2782)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from sipresolve.procedures.ordering import place
from sipresolve.procedures.verdicts import code_of
from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.records import Question, RecordType, weakest_of
from sipresolve.vocabulary.targets import Family, Note, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from sipresolve.procedures.services import Service
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Address, Answer, Srv
    from sipresolve.vocabulary.transports import Transport

__all__ = ["Route", "SrvSet", "address_questions", "is_refusal", "srv_set"]

_ADDRESS_TYPE = {Family.IPV4: RecordType.A, Family.IPV6: RecordType.AAAA}


def address_questions(host: str, policy: Policy) -> tuple[Question, ...]:
    """The questions for the addresses of a host, one for each family that the client has.

    "A or AAAA" in RFC 3263 means both for a client that has both (RFC 7984 §3.1).
    """
    return tuple(Question(host, _ADDRESS_TYPE[family]) for family in policy.families)


@frozen(kw_only=True)
class Route:
    """A host to contact, before its addresses are known.

    Attributes:
        transport: What to speak.
        host: The name whose addresses are wanted.
        port: 1 to 65535.
        path: The answers that led here.
        questions: Those for its addresses.
        tls_name: The name that a certificate has to show; None without TLS.
        service: The NAPTR record and SRV set that it came from; None for the domain itself.
        srv: Its SRV record; None for the domain itself.
        seed: Which permutation of its addresses to take; None without dice.
    """

    transport: Transport
    host: str
    port: int
    path: tuple[Answer, ...]
    questions: tuple[Question, ...]
    tls_name: str | None
    service: Service | None = None
    srv: Srv | None = None
    seed: int | None = None

    def target(self, address: Address, answers: tuple[Answer, ...]) -> Target:
        """The target at one of the addresses that these answers brought."""
        naptr = self.service.naptr if self.service else None
        links = (*self.path, *answers)
        weakest = weakest_of(links)
        return Target(
            transport=self.transport,
            address=address,
            port=self.port,
            host=self.host,
            priority=self.srv.priority if self.srv else None,
            weight=self.srv.weight if self.srv else None,
            order=naptr.order if naptr else None,
            preference=naptr.preference if naptr else None,
            tls_name=self.tls_name,
            security=weakest.security if weakest else None,
            reason=weakest.reason if weakest else None,
            ttl=min((a.ttl for a in links if a.records and a.ttl is not None), default=None),
        )


@frozen(kw_only=True)
class SrvSet:
    """An SRV set, read.

    Attributes:
        routes: The hosts to contact, in order.
        refused: Whether the set says that the service is decidedly not available.
        notes: What was skipped, and why.
    """

    routes: tuple[Route, ...] = ()
    refused: bool = False
    notes: tuple[Note, ...] = ()


def srv_set(
    service: Service,
    path: tuple[Answer, ...],
    *,
    tls_name: str | None,
    policy: Policy,
    rng: Random,
) -> SrvSet:
    """Read the SRV set at the end of a path, and draw its order.

    "If there is precisely one SRV RR, and its Target is "." (the root domain), abort" (RFC 2782).
    """
    answer = path[-1]
    if answer.status.is_failure:
        message = answer.said
        return SrvSet(notes=(_note(answer, code_of(answer, "srv-failed"), message),))
    if is_refusal(answer):
        message = f"{answer.question.name} {answer.srvs[0]}: the service is decidedly not available"
        return SrvSet(refused=True, notes=(_note(answer, "srv-not-offered", message),))
    usable = [srv for srv in answer.srvs if srv.target != ROOT and srv.port != 0]
    return SrvSet(
        routes=tuple(
            Route(
                transport=service.transport,
                host=placed.srv.target,
                port=placed.srv.port,
                path=path,
                questions=address_questions(placed.srv.target, policy),
                tls_name=tls_name,
                service=service,
                srv=placed.srv,
                seed=placed.seed,
            )
            for placed in place(usable, policy.selection, rng)
        ),
        notes=tuple(_skipped(answer)),
    )


def is_refusal(answer: Answer) -> bool:
    """Whether an SRV set says that the service is decidedly not available: all of it is ".".

    Beside other records a "." says nothing.
    """
    return bool(answer.srvs) and all(srv.target == ROOT for srv in answer.srvs)


def _skipped(answer: Answer) -> Iterator[Note]:
    for srv in answer.srvs:
        record = f"{answer.question.name} {srv}"
        if srv.target == ROOT:
            message = f'{record}: skipped, the target "." stands beside other records'
            yield _note(answer, "srv-target-root", message)
        elif srv.port == 0:
            yield _note(answer, "srv-port", f"{record}: skipped, there is no port 0")


def _note(answer: Answer, code: str, message: str) -> Note:
    return Note(code=code, message=message, question=answer.question)
