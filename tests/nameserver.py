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
from functools import partial
from typing import TYPE_CHECKING, Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
from attrs import define, field, frozen
from nameserver_data import Data
from nameserver_faults import FAULTS, Asked, Over, Reply, failure
from nameserver_outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        until: Says whether answers may leave yet; those that may not wait until they may.
        faults: By `"name TYPE"`, `"* TYPE"`, `"name *"` or `"* *"`, one of `FAULTS`.
        additional: Whether the additional section holds the SRV sets of NAPTR records, and the
            addresses of SRV targets.
        ad: Whether AD is set for those who ask for it, as a validating resolver does.
        host: The address to listen on.
        port: The port to listen on; 0 for a free one.
        log: Every query, in the order of arrival.
        streams: The TCP connections that are open.
    """

    records: str = ""
    delay: float = field(default=0.0, kw_only=True)
    until: Callable[[], bool] = field(default=lambda: True, kw_only=True)
    faults: Mapping[str, str] = field(factory=dict, kw_only=True)
    additional: bool = field(default=False, kw_only=True)
    ad: bool = field(default=False, kw_only=True)
    host: str = field(default="127.0.0.1", kw_only=True)
    port: int = field(default=0, kw_only=True)
    log: list[Seen] = field(init=False, factory=list)
    streams: set[asyncio.Transport] = field(init=False, factory=set)
    _data: Data = field(init=False)
    _times: Counter[str] = field(init=False, factory=Counter)
    _outbox: Outbox = field(init=False)
    _started: float = field(init=False, default=0.0)
    _ready: Future[None] = field(init=False, factory=Future)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _stop: asyncio.Event = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        if unknown := set(self.faults.values()) - FAULTS.keys():
            raise ValueError(f"no such fault: {sorted(unknown)}")
        self._data = Data()
        self._outbox = Outbox(self.until)
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

    @property
    def clock(self) -> float:
        """Seconds since the server started."""
        return time.monotonic() - self._started

    @property
    def sent(self) -> int:
        """How many messages have left."""
        return self._outbox.sent

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
            await self._hang_up(tcp)

    async def _hang_up(self, tcp: asyncio.Server) -> None:
        """Close every connection, also those that asyncio is accepting at the moment.

        It does so in tasks, which fail and leave a socket open where the server is closed before.
        """
        while accepting := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(accepting)
        tcp.close()
        for stream in self.streams:
            stream.abort()

    async def _listen(self) -> tuple[asyncio.DatagramTransport, asyncio.Server]:
        attempts = 1 if self.port else 50  # a port that is free for UDP may be taken for TCP
        for left in reversed(range(attempts)):
            udp, _protocol = await self._loop.create_datagram_endpoint(
                lambda: Datagrams(self), local_addr=(self.host, self.port)
            )
            port = udp.get_extra_info("sockname")[1]
            try:
                tcp = await self._loop.create_server(lambda: Stream(self), self.host, port)
            except OSError:
                udp.close()
                if not left:
                    raise
            else:
                self.port = port
                return udp, tcp
        raise AssertionError

    def answer(self, wire: bytes, over: Over, port: int, send: Callable[[Reply], None]) -> None:
        """Note a query, and send what there is to say to it, in time."""
        for reply in self._replies(wire, over, port):
            self._outbox.post(partial(send, reply), self.delay + reply.after)

    def _replies(self, wire: bytes, over: Over, port: int) -> list[Reply]:
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        if not query.question:
            return failure(dns.rcode.FORMERR, Asked(query=query, answer=query, over=over))
        seen = self._note(query, over, port)
        before = self._times[str(seen)]
        self._times[str(seen)] += 1
        asked = Asked(query=query, answer=self._answer(query), over=over, before=before)
        return FAULTS[self._fault(seen)](asked)

    def _note(self, query: dns.message.Message, over: Over, port: int) -> Seen:
        question = query.question[0]
        seen = Seen(
            at=self.clock,
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
        self.server.answer(data, "udp", addr[1], partial(self._send, addr))

    def _send(self, addr: tuple[str, int], reply: Reply) -> None:
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


class Stream(asyncio.Protocol):
    """A TCP connection; its queries are answered side by side (RFC 7766 §6.2.1.1)."""

    transport: asyncio.Transport

    def __init__(self, server: Nameserver) -> None:
        self.server = server
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.server.streams.add(self.transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.server.streams.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        port: int = self.transport.get_extra_info("peername")[1]
        self._unread += data
        while len(self._unread) >= (end := 2 + int.from_bytes(self._unread[:2], "big")):
            message, self._unread = self._unread[2:end], self._unread[end:]
            self.server.answer(message, "tcp", port, self._send)

    def _send(self, reply: Reply) -> None:
        if reply.reset:
            self._reset()
            return
        message = len(reply.wire).to_bytes(2, "big") + reply.wire
        if reply.drip:
            self._drip(message)
        else:
            self._write(message[: len(message) // 2] if reply.half else message)

    def _write(self, octets: bytes) -> None:
        if not self.transport.is_closing():  # The client may have had enough.
            self.transport.write(octets)

    def _drip(self, octets: bytes) -> None:
        self._write(octets[:1])
        if octets[1:]:
            asyncio.get_running_loop().call_later(0.001, self._drip, octets[1:])

    def _reset(self) -> None:
        if not self.transport.is_closing():
            stream: socket.socket = self.transport.get_extra_info("socket")
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
