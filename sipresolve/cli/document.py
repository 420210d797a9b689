"""What ``--json`` prints: one object, whose keys are a contract with the programs that read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from sipresolve import (
    Answer,
    InvalidNumber,
    Question,
    Reason,
    RecordType,
    Status,
    TelUri,
    address_text,
    enum_domain,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sipresolve import (
        Link,
        MappedUri,
        Note,
        Query,
        Resolution,
        SipResolveError,
        Target,
    )

__all__ = ["Document", "dump", "error_document", "number_document", "resolution_document"]

Document: TypeAlias = dict[str, object]


def resolution_document(
    subject: Mapping[str, str],
    resolution: Resolution | None,
    error: SipResolveError | None,
    *,
    roots: Sequence[str] = (),
    proofs: bool = False,
) -> Document:
    """The servers that were found, or why none was; the keys are the same in both cases.

    Args:
        subject: What was resolved, under its key, as it was given.
        resolution: What is known; None where nothing was begun.
        error: Why nothing was found; None where something was.
        roots: Below which a telephone number was to be looked up, in that order; what was found
            there follows at the end.
        proofs: Whether the queries have their chains of trust.
    """
    [given] = subject.values()
    is_number = isinstance(error, InvalidNumber) or _number_in(resolution) is not None
    return {
        **subject,
        "targets": [_target(target) for target in resolution.targets] if resolution else [],
        **_how(resolution, error, proofs=proofs),
        **(_mapping(given, resolution, roots) if is_number else {}),
    }


def number_document(
    given: str,
    resolution: Resolution | None,
    error: SipResolveError | None,
    *,
    roots: Sequence[str],
    proofs: bool = False,
) -> Document:
    """The URIs of a telephone number, or why there are none; the keys are always the same.

    Args:
        given: The number as it was given, which stands there where it is none.
        resolution: What is known; None where nothing was begun.
        error: Why no URI was found; None where one was.
        roots: Below which it was to be looked up, in that order.
        proofs: Whether the queries have their chains of trust.
    """
    return {**_mapping(given, resolution, roots), **_how(resolution, error, proofs=proofs)}


def _how(resolution: Resolution | None, error: SipResolveError | None, *, proofs: bool) -> Document:
    """What follows on what was found: how it was, and why it was not."""
    return {
        **_proven(resolution),
        "warnings": [_warning(note) for note in resolution.warnings] if resolution else [],
        "queries": list(_queries(resolution, proofs=proofs)) if resolution else [],
        "error": _error(error.code, error.message) if error else None,
    }


def error_document(code: str, message: str) -> Document:
    """What is printed where it was not even clear what to do."""
    return {"error": _error(code, message)}


def dump(document: Document) -> str:
    """A document as one line of ASCII, whatever the DNS put into it."""
    return json.dumps(document) + "\n"


def _mapping(given: str, resolution: Resolution | None, roots: Sequence[str]) -> Document:
    """The number in its one spelling, its domain, and its URIs."""
    number = _number_in(resolution)
    if resolution is None or number is None:
        return {"number": given, "domain": None, "uris": []}
    return {
        "number": number.number,
        "domain": _domain(number, resolution, roots),
        "uris": [_uri(mapped) for mapped in resolution.uris],
    }


def _number_in(resolution: Resolution | None) -> TelUri | None:
    """The telephone number that was looked up, if one was."""
    subject = resolution.subject if resolution else None
    return subject.globalised() if isinstance(subject, TelUri) else None


def _domain(number: TelUri, resolution: Resolution, roots: Sequence[str]) -> str:
    """The domain of the number below the root that answered, or the last that was asked."""
    questions = {query.question for query in resolution.queries}
    found = [enum_domain(number, mapped.root) for mapped in resolution.uris]
    domains = [enum_domain(number, root) for root in roots]
    asked = [name for name in domains if Question(name, RecordType.NAPTR) in questions]
    return [*found, *reversed(asked), *domains][0]


def _uri(mapped: MappedUri) -> Document:
    return {
        "uri": mapped.uri,
        "service": mapped.service,
        "order": mapped.order,
        "preference": mapped.preference,
        "ttl": mapped.ttl,
        **_proven(mapped),
        "root": mapped.root,
        "portability": _portability(mapped.number),
    }


def _portability(number: TelUri | None) -> Document | None:
    """What is said of the portability of a number (RFC 4694), if anything is."""
    if number is None:
        return None
    said: Document = {"rn": number.routing_number, "npdi": number.is_dipped, "cic": number.carrier}
    return said if any(said.values()) else None


def _target(target: Target) -> Document:
    of_number = {} if target.uri is None else {"uri": str(target.uri)}
    return {
        "transport": str(target.transport),
        "address": address_text(target.address),
        "port": target.port,
        "host": target.host,
        "priority": target.priority,
        "weight": target.weight,
        "order": target.order,
        "preference": target.preference,
        "tls_name": target.tls_name,
        **_proven(target),
        "ttl": target.ttl,
        **of_number,
    }


def _warning(note: Note) -> Document:
    return {"code": note.code, "message": note.message}


def _queries(resolution: Resolution, *, proofs: bool) -> Iterable[Document]:
    """The questions and what became of them.

    One that was waited for in vain, of which a note tells, counts as a time-out. One that nobody
    waited for, because it was only asked ahead, is left out.
    """
    given_up = {note.question for note in resolution.notes}
    for query in resolution.queries:
        if query.answer is not None:
            yield _query(query, query.answer, proofs=proofs)
        elif query.question in given_up:
            yield _query(query, _in_vain(query.question), proofs=proofs)


def _query(query: Query, answer: Answer, *, proofs: bool) -> Document:
    return {
        "name": query.question.name,
        "type": str(query.question.type),
        "status": str(answer.status),
        "source": str(answer.source),
        "ms": None if query.seconds is None else round(query.seconds * 1000, 1),
        **_proven(answer),
        **({"proof": list(map(_link, answer.proof))} if proofs else {}),
    }


def _in_vain(question: Question) -> Answer:
    said = f"{question} was not answered in time"
    reason = Reason.of("not-answered", said)
    return Answer(question=question, status=Status.TIMEOUT, reason=reason)


def _proven(value: Resolution | Target | MappedUri | Answer | None) -> Document:
    """How far something is proven, and why no further."""
    if value is None:
        return {"security": None, "reason": None}
    return {"security": _text(value.security), "reason": _reason(value.reason)}


def _reason(reason: Reason | None) -> Document | None:
    if reason is None:
        return None
    return {
        "code": reason.code,
        "message": reason.sentence,
        "extended_error": reason.extended_error,
    }


def _link(link: Link) -> Document:
    return {
        "name": link.name,
        "type": link.type,
        "security": str(link.security),
        "message": link.sentence,
    }


def _error(code: str, message: str) -> Document:
    return {"code": code, "message": message}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
