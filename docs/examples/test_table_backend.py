"""Both backends of the example pass the suite for backends."""

from __future__ import annotations

from typing import Any

import pytest
from table_backend import AsyncTableBackend, TableBackend

from sipresolve.backends.conformance import (
    RECORDS,
    AsyncBackendConformance,
    BackendConformance,
)


def conformance_table() -> dict[str, dict[str, tuple[Any, ...]]]:
    table: dict[str, dict[str, tuple[Any, ...]]] = {}
    for record in RECORDS:
        types = table.setdefault(record.name, {})
        types[record.type] = (*types.get(record.type, (record.ttl,)), record.value)
    return table


class TestTableBackend(BackendConformance):
    @pytest.fixture
    def backend(self) -> TableBackend:
        return TableBackend(conformance_table())


class TestAsyncTableBackend(AsyncBackendConformance):
    @pytest.fixture
    def backend(self) -> AsyncTableBackend:
        return AsyncTableBackend(conformance_table())
