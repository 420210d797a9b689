"""A server answers a client whose connection is gone (RFC 3263 §5, RFC 3261 §18.2.2)."""

from __future__ import annotations

import asyncio
from socket import create_connection, create_server, socket
from typing import TYPE_CHECKING, Protocol

import pytest
from servers import HOST
from sip_message import LONGEST, Framing, Options, Response, new_branch, read_headers, via_value
from traffic import PATIENCE

from sipresolve import TCP, AsyncResolver, Resolver
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from cluster import Cluster

#: Where the request comes from; nobody listens there.
SOURCE = "127.0.0.9"


class Answer(Protocol):
    def __call__(self, message: bytes, via: str, nameserver: str) -> list[str]:
        """Send a response along a Via, and tell the addresses that were tried."""


def answer(message: bytes, via: str, nameserver: str) -> list[str]:
    tried = []
    with Resolver(DnspythonBackend([nameserver])) as resolver:
        for attempt in resolver.failover_response(via):
            place = str(attempt.target.address), attempt.target.port
            tried.append(place[0])
            with attempt, create_connection(place, PATIENCE) as connection:
                connection.sendall(message)
    return tried


def answer_with_asyncio(message: bytes, via: str, nameserver: str) -> list[str]:
    async def send() -> list[str]:
        tried = []
        async with AsyncResolver(AsyncDnspythonBackend([nameserver])) as resolver:
            async for attempt in resolver.failover_response(via):
                place = str(attempt.target.address), attempt.target.port
                tried.append(place[0])
                async with attempt:
                    _, writer = await asyncio.open_connection(*place)
                    writer.write(message)
                    writer.close()
                    await writer.wait_closed()
        return tried

    return asyncio.run(send())


def response_to(request: bytes, source: str) -> tuple[str, bytes]:
    """The Via with where the request came from (RFC 3261 §18.2.1), and a response that has it."""
    headers = dict(read_headers(request.decode().partition("\r\n")[2]))
    via = f"{headers['via']};received={source}"
    lines = (
        "SIP/2.0 200 OK",
        f"Via: {via}",
        f"From: {headers['from']}",
        f"To: {headers['to']};tag=1",
        f"Call-ID: {headers['call-id']}",
        f"CSeq: {headers['cseq']}",
        "Content-Length: 0",
    )
    return via, "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@pytest.mark.parametrize("answer", [answer, answer_with_asyncio], ids=["blocking", "async"])
def test_a_response_goes_to_sent_by_where_nobody_listens_at_the_source(
    sip_servers: Cluster, answer: Answer
) -> None:
    with create_server((HOST, 0)) as client, create_server((HOST, 0)) as server:
        sent_by = f"client.cluster.example:{client.getsockname()[1]}"
        request = Options.to(f"sip:{HOST}").encode(via_value(TCP, sent_by, branch := new_branch()))
        with create_connection(server.getsockname(), PATIENCE, (SOURCE, 0)) as connection:
            connection.sendall(request)
        [received], (source, _) = receive(server)
        via, response = response_to(received, source)
        assert answer(response, via, sip_servers.nameserver) == [SOURCE, HOST]
        [received], _ = receive(client)
    outcome = Response.parse(received)
    assert outcome is not None
    assert outcome.status == 200
    assert outcome.branch == branch


def receive(listener: socket) -> tuple[list[bytes], tuple[str, int]]:
    """The messages of one connection, and where it came from."""
    listener.settimeout(PATIENCE)
    connection, place = listener.accept()
    with connection:
        connection.settimeout(PATIENCE)
        data = b"".join(iter(lambda: connection.recv(LONGEST), b""))
    return list(Framing().feed(data)), place
