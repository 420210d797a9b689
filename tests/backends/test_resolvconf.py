"""The nameservers of the system change while a program runs."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest

from sipresolve.backends.resolvconf import ResolvConf
from sipresolve.backends.system import System
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = count(1)


class File:
    """A resolv.conf, each state of which has another time of change."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "resolv.conf"
        self.system = System(resolv_conf=str(self.path))

    def write(self, text: str) -> None:
        new = self.path.with_name("new")
        new.write_text(text)
        os.utime(new, (next(NUMBERS), 0))
        new.replace(self.path)

    def name(self, *numbers: int) -> None:
        self.write("".join(f"nameserver 192.0.2.{number}\n" for number in numbers))


@pytest.fixture
def file(tmp_path: Path) -> File:
    made = File(tmp_path)
    made.name(1, 2)
    return made


def named(resolv_conf: ResolvConf, now: float) -> str:
    return " ".join(str(each.address) for each in resolv_conf.nameservers(now))


def test_it_is_read_again_when_it_has_changed(file: File) -> None:
    resolv_conf = ResolvConf(file.system, 10.0)
    assert named(resolv_conf, 12.0) == "192.0.2.1 192.0.2.2"
    file.name(3)
    assert named(resolv_conf, 14.0) == "192.0.2.3"
    file.name(2, 3)
    assert named(resolv_conf, 16.0) == "192.0.2.2 192.0.2.3"


def test_it_is_looked_at_once_a_second_at_most(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    resolv_conf = ResolvConf(file.system, 10.0)
    file.name(3)
    assert named(resolv_conf, 10.9) == "192.0.2.1 192.0.2.2"
    assert named(resolv_conf, 11.0) == "192.0.2.3"
    looks: list[str] = []
    monkeypatch.setattr("sipresolve.backends.resolvconf.stamp", looks.append)
    for tenth in range(100):
        named(resolv_conf, 11.0 + tenth / 10)
    assert len(looks) == 9


def test_what_has_not_changed_is_not_read(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    resolv_conf = ResolvConf(file.system, 10.0)
    with monkeypatch.context() as context:
        context.setattr(System, "named_nameservers", None)
        assert named(resolv_conf, 12.0) == "192.0.2.1 192.0.2.2"


@pytest.mark.parametrize(
    "text",
    ["", "search example.com\n", "nameserver dns.example\n", "search a..b\n", None],
    ids=["empty", "nobody", "a name", "not to be understood", "gone"],
)
def test_a_file_that_says_nothing_changes_nothing(file: File, text: str | None) -> None:
    """It may be in the middle of being written; and it is noticed when it is done."""
    resolv_conf = ResolvConf(file.system, 10.0)
    if text is None:
        file.path.unlink()
    else:
        file.write(text)
    for now in (12.0, 14.0):
        assert named(resolv_conf, now) == "192.0.2.1 192.0.2.2"
    file.name(3)
    assert named(resolv_conf, 16.0) == "192.0.2.3"


def test_a_file_that_comes_later(tmp_path: Path) -> None:
    """resolv.conf(5): without one, the local machine is asked."""
    file = File(tmp_path)
    resolv_conf = ResolvConf(file.system, 10.0)
    assert named(resolv_conf, 12.0) == "127.0.0.1"
    file.name(1)
    assert named(resolv_conf, 14.0) == "192.0.2.1"


def test_to_begin_with_it_has_to_be_understood(file: File) -> None:
    file.write("nameserver dns.example\n")
    with pytest.raises(Misuse, match="cannot be understood"):
        ResolvConf(file.system, 10.0)
