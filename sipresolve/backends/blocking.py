"""The backend for blocking programs: many questions at once over sockets, and no threads."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sipresolve.backends.pump import Pump
from sipresolve.backends.settings import Settings
from sipresolve.backends.system import SYSTEM, System
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["DnspythonBackend"]


class DnspythonBackend:
    """Asks nameservers over UDP, and over TCP where an answer is too large for that.

    Questions go out when they are started; sockets are read in `wait`. It may be shared by
    threads, of which one at a time waits. After a fork the child has sockets of its own, and
    nothing in flight. While nothing is in flight it holds no file descriptor, but for what was sent
    to see whether a dead nameserver is well again: that is read, or given up, in the next call.

    Args:
        nameservers: Whom to ask, in this order: ``"192.0.2.53"``, ``"192.0.2.53:5353"``,
            ``"2001:db8::53"``, ``"[2001:db8::53]:5353"``, ``"fe80::53%eth0"``; None for those of
            the system.
        timeout: How long to wait for a nameserver before the next is asked, in seconds; twice as
            long in each round.
        rounds: How often to ask each nameserver.
        hedge: Whether the next nameserver is asked as soon as one takes longer than it used to,
            for a tenth of the questions at most, and not only after the timeout.
        hosts: Whether to look into the hosts file first; None for what the system does if its
            nameservers are asked, and else not.
        system: Where the system says all this.

    Raises:
        Misuse: A setting makes no sense.
    """

    def __init__(  # noqa: PLR0913 - as many as there are to set
        self,
        nameservers: Iterable[str | Nameserver] | None = None,
        *,
        timeout: float = 0.5,
        rounds: int = 3,
        hedge: bool = True,
        hosts: bool | None = None,
        system: System = SYSTEM,
    ) -> None:
        self._settings = Settings.of(
            nameservers, timeout=timeout, rounds=rounds, hedge=hedge, hosts=hosts, system=system
        )
        self._pumps: dict[int, Pump] = {}
        self._closed = False

    @property
    def nameservers(self) -> tuple[Nameserver, ...]:
        """Whom it asks now, as they were given, or as the system names them.

        >>> backend = DnspythonBackend(["192.0.2.53", "2001:db8::53"])
        >>> [str(each) for each in backend.nameservers]
        ['192.0.2.53:53', '[2001:db8::53]:53']
        """
        return self._settings.nameservers()

    def view(self) -> Hashable:
        """Whose view of the DNS it gives: its nameservers, and what the hosts file is now."""
        return self._settings.view()

    def start(self, question: Question) -> None:
        """Begin to find an answer, and return without waiting for it.

        A question that is in flight already is not asked twice, nor answered twice.

        Raises:
            Misuse: The backend is closed.
        """
        self._pump().start(question)

    def wait(self, until: float) -> list[Answer]:
        """Give the answers that have come since the last call, waiting for at least one.

        What has come is looked at before any timer, so that a caller who was busy loses nothing.

        Args:
            until: When to give up and return nothing, as `time.monotonic` counts seconds.

        Raises:
            Misuse: The backend is closed, perhaps by another thread meanwhile.
        """
        return self._pump().wait(until)

    def cancel(self, question: Question) -> None:
        """Give up a question that nobody waits for any more, if it is in flight; else do nothing.

        Its sockets are closed at once, or by the thread that waits, which is woken for it. No
        answer to it is given but one that `wait` has already.
        """
        with suppress(Misuse):  # What is closed has nothing in flight.
            self._pump().cancel(question)

    def close(self) -> None:
        """Close all sockets. Questions in flight are dropped."""
        self._closed = True
        self._abandon_all_but(os.getpid())
        for pump in self._pumps.values():
            pump.close()

    def _pump(self) -> Pump:
        """The pump of this process: a child must not read what its parent waits for."""
        if self._closed:
            raise Misuse("the backend is closed")
        pid = os.getpid()
        if pid not in self._pumps:
            self._pumps.setdefault(pid, Pump(self._settings))  # Another thread may be here too.
            self._abandon_all_but(pid)
        return self._pumps[pid]

    def _abandon_all_but(self, own: int) -> None:
        for pid in list(self._pumps):
            inherited = self._pumps.pop(pid, None) if pid != own else None
            if inherited is not None:
                inherited.abandon()
