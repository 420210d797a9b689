"""What can be wrong with a nameserver, or with the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from nameserver_relay import CALM, Weather

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAULTS", "HEALTHY", "Fault"]


@frozen(kw_only=True)
class Fault:
    """What is wrong with a nameserver.

    Attributes:
        does: What it does, by its name in the table of the scripted nameserver.
        weather: What becomes of messages on their way.
        alone: What comes of it where there is no other nameserver: the code of an error; None where
            everything is found nevertheless.
    """

    does: str = "none"
    weather: Weather = CALM
    alone: str | None = None


HEALTHY: Final = Fault()

#: The faults by their names.
FAULTS: Final[Mapping[str, Fault]] = {
    "silent": Fault(does="timeout", alone="dns-timeout"),
    # Garbage, and answers that do not match, are no answers (RFC 5452 §9.1).
    "answering garbage": Fault(does="garbage", alone="dns-timeout"),
    "answering other questions": Fault(does="wrong-question"),
    "answering with other IDs": Fault(does="wrong-id"),
    "forged from another port": Fault(does="wrong-peer"),
    "refusing": Fault(does="refused", alone="dns-failure"),
    "failing": Fault(does="servfail", alone="dns-failure"),
    "truncating": Fault(does="truncate"),
    "resetting TCP": Fault(does="tcp-reset", alone="dns-timeout"),
    "silent over TCP": Fault(does="tcp-silent", alone="dns-timeout"),
    "losing a fifth": Fault(weather=Weather(loss=0.2)),
    "slow, and out of order": Fault(
        weather=Weather(delay=0.05, jitter=0.05, overtaking=0.3, duplicates=0.2)
    ),
}
