"""SIP messages as the clients of the examples write and read them."""

from __future__ import annotations

from itertools import islice

import pytest
from sip_message import LONGEST, T2, Framing, Options, Response, Transaction

from sipresolve import TLS, UDP, InvalidUri

REQUEST = """\
OPTIONS {uri} SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:40000;branch={branch};rport
Max-Forwards: 70
From: <sip:anonymous@anonymous.invalid>;tag={tag}
To: <{to}>
Call-ID: {call_id}
CSeq: 1 OPTIONS
Accept: application/sdp
Content-Length: 0

"""

RESPONSE = """\
SIP/2.0 {status}
v: SIP/2.0/UDP 192.0.2.1:40000
\t; Branch = {branch} ;rport=40000, SIP/2.0/UDP other;branch=z9hG4bKother
Via: SIP/2.0/UDP third;branch=z9hG4bKthird
Retry-After: {retry_after}
Content-Length: {length}

{body}"""


def message(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def response(
    status: str = "200 OK", branch: str = "z9hG4bK1", retry_after: str = "", body: str = ""
) -> bytes:
    length = len(message(body))
    return message(
        RESPONSE.format(
            status=status, branch=branch, retry_after=retry_after, length=length, body=body
        )
    )


def transaction() -> tuple[Transaction, str]:
    """A transaction, and its branch."""
    begun = Transaction(Options.to("sip:example.com"), UDP, ("192.0.2.1", 40000))
    return begun, begun.message.partition(b"branch=")[2].partition(b";")[0].decode()


@pytest.mark.parametrize(
    ("given", "uri", "to"),
    [
        ("example.com", "sip:example.com", "sip:example.com"),
        ("SIPS:alice@Example.com:5070", "sips:alice@example.com:5070", "sips:alice@example.com"),
        # RFC 3261 §19.1.1, table 1: what a Request-URI and a To cannot have.
        (
            "sip:alice@example.com;transport=tcp;method=INVITE?subject=x",
            "sip:alice@example.com;transport=tcp",
            "sip:alice@example.com",
        ),
    ],
)
def test_a_request(given: str, uri: str, to: str) -> None:
    request = Options.to(given)
    sent = Transaction(request, UDP, ("192.0.2.1", 40000)).message
    branch = sent.partition(b"branch=")[2].partition(b";")[0].decode()
    assert branch.startswith("z9hG4bK")
    assert sent == message(
        REQUEST.format(uri=uri, to=to, branch=branch, tag=request.tag, call_id=request.call_id)
    )
    assert 0 <= request.size - len(sent) < 100


def test_attempts_differ_in_their_branch_alone() -> None:
    # RFC 3263 §4.3: "identical to the previous, but has a different value of the Via branch ID".
    request = Options.to("sip:example.com")
    first, second = (Transaction(request, TLS, ("2001:db8::1", 5061)).message for _ in range(2))
    assert first != second
    one, other = (sent.split(b"\r\n") for sent in (first, second))
    assert one[:1] + one[2:] == other[:1] + other[2:]
    assert one[1].startswith(b"Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK")


def test_what_is_no_uri_is_refused() -> None:
    with pytest.raises(InvalidUri):
        Options.to("sip:exa mple.com\r\nFoo: bar")


def test_a_response_is_read() -> None:
    read = Response.parse(response("503 Service Unavailable", retry_after="120 (in a meeting)"))
    assert read is not None
    assert str(read) == "503 Service Unavailable"
    assert read.is_final
    assert read.branch == "z9hG4bK1"
    assert read.retry_after == 120
    assert read.header("x-other") is None


@pytest.mark.parametrize("retry_after", ["", "soon", "-1"])
def test_a_response_that_does_not_say_how_long(retry_after: str) -> None:
    read = Response.parse(response(retry_after=retry_after))
    assert read is not None
    assert read.retry_after is None


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n\r\n", b"\xff\x00", b"SIP/2.0 1000 Much\r\n\r\n", b"OPTIONS sip:a SIP/2.0\r\n\r\n"],
)
def test_what_is_no_response(data: bytes) -> None:
    assert Response.parse(data) is None


def test_a_transaction_knows_its_responses_by_their_branch() -> None:
    # RFC 3261 §17.1.3
    begun, branch = transaction()
    assert not begun.receive(response())
    assert not begun.receive(b"noise")
    with pytest.raises(TimeoutError):
        begun.outcome()
    assert not begun.receive(response("100 Trying", branch))
    assert str(begun.outcome()) == "100 Trying"
    assert begun.receive_all([response(), response("200 OK", branch)])
    assert str(begun.outcome()) == "200 OK"


def test_a_request_is_sent_again_when_timer_e_fires() -> None:
    # RFC 3261 §17.1.2.2: "intervals of 500 ms, 1 s, 2 s, 4 s, 4 s, 4 s, etc.", and of T2 "in the
    # 'Proceeding' state".
    begun, branch = transaction()
    assert list(islice(begun.pauses(), 6)) == [0.5, 1, 2, 4, 4, 4]
    pauses = begun.pauses()
    assert next(pauses) == 0.5
    begun.receive(response("100 Trying", branch))
    assert next(pauses) == T2


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_stream_is_cut_into_messages(size: int) -> None:
    # RFC 3261 §18.3 and §7.5
    messages = [response(body="v=0\n\n"), response("404 Not Found"), response(body="x")]
    stream = b"\r\n\r\n" + b"\r\n".join(messages) + b"SIP/2.0 200"
    framing = Framing()
    parts = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert [found for part in parts for found in framing.feed(part)] == messages


@pytest.mark.parametrize(
    "data",
    [
        b"",
        message("SIP/2.0 200 OK\n\n"),
        message("SIP/2.0 200 OK\nContent-Length: -1\n\n"),
        b"x" * (LONGEST + 1),
    ],
)
def test_a_stream_that_makes_no_sense_is_given_up(data: bytes) -> None:
    with pytest.raises(ConnectionAbortedError):
        list(Framing().feed(data))
