"""Fixtures for all tests, and the profiles of Hypothesis.

``HYPOTHESIS_PROFILE`` is ``dev``, ``ci``, ``brief`` or ``deep``.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["servers", "cluster"]

settings.register_profile(
    "dev",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a machine may be busy
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.register_profile("brief", settings.get_profile("ci"), max_examples=25)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Who is started in the background ignores interrupts, and so do all programs that he starts: those
# as well that the tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
