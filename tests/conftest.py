"""Fixtures for all tests, and the profiles of Hypothesis.

``HYPOTHESIS_PROFILE`` is ``dev``, ``ci`` or ``deep``.
"""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["servers"]

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=500)
settings.register_profile("deep", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
