"""When the answers of the scripted nameserver leave: in time, together, not before they may.

Who asks two things at once has both answers at nearly the same time, and RFC 8305 §3 lets clients
build on that: they wait for the second for 50 ms. A busy machine may stop this process for longer,
anywhere. So what is due at about the same time leaves in one go, with nothing to do in between.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Outbox"]

#: How long nothing else may become due before all leaves, in seconds.
TOGETHER: Final = 0.001

#: How long to wait before it is asked again whether anything may leave, in seconds.
AGAIN: Final = 0.005


@define
class Outbox:
    """Sends what is due.

    Attributes:
        may_leave: Says whether anything may leave yet.
        sent: How often something has left.
    """

    may_leave: Callable[[], bool]
    sent: int = 0
    _due: list[Callable[[], None]] = field(init=False, factory=list)
    _leaving: asyncio.TimerHandle | None = field(init=False, default=None)

    def post(self, send: Callable[[], None], delay: float) -> None:
        """Have something sent after a delay, in seconds."""
        if delay > TOGETHER:
            asyncio.get_running_loop().call_later(delay - TOGETHER, self._gather, send)
        else:  # Before the loop looks at its clock, which may be late.
            self._gather(send)

    def _gather(self, send: Callable[[], None]) -> None:
        self._due.append(send)
        self._leave_in(TOGETHER)

    def _leave_in(self, seconds: float) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.get_running_loop().call_later(seconds, self._leave)

    def _leave(self) -> None:
        if not self.may_leave():
            self._leave_in(AGAIN)
            return
        due, self._due = self._due, []
        for send in due:
            send()
            self.sent += 1
