"""What the two backends over the network have in common."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import pytest

from sipresolve.backends.settings import Settings
from sipresolve.backends.system import System
from sipresolve.exchange.attempts import Attempt, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.replies import RecordSet, Reply
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Srv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def system(tmp_path: Path) -> System:
    files = {
        "resolv_conf": "nameserver 192.0.2.53",
        "nsswitch_conf": "hosts: files dns",
        "hosts": "192.0.2.1 pbx.example.com",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return System(**{name: str(tmp_path / name) for name in files})


def settings(system: System, nameservers: list[str] | None = None, **fields: Any) -> Settings:
    given: dict[str, Any] = {"timeout": 0.5, "rounds": 3, "hosts": None, "system": system} | fields
    return Settings.of(nameservers, **given)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"timeout": 0}, "timeout must be greater than 0 and finite, not 0"),
        ({"timeout": -1.0}, "timeout must be"),
        ({"timeout": float("inf")}, "timeout must be"),
        ({"timeout": float("nan")}, "timeout must be"),
        ({"rounds": 0}, "rounds must be 1 or more, not 0"),
        ({"nameservers": []}, "at least one nameserver"),
        ({"nameservers": ["dns.example"]}, "by its address"),
    ],
)
def test_what_makes_no_sense_is_misuse(system: System, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        settings(system, **fields)


@pytest.mark.parametrize(
    ("why", "nameservers", "hosts", "nsswitch", "used"),
    [
        ("the system's nameservers, and what it does", None, None, "hosts: files dns", True),
        ("the system does not", None, None, "hosts: dns", False),
        ("the caller wants it", None, True, "hosts: dns", True),
        ("the caller does not", None, False, "hosts: files dns", False),
        ("other nameservers have nothing to do with it", ["192.0.2.1"], None, "", False),
        ("unless the caller says so", ["192.0.2.1"], True, "", True),
    ],
)
def test_when_the_hosts_file_is_looked_into(  # noqa: PLR0913 - one argument for each column
    system: System,
    tmp_path: Path,
    why: str,
    nameservers: list[str] | None,
    nsswitch: str,
    *,
    hosts: bool | None,
    used: bool,
) -> None:
    (tmp_path / "nsswitch_conf").write_text(nsswitch)
    made = settings(system, nameservers, hosts=hosts)
    assert (made.hosts is not None) == used, why
    expected = Nameserver.parse("192.0.2.53" if nameservers is None else "192.0.2.1")
    assert made.nameservers == (expected,)


def test_what_the_hosts_file_knows_needs_no_nameserver(system: System) -> None:
    answer = settings(system).begin(Question("pbx.example.com", RecordType.A))
    assert isinstance(answer, Answer)
    assert answer.source is Source.HOSTS


def test_all_else_does(system: System) -> None:
    attempts = settings(system, timeout=0.25).begin(Question("pbx.example.com", RecordType.SRV))
    assert not isinstance(attempts, Answer)
    assert next(attempts) == Attempt(
        Nameserver.parse("192.0.2.53"), "pbx.example.com", "udp", edns=True, patience=0.25
    )


def test_what_the_hosts_file_knows_better_is_not_taken_from_the_additional_section(
    system: System,
) -> None:
    srv = Question("_sip._udp.example.com", RecordType.SRV)
    known, unknown = (Question(f"{host}.example.com", RecordType.A) for host in ("pbx", "other"))
    address = RecordSet((IPv4Address("192.0.2.66"),), 300)
    records = (Srv(1, 1, 5060, known.name), Srv(2, 1, 5060, unknown.name))
    reply = Reply(
        rcode="NOERROR",
        records={srv.name: RecordSet(records, 300)},
        additional={known: address, unknown: address},
    )
    attempts = settings(system).begin(srv)
    assert not isinstance(attempts, Answer)
    attempt = next(attempts)
    assert attempt is not None
    with pytest.raises(StopIteration) as ended:
        attempts.send(Replied(attempt, reply))
    assert [extra.question for extra in ended.value.value.additional] == [unknown]
