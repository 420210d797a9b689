"""Runs a sub-command of the command line in this process, as far as its outcome."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sipresolve import Resolution
from sipresolve.cli.parsing import Parser

if TYPE_CHECKING:
    from sipresolve.cli.command import Command
    from sipresolve.cli.replies import Outcome

__all__ = ["found", "run"]


def run(command: Command, *arguments: str) -> Outcome:
    """What becomes of a sub-command with these arguments."""
    program = Parser(prog="sipresolve")
    command.add_to(program.add_subparsers(parser_class=Parser))
    options = program.parse_args([command.name, *arguments], argparse.Namespace(json=False))
    outcome: Outcome = options.run(options)
    return outcome


def found(command: Command, *arguments: str) -> list[str]:
    """The targets that it finds."""
    outcome = run(command, *arguments)
    assert outcome.error is None
    assert isinstance(outcome.resolution, Resolution)
    return [str(target) for target in outcome.resolution.targets]
