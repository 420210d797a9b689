"""What a driver says of the time."""

from __future__ import annotations

import pytest

from sipresolve.exchange.events import Attempt, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.replies import Reply

SENT = 10.0
ATTEMPT = Attempt(Nameserver.parse("192.0.2.1"), "example.com", "udp", True, 0.5, SENT)  # noqa: FBT003 - one of many fields


@pytest.mark.parametrize(
    ("why", "at", "since", "took"),
    [
        ("it was waited for", 10.2, 10.2, 0.2),
        ("it was looked for a moment before", 10.2, 10.197, 0.2),
        ("the caller was busy, and it may have come any time before", 10.2, 10.1, None),
        ("nobody has looked since it was sent", 42.0, 9.0, None),
        ("nor was there time for that", 10.004, 9.0, 0.004),
    ],
)
def test_how_long_a_reply_took(why: str, at: float, since: float, took: float | None) -> None:
    replied = Replied(ATTEMPT, Reply(rcode="NOERROR"), at, since)
    assert replied.took == (None if took is None else pytest.approx(took)), why
