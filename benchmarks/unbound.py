"""Unbound on loopback with a few signed zones, which it proves itself, and delv beside it."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from daemons import HOST, CannotRun, free_port, installed, running, unconfined

from sipresolve.vocabulary.keys import DnsKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signed_messages import SignedInternet

__all__ = ["find_delv", "run_delv", "unbound", "write_anchor"]

_CONFIGURATION: Final = """
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
    module-config: "validator iterator"
    trust-anchor: "{anchor}"
remote-control:
    control-enable: no
"""

_ZONE: Final = """
auth-zone:
    name: "{zone}"
    zonefile: "{path}"
    for-downstream: no
    for-upstream: yes
"""


@contextmanager
def unbound(internet: SignedInternet) -> Iterator[str]:
    """Resolve what is in some zones for as long as the block takes.

    Yields:
        Where it is, as ``address:port``.
    """
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        zones = {zone.to_text(): folder / f"zone{n}" for n, zone in enumerate(internet.zones)}
        for zone, path in zip(internet.zones.values(), zones.values(), strict=True):
            zone.write(path)
        configuration = folder / "unbound.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder, host=HOST, port=port, anchor=f". IN DNSKEY {_entry(internet)}"
            )
            + "".join(_ZONE.format(zone=zone, path=path) for zone, path in zones.items())
        )
        try:
            program = unconfined("unbound", folder, package="unbound")
            with running([program, "-d", "-c", str(configuration)], folder, (HOST, port), zones):
                yield f"{HOST}:{port}"
        except CannotRun as error:
            raise SystemExit(str(error)) from None


# --- delv


def find_delv() -> str:
    """Where delv is; without it there is nothing to compare with, so the program ends."""
    try:
        return installed("delv", package="bind9-dnsutils")
    except CannotRun as error:
        raise SystemExit(str(error)) from None


def write_anchor(internet: SignedInternet, path: Path) -> None:
    """Write the key of the root into a file for delv."""
    *numbers, octets = _entry(internet).split()
    path.write_text(f'trust-anchors {{ "." static-key {" ".join(numbers)} "{octets}"; }};\n')


def _entry(internet: SignedInternet) -> str:
    """The key of the root, as a zone file has it."""
    key = internet.anchor.key
    assert isinstance(key, DnsKey)  # noqa: S101 - it is made so
    return f"{key.flags} {key.protocol} {key.algorithm} {b64encode(key.key).decode()}"


def run_delv(program: str, address: str, anchor: Path, name: str, kind: str) -> str:
    """What delv says of the records of a name: its verdict, and the records."""
    host, _, port = address.rpartition(":")
    return subprocess.run(  # noqa: S603 - the program is delv, and the arguments are ours
        [program, f"@{host}", "-p", port, "-a", str(anchor), "+root=.", f"{name}.", kind],
        capture_output=True,
        text=True,
        check=False,  # it fails where nothing is there
        timeout=30,
    ).stdout
