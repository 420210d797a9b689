"""What ``--json`` prints: one object, whose keys are a contract with the programs that read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from sipresolve import Source, Status, address_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sipresolve import Note, Query, Resolution, SipResolveError, Target

__all__ = ["Document", "dump", "error_document", "resolution_document"]

Document: TypeAlias = dict[str, object]


def resolution_document(
    subject: Mapping[str, str], resolution: Resolution | None, error: SipResolveError | None
) -> Document:
    """What was found, or why nothing was; the keys are the same in both cases.

    Args:
        subject: What was resolved, under its key, as it was given.
        resolution: What is known; None where nothing was begun.
        error: Why nothing was found; None where something was.
    """
    return {
        **subject,
        "targets": [_target(target) for target in resolution.targets] if resolution else [],
        "security": _text(resolution.security) if resolution else None,
        "warnings": [_warning(note) for note in resolution.warnings] if resolution else [],
        "queries": list(_queries(resolution)) if resolution else [],
        "error": _error(error.code, error.message) if error else None,
    }


def error_document(code: str, message: str) -> Document:
    """What is printed where it was not even clear what to do."""
    return {"error": _error(code, message)}


def dump(document: Document) -> str:
    """A document as one line of ASCII, whatever the DNS put into it."""
    return json.dumps(document) + "\n"


def _target(target: Target) -> Document:
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
        "security": _text(target.security),
        "ttl": target.ttl,
    }


def _warning(note: Note) -> Document:
    return {"code": note.code, "message": note.message}


def _queries(resolution: Resolution) -> Iterable[Document]:
    """The questions and what became of them.

    One that was waited for in vain, of which a note tells, counts as a time-out. One that nobody
    waited for, because it was only asked ahead, is left out.
    """
    given_up = {note.question for note in resolution.notes}
    for query in resolution.queries:
        if query.answer is not None:
            yield _query(query, query.answer.status, query.answer.source)
        elif query.question in given_up:
            yield _query(query, Status.TIMEOUT, Source.NETWORK)


def _query(query: Query, status: Status, source: Source) -> Document:
    return {
        "name": query.question.name,
        "type": str(query.question.type),
        "status": str(status),
        "source": str(source),
        "ms": None if query.seconds is None else round(query.seconds * 1000, 1),
    }


def _error(code: str, message: str) -> Document:
    return {"code": code, "message": message}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
