"""OPTIONS requests and their responses: as much of SIP as the two clients need (RFC 3261).

Nothing here opens a socket or reads a clock. `options.py` does, and `options_async.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from secrets import token_hex
from typing import Final, Self

from attrs import evolve, field, frozen

from sipresolve import SipUri, Transport

# RFC 3261 §17.1.1.1 and §17.1.2.2, in seconds.
T1: Final = 0.5  # an estimate of the round trip: how long to wait before sending again
T2: Final = 4.0  # the longest that is waited between two sendings
TIMER_F: Final = 64 * T1  # when a transaction that is not an INVITE ends without a response

#: What every branch begins with since RFC 3261 (§8.1.1.7).
MAGIC_COOKIE: Final = "z9hG4bK"

#: The octets of a message that are read at most: a datagram cannot bring more.
LONGEST: Final = 65_535


@frozen(kw_only=True)
class Options:
    """An OPTIONS request (RFC 3261 §11.1) but for its Via.

    This is what all attempts have in common: by RFC 3263 §4.3 each new request is "identical to
    the previous, but has a different value of the Via branch ID".
    """

    uri: SipUri
    call_id: str = field(factory=lambda: token_hex(16))
    tag: str = field(factory=lambda: token_hex(4))

    @classmethod
    def to(cls, uri: str) -> Self:
        """A new request.

        Raises:
            sipresolve.InvalidUri: It is no SIP or SIPS URI, nor a bare host.
        """
        return cls(uri=SipUri.parse_target(uri))

    @property
    def size(self) -> int:
        """The octets of the request, with a Via as long as they get: RFC 3261 §18.1.1 asks."""
        longest = f"[{'2001:' * 7}2001]:65535"
        return len(self.encode(via_value(Transport.UDP, longest, new_branch())))

    def encode(self, via: str) -> bytes:
        """The request as it is sent."""
        # RFC 3261 §19.1.1, table 1: what has no place in a Request-URI, and what has one in To.
        parameters = tuple(each for each in self.uri.parameters if each[0] != "method")
        request_uri = evolve(self.uri, parameters=parameters, headers=())
        to = SipUri(scheme=self.uri.scheme, user=self.uri.user, host=self.uri.host)
        lines = (
            f"OPTIONS {request_uri} SIP/2.0",
            f"Via: {via}",
            "Max-Forwards: 70",
            f"From: <sip:anonymous@anonymous.invalid>;tag={self.tag}",
            f"To: <{to}>",
            f"Call-ID: {self.call_id}",
            "CSeq: 1 OPTIONS",
            "Accept: application/sdp",
            "Content-Length: 0",
        )
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def via_value(transport: Transport, sent_by: str, branch: str) -> str:
    """The Via that leads the response back (RFC 3261 §18.1.1), ``rport`` by RFC 3581 §3."""
    return f"SIP/2.0/{transport.upper()} {sent_by};branch={branch};rport"


def new_branch() -> str:
    """Unique "across space and time" (RFC 3261 §8.1.1.7)."""
    return MAGIC_COOKIE + token_hex(12)


@frozen(kw_only=True)
class Response:
    """A response; the names of its headers are in lower case and in their long form."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, message: bytes) -> Self | None:
        """Read a response; None where it is none."""
        first, _, rest = message.decode(errors="replace").partition("\r\n")
        line = re.fullmatch(r"SIP/2\.0 ([1-6]\d\d) (.*)", first)
        if line is None:
            return None
        return cls(status=int(line[1]), reason=line[2], headers=tuple(read_headers(rest)))

    @property
    def is_final(self) -> bool:
        return self.status >= 200  # noqa: PLR2004 - RFC 3261 §7.2: 1xx is provisional

    @property
    def branch(self) -> str | None:
        """Of the topmost Via: the response belongs to the request that had the same."""
        found = re.search(r";\s*branch\s*=\s*([^\s;,]+)", self.header("via") or "", re.IGNORECASE)
        return found and found[1]

    @property
    def retry_after(self) -> int | None:
        """For how many seconds the server wants to be left alone (RFC 3261 §20.33)."""
        found = re.match(r"\d{1,9}", self.header("retry-after") or "")
        return found and int(found[0])

    def header(self, name: str) -> str | None:
        """The first header of a name, which is given in lower case; None without one."""
        return next((value for present, value in self.headers if present == name), None)

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"


#: The short forms of the headers that are looked at here (RFC 3261 §7.3.3).
COMPACT: Final = {"v": "via", "l": "content-length"}


def read_headers(text: str) -> Iterator[tuple[str, str]]:
    """The headers of a message, whose first line is taken off (RFC 3261 §7.3.1)."""
    head, _, _body = text.partition("\r\n\r\n")
    unfolded = re.sub(r"\r\n[ \t]+", " ", head)
    for line in unfolded.split("\r\n"):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        yield COMPACT.get(name, name), value.strip()


class Transaction:
    """A client transaction that is not an INVITE (RFC 3261 §17.1.2): one for each attempt.

    Attributes:
        message: The request as it is sent, with a branch of its own.
        latest: The final response, else the last provisional one; None as long as none came.
    """

    def __init__(self, request: Options, transport: Transport, local: tuple[str, int]) -> None:
        host, port = local
        self._branch = new_branch()
        sent_by = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.message = request.encode(via_value(transport, sent_by, self._branch))
        self.latest: Response | None = None

    def pauses(self) -> Iterator[float]:
        """Timer E: how long to wait after each sending over UDP, in seconds."""
        pause = T1
        while True:
            yield T2 if self.latest else pause
            pause = min(2 * pause, T2)

    def receive(self, message: bytes) -> bool:
        """Take what was received, and say whether it is the final response.

        RFC 3261 §17.1.3: the branch of the topmost Via tells whose a response is.
        """
        response = Response.parse(message)
        if response is None or response.branch != self._branch:
            return False
        self.latest = response
        return response.is_final

    def receive_all(self, messages: Iterable[bytes]) -> bool:
        """Take messages up to the final response, and say whether it is among them."""
        return any(self.receive(message) for message in messages)

    def outcome(self) -> Response:
        """The final response, else the last provisional one.

        Raises:
            TimeoutError: There was no response at all, which RFC 3263 §4.3 counts as a failure.
        """
        if self.latest is None:
            raise TimeoutError("no response")
        return self.latest


class Framing:
    """Takes a stream apart into messages by their Content-Length (RFC 3261 §18.3)."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now.

        Raises:
            ConnectionAbortedError: The stream ended, or holds what is no message.
        """
        if not data:
            raise ConnectionAbortedError("closed before the response")
        self._buffer += data
        while (length := self._length()) is not None and len(self._buffer) >= length:
            message, self._buffer = self._buffer[:length], self._buffer[length:]
            yield message
        if len(self._buffer) > LONGEST:
            raise ConnectionAbortedError("a message that does not end")

    def _length(self) -> int | None:
        """Of the first message, with its body; None as long as its headers are not whole."""
        # RFC 3261 §7.5: empty lines before a message are ignored. They keep connections alive.
        self._buffer = self._buffer.lstrip(b"\r\n")
        head, end, _ = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        headers = dict(read_headers(head.decode(errors="replace")))
        body = headers.get("content-length", "")
        if re.fullmatch(r"\d{1,9}", body, re.ASCII) is None:
            raise ConnectionAbortedError(f"a message of Content-Length {body!r}")
        return len(head) + len(end) + int(body)
