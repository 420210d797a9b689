"""What is well: the root, each algorithm, deep zones, aliases, and what takes care to be read."""

from __future__ import annotations

from typing import Final

from internet.flaws import unsigned
from internet.plans import CSK, NAMES, SIP, UNSIGNED, Plan, csk, ds, here, split
from internet.signing import Nsec3
from internet.situation import BOGUS, HUNG, INSECURE, SECURE, SHA1, S

__all__ = ["SITUATIONS", "ZONES"]

#: How many records the largest RRset has.
BIG: Final = 150

ALIASES: Final = (
    SIP
    + """
within CNAME gw
twice CNAME within
to-signed CNAME gw.algorithm15.example.
to-wildcard CNAME x.any.nsec.example.
to-unsigned CNAME gw.unsigned.example.
to-expired CNAME gw.expired.example.
to-nothing CNAME no.nsec.example.
to-nothing-unsigned CNAME no.unsigned.example.
to-no-data CNAME _sip._udp.nsec.example.
*.any CNAME gw
*.any-abroad CNAME gw.unsigned.example.
unproven CNAME gw
moved DNAME new
gw.new A 192.0.2.5
far DNAME nsec3.com.
far-unsigned DNAME unsigned.example.
unproven-dname DNAME new
"""
)

MIXED_CASE: Final = """
@ NAPTR 10 10 "S" "SIP+d2u" "" _SIP._udp.Mixed-Case.Example.
_Sip._UDP SRV 10 10 5060 GW.Mixed-Case.EXAMPLE.
GW A 192.0.2.1
Alias CNAME Gw.MIXED-case.example.
"""

MANY: Final = "".join(f"gw A 192.0.{number // 250}.{number % 250 + 1}\n" for number in range(BIG))

#: What makes the domains below what they are.
_ROOTS_ZONES: Final = (
    Plan(zone=".", records="sip A 192.0.2.9\n"),
    Plan(zone="example.", records=""),
    Plan(zone="com.", records="", denial=Nsec3()),
    Plan(zone="org.", records="", denial=Nsec3(salt=b"\xab\xcd", iterations=1, opt_out=True)),
    Plan(zone="net.", records="", keys=UNSIGNED),
)

_ALGORITHMS_ZONES: Final = (
    here("algorithm5", keys=(csk(5),)),
    here("algorithm8", keys=(csk(8),)),
    here("algorithm10", keys=(csk(10),)),
    here("algorithm13", keys=split(13)),
    here("algorithm14", keys=split(14)),
    here("algorithm15", keys=split(15)),
    here("algorithm16", keys=split(16)),
    here("algorithm200", keys=split(200)),
)

_DEEP_ZONES: Final = (
    here("deep"),
    Plan(zone="b.deep.example.", denial=Nsec3()),
    Plan(zone="c.b.deep.example.", keys=split(14)),
    Plan(zone="d.c.b.deep.example.", keys=split(15)),
    Plan(zone="e.d.c.b.deep.example.", keys=CSK, ds=(ds(4),)),
)

_OTHERS_ZONES: Final = (
    here(
        "aliases",
        records=ALIASES,
        flaws=(unsigned("unproven", "CNAME"), unsigned("unproven-dname", "DNAME")),
    ),
    here("mixed-case", records=MIXED_CASE),
    here("big", records=MANY, keys=(csk(8),)),
    here("signed-by-bind", signed_by="bind", served_by="bind", records=NAMES),
    here("signed-by-knot", signed_by="knot", served_by="knot", records=NAMES),
)

_ROOT: Final = (
    S("a name of the root", "sip A", SECURE, "RFC 4035 §5"),
    S("the keys of the root", ". DNSKEY", SECURE, "RFC 4035 §5"),
    S("no such top-level domain", "nowhere A", SECURE, "RFC 4035 §5.4"),
    S("no such data at the root", ". A", SECURE, "RFC 4035 §5.4"),
    S("the root has no parent", ". DS", SECURE, "RFC 4035 §3.1.4.1"),
    S("keys of a top-level domain", "example DNSKEY", SECURE, "RFC 4035 §5.2"),
    S("DS of a top-level domain", "example DS", SECURE, "RFC 4035 §5.2"),
)

_ALGORITHMS: Final = (
    S("RSA/SHA-1", "gw.algorithm5.example A", INSECURE, "RFC 9905 §2", error=1, differing=SHA1),
    S("RSA/SHA-256", "gw.algorithm8.example A", SECURE, "RFC 5702"),
    S("RSA/SHA-512", "gw.algorithm10.example A", SECURE, "RFC 5702"),
    S("ECDSA P-256", "gw.algorithm13.example A", SECURE, "RFC 6605"),
    S("ECDSA P-384", "gw.algorithm14.example A", SECURE, "RFC 6605"),
    S("Ed25519", "gw.algorithm15.example A", SECURE, "RFC 8080"),
    S("Ed448", "gw.algorithm16.example A", SECURE, "RFC 8080"),
    S("an unknown algorithm", "gw.algorithm200.example A", INSECURE, "RFC 4035 §5.2", error=1),
    S(
        "an unknown algorithm, nothing there",
        "no.algorithm200.example A",
        INSECURE,
        "RFC 4035 §5.2",
        error=1,
    ),
    S("signed by BIND", "gw.signed-by-bind.example A", SECURE, "RFC 4035 §5.3"),
    S("denied by BIND", "no.signed-by-bind.example A", SECURE, "RFC 4035 §5.4"),
    S("wildcard of BIND", "x.any.signed-by-bind.example A", SECURE, "RFC 4035 §5.3.4"),
    S("signed by Knot DNS", "gw.signed-by-knot.example A", SECURE, "RFC 4035 §5.3"),
    S("denied by Knot DNS", "no.signed-by-knot.example A", SECURE, "RFC 5155 §8.4"),
    S("wildcard of Knot DNS", "x.any.signed-by-knot.example A", SECURE, "RFC 5155 §8.8"),
)

_DEEP: Final = (
    S("five zones deep", "gw.e.d.c.b.deep.example A", SECURE, "RFC 4035 §5"),
    S("five zones deep, nothing there", "no.e.d.c.b.deep.example A", SECURE, "RFC 4035 §5"),
    S("DS four zones deep", "e.d.c.b.deep.example DS", SECURE, "RFC 4035 §5"),
)

_ALIASES: Final = (
    S("alias within", "within.aliases.example A", SECURE, "RFC 4035 §5"),
    S("alias twice", "twice.aliases.example A", SECURE, "RFC 4035 §5"),
    S("alias to a signed zone", "to-signed.aliases.example A", SECURE, "RFC 4035 §5"),
    S("alias to a wildcard", "to-wildcard.aliases.example A", SECURE, "RFC 4035 §5.3.4"),
    S("alias to an unsigned zone", "to-unsigned.aliases.example A", INSECURE, "RFC 4035 §3.2.3"),
    S("alias to what has expired", "to-expired.aliases.example A", BOGUS, "RFC 4035 §5.5", error=7),
    S("alias to nothing", "to-nothing.aliases.example A", SECURE, "RFC 4035 §5.4"),
    S(
        "alias to nothing in an unsigned zone",
        "to-nothing-unsigned.aliases.example A",
        INSECURE,
        "RFC 4035 §3.2.3",
    ),
    S("alias to no data", "to-no-data.aliases.example A", SECURE, "RFC 4035 §5.4"),
    S("alias from an unsigned zone", "to-signed.unsigned.example A", INSECURE, "RFC 4035 §3.2.3"),
    S("alias by a wildcard", "x.any.aliases.example A", SECURE, "RFC 4035 §5.3.4"),
    S(
        "alias by a wildcard to an unsigned zone",
        "x.any-abroad.aliases.example A",
        INSECURE,
        "RFC 4035 §3.2.3",
    ),
    S("alias unsigned", "unproven.aliases.example A", BOGUS, "RFC 4035 §5.5", differing=HUNG),
    S("DNAME within", "gw.moved.aliases.example A", SECURE, "RFC 6672 §5.3.2"),
    S("DNAME to nothing", "no.moved.aliases.example A", SECURE, "RFC 6672 §5.3.2"),
    S("DNAME to a signed zone", "gw.far.aliases.example A", SECURE, "RFC 6672 §5.3.2"),
    S("DNAME to a wildcard", "x.any.far.aliases.example A", SECURE, "RFC 6672 §5.3.2"),
    S(
        "DNAME to an unsigned zone",
        "gw.far-unsigned.aliases.example A",
        INSECURE,
        "RFC 6672 §5.3.2",
    ),
    S("DNAME unsigned", "gw.unproven-dname.aliases.example A", BOGUS, "RFC 6672 §5.3.2", error=10),
    S("a name with DNAME itself", "moved.aliases.example A", SECURE, "RFC 6672 §5.3.4"),
)

_OTHERS: Final = (
    S("NAPTR in mixed case", "mixed-case.example NAPTR", SECURE, "RFC 4034 §6.2"),
    S("SRV in mixed case", "_sip._udp.mixed-case.example SRV", SECURE, "RFC 4034 §6.2"),
    S("alias in mixed case", "alias.mixed-case.example A", SECURE, "RFC 4034 §6.2"),
    S("larger than a datagram", "gw.big.example A", SECURE, "RFC 4035 §5.3"),
)

#: Its zones.
ZONES: Final = (
    *_ROOTS_ZONES,
    *_ALGORITHMS_ZONES,
    *_DEEP_ZONES,
    *_OTHERS_ZONES,
)

#: Its situations.
SITUATIONS: Final = (
    *_ROOT,
    *_ALGORITHMS,
    *_DEEP,
    *_ALIASES,
    *_OTHERS,
)
