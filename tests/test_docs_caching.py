"""What the pages on the cache, on nameservers and on settings say is so, row by row."""

from __future__ import annotations

import ast
import re
from doctest import DocTestParser
from inspect import signature
from typing import TYPE_CHECKING, Final

import pytest
from attrs import fields_dict
from pages import DOCS, named, tables

from sipresolve import CachePolicy, CacheStatistics, Policy
from sipresolve.backends import DnspythonBackend
from sipresolve.exchange import panel

if TYPE_CHECKING:
    from collections.abc import Iterator

# --- The reference


def test_every_setting_of_the_cache_is_in_its_table() -> None:
    rows = tables("cache.md")["field", "unit or values", "default", "meaning", "source"]
    assert [(named(row[0]), named(row[2])) for row in rows] == [
        ([name], [str(getattr(CachePolicy(), name))]) for name in fields_dict(CachePolicy)
    ]
    assert all(all(row) for row in rows)


def test_all_that_is_counted_is_in_its_table() -> None:
    rows = tables("cache.md")["field", "unit", "meaning"]
    assert [named(row[0]) for row in rows] == [[name] for name in fields_dict(CacheStatistics)]


def test_every_setting_of_the_backend_is_in_its_table() -> None:
    rows = tables("../howto/choose-nameservers.md")["argument", "meaning", "default"]
    documented = {name: row[2].strip("`") for row in rows for name in named(row[0])}
    parameters = signature(DnspythonBackend).parameters
    assert documented.keys() == parameters.keys()
    defaults = {name: str(each.default) for name, each in parameters.items() if name != "system"}
    assert documented | defaults == documented


# --- The explanation

EXPLANATION: Final = " ".join((DOCS / "explanation" / "caching.md").read_text("utf-8").split())
DEFAULT: Final = CachePolicy()


@pytest.mark.parametrize(
    "said",
    [
        f"takes longer than {DEFAULT.stale_after:g} seconds",
        f"with a TTL of {DEFAULT.stale_ttl:g} seconds",
        f"lives for less than {'ten' if DEFAULT.shortest_refreshed == 10 else '…'} seconds",
        f"{DEFAULT.failure_ttl:g} s, then 4, then {DEFAULT.longest_failure_ttl:g} each time",
        f"{panel._LEAST * 1000:g} ms at least; {panel._UNKNOWN * 1000:g} ms for one of whom",
        f"the best, and {panel._MARGIN * 1000:g} ms more, goes behind",
        f"there are {panel._BUDGET:g} to begin with",
    ],
)
def test_numbers_of_the_explanation(said: str) -> None:
    assert said in EXPLANATION


# --- Settings for what one builds

PAGE: Final = (DOCS / "howto" / "choose-settings.md").read_text("utf-8")
HEADING: Final = "| setting | why | what it costs |"
SECTIONS: Final = [section for section in PAGE.split("\n## ") if HEADING in section]
BUILT: Final = {"AsyncResolver", "CachePolicy", "DnspythonBackend", "Policy", "Resolver"}
SETTINGS: Final = {
    "nameservers",
    *fields_dict(CachePolicy),
    *fields_dict(Policy),
    *signature(DnspythonBackend).parameters,
}


def title_of(section: str) -> str:
    return section.partition("\n")[0]


def settings_in_the_table(section: str) -> Iterator[str]:
    for line in section.partition(HEADING)[2].splitlines():
        if line.startswith("| `"):
            yield from named(line.split(" | ")[0])


def settings_in_the_code(section: str) -> Iterator[str]:
    for example in DocTestParser().get_examples(section):
        for node in ast.walk(ast.parse(example.source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from keywords_of(node) if node.func.id in BUILT else ()


def keywords_of(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg in SETTINGS:
            yield f"{keyword.arg}={ast.unparse(keyword.value)}"


def normal(setting: str) -> str:
    """As `settings_in_the_code` writes it."""
    name, _, value = setting.partition("=")
    return f"{name}={ast.unparse(ast.parse(value))}"


def test_there_is_a_section_for_each_of_them() -> None:
    assert [*map(title_of, SECTIONS)] == ["A softphone", "A proxy", "An SBC"]


@pytest.mark.parametrize("section", SECTIONS, ids=title_of)
def test_what_is_set_is_what_the_table_says(section: str) -> None:
    told = [*settings_in_the_table(section)]
    assert {re.sub("=.*", "", setting) for setting in told} <= SETTINGS
    changed = {normal(setting) for setting in told if "=" in setting}
    assert changed == {*settings_in_the_code(section)}


# --- Clauses

CLAUSES: Final = [row[0] for row in tables("rfc.md")["clause", "what it asks", "code", "tests"]]


@pytest.mark.parametrize(
    "clause",
    [
        *("RFC 1035 §3.2.1", "RFC 2181 §5.2", "RFC 2181 §5.4.1"),
        *("RFC 2308 §2.1", "RFC 2308 §5", "RFC 2308 §7.1"),
        *("RFC 8767 §4", "RFC 8767 §5", "RFC 9520 §3.2", "RFC 6298 §2"),
    ],
)
def test_a_clause_has_its_row(clause: str) -> None:
    assert any(re.search(rf"{clause}(?![.\d])", row) for row in CLAUSES)
