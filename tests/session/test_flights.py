"""The questions in flight: who waits for which, what is started, and what is kept for the cache."""

from __future__ import annotations

from random import Random

import pytest
from simulation import question

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.session.flights import Flights
from sipresolve.session.run import Run
from sipresolve.session.session import Session
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.uri import SipUri

ASKED = question("example.com A")
OTHER = question("other.example A")
IPV4 = Policy(families=("ipv4",))


def waiting_run() -> Run:
    """A run that has asked for one address."""
    uri = SipUri.parse("sip:example.com:5060")
    run = Session(IPV4).locate(uri, IPV4, rng=Random(1), sources=NO_SOURCES, now=0.0)
    run.advance(0.0)
    assert [*run.questions] == [ASKED]
    return run


def launched(*runs: Run) -> Flights:
    """One question was started, and these wait for it."""
    flights = Flights()
    flights.launch(ASKED, "a", 0.0).runs.update(runs)
    assert flights.take() == (ASKED,)
    return flights


def test_a_question_is_started_once_and_in_order() -> None:
    flights = Flights()
    flights.launch(OTHER, None, 0.0)
    flights.launch(ASKED, None, 0.0)
    assert len(flights) == 2
    assert flights.take() == (OTHER, ASKED)
    assert flights.take() == ()


def test_what_somebody_waits_for_is_joined() -> None:
    flights = launched(waiting_run())
    assert flights.to_join(ASKED, "a", 0.0) is flights.get(ASKED) is not None
    assert flights.to_join(OTHER, "a", 0.0) is flights.get(OTHER) is None


def test_what_goes_to_other_nameservers_is_not_joined() -> None:
    assert launched(waiting_run()).to_join(ASKED, "b", 0.0) is None


def test_what_is_in_flight_for_nobody_is_joined_only_where_it_is_kept() -> None:
    """It may have been lost with whoever asked."""
    flights = launched()
    assert flights.to_join(ASKED, "a", 0.0) is None
    flights.keep(ASKED)
    assert flights.to_join(ASKED, "a", 0.0) is not None


def test_who_waits_for_other_nameservers_waits_for_these_now() -> None:
    run = waiting_run()
    flights = launched(run)
    flight = flights.launch(ASKED, "b", 5.0)
    assert (flight.runs, flight.view, flight.since, flight.is_again) == ({run}, "b", 5.0, True)
    assert flights.take() == (ASKED,)
    assert len(flights) == 1


def test_what_was_not_started_yet_is_not_asked_again() -> None:
    """There is nobody to be told to stop."""
    flights = Flights()
    flights.launch(ASKED, "a", 0.0)
    assert not flights.launch(ASKED, "b", 0.0).is_again
    assert flights.take() == (ASKED,)


def test_what_has_landed_is_gone_from_everywhere() -> None:
    flights = Flights()
    flight = flights.launch(ASKED, None, 0.0)
    flights.keep(ASKED)
    assert flights.land(ASKED) is flight
    assert flights.land(ASKED) is None
    assert flights.take() == ()
    assert flights.overdue(1e9) == ()
    assert not flights


def test_only_what_is_in_flight_is_kept() -> None:
    flights = Flights()
    flights.keep(ASKED)
    assert flights.overdue(1e9) == ()


def test_the_last_who_leaves_gives_a_question_back() -> None:
    first, last = waiting_run(), waiting_run()
    flights = launched(first, last)
    assert flights.leave(first) == ()
    assert flights.leave(last) == (ASKED,)
    assert flights.leave(last) == (), "once"
    flights.land(ASKED)
    assert flights.leave(last) == ()


def test_what_is_kept_is_not_given_back() -> None:
    run = waiting_run()
    flights = launched(run)
    flights.keep(ASKED)
    assert flights.leave(run) == ()
    assert flights.get(ASKED) is not None


def test_what_was_not_started_yet_is_forgotten_with_the_last_who_leaves() -> None:
    run = waiting_run()
    flights = Flights()
    flights.launch(ASKED, None, 0.0).runs.add(run)
    assert flights.leave(run) == ()
    assert not flights
    assert flights.take() == ()


def test_what_is_kept_is_overdue_after_thirty_seconds() -> None:
    flights = launched()
    flights.keep(ASKED)
    assert flights.overdue(29.9) == ()
    assert flights.overdue(30.0) == (ASKED,)


def test_what_somebody_waits_for_is_not_overdue() -> None:
    flights = launched(waiting_run())
    flights.keep(ASKED)
    assert flights.overdue(1e9) == ()


def test_what_could_not_be_given_up_is_overdue_as_well() -> None:
    """Else a backend that cannot cancel, and never answers, takes the room for ever."""
    run = waiting_run()
    flights = launched(run)
    assert flights.leave(run) == (ASKED,)
    assert flights.overdue(29.9) == ()
    assert flights.overdue(30.0) == (ASKED,)


def test_who_comes_late_has_it_asked_anew() -> None:
    """An old question waits long before it is sent again, and would not notice that all is well."""
    run = waiting_run()
    flights = launched(run)
    assert flights.to_join(ASKED, "a", 1.9) is not None
    assert flights.to_join(ASKED, "a", 2.0) is None
    flights.take()
    flight = flights.launch(ASKED, "a", 2.0)
    assert (flight.is_again, flight.runs) == (True, {run}), "whoever waited is answered as well"
    assert flights.take() == (ASKED,)


@pytest.mark.parametrize(
    ("fresh", "now", "joined"),
    [(2.0, 1.9, True), (2.0, 2.0, False), (10.0, 9.9, True), (float("inf"), 1e9, True)],
)
def test_how_old_a_question_may_be_for_one_more(fresh: float, now: float, *, joined: bool) -> None:
    """A proof that others began is joined however long it takes."""
    flights = launched(waiting_run())
    assert (flights.to_join(ASKED, "a", now, fresh=fresh) is not None) is joined
