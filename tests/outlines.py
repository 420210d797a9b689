"""The tree that the command line draws, as an outline: tone, label, (detail), !! remark."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from attrs import field, frozen
from simulation import NEVER, Simulation, question
from telephony import numbers

from sipresolve import (
    Answer,
    Naptr,
    Note,
    Policy,
    Query,
    Resolution,
    SipResolveError,
    SipUri,
    Srv,
    Status,
)
from sipresolve.cli.sought import Sought
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.node import Node

__all__ = ["Scenario", "answered", "check_outline", "outline"]


@frozen(kw_only=True)
class Scenario:
    """A domain or a number, and the tree of a resolution for it.

    Attributes:
        name: What it shows.
        uri: What is resolved, where `via` and `number` are empty.
        via: What is resolved.
        number: What is resolved, or mapped where URIs are sought.
        sought: What is looked for.
        records: What is in the DNS, as `numbers` reads it.
        silent: The questions that are never answered.
        slow: The questions that are answered late.
        policy: What the client wants and can do.
        outline: The tree.
    """

    name: str
    uri: str = "sip:example.com"
    via: str = ""
    number: str = ""
    sought: Sought = Sought.SERVERS
    records: str = ""
    silent: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
    policy: Policy = field(factory=Policy)
    outline: str

    def __str__(self) -> str:
        return self.name


def check_outline(scenario: Scenario) -> None:
    """Compare the tree with the one that is wanted."""
    resolution = _resolution(scenario)
    assert resolution is not None
    trace = Trace(resolution, scenario.sought, scenario.policy.enum_roots)
    tree = tree_of(scenario.via or scenario.number or scenario.uri, trace)
    assert list(outline(tree)) == dedent(scenario.outline).strip().splitlines()


def _resolution(scenario: Scenario) -> Resolution | None:
    delays = {question(text): NEVER for text in scenario.silent}
    delays |= {question(text): 0.4 for text in scenario.slow}
    simulation = Simulation(numbers(scenario.records), delays=delays, policy=scenario.policy)
    try:
        if scenario.via:
            return simulation.respond(scenario.via)
        if scenario.sought is Sought.URIS:
            return simulation.enum(scenario.number)
        if scenario.number:
            return simulation.resolve_number(scenario.number)
        return simulation.resolve(scenario.uri)
    except SipResolveError as error:
        return error.resolution


def outline(node: Node, depth: int = 0) -> Iterator[str]:
    """The lines of a tree."""
    detail = f" ({node.detail})" if node.detail else ""
    remark = f" !! {node.remark}" if node.remark else ""
    yield f"{'  ' * depth}{node.tone.name.lower()}: {node.label}{detail}{remark}"
    for child in node.children:
        yield from outline(child, depth + 1)


def answered(text: str, record: Naptr | Srv, *notes: str) -> Resolution:
    """A resolution that got one answer, and found nothing."""
    asked = question(text)
    answer = Answer(question=asked, status=Status.OK, records=(record,), ttl=300)
    return Resolution(
        subject=SipUri.parse("sip:example.com"),
        targets=(),
        security=None,
        notes=tuple(Note(code="any", message=note, question=asked) for note in notes),
        queries=(Query(question=asked, answer=answer, asked_at=0.0, seconds=0.01),),
    )
