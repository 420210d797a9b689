"""The zone of `conformance`, read already, for backends that read no zone files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME

from sipresolve.backends.conformance_zone import ZONE
from sipresolve.backends.convert import name_of, record_of
from sipresolve.backends.zonefile import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dns.rdata import Rdata

    from sipresolve.vocabulary.records import Record

__all__ = ["RECORDS", "ZoneRecord"]


@frozen(kw_only=True)
class ZoneRecord:
    """A record of the zone, as a backend may keep it.

    Attributes:
        name: The name that has it: in lower case and without a final dot, as in a `Question`.
        type: ``"A"``, ``"AAAA"``, ``"SRV"``, ``"NAPTR"``, ``"CNAME"`` or ``"DNAME"``.
        ttl: In seconds.
        value: What an `Answer` has among its records; of a CNAME or DNAME the name that it leads
            to, in lower case and without a final dot.
    """

    name: str
    type: str
    ttl: int
    value: Record | str


def _records() -> Iterator[ZoneRecord]:
    for entry in read_text(ZONE):
        if (value := _value(entry.rdata)) is not None:
            kind = entry.rdata.rdtype.name
            yield ZoneRecord(name=entry.owner, type=kind, ttl=entry.ttl, value=value)


def _value(rdata: Rdata) -> Record | str | None:
    return name_of(rdata.target) if isinstance(rdata, (CNAME, DNAME)) else record_of(rdata)


#: The records of the zone, but for SOA and NS, which nobody asks for.
RECORDS: Final = tuple(_records())
