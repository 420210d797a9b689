"""Servers that a test starts, kills and starts again, with all of their children."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from servers import START

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

__all__ = ["Program"]


class Program:
    """A server: a process with its children, and a log that outlives them.

    Attributes:
        log: What it wrote, all the times that it ran.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.log = folder / "log"
        self._command = command
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Start it, and wait until it is ready; the test fails where that takes long."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START
        while not is_ready():
            if not self.is_running or time.monotonic() > deadline:
                self.kill()
                log = self.log.read_text()
                pytest.fail(f"{self._command} did not start:\n{log}", pytrace=False)
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it and all of its children at once, without a chance to say goodbye."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
