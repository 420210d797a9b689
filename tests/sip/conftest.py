"""Every test with a client is run with the blocking one and with the asynchronous one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from clients import AsyncClient, BlockingClient

from sipresolve import HealthBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clients import Client, MakeClient
    from cluster import Cluster


@pytest.fixture(params=[BlockingClient, AsyncClient], ids=["blocking", "async"])
def make_client(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[MakeClient]:
    """Makes clients of one kind, which are closed in the end."""
    with ExitStack() as stack:

        def make(*, timeout: float = 5, health: HealthBook | None = None) -> Client:
            client = request.param(cluster, timeout=timeout, health=health or HealthBook())
            made: Client = stack.enter_context(client)
            return made

        yield make
