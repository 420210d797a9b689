"""Whom the machine asks: resolv.conf(5) and nsswitch.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipresolve.backends.system import SYSTEM, System, hosts_path
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from pathlib import Path


def system(directory: Path, *, resolv: str | None = None, nsswitch: str | None = None) -> System:
    for name, text in (("resolv.conf", resolv), ("nsswitch.conf", nsswitch)):
        if text is not None:
            (directory / name).write_text(text)
    return System(
        resolv_conf=str(directory / "resolv.conf"),
        nsswitch_conf=str(directory / "nsswitch.conf"),
        hosts=str(directory / "hosts"),
    )


@pytest.mark.parametrize(
    ("resolv", "nameservers"),
    [
        ("nameserver 192.0.2.1\n", "192.0.2.1:53"),
        (
            """
            # a comment
            search example.com
            options rotate timeout:1
            nameserver 192.0.2.1
            nameserver 2001:db8::1
            nameserver 192.0.2.1
            """,
            "192.0.2.1:53 [2001:db8::1]:53",
        ),
        ("nameserver fe80::1%eth0\n", "[fe80::1%eth0]:53"),
        # resolv.conf(5): the local machine, where none is named.
        ("search example.com\n", "127.0.0.1:53"),
        ("", "127.0.0.1:53"),
        (None, "127.0.0.1:53"),
    ],
)
def test_nameservers(tmp_path: Path, resolv: str | None, nameservers: str) -> None:
    found = system(tmp_path, resolv=resolv).nameservers()
    assert " ".join(map(str, found)) == nameservers


@pytest.mark.parametrize("resolv", ["nameserver dns.example\n", "search a..b\n"])
def test_what_cannot_be_understood_is_misuse(tmp_path: Path, resolv: str) -> None:
    with pytest.raises(Misuse, match=r"resolv\.conf' cannot be understood"):
        system(tmp_path, resolv=resolv).nameservers()


@pytest.mark.parametrize(
    ("nsswitch", "used"),
    [
        ("hosts: files dns\n", True),
        ("hosts:files dns # files\n", True),
        ("passwd: files\nhosts:  files mdns4_minimal [NOTFOUND=return] dns\n", True),
        ("hosts: mymachines files resolve\n", True),
        ("hosts: mdns4_minimal [NOTFOUND=return] files\n", True),
        ("hosts: dns\n", False),
        ("hosts: dns files\n", False),
        ("hosts: resolve [!UNAVAIL=return] files dns\n", False),
        ("hosts: # files\n", False),
        ("hosts:\n", False),
        # nsswitch.conf(5): "files dns" where nothing is said.
        ("passwd: files\n#hosts: dns\nhosts\n", True),
        ("", True),
        (None, True),
    ],
)
def test_whether_the_hosts_file_comes_first(
    tmp_path: Path, nsswitch: str | None, *, used: bool
) -> None:
    assert system(tmp_path, nsswitch=nsswitch).looks_into_hosts() == used


def test_where_the_hosts_file_is() -> None:
    assert System().hosts == "/etc/hosts"
    assert hosts_path("posix", {}) == "/etc/hosts"
    windows = r"\System32\drivers\etc\hosts"
    assert hosts_path("nt", {}) == rf"C:\Windows{windows}"
    assert hosts_path("nt", {"SystemRoot": "D:\\W"}) == rf"D:\W{windows}"


def test_this_machine_names_nameservers() -> None:
    assert SYSTEM.nameservers()
