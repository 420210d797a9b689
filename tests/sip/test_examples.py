"""The examples, run as the programs that they are."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import options
import pytest
from cluster import ADDRESSES

import sipresolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster import Cluster

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

#: In the words of the system, or of asyncio.
REFUSED = r"\[Errno \d+\] Connect(ion refused| call failed .*)"


@pytest.fixture(params=["options.py", "options_async.py"])
def program(request: pytest.FixtureRequest) -> Path:
    return EXAMPLES / str(request.param)


def run(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run an example; it finds the library where this test has found it."""
    with start(program, *arguments) as running:
        said, complaint = running.communicate(timeout=60)
    return subprocess.CompletedProcess(running.args, running.returncode, said, complaint)


def start(program: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", str(program), *map(str, arguments)]
    return subprocess.Popen(  # noqa: S603 - our own files
        command,
        env={**os.environ, "PYTHONSAFEPATH": "", "PYTHONPATH": LIBRARY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


LIBRARY = str(Path(sipresolve.__file__).parents[1])


def attempts(cluster: Cluster, *lines: str) -> str:
    """What is printed of attempts: each line as ``transport host: outcome``, which is a pattern."""
    pattern = ""
    for line in lines:
        transport, host, outcome = re.split(":? ", line, maxsplit=2)
        port = cluster.ports.tls if transport == "tls" else cluster.ports.plain
        pattern += (
            rf"trying {transport} {ADDRESSES[host]}:{port} of {host}\.cluster\.example\n"
            rf"  {outcome}\n"
        )
    return pattern


def test_udp(cluster: Cluster, program: Path) -> None:
    ended = run(program, "sip:ordered.cluster.example", "--nameserver", cluster.nameserver)
    assert re.fullmatch(attempts(cluster, "udp a: 200 OK"), ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_dead_server_and_a_busy_one(cluster: Cluster, program: Path) -> None:
    cluster["a"].kill()
    cluster["b"].behave("busy", retry_after=10)
    ended = run(program, "ordered.cluster.example", "--nameserver", cluster.nameserver)
    expected = attempts(
        cluster, f"udp a: {REFUSED}", "udp b: 503 Service Unavailable", "udp c: 200 OK"
    )
    assert re.fullmatch(expected, ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_tls(cluster: Cluster, program: Path) -> None:
    uri, authority = "sips:proven.cluster.example", cluster.authority
    ended = run(program, uri, "--nameserver", cluster.nameserver, "--ca", authority)
    refused = r".*certificate verify failed.*"
    expected = attempts(
        cluster,
        f"tls stranger: {refused}issuer.*",
        f"tls namesake: {refused}not valid for 'proven.cluster.example'.*",
        f"tls other: {refused}not valid for 'proven.cluster.example'.*",
        "tls a: 200 OK",
    )
    assert re.fullmatch(expected, ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_without_the_authority_nobody_is_trusted(cluster: Cluster, program: Path) -> None:
    ended = run(program, "sips:cluster.example", "--nameserver", cluster.nameserver)
    assert ended.stdout.count("certificate verify failed") == 3
    assert ended.returncode == 1


def test_a_large_request(cluster: Cluster, program: Path) -> None:
    # RFC 3261 §18.1.1: its Request-URI makes it so.
    uri = f"sip:{'a' * 1300}@large.cluster.example"
    ended = run(program, uri, "--nameserver", cluster.nameserver)
    expected = attempts(cluster, f"tcp datagrams: {REFUSED}", "udp datagrams: 200 OK")
    assert re.fullmatch(expected, ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("behaviour", "lines", "error"),
    [
        (
            "silent",
            ["udp a: no response", "udp b: no response", "udp c: no response"],
            "all 3 targets of sip:ordered.cluster.example failed\n",
        ),
        # RFC 3263 §4.3: no failure, so that nobody else is asked; and no answer.
        ("provisional", ["udp a: 100 Trying"], "no final response came after 100 Trying\n"),
    ],
)
def test_nobody_answers(
    cluster: Cluster, program: Path, behaviour: str, lines: list[str], error: str
) -> None:
    for name in ("a", "b", "c"):
        cluster[name].behave(behaviour)
    uri = "sip:ordered.cluster.example"
    ended = run(program, uri, "--nameserver", cluster.nameserver, "--timeout", 0.2)
    assert re.fullmatch(attempts(cluster, *lines), ended.stdout)
    assert (ended.returncode, ended.stderr) == (1, error)


@pytest.mark.parametrize(
    ("kind", "uri", "tried", "outcome"),
    [
        (socket.SOCK_DGRAM, "sip:127.0.0.1:{port}", "udp", "no response"),
        (socket.SOCK_STREAM, "sip:127.0.0.1:{port};transport=tcp", "tcp", "no response"),
        # It connects, and there is no handshake.
        (socket.SOCK_STREAM, "sips:127.0.0.1:{port}", "tls", "no connection in time"),
    ],
)
def test_silence(
    program: Path, kind: socket.SocketKind, uri: str, tried: str, outcome: str
) -> None:
    """Both clients say the same of it."""
    with silence(kind) as server:
        port = server.getsockname()[1]
        ended = run(program, uri.format(port=port), *NOBODY, "--timeout", 0.2)
        assert ended.stdout == f"trying {tried} 127.0.0.1:{port} of 127.0.0.1\n  {outcome}\n"
        assert ended.stderr == f"the only target of {uri.format(port=port)} failed\n"
        assert ended.returncode == 1


def test_an_interrupt(program: Path) -> None:
    with (
        silence(socket.SOCK_DGRAM) as server,
        start(program, f"sip:127.0.0.1:{(port := server.getsockname()[1])}", *NOBODY) as running,
    ):
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line == f"trying udp 127.0.0.1:{port} of 127.0.0.1\n", "told before the attempt"
        server.settimeout(60)
        assert server.recv(65_535), "it waits for the response"
        running.send_signal(signal.SIGINT)
        rest, complaint = running.communicate(timeout=60)
        assert (running.returncode, rest, complaint) == (130, "", "interrupted\n")


#: A numeric host is not looked up, so that it does not matter who is asked.
NOBODY = ("--nameserver", "127.0.0.1")


@contextmanager
def silence(kind: socket.SocketKind) -> Iterator[socket.socket]:
    """A server that says nothing."""
    with socket.socket(type=kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            server.listen()
        yield server


def test_no_server_is_found(cluster: Cluster, program: Path) -> None:
    uri = "sip:nowhere.cluster.example"
    ended = run(program, uri, "--nameserver", cluster.nameserver)
    assert ended.returncode == 1
    assert ended.stderr == "there is no domain 'nowhere.cluster.example'\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sip:exa mple.com"], "' ' is not allowed in a host, at position 7 of 'sip:exa mple.com'"),
        (["sip:example.com;transport=sctp"], "transport 'sctp', and the client has udp, tcp, tls"),
        (["sip:example.com", "--nameserver", "ns"], "by its address, not as 'ns'"),
        (["sip:example.com", "--timeout", "soon"], "invalid seconds value: 'soon'"),
    ],
)
def test_wrong_input(program: Path, arguments: list[str], message: str) -> None:
    ended = run(program, *arguments)
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (ended.returncode, ended.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: uri"),
        (["sip:example.com", "--timeout", "0"], "invalid seconds value: '0'"),
        (["sip:example.com", "--timeout", "inf"], "invalid seconds value: 'inf'"),
        (["sip:example.com", "--ca", "/nowhere"], "'/nowhere': [Errno 2] No such file"),
        (["sip:example.com", "--ca", __file__], f"{__file__!r}: "),
    ],
)
def test_wrong_options(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["options.py", *arguments])
    with pytest.raises(SystemExit, match="2"):
        options.arguments(None)
    assert message in capsys.readouterr().err


def test_the_help(program: Path) -> None:
    ended = run(program, "--help")
    assert ended.returncode == 0
    assert "--nameserver" in ended.stdout
