"""The addresses of hosts, in order, and what is done about hosts that do not answer.

All addresses of one host come before those of the next (RFC 7984 §4), but nobody waits for the
dead: a family of addresses gets a moment longer than the other, a host a little longer than those
behind it in its SRV set. What is late goes to the very end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve.procedures.addresses import in_order
from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.search import address_kind
from sipresolve.procedures.verdicts import code_of
from sipresolve.vocabulary.records import Source, Status
from sipresolve.vocabulary.targets import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sipresolve.procedures.ask import Procedure
    from sipresolve.procedures.routes import Route
    from sipresolve.procedures.search import Search
    from sipresolve.procedures.sets import SrvSets
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.targets import Target

__all__ = ["FAMILY_PATIENCE", "HOST_PATIENCE", "contact", "contact_late"]

#: How long to wait for the second family of a host after the first, in seconds (RFC 8305 §3).
FAMILY_PATIENCE: Final = 0.05

#: How long to wait for a host after one that stands behind it in its SRV set, in seconds.
HOST_PATIENCE: Final = 0.25


def contact(search: Search, routes: Sequence[Route], sets: SrvSets) -> Procedure[None]:
    """Yield the targets of the hosts of one SRV set, host by host.

    Args:
        search: What this call has found so far.
        routes: The hosts, in order.
        sets: What comes after them.
    """
    for place, route in enumerate(routes):
        late = yield from _await_addresses(search, routes, place, sets)
        if late:
            search.late.append((route, late))
            yield _late(search, route, late)
        for found in _targets(search, route, [q for q in route.questions if q not in late]):
            if hints := sets.look_ahead():
                search.known = yield Ask(hints=hints)
            yield found
        if search.spent:
            yield _spent(search, routes[place:])
            return


def contact_late(search: Search) -> Procedure[None]:
    """Yield the targets of what was late, as it comes, for as long as the pace allows."""
    pending = search.late
    while pending:
        search.known = yield _await_late(pending, search.pace.stragglers)
        # What comes while a caller is busy with these is for the next turn.
        come = [(route, _answered(search, late)) for route, late in pending]
        left = [(route, _unanswered(search, late)) for route, late in pending]
        pending = [(route, questions) for route, questions in left if questions]
        for route, questions in come:
            yield from _targets(search, route, questions)
        if search.pace.stragglers is not None:
            yield from _given_up(pending)
            return


def _await_late(
    pending: Sequence[tuple[Route, tuple[Question, ...]]], patience: float | None
) -> Ask:
    late = tuple(question for _, questions in pending for question in questions)
    if patience is None:
        return Ask(tuple(Wait((question,)) for question in late))
    return Ask((Wait((), wanted=late, patience=patience),))


def _given_up(pending: Sequence[tuple[Route, tuple[Question, ...]]]) -> Iterator[Note]:
    for _, questions in pending:
        for question in questions:
            message = f"{question}: not answered, and not waited for any longer"
            yield Note(code="addresses-given-up", message=message, question=question)


def _await_addresses(
    search: Search, routes: Sequence[Route], place: int, sets: SrvSets
) -> Procedure[tuple[Question, ...]]:
    """Wait for the addresses of a host; return the questions that were not waited for."""
    own = routes[place].questions
    search.known = yield Ask(hints=(*own, *sets.pass_on()))
    while (unanswered := _unanswered(search, own)) and not _has_address(search, own):
        news = (*unanswered, *sets.unanswered())
        ahead = _may_be_ahead(search, own, routes[place + 1 :][: sets.ahead])
        waits = [*(Wait((question,)) for question in news), *_overtaking(search, own, ahead)]
        hints = sets.look_ahead()
        if all_silent := sets.can_widen and not _has_address(search, ahead):
            waits.append(Wait((), wanted=own, patience=HOST_PATIENCE))
        search.known = yield Ask(tuple(waits), hints)
        if _is_answered(search, news) or _is_void(search, ahead):
            continue
        if not all_silent:
            return unanswered
        sets.widen()
    if unanswered:
        search.known = yield Ask((_other_family(search, own, unanswered),))
    return _unanswered(search, own)


def _overtaking(search: Search, own: tuple[Question, ...], ahead: Iterable[Question]) -> list[Wait]:
    """The waits that are over when a later host has been there for too long."""
    patience = search.patience(HOST_PATIENCE)
    return [Wait((each,), wanted=own, patience=patience) for each in ahead]


def _other_family(
    search: Search, own: Sequence[Question], unanswered: tuple[Question, ...]
) -> Wait:
    """Wait a moment for the family that has not answered.

    The moment is for two questions that were asked together. Where the first family came unasked,
    in the additional section of an SRV answer or from the cache, the other has only just been asked
    for.
    """
    answered = tuple(question for question in own if question in search.known)
    unasked = any(search.known[question].source in _UNASKED for question in answered)
    patience = HOST_PATIENCE if unasked else FAMILY_PATIENCE
    return Wait(answered, wanted=unanswered, patience=search.patience(patience))


_UNASKED: Final = frozenset({Source.ADDITIONAL, Source.CACHE, Source.STALE})


def _questions(routes: Iterable[Route]) -> tuple[Question, ...]:
    return tuple(question for route in routes for question in route.questions)


def _answered(search: Search, questions: Iterable[Question]) -> tuple[Question, ...]:
    return tuple(question for question in questions if question in search.known)


def _unanswered(search: Search, questions: Iterable[Question]) -> tuple[Question, ...]:
    return tuple(question for question in questions if question not in search.known)


def _has_address(search: Search, questions: Iterable[Question]) -> bool:
    return any(q in search.known and search.known[q].records for q in questions)


def _is_answered(search: Search, questions: Iterable[Question]) -> bool:
    return any(question in search.known for question in questions)


def _is_void(search: Search, ahead: Iterable[Question]) -> bool:
    """Whether one of those that might be ahead turned out to have no address."""
    return any(q in search.known and not search.known[q].records for q in ahead)


def _may_be_ahead(
    search: Search, own: Sequence[Question], behind: Sequence[Route]
) -> list[Question]:
    """The questions whose addresses are there before our own, or may yet be."""
    return [
        question
        for question in _questions(behind)
        if question not in own
        and (question not in search.known or _has_address(search, [question]))
    ]


def _spent(search: Search, left: Sequence[Route]) -> Note:
    question = left[0].questions[-1]
    hosts = "it and the hosts behind it are" if len(left) > 1 else "it is"
    message = (
        f"{question}: not asked, the budget of {search.policy.budget} questions is spent;"
        f" {hosts} left out, {len(left)} in all"
    )
    return Note(code="budget-exceeded", message=message, question=question)


def _late(search: Search, route: Route, late: tuple[Question, ...]) -> Note:
    names = " and ".join(str(question) for question in late)
    if _has_address(search, route.questions):
        message = f"{names}: late, the other family goes first"
        return Note(code="family-late", message=message, question=late[0])
    message = f"{names}: late, the hosts behind go first"
    return Note(code="host-late", message=message, question=late[0], warning=False)


def _targets(
    search: Search, route: Route, questions: Sequence[Question]
) -> Iterator[Target | Note]:
    """The targets that the answers to these questions give, and what was wrong with them."""
    answers = [search.use(question) for question in questions]
    yield from _remarks(search, route, answers)
    origin = {address: answer for answer in answers for address in answer.addresses}
    ordered = in_order(
        origin, sources=search.sources, order=search.policy.address_order, seed=route.seed
    )
    for address in ordered:
        yield from search.offer(route.target(address, (origin[address],)))


def _remarks(search: Search, route: Route, answers: Sequence[Answer]) -> Iterator[Note]:
    for answer in answers:
        if answer.status is Status.UNASKED:
            search.spent = True
        elif answer.status.is_failure:
            message = answer.said
            code = code_of(answer, "address-failed")
            yield Note(code=code, message=message, question=answer.question)
    if route.srv is not None:
        yield from _remarks_on_srv_target(search, route, answers)


def _remarks_on_srv_target(
    search: Search, route: Route, answers: Sequence[Answer]
) -> Iterator[Note]:
    # RFC 2782: "there MUST be one or more address records for this name, the name MUST NOT be an
    # alias". Who breaks this is still to be reached.
    owner = route.path[-1].question
    if alias := next((answer for answer in answers if answer.aliases), None):
        message = f"{owner.name} {route.srv}: the target is an alias of {alias.aliases[-1]}"
        yield Note(code="srv-target-is-alias", message=message, question=alias.question)
    every = [search.known.get(question) for question in route.questions]
    if answers and all(answer and answer.status.is_absence for answer in every):
        kind = address_kind(search.policy.families)
        message = f"{owner.name} {route.srv}: skipped, the target has no {kind}"
        yield Note(code="srv-target-without-address", message=message, question=owner)
