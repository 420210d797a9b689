"""What is not asked, and what is not taken: the bounds of a resolver against misuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.session.names import NameMeter, counted_name, parent_of
from sipresolve.vocabulary.policy import allows_name
from sipresolve.vocabulary.records import Answer, RecordType, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Naptr, Question, Srv

__all__ = ["Bounds", "trimmed"]

#: What is only probably needed may take this part of the questions in flight.
_SHARE_OF_HINTS: Final = 0.75


class Bounds:
    """Which questions of the calls of one resolver go out. It is pure, and no lock guards it."""

    def __init__(self, policy: Policy) -> None:
        """Begin with nothing asked.

        Args:
            policy: That of the resolver.
        """
        self._meter = NameMeter(policy.names_per_minute)

    def forbidden(self, question: Question, policy: Policy) -> Answer | None:
        """Why a question must not be asked, nor answered from the cache; None where it may.

        Args:
            question: What a call wants to know.
            policy: That of the call.

        Raises:
            Misuse: `Policy.allow_name` failed.
        """
        if allows_name(policy, question.name):
            return None
        detail = "not asked, the policy does not allow the name"
        return Answer(question=question, status=Status.NAME_REFUSED, detail=detail)

    def refusal(
        self, question: Question, policy: Policy, now: float, in_flight: int
    ) -> Answer | None:
        """Why a question must not be asked now; None where it may, and then it counts as asked.

        Args:
            question: What is about to be asked of the DNS; what is known already needs no leave.
            policy: That of the call.
            now: The time.
            in_flight: How many questions of the resolver are in flight without it.
        """
        if in_flight >= policy.concurrency:
            detail = f"not asked, {in_flight} questions are in flight"
            return Answer(question=question, status=Status.BUSY, detail=detail)
        if _is_counted(question, policy) and not self._meter.allows(question.name, now):
            parent = parent_of(counted_name(question.name))
            detail = f"not asked, too many names below {parent} in a minute"
            return Answer(question=question, status=Status.TOO_MANY_NAMES, detail=detail)
        return None

    def has_room_for_hints(self, policy: Policy, in_flight: int) -> bool:
        """Whether what is only probably needed may be asked as well.

        Args:
            policy: That of the call.
            in_flight: How many questions of the resolver are in flight.
        """
        return in_flight < policy.concurrency * _SHARE_OF_HINTS


def _is_counted(question: Question, policy: Policy) -> bool:
    """Whether a question counts as one for a name below a domain.

    The names of numbers do not: all of them are below a few roots, and a carrier maps thousands in
    a minute (RFC 6116 §3.2). Nor does what a proof asks: the name that it is for has counted.
    """
    if question.signed or question.type.is_of_zones:
        return False
    return question.type is not RecordType.NAPTR or not any(
        _is_of_a_number(question.name, root) for root in policy.enum_roots
    )


def _is_of_a_number(name: str, root: str) -> bool:
    """Whether a name is single digits below a root."""
    if not name.endswith(f".{root}"):
        return False
    digits = name[: -len(root) - 1].split(".")
    return all(len(digit) == 1 and digit in _DIGITS for digit in digits)


_DIGITS: Final = frozenset("0123456789")


def trimmed(answer: Answer, most: int) -> Answer:
    """An answer with no more than so many records of an RRset, and those that come first.

    Of SRV those of the lowest priorities, then of the greatest weights; of NAPTR those of the
    lowest order and preference; of addresses the lowest. They stay in the order received. Of what
    only proofs ask for, no policy takes away what a zone may need.

    Args:
        answer: What came.
        most: How many records of one RRset to take.

    Returns:
        The same answer where there is nothing to leave out; else one that says how many were.
    """
    if answer.question.type.is_of_zones:
        most = max(most, _MOST_KEYS)
    if len(answer.records) > most:
        rank = _RANKS[answer.question.type]
        ranked = sorted(enumerate(answer.records), key=lambda placed: rank(placed[1]))
        kept = tuple(record for _, record in sorted(ranked[:most], key=_place))
        left_out = answer.left_out + len(answer.records) - most
        answer = evolve(answer, records=kept, left_out=left_out)
    if any(len(extra.records) > most for extra in answer.additional):
        additional = tuple(trimmed(extra, most) for extra in answer.additional)
        answer = evolve(answer, additional=additional)
    return answer


#: A healthy zone has a handful of keys.
_MOST_KEYS: Final = 256


def _place(placed: tuple[int, object]) -> int:
    return placed[0]


def _rank_of_srv(srv: Srv) -> tuple[int, int, str, int]:
    return srv.priority, -srv.weight, srv.target, srv.port


def _rank_of_naptr(naptr: Naptr) -> tuple[int, int]:
    return naptr.order, naptr.preference


def _as_received(_: object) -> int:
    return 0


_RANKS: Final[Mapping[RecordType, Callable[[Any], Any]]] = {
    RecordType.A: int,
    RecordType.AAAA: int,
    RecordType.SRV: _rank_of_srv,
    RecordType.NAPTR: _rank_of_naptr,
    RecordType.DNSKEY: _as_received,
    RecordType.DS: _as_received,
}
