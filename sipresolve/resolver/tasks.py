"""The resolver for asynchronous programs; what it needs of an event loop is in `eventloop`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipresolve.backends.eventloop import Signal, clock, running_loop, spawn
from sipresolve.backends.protocols import AsyncBackend
from sipresolve.resolver.calls import Desk
from sipresolve.session.run import Ended, Waiting
from sipresolve.vocabulary.errors import BackendFailed, Misuse, SipResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

    from sipresolve.backends.eventloop import Job
    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.targets import Resolution
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["AsyncResolver"]


class AsyncResolver:
    """Finds SIP servers for asynchronous programs; may be shared by the tasks of one loop.

    >>> import asyncio
    >>> from sipresolve.backends import ZoneBackend
    >>> async def main():
    ...     zone = ZoneBackend.from_text("sip.example.com. IN A 192.0.2.1")
    ...     async with AsyncResolver(zone) as resolver:
    ...         for target in (await resolver.resolve("sip:alice@sip.example.com")).targets:
    ...             print(target)
    >>> asyncio.run(main())
    udp 192.0.2.1:5060
    """

    def __init__(
        self,
        backend: AsyncBackend | None = None,
        policy: Policy | None = None,
        *,
        sources: Sources | None = None,
    ) -> None:
        """Make a resolver; nothing is asked yet.

        Args:
            backend: Where answers come from, and closed with the resolver; None for the
                nameservers of the system.
            policy: What the client wants and can do; None for the defaults.
            sources: Where this machine sends from (RFC 6724); None to find out once.

        Raises:
            Misuse: The nameservers of the system make no sense, or this is no backend or policy.
        """
        self._backend = _backend(backend)
        self._closed = False
        self._desk = Desk(policy, sources)
        self._loop: object = None
        self._jobs: dict[Question, Job] = {}
        self._signals: dict[Run, Signal] = {}
        self._broken: dict[Run, SipResolveError] = {}

    async def resolve(
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
        self._settle()
        call = self._desk.open(
            uri, transports=transports, lifetime=lifetime, seed=seed, now=clock()
        )
        try:
            await self._finish(call.run)
        finally:
            self._leave(call.run)
        return call.result()

    async def aclose(self) -> None:
        """Close the backend, and so every socket; calls on their way end in `Misuse`."""
        self._closed = True
        for run, signal in self._signals.items():
            self._broken[run] = Misuse("the resolver was closed")
            signal.set()
        await self._backend.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    # --- The pump

    def _settle(self) -> None:
        loop = running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise Misuse("an AsyncResolver belongs to the event loop that first used it")

    async def _finish(self, run: Run) -> None:
        session, signal = self._desk.session, Signal()
        self._signals[run] = signal
        while not isinstance(step := session.advance(run, clock()), Ended):
            if isinstance(step, Waiting):
                for question in step.start:
                    self._start(question)
                signal.clear()
                await signal.wait(step.until)
            if run in self._broken:
                raise self._broken[run]

    def _start(self, question: Question) -> None:
        try:
            asking = self._backend.ask(question)
        except Exception as error:
            raise _failure(question, error) from error
        self._jobs[question] = spawn(asking, partial(self._answered, question))

    def _answered(
        self, question: Question, answer: Answer | None, error: BaseException | None
    ) -> None:
        """An answer has come; or the backend failed to give one, which ends who waits for it."""
        del self._jobs[question]
        session = self._desk.session
        reached = (
            session.deliver([answer], clock()) if answer is not None else session.forget(question)
        )
        for run in reached:
            if error is not None:
                self._broken[run] = _failure(question, error)
            self._signals[run].set()

    def _leave(self, run: Run) -> None:
        """The call is over: what nobody else waits for is given up."""
        for question in self._desk.session.leave(run):
            if job := self._jobs.pop(question, None):
                job.cancel()
            self._desk.session.forget(question)
        self._signals.pop(run, None)
        self._broken.pop(run, None)


def _failure(question: Question, cause: BaseException) -> SipResolveError:
    if isinstance(cause, SipResolveError):
        return cause
    error = BackendFailed(f"the backend failed at {question}: {cause!r}")
    error.__cause__ = cause
    return error


def _backend(given: object) -> AsyncBackend:
    if given is None:
        from sipresolve.backends import AsyncDnspythonBackend  # noqa: PLC0415 - as in `blocking`

        return AsyncDnspythonBackend()
    if not isinstance(given, AsyncBackend):
        message = f"{given!r} is no backend for an AsyncResolver"
        raise Misuse(f"{message}: see sipresolve.backends.AsyncBackend")
    return given
