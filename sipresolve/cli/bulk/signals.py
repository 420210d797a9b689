"""What SIGINT and SIGTERM do to a run: the first lets it end in good order, the second ends it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Interruption", "interruptible"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether a signal came.

    Attributes:
        signal: Which one; None as long as none has come.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Let the first signal break this block off; the next does what it always does.

    What the block awaits is cancelled, and the program goes on behind the block. Signals that are
    ignored, as in a program that a shell has put into the background, still are.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    interruption = Interruption()
    listening: list[signal.Signals] = []

    def stop_listening() -> None:
        while listening:
            loop.remove_signal_handler(listening.pop())

    def interrupt(number: signal.Signals) -> None:
        if listening and task is not None:  # else it came at the very end
            stop_listening()
            interruption.signal = number
            task.cancel()

    # There are loops without signals, and they only reach the thread that the program began with.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, interrupt, number)
                listening.append(number)
    try:
        yield interruption
    except asyncio.CancelledError:
        if interruption.signal is None:
            raise
    finally:
        stop_listening()
