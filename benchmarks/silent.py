"""A nameserver that is dead: queries arrive, and nothing comes back."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["silent_nameserver"]


@contextmanager
def silent_nameserver(host: str, port: int) -> Iterator[None]:
    """Take queries for as long as the block takes, and say nothing to them.

    A closed port would be refused at once, which everybody notices.

    Args:
        host: Where it listens.
        port: Likewise, for UDP and TCP.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.create_server((host, port)),
    ):
        datagrams.bind((host, port))
        yield
