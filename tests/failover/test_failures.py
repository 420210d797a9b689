"""What counts as a failure of a server (RFC 3263 §4.3), and what an exception says of it."""

from __future__ import annotations

import errno
from ipaddress import ip_address
from typing import Any

import pytest
from attempts import OUTCOMES

from sipresolve.failover.failures import Meaning, is_failure, is_refusal, meaning_of
from sipresolve.vocabulary.errors import AllTargetsFailed, Misuse
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.transports import TCP


@pytest.mark.parametrize(
    ("status", "provisional", "expected"),
    [
        # "failure occurs if the transaction layer reports a 503 error response"
        (503, False, True),
        (503, True, True),
        # "or times out without ever having received any response, provisional or final"
        (None, False, True),
        (None, True, False),
        # Any other final response is an answer, that of a server that is busy or broken included.
        *((status, False, False) for status in (200, 302, 404, 408, 480, 486, 500, 502, 504, 600)),
        (408, True, False),
    ],
)
def test_which_outcomes_of_a_request_are_failures(
    status: int | None, *, provisional: bool, expected: bool
) -> None:
    assert is_failure(status, provisional=provisional) is expected


def test_without_a_word_no_provisional_response_came() -> None:
    assert is_failure(None)


@pytest.mark.parametrize(("kind", "arguments", "meaning"), OUTCOMES)
def test_what_an_exception_says_of_the_server(
    kind: type[BaseException], arguments: tuple[Any, ...], meaning: Meaning
) -> None:
    assert meaning_of(kind(*arguments)) is meaning


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        # RFC 3261 §18.1.1: "either an ICMP Protocol Not Supported, or results in a TCP reset"
        (OSError(errno.ENOPROTOOPT, "protocol not available"), True),
        (OSError(errno.EPROTONOSUPPORT, "protocol not supported"), True),
        (OSError(errno.ECONNREFUSED, "connection refused"), True),
        (ConnectionRefusedError(), True),
        # What is silent may yet speak TCP.
        (TimeoutError(), False),
        (OSError(errno.ETIMEDOUT, "connection timed out"), False),
        (OSError(errno.EHOSTUNREACH, "no route to host"), False),
        (OSError(errno.ENETUNREACH, "network is unreachable"), False),
        # There was a connection.
        (ConnectionResetError(), False),
        (BrokenPipeError(), False),
        (OSError(), False),
        (ValueError("refused"), False),
    ],
)
def test_which_exceptions_say_that_nobody_speaks_tcp_there(
    error: Exception, *, expected: bool
) -> None:
    assert is_refusal(error) is expected


def test_that_all_targets_of_another_search_failed_says_nothing_of_this_server() -> None:
    target = Target(transport=TCP, address=ip_address("192.0.2.1"), port=5060, host="a.example")
    inner = AllTargetsFailed("all", failures=[(target, ConnectionRefusedError())])
    assert meaning_of(inner) is Meaning.NOTHING


@pytest.mark.parametrize("status", ["503", 503.0, b"503"])
def test_a_status_is_a_number(status: Any) -> None:
    with pytest.raises(Misuse, match="a status is a number"):
        is_failure(status)
