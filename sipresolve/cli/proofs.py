"""Chains of trust as lines of the tree: what proves an answer, link by link, or where it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from sipresolve import ExtendedError, Security
from sipresolve.cli.node import Node, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipresolve import Answer, Link, Query

__all__ = ["proven", "with_proofs"]


def proven(*queries: Query | None) -> tuple[Answer, ...]:
    """The answers among these queries that have a chain of trust."""
    answers = (query.answer for query in queries if query is not None)
    return tuple(answer for answer in answers if answer is not None and answer.proof)


def with_proofs(tree: Node) -> Node:
    """The tree with the chain of trust of each of its answers, first of what hangs from the line.

    What several chains share is written out where it comes first in the tree, and then referred to.
    """
    return _with_proofs(tree, set())


def _with_proofs(node: Node, shown: set[Link]) -> Node:
    # Both families of a host may refer to the same.
    chains = dict.fromkeys(_chain(answer, shown) for answer in node.answers)
    children = tuple(_with_proofs(child, shown) for child in node.children)
    return evolve(node, answers=(), children=(*chains, *children))


def _chain(answer: Answer, shown: set[Link]) -> Node:
    """The links of a chain that the tree does not show yet, and where they go on from."""
    news = [link for link in answer.proof if link not in shown]
    links = [_link(link, answer) for link in news]
    above = _above(answer.proof, news)
    shown.update(news)
    if above is None:
        return Node(label="chain of trust", tone=Tone.PROOF, children=tuple(links))
    if not links:
        return _as_above(above, answer)
    if len(links) == 1:
        [link] = links
        detail = ", ".join(filter(None, (link.detail, f"{_from(above, answer)}, as above")))
        return evolve(link, detail=detail)
    detail = f"{_from(above, answer)}, as above"
    return Node(label="chain of trust", detail=detail, tone=Tone.PROOF, children=tuple(links))


def _above(chain: Sequence[Link], news: Sequence[Link]) -> Link | None:
    """The last link before those that are new; None where the first of all is."""
    place = chain.index(news[0]) if news else len(chain)
    return chain[place - 1] if place else None


def _from(link: Link, answer: Answer) -> str:
    zone = "the root" if link.name == "." else link.name
    return f"proven by {zone}" if answer.security is Security.SECURE else f"on from {zone}"


def _as_above(last: Link, answer: Answer) -> Node:
    is_broken = answer.security is Security.BOGUS
    return Node(
        label=f"{last.name} {last.type}, as above",
        detail=str(answer.security),
        tone=Tone.FAILED if is_broken else Tone.PROOF,
    )


def _link(link: Link, answer: Answer) -> Node:
    what = f"{link.name} {link.type}"
    text = link.sentence if link.sentence.startswith(f"{what} ") else str(link)
    said = "; ".join(_numbers(link, answer))
    if link.security is Security.SECURE:
        return Node(label=text, tone=Tone.PROOF)
    if link.security is Security.BOGUS:
        return Node(label=text, detail="broken here", remark=said, tone=Tone.FAILED)
    remark = "; ".join(filter(None, (link.sentence, said)))
    return Node(label=what, detail=str(link.security), remark=remark, tone=Tone.PROOF)


def _numbers(link: Link, answer: Answer) -> Iterator[str]:
    """What RFC 8914 calls it, beside the link that is why the answer is no more secure."""
    why = next((each for each in answer.proof if each.security is answer.security), None)
    if link == why and answer.reason.extended_error is not None:
        yield str(ExtendedError(answer.reason.extended_error))
