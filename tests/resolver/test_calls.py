"""What both resolvers do before the first question of a call."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from random import Random
from typing import Any

import pytest
from attrs import evolve
from simulation import answer, question
from telephony import DOMAIN, NUMBER

from sipresolve.failover.book import HealthBook
from sipresolve.failover.course import NO_MORE
from sipresolve.procedures.addresses import Sources
from sipresolve.resolver.calls import Call, Desk, Prepared, Request, Wishes, checked_health
from sipresolve.session.run import Ended, Waiting
from sipresolve.vocabulary.errors import InvalidNumber, InvalidUri, InvalidVia, Misuse, NoSuchNumber
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

NOWHERE = Sources()
PLAIN = Request()
ANY = Wishes()


@pytest.fixture
def desk() -> Desk:
    return Desk(Policy(transports=("udp", "tcp", "tls")), NOWHERE)


def begun(desk: Desk, uri: Any, request: Request | None = PLAIN, wishes: Wishes = ANY) -> Call:
    """A call that is not answered by a plan."""
    call = desk.locate(uri, request, wishes, 0.0)
    assert isinstance(call, Call)
    return call


def targets(desk: Desk, uri: str, request: Request = PLAIN) -> list[str]:
    """Of a numeric host, for which nothing has to be asked."""
    run = begun(desk, uri, request, Wishes(lazy=True)).run
    found = []
    while isinstance(step := run.advance(0.0), Target):
        found.append(str(step))
    assert isinstance(step, Ended)
    return found


# --- What is resolved


@pytest.mark.parametrize(
    ("uri", "subject"),
    [
        ("sip:alice@example.com", "sip:alice@example.com"),
        (SipUri.parse("sips:example.com"), "sips:example.com"),
        ("example.com", "sip:example.com"),
        ("192.0.2.1:5070", "sip:192.0.2.1:5070"),
    ],
)
def test_a_call_has_the_uri_that_was_given(desk: Desk, uri: str | SipUri, subject: str) -> None:
    call = desk.locate(uri, PLAIN, Wishes(), 0.0)
    assert call.subject == SipUri.parse(subject)
    assert call.resolution.subject == call.subject


@pytest.mark.parametrize("given", [str, Via.parse])
def test_a_call_has_the_via_that_was_given(desk: Desk, given: Any) -> None:
    via = "SIP/2.0/UDP 192.0.2.1;received=198.51.100.1"
    call = desk.respond(given(via), Wishes(), 0.0)
    assert call.subject == Via.parse(via)
    assert isinstance(target := call.run.advance(0.0), Target)
    assert str(target) == "udp 198.51.100.1:5060"


def test_what_is_neither_is_refused_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidUri):
        desk.locate("http://example.com", PLAIN, Wishes(), 0.0)
    with pytest.raises(InvalidVia):
        desk.respond("example.com", Wishes(), 0.0)
    with pytest.raises(InvalidNumber):
        desk.locate("tel:7042", PLAIN, Wishes(), 0.0)
    with pytest.raises(InvalidNumber):
        desk.enum("020 7946 0123", Wishes(), 0.0)


# --- What is sent


@pytest.mark.parametrize(
    ("size", "mtu", "is_large"),
    [
        # RFC 3261 §18.1.1: "larger than 1300 bytes and the path MTU is unknown"
        (None, None, False),
        (1300, None, False),
        (1301, None, True),
        # "within 200 bytes of the path MTU"
        (1299, 1500, False),
        (1300, 1500, True),
        (1500, 1500, True),
        (9000, 1500, True),
        (8000, 9000, False),
        (None, 500, False),
    ],
)
def test_which_requests_are_too_large_for_udp(
    desk: Desk, size: int | None, mtu: int | None, *, is_large: bool
) -> None:
    request = Request(size=size, mtu=mtu)
    assert request.is_large is is_large
    both = ["tcp 192.0.2.1:5060", "udp 192.0.2.1:5060"]
    assert targets(desk, "sip:192.0.2.1", request) == (both if is_large else both[1:])


@pytest.mark.parametrize("value", [0, -1, 1.5, "1400", True, float("nan"), b"1"])
@pytest.mark.parametrize("name", ["size", "mtu"])
def test_a_size_that_makes_no_sense(desk: Desk, name: str, value: Any) -> None:
    request = Request(**{name: value})
    with pytest.raises(Misuse, match=f"{name} must be a whole number of octets above 0"):
        desk.locate("sip:192.0.2.1", request, Wishes(), 0.0)


@pytest.mark.parametrize(
    ("request_uri", "expected"),
    [
        (None, "udp 192.0.2.1:5060"),
        ("sip:bob@example.org", "udp 192.0.2.1:5060"),
        ("tel:+442079460123", "udp 192.0.2.1:5060"),
        # RFC 3261 §16.6: "as if the input URI were a SIPS URI"
        ("sips:bob@example.org", "tls 192.0.2.1:5061"),
        (SipUri.parse("sips:bob@example.org"), "tls 192.0.2.1:5061"),
    ],
)
def test_the_request_uri_decides_about_sips(
    desk: Desk, request_uri: str | SipUri | None, expected: str
) -> None:
    request = Request(request_uri=request_uri)
    assert targets(desk, "sip:192.0.2.1", request) == [expected]
    call = desk.locate("sip:192.0.2.1", request, Wishes(), 0.0)
    assert call.subject == SipUri.parse("sip:192.0.2.1"), "what was given is what is resolved"


def test_a_request_uri_that_is_none(desk: Desk) -> None:
    with pytest.raises(InvalidUri):
        desk.locate("sip:192.0.2.1", Request(request_uri="sips:"), Wishes(), 0.0)


# --- What a call wishes


def test_what_a_call_does_not_say_is_the_policy_s() -> None:
    policy = Policy()
    assert Wishes().policy(policy) is policy


def test_what_a_call_says_is_its_own() -> None:
    policy = Policy()
    wished = Wishes(transports=["tls"], lifetime=2).policy(policy)
    assert (wished.transports, wished.lifetime) == (("tls",), 2)
    assert policy == Policy()


def test_a_call_says_which_services_and_which_roots() -> None:
    policy = Policy()
    wished = Wishes(services=["H323"], roots=["ENUM.example."]).policy(policy)
    assert (wished.enum_services, wished.enum_roots) == (("h323",), ("enum.example",))
    assert policy == Policy()


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(transports=["pigeon"]),
        Wishes(lifetime=0),
        Wishes(seed=1.5),  # type: ignore[arg-type]  # that is what is tested
        Wishes(services=[]),
        Wishes(services="sip"),
        Wishes(roots=["."]),
    ],
)
def test_wishes_that_make_no_sense(desk: Desk, wishes: Wishes) -> None:
    with pytest.raises(Misuse):
        desk.locate("sip:192.0.2.1", PLAIN, wishes, 0.0)


def test_a_seed_makes_dice_of_its_own() -> None:
    common = Random(1)
    assert Wishes().rng(common) is common
    first, second = (Wishes(seed=7).rng(common).random() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("lazy", "hosts"), [(False, 9), (True, 5)])
def test_how_far_a_call_looks_ahead(*, lazy: bool, hosts: int) -> None:
    """Who wants all targets asks for every host; who wants one at a time for that and four more."""
    desk = Desk(Policy(families=("ipv4",), transports=("udp",)), NOWHERE)
    run = begun(desk, "sip:example.com;transport=udp", PLAIN, Wishes(lazy=lazy)).run
    assert isinstance(run.advance(0.0), Waiting)
    records = [f"{n} 0 5060 h{n}.example.com" for n in range(9)]
    run.learn(answer("_sip._udp.example.com SRV", *records), 0.0)
    assert isinstance(step := run.advance(0.0), Waiting)
    assert [asked.name for asked in step.start] == [f"h{n}.example.com" for n in range(hosts)]


# --- Numbers

ENUM = question(f"{DOMAIN} NAPTR")
PHONE = f"sip:{NUMBER}@192.0.2.9;user=phone"


def number_targets(
    desk: Desk, uri: str | TelUri | SipUri, records: str = "", request: Request = PLAIN
) -> list[str]:
    """Of a number that leads to a numeric host; ENUM is asked, and nothing else."""
    run = begun(desk, uri, request).run
    step = run.advance(0.0)
    if isinstance(step, Waiting):
        assert step.start == (ENUM,)
        data = (f'1 1 "u" "E2U+sip" "!^.*$!{records}!" .',) if records else (Status.NXDOMAIN,)
        run.learn(answer(str(ENUM), *data), 0.0)
        step = run.advance(0.0)
    while isinstance(step, Target):
        step = run.advance(0.0)
    assert isinstance(step, Ended)
    return [str(target) for target in run.targets]


@pytest.mark.parametrize("uri", [f"tel:{NUMBER}", "TEL:+44-20-7946-0123",
                                 TelUri.parse(f"tel:{NUMBER};ext=5")])  # fmt: skip
def test_a_tel_uri_is_mapped_and_located(desk: Desk, uri: str | TelUri) -> None:
    assert number_targets(desk, uri, "sip:192.0.2.1") == ["udp 192.0.2.1:5060"]
    call = desk.locate(uri, PLAIN, Wishes(), 0.0)
    assert call.subject == (uri if isinstance(uri, TelUri) else TelUri.parse(uri))


@pytest.mark.parametrize(
    ("enum_user_phone", "uri", "expected"),
    [
        (False, PHONE, ["udp 192.0.2.9:5060"]),
        (True, PHONE, ["udp 192.0.2.1:5060"]),
        (True, SipUri.parse(PHONE), ["udp 192.0.2.1:5060"]),
        (True, f"sip:{NUMBER}@192.0.2.9", ["udp 192.0.2.9:5060"]),
        # what is no global number is for the URI's own domain
        (True, "sip:alice@192.0.2.9;user=phone", ["udp 192.0.2.9:5060"]),
        (True, "sip:7042@192.0.2.9;user=phone", ["udp 192.0.2.9:5060"]),
        (True, "sip:7042;phone-context=+1914555@192.0.2.9;user=phone", ["udp 192.0.2.9:5060"]),
        (True, "192.0.2.9", ["udp 192.0.2.9:5060"]),
    ],
)
def test_the_number_of_a_sip_uri_is_mapped_on_request(
    enum_user_phone: bool, uri: str | SipUri, expected: list[str]
) -> None:
    desk = Desk(Policy(enum_user_phone=enum_user_phone), NOWHERE)
    assert number_targets(desk, uri, "sip:192.0.2.1") == expected
    call = desk.locate(uri, PLAIN, Wishes(), 0.0)
    assert isinstance(call.subject, SipUri), "what was given is what is resolved"


def test_where_its_number_is_not_there_the_sip_uri_is_located() -> None:
    desk = Desk(Policy(enum_user_phone=True), NOWHERE)
    assert number_targets(desk, PHONE) == ["udp 192.0.2.9:5060"]


@pytest.mark.parametrize(
    ("uri", "request_uri", "expected"),
    [
        (f"tel:{NUMBER}", None, ["udp 192.0.2.1:5060"]),
        (f"tel:{NUMBER}", "sip:bob@example.org", ["udp 192.0.2.1:5060"]),
        # RFC 3261 §16.6: "as if the input URI were a SIPS URI"
        (f"tel:{NUMBER}", "sips:bob@example.org", ["tls 192.0.2.1:5061"]),
        # §19.1: "A SIPS URI specifies that the resource be contacted securely", mapped or not
        (PHONE.replace("sip:", "sips:"), None, ["tls 192.0.2.1:5061"]),
    ],
)
def test_sips_goes_by_tls_wherever_the_number_leads(
    uri: str, request_uri: str | None, expected: list[str]
) -> None:
    desk = Desk(Policy(enum_user_phone=True), NOWHERE)
    request = Request(request_uri=request_uri)
    assert number_targets(desk, uri, "sip:192.0.2.1", request) == expected


def test_sips_goes_by_tls_also_where_the_number_leads_nowhere() -> None:
    desk = Desk(Policy(enum_user_phone=True), NOWHERE)
    sips = PHONE.replace("sip:", "sips:")
    assert number_targets(desk, sips, "", Request()) == ["tls 192.0.2.9:5061"]


@pytest.mark.parametrize(
    ("uri", "request_uri"),
    [
        (PHONE, "sip:bob@example.org"),
        (f"{PHONE};lr", None),
        (f"{PHONE};maddr=192.0.2.9", None),
    ],
)
def test_a_uri_that_says_where_to_go_is_not_mapped(uri: str, request_uri: str | None) -> None:
    desk = Desk(Policy(enum_user_phone=True), NOWHERE)
    run = begun(desk, uri, Request(request_uri=request_uri)).run
    assert isinstance(run.advance(0.0), Target), "its address is all that there is"
    assert not list(run.questions)


def test_a_large_request_for_a_number(desk: Desk) -> None:
    both = ["tcp 192.0.2.1:5060", "udp 192.0.2.1:5060"]
    assert number_targets(desk, f"tel:{NUMBER}", "sip:192.0.2.1", Request(size=1301)) == both


@pytest.mark.parametrize(
    ("local_numbers", "uri", "domain"),
    [(False, "tel:7042;phone-context=+1914555", None),
     (True, "tel:7042;phone-context=+1914555", "2.4.0.7.5.5.5.4.1.9.1.e164.arpa"),
     (True, "tel:7042;phone-context=example.com", None)],
)  # fmt: skip
def test_local_numbers_are_mapped_on_request(
    local_numbers: bool, uri: str, domain: str | None
) -> None:
    desk = Desk(Policy(enum_local_numbers=local_numbers), NOWHERE)
    begins: list[Callable[[], Call]] = [
        lambda: begun(desk, uri),
        lambda: desk.enum(uri, Wishes(), 0.0),
    ]
    for begin in begins:
        if domain is None:
            with pytest.raises(InvalidNumber):
                begin()
        else:
            step = begin().run.advance(0.0)
            assert isinstance(step, Waiting)
            assert [each.name for each in step.start] == [domain]


def test_a_request_uri_that_is_none_is_refused_for_a_number_too(desk: Desk) -> None:
    with pytest.raises(InvalidUri):
        desk.locate(f"tel:{NUMBER}", Request(request_uri="sips:"), Wishes(), 0.0)


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ("+44 20 7946 0123", f"tel:{NUMBER}"),
        (f"tel:{NUMBER};ext=5", f"tel:{NUMBER};ext=5"),
        # mapped whatever the policy says of `resolve`
        (PHONE, f"tel:{NUMBER}"),
    ],
)
def test_a_number_is_mapped(desk: Desk, given: str, subject: str) -> None:
    call = desk.enum(given, Wishes(), 0.0)
    assert call.subject == TelUri.parse(subject)
    assert isinstance(call.run.advance(0.0), Waiting)
    call.run.learn(answer(str(ENUM), '1 1 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .'), 0.0)
    assert isinstance(call.run.advance(0.0), Ended)
    resolution = call.result()
    assert [each.uri for each in resolution.uris] == ["sip:a@example.com"]
    assert (resolution.subject, resolution.targets) == (call.subject, ())


def test_a_number_is_mapped_by_the_wishes_of_the_call(desk: Desk) -> None:
    wishes = Wishes(roots=["enum.example"], services=["h323"], lifetime=0.8)
    call = desk.enum(NUMBER, wishes, 0.0)
    step = call.run.advance(0.0)
    assert isinstance(step, Waiting)
    assert [each.name for each in step.start] == [DOMAIN.replace("e164.arpa", "enum.example")]
    assert step.until == 0.4, "half of the lifetime for one question"


def test_without_a_matcher_numbers_are_refused_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The extra is for those who map numbers."""

    def missing() -> None:
        raise Misuse("pip install 'sipresolve[enum]'")

    monkeypatch.setattr("sipresolve.resolver.calls.require_matcher", missing)
    desk = Desk(Policy(enum_user_phone=True), NOWHERE)
    begins: list[Callable[[], Call]] = [
        lambda: begun(desk, f"tel:{NUMBER}"),
        lambda: begun(desk, PHONE),
        lambda: desk.enum(NUMBER, Wishes(), 0.0),
    ]
    for begin in begins:
        with pytest.raises(Misuse, match="pip install"):
            begin()
    # what is wrong with the number is told all the same
    with pytest.raises(InvalidNumber):
        desk.enum("0123", Wishes(), 0.0)
    assert targets(desk, "sip:192.0.2.1") == ["udp 192.0.2.1:5060"]
    assert targets(desk, "sip:alice@192.0.2.1;user=phone") == ["udp 192.0.2.1:5060"]


# --- The end of a call


def test_what_an_iterator_is_told(desk: Desk) -> None:
    call = begun(desk, "sip:192.0.2.1", PLAIN, Wishes(lazy=True))
    target = call.run.advance(0.0)
    assert isinstance(target, Target)
    assert call.found(target) is target
    assert call.run.advance(0.0) == Ended()
    assert call.found(None) is NO_MORE
    nothing = begun(desk, f"tel:{NUMBER}")
    nothing.run.advance(0.0)
    nothing.run.learn(answer(str(ENUM), Status.NXDOMAIN), 0.0)
    assert isinstance(nothing.run.advance(0.0), Ended)
    assert isinstance(nothing.found(None), NoSuchNumber)


# --- The desk


def test_where_this_machine_sends_from_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def find() -> Sources:
        found.append(Sources(ipv4=IPv4Address("192.0.2.9")))
        return found[-1]

    monkeypatch.setattr("sipresolve.resolver.calls.find_sources", find)
    desk = Desk(None, None)
    assert not found, "not before it matters"
    for _ in range(2):
        desk.locate("sip:192.0.2.1", PLAIN, Wishes(), 0.0)
        desk.respond("SIP/2.0/UDP 192.0.2.1", Wishes(), 0.0)
    assert len(found) == 1
    desk.anew().locate("sip:192.0.2.1", PLAIN, Wishes(), 0.0)
    assert len(found) == 1, "a child is where its parent is"


def test_a_child_has_dice_and_calls_of_its_own() -> None:
    desk = Desk(Policy(lifetime=3.0), NOWHERE)
    anew = desk.anew()
    assert anew.session is not desk.session
    assert anew.session.policy is desk.session.policy
    assert anew._rng is not desk._rng


def test_without_a_policy_it_is_the_default() -> None:
    assert Desk(None, NOWHERE).session.policy == Policy()
    wrong: Any = {"transports": ["tls"]}
    with pytest.raises(Misuse, match="a Policy is wanted"):
        Desk(wrong, NOWHERE)


# --- Health


def test_without_a_health_each_resolver_has_its_own() -> None:
    first, second = checked_health(None), checked_health(None)
    assert isinstance(first, HealthBook)
    assert first is not second


def test_a_health_that_was_given_is_taken_as_it_is() -> None:
    book = HealthBook()
    assert checked_health(book) is book


@pytest.mark.parametrize("given", ["healthy", object(), True])
def test_what_is_no_health(given: Any) -> None:
    with pytest.raises(Misuse, match="is no health"):
        checked_health(given)


def test_a_health_of_three_methods_is_none() -> None:
    class Forgetful:
        def admit(self, place: object) -> None: ...
        def succeeded(self, place: object, *, probe: int | None) -> None: ...
        def failed(self, place: object, *, probe: int | None, retry_after: float) -> None: ...

    given: Any = Forgetful()
    with pytest.raises(Misuse, match="is no health"):
        checked_health(given)


# --- Repeated calls

RECORDS = {
    each.question: each
    for each in (
        answer("_sip._udp.example.com SRV", "1 0 5060 a.example.com", "2 0 5060 b.example.com"),
        answer("a.example.com A", "192.0.2.1", "192.0.2.2", "192.0.2.3"),
        answer("b.example.com A", "192.0.2.4"),
        answer("example.com A", "192.0.2.5"),
    )
}
UDP_IPV4 = Policy(families=("ipv4",), transports=("udp", "tcp"))
TO_UDP = "sip:example.com;transport=udp"


def finish(desk: Desk, call: Call | Prepared, now: float) -> None:
    """Answer all that the call asks."""
    assert isinstance(call, Call)
    while isinstance(step := desk.session.advance(call.run, now), (Waiting, Target)):
        if isinstance(step, Waiting):
            desk.session.deliver((RECORDS[asked] for asked in step.start), now)
    desk.session.leave(call.run)


@pytest.fixture
def repeated() -> Desk:
    """A desk that has a plan."""
    desk = Desk(UDP_IPV4, NOWHERE)
    for _ in range(2):
        finish(desk, desk.locate(TO_UDP, None, Wishes(), 0.0), 0.0)
    return desk


def test_a_repeated_call_is_prepared(repeated: Desk) -> None:
    call = repeated.locate("sip:bob@example.com;transport=UDP;lr", None, Wishes(seed=1), 1.0)
    assert isinstance(call, Prepared)
    resolution = call.result()
    assert resolution.subject is call.subject
    assert str(call.subject) == "sip:bob@example.com;transport=UDP;lr"
    assert len(resolution.targets) == 4
    assert resolution.expires_in == 299


def test_targets_of_a_prepared_call_are_handed_out_one_by_one(repeated: Desk) -> None:
    wishes = Wishes(seed=5, lazy=True)
    expected = Prepared.result(repeated.locate(TO_UDP, None, wishes, 1.0))  # type: ignore[arg-type]
    call = repeated.locate(TO_UDP, None, wishes, 1.0)
    assert isinstance(call, Prepared)
    assert call.resolution.targets == ()
    for count, target in enumerate(expected.targets, start=1):
        assert call.next() == target
        assert call.resolution.targets == expected.targets[:count]
    assert call.next() is NO_MORE
    assert call.next() is NO_MORE
    assert call.resolution == expected


@pytest.mark.parametrize(
    ("uri", "request_", "wishes"),
    [
        ("sip:example.com", None, Wishes()),
        ("sips:example.com", None, Wishes()),
        ("sip:example.com:5060;transport=udp", None, Wishes()),
        ("sip:example.com;transport=tcp", None, Wishes()),
        (TO_UDP, Request(size=1301), Wishes()),
        (TO_UDP, Request(request_uri="sips:bob@example.org"), Wishes()),
        (TO_UDP, None, Wishes(transports=["udp"])),
        (TO_UDP, None, Wishes(lifetime=1.0)),
    ],
)
def test_another_call_is_not(
    repeated: Desk, uri: str, request_: Request | None, wishes: Wishes
) -> None:
    assert isinstance(repeated.locate(uri, request_, wishes, 1.0), Call)


def test_what_makes_no_sense_is_refused_of_a_repeated_call_too(repeated: Desk) -> None:
    wrong: Any = 1.5
    with pytest.raises(Misuse, match="seed must be a whole number"):
        repeated.locate(TO_UDP, None, Wishes(seed=wrong), 1.0)
    with pytest.raises(Misuse):
        repeated.locate(TO_UDP, None, Wishes(transports=["pigeon"]), 1.0)
    with pytest.raises(InvalidUri):
        repeated.locate(TO_UDP, Request(request_uri="sips:"), Wishes(), 1.0)


def test_a_number_is_mapped_each_time() -> None:
    """The servers of a URI may be prepared; which URI a number leads to is not a matter of that."""
    desk = Desk(evolve(UDP_IPV4, enum_user_phone=True), NOWHERE)
    phone = f"sip:{NUMBER}@example.com;user=phone"
    for _ in range(2):
        finish(desk, desk.locate(TO_UDP, None, Wishes(), 0.0), 0.0)
    assert isinstance(desk.locate(phone, None, Wishes(), 1.0), Call)


def test_a_child_has_no_plans(repeated: Desk) -> None:
    anew = repeated.anew()
    assert isinstance(anew.locate(TO_UDP, None, Wishes(), 1.0), Call)
    assert anew.session.cache.statistics().entries == 0
    assert anew.session.caching is repeated.session.caching


def test_common_dice_go_on_from_call_to_call(repeated: Desk) -> None:
    """Else every repeated call would have the same order, and one address all the load."""
    orders = {
        Prepared.result(repeated.locate(TO_UDP, None, Wishes(), 1.0)).targets  # type: ignore[arg-type]
        for _ in range(100)
    }
    assert len(orders) == 6


@pytest.mark.parametrize("given", [True, 0, "none", {"entries": 0}])
def test_what_is_no_cache_policy(given: Any) -> None:
    with pytest.raises(Misuse, match="cache is a CachePolicy"):
        Desk(None, NOWHERE, given)
