"""RFC 2782, "Usage rules" and "Weight"; RFC 3263 §4.4."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations
from math import factorial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import srv_records

from sipresolve.procedures.ordering import permuted, place
from sipresolve.vocabulary.policy import Selection
from sipresolve.vocabulary.records import Srv

WEIGHTED, STATELESS = Selection.WEIGHTED, Selection.STATELESS


def hosts(records: list[Srv], rng: Random, selection: Selection = WEIGHTED) -> list[str]:
    return [placed.srv.target for placed in place(records, selection, rng)]


class Dice(Random):
    """Dice that fall as told: each a number, and how many there are to choose from."""

    def __init__(self, *falls: tuple[int, int]) -> None:
        super().__init__(0)
        self.falls = list(falls)

    def random(self) -> float:
        number, of = self.falls.pop(0)
        return (number + 0.5) / of


def test_lower_priorities_come_first() -> None:
    records = [Srv(20, 0, 5060, "c"), Srv(10, 0, 5060, "a"), Srv(15, 65535, 5060, "b")]
    assert hosts(records, Random(1)) == ["a", "b", "c"]


# RFC 2782: "choose a uniform random number between 0 and the sum computed (inclusive), and select
# the RR whose running sum value is the first in the selected order which is greater than or equal
# to the random number selected". In canonical order, the heaviest first, the running sums of a 60,
# b 30, c 10 are 60, 90, 100. A 0 selects whoever stands first, which is "any order, except that all
# those with weight 0 are placed at the beginning of the list". The last one left needs no number.
@pytest.mark.parametrize(
    ("weights", "falls", "expected"),
    [
        ({"a": 60, "b": 30, "c": 10}, [(60, 101), (30, 41)], ["a", "b", "c"]),
        ({"a": 60, "b": 30, "c": 10}, [(1, 101), (31, 41)], ["a", "c", "b"]),
        ({"a": 60, "b": 30, "c": 10}, [(61, 101), (60, 71)], ["b", "a", "c"]),
        ({"a": 60, "b": 30, "c": 10}, [(90, 101), (61, 71)], ["b", "c", "a"]),
        ({"a": 60, "b": 30, "c": 10}, [(91, 101), (61, 91)], ["c", "b", "a"]),
        ({"a": 60, "b": 30, "c": 10}, [(100, 101), (60, 91)], ["c", "a", "b"]),
        ({"a": 60, "b": 30, "c": 10}, [(0, 101), (2, 3), (0, 91), (1, 2)], ["c", "b", "a"]),
        ({"a": 60, "z": 0}, [(0, 61), (0, 1)], ["z", "a"]),
        ({"a": 60, "z": 0}, [(1, 61)], ["a", "z"]),
        ({"a": 60, "z": 0}, [(60, 61)], ["a", "z"]),
        ({"a": 1, "y": 0, "z": 0}, [(0, 2), (1, 2), (1, 2)], ["z", "a", "y"]),
        ({"a": 1, "y": 0, "z": 0}, [(1, 2), (0, 1), (0, 2)], ["a", "y", "z"]),
        ({"y": 0, "z": 0}, [(0, 1), (0, 2)], ["y", "z"]),
        ({"y": 0, "z": 0}, [(0, 1), (1, 2)], ["z", "y"]),
        ({"z": 0}, [], ["z"]),
        ({"a": 65_535}, [], ["a"]),
    ],
)
def test_running_sums(
    weights: dict[str, int], falls: list[tuple[int, int]], expected: list[str]
) -> None:
    dice = Dice(*falls)
    records = [Srv(10, weight, 5060, host) for host, weight in weights.items()]
    assert hosts(records, dice) == expected
    assert not dice.falls, "no more and no less is drawn"


def test_the_greatest_number_that_dice_can_give() -> None:
    """It is the sum itself, "inclusive", and never more."""

    class Highest(Random):
        def random(self) -> float:
            return 1 - 2**-53

    for count in (1, 2, 3, 255):
        records = [Srv(10, 65_535, 5060, f"h{number}") for number in range(count)]
        placed = hosts(records, Highest())
        assert placed[0] == max(srv.target for srv in records), "whose running sum is the last"
        assert Counter(placed) == Counter(srv.target for srv in records)


def first_places(weights: dict[str, int], draws: int) -> Counter[str]:
    records = [Srv(10, weight, 5060, host) for host, weight in weights.items()]
    return Counter(hosts(records, Random(seed))[0] for seed in range(draws))


def expected_shares(weights: dict[str, int]) -> dict[str, Fraction]:
    """The chance of each first place, by counting every shuffle and every number drawn."""
    total, shares = sum(weights.values()), Counter[str]()
    shuffles = list(permutations(weights))
    for shuffle in shuffles:
        order = sorted(shuffle, key=lambda host: weights[host] > 0)
        for number in range(total + 1):
            running = 0
            for host in order:
                running += weights[host]
                if running >= number:
                    shares[host] += 1
                    break
    return {host: Fraction(shares[host], len(shuffles) * (total + 1)) for host in weights}


SHARED = [
    {"a": 10, "b": 20, "c": 40, "d": 30},
    {"a": 1, "b": 1},
    {"a": 0, "b": 0, "c": 0},
    {"a": 30, "b": 15, "c": 0},
    {"a": 0, "b": 1},
    {"a": 0, "b": 7, "c": 0, "d": 2},
]


def shares_of_all_falls(weights: dict[str, int]) -> dict[str, Fraction]:
    """The chance of each first place, by letting the dice fall in every way."""
    records = [Srv(10, weight, 5060, host) for host, weight in weights.items()]
    total, zeros = sum(weights.values()), [host for host in weights if not weights[host]]
    firsts, shares = len(zeros or weights), Counter[str]()
    for number in range(total + 1):
        for first in range(firsts):
            falls = [(number, total + 1), *([(first, firsts)] if number == 0 else [])]
            shares[first_of(records, falls)] += 1
    return {host: Fraction(shares[host], (total + 1) * firsts) for host in weights}


def first_of(records: list[Srv], falls: list[tuple[int, int]]) -> str:
    """Who comes first where the first dice fall so, whatever the others do."""
    return hosts(records, Dice(*falls, *[(0, 1)] * 2 * len(records)))[0]


@pytest.mark.parametrize("weights", SHARED, ids=str)
def test_every_fall_of_the_dice_counted(weights: dict[str, int]) -> None:
    """Exactly the chances that a shuffle and a number give; not nearly."""
    assert shares_of_all_falls(weights) == expected_shares(weights)


@pytest.mark.parametrize("weights", SHARED, ids=str)
def test_first_places_share_as_the_weights_say(weights: dict[str, int]) -> None:
    draws = 6000
    seen = first_places(weights, draws)
    for host, share in expected_shares(weights).items():
        # Five standard deviations: the seeds are fixed, so this never fails by chance.
        spread = 5 * (draws * share * (1 - share)) ** 0.5
        assert abs(seen[host] - draws * share) <= spread, host


def test_a_zero_weight_keeps_a_small_chance() -> None:
    """RFC 2782: "records with weight 0 should have a very small chance of being selected"."""
    seen = first_places({"a": 30, "b": 15, "z": 0}, 10_000)
    assert 50 <= seen["z"] <= 400
    assert seen["a"] > seen["b"] > seen["z"]


def test_the_order_of_arrival_does_not_matter() -> None:
    records = [Srv(10, weight, 5060, f"h{weight}") for weight in (0, 5, 5, 20, 0)]
    wanted = place(records, WEIGHTED, Random(7))
    for arrived in permutations(records):
        assert place(arrived, WEIGHTED, Random(7)) == wanted


@given(records=srv_records(), seed=st.integers())
def test_an_order_is_a_permutation_and_priorities_never_invert(
    records: list[Srv], seed: int
) -> None:
    for selection in Selection:
        placed = [item.srv for item in place(records, selection, Random(seed))]
        assert Counter(placed) == Counter(records)
        priorities = [srv.priority for srv in placed]
        assert priorities == sorted(priorities)


def test_a_thousand_records_of_one_priority() -> None:
    records = [Srv(0, weight % 7, 5060, f"h{weight}") for weight in range(1000)]
    assert len(place(records, WEIGHTED, Random(1))) == 1000


# RFC 3263 §4.4: "The stateless proxy MUST define a deterministic order to the records".
@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"a": 0, "b": 1, "c": 2, "d": 3}, ["d", "c", "b", "a"]),
        ({"d": 0, "c": 0, "b": 0, "a": 0}, ["a", "b", "c", "d"]),
    ],
)
def test_stateless_order_is_by_weight_and_then_by_name(
    weights: dict[str, int], expected: list[str]
) -> None:
    records = [Srv(10, weight, 5060, host) for host, weight in weights.items()]
    for arrived in permutations(records):
        assert hosts(list(arrived), Random(), STATELESS) == expected
    assert {item.seed for item in place(records, STATELESS, Random())} == {None}


def test_permutations_by_number_are_all_different() -> None:
    orders = {tuple(permuted("abcd", number)) for number in range(factorial(4))}
    assert orders == set(permutations("abcd"))


def test_any_number_permutes_any_length() -> None:
    assert sorted(permuted(range(100), 2**64 - 1)) == list(range(100))
    assert permuted([], 5) == []
