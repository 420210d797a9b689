"""Many numbers by one command: in, out, interrupted and gone on with, as a user sees it."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest
from loopback import comes_about
from nameserver import Nameserver

from sipresolve import TelUri, enum_domain
from sipresolve.backends import ZoneBackend
from sipresolve.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from sipresolve import Answer, Question

#: The numbers of one country have a URI each; those of its neighbour have none.
ZONE: Final = r"""
$ORIGIN e164.arpa.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 300
*.4.4 IN NAPTR 10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    path = tmp_path / "zone"
    path.write_text(ZONE)
    return str(path)


def telephone_number(n: int) -> str:
    """One after the other; every tenth is the neighbour's."""
    return f"+45{n:07d}" if n % 10 == 7 else f"+44{n:07d}"


def write_numbers(path: Path, numbers: Iterable[str]) -> str:
    path.write_text("".join(f"{number}\n" for number in numbers))
    return str(path)


@pytest.fixture
def numbers(tmp_path: Path) -> str:
    """A file of 200 numbers."""
    return write_numbers(tmp_path / "numbers", map(telephone_number, range(1, 201)))


def call(*arguments: str) -> tuple[int, str, str]:
    """The exit status, standard output and standard error of a call in this process."""
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as complaint:
        status = main(["enum", *arguments])
    return status, output.getvalue(), complaint.getvalue()


def documents(output: str) -> list[dict[str, Any]]:
    assert output == "" or output.endswith("\n")
    return [json.loads(line) for line in output.splitlines()]


def command(*arguments: str) -> Sequence[str]:
    """The command line of a process of its own; -P keeps a checkout out of sys.path."""
    return [sys.executable, "-P", "-m", "sipresolve", "enum", *arguments]


# --- What it answers


def test_each_line_is_answered_in_order(zone: str, numbers: str) -> None:
    status, output, complaint = call("--input", numbers, "--zone", zone)
    assert status == 0
    for place, said in enumerate(documents(output), start=1):
        assert (said["line"], said["number"]) == (place, telephone_number(place))
        found = [mapped["uri"] for mapped in said["uris"]]
        absent = place % 10 == 7
        assert found == ([] if absent else [f"sip:{telephone_number(place)}@example.com"])
        assert (said["error"]["code"] if absent else said["error"]) == (
            "no-such-number" if absent else None
        )
    assert complaint.startswith("sipresolve: 200 numbers in ")
    assert complaint.endswith(" a second): 180 found, 20 no-such-number\n")


def test_an_answer_is_that_of_a_single_number_with_its_line(zone: str, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "one", ["", "tel:+44-1"])
    (many,) = documents(call("--input", path, "--zone", zone)[1])
    (one,) = documents(call("tel:+44-1", "--zone", zone, "--json")[1])
    assert many.pop("line") == 2
    for said in (many, one):
        del said["queries"][0]["ms"]
    assert many == one


def test_the_options_of_a_single_number_hold(zone: str, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "one", ["tel:1;phone-context=+44"])
    arguments = ("--input", path, "--zone", zone)
    (said,) = documents(call(*arguments)[1])
    assert said["error"]["code"] == "invalid-number"
    (said,) = documents(call(*arguments, "--local-numbers")[1])
    assert (said["number"], len(said["uris"])) == ("+441", 1)
    (said,) = documents(call(*arguments, "--local-numbers", "--service", "pstn:tel")[1])
    assert said["error"]["code"] == "no-such-number"
    (said,) = documents(call(*arguments, "--local-numbers", "--root", "e164.example")[1])
    assert said["error"]["code"] == "dns-failure"
    assert said["domain"] == "1.4.4.e164.example"


def test_a_bad_line_is_told_and_ends_nothing(zone: str, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"\xef\xbb\xbf# a list\r\n+441\r\n\r\nnobody\x1b[2J\r\n+44\xff\r\n+442\r\n")
    status, output, complaint = call("--input", str(path), "--zone", zone)
    said = [(each["line"], each["number"], each["error"]) for each in documents(output)]
    assert status == 0
    assert said[0] == (2, "+441", None)
    assert said[1][:2] == (4, "nobody\x1b[2J")
    assert said[2][:2] == (5, "+44\\xff")
    assert said[3] == (6, "+442", None)
    assert {error["code"] for _, _, error in said[1:3]} == {"invalid-number"}
    first, second, summary = complaint.splitlines()
    assert first.startswith("line 4: ")
    assert r"nobody\x1b[2J" in first
    assert second == r"line 5: octet 4 is not UTF-8, in '+44\\xff'"
    assert summary.endswith(": 2 found, 2 invalid-number")


def test_of_many_bad_lines_not_all_are_told(zone: str, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "numbers", ["x"] * 1000)
    status, output, complaint = call("--input", path, "--zone", zone)
    assert (status, len(documents(output))) == (0, 1000)
    *bad, more, summary = complaint.splitlines()
    assert [line.partition(":")[0] for line in bad] == [f"line {n}" for n in range(1, 6)]
    assert more == "sipresolve: 995 more bad lines"
    assert summary.endswith(": 1000 invalid-number")


def test_numbers_without_an_answer_are_told_in_the_end(tmp_path: Path) -> None:
    numbers = write_numbers(tmp_path / "numbers", ["+441", "+442", "+443"])
    faults = {"1.4.4.e164.arpa NAPTR": "timeout", "2.4.4.e164.arpa NAPTR": "servfail"}
    with Nameserver("", faults=faults) as server:
        arguments = ("--input", numbers, "--nameserver", server.address, "--timeout", "1")
        status, _, complaint = call(*arguments)
    assert status == 0
    said = "the DNS had no answer for 2 numbers, which can be asked again"
    assert complaint.splitlines()[1:] == [f"sipresolve: {said}"]


def test_standard_output_has_a_name(zone: str, numbers: str) -> None:
    status, output, _ = call("--input", numbers, "--output", "-", "--zone", zone)
    assert status == 0
    assert [said["line"] for said in documents(output)] == [*range(1, 201)]


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n"])
def test_nothing_to_answer_is_no_error(zone: str, tmp_path: Path, content: str) -> None:
    (tmp_path / "numbers").write_text(content)
    status, output, complaint = call("--input", str(tmp_path / "numbers"), "--zone", zone)
    assert (status, output) == (0, "")
    assert complaint.startswith("sipresolve: 0 numbers in ")


@pytest.mark.parametrize(("count", "concurrency"), [(200, "1"), (1000, "7"), (5000, "100")])
def test_thousands_of_numbers_from_a_nameserver_come_in_order(
    count: int, concurrency: str, tmp_path: Path
) -> None:
    path = write_numbers(tmp_path / "numbers", map(telephone_number, range(count)))
    records = "\n".join(
        f'{domain(n)} IN NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:{n}@example.com!" .'
        for n in range(0, count, 3)
    )
    with Nameserver(records) as server:
        arguments = ("--nameserver", server.address, "--concurrency", concurrency)
        status, output, _ = call("--input", path, *arguments, "--timeout", "60")
    found = [(said["line"], [each["uri"] for each in said["uris"]]) for said in documents(output)]
    assert status == 0
    assert found == [(n + 1, [] if n % 3 else [f"sip:{n}@example.com"]) for n in range(count)]


def domain(n: int) -> str:
    return enum_domain(TelUri.parse_number(telephone_number(n)), "e164.arpa")


# --- What cannot be done


def test_misuse_is_told(zone: str, numbers: str, tmp_path: Path) -> None:
    old = write_numbers(tmp_path / "old", ["something"])
    cases = [
        (["--input", "no-such-file"], "cannot open no-such-file: no such file or directory"),
        (["--input", str(tmp_path)], f"cannot read {tmp_path}: is a directory"),
        (["--input", numbers, "--output", old], f"{old!r} is there already"),
        (["--input", numbers, "--output", old, "--resume"], f"the output {old!r} cannot be gone"),
    ]
    for arguments, said in cases:
        status, output, complaint = call(*arguments, "--zone", zone)
        assert (status, output) == (2, "")
        usage, message = complaint.splitlines()
        assert usage.startswith("usage: sipresolve enum ")
        assert message.startswith(f"sipresolve: error: {said}")
        status, output, complaint = call(*arguments, "--zone", zone, "--json")
        assert (status, complaint) == (2, "")
        assert json.loads(output)["error"]["code"] == "usage"
    assert (tmp_path / "old").read_text() == "something\n"


def test_an_output_is_not_begun_where_nothing_can_be_asked(numbers: str, tmp_path: Path) -> None:
    output = tmp_path / "output"
    arguments = ("--input", numbers, "--output", str(output))
    assert call(*arguments, "--zone", "no-such-zone")[0] == 2
    assert call(*arguments, "--nameserver", "nowhere")[0] == 2
    assert not output.exists()


class Broken(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._error = OSError(number, os.strerror(number))

    def write(self, _: str) -> NoReturn:
        raise self._error


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (Broken(errno.EPIPE), (0, "")),
        (Broken(errno.ENOSPC), (1, "sipresolve: cannot write: no space left on device\n")),
        (None, (1, "sipresolve: cannot write: the stream is closed\n")),
    ],
)
def test_what_cannot_be_written_is_told(
    zone: str,
    numbers: str,
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO | None,
    expected: tuple[int, str],
) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    with redirect_stderr(io.StringIO()) as told:
        status = main(["enum", "--input", numbers, "--zone", zone])
    assert (status, told.getvalue()) == expected


def test_a_file_that_cannot_be_written_is_told(zone: str, numbers: str, tmp_path: Path) -> None:
    for output, reason in (("/dev/full", "no space left on device"), (tmp_path, "is a directory")):
        said = call("--input", numbers, "--output", str(output), "--zone", zone)
        assert said == (1, "", f"sipresolve: cannot write {output}: {reason}\n")


# --- Going on


def test_an_output_is_written_and_once_finished_left_alone(
    zone: str, numbers: str, tmp_path: Path
) -> None:
    path = tmp_path / "output"
    arguments = ("--input", numbers, "--output", str(path), "--resume", "--zone", zone)
    status, output, complaint = call(*arguments)
    assert (status, output) == (0, "")
    assert ": 180 found, 20 no-such-number\n" in complaint
    written = path.read_text()
    assert [said["line"] for said in documents(written)] == [*range(1, 201)]
    status, output, complaint = call(*arguments)
    assert (status, output) == (0, "")
    assert complaint == "sipresolve: nothing is left to do: every number has its answer\n"
    assert path.read_text() == written


@pytest.mark.parametrize("cut_off", [1, 2, 100])
@pytest.mark.parametrize("lines", [0, 1, 100, 199])
def test_a_torn_output_is_gone_on_with(
    zone: str, numbers: str, tmp_path: Path, lines: int, cut_off: int
) -> None:
    path = tmp_path / "output"
    arguments = ("--input", numbers, "--output", str(path), "--zone", zone)
    assert call(*arguments)[0] == 0
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:lines]) + whole[lines][:-cut_off])
    status, _, complaint = call(*arguments, "--resume")
    assert status == 0
    assert complaint.startswith(f"sipresolve: {200 - lines} number")
    again = documents(path.read_text())
    assert [said["line"] for said in again] == [*range(1, 201)]
    assert [said["uris"] for said in again] == [said["uris"] for said in map(json.loads, whole)]


def test_lines_that_were_answered_are_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "output"
    numbers = ["+441", "# none", "+44 (2)", "", "tel:+44-3;ext=4", "nobody", "\x1b", "+445"]
    lines = write_numbers(tmp_path / "numbers", numbers)
    with Nameserver("") as server:
        arguments = ("--output", str(path), "--nameserver", server.address, "--resume")
        for count in range(1, len(numbers) + 1):  # the input grows, and each kind of line is last
            some = write_numbers(tmp_path / "some", numbers[:count])
            assert call("--input", some, *arguments)[0] == 0
        assert call("--input", lines, *arguments)[0] == 0
    assert [said["line"] for said in documents(path.read_text())] == [1, 3, 5, 6, 7, 8]
    assert server.asked == [f"{n}.4.4.e164.arpa NAPTR" for n in (1, 2, 3, 5)]


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (["+441", "+443"], "'+443'"),
        (["+441", "nobody"], "'nobody'"),
        (["+441"], "no number"),
        (["+441", "# none"], "no number"),
        (["+441", "", "+442"], "no number"),
    ],
)
def test_another_input_is_noticed(
    zone: str, tmp_path: Path, numbers: list[str], found: str
) -> None:
    path = tmp_path / "output"
    arguments = ("--output", str(path), "--zone", zone, "--resume", "--input")
    assert call(*arguments, write_numbers(tmp_path / "first", ["+441", "+442"]))[0] == 0
    with path.open("a") as file:
        file.write('{"line": 3, "num')
    written = path.read_bytes()
    status, _, complaint = call(*arguments, write_numbers(tmp_path / "second", numbers))
    said = f"the output ends with line 2, '+442', where the input has {found}"
    assert status == 2
    assert complaint.endswith(f"sipresolve: error: {said}: it belongs to another input\n")
    assert path.read_bytes() == written


# --- How it ends


def test_a_signal_ends_it_in_good_order(
    zone: str, numbers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ZoneBackend.ask

    async def interrupted(backend: ZoneBackend, question: Question) -> Answer:
        if question.name == domain(100):
            signal.raise_signal(signal.SIGTERM)
            await asyncio.Event().wait()
        return await ask(backend, question)

    monkeypatch.setattr(ZoneBackend, "ask", interrupted)
    status, output, complaint = call("--input", numbers, "--zone", zone, "--concurrency", "1")
    assert status == 143
    assert [said["line"] for said in documents(output)] == [*range(1, 100)]
    summary, interruption = complaint.splitlines()
    assert summary.endswith(": 89 found, 10 no-such-number")
    assert interruption == "sipresolve: interrupted after line 99"


@contextmanager
def stalled(arguments: Sequence[str], **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A run over numbers of which the hundredth is not answered."""
    with Nameserver("", faults={f"{domain(100)} NAPTR": "timeout"}) as server:
        more = ("--nameserver", server.address, "--timeout", "60", "--concurrency", "20")
        running = subprocess.Popen(  # noqa: S603 - the arguments are those of the tests
            command(*arguments, *more), stderr=subprocess.PIPE, **streams
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


def lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


SIGNALS = [
    (signal.SIGINT, 130, "interrupted after line 99; go on with --resume"),
    (signal.SIGTERM, 143, "interrupted after line 99; go on with --resume"),
    (signal.SIGKILL, -9, None),
]


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_what_was_interrupted_is_gone_on_with(
    number: signal.Signals, status: int, said: str | None, numbers: str, tmp_path: Path
) -> None:
    path = tmp_path / "output"
    arguments = ("--input", numbers, "--output", str(path))
    with stalled(arguments) as running:
        assert comes_about(lambda: lines_in(path) == 99)
        running.send_signal(number)
        _, complaint = running.communicate(timeout=30)
    assert running.returncode == status
    if said is not None:
        summary, interrupted = complaint.decode().splitlines()
        assert summary.startswith("sipresolve: 99 numbers in ")
        assert interrupted == f"sipresolve: {said}"
    assert [line["line"] for line in documents(path.read_text())] == [*range(1, 100)]
    with Nameserver("") as server:
        assert call(*arguments, "--resume", "--nameserver", server.address)[0] == 0
    asked = [f"{domain(n)} NAPTR" for n in range(100, 201)]
    assert sorted(set(server.asked)) == sorted(asked), "and some again, where it is slow"
    assert [line["line"] for line in documents(path.read_text())] == [*range(1, 201)]


def test_an_output_is_one_runs_until_that_ends(numbers: str, zone: str, tmp_path: Path) -> None:
    path = tmp_path / "output"
    arguments = ("--input", numbers, "--output", str(path))
    with stalled(arguments) as running:
        assert comes_about(lambda: lines_in(path) == 99)
        written = path.read_bytes()
        for more in ((), ("--resume",)):
            status, output, complaint = call(*arguments, *more, "--zone", zone)
            assert (status, output) == (2, "")
            assert complaint.endswith(f"sipresolve: error: another run is writing {str(path)!r}\n")
        assert path.read_bytes() == written
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=30)
    assert call(*arguments, "--resume", "--zone", zone)[0] == 0
    assert [line["line"] for line in documents(path.read_text())] == [*range(1, 201)]


def test_interrupted_before_anything_more_there_is_something_left(
    numbers: str, zone: str, tmp_path: Path
) -> None:
    path = tmp_path / "output"
    some = write_numbers(tmp_path / "some", map(telephone_number, range(1, 100)))
    assert call("--input", some, "--output", str(path), "--zone", zone)[0] == 0
    with Nameserver("", faults={"* *": "timeout"}) as server:
        arguments = ("--input", numbers, "--output", str(path), "--nameserver", server.address)
        with subprocess.Popen(  # noqa: S603 - as above
            command(*arguments, "--resume", "--timeout", "60"), stderr=subprocess.PIPE
        ) as running:
            assert comes_about(lambda: bool(server.log))
            running.send_signal(signal.SIGINT)
            _, complaint = running.communicate(timeout=30)
    summary, interrupted = complaint.decode().splitlines()
    assert summary.startswith("sipresolve: 0 numbers in ")
    assert interrupted == "sipresolve: interrupted after line 99; go on with --resume"


def test_interrupted_before_the_first_answer(tmp_path: Path) -> None:
    path = tmp_path / "output"
    number = write_numbers(tmp_path / "number", [telephone_number(100)])
    with Nameserver("", faults={"* *": "timeout"}) as server:
        arguments = ("--input", number, "--output", str(path), "--nameserver", server.address)
        with subprocess.Popen(command(*arguments), stderr=subprocess.PIPE) as running:  # noqa: S603 - as above
            assert comes_about(lambda: bool(server.log))
            running.send_signal(signal.SIGINT)
            _, complaint = running.communicate(timeout=30)
    assert running.returncode == 130
    said = complaint.decode().splitlines()[1]
    assert said == "sipresolve: interrupted before the first answer; go on with --resume"
    assert path.read_bytes() == b""


def test_interrupted_on_standard_output(numbers: str) -> None:
    with stalled(["--input", numbers], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        came = b"".join(running.stdout.readline() for _ in range(99))
        running.send_signal(signal.SIGINT)
        output, complaint = running.communicate(timeout=30)
    assert (running.returncode, output) == (130, b"")
    assert [line["line"] for line in documents(came.decode())] == [*range(1, 100)]
    assert complaint.decode().splitlines()[1] == "sipresolve: interrupted after line 99"


def test_a_reader_that_has_seen_enough_is_no_error(zone: str, tmp_path: Path) -> None:
    numbers = write_numbers(tmp_path / "numbers", map(telephone_number, range(5000)))
    with subprocess.Popen(  # noqa: S603 - as above
        command("--input", numbers, "--zone", zone), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["line"] == 1
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_a_slow_reader_costs_no_answer(tmp_path: Path) -> None:
    """Who does not read makes no question time out, though nobody looks at the answers."""
    numbers = write_numbers(tmp_path / "numbers", map(telephone_number, range(1000)))
    with Nameserver("") as server:
        arguments = ("--input", numbers, "--nameserver", server.address, "--timeout", "60")
        with subprocess.Popen(command(*arguments), stdout=subprocess.PIPE) as running:  # noqa: S603 - as above
            assert running.stdout is not None
            # More than a pipe holds is answered before any of it is read.
            assert comes_about(lambda: len(server.log) >= 1000)
            output, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert [line["error"]["code"] for line in documents(output.decode())] == [
        "no-such-number"
    ] * 1000


def test_a_pipe_that_trickles_is_answered_line_by_line(zone: str) -> None:
    with subprocess.Popen(  # noqa: S603 - as above
        command("--input", "-", "--zone", zone),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        for place in range(1, 6):
            running.stdin.write(f"{telephone_number(place)}\n+44".encode())
            readable, _, _ = select.select([running.stdout], [], [], 30)
            assert readable
            assert json.loads(running.stdout.readline())["number"] == telephone_number(place)
            running.stdin.write(b" nobody\n")
            assert json.loads(running.stdout.readline())["line"] == 2 * place
        running.stdin.close()
        assert running.stderr.read().splitlines()[-1].endswith(b": 5 found, 5 invalid-number")
    assert running.returncode == 0


# --- On a terminal


def on_a_terminal(
    *arguments: str,
    before: str = "",
    typed: bytes = b"",
    stdout: int | IO[bytes] = subprocess.DEVNULL,
) -> str:
    """What a terminal shows of a run.

    Args:
        arguments: Those of the sub-command.
        before: What to run before in that Python.
        typed: What somebody types there, if anything.
        stdout: Where standard output goes; `subprocess.STDOUT` for the terminal as well.
    """
    code = f"{before}\nimport sys; from sipresolve.cli import main; sys.exit(main(sys.argv[1:]))"
    terminal, inside = os.openpty()
    with subprocess.Popen(  # noqa: S603 - as above
        [sys.executable, "-P", "-c", code, "enum", *arguments],
        stdin=inside if typed else subprocess.DEVNULL,
        stdout=inside if stdout == subprocess.STDOUT else stdout,
        stderr=inside,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "PYTHONUTF8": "1"},
    ) as running:
        os.close(inside)
        os.write(terminal, typed)
        shown = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    assert running.returncode == 0
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so where all have closed it.
        return b""


def test_a_terminal_shows_how_far_it_is(zone: str, numbers: str, tmp_path: Path) -> None:
    path = tmp_path / "output"
    with path.open("wb") as output:
        shown = on_a_terminal("--input", numbers, "--zone", zone, stdout=output)
    assert " numbers, " in shown
    assert "%" in shown
    assert "\x1b[?25h" in shown  # the cursor is back
    assert shown.rstrip().endswith(": 180 found, 20 no-such-number")
    assert len(documents(path.read_text())) == 200


def test_bad_lines_are_told_above_the_bar(zone: str, tmp_path: Path) -> None:
    numbers = write_numbers(tmp_path / "numbers", ["+441", "nobody"])
    shown = on_a_terminal("--input", numbers, "--output", os.devnull, "--zone", zone)
    assert "line 2: " in shown
    assert " numbers, " in shown


def test_without_rich_nothing_is_drawn(zone: str, numbers: str) -> None:
    without = "import sys; sys.modules['rich'] = None"
    shown = on_a_terminal("--input", numbers, "--zone", zone, before=without)
    assert "\x1b" not in shown
    assert "a second): 180 found" in shown


def test_nothing_is_drawn_among_the_answers(zone: str, numbers: str) -> None:
    shown = on_a_terminal("--input", numbers, "--zone", zone, stdout=subprocess.STDOUT)
    *answers, summary = shown.splitlines()
    assert [json.loads(line)["line"] for line in answers] == [*range(1, 201)]
    assert "a second): 180 found" in summary


def test_nothing_is_drawn_where_somebody_types(zone: str) -> None:
    shown = on_a_terminal("--input", "-", "--zone", zone, typed=b"+441\n+452\n\x04")
    assert "\x1b" not in shown
    assert "a second): 1 found, 1 no-such-number" in shown


def test_nothing_is_drawn_into_a_file(zone: str, numbers: str) -> None:
    done = subprocess.run(  # noqa: S603 - as above
        command("--input", numbers, "--zone", zone), capture_output=True, check=True, timeout=30
    )
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr + done.stdout
