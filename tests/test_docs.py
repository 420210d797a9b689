"""What the documentation says is so: its examples run, and its tables name what there is."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from code import InteractiveConsole
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from pages import DOCS, PAGES, REFERENCE, ROOT, named, tables

import sipresolve
from sipresolve import Policy, SipResolveError, Transport, UnsupportedTransport, backends
from sipresolve.backends import conformance
from sipresolve.cli import main
from sipresolve.cli.bulk import tally, window
from sipresolve.exchange import aliases
from sipresolve.procedures import (
    hosts,
    locate,
    locate_number,
    rules,
    search,
    services,
    telephone,
)
from sipresolve.session import names, vanished
from sipresolve.vocabulary import errors
from sipresolve.vocabulary.reasons import EDE_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(sipresolve.__file__).parent


def name_of_page(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(autouse=True)
def _in_the_root_of_the_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As who reads the documentation."""
    monkeypatch.chdir(ROOT)


# --- Examples

FENCE: Final = re.compile("^(?:```|:::).*$", re.MULTILINE)
PYTHON: Final = re.compile("^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE: Final = re.compile("^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class PageParser(doctest.DocTestParser):
    """Reads the examples of a page, whose fences are no output of theirs."""

    def parse(self, string: str, name: str = "<string>") -> list[str | doctest.Example]:
        return super().parse(FENCE.sub("", string), name)


@pytest.mark.parametrize("page", PAGES, ids=name_of_page)
def test_the_examples_of_a_page(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # a page may add to it
    failed, _ = doctest.testfile(
        str(page),
        module_relative=False,
        optionflags=doctest.ELLIPSIS,
        parser=PageParser(),
        encoding="utf-8",
    )
    assert not failed


def test_the_lines_of_the_readme_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    """Into an interpreter, which reads line by line; it prints what stands behind each ``# ->``."""
    lines = [line for block in PYTHON.findall(README) for line in block.splitlines()]
    console = InteractiveConsole()
    for line in lines:
        console.push(line)
    shown = [line.removeprefix("# -> ") for line in lines if line.startswith("# -> ")]
    assert shown
    said = capsys.readouterr()
    assert (said.out.splitlines(), said.err) == (shown, "")


def modules() -> Iterator[str]:
    for module in pkgutil.walk_packages([str(PACKAGE)], "sipresolve."):
        yield module.name


@pytest.mark.parametrize("module", [*modules()])
def test_the_examples_of_a_module(module: str) -> None:
    assert not doctest.testmod(importlib.import_module(module)).failed


def sessions() -> Iterator[object]:
    """Each command of the pages, and what it prints."""
    for page in PAGES:
        for number, block in enumerate(CONSOLE.findall(page.read_text("utf-8")), start=1):
            prompt, _, output = block.partition("\n")
            yield pytest.param(prompt, output, id=f"{name_of_page(page)}-{number}")


def without_times(text: str) -> str:
    text = re.sub(r"[0-9]+\.[0-9] ms", "… ms", text)
    text = re.sub(r'"ms": [0-9]+\.[0-9]', '"ms": …', text)
    return re.sub(r"[0-9]+\.[0-9] s \([0-9]+ a second\)", "… s", text)


@pytest.mark.parametrize(("prompt", "output"), [*sessions()])
def test_a_command_prints_what_is_shown(
    prompt: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dollar, program, *arguments = shlex.split(prompt)
    assert (dollar, program) == ("$", "sipresolve")
    main(arguments)
    said = capsys.readouterr()
    assert without_times(said.out + said.err) == without_times(output)


README: Final = (ROOT / "README.md").read_text("utf-8")
SH: Final = re.compile("^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS: Final = SH.findall(README)
SHOWN: Final = re.compile("^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_readme_begins_with_two_commands() -> None:
    assert COMMANDS[:2] == ["docs/examples/run\n", "tests/run\n"]
    for command in COMMANDS[:2]:
        assert (ROOT / command.strip()).stat().st_mode & 0o100


def test_the_first_command_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    script = (DOCS / "examples" / "run").read_text("utf-8")
    [arguments] = re.findall(r"bin/sipresolve (resolve .* --zone docs/examples/.*)", script)
    main(shlex.split(arguments))
    [shown] = SHOWN.findall(README)
    assert capsys.readouterr().out.startswith(shown)


def test_the_readme_names_what_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    for requirement in (
        *project["project"]["dependencies"],
        *(each for extra in ("cli", "dnssec", "enum") for each in extras[extra]),
    ):
        assert f"[{distribution(requirement)}](https:" in README
    to_build = [*map(distribution, project["dependency-groups"]["docs"]), "pytest"]
    assert COMMANDS[-1].startswith(f".venv/bin/pip install {' '.join(to_build)}\n")


def distribution(requirement: str) -> str:
    return re.split("[<>=]", requirement)[0]


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / target).resolve() for target in LINK.findall(README)}
    assert {page for page in PAGES[1:] if page.stem not in {"index", "changelog"}} <= linked


# --- The backend that a how-to builds


def pytest_on_the_backend(folder: Path, old: str = "", new: str = "") -> str:
    """What pytest says of the files of the how-to, in a project of their own."""
    for name in ("table_backend.py", "test_table_backend.py"):
        text = (DOCS / "examples" / name).read_text("utf-8")
        (folder / name).write_text(text.replace(old, new) if old else text, "utf-8")
    return subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-m", "pytest", "-q", "--rootdir", folder, folder],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    ).stdout


def test_the_backend_passes_the_suite_as_printed(tmp_path: Path) -> None:
    said = pytest_on_the_backend(tmp_path)
    assert re.search(r"^\d+ passed in", said, re.MULTILINE), said


def test_the_suite_says_what_is_wrong_with_the_backend_as_shown(tmp_path: Path) -> None:
    said = pytest_on_the_backend(
        tmp_path,
        old="least = None if found.ttl is None else min(ttl, found.ttl)",
        new="least = found.ttl",
    )
    [shown] = SHOWN.findall((DOCS / "howto" / "write-a-backend.md").read_text("utf-8"))
    assert shown in said


def test_the_table_of_the_backend_may_be_shared() -> None:
    shared = example("table_backend").SharedTable({})
    assert isinstance(shared, backends.SharedBackend)
    assert shared.attach() is not shared.attach()


def example(name: str) -> Any:
    path = DOCS / "examples" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- Tables


def as_written(default: object) -> str:
    if default == sipresolve.ROOT_ANCHORS:
        return "ROOT_ANCHORS"
    return ", ".join(default) if isinstance(default, tuple) else str(default)


def test_every_setting_of_the_policy_is_in_its_table() -> None:
    rows = tables("policy.md")["field", "unit or values", "default", "meaning", "source"]
    assert [named(row[0]) for row in rows] == [[name] for name in attrs.fields_dict(Policy)]
    for name, default in attrs.asdict(Policy(), recurse=False).items():
        [row] = [row for row in rows if named(row[0]) == [name]]
        assert named(row[2]) == [as_written(default)]
        assert all(row)


def test_the_patience_is_as_documented() -> None:
    rows = tables("policy.md")["wait", "seconds", "for"]
    assert {row[0]: float(row[1]) for row in rows} == {
        "NAPTR": locate.NAPTR_PATIENCE,
        "family": hosts.FAMILY_PATIENCE,
        "host": hosts.HOST_PATIENCE,
        "non-terminal": telephone.LATE_PATIENCE,
        "stragglers": search.EAGER.stragglers,
    }


def test_the_bounds_are_as_documented() -> None:
    rows = tables("policy.md")["bound", "at most", "beyond it"]
    assert {row[0]: int(row[1].replace(",", "")) for row in rows} == {
        "aliases in a row": aliases.MOST_ALIASES,
        "non-terminal records of ENUM in a row": telephone._DEEPEST,
        "domains that had SIPS": vanished.MOST_DOMAINS,
        "names that are counted": names.MOST_NAMES,
    }


def nodes_of_what_notes() -> Iterator[ast.AST]:
    for folder in ("procedures", "session"):
        for path in (PACKAGE / folder).glob("*.py"):
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def codes_in_the_source() -> set[str]:
    """Texts that are words joined by hyphens: the codes of notes, of some errors, a transport."""
    texts = {
        node.value
        for node in nodes_of_what_notes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    codes = {text for text in texts if re.fullmatch("[a-z]+(-[a-z]+)+", text)}
    return codes - set(Transport) - {*locate_number._RANKS} - {*EDE_OF} | OF_ERRORS_TOO


#: A note where something else was found, and an error where nothing was.
OF_ERRORS_TOO: Final = {kind.code for kind in errors.OutOfBounds.__subclasses__()}


def codes_that_do_not_warn() -> Iterator[tuple[str, str]]:
    """Each with its word: never, or sometimes."""
    for reasons in (services._REASONS, rules._REASONS):
        yield from ((code, "no") for code, (_, warns) in reasons.items() if not warns)
    for node in nodes_of_what_notes():
        given = {each.arg: each.value for each in getattr(node, "keywords", ())}
        match given:
            case {"code": ast.Constant(value=code), "warning": ast.Constant(value=False)}:
                yield str(code), "no"
            case {"code": ast.Constant(value=code), "warning": _}:
                yield str(code), "sometimes"


def test_every_note_is_documented_and_whether_it_warns() -> None:
    rows = tables("warnings.md")["code", "warning", "meaning"]
    warns = {code: row[1] for row in rows for code in named(row[0])}
    assert len(warns) == len(rows)
    assert warns.keys() == codes_in_the_source()
    assert {each for each in warns.items() if each[1] != "yes"} == {*codes_that_do_not_warn()}


def test_every_error_is_documented_with_its_exit_status() -> None:
    classes = (getattr(errors, name) for name in errors.__all__)
    with_code = {error.__name__: error for error in classes if hasattr(error, "code")}
    rows = tables("errors.md")["code", "class", "exit", "when"]
    assert sorted(name for row in rows for name in named(row[1])) == sorted(with_code)
    for code, kinds, exit_status, _ in rows:
        for name in named(kinds):
            assert named(code) == [with_code[name].code]
            assert exit_status == statuses(with_code[name])


def statuses(error: type[SipResolveError]) -> str:
    if issubclass(error, (errors.TargetFailed, errors.AllTargetsFailed)):
        return "none"  # the command line tries no target
    if issubclass(error, UnsupportedTransport):
        return "2 or 1"
    return "2" if issubclass(error, errors.InputError) else "1"


@pytest.mark.parametrize("module", [sipresolve, backends, conformance])
def test_every_public_name_is_documented(module: Any) -> None:
    text = (REFERENCE / "api.md").read_text("utf-8")
    paths = re.findall(r"^(?:\.\. (?:auto\w+|py:data)::|   +) ([\w.]+)$", text, re.MULTILINE)
    assert set(module.__all__) <= {path.rpartition(".")[2] for path in paths}


PUBLIC: Final = {
    value: None
    for module in (sipresolve, backends, conformance)
    for value in (getattr(module, name) for name in module.__all__)
    if isinstance(value, type)
}


@pytest.mark.parametrize("value", [value for value in PUBLIC if attrs.has(value)])
def test_every_field_is_documented(value: type) -> None:
    assert value.__doc__
    documented = re.findall(r"^ +(\w+): ", value.__doc__, re.MULTILINE)
    assert {name for name in attrs.fields_dict(value) if not name.startswith("_")} <= {*documented}


@pytest.mark.parametrize("value", PUBLIC)
def test_no_property_is_mistaken_for_its_type(value: type) -> None:
    """A colon in its first line would end a type: so Google's style has it."""
    for member in vars(value).values():
        if isinstance(member, property) and member.__doc__:
            assert ":" not in member.__doc__.partition("\n")[0]


def test_the_table_of_transports() -> None:
    rows = tables("api.md")["transport", "NAPTR service", "SRV labels", "port", "secure"]
    assert rows == [
        [
            f"`{transport}`",
            f"`{transport.naptr_service}`",
            f"`{transport.srv_labels}`",
            str(transport.default_port),
            "yes" if transport.secure else "no",
        ]
        for transport in Transport
    ]


# --- The command line


def options(text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", text))


OPTIONS: Final = [
    options(" ".join(row[0] for row in tables("cli.md")[heading, "meaning", "default"]))
    for heading in ("option", "option for numbers", "option for many numbers")
]
COMMON, FOR_NUMBERS, FOR_MANY = OPTIONS


@pytest.mark.parametrize(
    ("command", "documented"),
    [
        ("resolve", COMMON | FOR_NUMBERS),
        ("enum", COMMON | FOR_NUMBERS | FOR_MANY),
        ("via", COMMON),
    ],
)
def test_every_option_is_documented(
    command: str, documented: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([command, "--help"])
    main(["--help"])
    assert options(capsys.readouterr().out) == documented


def test_the_number_of_lookups_at_the_same_time(capsys: pytest.CaptureFixture[str]) -> None:
    main(["enum", "--help"])
    [default] = re.findall(r"same time \(default:\s+(\d+)\)", capsys.readouterr().out)
    rows = tables("cli.md")["option for many numbers", "meaning", "default"]
    assert [f"`{default}`"] == [row[2] for row in rows if row[0] == "`--concurrency N`"]


def test_the_bounds_of_many_numbers() -> None:
    page = (REFERENCE / "cli.md").read_text("utf-8")
    assert f"to {window.MOST_LINES:,} lines may be under way" in page.replace("\n  ", " ")
    assert f"names the first {tally.MOST_COMPLAINTS} such lines" in page


def test_what_was_not_answered_is_asked_again(tmp_path: Path) -> None:
    codes = [*tally.UNANSWERED, "no-such-number", None]
    answers = [
        {"number": f"+44{place}", "error": code and {"code": code}}
        for place, code in enumerate(codes, start=1)
    ]
    (tmp_path / "answers.jsonl").write_text("".join(f"{json.dumps(said)}\n" for said in answers))
    [recipe] = SH.findall((REFERENCE / "cli.md").read_text("utf-8"))
    zone = shlex.quote(str(DOCS / "examples" / "enum.zone"))
    names = f"""
python() {{ {shlex.quote(sys.executable)} "$@"; }}
sipresolve() {{ python -P -m sipresolve "$@" --zone {zone}; }}
"""
    subprocess.run(  # noqa: S603 - our own lines
        ["/bin/sh", "-ec", names + recipe],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        check=True,
        timeout=60,
    )
    assert (tmp_path / "again.txt").read_text() == "+441\n+442\n+443\n"
    again = (tmp_path / "answers-again.jsonl").read_text().splitlines()
    assert [json.loads(said)["number"] for said in again] == ["+441", "+442", "+443"]


def said_as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    zones = ("example.zone", "enum.zone")
    main([*arguments, *(f"--zone={DOCS / 'examples' / zone}" for zone in zones), "--json"])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


KEYS: Final = [named(row[0]) for row in tables("cli.md")["key", "value"]]
#: What all documents have, and no more.
REST: Final = ["security", "reason", "warnings", "queries", "error"]


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("uri", ("resolve", "sip:alice@example.com")),
        ("via", ("via", "SIP/2.0/UDP example.com")),
    ],
)
def test_every_key_of_the_json_is_documented(
    key: str, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_as_json(capsys, *arguments)
    subjects, *others = KEYS
    assert subjects == ["uri", "via"]
    assert [key, *(each for row in others for each in row)] == [
        *said,
        *said["targets"][0],
        *said["queries"][0],
    ]


def test_every_key_of_the_json_of_a_number_is_documented(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ported = ("+1 202 555 0123", "--root", "e164.exchange.example")
    said = said_as_json(capsys, "enum", *ported)
    assert [*said] == [*documented_keys("`enum`"), *REST]
    assert [*said["uris"][0]] == documented_keys("a URI")
    assert [*said["uris"][0]["portability"]] == documented_keys("`portability`")


def test_where_answers_are_proven_a_query_has_a_key_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    uri = "sip:alice@example.com"
    plain = said_as_json(capsys, "resolve", uri)
    proven = said_as_json(capsys, "resolve", uri, "--dnssec", "validate")
    [[named_key]] = [
        named(row[0]) for row in tables("cli.md")["key with `--dnssec validate`", "value"]
    ]
    assert [*proven["queries"][0]] == [*plain["queries"][0], named_key]
    assert {key: [*each] for key, each in proven.items() if key == "reason"} == {
        "reason": ["code", "message", "extended_error"]
    }


def documented_keys(of: str) -> list[str]:
    return [each for row in tables("cli.md")[f"key of {of}", "value"] for each in named(row[0])]


def test_a_number_that_is_resolved_has_more_keys(capsys: pytest.CaptureFixture[str]) -> None:
    of_number, of_uri = (
        said_as_json(capsys, "resolve", uri) for uri in ("+442079460123", "sip:alice@example.com")
    )
    page = " ".join((REFERENCE / "cli.md").read_text("utf-8").split())
    assert [*of_number] == [*of_uri, *documented_keys("`enum`")]
    assert "`number`, `domain` and `uris` follow at the end" in page
    assert [*of_number["targets"][0]] == [*of_uri["targets"][0], "uri"]
    assert "has one key more at its end, `uri`" in page


# --- Clauses

CLAUSES: Final = [
    row
    for heading, rows in tables("rfc.md").items()
    if heading == ("clause", "what it asks", "code", "tests")
    for row in rows
]


def clause_id(row: list[str]) -> str:
    return f"{row[0]}: {row[1]}"


@pytest.mark.parametrize("row", CLAUSES, ids=clause_id)
def test_what_implements_a_clause_is_there(row: list[str]) -> None:
    assert named(row[2])
    for path in named(row[2]):
        assert pkgutil.resolve_name(f"sipresolve.{path}") is not None


@pytest.mark.parametrize("row", CLAUSES, ids=clause_id)
def test_what_checks_a_clause_is_there(row: list[str]) -> None:
    assert named(row[3])
    for test in named(row[3]):
        file, _, name = test.partition("::")
        path = ROOT / "tests" / file
        assert re.search(rf"^(?:def|class) {name}\b", path.read_text("utf-8"), re.MULTILINE), test


@pytest.mark.parametrize(
    "clause",
    [
        *("§4", "§4.1", "§4.2", "§4.3", "§4.4", "§5", "§19.1.1", "§19.1.4", "§25", "§26.2.2"),
        *("§8.1.2", "§16.6", "§18.1.1", "§18.2.2", "§20.42", "§21.5.4"),
        *("RFC 3581 §4", "RFC 4475", "RFC 5118 §4.5"),
        *("RFC 3403 §4.1", "RFC 7984", "RFC 6724", "RFC 8305", "RFC 5922", "RFC 7118"),
        *("§3.1", "§3.2", "§3.3", "§3.4.2", "§3.4.3", "§3.4.3.1", "§3.4.3.2", "§3.6", "§3.7"),
        *("§5.2", "§5.2.1", "RFC 3402 §3", "RFC 3402 §3.2", "RFC 3402 §3.3", "RFC 2916"),
        *("RFC 3966 §3", "RFC 3966 §4", "RFC 3966 §5.1.5", "RFC 4694 §4", "RFC 4694 §5.1"),
        *("RFC 4759", "RFC 4769", "RFC 5067", "RFC 3824", "§19.1.6"),
        *("RFC 4168", "RFC 2308", "RFC 5452", "RFC 6891", "RFC 7766", "RFC 4035 §4.9.3"),
    ],
)
def test_a_clause_has_its_row(clause: str) -> None:
    assert any(re.search(rf"{clause}(?![.\d])", row[0]) for row in CLAUSES)


# --- Links

LINK: Final = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=name_of_page)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
