"""What the package exports, and what naming it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sipresolve import backends


@pytest.mark.parametrize("name", backends.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(backends, name).__name__ == name
    assert name in dir(backends)


def test_no_other_is() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Dnspython'"):
        _ = backends.Dnspython


def test_dnspython_is_imported_for_those_who_need_it() -> None:
    script = """
import sys
import sipresolve.backends
loaded = [name for name in sys.modules if name == "dns" or name.startswith("dns.")]
assert not loaded, loaded
from sipresolve.backends import DnspythonBackend
assert "dns.message" in sys.modules
DnspythonBackend(["192.0.2.1"]).close()
assert "dns.resolver" not in sys.modules
"""
    command = [sys.executable, "-c", script]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own script
