"""Runs a benchmark again in a network of its own, where port 53 and the addresses are free.

Kamailio asks the nameservers of ``resolv.conf``, which cannot name a port, and sends where it has
been led. So the network has nothing but a loopback interface, to which all of 192.0.2.0/24 belongs
(RFC 5737), and each program may have a ``resolv.conf`` of its own. The user needs no rights where
the system lets everybody make namespaces; else it has to be root.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["enter", "with_nameservers"]

#: Set inside.
_MARK: Final = "BENCHMARK_NAMESPACE"

_NETWORK: Final = 'ip link set lo up && ip address add 192.0.2.0/24 dev lo && exec "$0" "$@"'
_SETTINGS: Final = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


def enter() -> None:
    """Start this program again inside, with the same arguments, unless it is there already."""
    if _MARK in os.environ:
        return
    command = [*_unshare("--net", "--mount"), "sh", "-c", _NETWORK, *_this_program()]
    os.execvpe(command[0], command, {**os.environ, _MARK: "1"})  # noqa: S606 - the command is ours


def with_nameservers(hosts: Iterable[str], folder: Path, command: Iterable[str]) -> list[str]:
    """A command, inside, as one that is run with a ``resolv.conf`` of its own.

    Args:
        hosts: The addresses of the nameservers, in order.
        folder: Where the file is put.
        command: What is to be run.
    """
    settings = folder / "resolv.conf"
    settings.write_text("".join(f"nameserver {host}\n" for host in hosts))
    return ["unshare", "--mount", "sh", "-c", _SETTINGS, str(settings), *command]


def _unshare(*kinds: str) -> list[str]:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        raise SystemExit("unshare or ip is missing: apt-get install util-linux iproute2")
    rights = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ["unshare", *rights, *kinds]


def _this_program() -> list[str]:
    return [sys.executable, *sys.orig_argv[1:]]
