"""DNS messages on a stream: each after two octets that hold its length (RFC 1035 §4.2.2)."""

from __future__ import annotations

from typing import Final

__all__ = ["Unframer", "framed"]

_PREFIX: Final = 2


def framed(message: bytes) -> bytes:
    """The message after its length, to be written at once (RFC 7766 §8)."""
    return len(message).to_bytes(_PREFIX, "big") + message


class Unframer:
    """Takes octets as they come, and gives the messages that are whole."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> list[bytes]:
        """Take what has come; give every message that it completes, in order."""
        self._octets += octets
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        end = _PREFIX + int.from_bytes(self._octets[:_PREFIX], "big")
        if len(self._octets) < max(end, _PREFIX):
            return None
        message = bytes(self._octets[_PREFIX:end])
        del self._octets[:end]
        return message
