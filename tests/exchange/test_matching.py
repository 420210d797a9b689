"""What counts as a reply (RFC 5452 §9.1)."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.exchange.matching import is_reply

ID = 0x1234
QUERY, RESPONSE = 0x0120, 0x81A0
FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 1, 2, 3, 4, 5
A, AAAA, IN, CHAOS = 1, 28, 1, 3
NAME = b"\3Sip\7example\0"


def question(name: bytes = NAME, type_: int = A, class_: int = IN) -> bytes:
    return name + pack("!HH", type_, class_)


def message(
    flags: int, sections: bytes, counts: tuple[int, ...] = (1, 0, 0, 0), id_: int = ID
) -> bytes:
    return pack("!HHHHHH", id_, flags, *counts) + sections


ASKED = message(QUERY, question() + b"\0\0\x29\x04\xd0\0\0\0\0\0\0", (1, 0, 0, 1))


@pytest.mark.parametrize(
    ("why", "reply"),
    [
        ("the question again", message(RESPONSE, question())),
        ("names know no case (RFC 1035 §2.3.3)", message(RESPONSE, question(NAME.upper()))),
        ("what follows is not looked at", message(RESPONSE, question() + b"x", (1, 9, 9, 9))),
        ("any response code will do", message(RESPONSE | 23, question())),
        ("without AA, RD, RA, AD", message(0x8000, question())),
        ("a bare header says FORMERR", message(RESPONSE | FORMERR, b"", (0, 0, 0, 0))),
        ("a bare header says SERVFAIL", message(RESPONSE | SERVFAIL, b"", (0, 0, 0, 0))),
        ("a bare header says NOTIMP", message(RESPONSE | NOTIMP, b"", (0, 0, 0, 0))),
        ("a bare header says REFUSED", message(RESPONSE | REFUSED, b"", (0, 0, 0, 0))),
        ("a header and OPT", message(RESPONSE | FORMERR, b"\0\0\x29" + bytes(8), (0, 0, 0, 1))),
    ],
)
def test_a_reply(why: str, reply: bytes) -> None:
    assert is_reply(ASKED, reply), why


@pytest.mark.parametrize(
    ("why", "reply"),
    [
        ("nothing", b""),
        ("less than a header", message(RESPONSE, b"")[:11]),
        ("the ID is another", message(RESPONSE, question(), id_=ID ^ 1)),
        ("QR is not set: it is a query", message(RESPONSE ^ 0x8000, question())),
        ("the opcode is NOTIFY", message(RESPONSE | 0x2000, question())),
        ("the name is another", message(RESPONSE, question(b"\3sap\7example\0"))),
        ("the name is below", message(RESPONSE, question(b"\1a" + NAME))),
        ("the name is above", message(RESPONSE, question(b"\7example\0"))),
        ("the type is another", message(RESPONSE, question(type_=AAAA))),
        ("the class is another", message(RESPONSE, question(class_=CHAOS))),
        ("the question is cut off", message(RESPONSE, question()[:-1])),
        ("two questions", message(RESPONSE, question() * 2, (2, 0, 0, 0))),
        ("no question, but NOERROR", message(RESPONSE, b"", (0, 0, 0, 0))),
        ("no question, but NXDOMAIN", message(RESPONSE | NXDOMAIN, b"", (0, 0, 0, 0))),
        ("no question, but answers", message(RESPONSE | SERVFAIL, b"", (0, 1, 0, 0))),
        ("no question, but authority", message(RESPONSE | SERVFAIL, b"", (0, 0, 1, 0))),
        ("length 64 is 0x40, and no letter", message(RESPONSE, b"\x43" + question()[1:])),
    ],
)
def test_no_reply(why: str, reply: bytes) -> None:
    assert not is_reply(ASKED, reply), why


def test_a_label_may_hold_any_octet() -> None:
    name = b"\3\0\0\0\0"
    query = message(QUERY, question(name))
    assert is_reply(query, message(RESPONSE, question(name)))
    assert not is_reply(query, message(RESPONSE, question(name, AAAA)))


@given(st.binary(max_size=64))
def test_noise_is_no_reply_unless_it_repeats_the_question_or_is_a_bare_refusal(
    noise: bytes,
) -> None:
    reply = pack("!HH", ID, RESPONSE) + noise
    if is_reply(ASKED, reply):
        repeats = noise[8:].lower().startswith(question().lower())
        assert repeats or noise[:6] == bytes(6)


@given(st.binary())
def test_any_octets_can_be_judged(octets: bytes) -> None:
    assert is_reply(ASKED, octets) in (True, False)
