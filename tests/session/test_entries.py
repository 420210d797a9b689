"""What a cache keeps under one key."""

from __future__ import annotations

import gc
import tracemalloc
from ipaddress import ip_address

import pytest
from attrs import evolve

from sipresolve.session.entries import EMPTY, NEVER, Entry, Failure, Hit, Known, as_kept
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import (
    Answer,
    Naptr,
    Question,
    Record,
    RecordType,
    Source,
    Srv,
    Status,
)

QUESTION = Question("host.example.com", RecordType.A)
ANSWER = Answer(
    question=QUESTION,
    status=Status.OK,
    records=(ip_address("192.0.2.1"),),
    ttl=60,
    source=Source.CACHE,
)
FAILED = Answer(question=QUESTION, status=Status.TIMEOUT, source=Source.CACHE)


def known(answer: Answer = ANSWER) -> Known:
    return Known((answer.question, "view"), answer, expires=60.0, gone=90.0, due=54.0)


# --- Answers --------------------------------------------------------------------------------------


def test_an_answer_is_given_as_it_is_until_somebody_asks_again() -> None:
    entry = known()
    assert entry.hit(QUESTION) == Hit(ANSWER, refresh=False, expires=60.0, refresh_at=54.0)
    assert entry.claim(QUESTION) == Hit(ANSWER, refresh=True, expires=60.0)
    assert entry.is_claimed
    assert entry.hit(QUESTION) == Hit(ANSWER, refresh=False, expires=60.0)


@pytest.mark.parametrize(("until", "refresh_at"), [(53.0, 54.0), (57.0, 57.0)])
def test_after_a_failure_it_is_not_asked_again_at_once(until: float, refresh_at: float) -> None:
    entry = known()
    entry.claim(QUESTION)
    entry.release(until)
    assert not entry.is_claimed
    assert entry.hit(QUESTION).refresh_at == entry.refresh_at == refresh_at


def test_what_is_never_due_stays_so() -> None:
    entry = evolve(known(), due=NEVER)
    entry.release(57.0)
    assert entry.refresh_at == NEVER


def test_one_answer_may_answer_several_questions() -> None:
    # RFC 2308 §5: that a name does not exist holds for every type.
    other = Question(QUESTION.name, RecordType.SRV)
    entry = known(evolve(ANSWER, status=Status.NXDOMAIN, records=()))
    assert entry.hit(other).answer == evolve(entry.answer, question=other)
    assert entry.hit(QUESTION).answer is entry.answer


@pytest.mark.parametrize(
    ("now", "is_stale"), [(0.0, False), (59.9, False), (60.0, True), (89.9, True), (90.0, False)]
)
def test_it_is_stale_for_a_while(now: float, *, is_stale: bool) -> None:
    assert known().is_stale(now) == is_stale


def test_what_came_along_is_kept_elsewhere() -> None:
    heard = evolve(ANSWER, source=Source.NETWORK, additional=(ANSWER,))
    assert as_kept(heard) == ANSWER


# --- Failures -------------------------------------------------------------------------------------


def test_a_failure_is_known_until_it_lapses() -> None:
    failure = Failure(FAILED, until=7.0, back_off=2.0)
    assert failure.hit() == Hit(FAILED, refresh=False, expires=7.0)


@pytest.mark.parametrize("status", [status for status in Status if status.is_failure])
def test_a_forged_answer_is_told_from_other_failures(status: Status) -> None:
    failure = Failure(evolve(FAILED, status=status), until=7.0, back_off=2.0)
    assert failure.is_bogus == (status is Status.BOGUS)


# --- Entries --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        (EMPTY, set()),
        (Entry(known()), {"host.example.com"}),
        (
            Entry(known(evolve(ANSWER, aliases=("Alias.example.com.",)))),
            {"host.example.com", "alias.example.com"},
        ),
        (Entry(failure=Failure(FAILED, 7.0, 2.0)), {"host.example.com"}),
    ],
)
def test_an_entry_says_something_of_all_names_on_the_way(entry: Entry, names: set[str]) -> None:
    asked = ["host.example.com", "alias.example.com", "example.com"]
    assert {name for name in asked if entry.says_of(name)} == names


@pytest.mark.parametrize(
    "larger",
    [
        Entry(known(), Failure(FAILED, 7.0, 2.0)),
        Entry(known(evolve(ANSWER, records=(*ANSWER.records, ip_address("2001:db8::1"))))),
        Entry(known(evolve(ANSWER, records=(Srv(0, 0, 0, "a"),)))),
        Entry(known(evolve(ANSWER, records=(Naptr(0, 0, "", "", b"", "."),)))),
        Entry(known(evolve(ANSWER, records=(DnsKey(257, 3, 13, b""),)))),
        Entry(known(evolve(ANSWER, records=(Ds(1, 13, 2, b""),)))),
        Entry(known(evolve(ANSWER, aliases=("alias.example.com",)))),
        Entry(known(evolve(ANSWER, detail="more"))),
        Entry(known(evolve(ANSWER, question=Question("longer." + QUESTION.name, RecordType.A)))),
    ],
)
def test_all_that_an_entry_has_takes_room(larger: Entry) -> None:
    assert larger.octets > Entry(known()).octets > EMPTY.octets


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (DnsKey(257, 3, 13, b""), DnsKey(257, 3, 13, bytes(60_000))),
        (Ds(1, 13, 2, b""), Ds(1, 13, 2, bytes(60_000))),
    ],
)
def test_each_octet_of_a_key_takes_room(short: Record, long: Record) -> None:
    """RFC 4034 §2.1.4 and §5.1.4 leave the length of a key and of a digest to their algorithms."""
    less, more = (Entry(known(evolve(ANSWER, records=(each,)))).octets for each in (short, long))
    assert more - less == 60_000


@pytest.mark.parametrize("records", [0, 1, 10])
@pytest.mark.parametrize("kind", RecordType)
def test_the_estimate_is_near_what_python_takes(kind: RecordType, records: int) -> None:
    def keep(number: int) -> Entry:
        question = Question(f"host{number}.example.com", kind)
        entry = known(
            Answer(
                question=question,
                status=Status.OK,
                ttl=1000 + number,
                records=tuple(record(kind, number * 10 + index) for index in range(records)),
            )
        )
        entry.hit(question)
        return Entry(entry)

    gc.collect()
    tracemalloc.start()
    entries = {(number, "view"): keep(number) for number in range(100)}
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    estimated = sum(entry.octets for entry in entries.values())
    assert estimated / 2 < taken < estimated * 1.5


def record(kind: RecordType, number: int) -> Record:
    if kind is RecordType.SRV:
        return Srv(10, 1000 + number, 5000 + number, f"target{number}.example.com")
    if kind is RecordType.NAPTR:
        return Naptr(
            *(1000 + number, 10, f"s{number}", f"SIP+D2U{number}"),
            *(b"!%d!" % number, f"_sip._udp.of{number}.example.com"),
        )
    if kind is RecordType.DNSKEY:
        return DnsKey(257, 3, 13, number.to_bytes(64, "big"))
    if kind is RecordType.DS:
        return Ds(1000 + number, 13, 2, number.to_bytes(32, "big"))
    return ip_address((2**120 if kind is RecordType.AAAA else 2**24) + number)
