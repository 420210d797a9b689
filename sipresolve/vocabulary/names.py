"""Domain names as text: one normal form, and the limits of RFC 1035 §2.3.4."""

from __future__ import annotations

import re

__all__ = ["MOST_ALIASES", "ROOT", "can_exist", "is_domain_name", "normal_name"]

#: The name of the root: an SRV target or a NAPTR replacement of "." says that there is none.
ROOT = "."

#: How many aliases are followed for one question.
MOST_ALIASES = 8

_LONGEST_LABEL = 63
_LONGEST_NAME = 253  # 255 octets on the wire: a length before each label, and the root's
_ESCAPED_OCTET = re.compile(r"\\(?:[0-9]{3}|.)", re.DOTALL)


def normal_name(text: str) -> str:
    """A domain name in lower case and without its final dot; the root is ``"."``.

    >>> normal_name("Sip.Example.COM.")
    'sip.example.com'
    """
    lower = text.lower()
    if not lower.endswith("."):
        return lower or ROOT
    head = lower[:-1]
    is_escaped = (len(head) - len(head.rstrip("\\"))) % 2
    return lower if is_escaped else head or ROOT


def can_exist(name: str) -> bool:
    r"""Whether the DNS can hold this name: labels of 1 to 63 octets, 255 in all (RFC 1035 §2.3.4).

    An escape of a master file (``\.``, ``\046``) stands for one octet.
    """
    if name == ROOT:
        return True
    plain = _ESCAPED_OCTET.sub("x", name)
    return len(plain) <= _LONGEST_NAME and all(
        1 <= len(label) <= _LONGEST_LABEL for label in plain.split(".")
    )


def is_domain_name(given: object) -> bool:
    """Whether a caller gave the name of a domain, and not a URI, an address or anything else.

    >>> is_domain_name("Example.com."), is_domain_name("sip:example.com")
    (True, False)
    """
    return (
        isinstance(given, str) and not _OF_NO_NAME.search(given) and can_exist(normal_name(given))
    )


_OF_NO_NAME = re.compile(r"[\s:@/;?]|^$")
