"""What can go wrong, and whose fault it is.

::

    SipResolveError
    ├── InputError                  the caller's input can never be resolved
    │   ├── InvalidText             a text that departs from its grammar
    │   │   ├── InvalidNumber       invalid-number
    │   │   ├── InvalidUri          invalid-uri
    │   │   └── InvalidVia          invalid-via
    │   ├── Misuse                  usage
    │   └── InvalidZone             usage: a zone file that cannot be read
    ├── UnsupportedTransport        unsupported-transport (the URI's wish, or the domain's offer)
    ├── NothingFound                the DNS answered, and it leads nowhere
    │   ├── NoSuchDomain            no-such-domain
    │   ├── NoSuchNumber            no-such-number
    │   ├── NumberUnused            number-unused
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
    ├── OutOfBounds                 a bound of the policy stands in the way
    │   ├── NameRefused             name-refused
    │   ├── AddressRefused          address-refused
    │   ├── TooManyNames            too-many-names
    │   ├── Busy                    busy
    │   └── BudgetExceeded          budget-exceeded
    ├── TargetFailed                target-failed (one server, by its caller's word)
    └── AllTargetsFailed            all-targets-failed (an ExceptionGroup)

An error of another library never leaves this one; where there was one, it is the ``__cause__``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from sipresolve.vocabulary.records import Answer
    from sipresolve.vocabulary.targets import Resolution, Target

__all__ = [
    "AddressRefused",
    "AllTargetsFailed",
    "BackendFailed",
    "Bogus",
    "BudgetExceeded",
    "Busy",
    "DnsError",
    "DnsFailure",
    "DnsTimeout",
    "InputError",
    "InvalidNumber",
    "InvalidText",
    "InvalidUri",
    "InvalidVia",
    "InvalidZone",
    "Loop",
    "Misuse",
    "NameRefused",
    "NoSuchDomain",
    "NoSuchNumber",
    "NoTargets",
    "NotProven",
    "NotSecure",
    "NothingFound",
    "NumberUnused",
    "OutOfBounds",
    "ServiceNotOffered",
    "SipResolveError",
    "TargetFailed",
    "TooManyNames",
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


class InvalidText(InputError):
    """A text that departs from its grammar.

    Attributes:
        text: What was given.
        position: Where in it the fault lies, counted from 0.
    """

    def __init__(self, message: str, *, text: str, position: int) -> None:
        super().__init__(message)
        self.text = text
        self.position = position


class InvalidNumber(InvalidText):
    """Not a tel URI by the grammar of RFC 3966 §3, nor a number of E.164."""

    code = "invalid-number"


class InvalidUri(InvalidText):
    """Not a SIP or SIPS URI by the grammar of RFC 3261 §25, nor a bare host."""

    code = "invalid-uri"


class InvalidVia(InvalidText):
    """Not the value of a Via header field by the grammar of RFC 3261 §25."""

    code = "invalid-via"


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


class NoSuchNumber(NothingFound):
    """ENUM has no usable entry for the number (RFC 6116)."""

    code = "no-such-number"


class NumberUnused(NothingFound):
    """ENUM says that the number is not in use: an answer, after which no other root is asked."""

    code = "number-unused"


class ServiceNotOffered(NothingFound):
    """The domain says that it has no such service: an SRV target of "." (RFC 2782)."""

    code = "service-not-offered"


class NoTargets(NothingFound):
    """The domain exists and leads to no address."""

    code = "no-targets"


class Loop(NothingFound):
    """Aliases, or records of ENUM, lead in a circle, or through too many names."""

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


class OutOfBounds(SipResolveError):
    """A bound of the policy stands in the way; nothing is said of the domain."""


class NameRefused(OutOfBounds):
    """The policy does not allow a name to be asked for (``Policy.allow_name``)."""

    code = "name-refused"


class AddressRefused(OutOfBounds):
    """The policy allows none of the addresses that were found (``Policy.allow_address``)."""

    code = "address-refused"


class TooManyNames(OutOfBounds):
    """Too many names below one domain in a minute (``Policy.names_per_minute``)."""

    code = "too-many-names"


class Busy(OutOfBounds):
    """The resolver has too many questions in flight (``Policy.concurrency``)."""

    code = "busy"


class BudgetExceeded(OutOfBounds):
    """The resolution needs more questions than ``Policy.budget`` allows."""

    code = "budget-exceeded"


class TargetFailed(SipResolveError):
    """A server failed, and no exception said so: a 503 response, say (RFC 3263 §4.3).

    Attributes:
        target: The server.
        reason: What happened, in the caller's words.
        retry_after: For how long it wants to be left alone, in seconds; None where it does not say.
    """

    code = "target-failed"

    def __init__(self, reason: str, *, target: Target, retry_after: float | None = None) -> None:
        super().__init__(f"{target} of {target.host}: {reason}")
        self.target = target
        self.reason = reason
        self.retry_after = retry_after


class AllTargetsFailed(SipResolveError, ExceptionGroup[Exception]):
    """Failover tried every target, and every attempt failed.

    A proxy answers 408 for it (RFC 3261 §16.6, step 7).

    Attributes:
        failures: The targets in the order in which they were tried, each with what happened.
        exceptions: What happened alone: a `TargetFailed` where no exception said so.
    """

    code = "all-targets-failed"

    def __new__(cls, message: str, *, failures: Iterable[tuple[Target, Exception]]) -> Self:
        """An ExceptionGroup is made of its parts before anything else."""
        pairs = tuple(failures)
        group = super().__new__(cls, message, [error for _, error in pairs])
        group.failures = pairs
        return group

    def __init__(self, message: str, *, failures: Iterable[tuple[Target, Exception]]) -> None:
        # The group has its parts and the message already, for reading only.
        del failures
        Exception.__init__(self, message)
        self.answers = ()
        self.resolution = None
        self.failures: tuple[tuple[Target, Exception], ...]

    def derive(self, excs: Sequence[Exception]) -> AllTargetsFailed:  # type: ignore[override]
        """The same with some of the failures, as ``except*`` wants it."""
        remaining = iter(self.failures)
        kept = [(_target_of(error, remaining), error) for error in excs]
        part = AllTargetsFailed(self.message, failures=kept)
        part.resolution = self.resolution
        return part

    def __reduce__(self) -> tuple[object, ...]:
        return _group_unpickled, (self.message, self.failures, vars(self))


def _target_of(part: Exception, failures: Iterator[tuple[Target, Exception]]) -> Target:
    """Where a part of the next failures happened; their order is kept when they are parted."""
    leaf = next(_leaves(part))
    return next(
        target for target, error in failures if any(each is leaf for each in _leaves(error))
    )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """What a failure consists of; a part of a group is a group of its own, with the same leaves."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


def _group_unpickled(
    message: str,
    failures: tuple[tuple[Target, Exception], ...],
    state: dict[str, object],
) -> AllTargetsFailed:
    error = AllTargetsFailed(message, failures=failures)
    vars(error).update(state)
    return error
