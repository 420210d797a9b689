"""What is sent when, and when it ends: every decision about one question."""

from __future__ import annotations

from ipaddress import ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from hypothesis import given
from strategies import happenings

from sipresolve.exchange.attempts import (
    Attempt,
    Event,
    Expired,
    Failed,
    Replied,
    advance,
    attempts,
)
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.replies import Alias, RecordSet, Reply
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
    """What was sent, by who was asked and how, `-` for nothing; and the answer."""

    sent: str
    answer: Answer | None


def play(
    happenings: Sequence[Happening], nameservers: Sequence[Nameserver] = (A, B), rounds: int = 3
) -> Play:
    made: list[Attempt] = []
    sent: list[str] = []

    def begin(attempt: Attempt) -> None:
        made.append(attempt)
        sent.append(written(attempt))

    steps = attempts(QUESTION, nameservers, timeout=1, rounds=rounds)
    answer = advance(steps, None, begin)
    for happening in happenings:
        assert answer is None, "it had ended before"
        before = len(made)
        answer = advance(steps, event(happening, made), begin)
        if len(made) == before and answer is None:
            sent.append("-")
    return Play(" ".join(sent), answer)


def event(happening: Happening, made: Sequence[Attempt]) -> Event:
    if happening is None:
        return Expired()
    number, what = happening
    return Failed(made[number], what) if isinstance(what, str) else Replied(made[number], what)


def written(attempt: Attempt) -> str:
    how = [LETTERS[attempt.nameserver], str(int(attempt.patience))]
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
            "and if that fails, the other is still to be asked again",
            [EXPIRED, (0, TRUNCATED), (2, "reset"), (3, "reset"), (4, YES)],
            "A:1 B:1 A:1:tcp A:2:tcp B:2",
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
        return Failed(attempt, "too many open files")

    answer = advance(attempts(QUESTION, [A, B], timeout=1, rounds=3), None, refuse)
    assert [attempt.nameserver for attempt in made] == [A, B]
    assert answer is not None
    assert answer.status is Status.TIMEOUT
    assert answer.detail.count("too many open files") == 2


@given(happenings())
def test_whatever_happens_it_ends(draw: Callable[[int], Happening]) -> None:
    """At most 3 rounds for each of 9 names, 3 ways to ask in each turn, so many waits."""
    made: list[Attempt] = []

    def begin(attempt: Attempt) -> None:
        made.append(attempt)

    steps = attempts(QUESTION, [A, B], timeout=1, rounds=3)
    answer = advance(steps, None, begin)
    waits = 0
    while answer is None:
        happening = draw(len(made))
        waits += happening is None
        answer = advance(steps, event(happening, made), begin)
    assert len(made) <= 9 * 3 * 2 * 3
    assert waits <= 9 * 3 * 2
    assert (answer.status is Status.OK) == bool(answer.records)
