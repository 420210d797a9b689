"""The way of a resolution as a tree: from a URI, a Via or a telephone number to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve import TelUri, Via
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.number_tree import number_branches
from sipresolve.cli.proofs import with_proofs
from sipresolve.cli.text import counted
from sipresolve.cli.uri_tree import uri_branches
from sipresolve.cli.via_tree import via_branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import SipUri
    from sipresolve.cli.trace import Trace

__all__ = ["tree_of"]


def tree_of(text: str, trace: Trace) -> Node:
    """Draw up the tree of a resolution.

    Args:
        text: What was resolved, as it was given.
        trace: What was found, or what is known where nothing was; it learns what the tree shows.
    """
    branches = tuple(_branches(trace))
    tree = Node(
        label=text,
        detail=_meaning(text, trace.resolution.subject),
        tone=Tone.START,
        children=(*branches, *_not_needed(trace)),
    )
    return with_proofs(tree)


def _meaning(text: str, subject: SipUri | Via | TelUri) -> str:
    """The number that a text means, where it is written otherwise."""
    number = subject.globalised().number if isinstance(subject, TelUri) else text
    return "" if number == text else number


def _branches(trace: Trace) -> Iterator[Node]:
    subject = trace.resolution.subject
    if isinstance(subject, TelUri):
        return number_branches(trace, subject.globalised())
    if isinstance(subject, Via):
        return via_branches(trace, subject)
    return uri_branches(trace, subject)


def _not_needed(trace: Trace) -> Iterator[Node]:
    count = len(trace.queries.keys() - trace.drawn)
    if count:
        label = f"asked ahead and not needed: {counted(count, 'question')}"
        yield Node(label=label, tone=Tone.UNUSED)
