"""The order of SRV records: RFC 2782 by weight, or fixed for stateless proxies (RFC 3263 §4.4)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from sipresolve.vocabulary.policy import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from sipresolve.vocabulary.records import Srv

__all__ = ["SUB_SEED_BITS", "Placed", "by_priority", "draw", "permuted", "place"]

Item = TypeVar("Item")

#: How many bits of dice each SRV record takes along for its addresses.
SUB_SEED_BITS: Final = 64


@frozen
class Placed:
    """An SRV record in its place.

    Attributes:
        srv: The record.
        seed: Which permutation of its addresses to take; None where dice are not wanted.
    """

    srv: Srv
    seed: int | None


def place(records: Iterable[Srv], selection: Selection, rng: Random) -> list[Placed]:
    """The records of one SRV set in the order in which to contact them.

    "A client MUST attempt to contact the target host with the lowest-numbered priority it can
    reach; target hosts with the same priority SHOULD be tried in an order defined by the weight
    field" (RFC 2782).
    """
    if selection is Selection.STATELESS:
        return [Placed(srv, None) for alike in by_priority(records) for srv in alike]
    return [
        Placed(alike[drawn], seed)
        for alike in by_priority(records)
        for drawn, seed in draw([srv.weight for srv in alike], rng)
    ]


def by_priority(records: Iterable[Srv]) -> Iterator[list[Srv]]:
    """The records of each priority, the lowest first, in an order that is always the same.

    So the same dice give the same order however the records arrived; and the stateless proxy of
    RFC 3263 §4.4, which "MUST define a deterministic order", takes this one.
    """
    canonical = sorted(records, key=_canonical)
    for _, alike in groupby(canonical, key=lambda srv: srv.priority):
        yield list(alike)


def _canonical(srv: Srv) -> tuple[int, int, str, int]:
    return srv.priority, -srv.weight, srv.target, srv.port


def draw(weights: Sequence[int], rng: Random) -> Iterator[tuple[int, int]]:
    """The records of one priority in an order drawn as RFC 2782 says, under "Weight".

    Each is drawn when it is asked for.

    Args:
        weights: Those of the records.
        rng: The dice.

    Yields:
        For each place the number of the record, and the dice that it takes along.
    """
    rest, left = list(range(len(weights))), sum(weights)
    random, seed = rng.random, rng.getrandbits
    while len(rest) > 1:
        # "a uniform random number between 0 and the sum computed (inclusive), and select the RR
        # whose running sum value is the first in the selected order which is greater than or
        # equal to the random number selected"
        number = int(random() * (left + 1))
        if number == 0:
            chosen = _first(weights, rest, rng)
        else:  # Whose share that falls into depends on no order.
            for chosen in rest:  # pragma: no branch - the last has the rest of the sum
                number -= weights[chosen]
                if number <= 0:
                    break
        yield chosen, seed(SUB_SEED_BITS)
        rest.remove(chosen)
        left -= weights[chosen]
    yield rest[0], seed(SUB_SEED_BITS)


def _first(weights: Sequence[int], rest: Sequence[int], rng: Random) -> int:
    """Who stands first, and so is selected by a 0.

    "in any order, except that all those with weight 0 are placed at the beginning of the list":
    a fixed order would favour the same record each time, so "any order" is a new one.
    """
    zeros = [record for record in rest if not weights[record]] or rest
    return zeros[int(rng.random() * len(zeros))]


def permuted(items: Sequence[Item], number: int) -> list[Item]:
    """The permutation of this number, read as a Lehmer code.

    A uniform number of 64 bits gives every order of up to 20 items the same chance, and every item
    the same chance of the first places, however many there are.
    """
    rest, order = list(items), []
    while rest:
        number, chosen = divmod(number, len(rest))
        order.append(rest.pop(chosen))
    return order
