"""Resolves domain after domain while one of two nameservers is dead, beside others who do the same.

    PYTHONPATH=tests python benchmarks/dead.py -o dead.json

Every client is kept from one resolution to the next, as a program keeps it, and learns what it can;
but each domain is new to it. The clients take turns in blocks. All of it runs in a network of its
own (`namespace`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import asdict, define, field
from dead_contenders import LIMIT, contenders
from kamailio_peer import phone
from namespace import enter
from silent import silent_nameserver
from slow_nameserver import slow_nameserver
from workloads import Domain

from sipresolve import UDP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dead_contenders import Client

__all__ = ["main"]

#: How long every answer takes, in seconds.
_DELAY: Final = 0.02

#: The nameservers: two that answer, and one that does not. Kamailio knows no other port than 53.
_ONE, _OTHER, _DEAD = "127.0.3.1", "127.0.3.2", "127.0.3.3"
_PORT: Final = 53

#: Whom clients are told to ask, in this order.
_CASES: Final = {
    "both answer": (_ONE, _OTHER),
    "the first is dead": (_DEAD, _OTHER),
    "the second is dead": (_ONE, _DEAD),
}

#: How many domains make a block.
_BLOCK: Final = 10

#: Who always takes longer than so many seconds does nothing but wait, and gets so many at once.
_SLOW: Final = 1.0
_AT_ONCE: Final = 16


@define
class Result:
    """What came of one contender in one case, resolution by resolution.

    Attributes:
        case: Which of the nameservers are dead.
        contender: By its name.
        ms: How long it took, in milliseconds.
    """

    case: str
    contender: str
    ms: list[float] = field(factory=list)


@define
class Course:
    """A client in a case, and what came of it.

    Attributes:
        client: Who resolves.
        result: What came of it so far.
        took: How long that took, in seconds.
    """

    client: Client
    result: Result
    took: float = 0.0

    def go_on(self, domains: Sequence[str], seconds: float) -> bool:
        """Resolve a block of the domains that are left, unless the time is over."""
        ms = self.result.ms
        if len(ms) >= len(domains) or self.took >= seconds or self.has_hung:
            return False
        at_once = self.client.at_once if ms and min(ms) > 1000 * _SLOW else None
        block = _AT_ONCE if at_once else _BLOCK if ms else 1
        resolve = at_once or self.client.one_by_one
        began = time.perf_counter()
        ms.extend(round(1000 * each, 3) for each in resolve(domains[len(ms) :][:block]))
        self.took += time.perf_counter() - began
        return True

    @property
    def has_hung(self) -> bool:
        """Whether a resolution was given up, which is enough to say so."""
        return bool(self.result.ms) and self.result.ms[-1] >= 1000 * LIMIT


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--resolutions", type=int, default=200, help="of each kind (default: 200)")
    parser.add_argument(
        "--seconds", type=float, default=30, help="to begin blocks of each kind (default: 30)"
    )
    options = parser.parse_args()
    enter()
    domains = [
        Domain(name=f"domain{number}.example", naptr=(UDP,), srv=(UDP,))
        for number in range(options.resolutions)
    ]
    with ExitStack() as stack:
        _start_nameservers(stack, domains)
        courses = list(_courses(stack))
        names = [domain.name for domain in domains]
        while sum(course.go_on(names, options.seconds) for course in courses):
            pass
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "delay_ms": _DELAY * 1000,
        "limit_ms": LIMIT * 1000,
        "results": [asdict(course.result) for course in courses],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


def _start_nameservers(stack: ExitStack, domains: Sequence[Domain]) -> None:
    records = "\n".join(domain.records for domain in domains)
    for host in (_ONE, _OTHER):
        stack.enter_context(slow_nameserver(records, delay=_DELAY, host=host, port=_PORT))
    stack.enter_context(silent_nameserver(_DEAD, _PORT))


def _courses(stack: ExitStack) -> Iterator[Course]:
    sip = stack.enter_context(phone())
    for case, hosts in _CASES.items():
        for contender, client in contenders(stack, hosts, sip):
            yield Course(client, Result(case, contender))


if __name__ == "__main__":
    main()
