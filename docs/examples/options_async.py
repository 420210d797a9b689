"""Send an OPTIONS request to a SIP URI, from server to server until one answers, with asyncio.

    python options_async.py sip:example.com
    python options_async.py sips:example.com --nameserver 127.0.0.1:5353 --ca ca.pem --timeout 2

It takes the arguments of options.py, and prints and returns the same.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

from options import NOT_CONNECTED, POLICY, arguments, status_of, tell
from sip_message import LONGEST, TIMER_F, Framing, Options, Response, Transaction

from sipresolve import TLS, UDP, AsyncResolver, Target, is_failure
from sipresolve.backends import AsyncDnspythonBackend


async def reach(
    resolver: AsyncResolver, request: Options, context: ssl.SSLContext, timeout: float = TIMER_F
) -> Response:
    """Send a request to the servers of its URI, one after another, until one takes it.

    Args:
        resolver: It finds the servers, and remembers from call to call which have failed.
        request: What is sent.
        context: Whom TLS trusts.
        timeout: For how long each server may be silent, in seconds.

    Raises:
        sipresolve.AllTargetsFailed: No server took it.
        sipresolve.SipResolveError: No server was found.
    """
    async for attempt in resolver.failover(request.uri, size=request.size):
        # An OSError inside means: this server has failed, the next one. TimeoutError is one.
        async with attempt:
            response = await send(request, attempt.target, context, timeout)
            if not is_failure(response.status):
                return response
            # A server that is too busy (503) fails as well, and may say for how long.
            attempt.failed(str(response), retry_after=response.retry_after)
    raise AssertionError("the loop ends with an answer or with AllTargetsFailed")


async def send(
    request: Options, target: Target, context: ssl.SSLContext, timeout: float = TIMER_F
) -> Response:
    """Send a request to one server, and tell what becomes of it.

    Raises:
        OSError: The server cannot be reached, is not who it should be, or does not answer.
    """
    tell(f"trying {target} of {target.host}")
    try:
        response = await exchange(request, target, context, timeout)
    except OSError as error:
        tell(f"  {error}")
        raise
    tell(f"  {response}")
    return response


async def exchange(
    request: Options, target: Target, context: ssl.SSLContext, timeout: float
) -> Response:
    """Send a request over the transport of its target."""
    deadline = asyncio.get_running_loop().time() + timeout
    if target.transport is UDP:
        return await over_udp(request, target, deadline)
    return await over_stream(request, target, context, deadline)


async def over_udp(request: Options, target: Target, deadline: float) -> Response:
    """Send a request, and again as long as nobody answers (RFC 3261 §17.1.2.2)."""
    # A connected socket learns that a port is closed, as ConnectionRefusedError, and hears nobody
    # else.
    channel, inbox = await asyncio.get_running_loop().create_datagram_endpoint(
        Inbox, remote_addr=(str(target.address), target.port)
    )
    with closing(channel):
        transaction = Transaction(request, UDP, channel.get_extra_info("sockname")[:2])
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                for pause in transaction.pauses():
                    channel.sendto(transaction.message)
                    if await listen(inbox, transaction, pause):
                        break
        return transaction.outcome()


class Inbox(asyncio.DatagramProtocol):
    """What a socket received: datagrams, and errors instead of them."""

    def __init__(self) -> None:
        self._received: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:  # noqa: ARG002
        self._received.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self._received.put_nowait(exc)

    async def get(self) -> bytes:
        received = await self._received.get()
        if isinstance(received, Exception):
            raise received
        return received


async def listen(inbox: Inbox, transaction: Transaction, seconds: float) -> bool:
    """Receive datagrams until one is the final response, or for some seconds: which was it?"""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not transaction.receive(await inbox.get()):
                pass
            return True
    return False


async def over_stream(
    request: Options, target: Target, context: ssl.SSLContext, deadline: float
) -> Response:
    """Send a request over a new connection, where nothing has to be sent twice."""
    async with connected(target, context, deadline) as (reader, writer):
        transaction = Transaction(request, target.transport, writer.get_extra_info("sockname")[:2])
        writer.write(transaction.message)
        framing = Framing()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while not transaction.receive_all(framing.feed(await reader.read(LONGEST))):
                    pass
        return transaction.outcome()


@asynccontextmanager
async def connected(
    target: Target, context: ssl.SSLContext, deadline: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect with a server, and over TLS make sure that it is the one that was called."""
    try:
        async with asyncio.timeout_at(deadline):
            # RFC 5922: the certificate has to be for the domain of the URI. The host that an SRV
            # record named will not do, for an attacker can forge the record.
            reader, writer = await asyncio.open_connection(
                str(target.address),
                target.port,
                ssl=context if target.transport is TLS else None,
                server_hostname=target.tls_name,
            )
    except TimeoutError as error:
        raise TimeoutError(NOT_CONNECTED) from error
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # closes at once, whatever the server does


def main() -> int:
    given = arguments(__doc__)
    return status_of(lambda: asyncio.run(ask(given)))


async def ask(given: argparse.Namespace) -> Response:
    async with AsyncResolver(AsyncDnspythonBackend(given.nameserver), policy=POLICY) as resolver:
        return await reach(resolver, Options.to(given.uri), given.ca, given.timeout)


if __name__ == "__main__":
    sys.exit(main())
