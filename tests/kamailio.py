"""A real SIP server, Kamailio, that does with requests what a test tells it to."""

from __future__ import annotations

import re
import time
from socket import AF_INET, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4

from programs import Program
from servers import START, installed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Kamailio", "Ports", "Seen", "is_free"]

CONFIGURATION: Final = """\
debug=0
log_stderror=yes
children=1
# No more than one process for TLS: several of them, at hundreds of connections a second, free
# memory of OpenSSL twice in this version of Kamailio, and it ends.
tcp_children=1
dns=no
rev_dns=no
auto_aliases=no
server_header="Server: {name}"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "xlog.so"
modparam("pv", "shvset", "behaviour=s:answer")
{sockets}
request_route {{
    if ($hdr(X-Behaviour) != $null) {{
        $shv(behaviour) = $hdr(X-Behaviour);
        $shv(retry_after) = $hdr(X-Retry-After);
        sl_send_reply("200", "OK");
        exit;
    }}
    xlog("L_ALERT", "seen $proto $Ri $rm $ci\\n");
    if (is_method("ACK") || $shv(behaviour) == "silent") exit;
    if ($shv(behaviour) == "provisional") {{
        sl_send_reply("100", "Trying");
    }} else if ($shv(behaviour) == "busy") {{
        if ($shv(retry_after) != $null) append_to_reply("Retry-After: $shv(retry_after)\\r\\n");
        sl_send_reply("503", "Service Unavailable");
    }} else {{
        sl_send_reply("200", "OK");
    }}
}}
"""

ENABLE_TLS: Final = """\
enable_tls=yes
loadmodule "tls.so"
modparam("tls", "config", "{folder}/tls.cfg")
"""

CERTIFICATE: Final = """\
[server:{where}]
method = TLSv1.2+
private_key = {file}
certificate = {file}
"""

CONTROL: Final = """\
OPTIONS sip:{address} SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{unique};rport
Max-Forwards: 70
From: <sip:test@{host}>;tag=1
To: <sip:{address}>
Call-ID: {unique}
CSeq: 1 OPTIONS
X-Behaviour: {behaviour}
{retry_after}Content-Length: 0

"""


def sockets(ports: Ports, certificates: Mapping[str, Path | None]) -> str:
    """Where to listen; over UDP alone where there is no certificate."""
    listening = [f"udp:{address}:{ports.plain}" for address in certificates]
    for address, file in certificates.items():
        if file is not None:
            listening += [f"tcp:{address}:{ports.plain}", f"tls:{address}:{ports.tls}"]
    return "".join(f"listen={each}\n" for each in listening)


def domains(port: int, certificates: Mapping[str, Path | None]) -> str:
    """Which certificate is shown where; the first of them also where nothing else is said."""
    files = [(f"{address}:{port}", file) for address, file in certificates.items() if file]
    default = [("default", file) for _, file in files[:1]]
    return "".join(CERTIFICATE.format(where=where, file=file) for where, file in default + files)


class Ports(NamedTuple):
    """Where it listens: one port for UDP and TCP, and one for TLS."""

    plain: int
    tls: int


class Seen(NamedTuple):
    """A request that a server received; a retransmission is one more."""

    transport: str
    address: str
    method: str
    call_id: str


#: What is logged of it.
SEEN: Final = re.compile(r"\bseen (\S+) (\S+) (\S+) (\S+)$", re.MULTILINE)


class Kamailio(Program):
    """A SIP server that answers 200, or behaves as it is told.

    Attributes:
        name: What its responses say in their Server header.
    """

    def __init__(
        self, name: str, folder: Path, ports: Ports, certificates: Mapping[str, Path | None]
    ) -> None:
        """Write its configuration.

        Args:
            name: Of the server.
            folder: Where to put its files.
            ports: Where it listens.
            certificates: By the addresses where it listens: the certificate that it shows there,
                with its key; None for an address that has UDP alone.
        """
        self.name = name
        self._place = next(iter(certificates)), ports.plain
        self._seen_before = 0
        folder.mkdir()
        configuration = CONFIGURATION.format(name=name, sockets=sockets(ports, certificates))
        if any(certificates.values()):
            configuration = ENABLE_TLS.format(folder=folder) + configuration
        (folder / "kamailio.cfg").write_text(configuration)
        (folder / "tls.cfg").write_text(domains(ports.tls, certificates))
        kamailio = installed("kamailio", package="kamailio kamailio-tls-modules")
        # In the foreground, with its log on the standard error, and 32 and 4 MB of memory.
        options = f"-DD -E -f {folder}/kamailio.cfg -w {folder} -Y {folder} -m 32 -M 4"
        super().__init__([kamailio, *options.split()], folder)

    def run(self) -> None:
        """Start it; it answers."""
        self.start(lambda: self._obeys("answer", None))

    def behave(self, behaviour: str, *, retry_after: int | None = None) -> None:
        """Change what it does with requests.

        Args:
            behaviour: ``answer``, ``busy`` (503), ``silent``, or ``provisional``: 100, and no more.
            retry_after: In seconds, for a busy one; without it, it does not say.
        """
        deadline = time.monotonic() + START
        while not self._obeys(behaviour, retry_after):
            assert time.monotonic() < deadline, f"{self.name} does not hear"

    def kill(self) -> None:
        """Kill it at once; nothing of it listens any more."""
        was_running = self.is_running
        super().kill()
        deadline = time.monotonic() + START
        while was_running and not is_free(*self._place):
            assert time.monotonic() < deadline, f"{self.name} does not die"
            time.sleep(0.002)

    def seen(self, *, at_least: int = 0) -> list[Seen]:
        """The requests that it received in this test; it waits for so many."""
        deadline = time.monotonic() + START
        while len(seen := self._ever_seen()[self._seen_before :]) < at_least:
            assert time.monotonic() < deadline, f"{self.name} saw {seen} alone"
            time.sleep(0.01)
        return seen

    def forget(self) -> None:
        """Begin anew with what it saw."""
        self._seen_before = len(self._ever_seen())

    def _ever_seen(self) -> list[Seen]:
        return [Seen(*found) for found in SEEN.findall(self.log.read_text())]

    def _obeys(self, behaviour: str, retry_after: int | None) -> bool:
        with socket(AF_INET, SOCK_DGRAM) as channel:
            channel.settimeout(0.5)
            channel.connect(self._place)
            host, port = channel.getsockname()
            order = CONTROL.format(
                address=self._place[0],
                host=host,
                port=port,
                unique=uuid4(),
                behaviour=behaviour,
                retry_after="" if retry_after is None else f"X-Retry-After: {retry_after}\n",
            )
            try:
                channel.send(order.replace("\n", "\r\n").encode())
                return channel.recv(4096).startswith(b"SIP/2.0 200 ")
            except OSError:
                return False


def is_free(address: str, port: int) -> bool:
    """Whether nobody listens there, over UDP or TCP."""
    with socket(AF_INET, SOCK_DGRAM) as udp, socket(AF_INET, SOCK_STREAM) as tcp:
        tcp.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # connections that have ended do not count
        try:
            udp.bind((address, port))
            tcp.bind((address, port))
        except OSError:
            return False
    return True
