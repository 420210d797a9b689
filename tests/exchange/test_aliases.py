"""Where CNAME and DNAME records lead (RFC 1034 §3.6.2, RFC 6672)."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from sipresolve.exchange.aliases import MOST_ALIASES, Trail, follow
from sipresolve.exchange.replies import Alias, RecordSet, Reply

FOUND = RecordSet((ip_address("192.0.2.1"),), 300)


def aliases(*texts: str) -> dict[str, Alias]:
    """``owner TTL target``, with a name such as "a" for itself."""
    rows = [text.split() for text in texts]
    return {owner: Alias(target, int(ttl)) for owner, ttl, target in rows}


def reply(
    *, cnames: tuple[str, ...] = (), dnames: tuple[str, ...] = (), owner: str = "end"
) -> Reply:
    return Reply(
        rcode="NOERROR",
        records={owner: FOUND},
        cnames=aliases(*cnames),
        dnames=aliases(*dnames),
    )


def chain(length: int) -> tuple[str, ...]:
    return tuple(f"n{number} 60 n{number + 1}" for number in range(length))


@pytest.mark.parametrize(
    ("why", "name", "given", "expected", "ttl"),
    [
        ("no alias", "end", reply(), "", None),
        ("one", "a", reply(cnames=("a 60 end",)), "end", 60),
        ("the least TTL counts", "a", reply(cnames=("b 30 end", "a 60 b")), "b end", 30),
        ("the order does not", "a", reply(cnames=("a 30 b", "b 60 end")), "b end", 30),
        ("a TTL of 0 is one", "a", reply(cnames=("a 0 b", "b 60 end")), "b end", 0),
        ("others do not matter", "a", reply(cnames=("x 9 y", "a 60 end", "y 9 a")), "end", 60),
        ("records come before", "a", reply(cnames=("a 60 b",), owner="a"), "", None),
        ("it may end nowhere", "a", reply(cnames=("a 60 b",)), "b", 60),
        ("the root is a name", "a", reply(cnames=("a 60 .",)), ".", 60),
        ("as many as may be", "n0", reply(cnames=chain(8)), "n1 n2 n3 n4 n5 n6 n7 n8", 60),
        ("DNAME", "h.a", reply(dnames=("a 60 b",)), "h.b", 60),
        ("DNAME, deep", "x.y.a", reply(dnames=("a 60 b.c",)), "x.y.b.c", 60),
        ("DNAME is not for its owner", "a", reply(dnames=("a 60 b",)), "", None),
        ("nor for others", "h.ba", reply(dnames=("a 60 b",)), "", None),
        ("DNAME to the root", "h.a", reply(dnames=("a 60 .",)), "h", 60),
        ("the nearest DNAME", "h.a.b", reply(dnames=("b 9 x", "a.b 60 y")), "h.y", 60),
        # RFC 6672: the CNAME is made from the DNAME; from old servers it has a TTL of 0.
        ("the CNAME of it", "h.a", reply(dnames=("a 60 b",), cnames=("h.a 0 h.b",)), "h.b", 60),
        (
            "both",
            "a",
            reply(dnames=("b 30 c",), cnames=("a 60 h.b", "h.c 9 end")),
            "h.b h.c end",
            9,
        ),
    ],
)
def test_aliases_lead_to_the_end(
    why: str, name: str, given: Reply, expected: str, ttl: int | None
) -> None:
    trail = follow(Trail(name), given)
    assert trail == Trail(name, tuple(expected.split()), ttl), why
    assert trail.end == (expected.split() or [name])[-1]


LONG = ".".join(["x" * 63] * 3)


@pytest.mark.parametrize(
    ("why", "name", "given", "followed", "fault", "loop"),
    [
        ("to itself", "a", reply(cnames=("a 60 a",)), "", "in a circle: a -> a", True),
        (
            "a circle",
            "a",
            reply(cnames=("a 60 b", "b 60 c", "c 60 b")),
            "b c",
            "in a circle: a -> b -> c -> b",
            True,
        ),
        ("too many", "n0", reply(cnames=chain(9)), "n1 n2 n3 n4 n5 n6 n7 n8", "more than 8", True),
        (
            "a DNAME below itself",
            "h.a",
            reply(dnames=("a 60 b.a",)),
            " ".join("h" + ".b" * number + ".a" for number in range(1, MOST_ALIASES + 1)),
            "more than 8",
            True,
        ),
        # RFC 6672: a name that is too long is an error, YXDOMAIN.
        (
            "too long",
            f"{LONG}.a",
            reply(dnames=(f"a 60 {LONG}",)),
            "",
            "longer than a name may be",
            False,
        ),
    ],
)
def test_aliases_that_lead_nowhere(  # noqa: PLR0913 - one argument for each column
    why: str, name: str, given: Reply, followed: str, fault: str, *, loop: bool
) -> None:
    trail = follow(Trail(name), given)
    assert (trail.aliases, trail.loop) == (tuple(followed.split()), loop), why
    assert fault in trail.fault


def test_a_trail_goes_on_where_the_last_reply_left_it() -> None:
    first = follow(Trail("n0"), reply(cnames=chain(5)))
    second = follow(first, reply(cnames=("n5 30 n6", "n6 60 end")))
    assert second.aliases == ("n1", "n2", "n3", "n4", "n5", "n6", "end")
    assert second.ttl == 30


def test_a_circle_is_noticed_across_replies() -> None:
    first = follow(Trail("a"), reply(cnames=("a 60 b",)))
    assert follow(first, reply(cnames=("b 60 a",))).loop


def test_a_fault_ends_the_trail() -> None:
    broken = follow(Trail("a"), reply(cnames=("a 60 a",)))
    assert follow(broken, reply(cnames=("a 60 end",))) is broken
