"""How arguments are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipresolve.cli.options import add_json_option
from sipresolve.cli.parsing import Asked, Parser, UsageError, none_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    made = Parser(prog="program", usage="program [OPTION ...]", allow_abbrev=False)
    made.add_argument("--family", choices=["any", "ipv4"])
    add_json_option(made)
    return made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--unknown",), "unrecognized arguments: --unknown"),
        # No abbreviations: a later option could take their place.
        (("--js",), "unrecognized arguments: --js"),
        (("\x1b[31m",), r"unrecognized arguments: \x1b[31m"),
        (("--family", "\x1b"), r"argument --family: '\x1b' is none of 'any', 'ipv4'"),
        (("--family",), "argument --family: expected one argument"),
    ],
)
def test_what_makes_no_sense_is_raised_with_the_usage(arguments: Sequence[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parser().parse_args(arguments)
    assert (caught.value.message, caught.value.usage) == (said, "usage: program [OPTION ...]\n")


def test_help_is_raised_as_well() -> None:
    with pytest.raises(Asked) as caught:
        parser().parse_args(["--help"])
    assert caught.value.text.startswith("usage: program [OPTION ...]\n")


def test_a_word_that_is_none_of_some_is_quoted_and_so_are_they() -> None:
    assert none_of("c d", ["a", "b"]) == "'c d' is none of 'a', 'b'"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a", "b"), "unrecognized arguments: a b; use quotes"),
        (("--unknown",), "unrecognized arguments: --unknown"),
        (("a", "--unknown", "b"), "unrecognized arguments: a --unknown b"),
    ],
)
def test_of_words_too_many_it_may_be_said_why(arguments: Sequence[str], said: str) -> None:
    made = parser()
    made.on_words_too_many = "use quotes"
    with pytest.raises(UsageError) as caught:
        made.parse_args(arguments)
    assert caught.value.message == said


def test_a_sub_command_complains_with_its_own_usage() -> None:
    program = Parser(prog="program", usage="program COMMAND")
    program.add_subparsers().add_parser("go", usage="program go URI")
    with pytest.raises(UsageError) as caught:
        program.parse_args(["go", "--far"])
    assert caught.value.usage == "usage: program go URI\n"
