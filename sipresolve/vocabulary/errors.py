"""What can go wrong, and whose fault it is.

::

    SipResolveError
    ├── InputError                  the caller's input can never be resolved
    │   ├── InvalidUri              invalid-uri
    │   ├── Misuse                  usage
    │   └── InvalidZone             usage: a zone file that cannot be read
    ├── UnsupportedTransport        unsupported-transport (the URI's wish, or the domain's offer)
    ├── NothingFound                the DNS answered, and it leads nowhere
    │   ├── NoSuchDomain            no-such-domain
    │   ├── ServiceNotOffered       service-not-offered
    │   ├── NoTargets               no-targets
    │   └── Loop                    loop
    ├── DnsError                    the DNS did not say
    │   ├── DnsFailure              dns-failure
    │   │   └── BackendFailed       dns-failure: a backend raised instead of answering
    │   └── DnsTimeout              dns-timeout
    ├── NotProven                   the answer may be forged
    │   ├── Bogus                   bogus
    │   └── NotSecure               not-secure
    └── BudgetExceeded              budget-exceeded

An error of another library never leaves this one; where there was one, it is the ``__cause__``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Answer
    from sipresolve.vocabulary.targets import Resolution

__all__ = [
    "BackendFailed",
    "Bogus",
    "BudgetExceeded",
    "DnsError",
    "DnsFailure",
    "DnsTimeout",
    "InputError",
    "InvalidUri",
    "InvalidZone",
    "Loop",
    "Misuse",
    "NoSuchDomain",
    "NoTargets",
    "NotProven",
    "NotSecure",
    "NothingFound",
    "ServiceNotOffered",
    "SipResolveError",
    "UnsupportedTransport",
]


class SipResolveError(Exception):
    """The root of all errors of this library.

    Attributes:
        code: A stable word for what happened, the same in the command line's JSON.
        message: What happened, for a person, with the offending value.
        answers: The answers of the DNS that it rests on.
        resolution: What was asked and noticed on the way, without a target; None where
            nothing was begun.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, answers: tuple[Answer, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.answers = answers
        self.resolution: Resolution | None = None

    @property
    def from_input(self) -> bool:
        """Whether the input alone is to blame, so that asking again can never help."""
        return False

    def __reduce__(self) -> tuple[object, ...]:
        # What a class wants beside the message is kept by keyword, which pickle does not know.
        return _unpickled, (type(self), self.message, vars(self))


def _unpickled(
    kind: type[SipResolveError], message: str, state: dict[str, object]
) -> SipResolveError:
    error = kind.__new__(kind, message)
    vars(error).update(state)
    return error


class InputError(SipResolveError, ValueError):
    """What the caller gave can never be resolved."""

    @property
    def from_input(self) -> bool:
        """Always true."""
        return True


class InvalidUri(InputError):
    """Not a SIP or SIPS URI by the grammar of RFC 3261 §25, nor a bare host.

    Attributes:
        text: What was given.
        position: Where in it the fault lies, counted from 0.
    """

    code = "invalid-uri"

    def __init__(self, message: str, *, text: str, position: int) -> None:
        super().__init__(message)
        self.text = text
        self.position = position


class Misuse(InputError):
    """A setting or a call that makes no sense."""

    code = "usage"


class InvalidZone(InputError):
    """A zone file that cannot be read, or that no nameserver would load.

    Attributes:
        source: The file; ``"<text>"`` where the zone was given as text.
        line: Where in it the fault lies, counted from 1; None where it has no one line.
    """

    code = "usage"

    def __init__(self, message: str, *, source: str, line: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.line = line


class UnsupportedTransport(SipResolveError):
    """The URI wants a transport that the client lacks, or the domain offers none that it has.

    Attributes:
        offered: What the domain offers instead: NAPTR services, where it was the domain.
    """

    code = "unsupported-transport"

    def __init__(
        self,
        message: str,
        *,
        from_input: bool = False,
        offered: tuple[str, ...] = (),
        answers: tuple[Answer, ...] = (),
    ) -> None:
        super().__init__(message, answers=answers)
        self.offered = offered
        self._from_input = from_input

    @property
    def from_input(self) -> bool:
        """Whether the URI is to blame, and not the domain."""
        return self._from_input


class NothingFound(SipResolveError):
    """The DNS answered, and its answers lead to no server."""


class NoSuchDomain(NothingFound):
    """The domain does not exist (NXDOMAIN), and nothing else was found."""

    code = "no-such-domain"


class ServiceNotOffered(NothingFound):
    """The domain says that it has no such service: an SRV target of "." (RFC 2782)."""

    code = "service-not-offered"


class NoTargets(NothingFound):
    """The domain exists and leads to no address."""

    code = "no-targets"


class Loop(NothingFound):
    """Aliases lead in a circle, or through more names than any honest chain has."""

    code = "loop"


class DnsError(SipResolveError):
    """The DNS did not say: this is no proof that there is nothing."""


class DnsFailure(DnsError):
    """A nameserver answered SERVFAIL, REFUSED, FORMERR or NOTIMP, and none did better."""

    code = "dns-failure"


class BackendFailed(DnsFailure):
    """A backend raised an exception instead of answering; it is the ``__cause__``."""


class DnsTimeout(DnsError):
    """No nameserver answered in time."""

    code = "dns-timeout"


class NotProven(SipResolveError):
    """The answers may be forged, and were not used."""


class Bogus(NotProven):
    """DNSSEC validation failed."""

    code = "bogus"


class NotSecure(NotProven):
    """The policy requires secure answers, and they were not (``Policy.require_secure``)."""

    code = "not-secure"


class BudgetExceeded(SipResolveError):
    """The resolution needs more questions than ``Policy.budget`` allows."""

    code = "budget-exceeded"
