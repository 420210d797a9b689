"""What a line with a number is answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve import Dnssec, Misuse, SipResolveError
from sipresolve.cli.document import dump, number_document

if TYPE_CHECKING:
    from sipresolve import AsyncResolver, Policy, Resolution
    from sipresolve.cli.bulk.lines import Line

__all__ = ["FOUND", "Answered", "answer"]

#: The outcome of a number for which there is a URI; all others are codes of errors.
FOUND: Final = "found"


@frozen
class Answered:
    """The answer to a line.

    Attributes:
        line: The line.
        octets: A line of JSON.
        outcome: What became of it: `FOUND`, or the code of an error.
        complaint: What is wrong with the line; empty where it has a number.
    """

    line: Line
    octets: bytes
    outcome: str
    complaint: str = ""


async def answer(line: Line, resolver: AsyncResolver, policy: Policy) -> Answered:
    """Map the number of a line.

    Raises:
        Misuse: No number can be mapped: a setting makes no sense, or an extra is missing.
    """
    resolution: Resolution | None
    try:
        if line.fault is not None:
            raise line.fault
        resolution, error = await resolver.enum(line.text), None
    except Misuse:
        raise
    except SipResolveError as failure:
        resolution, error = failure.resolution, failure
    proofs = policy.dnssec is Dnssec.VALIDATE
    found = number_document(line.text, resolution, error, roots=policy.enum_roots, proofs=proofs)
    return Answered(
        line,
        dump({"line": line.place, **found}).encode("ascii"),
        error.code if error else FOUND,
        error.message if error and error.from_input else "",
    )
