"""The file /etc/hosts: names and addresses that the administrator of this machine has set."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final, TypeAlias

from sipresolve.backends.changes import Stamp, stamp
from sipresolve.vocabulary.names import normal_name
from sipresolve.vocabulary.records import Answer, RecordType, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sipresolve.vocabulary.records import Address, Question

__all__ = ["Hosts"]

_KIND: Final[Mapping[RecordType, type[Address]]] = {
    RecordType.A: IPv4Address,
    RecordType.AAAA: IPv6Address,
}

Table: TypeAlias = "Mapping[str, tuple[Address, ...]]"


class Hosts:
    """Answers questions for addresses from a file, which is read again when it has changed.

    A file that is not there, or cannot be read, is as good as empty.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: tuple[Stamp | None, Table] = (None, {})

    def answer(self, question: Question) -> Answer | None:
        """What the file says; None where it does not know the name, or for other types.

        A name that it gives one family only has no address of the other.
        """
        kind = _KIND.get(question.type)
        addresses = self._table().get(question.name) if kind is not None else None
        if kind is None or addresses is None:
            return None
        records = tuple(address for address in addresses if isinstance(address, kind))
        status = Status.OK if records else Status.NODATA
        return Answer(question=question, status=status, records=records, source=Source.HOSTS)

    def stamp(self) -> Stamp | None:
        """What differs as soon as the file is another."""
        return stamp(self._path)

    def _table(self) -> Table:
        seen, table = self._known
        now = stamp(self._path)
        if now != seen:
            table = _read(self._path)
            self._known = now, table
        return table


def _read(path: str) -> Table:
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - a Path is slow
            return _parse(lines)
    except OSError:
        return {}


def _parse(lines: Iterable[str]) -> Table:
    table: defaultdict[str, dict[Address, None]] = defaultdict(dict)
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        parsed = _address(address)
        if parsed is not None:
            for name in names:
                table[normal_name(name)][parsed] = None
    return {name: tuple(addresses) for name, addresses in table.items()}


def _address(text: str) -> Address | None:
    """An address, without its scope: a record of the DNS could not have one either."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
