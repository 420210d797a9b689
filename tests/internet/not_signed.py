"""What is not signed: below what is signed, above it, on islands, and by forgery."""

from __future__ import annotations

from typing import Final

from internet.flaws import removed
from internet.plans import NO_DS, SIP, UNSIGNED, Plan, here
from internet.situation import BOGUS, INDETERMINATE, INSECURE, SECURE, Differing, S

__all__ = ["SITUATIONS", "ZONES"]

_NO_ANCHOR: Final[Differing] = {
    "unbound": ((), "it has the key of the root as well"),
    "delv": ((INSECURE,), "RFC 4033 §5: BIND has no such state, and calls it insecure"),
}

_OF_WHAT_IS_BELOW: Final[Differing] = {
    "ours": ((INSECURE,), "RFC 4035 §5.2: asked by proofs alone, it is the state of what is below"),
}

UNSIGNED_ALIASES: Final = SIP + "to-signed CNAME gw.algorithm13.example.\n"

_UNSIGNED_ZONES: Final = (
    here("unsigned", keys=UNSIGNED, records=UNSIGNED_ALIASES),
    Plan(zone="unsigned.org.", keys=UNSIGNED),
    Plan(zone="unsigned.com.", keys=UNSIGNED),
    Plan(zone="unsigned.net.", keys=UNSIGNED),
    Plan(zone="signed.net."),
    Plan(zone="below.unsigned.example."),
    Plan(zone="anchored.unsigned.example."),
    Plan(zone="below.anchored.unsigned.example."),
    here("island", ds=(NO_DS,)),
    Plan(zone="below.island.example."),
    Plan(zone="signed.org."),
    Plan(zone="unsigned.optout.org.", keys=UNSIGNED),
    Plan(zone="ds-missing.org.", flaws_above=(removed("@", "DS"),)),
    Plan(zone="ds-missing.com.", flaws_above=(removed("@", "DS"),)),
    Plan(zone="not-denied.com.", keys=UNSIGNED, flaws_above=(removed("@", "NSEC3"),)),
    here("nsec-missing", keys=UNSIGNED, flaws_above=(removed("@", "NSEC"),)),
)

_UNSIGNED: Final = (
    S(
        "no DS of a top-level domain",
        "net DS",
        SECURE,
        "RFC 4035 §5.2",
        differing=_OF_WHAT_IS_BELOW,
    ),
    S("unsigned below NSEC", "gw.unsigned.example A", INSECURE, "RFC 4035 §5.2"),
    S("unsigned below NSEC, nothing there", "no.unsigned.example A", INSECURE, "RFC 4035 §5.2"),
    S("unsigned below NSEC, no data", "gw.unsigned.example SRV", INSECURE, "RFC 4035 §5.2"),
    S("no DS by NSEC", "unsigned.example DS", SECURE, "RFC 4035 §5.4", differing=_OF_WHAT_IS_BELOW),
    S("unsigned below NSEC3", "gw.unsigned.com A", INSECURE, "RFC 5155 §8.9"),
    S("no DS by NSEC3", "unsigned.com DS", SECURE, "RFC 5155 §8.6", differing=_OF_WHAT_IS_BELOW),
    S("unsigned below unsigned", "gw.unsigned.net A", INSECURE, "RFC 4035 §5.2"),
    S("signed below unsigned", "gw.signed.net A", INSECURE, "RFC 4033 §5"),
    S("signed below unsigned below signed", "gw.below.unsigned.example A", INSECURE, "RFC 4033 §5"),
    S("DS stripped below NSEC3", "gw.ds-missing.com A", BOGUS, "RFC 5155 §8.6"),
    S("DS stripped below opt-out", "gw.ds-missing.org A", BOGUS, "RFC 5155 §8.6"),
    S(
        "no proof by NSEC that there is no DS",
        "gw.nsec-missing.example A",
        BOGUS,
        "RFC 4035 §5.2",
        error=12,
    ),
    S("no proof by NSEC3 that there is no DS", "gw.not-denied.com A", BOGUS, "RFC 5155 §8.6"),
    S(
        "no anchor above",
        "gw.csk.example NAPTR",
        INDETERMINATE,
        "RFC 4033 §5",
        anchor="anchored.unsigned.example",
        differing=_NO_ANCHOR,
    ),
    S("an island", "gw.island.example A", INSECURE, "RFC 4033 §2"),
    S("below an island", "gw.below.island.example A", INSECURE, "RFC 4033 §2"),
    S(
        "an island whose keys are known",
        "gw.anchored.unsigned.example A",
        SECURE,
        "RFC 4033 §2",
        anchor="anchored.unsigned.example",
    ),
    S(
        "below an island whose keys are known",
        "gw.below.anchored.unsigned.example A",
        SECURE,
        "RFC 4033 §2",
        anchor="anchored.unsigned.example",
    ),
    S(
        "nothing on an island whose keys are known",
        "no.anchored.unsigned.example A",
        SECURE,
        "RFC 4033 §2",
        anchor="anchored.unsigned.example",
    ),
)

#: Its zones.
ZONES: Final = (*_UNSIGNED_ZONES,)

#: Its situations.
SITUATIONS: Final = (*_UNSIGNED,)
