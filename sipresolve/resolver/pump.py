"""The blocking pump: it takes runs to their next target, with the lock, the clock and the backend.

It has no thread of its own. Of several calls that wait, one pumps for all and hands over when it
is done (leader and followers): the leader waits on the backend, passes the answers on, and wakes
whom they reach.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from sipresolve.backends.protocols import CancellingBackend, ViewingBackend
from sipresolve.resolver.follower import Follower
from sipresolve.resolver.turn import Turn
from sipresolve.resolver.views import view_of
from sipresolve.session.run import Ended, Waiting
from sipresolve.vocabulary.errors import BackendFailed, Misuse, SipResolveError
from sipresolve.vocabulary.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sipresolve.backends.protocols import Backend
    from sipresolve.session.run import Run
    from sipresolve.session.session import Session
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["Pump"]


class Pump:
    """Moves the runs of one resolver on, in one process."""

    def __init__(self, backend: Backend, session: Session) -> None:
        """Begin with nothing.

        Args:
            backend: Where answers come from.
            session: What the calls share.
        """
        self.process = os.getpid()
        self._backend = backend
        self._cancelling = backend if isinstance(backend, CancellingBackend) else None
        self._viewing = backend if isinstance(backend, ViewingBackend) else None
        self._session = session
        self._lock = threading.Lock()
        self._turn = Turn()
        self._leader: Run | Pump | None = None
        self._leading_thread: int | None = None
        self._followers: dict[Run, Follower] = {}
        self._broken: dict[Run, SipResolveError] = {}
        self._abandoned: deque[Run] = deque()
        self._closed = False

    def finish(self, run: Run) -> None:
        """Take a run to its end."""
        self._refuse_a_hook()
        with self._turn, self._lock:
            try:
                self._drain(run)
                while not isinstance(self._step(run), Ended):
                    pass
            finally:
                self._leave(run)

    def next_target(self, run: Run) -> Target | None:
        """Take a run to its next target, and start what comes after it; None at its end.

        A caller who comes back from a target finds the sockets read before any timer is looked at.
        """
        self._refuse_a_hook()
        with self._turn, self._lock:
            step: Target | Ended | None = None
            try:
                self._drain(run)
                run.come_back(time.monotonic())
                step = self._step(run)
                if isinstance(step, Target):
                    self._look_ahead(run)
                    return step
            finally:
                if isinstance(step, Target):
                    self._hand_over()
                else:
                    self._leave(run)
        return None

    def look_up(self) -> None:
        """Read what has come for the cache, and notice where answers come from now.

        For callers who need nothing: whoever waits does so anyway.
        """
        self._refuse_a_hook()
        with self._turn, self._lock:
            try:
                self._look_through()
                with suppress(SipResolveError):  # Nobody waits for what fails here.
                    self._read(None)
            finally:
                self._hand_over()

    def flush(self, name: str | None) -> None:
        """Forget what is known, or what is known of a name."""
        self._refuse_a_hook()
        with self._turn, self._lock:
            self._session.flush(name)

    def leave(self, run: Run) -> None:
        """Nothing more is wanted of a run: give back what it holds."""
        if self._is_of_a_parent():
            return
        if self._turn.is_mine:
            # The garbage collector has closed a generator that had the run.
            self._abandoned.append(run)
            return
        with self._turn, self._lock:
            if follower := self._followers.get(run):
                follower.call()
            self._leave(run)

    def abandon(self, run: Run) -> None:
        """The same, for a finaliser, which may run in the middle of anything.

        It waits for no lock; where it cannot have it at once, whoever comes next sees to it.
        """
        self._abandoned.append(run)
        if self._is_of_a_parent() or self._turn.is_mine or self._closed:
            return
        with self._turn:
            if self._lock.acquire(blocking=False):
                try:
                    self._sweep()
                finally:
                    self._lock.release()

    def close(self) -> None:
        """Close the backend; calls on their way end in its error."""
        self._closed = True
        self._backend.close()

    def _refuse_a_hook(self) -> None:
        """What the policy's hooks call holds the lock that they would wait for."""
        if self._turn.is_mine:
            raise Misuse("a hook of the policy calls the resolver that calls it")

    # --- All of these hold the lock, but while the backend or another thread is waited for

    def _is_of_a_parent(self) -> bool:
        """Whether this is a child of the process that pumps, and another may hold the lock."""
        return self.process != os.getpid()

    def _step(self, run: Run) -> Target | Ended:
        """Go on until there is a target, or no more."""
        self._look_through()
        while isinstance(step := self._session.advance(run, time.monotonic()), Waiting):
            if error := self._broken.get(run):
                raise error
            self._start(step.start)
            self._wait(run, step.until)
            self._look_through()
        return step

    def _drain(self, run: Run) -> None:
        """Read what has come: for calls that are over it is not for those who ask the same now."""
        try:
            self._read(run)
        except SipResolveError as error:  # It may be that nothing more is wanted.
            self._broken[run] = error

    def _read(self, run: Run | None) -> None:
        self._sweep()
        if self._session.in_flight and self._leader is None:
            self._collect(run, time.monotonic())
        for question in self._session.overdue(time.monotonic()):
            self._cancel(question)
            self._session.forget(question)

    def _look_through(self) -> None:
        """Answers of other nameservers are kept apart."""
        self._session.look_through(view_of(self._viewing))

    def _leave(self, run: Run) -> None:
        self._give_up(run)
        self._sweep()
        self._hand_over()

    def _sweep(self) -> None:
        while self._abandoned:
            self._give_up(self._abandoned.popleft())

    def _give_up(self, run: Run) -> None:
        self._broken.pop(run, None)
        for question in self._session.leave(run):
            self._cancel(question)
        self._start_for_the_cache()

    def _start_for_the_cache(self) -> None:
        if not self._closed:
            with suppress(SipResolveError):  # Nobody waits for it, so nobody minds.
                self._start(self._session.take())

    def _cancel(self, question: Question) -> None:
        if self._cancelling is not None and not self._closed:
            with suppress(Exception):  # It harms no call what cannot be given up.
                self._cancelling.cancel(question)
            self._session.forget(question)

    def _look_ahead(self, run: Run) -> None:
        """Start what comes next; a backend that fails at that does not harm what is there."""
        try:
            self._start(self._session.look_ahead(run, time.monotonic()))
        except SipResolveError as error:
            self._broken[run] = error

    def _start(self, questions: Iterable[Question]) -> None:
        waiting = deque(questions)
        try:
            while waiting:
                if self._cancelling is not None and self._session.is_asked_again(waiting[0]):
                    self._cancelling.cancel(waiting[0])
                self._backend.start(waiting[0])
                waiting.popleft()
        except SipResolveError:
            raise
        except Exception as error:
            raise BackendFailed(f"the backend did not start {waiting[0]}: {error!r}") from error
        finally:
            for question in waiting:
                self._session.forget(question)

    def _wait(self, run: Run, until: float) -> None:
        """Wait for answers; and before the time is up, look what has come, if nobody else does."""
        if self._is_led():
            self._follow(run, until)
        else:
            self._collect(run, until)
        if time.monotonic() >= until and not self._is_led():
            self._collect(run, until)

    def _is_led(self) -> bool:
        """Whether somebody leads. A leader that was interrupted may have left its name behind."""
        return self._leader is not None and self._turn.is_that_of(self._leading_thread)

    def _collect(self, run: Run | None, until: float) -> None:
        """Lead: wait for answers, and wake the runs that they reach."""
        leader = self._leader = run or self
        self._leading_thread = threading.get_ident()
        try:
            answers = self._wait_for_answers(until)
        except SipResolveError:
            raise
        except Exception as error:
            raise BackendFailed(f"the backend failed: {error!r}") from error
        finally:
            if self._leader is leader:
                self._leader = None
        self._sweep()
        for reached in self._session.deliver(answers, time.monotonic()):
            if follower := self._followers.get(reached):
                follower.call()
        self._start_for_the_cache()

    def _wait_for_answers(self, until: float) -> Sequence[Answer]:
        self._lock.release()
        try:
            return self._backend.wait(until)
        finally:
            self._lock.acquire()

    def _follow(self, run: Run, until: float) -> None:
        follower = self._followers[run] = Follower(self._lock)
        try:
            follower.wait(until, self._is_led)
        finally:
            del self._followers[run]

    def _hand_over(self) -> None:
        """Wake a follower to lead, where nobody leads."""
        if self._leader is None and self._followers:
            next(iter(self._followers.values())).call()
