"""The cache, clause by clause."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import pytest
from attrs import evolve

from sipresolve.session.cache import Cache, Hit
from sipresolve.vocabulary.caching import CachePolicy, CacheStatistics
from sipresolve.vocabulary.records import (
    Answer,
    Question,
    RecordType,
    Security,
    Source,
    Srv,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.vocabulary.records import Record

VIEW: Final = ("ignore", "192.0.2.53")

HOST: Final = "host.example.com"

QUESTIONS: Final = {
    "A": Question(HOST, RecordType.A),
    "AAAA": Question(HOST, RecordType.AAAA),
    "SRV": Question("_sip._udp.example.com", RecordType.SRV),
    "ALIAS": Question("alias.example.com", RecordType.A),
    "ALIAS6": Question("alias.example.com", RecordType.AAAA),
}

#: What answers to these questions lead through.
ALIASES: Final = {"ALIAS": (HOST,), "ALIAS6": (HOST,)}

RECORDS: Final[dict[RecordType, tuple[Record, ...]]] = {
    RecordType.A: (ip_address("192.0.2.1"),),
    RecordType.AAAA: (ip_address("2001:db8::1"),),
    RecordType.SRV: (Srv(1, 2, 5060, HOST),),
}

#: Nothing is refreshed ahead; the rest is as it is by default.
POLICY: Final = CachePolicy(refresh_ahead=0)
NEVER_STALE: Final = evolve(POLICY, stale=0)
REFRESHED: Final = evolve(NEVER_STALE, refresh_ahead=0.1)


def answer(name: str, status: str, ttl: int | None = None) -> Answer:
    """An answer to one of the questions, by name."""
    question = QUESTIONS[name]
    return Answer(
        question=question,
        status=Status(status),
        ttl=ttl,
        records=RECORDS[question.type] if status == "ok" else (),
        aliases=ALIASES.get(name, ()),
    )


# --- Scenarios ------------------------------------------------------------------------------------

# Each step begins with the time and a question.
#
# - "heard STATUS TTL": this came of the question, which was asked at the same time, or "since" a
#   time before; "with A TTL" is what came along; "gives" is what those who wait are given, where it
#   is something else.
# - "asked": what the cache knows, and "refresh" where it is to be asked again.
# - "late": what it has where the answer is late.
#
# A failure is remembered for 2, 4, 8, 16 and then 30 seconds; with something stale for 30.

FRESH = {
    "nothing is known": "0 A asked nothing; 0 A late nothing",
    "RFC 1034 §4.3.2: until its TTL is over": (
        "0 A heard ok 300; 0 A asked ok cache; 299.9 A asked ok cache; 300 A asked nothing"
    ),
    "each type and each name has its own": (
        "0 A heard ok 300; 0 AAAA asked nothing; 0 SRV asked nothing"
    ),
    "TTL counts from when it was asked": (
        "10 A heard ok 300 since 5; 304.9 A asked ok cache; 305 A asked nothing"
    ),
    "one that was read too late has gone already": "9 A heard ok 5 since 1; 9 A asked nothing",
    "RFC 1035 §3.2.1: a TTL of 0 is for this transaction only": "0 A heard ok 0; 0 A asked nothing",
    "what has no TTL is kept elsewhere": "0 A heard ok; 0 A asked nothing",
    "a newer answer replaces an older one": (
        "0 A heard ok 300; 1 A heard ok 5; 5.9 A asked ok cache; 6 A asked nothing"
    ),
    "and so does one that is not kept": (
        "0 A heard ok 300; 1 A heard ok 0; 1 A asked nothing; 1 A heard ok 9; 2 A asked ok cache"
    ),
    "RFC 8767 §4: seven days at most": (
        "0 A heard ok 604801; 604799 A asked ok cache; 604800 A asked nothing"
    ),
    "RFC 8767 §4: with the high bit set likewise, and not 0 as in RFC 2181 §8": (
        "0 A heard ok 2147483648; 604799 A asked ok cache; 604800 A asked nothing"
    ),
    "and with all bits": "0 A heard ok 4294967295; 604799 A asked ok cache; 604800 A asked nothing",
}

ABSENT = {
    "RFC 2308 §5: NODATA is of one type": (
        "0 A heard nodata 60; 59 A asked nodata cache; 59 AAAA asked nothing; 60 A asked nothing"
    ),
    "RFC 2308 §5: NXDOMAIN is of every type": (
        "0 A heard nxdomain 60; 59 A asked nxdomain cache; 59 AAAA asked nxdomain cache;"
        "60 A asked nothing; 60 AAAA asked nothing"
    ),
    "one without an SOA replaces one that had it": (
        "0 A heard nxdomain 60; 1 AAAA heard nxdomain; 1 A asked nothing; 1 AAAA asked nothing"
    ),
    "but of no other name": "0 A heard nxdomain 60; 0 SRV asked nothing; 0 ALIAS asked nothing",
    "RFC 2308 §5: without an SOA it is not kept": (
        "0 A heard nodata; 0 A asked nothing; 0 A heard nxdomain; 0 A asked nothing"
    ),
    "TTL 0": "0 A heard nodata 0; 0 A asked nothing; 0 A heard nxdomain 0; 0 A asked nothing",
    "RFC 2308 §5: an hour at most": (
        "0 A heard nodata 86400; 0 SRV heard nxdomain 86400; 3599 A asked nodata cache;"
        "3599 SRV asked nxdomain cache; 3600 A asked nothing; 3600 SRV asked nothing"
    ),
    "RFC 2308 §2.1: it is the end of the aliases that does not exist": (
        "0 ALIAS heard nxdomain 60; 1 ALIAS asked nxdomain cache; 1 ALIAS6 asked nothing;"
        "1 A asked nxdomain cache; 1 AAAA asked nxdomain cache; 60 ALIAS asked nothing;"
        "60 AAAA asked nothing"
    ),
    "RFC 2308 §2.1: or that has no such record; of its other names nothing is said": (
        "0 ALIAS heard nodata 60; 1 ALIAS asked nodata cache; 1 ALIAS6 asked nothing;"
        "1 A asked nothing"
    ),
    "a name that exists after all": (
        "0 A heard nxdomain 60; 1 AAAA heard ok 60; 1 AAAA asked ok cache; 1 A asked nothing"
    ),
    "one that exists and has no such record": (
        "0 A heard nxdomain 60; 1 AAAA heard nodata 60; 1 AAAA asked nodata cache;1 A asked nothing"
    ),
    "one that exists for this moment": (
        "0 A heard nxdomain 60; 1 AAAA heard ok 0; 1 AAAA asked nothing; 1 A asked nothing"
    ),
    "one that aliases led through": (
        "0 A heard nxdomain 60; 1 ALIAS heard ok 60; 1 A asked nothing; 1 ALIAS asked ok cache"
    ),
    "one that is an alias": (
        "0 A heard nxdomain 60; 0 ALIAS heard nxdomain 60; 1 ALIAS6 asked nothing"
    ),
    "a name that is gone has no records": (
        "0 A heard ok 300; 0 AAAA heard ok 300; 1 A heard nxdomain 60;"
        "1 AAAA asked nxdomain cache; 60 A asked nxdomain cache; 61 A asked nothing;"
        "61 AAAA asked nothing"
    ),
    "not even where that is not kept": (
        "0 A heard ok 300; 0 AAAA heard ok 300; 1 A heard nxdomain; 1 A asked nothing;"
        "1 AAAA asked nothing"
    ),
    "nor where aliases led to it": (
        "0 AAAA heard ok 300; 1 ALIAS heard nxdomain 60; 1 AAAA asked nxdomain cache"
    ),
}

FAILED = {
    "RFC 9520 §3.2: a failure is remembered": (
        "0 A heard servfail; 0 A asked servfail cache; 1.9 A asked servfail cache;2 A asked nothing"
    ),
    "a time-out as well": "0 A heard timeout; 1.9 A asked timeout cache; 2 A asked nothing",
    "RFC 9520 §3.2: and one of DNSSEC": "0 A heard bogus; 1.9 A asked bogus cache",
    "RFC 2308 §7: for this type of this name": (
        "0 A heard refused; 0 AAAA asked nothing; 0 ALIAS asked nothing"
    ),
    "it counts from when it was noticed": (
        "5 A heard timeout since 0; 6.9 A asked timeout cache; 7 A asked nothing"
    ),
    "RFC 9520 §3.2: for longer each time, within bounds": (
        "0 A heard timeout; 2 A asked nothing; 2 A heard timeout; 5.9 A asked timeout cache;"
        "6 A heard timeout; 10.9 A asked timeout cache; 11 A asked nothing; 11 A heard timeout;"
        "15.9 A asked timeout cache; 16 A asked nothing"
    ),
    "a success ends the row": (
        "0 A heard timeout; 2 A heard timeout; 6 A heard ok 1; 7 A heard timeout;"
        "8.9 A asked timeout cache; 9 A asked nothing"
    ),
    "so does one that is not kept": (
        "0 A heard timeout; 1 A heard ok 0; 1 A asked nothing; 1 A heard timeout;"
        "2.9 A asked timeout cache; 3 A asked nothing"
    ),
    "so does a name that does not exist": (
        "0 AAAA heard timeout; 1 A heard nxdomain 5; 1 AAAA asked nxdomain cache;"
        "6 AAAA heard timeout; 7.9 AAAA asked timeout cache; 8 AAAA asked nothing"
    ),
    "a failure does not replace what is fresh": (
        "0 A heard ok 300; 1 A heard timeout gives ok cache; 1 A asked ok cache;"
        "299 A asked ok cache"
    ),
    "nor that its name does not exist": (
        "0 A heard nxdomain 60; 1 AAAA heard timeout gives nxdomain cache;"
        "1 AAAA asked nxdomain cache"
    ),
    "nor does one of DNSSEC, but nobody is told otherwise": (
        "0 A heard ok 300; 1 A heard bogus; 1 A asked ok cache; 299 A asked ok cache"
    ),
    "what the library itself refused is no failure of the DNS": (
        "0 A heard unasked; 0 A asked nothing; 0 A heard busy; 0 A asked nothing;"
        "0 A heard too-many-names; 0 A heard name-refused; 0 A asked nothing"
    ),
}

STALE = {
    "RFC 8767 §4: only where asking fails, or takes long": (
        "0 A heard ok 60; 60 A asked nothing; 60 A late ok stale; 61 A asked nothing"
    ),
    "what is fresh is not stale": "0 A heard ok 60; 59 A late nothing",
    "for a day": (
        "0 A heard ok 2; 1.9 A asked ok cache; 86401 A late ok stale; 86402 A late nothing"
    ),
    "RFC 8767 §5: asking again failed, and is not tried for 30 seconds": (
        "0 A heard ok 60; 70 A heard timeout gives ok stale; 70 A asked ok stale;"
        "99.9 A asked ok stale; 100 A asked nothing; 100 A heard servfail gives ok stale;"
        "129.9 A asked ok stale; 130 A asked nothing"
    ),
    "but not beyond its time": (
        "0 A heard ok 60; 86450 A heard timeout gives ok stale; 86459.9 A asked ok stale;"
        "86460 A asked timeout cache; 86480 A asked nothing"
    ),
    "RFC 9520 §3.2: it counts as one failure, however long it was waited": (
        "0 A heard ok 60; 86430 A heard timeout gives ok stale; 86459.9 A asked ok stale;"
        "86460 A heard timeout; 86463.9 A asked timeout cache; 86464 A asked nothing"
    ),
    "never where the answer is forged": (
        "0 A heard ok 60; 70 A heard bogus; 70 A asked bogus cache; 70 A late nothing;"
        "71.9 A asked bogus cache; 72 A asked nothing; 72 A late nothing"
    ),
    "until something else is heard": (
        "0 A heard ok 60; 70 A heard bogus; 72 A heard timeout gives ok stale; 72 A asked ok stale"
    ),
    "RFC 8767 §4: an absence replaces it": (
        "0 A heard ok 60; 60 A heard nodata 5; 60 A asked nodata cache; 65 A late nodata stale"
    ),
    "even one that is not kept": "0 A heard ok 60; 60 A heard nodata; 60 A late nothing",
    "RFC 8767 §4: so does NXDOMAIN, for every type": (
        "0 A heard ok 60; 0 AAAA heard ok 60; 60 A heard nxdomain; 60 AAAA late nothing;"
        "60 A late nothing"
    ),
    "that a name does not exist may be stale as well": (
        "0 A heard nxdomain 60; 60 AAAA asked nothing; 60 AAAA late nxdomain stale;"
        "60 AAAA heard timeout gives nxdomain stale; 89 AAAA asked nxdomain stale;"
        "89 A asked nothing"
    ),
    "a read that was late": "9 A heard ok 5 since 1; 9 A asked nothing; 9 A late ok stale",
    "a read that was a day late": "90000 A heard ok 5 since 1; 90000 A late nothing",
    "nothing is stale for a question that never had an answer": (
        "0 A heard timeout; 0 A late nothing; 3 A late nothing"
    ),
}

ADDITIONAL = {
    "RFC 2782: the addresses of the target come along": (
        "0 SRV heard ok 300 with A 60; 59 A asked ok cache; 60 A asked nothing"
    ),
    "RFC 2181 §5.4.1: what was asked for is trusted more": (
        "0 A heard ok 60; 1 SRV heard ok 300 with A 600; 59 A asked ok cache; 60 A asked nothing"
    ),
    "and so is that there is none": (
        "0 A heard nodata 60; 1 SRV heard ok 300 with A 600; 1 A asked nodata cache;"
        "2 AAAA heard nxdomain 60; 3 SRV heard ok 300 with A 600; 3 A asked nxdomain cache"
    ),
    "but not for longer than its TTL": (
        "0 A heard ok 60; 60 SRV heard ok 300 with A 60; 119 A asked ok cache;"
        "120 A heard nxdomain 60; 180 SRV heard ok 300 with A 60; 239 A asked ok cache"
    ),
    "it answers what could not be asked": (
        "0 A heard timeout; 1 SRV heard ok 300 with A 60; 1 A asked ok cache"
    ),
    "but not what was forged": (
        "0 A heard bogus; 1 SRV heard ok 300 with A 60; 1 A asked bogus cache"
    ),
    "nor does it end the back-off of other questions": (
        "0 AAAA heard timeout; 1 SRV heard ok 300 with A 60; 1 AAAA asked timeout cache"
    ),
    "with a TTL of 0 it is for this transaction only": (
        "0 SRV heard ok 300 with A 0; 0 A asked nothing"
    ),
    "its TTL counts from when the other was asked": (
        "10 SRV heard ok 300 since 5 with A 60; 64.9 A asked ok cache; 65 A asked nothing"
    ),
}

LONG_BACK_OFF = {
    "RFC 8767 §5: thirty seconds are the least": (
        "0 A heard ok 60; 70 A heard timeout gives ok stale; 169.9 A asked ok stale;"
        "170 A asked nothing"
    ),
}

SHORT_TTL = {
    "RFC 2308 §5: no absence is kept for longer than an answer": (
        "0 A heard nodata 3600; 0 SRV heard nxdomain 3600; 59 A asked nodata cache;"
        "59 SRV asked nxdomain cache; 60 A asked nothing; 60 SRV asked nothing"
    ),
}

FIVE_MINUTES_STALE = {
    # The reader of replies has taken the least of the two (RFC 2181 §5.2).
    "addresses with a TTL of 5 and one of 2": (
        "0 A heard ok 2; 1.9 A asked ok cache; 3 A asked nothing; 3 A late ok stale;"
        "303 A late nothing"
    ),
}

AHEAD = {
    "in the last tenth of its TTL, once": (
        "0 A heard ok 100; 89.9 A asked ok cache; 90 A asked ok cache refresh; 90 A asked ok cache;"
        "99 A asked ok cache; 100 A asked nothing"
    ),
    "once more when it was": (
        "0 A heard ok 100; 90 A asked ok cache refresh; 91 A heard ok 100 since 90;"
        "179 A asked ok cache; 180 A asked ok cache refresh"
    ),
    "an answer that nobody uses is not": "0 A heard ok 100; 100 A asked nothing",
    "one that lives for less than ten seconds is not": (
        "0 A heard ok 9; 8.9 A asked ok cache; 9 A heard ok 10; 18 A asked ok cache refresh"
    ),
    "RFC 9520 §3.2: not again while its failure is remembered": (
        "0 A heard ok 100; 90 A asked ok cache refresh; 91 A heard timeout gives ok cache;"
        "92.9 A asked ok cache; 93 A asked ok cache refresh; 93 A heard timeout gives ok cache;"
        "96.9 A asked ok cache; 97 A asked ok cache refresh; 97 A heard timeout gives ok cache;"
        "99.9 A asked ok cache; 100 A asked timeout cache; 105 A asked nothing"
    ),
    "a failure well before brings it no nearer": (
        "0 A heard ok 100; 1 A heard timeout gives ok cache; 50 A asked ok cache;"
        "90 A asked ok cache refresh"
    ),
    "an absence": "0 A heard nodata 100; 90 A asked nodata cache refresh; 90 A asked nodata cache",
    "a name that does not exist, whatever is asked": (
        "0 A heard nxdomain 100; 90 AAAA asked nxdomain cache refresh; 90 A asked nxdomain cache;"
        "91 AAAA heard nxdomain 100; 180 A asked nxdomain cache; 181 A asked nxdomain cache refresh"
    ),
    "a name that does not exist, and is not known to": (
        "0 A heard nxdomain 100; 90 AAAA asked nxdomain cache refresh;"
        "91 AAAA heard timeout gives nxdomain cache; 92.9 A asked nxdomain cache;"
        "93 A asked nxdomain cache refresh"
    ),
}


def play(cache: Cache, script: str) -> Iterator[tuple[str, str]]:
    """What each step expects, and what it is given."""
    for step in script.split(";"):
        time, name, verb, *words = step.split()
        now, question = float(time), QUESTIONS[name]
        if verb == "asked":
            yield " ".join(words), known(cache.get(question, VIEW, now))
        elif verb == "late":
            yield " ".join(words), described(cache.stale(question, VIEW, now))
        else:
            yield from hear(cache, now, name, words)


def hear(cache: Cache, now: float, name: str, words: list[str]) -> Iterator[tuple[str, str]]:
    what, _, given = " ".join(words).partition(" gives ")
    what, _, extra = what.partition(" with ")
    what, _, since = what.partition(" since ")
    status, _, ttl = what.partition(" ")
    heard = answer(name, status, int(ttl) if ttl else None)
    if extra:
        other, its_ttl = extra.split()
        heard = evolve(heard, additional=(answer(other, "ok", int(its_ttl)),))
    told = cache.put(heard, VIEW, now=now, since=float(since or now))
    yield given or f"{status} network", described(told)


def known(hit: Hit | None) -> str:
    if hit is None:
        return "nothing"
    return described(hit.answer) + (" refresh" if hit.refresh else "")


def described(given: Answer | None) -> str:
    return "nothing" if given is None else f"{given.status} {given.source}"


@pytest.mark.parametrize(
    ("policy", "script"),
    [
        pytest.param(policy, script, id=name)
        for policy, scripts in [
            (NEVER_STALE, FRESH),
            (NEVER_STALE, ABSENT),
            (NEVER_STALE, FAILED),
            (POLICY, STALE),
            (evolve(POLICY, stale=300), FIVE_MINUTES_STALE),
            (evolve(POLICY, failure_ttl=100, longest_failure_ttl=300), LONG_BACK_OFF),
            (evolve(NEVER_STALE, longest_ttl=60), SHORT_TTL),
            (POLICY, ADDITIONAL),
            (REFRESHED, AHEAD),
        ]
        for name, script in scripts.items()
    ],
)
def test_what_the_cache_knows(policy: CachePolicy, script: str) -> None:
    for step, (expected, given) in enumerate(play(Cache(policy), script)):
        assert given == expected, f"step {step}"


# --- What is given --------------------------------------------------------------------------------


def test_an_answer_is_given_as_received_but_for_what_came_along() -> None:
    # RFC 2181 §5.4.1: what came along may have been replaced by then, so it is kept apart.
    heard = evolve(
        answer("ALIAS", "ok", 700_000),
        additional=(answer("AAAA", "ok", 60),),
        authenticated=True,
        detail="from a test",
    )
    cache = Cache(POLICY)
    assert cache.put(heard, VIEW, now=5.0, since=3.0) is heard
    hit = cache.get(heard.question, VIEW, 6.0)
    given = evolve(heard, source=Source.CACHE, additional=())
    assert hit == Hit(given, refresh=False, expires=604_803.0, refresh_at=float("inf"))


def test_a_hit_makes_nothing() -> None:
    cache = Cache(CachePolicy())
    cache.put(answer("A", "ok", 300), VIEW, now=0.0, since=0.0)
    assert cache.get(QUESTIONS["A"], VIEW, 1.0) is cache.get(QUESTIONS["A"], VIEW, 2.0)


def test_a_name_that_does_not_exist_answers_the_question_that_was_asked() -> None:
    cache = Cache(POLICY)
    cache.put(answer("ALIAS", "nxdomain", 60), VIEW, now=0.0, since=0.0)
    hit = cache.get(QUESTIONS["AAAA"], VIEW, 1.0)
    assert hit is not None
    assert hit.answer == evolve(answer("AAAA", "nxdomain", 60), source=Source.CACHE)
    assert hit.expires == 60.0


# RFC 2308 §5 of a name that does not exist: what was said, and whether it counts for every type.
OF_THE_NAME: Final = [
    ("A", Security.SECURE, True),
    ("A", Security.INSECURE, True),
    ("A", Security.INDETERMINATE, True),
    # The zone of an alias that is not secure says nothing of another that may be.
    ("ALIAS", Security.SECURE, True),
    ("ALIAS", Security.INSECURE, False),
    ("ALIAS", Security.INDETERMINATE, True),
    # Some servers that know no such types deny the name.
    ("DS", Security.SECURE, True),
    ("DS", Security.INSECURE, False),
    ("DNSKEY", Security.INSECURE, False),
]


@pytest.mark.parametrize(("name", "security", "counts"), OF_THE_NAME)
def test_that_a_name_does_not_exist_counts_as_far_as_it_is_proven(
    name: str, security: Security, *, counts: bool
) -> None:
    asked = QUESTIONS.get(name) or Question(HOST, RecordType(name))
    heard = Answer(
        question=asked,
        status=Status.NXDOMAIN,
        ttl=60,
        aliases=ALIASES.get(name, ()),
        security=security,
    )
    cache = Cache(POLICY)
    cache.put(heard, VIEW, now=0.0, since=0.0)
    assert known(cache.get(asked, VIEW, 1.0)) == "nxdomain cache", "what was asked is kept"
    other = cache.get(QUESTIONS["AAAA"], VIEW, 1.0)
    assert known(other) == ("nxdomain cache" if counts else "nothing")


# When what came at 0 with a TTL of 300 s ends, and when it is fresh, stale, and gone.
ENDS: Final = [
    ("after all", 1e6, {299.9: "fresh", 300.0: "stale", 399.9: "stale", 400.0: "gone"}),
    ("while it is stale", 350.0, {299.9: "fresh", 300.0: "stale", 349.9: "stale", 350.0: "gone"}),
    ("while it is fresh", 60.0, {59.9: "fresh", 60.0: "gone"}),
    ("before it came", -1.0, {0.0: "gone"}),
]


@pytest.mark.parametrize(("ends", "states"), [row[1:] for row in ENDS], ids=[r[0] for r in ENDS])
@pytest.mark.parametrize("status", ["ok", "nodata", "nxdomain"])
def test_nothing_is_served_beyond_its_end(
    status: str, ends: float, states: dict[float, str]
) -> None:
    """RFC 4035 §5.3.3: neither fresh nor stale is what no signature vouches for any more."""
    cache = Cache(evolve(POLICY, stale=100))
    cache.put(answer("A", status, 300), VIEW, now=0.0, since=0.0, ends=ends)
    for now, state in states.items():
        is_fresh = cache.get(QUESTIONS["A"], VIEW, now) is not None
        is_stale = cache.stale(QUESTIONS["A"], VIEW, now) is not None
        assert (is_fresh, is_stale) == (state == "fresh", state == "stale"), now


def test_what_ends_before_its_ttl_is_refreshed_in_the_last_part_of_its_life() -> None:
    """And not with every use, however long its TTL is."""
    cache = Cache(REFRESHED)
    cache.put(answer("A", "ok", 86_400), VIEW, now=0.0, since=0.0, ends=60.0)
    hit = cache.get(QUESTIONS["A"], VIEW, 0.0)
    assert hit is not None
    assert (hit.refresh, hit.refresh_at, hit.expires) == (False, 54.0, 60.0)


def test_aliases_may_be_written_in_any_way() -> None:
    cache = Cache(POLICY)
    heard = evolve(answer("ALIAS", "nxdomain", 60), aliases=("HOST.Example.com.",))
    cache.put(heard, VIEW, now=0.0, since=0.0)
    hit = cache.get(QUESTIONS["A"], VIEW, 1.0)
    assert hit is not None
    assert hit.answer.status is Status.NXDOMAIN


def test_a_stale_answer_is_marked_and_has_a_ttl_of_its_own() -> None:
    # RFC 8767 §4: 30 seconds are recommended.
    cache = Cache(POLICY)
    cache.put(answer("A", "ok", 60), VIEW, now=0.0, since=0.0)
    stale = evolve(answer("A", "ok", 30), source=Source.STALE)
    assert cache.stale(QUESTIONS["A"], VIEW, 60.0) == stale
    assert cache.put(answer("A", "timeout"), VIEW, now=60.0, since=55.0) == stale
    assert cache.get(QUESTIONS["A"], VIEW, 61.0) == Hit(stale, refresh=False, expires=90.0)
    cache.put(answer("A", "timeout"), VIEW, now=86_450.0, since=86_450.0)
    assert cache.get(QUESTIONS["A"], VIEW, 86_451.0) == Hit(stale, refresh=False, expires=86_460.0)


def test_only_records_come_along() -> None:
    absences = (answer("A", "nodata", 60), answer("AAAA", "nxdomain", 60))
    cache = Cache(POLICY)
    cache.put(evolve(answer("SRV", "ok", 60), additional=absences), VIEW, now=0.0, since=0.0)
    assert cache.get(QUESTIONS["A"], VIEW, 1.0) is None
    assert cache.get(QUESTIONS["AAAA"], VIEW, 1.0) is None


@pytest.mark.parametrize(
    ("asked", "host", "kept"),
    [
        ("_sip._udp.example.com SRV", "pbx.example.com", True),
        ("_sip._udp.example.com SRV", "deep.below.example.com", True),
        ("_sips._tcp.example.com SRV", "example.com", True),
        # at or below the domain, and not only like it
        ("_sip._udp.evil.example SRV", "pbx.victim.com", False),
        ("_sip._udp.example.com SRV", "pbx.another-example.com", False),
        ("_sip._udp.a.example.com SRV", "b.example.com", False),
        ("_sip._udp.a.example.com SRV", "example.com", False),
        # labels that SIP does not know are of the domain
        ("_r1._udp.example.com SRV", "pbx.example.com", False),
    ],
)
def test_what_comes_along_is_kept_for_hosts_of_the_domain(
    asked: str, host: str, kept: bool
) -> None:
    """RFC 2181 §5.4.1: else whoever publishes SRV records says where the hosts of others are."""
    name, kind = asked.split()
    extra = Answer(
        question=Question(host, RecordType.A),
        status=Status.OK,
        records=(ip_address("203.0.113.6"),),
        ttl=300,
        source=Source.ADDITIONAL,
    )
    heard = Answer(
        question=Question(name, RecordType(kind)),
        status=Status.OK,
        records=(Srv(1, 1, 5060, host),),
        ttl=300,
        additional=(extra,),
    )
    cache = Cache(POLICY)
    assert cache.put(heard, VIEW, now=0.0, since=0.0) is heard, "who asked may use it"
    assert (cache.get(extra.question, VIEW, 1.0) is not None) is kept
    assert (cache.stale(extra.question, VIEW, 301.0) is not None) is kept


def test_a_failure_says_what_happened() -> None:
    heard = evolve(answer("A", "servfail"), loop=True, detail="alias.example.com leads to itself")
    cache = Cache(POLICY)
    assert cache.put(heard, VIEW, now=5.0, since=0.0) is heard
    failed = Hit(evolve(heard, source=Source.CACHE), refresh=False, expires=7.0)
    assert cache.get(QUESTIONS["A"], VIEW, 6.0) == failed


def test_it_is_said_when_a_refresh_is_due() -> None:
    cache = Cache(CachePolicy())
    cache.put(answer("A", "ok", 100), VIEW, now=0.0, since=0.0)
    given = evolve(answer("A", "ok", 100), source=Source.CACHE)
    never = float("inf")
    assert cache.get(QUESTIONS["A"], VIEW, 1.0) == Hit(given, False, 100.0, 90.0)  # noqa: FBT003 - of `refresh`, as below
    assert cache.get(QUESTIONS["A"], VIEW, 95.0) == Hit(given, True, 100.0, never)  # noqa: FBT003
    assert cache.get(QUESTIONS["A"], VIEW, 95.0) == Hit(given, False, 100.0, never)  # noqa: FBT003
    cache.put(answer("A", "timeout"), VIEW, now=96.0, since=95.0)
    assert cache.get(QUESTIONS["A"], VIEW, 96.0) == Hit(given, False, 100.0, 98.0)  # noqa: FBT003


def test_what_is_put_stays_as_it_is() -> None:
    heard = evolve(answer("SRV", "ok", 300), additional=(answer("A", "ok", 60),))
    before = evolve(heard)
    cache = Cache(CachePolicy())
    cache.put(heard, VIEW, now=0.0, since=0.0)
    cache.get(QUESTIONS["SRV"], VIEW, 295.0)
    cache.stale(QUESTIONS["SRV"], VIEW, 400.0)
    assert heard == before


# --- Views ----------------------------------------------------------------------------------------


def test_views_are_kept_apart() -> None:
    cache = Cache(POLICY)
    cache.put(answer("A", "ok", 60), VIEW, now=0.0, since=0.0)
    cache.put(answer("SRV", "nxdomain", 60), VIEW, now=0.0, since=0.0)
    assert cache.get(QUESTIONS["A"], "other", 0.0) is None
    assert cache.get(QUESTIONS["SRV"], "other", 0.0) is None
    assert cache.stale(QUESTIONS["A"], "other", 60.0) is None
    cache.put(answer("A", "nxdomain", 60), "other", now=0.0, since=0.0)
    cache.put(answer("SRV", "ok", 60), "other", now=0.0, since=0.0)
    assert known(cache.get(QUESTIONS["A"], VIEW, 0.0)) == "ok cache"
    assert known(cache.get(QUESTIONS["SRV"], VIEW, 0.0)) == "nxdomain cache"


# --- Flushing -------------------------------------------------------------------------------------

FILLED = (
    "0 A heard ok 60; 0 AAAA heard timeout; 0 ALIAS heard ok 60; 0 ALIAS6 heard timeout;"
    "0 SRV heard ok 60"
)


def filled() -> Cache:
    cache = Cache(POLICY)
    for expected, given in play(cache, FILLED):
        assert expected == given
    cache.put(answer("A", "nxdomain", 60), "other", now=0.0, since=0.0)
    return cache


@pytest.mark.parametrize(
    ("flushed", "left"),
    [
        (None, set()),
        ("other.example.com", {"A", "AAAA", "ALIAS", "ALIAS6", "SRV"}),
        ("_sip._udp.example.com", {"A", "AAAA", "ALIAS", "ALIAS6"}),
        # of every type and view, failures as well, and what aliases led through it to
        ("Host.EXAMPLE.com.", {"SRV"}),
        ("alias.example.com", {"A", "AAAA", "SRV"}),
    ],
)
def test_flushing_forgets_all_that_is_known_of_a_name(flushed: str | None, left: set[str]) -> None:
    cache = filled()
    cache.flush(flushed)
    assert {name for name, asked in QUESTIONS.items() if cache.get(asked, VIEW, 1.0)} == left
    assert (cache.get(QUESTIONS["A"], "other", 1.0) is not None) == ("A" in left)
    statistics = cache.statistics()
    assert statistics.entries == len(left) + ("A" in left)
    assert (statistics.octets == 0) == (not left)
    assert statistics.evicted == 0


# --- Bounds ---------------------------------------------------------------------------------------


def numbered(number: int, status: Status = Status.OK) -> Answer:
    question = Question(f"host{number:05}.example.com", RecordType.A)
    return Answer(question=question, status=status, ttl=300)


def fill(cache: Cache, numbers: range, status: Status = Status.OK) -> None:
    for number in numbers:
        cache.put(numbered(number, status), VIEW, now=0.0, since=0.0)


def kept(cache: Cache, numbers: range) -> list[int]:
    return [number for number in numbers if cache.get(numbered(number).question, VIEW, 1.0)]


@pytest.mark.parametrize("status", [Status.OK, Status.NODATA, Status.NXDOMAIN, Status.TIMEOUT])
def test_the_least_recently_used_goes_first(status: Status) -> None:
    cache = Cache(CachePolicy(entries=3))
    fill(cache, range(3), status)
    assert kept(cache, range(1)) == [0]
    fill(cache, range(3, 4), status)
    assert kept(cache, range(4)) == [0, 2, 3]
    assert cache.statistics().evicted == 1


def test_a_stale_answer_in_use_stays() -> None:
    cache = Cache(CachePolicy(entries=2))
    fill(cache, range(2))
    assert cache.stale(numbered(0).question, VIEW, 400.0) is not None
    cache.put(numbered(2), VIEW, now=400.0, since=400.0)
    assert cache.stale(numbered(0).question, VIEW, 401.0) is not None
    assert cache.stale(numbered(1).question, VIEW, 401.0) is None


def test_memory_is_bounded() -> None:
    cache = Cache(CachePolicy())
    fill(cache, range(1))
    one = cache.statistics().octets
    cache = Cache(CachePolicy(octets=3 * one))
    fill(cache, range(10))
    assert kept(cache, range(10)) == [7, 8, 9]
    assert cache.statistics() == CacheStatistics(
        hits=3, misses=7, stale=0, refreshed=0, evicted=7, entries=3, octets=3 * one
    )


def test_what_is_larger_than_all_of_it_is_not_kept_and_costs_nobody_his_place() -> None:
    cache = Cache(CachePolicy(octets=5_000))
    fill(cache, range(3))
    large = evolve(numbered(2), records=(ip_address("192.0.2.1"),) * 100)
    cache.put(large, VIEW, now=0.0, since=0.0)
    assert kept(cache, range(3)) == [0, 1]  # the third was answered anew
    failed = evolve(numbered(1, Status.TIMEOUT), detail="x" * 5_000)
    assert cache.put(failed, VIEW, now=0.0, since=0.0).status is Status.OK
    assert kept(cache, range(3)) == [0, 1]
    assert cache.statistics().evicted == 0


def test_what_is_of_no_use_any_more_takes_no_room() -> None:
    cache = Cache(POLICY)
    cache.put(answer("A", "ok", 5), VIEW, now=90_000.0, since=0.0)
    assert cache.statistics().entries == 0


def test_a_failure_beside_an_answer_takes_room_and_gives_it_back() -> None:
    cache = Cache(POLICY)
    fill(cache, range(1))
    before = cache.statistics().octets
    fill(cache, range(1), Status.TIMEOUT)
    assert cache.statistics().octets > before
    fill(cache, range(1))
    assert cache.statistics().octets == before
    assert cache.statistics().entries == 1


def test_without_entries_there_is_no_cache() -> None:
    cache = Cache(CachePolicy(entries=0))
    for status in ("ok", "nxdomain", "timeout"):
        heard = answer("A", status, 60)
        assert cache.put(heard, VIEW, now=0.0, since=0.0) is heard
        assert cache.get(QUESTIONS["A"], VIEW, 0.0) is None
        assert cache.stale(QUESTIONS["A"], VIEW, 61.0) is None
    cache.flush()
    assert cache.statistics() == CacheStatistics(
        hits=0, misses=3, stale=0, refreshed=0, evicted=0, entries=0, octets=0
    )


# --- Statistics -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "counted"),
    [
        (
            "0 A asked nothing; 0 A heard ok 60; 1 A asked ok cache; 2 A asked ok cache",
            (2, 1, 0, 0),
        ),
        ("0 A heard timeout; 1 A asked timeout cache; 2 A asked nothing", (1, 1, 0, 0)),
        ("0 A heard nxdomain 60; 1 AAAA asked nxdomain cache", (1, 0, 0, 0)),
        (
            "0 A heard ok 60; 60 A late ok stale; 60 A late ok stale; 60 AAAA late nothing",
            (0, 0, 2, 0),
        ),
        (
            "0 A heard ok 9; 9 A heard timeout gives ok stale; 10 A asked ok stale",
            (0, 0, 2, 0),
        ),
        ("0 A heard ok 60; 1 A heard timeout gives ok cache", (0, 0, 0, 0)),
        ("0 A heard ok 60; 59 A asked ok cache refresh; 60 A heard ok 60", (1, 0, 0, 1)),
        (
            "0 A heard nxdomain 60; 59 AAAA asked nxdomain cache refresh; 60 AAAA heard ok 60",
            (1, 0, 0, 1),
        ),
        (
            "0 A heard ok 60; 59 A asked ok cache refresh; 59 A heard timeout gives ok cache",
            (1, 0, 0, 0),
        ),
        # nobody asked for it
        ("0 A heard ok 60; 59 A heard ok 60; 59 A heard ok 60", (0, 0, 0, 0)),
    ],
)
def test_what_is_counted(script: str, counted: tuple[int, int, int, int]) -> None:
    cache = Cache(CachePolicy())
    for expected, given in play(cache, script):
        assert given == expected
    statistics = cache.statistics()
    hits, misses, stale, refreshed = counted
    assert statistics == evolve(
        statistics, hits=hits, misses=misses, stale=stale, refreshed=refreshed
    )
