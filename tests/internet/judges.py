"""What Unbound, delv and this library say of the answer to a question on the internet of tests."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
from attrs import frozen
from daemons import installed
from domains import SOURCES
from internet.servers import ANCHORS_OF_DELV

from sipresolve import Policy, Resolver
from sipresolve.backends import DnspythonBackend
from sipresolve.procedures.ask import Ask, Wait
from sipresolve.vocabulary.keys import DnsKey, TrustAnchor
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from internet.servers import Internet

    from sipresolve.procedures.ask import Procedure
    from sipresolve.vocabulary.records import Answer, Question

__all__ = ["Verdict", "delv", "ours", "proven", "resolver", "unbound"]

#: How long a judge may take, in seconds.
_PATIENCE: Final = 20.0
_LIFETIME: Final = 5.0


@frozen
class Verdict:
    """What a judge says.

    Attributes:
        state: RFC 4033 §5.
        words: Its own, for a person.
        ttl: That of the answer, where there is one, in seconds.
        error: The number of the reason (RFC 8914 §4), where it has one.
    """

    state: Security
    words: str
    ttl: int | None = None
    error: int | None = None


def unbound(net: Internet, question: Question) -> Verdict:
    """Bogus is what is refused unless checking is disabled (RFC 4035 §3.2.2, §5.5)."""
    response = _asked(net, question, 0)
    words = ", ".join([dns.rcode.to_text(response.rcode()), *_extended_errors(response)])
    if response.rcode() == dns.rcode.SERVFAIL:
        unchecked = _asked(net, question, dns.flags.CD)
        assert unchecked.rcode() != dns.rcode.SERVFAIL, f"nobody answers for {question}: {words}"
        return Verdict(Security.BOGUS, words)
    if response.flags & dns.flags.AD:
        return Verdict(Security.SECURE, words)
    return Verdict(Security.INSECURE, words)


def _asked(net: Internet, question: Question, flags: int) -> dns.message.Message:
    query = dns.message.make_query(
        f"{question.name}.".replace("..", "."), question.type, want_dnssec=True
    )
    query.flags |= flags
    at = net.validating
    return dns.query.udp_with_fallback(query, at.host, timeout=_PATIENCE, port=at.port)[0]


def _extended_errors(response: dns.message.Message) -> list[str]:
    return [
        option.to_text() for option in response.options if isinstance(option, dns.edns.EDEOption)
    ]


def delv(net: Internet, question: Question, anchor: str = ".") -> Verdict:
    """What it writes above the records of each RRset; the weakest of it, where aliases lead on."""
    command = [
        installed("delv", package="bind9-dnsutils"),
        f"@{net.plain.host}",
        *("-p", str(net.plain.port)),
        *("-a", str(net.folder / ANCHORS_OF_DELV)),
        f"+root={anchor}",
        *(f"{question.name}.".replace("..", "."), question.type),
    ]
    ended = subprocess.run(  # noqa: S603 - the command is ours
        command, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    written = ended.stdout + ended.stderr
    if _FAILED.search(written):
        return Verdict(Security.BOGUS, written)
    for words, state in _WORDS_OF_DELV.items():
        if words in written:
            return Verdict(state, written)
    raise AssertionError(f"delv says nothing of {question}: {written}")


#: It calls a failure, too, that nothing is there.
_FAILED: Final = re.compile(r"resolution failed: (?!ncache )")

#: What it may say of one RRset, the worst first.
_WORDS_OF_DELV: Final[Mapping[str, Security]] = {
    "pending validation": Security.BOGUS,
    "unsigned answer": Security.INSECURE,
    "fully validated": Security.SECURE,
}


def ours(net: Internet, question: Question, anchor: str = ".") -> Verdict:
    """What this library says, when it knows nothing yet but a key."""
    with resolver(net, anchor) as fresh:
        return proven(fresh, question)


def resolver(net: Internet, anchor: str = ".", **policy: Any) -> Resolver:
    """A resolver that proves answers itself, and trusts a key of one zone."""
    key = DnsKey.of(net.anchors[anchor].to_digestable())
    settings: dict[str, Any] = {"dnssec": "validate", "lifetime": _LIFETIME} | policy
    chosen = Policy(trust_anchors=[TrustAnchor(anchor, key)], **settings)
    return Resolver(DnspythonBackend([net.plain.address], hosts=False), chosen, sources=SOURCES)


def proven(resolver: Resolver, question: Question) -> Verdict:
    """What a resolver says of the answer to one question."""
    session = resolver._desk.session
    run = session._run(_asking(question), session.policy, time.monotonic())
    resolver._pump.finish(run)
    assert run.ended is not None
    [answer] = run.ended.used
    chain = "".join(f"\n  {link}" for link in answer.proof)
    words = f"{answer.status}: {answer.reason}{chain}"
    return Verdict(answer.security, words, answer.ttl, answer.reason.extended_error)


def _asking(question: Question) -> Procedure[tuple[Answer, ...]]:
    known = yield Ask((Wait((question,)),))
    return (known[question],)
