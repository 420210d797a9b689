"""Large requests, and who may be spoken to over TLS, with real servers."""

from __future__ import annotations

from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

import pytest
from cluster import ADDRESSES

from sipresolve import TCP, UDP

if TYPE_CHECKING:
    from clients import MakeClient
    from cluster import Cluster
    from traffic import Call


def transports(call: Call) -> list[str]:
    return [each.target.transport for each in call.tries]


@pytest.mark.parametrize(
    ("size", "mtu", "expected"),
    [
        # RFC 3261 §18.1.1: "larger than 1300 bytes and the path MTU is unknown"
        (1400, None, [TCP, UDP]),
        (1300, None, [UDP]),
        (None, None, [UDP]),
        # "within 200 bytes of the path MTU"
        (1301, 1500, [TCP, UDP]),
        (1299, 1500, [UDP]),
    ],
)
def test_a_large_request_goes_over_udp_where_tcp_is_refused(
    cluster: Cluster,
    make_client: MakeClient,
    size: int | None,
    mtu: int | None,
    expected: list[str],
) -> None:
    call = make_client().call("sip:large.cluster.example", size=size, mtu=mtu)
    assert transports(call) == expected
    assert call.answered_by == "datagrams"
    assert {request.transport for request in cluster["datagrams"].seen()} == {UDP}


def test_a_large_request_goes_over_tcp_alone_where_that_is_silent(
    cluster: Cluster, make_client: MakeClient
) -> None:
    # RFC 3261 §18.1.1 has UDP tried after "a TCP reset", and not after a time-out.
    cluster["a"].behave("silent")
    call = make_client(timeout=0.3).call("sip:lone.cluster.example", size=1400)
    assert transports(call) == [TCP]
    assert call.failed is not None
    assert [type(error) for _, error in call.failed.failures] == [TimeoutError]
    assert {request.transport for request in cluster["a"].seen(at_least=1)} == {TCP}


def test_a_small_request_is_not_hurt_by_what_a_large_one_met(
    cluster: Cluster, make_client: MakeClient
) -> None:
    client = make_client(timeout=0.3)
    cluster["a"].behave("silent")
    client.call("sip:lone.cluster.example", size=1400)
    cluster["a"].behave("answer")
    call = client.call("sip:lone.cluster.example")
    assert transports(call) == [UDP]
    assert call.answered_by == "a"


def test_impostors_are_passed_over(cluster: Cluster, make_client: MakeClient) -> None:
    # RFC 5922 §4: the certificate has to be for the domain of the URI; the SRV target will not do.
    client = make_client()
    call = client.call("sips:proven.cluster.example")
    assert call.hosts == ["stranger", "namesake", "other", "a"]
    assert {type(each.error) for each in call.tries[:3]} == {SSLCertVerificationError}
    assert call.answered_by == "a"
    assert cluster["impostors"].seen() == []
    # For another domain its certificate may be right, so that nobody else hears of it.
    assert client.call("sips:proven.cluster.example").hosts == call.hosts


def test_a_certificate_for_an_address(cluster: Cluster, make_client: MakeClient) -> None:
    client = make_client()
    port = cluster.ports.tls
    assert client.call(f"sips:{ADDRESSES['a']}:{port}").answered_by == "a"
    failed = client.call(f"sips:{ADDRESSES['namesake']}:{port}").failed
    assert failed is not None
    [(target, error)] = failed.failures
    assert target.tls_name == ADDRESSES["namesake"]
    assert isinstance(error, SSLCertVerificationError)
