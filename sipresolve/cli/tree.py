"""The way of a resolution as a tree: from a URI, or from a Via, to the addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve import Via
from sipresolve.cli.node import Node, Tone
from sipresolve.cli.text import counted
from sipresolve.cli.uri_tree import uri_branches
from sipresolve.cli.via_tree import via_branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.cli.trace import Trace

__all__ = ["tree_of"]


def tree_of(text: str, trace: Trace) -> Node:
    """Draw up the tree of a resolution.

    Args:
        text: The URI or the Via as it was given.
        trace: What was found, or what is known where nothing was; it learns what the tree shows.
    """
    branches = tuple(_branches(trace))
    return Node(label=text, tone=Tone.START, children=(*branches, *_not_needed(trace)))


def _branches(trace: Trace) -> Iterator[Node]:
    subject = trace.resolution.subject
    if isinstance(subject, Via):
        return via_branches(trace, subject)
    return uri_branches(trace, subject)


def _not_needed(trace: Trace) -> Iterator[Node]:
    count = len(trace.queries.keys() - trace.drawn)
    if count:
        label = f"asked ahead and not needed: {counted(count, 'question')}"
        yield Node(label=label, tone=Tone.UNUSED)
