"""What the scripted nameserver does wrong, on request: every fault by its name."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


__all__ = ["FAULTS", "Asked", "Over", "Reply", "failure"]

Over: TypeAlias = Literal["udp", "tcp"]

#: How much later than the others an answer with the fault "late" is, in seconds.
LATE: Final = 1.2


@frozen(kw_only=True)
class Reply:
    """Something to send.

    Attributes:
        wire: The message.
        after: How long to wait before, in seconds.
        elsewhere: Whether it comes from another port; UDP only.
        drip: Whether it comes an octet at a time; TCP only.
        half: Whether only one half of it comes; TCP only.
        reset: Whether the connection is reset instead; TCP only.
    """

    wire: bytes = b""
    after: float = 0.0
    elsewhere: bool = False
    drip: bool = False
    half: bool = False
    reset: bool = False


@frozen(kw_only=True)
class Asked:
    """A query, its true answer, and how often its question was asked before."""

    query: dns.message.Message
    answer: dns.message.Message
    over: Over
    before: int = 0

    @property
    def has_edns(self) -> bool:
        return self.query.edns >= 0


def truth(asked: Asked) -> list[Reply]:
    """The true answer, as much of it as the client takes (RFC 2181 §9, RFC 6891 §6.2.5)."""
    wire = asked.answer.to_wire(max_size=65535)
    room = max(asked.query.payload, 512) if asked.over == "udp" else 65535
    if len(wire) > room and asked.answer.additional:
        asked.answer.additional.clear()
        wire = asked.answer.to_wire(max_size=65535)
    return [Reply(wire=wire)] if len(wire) <= room else truncation(asked)


def truncation(asked: Asked) -> list[Reply]:
    """Nothing but the TC bit."""
    response = dns.message.make_response(asked.query, recursion_available=True)
    response.flags |= dns.flags.TC
    return [Reply(wire=response.to_wire())]


def failure(rcode: dns.rcode.Rcode, asked: Asked) -> list[Reply]:
    """A response code, and nothing else."""
    response = dns.message.make_response(asked.query, recursion_available=True)
    response.set_rcode(rcode)
    return [Reply(wire=response.to_wire())]


def over_tcp(behaviour: Callable[[Asked], list[Reply]], asked: Asked) -> list[Reply]:
    """TC over UDP, and over TCP what the test is about."""
    return truncation(asked) if asked.over == "udp" else behaviour(asked)


def garbage(asked: Asked) -> list[Reply]:
    """The right ID, and then noise."""
    noise = random.Random(asked.query.id).randbytes(38)
    return [Reply(wire=asked.query.id.to_bytes(2, "big") + noise)]


def without_edns(asked: Asked) -> list[Reply]:
    """A server older than EDNS: FORMERR, and no OPT in it (RFC 6891 §7)."""
    if not asked.has_edns:
        return truth(asked)
    response = dns.message.make_response(asked.query)
    response.use_edns(False)  # noqa: FBT003 - dnspython's signature
    response.set_rcode(dns.rcode.FORMERR)
    return [Reply(wire=response.to_wire())]


def bad_version(asked: Asked) -> list[Reply]:
    """A server that knows no EDNS version at all (RFC 6891 §6.1.3)."""
    return failure(dns.rcode.BADVERS, asked) if asked.has_edns else truth(asked)


def forgery(asked: Asked, change: Callable[[dns.message.Message], None]) -> Reply:
    """A wrong answer that would be believed, but for one change."""
    forged = dns.message.make_response(asked.query, recursion_available=True)
    question = asked.query.question[0]
    if lie := LIES.get(question.rdtype):
        forged.answer.append(dns.rrset.from_text(question.name, 3600, "IN", question.rdtype, lie))
    change(forged)
    return Reply(wire=forged.to_wire())


#: What a forger says; none of it is in any test's records.
LIES: Final[Mapping[int, str]] = {
    dns.rdatatype.A: "203.0.113.66",
    dns.rdatatype.AAAA: "2001:db8:dead::66",
    dns.rdatatype.SRV: "0 0 6666 attacker.invalid.",
    dns.rdatatype.NAPTR: '0 0 "s" "SIP+D2U" "" _sip._udp.attacker.invalid.',
}


def forged_first(change: Callable[[dns.message.Message], None], asked: Asked) -> list[Reply]:
    """A forged answer, and the true one behind it."""
    return [forgery(asked, change), *truth(asked)]


def wrong_id(forged: dns.message.Message) -> None:
    forged.id ^= 0x5AA5


def wrong_question(forged: dns.message.Message) -> None:
    rdtype = forged.question[0].rdtype
    name = dns.name.from_text("attacker.invalid.")
    forged.question = [dns.rrset.RRset(name, dns.rdataclass.IN, rdtype)]


def empty_question(forged: dns.message.Message) -> None:
    forged.question = []


def not_a_response(forged: dns.message.Message) -> None:
    forged.flags &= ~dns.flags.QR


def wrong_peer(asked: Asked) -> list[Reply]:
    """A forged answer from another port, and the true one behind it."""
    if asked.over == "tcp":
        return truth(asked)
    return [evolve(forgery(asked, lambda _forged: None), elsewhere=True), *truth(asked)]


#: Every fault by its name.
FAULTS: Final[Mapping[str, Callable[[Asked], list[Reply]]]] = {
    "none": truth,
    "servfail": partial(failure, dns.rcode.SERVFAIL),
    "refused": partial(failure, dns.rcode.REFUSED),
    "formerr": partial(failure, dns.rcode.FORMERR),
    "notimp": partial(failure, dns.rcode.NOTIMP),
    "timeout": lambda _asked: [],
    "truncate": partial(over_tcp, truth),
    "truncate-tcp": truncation,
    "tcp-reset": partial(over_tcp, lambda _asked: [Reply(reset=True)]),
    "tcp-drip": partial(
        over_tcp, lambda asked: [evolve(reply, drip=True) for reply in truth(asked)]
    ),
    "tcp-half": partial(
        over_tcp, lambda asked: [evolve(reply, half=True) for reply in truth(asked)]
    ),
    "tcp-silent": partial(over_tcp, lambda _asked: []),
    "garbage": garbage,
    "no-edns": without_edns,
    "badvers": bad_version,
    "wrong-id": partial(forged_first, wrong_id),
    "wrong-question": partial(forged_first, wrong_question),
    "wrong-peer": wrong_peer,
    "empty-question": partial(forged_first, empty_question),
    "not-a-response": partial(forged_first, not_a_response),
    "duplicate": lambda asked: truth(asked) * 2,
    "drop-first": lambda asked: truth(asked) if asked.before else [],
    "drop-again": lambda asked: [] if asked.before else truth(asked),
    "late": lambda asked: [evolve(reply, after=LATE) for reply in truth(asked)],
}
