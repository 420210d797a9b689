"""The nameservers of the system, which may be others while a program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.backends.changes import Stamp, stamp
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from sipresolve.backends.system import System
    from sipresolve.exchange.nameservers import Nameserver

__all__ = ["ResolvConf"]

# How long what was seen holds, in seconds.
_HOLDS: Final = 1.0


class ResolvConf:
    """Reads them again when the file has changed, and looks for that once a second at most.

    A new file that is gone, cannot be understood or names nobody changes nothing: programs that
    write it in place leave it so for a moment. It may be shared by threads.

    Args:
        system: Where the file is.
        now: The time, in seconds of any clock that never goes back.

    Raises:
        Misuse: It cannot be understood, to begin with.
    """

    def __init__(self, system: System, now: float) -> None:
        self._system = system
        seen = stamp(system.resolv_conf)
        self._known = _Known(system.nameservers(), seen, now)

    def nameservers(self, now: float) -> tuple[Nameserver, ...]:
        """Whom to ask, in this order."""
        if now - self._known.at >= _HOLDS:
            self._known = self._looked_at(now)
        return self._known.nameservers

    def _looked_at(self, now: float) -> _Known:
        """The stamp is taken before the file is read: what changes meanwhile is read next time."""
        known = self._known
        seen = stamp(self._system.resolv_conf)
        if seen is None or seen == known.stamp:
            return _Known(known.nameservers, known.stamp, now)
        try:
            nameservers = self._system.named_nameservers()
        except Misuse:
            nameservers = ()
        return _Known(nameservers or known.nameservers, seen, now)


@frozen
class _Known:
    """Who was named, by which file, and when that was looked at."""

    nameservers: tuple[Nameserver, ...]
    stamp: Stamp | None
    at: float
