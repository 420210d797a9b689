"""How arguments are read: by argparse, but without leaving the program or writing anywhere."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EXIT_STATUSES", "Asked", "Parser", "Subparsers", "UsageError", "none_of"]

#: What the help says of the exit status.
EXIT_STATUSES: Final = """\
exit status:
  0    found
  1    not found, or what was found could not be written
  2    a command line, or input, that can never lead to anything
  130  interrupted
"""


class Asked(Exception):
    """Help or the version was asked for.

    Attributes:
        text: What to print.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class UsageError(Exception):
    """A command line that makes no sense.

    Attributes:
        message: What is wrong with it.
        usage: How the command is used, in a line.
    """

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """Reads arguments; what is wrong or asked for is raised.

    Attributes:
        on_words_too_many: What else to say where there are more words than it can use.
    """

    on_words_too_many = ""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise UsageError(visible(message), self.format_usage())

    def print_help(self, file: object = None) -> NoReturn:  # noqa: ARG002 - of argparse
        """Answer ``--help``."""
        raise Asked(self.format_help())

    def refusal(self, value: str, choices: Iterable[str]) -> str:
        """What is said of a word that is none of some."""
        return none_of(value, choices)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        # Of argparse, which says it in other words.
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, self.refusal(str(value), action.choices))

    def parse_known_args(  # type: ignore[override]  # it has overloads for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Read arguments, and complain at once of those that are unknown, with the right usage."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            advice = "" if any(map(_is_option, unknown)) else self.on_words_too_many
            said = f"unrecognized arguments: {' '.join(unknown)}"
            self.error("; ".join(filter(None, (said, advice))))
        return known, unknown


def _is_option(word: str) -> bool:
    return word.startswith("-")


#: What a sub-command adds itself to.
Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no other name


def none_of(word: str, words: Iterable[str]) -> str:
    """What is said of a word that is none of some."""
    return f"{word!r} is none of {', '.join(repr(str(each)) for each in words)}"
