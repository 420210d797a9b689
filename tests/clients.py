"""Clients that send OPTIONS through the failover iterators, one request or a stream of them.

The blocking client and the asynchronous one look alike to a test. Both send as the examples do.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

import options
import options_async
from sip_message import Options
from traffic import PATIENCE, Call, Stream

from sipresolve import AllTargetsFailed, AsyncResolver, HealthBook, Resolver, is_failure
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from contextlib import AbstractContextManager

    from cluster import Cluster

__all__ = ["WORKERS", "AsyncClient", "BlockingClient", "Client", "LoopThread", "MakeClient"]

T = TypeVar("T")

#: How many requests of a stream are under way at once.
WORKERS: Final = 5

#: How long a thread or a task rests after each request, in seconds.
REST: Final = 0.02


class Client(Protocol):
    """A client of either kind."""

    health: HealthBook

    def call(self, uri: str, **how: Any) -> Call:
        """Send one request."""

    def stream(self, uri: str) -> AbstractContextManager[Stream]:
        """Send requests for as long as the block takes."""


class MakeClient(Protocol):
    """Makes clients of one kind."""

    def __call__(self, *, timeout: float = ..., health: HealthBook | None = ...) -> Client:
        """Make one.

        Args:
            timeout: How long it waits for each server, in seconds.
            health: What it remembers of servers.
        """


class BlockingClient:
    """Sends from threads, with `Resolver`."""

    def __init__(self, cluster: Cluster, *, health: HealthBook, timeout: float) -> None:
        self.health = health
        self._context = cluster.context
        self._timeout = timeout
        backend = DnspythonBackend([cluster.nameserver])
        self._resolver = Resolver(backend, policy=options.POLICY, health=health)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resolver.close()

    def call(self, uri: str, **how: Any) -> Call:
        request = Options.to(uri)
        call = Call(call_id=request.call_id)
        try:
            for attempt in self._resolver.failover(uri, **how):
                with attempt:
                    with call.trying(attempt.target) as current:
                        current.response = response = options.exchange(
                            request, attempt.target, self._context, self._timeout
                        )
                    if is_failure(response.status):
                        attempt.failed(str(response), retry_after=response.retry_after)
        except AllTargetsFailed as failed:
            call.failed = failed
        return call

    @contextmanager
    def stream(self, uri: str) -> Iterator[Stream]:
        stream = Stream()

        def send() -> None:
            while not stream.ended.wait(REST):
                stream.calls.append(self.call(uri))

        with ThreadPoolExecutor(WORKERS) as pool:
            workers = [pool.submit(send) for _ in range(WORKERS)]
            with stream.run_by(workers):
                yield stream


class LoopThread:
    """An event loop that runs in a thread of its own until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin some work there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class AsyncClient:
    """Sends from tasks, with `AsyncResolver`; their loop runs in a thread of its own."""

    def __init__(self, cluster: Cluster, *, health: HealthBook, timeout: float) -> None:
        self.health = health
        self._context = cluster.context
        self._timeout = timeout
        backend = AsyncDnspythonBackend([cluster.nameserver])
        self._resolver = AsyncResolver(backend, policy=options.POLICY, health=health)
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._loop):
            self._loop.submit(self._resolver.aclose()).result(PATIENCE)

    def call(self, uri: str, **how: Any) -> Call:
        return self._loop.submit(self._call(uri, **how)).result(PATIENCE)

    async def _call(self, uri: str, **how: Any) -> Call:
        request = Options.to(uri)
        call = Call(call_id=request.call_id)
        try:
            async for attempt in self._resolver.failover(uri, **how):
                async with attempt:
                    with call.trying(attempt.target) as current:
                        current.response = response = await options_async.exchange(
                            request, attempt.target, self._context, self._timeout
                        )
                    if is_failure(response.status):
                        attempt.failed(str(response), retry_after=response.retry_after)
        except AllTargetsFailed as failed:
            call.failed = failed
        return call

    @contextmanager
    def stream(self, uri: str) -> Iterator[Stream]:
        stream = Stream()

        async def send() -> None:
            while not stream.ended.is_set():
                stream.calls.append(await self._call(uri))
                await asyncio.sleep(REST)

        with stream.run_by([self._loop.submit(send()) for _ in range(WORKERS)]):
            yield stream
