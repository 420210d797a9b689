"""What a resolution says of itself, found by question, by record and by target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

if TYPE_CHECKING:
    from sipresolve import Address, Answer, Query, Question, Resolution, Target, Transport

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
        drawn: The questions that the tree shows.
    """

    resolution: Resolution
    queries: dict[Question, Query] = field(init=False)
    numbers: dict[tuple[Route, Address], int] = field(init=False, factory=dict)
    first: dict[Route, int] = field(init=False, factory=dict)
    messages: dict[Question | None, list[str]] = field(init=False, factory=dict)
    drawn: set[Question] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self.queries = {query.question: query for query in self.resolution.queries}
        for number, target in enumerate(self.resolution.targets, start=1):
            route = Route.of(target)
            self.numbers[route, target.address] = number
            self.first.setdefault(route, number)
        for note in self.resolution.notes:
            self.messages.setdefault(note.question, []).append(note.message)

    def draw(self, question: Question) -> Query | None:
        """The query for a question, which the tree shows from now on; None if it was not asked."""
        self.drawn.add(question)
        return self.queries.get(question)

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None where none came."""
        query = self.queries.get(question)
        return query.answer if query else None

    def said_of(self, subject: str) -> str:
        """What was noticed of a record, a question or a target, without naming it again.

        The message of a note begins with what it is about.
        """
        head = f"{subject}: "
        messages = (note.message for note in self.resolution.notes)
        remarks = (text.removeprefix(head) for text in messages if text.startswith(head))
        return "; ".join(dict.fromkeys(remarks))

    def said_about(self, question: Question) -> str:
        """What was noticed of a question, alone or along with others."""
        messages = self.messages.get(question, ())
        about = (text for text in messages if text.startswith(str(question)))
        return "; ".join(dict.fromkeys(text.partition(": ")[2] for text in about))
