"""Which backend keeps which protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripted import AsyncScripted, Scripted

from sipresolve.backends import (
    AsyncBackend,
    AsyncDnspythonBackend,
    Backend,
    CancellingBackend,
    DnspythonBackend,
    SharedBackend,
    ViewingBackend,
    ZoneBackend,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipresolve.vocabulary.records import Answer, Question


class Plain:
    """What is asked of a blocking backend at the least."""

    def start(self, question: Question) -> None: ...

    def wait(self, until: float) -> Sequence[Answer]:
        del until
        return ()

    def close(self) -> None: ...


PROTOCOLS = (Backend, CancellingBackend, SharedBackend, AsyncBackend, ViewingBackend)

# The types are for mypy, which finds what the names of methods do not tell.
PLAIN: Backend = Plain()
NETWORK: CancellingBackend = DnspythonBackend(["192.0.2.53"])
ZONE: CancellingBackend = ZoneBackend.from_text("example.com. IN A 192.0.2.1")


@pytest.mark.parametrize(
    ("backend", "kept"),
    [
        (PLAIN, {Backend}),
        (Scripted(), {Backend, CancellingBackend}),
        (NETWORK, {Backend, CancellingBackend, ViewingBackend}),
        (ZONE, {*PROTOCOLS} - {ViewingBackend}),
        (AsyncScripted(), {AsyncBackend}),
        (AsyncDnspythonBackend(["192.0.2.53"]), {AsyncBackend, ViewingBackend}),
        (object(), set()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_backend_is_what_it_has_methods_for(backend: object, kept: set[type]) -> None:
    assert {protocol for protocol in PROTOCOLS if isinstance(backend, protocol)} == kept
