"""The tree of errors is the one that is drawn, and each has its code."""

from __future__ import annotations

import copy
import pickle
import re
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from sipresolve.vocabulary import errors
from sipresolve.vocabulary.errors import (
    AddressRefused,
    AllTargetsFailed,
    BudgetExceeded,
    Busy,
    DnsError,
    InputError,
    InvalidNumber,
    InvalidUri,
    InvalidVia,
    InvalidZone,
    Misuse,
    NameRefused,
    NoSuchNumber,
    NoTargets,
    NothingFound,
    NumberUnused,
    OutOfBounds,
    SipResolveError,
    TargetFailed,
    TooManyNames,
    UnsupportedTransport,
)
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status
from sipresolve.vocabulary.targets import Resolution, Target
from sipresolve.vocabulary.transports import UDP
from sipresolve.vocabulary.uri import SipUri

CLASSES = [value for value in vars(errors).values() if isinstance(value, type)]
CODED = [kind for kind in CLASSES if hasattr(kind, "code")]

#: A line of the drawing: its depth by its indentation, a name, and what stands beside it.
LINE = re.compile(r"^    ([│ ]*)[├└]── (\w+) +(.+)$", re.MULTILINE)


def drawn() -> list[tuple[str, str, str]]:
    """The drawing: name, parent and remark of each error below the root."""
    path, lines = ["SipResolveError"], []
    for indentation, name, remark in LINE.findall(errors.__doc__ or ""):
        del path[1 + len(indentation) // 4 :]
        lines.append((name, path[-1], remark))
        path.append(name)
    return lines


def test_the_drawing_is_the_tree() -> None:
    actual = [(kind.__name__, kind.__mro__[1].__name__) for kind in CLASSES]
    assert sorted((name, parent) for name, parent, _ in drawn()) == sorted(
        pair for pair in actual if pair[0] != "SipResolveError"
    )


def test_the_drawing_has_the_code_of_every_error() -> None:
    remarks = {name: remark for name, _, remark in drawn()}
    for kind in CODED:
        assert re.match(rf"{kind.code}(?!\S*-)\b", remarks[kind.__name__]), kind


def test_codes_are_told_apart_but_for_those_that_say_so() -> None:
    """An error that shares the code of another has a remark after it in the drawing."""
    remarked = {name for name, _, remark in drawn() if re.match(r"\S+: ", remark)}
    codes = Counter(kind.code for kind in CODED)
    without = Counter(kind.code for kind in CODED if kind.__name__ not in remarked)
    shared = {code for code, count in codes.items() if count > 1}
    assert shared == {"usage", "dns-failure"}
    assert all(without[code] == 1 for code in shared)


def test_every_error_is_public_and_of_this_library() -> None:
    assert sorted(errors.__all__) == sorted(kind.__name__ for kind in CLASSES)
    assert all(issubclass(kind, SipResolveError) for kind in CLASSES)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if not kind.__subclasses__()])
def test_every_error_at_the_end_of_a_branch_has_a_code(kind: type[SipResolveError]) -> None:
    assert kind in CODED


def test_an_error_carries_what_it_rests_on() -> None:
    answer = Answer(question=Question("example.com", RecordType.A), status=Status.NODATA)
    error = NoTargets("example.com has no address", answers=(answer,))
    assert str(error) == error.message == "example.com has no address"
    assert error.answers == (answer,)
    assert error.resolution is None
    assert not error.from_input


@pytest.mark.parametrize(
    "error",
    [
        InvalidNumber("a local number", text="tel:911", position=4),
        InvalidUri("no host", text="sip:", position=4),
        InvalidVia("no host", text="SIP/2.0/UDP", position=11),
        InvalidZone("no SOA", source="example.zone", line=3),
        Misuse("lifetime must be positive"),
    ],
)
def test_input_that_can_never_be_resolved(error: InputError) -> None:
    assert error.from_input
    assert isinstance(error, ValueError)
    assert error.answers == ()


@pytest.mark.parametrize("kind", [NoSuchNumber, NumberUnused])
def test_what_enum_says_of_a_number_is_no_failure(kind: type[SipResolveError]) -> None:
    """The DNS did answer; and the number may be there tomorrow."""
    error = kind("+44 is not there")
    assert isinstance(error, NothingFound)
    assert not error.from_input


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AddressRefused, "address-refused"),
        (BudgetExceeded, "budget-exceeded"),
        (Busy, "busy"),
        (NameRefused, "name-refused"),
        (TooManyNames, "too-many-names"),
    ],
)
def test_a_bound_says_nothing_of_the_domain(kind: type[SipResolveError], code: str) -> None:
    """The DNS was not asked, or not followed; the same input may be resolved by another policy."""
    error = kind("it was not asked")
    assert error.code == code
    assert isinstance(error, OutOfBounds)
    assert not isinstance(error, (NothingFound, DnsError))
    assert not error.from_input


def test_an_invalid_number_says_where() -> None:
    error = InvalidNumber("it is a local number", text="tel:911", position=4)
    assert (error.text, error.position, error.code) == ("tel:911", 4, "invalid-number")


def test_an_invalid_uri_says_where() -> None:
    error = InvalidUri("the host is missing", text="sip:", position=4)
    assert (error.text, error.position, error.code) == ("sip:", 4, "invalid-uri")


def test_an_invalid_via_says_where() -> None:
    error = InvalidVia("the host is missing", text="SIP/2.0/UDP", position=11)
    assert (error.text, error.position, error.code) == ("SIP/2.0/UDP", 11, "invalid-via")


def test_an_invalid_zone_says_where() -> None:
    error = InvalidZone("no SOA", source="example.zone")
    assert (error.source, error.line, error.code) == ("example.zone", None, "usage")


@pytest.mark.parametrize("from_input", [True, False])
def test_an_unsupported_transport_is_the_uris_or_the_domains(*, from_input: bool) -> None:
    error = UnsupportedTransport("no SCTP", from_input=from_input, offered=("SIP+D2S",))
    assert error.from_input is from_input
    assert error.offered == ("SIP+D2S",)


ABSENT = Answer(question=Question("a", RecordType.A), status=Status.NODATA)
PICKLED = [
    InvalidUri("no URI", text="x:y", position=1),
    InvalidVia("no Via", text="SIP", position=3),
    InvalidZone("no zone", source="a.zone", line=7),
    UnsupportedTransport("none", offered=("SIP+D2S",), from_input=True),
    NoTargets(
        "none", answers=(Answer(question=Question("a", RecordType.A), status=Status.NODATA),)
    ),
]


@pytest.mark.parametrize("error", PICKLED, ids=lambda error: error.code)
def test_an_error_survives_the_way_between_processes(error: SipResolveError) -> None:
    again = revived(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.from_input is error.from_input


def revived(octets: bytes) -> Any:
    return pickle.loads(octets)  # noqa: S301 - it is ours


# --- When every server has failed


def target(number: int) -> Target:
    return Target(
        transport=UDP,
        address=ip_address(f"192.0.2.{number}"),
        port=5060,
        host=f"h{number}.example.com",
    )


def all_failed(*errors: Exception) -> AllTargetsFailed:
    """As of the targets 1, 2 …"""
    failures = [(target(number), error) for number, error in enumerate(errors, start=1)]
    return AllTargetsFailed("all targets of sip:example.com failed", failures=failures)


def tried(error: BaseException | None) -> list[str]:
    """The targets of a group of failures."""
    assert isinstance(error, AllTargetsFailed)
    return [place.host for place, _ in error.failures]


def test_a_server_that_failed_without_an_exception() -> None:
    error = TargetFailed("503 Service Unavailable", target=target(1))
    assert str(error) == "udp 192.0.2.1:5060 of h1.example.com: 503 Service Unavailable"
    assert (error.target, error.reason) == (target(1), "503 Service Unavailable")
    assert error.code == "target-failed"
    assert not error.from_input


def test_all_failed_is_one_of_our_errors_and_a_group_of_what_happened() -> None:
    refused, busy = ConnectionRefusedError(), TargetFailed("503", target=target(2))
    error = all_failed(refused, busy)
    assert isinstance(error, SipResolveError)
    assert isinstance(error, ExceptionGroup)
    assert error.exceptions == (refused, busy)
    assert error.failures == ((target(1), refused), (target(2), busy))
    assert error.message == "all targets of sip:example.com failed"
    assert str(error) == "all targets of sip:example.com failed (2 sub-exceptions)"
    assert (error.code, error.answers, error.resolution) == ("all-targets-failed", (), None)
    assert not error.from_input


def test_its_parts_may_come_one_by_one() -> None:
    error = AllTargetsFailed("all", failures=((target(n), TimeoutError()) for n in (1, 2)))
    assert tried(error) == ["h1.example.com", "h2.example.com"]


def test_its_parts_can_be_told_apart_by_kind() -> None:
    error = all_failed(TimeoutError(), ConnectionRefusedError(), TimeoutError("again"))
    error.resolution = Resolution(
        subject=SipUri.parse("sip:example.com"), targets=(), security=None
    )
    silent, others = error.split(TimeoutError)
    assert tried(silent) == ["h1.example.com", "h3.example.com"]
    assert tried(others) == ["h2.example.com"]
    assert tried(error.subgroup(ConnectionError)) == ["h2.example.com"]
    assert error.subgroup(ValueError) is None
    assert tried(error.subgroup(OSError)) == ["h1.example.com", "h2.example.com", "h3.example.com"]
    for part in (silent, others):
        assert isinstance(part, AllTargetsFailed)
        assert part.message == error.message
        assert part.resolution is error.resolution, "it says how these targets were found"


def test_an_error_that_happened_twice_stands_for_both() -> None:
    same = TimeoutError()
    error = all_failed(same, ValueError(), same)
    part, _ = error.split(TimeoutError)
    assert tried(part) == ["h1.example.com", "h3.example.com"]


def test_what_happened_may_itself_be_a_group() -> None:
    """As of connections that were raced: the part of a part is another exception."""
    race = ExceptionGroup("raced", [TimeoutError(), ValueError()])
    error = all_failed(ConnectionRefusedError(), race)
    part, rest = error.split(ValueError)
    assert leaves(part) == [ValueError]
    assert leaves(rest) == [ConnectionRefusedError, TimeoutError]


def test_a_part_is_found_behind_a_group_that_it_is_not_of() -> None:
    race = ExceptionGroup("raced", [TimeoutError(), ValueError()])
    part, _ = all_failed(race, ConnectionRefusedError()).split(ConnectionRefusedError)
    assert tried(part) == ["h2.example.com"]


def leaves(error: BaseException | None) -> list[type[BaseException | None]]:
    """The kinds of what happened, whatever group it stands in."""
    if not isinstance(error, BaseExceptionGroup):
        return [type(error)]
    return [kind for part in error.exceptions for kind in leaves(part)]


def noted() -> AllTargetsFailed:
    """With all that failover gives it."""
    silent = TimeoutError("timer B")
    silent.add_note("udp 192.0.2.1:5060 of h1.example.com")
    error = all_failed(silent, TargetFailed("503", target=target(2)))
    error.resolution = Resolution(
        subject=SipUri.parse("sip:example.com"), targets=(target(1), target(2)), security=None
    )
    return error


@pytest.mark.parametrize(
    "duplicate", [lambda error: revived(pickle.dumps(error)), copy.copy, copy.deepcopy]
)
def test_it_survives_the_way_between_processes(
    duplicate: Callable[[AllTargetsFailed], AllTargetsFailed],
) -> None:
    error = noted()
    again = duplicate(error)
    assert type(again) is AllTargetsFailed
    assert again is not error
    assert (str(again), again.message) == (str(error), error.message)
    assert tried(again) == ["h1.example.com", "h2.example.com"]
    assert again.exceptions == tuple(what for _, what in again.failures)
    silent, busy = again.exceptions
    assert (str(silent), silent.__notes__) == ("timer B", ["udp 192.0.2.1:5060 of h1.example.com"])
    assert isinstance(busy, TargetFailed)
    assert (busy.target, busy.reason) == (target(2), "503")
    assert again.resolution == error.resolution
    assert tried(again.subgroup(TimeoutError)) == ["h1.example.com"]
