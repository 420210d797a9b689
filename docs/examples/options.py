"""Send an OPTIONS request to a SIP URI, from server to server until one answers.

    python options.py sip:example.com
    python options.py sips:example.com --nameserver 127.0.0.1:5353 --ca ca.pem --timeout 2

Two lines for each attempt say where it goes, and what became of it. The exit status is 0 where a
server answered, 1 where none did or none was found, 2 where what was asked makes no sense, 130
after Ctrl-C.
"""

from __future__ import annotations

import argparse
import socket
import ssl
import sys
from collections.abc import Callable
from math import inf
from time import monotonic

from sip_message import LONGEST, TIMER_F, Framing, Options, Response, Transaction

from sipresolve import TCP, TLS, UDP, Policy, Resolver, SipResolveError, Target, is_failure
from sipresolve.backends import DnspythonBackend

POLICY = Policy(transports=(UDP, TCP, TLS))  # what this client speaks, the most wanted first


def reach(
    resolver: Resolver, request: Options, context: ssl.SSLContext, timeout: float = TIMER_F
) -> Response:
    """Send a request to the servers of its URI, one after another, until one takes it.

    Args:
        resolver: It finds the servers, and remembers from call to call which have failed.
        request: What is sent.
        context: Whom TLS trusts.
        timeout: For how long each server may be silent, in seconds.

    Raises:
        sipresolve.AllTargetsFailed: No server took it.
        sipresolve.SipResolveError: No server was found.
    """
    for attempt in resolver.failover(request.uri, size=request.size):
        # An OSError inside means: this server has failed, the next one. TimeoutError is one.
        with attempt:
            response = send(request, attempt.target, context, timeout)
            if not is_failure(response.status):
                return response
            # A server that is too busy (503) fails as well, and may say for how long.
            attempt.failed(str(response), retry_after=response.retry_after)
    raise AssertionError("the loop ends with an answer or with AllTargetsFailed")


def send(
    request: Options, target: Target, context: ssl.SSLContext, timeout: float = TIMER_F
) -> Response:
    """Send a request to one server, and tell what becomes of it.

    Raises:
        OSError: The server cannot be reached, is not who it should be, or does not answer.
    """
    tell(f"trying {target} of {target.host}")
    try:
        response = exchange(request, target, context, timeout)
    except OSError as error:
        tell(f"  {error}")
        raise
    tell(f"  {response}")
    return response


def tell(line: str) -> None:
    print(line, flush=True)  # whoever waits sees at once for whom


def exchange(request: Options, target: Target, context: ssl.SSLContext, timeout: float) -> Response:
    """Send a request over the transport of its target."""
    deadline = monotonic() + timeout
    if target.transport is UDP:
        return over_udp(request, target, deadline)
    return over_stream(request, target, context, deadline)


def over_udp(request: Options, target: Target, deadline: float) -> Response:
    """Send a request, and again as long as nobody answers (RFC 3261 §17.1.2.2)."""
    family = socket.AF_INET6 if target.address.version == 6 else socket.AF_INET  # noqa: PLR2004
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        # A connected socket learns that a port is closed, as ConnectionRefusedError, and hears
        # nobody else.
        channel.connect((str(target.address), target.port))
        transaction = Transaction(request, UDP, channel.getsockname()[:2])
        for pause in transaction.pauses():
            channel.send(transaction.message)
            until = min(monotonic() + pause, deadline)
            if listen(channel, transaction, until) or until == deadline:
                break
        return transaction.outcome()


def listen(channel: socket.socket, transaction: Transaction, until: float) -> bool:
    """Receive datagrams until one is the final response, or until then: which was it?"""
    while monotonic() < until:
        channel.settimeout(left(until))
        try:
            message = channel.recv(LONGEST)
        except TimeoutError:
            break
        if transaction.receive(message):
            return True
    return False


def over_stream(
    request: Options, target: Target, context: ssl.SSLContext, deadline: float
) -> Response:
    """Send a request over a new connection, where nothing has to be sent twice."""
    with connect(target, context, deadline) as channel:
        transaction = Transaction(request, target.transport, channel.getsockname()[:2])
        channel.sendall(transaction.message)
        framing = Framing()
        while monotonic() < deadline:
            channel.settimeout(left(deadline))
            try:
                data = channel.recv(LONGEST)
            except TimeoutError:
                break
            if transaction.receive_all(framing.feed(data)):
                break
        return transaction.outcome()


def connect(target: Target, context: ssl.SSLContext, deadline: float) -> socket.socket:
    """Connect with a server, and over TLS make sure that it is the one that was called."""
    try:
        channel = socket.create_connection((str(target.address), target.port), left(deadline))
        if target.transport is not TLS:
            return channel
        channel.settimeout(left(deadline))
        # RFC 5922: the certificate has to be for the domain of the URI. The host that an SRV record
        # named will not do, for an attacker can forge the record.
        return context.wrap_socket(channel, server_hostname=target.tls_name)
    except TimeoutError as error:
        raise TimeoutError(NOT_CONNECTED) from error


NOT_CONNECTED = "no connection in time"


def left(deadline: float) -> float:
    """The seconds until then; never 0, by which a socket would not wait at all."""
    return max(deadline - monotonic(), 0.001)


def main() -> int:
    given = arguments(__doc__)
    return status_of(lambda: ask(given))


def ask(given: argparse.Namespace) -> Response:
    with Resolver(DnspythonBackend(given.nameserver), policy=POLICY) as resolver:
        return reach(resolver, Options.to(given.uri), given.ca, given.timeout)


def status_of(client: Callable[[], Response]) -> int:
    """Run a client: its exit status, and a line on standard error where it is not 0."""
    try:
        response = client()
    except SipResolveError as error:
        return complain(error.message, 2 if error.from_input else 1)
    except KeyboardInterrupt:
        return complain("interrupted", 130)  # 128 and the number of SIGINT, as shells have it
    if not response.is_final:
        # RFC 3263 §4.3: no failure, so that no other server is asked. But nobody answered, either.
        return complain(f"no final response came after {response}", 1)
    return 0


def complain(line: str, status: int) -> int:
    print(line, file=sys.stderr)
    return status


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("uri", help="whom to ask: a SIP or SIPS URI, or a host")
    parser.add_argument(
        "--nameserver",
        action="append",
        metavar="ADDRESS[:PORT]",
        help="whom to ask for the servers; may be repeated (default: the system's)",
    )
    parser.add_argument(
        "--ca",
        type=trusting,
        default=ssl.create_default_context(),
        metavar="FILE",
        help="the certificates to trust (default: the system's)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=TIMER_F,
        metavar="SECONDS",
        help="for how long each server may be silent (default: %(default)s)",
    )
    return parser.parse_args()


def trusting(path: str) -> ssl.SSLContext:
    """What checks certificates against those of a file."""
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path!r}: {error}") from error


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < inf:
        raise ValueError
    return value


if __name__ == "__main__":
    sys.exit(main())
