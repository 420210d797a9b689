"""The backend for asynchronous programs: as many questions at once as there are tasks that ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.backends.conversation import Conversation
from sipresolve.backends.settings import Settings
from sipresolve.backends.system import SYSTEM, System
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.vocabulary.records import Question

__all__ = ["AsyncDnspythonBackend"]


class AsyncDnspythonBackend:
    """Asks nameservers over UDP, and over TCP where an answer is too large for that.

    It keeps nothing between questions, so that tasks of any loop may share it.

    Args:
        nameservers: Whom to ask, in this order: ``"192.0.2.53"``, ``"192.0.2.53:5353"``,
            ``"2001:db8::53"``, ``"[2001:db8::53]:5353"``, ``"fe80::53%eth0"``; None for those of
            the system.
        timeout: How long to wait for a nameserver before the next is asked, in seconds; twice as
            long in each round.
        rounds: How often to ask each nameserver.
        hosts: Whether to look into the hosts file first; None for what the system does if its
            nameservers are asked, and else not.
        system: Where the system says all this.

    Raises:
        Misuse: A setting makes no sense.
    """

    def __init__(
        self,
        nameservers: Iterable[str | Nameserver] | None = None,
        *,
        timeout: float = 0.5,
        rounds: int = 3,
        hosts: bool | None = None,
        system: System = SYSTEM,
    ) -> None:
        self._settings = Settings.of(
            nameservers, timeout=timeout, rounds=rounds, hosts=hosts, system=system
        )
        self._conversations: set[Conversation] = set()
        self._closed = False

    @property
    def nameservers(self) -> tuple[Nameserver, ...]:
        """Whom it asks, in this order; those of the system where none were given.

        >>> backend = AsyncDnspythonBackend(["192.0.2.53", "2001:db8::53"])
        >>> [str(each) for each in backend.nameservers]
        ['192.0.2.53:53', '[2001:db8::53]:53']
        """
        return self._settings.nameservers

    async def ask(self, question: Question) -> Answer:
        """Find an answer; absence, failure and time-out are statuses of it.

        Cancelling it closes its sockets.

        Raises:
            Misuse: The backend is closed, perhaps meanwhile.
        """
        if self._closed:
            raise Misuse("the backend is closed")
        begun = self._settings.begin(question)
        if isinstance(begun, Answer):
            return begun
        conversation = Conversation(question.type, begun)
        self._conversations.add(conversation)
        try:
            return await conversation.hold()
        finally:
            self._conversations.discard(conversation)

    async def aclose(self) -> None:
        """Close all sockets, and end what is being asked."""
        self._closed = True
        for conversation in list(self._conversations):
            await conversation.break_off()
