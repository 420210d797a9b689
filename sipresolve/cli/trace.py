"""What a resolution says of itself, found by question, by record and by target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve import Address, Answer, Note, Query, Question, Resolution, Target, Transport

__all__ = ["Route", "Trace"]


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
        queries: The queries by their questions.
        numbers: The place of each target in the order in which to try them, counted from 1.
        first: The number of the first target on each route.
        messages: What was noticed, by the question that it is about.
        taken: The numbers of the targets that the tree shows.
        drawn: The questions that the tree shows.
        told: The messages that the tree shows, each at its place.
    """

    resolution: Resolution
    queries: dict[Question, Query] = field(init=False)
    numbers: dict[tuple[Route, Address], int] = field(init=False, factory=dict)
    first: dict[Route, int] = field(init=False, factory=dict)
    messages: dict[Question | None, list[str]] = field(init=False, factory=dict)
    taken: set[int] = field(init=False, factory=set)
    drawn: set[Question] = field(init=False, factory=set)
    told: set[str] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self.queries = {query.question: query for query in self.resolution.queries}
        for number, target in enumerate(self.resolution.targets, start=1):
            route = Route.of(target)
            self.numbers[route, target.address] = number
            self.first.setdefault(route, number)
        for note in self.resolution.notes:
            self.messages.setdefault(note.question, []).append(note.message)

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

    def draw(self, question: Question) -> Query | None:
        """The query for a question, which the tree shows from now on; None if it was not asked."""
        self.drawn.add(question)
        return self.queries.get(question)

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None where none came."""
        query = self.queries.get(question)
        return query.answer if query else None

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
