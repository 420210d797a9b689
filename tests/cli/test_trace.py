"""A resolution by question, by record and by target."""

from __future__ import annotations

from ipaddress import IPv4Address

from simulation import Simulation, answer, question
from telephony import DOMAIN, NUMBER, numbers

from sipresolve import UDP, Note, Query, Question, Resolution, SipUri, Target
from sipresolve.cli.trace import Route, Trace

A = question("a.example.com A")
AAAA = question("a.example.com AAAA")


def note(message: str, about: Question | None = None) -> Note:
    return Note(code="any", message=message, question=about)


def trace(*notes: Note, targets: tuple[Target, ...] = (), queries: tuple[Query, ...] = ()) -> Trace:
    resolution = Resolution(
        subject=SipUri.parse("sip:example.com"),
        targets=targets,
        security=None,
        notes=notes,
        queries=queries,
    )
    return Trace(resolution)


def test_what_is_said_of_a_record_is_found_by_the_record() -> None:
    notes = trace(
        note("example.com SRV 1 1 1 a: skipped"),
        note("example.com SRV 1 1 1 ab: another record"),
        note("example.com SRV 1 1 1 a: an alias"),
        note("example.com SRV 1 1 1 a: skipped"),
    )
    assert notes.said_of("example.com SRV 1 1 1 a") == "skipped; an alias"
    assert notes.said_of("example.com SRV 1 1 1 b") == ""


def test_what_is_said_about_a_question_is_found_though_it_is_said_of_two() -> None:
    notes = trace(
        note(f"{AAAA} and {A}: late", AAAA),
        note(f"{AAAA}: given up", AAAA),
        note("example.com SRV 1 1 1 a.example.com: the target is an alias", AAAA),
        note(f"{A}: given up: at last", A),
    )
    assert notes.said_about(AAAA) == "late; given up"
    assert notes.said_about(A) == "given up: at last"
    assert notes.said_about(question("b.example.com A")) == ""


def test_what_is_said_under_a_code_is_found_by_it_and_told() -> None:
    one, other = note("a step failed"), Note(code="other", message="another")
    traced = trace(one, other, one)
    assert traced.said_as("any") == "a step failed"
    assert traced.said_as("none") == ""
    assert [*traced.untold()] == [other]


def test_what_the_tree_does_not_show_is_untold() -> None:
    shown, late = note(f"{A}: servfail", A), note(f"{AAAA} and {A}: late", AAAA)
    other = note("b.example.com A: servfail")
    traced = trace(shown, late, other, Note(code="any", message="a line", warning=False))
    assert [*traced.untold()] == [shown, late, other]
    traced.said_of(str(A))
    assert [*traced.untold()] == [late, other]
    traced.said_about(AAAA)
    assert [*traced.untold()] == [other]


def test_targets_are_numbered_in_the_order_in_which_to_try_them() -> None:
    targets = [
        Target(transport=UDP, address=IPv4Address(f"192.0.2.{last}"), port=5060, host="a")
        for last in (1, 2)
    ]
    numbered = trace(targets=tuple(targets))
    route = Route(transport=UDP, host="a", port=5060)
    assert [numbered.numbers[route, target.address] for target in targets] == [1, 2]
    assert numbered.first == {route: 1}


def test_a_target_has_one_place_in_the_tree() -> None:
    target = Target(transport=UDP, address=IPv4Address("192.0.2.1"), port=5060, host="a")
    traced, route = trace(targets=(target,)), Route.of(target)
    assert traced.take(route, IPv4Address("192.0.2.2")) is None
    assert traced.take(route, target.address) == 1
    assert traced.take(route, target.address) is None


def test_what_is_drawn_is_remembered() -> None:
    query = Query(question=A, answer=answer(str(A), "192.0.2.1"), asked_at=0.0, seconds=0.1)
    traced = trace(queries=(query,))
    assert (traced.draw(A), traced.draw(AAAA)) == (query, None)
    assert traced.drawn == {A, AAAA}
    assert (traced.answer(A), traced.answer(AAAA)) == (query.answer, None)


# --- Telephone numbers


OF_A_NUMBER = """
    @ NAPTR 10 20 "u" "E2U+sip+pstn:sip" "!^.*$!sip:a@192.0.2.1!" .
    @ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sips:b@192.0.2.1!" .
    @ NAPTR 10 5 "x" "E2U+sip" "!^.*$!sips:b@192.0.2.1!" .
"""


def test_the_uris_of_a_number_are_found_by_the_record() -> None:
    traced = Trace(Simulation(numbers(OF_A_NUMBER)).enum(NUMBER))
    skipped, first, second = traced.records(question(f"{DOMAIN} NAPTR"))
    assert [naptr.preference for naptr in (skipped, first, second)] == [5, 10, 20]
    assert traced.records(A) == []
    found = {key: [(n, uri.service) for n, uri in uris] for key, uris in traced.uris.items()}
    assert found == {(DOMAIN, first): [(1, "sip")], (DOMAIN, second): [(2, "sip"), (3, "pstn:sip")]}
    assert traced.codes_of(f"{DOMAIN} {skipped}") == {"enum-flag"}
    assert traced.codes_of(f"{DOMAIN} {first}") == set()


def test_of_one_uri_there_are_its_targets_alone_and_what_the_tree_shows_is_shared() -> None:
    resolution = Simulation(numbers(OF_A_NUMBER)).resolve_number(NUMBER)
    whole = Trace(resolution)
    parts = [whole.of_uri(target.uri) for target in resolution.targets if target.uri]
    assert [[*part.numbers.values()] for part in [whole, *parts]] == [[1, 2], [1], [2]]
    assert [[*part.first.values()] for part in [whole, *parts]] == [[1, 2], [1], [2]]
    parts[0].take(*next(iter(parts[0].numbers)))
    parts[1].draw(A)
    assert (whole.taken, whole.drawn) == ({1}, {A})
    assert parts[1].told is whole.told


def test_a_remark_is_shortened_by_what_the_tree_shows_beside_the_questions() -> None:
    traced = trace()
    remark = f"the DNS did not say: {A}: servfail; {AAAA}: servfail"
    assert traced.in_short(remark) == remark
    traced.draw(A)
    assert traced.in_short(remark) == "the DNS did not say"
