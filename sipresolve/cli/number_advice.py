"""What may help where a telephone number led nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve import (
    DnsError,
    InvalidNumber,
    InvalidUri,
    NoSuchNumber,
    NoTargets,
    NumberUnused,
    SipUri,
    TelUri,
    enum_domain,
)
from sipresolve.cli.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import Resolution, SipResolveError
    from sipresolve.cli.replies import Circumstances

__all__ = ["advice_on_number", "advice_on_root"]


def advice_on_number(error: SipResolveError) -> str:
    """What may help; empty where it was not ENUM that led nowhere."""
    match error:
        case InvalidNumber():
            return _on_local_number(error.text)
        case InvalidUri():
            return _on_number(error.text)
        case NoSuchNumber():
            return _on_absence(error)
        case NumberUnused():
            return "That is an answer and no failure: no further root is asked."
        case NoTargets() if error.resolution and not _has_sip_uris(error.resolution):
            return "Ask for services of SIP, with --service, or see what sipresolve enum finds."
    return ""


def advice_on_root(error: SipResolveError, circumstances: Circumstances) -> str:
    """What may help beside other things where a root of ENUM did not answer; else empty."""
    number = error.resolution.subject if error.resolution else None
    if not (isinstance(error, DnsError) and isinstance(number, TelUri)):
        return ""
    domains = {enum_domain(number.globalised(), root) for root in circumstances.roots}
    failed = {answer.question.name for answer in error.answers}
    return _ANOTHER_ROOT if domains & failed else ""


_ANOTHER_ROOT: Final = "Another root may have the number, with --root."


def _on_local_number(text: str) -> str:
    """Where a local number is a global one behind its context, the policy alone refused it."""
    try:
        number = TelUri.parse(text).globalised().number
    except InvalidNumber:
        return ""
    return f"With --local-numbers, it stands for {number}."


def _on_number(text: str) -> str:
    """Where what should be a URI is a number, behind a blank or the scheme of SIP."""
    try:
        number = TelUri.parse_number(_SIP.sub("", text))
    except InvalidNumber:
        return ""
    return f"A telephone number stands alone, or in a tel URI: {number}"


_SIP: Final = re.compile(r"\Asips?:", re.IGNORECASE)


def _on_absence(error: NoSuchNumber) -> str:
    offered = list(dict.fromkeys(_services_offered(error.resolution))) if error.resolution else []
    if offered:
        others = " and others" if len(offered) > _TOLD else ""
        services = ", ".join(offered[:_TOLD])
        return f"There are records for {services}{others}: ask for them with --service."
    if not error.answers:
        return "Ask for other services, with --service."
    if any(answer.naptrs for answer in error.answers):
        return f"There are records, and none can be used. {_ANOTHER_ROOT}"
    return _ANOTHER_ROOT


#: How many enumservices are named: strangers may publish any number of them.
_TOLD: Final = 3

#: Why records are skipped that would be used if their enumservice were asked for.
_UNWANTED: Final = frozenset({"enum-service-not-wanted", "enum-private"})


def _services_offered(resolution: Resolution) -> Iterator[str]:
    """The enumservices of records that could be read, and were not wanted."""
    trace = Trace(resolution)
    for query in resolution.queries:
        for naptr in trace.records(query.question):
            if trace.codes_of(f"{query.question.name} {naptr}") & _UNWANTED:
                yield from _services_of(naptr.service.lower())


def _services_of(field: str) -> list[str]:
    """Those of a services field, new (RFC 6116 §3.4.3) or old (RFC 2916)."""
    if field.endswith("+e2u"):
        return [field.removesuffix("+e2u")]
    return field.split("+")[1:]


def _has_sip_uris(resolution: Resolution) -> bool:
    """Whether there was something to locate: what was given, or what ENUM gave for it."""
    is_sip = [isinstance(mapped.parsed, SipUri) for mapped in resolution.uris]
    return any(is_sip) or not is_sip
