"""All that a person is shown of a resolution, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sipresolve import Security, address_text
from sipresolve.cli.text import counted, milliseconds, visible
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sipresolve import Resolution, Target
    from sipresolve.cli.node import Node

__all__ = ["Report", "report_of"]


def _visible_rows(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(visible, row)) for row in rows)


def _visible_lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(visible, lines))


@frozen(kw_only=True)
class Report:
    """All that is drawn of a resolution; its texts are safe for a terminal.

    Attributes:
        tree: From the URI or the Via through what was asked to the addresses.
        targets: The targets in the order in which to try them: number, transport, address and
            port, and host.
        certificate: What the certificates of TLS servers have to show; empty without TLS.
        warnings: What the owner of the domain or of the network should know, and the tree does not
            show.
        summary: How much was found and asked, how long it took and for how long it holds.
    """

    tree: Node
    targets: tuple[tuple[str, ...], ...] = field(converter=_visible_rows)
    certificate: str = field(default="", converter=visible)
    warnings: tuple[str, ...] = field(converter=_visible_lines)
    summary: str = field(converter=visible)


def report_of(text: str, resolution: Resolution, seconds: float) -> Report:
    """Put together what is drawn.

    Args:
        text: The URI or the Via as it was given.
        resolution: What was found, or what is known where nothing was.
        seconds: How long it took.
    """
    trace = Trace(resolution)
    targets = enumerate(resolution.targets, start=1)
    return Report(
        tree=tree_of(text, trace),
        targets=[_row(number, target) for number, target in targets],
        certificate=_certificate(resolution.targets),
        warnings=dict.fromkeys(f"{note.message} ({note.code})" for note in trace.untold()),
        summary=", ".join(_summary(resolution, seconds)),
    )


def _row(number: int, target: Target) -> tuple[str, ...]:
    transport, _, place = str(target).partition(" ")
    host = target.host if target.host != address_text(target.address) else ""
    return f"{number}.", transport, place, host


def _certificate(targets: Iterable[Target]) -> str:
    """RFC 5922 §4: the domain that was given, so that all targets of a resolution share it."""
    names = dict.fromkeys(target.tls_name for target in targets if target.tls_name)
    return f"over TLS, the certificate has to be for {' or '.join(names)}" if names else ""


def _summary(resolution: Resolution, seconds: float) -> Iterator[str]:
    yield counted(len(resolution.targets), "target")
    yield counted(len(resolution.queries), "question")
    yield milliseconds(seconds)
    if resolution.expires_in is not None:
        yield f"holds for {resolution.expires_in} s"
    if resolution.security not in (None, Security.INDETERMINATE):
        yield f"security: {resolution.security}"
