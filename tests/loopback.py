"""What the tests of backends over sockets share: asking in both ways, and counting descriptors."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import dns.message

from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dns.message import Message

    from sipresolve.backends import Backend
    from sipresolve.vocabulary.records import Answer, Question

__all__ = [
    "ask_blocking",
    "ask_in_tasks",
    "collect",
    "come_down_to",
    "comes_about",
    "comes_about_in_tasks",
    "no_descriptor_left",
    "nobody",
    "open_descriptors",
    "scripted",
]

#: How long a test waits for what is to come, in seconds, before it fails.
PATIENCE = 20.0


def collect(backend: Backend, count: int) -> list[Answer]:
    """Wait for that many answers."""
    until = time.monotonic() + PATIENCE
    answers: list[Answer] = []
    while len(answers) < count and time.monotonic() < until:
        answers += backend.wait(until)
    return answers


def ask_blocking(questions: Sequence[Question], **settings: Any) -> list[Answer]:
    """Ask all at once, by the blocking backend; the answers in the order of the questions."""
    with closing(DnspythonBackend(**settings)) as backend:
        for question in questions:
            backend.start(question)
        answers = {answer.question: answer for answer in collect(backend, len(questions))}
    return [answers[question] for question in questions]


def ask_in_tasks(questions: Sequence[Question], **settings: Any) -> list[Answer]:
    """The same by the asynchronous backend, with asyncio watching what is done to it."""

    async def ask() -> list[Answer]:
        backend = AsyncDnspythonBackend(**settings)
        try:
            return await asyncio.gather(*map(backend.ask, questions))
        finally:
            await backend.aclose()

    return asyncio.run(ask(), debug=True)


def comes_about(condition: Callable[[], bool]) -> bool:
    """Wait for what another thread, or process, is about to do; whether it has done it."""
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.001)
    return condition()


async def comes_about_in_tasks(condition: Callable[[], bool]) -> bool:
    """The same, while tasks go on."""
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:  # noqa: ASYNC110 - of another thread
        await asyncio.sleep(0.001)
    return condition()


@contextmanager
def nobody(host: str = "127.0.0.1") -> Iterator[str]:
    """A nameserver's address at which nobody listens, nor will as long as the block takes.

    Its port is taken for UDP by a socket that hears itself only, for TCP by one that never listens.
    """
    stream, datagrams = one_port_for_both(host)
    with stream, datagrams:
        datagrams.connect(datagrams.getsockname())
        port = datagrams.getsockname()[1]
        yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def open_descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are enough


async def come_down_to(count: int) -> bool:
    """Wait until only so many descriptors are open; a server closes its own a little later."""
    return await comes_about_in_tasks(lambda: open_descriptors() <= count)


def one_port_for_both(host: str = "127.0.0.1") -> tuple[socket.socket, socket.socket]:
    """A socket for streams, and one for datagrams at the same port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        stream = socket.socket(family, socket.SOCK_STREAM)
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        stream.bind((host, 0))
        try:
            datagrams.bind(stream.getsockname())
        except OSError:  # It is free for one of them only.
            stream.close()
            datagrams.close()
        else:
            return stream, datagrams


@contextmanager
def scripted(
    reply: Callable[[Message], list[Message]], stream: Callable[[Message], bytes] | None = None
) -> Iterator[str]:
    """A nameserver that sends what it is told to for each query; its address.

    Args:
        reply: The datagrams for a query over UDP.
        stream: The octets for a query over TCP, after which the connection is closed.
    """
    listening, served = one_port_for_both()
    with listening, served:
        listening.listen()
        listening.settimeout(PATIENCE)

        def serve_datagrams() -> None:
            while (came := served.recvfrom(65535))[0]:
                for message in reply(dns.message.from_wire(came[0])):
                    served.sendto(message.to_wire(), came[1])

        def serve_stream() -> None:
            accepted, _ = listening.accept()
            with accepted:
                query = dns.message.from_wire(accepted.recv(65535)[2:])
                accepted.sendall(stream(query) if stream else b"")

        with ThreadPoolExecutor(2) as pool:
            serving = [pool.submit(serve_datagrams)]
            serving += [pool.submit(serve_stream)] if stream else []
            host, port = listening.getsockname()
            try:
                yield f"{host}:{port}"
            finally:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                    end.sendto(b"", (host, port))
            for each in serving:
                each.result(PATIENCE)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Take all that the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_descriptors() + 16, hard))
    taken = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
