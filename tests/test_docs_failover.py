"""The tables of the page on failover, row by row."""

from __future__ import annotations

import errno
import pkgutil
import ssl
import time
from inspect import signature
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import pytest
from attrs import define, field
from pages import REFERENCE, named, tables

from sipresolve import HealthBook, Place, Resolver, Standing, Transport, is_failure
from sipresolve.backends import ZoneBackend
from sipresolve.failover import failures
from sipresolve.session import session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sipresolve import Attempt

TABLES: Final = tables("failover.md")


# --- What the caller does, and what health hears


@define
class Witness:
    """A health that writes down what it hears."""

    heard: list[str] = field(factory=list)

    def admit(self, _place: Place) -> Standing:
        return Standing()

    def succeeded(self, _place: Place, *, probe: int | None) -> None:
        assert probe is None
        self.heard.append("succeeded()")

    def failed(self, _place: Place, *, probe: int | None, retry_after: float | None) -> None:
        assert probe is None
        self.heard.append(f"failed({retry_after=})")

    def released(self, _place: Place, *, probe: int | None) -> None:
        assert probe is None
        self.heard.append("released()")


LOOP: Final = """
for attempt in attempts:
    made.append(attempt)
    with attempt:
        if len(made) == 1:
            {body}
"""


def what_becomes_of(body: str, error: BaseException | None = None) -> tuple[str, str]:
    """What the loop does after a first attempt with this body, and what health hears of it."""
    zone = ZoneBackend.from_text("two.example. A 192.0.2.1\n A 192.0.2.2")
    health = Witness()
    made: list[Attempt] = []
    with Resolver(zone, health=health) as resolver:
        attempts = resolver.failover("sip:two.example")
        try:
            exec(LOOP.format(body=body), {"attempts": attempts, "made": made, "error": error})  # noqa: S102 - our page
        except BaseException as raised:  # noqa: BLE001 - KeyboardInterrupt is one of them
            is_the_same = error in (None, raised)
            return "comes through" if is_the_same else repr(raised), health.heard[0]
    return "goes on" if len(made) > 1 else "ends", health.heard[0]


@pytest.mark.parametrize("row", TABLES["in the `with`", "the loop", "health hears"])
def test_what_an_attempt_tells(row: list[str]) -> None:
    assert what_becomes_of(single(row[0])) == (row[1], single(row[2]))


EXCEPTIONS: Final = TABLES["exception", "what it says", "leaving the `with`", "health"]
HEARD: Final = {"failure": "failed(retry_after=None)", "nothing": "released()"}


@pytest.mark.parametrize("row", EXCEPTIONS)
def test_what_an_exception_means(row: list[str]) -> None:
    for name in named(row[0]):
        error = exception_of(name)
        assert what_becomes_of("raise error", error) == (row[2], HEARD[row[3]])
        if isinstance(error, OSError):
            assert what_becomes_of("attempt.failed(error)", error) == ("goes on", HEARD[row[3]])


@pytest.mark.parametrize(
    "row", TABLES["parts of the group", "for example", "leaving the `with`", "health"]
)
def test_what_a_group_of_exceptions_means(row: list[str]) -> None:
    first, *others = (exception_of(name) for name in named(row[1]))
    group = BaseExceptionGroup("parts", [first, BaseExceptionGroup("parts of a part", others)])
    assert what_becomes_of("raise error", group) == (row[2], HEARD[row[3]])
    assert what_becomes_of("attempt.failed(error)", group) == ("goes on", HEARD[row[3]])


def test_every_number_that_means_something_else_is_listed() -> None:
    numbers = {getattr(errno, name, None) for row in EXCEPTIONS for name in named(row[0])}
    assert set(failures._MEANINGS) == {
        number for number in numbers if failures._MEANINGS.get(number)
    }


def exception_of(name: str) -> BaseException:
    if hasattr(errno, name):
        return OSError(getattr(errno, name), name)
    error = pkgutil.resolve_name(name if "." in name else f"builtins.{name}")()
    assert isinstance(error, BaseException)
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_code = 20  # one that the module raises has it
    return error


def test_which_responses_are_failures() -> None:
    others = [status for status in range(200, 700) if status != 503]
    outcomes = [
        is_failure(503) and is_failure(503, provisional=True),
        any(is_failure(status) for status in others),
        is_failure(None),
        is_failure(None, provisional=True),
    ]
    rows = TABLES["the transaction ended with", "failure"]
    assert [row[1] for row in rows] == ["yes" if failed else "no" for failed in outcomes]


def test_how_many_hosts_are_looked_up_ahead() -> None:
    page = (REFERENCE / "failover.md").read_text("utf-8")
    words = ("no", "one", "two", "three", "four", "five")
    assert f"the addresses of the next {words[session._LAZY.ahead or 0]} hosts" in page


# --- The states of a place

PLACE: Final = Place(Transport.UDP, ip_address("192.0.2.1"), 5060)


class Watched:
    """A book with one place in it, in a state."""

    def __init__(self, state: str) -> None:
        self.now = 0.0
        self.probe: int | None = None
        self.book = HealthBook(shortest=30, probing=240, clock=lambda: self.now)
        if state != "healthy":
            self.fail()
        if state in {"due", "probed"}:
            self.now = 30
        if state == "probed":
            self.admit()
        if state == "recovered":
            self.book.forget(PLACE)
        assert self.state == state

    @property
    def state(self) -> str:
        if not (penalties := self.book.snapshot()):
            return "recovered" if self.now < self.book._recovered.get(PLACE, 0) else "healthy"
        [penalty] = penalties
        if penalty.remaining:
            return "penalised"
        return "probed" if penalty.probing else "due"

    def admit(self) -> bool:
        standing = self.book.admit(PLACE)
        self.probe = standing.probe or self.probe
        return standing.penalised

    def fail(self, retry_after: float | None = None, *, probe: int | None = None) -> None:
        self.book.failed(PLACE, probe=probe, retry_after=retry_after)

    def succeed(self, *, probe: int | None = None) -> None:
        self.book.succeeded(PLACE, probe=probe)

    def release(self) -> None:
        self.book.released(PLACE, probe=self.probe)

    def wait(self) -> None:
        self.now += 240


EVENTS: Final[Mapping[str, Callable[[Watched], object]]] = {
    "a call comes to a target there": lambda place: place.admit(),
    "an attempt fails": lambda place: place.fail(),
    "an attempt brings a Retry-After": lambda place: place.fail(1000),
    "an attempt succeeds": lambda place: place.succeed(),
    "the probe fails": lambda place: place.fail(probe=place.probe),
    "the probe brings a Retry-After": lambda place: place.fail(1000, probe=place.probe),
    "the probe succeeds": lambda place: place.succeed(probe=place.probe),
    "the probe says nothing of the server": lambda place: place.release(),
    "the time is over": lambda place: place.wait(),
}
STATES: Final = ("healthy", "penalised", "due", "probed", "recovered")
BY_STATE: Final = TABLES["what happens", *(f"`{state}`" for state in STATES)]


def test_every_event_has_its_row() -> None:
    assert [row[0] for row in BY_STATE] == [*EVENTS]


def cells() -> Iterator[object]:
    for what, *row in BY_STATE:
        for state, cell in zip(STATES, row, strict=True):
            yield pytest.param(what, state, cell, id=f"{what}: {state}")


@pytest.mark.parametrize(("what", "state", "cell"), [*cells()])
def test_what_becomes_of_a_place(what: str, state: str, cell: str) -> None:
    place = Watched(state)
    if cell == "none":
        assert place.probe is None  # so there is none that could report
        return
    is_penalised = EVENTS[what](place)
    assert [place.state] == (named(cell) or [state])
    if what.startswith("a call"):
        assert ("at the end" if is_penalised else "in its turn") in cell


def test_a_further_failure_penalises_for_twice_as_long() -> None:
    place = Watched("probed")
    EVENTS["the probe fails"](place)
    [penalty] = place.book.snapshot()
    assert penalty.remaining == 2 * 30


def test_every_setting_of_a_book_is_in_its_table() -> None:
    rows = TABLES["setting", "unit", "default", "meaning"]
    assert {single(row[0]): single(row[2]) for row in rows} == {
        name: "time.monotonic" if each.default is time.monotonic else str(each.default)
        for name, each in signature(HealthBook).parameters.items()
    }


def single(cell: str) -> str:
    [name] = named(cell)
    return name
