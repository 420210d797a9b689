"""Networks that break: no route, an interface that goes down and comes back, other nameservers.

Each test has a network namespace, in which Knot DNS serves, and a program resolves.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from attrs import frozen
from daemons import START, knot_command
from domains import (
    ZONE,
    Domain,
    Verdict,
    domain,
    verdict_on_failure,
    verdict_on_targets,
    zone_file,
)
from namespaces import Namespace, namespace

PROGRAM: Final = Path(__file__).with_name("resolving_program.py")

#: The nameservers inside, at port 53, and the numbers of the domains that each of them has.
NAMESERVERS: Final = {"127.0.0.11": range(20), "127.0.0.12": range(20, 40)}
FIRST, SECOND = NAMESERVERS

#: Where no route leads.
NOWHERE: Final = ("192.0.2.53", "2001:db8::53")

#: How long a resolution may wait, in seconds, and how late a busy machine may notice its end.
LIFETIME: Final = 4.0
GRACE: Final = 5.0

#: How long to wait before a program is asked again whether it has noticed a change, in seconds.
AGAIN: Final = 0.5


@frozen(kw_only=True)
class Told:
    """What the program says of one resolution."""

    of: Domain
    code: str | None
    targets: list[str]
    notes: list[str]
    seconds: float
    descriptors: int

    @property
    def verdict(self) -> Verdict:
        assert self.seconds < LIFETIME + GRACE
        if self.code is not None:
            return verdict_on_failure(self.code)
        return verdict_on_targets(self.of, self.targets, has_notes=bool(self.notes))


@frozen
class Program:
    """The program that resolves, while it runs."""

    _process: subprocess.Popen[str]

    def resolve(self, of: Domain) -> Told:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{of.uri}\n")
        return Told(of=of, **json.loads(self._process.stdout.readline()))

    def verdicts(self, domains: Iterator[Domain], count: int) -> set[Verdict]:
        """What becomes of the next few domains; the program has seen none of them before."""
        return {self.resolve(next(domains)).verdict for _ in range(count)}


#: Starts the program with some nameservers; with none, it asks those of `resolv.conf`.
Starting: TypeAlias = Callable[..., Program]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Namespace]:
    """A namespace in which the nameservers answer."""
    with namespace() as made, ExitStack() as logs:
        made.ip("link", "set", "lo", "up")
        for host, numbers in NAMESERVERS.items():
            folder = tmp_path / host
            folder.mkdir()
            zone = folder / ZONE
            zone.write_text("".join(zone_file(map(domain, numbers), ttl=lambda _index: 300)))
            log = logs.enter_context((folder / "log").open("w"))
            made.start(knot_command(folder, {ZONE: zone}, host, 53), log)
            await_start(folder / "log")
        yield made


def await_start(log: Path) -> None:
    """Wait until Knot DNS says that it serves; from outside it cannot be asked."""
    deadline = time.monotonic() + START
    while "server started" not in log.read_text():
        if time.monotonic() > deadline:
            pytest.fail(f"knotd did not start:\n{log.read_text()}", pytrace=False)
        time.sleep(0.02)


@pytest.fixture(params=["blocking", "asynchronous"])
def start(request: pytest.FixtureRequest, network: Namespace, tmp_path: Path) -> Iterator[Starting]:
    """Starts the program inside; it has written no complaint when it ends."""
    with (tmp_path / "complaints").open("w+") as complaints:

        def starting(*nameservers: str) -> Program:
            command = [sys.executable, str(PROGRAM), request.param, str(LIFETIME), *nameservers]
            return Program(network.start(command, complaints))

        yield starting
        complaints.seek(0)
        assert not complaints.read()


def domains_of(nameserver: str) -> Iterator[Domain]:
    return map(domain, NAMESERVERS[nameserver])


def test_a_nameserver_to_which_no_route_leads_is_not_heard(start: Starting) -> None:
    program = start(*NOWHERE, FIRST)
    assert program.verdicts(domains_of(FIRST), 20) == {"right"}


def test_no_route_leads_anywhere(start: Starting) -> None:
    program = start(*NOWHERE)
    told = [program.resolve(of) for of in domains_of(FIRST)]
    assert {each.verdict for each in told} == {"failed"}
    assert told[-1].descriptors == told[0].descriptors


def test_the_interface_goes_down_and_comes_back(start: Starting, network: Namespace) -> None:
    program, domains = start(FIRST), domains_of(FIRST)
    assert program.verdicts(domains, 6) == {"right"}
    network.ip("link", "set", "lo", "down")
    assert program.verdicts(domains, 1) == {"failed"}
    network.ip("link", "set", "lo", "up")
    assert program.verdicts(domains, 10) == {"right"}


def test_resolv_conf_names_others_while_a_program_runs(start: Starting, network: Namespace) -> None:
    network.name_nameservers([FIRST])
    program, elsewhere = start(), domains_of(SECOND)
    assert program.verdicts(domains_of(FIRST), 10) == {"right"}
    network.name_nameservers([SECOND])
    for of in itertools.islice(elsewhere, 10):
        if program.resolve(of).verdict == "right":
            break
        time.sleep(AGAIN)  # The file is not looked at for each question.
    assert program.verdicts(elsewhere, 10) == {"right"}
