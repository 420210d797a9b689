"""ENUM: from a telephone number to URIs (RFC 6116).

Read it from the top: `enum` is the algorithm of RFC 3402 §3.3 for each root, `_consider` what RFC
6116 §5.2 makes of the records of one domain, `_follow` is §5.2.1. What a single record says is in
`rules`, what a call knows so far in `lookup`. The words in quotation marks are the RFC's.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.rules import (
    NonTerminal,
    Skipped,
    Terminal,
    Unused,
    note_on,
    rule_of,
)
from sipresolve.vocabulary.errors import InvalidNumber, NumberUnused
from sipresolve.vocabulary.mapped import MappedUri, enum_domain
from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.number_grammar import read_number
from sipresolve.vocabulary.policy import NaptrOrder, Selection
from sipresolve.vocabulary.records import Question, RecordType, Security, Status, strength
from sipresolve.vocabulary.targets import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.procedures.ask import Procedure
    from sipresolve.procedures.lookup import Lookup
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.reasons import Reason
    from sipresolve.vocabulary.records import Answer, Naptr

__all__ = ["LATE_PATIENCE", "enum", "mappable"]

#: How long to wait, in seconds, for what a non-terminal record leads to where there is a URI.
LATE_PATIENCE: Final = 0.5

#: "ENUM clients MAY consider a chain of more than 5 "non-terminal" NAPTRs traversed in a single
#: ENUM query as an indication that a referential loop has been entered."
_DEEPEST: Final = 5

#: How many of the domains that non-terminal records of one set lead to are looked up together.
_AHEAD: Final = 4


def mappable(number: TelUri, policy: Policy) -> TelUri:
    """The global number that a number stands for: "only […] E.164 numbers" are mapped (§3.7).

    Raises:
        InvalidNumber: It is local, and the policy does not want it mapped; or its context does not
            make it global (RFC 3966 §5.1.5).
    """
    if number.is_global or policy.enum_local_numbers:
        return _checked(number.globalised())
    text = str(number)
    message = f"{text!r} is a local number, and ENUM takes global ones (RFC 6116 §3.7)"
    raise InvalidNumber(message, text=text, position=text.index(":") + 1)


def _checked(number: TelUri) -> TelUri:
    """A global number, which its constructor has not checked."""
    if read_number(number.number) != number.number:
        text = str(number)
        message = f"{text!r} has no number of E.164: a plus and up to 15 digits"
        raise InvalidNumber(message, text=text, position=len("tel:"))
    return number


@frozen
class _Place:
    """Where the search is: a domain, and the way to it.

    Attributes:
        question: For the records of the domain.
        root: The root below which it began.
        before: The places on the way to it.
    """

    question: Question
    root: str
    before: tuple[_Place, ...] = ()

    def behind(self, question: Question) -> _Place:
        return _Place(question, self.root, (*self.before, self))

    @property
    def way(self) -> tuple[Question, ...]:
        return (*(place.question for place in self.before), self.question)


def enum(lookup: Lookup) -> Procedure[None]:
    """Yield the URIs of a number in order (RFC 6116).

    The roots are asked one after the other, since to ask is to tell them the number; the first that
    has a usable record wins.

    Args:
        lookup: What is wanted; it learns what was found.

    Raises:
        NumberUnused: A record says so.
        NoSuchNumber: There is no usable record.
        SipResolveError: No URI was found for another reason; the class says why.
    """
    for root in lookup.roots:
        question = Question(enum_domain(lookup.number, root), RecordType.NAPTR)
        lookup.enter(question)
        lookup.known = yield Ask((Wait((question,)),))
        if (yield from _consider(lookup, _Place(question, root))):
            return
        if any(answer.status is Status.BOGUS for answer in lookup.used):
            break
        if (answer := lookup.known[question]).status.is_failure:
            yield _root_failed(answer)
        lookup.passed.append(answer)
    raise lookup.nothing_found()


def _root_failed(answer: Answer) -> Note:
    message = f"{answer.said}; what it has is unknown"
    return Note(code="enum-root-failed", message=message, question=answer.question)


def _consider(lookup: Lookup, place: _Place) -> Procedure[bool]:
    """Go through the records of a domain; say whether one of them was accepted.

    "ENUM clients MUST sort the records of a retrieved NAPTR RRSet into sequence using the ORDER and
    PREFERENCE fields"; those that are alike in both are processed "in the sequence in which they
    appear in the DNS response". "If a record has a "worse" ORDER value than others in this RRSet,
    that record MUST NOT be discarded before consideration unless a record has been accepted".
    """
    answer = lookup.known[place.question]
    lookup.used.append(answer)
    records = sorted(answer.naptrs, key=lambda naptr: (naptr.order, naptr.preference))
    strict = lookup.policy.naptr_order is NaptrOrder.STRICT
    accepted: int | None = None
    for position, naptr in enumerate(records):
        if strict and accepted not in (None, naptr.order):
            verdict: Skipped | None = Skipped("enum-order-not-considered")
        else:
            verdict = yield from _try(lookup, place, records[position:])
        if verdict is None:
            accepted = naptr.order
        else:
            yield note_on(place.question, naptr, verdict)
    if accepted is not None:
        lookup.accept(place.question)
    return accepted is not None


def _try(lookup: Lookup, place: _Place, records: list[Naptr]) -> Procedure[Skipped | None]:
    """Apply the first of some records; say why it is skipped, or None where it was accepted.

    "All Rewrite Rules for all Applications must ALWAYS apply to the exact same Application Unique
    String" (RFC 3402 §3), which is the number.
    """
    naptr = records[0]
    rule = rule_of(naptr, lookup.number.number, lookup.services)
    match rule:
        case Skipped():
            return rule
        case NonTerminal(question):
            return (yield from _follow(lookup, place, question, records))
    path = _path(lookup, place)
    if lookup.policy.require_secure and path.security is not Security.SECURE:
        lookup.withhold()
        return Skipped("enum-not-secure")
    if isinstance(rule, Unused):
        if lookup.found:
            return Skipped("enum-after-another")
        raise _unused(lookup, place, naptr, rule)
    news = [mapped for mapped in _uris(place, naptr, rule, path) if lookup.add(mapped)]
    if not news:
        # It is accepted like any other: a record of a higher order is no substitute for it.
        yield note_on(place.question, naptr, Skipped("enum-named-before"))
    yield from news
    return None


@frozen
class _Path:
    """What the answers that led to a place have in common.

    Attributes:
        security: The weakest of them.
        reason: Why it is no more secure than that.
        ttl: For how long their records hold, in seconds; None where nothing says.
    """

    security: Security
    reason: Reason
    ttl: int | None


def _path(lookup: Lookup, place: _Place) -> _Path:
    """How far the answers that led to a place are proven, and for how long its records hold.

    That a root does not have the number leads to the next one, and can be forged like anything.
    """
    answers = [lookup.known[question] for question in place.way]
    lives = [answer.ttl for answer in answers if answer.ttl is not None]
    weakest = min((*lookup.passed, *answers), key=strength)
    return _Path(weakest.security, weakest.reason, min(lives, default=None))


def _uris(place: _Place, naptr: Naptr, rule: Terminal, path: _Path) -> Iterator[MappedUri]:
    """The URI of a record for each of its enumservices, from left to right."""
    for service in rule.services:
        yield MappedUri(
            uri=rule.uri,
            service=service,
            root=place.root,
            domain=place.question.name,
            naptr=naptr,
            security=path.security,
            reason=path.reason,
            ttl=path.ttl,
            parsed=rule.parsed,
        )


def _unused(lookup: Lookup, place: _Place, naptr: Naptr, rule: Unused) -> NumberUnused:
    said = f" ({rule.said})" if rule.said else ""
    message = f"{lookup.number.number} is not in use, says {naptr.service} of {place.question.name}"
    return NumberUnused(f"{message}{said}", answers=tuple(lookup.used))


# --- Non-terminal records (§5.2.1)


def _follow(
    lookup: Lookup, place: _Place, question: Question, records: list[Naptr]
) -> Procedure[Skipped | None]:
    """Go on at the domain that a non-terminal record leads to, the first of some records.

    "If a problem is detected when processing an ENUM query across multiple domains […], the ENUM
    query SHOULD NOT be abandoned, but instead processing SHOULD continue at the next NAPTR after
    the non-terminal NAPTR".
    """
    naptr, *later = records
    if question in place.way or len(place.way) > _DEEPEST:
        # "It SHOULD NOT make the DNS query indicated by that non-terminal NAPTR."
        lookup.loops.append(question)
        return Skipped("enum-loop" if question in place.way else "enum-too-deep")
    if not lookup.enter(question):
        return (yield from _seen(lookup, place, naptr, question))
    lookup.known = yield Ask((_wait(lookup, question),), hints=_next_domains(naptr, later))
    answer = lookup.known.get(question)
    if answer is None:
        return Skipped("enum-domain-failed", "no answer in time")
    if answer.status is Status.BOGUS:
        return _forged(lookup, answer)
    return (yield from _arrive(lookup, place.behind(question), answer))


def _arrive(lookup: Lookup, place: _Place, answer: Answer) -> Procedure[Skipped | None]:
    """Go through the records of another domain; say why it was in vain, or None."""
    if (yield from _consider(lookup, place)):
        return None
    if answer.status.is_failure:
        return Skipped("enum-domain-failed", answer.detail or str(answer.status))
    return Skipped("enum-leads-nowhere")


def _seen(
    lookup: Lookup, place: _Place, naptr: Naptr, question: Question
) -> Procedure[Skipped | None]:
    """A domain once more: what was accepted there is accepted here, and found already."""
    if not lookup.has_accepted(question):
        return Skipped("enum-seen")
    yield note_on(place.question, naptr, Skipped("enum-seen"))
    return None


def _forged(lookup: Lookup, answer: Answer) -> Skipped:
    """What is forged leads nowhere else, unless there is a URI: nothing rests on it then."""
    if not lookup.found:
        lookup.used.append(answer)
        raise lookup.nothing_found()
    return Skipped("enum-domain-failed", answer.detail or str(answer.status))


def _wait(lookup: Lookup, question: Question) -> Wait:
    """Wait for a domain; where there is a URI already, not for long.

    A stateless proxy waits for all: its order must not depend on what came first (RFC 3263 §4.4).
    """
    if lookup.found and lookup.policy.selection is not Selection.STATELESS:
        return Wait((), wanted=(question,), patience=LATE_PATIENCE)
    return Wait((question,))


def _next_domains(naptr: Naptr, later: list[Naptr]) -> tuple[Question, ...]:
    """What the next non-terminal records of the same order lead to.

    Those of a higher order may never be needed, and to ask is to tell them the number.
    """
    equals = takewhile(lambda each: each.order == naptr.order, later)
    names = (each.replacement for each in equals if not each.flags and each.replacement != ROOT)
    return tuple(Question(name, RecordType.NAPTR) for name in islice(names, _AHEAD))
