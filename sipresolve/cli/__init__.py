"""The command line: a consumer of the public API, and of nothing else.

Hardly anything is imported here, so that Ctrl-C is met while the rest is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["INTERRUPTED", "main"]

#: Exit status: the user pressed Ctrl-C; 128 and the number of SIGINT, as shells have it.
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Those behind the name of the program; None for those of the process.

    Returns:
        The exit status: 0 found; 1 not found, or not written; 2 a command line, or input, that
        can never lead to anything; 130 interrupted.
    """
    try:
        from sipresolve.cli.program import run  # noqa: PLC0415 - it may be interrupted here

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
