"""The backend for asynchronous programs: as many questions at once as there are tasks that ask."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipresolve.backends.conversation import Conversation
from sipresolve.backends.eventloop import Job, clock, spawn
from sipresolve.backends.settings import Settings
from sipresolve.backends.system import SYSTEM, System
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.vocabulary.records import Question

__all__ = ["AsyncDnspythonBackend"]


class AsyncDnspythonBackend:
    """Asks nameservers over UDP, and over TCP where an answer is too large for that.

    Between questions it keeps nothing but what it has learnt of the nameservers, so that tasks of
    any loop may share it.

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
        self._conversations: set[Conversation] = set()
        self._probes: dict[Conversation, Job] = {}
        self._closed = False

    @property
    def nameservers(self) -> tuple[Nameserver, ...]:
        """Whom it asks now, as they were given, or as the system names them.

        >>> backend = AsyncDnspythonBackend(["192.0.2.53", "2001:db8::53"])
        >>> [str(each) for each in backend.nameservers]
        ['192.0.2.53:53', '[2001:db8::53]:53']
        """
        return self._settings.nameservers()

    def view(self) -> Hashable:
        """Whose view of the DNS it gives: its nameservers, and what the hosts file is now."""
        return self._settings.view()

    async def ask(self, question: Question) -> Answer:
        """Find an answer; absence, failure and time-out are statuses of it.

        Cancelling it closes its sockets.

        Raises:
            Misuse: The backend is closed, perhaps meanwhile.
        """
        if self._closed:
            raise Misuse("the backend is closed")
        now = clock()
        begun = self._settings.begin(question, now)
        if isinstance(begun, Answer):
            return begun
        conversation = Conversation(question, begun)
        self._conversations.add(conversation)
        self._probe(question, now)
        try:
            return await conversation.hold()
        finally:
            self._conversations.discard(conversation)

    async def aclose(self) -> None:
        """Close all sockets, and end what is being asked."""
        self._closed = True
        for conversation in [*self._conversations, *self._probes]:
            await conversation.break_off()
        for probe in list(self._probes.values()):
            await probe.ended()

    def _probe(self, question: Question, now: float) -> None:
        """Ask beside the question whoever is due for that; nobody wants the answer."""
        for steps in self._settings.probes(question, now):
            conversation = Conversation(question, steps)
            ended = partial(self._probe_ended, conversation)
            self._probes[conversation] = spawn(conversation.hold(), ended)

    def _probe_ended(
        self, conversation: Conversation, _answer: Answer | None, _error: BaseException | None
    ) -> None:
        del self._probes[conversation]
