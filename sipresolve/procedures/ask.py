"""What a procedure yields, and what it is sent.

A procedure is a generator. It yields

- an `Ask`: start these questions, and resume me when one of the waits is satisfied;
- a `Target`: a server to contact, as soon as it is known, in order;
- a `MappedUri`: a URI that ENUM gave for a number, likewise;
- a `Note`: a warning, or a line of the trace;
- a `Plan`: how to find the same again, where that is possible.

After an `Ask` it is sent what is known by then (`Known`); after the others, nothing. It raises only
if it has yielded no target; after that a failure is a note. Absence and failure of an answer are
statuses of it: the procedure decides what each means.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TypeAlias, TypeVar

from attrs import frozen

from sipresolve.procedures.plans import Plan
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.records import Answer, Question
from sipresolve.vocabulary.targets import Note, Target

__all__ = ["Ask", "Known", "Procedure", "Wait", "Yielded"]

Result = TypeVar("Result")


@frozen
class Wait:
    """What a procedure waits for.

    It is satisfied when every needed answer is in, and every wanted one too, or `patience` seconds
    have passed since the last needed one arrived. Patience never begins before the wanted ones
    have been asked for: a late question is no late answer. Where none is needed, it begins with
    the Ask.
    """

    needed: tuple[Question, ...]
    wanted: tuple[Question, ...] = ()
    patience: float = 0.0


@frozen
class Ask:
    """Start all of these questions; resume the procedure when any of the waits is satisfied.

    Without waits it is resumed at once. Hints are questions that will probably be asked soon: they
    are started with the rest and wait for nobody.
    """

    waits: tuple[Wait, ...] = ()
    hints: tuple[Question, ...] = ()


#: What is known so far. A question that is not in it is still in flight.
Known: TypeAlias = Mapping[Question, Answer]

#: What a procedure yields.
Yielded: TypeAlias = Ask | Target | MappedUri | Note | Plan

Procedure: TypeAlias = Generator[Yielded, Known, Result]
