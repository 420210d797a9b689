"""What the program says, and with which exit status, whatever the sub-command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from sipresolve import Dnssec
from sipresolve.cli.document import (
    dump,
    error_document,
    number_document,
    resolution_document,
)
from sipresolve.cli.sought import Sought

if TYPE_CHECKING:
    from typing import TextIO

    from sipresolve import Resolution, SipResolveError
    from sipresolve.cli.parsing import UsageError
    from sipresolve.cli.report import Report

__all__ = [
    "FOUND",
    "IMPOSSIBLE",
    "NOT_FOUND",
    "UNWRITTEN",
    "Circumstances",
    "Outcome",
    "Reply",
    "reply_to_misuse",
    "reply_with_drawing",
    "reply_with_json",
]

#: Exit status: something was found.
FOUND: Final = 0

#: Exit status: nothing was found.
NOT_FOUND: Final = 1

#: Exit status: the input, or the command line, can never lead to anything.
IMPOSSIBLE: Final = 2

#: Exit status: what was found could not be written.
UNWRITTEN: Final = 1


@frozen(kw_only=True)
class Reply:
    """What the program says.

    Attributes:
        status: The exit status.
        output: For standard output.
        complaint: For standard error.
    """

    status: int
    output: str = ""
    complaint: str = ""


@frozen(kw_only=True)
class Circumstances:
    """What the options have to do with what was found, or was not.

    Attributes:
        restrictions: The options that rule out families or transports, by name.
        nameservers: Whom the questions went to; empty for a zone file.
        out_of_time: Whether the lifetime ended the wait for an answer.
        roots: Below which numbers were to be looked up, in that order.
        dnssec: Who said what is proven.
    """

    restrictions: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    out_of_time: bool = False
    roots: tuple[str, ...] = ()
    dnssec: Dnssec = Dnssec.IGNORE


@frozen(kw_only=True)
class Outcome:
    """What became of a resolution.

    Attributes:
        key: Under which the subject stands in a JSON document.
        subject: What was resolved, as it was given.
        resolution: What was found, or is known where nothing was; None where nothing was begun.
        error: Why nothing was found; None where something was.
        seconds: How long it took.
        sought: What was looked for.
        circumstances: What the options have to do with it.
    """

    key: str
    subject: str
    resolution: Resolution | None
    error: SipResolveError | None
    seconds: float
    sought: Sought = Sought.SERVERS
    circumstances: Circumstances = field(factory=Circumstances)

    @property
    def status(self) -> int:
        """The exit status."""
        if self.error is None:
            return FOUND
        return IMPOSSIBLE if self.error.from_input else NOT_FOUND


def reply_to_misuse(error: UsageError, *, as_json: bool) -> Reply:
    """Say what is wrong with a command line."""
    if as_json:
        return Reply(status=IMPOSSIBLE, output=dump(error_document("usage", error.message)))
    return Reply(status=IMPOSSIBLE, complaint=f"{error.usage}sipresolve: error: {error.message}\n")


def reply_with_json(outcome: Outcome) -> Reply:
    """Say it to a program."""
    resolution, error = outcome.resolution, outcome.error
    roots = outcome.circumstances.roots
    proofs = outcome.circumstances.dnssec is Dnssec.VALIDATE
    if outcome.sought is Sought.URIS:
        document = number_document(outcome.subject, resolution, error, roots=roots, proofs=proofs)
    else:
        subject = {outcome.key: outcome.subject}
        document = resolution_document(subject, resolution, error, roots=roots, proofs=proofs)
    return Reply(status=outcome.status, output=dump(document))


def reply_with_drawing(outcome: Outcome, stream: TextIO | None) -> Reply:
    """Say it to a person.

    Args:
        outcome: What to say.
        stream: Where it will be written: a terminal gets colours.
    """
    from sipresolve.cli.advice import complaint  # noqa: PLC0415 - only people need it
    from sipresolve.cli.report import report_of  # noqa: PLC0415 - likewise
    from sipresolve.cli.trace import Trace  # noqa: PLC0415 - likewise

    resolution, error = outcome.resolution, outcome.error
    drawing = ""
    if resolution and (resolution.targets or resolution.queries):
        trace = Trace(resolution, outcome.sought, outcome.circumstances.roots)
        drawing = _drawn(report_of(outcome.subject, trace, outcome.seconds), stream)
    said = complaint(error, outcome.circumstances) if error else ""
    return Reply(status=outcome.status, output=drawing, complaint=said)


def _drawn(report: Report, stream: TextIO | None) -> str:
    from sipresolve.cli import plain  # noqa: PLC0415 - only one of the two is needed

    if (
        stream is None
        or not stream.isatty()
        or not (stream.encoding or "").lower().startswith("utf")
    ):
        return plain.draw(report)
    try:
        from sipresolve.cli import coloured  # noqa: PLC0415 - rich is an extra
    except ImportError:
        return plain.draw(report)
    return coloured.draw(report, stream)
