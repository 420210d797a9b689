"""What the tests of failover share: targets, what exceptions mean, and a health that listens."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from sipresolve.failover.claims import Claims
from sipresolve.failover.course import NO_MORE
from sipresolve.failover.failures import Meaning
from sipresolve.failover.health import HEALTHY, Place, Standing
from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.targets import Resolution, Target
from sipresolve.vocabulary.transports import Transport
from sipresolve.vocabulary.uri import SipUri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.failover.course import Found

__all__ = ["OUTCOMES", "Source", "Told", "target"]

URI: Final = SipUri.parse("sip:example.com")


def target(text: str, **more: Any) -> Target:
    """``udp 192.0.2.1``, with a port or with 5060."""
    transport, _, place = text.partition(" ")
    address, _, port = place.partition(":")
    host = more.pop("host", f"h{address.rpartition('.')[2]}.example.com")
    return Target(
        transport=Transport[transport.upper()],
        address=ip_address(address),
        port=int(port or 5060),
        host=host,
        **more,
    )


@define
class Told:
    """A `Health` of the plainest kind: it says what the test says, and writes down what it hears.

    Attributes:
        standings: By place, as text; all others are healthy.
        admitted: The places that were asked for, in order.
        reports: What it was told, in order, each with the number of the probe.
    """

    standings: Mapping[str, Standing] = field(factory=dict)
    admitted: list[str] = field(factory=list)
    reports: list[tuple[object, ...]] = field(factory=list)

    def admit(self, place: Place) -> Standing:
        self.admitted.append(str(place))
        return self.standings.get(str(place), HEALTHY)

    def succeeded(self, place: Place, *, probe: int | None) -> None:
        self.reports.append(("succeeded", str(place), probe))

    def failed(self, place: Place, *, probe: int | None, retry_after: float | None) -> None:
        self.reports.append(("failed", str(place), probe, retry_after))

    def released(self, place: Place, *, probe: int | None) -> None:
        self.reports.append(("released", str(place), probe))

    @property
    def claims(self) -> Claims:
        return Claims(self)


@define(eq=False)
class Source:
    """Where targets come from: one after the other, and then no more.

    Attributes:
        found: What it gives; an exception that is not ours is raised.
        left: How often it was said that no more is wanted.
        abandoned: How often a finaliser said so.
    """

    found: list[Found | BaseException] = field(factory=list)
    left: int = 0
    abandoned: int = 0
    subject: SipUri = URI

    @property
    def resolution(self) -> Resolution:
        return Resolution(subject=self.subject, targets=(), security=None)

    def take(self) -> Found:
        found = self.found.pop(0) if self.found else NO_MORE
        if isinstance(found, BaseException) and not isinstance(found, SipResolveError):
            raise found
        return found

    def leave(self) -> None:
        self.left += 1

    def abandon(self) -> None:
        self.abandoned += 1


#: What an exception that leaves the ``with`` statement means: by the errors of a machine that is
#: short of something, of one that has no way there, of servers and the way to them, and of others.
OUTCOMES: Final[list[tuple[type[BaseException], tuple[Any, ...], Meaning]]] = [
    (OSError, (errno.EMFILE, "too many open files"), Meaning.NOTHING),
    (OSError, (errno.ENFILE, "too many open files in system"), Meaning.NOTHING),
    (OSError, (errno.ENOMEM, "cannot allocate memory"), Meaning.NOTHING),
    (OSError, (errno.ENOBUFS, "no buffer space available"), Meaning.NOTHING),
    (FileNotFoundError, (errno.ENOENT, "no such file", "ca.pem"), Meaning.NOTHING),
    (FileNotFoundError, (), Meaning.NOTHING),
    (OSError, (errno.EADDRNOTAVAIL, "cannot assign requested address"), Meaning.UNREACHABLE),
    (OSError, (errno.ENETDOWN, "network is down"), Meaning.UNREACHABLE),
    (OSError, (errno.ENETUNREACH, "network is unreachable"), Meaning.UNREACHABLE),
    (OSError, (errno.EPERM, "operation not permitted"), Meaning.UNREACHABLE),
    (PermissionError, (errno.EACCES, "permission denied"), Meaning.UNREACHABLE),
    (PermissionError, (), Meaning.UNREACHABLE),
    (OSError, (), Meaning.FAILED),
    (OSError, ("multiple exceptions",), Meaning.FAILED),
    (OSError, (errno.EHOSTUNREACH, "no route to host"), Meaning.FAILED),
    (OSError, (errno.EHOSTDOWN, "host is down"), Meaning.FAILED),
    (OSError, (errno.EPROTONOSUPPORT, "protocol not supported"), Meaning.FAILED),
    (OSError, (errno.ECONNREFUSED, "connection refused"), Meaning.FAILED),
    (ConnectionRefusedError, (), Meaning.FAILED),
    (ConnectionResetError, (errno.ECONNRESET, "connection reset by peer"), Meaning.FAILED),
    (ConnectionAbortedError, (errno.ECONNABORTED, "aborted"), Meaning.FAILED),
    (BrokenPipeError, (errno.EPIPE, "broken pipe"), Meaning.FAILED),
    (OSError, (errno.ETIMEDOUT, "connection timed out"), Meaning.FAILED),
    (TimeoutError, (), Meaning.FAILED),
    (socket.timeout, ("timed out",), Meaning.FAILED),
    (asyncio.TimeoutError, (), Meaning.FAILED),
    (ssl.SSLError, (1, "wrong version number"), Meaning.FAILED),
    (ssl.SSLZeroReturnError, (6, "closed"), Meaning.FAILED),
    # It is a ValueError as well.
    (ssl.SSLCertVerificationError, (1, "hostname mismatch"), Meaning.FAILED),
    (socket.gaierror, (socket.EAI_NONAME, "name or service not known"), Meaning.FAILED),
    (ValueError, ("unexpected",), Meaning.NOTHING),
    (EOFError, (), Meaning.NOTHING),
    (MemoryError, (), Meaning.NOTHING),
    # As of a TaskGroup: no more than each part says.
    (ExceptionGroup, ("several", [TimeoutError()]), Meaning.FAILED),
    (ExceptionGroup, ("several", [PermissionError(), TimeoutError()]), Meaning.FAILED),
    (ExceptionGroup, ("several", [PermissionError()]), Meaning.UNREACHABLE),
    (ExceptionGroup, ("several", [TimeoutError(), ValueError()]), Meaning.NOTHING),
    (ExceptionGroup, ("several", [ExceptionGroup("", [TimeoutError()])]), Meaning.FAILED),
    (ExceptionGroup, ("several", [ExceptionGroup("", [ValueError()])]), Meaning.NOTHING),
    (BaseExceptionGroup, ("several", [TimeoutError(), KeyboardInterrupt()]), Meaning.NOTHING),
    (asyncio.CancelledError, (), Meaning.NOTHING),
    (KeyboardInterrupt, (), Meaning.NOTHING),
    (SystemExit, (1,), Meaning.NOTHING),
    (GeneratorExit, (), Meaning.NOTHING),
]
