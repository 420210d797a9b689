"""The pages of the documentation, and the tables that stand in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = ["DOCS", "PAGES", "REFERENCE", "ROOT", "named", "tables"]

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
PAGES: Final = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
REFERENCE: Final = DOCS / "reference"

CODE: Final = re.compile("`([^`]+)`")


def tables(page: str) -> dict[tuple[str, ...], list[list[str]]]:
    """The rows of the tables of a page, by their headings; alike tables are one."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in (REFERENCE / page).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            rows = None
        elif rows is None:
            rows = found.setdefault(tuple(cells), [])
        elif set(line) - set("|- "):
            assert len(cells) == len(next(key for key, value in found.items() if value is rows))
            rows.append([cell.strip() for cell in cells])
    return found


def named(cell: str) -> list[str]:
    return CODE.findall(cell)
