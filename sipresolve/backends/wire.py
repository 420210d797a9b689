"""Queries in the wire format, and what is a reply to one."""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final, cast

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
from attrs import frozen
from dns.exception import DNSException

from sipresolve.backends.convert import name_of
from sipresolve.backends.reading import mnemonic, read_reply
from sipresolve.exchange.matching import is_reply
from sipresolve.exchange.replies import Reply
from sipresolve.vocabulary.records import RecordType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.exchange.events import Attempt
    from sipresolve.vocabulary.records import Question

__all__ = ["PAYLOAD", "Query", "canonical_name", "query_for"]

#: The size of reply that we take over UDP, in octets: what passes everywhere in one piece.
PAYLOAD: Final = 1232

_ID: Final = 2  # octets
_HEADER: Final = 12  # octets
_TRUNCATED: Final = dns.flags.TC >> 8  # in the third octet
_RCODE: Final = 0x0F  # in the fourth octet
# RFC 6840 §5.7: AD in a query asks for AD in the response, and for no more than that.
_FLAGS: Final = dns.flags.RD | dns.flags.AD
# RFC 6840 §5.9: "the CD bit on every upstream query", so that what the nameserver finds forged is
# judged here; AD is asked for by DO already (§5.7).
_FLAGS_OF_SIGNED: Final = dns.flags.RD | dns.flags.CD

_TYPES: Final[Mapping[RecordType, dns.rdatatype.RdataType]] = {
    type_: dns.rdatatype.from_text(type_) for type_ in RecordType
}


@frozen
class Query:
    """A query as it is sent.

    Attributes:
        wire: The message.
        type: The type that it asks for.
        edns: Whether it has an OPT record.
        signed: Whether it asks for what proves the answer.
    """

    wire: bytes
    type: RecordType
    edns: bool
    signed: bool

    def read(self, message: bytes) -> Reply | None:
        """What the message says in reply; None where it is no reply, or cannot be read."""
        if not is_reply(self.wire, message):
            return None
        if message[2] & _TRUNCATED:
            return Reply(rcode=mnemonic(message[3] & _RCODE), truncated=True)
        return read_reply(message, self.type, signed=self.signed, edns=self.edns)


def query_for(attempt: Attempt, question: Question) -> Query:
    """The query of an attempt at a question, with an ID that nobody can guess (RFC 5452 §9.2)."""
    template = _template(question.type, edns=attempt.edns, signed=question.signed)
    name = _name_on_the_wire(attempt.name)
    wire = secrets.token_bytes(_ID) + template[_ID:_HEADER] + name + template[_HEADER + 1 :]
    return Query(wire, question.type, attempt.edns, question.signed)


def canonical_name(text: str) -> str | None:
    """The one way to write a name, whatever its escapes; None where no such name can exist."""
    if _is_plain(text):
        return text
    try:
        return name_of(dns.name.from_text(text))
    except (DNSException, UnicodeError):
        return None


# Letters, digits, "-" and "_" have no escapes, so that such a name is what it says; almost all are,
# and of those of telephone numbers every digit is a label. In 253 characters it fits (RFC 1035
# §2.3.4).
_is_plain: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII
).fullmatch


def _name_on_the_wire(text: str) -> bytes:
    """A name as a query has it: labels, each behind its length."""
    if _is_plain(text):
        labels = text.encode("ascii").split(b".")
        return b"".join([bytes((len(label),)) + label for label in labels]) + b"\0"
    return cast("bytes", dns.name.from_text(text).to_wire())


@cache
def _template(type_: RecordType, *, edns: bool, signed: bool) -> bytes:
    """A query for the root, whose name is the one octet after the header."""
    flags = _FLAGS_OF_SIGNED if signed else _FLAGS
    query = dns.message.make_query(dns.name.root, _TYPES[type_], flags=flags)
    if edns:
        query.use_edns(0, ednsflags=dns.flags.DO if signed else 0, payload=PAYLOAD)  # RFC 3225
    else:
        query.use_edns(-1)  # Then nothing asks for signatures, and none come.
    return query.to_wire()
