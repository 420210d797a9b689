"""Work: what is left, and that it ends (CVE-2023-50387, CVE-2023-50868)."""

from __future__ import annotations

import pytest

from sipresolve.session.proof.work import MOST_ITERATIONS, Work
from sipresolve.vocabulary.policy import Policy


def test_checks_end() -> None:
    """The last that is left is still allowed."""
    work = Work(vain_checks=2)
    assert [work.may_check_again() for _ in range(4)] == [True, True, False, False]


def test_all_that_is_counted_ends() -> None:
    work = Work(questions=2, checks=2)
    assert [work.may_ask() for _ in range(4)] == [True, True, False, False]
    assert [work.may_check() for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("budget", [1, 64, 256])
def test_who_may_ask_more_may_prove_more(budget: int) -> None:
    """Three questions for each of the call: its own, and the keys and delegation of its zone."""
    assert Work.of(Policy(budget=budget)) == Work(questions=3 * budget + 32)


@pytest.mark.parametrize(
    ("work", "is_spent"),
    [
        (Work(), False),
        (Work(checks=0, vain_checks=0, hashes=0), False),
        (Work(checks=-1), True),
        (Work(vain_checks=-1), True),
        (Work(hashes=-1), True),
    ],
)
def test_work_is_spent_once_something_was_refused(work: Work, *, is_spent: bool) -> None:
    """All of what there is may be used."""
    assert work.is_spent is is_spent


def test_hashes_end() -> None:
    """One name may take many; what would go beyond is not begun, nor anything after it."""
    work = Work(hashes=10)
    assert [work.may_hash(times) for times in (4, 6, 1)] == [True, True, False]
    work = Work(hashes=10)
    assert [work.may_hash(times) for times in (11, 1)] == [False, False]


def test_a_proof_with_the_most_iterations_is_possible() -> None:
    """RFC 9276 §3.2: a name of ten labels below its zone, and its wildcard."""
    assert Work().may_hash((MOST_ITERATIONS + 1) * 12)


def test_what_is_spent_is_spent_of_one_resolution() -> None:
    """Another one begins anew."""
    assert not Work(hashes=0, vain_checks=0).may_hash(1)
    assert Work().may_hash(1)
    assert Work().may_check_again()
