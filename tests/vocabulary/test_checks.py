"""What numbers have to be that a caller gives."""

from __future__ import annotations

import pytest

from sipresolve.vocabulary.checks import is_number, is_whole


@pytest.mark.parametrize("value", [0, 0.0, 1, 0.5, 1e300, 10**400])
def test_numbers(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value", [True, False, -1, -0.5, float("inf"), float("nan"), "1", None, 1j]
)
def test_no_numbers(value: object) -> None:
    assert not is_number(value)


@pytest.mark.parametrize("value", [0, -1, 10**30])
def test_whole_numbers(value: object) -> None:
    assert is_whole(value)


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_no_whole_numbers(value: object) -> None:
    assert not is_whole(value)
