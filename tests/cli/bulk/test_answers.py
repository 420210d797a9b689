"""The answer to a line: the document of its number, and the line that it stands in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sipresolve import AsyncResolver, Dnssec, InvalidNumber, Misuse, Policy
from sipresolve.backends import ZoneBackend
from sipresolve.cli.bulk.answers import Answered, answer
from sipresolve.cli.bulk.lines import Line

ZONE = ZoneBackend.from_text(r"""
1.4.4.e164.arpa. IN NAPTR 10 20 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .
2.4.4.e164.arpa. IN NAPTR 10 10 "u" "E2U+unused:data" "!^.*$!data:,!" .
""")


def answered(line: Line, policy: Policy | None = None) -> Answered:
    async def ask() -> Answered:
        wanted = policy or Policy()
        async with AsyncResolver(ZONE, wanted) as resolver:
            return await answer(line, resolver, wanted)

    return asyncio.run(ask())


def document(given: Answered) -> dict[str, Any]:
    assert given.octets.endswith(b"}\n")
    assert given.octets.count(b"\n") == 1
    assert given.octets.isascii()
    found: dict[str, Any] = json.loads(given.octets)
    return found


def test_a_number_that_is_found() -> None:
    line = Line(17, "+44 1", 0)
    given = answered(line)
    assert (given.line, given.outcome, given.complaint) == (line, "found", "")
    said = document(given)
    # An earlier run is known again by this beginning.
    assert given.octets.startswith(b'{"line": 17, ')
    assert list(said) == [
        "line", "number", "domain", "uris",
        "security", "reason", "warnings", "queries", "error",
    ]  # fmt: skip
    assert said["number"] == "+441"
    assert said["domain"] == "1.4.4.e164.arpa"
    assert said["error"] is None
    [uri] = said["uris"]
    assert (uri["uri"], uri["order"], uri["preference"]) == ("sip:+441@example.com", 10, 20)


@pytest.mark.parametrize(
    ("text", "code", "is_bad"),
    [
        ("+442", "number-unused", False),
        ("+443", "no-such-number", False),
        ("443", "invalid-number", True),
        ("tel:7042", "invalid-number", True),
        ("sip:[", "invalid-uri", True),
        ("\x1b[2J", "invalid-number", True),
    ],
)
def test_a_number_that_is_not(text: str, code: str, *, is_bad: bool) -> None:
    given = answered(Line(1, text, 0))
    said = document(given)
    assert (given.outcome, said["error"]["code"], said["uris"]) == (code, code, [])
    assert given.complaint == (said["error"]["message"] if is_bad else "")


def test_a_line_with_a_fault_is_not_looked_at() -> None:
    fault = InvalidNumber("octet 4 is not UTF-8", text="+441", position=0)
    said = document(answered(Line(1, "+441", 0, fault)))
    assert said["number"] == "+441"
    assert said["queries"] == []
    assert said["error"] == {"code": "invalid-number", "message": "octet 4 is not UTF-8"}


def test_the_roots_are_those_of_the_policy() -> None:
    said = document(answered(Line(1, "+441", 0), Policy(enum_roots=["e164.example"])))
    assert said["domain"] == "1.4.4.e164.example"


@pytest.mark.parametrize(("dnssec", "has_proof"), [("ignore", False), ("validate", True)])
def test_where_answers_are_proven_each_query_has_its_proof(dnssec: str, has_proof: bool) -> None:
    said = document(answered(Line(1, "+441", 0), Policy(dnssec=Dnssec(dnssec))))
    assert [("proof" in query) for query in said["queries"]] == [has_proof]


def test_what_no_number_can_help_is_not_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lacking(*_: object) -> None:
        raise Misuse("google-re2 is not installed")

    monkeypatch.setattr(AsyncResolver, "enum", lacking)
    with pytest.raises(Misuse):
        answered(Line(1, "+441", 0))
