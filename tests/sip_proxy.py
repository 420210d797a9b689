"""A proxy that finds the servers of a domain with the library: as little of one as will do.

It speaks UDP, and keeps nothing but the requests that it has taken: one that comes again is on its
way already. Responses go back along the Via.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Self

from clients import LoopThread
from options_async import Inbox
from servers import HOST
from sip_message import Response, new_branch, via_value
from traffic import PATIENCE

from sipresolve import UDP, AsyncResolver, HealthBook, Policy, SipResolveError, is_failure
from sipresolve.backends import AsyncDnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve import Target

__all__ = ["Proxy", "proxy_for"]

#: How long it waits for a server, in seconds: less than until the caller sends again.
TIMEOUT: Final = 0.45

TOP_VIA: Final = re.compile(rb"^Via: *(.*)\r\n", re.MULTILINE)
MAX_FORWARDS: Final = re.compile(rb"^Max-Forwards: *(\d+)", re.MULTILINE)


@contextmanager
def proxy_for(uri: str, nameserver: str) -> Iterator[Proxy]:
    """Run a proxy to the servers of a URI, in a thread."""
    with closing(LoopThread()) as loop:
        proxy = loop.submit(Proxy.listen(uri, nameserver)).result(PATIENCE)
        try:
            yield proxy
        finally:
            loop.submit(proxy.aclose()).result(PATIENCE)


class Proxy(asyncio.DatagramProtocol):
    """What receives requests.

    Attributes:
        port: Where.
        taken: The requests, without those that came again.
        lost: What became of those that no server took.
        health: What is known of the servers.
    """

    port: int

    def __init__(self, uri: str, nameserver: str) -> None:
        self.taken: set[bytes] = set()
        self.lost: list[SipResolveError] = []
        self.health = HealthBook()
        self._uri = uri
        self._resolver = AsyncResolver(
            AsyncDnspythonBackend([nameserver]),
            policy=Policy(transports=(UDP,)),
            health=self.health,
        )
        self._under_way: set[asyncio.Task[None]] = set()

    @classmethod
    async def listen(cls, uri: str, nameserver: str) -> Self:
        _, proxy = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(uri, nameserver), local_addr=(HOST, 0)
        )
        return proxy

    async def aclose(self) -> None:
        await asyncio.gather(*self._under_way)
        self._transport.close()
        await self._resolver.aclose()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:  # noqa: ARG002
        if data in self.taken:
            return
        self.taken.add(data)
        task = asyncio.create_task(self._forward(data))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _forward(self, request: bytes) -> None:
        """Forward a request to a server (RFC 3261 §16.6), and its response to the client."""
        try:
            async for attempt in self._resolver.failover(self._uri, size=len(request)):
                async with attempt:
                    message = await exchange(request, attempt.target)
                    response = message and Response.parse(message)
                    if response and is_failure(response.status):
                        attempt.failed(str(response), retry_after=response.retry_after)
                    elif message:
                        await self._return(message)
        except SipResolveError as error:
            self.lost.append(error)

    async def _return(self, message: bytes) -> None:
        """Forward a response without the Via of the proxy (RFC 3261 §16.7, RFC 3263 §5)."""
        message = TOP_VIA.sub(b"", message, count=1)
        via = TOP_VIA.search(message)
        assert via is not None
        async for attempt in self._resolver.failover_response(via[1].decode()):
            async with attempt:
                self._transport.sendto(message, (str(attempt.target.address), attempt.target.port))


async def exchange(request: bytes, target: Target) -> bytes | None:
    """Send a request to a server, and receive the response; None for an ACK, which has none."""
    branch = new_branch()
    channel, inbox = await asyncio.get_running_loop().create_datagram_endpoint(
        Inbox, remote_addr=(str(target.address), target.port)
    )
    with closing(channel):
        host, port = channel.get_extra_info("sockname")
        via = f"Via: {via_value(UDP, f'{host}:{port}', branch)}\r\n".encode()
        request_line, end, rest = request.partition(b"\r\n")
        channel.sendto(request_line + end + via + with_a_hop_less(rest))
        if request.startswith(b"ACK "):
            return None
        async with asyncio.timeout(TIMEOUT):
            while not belongs(message := await inbox.get(), branch):
                pass
            return message


def with_a_hop_less(headers: bytes) -> bytes:
    return MAX_FORWARDS.sub(lambda found: b"Max-Forwards: %d" % (int(found[1]) - 1), headers)


def belongs(message: bytes, branch: str) -> bool:
    """Whether it is the final response to the request that had the branch."""
    response = Response.parse(message)
    return response is not None and response.is_final and response.branch == branch
