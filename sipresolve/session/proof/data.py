"""Records made of data that a proof has verified: canonical, so without compression."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from sipresolve.session.proof.names import name_at, text_of
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import Naptr, RecordType, Srv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipresolve.vocabulary.evidence import Labels, SignedSet
    from sipresolve.vocabulary.records import Record

__all__ = ["name_in", "records_of"]


def records_of(found: SignedSet, type_: RecordType) -> tuple[Record, ...]:
    """The records of an RRset.

    Raises:
        ValueError: The data are not those of such records.
    """
    read = _READERS[type_]
    try:
        return tuple(read(data) for data in found.data)
    except (IndexError, struct.error) as error:
        raise ValueError(str(error)) from error


def name_in(data: bytes, at: int = 0) -> Labels:
    """The name that begins here, and ends with the data.

    Raises:
        ValueError: There is none.
    """
    labels, end = name_at(data, at)
    if end != len(data):
        raise ValueError("the data do not end with a name")
    return labels


def _srv(data: bytes) -> Srv:
    priority, weight, port = _SRV.unpack_from(data)
    return Srv(priority, weight, port, text_of(name_in(data, _SRV.size)))


def _naptr(data: bytes) -> Naptr:
    order, preference = _NAPTR.unpack_from(data)
    flags, at = _string(data, _NAPTR.size)
    service, at = _string(data, at)
    regexp, at = _string(data, at)
    replacement = text_of(name_in(data, at))
    return Naptr(
        order, preference, flags.decode("latin-1"), service.decode("latin-1"), regexp, replacement
    )


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    end = at + 1 + data[at]
    return data[at + 1 : end], end


_SRV: Final = struct.Struct("!HHH")
_NAPTR: Final = struct.Struct("!HH")

_READERS: Final[Mapping[RecordType, Callable[[bytes], Record]]] = {
    RecordType.A: IPv4Address,
    RecordType.AAAA: IPv6Address,
    RecordType.SRV: _srv,
    RecordType.NAPTR: _naptr,
    RecordType.DNSKEY: DnsKey.of,
    RecordType.DS: Ds.of,
}
