"""What has come while a program did not run is not lost: it is looked at before any timer.

A program is stopped, its machine sleeps or has no processor to spare, or a task keeps the event
loop busy: then answers wait in their sockets, and the time to wait for them has passed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from loopback import comes_about, comes_about_in_tasks
from nameserver import Nameserver

from sipresolve import AsyncResolver, Policy, Sources
from sipresolve.backends import AsyncDnspythonBackend

PROGRAM: Final = Path(__file__).with_name("stalling_program.py")

#: How long a call may take, and a while that is longer than one question may, in seconds.
LIFETIME, LONG = 3.0, 2.0

COUNT: Final = 8

RECORDS: Final = "\n".join(f"h{number}.example.com. IN A 192.0.2.1" for number in range(COUNT))

FOUND: Final = "udp 192.0.2.1:5070"


@pytest.mark.parametrize("count", [1, COUNT])
@pytest.mark.parametrize("flavour", ["threads", "tasks"])
def test_a_program_that_is_stopped(flavour: str, count: int) -> None:
    stopped = Event()
    with Nameserver(RECORDS, until=stopped.is_set) as server:
        command = [sys.executable, str(PROGRAM), flavour, str(count), str(LIFETIME), server.address]
        with subprocess.Popen(  # noqa: S603 - the command is ours
            command, stdout=subprocess.PIPE, text=True
        ) as program:
            assert comes_about(lambda: len(set(server.asked)) == count)
            program.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, program.pid, os.WSTOPPED | os.WNOWAIT)
            stopped.set()
            assert comes_about(lambda: server.sent >= count)
            time.sleep(LONG)
            program.send_signal(signal.SIGCONT)
            told, _ = program.communicate(timeout=20)
    assert told.splitlines() == [FOUND] * count


@pytest.mark.parametrize("count", [1, COUNT])
def test_a_loop_that_is_kept_busy(count: int) -> None:
    busy = Event()
    policy = Policy(lifetime=LIFETIME, families=("ipv4",))
    sources = Sources(IPv4Address("203.0.113.7"), None)

    async def resolve() -> list[str]:
        async with AsyncResolver(backend, policy, sources=sources) as resolver:
            calls = [
                asyncio.create_task(resolver.resolve(f"sip:h{number}.example.com:5070"))
                for number in range(count)
            ]
            assert await comes_about_in_tasks(lambda: len(set(server.asked)) == count)
            busy.set()
            assert comes_about(lambda: server.sent >= count)
            time.sleep(LONG)  # noqa: ASYNC251 - that is what is wrong with it
            return [str((await call).targets[0]) for call in calls]

    with Nameserver(RECORDS, until=busy.is_set) as server:
        backend = AsyncDnspythonBackend([server.address])
        assert asyncio.run(resolve()) == [FOUND] * count
