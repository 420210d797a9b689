"""All that a person is shown of a resolution, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve import Security, address_text
from sipresolve.cli.sought import Sought
from sipresolve.cli.text import counted, milliseconds, visible
from sipresolve.cli.trace import is_checked
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve import MappedUri, Reason, Resolution, Target
    from sipresolve.cli.node import Node
    from sipresolve.cli.trace import Trace

__all__ = ["Report", "report_of"]


def _visible_rows(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(visible, row)) for row in rows)


def _visible_lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(visible, lines))


@frozen(kw_only=True)
class Report:
    """All that is drawn of a resolution; its texts are safe for a terminal.

    Attributes:
        tree: From what was resolved through what was asked to what was found.
        rows: What was found, in the order in which to try it. Of servers: number, transport,
            address and port, host, and where a telephone number led there the Request-URI. Of the
            URIs of a number: number, service, URI. Last, where proof was asked for: how far each of
            them is proven, and in a word why no further.
        certificate: What the certificates of TLS servers have to show; empty without TLS.
        warnings: What the owner of the domain or of the network should know, and the tree does not
            show.
        summary: How much was found and asked, how long it took, for how long it holds, and why it
            is no more secure.
    """

    tree: Node
    rows: tuple[tuple[str, ...], ...] = field(converter=_visible_rows)
    certificate: str = field(default="", converter=visible)
    warnings: tuple[str, ...] = field(converter=_visible_lines)
    summary: str = field(converter=visible)


def report_of(text: str, trace: Trace, seconds: float) -> Report:
    """Put together what is drawn.

    Args:
        text: What was resolved, as it was given.
        trace: What was found, or what is known where nothing was; it learns what the tree shows.
        seconds: How long it took.
    """
    return Report(
        tree=tree_of(text, trace),
        rows=_rows(trace),
        certificate=_certificate(trace.resolution.targets),
        warnings=dict.fromkeys(f"{note.message} ({note.code})" for note in trace.untold()),
        summary=", ".join(_summary(trace, seconds)),
    )


def _rows(trace: Trace) -> Iterator[tuple[str, ...]]:
    resolution = trace.resolution
    found: tuple[Target | MappedUri, ...] = (*resolution.targets, *resolution.uris)
    said = _state if any(is_checked(each.reason) for each in found) else _nothing
    if trace.sought is Sought.URIS:
        for number, mapped in enumerate(resolution.uris, start=1):
            yield f"{number}.", mapped.service, mapped.uri, *said(mapped.security, mapped.reason)
    for number, target in enumerate(resolution.targets, start=1):
        transport, _, place = str(target).partition(" ")
        host = target.host if target.host != address_text(target.address) else ""
        proof = said(target.security, target.reason)
        yield f"{number}.", transport, place, host, str(target.uri or ""), *proof


def _state(security: Security | None, reason: Reason | None) -> tuple[str]:
    """How far something is proven, and in a word why no further: the summary has the sentence."""
    if security is None or reason is None:
        return ("",)
    return (str(security) if security is Security.SECURE else f"{security} ({reason.code})",)


def _nothing(*_: object) -> tuple[()]:
    return ()


def _certificate(targets: Iterable[Target]) -> str:
    """RFC 5922 §4: the domain that was given, which all targets of one URI share."""
    names = dict.fromkeys(target.tls_name for target in targets if target.tls_name)
    if not names:
        return ""
    whose = ", as each Request-URI has it" if len(names) > 1 else ""
    return f"over TLS, the certificate has to be for {' or '.join(names)}{whose}"


def _summary(trace: Trace, seconds: float) -> Iterator[str]:
    resolution = trace.resolution
    if trace.sought is Sought.URIS:
        yield counted(len(resolution.uris), "URI")
    else:
        yield counted(len(resolution.targets), "target")
    yield counted(len(resolution.queries), "question")
    yield milliseconds(seconds)
    if resolution.expires_in is not None and _is_found(trace):
        yield f"holds for {resolution.expires_in} s"
    if is_checked(resolution.reason):
        yield f"security: {resolution.security}{_why(resolution)}"


def _is_found(trace: Trace) -> bool:
    """Whether there is anything that holds: a failure has a time of its own."""
    resolution = trace.resolution
    return bool(resolution.uris if trace.sought is Sought.URIS else resolution.targets)


def _why(resolution: Resolution) -> str:
    return "" if resolution.security is Security.SECURE else f": {resolution.reason}"
