"""What zones answer, to one who follows aliases through them.

The algorithm is a nameserver's (RFC 1034 §4.3.2), with wildcards by RFC 4592 and DNAME by RFC 6672.
What the zones hold as it stands is answered by one look into a dict; the rest is found by walking
up from the name that is asked for.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

import dns.name
from attrs import evolve

from sipresolve.backends.convert import MALFORMED, name_of
from sipresolve.backends.zonedata import above, below, nearest
from sipresolve.exchange.aliases import Trail, follow
from sipresolve.exchange.answers import failed_answer
from sipresolve.exchange.replies import Reply
from sipresolve.vocabulary.names import can_exist
from sipresolve.vocabulary.records import Answer, Question, Source, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.backends.zonedata import Node, Zone

__all__ = ["Authority"]

#: The characters of names that can be written in one way only.
_PLAIN: Final = frozenset(string.ascii_lowercase + string.digits + "-_*.")


class Authority:
    """Answers from zones. It never changes, so that threads may share it."""

    def __init__(self, zones: Mapping[str, Zone]) -> None:
        self._zones = zones
        self._ready = {
            answer.question: answer
            for apex, zone in zones.items()
            for owner, node in zone.nodes.items()
            for answer in node.answers.values()
            if nearest(owner, zones) == apex
        }

    def answer(self, question: Question) -> Answer:
        """What becomes of a question, at once."""
        return self._ready.get(question) or self._follow(question)

    def _follow(self, question: Question) -> Answer:
        name = _normal_form(question.name)
        if name is None:
            return _absent(question, Status.NXDOMAIN, None)
        trail = Trail(name)
        while isinstance(found := self._look(Question(trail.end, question.type)), Reply):
            trail = follow(trail, found)
            if trail.fault:
                answer = failed_answer(question, trail, Status.SERVFAIL, trail.fault)
                return evolve(answer, source=Source.ZONE)
        ttl = None if found.ttl is None else trail.least(found.ttl)
        return evolve(found, question=question, aliases=trail.aliases, ttl=ttl)

    def _look(self, question: Question) -> Answer | Reply:
        """An answer, or the reply that leads elsewhere."""
        apex = nearest(question.name, self._zones)
        if apex is None:
            return _failed(question, Status.REFUSED, f"no zone for {question.name!r}")
        return _look_into(self._zones[apex], question)


def _look_into(zone: Zone, question: Question) -> Answer | Reply:
    """RFC 1034 §4.3.2, step 3, for a name at or below the apex."""
    node = zone.nodes.get(question.name)
    if node is None:
        encloser = next(name for name in above(question.name, zone.apex) if name in zone.nodes)
        node = zone.nodes[encloser]
        if node.dname is not None:
            return Reply(rcode="NOERROR", dnames={encloser: node.dname})
        if not node.delegated_to:
            # RFC 4592 §2.2.1: only the wildcard just below the closest encloser may be a source.
            node = zone.nodes.get(below(encloser, "*"))
    if node is None:
        return _absent(question, Status.NXDOMAIN, zone.negative_ttl)
    return _at(node, zone, question)


def _at(node: Node, zone: Zone, question: Question) -> Answer | Reply:
    if node.delegated_to:
        servers = ", ".join(node.delegated_to)
        detail = f"{question.name!r} is delegated to {servers}, and that zone is not here"
        return _failed(question, Status.SERVFAIL, detail)
    if node.cname is not None:
        return Reply(rcode="NOERROR", cnames={question.name: node.cname})
    return node.answers.get(question.type) or _absent(question, Status.NODATA, zone.negative_ttl)


def _absent(question: Question, status: Status, ttl: int | None) -> Answer:
    return Answer(question=question, status=status, ttl=ttl, source=Source.ZONE)


def _failed(question: Question, status: Status, detail: str) -> Answer:
    return Answer(question=question, status=status, source=Source.ZONE, detail=detail)


def _normal_form(name: str) -> str | None:
    """A name as zones have it; None for what can be no name."""
    if _PLAIN.issuperset(name):
        return name if can_exist(name) else None
    try:
        return name_of(dns.name.from_text(name))
    except MALFORMED:
        return None
