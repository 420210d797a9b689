"""Whose view of the DNS a backend gives, in so far as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipresolve.vocabulary.errors import BackendFailed, SipResolveError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipresolve.backends.protocols import ViewingBackend

__all__ = ["view_of"]


def view_of(backend: ViewingBackend | None) -> Hashable:
    """What answers of other nameservers are kept apart by; None where it does not say.

    Raises:
        BackendFailed: It fails at that.
    """
    if backend is None:
        return None
    try:
        return backend.view()
    except SipResolveError:
        raise
    except Exception as error:
        raise BackendFailed(f"the backend does not say whom it asks: {error!r}") from error
