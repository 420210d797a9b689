"""A scripted nameserver on loopback: records from text, a delay, faults, a log of every query.

It answers as a recursive resolver does: aliases are followed inside its own data, names that have
no data are NXDOMAIN, empty non-terminals are NODATA. UDP and TCP share one port. It runs in a
thread of its own, so that what is tested may block.

    with Nameserver("example.com. IN A 192.0.2.1", faults={"* AAAA": "servfail"}) as server:
        ask(server.address)
    assert server.asked == ["example.com A", "example.com AAAA"]
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
from attrs import define, field, frozen
from nameserver_data import Data
from nameserver_faults import FAULTS, Asked, Over, Reply, failure

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

__all__ = ["FAULTS", "Nameserver", "Seen"]


@frozen(kw_only=True)
class Seen:
    """A query as it arrived.

    Attributes:
        at: Seconds since the server started.
        name: In lower case, without a final dot.
        type: By its mnemonic.
        over: What carried it.
        ad: Whether it has the AD bit.
        do: Whether it has the DO bit.
        edns: Its EDNS payload size in octets; None where it has no OPT record.
        port: The client's port.
        id: The ID of the message.
    """

    at: float
    name: str
    type: str
    over: Over
    ad: bool
    do: bool
    edns: int | None
    port: int
    id: int

    def __str__(self) -> str:
        return f"{self.name} {self.type}"


@define
class Nameserver:
    """Runs while it is a context manager.

    Attributes:
        records: Lines of `owner [TTL] IN type rdata`; the TTL is 300 where there is none.
        delay: How long every answer takes, in seconds.
        faults: By `"name TYPE"`, `"* TYPE"`, `"name *"` or `"* *"`, one of `FAULTS`.
        additional: Whether the additional section holds the SRV sets of NAPTR records, and the
            addresses of SRV targets.
        ad: Whether AD is set for those who ask for it, as a validating resolver does.
        host: The address to listen on.
        port: The port to listen on; 0 for a free one.
        log: Every query, in the order of arrival.
    """

    records: str = ""
    delay: float = field(default=0.0, kw_only=True)
    faults: Mapping[str, str] = field(factory=dict, kw_only=True)
    additional: bool = field(default=False, kw_only=True)
    ad: bool = field(default=False, kw_only=True)
    host: str = field(default="127.0.0.1", kw_only=True)
    port: int = field(default=0, kw_only=True)
    log: list[Seen] = field(init=False, factory=list)
    _data: Data = field(init=False)
    _times: Counter[str] = field(init=False, factory=Counter)
    _started: float = field(init=False, default=0.0)
    _ready: Future[None] = field(init=False, factory=Future)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _stop: asyncio.Event = field(init=False)
    _thread: threading.Thread = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        if unknown := set(self.faults.values()) - FAULTS.keys():
            raise ValueError(f"no such fault: {sorted(unknown)}")
        self._data = Data()
        for line in self.records.splitlines():
            text = line if '"' in line else line.split(";", 1)[0]
            if text.strip():
                self._data.add(text)

    @property
    def address(self) -> str:
        """Where it listens, as the command line's --nameserver takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def asked(self) -> list[str]:
        """Every question, as `"name TYPE"`, in the order of arrival."""
        return [str(seen) for seen in self.log]

    def rounds(self) -> int:
        """How many sequential round trips the queries took.

        Nobody can act on an answer earlier than `delay` after the question, so what arrives
        within that time of the first question of a round belongs to it. A question that is asked
        again, such as over TCP, is no round trip.
        """
        gap = max(0.9 * self.delay, 0.005)
        first_times: dict[str, float] = {}
        for seen in sorted(self.log, key=lambda seen: seen.at):
            first_times.setdefault(str(seen), seen.at)
        rounds, began = 0, float("-inf")
        for at in first_times.values():
            if at - began >= gap:
                rounds, began = rounds + 1, at
        return rounds

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="nameserver", daemon=True)
        self._thread.start()
        self._ready.result(timeout=10)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        udp, tcp = await self._listen()
        self._ready.set_result(None)
        try:
            await self._stop.wait()
        finally:
            udp.close()
            tcp.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> tuple[asyncio.DatagramTransport, asyncio.Server]:
        attempts = 1 if self.port else 50  # a port that is free for UDP may be taken for TCP
        for left in reversed(range(attempts)):
            udp, _protocol = await self._loop.create_datagram_endpoint(
                lambda: Datagrams(self), local_addr=(self.host, self.port)
            )
            port = udp.get_extra_info("sockname")[1]
            try:
                tcp = await asyncio.start_server(self._accept, self.host, port)
            except OSError:
                udp.close()
                if not left:
                    raise
            else:
                self.port = port
                return udp, tcp
        raise AssertionError

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.spawn(Stream(self, reader, writer).serve())

    def spawn(self, work: Coroutine[object, None, None]) -> None:
        """Run something beside the rest, until it ends or the server does."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def replies(self, wire: bytes, over: Over, port: int) -> list[Reply]:
        """What to send for a query, after the delay."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        if not query.question:
            return failure(dns.rcode.FORMERR, Asked(query=query, answer=query, over=over))
        seen = self._note(query, over, port)
        asked = Asked(
            query=query,
            answer=self._answer(query),
            over=over,
            before=self._times[str(seen)],
        )
        self._times[str(seen)] += 1
        await asyncio.sleep(self.delay)
        return FAULTS[self._fault(seen)](asked)

    def _note(self, query: dns.message.Message, over: Over, port: int) -> Seen:
        question = query.question[0]
        seen = Seen(
            at=time.monotonic() - self._started,
            name=question.name.to_text(omit_final_dot=True).lower(),
            type=dns.rdatatype.to_text(question.rdtype),
            over=over,
            ad=bool(query.flags & dns.flags.AD),
            do=bool(query.ednsflags & dns.flags.DO),
            edns=query.payload if query.edns >= 0 else None,
            port=port,
            id=query.id,
        )
        self.log.append(seen)
        return seen

    def _fault(self, seen: Seen) -> str:
        keys = (str(seen), f"{seen.name} *", f"* {seen.type}", "* *")
        return next((self.faults[key] for key in keys if key in self.faults), "none")

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        self._data.fill(response, additional=self.additional)
        wants_ad = query.flags & dns.flags.AD or query.ednsflags & dns.flags.DO  # RFC 6840 §5.8
        if self.ad and wants_ad:
            response.flags |= dns.flags.AD
        return response


class Datagrams(asyncio.DatagramProtocol):
    """The UDP side."""

    def __init__(self, server: Nameserver) -> None:
        self.server = server
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.server.spawn(self._reply(data, addr))

    async def _reply(self, data: bytes, addr: tuple[str, int]) -> None:
        for reply in await self.server.replies(data, "udp", addr[1]):
            await asyncio.sleep(reply.after)
            assert self.transport is not None
            if reply.elsewhere:
                send_from_elsewhere(reply.wire, addr)
            else:
                self.transport.sendto(reply.wire, addr)


def send_from_elsewhere(wire: bytes, addr: tuple[str, int]) -> None:
    """Send a datagram from another port, as one who guesses does (RFC 5452 §9.1)."""
    family = socket.AF_INET6 if ":" in addr[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as other:
        other.sendto(wire, addr)


@define
class Stream:
    """A TCP connection; its queries are answered side by side (RFC 7766 §6.2.1.1)."""

    server: Nameserver
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def serve(self) -> None:
        try:
            while True:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
                self.server.spawn(self._reply(await self.reader.readexactly(size)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writer.close()

    async def _reply(self, wire: bytes) -> None:
        port: int = self.writer.get_extra_info("peername")[1]
        try:
            for reply in await self.server.replies(wire, "tcp", port):
                await asyncio.sleep(reply.after)
                await self._send(reply)
        except ConnectionError:
            pass  # the client had enough, as it may

    async def _send(self, reply: Reply) -> None:
        if reply.reset:
            linger_not = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger_not
            )
            self.writer.transport.abort()
            return
        message = len(reply.wire).to_bytes(2, "big") + reply.wire
        pieces = [bytes((octet,)) for octet in message] if reply.drip else [message]
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if reply.drip:
                await asyncio.sleep(0.001)
