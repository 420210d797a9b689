"""The backend of zones: how it is made, and how it keeps the two protocols."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from sipresolve.backends.protocols import AsyncBackend, Backend
from sipresolve.backends.zone import ZoneBackend
from sipresolve.vocabulary.errors import InvalidZone, SipResolveError
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import Question, RecordType, Source, Status

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Answer, Record

WWW = Question("www.example.com", RecordType.A)
OTHER = Question("www.example.net", RecordType.A)


@pytest.fixture
def backend() -> ZoneBackend:
    return ZoneBackend.from_text("www.example.com. IN A 192.0.2.1")


def test_it_keeps_both_protocols(backend: ZoneBackend) -> None:
    assert isinstance(backend, Backend)
    assert isinstance(backend, AsyncBackend)


def found(backend: ZoneBackend, question: Question = WWW) -> list[str]:
    backend.start(question)
    (answer,) = backend.wait(0)
    return [str(record) for record in answer.records]


SIGNED_ZONE = """
$ORIGIN example.com.
@ SOA ns hostmaster 1 2 3 4 5
@ DNSKEY 257 3 13 AAEC
@ RRSIG DNSKEY 13 2 300 20300101000000 20200101000000 1 @ AAEC
@ NSEC www DNSKEY RRSIG SOA NSEC
www A 192.0.2.1
www DS 1 13 250 000102
alias CNAME www
"""


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    ("text", "status", "record"),
    [
        ("www.example.com A", Status.OK, ip_address("192.0.2.1")),
        ("alias.example.com A", Status.OK, ip_address("192.0.2.1")),
        ("example.com DNSKEY", Status.OK, DnsKey(257, 3, 13, b"\0\1\2")),
        ("www.example.com DS", Status.OK, Ds(1, 13, 250, b"\0\1\2")),
        ("www.example.com DNSKEY", Status.NODATA, None),
        ("no.example.com DS", Status.NXDOMAIN, None),
        ("no..example.com A", Status.NXDOMAIN, None),
        ("example.net A", Status.REFUSED, None),
    ],
)
def test_whether_a_question_is_signed_makes_no_difference(
    text: str,
    status: Status,
    record: Record | None,
    signed: bool,
) -> None:
    """The caller's own data need no proof, and have none."""
    name, kind = text.split()
    question = Question(name, RecordType(kind), signed=signed)
    backend = ZoneBackend.from_text(SIGNED_ZONE)
    backend.start(question)
    (answer,) = backend.wait(0)
    assert (answer.question, answer.status, answer.source) == (question, status, Source.ZONE)
    assert answer.records == (() if record is None else (record,))
    assert answer.evidence is None


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "zone"
    file.write_text("$ORIGIN example.com.\nwww A 192.0.2.1")
    assert found(ZoneBackend.from_file(file)) == ["192.0.2.1"]
    assert found(ZoneBackend.from_file(str(file))) == ["192.0.2.1"]


def test_from_a_file_with_an_origin(tmp_path: Path) -> None:
    file = tmp_path / "zone"
    file.write_text("@ SOA ns hostmaster 1 2 3 4 5\nwww A 192.0.2.1")
    assert found(ZoneBackend.from_file(file, origin="example.com")) == ["192.0.2.1"]
    with pytest.raises(InvalidZone, match=r"no \$ORIGIN"):
        ZoneBackend.from_file(file)


def test_from_several_files(tmp_path: Path) -> None:
    for domain, host in (("example.com", "192.0.2.1"), ("example.net", "192.0.2.2")):
        (tmp_path / domain).write_text(
            f"$ORIGIN {domain}.\n@ SOA ns hostmaster 1 2 3 4 5\nwww A {host}"
        )
    backend = ZoneBackend.from_files(tmp_path / "example.com", str(tmp_path / "example.net"))
    assert found(backend) == ["192.0.2.1"]
    assert found(backend, OTHER) == ["192.0.2.2"]


def test_from_text_with_an_origin() -> None:
    assert found(ZoneBackend.from_text("www A 192.0.2.1", origin="example.com")) == ["192.0.2.1"]


@pytest.mark.parametrize("text", ["www.example.com. A x", "a. CNAME b.\na. A 192.0.2.1"])
def test_a_faulty_zone_is_an_error_of_ours(text: str, tmp_path: Path) -> None:
    (tmp_path / "zone").write_text(text)
    for make in (ZoneBackend.from_file, ZoneBackend.from_files):
        with pytest.raises(SipResolveError, match=r"zone:[12]: "):
            make(tmp_path / "zone")
    with pytest.raises(SipResolveError, match=r"<text>:[12]: "):
        ZoneBackend.from_text(text)


def test_answers_are_given_in_the_order_of_the_questions(backend: ZoneBackend) -> None:
    backend.start(WWW)
    backend.start(OTHER)
    assert [answer.status for answer in backend.wait(0)] == [Status.OK, Status.NXDOMAIN]
    assert not backend.wait(0)


@pytest.mark.parametrize("until", [float("-inf"), 0.0])
def test_a_wait_until_the_past_gives_what_is_there(backend: ZoneBackend, until: float) -> None:
    assert not backend.wait(until)
    backend.start(WWW)
    assert len(backend.wait(until)) == 1


def test_a_wait_that_has_an_answer_does_not_wait(backend: ZoneBackend) -> None:
    backend.start(WWW)
    assert len(backend.wait(float("inf"))) == 1


def test_a_wait_for_nothing_ends_in_time(backend: ZoneBackend) -> None:
    until = monotonic() + 0.02
    assert not backend.wait(until)
    assert monotonic() >= until


def test_a_start_wakes_a_thread_that_waits_for_ever(backend: ZoneBackend) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(backend.wait, float("inf"))
        backend.start(WWW)
        (answer,) = waiting.result(10)
        assert answer.question == WWW


def test_closing_wakes_a_thread_that_waits_for_ever(backend: ZoneBackend) -> None:
    thread = threading.Thread(target=backend.wait, args=(float("inf"),))
    thread.start()
    while thread.is_alive():  # only a close that comes after the wait began can wake it
        backend.close()
        thread.join(0.01)


def test_cancelling_drops_the_answer_and_no_other(backend: ZoneBackend) -> None:
    backend.cancel(WWW)
    for question in (WWW, OTHER, WWW):
        backend.start(question)
    backend.cancel(WWW)
    assert [answer.question for answer in backend.wait(0)] == [OTHER]
    assert found(backend) == ["192.0.2.1"]


def test_a_thread_that_waits_hears_nothing_of_what_was_cancelled(backend: ZoneBackend) -> None:
    """Unless it was quicker; it waits on, and gets what is asked afterwards."""
    with ThreadPoolExecutor(1) as pool:
        for _ in range(200):
            waiting = pool.submit(backend.wait, monotonic() + 10)
            backend.start(WWW)
            backend.cancel(WWW)
            backend.start(OTHER)
            answers = [*waiting.result(10), *backend.wait(0)]
            assert [answer.question for answer in answers if answer.question != WWW] == [OTHER]
            assert len(answers) <= 2


def test_closing_drops_answers_and_is_no_end(backend: ZoneBackend) -> None:
    backend.start(WWW)
    backend.close()
    backend.close()
    assert not backend.wait(0)
    assert found(backend) == ["192.0.2.1"]


def test_many_threads_get_each_answer_once(backend: ZoneBackend) -> None:
    questions = [Question(f"{number}.example.com", RecordType.A) for number in range(400)]

    def start_quarter(part: int) -> None:
        for question in questions[part::4]:
            backend.start(question)

    with ThreadPoolExecutor(4) as pool:
        starting = [pool.submit(start_quarter, part) for part in range(4)]
        answers: list[Answer] = []
        while len(answers) < len(questions):
            answers += backend.wait(monotonic() + 10)
        for future in starting:
            future.result()
    assert sorted(answer.question.name for answer in answers) == sorted(
        question.name for question in questions
    )


def test_tasks(backend: ZoneBackend) -> None:
    async def ask() -> list[Status]:
        answers = await asyncio.gather(backend.ask(WWW), backend.ask(OTHER))
        await backend.aclose()
        await backend.aclose()
        return [answer.status for answer in answers]

    assert asyncio.run(ask()) == [Status.OK, Status.NXDOMAIN]
    assert asyncio.run(ask()) == [Status.OK, Status.NXDOMAIN], "in another event loop"


def test_a_thousand_records_at_the_limits() -> None:
    name = ".".join([*["l" * 63] * 3, "l" * 61])
    text = "".join(f"{name}. {2**31} A {ip_address(2**31 + number)}\n" for number in range(1000))
    backend = ZoneBackend.from_text(text)
    backend.start(Question(name, RecordType.A))
    (answer,) = backend.wait(0)
    assert len(answer.records) == 1000
    assert answer.ttl == 2**31


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("sipresolve", ["dns", "pytest"]),
        ("sipresolve.backends", ["dns", "pytest"]),
        ("sipresolve.backends.zone", ["pytest"]),
        ("sipresolve.backends.conformance_zone", ["dns", "pytest"]),
    ],
)
def test_what_an_import_leaves_alone(module: str, absent: list[str]) -> None:
    program = f"import sys, {module}\nprint([m for m in {absent} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

#: What the comments of docs/examples/example.zone promise: how many records, or what else.
SHOWN = {
    "example.com NAPTR": 3,
    "_sips._tcp.example.com SRV": 3,
    "_sip._udp.example.com SRV": 2,
    "london.example.com AAAA": 1,
    "backup.example.com AAAA": Status.NODATA,
    "example.net NAPTR": Status.NODATA,
    "_sip._tcp.example.net SRV": 1,
    "_sip._udp.silent.example.net SRV": 1,
    "proxy.hosted.example.net A": 1,
    "any.customers.example.net A": 1,
    "example.org AAAA": 1,
    "_sip._udp.example.org SRV": Status.NXDOMAIN,
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_the_example(text: str, shown: int | Status) -> None:
    backend = ZoneBackend.from_file(EXAMPLES / "example.zone")
    name, kind = text.split()
    backend.start(Question(name, RecordType(kind)))
    (answer,) = backend.wait(0)
    assert (len(answer.records) or answer.status) == shown


def test_every_example_is_a_zone() -> None:
    files = sorted(EXAMPLES.glob("*.zone"))
    assert files
    ZoneBackend.from_files(*files)
