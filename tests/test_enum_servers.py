"""ENUM over real servers: what Knot DNS has, asked for directly and through Unbound.

And what becomes of roots whose servers are dead, lame, broken or silent, and of numbers that lead
to SIP servers of which some are dead.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import dns.flags
import dns.message
import dns.query
import dns.zone
import pytest
from attrs import evolve, frozen
from kamailio import is_free
from loopback import (
    ask_blocking,
    ask_in_tasks,
    comes_about,
    comes_about_in_tasks,
    nobody,
    open_descriptors,
)
from nameserver import Nameserver
from programs import Program
from scenario import ZONES, named
from servers import (
    HOST,
    KNOT,
    UNBOUND,
    authoritative_nameserver,
    free_port,
    installed,
    is_answered,
    recursive_nameserver,
)

from sipresolve import (
    AllTargetsFailed,
    AsyncResolver,
    Policy,
    Question,
    RecordType,
    Resolution,
    Resolver,
    SipResolveError,
    Target,
)
from sipresolve.backends import AsyncDnspythonBackend, DnspythonBackend, ZoneBackend
from sipresolve.procedures import hosts, locate, telephone

__all__ = ["authoritative_nameserver", "recursive_nameserver"]  # fixtures

NUMBER: Final = "+44 20 7946 0123"
LABELS: Final = "3.2.1.0.6.4.9.7.0.2.4.4"

#: Who is not tested for that, is not late on a busy machine either.
PATIENT: Final = Policy(lifetime=60.0)

each_flavour: Final = pytest.mark.parametrize("flavour", ["blocking", "asynchronous"])


@pytest.fixture(autouse=True)
def _nobody_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order is the same as long as no wait lapses."""
    monkeypatch.setattr(hosts, "FAMILY_PATIENCE", PATIENT.lifetime)
    monkeypatch.setattr(hosts, "HOST_PATIENCE", PATIENT.lifetime)
    monkeypatch.setattr(locate, "NAPTR_PATIENCE", PATIENT.lifetime)
    monkeypatch.setattr(telephone, "LATE_PATIENCE", PATIENT.lifetime)


# --- One zone file, and who reads it --------------------------------------------------------------

#: The zones of the scenarios that have numbers.
WITH_NUMBERS: Final = [zone for zone in ZONES if zone.endswith("e164.arpa") or "carrier" in zone]

#: Names that stand in none of them, and are there nevertheless; and some that are not.
MADE_UP: Final = (
    "3.2.1.0.9.9.9.6.0.3.4.4.e164.arpa",
    "9.9.9.0.6.4.9.7.0.2.4.4.e164.arpa",
    "0.6.4.9.7.0.2.4.4.e164.arpa",
    "6.5.4.3.2.1.8.6.4.e164.arpa",
    "1.1.6.4.e164.arpa",
    "1.3.3.e164.arpa",
)


def names_in(zone: str) -> Iterator[str]:
    read = dns.zone.from_text(ZONES[zone].read_text(), zone, relativize=False)
    for name in read:
        yield str(name).removesuffix(".").replace(r"\.", r"\046")


@pytest.mark.parametrize("server", ["authoritative_nameserver", "recursive_nameserver"])
def test_a_zone_file_says_to_us_what_it_says_to_a_nameserver(
    server: str, request: pytest.FixtureRequest
) -> None:
    """RFC 1035 §5.1: each escape is one octet, of any value, and is read once."""
    names = [*MADE_UP, *(name for zone in WITH_NUMBERS for name in names_in(zone))]
    questions = [Question(name, RecordType.NAPTR) for name in dict.fromkeys(names)]
    zones = ZoneBackend.from_files(*ZONES.values())
    served = ask_blocking(questions, nameservers=[request.getfixturevalue(server)], timeout=5)
    for question, answer in zip(questions, served, strict=True):
        read = asyncio.run(zones.ask(question))
        assert (answer.status, answer.aliases) == (read.status, read.aliases), question
        assert {*answer.records} == {*read.records}
    assert any(naptr.regexp.count(b"\\") > 2 for answer in served for naptr in answer.naptrs)
    assert any(max(naptr.regexp, default=0) > 127 for each in served for naptr in each.naptrs)


@pytest.mark.parametrize(("number", "payload"), [("0.3.1", 512), ("1.3.1", 1232)])
def test_the_numbers_with_many_records_need_what_they_are_for(
    number: str, payload: int, authoritative_nameserver: str
) -> None:
    """RFC 6116 §7.1: one set is too large for RFC 1035, and the other for any datagram."""
    host, port = authoritative_nameserver.split(":")
    name = f"{number}.0.6.4.9.7.0.2.4.4.e164.arpa"
    query = dns.message.make_query(name, "NAPTR", use_edns=0, payload=payload)
    response = dns.query.udp(query, host, port=int(port), timeout=20)
    assert response.flags & dns.flags.TC
    for answers in (ask_blocking, ask_in_tasks):
        question = Question(name, RecordType.NAPTR)
        (answer,) = answers([question], nameservers=[authoritative_nameserver], timeout=5)
        assert len(answer.naptrs) >= 7


# --- Roots whose servers do not do what they should -----------------------------------------------

FIRST, SECOND = "first.example", "second.example"


def look_up(
    flavour: str, nameserver: str, **policy: Any
) -> tuple[Resolution | SipResolveError, float]:
    """What a resolver says of the number, and how long that took, in seconds."""
    began = time.monotonic()
    try:
        if flavour == "blocking":
            with Resolver(DnspythonBackend([nameserver]), Policy(**policy)) as resolver:
                found = resolver.enum(NUMBER)
        else:
            found = asyncio.run(in_a_task(nameserver, Policy(**policy)))
    except SipResolveError as error:
        return error, time.monotonic() - began
    return found, time.monotonic() - began


async def in_a_task(nameserver: str, policy: Policy) -> Resolution:
    async with AsyncResolver(AsyncDnspythonBackend([nameserver]), policy) as resolver:
        return await resolver.enum(NUMBER)


#: What a server may do to a question, and the error where there is no other root.
FAULTS: Final = {
    "servfail": "dns-failure",
    "refused": "dns-failure",
    "formerr": "dns-failure",
    "notimp": "dns-failure",
    "truncate-tcp": "dns-failure",
    "tcp-reset": "dns-timeout",
    "timeout": "dns-timeout",
    "garbage": "dns-timeout",
}

#: A root that is silent has half of it, in seconds; a busy machine may take a little longer.
LIFETIME: Final = 1.2


@each_flavour
@pytest.mark.parametrize("fault", FAULTS)
def test_a_root_that_fails_is_told_of_and_the_next_is_asked(fault: str, flavour: str) -> None:
    """RFC 6116 §3.2 knows one root; where there are several, none keeps others from answering."""
    records = f'{LABELS}.{SECOND}. IN NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .'
    with Nameserver(records, faults={f"{LABELS}.{FIRST} NAPTR": fault}) as server:
        found, took = look_up(
            flavour, server.address, enum_roots=(FIRST, SECOND), lifetime=LIFETIME
        )
    assert isinstance(found, Resolution), found
    assert [*map(named, found.uris)] == ["sip sip:a@192.0.2.1"]
    (warning,) = found.warnings
    assert warning.code == "enum-root-failed"
    assert warning.question == Question(f"{LABELS}.{FIRST}", RecordType.NAPTR)
    assert took < 2 * LIFETIME


@pytest.mark.parametrize("fault", FAULTS)
def test_a_number_whose_only_root_fails_is_not_said_to_be_absent(fault: str) -> None:
    with Nameserver("", faults={"* NAPTR": fault}) as server:
        failure, took = look_up(
            "blocking", server.address, enum_roots=(FIRST,), lifetime=LIFETIME / 2
        )
    assert isinstance(failure, SipResolveError)
    assert failure.code == FAULTS[fault]
    assert took < 2 * LIFETIME


@frozen
class Real:
    """Knot DNS with numbers and SIP servers on loopback, and Unbound before it.

    Attributes:
        address: Where Unbound is.
        port: Where SIP servers listen, some at each address.
    """

    address: str
    port: int


ZONE: Final = """\
$ORIGIN {zone}
$TTL 300
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 127.0.0.1
{records}
"""

NUMBERS: Final = r"""
$ORIGIN 6.4.9.7.0.2.4.4.second.example.
3.2.1.0 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@192.0.2.1!" .
1.0.1.0 NAPTR 100 10 "u" "E2U+sip" "!^\\+(.*)$!sip:\\1@one.sip.example!" .
1.0.1.0 NAPTR 100 20 "" "" "" more.sip.example.
"""

SERVERS: Final = r"""
_sip._tcp.one SRV 10 0 {port} a
_sip._tcp.one SRV 20 0 {port} b
_sip._tcp.two SRV 10 0 {port} b
_sip._tcp.two SRV 20 0 {port} c
more NAPTR 10 10 "u" "E2U+email:mailto+sip" "!^.*$!sip:nobody@nowhere.sip.example!" .
more NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:somebody@two.sip.example!" .
"""

#: Where each SIP server is.
HOSTS: Final = {"a": "127.0.0.2", "b": "127.0.0.3", "c": "127.0.0.4"}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    folder, port = tmp_path_factory.mktemp("enum"), free_port()
    while not all(is_free(address, port) for address in HOSTS.values()):
        port = free_port()
    zones = {"second.example": NUMBERS, "sip.example": SERVERS.format(port=port)}
    zones["sip.example"] += "".join(f"{host} A {address}\n" for host, address in HOSTS.items())
    with ExitStack() as stack:
        knot = stack.enter_context(knot_with(folder / "knot", zones))
        stubs = dict.fromkeys((*zones, "lame.example"), knot)  # which is nobody's zone there
        stubs["dead.example"] = stack.enter_context(nobody())
        stubs["silent.example"] = stack.enter_context(silence())
        yield Real(stack.enter_context(unbound_before(folder / "unbound", stubs)), port)


@contextmanager
def knot_with(folder: Path, zones: dict[str, str]) -> Iterator[str]:
    """Serve zones from Knot DNS; where, as ``address:port``."""
    folder.mkdir()
    port, text = free_port(), ""
    for zone, records in zones.items():
        (folder / zone).write_text(ZONE.format(zone=f"{zone}.", records=records))
        text += f'  - domain: {zone}.\n    file: "{folder}/{zone}"\n'
    configuration = folder / "knot.conf"
    configuration.write_text(KNOT.format(folder=folder, host=HOST, port=port) + text)
    knotd = installed("knotd", package="knot")
    with Program([knotd, "--config", str(configuration)], folder) as knot:
        knot.start(lambda: all(is_answered(zone, port) for zone in zones))
        yield f"{HOST}:{port}"


@contextmanager
def unbound_before(folder: Path, stubs: dict[str, str]) -> Iterator[str]:
    """Resolve some zones, each from its own server; where, as ``address:port``."""
    folder.mkdir()
    port = free_port()
    text = "".join(
        f"stub-zone:\n    name: {zone}\n    stub-addr: {address.replace(':', '@')}\n"
        f"server:\n    local-zone: {zone} transparent\n"
        for zone, address in stubs.items()
    )
    configuration = folder / "unbound.conf"
    configuration.write_text(UNBOUND.format(folder=folder, host=HOST, port=port) + text)
    program = shutil.copy(installed("unbound", package="unbound"), folder / "unbound")
    with Program([str(program), "-d", "-c", str(configuration)], folder) as unbound:
        unbound.start(lambda: is_answered("second.example", port))
        yield f"{HOST}:{port}"


@contextmanager
def silence() -> Iterator[str]:
    """A server's address at which everything is taken, and nothing answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taking:
        taking.bind((HOST, 0))
        yield f"{HOST}:{taking.getsockname()[1]}"


@pytest.mark.parametrize(
    ("root", "flavour"),
    [
        ("lame.example", "blocking"),
        ("lame.example", "asynchronous"),
        ("dead.example", "blocking"),
        ("silent.example", "asynchronous"),
    ],
)
def test_a_root_without_a_server_that_serves_it(root: str, flavour: str, real: Real) -> None:
    """Lame, dead or silent, as a resolver in between comes to see it."""
    found, took = look_up(flavour, real.address, enum_roots=(root, SECOND), lifetime=LIFETIME)
    assert isinstance(found, Resolution), found
    assert [*map(named, found.uris)] == ["sip sip:a@192.0.2.1"]
    assert [warning.code for warning in found.warnings] == ["enum-root-failed"]
    assert took < 2 * LIFETIME


@each_flavour
def test_roots_behind_a_nameserver_that_is_dead(flavour: str) -> None:
    with nobody() as address:
        failure, took = look_up(flavour, address, enum_roots=(FIRST, SECOND))
    assert isinstance(failure, SipResolveError)
    assert failure.resolution is not None
    codes = [warning.code for warning in failure.resolution.warnings]
    assert (failure.code, codes) == ("dns-timeout", ["enum-root-failed"] * 2)
    assert took < Policy().lifetime


# --- From a number to SIP servers, of which some are dead -----------------------------------------

BY_NUMBER: Final = evolve(PATIENT, transports=("tcp",), enum_roots=(SECOND,))


@contextmanager
def sip_servers(port: int, *alive: str) -> Iterator[None]:
    """TCP at the port of each host: those that are alive take connections, the others refuse."""
    with ExitStack() as stack:
        for host, address in HOSTS.items():
            server = stack.enter_context(socket.socket())
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
            if host in alive:
                server.listen()
        yield


def connect(target: Target) -> None:
    socket.create_connection((str(target.address), target.port), timeout=20).close()


def host_and_uri(target: Target) -> tuple[str, str]:
    return target.host.partition(".")[0], str(target.uri)


ONE: Final = "sip:442079460101@one.sip.example"
TWO: Final = "sip:somebody@two.sip.example"


CALLED: Final = "tel:+44-20-7946-0101"


def call(resolver: Resolver) -> list[tuple[str, str]]:
    """Where it was tried to connect to, until that worked."""
    tried = []
    for attempt in resolver.failover(CALLED):
        with attempt:
            tried.append(host_and_uri(attempt.target))
            connect(attempt.target)
    return tried


async def call_in_a_task(resolver: AsyncResolver) -> list[tuple[str, str]]:
    tried = []
    async for attempt in resolver.failover(CALLED):
        async with attempt:
            tried.append(host_and_uri(attempt.target))
            await asyncio.to_thread(connect, attempt.target)
    return tried


def test_failover_by_number(real: Real) -> None:
    """RFC 3263 §4.3 within a URI; RFC 6116 §5.2 from one URI to the next."""
    backend = DnspythonBackend([real.address])
    with sip_servers(real.port, "c"), Resolver(backend, BY_NUMBER) as resolver:
        at_once = resolver.resolve(CALLED)
        first, second = call(resolver), call(resolver)
    assert [*map(host_and_uri, at_once.targets)] == [("a", ONE), ("b", ONE), ("b", TWO), ("c", TWO)]
    assert "uri-not-located" in {warning.code for warning in at_once.warnings}
    assert first == [("a", ONE), ("b", ONE), ("c", TWO)]
    assert second == [("c", TWO)], "the dead are remembered, and come last"


def test_failover_by_number_in_tasks(real: Real) -> None:
    async def main() -> list[list[tuple[str, str]]]:
        async with AsyncResolver(AsyncDnspythonBackend([real.address]), BY_NUMBER) as resolver:
            return [await call_in_a_task(resolver) for _ in range(2)]

    with sip_servers(real.port, "c"):
        first, second = asyncio.run(main())
    assert first == [("a", ONE), ("b", ONE), ("c", TWO)]
    assert second == [("c", TWO)]


def test_failover_by_number_to_the_last_server(real: Real) -> None:
    backend = DnspythonBackend([real.address])
    with (
        sip_servers(real.port),
        Resolver(backend, BY_NUMBER) as resolver,
        pytest.raises(AllTargetsFailed) as raised,
    ):
        call(resolver)
    failures = [(host_and_uri(target)[0], type(error)) for target, error in raised.value.failures]
    # The second URI leads to b as well, which comes last by then.
    assert failures == [(host, ConnectionRefusedError) for host in "abcb"]


# --- Many callers of one resolver -----------------------------------------------------------------

#: Of every five numbers one leads to a URI, one over a block that all share, one has two, one is
#: not in use, and one does not exist.
LAST_DIGITS: Final = range(40)

BLOCK: Final = "block.example.net"


def number(last: int) -> str:
    return f"+4420794601{last:02}"


def records() -> Iterator[str]:
    yield f'{BLOCK}. IN NAPTR 1 1 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@192.0.2.2!" .'
    for last in LAST_DIGITS:
        owner = f"{last % 10}.{last // 10}.1.0.6.4.9.7.0.2.4.4.e164.arpa."
        match last % 5:
            case 0:
                yield f'{owner} IN NAPTR 1 1 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@192.0.2.1!" .'
            case 1:
                yield f'{owner} IN NAPTR 1 1 "" "" "" {BLOCK}.'
            case 2:
                yield f'{owner} IN NAPTR 1 1 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@192.0.2.1!" .'
                yield f'{owner} IN NAPTR 1 2 "" "" "" {BLOCK}.'
            case 3:
                yield f'{owner} IN NAPTR 1 1 "u" "E2U+unused:data" "!^.*$!data:,!" .'


def expected(last: int) -> list[str] | str:
    one, two = f"sip:{number(last)}@192.0.2.1", f"sip:{number(last)}@192.0.2.2"
    outcomes: list[list[str] | str] = [[one], [two], [one, two], "number-unused", "no-such-number"]
    return outcomes[last % 5]


def told(outcome: Resolution | SipResolveError) -> list[str] | str:
    """The URIs, or why there is none."""
    if isinstance(outcome, SipResolveError):
        return outcome.code
    return [mapped.uri for mapped in outcome.uris]


#: Each number several times, not in order.
CALLS: Final = [(place * 7) % len(LAST_DIGITS) for place in range(10 * len(LAST_DIGITS))]


def map_one(resolver: Resolver, last: int) -> list[str] | str:
    try:
        return told(resolver.enum(number(last)))
    except SipResolveError as error:
        return told(error)


def test_threads_that_map_the_same_numbers() -> None:
    before, threads = open_descriptors(), threading.active_count()
    with (
        Nameserver("\n".join(records()), delay=0.002) as server,
        Resolver(DnspythonBackend([server.address]), PATIENT) as resolver,
        ThreadPoolExecutor(24) as pool,
    ):
        outcomes = list(pool.map(partial(map_one, resolver), CALLS))
        assert not resolver._desk.session.in_flight
        assert not resolver._pump._followers
        assert not resolver._pump._abandoned
    assert outcomes == [expected(last) for last in CALLS]
    one_by_one = len(CALLS) + sum(last % 5 in (1, 2) for last in CALLS)
    assert len(server.asked) < one_by_one, "who asks the same at the same time asks together"
    assert comes_about(lambda: open_descriptors() <= before)
    assert threading.active_count() <= threads


def test_tasks_that_map_the_same_numbers_and_some_are_cancelled() -> None:
    async def map_all(address: str) -> list[Any]:
        async with AsyncResolver(AsyncDnspythonBackend([address]), PATIENT) as resolver:
            tasks = [asyncio.create_task(resolver.enum(number(last))) for last in CALLS]
            for place, task in enumerate(tasks):
                if place % 3 == 0:
                    asyncio.get_running_loop().call_later(place / 50_000, task.cancel)
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert not resolver._desk.session.in_flight
            pump = resolver._pump
            assert not any((pump._jobs, pump._signals, pump._broken))
        return outcomes

    before = open_descriptors()
    with Nameserver("\n".join(records()), delay=0.002) as server:
        outcomes = asyncio.run(map_all(server.address), debug=True)
    cancelled = 0
    for last, outcome in zip(CALLS, outcomes, strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            cancelled += 1
        else:
            assert told(outcome) == expected(last)
    assert 0 < cancelled <= len(CALLS) / 3 + 1
    assert comes_about(lambda: open_descriptors() <= before)


@each_flavour
def test_a_resolver_that_is_closed_while_numbers_are_mapped(flavour: str) -> None:
    before = open_descriptors()
    with Nameserver("\n".join(records()), until=lambda: False) as server:
        if flavour == "blocking":
            ends = closed_among_threads(server)
        else:
            ends = asyncio.run(closed_among_tasks(server), debug=True)
    assert ends == ["usage"] * len(LAST_DIGITS)
    assert comes_about(lambda: open_descriptors() <= before)


def closed_among_threads(server: Nameserver) -> list[list[str] | str]:
    resolver = Resolver(DnspythonBackend([server.address]), PATIENT)
    with ThreadPoolExecutor(len(LAST_DIGITS)) as pool:
        ends = [pool.submit(map_one, resolver, last) for last in LAST_DIGITS]
        assert comes_about(lambda: len(server.log) == len(LAST_DIGITS))
        resolver.close()
        return [end.result(20) for end in ends]


async def closed_among_tasks(server: Nameserver) -> list[list[str] | str]:
    resolver = AsyncResolver(AsyncDnspythonBackend([server.address]), PATIENT)
    tasks = [asyncio.create_task(resolver.enum(number(last))) for last in LAST_DIGITS]
    assert await comes_about_in_tasks(lambda: len(server.log) == len(LAST_DIGITS))
    await resolver.aclose()
    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [told(outcome) for outcome in outcomes]  # type: ignore[arg-type]  # all are ours
