"""Who is asked first, who is given up, and what that costs: with a clock that is given."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest
from virtual_nameservers import World, percentile

from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

A, B, C = (Nameserver.parse(f"192.0.2.{number}") for number in (1, 2, 3))
BY_LETTER: Final = {"A": A, "B": B, "C": C}
LETTERS: Final = {nameserver: letter for letter, nameserver in BY_LETTER.items()}

# What has happened to a nameserver: it took so many milliseconds, or was waited for in vain.
Experience = tuple[str, float]


def panel(*experiences: Experience, nameservers: Iterable[Nameserver] = (A, B, C)) -> Panel:
    """``("A", 5)``: A took 5 ms. ``("A", -5)``: it was waited for in vain, for 5 ms."""
    made = Panel(tuple(nameservers))
    for letter, milliseconds in experiences:
        undergo(made, BY_LETTER[letter], milliseconds / 1000)
    return made


def undergo(panel: Panel, nameserver: Nameserver, seconds: float, now: float = 0.0) -> None:
    if seconds >= 0:
        panel.replied(nameserver, seconds, now)
    else:
        panel.waited(nameserver, -seconds)
        panel.failed(nameserver)


def order(panel: Panel) -> str:
    return "".join(LETTERS[nameserver] for nameserver in panel.order())


@pytest.mark.parametrize(
    ("why", "experiences", "expected"),
    [
        ("nothing is known", [], "ABC"),
        ("only the first is known, and slow: who knows how the others are", [("A", 400)], "ABC"),
        ("a little slower than another is nothing", [("A", 15), ("B", 1)], "ABC"),
        ("nor is less than twice as slow", [("A", 190), ("B", 100)], "ABC"),
        ("much slower than another", [("A", 100), ("B", 1)], "BCA"),
        ("the quicker of the slow ones", [("A", 300), ("B", 200), ("C", 1)], "CBA"),
        ("once in vain is bad luck", [("A", 1), ("B", 1), ("A", -80)], "ABC"),
        ("but not of one that was never heard", [("B", 1), ("A", -80)], "BCA"),
        ("unless nobody was heard", [("A", -80)], "ABC"),
        ("twice in a row is not", [("B", 1), ("A", -80), ("A", -80)], "BCA"),
        ("unless nobody is known to be better", [("A", -80), ("A", -80)], "ABC"),
        ("a reply makes up for it", [("B", 1), ("A", -80), ("A", -80), ("A", 1)], "ABC"),
        ("three times is dead, whoever the others are", [("A", -80)] * 3, "BCA"),
        ("behind the slow ones", [("A", -80)] * 3 + [("B", 500), ("C", 1)], "CBA"),
        ("a dead one is no measure", [("A", 1)] + [("A", -80)] * 3 + [("B", 500)], "BCA"),
        ("a reply brings it back", [("A", -80)] * 3 + [("A", 1)], "ABC"),
        ("all are dead", [(each, -80.0) for each in "CAB"] * 3, "ABC"),
    ],
)
def test_whom_to_ask_first(why: str, experiences: list[Experience], expected: str) -> None:
    assert order(panel(*experiences)) == expected, why


# RFC 6298 §2: "SRTT <- R, RTTVAR <- R/2", then "RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|,
# SRTT <- (1 - alpha) * SRTT + alpha * R'", with alpha 1/8 and beta 1/4; the timer: SRTT + 4 RTTVAR.
@pytest.mark.parametrize(
    ("why", "milliseconds", "expected"),
    [
        ("nothing is known", [], 75),
        ("the first", [10], 30),
        ("the second", [10, 10], 25),
        ("one that is otherwise", [10, 50], 15 + 4 * 13.75),
        ("no less than a busy machine needs", [0.2], 20),
        ("to have been in vain says nothing of the next time", [10, -80], 30),
    ],
)
def test_how_long_one_is_waited_for(why: str, milliseconds: list[float], expected: float) -> None:
    made = panel(*[("A", each) for each in milliseconds])
    assert made.delay(A) * 1000 == pytest.approx(expected), why


def test_over_tcp_there_is_a_connection_to_be_made_first() -> None:
    assert panel().delay(A, tcp=True) == panel().delay(A)
    assert panel(("A", 10)).delay(A, tcp=True) == pytest.approx(0.09)
    assert panel(("A", 1)).delay(A, tcp=True) == pytest.approx(0.075)


def test_a_reply_whose_time_is_not_known_is_a_sign_of_life_only() -> None:
    made = panel(("A", 10), *[("A", -80)] * 3)
    assert made.is_dead(A)
    made.replied(A, None, 1.0)
    assert not made.is_dead(A)
    assert made.delay(A) == pytest.approx(0.03)


def test_what_was_measured_long_ago_says_nothing_any_more() -> None:
    made = panel(("A", 400), ("B", 1))
    assert order(made) == "BCA"
    made.replied(A, 0.001, 31.0)
    assert order(made) == "ABC"


def test_who_has_replied_since() -> None:
    made = panel()
    assert not made.has_replied(A, since=-1.0)
    made.replied(A, None, 5.0)
    assert made.has_replied(A, since=4.0)
    assert not made.has_replied(A, since=5.0)


def test_the_budget_is_a_tenth_of_the_questions_and_a_few_to_begin_with() -> None:
    made = panel()
    assert sum(made.spend() for _ in range(100)) == 16
    for _ in range(105):
        made.earn()
    assert sum(made.spend() for _ in range(100)) == 10
    for _ in range(100_000):
        made.earn()
    assert sum(made.spend() for _ in range(100)) == 16


# Other nameservers: those that stay keep their past.


def test_other_nameservers() -> None:
    made = panel(("A", 50), ("B", 1), nameservers=(A, B))
    made.renew((A, B))
    assert order(made) == "BA"
    made.renew((C, A))
    assert order(made) == "CA"
    assert made.delay(A) == pytest.approx(0.15)
    undergo(made, B, 0.01)  # a question that began before
    assert made.delay(B) == 0.075
    made.renew((A, B))
    assert order(made) == "AB"


# Probes.


def due(panel: Panel, *times: float) -> list[str]:
    return ["".join(LETTERS[each] for each in panel.due(time)) for time in times]


def test_who_has_its_place_is_not_probed() -> None:
    assert due(panel(), 0, 10, 1000) == ["", "", ""]
    assert due(panel(("A", 1), ("B", 1), ("B", -80)), 0, 10, 1000) == ["", "", ""]


@pytest.mark.parametrize(
    "experiences", [[("A", -80)] * 3, [("A", 300), ("B", 1)]], ids=["dead", "slow"]
)
def test_who_is_put_back_is_probed_less_and_less_often(experiences: list[Experience]) -> None:
    made = panel(*experiences)
    times = [tenth / 10 for tenth in range(1200)]
    probed = [time for time, who in zip(times, due(made, *times), strict=True) if who]
    assert probed == [1, 3, 7, 15, 31, 61, 91]


def test_after_it_was_well_it_begins_anew() -> None:
    made = panel(*[("A", -80)] * 3)
    assert due(made, 0, 1, 3) == ["", "A", "A"]
    made.replied(A, 0.001, 3.0)
    assert due(made, 10) == [""]
    for _ in range(3):
        made.failed(A)
    assert due(made, 20, 20.9, 21, 23) == ["", "", "A", "A"]


def test_where_all_are_dead_each_is_asked_anyway() -> None:
    made = panel(*[(each, -80) for each in "ABC"] * 3)
    assert due(made, 0, 10, 100) == ["", "", ""]


def test_a_clock_that_begins_elsewhere_ends_no_probing() -> None:
    """Each event loop has a clock of its own."""
    made = panel(*[("A", -80)] * 3)
    assert due(made, 1e6, 5, 5.5, 7) == ["", "A", "", "A"]


# Simulations: what comes of it all. A question each 10 ms, and nobody sleeps.

TIMES: Final = [number / 100 for number in range(1000)]


def quick(seed: int) -> Callable[[float], float | None]:
    """A healthy nameserver: a few milliseconds."""
    dice = random.Random(seed)
    return lambda _now: dice.uniform(0.001, 0.006)


def silent(_now: float) -> float | None:
    return None


def healthy() -> World:
    world = World({A: quick(1), B: quick(2)})
    world.ask(TIMES)
    return world


def test_on_a_healthy_network_the_first_stays_the_first() -> None:
    world = healthy()
    assert world.queries == {A: 1000}
    assert percentile(world.took, 100) < 0.01


@pytest.mark.parametrize("dead", [A, B])
def test_one_of_two_is_dead(dead: Nameserver) -> None:
    """The 99th percentile stays within 100 ms of the healthy case, and so does the first of all."""
    world = World({each: silent if each is dead else quick(3) for each in (A, B)})
    world.ask(TIMES)
    assert len(world.took) == 1000
    assert percentile(world.took, 99) < percentile(healthy().took, 99) + 0.1
    assert percentile(world.took, 100) < 0.1
    assert world.queries[dead] <= 16 + 4
    assert world.probes[dead] <= 4


def test_one_of_two_is_dead_and_nobody_is_asked_early() -> None:
    """Only those wait for the dead one who ask before the first time-out has passed."""
    world = World({A: silent, B: quick(3)}, hedge=False)
    world.ask(TIMES)
    assert percentile(world.took, 100) < 0.52
    assert world.queries[A] <= 51 + 4
    assert world.queries[B] == 1000


def test_one_dies_on_the_way_and_comes_back() -> None:
    """It is noticed at once, and within seconds the first is the first again."""
    steady = quick(4)
    world = World({A: lambda now: None if 2 <= now < 5 else steady(now), B: quick(5)})
    world.ask(TIMES)
    assert percentile(world.took, 99) < 0.1
    assert percentile(world.took, 100) < 0.2
    assert set(world.first[:200]) == {A}
    assert set(world.first[220:500]) == {B}
    assert world.first[-1] is A
    assert sum(world.queries.values()) <= 1000 + 16 + 5


def test_one_is_slow() -> None:
    world = World({A: lambda _now: 0.2, B: quick(6)})
    world.ask(TIMES)
    assert percentile(world.took, 100) < 0.1
    assert world.first.count(A) <= 10
    assert sum(world.queries.values()) <= 1000 + 16 + 5


def test_many_questions_at_once_and_nobody_is_known_yet() -> None:
    """Once it is known who is dead, those who wait for it wait no longer, budget or not."""
    world = World({A: silent, B: quick(7)})
    world.ask([0.0] * 200)
    assert percentile(world.took, 100) < 0.2


def test_one_that_loses_every_hundredth_packet_stays_the_first() -> None:
    dice, steady = random.Random(8), quick(8)
    world = World({A: lambda now: None if dice.random() < 0.01 else steady(now), B: quick(9)})
    world.ask(TIMES)
    assert percentile(world.took, 100) < 0.1
    assert world.first.count(A) > 950


@pytest.mark.parametrize("latency", [silent, lambda _now: 0.6], ids=["silence", "congestion"])
def test_a_general_outage_is_not_made_worse(latency: Callable[[float], float | None]) -> None:
    """No more queries than without hedging, but for the budget; and no earlier end."""
    worlds = [World({A: latency, B: latency, C: latency}, hedge=hedge) for hedge in (False, True)]
    for world in worlds:
        world.ask(TIMES[::10])
    plain, hedging = worlds
    queries = [sum(world.queries.values()) for world in worlds]
    assert queries[1] <= queries[0] + 16 + len(hedging.took) / 10 + sum(hedging.probes.values())
    if latency is silent:
        assert queries == [900, 900]
        assert hedging.took == pytest.approx([10.5] * 100)
        assert plain.took == pytest.approx(hedging.took)


def test_a_packet_that_is_held_up_costs_nobody_its_place() -> None:
    """A resolution asks many questions at once, and all of them are then late together."""
    steady = quick(10)

    def held_up(now: float) -> float | None:
        latency = steady(now)
        return latency if latency is None or not 2 <= now < 2.03 else latency + 2.03 - now

    world = World({A: held_up, B: quick(11)})
    world.ask([time for time in TIMES[::5] for _ in range(8)])
    assert set(world.first) == {A}
    assert world.queries[B] <= 8
