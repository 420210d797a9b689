"""The health of servers across calls (RFC 3261 §21.5.4, RFC 3263 §4.3)."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from strategies import pauses, places, rests

from sipresolve.failover.book import HealthBook, Penalty, PenaltyReason
from sipresolve.failover.health import HEALTHY, PENALISED, Health, Place
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.transports import TCP, UDP

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

PLACE = Place(UDP, ip_address("192.0.2.1"), 5060)
OTHERS = [Place(UDP, ip_address("192.0.2.2"), port) for port in range(1, 6)]


@define
class Clock:
    """A clock that stands until it is set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


# --- Places ---------------------------------------------------------------------------------------


def test_a_penalty_is_for_one_place_alone() -> None:
    book = HealthBook(clock=Clock())
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(Place(UDP, ip_address("192.0.2.1"), 5060)) == PENALISED
    assert book.admit(PLACE._replace(transport=TCP)) == HEALTHY
    assert book.admit(PLACE._replace(port=5061)) == HEALTHY
    assert book.admit(PLACE._replace(address=ip_address("::192.0.2.1"))) == HEALTHY


# --- Scenarios ------------------------------------------------------------------------------------

# Each step begins with the time. "healthy", "penalised" and "probe NAME" are what is said of the
# place. What begins with the name of a probe is what becomes of it; "-" is an attempt that was
# none. A number behind "failed" is the Retry-After. The penalties are of 30, 60, 120 and 120
# seconds, a probe is waited for for 240, and for 32 after it succeeded no failure counts.

HEALTHY_AT_0 = {
    "nothing is known of it": "0 healthy",
    "a success makes no entry": "0 - succeeded; 0 healthy",
    # RFC 3263 §4.3: a transport failure, or a time-out without any response
    "a failure": "0 healthy; 0 - failed; 0 penalised; 29.9 penalised; 30 probe a; 30 penalised",
    # RFC 3261 §21.5.4
    "Retry-After: 120": "0 - failed 120; 0 penalised; 119.9 penalised; 120 probe a; 120 penalised",
    "Retry-After: 86400": "0 - failed 86400; 86399 penalised; 86400 probe a",
    "a 503 without Retry-After counts as a 500": "0 - released; 0 healthy",
    "Retry-After: 0": "0 - failed 0; 0 healthy",
    "less": "0 - failed -1; 0 healthy",
    "no number": "0 - failed nan; 0 healthy",
    "no end": "0 - failed inf; 1e300 penalised",
    "a Retry-After counts as no failure": "0 - failed 9; 9 probe a; 9 a failed; 39 probe b",
}

PENALISED_FROM_0_TO_30 = {
    "failures add nothing": "10 - failed; 29 - failed; 30 probe a",
    "not even when it is over": "30 - failed; 59 - failed; 60 probe a; 60 penalised",
    "and do not count": "10 - failed; 30 probe a; 30 a failed; 90 probe b",
    "a Retry-After that reaches further": "20 - failed 60; 79 penalised; 80 probe a",
    "a Retry-After that does not": "20 - failed 5; 29 penalised; 30 probe a",
    "the one that reaches furthest": "9 - failed 91; 10 - failed 20; 99 penalised; 100 probe a",
    "a failure while a Retry-After runs": "20 - failed 60; 40 - failed; 80 probe a",
    "a Retry-After that nobody heeds": "20 - failed 0; 20 penalised; 30 probe a",
    "a success clears nothing": "10 - succeeded; 10 penalised; 29.9 penalised; 30 probe a",
    "a release clears nothing": "10 - released; 10 penalised; 29.9 penalised; 30 probe a",
    # It has run out, and no probe is out.
    "late: a success": "31 - succeeded; 31 probe a",
    "late: a failure": "40 - failed; 40 probe a; 40 a failed; 99 penalised; 100 probe b",
    "late: Retry-After": "40 - failed 5; 44 penalised; 45 probe a; 45 a failed; 105 probe b",
}

PROBED_FROM_30 = {
    "one attempt at a time": "30 penalised; 31 penalised; 200 penalised; 269.9 penalised",
    "its success clears": "31 a succeeded; 31 healthy",
    "and all is forgotten": "31 a succeeded; 63 - failed; 92 penalised; 93 probe b",
    "its failure doubles": "31 a failed; 31 penalised; 90 penalised; 91 probe b",
    "up to the longest": "30 a failed; 90 probe b; 90 b failed; 209 penalised; 210 probe c;"
    "210 c failed; 329 penalised; 330 probe d",
    "its Retry-After": "31 a failed 5; 35 penalised; 36 probe b",
    "which counts as no failure": "31 a failed 5; 36 probe b; 36 b failed; 95 penalised",
    "its Retry-After: 0": "31 a failed 0; 31 probe b; 31 penalised",
    "its release": "31 a released; 31 probe b; 31 penalised",
    "it fails twice": "31 a failed; 32 a failed; 90 penalised; 91 probe b",
    "it fails, and succeeds": "31 a failed; 32 a succeeded; 32 penalised",
    # Its caller is lost, or late.
    "another follows": "269.9 penalised; 270 probe b; 270 penalised; 509.9 penalised; 510 probe c",
    "late: success": "300 a succeeded; 300 healthy",
    "late: failure": "300 a failed; 359 penalised; 360 probe b",
    "late: release": "300 a released; 300 probe b",
    "replaced: success": "270 probe b; 271 a succeeded; 271 penalised",
    "replaced: failure": "270 probe b; 271 a failed; 272 b succeeded; 272 healthy",
    "replaced: release": "270 probe b; 271 a released; 271 penalised",
    "late: success, after a failure of another": "270 - failed; 271 a succeeded; 271 healthy",
    "too late, after Retry-After": "270 - failed 9; 271 a succeeded; 271 penalised; 279 probe b",
    # What others say meanwhile
    "a success": "31 - succeeded; 31 penalised; 32 a failed; 92 probe b",
    "a failure, and it succeeds": "31 - failed; 31 penalised; 32 a succeeded; 32 healthy",
    "a failure, and it fails": "31 - failed; 32 a failed; 91 penalised; 92 probe b",
    "Retry-After": "31 - failed 300; 271 penalised; 330 penalised; 331 probe b",
    "Retry-After, and it succeeds": "31 - failed 300; 32 a succeeded; 32 healthy",
    "Retry-After, and its release": "31 - failed 5; 32 a released; 35 penalised; 36 probe b",
    "Retry-After, and it fails": "31 - failed 300; 32 a failed; 330 penalised; 331 probe b",
    "which counts": "31 - failed 69; 32 a failed; 100 probe b; 100 b failed; 219 penalised",
    "Retry-After, and a shorter one": "31 - failed 300; 32 a failed 9; 330 penalised; 331 probe b",
}

# RFC 3261 §17.1: by Timers B and F an attempt ends 32 seconds after it began.
RECOVERED_AT_40 = {
    "it is healthy": "40 healthy; 71 healthy; 72 healthy; 1e9 healthy",
    "failures add nothing": "41 - failed; 71.9 - failed; 71.9 healthy; 72 healthy",
    "then they count": "72 - failed; 101 penalised; 102 probe b",
    "however many there were": "41 - failed; 42 - failed; 72 - failed; 102 probe b; 102 b failed;"
    "161 penalised; 162 probe c",
    "its probe fails too": "41 a failed; 41 healthy; 72 a failed; 101 penalised; 102 probe b",
    "its probe succeeds again": "60 a succeeded; 71.9 - failed; 72 - failed; 72 penalised",
    "a success, a release": "41 - succeeded; 41 - released; 41 - failed; 41 healthy",
    "Retry-After": "41 - failed 5; 45 penalised; 46 probe b; 46 penalised",
    "Retry-After: 0": "41 - failed 0; 41 healthy; 41 - failed; 41 healthy",
    "Retry-After ends it": "41 - failed 5; 42 - failed; 46 probe b; 46 b failed; 75 penalised",
    "it recovers once more": "41 - failed 5; 60 probe b; 60 b succeeded; 91 - failed; 91 healthy;"
    "92 - failed; 92 penalised",
}

SCENARIOS = {
    **HEALTHY_AT_0,
    **{f"penalised: {why}": f"0 - failed; {how}" for why, how in PENALISED_FROM_0_TO_30.items()},
    **{f"probed: {why}": f"0 - failed; 30 probe a; {how}" for why, how in PROBED_FROM_30.items()},
    **{
        f"recovered: {why}": f"0 - failed; 39 probe a; 40 a succeeded; {how}"
        for why, how in RECOVERED_AT_40.items()
    },
}


@pytest.mark.parametrize("steps", SCENARIOS.values(), ids=SCENARIOS)
def test_what_becomes_of_a_place(steps: str) -> None:
    clock = Clock()
    book = HealthBook(shortest=30.0, longest=120.0, probing=240.0, clock=clock)
    numbers: dict[str, int | None] = {"-": None}
    for step in steps.split(";"):
        when, *words = step.split()
        clock.now = float(when)
        take(book, words, numbers)


def take(book: HealthBook, words: list[str], numbers: dict[str, int | None]) -> None:
    match words:
        case ["healthy"]:
            assert book.admit(PLACE) == HEALTHY
        case ["penalised"]:
            assert book.admit(PLACE) == PENALISED
        case ["probe", name]:
            number = book.admit(PLACE).probe
            assert number not in numbers.values(), "it is a number, and a new one"
            numbers[name] = number
        case [name, "failed", *after]:
            retry_after = float(after[0]) if after else None
            book.failed(PLACE, probe=numbers[name], retry_after=retry_after)
        case [name, outcome]:
            getattr(book, outcome)(PLACE, probe=numbers[name])


def test_what_calls_of_before_say_does_not_hurt_a_server_that_is_back() -> None:
    """One call a second, each of which gives up after 32 seconds; the server is away until 40."""
    clock = Clock()
    book = HealthBook(clock=clock)
    late: dict[int, int | None] = {}
    served: list[int] = []
    for second in range(200):
        clock.now = float(second)
        if second - 32 in late:
            book.failed(PLACE, probe=late.pop(second - 32), retry_after=None)
        standing = book.admit(PLACE)
        if second >= 40:
            book.succeeded(PLACE, probe=standing.probe)
            if not standing.penalised:
                served.append(second)
        else:  # Those of before the penalty, and those that find no other server either
            late[second] = standing.probe
    assert served == list(range(62, 200)), "from the probe on, every call"
    assert book.snapshot() == ()


def test_a_server_that_dies_again_is_found_out_by_the_calls_that_began_then() -> None:
    clock = Clock()
    book = HealthBook(clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)
    clock.now = 30.0
    book.succeeded(PLACE, probe=book.admit(PLACE).probe)
    for clock.now in (31.0, 45.0, 61.9):
        book.failed(PLACE, probe=None, retry_after=None)  # refused at once
        assert book.admit(PLACE) == HEALTHY
    clock.now = 31.0 + 32.0
    book.failed(PLACE, probe=None, retry_after=None)
    [penalty] = book.snapshot()
    assert (penalty.remaining, penalty.failures) == (30.0, 1)


def test_without_grace_every_failure_counts() -> None:
    book = HealthBook(grace=0, clock=Clock())
    for _ in range(2):
        book.failed(PLACE, probe=None, retry_after=None)
        assert book.admit(PLACE) == PENALISED
        book.forget(PLACE)
        assert book.admit(PLACE) == HEALTHY


def test_a_retry_after_of_any_number_of_digits_is_one() -> None:
    """RFC 3261 §25: delta-seconds is any number of digits."""
    book = HealthBook(clock=Clock(1e6))
    book.failed(PLACE, probe=None, retry_after=10**400)
    assert book.admit(PLACE) == PENALISED


def test_penalties_of_any_number_of_failures_have_a_longest() -> None:
    clock = Clock()
    book = HealthBook(shortest=1.0, longest=1e300, clock=clock)
    for _ in range(1100):
        book.failed(PLACE, probe=book.admit(PLACE).probe, retry_after=None)
        clock.now += book.snapshot()[0].remaining
    assert book.snapshot()[0].failures == 1100


# --- What an operator sees and does ---------------------------------------------------------------


def test_a_snapshot_says_what_is_remembered() -> None:
    clock = Clock(100.0)
    book = HealthBook(clock=clock)
    assert book.snapshot() == ()
    failed, resting = OTHERS[:2]
    book.failed(failed, probe=None, retry_after=None)
    book.failed(resting, probe=None, retry_after=120)
    clock.now += 10.0
    fields: dict[str, Any] = {"probing": False, "place": failed, "reason": "failure", "failures": 1}
    rest = Penalty(
        place=resting, reason=PenaltyReason.RETRY_AFTER, failures=0, remaining=110.0, probing=False
    )
    assert book.snapshot() == (Penalty(**fields, remaining=20.0), rest)
    clock.now += 30.0
    assert book.snapshot()[0] == Penalty(**fields, remaining=0.0), "it waits for its probe"
    book.admit(failed)
    assert book.snapshot()[0] == Penalty(**fields | {"probing": True}, remaining=0.0)
    clock.now += 240.0
    assert book.snapshot()[0] == Penalty(**fields, remaining=0.0), "its probe was lost"


def test_a_snapshot_says_why_a_penalty_ends_when_it_does() -> None:
    book = HealthBook(clock=Clock())
    book.failed(PLACE, probe=None, retry_after=None)
    for retry_after, reason in ((29.0, PenaltyReason.FAILURE), (31.0, PenaltyReason.RETRY_AFTER)):
        book.failed(PLACE, probe=None, retry_after=retry_after)
        assert book.snapshot()[0].reason is reason
        assert book.snapshot()[0].failures == 1


def test_what_an_operator_forgets_is_healthy() -> None:
    book = HealthBook(clock=Clock())
    for place in OTHERS:
        book.failed(place, probe=None, retry_after=None)
    book.forget(PLACE)
    book.forget(OTHERS[0])
    assert [penalty.place for penalty in book.snapshot()] == OTHERS[1:]
    assert book.admit(OTHERS[0]) == HEALTHY
    book.clear()
    assert book.snapshot() == ()
    assert book.admit(OTHERS[1]) == HEALTHY


@pytest.mark.parametrize("operator", [lambda book: book.forget(PLACE), HealthBook.clear])
def test_no_call_of_before_undoes_what_an_operator_says(
    operator: Callable[[HealthBook], None],
) -> None:
    clock = Clock()
    book = HealthBook(clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)
    operator(book)
    clock.now = 31.9
    operator(book)  # as it is healthy already, this changes nothing
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(PLACE) == HEALTHY
    clock.now = 32.0
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(PLACE) == PENALISED
    operator(book)
    book.failed(PLACE, probe=None, retry_after=5)
    assert book.admit(PLACE) == PENALISED


@pytest.mark.parametrize("operator", [lambda book: book.forget(PLACE), HealthBook.clear])
def test_of_a_healthy_place_there_is_nothing_to_forget(
    operator: Callable[[HealthBook], None],
) -> None:
    book = HealthBook(clock=Clock())
    operator(book)
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(PLACE) == PENALISED


@pytest.mark.parametrize("outcome", ["succeeded", "released"])
def test_the_probe_of_a_place_that_was_forgotten_says_nothing(outcome: str) -> None:
    clock = Clock()
    book = HealthBook(clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)
    clock.now = 30.0
    probe = book.admit(PLACE).probe
    book.forget(PLACE)
    getattr(book, outcome)(PLACE, probe=probe)
    assert book.admit(PLACE) == HEALTHY
    clock.now = 62.0
    book.failed(PLACE, probe=None, retry_after=None)
    getattr(book, outcome)(PLACE, probe=probe)
    assert book.admit(PLACE) == PENALISED


def test_beyond_its_size_it_forgets_what_was_penalised_longest_ago() -> None:
    clock = Clock()
    book = HealthBook(size=3, clock=clock)
    first, second, third, fourth, fifth = OTHERS
    for place in (first, second, third):
        book.failed(place, probe=None, retry_after=None)
    book.failed(second, probe=None, retry_after=None)  # adds nothing
    clock.now = 30.0
    book.failed(first, probe=book.admit(first).probe, retry_after=None)
    book.admit(second)
    assert [penalty.place for penalty in book.snapshot()] == [second, third, first]
    book.failed(fourth, probe=None, retry_after=None)
    assert [penalty.place for penalty in book.snapshot()] == [third, first, fourth]
    assert book.admit(second) == HEALTHY
    book.failed(third, probe=None, retry_after=600)
    book.failed(fifth, probe=None, retry_after=None)
    assert [penalty.place for penalty in book.snapshot()] == [fourth, third, fifth]


def test_beyond_its_size_it_forgets_who_has_recovered_first() -> None:
    book = HealthBook(size=3, clock=Clock())
    first, second, third, fourth, fifth = OTHERS
    for place in (first, second, third):
        book.failed(place, probe=None, retry_after=None)
    book.forget(third)
    book.forget(second)
    book.failed(fourth, probe=None, retry_after=None)
    assert [penalty.place for penalty in book.snapshot()] == [first, fourth]
    book.failed(second, probe=None, retry_after=None)  # it is remembered that it has recovered
    assert [penalty.place for penalty in book.snapshot()] == [first, fourth]
    book.failed(second, probe=None, retry_after=5)  # which takes no more room than that
    assert [penalty.place for penalty in book.snapshot()] == [first, fourth, second]
    book.forget(fourth)
    book.failed(fifth, probe=None, retry_after=None)
    book.failed(fourth, probe=None, retry_after=None)  # it is not, and room is needed once more
    assert [penalty.place for penalty in book.snapshot()] == [second, fifth, fourth]


# --- Settings -------------------------------------------------------------------------------------


def test_what_it_does_unless_told_otherwise() -> None:
    book = HealthBook()
    assert isinstance(book, Health)
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(PLACE) is PENALISED
    assert 29.0 < book.snapshot()[0].remaining <= 30.0
    assert book.admit(OTHERS[0]) is HEALTHY


@pytest.mark.parametrize("name", ["shortest", "longest", "probing"])
@pytest.mark.parametrize(
    "value", [0, -1.0, float("inf"), float("nan"), 10**400, True, "30", None], ids=str
)
def test_times_are_finite_and_above_0(name: str, value: Any) -> None:
    with pytest.raises(Misuse, match=f"{name} must be a finite number above 0, not {value!r}"):
        HealthBook(**{name: value})


@pytest.mark.parametrize(
    "value", [-1, -0.5, float("inf"), float("nan"), 10**400, True, "32", None], ids=str
)
def test_grace_is_finite_and_not_below_0(value: Any) -> None:
    HealthBook(grace=0)
    HealthBook(grace=0.0)
    with pytest.raises(Misuse, match=f"grace must be a finite number of 0 or more, not {value!r}"):
        HealthBook(grace=value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"size": 0}, "size must be a whole number above 0, not 0"),
        ({"size": -1}, "size must be a whole number above 0, not -1"),
        ({"size": 10.0}, "size must be a whole number above 0, not 10.0"),
        ({"size": True}, "size must be a whole number above 0, not True"),
        ({"longest": 29}, "longest must be 30.0 or more, not 29"),
        ({"shortest": 1801}, "longest must be 1801 or more, not 1800.0"),
        ({"clock": 0.0}, "clock must be a function, not 0.0"),
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_misuse(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        HealthBook(**settings)


def test_penalties_may_all_be_of_one_length() -> None:
    clock = Clock()
    book = HealthBook(shortest=10, longest=10, size=1, clock=clock)
    for clock.now in (0.0, 10.0, 20.0):
        book.failed(PLACE, probe=book.admit(PLACE).probe, retry_after=None)
        assert book.snapshot()[0].remaining == 10.0


# --- Many at once ---------------------------------------------------------------------------------


class Lingering(float):
    """A time that lets other threads go first while it is compared with another."""

    def __ge__(self, other: float) -> bool:
        time.sleep(1e-5)
        return float(self) >= other


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """What each of some calls gives, each in a thread of its own."""
    start = threading.Barrier(len(calls))

    def wait_and_call(call: Callable[[], Result]) -> Result:
        start.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and_call, calls))


def test_of_many_threads_one_gets_the_probe() -> None:
    clock = Clock()
    book = HealthBook(shortest=1.0, longest=1.0, clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)
    for clock.now in map(Lingering, range(1, 11)):
        standings = at_once(*[lambda: book.admit(PLACE)] * 16)
        assert standings.count(PENALISED) == 15
        (probe,) = (standing.probe for standing in standings if standing != PENALISED)
        book.failed(PLACE, probe=probe, retry_after=None)


def test_at_the_end_of_a_penalty_no_failure_gets_in_before_the_probe() -> None:
    clock = Clock()
    book = HealthBook(shortest=1.0, longest=1.0, probing=1.0, clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)

    def admit() -> int | None:
        return book.admit(PLACE).probe

    def fail() -> None:
        book.failed(PLACE, probe=None, retry_after=None)

    for clock.now in map(Lingering, range(1, 11)):
        [_] = [probe for probe in at_once(*[admit, fail] * 8) if probe is not None]
        [penalty] = book.snapshot()
        assert penalty.failures == 1


def in_threads(work: Callable[[], None]) -> None:
    """Do something in four threads at once that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for call in [pool.submit(work) for _ in range(4)]:
                call.result()
    finally:
        sys.setswitchinterval(interval)


def test_of_the_attempts_of_many_threads_one_at_a_time_is_a_probe() -> None:
    book = HealthBook(shortest=1e-9, longest=1e-9)
    out: set[Place] = set()
    numbers: list[int] = []

    def attempt_each() -> None:
        for place in OTHERS * 100:
            probe = book.admit(place).probe
            if probe is not None:
                assert place not in out
                out.add(place)
                numbers.append(probe)
                out.remove(place)
            book.failed(place, probe=probe, retry_after=None)

    in_threads(attempt_each)
    assert len(set(numbers)) == len(numbers) > 0


def test_many_threads_keep_to_the_size() -> None:
    book = HealthBook(shortest=1e-9, longest=1e-9, size=3)

    def attempt_each() -> None:
        for place in OTHERS * 100:
            book.failed(place, probe=book.admit(place).probe, retry_after=None)
            book.succeeded(place, probe=book.admit(place).probe)
            assert len(book.snapshot()) <= 3

    in_threads(attempt_each)


def test_what_is_forgotten_while_its_standing_is_asked_for_is_healthy() -> None:
    """Also: whoever holds the lock may come back for it."""

    def now() -> float:
        book.forget(PLACE)
        return 0.0

    book = HealthBook(clock=now)
    book.failed(PLACE, probe=None, retry_after=None)
    assert book.admit(PLACE) == HEALTHY


def test_a_finaliser_that_reports_does_not_wait_for_its_own_thread() -> None:
    """The garbage collector may run one at any time; here, whenever a book looks at its clock."""

    class Lost:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            book.failed(OTHERS[0], probe=None, retry_after=None)

    def now() -> float:
        Lost()
        gc.collect()
        return 0.0

    book = HealthBook(clock=now)
    caller = threading.Thread(
        target=book.failed, args=(PLACE,), kwargs={"probe": None, "retry_after": None}, daemon=True
    )
    caller.start()
    caller.join(30)
    assert not caller.is_alive()
    assert {penalty.place for penalty in book.snapshot()} == {PLACE, OTHERS[0]}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_of_a_fork_has_a_copy_of_its_own() -> None:
    """Also where a thread that is left behind in the parent is in the middle of a method."""
    clock = Clock()
    book = HealthBook(clock=clock)
    book.failed(PLACE, probe=None, retry_after=None)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with book._lock():
            held.set()
            let_go.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(60)
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # and what hangs is killed
        clock.now = 30.0
        probe = book.admit(PLACE).probe
        book.failed(OTHERS[0], probe=None, retry_after=None)
        book.released(PLACE, probe=probe)
        book.succeeded(PLACE, probe=book.admit(PLACE).probe)
        os._exit(0 if [penalty.place for penalty in book.snapshot()] == OTHERS[:1] else 1)
    _, status = os.waitpid(child, 0)
    let_go.set()
    holder.join()
    assert os.waitstatus_to_exitcode(status) == 0
    assert [penalty.place for penalty in book.snapshot()] == [PLACE]


# --- Anything that can happen, beside a model -----------------------------------------------------

SHORTEST, LONGEST, PROBING, GRACE, SIZE = 10.0, 45.0, 25.0, 20.0, 3


@define
class Entry:
    """What the model knows of a place."""

    place: Place
    reason: str
    failures: int
    until: float
    probe: int | None = None
    probed_at: float = 0.0


class Model:
    """The book as a list of entries, each rule by itself."""

    def __init__(self) -> None:
        self.now = 0.0
        self.entries: list[Entry] = []
        self.recoveries: list[tuple[Place, float]] = []

    def entry(self, place: Place) -> Entry | None:
        for entry in self.entries:
            if entry.place == place:
                return entry
        return None

    def probe_is_out(self, entry: Entry) -> bool:
        return entry.probe is not None and self.now < entry.probed_at + PROBING

    def standing(self, place: Place) -> str:
        entry = self.entry(place)
        if entry is None:
            return "healthy"
        if self.now < entry.until or self.probe_is_out(entry):
            return "penalised"
        return "probe"

    def probed(self, place: Place, number: int) -> None:
        entry = self.entry(place)
        assert entry is not None
        entry.probe = number
        entry.probed_at = self.now

    def succeeded(self, place: Place, probe: int | None) -> None:
        entry = self.entry(place)
        if entry is not None and probe is not None and entry.probe == probe:
            self.recover(entry)

    def forget(self, place: Place) -> None:
        entry = self.entry(place)
        if entry is not None:
            self.recover(entry)

    def recover(self, entry: Entry) -> None:
        self.entries.remove(entry)
        self.recoveries.append((entry.place, self.now))

    def has_just_recovered(self, place: Place) -> bool:
        return any(
            place == recovered and self.now - when < GRACE for recovered, when in self.recoveries
        )

    def released(self, place: Place, probe: int | None) -> None:
        entry = self.entry(place)
        if entry is not None and probe is not None and entry.probe == probe:
            entry.probe = None

    def failed(self, place: Place, probe: int | None) -> None:
        entry = self.entry(place)
        if entry is None:
            if not self.has_just_recovered(place):
                self.add(Entry(place, "failure", 1, self.now + SHORTEST))
        elif probe is not None and entry.probe == probe:
            self.back_off(entry)

    def ends_the_wait(self, entry: Entry, probe: int | None) -> bool:
        if probe is not None and entry.probe == probe:
            return True
        return self.now >= entry.until and not self.probe_is_out(entry)

    def back_off(self, entry: Entry) -> None:
        entry.probe = None
        entry.failures += 1
        until = self.now + min(SHORTEST * 2 ** (entry.failures - 1), LONGEST)
        if until > entry.until:
            entry.until = until
            entry.reason = "failure"
        self.to_the_end(entry)

    def rested(self, place: Place, probe: int | None, seconds: float) -> None:
        if seconds <= 0:
            self.released(place, probe)
            return
        entry = self.entry(place)
        if entry is None:
            self.add(Entry(place, "retry-after", 0, self.now + seconds))
            return
        heeded = self.now + seconds > entry.until
        if self.ends_the_wait(entry, probe):
            entry.probe = None
            heeded = True
        if self.now + seconds > entry.until:
            entry.until = self.now + seconds
            entry.reason = "retry-after"
        if heeded:
            self.to_the_end(entry)

    def add(self, entry: Entry) -> None:
        self.recoveries = [each for each in self.recoveries if each[0] != entry.place]
        self.entries.append(entry)
        if len(self.recoveries) + len(self.entries) > SIZE:
            del (self.recoveries or self.entries)[0]

    def to_the_end(self, entry: Entry) -> None:
        self.entries.remove(entry)
        self.entries.append(entry)


@define
class Attempt:
    """An attempt on its way, or one that has reported, and may once more."""

    place: Place
    probe: int | None


@define
class Probe:
    """The latest probe of a place."""

    number: int
    begun: float
    reported: float | None = None
    not_before: float = 0.0


any_attempt = st.integers(0, 1000)


class Books(RuleBasedStateMachine):
    """Attempts at a few places begin, end in any way or never, and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.model = Model()
        self.book = HealthBook(
            shortest=SHORTEST,
            longest=LONGEST,
            probing=PROBING,
            grace=GRACE,
            size=SIZE,
            clock=self.clock,
        )
        self.attempts: list[Attempt] = []
        self.probes: dict[Place, Probe] = {}
        self.numbers: set[int] = set()

    @rule(place=places())
    def begin(self, place: Place) -> None:
        expected = self.model.standing(place)
        standing = self.book.admit(place)
        if expected == "probe":
            assert not standing.penalised
            assert standing.probe is not None
            self.model.probed(place, standing.probe)
            self.check_probe(place, standing.probe)
        else:
            assert standing is {"healthy": HEALTHY, "penalised": PENALISED}[expected]
        self.attempts.append(Attempt(place, standing.probe))

    def check_probe(self, place: Place, number: int) -> None:
        """No two at once, unless the first was lost; at most one per back-off."""
        assert number not in self.numbers
        self.numbers.add(number)
        if (before := self.probes.get(place)) is not None:
            is_lost = self.clock.now - before.begun >= PROBING
            assert is_lost or before.reported is not None
            assert self.clock.now >= before.not_before
        self.probes[place] = Probe(number, self.clock.now)

    def note_report(self, attempt: Attempt, penalty: float) -> None:
        probe = self.probes.get(attempt.place)
        if probe is not None and probe.number == attempt.probe and probe.reported is None:
            probe.reported = self.clock.now
            probe.not_before = self.clock.now + penalty

    @precondition(lambda self: self.attempts)
    @rule(which=any_attempt)
    def succeed(self, which: int) -> None:
        attempt = self.attempts[which % len(self.attempts)]
        self.note_report(attempt, 0.0)
        self.book.succeeded(attempt.place, probe=attempt.probe)
        self.model.succeeded(attempt.place, attempt.probe)

    @precondition(lambda self: self.attempts)
    @rule(which=any_attempt)
    def fail(self, which: int) -> None:
        attempt = self.attempts[which % len(self.attempts)]
        self.note_report(attempt, SHORTEST)
        self.book.failed(attempt.place, probe=attempt.probe, retry_after=None)
        self.model.failed(attempt.place, attempt.probe)

    @precondition(lambda self: self.attempts)
    @rule(which=any_attempt, seconds=rests)
    def ask_for_a_rest(self, which: int, seconds: float) -> None:
        attempt = self.attempts[which % len(self.attempts)]
        self.note_report(attempt, seconds)
        self.book.failed(attempt.place, probe=attempt.probe, retry_after=seconds)
        self.model.rested(attempt.place, attempt.probe, seconds)

    @precondition(lambda self: self.attempts)
    @rule(which=any_attempt)
    def release(self, which: int) -> None:
        attempt = self.attempts[which % len(self.attempts)]
        self.note_report(attempt, 0.0)
        self.book.released(attempt.place, probe=attempt.probe)
        self.model.released(attempt.place, attempt.probe)

    @precondition(lambda self: self.attempts)
    @rule(which=any_attempt)
    def lose(self, which: int) -> None:
        del self.attempts[which % len(self.attempts)]

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.model.now += seconds

    @rule(place=places())
    def forget(self, place: Place) -> None:
        self.book.forget(place)
        self.model.forget(place)

    @rule()
    def clear(self) -> None:
        self.book.clear()
        for entry in [*self.model.entries]:
            self.model.recover(entry)

    @invariant()
    def the_snapshot_is_what_the_model_knows(self) -> None:
        assert self.book.snapshot() == tuple(
            Penalty(
                place=entry.place,
                reason=PenaltyReason(entry.reason),
                failures=entry.failures,
                remaining=max(0.0, entry.until - self.model.now),
                probing=self.model.probe_is_out(entry),
            )
            for entry in self.model.entries
        )

    @invariant()
    def what_is_forgotten_begins_anew(self) -> None:
        remembered = {penalty.place for penalty in self.book.snapshot()}
        for place in self.probes.keys() - remembered:
            del self.probes[place]


TestAnythingThatCanHappen = Books.TestCase
