"""What to tell a person where nothing was found: what happened, and what may help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve import (
    Bogus,
    DnsError,
    Dnssec,
    DnsTimeout,
    InvalidText,
    Loop,
    NoTargets,
    RecordType,
    Security,
    ServiceNotOffered,
    SipUri,
    Source,
    Status,
    Transport,
    UnsupportedTransport,
    Via,
)
from sipresolve.cli.number_advice import advice_on_number, advice_on_root
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import Address, Answer, Resolution, SipResolveError
    from sipresolve.cli.replies import Circumstances

__all__ = ["complaint"]


def complaint(error: SipResolveError, circumstances: Circumstances) -> str:
    """The error in lines for a person, safe for a terminal.

    Args:
        error: What happened. Where it rests on answers of the DNS, the tree shows them.
        circumstances: What the options have to do with it.
    """
    in_short = _sentence(error, _in_short(error))
    lines = _on_text(error) if isinstance(error, InvalidText) else [in_short]
    advice = (
        advice_on_number(error) or _advice(error, circumstances),
        advice_on_root(error, circumstances),
    )
    said = (*lines, visible(" ".join(filter(None, advice))))
    return "".join(f"{line}\n" for line in said if line)


def _sentence(error: SipResolveError, message: str) -> str:
    return f"sipresolve: {visible(message)} ({error.code})"


# --- A URI, a Via or a number that is none


def _on_text(error: InvalidText) -> Iterator[str]:
    """Say what is wrong, with a mark below its place; of a long text, only what is around it."""
    message = error.message.rpartition(f", at position {error.position} of ")[0] or error.message
    text, before = visible(error.text), len(visible(error.text[: error.position]))
    if len(text) <= _WIDTH:
        yield _sentence(error, message)
    else:
        yield _sentence(error, f"{message}, at character {error.position + 1}")
        text, before = _around(text, before)
    if text:
        yield f"  {text}"
        yield f"  {' ' * before}^"


def _around(text: str, place: int) -> tuple[str, int]:
    """What stands around a place of a long text, in one line, and the place there."""
    start = max(0, min(place - _WIDTH // 2, len(text) + 1 - _WIDTH))
    part = text[start : start + _WIDTH]
    if start > 0:
        part = f"{_CUT}{part[len(_CUT) :]}"
    if start + _WIDTH < len(text):
        part = f"{part[: -len(_CUT)]}{_CUT}"
    return part, place - start


#: How long a text may be to stand in one line of any terminal.
_WIDTH: Final = 76

#: What stands where a text was cut: as wide as it is in any encoding.
_CUT: Final = "..."


# --- Nothing found


def _in_short(error: SipResolveError) -> str:
    """The message; of several answers that say why, only what they have in common."""
    if not isinstance(error, (DnsError, Loop)) or len(error.answers) < _SEVERAL:
        return error.message
    if _is_loop_of_records(error):
        return error.message
    said = error.message.partition(": ")[0]
    reasons = {answer.detail or str(answer.status) for answer in error.answers}
    return f"{said}: {reasons.pop()}" if len(reasons) == 1 else said


_SEVERAL: Final = 2


def _is_loop_of_records(error: SipResolveError) -> bool:
    """Whether it was NAPTR records of ENUM that led in a circle; aliases give no answer at all."""
    return isinstance(error, Loop) and any(answer.status is Status.OK for answer in error.answers)


def _advice(error: SipResolveError, circumstances: Circumstances) -> str:
    match error:
        case DnsTimeout():
            return _on_silence(circumstances)
        case UnsupportedTransport():
            return _on_transport(error)
        case Loop() if _is_loop_of_records(error):
            return "The owner of the zone has to mend its NAPTR records."
        case NoTargets() | ServiceNotOffered() if circumstances.restrictions:
            return _on_restrictions(error, circumstances.restrictions)
    if error.code == "dns-failure" and any(a.source is Source.ZONE for a in error.answers):
        return "The zone files have to hold these names; each file is given with --zone."
    return _on_proof(error, circumstances.dnssec) or _ADVICE.get(error.code, "")


_ADVICE: Final = {
    "no-such-domain": "Check how the domain is spelt.",
    "no-targets": "Its owner has to publish addresses.",
    "dns-failure": "Ask again later, or ask another nameserver, with --nameserver.",
    "loop": "The owner of the zone has to mend its aliases (CNAME and DNAME records).",
    "busy": "Ask again later.",
    "budget-exceeded": "With --no-speculation only what is needed is asked.",
}


def _on_proof(error: SipResolveError, dnssec: Dnssec) -> str:
    """For whoever asked for proof, or did not."""
    if isinstance(error, Bogus) and dnssec is Dnssec.VALIDATE:
        return _on_forgery(error)
    return _ON_PROOF.get((error.code, dnssec), "")


_ON_PROOF: Final = {
    ("not-secure", Dnssec.IGNORE): "Have it proven, with --dnssec validate, ask a validating"
    " nameserver, with --trust-ad, or leave out --require-secure.",
    ("not-secure", Dnssec.TRUST_AD): "Have it proven here, with --dnssec validate, or leave out"
    " --require-secure.",
    ("not-secure", Dnssec.VALIDATE): "Its owner has to sign it, and the zones above; or leave out"
    " --require-secure.",
    ("bogus", Dnssec.TRUST_AD): "With --dnssec validate, it is shown where the chain of trust"
    " breaks.",
}


def _on_forgery(error: Bogus) -> str:
    """By what is wrong with the first answer that is forged, or looks so."""
    if not error.answers:
        return _ITS_OWNER
    answer = error.answers[0]
    if answer.reason.code == "no-matching-key" and _is_of_an_anchor(answer):
        return _TRUST_ANCHOR
    return _ON_REASON.get(answer.reason.code, _ITS_OWNER)


def _is_of_an_anchor(answer: Answer) -> bool:
    """Whether the chain of trust breaks at the zone where it begins: one with a trust anchor."""
    first = answer.proof[0] if answer.proof else None
    return (
        first is not None and first.type == RecordType.DNSKEY and first.security is Security.BOGUS
    )


_ITS_OWNER: Final = "Its owner has to repair it, unless somebody forges it on the way."
_TRUST_ANCHOR: Final = (
    "Check the trust anchor, given with --trust-anchor; those of the root come with updates of"
    " sipresolve."
)
_CLOCK: Final = (
    "If all domains are, set the clock of this machine; else its owner has to sign anew."
)
_STRIPPED: Final = (
    "If all domains are, ask a nameserver that passes signatures on, with --nameserver; else its"
    " owner has to repair it."
)
_ON_REASON: Final = {
    "signature-expired": _CLOCK,
    "signature-not-yet-valid": _CLOCK,
    "no-signature": _STRIPPED,
    "not-denied": _STRIPPED,
}


def _on_silence(circumstances: Circumstances) -> str:
    asked = " and ".join(circumstances.nameservers)
    sentence = f"The questions went to {asked}. " if asked else ""
    more_time = "more time, with --timeout, or " if circumstances.out_of_time else ""
    return f"{sentence}Try {more_time}another nameserver, with --nameserver."


def _on_transport(error: UnsupportedTransport) -> str:
    offered = [transport for transport in Transport if transport.naptr_service in error.offered]
    if offered:
        return f"If the client has it, ask with --transports {','.join(offered)}."
    return ""


def _on_restrictions(error: SipResolveError, restrictions: tuple[str, ...]) -> str:
    """Where the client's own options may be why nothing was found."""
    address = _given_address(error.resolution) if error.resolution else None
    if address is not None:
        return f"The host is an IPv{address.version} address: try without --family."
    if isinstance(error, ServiceNotOffered):
        restrictions = tuple(option for option in restrictions if option == "--transports")
    options = " and ".join(restrictions)
    return f"Try without {options}, which may rule out what the domain has." if options else ""


def _given_address(resolution: Resolution) -> Address | None:
    """The address that stands in the place of a domain; None where there is a domain."""
    match resolution.subject:
        case Via() as via:
            return via.address
        case SipUri() as uri:
            return uri.target_address
    return None
