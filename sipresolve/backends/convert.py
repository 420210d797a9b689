"""From dnspython's names and records to ours: the one place where its loose types are let in."""

from __future__ import annotations

import re
import struct
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from dns.exception import DNSException
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.names import normal_name
from sipresolve.vocabulary.records import Naptr, Srv

if TYPE_CHECKING:
    from dns.name import Name
    from dns.rdata import Rdata

    from sipresolve.vocabulary.records import Record

__all__ = ["MALFORMED", "name_of", "record_of"]

#: What dnspython raises where text is no name or no record; the last of them before version 2.9.
MALFORMED: Final = (DNSException, UnicodeError, struct.error)

_ESCAPE: Final = re.compile(r"\\.")
_INNER_DOT: Final = {r"\.": r"\046"}


def name_of(name: Name) -> str:
    r"""An absolute name as text: in lower case, without its final dot, the root as ``"."``.

    Octets that would be mistaken are escaped as in a master file (RFC 1035 §5.1). A dot inside a
    label is written ``\046``, so that every ``.`` that is left stands between two labels.
    """
    text = name.to_text()
    if "\\" in text:
        text = _ESCAPE.sub(lambda escape: _INNER_DOT.get(escape[0], escape[0]), text)
    return normal_name(text)


def record_of(rdata: Rdata) -> Record | None:  # noqa: PLR0911 - one for each type
    """A record of a type that can be asked for, class IN; None for any other."""
    match rdata:
        case A():
            return IPv4Address(rdata.address)
        case AAAA():
            return IPv6Address(rdata.address)
        case SRV():
            return Srv(rdata.priority, rdata.weight, rdata.port, name_of(rdata.target))
        case NAPTR():
            return Naptr(
                rdata.order,
                rdata.preference,
                rdata.flags.decode("latin-1"),
                rdata.service.decode("latin-1"),
                rdata.regexp,
                name_of(rdata.replacement),
            )
        case DNSKEY():
            return DnsKey(rdata.flags, rdata.protocol, rdata.algorithm, rdata.key)
        case DS():
            return Ds(rdata.key_tag, rdata.algorithm, rdata.digest_type, rdata.digest)
    return None
