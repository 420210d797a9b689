"""Servers die, come back, are busy and fall silent, while a stream of requests runs.

None is lost as long as one server lives (RFC 3263 §4.3), and one that is not well gets a single
attempt at the end of each penalty, not one for each call.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from clients import WORKERS
from cluster import ADDRESSES

from sipresolve import TCP, TLS, UDP, HealthBook

if TYPE_CHECKING:
    from clients import MakeClient
    from cluster import Cluster
    from traffic import Stream

#: The first penalty and all others, in seconds.
SHORTEST, LONGEST = 0.3, 0.6


def test_a_server_dies_and_comes_back(cluster: Cluster, make_client: MakeClient) -> None:
    client = make_client(health=HealthBook(shortest=SHORTEST, longest=LONGEST))
    with (
        client.stream("sip:cluster.example") as plain,
        client.stream("sips:cluster.example") as tls,
    ):
        for stream in (plain, tls):
            stream.until_share(a=15, b=15, c=15)
        died = monotonic()
        cluster["b"].kill()
        for stream in (plain, tls):
            stream.until_failed("b", times=2, since=died + SHORTEST)
            check_that_it_is_spared(stream, "b", died)
        cluster["b"].run()
        for stream in (plain, tls):
            stream.until_share(b=15)
    assert plain.lost + tls.lost == []
    assert client.health.snapshot() == ()


def test_a_server_falls_silent_and_answers_again(cluster: Cluster, make_client: MakeClient) -> None:
    timeout = 0.45  # less than T1, so that nothing is sent twice
    client = make_client(timeout=timeout, health=HealthBook(shortest=SHORTEST, longest=LONGEST))
    with client.stream("sip:cluster.example") as stream:
        stream.until_share(a=15, b=15, c=15)
        silent = monotonic()
        cluster["b"].behave("silent")
        stream.until_failed("b", times=1, since=silent + timeout + SHORTEST)
        check_that_it_is_spared(stream, "b", silent)
        cluster["b"].behave("answer")
        stream.until_share(b=15)
    assert stream.lost == []
    tried = [call.call_id for call in stream.calls if "b" in call.hosts]
    seen = [request.call_id for request in cluster["b"].seen(at_least=len(tried))]
    assert sorted(seen) == sorted(tried)


def test_a_server_is_busy_for_as_long_as_it_says(cluster: Cluster, make_client: MakeClient) -> None:
    # RFC 3261 §21.5.4: "It SHOULD NOT forward any other requests to that server for the duration
    # specified in the Retry-After header field".
    client = make_client()
    with client.stream("sip:cluster.example") as stream:
        stream.until_share(a=15, b=15, c=15)
        busy = monotonic()
        cluster["b"].behave("busy", retry_after=1)
        stream.until(lambda: bool(client.health.snapshot()))
        [penalty] = client.health.snapshot()
        assert penalty.reason == "retry-after"
        assert str(penalty.place.address) == ADDRESSES["b"]
        stream.until_failed("b", times=1, since=busy + 1)
        check_that_it_is_spared(stream, "b", busy, penalties=(1, 1))
        cluster["b"].behave("answer")
        stream.until_share(b=15)
    assert stream.lost == []
    assert client.health.snapshot() == ()


def test_a_busy_server_that_does_not_say_for_how_long_is_asked_by_each_call(
    cluster: Cluster, make_client: MakeClient
) -> None:
    # RFC 3261 §21.5.4: "If no Retry-After is given, the client MUST act as if it had received a
    # 500", which is no reason to keep other requests away.
    client = make_client()
    cluster["b"].behave("busy")
    with client.stream("sip:cluster.example") as stream:
        stream.until_failed("b", times=30)
    assert stream.lost == []
    assert {call.answered_by for call in stream.calls} == {"a", "c"}
    assert client.health.snapshot() == ()


def test_one_server_is_enough(cluster: Cluster, make_client: MakeClient) -> None:
    client = make_client()
    with client.stream("sip:cluster.example") as stream:
        stream.until_share(a=15, b=15, c=15)
        cluster["a"].kill()
        cluster["b"].behave("busy", retry_after=60)
        stream.until_share(c=100)
    assert stream.lost == []
    assert {str(penalty.place.address): penalty.reason for penalty in client.health.snapshot()} == {
        ADDRESSES["a"]: "failure",
        ADDRESSES["b"]: "retry-after",
    }


def test_the_next_priority_serves_while_the_first_is_dead(
    cluster: Cluster, make_client: MakeClient
) -> None:
    client = make_client(health=HealthBook(shortest=SHORTEST, longest=LONGEST))
    with client.stream("sip:ordered.cluster.example") as stream:
        stream.until_share(a=50)
        cluster["a"].kill()
        stream.until_share(b=50)
        cluster["a"].run()
        stream.until_share(a=50)
    assert stream.lost == []
    assert {tuple(call.hosts) for call in stream.calls} == {("a",), ("b",), ("a", "b")}


def test_all_are_dead(cluster: Cluster, make_client: MakeClient) -> None:
    client = make_client()
    for name in ("a", "b", "c"):
        cluster[name].kill()
    # Those that have a penalty are tried all the same: there is nobody else.
    for call in (client.call("sip:cluster.example"), client.call("sip:cluster.example")):
        assert call.failed is not None
        targets = [target for target, _ in call.failed.failures]
        assert [target.transport for target in targets] == [UDP] * 3 + [TCP] * 3 + [TLS] * 3
        assert len(set(targets)) == 9
        assert targets == [each.target for each in call.tries]
        assert {type(error) for _, error in call.failed.failures} == {ConnectionRefusedError}
    assert len(client.health.snapshot()) == 9
    cluster["c"].run()
    assert client.call("sip:cluster.example").answered_by == "c"


def test_a_provisional_response_is_no_failure(cluster: Cluster, make_client: MakeClient) -> None:
    client = make_client(timeout=0.2)
    cluster["a"].behave("provisional")
    call = client.call("sip:ordered.cluster.example")
    assert call.hosts == ["a"]
    assert str(call.tries[0].response) == "100 Trying"
    assert client.health.snapshot() == ()


def check_that_it_is_spared(
    stream: Stream, host: str, since: float, penalties: tuple[float, float] = (SHORTEST, LONGEST)
) -> None:
    """Since it failed, a server was tried by those who could not know, and by one for each penalty.

    Args:
        stream: Of requests.
        host: The server.
        since: When it failed.
        penalties: The first, and all others, in seconds.
    """
    stream.until(lambda: stream.calls_since(since) >= 20 * WORKERS)
    first, later = penalties
    failures = stream.failures_at(host, since=since)
    assert failures <= WORKERS + 1 + int((monotonic() - since - first) / later)
