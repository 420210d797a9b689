"""What a cache keeps under one key: an answer, how asking failed, or both; and how large it is."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, evolve, field, frozen

from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.names import normal_name
from sipresolve.vocabulary.records import Naptr, Question, RecordType, Source, Srv, Status

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Answer, Record

__all__ = ["EMPTY", "NEVER", "Entry", "Failure", "Hit", "Key", "Known", "View"]

#: What keeps answers apart: the DNSSEC policy, and the nameservers.
View: TypeAlias = Hashable

#: A question, or a name that does not exist, which answers every question for it (RFC 2308 §5).
Key: TypeAlias = tuple[Question | str, View]

NEVER: Final = float("inf")


@frozen
class Hit:
    """What the cache knows of a question.

    Attributes:
        answer: The answer, its TTL as received; a failure or a stale answer as well.
        refresh: Whether to ask again now, in the background, before the answer expires. It is said
            once, until what came of it is put.
        expires: When the cache will not say the same any more, on the clock of `Cache.get`.
        refresh_at: When `refresh` will be said; infinite where it never will, or was already.
    """

    answer: Answer
    refresh: bool
    expires: float
    refresh_at: float = NEVER


@define
class Known:
    """An answer that is kept.

    Attributes:
        key: Under what.
        answer: As it is given while it is fresh.
        expires: Until when it is fresh.
        gone: Until when it may be served at all.
        due: From when on it should be asked again, if it is used.
        refresh_at: The same; infinite while somebody does, and later once that has failed.
        is_claimed: Whether somebody asks again.
    """

    key: Key
    answer: Answer
    expires: float
    gone: float
    due: float
    refresh_at: float = field(init=False)
    is_claimed: bool = False
    _hits: dict[RecordType, Hit] = field(init=False, factory=dict)

    @refresh_at.default
    def _when_due(self) -> float:
        return self.due

    def hit(self, question: Question) -> Hit:
        """The answer as that to a question: a name that does not exist answers several."""
        hit = self._hits.get(question.type)
        if hit is None:
            answer = self.answer
            if answer.question != question:
                answer = evolve(answer, question=question)
            hit = Hit(answer, refresh=False, expires=self.expires, refresh_at=self.refresh_at)
            self._hits[question.type] = hit
        return hit

    def claim(self, question: Question) -> Hit:
        """The same, for the one who is to ask again."""
        self.is_claimed = True
        self._refresh_from(NEVER)
        return evolve(self.hit(question), refresh=True)

    def release(self, until: float) -> None:
        """Asking again has failed; nobody is to do it before that time."""
        self.is_claimed = False
        self._refresh_from(max(self.due, until))

    def is_stale(self, now: float) -> bool:
        """Whether it is over, and may still be served."""
        return self.expires <= now < self.gone

    def _refresh_from(self, time: float) -> None:
        self.refresh_at = time
        self._hits.clear()


@frozen
class Failure:
    """How asking failed the last time.

    Attributes:
        answer: The failure, as it is given.
        until: Until when the question is not asked again.
        back_off: For how long it would not be if nothing else were known, in seconds.
    """

    answer: Answer
    until: float
    back_off: float

    @property
    def is_bogus(self) -> bool:
        """Whether the DNS gave an answer that is forged, or that nobody can prove."""
        return self.answer.status is Status.BOGUS

    def hit(self) -> Hit:
        """The failure as what is known of its question."""
        return Hit(self.answer, refresh=False, expires=self.until)


@frozen
class Entry:
    """What is kept under a key.

    Attributes:
        known: The latest answer, which may be over; None where there is none.
        failure: The latest failure; None where none came since the latest answer.
        octets: How much memory all of it takes, as estimated.
    """

    known: Known | None = None
    failure: Failure | None = None
    octets: int = field(init=False)

    @octets.default
    def _estimate(self) -> int:
        parts = [part.answer for part in (self.known, self.failure) if part is not None]
        return _OCTETS_OF_ENTRY + sum(map(_octets_of, parts))

    def says_of(self, name: str) -> bool:
        """Whether it says something of a name, its own or one that aliases led through."""
        return any(
            name in (part.answer.question.name, *map(normal_name, part.answer.aliases))
            for part in (self.known, self.failure)
            if part is not None
        )


def as_kept(answer: Answer) -> Answer:
    """An answer as the cache gives it; what came along with it is kept apart."""
    return evolve(answer, source=Source.CACHE, additional=())


# How much memory things take in CPython, as measured; the letters of names and texts come on top.
_OCTETS_OF_ENTRY: Final = 550
_OCTETS_OF_ANSWER: Final = 400
_OCTETS_OF_RECORD: Final = 120
_OCTETS_OF_PROOF: Final = 900  # of which the links but for the last are shared
_OCTETS_OF_TEXT: Final = 60


def _octets_of(answer: Answer) -> int:
    texts = (answer.question.name, answer.detail, *answer.aliases)
    records = sum(map(_octets_of_record, answer.records))
    proof = _OCTETS_OF_PROOF if answer.proof else 0
    return _OCTETS_OF_ANSWER + _octets_of_texts(*texts) + records + proof


def _octets_of_record(record: Record) -> int:
    if isinstance(record, Naptr):
        texts = (record.flags, record.service, record.regexp, record.replacement)
        return _OCTETS_OF_RECORD + _octets_of_texts(*texts)
    if isinstance(record, DnsKey):
        return _OCTETS_OF_RECORD + _OCTETS_OF_TEXT + len(record.key)
    if isinstance(record, Ds):
        return _OCTETS_OF_RECORD + _OCTETS_OF_TEXT + len(record.digest)
    if isinstance(record, Srv):
        return _OCTETS_OF_RECORD + _octets_of_texts(record.target)
    return _OCTETS_OF_RECORD


def _octets_of_texts(*texts: str | bytes) -> int:
    return sum(_OCTETS_OF_TEXT + len(text) for text in texts)


#: Of what nothing is known.
EMPTY: Final = Entry()
