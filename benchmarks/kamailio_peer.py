"""Kamailio: a request goes in, and where it comes out says which target was found, and when.

It runs inside `namespace`, where whatever address it finds is ours.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen
from namespace import with_nameservers
from workloads import DOMAIN

from sipresolve import UDP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from peers import Found

__all__ = ["Kamailio", "Passage", "Phone", "kamailio", "phone"]

_HOST: Final = "127.0.0.1"
_LARGEST: Final = 65_535

#: How many requests it works on at once: each has a process to itself, which waits for the DNS.
AT_ONCE: Final = 16

#: How long it may take to start, and to send a request on, in seconds.
_START: Final = 20.0
_PATIENCE: Final = 120.0

_CONFIGURATION: Final = """\
debug=-1
log_stderror=yes
children={children}
disable_tcp=no
tcp_children=1
listen=udp:{host}:{port}
listen=tcp:{host}:{port}
auto_aliases=no
rev_dns=no
dns_try_naptr=yes
use_dns_cache=yes
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 0)
request_route {{
    {first}
    forward();
}}
"""

#: What makes every resolution a cold one; it takes microseconds.
_FORGET: Final = """\
jsonrpc_exec('{"jsonrpc": "2.0", "method": "dns.delete_all", "id": 1}');"""

_REQUEST: Final = """\
OPTIONS {uri} SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call}
Max-Forwards: 70
From: <sip:benchmark@{host}>;tag=1
To: <{uri}>
Call-ID: {call}
CSeq: 1 OPTIONS
Content-Length: 0

"""


@frozen
class Passage:
    """A request that has gone through.

    Attributes:
        seconds: How long it was on its way.
        target: Where it came out.
    """

    seconds: float
    target: Found


@define
class Phone:
    """Sends requests, and receives all that go to the port of SIP, whatever the address."""

    _out: socket.socket
    _into: socket.socket
    _calls: int = 0

    def send(self, port: int, uris: Sequence[str]) -> list[Passage]:
        """Send a request for each URI at once, and wait for all of them to come out.

        Args:
            port: Where Kamailio listens.
            uris: The Request-URIs.
        """
        started = time.perf_counter()
        calls = {self._send(port, uri): index for index, uri in enumerate(uris)}
        passages: dict[int, Passage] = {}
        while len(passages) < len(uris):
            message, ancillary, _, _ = self._into.recvmsg(_LARGEST, 64)
            took = time.perf_counter() - started
            index = calls[_call(message)]
            passages[index] = Passage(took, (str(UDP), _address(ancillary), UDP.default_port))
        return [passages[index] for index in range(len(uris))]

    def _send(self, port: int, uri: str) -> str:
        self._calls += 1
        call = f"call{self._calls}"
        own = self._out.getsockname()[1]
        text = _REQUEST.format(uri=uri, host=_HOST, port=own, call=call)
        self._out.sendto(text.replace("\n", "\r\n").encode(), (_HOST, port))
        return call


def _call(message: bytes) -> str:
    _, _, rest = message.partition(b"\r\nCall-ID: ")
    return rest.partition(b"\r\n")[0].decode()


def _address(ancillary: Iterable[tuple[int, int, bytes]]) -> str:
    """To which address it was sent: the last field of `in_pktinfo`."""
    ((_, _, info),) = ancillary
    return socket.inet_ntoa(info[8:12])


@contextmanager
def phone() -> Iterator[Phone]:
    """The one who has the port of SIP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into,
    ):
        out.bind((_HOST, 0))
        into.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        into.bind(("0.0.0.0", UDP.default_port))  # noqa: S104 - the network is our own
        into.settimeout(_PATIENCE)
        yield Phone(out, into)


#: Python 3.11 has no name for it; that of Linux.
_IP_PKTINFO: Final = 8


@frozen
class Kamailio:
    """A Kamailio that is running."""

    _phone: Phone
    _port: int = field()

    def resolve(self, domain: str = DOMAIN) -> list[Found]:
        """The first target of a domain, which is all that it looks for."""
        return [self.time([f"sip:alice@{domain}"])[0].target]

    def time(self, uris: Sequence[str]) -> list[Passage]:
        """Send requests to these URIs at once."""
        return self._phone.send(self._port, uris)


@contextmanager
def kamailio(
    nameservers: Iterable[str], phone: Phone, *, port: int, caching: bool = False
) -> Iterator[Kamailio]:
    """Run one for as long as the block takes.

    Args:
        nameservers: Their addresses; they have to listen on port 53.
        phone: Who sends and receives.
        port: Where it is to listen.
        caching: Whether it keeps answers from one request to the next.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        first = "" if caching else _FORGET
        configuration = _CONFIGURATION.format(children=AT_ONCE, host=_HOST, port=port, first=first)
        (folder / "kamailio.cfg").write_text(configuration)
        # In the foreground, its log on the standard error, and 32 and 4 MB of memory.
        options = f"-DD -E -f {folder}/kamailio.cfg -w {folder} -Y {folder} -m 32 -M 4"
        command = with_nameservers(nameservers, folder, [_find(), *options.split()])
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(  # noqa: S603 - the command is ours
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            ) as process,
        ):
            try:
                _await(process, port, folder / "log")
                yield Kamailio(phone, port)
            finally:
                process.terminate()


def _find() -> str:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    if found := shutil.which("kamailio", path=path):
        return found
    raise SystemExit("kamailio is missing: apt-get install --no-install-recommends kamailio")


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for its TCP port, which it opens when all of its processes are there."""
    deadline = time.monotonic() + _START
    while True:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"kamailio has not started: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return
