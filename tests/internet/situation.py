"""A situation: a question on the internet of tests, and what DNSSEC makes of its answer.

Where a judge says something else, what it says stands there too, with the clause that explains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from sipresolve.vocabulary.records import Question, RecordType, Security

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BOGUS",
    "HUNG",
    "INDETERMINATE",
    "INSECURE",
    "ONE_FAILURE",
    "SECURE",
    "SHA1",
    "Differing",
    "S",
    "Situation",
]

SECURE: Final = Security.SECURE

INSECURE: Final = Security.INSECURE

BOGUS: Final = Security.BOGUS

INDETERMINATE: Final = Security.INDETERMINATE

#: What else a judge may say, which is nothing where it gives no verdict, and the reason for it.
Differing: TypeAlias = "Mapping[str, tuple[tuple[Security, ...], str]]"


@frozen
class Situation:
    """A question, and the state of its answer.

    Attributes:
        name: What is peculiar to it.
        question: What is asked, as in ``gw.example A``.
        state: RFC 4033 §5.
        clause: Why.
        differing: The judges that say something else, or nothing, and why.
        anchor: The zone whose keys are known from the start.
        ttl: What the TTL of the answer is at most, in seconds.
        error: The number that RFC 8914 §4 has for the reason, where that leaves no choice.
    """

    name: str
    question: str
    state: Security
    clause: str
    differing: Differing = field(factory=dict, kw_only=True)
    anchor: str = field(default=".", kw_only=True)
    ttl: int = field(default=300, kw_only=True)
    error: int | None = field(default=None, kw_only=True)

    @property
    def asked(self) -> Question:
        """What is asked."""
        name, rdtype = self.question.split()
        return Question(name, RecordType(rdtype))

    def __str__(self) -> str:
        return self.name


#: As tables have it.
S = Situation

SHA1: Final[Differing] = {
    "unbound": ((SECURE, INSECURE), "RFC 9905 §2: implementations continue to support it"),
    "delv": ((SECURE, INSECURE), "RFC 9905 §2: implementations continue to support it"),
}

ONE_FAILURE: Final[Differing] = {
    "delv": ((BOGUS,), "RFC 6840 §5.4 is a SHOULD: BIND gives up after one signature that fails"),
}

HUNG: Final[Differing] = {"delv": ((), "BIND waits for itself, and gives up after 12 s")}
