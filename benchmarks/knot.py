"""Knot DNS on loopback with one large zone, for as long as a benchmark takes."""

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

import dns.exception
import dns.message
import dns.query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["knot"]

HOST: Final = "127.0.0.1"

#: How long it may take to load the zone, in seconds.
_START: Final = 60.0

_CONFIGURATION: Final = """
server:
    rundir: "{folder}"
    listen: {host}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}"
control:
    listen: "knot.sock"
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: {origin}.
    file: "{folder}/zone"
"""


@contextmanager
def knot(origin: str, lines: Iterable[str]) -> Iterator[str]:
    """Serve a zone for as long as the block takes.

    Args:
        origin: The name of the zone.
        lines: Those of its zone file.

    Yields:
        Where it is served, as ``address:port``.
    """
    with TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        with (folder / "zone").open("w") as file:
            file.writelines(lines)
        configuration = folder / "knot.conf"
        configuration.write_text(
            _CONFIGURATION.format(folder=folder, host=HOST, port=port, origin=origin)
        )
        command = [_find_knotd(), "--config", str(configuration)]
        with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL) as process:  # noqa: S603 - the command is ours
            try:
                _await(process, origin, port)
                yield f"{HOST}:{port}"
            finally:
                process.terminate()


def _find_knotd() -> str:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    if found := shutil.which("knotd", path=path):
        return found
    raise SystemExit("knotd is missing: apt-get install --no-install-recommends knot")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], origin: str, port: int) -> None:
    deadline = time.monotonic() + _START
    while not _answers(origin, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("knotd has not started")
        time.sleep(0.05)


def _answers(origin: str, port: int) -> bool:
    query = dns.message.make_query(origin, "SOA")
    try:
        return bool(dns.query.udp(query, HOST, port=port, timeout=0.2).answer)
    except (dns.exception.Timeout, OSError):
        return False
