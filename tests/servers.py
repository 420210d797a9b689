"""Real nameservers with the zones of the scenarios: Knot DNS, Unbound and BIND, which can be both.

They are started once, when a test first asks for them, on free ports, with all of their files in a
temporary folder; nothing of the machine's own configuration is read or changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from daemons import (
    HOST,
    KNOT,
    START,
    UNBOUND,
    bind_authority,
    bind_recursor,
    free_port,
    installed,
    is_answered,
    knot,
    unbound,
)
from scenario import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "HOST",
    "KNOT",
    "START",
    "UNBOUND",
    "ZONES_OF_BIND",
    "authoritative_bind",
    "authoritative_nameserver",
    "free_port",
    "installed",
    "is_answered",
    "recursive_bind",
    "recursive_nameserver",
]

#: BIND loads no zone with a NAPTR regexp that makes no sense, such as those of numbers have.
ZONES_OF_BIND: Final = {name: path for name, path in ZONES.items() if "e164" not in name}


@pytest.fixture(scope="session")
def authoritative_nameserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Knot DNS serves the zones of the scenarios, as ``address:port``."""
    with knot(tmp_path_factory.mktemp("knot"), ZONES) as daemon:
        yield daemon.address


@pytest.fixture(scope="session")
def recursive_nameserver(
    tmp_path_factory: pytest.TempPathFactory, authoritative_nameserver: str
) -> Iterator[str]:
    """Where Unbound resolves what Knot DNS serves, and nothing else, as ``address:port``."""
    folder = tmp_path_factory.mktemp("unbound")
    with unbound(folder, ZONES, authoritative_nameserver) as daemon:
        yield daemon.address


@pytest.fixture(scope="session")
def authoritative_bind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where BIND serves the zones of the scenarios that it loads, as ``address:port``."""
    folder = tmp_path_factory.mktemp("bind-authority")
    with bind_authority(folder, ZONES_OF_BIND) as daemon:
        yield daemon.address


@pytest.fixture(scope="session")
def recursive_bind(
    tmp_path_factory: pytest.TempPathFactory, authoritative_nameserver: str
) -> Iterator[str]:
    """Where BIND resolves what Knot DNS serves, and nothing else, as ``address:port``."""
    folder = tmp_path_factory.mktemp("bind-recursor")
    with bind_recursor(folder, ZONES, authoritative_nameserver) as daemon:
        yield daemon.address
