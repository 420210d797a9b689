"""One record of ENUM: what it says for a number, or why it cannot be used (RFC 6116 §3.4, §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

from sipresolve.procedures.substitution import BadExpression, Substitution
from sipresolve.vocabulary.enumservices import (
    UNUSED,
    enumservices_of,
    is_of_enum,
    is_private,
    schemes_of,
)
from sipresolve.vocabulary.errors import InvalidText
from sipresolve.vocabulary.mapped import parsed_uri
from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.records import Question, RecordType
from sipresolve.vocabulary.targets import Note

if TYPE_CHECKING:
    from collections.abc import Collection

    from sipresolve.vocabulary.mapped import ParsedUri
    from sipresolve.vocabulary.records import Naptr

__all__ = ["NonTerminal", "Rule", "Skipped", "Terminal", "Unused", "note_on", "rule_of"]


@frozen
class Terminal:
    """A record that gives a URI.

    Attributes:
        uri: The URI.
        parsed: In its parts, where it can be read.
        services: The enumservices of the record that are wanted, from left to right: "a compound
            NAPTR can be treated as a set of NAPTRs that each hold a single Enumservice" (§3.4.3.2).
    """

    uri: str
    parsed: ParsedUri
    services: tuple[str, ...]


@frozen
class NonTerminal:
    """A record that leads to another domain.

    Attributes:
        question: For the records there.
    """

    question: Question


@frozen
class Unused:
    """A record that says that the number is not in use.

    Attributes:
        said: What it says for a person: the result of its expression.
    """

    said: str


@frozen
class Skipped:
    """A record that cannot be used.

    Attributes:
        code: Why, as the code of a note.
        detail: What more there is to say.
    """

    code: str
    detail: str = ""


Rule: TypeAlias = Terminal | NonTerminal | Unused | Skipped


def rule_of(naptr: Naptr, number: str, services: Collection[str]) -> Rule:
    """What a record says for a number.

    Args:
        naptr: The record.
        number: The Application Unique String: a plus and digits.
        services: The enumservices that are wanted, in lower case.
    """
    if not naptr.flags:
        return _non_terminal(naptr)
    if fault := _fault_of(naptr):
        return Skipped(fault)
    wanted = _wanted(naptr, services)
    return wanted if isinstance(wanted, Skipped) else _terminal(naptr, number, wanted)


def _non_terminal(naptr: Naptr) -> NonTerminal | Skipped:
    """§5.2.1: services and regexp are ignored, whatever is in them.

    "An ENUM client MUST discard such a non-terminal NAPTR if the Replacement field is empty".
    """
    if naptr.replacement == ROOT:
        return Skipped("enum-no-replacement")
    return NonTerminal(Question(naptr.replacement, RecordType.NAPTR))


def _fault_of(naptr: Naptr) -> str | None:
    """Why a terminal record cannot be used by anybody, as the code of a note.

    RFC 3403 §4.1 of regexp and replacement: "they are mutually exclusive. If a record is returned
    with values for both fields, then it is in error".
    """
    if not is_of_enum(naptr.service):
        return "enum-other-application"
    if naptr.flags.upper() != "U":
        return "enum-flag"
    if naptr.replacement != ROOT:
        return "enum-replacement"
    return None


def _wanted(naptr: Naptr, services: Collection[str]) -> tuple[str, ...] | Skipped:
    """The enumservices that are of use; none of those that say that a number is not."""
    offered = enumservices_of(naptr.service)
    if not offered:
        return Skipped("enum-service")
    # "Unless an ENUM client is sure that it is connected to the private network […], it MUST
    # discard any NAPTR with an Enumservice type that starts with the "P-" facet."
    if any(is_private(each) and each not in services for each in offered):
        return Skipped("enum-private")
    wanted = tuple(dict.fromkeys(each for each in offered if each in services))
    if wanted or any(each.partition(":")[0] in UNUSED for each in offered):
        return wanted
    return Skipped("enum-service-not-wanted")


def _terminal(naptr: Naptr, number: str, wanted: tuple[str, ...]) -> Rule:
    """Apply the regexp; without a wanted enumservice, the record says that there is no use."""
    try:
        result = Substitution.parse(naptr.regexp).apply(number)
    except BadExpression as error:
        return Skipped("enum-regexp", str(error))
    if result is None:
        return Skipped("enum-no-match")
    text = result.decode("ascii", "backslashreplace")
    return _uri(text, wanted) if wanted else Unused(text)


def _uri(uri: str, wanted: tuple[str, ...]) -> Terminal | Skipped:
    """The output "is a Uniform Resource Identifier in its absolute form" (§3.3)."""
    try:
        parsed = parsed_uri(uri)
    except InvalidText as error:
        return Skipped("enum-uri", error.message)
    scheme = uri.partition(":")[0].lower()
    fitting = tuple(each for each in wanted if scheme in (schemes_of(each) or {scheme}))
    if not fitting:
        return Skipped("enum-uri-scheme", f"{uri!r} is none for {' and '.join(wanted)}")
    return Terminal(uri, parsed, fitting)


# --- What is said of it


#: Why a record is skipped: what is wrong with which field, and whether its owner should know.
_REASONS: Final = {
    "enum-other-application": ("the service is not one of ENUM", False),
    "enum-flag": ('the flags have to be "u", or empty (RFC 6116 §3.4.2)', True),
    "enum-service": ("the service has no enumservices that can be read (RFC 6116 §3.4.3)", True),
    "enum-private": ("the service is for a private network (RFC 6116 §3.4.3.1)", True),
    "enum-service-not-wanted": ("the service is none that is wanted", False),
    "enum-no-replacement": ("without flags, the replacement has to be a name", True),
    "enum-replacement": ('with flag "u", the replacement has to be "." (RFC 3403 §4.1)', True),
    "enum-regexp": ("the regexp cannot be used", True),
    "enum-no-match": ("the regexp does not match the number", False),
    "enum-uri": ("the regexp makes no URI", True),
    "enum-uri-scheme": ("the regexp makes a URI of another scheme", True),
    "enum-order-not-considered": ("the order is higher than one that matched", False),
    "enum-named-before": ("its URI was named before", False),
    "enum-after-another": ("a record before it says that the number is in use", True),
    "enum-not-secure": ("the answers that lead to it are not proven by DNSSEC", True),
    "enum-loop": ("the replacement leads back to a domain on the way", True),
    "enum-seen": ("what the replacement leads to has been looked at", False),
    "enum-too-deep": ("it is one non-terminal record too many in a row", True),
    "enum-leads-nowhere": ("the replacement leads to no record that can be used", True),
    "enum-domain-failed": ("the replacement leads to a domain that was not answered for", True),
}


def note_on(owner: Question, naptr: Naptr, skipped: Skipped) -> Note:
    """Why a record was skipped.

    Args:
        owner: The question that it answers.
        naptr: The record.
        skipped: What the matter is.
    """
    reason, warning = _REASONS[skipped.code]
    detail = f": {skipped.detail}" if skipped.detail else ""
    message = f"{owner.name} {naptr}: skipped, {reason}{detail}"
    return Note(code=skipped.code, message=message, question=owner, warning=warning)
