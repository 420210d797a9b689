"""The asynchronous pump: it takes runs to their next target, with the event loop and the backend.

What it needs of an event loop is in `eventloop`.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sipresolve.backends.eventloop import (
    Signal,
    call_soon,
    catch_up,
    clock,
    is_running,
    running_loop,
    spawn,
)
from sipresolve.backends.protocols import ViewingBackend
from sipresolve.resolver.views import view_of
from sipresolve.session.run import Ended, Waiting
from sipresolve.vocabulary.errors import BackendFailed, Misuse, SipResolveError
from sipresolve.vocabulary.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.backends.eventloop import Job, Loop
    from sipresolve.backends.protocols import AsyncBackend
    from sipresolve.session.run import Run
    from sipresolve.session.session import Session
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["AsyncPump"]


class AsyncPump:
    """Moves the runs of one resolver on, in one event loop."""

    def __init__(self, backend: AsyncBackend, session: Session) -> None:
        """Begin with nothing.

        Args:
            backend: Where answers come from.
            session: What the calls share.
        """
        self._backend = backend
        self._viewing = backend if isinstance(backend, ViewingBackend) else None
        self._session = session
        self._loop: Loop | None = None
        self._jobs: dict[Question, Job] = {}
        self._signals: dict[Run, Signal] = {}
        self._broken: dict[Run, SipResolveError] = {}
        self._is_over = False

    async def finish(self, run: Run) -> None:
        """Take a run to its end."""
        self.settle()
        try:
            while not isinstance(await self._step(run), Ended):
                pass
        finally:
            self.leave(run)

    async def next_target(self, run: Run) -> Target | None:
        """Take a run to its next target, and start what comes after it; None at its end."""
        self.settle()
        step: Target | Ended | None = None
        try:
            run.come_back(clock())
            step = await self._step(run)
            if isinstance(step, Target):
                self._look_ahead(run)
                return step
        finally:
            if not isinstance(step, Target):
                self.leave(run)
        return None

    def look_up(self) -> None:
        """Notice where answers come from now: those of other nameservers are kept apart."""
        self._session.look_through(view_of(self._viewing))

    def flush(self, name: str | None) -> None:
        """Forget what is known, or what is known of a name."""
        self._session.flush(name)

    def leave(self, run: Run) -> None:
        """Nothing more is wanted of a run: what nobody else waits for is given up."""
        if self._loop is not None and not is_running(self._loop):
            self.abandon(run)  # The caller makes its attempts in another thread.
            return
        for question in self._session.leave(run):
            if job := self._jobs.pop(question, None):
                job.cancel()
            self._session.forget(question)
        self._start_for_the_cache()
        self._broken.pop(run, None)
        if signal := self._signals.get(run):
            signal.set()

    def abandon(self, run: Run) -> None:
        """The same, for a finaliser, which may run in the middle of anything and in any thread."""
        if self._loop is not None:
            call_soon(self._loop, partial(self.leave, run))

    def break_off(self, error: SipResolveError) -> None:
        """Let whoever waits end in this error, and give up what is looked up ahead."""
        self._is_over = True
        for run, signal in self._signals.items():
            self._broken[run] = error
            signal.set()
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()

    def settle(self) -> None:
        """Belong to the event loop that runs now, from the first call on."""
        loop = running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise Misuse("an AsyncResolver belongs to the event loop that first used it")

    async def _step(self, run: Run) -> Target | Ended:
        """Go on until there is a target, or no more."""
        self.look_up()
        while isinstance(step := self._session.advance(run, clock()), Waiting):
            self._start(step.start)
            if run not in self._broken:
                await self._wait(run, step.until)
            if run in self._broken:
                raise self._broken[run]
            self.look_up()
        return step

    async def _wait(self, run: Run, until: float) -> None:
        """Wait for answers; where that was held up, for all that have come meanwhile."""
        signal, due = Signal(), max(until, clock())
        self._signals[run] = signal
        try:
            await signal.wait(until)
            await catch_up(due)
        finally:
            del self._signals[run]

    def _look_ahead(self, run: Run) -> None:
        """Start what comes next; a backend that fails at that does not harm what is there."""
        try:
            self._start(self._session.look_ahead(run, clock()))
        except SipResolveError as error:
            self._broken[run] = error

    def _start(self, questions: Iterable[Question]) -> None:
        waiting = deque(questions)
        try:
            while waiting:
                if before := self._jobs.pop(waiting[0], None):  # It was asked of others.
                    before.cancel()
                self._jobs[waiting[0]] = self._job(waiting[0])
                waiting.popleft()
        finally:
            for question in waiting:
                self._session.forget(question)

    def _start_for_the_cache(self) -> None:
        if not self._is_over:
            with suppress(SipResolveError):  # Nobody waits for it, so nobody minds.
                self._start(self._session.take())

    def _job(self, question: Question) -> Job:
        try:
            asking = self._backend.ask(question)
        except Exception as error:
            raise _failure(question, error) from error
        return spawn(asking, partial(self._answered, question))

    def _answered(
        self, question: Question, answer: Answer | None, error: BaseException | None
    ) -> None:
        """An answer has come; or the backend failed to give one, which ends who waits for it."""
        del self._jobs[question]
        session = self._session
        reached = (
            session.deliver([answer], clock()) if answer is not None else session.forget(question)
        )
        for run in reached:
            if error is not None:
                self._broken.setdefault(run, _failure(question, error))
            if signal := self._signals.get(run):
                signal.set()
        self._start_for_the_cache()


def _failure(question: Question, cause: BaseException) -> SipResolveError:
    if isinstance(cause, SipResolveError):
        return cause
    error = BackendFailed(f"the backend failed at {question}: {cause!r}")
    error.__cause__ = cause
    return error
