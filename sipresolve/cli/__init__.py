"""The command line: a consumer of the public API, and of nothing else."""

from __future__ import annotations

from sipresolve.cli.program import main

__all__ = ["main"]
