"""The pump of the blocking backend: questions that are given up, and what is held at rest."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count, islice
from threading import Event
from typing import TYPE_CHECKING

import pytest
from loopback import collect, comes_about, open_descriptors
from nameserver import Nameserver

from sipresolve.backends import DnspythonBackend
from sipresolve.backends.watch import Watch
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Question, RecordType, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from sipresolve.vocabulary.records import Answer

HERE = Question("example.com", RecordType.A)
OTHER = Question("other.example.com", RecordType.A)
RECORDS = "example.com. IN A 192.0.2.1\nother.example.com. IN A 192.0.2.2"
LONG = 10.0

#: What a watch holds: the selector, and both ends of the pair that wakes it.
WATCH = 3
#: How a nameserver keeps a question in flight, and over what.
SILENT = [("timeout", "udp"), ("tcp-silent", "tcp")]


@contextmanager
def backend_of(*servers: Nameserver, timeout: float = LONG) -> Iterator[DnspythonBackend]:
    """A backend that leaves nothing behind."""
    before = open_descriptors()
    nameservers = [server.address for server in servers]
    with closing(DnspythonBackend(nameservers, timeout=timeout)) as backend:
        yield backend
    assert comes_about(lambda: open_descriptors() <= before), "the server's ends close later"


@contextmanager
def waiting(backend: DnspythonBackend) -> Iterator[Future[list[Answer]]]:
    """Another thread waits, and sleeps by now."""
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(backend.wait, time.monotonic() + LONG)
        assert comes_about(lambda: sleeps(backend))
        yield answers


def sleeps(backend: DnspythonBackend) -> bool:
    return backend._pump()._is_asleep()


def is_asked(server: Nameserver, over: str, question: Question = HERE) -> bool:
    return (question.name, over) in [(seen.name, seen.over) for seen in server.log]


def wait_briefly(backend: DnspythonBackend, seconds: float = 0.05) -> list[Answer]:
    return backend.wait(time.monotonic() + seconds)


# Giving up a question.


@pytest.mark.parametrize(("fault", "over"), SILENT)
def test_cancelling_closes_everything(fault: str, over: str) -> None:
    with Nameserver(RECORDS, faults={"* *": fault}) as server, backend_of(server) as backend:
        before = open_descriptors()
        backend.start(HERE)
        assert comes_about(lambda: not wait_briefly(backend) and is_asked(server, over))
        assert open_descriptors() > before
        backend.cancel(HERE)
        assert comes_about(lambda: open_descriptors() == before)


def test_where_nobody_waits_it_is_done_at_once() -> None:
    with Nameserver(RECORDS, faults={"* *": "timeout"}) as server, backend_of(server) as backend:
        before = open_descriptors()
        for type_ in RecordType:
            backend.start(Question("example.com", type_))
        for type_ in RecordType:
            assert open_descriptors() > before
            backend.cancel(Question("example.com", type_))
        assert open_descriptors() == before


@pytest.mark.parametrize(("fault", "over"), SILENT)
def test_another_thread_that_waits_closes_them_and_waits_on(fault: str, over: str) -> None:
    with (
        Nameserver(RECORDS, faults={"example.com A": fault}) as server,
        backend_of(server) as backend,
    ):
        before = open_descriptors()
        backend.start(HERE)
        with waiting(backend) as answers:
            assert comes_about(lambda: is_asked(server, over))
            backend.cancel(HERE)
            assert comes_about(lambda: open_descriptors() == before + WATCH)
            assert not answers.done()
            backend.start(OTHER)
            assert [answer.question for answer in answers.result(LONG)] == [OTHER]
        assert open_descriptors() == before


def test_what_was_cancelled_can_be_asked_again() -> None:
    """The nameserver drops the first query: the answer is to a second."""
    with Nameserver(RECORDS, faults={"* *": "drop-first"}) as server, backend_of(server) as backend:
        backend.start(HERE)
        with waiting(backend) as answers:
            assert comes_about(lambda: len(server.log) == 1)
            backend.cancel(HERE)
            backend.start(HERE)
            (answer,) = answers.result(LONG)
        assert (answer.question, answer.status) == (HERE, Status.OK)
        assert len(server.log) == 2


def test_a_reply_that_has_come_is_no_answer_to_what_was_cancelled() -> None:
    with Nameserver(RECORDS) as server, backend_of(server) as backend:
        backend.start(HERE)
        backend.start(OTHER)
        assert comes_about(lambda: server.sent == 2)
        backend.cancel(HERE)
        assert [answer.question for answer in collect(backend, 1)] == [OTHER]
        assert wait_briefly(backend) == []


def test_an_answer_that_is_ready_is_dropped() -> None:
    unanswerable = Question("a..example.com", RecordType.A)
    with Nameserver(RECORDS) as server, backend_of(server) as backend:
        backend.start(unanswerable)
        backend.cancel(unanswerable)
        assert backend.wait(0.0) == []


def test_what_is_closed_has_nothing_to_cancel() -> None:
    backend = DnspythonBackend(["192.0.2.53"])
    backend.close()
    backend.cancel(HERE)
    with pytest.raises(Misuse):
        backend.start(HERE)


# The moment when a thread knows what to read, and another changes it.


@pytest.fixture
def on_waking(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What is done, once, between the selector's answer and the look at it."""
    actions: list[Callable[[], None]] = []
    genuine = Watch.wait

    def wait(watch: Watch[object], seconds: float) -> list[object]:
        ready: list[object] = [*genuine(watch, seconds)]
        while ready and actions:
            actions.pop()()
        return ready

    monkeypatch.setattr(Watch, "wait", wait)
    return actions


def test_what_is_cancelled_while_it_is_found_ready_is_not_read(
    on_waking: list[Callable[[], None]],
) -> None:
    with Nameserver(RECORDS) as server, backend_of(server) as backend:
        before = open_descriptors()
        on_waking.append(lambda: backend.cancel(HERE))
        backend.start(HERE)
        assert comes_about(lambda: wait_briefly(backend) == [] and not on_waking)
        assert open_descriptors() == before


@pytest.mark.parametrize("fault", ["none", "truncate"])
def test_what_is_then_asked_again_has_sockets_of_its_own(
    on_waking: list[Callable[[], None]], fault: str
) -> None:
    """The socket that was found ready keeps its number until nobody looks for it."""

    def ask_again() -> None:
        backend.cancel(HERE)
        backend.start(HERE)

    with Nameserver(RECORDS, faults={"* *": fault}) as server, backend_of(server) as backend:
        on_waking.append(ask_again)
        backend.start(HERE)
        (answer,) = collect(backend, 1)
        assert answer.status is Status.OK
        assert [seen.over for seen in server.log][:2] == ["udp", "udp"]
        assert len({seen.port for seen in server.log}) == len(server.log)


def test_what_a_fork_finds_cancelled_and_not_yet_closed(
    on_waking: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without a fork: the process has another number."""
    held: list[int] = []

    def cancel_and_fork() -> None:
        backend.cancel(HERE)
        with monkeypatch.context() as context:
            context.setattr("os.getpid", lambda: 0)
            backend.cancel(HERE)
            held.append(open_descriptors())

    with Nameserver(RECORDS) as server, backend_of(server) as backend:
        before = open_descriptors()
        on_waking.append(cancel_and_fork)
        backend.start(HERE)
        assert comes_about(lambda: wait_briefly(backend) == [] and not on_waking)
        assert held == [before]


def test_what_came_while_nobody_looked_is_found_though_the_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where the process was stopped: the wait ends late, and has seen nothing."""
    held_up = Event()
    genuine = Watch.wait

    def wait(watch: Watch[object], seconds: float) -> list[object]:
        if held_up.is_set():
            return [*genuine(watch, seconds)]
        held_up.set()
        assert comes_about(lambda: server.sent == 1)
        time.sleep(seconds)
        return []

    monkeypatch.setattr(Watch, "wait", wait)
    with Nameserver(RECORDS, until=held_up.is_set) as server, backend_of(server) as backend:
        backend.start(HERE)
        (answer,) = wait_briefly(backend, 1.0)
        assert answer.status is Status.OK


# Interrupts: control-C ends a wait, and what called it gives up its questions.


def test_an_interrupted_wait_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_watch: Watch[object], _seconds: float) -> list[object]:
        raise KeyboardInterrupt

    with Nameserver(RECORDS, faults={"* *": "timeout"}) as server, backend_of(server) as backend:
        before = open_descriptors()
        backend.start(HERE)
        backend.start(OTHER)
        with monkeypatch.context() as context:
            context.setattr(Watch, "wait", interrupt)
            with pytest.raises(KeyboardInterrupt):
                wait_briefly(backend)
        backend.cancel(HERE)
        assert open_descriptors() == before + WATCH + 1
        assert wait_briefly(backend) == []
        backend.cancel(OTHER)
        assert open_descriptors() == before


# At rest it holds nothing.


def test_a_pump_at_rest_holds_no_descriptor() -> None:
    with Nameserver(RECORDS) as server, backend_of(server) as backend:
        before = open_descriptors()
        for question in (HERE, OTHER):
            backend.start(question)
            assert len(collect(backend, 1)) == 1
            assert open_descriptors() == before
        assert wait_briefly(backend, 0.01) == []
        assert open_descriptors() == before


# Probes: a nameserver that is out of favour is asked beside the others, and nobody waits for it.


def prefer(backend: DnspythonBackend) -> list[str]:
    """Whom it would ask now, in order."""
    return [str(each) for each in backend._settings.panel.order()]


def make_due(backend: DnspythonBackend) -> None:
    """The first nameserver is dead, has been for a second, and is to be probed."""
    panel = backend._settings.panel
    for _ in range(3):
        panel.failed(panel.nameservers[0])
    panel.due(time.monotonic() - 1.0)


def questions_from(number: int) -> Iterator[Question]:
    return (Question(f"n{n}.example.com", RecordType.A) for n in count(number))


def test_a_dead_nameserver_is_given_up() -> None:
    with (
        Nameserver(faults={"* *": "timeout"}) as first,
        Nameserver(RECORDS) as second,
        backend_of(first, second) as backend,
    ):
        for question in islice(questions_from(0), 20):
            backend.start(question)
            assert len(collect(backend, 1)) == 1
        assert prefer(backend) == [second.address, first.address]
        assert len(first.log) <= 5


def test_a_nameserver_that_is_well_again_has_its_place_again() -> None:
    with (
        Nameserver(RECORDS) as first,
        Nameserver(RECORDS) as second,
        backend_of(first, second) as backend,
    ):
        before = open_descriptors()
        make_due(backend)
        assert prefer(backend) == [second.address, first.address]
        backend.start(HERE)
        assert [answer.question for answer in collect(backend, 1)] == [HERE]
        assert comes_about(lambda: wait_briefly(backend) == [] and open_descriptors() == before)
        assert prefer(backend) == [first.address, second.address]
        assert first.asked == second.asked == [str(HERE)]


def test_nobody_waits_for_a_probe_and_the_next_call_gives_it_up() -> None:
    with (
        Nameserver(faults={"* *": "timeout"}) as first,
        Nameserver(RECORDS) as second,
        backend_of(first, second, timeout=0.1) as backend,
    ):
        before = open_descriptors()
        make_due(backend)
        backend.start(HERE)
        assert [answer.question for answer in collect(backend, 1)] == [HERE]
        assert open_descriptors() == before + WATCH + 1
        time.sleep(0.1)  # for as long as the probe has
        assert backend.wait(0.0) == []
        assert open_descriptors() == before
        assert len(first.log) == len(second.log) == 1
        assert prefer(backend) == [second.address, first.address]


def test_a_probe_answers_nobody() -> None:
    """Not even where it is the quicker of the two."""
    probed = Event()
    with (
        Nameserver("example.com. IN A 192.0.2.66") as first,
        Nameserver(RECORDS, until=probed.is_set) as second,
        backend_of(first, second) as backend,
    ):
        make_due(backend)
        backend.start(HERE)
        assert comes_about(lambda: wait_briefly(backend) == [] and first.sent == 1)
        probed.set()
        (answer,) = collect(backend, 1)
        assert [str(record) for record in answer.records] == ["192.0.2.1"]


def test_a_probe_that_cannot_be_sent_is_given_up_at_once() -> None:
    with (
        Nameserver(RECORDS) as second,
        closing(DnspythonBackend(["fe80::53%no-such-thing", second.address])) as backend,
    ):
        before = open_descriptors()
        make_due(backend)
        backend.start(HERE)
        assert open_descriptors() == before + WATCH + 1
        assert len(collect(backend, 1)) == 1
        assert open_descriptors() == before


def test_closing_closes_probes() -> None:
    before = open_descriptors()
    with (
        Nameserver(faults={"* *": "timeout"}) as first,
        Nameserver(RECORDS) as second,
    ):
        with backend_of(first, second, timeout=LONG) as backend:
            inside = open_descriptors()
            make_due(backend)
            backend.start(HERE)
            collect(backend, 1)
            assert open_descriptors() == inside + WATCH + 1
        assert open_descriptors() == inside
    assert open_descriptors() == before


def test_who_comes_back_late_is_not_asked_again_for_it() -> None:
    """The caller was busy for longer than anybody is waited for; the reply was there in time."""
    with (
        Nameserver(RECORDS) as first,
        Nameserver(RECORDS) as second,
        backend_of(first, second) as backend,
    ):
        backend.start(HERE)
        assert comes_about(lambda: first.sent == 1)
        time.sleep(0.1)
        assert len(collect(backend, 1)) == 1
        assert (len(first.log), len(second.log)) == (1, 0)
        assert backend._settings.panel.delay(backend.nameservers[0]) == 0.075


# The child closes what it has of its parent's sockets, and the parent goes on with them; what the
# parent gives up, it no longer hears of, although the child has it still.
FORKS = """
import os, sys, time
from sipresolve.backends import DnspythonBackend
from sipresolve.vocabulary.records import Question, RecordType

def descriptors():
    return len(os.listdir("/proc/self/fd"))

def in_child(work):
    if not (child := os.fork()):
        work()
        os._exit(0)
    return child

def succeeded(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

def answered():
    answers, until = [], time.monotonic() + 20
    while not answers and time.monotonic() < until:
        answers = backend.wait(until)
    return [str(answer.question) for answer in answers]

backend = DnspythonBackend([sys.argv[1]], timeout=10.0)
first, second = (Question(f"{n}.example.com", RecordType.A) for n in "ab")
at_rest = descriptors()

def give_up():
    backend.cancel(first)
    assert descriptors() == at_rest

backend.start(first)
assert succeeded(in_child(give_up))
assert descriptors() == at_rest + 4
assert answered() == ["a.example.com A"]

def go_on():
    os.close(writing)
    os.read(reading, 1)
    assert descriptors() == at_rest + 5
    backend.start(second)
    assert answered() == ["b.example.com A"]
    backend.cancel(second)
    assert descriptors() == at_rest + 1

backend.start(first)
reading, writing = os.pipe()
child = in_child(go_on)
os.close(reading)
backend.cancel(first)
assert descriptors() == at_rest + 1
assert backend.wait(time.monotonic() + 0.3) == []
os.close(writing)
assert succeeded(child)
backend.start(second)
assert answered() == ["b.example.com A"]
assert descriptors() == at_rest
backend.close()
"""


def test_parent_and_child_give_up_what_is_theirs() -> None:
    with Nameserver("a.example.com. IN A 192.0.2.1", delay=0.2) as server:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", FORKS, server.address]
        subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own script


# All at once.

#: Answered over UDP, answered over TCP, or never: by their types.
RACING = {"* AAAA": "timeout", "* SRV": "tcp-silent", "* NAPTR": "truncate"}


def test_threads_that_start_cancel_and_wait_at_once() -> None:
    """Nobody hangs, no exception gets out, no answer is to what was not asked, nothing leaks."""
    questions = [Question(f"n{n}.example.com", type_) for n in range(8) for type_ in RecordType]
    over = Event()

    def start_and_cancel(seed: int) -> None:
        dice = random.Random(seed)
        while not over.is_set():
            question = dice.choice(questions)
            backend.start(question)
            if dice.random() < 0.5:
                backend.cancel(dice.choice((question, dice.choice(questions))))

    def wait() -> None:
        while not over.is_set():
            for answer in wait_briefly(backend):
                assert answer.question in questions

    # The nameserver cannot keep up, and the system drops what it has no room for.
    with Nameserver(RECORDS, faults=RACING) as server, backend_of(server, timeout=0.2) as backend:
        before = open_descriptors()
        with ThreadPoolExecutor(4) as pool:
            racing = [pool.submit(start_and_cancel, 1), pool.submit(start_and_cancel, 2)]
            racing += [pool.submit(wait), pool.submit(wait)]
            time.sleep(1.0)  # for as long as they race
            over.set()
            for each in racing:
                each.result(LONG)
        for question in questions:
            backend.cancel(question)
        assert comes_about(lambda: open_descriptors() == before)
        backend.start(HERE)
        assert [answer.question for answer in collect(backend, 1)] == [HERE]
