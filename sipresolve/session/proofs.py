"""The proofs on their way in one resolver: each is a run of its own, for one question.

What a proof needs it asks as any call does, so that keys and delegations are found in the cache, or
waited for together with others.
"""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.session.proof.means import Means, Trust
from sipresolve.session.proof.prove import prove
from sipresolve.session.proof.work import Work
from sipresolve.session.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.session.proof.means import Checking
    from sipresolve.session.run import Ended
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["Proofs"]

#: A proof has no time of its own, in seconds: who waits for it gives up by himself, and what it
#: asks is answered, or given up.
_LIFETIME: Final = 3600.0
#: How many questions one proof may ask: a name has 127 labels at most, with a delegation at each.
_BUDGET: Final = 256


class Proofs:
    """The proofs on their way. No lock guards them."""

    def __init__(self, policy: Policy, checking: Checking) -> None:
        """Begin with none.

        Args:
            policy: That of the resolver.
            checking: What answers are proven with.
        """
        self._trust = Trust(policy.trust_anchors)
        self._checking = checking
        self._calls = policy
        # Who may ask for which names was decided when the question came up that is to be proven.
        self._policy = evolve(policy, lifetime=_LIFETIME, budget=_BUDGET, allow_name=None)
        self._proofs: dict[Question, Run] = {}
        self._questions: dict[Run, Question] = {}
        self._numbers: dict[Run, int] = {}
        self._count = count()
        self._due: deque[Run] = deque()
        self._new: set[Run] = set()

    def __len__(self) -> int:
        return len(self._proofs)

    @property
    def yet_to_begin(self) -> int:
        """How many have asked nothing so far."""
        return len(self._new)

    def begin(self, question: Question, run: Run | None, now: float) -> None:
        """Begin to prove the answer to a question.

        Args:
            question: The question.
            run: Who wants it first, at whose expense it is; None for nobody.
            now: The time.
        """
        work = Work.of(self._calls) if run is None else run.work
        means = Means(self._trust, self._checking.verify, self._checking.clock, work)
        proof = Run(prove(question, means), self._policy, now, work=work)
        self._proofs[question] = proof
        self._questions[proof] = question
        self._numbers[proof] = next(self._count)
        self._new.add(proof)
        self._due.append(proof)

    def next(self) -> Run | None:
        """A proof that may be able to go on; None where all wait."""
        while self._due:
            proof = self._due.popleft()
            self._new.discard(proof)
            if proof in self._questions:
                return proof
        return None

    def go_on(self, proof: Run) -> None:
        """A proof may be able to go on: something came that it waits for."""
        self._due.append(proof)

    def without_proofs(self, runs: set[Run]) -> set[Run]:
        """Those of some runs that are calls; the others may be able to go on."""
        proofs = {run for run in runs if run in self._questions}
        # In the order in which they began, so that the same answers always have the same result.
        self._due.extend(sorted(proofs, key=self._numbers.__getitem__))
        return runs - proofs

    def proven_by(self, proof: Run) -> Question | None:
        """The question whose answer a proof proves; None where it has been given up."""
        return self._questions.get(proof)

    def end(self, proof: Run, ended: Ended) -> Answer:
        """What a proof has come to, which is over."""
        self.drop(self._questions[proof])
        return ended.used[0]

    def of(self, question: Question) -> Run | None:
        """The proof of a question, if there is one."""
        return self._proofs.get(question)

    def awaited_by(self, question: Question) -> Iterator[Question]:
        """What the proof of a question waits for from the DNS, and the proofs that it waits for."""
        waiting, seen = [question], {question}
        while waiting:
            proof = self._proofs.get(waiting.pop())
            for awaited in () if proof is None else proof.awaited:
                if awaited.signed:
                    yield awaited
                elif awaited not in seen:
                    seen.add(awaited)
                    waiting.append(awaited)

    def drop(self, question: Question) -> Run | None:
        """Give up the proof of a question, if there is one."""
        proof = self._proofs.pop(question, None)
        if proof is not None:
            del self._questions[proof], self._numbers[proof]
            self._new.discard(proof)
        return proof
