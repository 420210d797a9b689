"""Who is inside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sipresolve.resolver.turn import Turn


def is_mine(turn: Turn) -> bool:
    return turn.is_mine


def test_it_is_that_of_the_threads_inside() -> None:
    turn = Turn()
    with ThreadPoolExecutor(1) as other:
        assert not is_mine(turn)
        with turn:
            assert is_mine(turn)
            assert not other.submit(is_mine, turn).result()
        assert not is_mine(turn)


def test_who_leaves_by_an_exception_is_out() -> None:
    turn = Turn()
    with pytest.raises(ValueError, match="boom"), turn:
        raise ValueError("boom")
    assert not is_mine(turn)
