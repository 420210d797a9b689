"""How a run takes a procedure along: waits, hints, patience, the lifetime, the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from simulation import answer, question

from sipresolve.procedures.ask import Ask, Wait
from sipresolve.procedures.plans import Plan
from sipresolve.session.cache import Hit
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.vocabulary.errors import NoTargets
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Naptr, Question, Security, Source, Status
from sipresolve.vocabulary.targets import Note, Target
from sipresolve.vocabulary.transports import UDP
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

if TYPE_CHECKING:
    from collections.abc import Generator

    from sipresolve.procedures.ask import Known, Procedure

URI = SipUri.parse("sip:example.com")
A, AAAA, SRV = (question(f"example.com {kind}") for kind in ("A", "AAAA", "SRV"))
ADDRESS = answer("example.com A", "192.0.2.1")
ADDRESS6 = answer("example.com AAAA", "2001:db8::1")
TARGET = Target(transport=UDP, address=ADDRESS.addresses[0], port=5060, host="example.com")


def run_of(
    procedure: Generator[object, Known, object],
    *,
    lifetime: float = 8.0,
    budget: int = 10,
    speculation: bool = True,
) -> Run:
    policy = Policy(lifetime=lifetime, budget=budget, speculation=speculation)
    return Run(procedure, policy, now=100.0)  # type: ignore[arg-type]


def ask_once(ask: Ask, seen: list[dict[Question, Answer]]) -> Procedure[tuple[Answer, ...]]:
    """Ask, note what is known when it is resumed, and end."""
    known = yield ask
    seen.append(dict(known))
    return ()


def test_the_three_steps() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Note(code="first", message="a note before any question")
        known = yield Ask((Wait((A,)),))
        yield Note(code="second", message="a note after")
        yield TARGET
        return (known[A],)

    run = run_of(procedure())
    assert run.advance(100.0) == Waiting((A,), until=104.0)
    assert run.advance(101.0) == Waiting((), until=104.0), "a question is started once"
    run.learn(ADDRESS, 101.0)
    assert run.advance(101.0) == TARGET
    assert run.advance(101.0) == Ended(used=(ADDRESS,))
    assert run.advance(102.0) == Ended(used=(ADDRESS,)), "it stays ended"
    resolution = run.result(URI)
    assert resolution.targets == (TARGET,)
    assert [note.code for note in resolution.warnings] == ["first", "second"]
    assert [(q.question, q.answer, q.asked_at, q.seconds) for q in resolution.queries] == [
        (A, ADDRESS, 0.0, 1.0)
    ]


def test_uris_of_a_number_are_kept_and_are_no_step() -> None:
    found = [mapped_uri("sip:a@example.com"), mapped_uri("sip:b@example.com")]

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield found[0]
        yield Note(code="between", message="two URIs", warning=False)
        yield found[1]
        yield TARGET
        raise NoTargets("nothing more", answers=(ADDRESS,))

    run = run_of(procedure())
    assert run.advance(100.0) == TARGET
    number = TelUri.parse("tel:+442079460123")
    assert run.resolution(number).uris == (*found,)
    assert run.resolution(number).targets == (TARGET,)
    assert isinstance(run.advance(100.0), Ended)
    with pytest.raises(NoTargets) as caught:
        run.result(number)
    assert caught.value.resolution is not None
    assert caught.value.resolution.uris == (*found,), "they are known, whatever came of them"


def mapped_uri(uri: str) -> MappedUri:
    return MappedUri(
        uri=uri,
        service="sip",
        root="e164.arpa",
        domain="3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa",
        naptr=Naptr(1, 1, "u", "E2U+sip", b"!^.*$!x!", "."),
        security=Security.INDETERMINATE,
        ttl=None,
        parsed=SipUri.parse(uri),
    )


# When a wait is satisfied: "every needed answer is in, and every wanted one too, or patience
# seconds have passed since the last needed one arrived".
@pytest.mark.parametrize(
    ("waits", "arrivals", "resumed_at"),
    [
        ([Wait((A,))], {A: 101.0}, 101.0),
        ([Wait((A, AAAA))], {A: 101.0, AAAA: 102.0}, 102.0),
        ([Wait((A,)), Wait((AAAA,))], {AAAA: 101.5}, 101.5),
        ([Wait((A,), wanted=(AAAA,), patience=0.5)], {A: 101.0, AAAA: 101.25}, 101.25),
        ([Wait((A,), wanted=(AAAA,), patience=0.5)], {A: 101.0}, 101.5),
        ([Wait((A, SRV), wanted=(AAAA,), patience=0.5)], {A: 101.0, SRV: 101.75}, 102.25),
        ([Wait((A,), wanted=(AAAA,), patience=0.5)], {AAAA: 100.0, A: 101.0}, 101.0),
        ([Wait((), wanted=(A,), patience=0.5)], {}, 100.5),
        ([Wait((A,), wanted=(AAAA,), patience=0.5), Wait((SRV, AAAA))], {A: 101.0}, 101.5),
        ([Wait((), wanted=(A,), patience=0.5)], {A: 100.25}, 100.25),
        ([Wait((A,), wanted=(AAAA,), patience=0.5), Wait((SRV,))], {A: 101.0, SRV: 101.25}, 101.25),
    ],
)
def test_waits(waits: list[Wait], arrivals: dict[Question, float], resumed_at: float) -> None:
    seen: list[dict[Question, Answer]] = []
    run = run_of(ask_once(Ask(tuple(waits)), seen))
    now = 100.0
    for asked, at in sorted(arrivals.items(), key=lambda item: item[1]):
        assert isinstance(run.advance(now), Waiting)
        now = at
        run.learn(Answer(question=asked, status=Status.NODATA), now)
    step = run.advance(now)
    if isinstance(step, Waiting):
        assert not seen
        now = step.until
        step = run.advance(now)
    assert isinstance(step, Ended)
    assert now == resumed_at
    assert set(seen[0]) == set(arrivals)


def test_the_same_remark_is_made_once() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        for code in ("first", "second", "first"):
            yield Note(code=code, message="a remark")
        return ()

    run = run_of(procedure())
    run.advance(100.0)
    assert [note.code for note in run.result(URI).notes] == ["first", "second"]


def test_patience_does_not_begin_before_the_question() -> None:
    """A late question is no late answer."""

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),))
        yield Ask((Wait((SRV,)),))
        yield Ask((Wait((A,), wanted=(AAAA,), patience=0.5),))
        return ()

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(ADDRESS, 100.1)
    run.advance(100.1)
    run.learn(Answer(question=SRV, status=Status.NODATA), 101.0)
    assert run.advance(101.0) == Waiting((AAAA,), until=101.5)


def test_an_ask_without_waits_goes_on_at_once() -> None:
    seen: list[dict[Question, Answer]] = []

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask(hints=(A,))
        return (yield from ask_once(Ask((Wait((AAAA,)),)), seen))

    run = run_of(procedure())
    step = run.advance(100.0)
    assert isinstance(step, Waiting)
    assert step.start == (A, AAAA), "hints are started with the next that waits"


def test_a_hint_waits_for_nobody_and_is_joined_later() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),), hints=(AAAA,))
        known = yield Ask((Wait((AAAA,)),))
        return (known[AAAA],)

    run = run_of(procedure())
    assert run.advance(100.0) == Waiting((A, AAAA), until=104.0)
    run.learn(ADDRESS, 100.5)
    assert run.advance(100.5) == Waiting((), until=104.0), "it is in flight already"
    run.learn(ADDRESS6, 101.0)
    assert run.advance(101.0) == Ended(used=(ADDRESS6,))


def test_without_speculation_hints_are_not_started() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),), hints=(AAAA,)), []), speculation=False)
    assert run.advance(100.0) == Waiting((A,), until=104.0)


def test_no_question_gets_more_than_half_of_what_is_left() -> None:
    seen: list[Answer] = []

    def procedure() -> Procedure[tuple[Answer, ...]]:
        for asked in (A, AAAA, SRV):
            known = yield Ask((Wait((asked,)),))
            seen.append(known[asked])
        return ()

    run = run_of(procedure())
    for now, until in ((100.0, 104.0), (104.0, 106.0), (106.0, 107.0)):
        step = run.advance(now)
        assert isinstance(step, Waiting)
        assert step.until == until
    assert isinstance(run.advance(107.0), Ended)
    assert [(got.status, got.detail) for got in seen] == [
        (Status.TIMEOUT, "no answer in 4 s"),
        (Status.TIMEOUT, "no answer in 2 s"),
        (Status.TIMEOUT, "no answer in 1 s"),
    ]


def test_past_the_lifetime_nothing_is_waited_for() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),))
        known = yield Ask((Wait((AAAA,)),))
        return (known[AAAA],)

    run = run_of(procedure())
    run.advance(100.0)
    step = run.advance(110.0)
    assert step == Waiting((AAAA,), until=110.0)
    step = run.advance(110.0)
    assert isinstance(step, Ended)
    assert step.used[0].status is Status.TIMEOUT


def test_an_answer_after_its_time_is_let_go() -> None:
    seen: list[dict[Question, Answer]] = []
    run = run_of(ask_once(Ask((Wait((A,)),)), seen))
    run.advance(100.0)
    run.advance(104.0)
    run.learn(ADDRESS, 104.5)
    assert seen[0][A].status is Status.TIMEOUT
    assert run.result(URI).queries[0].seconds == 4.0


def test_an_answer_to_what_was_not_asked_is_let_go() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    run.advance(100.0)
    run.learn(ADDRESS6, 100.5)
    assert run.advance(100.5) == Waiting((), until=104.0)


# The budget: hints stop at it, and needed questions beyond it are answered at once, as unasked.
def test_the_budget() -> None:
    seen: list[dict[Question, Answer]] = []
    more = tuple(question(f"h{n}.example.com A") for n in range(5))

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask(hints=more)
        return (yield from ask_once(Ask((Wait((A, AAAA)),)), seen))

    run = run_of(procedure(), budget=3)
    assert isinstance(run.advance(100.0), Ended)
    assert {got.status for got in seen[0].values()} == {Status.UNASKED}
    assert [query.question for query in run.result(URI).queries] == list(more[:3])


def test_a_name_that_cannot_exist_is_not_asked_for() -> None:
    """RFC 1035 §2.3.4: 255 octets; such a name is absent, and no server could be asked."""
    seen: list[dict[Question, Answer]] = []
    asked = question("_sip._udp." + ".".join(["a" * 49] * 5) + " SRV")
    run = run_of(ask_once(Ask((Wait((asked,)),)), seen))
    assert isinstance(run.advance(100.0), Ended)
    assert seen[0][asked].status is Status.NXDOMAIN


SRV_WITH_ADDITIONAL = answer(
    "example.com SRV",
    "1 1 5060 example.com",
    additional=(answer("example.com A", "192.0.2.7", source=Source.ADDITIONAL),),
)


def test_additional_data_answers_what_is_in_flight() -> None:
    seen: list[dict[Question, Answer]] = []
    run = run_of(ask_once(Ask((Wait((SRV, A)),)), seen))
    run.advance(100.0)
    run.learn(SRV_WITH_ADDITIONAL, 100.5)
    assert isinstance(run.advance(100.5), Ended)
    assert seen[0][A].source is Source.ADDITIONAL
    run.learn(ADDRESS, 100.6)
    assert seen[0][A].source is Source.ADDITIONAL


def test_additional_data_answers_what_is_asked_later() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((SRV,)),))
        known = yield Ask((Wait((A,)),), hints=(AAAA,))
        return (known[A],)

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(SRV_WITH_ADDITIONAL, 100.5)
    step = run.advance(100.5)
    assert isinstance(step, Ended), "and AAAA, which did not come along, proves nothing"
    assert step.used[0].source is Source.ADDITIONAL
    assert run.result(URI).queries[-1].answer is None


def test_an_error_carries_what_was_asked() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        known = yield Ask((Wait((A,)),))
        raise NoTargets("nothing there", answers=(known[A],))

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(ADDRESS, 100.5)
    assert isinstance(run.advance(100.5), Ended)
    with pytest.raises(NoTargets, match="nothing there") as caught:
        run.result(URI)
    assert caught.value.resolution is not None
    assert caught.value.resolution.targets == ()
    assert caught.value.resolution.queries[0].answer is ADDRESS
    assert caught.value.resolution.security is Security.INDETERMINATE


def test_what_a_caller_leaves_is_closed() -> None:
    closed = []

    def procedure() -> Procedure[tuple[Answer, ...]]:
        try:
            yield Ask((Wait((A,)),))
        finally:
            closed.append(True)
        return ()

    run = run_of(procedure())
    run.advance(100.0)
    run.abandon()
    assert closed == [True]
    assert run.advance(101.0) == Ended()


@pytest.mark.parametrize(
    ("ttls", "expected"),
    [((300, 60), 60), ((300, None), 300), ((None,), None), ((2**31,), 604_800), ((0,), 0)],
)
def test_how_long_the_whole_holds(ttls: tuple[int | None, ...], expected: int | None) -> None:
    """The least of what was used, and at most seven days (RFC 8767 §4)."""
    used = tuple(answer("example.com A", "192.0.2.1", ttl=ttl) for ttl in ttls)

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield TARGET
        return used

    run = run_of(procedure())
    while not isinstance(run.advance(100.0), Ended):
        pass
    assert run.result(URI).expires_in == expected


# --- One target at a time


def ask_one_by_one(
    *questions: Question, hints: tuple[Question, ...] = ()
) -> Procedure[tuple[Answer, ...]]:
    """A target, and then one more for each of these questions that has an answer."""
    yield Ask(hints=hints)
    yield TARGET
    for asked in questions:
        known = yield Ask((Wait((asked,)),))
        if known[asked].status is Status.OK:
            yield TARGET
    return ()


def test_what_comes_next_is_started_before_the_caller_turns_to_a_target() -> None:
    run = run_of(ask_one_by_one(A, hints=(A, AAAA)))
    assert run.advance(100.0) == TARGET
    assert run.look_ahead() == (A, AAAA)
    assert run.look_ahead() == (), "a question is started once"
    run.come_back(101.0)
    assert run.advance(101.0) == Waiting((), until=105.0)


def test_nothing_is_started_ahead_without_speculation() -> None:
    run = run_of(ask_one_by_one(A, hints=(A, AAAA)), speculation=False)
    assert run.advance(100.0) == TARGET
    assert run.look_ahead() == ()
    run.come_back(101.0)
    assert run.advance(101.0) == Waiting((A,), until=105.0)


def test_each_target_has_a_lifetime_of_its_own() -> None:
    """The 8 s begin when the caller wants the next one; no question gets more than half."""
    run = run_of(ask_one_by_one(A, AAAA))
    now = 100.0
    for asked in (A, AAAA):
        assert run.advance(now) == TARGET
        now += 7.0
        run.come_back(now)
        assert run.advance(now) == Waiting((asked,), until=now + 4.0)
        now += 3.9
        run.learn(ADDRESS if asked is A else ADDRESS6, now)
    assert run.advance(now) == TARGET
    assert isinstance(run.advance(now), Ended)


@pytest.mark.parametrize("busy", [0.0, 0.5, 32.0])
def test_the_time_that_the_caller_is_busy_does_not_count(busy: float) -> None:
    run = run_of(ask_one_by_one(A, hints=(A,)))
    run.advance(100.0)
    assert run.look_ahead() == (A,)
    run.come_back(100.0 + busy)
    assert run.advance(100.0 + busy) == Waiting((), until=104.0 + busy)
    assert isinstance(run.advance(104.0 + busy), Ended)
    [query] = run.result(URI).queries
    assert query.answer is not None
    assert query.answer.status is Status.TIMEOUT


def test_a_question_that_is_old_has_the_lifetime_of_the_target_that_waits_for_it() -> None:
    """What was hinted when little was left is not lost where there is plenty again."""

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((SRV,)),))
        yield Ask((Wait((A,)),), hints=(AAAA,))
        yield TARGET
        known = yield Ask((Wait((AAAA,)),))
        return (known[AAAA],)

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(Answer(question=SRV, status=Status.NODATA), 103.9)
    run.advance(103.9)
    run.learn(ADDRESS, 105.9)
    assert run.advance(105.9) == TARGET
    run.come_back(106.0)
    assert isinstance(run.advance(106.0), Waiting)
    assert isinstance(run.advance(106.5), Waiting), "8 s are left, and 4 s are its share"
    run.learn(ADDRESS6, 107.0)
    assert run.advance(107.0) == Ended(used=(ADDRESS6,))


def test_what_comes_while_the_caller_is_busy_is_known_when_it_comes_back() -> None:
    run = run_of(ask_one_by_one(A, hints=(A,)))
    run.advance(100.0)
    run.look_ahead()
    run.learn(ADDRESS, 100.5)
    run.come_back(132.0)
    assert run.advance(132.0) == TARGET
    run.come_back(164.0)
    assert isinstance(run.advance(164.0), Ended)
    [query] = run.result(URI).queries
    assert (query.question, query.answer, query.seconds) == (A, ADDRESS, 0.5)


def test_what_has_no_life_at_all_serves_the_run_that_asked() -> None:
    """RFC 1035 §3.2.1: TTL 0 is for "the transaction in progress", which may take its time."""
    seen: list[dict[Question, Answer]] = []

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield from ask_one_by_one(A, hints=(A,))
        return (yield from ask_once(Ask((Wait((A,)),)), seen))

    run = run_of(procedure())
    run.advance(100.0)
    run.look_ahead()
    fleeting = answer("example.com A", "192.0.2.1", ttl=0)
    run.learn(fleeting, 100.5)
    run.come_back(132.0)
    assert run.advance(132.0) == TARGET
    run.come_back(164.0)
    assert isinstance(run.advance(164.0), Ended)
    assert seen == [{A: fleeting}]


def test_what_was_lost_is_started_again() -> None:
    """And nothing that was answered, or timed out."""

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),), hints=(AAAA, SRV))
        yield TARGET
        known = yield Ask((Wait((SRV,)),))
        return (known[SRV],)

    run = run_of(procedure())
    assert run.advance(100.0) == Waiting((A, AAAA, SRV), until=104.0)
    run.start_again()
    assert run.advance(100.1) == Waiting((A, AAAA, SRV), until=104.0)
    run.learn(ADDRESS, 100.2)
    assert run.advance(100.2) == TARGET
    run.start_again()
    assert run.look_ahead() == (AAAA, SRV)
    run.come_back(132.0)
    run.start_again()
    step = run.advance(132.0)
    assert isinstance(step, Waiting)
    assert step.start == (AAAA, SRV)


def test_what_timed_out_is_not_started_again() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),))
        yield Ask((Wait((AAAA,)),))
        return ()

    run = run_of(procedure())
    run.advance(100.0)
    run.advance(104.0)
    run.start_again()
    step = run.advance(104.0)
    assert isinstance(step, Waiting)
    assert step.start == (AAAA,)


def test_what_was_to_be_started_is_not_forgotten_over_what_was_lost() -> None:
    run = run_of(ask_one_by_one(A, hints=(A, AAAA)))
    run.advance(100.0)
    run.start_again()
    assert run.look_ahead() == (A, AAAA)


def test_all_that_a_run_has_asked() -> None:
    run = run_of(ask_one_by_one(A, hints=(AAAA,)))
    run.advance(100.0)
    assert [*run.questions] == [AAAA]
    run.come_back(100.0)
    run.advance(100.0)
    assert [*run.questions] == [AAAA, A]


def test_what_has_been_found_so_far() -> None:
    run = run_of(ask_one_by_one(A, hints=(AAAA,)))
    assert run.resolution(URI).targets == ()
    run.advance(100.0)
    so_far = run.resolution(URI)
    assert (so_far.subject, so_far.targets) == (URI, (TARGET,))
    assert [query.question for query in so_far.queries] == [AAAA]


def test_who_leaves_takes_what_was_found_along() -> None:
    run = run_of(ask_one_by_one(A))
    run.advance(100.0)
    run.abandon()
    run.abandon()
    assert run.advance(101.0) == Ended()
    assert run.result(URI).targets == (TARGET,)


def test_who_leaves_at_the_end_leaves_the_end_alone() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    run.advance(100.0)
    run.learn(ADDRESS, 100.5)
    ended = run.advance(100.5)
    run.abandon()
    assert run.ended is ended


def test_a_response_is_found_for_its_via() -> None:
    via = Via.parse("SIP/2.0/UDP 192.0.2.1")
    run = run_of(ask_one_by_one())
    run.advance(100.0)
    assert run.result(via).subject is via


# --- What the session tells it, and asks of it


def test_a_hint_that_was_not_started_is_asked_for_when_it_is_needed() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),), hints=(AAAA,))
        known = yield Ask((Wait((AAAA,)),))
        return (known[AAAA],)

    run = run_of(procedure())
    assert run.advance(100.0) == Waiting((A, AAAA), until=104.0)
    assert (run.needs(A), run.needs(AAAA)) == (True, False)
    run.withdraw(AAAA)
    assert [*run.questions] == [A]
    run.learn(ADDRESS6, 100.1)
    run.learn(ADDRESS, 100.5)
    step = run.advance(100.5)
    assert isinstance(step, Waiting)
    assert step.start == (AAAA,), "what came while it was withdrawn was for others"
    assert run.needs(AAAA)
    run.learn(ADDRESS6, 101.0)
    assert run.advance(101.0) == Ended(used=(ADDRESS6,))
    assert [query.question for query in run.result(URI).queries] == [A, AAAA]


def test_a_hint_that_was_not_started_costs_nothing() -> None:
    """The budget is for what is asked."""

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,)),), hints=(SRV,))
        known = yield Ask((Wait((AAAA,)),))
        return (known[AAAA],)

    run = run_of(procedure(), budget=2)
    run.advance(100.0)
    run.withdraw(SRV)
    run.learn(ADDRESS, 100.5)
    step = run.advance(100.5)
    assert isinstance(step, Waiting)
    assert step.start == (AAAA,)


def impatient(lifetime: float = 8.0) -> Run:
    """A run that takes stale answers after 1.8 s."""
    policy = Policy(lifetime=lifetime)
    return Run(ask_once(Ask((Wait((A, AAAA)),)), []), policy, now=100.0, stale_after=1.8)


def test_when_a_stale_answer_is_good_enough() -> None:
    """RFC 8767 §5: the client response timer."""
    run = impatient()
    assert run.advance(100.0) == Waiting((A, AAAA), until=101.8)
    assert run.impatient_for(101.7) == ()
    run.learn(ADDRESS6, 101.7)
    assert run.impatient_for(101.8) == (A,)
    assert run.impatient_for(102.0) == (), "it is said once"
    assert run.advance(102.0) == Waiting((), until=104.0), "where there is none, it waits"


def test_a_short_lifetime_makes_impatient_sooner() -> None:
    run = impatient(lifetime=2.0)
    assert run.advance(100.0) == Waiting((A, AAAA), until=101.0)
    assert run.impatient_for(101.0) == (A, AAAA)


def test_without_stale_answers_nobody_becomes_impatient() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    assert run.advance(100.0) == Waiting((A,), until=104.0)
    assert run.impatient_for(103.9) == ()


def test_who_was_busy_has_been_waiting_for_nothing() -> None:
    """Only time that is spent waiting for the DNS counts, for this as for the lifetime."""
    procedure = ask_one_by_one(A, hints=(A,))
    run = Run(procedure, Policy(lifetime=8.0), now=100.0, stale_after=1.8)
    run.advance(100.0)
    run.look_ahead()
    run.come_back(132.0)
    assert run.impatient_for(132.0) == ()
    assert run.advance(132.0) == Waiting((), until=133.8)
    assert run.impatient_for(133.8) == (A,)


def test_what_a_run_ended_without() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield Ask((Wait((A,), wanted=(AAAA,), patience=0.5),), hints=(SRV,))
        return ()

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(ADDRESS, 100.1)
    assert [*run.lapsed] == [], "it may yet come"
    assert isinstance(run.advance(100.6), Ended)
    assert [*run.lapsed] == [AAAA], "a hint is nothing that it needed"
    run.abandon()
    assert [*run.lapsed] == [AAAA]


def test_what_a_run_has_timed_out_on() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),), hints=(AAAA,)), []))
    run.advance(100.0)
    assert isinstance(run.advance(104.0), Ended)
    assert run.lapsed == (A,)


def test_who_leaves_on_the_way_has_ended_without_nothing() -> None:
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    run.advance(100.0)
    run.abandon()
    assert run.lapsed == ()
    run.abandon()
    assert run.lapsed == ()


def test_a_plan_is_no_step() -> None:
    plan = Plan((), uses_dice=False)

    def procedure() -> Procedure[tuple[Answer, ...]]:
        yield TARGET
        yield plan
        return ()

    run = run_of(procedure())
    assert run.advance(100.0) == TARGET
    assert run.plan is None
    assert run.advance(100.0) == Ended()
    assert run.plan is plan


def hit(answer: Answer, expires: float, refresh_at: float = float("inf")) -> Hit:
    return Hit(answer, refresh=False, expires=expires, refresh_at=refresh_at)


def test_until_when_it_all_holds() -> None:
    """The first of what it used that expires, and that is to be refreshed; hints do not count."""

    def procedure() -> Procedure[tuple[Answer, ...]]:
        known = yield Ask((Wait((A, AAAA)),), hints=(SRV,))
        return (known[A], known[AAAA])

    run = run_of(procedure())
    assert run.expires == run.holds_until == float("inf")
    run.advance(100.0)
    none = Answer(question=SRV, status=Status.NODATA)
    for each, told in ((none, hit(none, 101.0)), (ADDRESS, hit(ADDRESS, 160.0)),
                       (ADDRESS6, hit(ADDRESS6, 190.0, 150.0))):  # fmt: skip
        run.learn(each, 100.0, told)
    assert isinstance(run.advance(100.0), Ended)
    assert (run.expires, run.holds_until) == (160.0, 150.0)
    assert run.result(URI).expires_in == 60


def test_what_is_cached_holds_for_what_is_left_of_it() -> None:
    def procedure() -> Procedure[tuple[Answer, ...]]:
        known = yield Ask((Wait((A,)),))
        return (known[A],)

    run = run_of(procedure())
    run.advance(100.0)
    run.learn(ADDRESS, 100.0, hit(ADDRESS, 107.5))
    run.advance(100.0)
    assert run.result(URI).expires_in == 7, "of 300"


def test_records_that_were_left_out_are_a_warning() -> None:
    trimmed = answer("example.com A", "192.0.2.1", left_out=4)
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    run.advance(100.0)
    run.learn(trimmed, 100.1)
    run.learn(trimmed, 100.2)
    run.advance(100.2)
    [note] = run.result(URI).warnings
    assert (note.code, note.question) == ("records-left-out", A)
    assert note.message == "example.com A: 4 of 5 records left out"


@pytest.mark.parametrize("status", [Status.NAME_REFUSED, Status.BUSY, Status.TOO_MANY_NAMES])
def test_what_was_not_asked_is_no_query(status: Status) -> None:
    run = run_of(ask_once(Ask((Wait((A,)),)), []))
    run.advance(100.0)
    run.learn(Answer(question=A, status=status), 100.0)
    assert isinstance(run.advance(100.0), Ended)
    assert run.result(URI).queries == ()
