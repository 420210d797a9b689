"""The guide to ENUM and its example do what they say."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import map_numbers
import pytest
from pages import DOCS

from sipresolve import AsyncResolver, Misuse, NoSuchNumber, Policy, Resolver
from sipresolve.backends import ZoneBackend
from sipresolve.procedures import substitution

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = (DOCS / "howto" / "enum-for-carriers.md").read_text("utf-8")
ZONE: Final = ZoneBackend.from_file(DOCS / "examples" / "enum.zone")


# --- The example


class Slow:
    """A resolver that answers when some numbers wait together, and those in ``stuck`` never."""

    def __init__(self, together: int = 1, stuck: frozenset[str] = frozenset()) -> None:
        self.together = together
        self.stuck = stuck
        self.waiting: set[str] = set()
        self.most = 0
        self.cancelled: set[str] = set()
        self.enough = asyncio.Event()

    async def enum(self, number: str) -> object:
        self.waiting.add(number)
        self.most = max(self.most, len(self.waiting))
        if len(self.waiting) == self.together:
            self.enough.set()
        try:
            await (asyncio.Event() if number in self.stuck else self.enough).wait()
        except asyncio.CancelledError:
            self.cancelled.add(number)
            raise
        self.waiting.discard(number)
        if number in ERRORS:
            raise ERRORS[number]
        return number


ERRORS: Final = {"nobody": NoSuchNumber("it has none"), "broken": Misuse("it is closed")}


async def all_mapped(resolver: Any, numbers: list[str], concurrency: int) -> list[str]:
    async with aclosing(map_numbers.mapped(resolver, numbers, concurrency)) as found:
        return [f"{number} {result}" async for number, result in found]


def test_numbers_keep_their_order_and_are_looked_up_together() -> None:
    async def scenario() -> tuple[list[str], int]:
        resolver = Slow(together=3)
        return await all_mapped(resolver, ["1", "nobody", "3", "4", "5"], 3), resolver.most

    assert asyncio.run(scenario()) == (["1 1", "nobody it has none", "3 3", "4 4", "5 5"], 3)


def test_a_mistake_of_the_program_is_no_answer() -> None:
    with pytest.raises(Misuse, match="it is closed"):
        asyncio.run(all_mapped(Slow(), ["broken"], 1))


def test_what_is_under_way_is_given_up_with_the_rest() -> None:
    async def scenario() -> tuple[set[str], set[str]]:
        resolver: Any = Slow(stuck=frozenset("23"))
        found = map_numbers.mapped(resolver, ["1", "2", "3", "4"], 3)
        first: Any = await anext(found)
        assert first == ("1", "1")
        await found.aclose()
        await asyncio.sleep(0)
        return resolver.cancelled, resolver.waiting

    assert asyncio.run(scenario()) == ({"2", "3"}, {"2", "3"})


def test_the_program_of_the_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(map_numbers, "AsyncResolver", partial(AsyncResolver, ZONE))
    monkeypatch.setattr(sys, "argv", ["map_numbers.py", "--root", "enum.carrier.example"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("+44 20 7946 0123\n+44 20 7946 0124\n0\n"))
    asyncio.run(map_numbers.main())
    assert capsys.readouterr().out.splitlines() == [
        "+44 20 7946 0123\tsip:0123@pbx.carrier.example",
        "+44 20 7946 0124\tno-such-number",
        "0\tinvalid-number",
    ]


# --- The guide


@pytest.fixture
def _without_google_re2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "re2", None)
    substitution._matcher.cache_clear()
    yield
    substitution._matcher.cache_clear()


@pytest.mark.usefixtures("_without_google_re2")
def test_the_command_that_installs_the_extra_is_that_of_the_message() -> None:
    [command] = re.findall(r"^pip install .*$", PAGE, re.MULTILINE)
    with Resolver(ZONE) as resolver, pytest.raises(Misuse) as raised:
        resolver.enum("+44 20 7946 0123")
    assert raised.value.message.endswith(command)


def test_the_defaults_are_as_told() -> None:
    assert Policy().enum_services == ("sip", "pstn:sip")
    assert "The default is `sip` and `pstn:sip`" in PAGE
    assert Policy().enum_roots == ("e164.arpa",)
    assert "`e164.arpa`, the default" in PAGE
