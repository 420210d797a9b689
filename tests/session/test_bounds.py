"""What is not asked, and what is not taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import answer, question
from strategies import answers_to

from sipresolve.session.bounds import Bounds, trimmed
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Status

NAME = question("sip.example.com A")


def refused(policy: Policy, text: str = "sip.example.com A", in_flight: int = 0) -> Answer | None:
    bounds, asked = Bounds(policy), question(text)
    return bounds.forbidden(asked, policy) or bounds.refusal(asked, policy, 0.0, in_flight)


# --- What is not asked


def test_by_default_nothing_is_refused() -> None:
    assert refused(Policy(), in_flight=999) is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Sip.Example.COM. A", "sip.example.com"),
        ("_sip._udp.example.com SRV", "_sip._udp.example.com"),
        (". NAPTR", "."),
    ],
)
def test_a_hook_is_asked_for_each_name(text: str, asked: str) -> None:
    heard: list[str] = []

    def refuse(name: str) -> bool:
        heard.append(name)
        return False

    policy = Policy(allow_name=refuse)
    answer = refused(policy, text)
    assert heard == [asked]
    assert answer == Answer(
        question=question(text),
        status=Status.NAME_REFUSED,
        detail="not asked, the policy does not allow the name",
    )
    assert refused(Policy(allow_name=lambda _: True), text) is None


def test_a_hook_that_fails_is_misuse() -> None:
    fault = KeyError("blocked")

    def fail(_name: str) -> bool:
        raise fault

    with pytest.raises(Misuse) as caught:
        refused(Policy(allow_name=fail))
    assert str(caught.value).startswith("the policy's allow_name failed: KeyError('blocked')")
    assert caught.value.__cause__ is fault


def test_too_many_questions_at_once() -> None:
    policy = Policy(concurrency=8)
    assert refused(policy, in_flight=7) is None
    assert refused(policy, in_flight=8) == Answer(
        question=NAME, status=Status.BUSY, detail="not asked, 8 questions are in flight"
    )


def test_what_is_only_probably_needed_stops_at_three_quarters() -> None:
    policy = Policy(concurrency=8)
    room = [Bounds(policy).has_room_for_hints(policy, in_flight) for in_flight in range(10)]
    assert room == [True] * 6 + [False] * 4


def test_too_many_names_below_one_domain() -> None:
    policy = Policy(names_per_minute=2)
    bounds = Bounds(policy)
    said = [
        bounds.refusal(question(text), policy, now, 0)
        for now, text in [
            (0.0, "a.example.com NAPTR"),
            (0.0, "_sip._udp.a.example.com SRV"),
            (0.0, "b.example.com A"),
            (0.0, "b.example.com AAAA"),
            (0.0, "c.d.example.com A"),
            (60.0, "c.d.example.com A"),
        ]
    ]
    assert said[:4] == [None] * 4
    assert said[4] == Answer(
        question=question("c.d.example.com A"),
        status=Status.TOO_MANY_NAMES,
        detail="not asked, too many names below example.com in a minute",
    )
    assert said[5] is None


def test_a_name_that_is_refused_otherwise_does_not_count() -> None:
    policy = Policy(names_per_minute=1, concurrency=1, allow_name=lambda name: name[0] != "x")
    bounds = Bounds(policy)
    assert bounds.forbidden(question("x.example.com A"), policy)
    assert bounds.refusal(question("y.example.com A"), policy, 0.0, 1)
    assert bounds.refusal(question("z.example.com A"), policy, 0.0, 0) is None


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        # RFC 6116 §3.2: the digits of a number, each a label
        ("{n}.6.4.e164.arpa NAPTR", False),
        ("{n}.0.carrier.example NAPTR", False),
        ("{n}.0.other.example NAPTR", True),
        ("1{n}.0.e164.arpa NAPTR", True),
        ("x.{n}.e164.arpa NAPTR", True),
        ("{n}.6.4.e164.arpa A", True),
        ("{n}.notcarrier.example NAPTR", True),
    ],
)
def test_the_names_of_numbers_do_not_count(text: str, counts: bool) -> None:
    policy = Policy(names_per_minute=3, enum_roots=["e164.arpa", "carrier.example"])
    bounds = Bounds(policy)
    said = [bounds.refusal(question(text.format(n=n)), policy, 0.0, 0) for n in range(10)]
    assert [each for each in said if each] == (said[3:] if counts else [])


# --- What is not taken

NAPTRS = (
    '20 1 "s" "SIP+D2U" "" c.example',
    '10 9 "s" "SIP+D2U" "" b.example',
    '10 1 "s" "SIP+D2U" "" z.example',
    '10 1 "s" "SIP+D2T" "" y.example',
)
SRVS = (
    "2 0 5060 a.example",
    "1 5 5060 c.example",
    "1 5 5061 b.example",
    "1 5 5060 b.example",
    "1 9 5060 d.example",
)


@pytest.mark.parametrize(
    ("text", "records", "most", "kept"),
    [
        # RFC 2782: the lowest priority first, then the greatest weight
        ("x.example SRV", SRVS, 1, [4]),
        ("x.example SRV", SRVS, 2, [3, 4]),
        ("x.example SRV", SRVS, 3, [2, 3, 4]),
        ("x.example SRV", SRVS, 4, [1, 2, 3, 4]),
        # RFC 3403 §4.1: order, then preference; equals as received
        ("x.example NAPTR", NAPTRS, 1, [2]),
        ("x.example NAPTR", NAPTRS, 2, [2, 3]),
        ("x.example NAPTR", NAPTRS, 3, [1, 2, 3]),
        ("x.example A", ("192.0.2.10", "192.0.2.9", "192.0.2.200"), 2, [0, 1]),
        ("x.example AAAA", ("2001:db8::b", "2001:db8::a"), 1, [1]),
    ],
)
def test_what_stays_of_too_many_records(
    text: str, records: tuple[str, ...], most: int, kept: list[int]
) -> None:
    whole = answer(text, *records)
    part = trimmed(whole, most)
    assert part.records == tuple(whole.records[n] for n in kept)
    assert part.left_out == len(records) - most


def test_the_additional_section_is_trimmed_as_well() -> None:
    long = answer("a.example A", "192.0.2.2", "192.0.2.1")
    short = answer("b.example A", "192.0.2.3")
    whole = answer("x.example SRV", SRVS[0], additional=(long, short))
    part = trimmed(whole, 1)
    assert part.additional == (trimmed(long, 1), short)
    assert part.additional[0].left_out == 1
    assert (part.records, part.left_out) == (whole.records, 0)


def test_trimming_twice_counts_both() -> None:
    whole = answer("x.example SRV", *SRVS)
    assert trimmed(trimmed(whole, 3), 2) == trimmed(whole, 2)


@given(st.sampled_from(["x.example SRV", "x.example NAPTR", "x.example A"]), st.data())
def test_what_is_left_out_is_counted(text: str, data: st.DataObject) -> None:
    whole = data.draw(answers_to(question(text)))
    most = data.draw(st.integers(1, 6))
    part = trimmed(whole, most)
    assert len(part.records) <= most
    assert all(len(extra.records) <= most for extra in part.additional)
    assert len(part.records) + part.left_out == len(whole.records)
    assert [each for each in whole.records if each in part.records] == [*part.records]
    fits = max(map(len, [whole.records, *(extra.records for extra in whole.additional)])) <= most
    assert (part is whole) == fits
