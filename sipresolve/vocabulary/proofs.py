"""What a proof by DNSSEC is made of, for those who want to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Security

__all__ = ["Link"]


@frozen
class Link:
    """A link of a chain of trust: an RRset, or its absence, and what vouches for it.

    Attributes:
        name: Whose records, in lower case and without a final dot.
        type: Their type, such as ``"DNSKEY"``.
        security: What is proven of it, taken with the links before it.
        sentence: By what, or why not, for a person.
    """

    name: str
    type: str
    security: Security
    sentence: str

    def __str__(self) -> str:
        return f"{self.name} {self.type}: {self.sentence}"
