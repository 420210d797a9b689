"""What a sub-command looks for."""

from __future__ import annotations

from enum import Enum, auto

__all__ = ["Sought"]


class Sought(Enum):
    """What a sub-command looks for."""

    #: The servers to contact, in order.
    SERVERS = auto()
    #: The URIs of a telephone number, in order; none of them is located.
    URIS = auto()
