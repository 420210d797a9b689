"""How BIND and IANA write trust anchors: from their texts to the fields of DS and DNSKEY."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

from attrs import frozen
from dns.rdatatype import DNSKEY, DS

from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from dns.rdatatype import RdataType

__all__ = ["Stated", "fault", "is_of_bind", "of_bind", "of_iana"]


@frozen
class Stated:
    """A trust anchor as it is written.

    Attributes:
        zone: The zone.
        rdtype: DNSKEY or DS.
        data: The four fields of its data, as in a master file.
        line: Where it stands, counted from 1.
    """

    zone: str
    rdtype: RdataType
    data: tuple[str, ...]
    line: int


def fault(name: str, line: int, what: str) -> Misuse:
    """An error that lies in a line of a file."""
    return Misuse(f"{name}:{line}: {what}")


# --- Statements of BIND

#: What each statement calls a trust anchor: the type of the record that follows the word.
_STATEMENTS: Final[Mapping[str, Mapping[str, RdataType]]] = {
    "trust-anchors": {
        "initial-key": DNSKEY,
        "static-key": DNSKEY,
        "initial-ds": DS,
        "static-ds": DS,
    },
    "managed-keys": {"initial-key": DNSKEY, "static-key": DNSKEY},
    "trusted-keys": {"": DNSKEY},
}

#: How many words an error quotes: not those of a key.
_QUOTED: Final = 4

_BLANK: Final = r"\s++|//[^\n]*+|#[^\n]*+|/\*.*?\*/"
_WORDS: Final = re.compile(
    rf"(?P<blank>{_BLANK})"
    r"|(?P<mark>[{};])"
    r'|"(?P<quoted>[^"]*+)"'
    r'|(?P<word>(?:[^\s{};"#/]|/(?![/*]))++)',
    re.DOTALL,
)
_OF_BIND: Final = re.compile(rf"(?:{_BLANK})*+(?:{'|'.join(_STATEMENTS)})(?![^\s{{/#])", re.DOTALL)


@frozen
class _Word:
    text: str
    line: int
    is_mark: bool  # a brace or a semicolon, which is not quoted


def is_of_bind(text: str) -> bool:
    """Whether a text begins with such a statement, but for comments."""
    return _OF_BIND.match(text) is not None


def of_bind(text: str, name: str) -> Iterator[Stated]:
    """What the statements say.

    Raises:
        Misuse: There is something else.
    """
    kinds: Mapping[str, RdataType] | None = None  # those of the statement that is open
    for *words, mark in _clauses(text, name):
        match mark.text, [word.text for word in words]:
            case "{", [statement] if not kinds and statement in _STATEMENTS:
                kinds = _STATEMENTS[statement]
            case ";", [zone, *kind, first, second, third, data] if (
                kinds and " ".join(kind) in kinds
            ):
                fields = (first, second, third, data)
                yield Stated(zone, kinds[" ".join(kind)], fields, words[0].line)
            case "}", [] if kinds:
                kinds = None
            case ";", [] if not kinds:
                pass
            case _:
                what = " ".join(word.text for word in (*words[:_QUOTED], mark))
                raise fault(name, (*words, mark)[0].line, f"{what!r} is not understood")
    if kinds:
        raise fault(name, text.count("\n") + 1, "it ends within a statement")


def _clauses(text: str, name: str) -> Iterator[list[_Word]]:
    """Words up to a brace or a semicolon, and that."""
    clause: list[_Word] = []
    for word in _words(text, name):
        clause.append(word)
        if word.is_mark:
            yield clause
            clause = []
    if clause:
        raise fault(name, clause[0].line, f"nothing ends what begins with {clause[0].text!r}")


def _words(text: str, name: str) -> Iterator[_Word]:
    place, line = 0, 1
    while place < len(text):
        found = _WORDS.match(text, place)
        if found is None:
            raise fault(name, line, "a quoted text or a comment is not closed")
        kind = found.lastgroup
        if kind != "blank":
            yield _Word(found[kind or 0], line, kind == "mark")
        line += found[0].count("\n")
        place = found.end()


# --- The XML of IANA


def of_iana(text: str, name: str, now: float) -> Iterator[Stated]:
    """What is valid at a time, in seconds since 1970 (RFC 7958 §2.1.2).

    Raises:
        Misuse: It is no XML, has a DOCTYPE, is about something else, or none of it is valid.
    """
    root = _element_of(text, name)
    zone = root.findtext("Zone", "").strip()
    if root.tag != "TrustAnchor" or not zone:
        raise fault(name, _line_of(root), "it is no TrustAnchor of a Zone")
    digests = [*root.iter("KeyDigest")]
    valid = [digest for digest in digests if _is_valid(digest, name, now)]
    if digests and not valid:
        day = datetime.fromtimestamp(now, UTC).date()
        raise Misuse(f"{name}: there is no trust anchor in it that is valid now, on {day}")
    for digest in valid:
        data = tuple(digest.findtext(tag, "") for tag in _DIGEST)
        yield Stated(zone, DS, data, _line_of(digest))


def _is_valid(digest: Element, name: str, now: float) -> bool:
    begins = _time_of(digest, "validFrom", name)
    ends = _time_of(digest, "validUntil", name)
    return (begins is None or begins <= now) and (ends is None or now < ends)


#: The elements that make the data of a DS record, in their order (RFC 7958 §2.1.3).
_DIGEST: Final = ("KeyTag", "Algorithm", "DigestType", "Digest")


def _element_of(text: str, name: str) -> Element:
    """The outermost element. Each has an attribute `_LINE`, the line where it begins."""
    builder, parser = TreeBuilder(), expat.ParserCreate("utf-8")

    def start(tag: str, attributes: dict[str, str]) -> None:
        builder.start(tag, {**attributes, _LINE: str(parser.CurrentLineNumber)})

    def refuse(*_doctype: object) -> None:
        # An entity can only be declared there: without one, nothing grows or is fetched.
        raise fault(name, parser.CurrentLineNumber, "a DOCTYPE is refused")

    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as error:
        raise fault(name, error.lineno, f"it is no XML: {expat.ErrorString(error.code)}") from error
    return builder.close()


#: No attribute of a document has such a name.
_LINE: Final = "<line>"


def _line_of(element: Element) -> int:
    return int(element.attrib[_LINE])


def _time_of(element: Element, attribute: str, name: str) -> float | None:
    """In seconds since 1970; None where there is no such attribute."""
    text = element.get(attribute)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise fault(name, _line_of(element), f"{text!r} is no time") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
