"""All that a person is shown of a resolution, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve import Security, address_text
from sipresolve.cli.sought import Sought
from sipresolve.cli.text import counted, milliseconds, visible
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve import Target
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
            URIs of a number: number, service, URI.
        certificate: What the certificates of TLS servers have to show; empty without TLS.
        warnings: What the owner of the domain or of the network should know, and the tree does not
            show.
        summary: How much was found and asked, how long it took and for how long it holds.
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
    if trace.sought is Sought.URIS:
        for number, mapped in enumerate(resolution.uris, start=1):
            yield f"{number}.", mapped.service, mapped.uri
    for number, target in enumerate(resolution.targets, start=1):
        transport, _, place = str(target).partition(" ")
        host = target.host if target.host != address_text(target.address) else ""
        yield f"{number}.", transport, place, host, str(target.uri or "")


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
    if resolution.expires_in is not None:
        yield f"holds for {resolution.expires_in} s"
    if resolution.security not in (None, Security.INDETERMINATE):
        yield f"security: {resolution.security}"
