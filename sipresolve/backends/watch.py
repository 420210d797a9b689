"""Waiting for many sockets at once, in a way that another thread can end."""

from __future__ import annotations

import selectors
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from sipresolve.backends.channels import Channel

__all__ = ["Watch"]

Owner = TypeVar("Owner")


class Watch(Generic[Owner]):
    """Says which channels can be read or written.

    Raises:
        OSError: The system has no file descriptor left for it.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        try:
            self._bell, self._ear = socket.socketpair()
        except OSError:
            self._selector.close()
            raise
        self._bell.settimeout(0)
        self._ear.settimeout(0)
        self._selector.register(self._ear, selectors.EVENT_READ)

    def add(self, channel: Channel, owner: Owner) -> None:
        """Watch a channel for what it is interested in.

        Raises:
            OSError: The system has no room for it.
        """
        self._selector.register(channel.socket, channel.interest, (channel, owner))

    def update(self, channel: Channel) -> None:
        """Take note of what the channel is interested in now."""
        key = self._selector.get_key(channel.socket)
        if key.events != channel.interest:
            self._selector.modify(channel.socket, channel.interest, key.data)

    def drop(self, channel: Channel) -> None:
        """Watch a channel no longer, if it was, and close it."""
        with suppress(KeyError):
            self._selector.unregister(channel.socket)
        channel.socket.close()

    def wait(self, seconds: float) -> list[tuple[Channel, Owner]]:
        """The channels of which something is to be had, as soon as there is one."""
        ready = [key.data for key, _ in self._selector.select(seconds)]
        if None in ready:
            ready.remove(None)
            with suppress(BlockingIOError):
                while self._ear.recv(64):
                    pass
        return ready

    def wake(self) -> None:
        """End the wait of another thread, or the next one."""
        with suppress(BlockingIOError):
            self._bell.send(b"\0")

    def close(self) -> None:
        """Give back its own file descriptors.

        What the selector knows stays known to it: after a fork, a child that took a socket out of
        it would take it from its parent too.
        """
        self._selector.close()
        self._bell.close()
        self._ear.close()
