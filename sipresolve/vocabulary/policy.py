"""What a client wants and can do: every choice that the RFCs leave to it, in one value."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from attrs import Attribute, field, frozen

from sipresolve.vocabulary.checks import is_number, is_whole
from sipresolve.vocabulary.enumservices import is_enumservice
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.keys import (
    ROOT_ANCHORS,
    SUPPORTED_ALGORITHMS,
    SUPPORTED_DIGESTS,
    TrustAnchor,
    is_supported,
)
from sipresolve.vocabulary.names import ROOT, can_exist, normal_name
from sipresolve.vocabulary.targets import Family
from sipresolve.vocabulary.transports import TCP, TLS, UDP, Transport

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Address

__all__ = [
    "AddressOrder",
    "Dnssec",
    "NaptrFailure",
    "NaptrOrder",
    "Policy",
    "Selection",
    "allows_address",
    "allows_name",
]


class Choice(StrEnum):
    """One of some words."""

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise Misuse(f"{value!r} is none of {', '.join(repr(str(word)) for word in cls)}")


class NaptrOrder(Choice):
    """What becomes of NAPTR records of a higher order than the lowest usable one."""

    STRICT = "strict"
    RELAXED = "relaxed"


class NaptrFailure(Choice):
    """What to do where the NAPTR question fails or is not answered."""

    CONTINUE = "continue"
    FAIL = "fail"


class Selection(Choice):
    """How records of one priority are ordered."""

    WEIGHTED = "weighted"
    STATELESS = "stateless"


class AddressOrder(Choice):
    """How the addresses of one host are ordered."""

    RFC6724 = "rfc6724"
    INTERLEAVED = "interleaved"


class Dnssec(Choice):
    """Who says whether an answer is proven."""

    IGNORE = "ignore"
    TRUST_AD = "trust-ad"
    VALIDATE = "validate"


Member = TypeVar("Member", bound=StrEnum)
Item = TypeVar("Item")


def _sequence(field_name: str, values: Iterable[Item]) -> tuple[Item, ...]:
    # The letters of a word are a sequence by accident.
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise Misuse(f"{field_name} must be a sequence, not {values!r}")
    return tuple(values)


def _some(field_name: str, kind: type[Member], values: Iterable[str]) -> tuple[Member, ...]:
    known = {str(member): member for member in kind}
    try:
        chosen = tuple(known[value] for value in dict.fromkeys(_sequence(field_name, values)))
    except KeyError as error:
        words = ", ".join(map(repr, known))
        raise Misuse(f"{field_name}: {error.args[0]!r} is none of {words}") from None
    if not chosen:
        raise Misuse(f"{field_name} must have at least one of {', '.join(map(repr, known))}")
    return chosen


def _transports(values: Iterable[str]) -> tuple[Transport, ...]:
    return _some("transports", Transport, values)


def _families(values: Iterable[str]) -> tuple[Family, ...]:
    return _some("families", Family, values)


def _words(field_name: str, values: Iterable[object]) -> tuple[str, ...]:
    words = _sequence(field_name, values)
    if not words:
        raise Misuse(f"{field_name} must not be empty")
    return tuple(_word(field_name, word) for word in words)


def _word(field_name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Misuse(f"{field_name} must be of text, not {value!r}")
    return value


def _enum_services(values: Iterable[str]) -> tuple[str, ...]:
    words = _words("enum_services", values)
    if wrong := [word for word in words if not is_enumservice(word.lower())]:
        message = (
            f"enum_services: {wrong[0]!r} is no enumservice, which is 'type' or 'type:subtype'"
        )
        raise Misuse(f"{message} (RFC 6116 §3.4.3)")
    return tuple(dict.fromkeys(word.lower() for word in words))


def _enum_roots(values: Iterable[str]) -> tuple[str, ...]:
    # Some write a root as what is appended to the digits, with its first dot.
    words = [word.removeprefix(".") for word in _words("enum_roots", values)]
    names = tuple(dict.fromkeys(map(normal_name, words)))
    if wrong := [name for name in names if name == ROOT or not _is_plain(name)]:
        raise Misuse(f"enum_roots: {wrong[0]!r} is no domain below which numbers can be")
    return names


def _trust_anchors(values: Iterable[TrustAnchor]) -> tuple[TrustAnchor, ...]:
    anchors = tuple(dict.fromkeys(_each_anchor(values)))
    usable = {anchor.zone for anchor in anchors if is_supported(anchor.key)}
    # What nothing here can check would be insecure, without a word (RFC 4035 §5.2).
    if useless := [anchor for anchor in anchors if anchor.zone not in usable]:
        raise Misuse(f"trust_anchors: {useless[0]} {_OF_NO_USE}")
    return anchors


def _each_anchor(values: object) -> Iterator[TrustAnchor]:
    # A path that was meant to be read is a sequence by accident.
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise Misuse(f"{_ANCHORS_WANTED}, not {values!r}")
    anchors = tuple(values)
    if not anchors:
        raise Misuse(f"{_ANCHORS_WANTED}, and there is none")
    for anchor in anchors:
        if not isinstance(anchor, TrustAnchor):
            raise Misuse(f"{_ANCHORS_WANTED}, and {anchor!r} is none")
        yield anchor


_ANCHORS_WANTED: Final = (
    "trust_anchors must be a sequence of TrustAnchor values, such as read_trust_anchors(path) gives"
)
_OF_NO_USE: Final = (
    "cannot be used, and its zone has no other: supported are"
    f" the algorithms {', '.join(map(str, sorted(SUPPORTED_ALGORITHMS)))}"
    f" and the digests {', '.join(map(str, sorted(SUPPORTED_DIGESTS)))}"
)


def _is_plain(name: str) -> bool:
    """Whether a name can be asked for as it is written, and is no list of names."""
    return can_exist(name) and not _UNUSUAL.search(name)


_UNUSUAL: Final = re.compile("[^a-z0-9._-]")


def _positive(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not (is_number(value) and value > 0):
        raise Misuse(f"{attribute.name} must be a finite number above 0, not {value!r}")


def _yes_or_no(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise Misuse(f"{attribute.name} must be True or False, not {value!r}")


def _whole(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if not is_whole(value):
        raise Misuse(f"{attribute.name} must be a whole number, not {value!r}")


def _hook(_policy: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise Misuse(f"{attribute.name} must be a function or None, not {value!r}")
    # What is prepared for repeated calls is kept by policy.
    if not isinstance(value, Hashable):
        raise Misuse(f"{attribute.name} must be hashable, as functions are, and {value!r} is not")


@frozen(kw_only=True, cache_hash=True)
class Policy:
    """What a client wants and can do.

    Attributes:
        transports: The transports that the client has, in its own order of preference, which
            decides between transports where the domain does not (RFC 3263 §4.1).
        families: The families of addresses that the client has; both are asked for, in this
            order (RFC 7984 §3).
        lifetime: How long a resolution may wait for the DNS, in seconds.
        budget: How many questions a resolution may ask; beyond it ``budget-exceeded``.
        concurrency: How many questions a resolver may have in flight at once; beyond it ``busy``.
            What is only probably needed stops at three quarters of it.
        records: How many records of one RRset are taken; the rest is left out, with a warning.
        names_per_minute: How many different names below one domain may be asked for in a minute;
            beyond it ``too-many-names``.
        allow_name: Is asked before each question, those that the cache answers too, with its name
            in lower case and without a final dot; False refuses it (``name-refused``).
        allow_address: Is asked for each address, with the name of its host, or the address as text;
            False leaves the target out, with a warning, and it is ``address-refused`` if nothing is
            left.
        speculation: Whether to ask at once what will probably be asked soon.
        naptr_order: ``strict``: a higher order is no substitute for a lower one (RFC 3403 §4.1);
            ``relaxed``: higher orders follow, but never from a secure transport to another.
        on_naptr_failure: ``continue`` with SRV where NAPTR cannot be answered, or ``fail``.
        opportunistic_tls: Without NAPTR, ask for TLS first for a SIP URI as well.
        selection: ``weighted`` by RFC 2782, or ``stateless``: a fixed order, without dice, for
            stateless proxies (RFC 3263 §4.4).
        address_order: ``rfc6724``, or ``interleaved`` families for those who race connections
            (RFC 8305 §4).
        dnssec: ``ignore``; ``trust-ad``: the nameserver validates, and the path to it is safe; or
            ``validate``: prove answers here, for which the extra ``dnssec`` is needed.
        trust_anchors: What chains of trust may begin with where answers are proven here; those of
            the root unless others are given.
        require_secure: Yield nothing that is not proven by DNSSEC.
        enum_services: The enumservices that are of use where a number is mapped (RFC 6116 §3.4.3);
            those of private networks (``P-…``) only if they are named here.
        enum_roots: The domains below which numbers are looked up, one after the other; the first
            that has a usable record wins.
        enum_local_numbers: Map a local number whose phone-context is global as well, with the
            context before it (RFC 3966 §5.1.5).
        enum_user_phone: Map the number of a SIP URI with ``;user=phone`` before its domain is asked
            (RFC 3824 §3).

    Raises:
        Misuse: A value makes no sense.
    """

    transports: tuple[Transport, ...] = field(default=(UDP, TCP, TLS), converter=_transports)
    families: tuple[Family, ...] = field(default=(Family.IPV6, Family.IPV4), converter=_families)
    lifetime: float = field(default=5.0, validator=_positive)
    budget: int = field(default=256, validator=[_positive, _whole])
    concurrency: int = field(default=1000, validator=[_positive, _whole])
    records: int = field(default=256, validator=[_positive, _whole])
    names_per_minute: int = field(default=1000, validator=[_positive, _whole])
    allow_name: Callable[[str], bool] | None = field(default=None, validator=_hook)
    allow_address: Callable[[Address, str], bool] | None = field(default=None, validator=_hook)
    speculation: bool = field(default=True, validator=_yes_or_no)
    naptr_order: NaptrOrder = field(default=NaptrOrder.STRICT, converter=NaptrOrder)
    on_naptr_failure: NaptrFailure = field(default=NaptrFailure.CONTINUE, converter=NaptrFailure)
    opportunistic_tls: bool = field(default=False, validator=_yes_or_no)
    selection: Selection = field(default=Selection.WEIGHTED, converter=Selection)
    address_order: AddressOrder = field(default=AddressOrder.RFC6724, converter=AddressOrder)
    dnssec: Dnssec = field(default=Dnssec.IGNORE, converter=Dnssec)
    trust_anchors: tuple[TrustAnchor, ...] = field(default=ROOT_ANCHORS, converter=_trust_anchors)
    require_secure: bool = field(default=False, validator=_yes_or_no)
    enum_services: tuple[str, ...] = field(default=("sip", "pstn:sip"), converter=_enum_services)
    enum_roots: tuple[str, ...] = field(default=("e164.arpa",), converter=_enum_roots)
    enum_local_numbers: bool = field(default=False, validator=_yes_or_no)
    enum_user_phone: bool = field(default=False, validator=_yes_or_no)


def allows_name(policy: Policy, name: str) -> bool:
    """Whether the policy allows a name to be asked for.

    Args:
        policy: What the client wants.
        name: The name, in lower case and without a final dot.

    Raises:
        Misuse: `Policy.allow_name` failed.
    """
    if policy.allow_name is None:
        return True
    try:
        return bool(policy.allow_name(name))
    except Exception as error:
        raise Misuse(f"the policy's allow_name failed: {error!r} for {name!r}") from error


def allows_address(policy: Policy, address: Address, host: str) -> bool:
    """Whether the policy allows an address.

    Args:
        policy: What the client wants.
        address: The address.
        host: The name of its host, or the address as text.

    Raises:
        Misuse: `Policy.allow_address` failed.
    """
    if policy.allow_address is None:
        return True
    try:
        return bool(policy.allow_address(address, host))
    except Exception as error:
        message = f"the policy's allow_address failed: {error!r} for {address} of {host!r}"
        raise Misuse(message) from error
