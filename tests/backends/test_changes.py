"""What tells one file from the next of its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sipresolve.backends.changes import stamp

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert stamp(str(path)) is None
    path.write_text("one")
    stamps = [stamp(str(path))]
    path.write_text("three")  # another size
    os.utime(path, ns=(0, 0))
    stamps.append(stamp(str(path)))
    os.utime(path, ns=(1, 1))  # another time
    stamps.append(stamp(str(path)))
    other = tmp_path / "other"
    other.write_text("seven")
    os.utime(other, ns=(1, 1))
    other.replace(path)  # another file
    stamps.append(stamp(str(path)))
    assert len({*stamps}) == 4
    assert stamp(str(path)) == stamps[-1]
