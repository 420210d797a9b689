"""Names as DNSSEC compares them: labels, from the root down (RFC 4034 §6.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.names import ROOT, normal_name

if TYPE_CHECKING:
    from sipresolve.vocabulary.evidence import Labels

__all__ = [
    "ancestors",
    "canonical_key",
    "is_at_or_below",
    "is_below",
    "labels_of",
    "name_at",
    "text_of",
]

_LABEL: Final = re.compile(rb"(?:\\[0-9]{3}|\\.|[^.\\])+", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\([0-9]{3}|.)", re.DOTALL)
# What stands for itself in a master file (RFC 1035 §5.1).
_UNUSUAL: Final = re.compile(rb"[^!#%&'*+,/0-9:<=>?A-Z\[\]^_`a-z{|}~-]")
_ESCAPED_BY_ITSELF: Final = b'"();\\@$'


def labels_of(name: str) -> Labels:
    r"""The labels of a name as text.

    >>> labels_of(r"a\046b.example.com")
    (b'a.b', b'example', b'com')
    """
    if name == ROOT:
        return ()
    octets = name.encode("latin-1", "replace")
    if b"\\" not in octets:
        return tuple(octets.split(b"."))
    return tuple(_ESCAPE.sub(_unescaped, label).lower() for label in _LABEL.findall(octets))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    text = escape[1]
    return bytes((int(text) & 0xFF,)) if len(text) > 1 else text


def text_of(labels: Labels) -> str:
    r"""A name as text, as `Question.name` has it.

    >>> text_of((b"a.b", b"example", b"com"))
    'a\\046b.example.com'
    """
    if not labels:
        return ROOT
    return normal_name(b".".join([_UNUSUAL.sub(_escaped, label) for label in labels]).decode())


def _escaped(octet: re.Match[bytes]) -> bytes:
    return b"\\" + octet[0] if octet[0] in _ESCAPED_BY_ITSELF else b"\\%03d" % octet[0][0]


def canonical_key(labels: Labels) -> Labels:
    """What sorts names as RFC 4034 §6.1 does: the labels from the root down."""
    return labels[::-1]


def is_at_or_below(name: Labels, zone: Labels) -> bool:
    """Whether a name is that of a zone, or below it."""
    return not zone or name[-len(zone) :] == zone


def is_below(name: Labels, zone: Labels) -> bool:
    """Whether a name is below another, and not the same."""
    return len(name) > len(zone) and is_at_or_below(name, zone)


def ancestors(name: Labels, zone: Labels) -> tuple[Labels, ...]:
    """The names from just below a zone down to a name that is below it, the shortest first."""
    return tuple(name[-length:] for length in range(len(zone) + 1, len(name) + 1))


def name_at(data: bytes, at: int = 0) -> tuple[Labels, int]:
    """The name that begins here in some data, in lower case (RFC 6840 §5.1), and where it ends.

    Raises:
        ValueError: There is none: it is cut off, too long, or compressed.
    """
    labels: list[bytes] = []
    begin = at
    while size := int.from_bytes(data[at : at + 1]):
        if size > _LONGEST_LABEL:
            raise ValueError("a label is too long")
        labels.append(data[at + 1 : at + 1 + size].lower())
        at += 1 + size
    if not at < len(data) or at + 1 - begin > _LONGEST_NAME:
        raise ValueError("a name is cut off, or too long")
    return tuple(labels), at + 1


#: In octets on the wire (RFC 1035 §2.3.4).
_LONGEST_LABEL: Final = 63
_LONGEST_NAME: Final = 255
