"""A line of the tree."""

from __future__ import annotations

from hypothesis import given
from strategies import hostile_texts

from sipresolve.cli.node import Node


@given(hostile_texts, hostile_texts, hostile_texts)
def test_every_text_is_safe_for_a_terminal(label: str, detail: str, remark: str) -> None:
    node = Node(label=label, detail=detail, remark=remark)
    assert all(text.isprintable() for text in (node.label, node.detail, node.remark))
