"""How the documentation is built: Sphinx, furo, MyST."""

from __future__ import annotations

import os
from enum import Enum
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent

project = "sipresolve"
author = "the sipresolve authors"
copyright = author  # noqa: A001 - the name that Sphinx gives it
release = version = version_of("sipresolve")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"sipresolve {release}"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Docstrings name things in single backquotes.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_ivar = True
python_use_unqualified_type_names = True

# Names of the standard library cannot be linked: no page is fetched from elsewhere.
nitpick_ignore_regex = [("py:.*", r"(?!sipresolve\.).*")]

# The examples name files as one does who stands in the root of a clone. The examples in docstrings
# are run by the tests.
doctest_global_setup = f"import os; os.chdir({os.fspath(ROOT)!r})"
doctest_test_doctest_blocks = ""


# `ZoneBackend` is made by its class methods, a penalty by a book, and the others by a resolver.
WITHOUT_SIGNATURE = frozenset(
    {
        "sipresolve.AsyncFailover",
        "sipresolve.Attempt",
        "sipresolve.Failover",
        "sipresolve.Penalty",
        "sipresolve.backends.ZoneBackend",
    }
)


def setup(app: Sphinx) -> None:
    """Say what this project does otherwise."""
    app.connect("autodoc-process-signature", _without_signature)


def _without_signature(
    _app: Sphinx, _kind: str, name: str, documented: object, *_: object
) -> tuple[str, None] | None:
    """Nobody makes a member of an enumeration, or of a protocol."""
    if name in WITHOUT_SIGNATURE or (
        isinstance(documented, type)
        and (issubclass(documented, Enum) or getattr(documented, "_is_protocol", False))
    ):
        return "", None
    return None
