"""The course of attempts: which target is next, and what is said when all have failed."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import pytest
from attempts import Source, Told, target
from attrs import define, field
from hypothesis import given
from strategies import Fate, fates

from sipresolve.failover.attempt import Attempt
from sipresolve.failover.course import Course, Found, course
from sipresolve.failover.health import PENALISED, Standing
from sipresolve.vocabulary.errors import (
    AllTargetsFailed,
    BackendFailed,
    DnsTimeout,
    Misuse,
    NoSuchDomain,
    NoTargets,
    SipResolveError,
    TargetFailed,
)
from sipresolve.vocabulary.targets import Target

#: What a caller makes of an attempt.
Make: TypeAlias = Callable[[Attempt], object]


@define
class Walk:
    """Takes a course to its end.

    Attributes:
        found: What the source of targets gives, one after the other, and then no more.
        make: What to do with each attempt.
        health: What is known of servers.
        tried: Where attempts were made.
        error: What the course ended in.
        asked: How many targets were asked for.
    """

    found: Sequence[Found]
    make: Make = Attempt.failed
    health: Told = field(factory=Told)
    tried: list[str] = field(factory=list)
    error: SipResolveError | None = None
    asked: int = 0
    source: Source = field(init=False)

    def go(self) -> Walk:
        self.source = Source([*self.found])
        try:
            for attempt in self._attempts(course(self.source, self.health.claims)):
                self.tried.append(str(attempt.target))
                self.make(attempt)
        except SipResolveError as error:
            self.error = error
        return self

    def _attempts(self, steps: Course) -> Iterator[Attempt]:
        step = next(steps, "the end")
        while not isinstance(step, str):
            if step is None:
                self.asked += 1
                step = steps.send(self.source.take())
            else:
                yield step
                step = next(steps, "the end")

    @property
    def left(self) -> int:
        """How often it was said that no more is wanted."""
        return self.source.left


def targets(*texts: str) -> list[Target]:
    return [target(text) for text in texts]


def places(*texts: str) -> list[str]:
    return [str(each) for each in targets(*texts)]


def by_host(**answers: Exception | None) -> Make:
    """What becomes of the attempts at h1, h2 …: an exception, or success; all others fail."""

    def make(attempt: Attempt) -> None:
        host = attempt.target.host.partition(".")[0]
        outcome = answers.get(host, TimeoutError())
        if outcome is None:
            attempt.succeeded()
        else:
            attempt.failed(outcome)

    return make


ONE, TWO, THREE = "udp 192.0.2.1", "udp 192.0.2.2", "udp 192.0.2.3"


# --- The order ------------------------------------------------------------------------------------


def test_targets_are_tried_in_their_order() -> None:
    """RFC 3263 §4.3: "If a failure occurs, the client SHOULD create a new request" to the next."""
    walk = Walk(targets(THREE, ONE, TWO)).go()
    assert walk.tried == places(THREE, ONE, TWO)
    assert isinstance(walk.error, AllTargetsFailed)
    assert walk.left == 0


def test_the_first_that_works_ends_it() -> None:
    walk = Walk(targets(ONE, TWO, THREE), by_host(h2=None)).go()
    assert walk.tried == places(ONE, TWO)
    assert walk.error is None
    assert walk.asked == 2, "no further target is asked for"
    assert walk.left == 1


def test_a_target_is_asked_for_when_it_is_wanted() -> None:
    steps = course(Source(), Told().claims)
    assert next(steps) is None
    attempt = steps.send(target(ONE))
    assert attempt is not None
    attempt.failed()
    assert next(steps) is None


def test_a_penalised_target_goes_behind_the_healthy_ones_of_every_priority() -> None:
    health = Told({f"{ONE}:5060": PENALISED})
    one, two = target(ONE, priority=1), target(TWO, priority=9)
    walk = Walk([one, two], health=health).go()
    assert walk.tried == places(TWO, ONE)


def test_where_all_are_penalised_they_are_tried_in_order() -> None:
    health = Told(dict.fromkeys(places(ONE, TWO, THREE), PENALISED))
    walk = Walk(targets(ONE, TWO, THREE), health=health).go()
    assert walk.tried == places(ONE, TWO, THREE)
    assert isinstance(walk.error, AllTargetsFailed)
    assert walk.asked == 4, "each is tried after the source has no more"


def test_a_penalised_target_that_works_ends_it() -> None:
    health = Told(dict.fromkeys(places(ONE, TWO), PENALISED))
    walk = Walk(targets(ONE, TWO, THREE), by_host(h1=None), health=health).go()
    assert walk.tried == places(THREE, ONE)
    assert walk.error is None


def test_a_penalty_that_ends_meanwhile_makes_the_last_resort_a_probe() -> None:
    """It is asked for once more when its turn comes, since others may have found out more."""

    class Forgiving(Told):
        def admit(self, place: object) -> Standing:
            self.admitted.append(str(place))
            return PENALISED if len(self.admitted) == 1 else Standing(probe=4)

    health = Forgiving()
    Walk(targets(ONE), health=health).go()
    assert health.admitted == places(ONE, ONE)
    assert health.reports == [("released", f"{ONE}:5060", 4)]


def test_a_probe_is_made_in_its_normal_place_and_reported_once() -> None:
    health = Told({f"{TWO}:5060": Standing(probe=9)})
    walk = Walk(targets(ONE, TWO, THREE), by_host(), health=health).go()
    assert walk.tried == places(ONE, TWO, THREE)
    assert health.reports == [
        ("failed", f"{ONE}:5060", None, None),
        ("failed", f"{TWO}:5060", 9, None),
        ("failed", f"{THREE}:5060", None, None),
    ]


def test_what_happened_at_one_transport_says_nothing_of_another() -> None:
    health = Told({"tcp 192.0.2.1:5060": PENALISED})
    walk = Walk(targets("tcp 192.0.2.1", "udp 192.0.2.1", "udp 192.0.2.1:5070"), health=health).go()
    assert walk.tried == places("udp 192.0.2.1", "udp 192.0.2.1:5070", "tcp 192.0.2.1")


@given(fates)
def test_the_order_by_a_model(drawn: list[Fate]) -> None:
    """Healthy ones in order, then penalised ones, each once, up to the first that works."""
    found = [target(f"udp 192.0.2.{number}") for number in range(1, len(drawn) + 1)]
    fate = {str(each): what for each, what in zip(found, drawn, strict=True)}
    health = Told({place: PENALISED for place, what in fate.items() if what.penalised})

    def make(attempt: Attempt) -> None:
        if fate[str(attempt.target)].works:
            attempt.succeeded()
        else:
            attempt.failed(TimeoutError())

    walk = Walk(found, make, health).go()
    order = sorted(fate, key=lambda place: fate[place].penalised)
    end = next((index for index, place in enumerate(order) if fate[place].works), None)
    assert walk.tried == (order if end is None else order[: end + 1])
    assert walk.left == (0 if end is None else 1)
    assert isinstance(walk.error, AllTargetsFailed if end is None else type(None))


# --- What is too large for UDP --------------------------------------------------------------------

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "connection refused")


def large(*addresses: str) -> list[Target]:
    """TCP, and UDP behind it for where that is refused (RFC 3261 §18.1.1), at each address."""
    return [
        each
        for address in addresses
        for each in (target(f"tcp {address}"), target(f"udp {address}", only_after_refusal=True))
    ]


@pytest.mark.parametrize(
    ("error", "goes_by_udp"),
    [
        (ConnectionRefusedError(), True),
        (OSError(errno.ENOPROTOOPT, "protocol not available"), True),
        (OSError(errno.EPROTONOSUPPORT, "protocol not supported"), True),
        (TimeoutError(), False),
        (OSError(errno.EHOSTUNREACH, "no route to host"), False),
        (ConnectionResetError(), False),
        (ValueError("a failure of another kind"), False),
    ],
)
def test_udp_is_for_where_tcp_is_refused(error: Exception, *, goes_by_udp: bool) -> None:
    """RFC 3261 §18.1.1: a refusal makes it retry by UDP; a time-out proves nothing."""
    walk = Walk(large("192.0.2.1"), by_host(h1=error)).go()
    assert walk.tried == places("tcp 192.0.2.1", *["udp 192.0.2.1"] * goes_by_udp)
    assert isinstance(walk.error, AllTargetsFailed)


def test_a_failure_in_words_is_no_refusal() -> None:
    walk = Walk(large("192.0.2.1"), lambda attempt: attempt.failed("connection refused")).go()
    assert walk.tried == places("tcp 192.0.2.1")


def test_a_refusal_is_for_one_place() -> None:
    walk = Walk(large("192.0.2.1", "192.0.2.2"), by_host(h1=TimeoutError(), h2=REFUSED)).go()
    assert walk.tried == places("tcp 192.0.2.1", "tcp 192.0.2.2", "udp 192.0.2.2")
    other_port = [target("tcp 192.0.2.1:5070"), target(ONE, only_after_refusal=True)]
    assert Walk(other_port, by_host(h1=REFUSED)).go().tried == places("tcp 192.0.2.1:5070")


def test_a_refusal_by_another_transport_says_nothing_of_tcp() -> None:
    found = [target("tls 192.0.2.1:5060"), target(ONE, only_after_refusal=True)]
    assert Walk(found, by_host(h1=REFUSED)).go().tried == places("tls 192.0.2.1:5060")


def test_where_tcp_is_penalised_udp_waits_for_it() -> None:
    """They come at the end, TCP first."""
    health = Told({"tcp 192.0.2.1:5060": PENALISED})
    found = [*large("192.0.2.1"), target("tcp 192.0.2.2")]
    walk = Walk(found, by_host(h1=REFUSED), health).go()
    assert walk.tried == places("tcp 192.0.2.2", "tcp 192.0.2.1", "udp 192.0.2.1")
    silent = Walk(found, by_host(), Told(health.standings)).go()
    assert silent.tried == places("tcp 192.0.2.2", "tcp 192.0.2.1")


def test_where_udp_is_penalised_it_comes_at_the_end() -> None:
    health = Told({"udp 192.0.2.1:5060": PENALISED})
    found = [*large("192.0.2.1"), target("tcp 192.0.2.2")]
    walk = Walk(found, by_host(h1=REFUSED), health).go()
    assert walk.tried == places("tcp 192.0.2.1", "tcp 192.0.2.2", "udp 192.0.2.1")


def test_what_is_not_tried_is_no_probe() -> None:
    """Where UDP is not for this request, its probe is left to one that is."""
    health = Told({"udp 192.0.2.1:5060": Standing(probe=3)})
    Walk(large("192.0.2.1"), by_host(), health).go()
    assert "udp 192.0.2.1:5060" not in health.admitted


# --- When nothing is left -------------------------------------------------------------------------


def failed_of(walk: Walk) -> AllTargetsFailed:
    assert isinstance(walk.error, AllTargetsFailed)
    return walk.error


def test_the_group_has_one_entry_for_each_attempt_in_order() -> None:
    first, second = TimeoutError("timer F"), ConnectionRefusedError(111, "refused")
    outcomes: list[Exception | str] = [first, "503", second]
    walk = Walk(targets(ONE, TWO, THREE), lambda attempt: attempt.failed(outcomes.pop(0))).go()
    error = failed_of(walk)
    assert str(error) == "all 3 targets of sip:example.com failed (3 sub-exceptions)"
    assert error.message == "all 3 targets of sip:example.com failed"
    assert [each for each, _ in error.failures] == targets(ONE, TWO, THREE)
    assert error.exceptions == tuple(what for _, what in error.failures)
    assert error.exceptions[0] is first
    assert error.exceptions[2] is second
    told = error.exceptions[1]
    assert isinstance(told, TargetFailed)
    assert (told.target, told.reason) == (target(TWO), "503")


def test_of_a_single_target() -> None:
    error = failed_of(Walk(targets(ONE)).go())
    assert error.message == "the only target of sip:example.com failed"


def test_a_target_that_was_not_tried_is_not_counted() -> None:
    error = failed_of(Walk(large("192.0.2.1", "192.0.2.2"), by_host()).go())
    assert error.message == "all 2 targets of sip:example.com failed"


def test_the_group_says_where_it_happened() -> None:
    """And no exception of the caller's is written on: several calls may have met it."""
    outcomes: list[Exception | str] = [TimeoutError("timer F"), "503"]
    walk = Walk(targets(ONE, TWO), lambda attempt: attempt.failed(outcomes.pop(0))).go()
    error = failed_of(walk)
    assert error.__notes__ == [
        "1: udp 192.0.2.1:5060 of h1.example.com",
        "2: udp 192.0.2.2:5060 of h2.example.com",
    ]
    assert not any(hasattr(each, "__notes__") for each in error.exceptions)


def test_what_stopped_the_search_is_the_cause() -> None:
    stopped = BackendFailed("the backend failed")
    error = failed_of(Walk([target(ONE), stopped]).go())
    assert error.__cause__ is stopped
    assert failed_of(Walk(targets(ONE)).go()).__cause__ is None


def test_what_was_put_off_is_tried_although_the_search_was_stopped() -> None:
    health = Told({f"{ONE}:5060": PENALISED})
    walk = Walk([target(ONE), DnsTimeout("nobody answered")], health=health).go()
    assert walk.tried == places(ONE)
    assert isinstance(failed_of(walk).__cause__, DnsTimeout)
    works = Walk([target(ONE), DnsTimeout("nobody answered")], by_host(h1=None), health).go()
    assert works.tried == places(ONE)
    assert works.error is None


def test_where_the_dns_gives_nothing_its_error_is_raised() -> None:
    """From the first step, and as it is: `resolve` raises the same."""
    nothing = NoSuchDomain("example.com does not exist")
    walk = Walk([nothing]).go()
    assert walk.error is nothing
    assert walk.tried == []


def test_where_a_number_leads_to_nothing_that_is_located() -> None:
    """`resolve` gives its URIs and no target; failover has nothing to try."""
    walk = Walk([]).go()
    assert isinstance(walk.error, NoTargets)
    assert walk.error.message == (
        "sip:example.com leads to URIs that are not located, and to no server"
    )
    assert not walk.error.from_input


def test_a_misuse_is_no_failure_of_the_dns() -> None:
    """As of a resolver that was closed: what was put off is not tried."""
    closed = Misuse("the resolver is closed")
    health = Told({f"{ONE}:5060": PENALISED})
    walk = Walk([target(ONE), target(TWO), closed], health=health).go()
    assert walk.error is closed
    assert walk.tried == places(TWO)


# --- Misuse ---------------------------------------------------------------------------------------


def test_an_attempt_that_was_left_by_an_exception() -> None:
    def make(attempt: Attempt) -> None:
        with pytest.raises(ValueError, match="boom"), attempt:
            raise ValueError("boom")

    walk = Walk(targets(ONE, TWO), make).go()
    assert isinstance(walk.error, Misuse)
    assert "was left without an outcome: begin anew" in str(walk.error)


def test_an_attempt_that_has_failed_and_was_then_left_by_an_exception() -> None:
    """The search was given up with it: there may be more targets, so they have not all failed."""

    def leave(attempt: Attempt) -> None:
        with attempt:
            attempt.failed("503")
            raise ValueError("boom")

    def make(attempt: Attempt) -> None:
        with pytest.raises(ValueError, match="boom"):
            leave(attempt)

    walk = Walk(targets(ONE, TWO), make).go()
    assert isinstance(walk.error, Misuse)
    assert walk.tried == places(ONE)


def test_a_search_that_was_broken_off() -> None:
    """A step was interrupted while it waited for a target: there may be more."""
    steps = course(Source(), Told().claims)
    assert next(steps) is None
    with pytest.raises(Misuse, match="was given up before its end"):
        next(steps)
