"""Whether a message is a reply to a query: all that an off-path forger has to guess.

RFC 5452 §9.1: addresses and ports, the ID, the name, the class and the type of a response have to
be those of the query; "A mismatch and the response MUST be considered invalid". A socket that is
connected to the nameserver sees to addresses and ports. The rest is here, on the octets, so that
a forgery costs little and is dropped before anything reads the records that it carries.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

__all__ = ["is_reply"]

# RFC 1035 §4.1.1: the ID, the flags, and the number of entries in each section.
_HEADER: Final = Struct("!HHHHHH")
_RESPONSE: Final = 0x8000
_OPCODE: Final = 0x7800
_RCODE: Final = 0x000F
_FAILURES: Final = frozenset({1, 2, 4, 5})  # FORMERR, SERVFAIL, NOTIMP, REFUSED
_TYPE_AND_CLASS: Final = 4


def is_reply(query: bytes, message: bytes) -> bool:
    """Whether the message, from the peer that the query was sent to, is a reply to it.

    Args:
        query: A query with one question, whose name is not compressed.
        message: Any octets at all.
    """
    if len(message) < _HEADER.size:
        return False
    asked, query_flags, *_ = _HEADER.unpack_from(query)
    answered, flags, questions, answers, authorities, _ = _HEADER.unpack_from(message)
    if asked != answered or not flags & _RESPONSE or (flags ^ query_flags) & _OPCODE:
        return False
    if questions == 0:
        # Some servers send their refusal as a bare header. It carries no data to be believed.
        return answers == authorities == 0 and flags & _RCODE in _FAILURES
    return questions == 1 and _same_question(query, message)


def _same_question(query: bytes, message: bytes) -> bool:
    """Compare names without regard to case (RFC 1035 §2.3.3).

    The first name of a message has nothing before it that it could be compressed to, so equal
    questions are equal octets. Lengths of labels are below the letters, and so are the types that
    we ask for and the class IN: lower case changes none of them.
    """
    end = _HEADER.size
    while length := query[end]:
        end += 1 + length
    end += 1 + _TYPE_AND_CLASS
    return message[_HEADER.size : end].lower() == query[_HEADER.size : end].lower()
