"""The asynchronous backend: cancelling, closing, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from loopback import (
    come_down_to,
    comes_about_in_tasks,
    no_descriptor_left,
    nobody,
    open_descriptors,
)
from nameserver import Nameserver

from sipresolve import AsyncResolver, Policy
from sipresolve.backends import AsyncDnspythonBackend
from sipresolve.backends.conformance import ZONE, AsyncBackendConformance
from sipresolve.backends.conversation import Conversation
from sipresolve.backends.eventloop import clock
from sipresolve.backends.system import System
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Question, RecordType, Source, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = Question("example.com", RecordType.A)
RECORDS = "example.com. IN A 192.0.2.1"
LONG = 10.0


def run(test: Any) -> Any:
    return asyncio.run(test(), debug=True)


class TestAsyncDnspythonBackend(AsyncBackendConformance):
    @pytest.fixture
    def backend(self) -> Iterator[AsyncDnspythonBackend]:
        with Nameserver(ZONE) as server:
            yield AsyncDnspythonBackend([server.address], timeout=1.0)


def test_it_says_whom_it_asks() -> None:
    backend = AsyncDnspythonBackend(["192.0.2.53:5353", "2001:db8::53"])
    asked = [str(each) for each in backend.nameservers]
    assert asked == ["192.0.2.53:5353", "[2001:db8::53]:53"]


def test_its_view_changes_with_the_nameservers_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("sipresolve.backends.settings.monotonic", lambda: now[0])
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\n")
    backend = AsyncDnspythonBackend(system=System(resolv_conf=str(tmp_path / "resolv.conf")))
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
    backend = AsyncDnspythonBackend(["192.0.2.53"], hosts=True, system=system)
    before = backend.view()
    assert backend.view() == before
    (tmp_path / "hosts").write_text("10.0.0.7 example.com\n")
    assert backend.view() != before
    without = AsyncDnspythonBackend(["192.0.2.53"], hosts=False, system=system)
    assert without.view() == (without.nameservers, None)


def test_a_new_line_of_the_hosts_file_goes_before_what_is_cached(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("")
    system = System(hosts=str(tmp_path / "hosts"))

    async def main(backend: AsyncDnspythonBackend) -> None:
        async with AsyncResolver(backend, Policy(families=("ipv4",))) as resolver:
            for _ in range(2):
                [target] = (await resolver.resolve("sip:example.com:5060")).targets
                assert str(target.address) == "192.0.2.1"
            (tmp_path / "hosts").write_text("10.0.0.7 example.com\n")
            resolver._look_again = 0.0  # as if a second had passed
            [target] = (await resolver.resolve("sip:example.com:5060")).targets
            assert str(target.address) == "10.0.0.7"

    with Nameserver(RECORDS) as server:
        asyncio.run(main(AsyncDnspythonBackend([server.address], hosts=True, system=system)))


def test_what_a_question_needed_is_gone_without_the_garbage_collector() -> None:
    """Thousands of questions a second would otherwise keep it busy."""

    async def test(backend: AsyncDnspythonBackend) -> list[object]:
        assert (await backend.ask(HERE)).status is Status.OK
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [each for each in gc.get_objects() if isinstance(each, Conversation)]

    gc.collect()
    gc.disable()
    try:
        with Nameserver(RECORDS) as server:
            assert asyncio.run(test(AsyncDnspythonBackend([server.address]))) == []
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("why", "fault", "queries", "messages"),
    [
        ("before anything was sent", "timeout", 0, 0),
        ("while UDP is waited for", "timeout", 1, 0),
        ("while TCP is waited for", "tcp-silent", 2, 1),
        ("in the middle of a message over TCP", "tcp-half", 2, 2),
    ],
)
def test_cancelling_closes_the_sockets(why: str, fault: str, queries: int, messages: int) -> None:
    async def test(server: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([server.address], timeout=LONG)
        asking = asyncio.ensure_future(backend.ask(HERE))
        assert await comes_about_in_tasks(lambda: len(server.log) == queries)
        assert await comes_about_in_tasks(lambda: server.sent == messages)
        asking.cancel()
        await asyncio.wait([asking])
        await asyncio.sleep(0)
        assert asking.cancelled()
        assert len(asyncio.all_tasks()) == 1
        assert await come_down_to(before), why

    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        asyncio.run(test(server), debug=True)


def test_cancelling_closes_the_sockets_in_the_next_turn_of_the_loop() -> None:
    async def test(server: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([server.address], timeout=LONG)
        asking = asyncio.ensure_future(backend.ask(HERE))
        assert await comes_about_in_tasks(lambda: bool(server.log))
        assert open_descriptors() > before
        asking.cancel()
        await asyncio.wait([asking])
        await asyncio.sleep(0)
        assert open_descriptors() == before

    with Nameserver(faults={"* *": "timeout"}) as server:
        asyncio.run(test(server), debug=True)


@pytest.mark.parametrize(("fault", "queries"), [("timeout", 3), ("tcp-silent", 6)])
def test_closing_ends_what_is_being_asked(fault: str, queries: int) -> None:
    async def test(server: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([server.address], timeout=LONG)
        asking = [asyncio.ensure_future(backend.ask(HERE)) for _ in range(3)]
        assert await comes_about_in_tasks(lambda: len(server.log) == queries)
        await backend.aclose()
        assert await come_down_to(before)
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            assert isinstance(outcome, Misuse)

    with Nameserver(RECORDS, faults={"* *": fault}) as server:
        asyncio.run(test(server), debug=True)


def test_a_closed_backend_is_of_no_use() -> None:
    async def test() -> None:
        backend = AsyncDnspythonBackend(["192.0.2.53"])
        await backend.aclose()
        with pytest.raises(Misuse, match="the backend is closed"):
            await backend.ask(HERE)

    run(test)


def test_it_serves_one_loop_after_another() -> None:
    with Nameserver(RECORDS) as server:
        backend = AsyncDnspythonBackend([server.address])
        for _ in range(2):
            assert run(lambda: backend.ask(HERE)).status is Status.OK


def test_the_hosts_file_needs_no_nameserver(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("192.0.2.7 pbx.example.com")
    system = System(hosts=str(tmp_path / "hosts"))
    backend = AsyncDnspythonBackend(["192.0.2.53"], hosts=True, system=system)
    answer = run(lambda: backend.ask(Question("pbx.example.com", RecordType.A)))
    assert (answer.status, answer.source) == (Status.OK, Source.HOSTS)


@pytest.mark.parametrize("fault", ["none", "truncate"])
def test_no_descriptor_for_an_attempt(fault: str) -> None:
    none_left = Event()

    async def test(server: Nameserver) -> tuple[Status, str]:
        backend = AsyncDnspythonBackend([server.address], timeout=LONG)
        asking = asyncio.ensure_future(backend.ask(HERE))
        if fault == "truncate":
            assert await comes_about_in_tasks(lambda: bool(server.log))
        with no_descriptor_left():
            none_left.set()
            answer = await asking
        return answer.status, answer.detail

    with Nameserver(RECORDS, faults={"* *": fault}, until=none_left.is_set) as server:
        over = " over TCP" if fault == "truncate" else ""
        detail = f"{server.address}: too many open files{over}"
        assert asyncio.run(test(server), debug=True) == (Status.TIMEOUT, detail)


def test_a_fault_of_our_own_reaches_who_has_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_arguments: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr("sipresolve.backends.conversation.receive", fail)
    with nobody() as address, pytest.raises(ZeroDivisionError):
        run(lambda: AsyncDnspythonBackend([address]).ask(HERE))


# Probes: a nameserver that is out of favour is asked beside the others, and nobody waits for it.


def prefer(backend: AsyncDnspythonBackend) -> list[str]:
    """Whom it would ask now, in order."""
    return [str(each) for each in backend._settings.panel.order()]


def make_due(backend: AsyncDnspythonBackend) -> None:
    """The first nameserver is dead, has been for a second, and is to be probed."""
    panel = backend._settings.panel
    for _ in range(3):
        panel.failed(panel.nameservers[0])
    panel.due(clock() - 1.0)


def test_a_dead_nameserver_is_given_up() -> None:
    async def test(first: Nameserver, second: Nameserver) -> None:
        backend = AsyncDnspythonBackend([first.address, second.address], timeout=LONG)
        for number in range(20):
            await backend.ask(Question(f"n{number}.example.com", RecordType.A))
        assert prefer(backend) == [second.address, first.address]
        assert len(first.log) <= 5

    with Nameserver(faults={"* *": "timeout"}) as first, Nameserver(RECORDS) as second:
        asyncio.run(test(first, second), debug=True)


def test_a_nameserver_that_is_well_again_has_its_place_again() -> None:
    async def test(first: Nameserver, second: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([first.address, second.address], timeout=LONG)
        make_due(backend)
        assert prefer(backend) == [second.address, first.address]
        assert (await backend.ask(HERE)).status is Status.OK
        assert await comes_about_in_tasks(lambda: prefer(backend)[0] == first.address)
        assert await come_down_to(before)
        assert first.asked == second.asked == [str(HERE)]

    with Nameserver(RECORDS) as first, Nameserver(RECORDS) as second:
        asyncio.run(test(first, second), debug=True)


def test_a_probe_ends_by_itself() -> None:
    async def test(first: Nameserver, second: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([first.address, second.address], timeout=0.1)
        make_due(backend)
        assert (await backend.ask(HERE)).status is Status.OK
        assert open_descriptors() > before
        assert await come_down_to(before)
        assert await comes_about_in_tasks(lambda: len(asyncio.all_tasks()) == 1)
        assert prefer(backend) == [second.address, first.address]
        assert len(first.log) == len(second.log) == 1

    with Nameserver(faults={"* *": "timeout"}) as first, Nameserver(RECORDS) as second:
        asyncio.run(test(first, second), debug=True)


def test_closing_ends_probes() -> None:
    async def test(first: Nameserver, second: Nameserver) -> None:
        before = open_descriptors()
        backend = AsyncDnspythonBackend([first.address, second.address], timeout=LONG)
        make_due(backend)
        assert (await backend.ask(HERE)).status is Status.OK
        await backend.aclose()
        assert len(asyncio.all_tasks()) == 1
        assert await come_down_to(before)

    with Nameserver(faults={"* *": "timeout"}) as first, Nameserver(RECORDS) as second:
        asyncio.run(test(first, second), debug=True)


def test_a_loop_that_ends_takes_its_probes_with_it() -> None:
    before = open_descriptors()
    with Nameserver(faults={"* *": "timeout"}) as first, Nameserver(RECORDS) as second:
        backend = AsyncDnspythonBackend([first.address, second.address], timeout=LONG)

        async def test() -> Status:
            make_due(backend)
            return (await backend.ask(HERE)).status

        assert run(test) is Status.OK
        assert run(lambda: backend.ask(HERE)).status is Status.OK
        run(backend.aclose)
    assert open_descriptors() == before
