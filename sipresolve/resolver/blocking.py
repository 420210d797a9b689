"""The resolver for blocking programs.

It may be shared by threads, and has none of its own. Of several calls that wait, one pumps for all
and hands over when it is done (leader and followers): the leader waits on the backend, passes the
answers on, and wakes whom they reach.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from sipresolve.backends.protocols import Backend, SharedBackend
from sipresolve.resolver.calls import Desk
from sipresolve.session.run import Ended, Waiting
from sipresolve.vocabulary.errors import BackendFailed, Misuse, SipResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.targets import Resolution
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["Resolver"]


class Resolver:
    """Finds SIP servers for blocking programs; may be shared by threads.

    >>> from sipresolve.backends import ZoneBackend
    >>> zone = ZoneBackend.from_text("sip.example.com. IN A 192.0.2.1")
    >>> with Resolver(zone) as resolver:
    ...     for target in resolver.resolve("sip:alice@sip.example.com").targets:
    ...         print(target)
    udp 192.0.2.1:5060
    """

    def __init__(
        self,
        backend: Backend | SharedBackend | None = None,
        policy: Policy | None = None,
        *,
        sources: Sources | None = None,
    ) -> None:
        """Make a resolver; nothing is asked yet.

        Args:
            backend: Where answers come from, and closed with the resolver, to which it belongs if
                it is no `SharedBackend`; None for the nameservers of the system.
            policy: What the client wants and can do; None for the defaults.
            sources: Where this machine sends from (RFC 6724); None to find out once.

        Raises:
            Misuse: The nameservers of the system make no sense, or this is no backend or policy.
        """
        self._backend = _backend(backend)
        self._closed = False
        self._desk = Desk(policy, sources)
        self._fork_noticed = threading.Lock()
        self._begin_process()

    def _begin_process(self) -> None:
        self._lock = threading.Lock()
        self._leader: Run | None = None
        self._followers: dict[Run, threading.Condition] = {}
        self._process = os.getpid()

    def resolve(
        self,
        uri: str | SipUri,
        *,
        transports: Iterable[str] | None = None,
        lifetime: float | None = None,
        seed: int | None = None,
    ) -> Resolution:
        """Find the servers to contact for a URI, in order (RFC 3263 §4).

        Args:
            uri: A SIP or SIPS URI, or a bare host (a name or an address, with or without a port).
            transports: The transports to use for this call, in the order of preference; None for
                those of the policy.
            lifetime: How long the whole may wait for the DNS, in seconds; None for that of the
                policy.
            seed: Makes the dice of RFC 2782 repeatable; None for fresh ones.

        Raises:
            InvalidUri: It is neither a URI nor a host.
            UnsupportedTransport: It wants what the client lacks, or the domain offers nothing else.
            SipResolveError: No server was found; the class and its `code` say why.
        """
        if self._closed:
            raise Misuse("the resolver is closed")
        self._notice_fork()
        call = self._desk.open(
            uri, transports=transports, lifetime=lifetime, seed=seed, now=time.monotonic()
        )
        with self._lock:
            try:
                self._finish(call.run)
            finally:
                self._desk.session.leave(call.run)
                self._hand_over()
        return call.result()

    def close(self) -> None:
        """Close the backend, and so every socket; calls on their way end in `Misuse`."""
        self._closed = True
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # --- The pump; the lock is held but for where the backend or another thread is waited for

    def _finish(self, run: Run) -> None:
        if self._desk.session.in_flight and self._leader is None:
            # What came for calls that are over is not for those who ask the same now.
            self._collect(run, time.monotonic())
        session = self._desk.session
        while not isinstance(step := session.advance(run, time.monotonic()), Ended):
            if isinstance(step, Waiting):
                self._start(step.start)
                self._wait(run, step.until)

    def _start(self, questions: Iterable[Question]) -> None:
        waiting = deque(questions)
        try:
            while waiting:
                self._backend.start(waiting[0])
                waiting.popleft()
        except SipResolveError:
            raise
        except Exception as error:
            raise BackendFailed(f"the backend did not start {waiting[0]}: {error!r}") from error
        finally:
            for question in waiting:
                self._desk.session.forget(question)

    def _wait(self, run: Run, until: float) -> None:
        # A leader that was interrupted may have left its name behind, but its run is over.
        if self._leader is None or self._leader.ended:
            self._collect(run, until)
        else:
            self._follow(run, until)

    def _collect(self, run: Run, until: float) -> None:
        """Lead: wait for answers, and wake the runs that they reach."""
        self._leader = run
        try:
            answers = self._wait_for_answers(until)
        except SipResolveError:
            raise
        except Exception as error:
            raise BackendFailed(f"the backend failed: {error!r}") from error
        finally:
            self._leader = None
        for reached in self._desk.session.deliver(answers, time.monotonic()):
            if follower := self._followers.get(reached):
                follower.notify()

    def _wait_for_answers(self, until: float) -> Sequence[Answer]:
        self._lock.release()
        try:
            return self._backend.wait(until)
        finally:
            self._lock.acquire()

    def _follow(self, run: Run, until: float) -> None:
        woken = self._followers[run] = threading.Condition(self._lock)
        try:
            woken.wait(max(until - time.monotonic(), 0.0))
        finally:
            del self._followers[run]

    def _hand_over(self) -> None:
        """Wake a follower to lead, where nobody leads."""
        if self._leader is None and self._followers:
            next(iter(self._followers.values())).notify()

    def _notice_fork(self) -> None:
        """A child has no share in what its parent waits for, nor in its lock."""
        if self._process == os.getpid():
            return
        with self._fork_noticed:
            if self._process != os.getpid():
                self._desk = self._desk.anew()
                self._begin_process()


def _backend(given: Backend | SharedBackend | None) -> Backend:
    if given is None:
        from sipresolve.backends import DnspythonBackend  # noqa: PLC0415 - brings dnspython along

        return DnspythonBackend()
    backend = given.attach() if isinstance(given, SharedBackend) else given
    if not isinstance(backend, Backend):
        raise Misuse(f"{backend!r} is no backend for a Resolver: see sipresolve.backends.Backend")
    return backend
