"""What counts as a failure of a server (RFC 3263 §4.3), and what an exception says of it."""

from __future__ import annotations

import errno
from enum import Enum, auto
from typing import Final

from sipresolve.vocabulary.errors import Misuse, SipResolveError

__all__ = ["Meaning", "is_failure", "is_refusal", "meaning_of"]

_SERVICE_UNAVAILABLE: Final = 503


def is_failure(status: int | None, *, provisional: bool = False) -> bool:
    """Whether a request failed in a way that another server may mend (RFC 3263 §4.3).

    "For SIP requests, failure occurs if the transaction layer reports a 503 error response or a
    transport failure of some sort. […] Failure also occurs if the transaction layer times out
    without ever having received any response, provisional or final". After any other outcome the
    next server is not tried.

    >>> is_failure(503), is_failure(486), is_failure(None), is_failure(None, provisional=True)
    (True, False, True, False)

    A stack that answers itself for a transaction that timed out or a transport that failed, by 408
    or 503 (RFC 3261 §8.1.3.1), knows better than these codes say: status None is for the first,
    `Attempt.failed` with an exception for the second.

    Args:
        status: The status code of the final response; None where the transaction timed out
            without one.
        provisional: Whether a provisional response came before.

    Raises:
        Misuse: The status is no number.
    """
    if not isinstance(status, (int, type(None))):
        raise Misuse(f"a status is a number, not {status!r}")
    return not provisional if status is None else status == _SERVICE_UNAVAILABLE


class Meaning(Enum):
    """What an exception in the middle of an attempt means."""

    #: Nothing about the server: the caller has to know.
    NOTHING = auto()
    #: This server cannot be reached from here now: the next one, and nobody is to blame.
    UNREACHABLE = auto()
    #: The server, or the way to it, failed: the next one, and others should know.
    FAILED = auto()


def meaning_of(error: BaseException) -> Meaning:
    """What an exception says of the server that was tried; a time-out is an OSError as well."""
    if isinstance(error, SipResolveError):
        return Meaning.NOTHING  # `AllTargetsFailed`, a group of OSErrors, is of another search.
    if isinstance(error, BaseExceptionGroup):
        return _meaning_of_all({meaning_of(part) for part in error.exceptions})
    if not isinstance(error, OSError) or isinstance(error, FileNotFoundError):
        return Meaning.NOTHING
    if isinstance(error, PermissionError) or hasattr(error, "verify_code"):
        # The latter is an ssl.SSLCertVerificationError: a certificate is wrong for one domain, and
        # may be right for others that lead to the same server.
        return Meaning.UNREACHABLE
    return _MEANINGS.get(error.errno, Meaning.FAILED)


def _meaning_of_all(parts: set[Meaning]) -> Meaning:
    """What a group says, such as that of an asyncio.TaskGroup: the caller's own trouble first."""
    for meaning in (Meaning.NOTHING, Meaning.FAILED):
        if meaning in parts:
            return meaning
    return Meaning.UNREACHABLE


#: By error number; every other is a failure of the server, or on the way to it.
_MEANINGS: Final[dict[int | None, Meaning]] = {
    # The caller's own limits: another server would meet them as well.
    errno.EMFILE: Meaning.NOTHING,
    errno.ENFILE: Meaning.NOTHING,
    errno.ENOMEM: Meaning.NOTHING,
    errno.ENOBUFS: Meaning.NOTHING,
    # This machine has no way there: an address of a family without a route, say, a local port that
    # is taken, or a datagram that is too large.
    errno.EADDRNOTAVAIL: Meaning.UNREACHABLE,
    errno.ENETDOWN: Meaning.UNREACHABLE,
    errno.ENETUNREACH: Meaning.UNREACHABLE,
    errno.EADDRINUSE: Meaning.UNREACHABLE,
    errno.EAFNOSUPPORT: Meaning.UNREACHABLE,
    errno.EMSGSIZE: Meaning.UNREACHABLE,
}


def is_refusal(error: BaseException) -> bool:
    """Whether it says that nobody speaks TCP there (RFC 3261 §18.1.1).

    "if the attempt to establish the connection generates either an ICMP Protocol Not Supported, or
    results in a TCP reset, the element SHOULD retry the request, using UDP." A time-out is none.
    """
    if isinstance(error, BaseExceptionGroup):
        return any(is_refusal(part) for part in error.exceptions)
    if isinstance(error, ConnectionRefusedError):
        return True
    return isinstance(error, OSError) and error.errno in _REFUSALS


_REFUSALS: Final = frozenset({errno.ENOPROTOOPT, errno.EPROTONOSUPPORT})
