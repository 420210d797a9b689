"""Networks of their own for tests: a namespace with a loopback interface, and nothing else.

    with namespace() as network:
        network.ip("link", "set", "lo", "up")
        process = network.start([sys.executable, "program.py"])

It needs root, or sudo without a password; where neither is given a test fails, and says so. When
the block ends, so do all programs inside, and the namespace is removed.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from attrs import field, frozen
from daemons import CannotRun, installed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Namespace", "namespace"]

#: Files below a folder of the namespace's name stand in for those of the machine (ip-netns(8)).
_FILES: Final = Path("/etc/netns")

#: What programs inside have of the environment.
_PASSED_ON: Final = ("PATH", "PYTHONPATH", "PYTHONSAFEPATH")

_numbers: Final = itertools.count(1)


@frozen
class Namespace:
    """A network of its own.

    Attributes:
        name: What ``ip netns`` calls it.
    """

    name: str
    _processes: list[subprocess.Popen[str]] = field(factory=list)

    def ip(self, *arguments: str) -> None:
        """Run ``ip`` inside."""
        _as_root("ip", "-netns", self.name, *arguments)

    def start(self, command: Sequence[str], log: IO[str]) -> subprocess.Popen[str]:
        """Start a program inside, with pipes to talk to it; what it complains of goes to a log."""
        environment = [f"{key}={os.environ[key]}" for key in _PASSED_ON if key in os.environ]
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [*_root(), "ip", "netns", "exec", self.name, "env", *environment, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
        )
        self._processes.append(process)
        return process

    def name_nameservers(self, hosts: Iterable[str]) -> None:
        """Write the ``resolv.conf`` of the programs inside; it is there for those started later.

        The file stays the same, and its contents change: those who run see it.
        """
        text = "".join(f"nameserver {host}\n" for host in hosts)
        _as_root("mkdir", "-p", str(_FILES / self.name))
        _as_root("tee", str(_FILES / self.name / "resolv.conf"), given=text)

    def close(self) -> None:
        """End all that runs inside, and remove it."""
        if inside := _as_root("ip", "netns", "pids", self.name).split():
            _as_root("kill", "-KILL", *inside)
        for process in self._processes:
            process.communicate()
        _as_root("ip", "netns", "delete", self.name)
        _as_root("rm", "-rf", str(_FILES / self.name))


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Make a network of its own, for as long as the block takes."""
    installed("ip", package="iproute2")
    made = Namespace(f"sipresolve-{os.getpid()}-{next(_numbers)}")
    _as_root("ip", "netns", "add", made.name)
    try:
        yield made
    finally:
        made.close()


def _root() -> list[str]:
    return [] if os.geteuid() == 0 else [installed("sudo", package="sudo"), "-n"]


def _as_root(*command: str, given: str = "") -> str:
    """Run a command as root; what it writes.

    Raises:
        CannotRun: It fails.
    """
    ended = subprocess.run(  # noqa: S603 - the command is ours
        [*_root(), *command], input=given, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        why = "network namespaces need root, or sudo without a password"
        raise CannotRun(f"{' '.join(command)} failed; {why}:\n{ended.stderr}")
    return ended.stdout
