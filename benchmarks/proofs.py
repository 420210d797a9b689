"""Times the proofs of DNSSEC by themselves: no network, and no message is read.

    PYTHONPATH=tests python benchmarks/proofs.py -o proofs.json

A session gets answers that were read before. What a proof costs is what a resolution takes longer
than one that proves nothing, which takes its turn right before. Beside it dnspython validates the
same RRsets, which it has read before as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.dnssec
import dns.message
import dns.name
from attrs import asdict, define, evolve, field, frozen
from dns.rdatatype import RdataType
from signed import ADDRESSES, ALGORITHMS, DENIALS, SIGNED, signed_internet
from signed_messages import answered
from workloads import POLICY, SOURCES

from sipresolve import UDP, SipUri
from sipresolve.backends.signatures import signatures
from sipresolve.session.proof.means import Checking
from sipresolve.session.run import Ended, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.records import Question, Security

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dns.node import Node
    from dns.rdataset import Rdataset
    from dns.rrset import RRset
    from signed_messages import SignedInternet

    from sipresolve import Answer, Policy
    from sipresolve.backends.wire import Query
    from sipresolve.vocabulary.keys import DnsKey

__all__ = ["main"]

#: What is resolved, and by which client.
_ONE: Final = evolve(POLICY, transports=(UDP,))
_WORKLOADS: Final = {
    "NAPTR, SRV, A, AAAA": (f"sip:{SIGNED}", _ONE),
    "the same, three transports": (f"sip:{SIGNED}", POLICY),
    "A, AAAA, three transports": (f"sip:{ADDRESSES}", POLICY),
    "no such name": (f"sip:no.{SIGNED}:5060", _ONE),
}


@define
class Result:
    """What came of one workload, turn by turn; times are in microseconds.

    Attributes:
        workload: By its name.
        algorithm: That of all keys.
        denial: How zones deny what they lack.
        known: What was known: ``nothing``, or ``keys`` of all zones.
        checks: How many signatures were checked.
        proof: How long the resolution took longer than one that proves nothing.
        checking: How much of that was the check of signatures, by cryptography.
        plain: How long that other one took.
        peer: How long dnspython took to validate the same RRsets.
    """

    workload: str
    algorithm: str
    denial: str
    known: str
    checks: int = 0
    proof: list[float] = field(factory=list)
    checking: list[float] = field(factory=list)
    plain: list[float] = field(factory=list)
    peer: list[float] = field(factory=list)


def main() -> None:
    """Measure, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=50, help="of each workload (50)")
    options = parser.parse_args()
    courses = list(_courses())
    for turn in range(options.turns + 1):
        for course in courses:
            course.take_turn(counts=turn > 0)  # the first is for warming up
    document = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.platform()}",
        "python": platform.python_version(),
        "results": [asdict(result) for course in courses for result in course.results],
    }
    options.output.write_text(json.dumps(document, indent=1) + "\n")


def _courses() -> Iterator[_Course]:
    """Every workload with the algorithm of most zones, and one with all of them."""
    first = next(iter(ALGORITHMS))
    internets = {(first, denial): signed_internet(first, denial) for denial in DENIALS}
    for workload, denial in product(_WORKLOADS, DENIALS):
        if denial == "NSEC" or workload != "NAPTR, SRV, A, AAAA":
            yield _Course(workload, first, denial, internets[first, denial])
    for algorithm in [each for each in ALGORITHMS if each != first]:
        internet = signed_internet(algorithm)
        yield _Course(next(iter(_WORKLOADS)), algorithm, "NSEC", internet)


# --- One workload


@define
class _Verify:
    """The check of a signature, which is counted and timed."""

    count: int = 0
    seconds: float = 0.0
    _check: Callable[[DnsKey, bytes, bytes], bool] = field(factory=signatures)

    def __call__(self, key: DnsKey, signature: bytes, data: bytes) -> bool:
        began = time.perf_counter()
        is_right = self._check(key, signature, data)
        self.seconds += time.perf_counter() - began
        self.count += 1
        return is_right


@define(eq=False)
class _Course:
    """A workload that takes turns with others."""

    workload: str
    algorithm: str
    denial: str
    internet: SignedInternet
    results: tuple[Result, ...] = field(init=False)
    _answers: dict[Question, Answer] = field(factory=dict)
    _peers: dict[str, Callable[[], float]] = field(factory=dict)

    @results.default
    def _results(self) -> tuple[Result, ...]:
        names = self.workload, self.algorithm, self.denial
        return tuple(Result(*names, known) for known in ("nothing", "keys"))

    @property
    def uri(self) -> SipUri:
        """What is resolved."""
        return SipUri.parse(_WORKLOADS[self.workload][0])

    @property
    def _before(self) -> SipUri:
        """What is resolved to have the keys of the same zones."""
        return SipUri.parse(f"sip:ns.{self.uri.host.removeprefix('no.')}:5060")

    @property
    def policy(self) -> Policy:
        """That of the client, who proves nothing."""
        return _WORKLOADS[self.workload][1]

    @property
    def proving(self) -> Policy:
        """The same, who proves."""
        return evolve(self.policy, dnssec="validate", trust_anchors=(self.internet.anchor,))

    def take_turn(self, *, counts: bool) -> None:
        """Resolve with nothing known, and then with the keys known, and each time without proof."""
        for result in self.results:
            plain = self._resolve(Session(self.policy), self.policy, self.uri)
            verify = _Verify()
            session = Session(self.proving, None, Checking(verify, time.time))
            if result.known == "keys":
                self._resolve(session, self.proving, self._before)
            checked, checking = verify.count, verify.seconds
            proven = self._resolve(session, self.proving, self.uri)
            peer = self._peer(result.known, proven.asked)
            if counts:
                result.checks = verify.count - checked
                result.plain.append(1e6 * plain.seconds)
                result.proof.append(1e6 * (proven.seconds - plain.seconds))
                result.checking.append(1e6 * (verify.seconds - checking))
                result.peer.append(1e6 * peer())

    def _resolve(self, session: Session, policy: Policy, uri: SipUri) -> _Resolved:
        """Resolve; the time counts that the session has for itself."""
        asked: list[Question] = []
        due: list[Question] = []
        clock, now = time.perf_counter, 0.0
        began = clock()
        run = session.locate(uri, policy, rng=Random(1), sources=SOURCES, now=now)
        step = session.advance(run, now)
        took = clock() - began
        while not isinstance(step, Ended):
            if isinstance(step, Waiting):
                due += step.start
                answers = [self._answer(question) for question in due]
                asked, due, now = [*asked, *due], [], now + 0.02
                began = clock()
                session.deliver(answers, now)
                due += session.take()
                took += clock() - began
            began = clock()
            step = session.advance(run, now)
            took += clock() - began
        session.leave(run)
        _check(run.resolution(uri).security, policy)
        return _Resolved(took, asked)

    def _answer(self, question: Question) -> Answer:
        """What a nameserver answers, read once."""
        if question not in self._answers:

            def reply(query: Query, name: str) -> bytes:
                return self.internet.message(Question(name, query.type))

            self._answers[question] = answered(question, reply)
        return self._answers[question]

    def _peer(self, known: str, asked: list[Question]) -> Callable[[], float]:
        if known not in self._peers:
            messages = [self.internet.message(question) for question in asked]
            self._peers[known] = partial(_validate, self.internet, _signed_sets(messages))
        return self._peers[known]


@frozen
class _Resolved:
    """How long a resolution took, in seconds, and what it asked."""

    seconds: float
    asked: list[Question]


def _check(security: Security | None, policy: Policy) -> None:
    """Times count only where all is proven."""
    if policy.dnssec == "validate" and security is not Security.SECURE:
        raise SystemExit(f"what should be proven is {security}")


# --- dnspython

#: An RRset and its signatures.
_Signed: TypeAlias = "tuple[RRset, RRset]"


def _signed_sets(messages: Iterable[bytes]) -> list[_Signed]:
    """The RRsets of messages that a proof looks at, each once."""
    found: dict[tuple[dns.name.Name, RdataType], _Signed] = {}
    for octets in messages:
        message = dns.message.from_wire(octets)
        for section in (message.answer, message.authority):
            rrsigs = {(each.name, each.covers): each for each in section if each.covers}
            for rrset in section:
                key = rrset.name, rrset.rdtype
                if rrset.rdtype != RdataType.SOA and key in rrsigs:
                    found[key] = rrset, rrsigs[key]
    return list(found.values())


def _validate(internet: SignedInternet, sets: Iterable[_Signed]) -> float:
    """How long it takes to check them, and to compare keys with DS records, in seconds."""
    keys: dict[dns.name.Name, Node | Rdataset] = {
        name: zone.records[name, RdataType.DNSKEY]
        for name, zone in internet.zones.items()
        if zone.keys
    }
    began = time.perf_counter()
    for rrset, rrsigs in sets:
        dns.dnssec.validate(rrset, rrsigs, keys)
        if rrset.rdtype == RdataType.DS:
            digests = {dns.dnssec.make_ds(rrset.name, key, "SHA256") for key in keys[rrset.name]}
            assert digests & set(rrset)  # noqa: S101 - as the library that is measured would
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
