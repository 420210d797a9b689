"""The order of SRV records: RFC 2782 by weight, or fixed for stateless proxies (RFC 3263 §4.4)."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from sipresolve.vocabulary.policy import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from sipresolve.vocabulary.records import Srv

__all__ = ["SUB_SEED_BITS", "Placed", "permuted", "place"]

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
    # Canonical first, so that the same dice give the same order however the records arrived.
    canonical = sorted(records, key=_canonical)
    if selection is Selection.STATELESS:
        return [Placed(srv, None) for srv in canonical]
    return [
        Placed(srv, rng.getrandbits(SUB_SEED_BITS))
        for _, alike in groupby(canonical, key=lambda srv: srv.priority)
        for srv in _by_weight(alike, rng)
    ]


def _canonical(srv: Srv) -> tuple[int, int, str, int]:
    # RFC 3263 §4.4: the stateless proxy "MUST define a deterministic order".
    return srv.priority, -srv.weight, srv.target, srv.port


def _by_weight(records: Iterable[Srv], rng: Random) -> Iterator[Srv]:
    """Draw the records of one priority as RFC 2782 says, under "Weight"."""
    rest = list(records)
    # "in any order, except that all those with weight 0 are placed at the beginning of the list":
    # the draw below favours what stands first, so "any order" has to be a new one each time.
    rng.shuffle(rest)
    rest.sort(key=lambda srv: srv.weight > 0)
    weights = [srv.weight for srv in rest]
    while rest:
        running_sums = list(accumulate(weights))
        # "a uniform random number between 0 and the sum computed (inclusive), and select the RR
        # whose running sum value is the first in the selected order which is greater than or
        # equal to the random number selected"
        chosen = bisect_left(running_sums, rng.randint(0, running_sums[-1]))
        del weights[chosen]
        yield rest.pop(chosen)


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
