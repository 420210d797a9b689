"""Who is inside: for what a finaliser may do in the middle of it."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Turn"]


class Turn:
    """Marks the threads that are in a ``with`` statement of it; it holds nobody up.

    A thread enters before it takes a lock, and leaves after it has let go of it. A finaliser that
    finds its own thread inside knows that it must not wait for that lock.
    """

    def __init__(self) -> None:
        """Begin with nobody inside."""
        self._inside: set[int] = set()

    @property
    def is_mine(self) -> bool:
        """Whether this thread is inside."""
        return get_ident() in self._inside

    def is_that_of(self, thread: int | None) -> bool:
        """Whether another thread is inside, by its identifier."""
        return thread in self._inside and thread != get_ident()

    def __enter__(self) -> None:
        self._inside.add(get_ident())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._inside.discard(get_ident())
