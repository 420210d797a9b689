"""The types of records that a name has, as NSEC and NSEC3 list them (RFC 4034 §4.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from sipresolve.vocabulary.evidence import RrType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_TYPES", "TypeBitmap"]


@frozen
class TypeBitmap:
    """The types at a name.

    Attributes:
        windows: The bits of 256 types each, by the number of the window.
    """

    windows: Mapping[int, bytes] = field(factory=dict)

    @classmethod
    def of(cls, data: bytes) -> TypeBitmap:
        """Read the last field of an NSEC or NSEC3 record.

        Octets of zero at the end of a window, which nobody may send, leave no doubt about what
        they say, and are let pass.

        Raises:
            ValueError: The windows are not in increasing order, are cut off, or have no octets or
                more than 32.
        """
        windows: dict[int, bytes] = {}
        at, last = 0, -1
        while at < len(data):
            window, size = data[at], int.from_bytes(data[at + 1 : at + 2])
            end = at + 2 + size
            if window <= last or not 1 <= size <= _LONGEST or end > len(data):
                raise ValueError("a list of types is malformed")
            windows[window] = data[at + 2 : end]
            at, last = end, window
        return cls(windows)

    def __contains__(self, type_: int) -> bool:
        """Whether there are records of a type; of the type ANY, whether there are any."""
        if type_ == _ANY:
            return any(map(any, self.windows.values()))
        bits = self.windows.get(type_ >> 8, b"")
        octet = (type_ & 0xFF) >> 3
        return octet < len(bits) and bool(bits[octet] & (0x80 >> (type_ & 7)))

    @property
    def is_above_cut(self) -> bool:
        """Whether it is the parent's side of a delegation that lists them (RFC 6840 §4.1)."""
        return RrType.NS in self and RrType.SOA not in self

    @property
    def hides_below(self) -> bool:
        """Whether a zone says nothing of the names below this one (RFC 6840 §4.1)."""
        return self.is_above_cut or RrType.DNAME in self


_ANY: Final = 255
_LONGEST: Final = 32

#: What an empty non-terminal has: names below it, and no records.
NO_TYPES: Final = TypeBitmap()
