"""What is not there, and how that is proven, or is not: NSEC, NSEC3, opt-out, wildcards."""

from __future__ import annotations

from typing import Final

from internet.flaws import (
    altered,
    claimed,
    covering,
    expired,
    removed,
    signed_by_another_zone,
    unsigned,
)
from internet.plans import NAMES, UNSIGNED, Plan, here, odd
from internet.signing import Nsec3
from internet.situation import BOGUS, HUNG, INSECURE, SECURE, Differing, S

__all__ = ["SITUATIONS", "ZONES"]

#: Why delv calls a name proven to be absent that is not.
_OPT_OUT: Final[Differing] = {
    "delv": (
        (SECURE,),
        "RFC 5155 §9.2 is about the AD bit, of which delv has none: it found proof",
    ),
}

_FLAGS_UNSEEN: Final[Differing] = {
    "delv": ((SECURE,), "RFC 5155 §8.2: BIND looks at no flag of NSEC3 but opt-out"),
}

_DENIED_WITHOUT_SOA: Final[Differing] = {
    "ours": ((SECURE,), "RFC 4035 §5.4: it is NSEC that denies; of the SOA a TTL is used"),
}

_FIFTY: Final[Differing] = {
    "delv": ((SECURE, INSECURE), "RFC 9276 §3.2 leaves the number open: newer BIND allows 50"),
}

_DENIALS_ZONES: Final = (
    here("nsec", records=NAMES),
    Plan(zone="nsec3.com.", records=NAMES, denial=Nsec3()),
    Plan(zone="salted.com.", records=NAMES, denial=Nsec3(salt=b"\x01\x02\x03", iterations=10)),
    Plan(zone="optout.org.", records=NAMES, denial=Nsec3(opt_out=True)),
)

_BROKEN_DENIALS_ZONES: Final = (
    odd("nsec-stripped", records=NAMES, flaws=(removed(covering("no"), "NSEC"),)),
    odd("nsec-all-stripped", records="", flaws=(removed("@", "NSEC"), removed("ns", "NSEC"))),
    odd("nsec-unsigned", records=NAMES, flaws=(unsigned(covering("no"), "NSEC"),)),
    odd("nsec-expired", records=NAMES, flaws=(expired(covering("no"), "NSEC"),)),
    odd("nsec-stripped-no-data", flaws=(removed("gw", "NSEC"),)),
    odd("nsec-wildcard-not-denied", flaws=(removed("@", "NSEC"),)),
    odd("nsec-says-it-is-there", flaws=(claimed("gw", "NSEC ns A AAAA SRV RRSIG NSEC"),)),
    odd("nsec-says-alias", flaws=(claimed("gw", "NSEC ns A CNAME RRSIG NSEC"),)),
    odd(
        "nsec-of-parent",
        flaws=(
            signed_by_another_zone(
                "@", "NSEC", "example.", "NSEC nsec-z.example. NS DS RRSIG NSEC"
            ),
        ),
    ),
    odd(
        "nsec-of-child",
        flaws_above=(
            removed("@", "DS"),
            signed_by_another_zone(
                "@",
                "NSEC",
                "nsec-of-child.example.",
                "NSEC gw.nsec-of-child.example. NS SOA NAPTR RRSIG NSEC DNSKEY",
            ),
        ),
    ),
    odd("soa-unsigned", flaws=(unsigned("@", "SOA"),)),
    odd("wildcard-not-denied", records=NAMES, flaws=(removed(covering("x.any"), "NSEC"),)),
    odd("wildcard-altered", records=NAMES, flaws=(altered("*.any", "A 192.0.2.66"),)),
    odd("nsec3-stripped", denial=Nsec3(), flaws=(removed(covering("no"), "NSEC3"),)),
    odd("nsec3-stripped-no-data", denial=Nsec3(), flaws=(removed("gw", "NSEC3"),)),
    odd("nsec3-unsigned", denial=Nsec3(), flaws=(unsigned(covering("no"), "NSEC3"),)),
    odd("nsec3-no-encloser", denial=Nsec3(), flaws=(removed("@", "NSEC3"),)),
    odd(
        "nsec3-says-it-is-there",
        denial=Nsec3(),
        flaws=(claimed("gw", f"NSEC3 1 0 0 - {'v' * 32} A AAAA SRV RRSIG"),),
    ),
    odd(
        "nsec3-wildcard-not-denied",
        records=NAMES,
        denial=Nsec3(),
        flaws=(removed(covering("x.any"), "NSEC3"),),
    ),
    here("nsec3-hash-unknown", denial=Nsec3(algorithm=245), served_by="bind"),
    odd("nsec3-flags-unknown", denial=Nsec3(flags=2)),
    odd("iterations150", denial=Nsec3(iterations=150)),
    odd("iterations151", denial=Nsec3(iterations=151)),
    odd("iterations500", denial=Nsec3(iterations=500)),
    odd("unsigned.iterations500", keys=UNSIGNED),
    odd("signed.iterations500"),
    odd("iterations50", denial=Nsec3(iterations=50)),
    odd("iterations51", denial=Nsec3(iterations=51)),
)

#: What is asked in a zone of many names, and whether the proof covers the next closer name.
_DENIED: Final = (
    ("no such name", "no.{zone} A", True),
    ("no name below", "x.gw.{zone} A", True),
    ("before all", "!.{zone} A", True),
    ("after all", "zz.{zone} A", True),
    ("no such data", "gw.{zone} SRV", False),
    ("no such data at the apex", "{zone} SRV", False),
    ("between", "between.{zone} A", False),
    ("wildcard", "x.any.{zone} A", True),
    ("wildcard, two labels", "y.x.any.{zone} NAPTR", True),
    ("wildcard, no such data", "x.any.{zone} AAAA", True),
    ("the wildcard itself", "*.any.{zone} A", False),
    ("a name beside the wildcard", "deep.but.any.{zone} A", False),
    ("no wildcard below a name that is there", "x.but.any.{zone} A", True),
)


def _denials(zone: str, how: str, clause: str) -> tuple[S, ...]:
    return tuple(
        S(f"{how}: {name}", question.format(zone=zone), SECURE, clause)
        for name, question, _ in _DENIED
    )


#: What delv does not call proven.
_EXPANDED: Final = ("wildcard", "wildcard, two labels")


def _opted_out(zone: str) -> tuple[S, ...]:
    """Where opt-out covers the next closer name, an unsigned delegation may be there."""
    return tuple(
        S(
            f"opt-out: {name}",
            question.format(zone=zone),
            INSECURE if covered else SECURE,
            "RFC 5155 §9.2",
            differing=_OPT_OUT if covered and name not in _EXPANDED else {},
        )
        for name, question, covered in _DENIED
    )


_DENIALS: Final = (
    *_denials("nsec.example", "NSEC", "RFC 4035 §5.4"),
    *_denials("nsec3.com", "NSEC3", "RFC 5155 §8"),
    *_denials("salted.com", "NSEC3 with salt", "RFC 5155 §8"),
    *_opted_out("optout.org"),
    S("opt-out: signed delegation", "gw.signed.org A", SECURE, "RFC 5155 §8.9"),
    S("opt-out: unsigned delegation", "gw.unsigned.org A", INSECURE, "RFC 5155 §8.9"),
    S("opt-out: no DS", "unsigned.org DS", INSECURE, "RFC 5155 §8.6", differing=_OPT_OUT),
    S("opt-out: unsigned delegation below", "gw.unsigned.optout.org A", INSECURE, "RFC 5155 §8.9"),
    S("opt-out: no such domain", "nowhere.org A", INSECURE, "RFC 5155 §9.2", differing=_OPT_OUT),
)

_BROKEN_DENIALS: Final = (
    S("NSEC of another name", "no.nsec-stripped.example A", BOGUS, "RFC 4035 §5.4"),
    S("no NSEC", "no.nsec-all-stripped.example A", BOGUS, "RFC 4035 §5.4", error=12),
    S("NSEC unsigned", "no.nsec-unsigned.example A", BOGUS, "RFC 4035 §5.4"),
    S("NSEC expired", "no.nsec-expired.example A", BOGUS, "RFC 4035 §5.4", error=7),
    S("NSEC stripped, no data", "gw.nsec-stripped-no-data.example SRV", BOGUS, "RFC 4035 §5.4"),
    S(
        "NSEC that does not deny a wildcard",
        "no.nsec-wildcard-not-denied.example A",
        BOGUS,
        "RFC 4035 §5.4",
    ),
    S("NSEC that says it is there", "gw.nsec-says-it-is-there.example SRV", BOGUS, "RFC 4035 §5.4"),
    S("NSEC that says it is an alias", "gw.nsec-says-alias.example SRV", BOGUS, "RFC 6840 §4.3"),
    S("NSEC of the parent", "nsec-of-parent.example SRV", BOGUS, "RFC 6840 §4.1"),
    S(
        "NSEC of the child for its DS",
        "gw.nsec-of-child.example A",
        BOGUS,
        "RFC 6840 §4.4",
        differing=HUNG,
    ),
    S(
        "SOA unsigned, nothing there",
        "no.soa-unsigned.example A",
        BOGUS,
        "RFC 4035 §3.2.3",
        differing=_DENIED_WITHOUT_SOA,
    ),
    S(
        "wildcard, and the name is not denied",
        "x.any.wildcard-not-denied.example A",
        BOGUS,
        "RFC 4035 §5.3.4",
    ),
    S("wildcard altered", "x.any.wildcard-altered.example A", BOGUS, "RFC 4035 §5.3.3", error=6),
    S("NSEC3 stripped", "no.nsec3-stripped.example A", BOGUS, "RFC 5155 §8.4"),
    S("NSEC3 stripped, no data", "gw.nsec3-stripped-no-data.example SRV", BOGUS, "RFC 5155 §8.5"),
    S("NSEC3 unsigned", "no.nsec3-unsigned.example A", BOGUS, "RFC 5155 §8.2"),
    S(
        "NSEC3 without an encloser",
        "no.nsec3-no-encloser.example A",
        BOGUS,
        "RFC 5155 §8.3",
        error=12,
    ),
    S(
        "NSEC3 that says it is there",
        "gw.nsec3-says-it-is-there.example SRV",
        BOGUS,
        "RFC 5155 §8.5",
    ),
    S(
        "wildcard, and NSEC3 does not deny the name",
        "x.any.nsec3-wildcard-not-denied.example A",
        BOGUS,
        "RFC 5155 §8.8",
    ),
    S("NSEC3 with an unknown hash", "no.nsec3-hash-unknown.example A", BOGUS, "RFC 5155 §8.1"),
    S(
        "NSEC3 with unknown flags",
        "no.nsec3-flags-unknown.example A",
        BOGUS,
        "RFC 5155 §8.2",
        differing=_FLAGS_UNSEEN,
    ),
    S("50 iterations", "no.iterations50.example A", SECURE, "RFC 9276 §3.2"),
    S("51 iterations", "no.iterations51.example A", SECURE, "RFC 9276 §3.2", differing=_FIFTY),
    S("150 iterations", "no.iterations150.example A", SECURE, "RFC 9276 §3.2", differing=_FIFTY),
    S("151 iterations", "no.iterations151.example A", INSECURE, "RFC 9276 §3.2", error=27),
    S("500 iterations", "no.iterations500.example A", INSECURE, "RFC 9276 §3.2", error=27),
    S(
        "500 iterations, no data",
        "gw.iterations500.example SRV",
        INSECURE,
        "RFC 9276 §3.2",
        error=27,
    ),
    S("500 iterations, and it is there", "gw.iterations500.example A", SECURE, "RFC 9276 §3.2"),
    S(
        "500 iterations, unsigned delegation",
        "gw.unsigned.iterations500.example A",
        INSECURE,
        "RFC 9276 §3.2",
        error=27,
    ),
    S(
        "500 iterations, signed delegation",
        "gw.signed.iterations500.example A",
        SECURE,
        "RFC 9276 §3.2",
    ),
)

#: Its zones.
ZONES: Final = (
    *_DENIALS_ZONES,
    *_BROKEN_DENIALS_ZONES,
)

#: Its situations.
SITUATIONS: Final = (
    *_DENIALS,
    *_BROKEN_DENIALS,
)
