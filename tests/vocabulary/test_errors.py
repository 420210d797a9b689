"""The tree of errors is the one that is drawn, and each has its code."""

from __future__ import annotations

import pickle
import re
from collections import Counter

import pytest

from sipresolve.vocabulary import errors
from sipresolve.vocabulary.errors import (
    InputError,
    InvalidUri,
    InvalidZone,
    Misuse,
    NoTargets,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.records import Answer, Question, RecordType, Status

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
    sharing = {name for name, _, remark in drawn() if re.match(r"\S+: ", remark)}
    codes = Counter(kind.code for kind in CODED if kind.__name__ not in sharing)
    assert set(codes.values()) == {1}
    assert {kind.code for kind in CODED} == set(codes)


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
        InvalidUri("no host", text="sip:", position=4),
        InvalidZone("no SOA", source="example.zone", line=3),
        Misuse("lifetime must be positive"),
    ],
)
def test_input_that_can_never_be_resolved(error: InputError) -> None:
    assert error.from_input
    assert isinstance(error, ValueError)
    assert error.answers == ()


def test_an_invalid_uri_says_where() -> None:
    error = InvalidUri("the host is missing", text="sip:", position=4)
    assert (error.text, error.position, error.code) == ("sip:", 4, "invalid-uri")


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
    InvalidZone("no zone", source="a.zone", line=7),
    UnsupportedTransport("none", offered=("SIP+D2S",), from_input=True),
    NoTargets(
        "none", answers=(Answer(question=Question("a", RecordType.A), status=Status.NODATA),)
    ),
]


@pytest.mark.parametrize("error", PICKLED, ids=lambda error: error.code)
def test_an_error_survives_the_way_between_processes(error: SipResolveError) -> None:
    revived = pickle.loads(pickle.dumps(error))  # noqa: S301 - it is ours
    assert type(revived) is type(error)
    assert str(revived) == str(error)
    assert vars(revived) == vars(error)
    assert revived.from_input is error.from_input
