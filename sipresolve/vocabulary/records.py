"""Questions to the DNS, the records that answer them, and what else an answer can be."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.names import normal_name
from sipresolve.vocabulary.reasons import NOT_CHECKED, ExtendedError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.vocabulary.evidence import Evidence
    from sipresolve.vocabulary.proofs import Link

__all__ = [
    "Address",
    "Answer",
    "Naptr",
    "Question",
    "Record",
    "RecordType",
    "Security",
    "Source",
    "Srv",
    "Status",
    "strength",
    "weakest",
    "weakest_of",
]

Address: TypeAlias = IPv4Address | IPv6Address


class RecordType(StrEnum):
    """The types of records that are asked for: by the procedures, and by proofs."""

    A = "A"
    AAAA = "AAAA"
    SRV = "SRV"
    NAPTR = "NAPTR"
    #: The keys of a zone, which only a proof asks for (RFC 4034 §2).
    DNSKEY = "DNSKEY"
    #: What its parent says of them, likewise (RFC 4034 §5).
    DS = "DS"

    @property
    def is_of_zones(self) -> bool:
        """Whether it says how a zone is signed, and so is asked for by proofs alone."""
        return self in _OF_ZONES


_OF_ZONES: Final = frozenset({RecordType.DNSKEY, RecordType.DS})


class Status(StrEnum):
    """What became of a question. Absence and failure are values, not errors."""

    OK = "ok"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORMERR = "formerr"
    NOTIMP = "notimp"
    TIMEOUT = "timeout"
    BOGUS = "bogus"
    #: The budget of the resolution was spent, so it was never asked.
    UNASKED = "unasked"
    #: The policy does not allow the name, so it was never asked.
    NAME_REFUSED = "name-refused"
    #: Too many names below one domain were asked for in a minute, so it was not asked now.
    TOO_MANY_NAMES = "too-many-names"
    #: Too many questions were in flight, so it was not asked now.
    BUSY = "busy"

    @property
    def is_absence(self) -> bool:
        """Whether the DNS says that there is no such record."""
        return self in _ABSENCE

    @property
    def is_failure(self) -> bool:
        """Whether the DNS said neither that there is such a record nor that there is none."""
        return self is not Status.OK and self not in _ABSENCE

    @property
    def was_asked(self) -> bool:
        """Whether the question was put to the DNS; if not, it was this library that refused."""
        return self not in _NOT_ASKED


_ABSENCE: Final = frozenset({Status.NODATA, Status.NXDOMAIN})
_NOT_ASKED: Final = frozenset(
    {Status.UNASKED, Status.NAME_REFUSED, Status.TOO_MANY_NAMES, Status.BUSY}
)


class Source(StrEnum):
    """Where an answer came from."""

    NETWORK = "network"
    CACHE = "cache"
    STALE = "stale"
    ADDITIONAL = "additional"
    HOSTS = "hosts"
    ZONE = "zone"

    @property
    def is_local(self) -> bool:
        """Whether that is a file of this machine, and not the DNS."""
        return self in _LOCAL


_LOCAL: Final = frozenset({Source.HOSTS, Source.ZONE})


class Security(StrEnum):
    """What DNSSEC says of an answer (RFC 4033 §5), the weakest first."""

    BOGUS = "bogus"
    INDETERMINATE = "indeterminate"
    INSECURE = "insecure"
    SECURE = "secure"

    @property
    def strength(self) -> int:
        """How far that is proven, as a number, of which that of a forgery is the least."""
        return _STRENGTH[self]


_STRENGTH: Final = {state: strength for strength, state in enumerate(Security)}


def weakest(*states: Security) -> Security:
    """The weakest of some states; the security of a path is that of its weakest link."""
    return min(states, key=lambda state: state.strength)


def weakest_of(answers: Iterable[Answer]) -> Answer | None:
    """The answer that is proven the least, the first of several; None where there are none."""
    return min(answers, key=strength, default=None)


def strength(answer: Answer) -> int:
    """How far an answer is proven, as a number: that of a forged one is the least."""
    return answer.security.strength


@frozen(cache_hash=True)
class Question:
    """A name and a type, class IN.

    Attributes:
        name: A domain name, in lower case and without a final dot.
        type: The type of the records that are wanted.
        signed: Whether to ask for what proves the answer as well, and for the answer even where
            the nameserver finds it forged: with the bits DO (RFC 3225) and CD (RFC 4035 §3.2.2).
    """

    name: str = field(converter=normal_name)
    type: RecordType
    signed: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.type}"


@frozen
class Naptr:
    """A NAPTR record (RFC 3403 §4.1).

    Attributes:
        order: 0 to 65535, the lowest first; a higher one is no substitute for a lower one.
        preference: 0 to 65535, the lowest first among records of one order.
        flags: One letter at most for SIP and ENUM, in either case.
        service: What is offered, such as ``SIP+D2U``, in either case; octets as ISO 8859-1.
        regexp: A substitution expression, as octets; empty for SIP.
        replacement: The next name, in lower case; ``"."`` for none.
    """

    order: int
    preference: int
    flags: str
    service: str
    regexp: bytes
    replacement: str = field(converter=normal_name)

    def __str__(self) -> str:
        regexp = self.regexp.decode("ascii", "backslashreplace")
        return (
            f"NAPTR {self.order} {self.preference}"
            f' "{self.flags}" "{self.service}" "{regexp}" {self.replacement}'
        )


@frozen
class Srv:
    """An SRV record (RFC 2782).

    Attributes:
        priority: 0 to 65535, the lowest first.
        weight: 0 to 65535, a share among records of one priority.
        port: 0 to 65535.
        target: The host, in lower case; ``"."`` says that the service is not offered.
    """

    priority: int
    weight: int
    port: int
    target: str = field(converter=normal_name)

    def __str__(self) -> str:
        return f"SRV {self.priority} {self.weight} {self.port} {self.target}"


Record: TypeAlias = Naptr | Srv | Address | DnsKey | Ds


@frozen(kw_only=True)
class Answer:
    """What is known of a question, whatever came of it.

    Attributes:
        question: What was asked.
        status: What became of it; only ``ok`` has records.
        records: The records, of the type that was asked for, in the order received.
        ttl: For how long it holds, in seconds, as received: the least of the RRset and of its
            aliases; of an absence, what RFC 2308 §5 makes of the SOA; None where nothing says.
        aliases: The names that CNAME and DNAME records led through, in order; the last is the
            one that has the records, or lacks them.
        additional: Answers to other questions that came along, never negative ones.
        authenticated: Whether it came with the AD bit (RFC 4035 §3.2.3).
        source: Where it came from.
        security: What DNSSEC says of it. A backend leaves this alone unless it validates.
        reason: Why it says so.
        proof: The chain of trust that was followed, from the trust anchor down, as far as it went.
        proven_until: When the first of the signatures ends that it rests on, in seconds since 1970;
            None where it rests on none.
        evidence: What came to prove it, where the question was for that (`Question.signed`).
        extended_errors: What the nameserver said of its trouble (RFC 8914), in the order received.
        loop: Whether it failed because aliases lead in a circle or never end.
        detail: Of a failure, what happened, for a person; empty where the status says it all.
        left_out: How many records were left out, because the RRset had more than the policy takes.
    """

    question: Question
    status: Status
    records: tuple[Record, ...] = ()
    ttl: int | None = None
    aliases: tuple[str, ...] = ()
    additional: tuple[Answer, ...] = ()
    authenticated: bool = False
    source: Source = Source.NETWORK
    security: Security = Security.INDETERMINATE
    reason: Reason = NOT_CHECKED
    proof: tuple[Link, ...] = ()
    proven_until: float | None = None
    evidence: Evidence | None = None
    extended_errors: tuple[ExtendedError, ...] = ()
    loop: bool = False
    detail: str = ""
    left_out: int = 0

    @property
    def said(self) -> str:
        """The question, and what became of it, for a person."""
        what = self.detail or str(self.status)
        return what if what.startswith(f"{self.question} ") else f"{self.question}: {what}"

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The records of an A or AAAA question."""
        return tuple(
            record for record in self.records if isinstance(record, (IPv4Address, IPv6Address))
        )

    @property
    def srvs(self) -> tuple[Srv, ...]:
        """The records of an SRV question."""
        return tuple(record for record in self.records if isinstance(record, Srv))

    @property
    def naptrs(self) -> tuple[Naptr, ...]:
        """The records of a NAPTR question."""
        return tuple(record for record in self.records if isinstance(record, Naptr))
