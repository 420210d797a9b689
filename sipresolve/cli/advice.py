"""What to tell a person where nothing was found: what happened, and what may help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipresolve import InvalidUri, Source, Transport, UnsupportedTransport
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import SipResolveError

__all__ = ["complaint"]


def complaint(error: SipResolveError) -> str:
    """The error in lines for a person, safe for a terminal."""
    return "".join(f"{line}\n" for line in _lines(error))


def _lines(error: SipResolveError) -> Iterator[str]:
    yield f"sipresolve: {visible(error.message)} ({error.code})"
    if isinstance(error, InvalidUri):
        yield from _pointer(visible(error.text), visible(error.text[: error.position]))
    elif advice := _advice(error):
        yield visible(advice)


def _pointer(text: str, before: str) -> Iterator[str]:
    """The text with a mark below its fault, where there is something to see in a line."""
    if 0 < len(text) <= _WIDTH:
        yield f"  {text}"
        yield f"  {' ' * len(before)}^"


#: How long a text may be to stand in one line of any terminal.
_WIDTH: Final = 76

_ADVICE: Final = {
    "no-such-domain": "Check how the domain is spelt.",
    "no-targets": "Its owner has to publish addresses, of the families that the client has.",
    "dns-failure": "Ask again later, or ask another nameserver, with --nameserver.",
    "dns-timeout": "Try more time, with --timeout, or another nameserver, with --nameserver.",
    "loop": "The owner of the zone has to mend its aliases (CNAME and DNAME records).",
    "not-secure": "Ask a validating nameserver, with --trust-ad, or leave out --require-secure.",
    "budget-exceeded": "With --no-speculation only what is needed is asked.",
}


def _advice(error: SipResolveError) -> str:
    if isinstance(error, UnsupportedTransport):
        return _on_transport(error)
    if error.code == "dns-failure" and any(a.source is Source.ZONE for a in error.answers):
        return "The zone files have to hold these names; each file is given with --zone."
    return _ADVICE.get(error.code, "")


def _on_transport(error: UnsupportedTransport) -> str:
    offered = [transport for transport in Transport if transport.naptr_service in error.offered]
    if offered:
        return f"If the client has it, ask with --transports {','.join(offered)}."
    return ""
