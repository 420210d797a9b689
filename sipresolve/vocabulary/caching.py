"""What a cache of DNS answers may keep and for how long, and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import Attribute, field, frozen

from sipresolve.vocabulary.checks import is_number, is_whole
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CachePolicy", "CacheStatistics"]

#: RFC 9520 §3.2: a failure is remembered for a second at least, and for five minutes at most.
_SHORTEST_FAILURE: Final = 1
_LONGEST_FAILURE: Final = 300


def _whole(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not (is_whole(value) and value >= 0):
        raise Misuse(f"{attribute.name} must be a whole number of 0 or more, not {value!r}")


def _number(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not is_number(value):
        raise Misuse(f"{attribute.name} must be a finite number of 0 or more, not {value!r}")


def _part(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not (is_number(value) and value < 1):
        raise Misuse(f"{attribute.name} must be a part of 1, less than the whole, not {value!r}")


def _held(source: str) -> Callable[[object, Attribute[Any], object], None]:
    """For how long a failure may hold; who says so is named in the error."""

    def check(_policy: object, attribute: Attribute[Any], value: object) -> None:
        if not (is_number(value) and _SHORTEST_FAILURE <= value <= _LONGEST_FAILURE):
            bounds = f"between {_SHORTEST_FAILURE} and {_LONGEST_FAILURE} seconds"
            raise Misuse(f"{attribute.name} must be {bounds}, not {value!r} ({source})")

    return check


def _above_failure_ttl(policy: CachePolicy, _attribute: Attribute[Any], value: float) -> None:
    if value < policy.failure_ttl:
        bound = f"{policy.failure_ttl!r} or more, as failure_ttl is"
        raise Misuse(f"longest_failure_ttl must be {bound}, not {value!r}")


@frozen(kw_only=True)
class CachePolicy:
    """What a cache of DNS answers may keep, and for how long.

    Attributes:
        entries: How many answers are kept; beyond it, the least recently used one goes. 0: no
            cache at all.
        octets: How much memory they may take, as estimated; beyond it likewise.
        plans: For how many calls what they led to is kept, ready for the next draw; beside the
            answers, it takes no more than `octets` either. 0: for none.
        longest_ttl: No answer is fresh for longer, in seconds, whatever its TTL (RFC 8767 §4).
        longest_negative_ttl: No absence is fresh for longer, in seconds (RFC 2308 §5), nor for
            longer than `longest_ttl`.
        failure_ttl: For how long a failure is remembered, and not asked again, in seconds; twice
            as long after each failure in a row (RFC 9520 §3.2).
        longest_failure_ttl: The same for any number of failures in a row, in seconds; at most five
            minutes (RFC 9520 §3.2).
        stale: For how long after its TTL an answer may still be served where asking again fails or
            takes long, in seconds (RFC 8767); 0: never. RFC 8767 §5 suggests one to three days.
        stale_after: How long asking again may take before such an answer is served, in seconds:
            the client response timer of RFC 8767 §5.
        stale_ttl: The TTL that such an answer is given, in seconds (RFC 8767 §4), and for how long
            it is served before the question is asked again: the failure recheck timer of RFC 8767
            §5, which should not be below 30.
        refresh_ahead: The last part of its TTL in which an answer that is used is asked for again,
            in the background; 0: never.
        shortest_refreshed: An answer whose TTL is shorter is not refreshed ahead, in seconds.

    Raises:
        Misuse: A value makes no sense.
    """

    entries: int = field(default=10_000, validator=_whole)
    octets: int = field(default=16 * 2**20, validator=_whole)
    plans: int = field(default=1_000, validator=_whole)
    longest_ttl: float = field(default=604_800, validator=_number)
    longest_negative_ttl: float = field(default=3_600, validator=_number)
    failure_ttl: float = field(default=2.0, validator=_held("RFC 9520 §3.2"))
    longest_failure_ttl: float = field(
        default=5.0, validator=[_held("RFC 9520 §3.2"), _above_failure_ttl]
    )
    stale: float = field(default=86_400.0, validator=_number)
    stale_after: float = field(default=0.45, validator=_number)
    stale_ttl: float = field(default=30.0, validator=_held("RFC 8767 §4, RFC 9520 §3.2"))
    refresh_ahead: float = field(default=0.1, validator=_part)
    shortest_refreshed: float = field(default=10.0, validator=_number)


@frozen(kw_only=True)
class CacheStatistics:
    """What a cache has done since it was made, and how large it is.

    Attributes:
        hits: How often a question was answered by what is kept and holds, absences and remembered
            failures included.
        misses: How often it had to be asked.
        stale: How often an answer was given after its TTL (RFC 8767): without asking again where
            that has just failed, or in place of what was asked.
        refreshed: How many answers were replaced ahead, before their TTL was over.
        evicted: How many were given up for lack of room.
        entries: How many are kept, those included that only serve when stale, or are of no more use
            but not yet in the way.
        octets: How much memory these take, as estimated.
    """

    hits: int
    misses: int
    stale: int
    refreshed: int
    evicted: int
    entries: int
    octets: int
