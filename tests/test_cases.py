"""The acceptance cases of cases/*.toml, by the command line against a scripted nameserver."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import field, frozen
from groups import check_groups
from loopback import comes_about
from nameserver import Nameserver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CASES: Final = Path(__file__).parent / "cases"

#: How long a command may take, in seconds, with the start of the interpreter.
LONGEST: Final = 60

#: The keys that an answer must have: what was resolved, and what was found.
KEYS: Final = {
    "resolve": ("uri", "targets"),
    "via": ("via", "targets"),
    "enum": ("number", "domain", "uris"),
}

#: Those that every answer must have, and every URI and target in it.
ANSWER_KEYS: Final = {"security", "warnings", "queries", "error"}
URI_KEYS: Final = {"uri", "service", "order", "preference"}
TARGET_KEYS: Final = {
    "transport",
    "address",
    "port",
    "host",
    "priority",
    "weight",
    "order",
    "preference",
    "tls_name",
    "security",
    "ttl",
}


@frozen(kw_only=True)
class Case:
    """A case as cases/README.md describes it; a key that is not named there is refused."""

    id: str
    why: str
    run: Sequence[str]
    records: str = ""
    faults: Mapping[str, str] = field(factory=dict)
    delay_ms: float = 0
    additional: bool = False
    ad: bool = False
    targets: Sequence[Sequence[str]] | None = None
    uris: Sequence[Sequence[str]] | None = None
    error: str | None = None
    says: str = ""
    exit: int | None = None
    warnings: Sequence[str] = ()
    each: Mapping[str, object] = field(factory=dict)
    top: Mapping[str, object] = field(factory=dict)
    asked: Sequence[str] = ()
    not_asked: Sequence[str] = ()
    queries_at_most: int | None = None
    rounds_at_most: int | None = None
    seconds: float = 20

    @property
    def exit_status(self) -> int:
        """0 where there is an answer, 2 for input that can never be resolved, else 1."""
        if self.exit is not None:
            return self.exit
        if self.error is None:
            return 0
        return 2 if self.error.startswith("invalid-") else 1


def cases() -> Iterator[object]:
    """Every case of every file, by its name."""
    for file in sorted(CASES.glob("*.toml")):
        for table in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(Case(**table), id=f"{file.stem}-{table['id']}")


@pytest.mark.parametrize("case", [*cases()])
def test_case(case: Case) -> None:
    with Nameserver(
        case.records,
        delay=case.delay_ms / 1000,
        faults=case.faults,
        additional=case.additional,
        ad=case.ad,
    ) as server:
        status, said = run(case, server)
        took = server.clock - server.log[0].at if server.log else 0.0
        assert comes_about(lambda: set(server.asked) >= set(case.asked)), server.asked
    check_error(case, status, said)
    check_contract(case, said)
    check_values(case, said)
    check_found(case, said)
    check_questions(case, server)
    assert took < case.seconds


def run(case: Case, server: Nameserver) -> tuple[int, dict[str, Any]]:
    """The exit status, and the JSON on standard output; -P keeps a checkout out of sys.path."""
    command = [sys.executable, "-P", "-m", "sipresolve", *case.run]
    done = subprocess.run(  # noqa: S603 - the arguments are those of the case
        [*command, "--nameserver", server.address, "--json"],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return done.returncode, said


def check_error(case: Case, status: int, said: Mapping[str, Any]) -> None:
    error = said.get("error")
    code = error["code"] if error else None
    assert (code, status) == (case.error, case.exit_status), said
    if error:
        assert case.says in error["message"], said


def check_contract(case: Case, said: Mapping[str, Any]) -> None:
    command, subject, *_ = case.run
    assert said.keys() >= {*KEYS[command], *ANSWER_KEYS}
    # A number is told in its one spelling; all else as it was given.
    assert command == "enum" or said[KEYS[command][0]] == subject
    for uri in said.get("uris", ()):
        assert uri.keys() >= URI_KEYS
    for target in said.get("targets", ()):
        assert target.keys() >= TARGET_KEYS


def check_values(case: Case, said: Mapping[str, Any]) -> None:
    codes = {warning["code"] for warning in said["warnings"]}
    assert codes >= set(case.warnings)
    assert {key: said.get(key) for key in case.top} == case.top
    for each in said.get("targets") or said.get("uris", ()):
        assert {key: each.get(key) for key in case.each} == case.each


def check_found(case: Case, said: Mapping[str, Any]) -> None:
    if case.targets is not None:
        places = ["{transport} {address} {port}".format_map(each) for each in said["targets"]]
        check_groups(case.targets, places)
    if case.uris is not None:
        check_groups(case.uris, [each["uri"] for each in said["uris"]])


def check_questions(case: Case, server: Nameserver) -> None:
    asked = set(server.asked)
    asked_types = {f"* {seen.type}" for seen in server.log}
    assert not (asked | asked_types) & set(case.not_asked)
    if case.queries_at_most is not None:
        # On a busy machine, one may be sent again.
        assert len(asked) <= case.queries_at_most, server.asked
    if case.rounds_at_most is not None:
        times = [f"{seen.at:.3f} {seen}" for seen in server.log]
        assert server.rounds() <= case.rounds_at_most, times
