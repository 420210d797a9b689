"""The blocking backend: many questions at once, threads, forks, and what it gives back."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import pytest
from loopback import collect, comes_about, no_descriptor_left, open_descriptors
from nameserver import Nameserver

from sipresolve import Policy, Resolver
from sipresolve.backends import DnspythonBackend
from sipresolve.backends.conformance import ZONE, BackendConformance
from sipresolve.backends.system import System
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = Question("example.com", RecordType.A)
RECORDS = "example.com. IN A 192.0.2.1"
LONG = 10.0


class TestDnspythonBackend(BackendConformance):
    @pytest.fixture
    def backend(self) -> Iterator[DnspythonBackend]:
        with Nameserver(ZONE) as server:
            yield DnspythonBackend([server.address], timeout=1.0)


def test_it_says_whom_it_asks(tmp_path: Path) -> None:
    backend = DnspythonBackend(["192.0.2.53", "::1:53", "192.0.2.53:53"])
    assert [str(each) for each in backend.nameservers] == ["192.0.2.53:53", "[::1:53]:53"]
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.54\n")
    system = System(resolv_conf=str(tmp_path / "resolv.conf"))
    assert [*map(str, DnspythonBackend(system=system).nameservers)] == ["192.0.2.54:53"]


def test_its_view_changes_with_the_nameservers_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("sipresolve.backends.settings.monotonic", lambda: now[0])
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\n")
    backend = DnspythonBackend(system=System(resolv_conf=str(tmp_path / "resolv.conf")))
    before = backend.view()
    now[0] += 1.0
    assert backend.view() == before
    (tmp_path / "resolv.conf").write_text("nameserver 2001:db8::53\n")
    now[0] += 1.0
    assert backend.view() != before
    assert [str(each) for each in backend.nameservers] == ["[2001:db8::53]:53"]


def test_its_view_changes_with_the_hosts_file(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("")
    system = System(hosts=str(tmp_path / "hosts"))
    backend = DnspythonBackend(["192.0.2.53"], hosts=True, system=system)
    before = backend.view()
    assert backend.view() == before
    (tmp_path / "hosts").write_text("10.0.0.7 example.com\n")
    assert backend.view() != before
    without = DnspythonBackend(["192.0.2.53"], hosts=False, system=system)
    assert without.view() == (without.nameservers, None)


def test_a_new_line_of_the_hosts_file_goes_before_what_is_cached(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("")
    system = System(hosts=str(tmp_path / "hosts"))
    policy = Policy(families=("ipv4",))
    with Nameserver(RECORDS) as server:
        backend = DnspythonBackend([server.address], hosts=True, system=system)
        with Resolver(backend, policy) as resolver:
            for _ in range(2):
                [target] = resolver.resolve("sip:example.com:5060").targets
                assert str(target.address) == "192.0.2.1"
            (tmp_path / "hosts").write_text("10.0.0.7 example.com\n")
            resolver._look_again = 0.0  # as if a second had passed
            [target] = resolver.resolve("sip:example.com:5060").targets
            assert str(target.address) == "10.0.0.7"


def test_what_has_come_is_looked_at_before_the_clock() -> None:
    """The caller may be busy for longer than any attempt has patience."""
    with Nameserver(RECORDS) as server:
        with closing(DnspythonBackend([server.address], timeout=0.1)) as backend:
            backend.start(HERE)
            assert comes_about(lambda: server.sent == 1)
            time.sleep(0.2)
            (answer,) = backend.wait(0.0)
        assert answer.status is Status.OK
        assert len(server.log) == 1


def test_a_question_in_flight_is_asked_and_answered_once() -> None:
    with Nameserver(RECORDS, delay=0.02) as server:
        with closing(DnspythonBackend([server.address], timeout=LONG)) as backend:
            backend.start(HERE)
            backend.start(HERE)
            assert len(collect(backend, 1)) == 1
            assert backend.wait(time.monotonic() + 0.05) == []
        assert len(server.log) == 1


def test_the_end_of_the_wait_is_kept() -> None:
    with (
        Nameserver(RECORDS, faults={"* *": "timeout"}) as server,
        closing(DnspythonBackend([server.address], timeout=LONG)) as backend,
    ):
        backend.start(HERE)
        began = time.monotonic()
        assert backend.wait(began + 0.05) == []
        assert 0.05 <= time.monotonic() - began < LONG / 2


def test_a_wait_for_ever_is_possible() -> None:
    with (
        Nameserver(RECORDS, delay=0.02) as server,
        closing(DnspythonBackend([server.address])) as backend,
    ):
        backend.start(HERE)
        assert len(backend.wait(float("inf"))) == 1


def test_the_hosts_file_needs_no_nameserver(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("192.0.2.7 pbx.example.com")
    system = System(hosts=str(tmp_path / "hosts"))
    before = open_descriptors()
    backend = DnspythonBackend(["192.0.2.53"], hosts=True, system=system)
    with closing(backend):
        backend.start(Question("pbx.example.com", RecordType.A))
        assert open_descriptors() == before
        (answer,) = backend.wait(0.0)
    assert (answer.status, answer.source) == (Status.OK, Source.HOSTS)


# Threads: one waits, the others start questions, wait for their turn, or close it all.


def test_one_waits_at_a_time() -> None:
    both_waited = Event()
    with (
        Nameserver(RECORDS, until=both_waited.is_set) as server,
        closing(DnspythonBackend([server.address], timeout=LONG)) as backend,
        ThreadPoolExecutor(1) as pool,
    ):
        backend.start(HERE)
        waiting = pool.submit(backend.wait, time.monotonic() + LONG)
        assert comes_about(backend._pump()._turn.locked)
        assert backend.wait(time.monotonic() + 0.05) == []
        both_waited.set()
        assert len(waiting.result(LONG)) == 1


def test_closing_ends_the_wait_of_another_thread() -> None:
    backend = DnspythonBackend(["192.0.2.53"])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(backend.wait, time.monotonic() + 60)
        assert comes_about(backend._pump()._turn.locked)
        began = time.monotonic()
        backend.close()
        assert time.monotonic() - began < LONG
        with pytest.raises(Misuse, match="the backend is closed"):
            waiting.result(LONG)


def test_many_threads_start_and_one_gets_all_the_answers() -> None:
    questions = [Question(f"n{number}.example.com", RecordType.A) for number in range(48)]
    with (
        Nameserver(RECORDS) as server,
        closing(DnspythonBackend([server.address], timeout=LONG)) as backend,
        ThreadPoolExecutor(8) as pool,
    ):
        collected = pool.submit(collect, backend, 48)
        for question in questions:
            pool.submit(backend.start, question)
        assert {answer.question for answer in collected.result(LONG)} == set(questions)


# What it holds.


def test_nothing_is_left_after_it_was_closed() -> None:
    before = open_descriptors()
    with Nameserver(RECORDS, faults={"* A": "tcp-silent", "* AAAA": "timeout"}) as server:
        backend = DnspythonBackend([server.address])
        for type_ in RecordType:
            backend.start(Question("example.com", type_))
        answered = len(RecordType) - 2
        assert len(collect(backend, answered)) == answered
        backend.close()
    assert open_descriptors() == before


def test_a_closed_backend_is_of_no_use() -> None:
    backend = DnspythonBackend(["192.0.2.53"])
    backend.close()
    with pytest.raises(Misuse, match="the backend is closed"):
        backend.start(HERE)
    with pytest.raises(Misuse, match="the backend is closed"):
        backend.wait(0.0)


def test_no_descriptor_to_wait_with() -> None:
    with (
        Nameserver(RECORDS) as server,
        closing(DnspythonBackend([server.address])) as backend,
    ):
        with no_descriptor_left():
            backend.start(HERE)
            (answer,) = backend.wait(time.monotonic() + LONG)
            assert answer.status is Status.TIMEOUT
            assert answer.detail == "too many open files"
            until = time.monotonic() + 0.03
            assert backend.wait(until) == []
            assert time.monotonic() >= until
        backend.start(HERE)
        (answer,) = collect(backend, 1)
        assert answer.status is Status.OK


@pytest.mark.parametrize("fault", ["none", "truncate"])
def test_no_descriptor_for_an_attempt(fault: str) -> None:
    with (
        Nameserver(RECORDS, faults={"silent.example.com A": "timeout", "* *": fault}) as server,
        closing(DnspythonBackend([server.address], timeout=LONG)) as backend,
    ):
        backend.start(Question("silent.example.com", RecordType.A))  # There is what to wait with.
        if fault == "truncate":
            backend.start(HERE)
        with no_descriptor_left():
            if fault == "none":
                backend.start(HERE)
            (answer,) = collect(backend, 1)
    assert answer.status is Status.TIMEOUT
    over = " over TCP" if fault == "truncate" else ""
    assert answer.detail == f"{server.address}: too many open files{over}"


# RFC 5452 §9.2 would be void if parent and child shared a socket; so would be every answer.
FORKS = """
import os, sys, time
from sipresolve.backends import DnspythonBackend
from sipresolve.vocabulary.records import Question, RecordType

def answered(backend, count):
    answers, until = [], time.monotonic() + 20
    while len(answers) < count and time.monotonic() < until:
        answers += backend.wait(until)
    return sorted(str(answer.question) for answer in answers)

backend = DnspythonBackend([sys.argv[1]], timeout=10.0)
first, second, third = (Question(f"{n}.example.com", RecordType.A) for n in "abc")
backend.start(first)
descriptors = len(os.listdir("/proc/self/fd"))
child = os.fork()
if child == 0:
    backend.start(second)
    assert answered(backend, 1) == ["b.example.com A"]
    assert backend.wait(0.0) == []
    backend.close()
    assert len(os.listdir("/proc/self/fd")) == descriptors - 4  # one socket, the watch's three
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
backend.start(third)
assert answered(backend, 2) == ["a.example.com A", "c.example.com A"]

grandchild = os.fork()
if grandchild == 0:
    backend.close()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]) == 0
backend.start(first)
assert answered(backend, 1) == ["a.example.com A"]
backend.close()
"""


def test_a_child_has_sockets_of_its_own_and_its_parent_keeps_its() -> None:
    with Nameserver(RECORDS, delay=0.1) as server:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", FORKS, server.address]
        subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own script
    assert sorted(server.asked) == [f"{n}.example.com A" for n in "aabc"]


def test_what_a_parent_had_in_flight_is_closed_and_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same without a fork: the process has another number."""
    with Nameserver(RECORDS) as server:
        before = open_descriptors()
        backend = DnspythonBackend([server.address])
        backend.start(HERE)
        monkeypatch.setattr("os.getpid", lambda: 0)
        assert collect_for(backend, 0.05) == []
        backend.start(Question("other.example.com", RecordType.A))
        assert [answer.question.name for answer in collect(backend, 1)] == ["other.example.com"]
        backend.close()
        assert open_descriptors() == before


def collect_for(backend: DnspythonBackend, seconds: float) -> list[Answer]:
    return backend.wait(time.monotonic() + seconds)


def test_two_replies_at_once_make_one_answer() -> None:
    nobody_waits = Event()
    with (
        Nameserver(RECORDS, until=nobody_waits.is_set) as server,
        closing(DnspythonBackend([server.address], timeout=0.2, rounds=2)) as backend,
    ):
        backend.start(HERE)
        # The second query is sent after 0.2 s, and given up after 0.6 s.
        assert collect_for(backend, 0.25) == []
        nobody_waits.set()
        assert comes_about(lambda: server.sent == 2)
        time.sleep(0.2)
        assert len(backend.wait(0.0)) == 1
        assert len(server.log) == 2
        assert backend.wait(0.0) == []
