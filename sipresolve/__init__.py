"""Finds SIP servers: from a SIP URI, a Via header or a telephone number to the servers to contact.

Every procedure is a generator: it yields what it wants to know, is sent what is known, and yields
targets as it finds them. Two resolvers, one blocking and one asynchronous, run every procedure
over any backend.

- ``vocabulary``: URIs, numbers, transports, records, targets, policy, errors
- ``procedures``: RFC 3263 and RFC 6116 from the top; the orders of RFC 2782, 3403 and 6724
- ``session``: one run for each call; one session for each resolver, which has the cache
- ``exchange``: one question and its attempts at the nameservers
- ``backends``: sockets and the wire format, or a zone in memory
- ``failover``: attempts at servers in their order, and the health of servers across calls
- ``resolver``: the two pumps
- ``cli``: the command line

Nothing above ``backends`` opens a socket, reads a clock or rolls dice of its own.
"""

from typing import TYPE_CHECKING

from sipresolve.failover.attempt import Attempt, Outcome
from sipresolve.failover.book import HealthBook, Penalty, PenaltyReason
from sipresolve.failover.failures import is_failure
from sipresolve.failover.health import Health, Place, Standing
from sipresolve.failover.iterators import AsyncFailover, Failover
from sipresolve.procedures.addresses import Sources
from sipresolve.resolver.blocking import Resolver
from sipresolve.vocabulary.address_rules import public_addresses_only
from sipresolve.vocabulary.caching import CachePolicy, CacheStatistics
from sipresolve.vocabulary.errors import (
    AddressRefused,
    AllTargetsFailed,
    BackendFailed,
    Bogus,
    BudgetExceeded,
    Busy,
    DnsError,
    DnsFailure,
    DnsTimeout,
    InputError,
    InvalidNumber,
    InvalidText,
    InvalidUri,
    InvalidVia,
    InvalidZone,
    Loop,
    Misuse,
    NameRefused,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    NothingFound,
    NotProven,
    NotSecure,
    NumberUnused,
    OutOfBounds,
    ServiceNotOffered,
    SipResolveError,
    TargetFailed,
    TooManyNames,
    UnsupportedTransport,
)
from sipresolve.vocabulary.hosts import address_text
from sipresolve.vocabulary.keys import ROOT_ANCHORS, DnsKey, Ds, TrustAnchor
from sipresolve.vocabulary.mapped import MappedUri, enum_domain
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import (
    AddressOrder,
    Dnssec,
    NaptrFailure,
    NaptrOrder,
    Policy,
    Selection,
)
from sipresolve.vocabulary.proofs import Link
from sipresolve.vocabulary.reasons import ExtendedError, Reason
from sipresolve.vocabulary.records import (
    Address,
    Answer,
    Naptr,
    Question,
    Record,
    RecordType,
    Security,
    Source,
    Srv,
    Status,
)
from sipresolve.vocabulary.targets import Family, Note, Query, Resolution, Target
from sipresolve.vocabulary.transports import (
    SCTP,
    TCP,
    TLS,
    TLS_SCTP,
    UDP,
    WS,
    WSS,
    Transport,
)
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

if TYPE_CHECKING:
    from sipresolve.backends.anchors import read_trust_anchors
    from sipresolve.resolver.tasks import AsyncResolver

__all__ = [
    "ROOT_ANCHORS",
    "SCTP",
    "TCP",
    "TLS",
    "TLS_SCTP",
    "UDP",
    "WS",
    "WSS",
    "Address",
    "AddressOrder",
    "AddressRefused",
    "AllTargetsFailed",
    "Answer",
    "AsyncFailover",
    "AsyncResolver",
    "Attempt",
    "BackendFailed",
    "Bogus",
    "BudgetExceeded",
    "Busy",
    "CachePolicy",
    "CacheStatistics",
    "DnsError",
    "DnsFailure",
    "DnsKey",
    "DnsTimeout",
    "Dnssec",
    "Ds",
    "ExtendedError",
    "Failover",
    "Family",
    "Health",
    "HealthBook",
    "InputError",
    "InvalidNumber",
    "InvalidText",
    "InvalidUri",
    "InvalidVia",
    "InvalidZone",
    "Link",
    "Loop",
    "MappedUri",
    "Misuse",
    "NameRefused",
    "Naptr",
    "NaptrFailure",
    "NaptrOrder",
    "NoSuchDomain",
    "NoSuchNumber",
    "NoTargets",
    "NotProven",
    "NotSecure",
    "Note",
    "NothingFound",
    "NumberUnused",
    "OutOfBounds",
    "Outcome",
    "Penalty",
    "PenaltyReason",
    "Place",
    "Policy",
    "Query",
    "Question",
    "Reason",
    "Record",
    "RecordType",
    "Resolution",
    "Resolver",
    "Security",
    "Selection",
    "ServiceNotOffered",
    "SipResolveError",
    "SipUri",
    "Source",
    "Sources",
    "Srv",
    "Standing",
    "Status",
    "Target",
    "TargetFailed",
    "TelUri",
    "TooManyNames",
    "Transport",
    "TrustAnchor",
    "UnsupportedTransport",
    "Via",
    "__version__",
    "address_text",
    "enum_domain",
    "is_failure",
    "public_addresses_only",
    "read_trust_anchors",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    """Load what not everybody wants when it is first named (PEP 562)."""
    if name == "AsyncResolver":  # brings asyncio along
        from sipresolve.resolver import tasks  # noqa: PLC0415

        return tasks.AsyncResolver
    if name == "read_trust_anchors":  # brings dnspython along
        from sipresolve.backends import anchors  # noqa: PLC0415

        return anchors.read_trust_anchors
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        return version("sipresolve")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
