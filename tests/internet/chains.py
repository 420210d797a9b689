"""What vouches for keys, and keys: digests, flags, several algorithms, one key tag for two."""

from __future__ import annotations

from typing import Final

from internet.flaws import (
    entries,
    expired,
    others,
    removed,
    signed_again,
    signed_by_another_zone,
    spoiled,
    the_last,
    unsigned,
)
from internet.plans import CSK, SPLIT, UNSIGNED, csk, ds, here, split, twins, zsk
from internet.situation import BOGUS, INSECURE, ONE_FAILURE, SECURE, SHA1, Differing, S

__all__ = ["SITUATIONS", "ZONES"]

_NO_DIGEST_CHOSEN: Final[Differing] = {
    "unbound": ((SECURE,), "RFC 4509 §3 is a SHOULD: Unbound keeps it with harden-algo-downgrade"),
}

_REVOKED_UNSEEN: Final[Differing] = {
    "unbound": (
        (SECURE,),
        "RFC 5011 §2.1: Unbound looks at REVOKE in the keys of trust anchors alone",
    ),
}

_ENTRY_UNSEEN: Final[Differing] = {
    "delv": (
        (SECURE,),
        "RFC 4034 §2.1: BIND trusts what a DS record points to, whatever its flags",
    ),
}

_DIGESTS_ZONES: Final = (
    here("sha1", ds=(ds(1),)),
    here("sha384", ds=(ds(4),)),
    here("sha1-and-sha256", ds=(ds(1), ds(2))),
    here("wrong-sha1-and-sha256", ds=(ds(1, digest=bytes(20)), ds(2))),
    here("sha1-and-wrong-sha256", ds=(ds(1), ds(2, digest=bytes(32)))),
    here("wrong-sha256-and-sha384", ds=(ds(2, digest=bytes(32)), ds(4))),
    here("digest-unknown", ds=(ds(200),)),
    here("digest-known-too", ds=(ds(200), ds(2))),
    here("digest-known-wrong", ds=(ds(200), ds(2, digest=bytes(32)))),
    here("ds-wrong", ds=(ds(2, digest=bytes(32)),)),
    here("ds-wrong-tag", ds=(ds(2, key_tag=1),)),
    here("ds-wrong-algorithm", ds=(ds(2, algorithm=15),)),
    here("ds-one-right", ds=(ds(2, digest=bytes(32)), ds(2))),
    here("ds-algorithm-unknown", ds=(ds(2, algorithm=200),)),
    here("ds-algorithm-known-too", ds=(ds(2, algorithm=200), ds(2))),
    here("ds-algorithm-known-wrong", ds=(ds(2, algorithm=200), ds(2, digest=bytes(32)))),
    here("ds-missing", flaws_above=(removed("@", "DS"),)),
    here("ds-unsigned", flaws_above=(unsigned("@", "DS"),)),
    here("ds-expired", flaws_above=(expired("@", "DS"),)),
    here("ds-by-child", flaws_above=(signed_by_another_zone("@", "DS", "ds-by-child.example."),)),
    here(
        "ds-of-zsk",
        ds=(ds(2, key=1),),
        keys=(csk(), zsk()),
        flaws=(signed_again("@", "DNSKEY", by=others),),
    ),
)

_KEYS_ZONES: Final = (
    here("csk", keys=CSK),
    here("ksk-signs-all", flaws=(signed_again("gw", "A", by=entries),)),
    here("standby", keys=(*SPLIT, zsk(signs=False), csk(signs=False))),
    here("revoked", keys=(csk(flags=257 | 128), zsk())),
    here("revoked-too", keys=(csk(), csk(flags=257 | 128), zsk())),
    here("zsk-revoked", keys=(csk(), zsk(flags=256 | 128))),
    here("no-zone-flag", keys=(csk(flags=1), zsk())),
    here("zsk-no-zone-flag", keys=(csk(), zsk(flags=0))),
    here("protocol", keys=(csk(protocol=2), zsk())),
    here("zsk-protocol", keys=(csk(), zsk(protocol=2))),
    here("hidden-key", keys=(csk(), zsk(published=False))),
    here("hidden-entry", keys=(csk(published=False), zsk())),
    here("dnskey-missing", flaws=(removed("@", "DNSKEY"),)),
    here("dnskey-unsigned", flaws=(unsigned("@", "DNSKEY"),)),
    here("dnskey-expired", flaws=(expired("@", "DNSKEY"),)),
    here("dnskey-by-zsk", flaws=(signed_again("@", "DNSKEY", by=others),)),
    here("all-unsigned", keys=UNSIGNED, ds=(lambda zone, _: ds()(zone, csk()()),)),
)

_MIXTURES_ZONES: Final = (
    here("two-algorithms", keys=(*split(13), *split(15)), ds=(ds(key=0), ds(key=2))),
    here(
        "two-algorithms-one-signs",
        keys=(*split(13), *split(15)),
        ds=(ds(key=0), ds(key=2)),
        flaws=(signed_again("gw", "A", by=the_last),),
    ),
    here(
        "two-algorithms-one-ds",
        keys=(*split(13), *split(15)),
        flaws=(signed_again("gw", "A", by=the_last),),
    ),
    here(
        "two-algorithms-one-spoiled",
        keys=(*split(13), *split(15)),
        ds=(ds(key=0), ds(key=2)),
        flaws=(spoiled("gw", "A", first=True),),
        served_by="nsd",
    ),
    here("one-algorithm-unknown", keys=(*split(200), *split(13)), ds=(ds(key=0), ds(key=2))),
)

_TWINS_ZONES: Final = (
    here(
        "first-twin",
        keys=(csk(15), twins(256)),
        flaws=(signed_again("gw", "A", by=lambda keys: keys[1:2]),),
    ),
    here(
        "second-twin",
        keys=(csk(15), twins(256)),
        flaws=(signed_again("gw", "A", by=the_last),),
    ),
    here(
        "first-twin-of-entry",
        keys=(zsk(15), twins(257)),
        ds=(ds(key=1),),
        flaws=(signed_again("@", "DNSKEY", by=lambda keys: keys[1:2]),),
    ),
    here(
        "second-twin-of-entry",
        keys=(zsk(15), twins(257)),
        ds=(ds(key=2),),
        flaws=(signed_again("@", "DNSKEY", by=the_last),),
    ),
)

_DIGESTS: Final = (
    S("SHA-1 digest", "gw.sha1.example A", INSECURE, "RFC 9905 §2", error=2, differing=SHA1),
    S("SHA-384 digest", "gw.sha384.example A", SECURE, "RFC 6605"),
    S("SHA-1 and SHA-256", "gw.sha1-and-sha256.example A", SECURE, "RFC 4509 §3"),
    S("SHA-1 matches nothing", "gw.wrong-sha1-and-sha256.example A", SECURE, "RFC 4509 §3"),
    S(
        "only SHA-1 matches",
        "gw.sha1-and-wrong-sha256.example A",
        BOGUS,
        "RFC 4509 §3",
        differing=_NO_DIGEST_CHOSEN,
    ),
    S("only SHA-384 matches", "gw.wrong-sha256-and-sha384.example A", SECURE, "RFC 4035 §5.2"),
    S("unknown digest", "gw.digest-unknown.example A", INSECURE, "RFC 6840 §5.2", error=2),
    S("unknown digest beside SHA-256", "gw.digest-known-too.example A", SECURE, "RFC 6840 §5.2"),
    S("unknown digest, SHA-256 wrong", "gw.digest-known-wrong.example A", BOGUS, "RFC 6840 §5.2"),
    S("DS matches nothing", "gw.ds-wrong.example A", BOGUS, "RFC 4035 §5.2", error=9),
    S("DS with another key tag", "gw.ds-wrong-tag.example A", BOGUS, "RFC 4035 §5.2", error=9),
    S("DS with another algorithm", "gw.ds-wrong-algorithm.example A", BOGUS, "RFC 4035 §5.2"),
    S("one DS of two matches", "gw.ds-one-right.example A", SECURE, "RFC 4035 §5.2"),
    S(
        "DS of an unknown algorithm",
        "gw.ds-algorithm-unknown.example A",
        INSECURE,
        "RFC 4035 §5.2",
        error=1,
    ),
    S("unknown algorithm beside", "gw.ds-algorithm-known-too.example A", SECURE, "RFC 4035 §5.2"),
    S(
        "unknown algorithm, known one wrong",
        "gw.ds-algorithm-known-wrong.example A",
        BOGUS,
        "RFC 4035 §5.2",
    ),
    S("DS stripped", "gw.ds-missing.example A", BOGUS, "RFC 4035 §5.2"),
    S("DS unsigned", "gw.ds-unsigned.example A", BOGUS, "RFC 4035 §5.2", error=10),
    S("DS expired", "gw.ds-expired.example A", BOGUS, "RFC 4035 §5.3.1", error=7),
    S("DS signed by the child", "gw.ds-by-child.example A", BOGUS, "RFC 4035 §5.2"),
    S("DS of a key without SEP", "gw.ds-of-zsk.example A", SECURE, "RFC 4034 §2.1.1"),
)

_KEYS: Final = (
    S("one key for everything", "gw.csk.example A", SECURE, "RFC 4034 §2.1.1"),
    S("signed by the key for the keys", "gw.ksk-signs-all.example A", SECURE, "RFC 4034 §2.1.1"),
    S("keys that do not sign", "gw.standby.example A", SECURE, "RFC 4035 §2.2"),
    S("revoked", "gw.revoked.example A", BOGUS, "RFC 5011 §2.1", differing=_REVOKED_UNSEEN),
    S("revoked beside one that is not", "gw.revoked-too.example A", SECURE, "RFC 5011 §2.1"),
    S(
        "revoked, and not for the keys",
        "gw.zsk-revoked.example A",
        BOGUS,
        "RFC 5011 §2.1",
        differing=_REVOKED_UNSEEN,
    ),
    S(
        "no zone key",
        "gw.no-zone-flag.example A",
        BOGUS,
        "RFC 4034 §2.1.1",
        differing=_ENTRY_UNSEEN,
    ),
    S(
        "no zone key below the entry",
        "gw.zsk-no-zone-flag.example A",
        BOGUS,
        "RFC 4035 §5.3.1",
        error=11,
    ),
    S("protocol 2", "gw.protocol.example A", BOGUS, "RFC 4034 §2.1.2", differing=_ENTRY_UNSEEN),
    S("protocol 2 below the entry", "gw.zsk-protocol.example A", BOGUS, "RFC 4034 §2.1.2"),
    S(
        "signed by a key that is not published",
        "gw.hidden-key.example A",
        BOGUS,
        "RFC 4035 §5.3.1",
        error=9,
    ),
    S(
        "DS of a key that is not published",
        "gw.hidden-entry.example A",
        BOGUS,
        "RFC 4035 §5.2",
        error=9,
    ),
    S("no keys", "gw.dnskey-missing.example A", BOGUS, "RFC 4035 §5.2"),
    S("keys unsigned", "gw.dnskey-unsigned.example A", BOGUS, "RFC 4035 §5.2", error=10),
    S("keys expired", "gw.dnskey-expired.example A", BOGUS, "RFC 4035 §5.3.1", error=7),
    S("keys signed by one without DS", "gw.dnskey-by-zsk.example A", BOGUS, "RFC 4035 §5.2"),
    S("nothing signed in spite of DS", "gw.all-unsigned.example A", BOGUS, "RFC 4035 §5.2"),
    S("nothing signed, nothing there", "no.all-unsigned.example A", BOGUS, "RFC 4035 §5.2"),
)

_MIXTURES: Final = (
    S("two algorithms", "gw.two-algorithms.example A", SECURE, "RFC 6840 §5.11"),
    S(
        "two algorithms, one signs",
        "gw.two-algorithms-one-signs.example A",
        SECURE,
        "RFC 6840 §5.11",
    ),
    S(
        "two algorithms, the one without DS signs",
        "gw.two-algorithms-one-ds.example A",
        SECURE,
        "RFC 6840 §5.11",
    ),
    S(
        "two algorithms, and one signature spoiled",
        "gw.two-algorithms-one-spoiled.example A",
        SECURE,
        "RFC 6840 §5.11",
        differing=ONE_FAILURE,
    ),
    S(
        "an unknown algorithm beside",
        "gw.one-algorithm-unknown.example A",
        SECURE,
        "RFC 6840 §5.11",
    ),
)

_TWINS: Final = (
    S("one tag, signed by the first", "gw.first-twin.example A", SECURE, "RFC 4034 §8"),
    S(
        "one tag, signed by the second",
        "gw.second-twin.example A",
        SECURE,
        "RFC 4034 §8",
        differing=ONE_FAILURE,
    ),
    S("one tag, DS of the first", "gw.first-twin-of-entry.example A", SECURE, "RFC 4034 §5.3"),
    S("one tag, DS of the second", "gw.second-twin-of-entry.example A", SECURE, "RFC 4034 §5.3"),
)

#: Its zones.
ZONES: Final = (
    *_DIGESTS_ZONES,
    *_KEYS_ZONES,
    *_MIXTURES_ZONES,
    *_TWINS_ZONES,
)

#: Its situations.
SITUATIONS: Final = (
    *_DIGESTS,
    *_KEYS,
    *_MIXTURES,
    *_TWINS,
)
