"""Which requests are too large for UDP (RFC 3261 §18.1.1)."""

from __future__ import annotations

from typing import Final

__all__ = ["too_large_for_udp"]

#: "If a request is within 200 bytes of the path MTU, […] the request MUST be sent using an RFC 2914
#: congestion controlled transport protocol, such as TCP."
_MARGIN: Final = 200

#: "or if it is larger than 1300 bytes and the path MTU is unknown"
_LARGEST: Final = 1300


def too_large_for_udp(size: int | None, mtu: int | None) -> bool:
    """Whether a request has to go over a transport with congestion control.

    Args:
        size: Of the request, in octets; None where it is not known, and then it is not too large.
        mtu: Of the path, in octets; None where it is not known.
    """
    if size is None:
        return False
    return size > _LARGEST if mtu is None else mtu - size <= _MARGIN
