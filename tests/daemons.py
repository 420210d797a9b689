"""Nameservers of Debian's packages on loopback: Knot DNS, Unbound and BIND, each as a program.

All of their files are in a folder of the caller's; nothing of the machine's own configuration is
read or changed. What cannot be started raises `CannotRun`, since nothing can stand in for it.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import dns.exception
import dns.message
import dns.query
import dns.rcode
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "BIND",
    "HOST",
    "KNOT",
    "START",
    "UNBOUND",
    "CannotRun",
    "Daemon",
    "bind_authority",
    "bind_recursor",
    "free_port",
    "installed",
    "is_answered",
    "knot",
    "knot_command",
    "running",
    "unbound",
    "unconfined",
]

HOST: Final = "127.0.0.1"

#: How long a server may take to answer its first query, in seconds.
START: Final = 20.0

KNOT: Final = """
server:
    rundir: "{folder}"
    listen: {host}@{port}
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
control:
    listen: "knot.sock"
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
"""

UNBOUND: Final = """
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-daemonize: no
    interface: {host}
    port: {port}
    num-threads: 1
    # Answers come as they are, unproven, whole, and from this machine alone.
    module-config: "iterator"
    minimal-responses: no
    do-not-query-localhost: no
    do-ip6: no
    local-zone: "." static
remote-control:
    control-enable: no
"""

BIND: Final = """
options {{
    directory "{folder}";
    pid-file none;
    listen-on port {port} {{ {host}; }};
    listen-on-v6 {{ none; }};
    # Answers come as they are, unproven, whole, and from this machine alone.
    dnssec-validation no;
    minimal-responses no;
    empty-zones-enable no;
    check-names primary ignore;
    check-integrity no;
    notify no;
    max-records-per-type 0;
    {role}
}};
controls {{ }};
"""

#: What makes BIND authoritative, and nothing else.
_AUTHORITY: Final = "recursion no;"

#: What makes it a recursor that asks one server for everything.
_RECURSOR: Final = "recursion yes; forward only; forwarders {{ {host} port {port}; }};"


class CannotRun(Exception):
    """A server is not installed, or does not start; the message says which, and what to do."""


@frozen
class Daemon:
    """A server that is running.

    Attributes:
        host: The address at which it listens.
        port: The port, the same for UDP and TCP.
        kill: End it at once, without a chance to say goodbye.
    """

    host: str
    port: int
    kill: Callable[[], None] = field(repr=False)

    @property
    def address(self) -> str:
        """Where it is, as ``address:port``."""
        return f"{self.host}:{self.port}"


@contextmanager
def knot(folder: Path, zones: Mapping[str, Path]) -> Iterator[Daemon]:
    """Serve zones from Knot DNS for as long as the block takes."""
    port = free_port()
    command = knot_command(folder, zones, HOST, port)
    with running(command, folder, (HOST, port), zones) as daemon:
        yield daemon


def knot_command(folder: Path, zones: Mapping[str, Path], host: str, port: int) -> list[str]:
    """Configure Knot DNS; how it is started."""
    configuration = folder / "knot.conf"
    configuration.write_text(
        KNOT.format(folder=folder, host=host, port=port)
        + "".join(f'  - domain: {name}.\n    file: "{path}"\n' for name, path in zones.items())
    )
    return [installed("knotd", package="knot"), "--config", str(configuration)]


@contextmanager
def unbound(folder: Path, zones: Iterable[str], authority: str) -> Iterator[Daemon]:
    """Resolve by Unbound what an authority serves, and nothing else."""
    port, stub = free_port(), authority.replace(":", "@")
    configuration = folder / "unbound.conf"
    configuration.write_text(
        UNBOUND.format(folder=folder, host=HOST, port=port)
        + "".join(f"stub-zone:\n    name: {name}\n    stub-addr: {stub}\n" for name in zones)
        + "server:\n"
        + "".join(f"    local-zone: {name} transparent\n" for name in zones)
    )
    command = [unconfined("unbound", folder, package="unbound"), "-d", "-c", str(configuration)]
    with running(command, folder, (HOST, port), zones) as daemon:
        yield daemon


@contextmanager
def bind_authority(folder: Path, zones: Mapping[str, Path]) -> Iterator[Daemon]:
    """Serve zones from BIND for as long as the block takes."""
    lines = [f'zone "{name}" {{ type primary; file "{path}"; }};\n' for name, path in zones.items()]
    with _bind(folder, zones, _AUTHORITY, "".join(lines)) as daemon:
        yield daemon


@contextmanager
def bind_recursor(folder: Path, zones: Iterable[str], authority: str) -> Iterator[Daemon]:
    """Resolve by BIND what an authority serves, and nothing else."""
    host, _, port = authority.rpartition(":")
    with _bind(folder, zones, _RECURSOR.format(host=host, port=port)) as daemon:
        yield daemon


@contextmanager
def _bind(folder: Path, zones: Iterable[str], role: str, more: str = "") -> Iterator[Daemon]:
    port = free_port()
    configuration = folder / "named.conf"
    options = BIND.format(folder=folder, host=HOST, port=port, role=role)
    configuration.write_text(options + more)
    named = unconfined("named", folder, package="bind9")
    command = [named, "-g", "-4", "-n", "1", "-c", str(configuration)]
    with running(command, folder, (HOST, port), zones) as daemon:
        yield daemon


def installed(program: str, *, package: str) -> str:
    """Where a program is.

    Raises:
        CannotRun: It is not installed.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(program, path=path)
    if found is None:
        raise CannotRun(f"{program} is missing: apt-get install {package}")
    return found


def unconfined(program: str, folder: Path, *, package: str) -> str:
    """A copy of a program: Debian's AppArmor profile keeps the original out of other folders."""
    return str(shutil.copy(installed(program, package=package), folder / program))


def free_port(host: str = HOST) -> int:
    """A port that is free for UDP and for TCP, and that no system gives to a socket by itself.

    Until the server that is to have it has begun, nothing holds it.
    """
    for port in random.sample(_PORTS, 50):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        ):
            try:
                udp.bind((host, port))
                tcp.bind((host, port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


#: Below those that Linux gives away (32768) and BSD (49152).
_PORTS: Final = range(10_000, 32_000)


@contextmanager
def running(
    command: Sequence[str], folder: Path, at: tuple[str, int], zones: Iterable[str]
) -> Iterator[Daemon]:
    """Run a server for as long as the block takes, which begins when every zone is answered for."""
    log = folder / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _await_zones(process, at, zones, log)
            yield Daemon(*at, kill=lambda: _kill(process))
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _await_zones(
    process: subprocess.Popen[bytes], at: tuple[str, int], zones: Iterable[str], log: Path
) -> None:
    """Wait until a server has an answer for every zone.

    Raises:
        CannotRun: It has ended, or that takes long.
    """
    host, port = at
    deadline = time.monotonic() + START
    while not all(is_answered(zone, port, host) for zone in zones):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotRun(f"{process.args!r} did not start:\n{log.read_text()}")
        time.sleep(0.05)


def is_answered(zone: str, port: int, host: str = HOST) -> bool:
    """Whether a server has records for the apex of a zone."""
    query = dns.message.make_query(zone, "SOA")
    try:
        response = dns.query.udp(query, host, port=port, timeout=0.2)
    except (dns.exception.DNSException, OSError):
        return False
    return response.rcode() == dns.rcode.NOERROR and bool(response.answer)
