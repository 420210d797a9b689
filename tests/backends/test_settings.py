"""What the two backends over the network have in common."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import pytest

from sipresolve.backends.settings import Settings
from sipresolve.backends.system import System
from sipresolve.exchange.events import Attempt, Expired, Replied
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.replies import RecordSet, Reply
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.evidence import Evidence, SignedSet
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Srv, Status

if TYPE_CHECKING:
    from pathlib import Path

    from sipresolve.exchange.events import Attempts


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
    given: dict[str, Any] = {
        "timeout": 0.5,
        "rounds": 3,
        "hosts": None,
        "hedge": True,
        "system": system,
    } | fields
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
    assert made.nameservers() == (expected,)


def test_what_the_hosts_file_knows_needs_no_nameserver(system: System) -> None:
    answer = settings(system).begin(Question("pbx.example.com", RecordType.A), 0.0)
    assert isinstance(answer, Answer)
    assert answer.source is Source.HOSTS


def test_all_else_does(system: System) -> None:
    attempts = settings(system, timeout=0.25).begin(
        Question("pbx.example.com", RecordType.SRV), 7.0
    )
    assert not isinstance(attempts, Answer)
    assert next(attempts) == Attempt(
        Nameserver.parse("192.0.2.53"), "pbx.example.com", "udp", edns=True, patience=0.25, at=7.0
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
    attempts = settings(system).begin(srv, 0.0)
    assert not isinstance(attempts, Answer)
    attempt = next(attempts)
    assert isinstance(attempt, Attempt)
    with pytest.raises(StopIteration) as ended:
        attempts.send(Replied(attempt, reply, 0.0, 0.0))
    assert [extra.question for extra in ended.value.value.additional] == [unknown]


def test_a_signed_question_stays_one_when_its_name_is_written_in_another_way(
    system: System,
) -> None:
    question = Question(r"\101xample.com", RecordType.SRV, signed=True)
    attempts = settings(system).begin(question, 0.0)
    assert not isinstance(attempts, Answer)
    attempt = next(attempts)
    assert isinstance(attempt, Attempt)
    shown = Evidence((SignedSet((b"example", b"com"), 33, 300, (b"\0" * 7,)),))
    with pytest.raises(StopIteration) as ended:
        attempts.send(Replied(attempt, Reply(rcode="NOERROR", evidence=shown), 0.0, 0.0))
    answer = ended.value.value
    assert (attempt.name, answer.question, answer.evidence) == ("example.com", question, shown)


def test_the_hosts_file_knows_a_signed_question_as_well(system: System) -> None:
    question = Question("pbx.example.com", RecordType.A, signed=True)
    answer = settings(system).begin(question, 0.0)
    assert isinstance(answer, Answer)
    assert (answer.question, answer.source, answer.evidence) == (question, Source.HOSTS, None)


# What changes, and what stays.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time at which the files of the system are looked at; it passes when it is changed."""
    now = [1000.0]
    monkeypatch.setattr("sipresolve.backends.settings.monotonic", lambda: now[0])
    return now


def asked(made: Settings, now: float = 0.0) -> tuple[Attempts, Nameserver]:
    """A question that begins, and whom it is sent to first."""
    begun = made.begin(Question("example.com", RecordType.SRV), now)
    assert not isinstance(begun, Answer)
    attempt = next(begun)
    assert isinstance(attempt, Attempt)
    return begun, attempt.nameserver


def test_new_questions_go_to_new_nameservers_and_open_ones_to_the_old(
    system: System, tmp_path: Path, clock: list[float]
) -> None:
    made = settings(system, rounds=2)
    old, first = asked(made)
    assert str(first.address) == "192.0.2.53"
    (tmp_path / "resolv_conf").write_text("nameserver 192.0.2.54\nnameserver 192.0.2.53")
    clock[0] += 1.0
    _new, second = asked(made)
    assert [str(each.address) for each in made.nameservers()] == ["192.0.2.54", "192.0.2.53"]
    assert str(second.address) == "192.0.2.54"
    again = old.send(Expired(0.5))
    assert isinstance(again, Attempt)
    assert again.nameserver == first


def test_what_is_known_of_those_that_stay_is_kept(
    system: System, tmp_path: Path, clock: list[float]
) -> None:
    made = settings(system)
    stays = Nameserver.parse("192.0.2.53")
    for _ in range(3):
        made.panel.failed(stays)
    (tmp_path / "resolv_conf").write_text("nameserver 192.0.2.53\nnameserver 192.0.2.54")
    clock[0] += 1.0
    assert str(asked(made)[1].address) == "192.0.2.54"


def test_nameservers_that_were_given_are_not_the_systems(
    system: System, tmp_path: Path, clock: list[float]
) -> None:
    made = settings(system, ["192.0.2.1"])
    (tmp_path / "resolv_conf").write_text("nameserver 192.0.2.54")
    clock[0] += 10.0
    assert str(asked(made)[1].address) == "192.0.2.1"


def test_search_lists_are_never_used(system: System, tmp_path: Path) -> None:
    """A name of one label is asked for as it is, and so is one that does not exist."""
    (tmp_path / "resolv_conf").write_text(
        "nameserver 192.0.2.53\nsearch example.net\ndomain example.org\noptions ndots:5\n"
    )
    begun = settings(system).begin(Question("proxy", RecordType.SRV), 0.0)
    assert not isinstance(begun, Answer)
    attempt = next(begun)
    assert isinstance(attempt, Attempt)
    assert attempt.name == "proxy"
    with pytest.raises(StopIteration) as ended:
        begun.send(Replied(attempt, Reply(rcode="NXDOMAIN"), 0.0, 0.0))
    assert ended.value.value.status is Status.NXDOMAIN


def test_without_hedging_the_next_is_asked_after_the_timeout() -> None:
    for hedge, patience in ((True, 0.075), (False, 0.5)):
        made = settings(System(), ["192.0.2.1", "192.0.2.2"], hedge=hedge)
        begun = made.begin(Question("example.com", RecordType.SRV), 0.0)
        assert not isinstance(begun, Answer)
        assert next(begun).patience == pytest.approx(patience)


def test_probes_ask_the_same_question_once_of_each_that_is_due() -> None:
    made = settings(System(), ["192.0.2.1", "192.0.2.2"])
    question = Question("example.com", RecordType.SRV)
    for _ in range(3):
        made.panel.failed(Nameserver.parse("192.0.2.1"))
    assert made.probes(question, 0.0) == []
    (probe,) = made.probes(question, 1.0)
    attempt = next(probe)
    assert isinstance(attempt, Attempt)
    assert (str(attempt.nameserver.address), attempt.name) == ("192.0.2.1", "example.com")
    with pytest.raises(StopIteration):
        probe.send(Expired(1.5))
