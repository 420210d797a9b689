"""What a resolution says of itself, found by question, by record and by target."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from sipresolve.cli.sought import Sought

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sipresolve import (
        Address,
        Answer,
        MappedUri,
        Naptr,
        Note,
        Query,
        Question,
        Reason,
        Resolution,
        SipUri,
        Target,
        Transport,
    )

__all__ = ["Route", "Trace", "is_checked"]


@frozen(kw_only=True)
class Route:
    """All that is known of a target before its address is; the numbers are those of `Target`."""

    transport: Transport
    host: str
    port: int
    priority: int | None = None
    weight: int | None = None
    order: int | None = None
    preference: int | None = None

    @classmethod
    def of(cls, target: Target) -> Route:
        """The route on which a target lies."""
        return cls(
            transport=target.transport,
            host=target.host,
            port=target.port,
            priority=target.priority,
            weight=target.weight,
            order=target.order,
            preference=target.preference,
        )


@define
class Trace:
    """A resolution with its indexes.

    Attributes:
        resolution: What was found, asked and noticed.
        sought: What was looked for.
        roots: Below which numbers were to be looked up, in that order.
        queries: The queries by their questions.
        numbers: The place of each target in the order in which to try them, counted from 1.
        first: The number of the first target on each route.
        uris: What ENUM gave for a number, by the domain and the record that did, each with its
            place in the order, counted from 1.
        messages: What was noticed, by the question that it is about.
        taken: The numbers of the targets that the tree shows.
        drawn: The questions that the tree shows.
        told: The messages that the tree shows, each at its place.
    """

    resolution: Resolution
    sought: Sought = Sought.SERVERS
    roots: Sequence[str] = ()
    queries: dict[Question, Query] = field(init=False)
    numbers: dict[tuple[Route, Address], int] = field(init=False)
    first: dict[Route, int] = field(init=False)
    uris: dict[tuple[str, Naptr], list[tuple[int, MappedUri]]] = field(init=False, factory=dict)
    messages: dict[Question | None, list[str]] = field(init=False, factory=dict)
    taken: set[int] = field(init=False, factory=set)
    drawn: set[Question] = field(init=False, factory=set)
    told: set[str] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self.queries = {query.question: query for query in self.resolution.queries}
        self.numbers, self.first = _indexes(enumerate(self.resolution.targets, start=1))
        for number, mapped in enumerate(self.resolution.uris, start=1):
            self.uris.setdefault((mapped.domain, mapped.naptr), []).append((number, mapped))
        for note in self.resolution.notes:
            self.messages.setdefault(note.question, []).append(note.message)

    def of_uri(self, uri: SipUri) -> Trace:
        """The same with the targets of one URI of a number alone; what the tree shows is shared."""
        part = copy(self)
        targets = enumerate(self.resolution.targets, start=1)
        part.numbers, part.first = _indexes(each for each in targets if each[1].uri == uri)
        return part

    def take(self, route: Route, address: Address) -> int | None:
        """The number of a target, which the tree shows from now on.

        None for what is no target, and where the tree shows it already: several ways may lead to
        one target.
        """
        number = self.numbers.get((route, address))
        if number is None or number in self.taken:
            return None
        self.taken.add(number)
        return number

    def state_of(self, number: int) -> str:
        """How far a target is proven; empty where nobody was asked for proof."""
        target = self.resolution.targets[number - 1]
        return str(target.security) if is_checked(target.reason) else ""

    def draw(self, question: Question) -> Query | None:
        """The query for a question, which the tree shows from now on; None if it was not asked."""
        self.drawn.add(question)
        return self.queries.get(question)

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None where none came."""
        query = self.queries.get(question)
        return query.answer if query else None

    def records(self, question: Question) -> list[Naptr]:
        """The NAPTR records that answer a question, in the order in which they are considered."""
        answer = self.answer(question)
        return sorted(answer.naptrs if answer else (), key=lambda n: (n.order, n.preference))

    def codes_of(self, subject: str) -> set[str]:
        """The codes of what was noticed of a record."""
        head = f"{subject}: "
        return {note.code for note in self.resolution.notes if note.message.startswith(head)}

    def said_of(self, subject: str) -> str:
        """What was noticed of a record, a question or a target, for the tree to show there.

        The message of a note begins with what it is about, which is not named again.
        """
        head = f"{subject}: "
        messages = (note.message for note in self.resolution.notes)
        return self._tell(
            (text, text.removeprefix(head)) for text in messages if text.startswith(head)
        )

    def said_about(self, question: Question) -> str:
        """What was noticed of a question, alone or along with others, for the tree to show."""
        messages = self.messages.get(question, ())
        about = (text for text in messages if text.startswith(str(question)))
        return self._tell((text, text.partition(": ")[2]) for text in about)

    def said_as(self, code: str) -> str:
        """What was noticed under a code, for the tree to show at its place."""
        notes = (note for note in self.resolution.notes if note.code == code)
        return self._tell((note.message, note.message) for note in notes)

    def in_short(self, remark: str) -> str:
        """A remark without what it says of single questions that the tree shows, each with that."""
        for question in self.drawn:
            remark = remark.partition(f": {question}: ")[0]
        return remark

    def untold(self) -> Iterator[Note]:
        """The warnings that the tree, once it is drawn up, does not show."""
        return (note for note in self.resolution.warnings if note.message not in self.told)

    def _tell(self, messages: Iterable[tuple[str, str]]) -> str:
        """What is left of each message, once; from now on they are told."""
        remarks: dict[str, None] = {}
        for message, remark in messages:
            self.told.add(message)
            remarks[remark] = None
        return "; ".join(remarks)


def is_checked(reason: Reason | None) -> bool:
    """Whether somebody was asked for proof of what is in its state for this reason."""
    return reason is not None and reason.code != "not-checked"


def _indexes(
    targets: Iterable[tuple[int, Target]],
) -> tuple[dict[tuple[Route, Address], int], dict[Route, int]]:
    """The numbers of some targets, by place, and of the first on each route."""
    numbers: dict[tuple[Route, Address], int] = {}
    first: dict[Route, int] = {}
    for number, target in targets:
        route = Route.of(target)
        numbers[route, target.address] = number
        first.setdefault(route, number)
    return numbers, first
