"""The hosts file (hosts(5)), which comes before the DNS where the system uses it."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from sipresolve.backends.hosts import Hosts
from sipresolve.vocabulary.records import Answer, Question, RecordType, Source, Status

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = """
# a comment
127.0.0.1\tlocalhost
::1       localhost ip6-localhost
192.0.2.1 Pbx.Example.COM  pbx   # a comment at the end
192.0.2.2 pbx.example.com.
192.0.2.1 pbx
2001:db8::1%eth0 scoped
fe80::1%lo0
  192.0.2.3\t \tindented#comment
192.0.2.999 bad-address
bad-line
192.0.2.4 after-bad-lines
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "hosts"
    path.write_text(HOSTS)
    return path


def asked(hosts: Hosts, name: str, type_: str) -> Answer | None:
    return hosts.answer(Question(name, RecordType(type_)))


@pytest.mark.parametrize(
    ("name", "type_", "addresses"),
    [
        ("localhost", "A", "127.0.0.1"),
        ("localhost", "AAAA", "::1"),
        ("ip6-localhost", "AAAA", "::1"),
        ("ip6-localhost", "A", ""),
        ("pbx.example.com", "A", "192.0.2.1 192.0.2.2"),
        ("PBX.example.com.", "A", "192.0.2.1 192.0.2.2"),
        ("pbx.example.com", "AAAA", ""),
        ("pbx", "A", "192.0.2.1"),
        ("scoped", "AAAA", "2001:db8::1"),
        ("indented", "A", "192.0.2.3"),
        ("after-bad-lines", "A", "192.0.2.4"),
    ],
)
def test_a_name_in_the_file(path: Path, name: str, type_: str, addresses: str) -> None:
    """A name with one family only has no address of the other: the DNS is not asked for it."""
    assert asked(Hosts(str(path)), name, type_) == Answer(
        question=Question(name, RecordType(type_)),
        status=Status.OK if addresses else Status.NODATA,
        records=tuple(map(ip_address, addresses.split())),
        source=Source.HOSTS,
    )


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("example.com", "A"),
        ("bad-address", "A"),
        ("bad-line", "A"),
        ("a", "A"),
        ("pbx.example.com", "SRV"),
        ("pbx.example.com", "NAPTR"),
    ],
)
def test_what_the_file_does_not_know(path: Path, name: str, type_: str) -> None:
    assert asked(Hosts(str(path)), name, type_) is None


def test_it_is_read_again_when_it_has_changed(path: Path) -> None:
    hosts = Hosts(str(path))
    assert asked(hosts, "pbx", "A") is not None
    path.write_text("192.0.2.7 other")
    assert asked(hosts, "pbx", "A") is None
    assert asked(hosts, "other", "A") is not None


def test_it_is_read_again_when_another_has_taken_its_place(path: Path, tmp_path: Path) -> None:
    path.write_text("192.0.2.1 pbx")
    hosts = Hosts(str(path))
    assert asked(hosts, "pbx", "A") is not None
    other = tmp_path / "other"
    other.write_text("192.0.2.2 pbx")
    status = path.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    answer = asked(hosts, "pbx", "A")
    assert answer is not None
    assert answer.records == (ip_address("192.0.2.2"),)


def test_it_is_not_read_again_when_it_has_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = Hosts(str(path))
    asked(hosts, "pbx", "A")
    monkeypatch.setattr("builtins.open", None)
    assert asked(hosts, "pbx", "A") is not None


def test_a_file_that_comes_and_goes(path: Path) -> None:
    path.unlink()
    hosts = Hosts(str(path))
    assert asked(hosts, "pbx", "A") is None
    path.write_text(HOSTS)
    assert asked(hosts, "pbx", "A") is not None
    path.unlink()
    assert asked(hosts, "pbx", "A") is None


def test_a_file_that_cannot_be_read_is_as_good_as_empty(tmp_path: Path) -> None:
    assert asked(Hosts(str(tmp_path)), "pbx", "A") is None


def test_octets_that_are_no_text_do_no_harm(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\n192.0.2.1 p\xffx pbx\n")
    assert asked(Hosts(str(path)), "pbx", "A") is not None
