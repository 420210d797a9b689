"""As many sockets as numbers on their way may need, or a word on why not."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from sipresolve import Misuse
from sipresolve.cli.bulk.limits import allow_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _unchanged() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


INFINITY = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("concurrency", "before", "after"),
    [
        (10, (1024, 4096), 1024),
        (100, (256, 4096), 864),
        (200, (1024, 4096), 1664),
        (1000, (1024, 4096), 4096),
        (4032, (1024, 4096), 4096),
        (1000, (1024, INFINITY), 8064),
        (1000, (INFINITY, INFINITY), INFINITY),
    ],
)
def test_the_limit_is_raised_where_it_is_too_low(
    monkeypatch: pytest.MonkeyPatch, concurrency: int, before: tuple[int, int], after: int
) -> None:
    limits = [before]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: limits.append(pair))
    allow_sockets(concurrency)
    assert limits[-1] == (after, before[1])
    limits[:] = [before]  # for the fixture
    monkeypatch.undo()


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, _pair: None)
    with pytest.raises(Misuse) as told:
        allow_sockets(4033)
    monkeypatch.undo()
    said = "--concurrency 4033 needs as many sockets, and only 4096 files may be open at once here"
    assert told.value.message == said


def test_the_system_follows() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    allow_sockets(100)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (864, hard)
