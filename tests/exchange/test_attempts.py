"""What is sent when, and when it ends: every decision about one question."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from strategies import happenings, histories

from sipresolve.exchange.attempts import advance, attempts
from sipresolve.exchange.events import Attempt, Event, Expired, Failed, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.panel import Panel
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.evidence import Evidence, SignedSet
from sipresolve.vocabulary.reasons import ExtendedError
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A, B, C = (Nameserver.parse(f"192.0.2.{number}") for number in (1, 2, 3))
LETTERS = {A: "A", B: "B", C: "C"}
QUESTION = Question("example.com", RecordType.A)
FOUND = RecordSet((ip_address("192.0.2.99"),), 300)

Happening = tuple[int, Reply | str] | None

# What can happen: a reply to an attempt, counted from 0, or why it fails; or None, a wait expires.
EXPIRED: Happening = None


def says(rcode: str = "NOERROR", **fields: Any) -> Reply:
    return Reply(rcode=rcode, **fields)


YES = says(records={"example.com": FOUND})
NO = says("NXDOMAIN", negative_ttls={"example.com": 60})
SERVFAIL, REFUSED, FORMERR, NOTIMP = map(says, ("SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"))
BADVERS, YXDOMAIN = says("BADVERS"), says("YXDOMAIN")
TRUNCATED = says(truncated=True)
REFERRAL = says(delegates=True)
UNREACHABLE = "network is unreachable"


@frozen
class Play:
    """What was sent: who was asked, and how; `-` for nothing. The answer, and how long it took."""

    sent: str
    answer: Answer | None
    took: float


def play(  # noqa: PLR0913 - what is played, and where
    happenings: Sequence[Happening],
    nameservers: Sequence[Nameserver] = (A, B),
    rounds: int = 3,
    panel: Panel | None = None,
    now: float = 0.0,
    *,
    question: Question = QUESTION,
) -> Play:
    """Time passes only where a wait does, and nobody is asked early unless a panel is given."""
    panel = panel or Panel(tuple(nameservers), hedge=False)
    made: list[Attempt] = []
    sent: list[str] = []

    def begin(attempt: Attempt) -> None:
        made.append(attempt)
        sent.append(written(attempt))

    began = now
    steps = attempts(question, nameservers, panel, now=now, timeout=1, rounds=rounds)
    outcome = advance(steps, None, begin)
    for happening in happenings:
        assert not isinstance(outcome, Answer), "it had ended before"
        before = len(made)
        now += outcome if happening is None else 0
        outcome = advance(steps, event(happening, made, now), begin)
        if len(made) == before and not isinstance(outcome, Answer):
            sent.append("-")
    return Play(" ".join(sent), outcome if isinstance(outcome, Answer) else None, now - began)


def event(happening: Happening, made: Sequence[Attempt], now: float) -> Event:
    if happening is None:
        return Expired(now)
    number, what = happening
    if isinstance(what, str):
        return Failed(made[number], what, now)
    return Replied(made[number], what, now, now)


def written(attempt: Attempt) -> str:
    how = [LETTERS[attempt.nameserver], f"{round(attempt.patience, 3):g}"]
    how += ["tcp"] if attempt.over == "tcp" else []
    how += [] if attempt.edns else ["plain"]
    how += [] if attempt.name == "example.com" else [attempt.name]
    return ":".join(how)


@pytest.mark.parametrize(
    ("why", "happenings", "sent"),
    [
        ("it answers", [(0, YES)], "A:1"),
        ("it answers that there is nothing", [(0, NO)], "A:1"),
        ("silence: the next, then all again with twice the wait", [EXPIRED, (1, YES)], "A:1 B:1"),
        (
            "three rounds",
            [EXPIRED] * 5 + [(5, YES)],
            "A:1 B:1 A:2 B:2 A:4 B:4",
        ),
        ("a late reply is as good", [EXPIRED, (0, YES)], "A:1 B:1"),
        ("a very late one too", [EXPIRED] * 5 + [(0, NO)], "A:1 B:1 A:2 B:2 A:4 B:4"),
        ("SERVFAIL: the next at once", [(0, SERVFAIL), (1, YES)], "A:1 B:1"),
        ("REFUSED", [(0, REFUSED), (1, YES)], "A:1 B:1"),
        ("YXDOMAIN, which we have no word for", [(0, YXDOMAIN), (1, YES)], "A:1 B:1"),
        ("it does not recurse", [(0, REFERRAL), (1, YES)], "A:1 B:1"),
        ("it cannot be reached", [(0, UNREACHABLE), (1, YES)], "A:1 B:1"),
        (
            "who has stated a failure is not asked again",
            [(0, SERVFAIL), EXPIRED, EXPIRED, (3, YES)],
            "A:1 B:1 B:2 B:4",
        ),
        (
            "who cannot be reached is, while another may answer",
            [(0, UNREACHABLE), EXPIRED, (2, UNREACHABLE), (3, YES)],
            "A:1 B:1 A:2 B:2",
        ),
        (
            "a late failure changes nothing for the one that is waited for",
            [EXPIRED, (0, SERVFAIL), (1, YES)],
            "A:1 B:1 -",
        ),
        (
            "but its sender is not asked again",
            [EXPIRED, (0, SERVFAIL), EXPIRED, (2, YES)],
            "A:1 B:1 - B:2",
        ),
        (
            "a failure of an attempt that was made again says nothing of the new one",
            [EXPIRED, EXPIRED, (0, SERVFAIL), (0, UNREACHABLE), (2, YES)],
            "A:1 B:1 A:2 - -",
        ),
        # RFC 6891 §7: "Responders that choose not to implement the protocol extensions […] MUST
        # respond with a return code (RCODE) of FORMERR to messages containing an OPT record".
        ("FORMERR: without EDNS", [(0, FORMERR), (1, YES)], "A:1 A:1:plain"),
        ("NOTIMP: without EDNS", [(0, NOTIMP), (1, YES)], "A:1 A:1:plain"),
        ("BADVERS: without EDNS", [(0, BADVERS), (1, YES)], "A:1 A:1:plain"),
        ("FORMERR all the same", [(0, FORMERR), (1, FORMERR), (2, YES)], "A:1 A:1:plain B:1"),
        (
            "it is remembered",
            [(0, FORMERR), EXPIRED, EXPIRED, (3, YES)],
            "A:1 A:1:plain B:1 A:2:plain",
        ),
        # RFC 7766 §5.
        ("TC: over TCP", [(0, TRUNCATED), (1, YES)], "A:1 A:1:tcp"),
        ("TC over TCP is a failure", [(0, TRUNCATED), (1, TRUNCATED), (2, YES)], "A:1 A:1:tcp B:1"),
        ("TCP is reset", [(0, TRUNCATED), (1, "reset"), (2, YES)], "A:1 A:1:tcp B:1"),
        ("it is remembered", [(0, TRUNCATED)] + [EXPIRED] * 2, "A:1 A:1:tcp B:1 A:2:tcp"),
        ("twice is once", [(0, TRUNCATED), (0, TRUNCATED), (1, YES)], "A:1 A:1:tcp -"),
        (
            "TC, and over TCP no EDNS",
            [(0, TRUNCATED), (1, FORMERR), (2, YES)],
            "A:1 A:1:tcp A:1:tcp:plain",
        ),
        (
            "no EDNS, and TC",
            [(0, FORMERR), (1, TRUNCATED), (2, YES)],
            "A:1 A:1:plain A:1:tcp:plain",
        ),
        (
            "late TC: over TCP at once, and the other may answer as well",
            [EXPIRED, (0, TRUNCATED), (1, YES)],
            "A:1 B:1 A:1:tcp",
        ),
        (
            "and if that fails, the other still has its time",
            [EXPIRED, (0, TRUNCATED), (2, "reset"), EXPIRED, (3, "reset"), (4, YES)],
            "A:1 B:1 A:1:tcp - A:2:tcp B:2",
        ),
    ],
)
def test_whom_to_ask_how_and_for_how_long(why: str, happenings: list[Happening], sent: str) -> None:
    assert play(happenings).sent == sent, why


@pytest.mark.parametrize(
    ("why", "happenings", "sent", "status", "detail"),
    [
        (
            "silence",
            [EXPIRED] * 6,
            "A:1 B:1 A:2 B:2 A:4 B:4",
            Status.TIMEOUT,
            "192.0.2.1:53: no answer; 192.0.2.2:53: no answer",
        ),
        (
            "nobody can be reached: no wait, and no second round",
            [(0, "connection refused"), (1, UNREACHABLE)],
            "A:1 B:1",
            Status.TIMEOUT,
            "192.0.2.1:53: connection refused; 192.0.2.2:53: network is unreachable",
        ),
        (
            "all state a failure: no second round (RFC 9520)",
            [(0, SERVFAIL), (1, SERVFAIL)],
            "A:1 B:1",
            Status.SERVFAIL,
            "192.0.2.1:53: SERVFAIL; 192.0.2.2:53: SERVFAIL",
        ),
        (
            "the first says REFUSED, the second NOTIMP",
            [(0, REFUSED), (1, NOTIMP), (2, NOTIMP)],
            "A:1 B:1 B:1:plain",
            Status.REFUSED,
            "192.0.2.1:53: REFUSED; 192.0.2.2:53: NOTIMP",
        ),
        (
            "SERVFAIL says most",
            [(0, REFUSED), (1, SERVFAIL)],
            "A:1 B:1",
            Status.SERVFAIL,
            "192.0.2.1:53: REFUSED; 192.0.2.2:53: SERVFAIL",
        ),
        (
            "a stated failure says more than silence",
            [EXPIRED, (1, REFUSED), EXPIRED, EXPIRED],
            "A:1 B:1 A:2 A:4",
            Status.REFUSED,
            "192.0.2.1:53: no answer; 192.0.2.2:53: REFUSED",
        ),
        (
            "FORMERR, EDNS or not",
            [(0, FORMERR), (1, FORMERR), (2, UNREACHABLE)],
            "A:1 A:1:plain B:1",
            Status.FORMERR,
            "192.0.2.1:53: FORMERR; 192.0.2.2:53: network is unreachable",
        ),
        (
            "any other code is as good as SERVFAIL, and is named",
            [(0, YXDOMAIN), (1, REFUSED)],
            "A:1 B:1",
            Status.SERVFAIL,
            "192.0.2.1:53: YXDOMAIN; 192.0.2.2:53: REFUSED",
        ),
        (
            "referrals",
            [(0, REFERRAL), (1, REFERRAL)],
            "A:1 B:1",
            Status.SERVFAIL,
            "192.0.2.1:53: is no recursive resolver; 192.0.2.2:53: is no recursive resolver",
        ),
        (
            "TCP",
            [(0, TRUNCATED), (1, "connection reset by peer"), (2, TRUNCATED), (3, TRUNCATED)],
            "A:1 A:1:tcp B:1 B:1:tcp",
            Status.SERVFAIL,
            "192.0.2.1:53: connection reset by peer over TCP; 192.0.2.2:53: truncated over TCP",
        ),
        (
            "TCP is silent",
            [(0, TRUNCATED), EXPIRED, (2, SERVFAIL), EXPIRED, EXPIRED],
            "A:1 A:1:tcp B:1 A:2:tcp A:4:tcp",
            Status.SERVFAIL,
            "192.0.2.1:53: no answer over TCP; 192.0.2.2:53: SERVFAIL",
        ),
        (
            "a late failure in the last wait",
            [EXPIRED] * 5 + [(4, SERVFAIL), EXPIRED],
            "A:1 B:1 A:2 B:2 A:4 B:4 -",
            Status.SERVFAIL,
            "192.0.2.1:53: SERVFAIL; 192.0.2.2:53: no answer",
        ),
    ],
)
def test_what_to_say_when_nobody_answers(
    why: str, happenings: list[Happening], sent: str, status: Status, detail: str
) -> None:
    played = play(happenings)
    assert played.sent == sent, why
    assert played.answer == Answer(question=QUESTION, status=status, detail=detail)


NO_DS = ExtendedError(6, "no DS")
PROHIBITED = ExtendedError(18)
FORGED = says("SERVFAIL", extended_errors=(NO_DS,))
FORBIDDEN = says("REFUSED", extended_errors=(PROHIBITED, NO_DS))
NO_DS_TEXT = "extended error 6 (DNSSEC Bogus): no DS"
SAID_NO_DS = f"192.0.2.1:53: SERVFAIL, {NO_DS_TEXT}"


@pytest.mark.parametrize(
    ("why", "happenings", "errors", "detail"),
    [
        (
            "of all that stated a failure, each once",
            [(0, FORGED), (1, FORBIDDEN)],
            (NO_DS, PROHIBITED),
            f"{SAID_NO_DS}; 192.0.2.2:53: REFUSED, extended error 18 (Prohibited), {NO_DS_TEXT}",
        ),
        (
            "of the last reply of each",
            [(0, says("FORMERR", extended_errors=(PROHIBITED,))), (1, SERVFAIL), (2, SERVFAIL)],
            (),
            "192.0.2.1:53: SERVFAIL; 192.0.2.2:53: SERVFAIL",
        ),
        (
            "over TCP",
            [(0, TRUNCATED), (1, FORGED), (2, UNREACHABLE)],
            (NO_DS,),
            f"192.0.2.1:53: SERVFAIL over TCP, {NO_DS_TEXT}; 192.0.2.2:53: network is unreachable",
        ),
    ],
)
def test_what_nameservers_say_of_their_trouble(
    why: str, happenings: list[Happening], errors: tuple[ExtendedError, ...], detail: str
) -> None:
    """RFC 8914 §2: why the response code is what it is."""
    answer = play(happenings).answer
    assert answer is not None
    assert (answer.extended_errors, answer.detail) == (errors, detail), why


def test_the_trouble_of_one_does_not_concern_the_answer_of_another() -> None:
    answer = play([(0, FORGED), (1, YES)]).answer
    assert answer is not None
    assert answer.extended_errors == ()


def test_one_nameserver_that_fails_is_asked_once() -> None:
    assert play([(0, SERVFAIL)], [A]).sent == "A:1"
    assert play([(0, UNREACHABLE)], [A]).sent == "A:1"


def test_the_number_of_rounds_is_the_callers() -> None:
    assert play([EXPIRED] * 3, [A, B, C], rounds=1).sent == "A:1 B:1 C:1"


def alias(target: str, ttl: int = 300, owner: str = "example.com", **fields: Any) -> Reply:
    return says(cnames={owner: Alias(target, ttl)}, **fields)


WWW = "www.example.net"
WWW_YES = says(records={WWW: RecordSet(FOUND.records, 60)})


# A server that is authoritative only stops where an alias leaves its zones.
@pytest.mark.parametrize(
    ("why", "happenings", "sent", "status"),
    [
        ("the name is asked for", [(0, alias(WWW)), (1, WWW_YES)], f"A:1 A:1:{WWW}", Status.OK),
        (
            "first of who has answered",
            [EXPIRED, (1, alias(WWW)), (2, REFUSED), (3, WWW_YES)],
            f"A:1 B:1 B:1:{WWW} A:1:{WWW}",
            Status.OK,
        ),
        (
            "in the way that it understands",
            [(0, FORMERR), (1, TRUNCATED), (2, alias(WWW)), (3, WWW_YES)],
            f"A:1 A:1:plain A:1:tcp:plain A:1:tcp:plain:{WWW}",
            Status.OK,
        ),
        (
            "what comes late for the first name is of no use any more",
            [EXPIRED, (0, alias(WWW)), (1, YES), (1, SERVFAIL), (2, WWW_YES)],
            f"A:1 B:1 A:1:{WWW} - -",
            Status.OK,
        ),
        (
            "an SOA of another zone does not say that there is nothing",
            [(0, alias(WWW, negative_ttls={"example.com": 60})), (1, WWW_YES)],
            f"A:1 A:1:{WWW}",
            Status.OK,
        ),
        (
            "a referral beside the alias",
            [(0, alias(WWW, delegates=True)), (1, WWW_YES)],
            f"A:1 A:1:{WWW}",
            Status.OK,
        ),
        (
            "an SOA of its zone does",
            [(0, alias(WWW, negative_ttls={"example.net": 60}))],
            "A:1",
            Status.NODATA,
        ),
        ("so does NXDOMAIN", [(0, alias(WWW, rcode="NXDOMAIN"))], "A:1", Status.NXDOMAIN),
        (
            "nothing, and nothing more to follow",
            [(0, alias(WWW)), (1, says())],
            f"A:1 A:1:{WWW}",
            Status.NODATA,
        ),
        (
            "a circle of two servers' making",
            [(0, alias(WWW)), (1, alias("example.com", owner=WWW))],
            f"A:1 A:1:{WWW}",
            Status.SERVFAIL,
        ),
        (
            "nobody knows it",
            [(0, alias(WWW)), (1, REFUSED), (2, REFERRAL)],
            f"A:1 A:1:{WWW} B:1:{WWW}",
            Status.SERVFAIL,
        ),
    ],
)
def test_an_alias_that_leads_out_of_what_is_known_is_asked_for(
    why: str, happenings: list[Happening], sent: str, status: Status
) -> None:
    played = play(happenings)
    assert played.sent == sent, why
    assert played.answer is not None
    assert played.answer.status is status
    assert played.answer.aliases == (WWW,)


def test_what_was_learnt_on_the_way_is_put_together() -> None:
    secure = alias(WWW, ttl=30, authenticated=True)
    end = says(records={WWW: FOUND}, authenticated=True)
    answer = play([(0, secure), (1, end)]).answer
    assert answer == Answer(
        question=QUESTION,
        status=Status.OK,
        records=FOUND.records,
        ttl=30,
        aliases=(WWW,),
        authenticated=True,
    )


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_not_authenticated_on_the_way_is_not_in_the_end(number: int) -> None:
    replies = [alias(WWW, authenticated=number != 0)]
    replies.append(says(records={WWW: FOUND}, authenticated=number != 1))
    answer = play(list(enumerate(replies))).answer
    assert answer is not None
    assert not answer.authenticated


def test_evidence_is_gathered_along_the_aliases() -> None:
    shown = [
        Evidence((SignedSet((label,), 5, 60, (b"\0",)),)) for label in (b"com", b"net", b"org")
    ]
    on_the_way = alias(WWW, evidence=shown[0])
    end = says(records={WWW: FOUND}, evidence=shown[1])
    failed = says("SERVFAIL", evidence=shown[2])
    question = evolve(QUESTION, signed=True)
    answer = play([(0, on_the_way), (1, failed), (2, end)], question=question).answer
    assert answer is not None
    assert answer.question == question
    assert answer.evidence == shown[0] + shown[1]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("type_", [RecordType.DNSKEY, RecordType.DS])
def test_what_zones_have_is_asked_for_at_their_names_alone(
    type_: RecordType,
    signed: bool,
) -> None:
    """RFC 1034 §3.6.2: a name with an alias has no other data, so it is no zone."""
    question = Question("example.com", type_, signed=signed)
    played = play([(0, alias(WWW))], question=question)
    assert played.sent == "A:1"
    assert played.answer == Answer(
        question=question,
        status=Status.NODATA,
        aliases=(WWW,),
        evidence=Evidence() if signed else None,
    )


def test_aliases_are_counted_over_all_replies() -> None:
    names = ["example.com", *(f"n{number}.example" for number in range(1, 10))]
    chain = [alias(target, owner=owner) for owner, target in pairwise(names)]
    answer = play(list(enumerate(chain))).answer
    assert answer is not None
    assert (answer.status, answer.loop) == (Status.SERVFAIL, True)
    assert answer.aliases == tuple(names[1:9])
    assert "more than 8 aliases" in answer.detail


def test_an_attempt_that_fails_at_once_is_followed_by_the_next() -> None:
    made: list[Attempt] = []

    def refuse(attempt: Attempt) -> Failed:
        made.append(attempt)
        return Failed(attempt, "too many open files", 0.0)

    steps = attempts(QUESTION, [A, B], Panel((A, B)), now=0.0, timeout=1, rounds=3)
    answer = advance(steps, None, refuse)
    assert [attempt.nameserver for attempt in made] == [A, B]
    assert isinstance(answer, Answer)
    assert answer.status is Status.TIMEOUT
    assert answer.detail.count("too many open files") == 2


# Hedging. The first is waited for as long as its past says, 75 ms without any; then the next is
# asked as well.

#: That much has happened before: both are quick, or one of them is dead.
QUICK = [("A", 0.01), ("B", 0.03)]
ALL_DEAD = [("A", None), ("B", None)] * 3
B_DEAD = [("A", 0.01)] + [("B", None)] * 3


def panel_of(
    history: Sequence[tuple[str, float | None]] = (),
    nameservers: Sequence[Nameserver] = (A, B),
    *,
    budget: bool = True,
) -> Panel:
    """What has replied how quickly before, in seconds; None: it failed."""
    panel = Panel(tuple(nameservers))
    for letter, seconds in history:
        nameserver = next(each for each in LETTERS if LETTERS[each] == letter)
        if seconds is None:
            panel.failed(nameserver)
        else:
            panel.replied(nameserver, seconds, -1.0)
    while not budget and panel.spend():
        pass
    return panel


@pytest.mark.parametrize(
    ("why", "history", "happenings", "sent"),
    [
        ("it answers in time", [], [(0, YES)], "A:0.075"),
        ("it does not", [], [EXPIRED, (1, YES)], "A:0.075 B:1.925"),
        ("it answers after all", [], [EXPIRED, (0, YES)], "A:0.075 B:1.925"),
        ("no longer than ever", QUICK, [EXPIRED, (1, YES)], "A:0.03 B:1.97"),
        ("who is dead, not before there is doubt", B_DEAD, [EXPIRED, (1, YES)], "A:0.2 B:1.8"),
        ("all are dead: as ever", ALL_DEAD, [EXPIRED] * 2 + [(2, YES)], "A:1 B:1 A:2"),
        ("it fails before", [], [(0, SERVFAIL), (1, YES)], "A:0.075 B:1"),
        (
            "silence: the round is as long as ever",
            [],
            [EXPIRED] * 5 + [(5, YES)],
            "A:0.075 B:1.925 A:0.075 B:3.925 A:0.075 B:7.925",
        ),
        # The same query again would be a query more (RFC 9520 §3.2): the first still has its time.
        (
            "the other fails",
            [],
            [EXPIRED, (1, SERVFAIL), (0, YES)],
            "A:0.075 B:1.925 -",
        ),
        (
            "the other fails, and the first is silent",
            [],
            [EXPIRED, (1, UNREACHABLE), EXPIRED, EXPIRED, (3, YES)],
            "A:0.075 B:1.925 - A:0.075 B:3.925",
        ),
        (
            "the first fails later, and the other has its own time",
            [],
            [EXPIRED, (0, SERVFAIL), EXPIRED, (2, YES)],
            "A:0.075 B:1.925 - B:2",
        ),
        ("both fail", [], [EXPIRED, (0, UNREACHABLE), (1, UNREACHABLE)], "A:0.075 B:1.925 -"),
        # A connection takes longer than a datagram.
        ("over TCP", QUICK, [(0, TRUNCATED), EXPIRED], "A:0.03 A:0.101:tcp B:1.899"),
    ],
)
def test_the_next_is_asked_early(
    why: str,
    history: Sequence[tuple[str, float | None]],
    happenings: list[Happening],
    sent: str,
) -> None:
    assert play(happenings, panel=panel_of(history)).sent == sent, why


def test_three_nameservers() -> None:
    played = play([EXPIRED, EXPIRED, (2, YES)], [A, B, C], panel=panel_of((), (A, B, C)))
    assert played.sent == "A:0.075 B:0.075 C:2.85"


def test_without_budget_it_is_as_without_hedging() -> None:
    """The budget is asked now and then whether there is more of it."""
    played = play([EXPIRED] * 5 + [(1, YES)], panel=panel_of(budget=False))
    assert played.sent == "A:0.075 - - - - B:1"
    assert played.took == 1


def test_who_has_turned_out_to_be_dead_is_waited_for_no_longer_without_budget_either() -> None:
    """If the other has replied meanwhile, to another question."""
    panel = panel_of(budget=False)
    made: list[Attempt] = []
    steps = attempts(QUESTION, [A, B], panel, now=0, timeout=1, rounds=1)
    assert advance(steps, None, made.append) == 0.075
    for _ in range(3):
        panel.failed(A)
    assert advance(steps, Expired(0.075), made.append) == pytest.approx(0.075)
    panel.replied(B, 0.001, 0.08)
    advance(steps, Expired(0.15), made.append)
    assert [attempt.nameserver for attempt in made] == [A, B]


def test_nobody_is_asked_early_who_dies_meanwhile() -> None:
    panel = panel_of()
    made: list[Attempt] = []
    steps = attempts(QUESTION, [A, B], panel, now=0, timeout=1, rounds=1)
    advance(steps, None, made.append)
    for _ in range(3):
        panel.failed(B)
    assert advance(steps, Expired(0.075), made.append) == pytest.approx(0.075)
    assert len(made) == 1


def test_who_states_a_failure_meanwhile_is_not_asked_early() -> None:
    """It had its turn in the round before, and says so late."""
    happenings: list[Happening] = [EXPIRED, EXPIRED, (1, SERVFAIL), EXPIRED, (3, YES)]
    played = play(happenings, panel=panel_of())
    assert played.sent == "A:0.075 B:1.925 A:0.075 - A:4"


def test_a_reply_that_is_read_late_is_as_good_and_nobody_else_is_asked() -> None:
    """The caller was busy for longer than anybody is waited for."""
    made: list[Attempt] = []
    panel = panel_of(QUICK)
    steps = attempts(QUESTION, [A, B], panel, now=0, timeout=1, rounds=1)
    advance(steps, None, made.append)
    outcome = advance(steps, Replied(made[0], YES, at=32.0, since=0.0), made.append)
    assert isinstance(outcome, Answer)
    assert len(made) == 1
    assert panel.delay(A) == pytest.approx(0.03), "how long it took is not known"


def test_a_failure_that_is_read_late_does_not_end_the_turn_of_another() -> None:
    made: list[Attempt] = []
    steps = attempts(QUESTION, [A, B], panel_of(), now=0, timeout=1, rounds=1)
    advance(steps, None, made.append)
    assert advance(steps, Expired(0.075), made.append) == pytest.approx(1.925)
    assert advance(steps, Failed(made[0], "reset", 0.5), made.append) == pytest.approx(0.575)


# What is learnt.


@pytest.mark.parametrize(
    ("why", "replies", "dead"),
    [
        ("REFUSED is about us", [REFUSED], True),
        ("a referral is no service", [REFERRAL], True),
        ("FORMERR, EDNS or not", [FORMERR, FORMERR], True),
        ("NOTIMP, EDNS or not", [NOTIMP, NOTIMP], True),
        ("it cannot be reached", [UNREACHABLE], True),
        ("SERVFAIL is about the name", [SERVFAIL], False),
        ("so is any other", [YXDOMAIN], False),
        ("FORMERR because of EDNS", [FORMERR, YES], False),
        ("BADVERS because of EDNS", [BADVERS, YES], False),
        ("truncated", [TRUNCATED, TRUNCATED], False),
        ("truncated, and no TCP", [TRUNCATED, "connection refused"], False),
    ],
)
def test_what_speaks_against_a_nameserver(
    why: str, replies: list[Reply | str], *, dead: bool
) -> None:
    panel = panel_of()
    for _ in range(3):
        play(list(enumerate(replies)), [A], panel=panel)
    assert panel.is_dead(A) == dead, why


@pytest.mark.parametrize(
    ("why", "happenings", "order"),
    [
        ("silence while the other answers", [EXPIRED, (1, YES)], [B, A]),
        ("silence of all", [EXPIRED] * 6, [A, B]),
        ("lies and garbage are silence", [EXPIRED, (1, NO)], [B, A]),
    ],
)
def test_who_is_silent_loses_its_place(
    why: str, happenings: list[Happening], order: list[Nameserver]
) -> None:
    panel = panel_of()
    for _ in range(3):
        play(happenings, panel=panel)
    assert panel.order() == order, why


def test_to_be_overtaken_is_a_failure_however_soon() -> None:
    """But one for all questions of one moment: a packet may be held up."""
    panel = panel_of([("A", 0.001), ("B", 0.001)])
    for _ in range(10):
        assert play([EXPIRED, (1, YES)], panel=panel).took == 0.02
    assert not panel.is_dead(A)
    for now in (1.0, 2.0):
        assert play([EXPIRED, (1, YES)], panel=panel, now=now).took == pytest.approx(0.02)
    assert panel.is_dead(A)


def test_only_what_udp_carries_at_once_is_a_measure() -> None:
    """A connection takes longer, and so does who asks others in vain."""
    panel = panel_of()
    made: list[Attempt] = []
    steps = attempts(QUESTION, [A], panel, now=0.0, timeout=1, rounds=1)
    advance(steps, None, made.append)
    advance(steps, Replied(made[0], FORMERR, 0.5, 0.5), made.append)
    advance(steps, Replied(made[1], TRUNCATED, 0.51, 0.51), made.append)
    advance(steps, Replied(made[2], YES, 0.8, 0.8), made.append)
    assert panel.delay(A) == pytest.approx(0.03)


# Bounds.


@given(histories(), st.booleans())
def test_silence_is_as_long_and_costs_as_much_whatever_has_happened_before(
    history: list[tuple[str, float | None]], budget: bool
) -> None:
    """A general outage neither multiplies the queries nor ends the question earlier."""
    panel = panel_of(history, budget=budget)
    made: list[Attempt] = []
    now, steps = 0.0, attempts(QUESTION, [A, B], panel, now=0.0, timeout=1, rounds=3)
    outcome = advance(steps, None, made.append)
    while not isinstance(outcome, Answer):
        now += outcome
        outcome = advance(steps, Expired(now), made.append)
    assert now == pytest.approx(14)
    assert Counter(attempt.nameserver for attempt in made) == {A: 3, B: 3}


@given(happenings(), histories(), st.booleans())
def test_whatever_happens_it_ends(
    draw: Callable[[int], Happening], history: list[tuple[str, float | None]], budget: bool
) -> None:
    """At most 3 rounds for each of 9 names, 3 ways to ask in each turn, so many waits."""
    panel = panel_of(history, budget=budget)
    made: list[Attempt] = []
    now, waits = 0.0, 0
    steps = attempts(QUESTION, [A, B], panel, now=now, timeout=1, rounds=3)
    outcome = advance(steps, None, made.append)
    while not isinstance(outcome, Answer):
        happening = draw(len(made))
        waits += happening is None
        now += outcome if happening is None else 0.01
        outcome = advance(steps, event(happening, made, now), made.append)
    sent = Counter(attempt.nameserver for attempt in made)
    assert max(sent.values()) <= 9 * 3 * 3
    # In a turn, the wait is doubled from 20 ms to 4 s at most.
    assert waits <= 9 * 3 * 2 * (1 + 8)
    assert (outcome.status is Status.OK) == bool(outcome.records)
