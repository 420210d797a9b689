"""The servers do as they are told, and the clients of the examples speak with them."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address
from typing import Protocol

import options
import options_async
import pytest
from cluster import ADDRESSES, Cluster
from sip_message import Options, Response

from sipresolve import TCP, TLS, UDP, Target, Transport

REQUEST = Options.to("sip:alice@cluster.example")


class Exchange(Protocol):
    def __call__(
        self, request: Options, target: Target, context: ssl.SSLContext, timeout: float
    ) -> Response: ...


def exchange_with_asyncio(
    request: Options, target: Target, context: ssl.SSLContext, timeout: float
) -> Response:
    return asyncio.run(options_async.exchange(request, target, context, timeout))


@pytest.fixture(params=[options.exchange, exchange_with_asyncio], ids=["blocking", "async"])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    """How a request is sent, and waited for."""
    found: Exchange = request.param
    return found


@pytest.fixture(params=[UDP, TCP, TLS])
def transport(request: pytest.FixtureRequest) -> Transport:
    found: Transport = request.param
    return found


def target_at(
    cluster: Cluster, host: str, transport: Transport, tls_name: str = "cluster.example"
) -> Target:
    return Target(
        transport=transport,
        address=ip_address(ADDRESSES[host]),
        port=cluster.ports.tls if transport is TLS else cluster.ports.plain,
        host=host,
        tls_name=tls_name if transport is TLS else None,
    )


def test_a_server_answers(cluster: Cluster, exchange: Exchange, transport: Transport) -> None:
    response = exchange(REQUEST, target_at(cluster, "b", transport), cluster.context, 10)
    assert str(response) == "200 OK"
    assert response.header("server") == "b"
    assert response.header("call-id") == REQUEST.call_id
    [seen] = cluster["b"].seen()
    assert seen == (transport, ADDRESSES["b"], "OPTIONS", REQUEST.call_id)


@pytest.mark.parametrize("retry_after", [None, 7])
def test_a_server_is_busy(
    cluster: Cluster, exchange: Exchange, transport: Transport, retry_after: int | None
) -> None:
    cluster["a"].behave("busy", retry_after=retry_after)
    response = exchange(REQUEST, target_at(cluster, "a", transport), cluster.context, 10)
    assert str(response) == "503 Service Unavailable"
    assert response.retry_after == retry_after


@pytest.mark.parametrize(("transport", "seconds", "times"), [(UDP, 0.8, 2), (TCP, 0.2, 1)])
def test_a_silent_server_is_asked_again_over_udp_alone(
    cluster: Cluster, exchange: Exchange, transport: Transport, seconds: float, times: int
) -> None:
    # RFC 3261 §17.1.2.2: "If an unreliable transport is in use, the client transaction MUST set
    # timer E to fire in T1 seconds."
    cluster["a"].behave("silent")
    with pytest.raises(TimeoutError):
        exchange(REQUEST, target_at(cluster, "a", transport), cluster.context, seconds)
    assert len(cluster["a"].seen(at_least=times)) == times


@pytest.mark.parametrize("transport", [UDP, TLS])
def test_what_is_only_provisional_is_the_outcome_in_the_end(
    cluster: Cluster, exchange: Exchange, transport: Transport
) -> None:
    # RFC 3263 §4.3: it is no failure to time out after "any response, provisional or final".
    cluster["a"].behave("provisional")
    response = exchange(REQUEST, target_at(cluster, "a", transport), cluster.context, 0.2)
    assert str(response) == "100 Trying"
    assert not response.is_final


def test_a_dead_server_refuses_at_once(
    cluster: Cluster, exchange: Exchange, transport: Transport
) -> None:
    # RFC 3261 §18.4: an ICMP error counts as well.
    cluster["c"].kill()
    with pytest.raises(ConnectionRefusedError):
        exchange(REQUEST, target_at(cluster, "c", transport), cluster.context, 30)


@pytest.mark.parametrize(
    ("host", "tls_name", "what"),
    [
        ("stranger", "proven.cluster.example", "unable to get local issuer certificate"),
        ("namesake", "proven.cluster.example", "Hostname mismatch"),
        ("other", "proven.cluster.example", "Hostname mismatch"),
        ("a", "elsewhere.example", "Hostname mismatch"),
        ("a", "127.0.0.1", "IP address mismatch"),
    ],
)
def test_a_certificate_is_refused(
    cluster: Cluster, exchange: Exchange, host: str, tls_name: str, what: str
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=what):
        exchange(REQUEST, target_at(cluster, host, TLS, tls_name), cluster.context, 10)


@pytest.mark.parametrize(
    ("host", "tls_name"),
    [
        ("a", "proven.cluster.example"),
        ("a", ADDRESSES["a"]),  # RFC 5280 §4.2.1.6
        ("namesake", "namesake.cluster.example"),
        ("other", "elsewhere.example"),
    ],
)
def test_a_certificate_is_good(
    cluster: Cluster, exchange: Exchange, host: str, tls_name: str
) -> None:
    target = target_at(cluster, host, TLS, tls_name)
    assert exchange(REQUEST, target, cluster.context, 10).is_final
