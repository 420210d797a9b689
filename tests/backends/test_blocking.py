"""The blocking backend: many questions at once, threads, forks, and what it gives back."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from loopback import collect, no_descriptor_left, open_descriptors
from nameserver import Nameserver

from sipresolve.backends import DnspythonBackend
from sipresolve.backends.conformance import ZONE, BackendConformance
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.records import Question, RecordType, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = Question("example.com", RecordType.A)
RECORDS = "example.com. IN A 192.0.2.1"
SOON = 5.0
