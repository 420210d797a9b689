"""Real nameservers on loopback: Knot DNS with the zones of the scenarios, Unbound before it.

They are started once, when a test first asks for them, on free ports, with all of their files in a
temporary folder; nothing of the machine's own configuration is read or changed.
"""

from __future__ import annotations

import os
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
import pytest
from scenario import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["authoritative_nameserver", "recursive_nameserver"]

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


@pytest.fixture(scope="session")
def authoritative_nameserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Knot DNS serves the zones of the scenarios, as ``address:port``."""
    folder, port = tmp_path_factory.mktemp("knot"), free_port()
    zones = [f'  - domain: {name}.\n    file: "{path}"\n' for name, path in ZONES.items()]
    configuration = folder / "knot.conf"
    configuration.write_text(KNOT.format(folder=folder, host=HOST, port=port) + "".join(zones))
    knotd = installed("knotd", package="knot")
    with running([knotd, "--config", str(configuration)], folder, port):
        yield f"{HOST}:{port}"


@pytest.fixture(scope="session")
def recursive_nameserver(
    tmp_path_factory: pytest.TempPathFactory, authoritative_nameserver: str
) -> Iterator[str]:
    """Where Unbound resolves what Knot DNS serves, and nothing else, as ``address:port``."""
    folder, port = tmp_path_factory.mktemp("unbound"), free_port()
    authority = authoritative_nameserver.replace(":", "@")
    configuration = folder / "unbound.conf"
    configuration.write_text(
        UNBOUND.format(folder=folder, host=HOST, port=port)
        + "".join(f"stub-zone:\n    name: {name}\n    stub-addr: {authority}\n" for name in ZONES)
        + "server:\n"
        + "".join(f"    local-zone: {name} transparent\n" for name in ZONES)
    )
    # Debian's AppArmor profile keeps /usr/sbin/unbound out of temporary folders; a copy is free.
    unbound = shutil.copy(installed("unbound", package="unbound"), folder / "unbound")
    with running([str(unbound), "-d", "-c", str(configuration)], folder, port):
        yield f"{HOST}:{port}"


def installed(program: str, *, package: str) -> str:
    """Where a server is; the test fails where it is missing, since nothing can stand in for it."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(program, path=path)
    if found is None:
        pytest.fail(f"{program} is missing: apt-get install {package}", pytrace=False)
    return found


def free_port() -> int:
    """A port that is free for UDP and for TCP."""
    for _ in range(50):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        ):
            udp.bind((HOST, 0))
            port: int = udp.getsockname()[1]
            try:
                tcp.bind((HOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[None]:
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
            await_zones(process, port, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def await_zones(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server has an answer for every zone; the test fails where that takes long."""
    deadline = time.monotonic() + START
    while not all(is_answered(zone, port) for zone in ZONES):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"{process.args!r} did not start:\n{log.read_text()}", pytrace=False)
        time.sleep(0.05)


def is_answered(zone: str, port: int) -> bool:
    query = dns.message.make_query(zone, "SOA")
    try:
        response = dns.query.udp(query, HOST, port=port, timeout=0.2)
    except (dns.exception.DNSException, OSError):
        return False
    return response.rcode() == dns.rcode.NOERROR and bool(response.answer)
