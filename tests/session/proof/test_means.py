"""Where chains of trust begin."""

from __future__ import annotations

import hashlib

import pytest
from signed_world import NOW, verify

from sipresolve.session.proof.means import (
    SUPPORTED_ALGORITHMS,
    SUPPORTED_DIGESTS,
    Checking,
    Means,
    Trust,
)
from sipresolve.session.proof.names import labels_of
from sipresolve.session.proof.work import Work
from sipresolve.vocabulary.keys import ROOT_ANCHORS, Ds, TrustAnchor

COM = TrustAnchor("com", Ds(1, 13, 2, b"1" * 32))
EXAMPLE = TrustAnchor("Example.COM.", Ds(2, 13, 2, b"2" * 32))
AGAIN = TrustAnchor("example.com", Ds(3, 13, 2, b"3" * 32))

# The zones with a trust anchor, a name, and where the chain to it begins.
ABOVE: list[tuple[tuple[TrustAnchor, ...], str, str | None]] = [
    (ROOT_ANCHORS, "example.com", "."),
    (ROOT_ANCHORS, ".", "."),
    ((COM,), "example.com", "com"),
    ((COM,), "com", "com"),
    ((COM,), ".", None),
    ((COM,), "example.net", None),
    ((COM,), "examplecom", None),
    ((COM, EXAMPLE), "a.example.com", "example.com"),
    ((*ROOT_ANCHORS, EXAMPLE, COM), "example.com", "example.com"),
    ((*ROOT_ANCHORS, EXAMPLE, COM), "example.net", "."),
]


@pytest.mark.parametrize(("anchors", "name", "expected"), ABOVE)
def test_a_chain_begins_at_the_deepest_anchor(
    anchors: tuple[TrustAnchor, ...], name: str, expected: str | None
) -> None:
    """RFC 4035 §5: what a client knows of a zone itself goes before what its parents say."""
    wanted = None if expected is None else labels_of(expected)
    assert Trust(anchors).zone_above(labels_of(name)) == wanted


def test_a_zone_may_have_several_anchors() -> None:
    """RFC 5011 §2: while a key is rolled over, the old and the new one are trusted."""
    trust = Trust((COM, EXAMPLE, AGAIN))
    assert trust.of(labels_of("example.com")) == [EXAMPLE, AGAIN]
    assert trust.of(labels_of("example.net")) == []
    assert trust.zones == (labels_of("example.com"), labels_of("com"))


def test_the_digests_are_those_that_hashlib_has() -> None:
    """RFC 8624 §3.3: SHA-256 and SHA-384, and not SHA-1."""
    assert SUPPORTED_DIGESTS.keys() == {2, 4}
    sizes = [hashlib.new(name).digest_size for _, name in sorted(SUPPORTED_DIGESTS.items())]
    assert sizes == [32, 48]


def test_no_algorithm_that_must_not_be_used() -> None:
    """RFC 8624 §3.1: MD5, DSA; RFC 9905: SHA-1; and what is not for zones (RFC 4034 A.1)."""
    assert not SUPPORTED_ALGORITHMS & {0, 1, 2, 3, 4, 5, 6, 7, 12, 252, 253, 254, 255}


def test_means_are_what_was_handed_in() -> None:
    trust, work = Trust(()), Work()
    checking = Checking(verify, lambda: NOW)
    means = Means(trust, checking.verify, checking.clock, work)
    assert (means.clock(), means.work, means.trust) == (NOW, work, trust)
