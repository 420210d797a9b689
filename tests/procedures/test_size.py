"""RFC 3261 §18.1.1: which requests are too large for UDP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.procedures.size import too_large_for_udp


@pytest.mark.parametrize(
    ("clause", "size", "mtu", "expected"),
    [
        ('"larger than 1300 bytes and the path MTU is unknown"', 1300, None, False),
        ('"larger than 1300 bytes and the path MTU is unknown"', 1301, None, True),
        ('"maximum datagram packet size […] 65,535 bytes"', 65_535, None, True),
        ('"within 200 bytes of the path MTU"', 1299, 1500, False),
        ('"within 200 bytes of the path MTU"', 1300, 1500, True),
        ('"within 200 bytes of the path MTU"', 1500, 1500, True),
        ("what is larger than the path MTU is no smaller for that", 1501, 1500, True),
        ("what is larger than the path MTU is no smaller for that", 9000, 1500, True),
        ("1300 is for where the path MTU is unknown: it is smaller", 375, 576, False),
        ("1300 is for where the path MTU is unknown: it is smaller", 376, 576, True),
        ("1300 is for where the path MTU is unknown: it is larger", 8799, 9000, False),
        ("1300 is for where the path MTU is unknown: it is larger", 8800, 9000, True),
        ("a path that carries hardly anything", 1, 200, True),
        ("a size that nobody told", None, None, False),
        ("a size that nobody told", None, 576, False),
    ],
)
def test_what_is_too_large(
    clause: str, size: int | None, mtu: int | None, *, expected: bool
) -> None:
    assert too_large_for_udp(size, mtu) is expected, clause


octets = st.integers(1, 70_000)


@given(size=octets, more=octets, mtu=st.none() | octets)
def test_a_larger_request_is_never_better_off(size: int, more: int, mtu: int | None) -> None:
    if too_large_for_udp(size, mtu):
        assert too_large_for_udp(size + more, mtu)


@given(size=octets, mtu=octets, less=octets)
def test_a_narrower_path_is_never_better(size: int, mtu: int, less: int) -> None:
    if too_large_for_udp(size, mtu):
        assert too_large_for_udp(size, mtu - less)
