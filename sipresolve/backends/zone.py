"""A backend that needs no network: zones in memory, for tests, demonstrations and closed sites."""

from __future__ import annotations

import os
import threading
from copy import copy
from time import monotonic
from typing import TYPE_CHECKING, Self

from sipresolve.backends.authority import Authority
from sipresolve.backends.zonedata import zones_of
from sipresolve.backends.zonefile import read_file, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.backends.zonefile import Entry
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["ZoneBackend"]


class ZoneBackend:
    """Answers from zone files, for blocking and for asynchronous programs alike.

    `from_file`, `from_files` and `from_text` make one.

    It answers at once, as nameservers of these zones would, to one who asks them all: wildcards
    (RFC 4592), CNAME and DNAME (RFC 6672) are followed from zone to zone, at most 8 times, and a
    name that does not exist (``nxdomain``) is told from one without such records (``nodata``).

    A zone is what lies below an SOA record; a file may hold several. What lies outside every zone
    is ``refused``, as a nameserver refuses it: that no zone for a name is here does not say that
    the name does not exist. A name that a zone delegates to a zone that is not here is a
    ``servfail``. Records without an SOA, such as a plain list of names and addresses, form a zone
    that begins at the root, in which all other names are ``nxdomain``.

    A record has a TTL of 300 s where neither it nor a ``$TTL`` above it states one.

    Nothing changes once the files are read, and any number of resolvers may share it; closing it
    drops what was started and not waited for, and gives nothing back.
    """

    def __init__(self, *sources: Sequence[Entry]) -> None:
        self._authority = Authority(zones_of(sources))
        self._mailboxes: dict[int, _Mailbox] = {}  # by process: a fork has to begin anew

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], origin: str | None = None) -> Self:
        """The zones of one file.

        Args:
            path: A zone file (RFC 1035 §5) in UTF-8, with ``$ORIGIN``, ``$TTL`` (RFC 2308 §4) and
                ``$INCLUDE``, whose file is looked for beside the one that includes it.
            origin: What relative names are relative to before the first ``$ORIGIN``.

        Raises:
            InvalidZone: The file cannot be read, or no nameserver would load it.
        """
        return cls(read_file(path, origin))

    @classmethod
    def from_files(cls, *paths: str | os.PathLike[str]) -> Self:
        """The zones of several files.

        Raises:
            InvalidZone: A file cannot be read, or no nameserver would load them together.
        """
        return cls(*map(read_file, paths))

    @classmethod
    def from_text(cls, text: str, origin: str | None = None) -> Self:
        """The zones of a text that a zone file might hold.

        >>> backend = ZoneBackend.from_text("example.com. 300 IN A 192.0.2.1")

        Args:
            text: As of a zone file; included files are looked for in the current folder.
            origin: What relative names are relative to before the first ``$ORIGIN``.

        Raises:
            InvalidZone: It is no zone file, or no nameserver would load it.
        """
        return cls(read_text(text, origin))

    def attach(self) -> Self:
        """The same zones for one more blocking resolver."""
        attached = copy(self)
        attached._mailboxes = {}  # noqa: SLF001 - it is one of us
        return attached

    def start(self, question: Question) -> None:
        """Answer a question, for `wait` to give."""
        self._mailbox().put(self._authority.answer(question))

    def wait(self, until: float) -> Sequence[Answer]:
        """Give the answers to what was started since the last call, or wait until there is one."""
        return self._mailbox().take(until)

    def cancel(self, question: Question) -> None:
        """Drop the answer, if nobody has waited for it yet."""
        self._mailbox().drop(question)

    def close(self) -> None:
        """Drop the answers that nobody has waited for, and wake who is waiting."""
        self._mailbox().clear()

    async def ask(self, question: Question) -> Answer:
        """Answer a question."""
        return self._authority.answer(question)

    async def aclose(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _mailbox(self) -> _Mailbox:
        process = os.getpid()
        return self._mailboxes.get(process) or self._mailboxes.setdefault(process, _Mailbox())


class _Mailbox:
    """Answers on their way from `start` to `wait`, between threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._answers: list[Answer] = []
        self._clearings = 0

    def put(self, answer: Answer) -> None:
        with self._changed:
            self._answers.append(answer)
            self._changed.notify()

    def take(self, until: float) -> list[Answer]:
        with self._changed:
            clearings = self._clearings
            self._changed.wait_for(
                lambda: self._answers or self._clearings != clearings,
                timeout=min(until - monotonic(), threading.TIMEOUT_MAX),
            )
            answers, self._answers = self._answers, []
        return answers

    def drop(self, question: Question) -> None:
        with self._changed:
            self._answers = [each for each in self._answers if each.question != question]

    def clear(self) -> None:
        with self._changed:
            self._answers = []
            self._clearings += 1
            self._changed.notify_all()
