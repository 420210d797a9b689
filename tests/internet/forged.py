"""What is wrong with signatures: their time, their signer, their fields, and what they sign."""

from __future__ import annotations

from typing import Final

from internet.flaws import (
    added_signature,
    altered,
    expired,
    inverted,
    kept_longer,
    not_yet_valid,
    signed_again,
    signed_by_another_zone,
    signed_by_stranger,
    spoiled,
    unsigned,
)
from internet.plans import here, odd
from internet.signing import name_of
from internet.situation import BOGUS, ONE_FAILURE, SECURE, S

__all__ = ["SITUATIONS", "ZONES"]

_TIMES_ZONES: Final = (
    here("expired", flaws=(expired("gw", "A"),)),
    here("not-yet-valid", flaws=(not_yet_valid("gw", "A"),)),
    here("inverted", flaws=(inverted("gw", "A"),)),
    odd("expired-too", flaws=(added_signature("gw", "A", expired("gw", "A")),)),
    here("longer", flaws=(kept_longer("gw", "A", 86_400),)),
    here("shorter", flaws=(kept_longer("gw", "A", 30),)),
)

_SIGNATURES_ZONES: Final = (
    here("stranger", flaws=(signed_by_stranger("gw", "A"),)),
    here("stranger-too", flaws=(added_signature("gw", "A", signed_by_stranger("gw", "A")),)),
    here("wrong-tag", flaws=(signed_again("gw", "A", key_tag=lambda tag: tag ^ 1),)),
    here("wrong-algorithm", flaws=(signed_again("gw", "A", algorithm=15),)),
    here(
        "wrong-original-ttl",
        flaws=(added_signature("gw", "A", signed_by_stranger("gw", "A", original_ttl=60)),),
    ),
    here("spoiled", flaws=(spoiled("gw", "A"),)),
    here("short-signature", flaws=(spoiled("gw", "A", length=1),)),
    here("answer-unsigned", flaws=(unsigned("gw", "A"),)),
    here("answer-altered", flaws=(altered("gw", "A 192.0.2.66"),)),
    here("answer-added", flaws=(altered("gw", "A 192.0.2.1", "A 192.0.2.66"),)),
    here("srv-altered", flaws=(altered("_sip._udp", "SRV 10 10 5060 evil"),)),
    here("naptr-altered", flaws=(altered("@", 'NAPTR 10 10 "s" "SIP+D2U" "" _sip._tcp'),)),
    here("signed-by-parent", flaws=(signed_by_another_zone("gw", "A", "example."),)),
    here("signed-by-root", flaws=(signed_by_another_zone("gw", "A", "."),)),
    here("signed-by-sibling", flaws=(signed_by_another_zone("gw", "A", "nsec.example."),)),
    here(
        "signed-by-nobody",
        flaws=(signed_again("gw", "A", signer=lambda zone: name_of("gw", zone)),),
    ),
    here("labels-too-few", flaws=(signed_again("gw", "A", labels=lambda count: count - 1),)),
    here("labels-too-many", flaws=(signed_again("gw", "A", labels=lambda count: count + 1),)),
)

_TIMES: Final = (
    S("expired", "gw.expired.example A", BOGUS, "RFC 4035 §5.3.1", error=7),
    S("not yet valid", "gw.not-yet-valid.example A", BOGUS, "RFC 4035 §5.3.1", error=8),
    S("expired before valid", "gw.inverted.example A", BOGUS, "RFC 4035 §5.3.1", error=25),
    S(
        "expired beside one that is not",
        "gw.expired-too.example A",
        SECURE,
        "RFC 6840 §5.4",
        differing=ONE_FAILURE,
    ),
    S("TTL longer than signed", "gw.longer.example A", SECURE, "RFC 4035 §5.3.3"),
    S("TTL shorter than signed", "gw.shorter.example A", SECURE, "RFC 4035 §5.3.3", ttl=30),
)

_SIGNATURES: Final = (
    S("signed by a stranger", "gw.stranger.example A", BOGUS, "RFC 4035 §5.3.1", error=9),
    S("signed by a stranger too", "gw.stranger-too.example A", SECURE, "RFC 6840 §5.4"),
    S("another key tag", "gw.wrong-tag.example A", BOGUS, "RFC 4035 §5.3.1"),
    S("another algorithm", "gw.wrong-algorithm.example A", BOGUS, "RFC 4035 §5.3.1"),
    S("another original TTL beside", "gw.wrong-original-ttl.example A", SECURE, "RFC 6840 §5.4"),
    S("signature spoiled", "gw.spoiled.example A", BOGUS, "RFC 4035 §5.3.3", error=6),
    S("signature short", "gw.short-signature.example A", BOGUS, "RFC 4035 §5.3.3"),
    S("answer unsigned", "gw.answer-unsigned.example A", BOGUS, "RFC 4035 §5.5", error=10),
    S("answer altered", "gw.answer-altered.example A", BOGUS, "RFC 4035 §5.3.3", error=6),
    S("record added", "gw.answer-added.example A", BOGUS, "RFC 4035 §5.3.3"),
    S("SRV altered", "_sip._udp.srv-altered.example SRV", BOGUS, "RFC 4035 §5.3.3", error=6),
    S("NAPTR altered", "naptr-altered.example NAPTR", BOGUS, "RFC 4035 §5.3.3"),
    S(
        "signed by the parent",
        "gw.signed-by-parent.example A",
        SECURE,
        "RFC 4035 §5.3.1: no more than the parent may say by DS",
    ),
    S(
        "signed by the root",
        "gw.signed-by-root.example A",
        SECURE,
        "RFC 4035 §5.3.1: no more than the parent may say by DS",
    ),
    S("signed by a sibling", "gw.signed-by-sibling.example A", BOGUS, "RFC 4035 §5.3.1"),
    S("signed in the name of no zone", "gw.signed-by-nobody.example A", BOGUS, "RFC 4035 §5.3.1"),
    S("fewer labels", "gw.labels-too-few.example A", BOGUS, "RFC 4035 §5.3.4"),
    S("more labels", "gw.labels-too-many.example A", BOGUS, "RFC 4035 §5.3.1"),
)

#: Its zones.
ZONES: Final = (
    *_TIMES_ZONES,
    *_SIGNATURES_ZONES,
)

#: Its situations.
SITUATIONS: Final = (
    *_TIMES,
    *_SIGNATURES,
)
