"""The public names, and what importing them costs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from importlib import metadata
from types import ModuleType

import pytest

import sipresolve
import sipresolve.backends
from sipresolve.failover import attempt, book, health, iterators
from sipresolve.vocabulary import errors, keys, mapped, numbers, proofs, records

#: pytest is no dependency, and the suite is for those who test a backend.
NOT_FOR_USERS = {"sipresolve.backends.conformance", "sipresolve.__main__"}
MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(sipresolve.__path__, "sipresolve.")
    if module.name not in NOT_FOR_USERS
]


@pytest.mark.parametrize("module", [sipresolve, *MODULES], ids=lambda module: module.__name__)
def test_what_a_module_offers_is_there(module: ModuleType) -> None:
    for name in getattr(module, "__all__", ()):
        assert getattr(module, name) is not None


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_module_says_what_it_is_for(module: ModuleType) -> None:
    assert module.__doc__
    assert module.__doc__.strip()


@pytest.mark.parametrize("name", sipresolve.__all__)
def test_every_public_name_has_a_docstring(name: str) -> None:
    value = getattr(sipresolve, name)
    if inspect.isclass(value):
        assert inspect.getdoc(value)
        public = {key: member for key, member in vars(value).items() if not key.startswith("_")}
        for key, member in public.items():
            if inspect.isfunction(member) or isinstance(member, (property, classmethod)):
                assert inspect.getdoc(member), f"{name}.{key}"


def test_every_error_is_public() -> None:
    assert set(errors.__all__) <= set(sipresolve.__all__)


@pytest.mark.parametrize("module", [attempt, book, iterators])
def test_what_a_caller_of_failover_meets_is_public(module: ModuleType) -> None:
    """What is handed out, what it holds, and whom to ask about health."""
    assert set(module.__all__) <= set(sipresolve.__all__)


@pytest.mark.parametrize("module", [mapped, numbers])
def test_what_a_caller_of_enum_meets_is_public(module: ModuleType) -> None:
    """What is found, the number in it, and the domain where it is looked up."""
    internal = {"ParsedUri", "parsed_uri"}
    assert set(module.__all__) - internal <= set(sipresolve.__all__)


@pytest.mark.parametrize("module", [keys, proofs])
def test_what_a_caller_of_dnssec_meets_is_public(module: ModuleType) -> None:
    """Where chains begin, and the links that they are made of."""
    assert set(module.__all__) <= set(sipresolve.__all__)


def test_what_an_answer_says_of_its_proof_is_public() -> None:
    met = inspect.get_annotations(records.Answer)
    assert {met["reason"], "Link", "ExtendedError"} <= set(sipresolve.__all__)


def test_what_a_health_of_ones_own_has_to_speak_is_public() -> None:
    met = inspect.get_annotations(health.Health.admit)
    assert {"Health", *met.values()} <= set(sipresolve.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    assert sipresolve.__version__ == metadata.version("sipresolve")
    with pytest.raises(AttributeError, match="nonsense"):
        sipresolve.nonsense  # noqa: B018 - that is what is tested


def modules_after(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - the statements are those below
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_it_loads_no_more_than_it_needs() -> None:
    loaded = modules_after("import sipresolve, sipresolve.backends")
    assert not {"dns", "rich", "argparse", "asyncio", "sipresolve.cli", "pytest", "re2"} & loaded


def test_the_matcher_is_loaded_with_the_first_number() -> None:
    """It is an extra, and who maps no numbers needs it not."""
    resolving = (
        "from contextlib import suppress\n"
        "from sipresolve import *\n"
        "from sipresolve.backends import ZoneBackend\n"
        "resolver = Resolver(ZoneBackend.from_text('example.com. IN A 192.0.2.1'))\n"
        "resolver.resolve('sip:example.com')"
    )
    mapping = "with suppress(NoSuchNumber):\n    resolver.enum('+44')\npass"
    assert "re2" not in modules_after(resolving)
    assert "re2" in modules_after(f"{resolving}\n{mapping}")


def test_cryptography_is_loaded_with_the_resolver_that_proves() -> None:
    """It is an extra, and who proves nothing needs it not; nor does who reads trust anchors."""
    reading = "import sipresolve; sipresolve.read_trust_anchors"
    resolving = "from sipresolve import *; Resolver(policy=Policy({}))"
    assert "cryptography" not in modules_after(reading)
    assert "cryptography" not in modules_after(resolving.format("dnssec='trust-ad'"))
    assert "cryptography" in modules_after(resolving.format("dnssec='validate'"))


def test_asyncio_is_loaded_with_the_resolver_that_needs_it() -> None:
    assert "asyncio" in modules_after("from sipresolve import AsyncResolver")


def test_dnspython_is_loaded_with_a_backend_that_needs_it() -> None:
    assert "dns" in modules_after("from sipresolve.backends import ZoneBackend")
    assert "dns" in modules_after("import sipresolve; sipresolve.Resolver()")
