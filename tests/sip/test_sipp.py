"""SIPp places calls through a proxy that finds its servers with the library."""

from __future__ import annotations

import csv
import os
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from cluster import ADDRESSES
from servers import HOST, installed
from sip_proxy import proxy_for
from traffic import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cluster import Cluster

CALLS = 180
CALLS_PER_SECOND = 60


@contextmanager
def sipp(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let SIPp place calls (INVITE, ACK, BYE) to a port, for as long as the block takes at most."""
    options = f"-sn uac -i {HOST} -m {CALLS} -r {CALLS_PER_SECOND} -d 0 -nostdin -trace_err"
    statistics = f"-trace_stat -stf {folder}/statistics.csv -fd 1"
    limits = f"-timeout {int(PATIENCE)}s -timeout_error"
    with (
        (folder / "screen").open("wb") as screen,
        subprocess.Popen(  # noqa: S603 - the command is ours
            [
                installed("sipp", package="sip-tester"),
                *f"{options} {statistics} {limits} {HOST}:{port}".split(),
            ],
            cwd=folder,
            env={**os.environ, "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def statistics(folder: Path) -> dict[str, str]:
    """The last line of what SIPp counted; C is for cumulative."""
    with (folder / "statistics.csv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))[-1]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not in {PATIENCE} s")
        time.sleep(0.01)


def test_no_call_is_lost_when_a_server_dies(cluster: Cluster, tmp_path: Path) -> None:
    with (
        proxy_for("sip:cluster.example", cluster.nameserver) as proxy,
        sipp(proxy.port, tmp_path) as process,
    ):
        wait_until(lambda: len(proxy.taken) > CALLS)  # of three requests for each call
        cluster["b"].kill()
        assert process.wait(PATIENCE) == 0
    counted = statistics(tmp_path)
    assert counted["SuccessfulCall(C)"] == str(CALLS)
    assert counted["FailedCall(C)"] == "0"
    assert proxy.lost == []
    failures = {str(penalty.place.address): penalty.failures for penalty in proxy.health.snapshot()}
    assert failures[ADDRESSES["b"]] == 1  # after which it was spared
    for name in ("a", "b", "c"):
        assert {request.method for request in cluster[name].seen()} == {"INVITE", "ACK", "BYE"}
