"""Backends: what answers questions, for blocking and for asynchronous programs.

dnspython is imported when a backend that needs it is named, and not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from sipresolve.backends.protocols import (
    AsyncBackend,
    Backend,
    CancellingBackend,
    SharedBackend,
    ViewingBackend,
)

if TYPE_CHECKING:
    from sipresolve.backends.blocking import DnspythonBackend
    from sipresolve.backends.system import System
    from sipresolve.backends.tasks import AsyncDnspythonBackend
    from sipresolve.backends.zone import ZoneBackend
    from sipresolve.exchange.nameservers import Nameserver
    from sipresolve.vocabulary.evidence import Evidence, RrType, Signature, SignedSet

__all__ = [
    "AsyncBackend",
    "AsyncDnspythonBackend",
    "Backend",
    "CancellingBackend",
    "DnspythonBackend",
    "Evidence",
    "Nameserver",
    "RrType",
    "SharedBackend",
    "Signature",
    "SignedSet",
    "System",
    "ViewingBackend",
    "ZoneBackend",
]

_MODULES: Final = {
    "AsyncDnspythonBackend": "sipresolve.backends.tasks",
    "DnspythonBackend": "sipresolve.backends.blocking",
    "Evidence": "sipresolve.vocabulary.evidence",
    "Nameserver": "sipresolve.exchange.nameservers",
    "RrType": "sipresolve.vocabulary.evidence",
    "Signature": "sipresolve.vocabulary.evidence",
    "SignedSet": "sipresolve.vocabulary.evidence",
    "System": "sipresolve.backends.system",
    "ZoneBackend": "sipresolve.backends.zone",
}


def __getattr__(name: str) -> object:
    """Import a backend when it is first named (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    backend: object = getattr(import_module(_MODULES[name]), name)
    globals()[name] = backend
    return backend


def __dir__() -> list[str]:
    return __all__
