"""How many sockets the system allows."""

from __future__ import annotations

import sys
from typing import Final

from sipresolve import Misuse

if sys.platform != "win32":
    import resource

__all__ = ["allow_sockets"]

#: The files that are open beside sockets, and some more.
_OTHERS: Final = 64

#: How many sockets a number may have: one for each attempt at a nameserver that may be answered.
_ATTEMPTS: Final = 8


def allow_sockets(concurrency: int) -> None:
    """Let this process have as many sockets as so many numbers on their way may need.

    Without one, a question would fail that a nameserver can answer.

    Raises:
        Misuse: The system does not allow even one for each.
    """
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = concurrency * _ATTEMPTS + _OTHERS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < concurrency + _OTHERS:
        message = f"--concurrency {concurrency} needs as many sockets"
        raise Misuse(f"{message}, and only {hard} files may be open at once here")
