"""Files of trust anchors, as others write them, and what is wrong with them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.backends.anchors import parse_trust_anchors, read_trust_anchors
from sipresolve.vocabulary.errors import InvalidZone, Misuse, SipResolveError
from sipresolve.vocabulary.keys import ROOT_ANCHORS, DnsKey, Ds, TrustAnchor

#: 2026-10-11; seconds since 1970.
NOW = 1_791_700_000.0

KSK_2017 = (
    "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWX"
    "gnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/"
    "EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzu"
    "DWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU="
)
KSK_2024 = (
    "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQ"
    "WOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/"
    "wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBu"
    "zZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc="
)
ED25519 = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="
SECOND = "zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs="
DS_2017 = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
DS_2024 = "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"


def described(anchors: tuple[TrustAnchor, ...]) -> list[str]:
    return [
        f"{each.zone} {'DS' if isinstance(each.key, Ds) else 'DNSKEY'} "
        f"{each.key.key_tag if isinstance(each.key, Ds) else each.key.tag}"
        for each in anchors
    ]


# --- What others write

DEBIAN = f"""\
. IN DNSKEY 257 3 8 {KSK_2017} ; keytag 20326
. IN DNSKEY 257 3 8 {KSK_2024} ; keytag 38696
"""

DEBIAN_DS = f"""\
. IN DS 20326 8 2 {DS_2017}
. IN DS 38696 8 2 {DS_2024}
"""

UNBOUND = f"""\
; autotrust trust anchor file
;;id: . 1
;;last_queried: 1732400000 ;;Sat Nov 23 22:13:20 2024
;;last_success: 1732400000 ;;Sat Nov 23 22:13:20 2024
;;next_probe_time: 1732440000 ;;Sun Nov 24 09:20:00 2024
;;query_failed: 0
;;query_interval: 43200
;;retry_time: 8640
.\t86400\tIN\tDNSKEY\t257 3 8 {KSK_2024} ;{{id = 38696 (ksk), size = 2048b}} \
;;state=1 [ ADDPEND ] ;;count=34 ;;lastchange=1732300000 ;;Fri Nov 22 18:26:40 2024
.\t86400\tIN\tDNSKEY\t257 3 8 {KSK_2017} ;{{id = 20326 (ksk), size = 2048b}} \
;;state=2 [  VALID  ] ;;count=0 ;;lastchange=1502409510 ;;Fri Aug 11 01:58:30 2017
"""

DIG = f"""\

; <<>> DiG 9.20.11 <<>> . DNSKEY +multiline
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711
;; flags: qr rd ra ad; QUERY: 1, ANSWER: 3, AUTHORITY: 0, ADDITIONAL: 1

;; QUESTION SECTION:
;.\t\t\tIN DNSKEY

;; ANSWER SECTION:
.\t\t\t172800 IN DNSKEY 257 3 8 (
\t\t\t\t{KSK_2017[:52]}
\t\t\t\t{KSK_2017[52:]}
\t\t\t\t) ; KSK; alg = RSASHA256 ; key id = 20326
.\t\t\t172800 IN DNSKEY 256 3 15 (
\t\t\t\t{ED25519}
\t\t\t\t) ; ZSK; alg = ED25519 ; key id = 3612
.\t\t\t172800 IN RRSIG DNSKEY 8 0 172800 (
\t\t\t\t20241211000000 20241120000000 20326 .
\t\t\t\tAAAA )

;; Query time: 3 msec
;; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)
"""

BIND = f"""\
# Copyright (C) Internet Systems Consortium, Inc. ("ISC")
#
# The bind.keys file is used to override the built-in DNSSEC trust anchors
# which are included as part of BIND 9.  The only trust anchors it contains
# are for the DNS root zone (".").

trust-anchors {{
        # This key (20326) was published in the root zone in 2017, and
        # is scheduled to be phased out starting in 2025.

        . initial-key 257 3 8 "{KSK_2017[:56]}
                {KSK_2017[56:112]}
                {KSK_2017[112:]}";
        # This key (38696) will be pre-published in the root zone in 2025
        # and is scheduled to begin signing in late 2026.
        . initial-ds 38696 8 2 "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A
        4C0FB2B16";
}};
"""

MANAGED_KEYS = f"""\
/* Until BIND 9.16:
   . initial-key 257 3 8 "AAAA"; */
managed-keys {{ "." initial-key 257 3 8 "{KSK_2017}"; }}; // the root
trusted-keys {{
    example.com. 257 3 15 "{ED25519}";
    "Example.NET" 256 3 15 "{SECOND}"; # without SEP, but named here
}};
"""

STATIC = f"""\
trust-anchors{{. static-ds 20326 8 2 "{DS_2017}";example.com static-key 257 3 15 "{ED25519}";}};
"""

IANA = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<TrustAnchor id="E9724F53-1851-4F86-85E5-F1392102940B"
             source="http://data.iana.org/root-anchors/root-anchors.xml">
    <Zone>.</Zone>
    <KeyDigest id="Kjqmt7v" validFrom="2010-07-15T00:00:00+00:00" \
validUntil="2019-01-11T00:00:00+00:00">
        <KeyTag>19036</KeyTag>
        <Algorithm>8</Algorithm>
        <DigestType>2</DigestType>
        <Digest>49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5</Digest>
    </KeyDigest>
    <KeyDigest id="Klajeyz" validFrom="2017-02-02T00:00:00+00:00">
        <KeyTag>20326</KeyTag>
        <Algorithm>8</Algorithm>
        <DigestType>2</DigestType>
        <Digest>
        {DS_2017}
        </Digest>
        <PublicKey>{KSK_2017}</PublicKey>
        <Flags>257</Flags>
    </KeyDigest>
    <KeyDigest id="Kmyv6jo" validFrom="2024-07-18T00:00:00+00:00">
        <KeyTag>38696</KeyTag>
        <Algorithm>8</Algorithm>
        <DigestType>2</DigestType>
        <Digest>{DS_2024}</Digest>
        <PublicKey>{KSK_2024}</PublicKey>
        <Flags>257</Flags>
    </KeyDigest>
</TrustAnchor>
"""

FILES = {
    "dns-root-data": (DEBIAN, [". DNSKEY 20326", ". DNSKEY 38696"]),
    "dns-root-data, digests": (DEBIAN_DS, [". DS 20326", ". DS 38696"]),
    "Unbound": (UNBOUND, [". DNSKEY 20326"]),
    "dig": (DIG, [". DNSKEY 20326"]),
    "BIND": (BIND, [". DNSKEY 20326", ". DS 38696"]),
    "BIND before 9.16": (
        MANAGED_KEYS,
        [". DNSKEY 20326", "example.com DNSKEY 3613", "example.net DNSKEY 35216"],
    ),
    "BIND without blanks": (STATIC, [". DS 20326", "example.com DNSKEY 3613"]),
    "IANA": (IANA, [". DS 20326", ". DS 38696"]),
}


@pytest.mark.parametrize(("text", "found"), FILES.values(), ids=FILES)
def test_files_as_others_write_them(text: str, found: list[str], tmp_path: Path) -> None:
    path = tmp_path / "anchors.key"
    path.write_text(text, encoding="utf-8")
    assert described(parse_trust_anchors(text, now=NOW)) == found
    assert described(read_trust_anchors(path)) == found
    assert described(read_trust_anchors(str(path))) == found
    assert described(read_trust_anchors(os.fsencode(path))) == found


@pytest.mark.parametrize(("text", "found"), FILES.values(), ids=FILES)
def test_a_byte_order_mark_and_line_ends_of_windows(
    text: str, found: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "anchors.key"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert described(read_trust_anchors(path)) == found


@pytest.mark.parametrize("text", [DEBIAN_DS, IANA, f"{DEBIAN_DS}{DEBIAN_DS}"])
def test_the_anchors_of_the_root_are_those_built_in(text: str) -> None:
    assert parse_trust_anchors(text, now=NOW) == ROOT_ANCHORS


# --- Master files

KEY = f"example.com. DNSKEY 257 3 15 {ED25519}"

NL = "\n"
ITS = ["example.com DNSKEY 3613"]

MASTER_FILES = {
    "names in upper case": (f"EXAMPLE.com. DNSKEY 257 3 15 {ED25519}", ITS),
    "names without a final dot": (f"example.com DNSKEY 257 3 15 {ED25519}", ITS),
    "an origin": (f"$ORIGIN com.\nexample DNSKEY 257 3 15 {ED25519}", ITS),
    "twice": (f"{KEY}\n{KEY} ; again", ITS),
    "the algorithm as a word": (f". DNSKEY 257 3 ED25519 {ED25519}", [". DNSKEY 3613"]),
    # RFC 4034 §2.1.1: SEP is but a hint.
    "no key with SEP": (f". DNSKEY 256 3 15 {ED25519}", [". DNSKEY 3612"]),
    "SEP in another zone": (f"{KEY}\n. DNSKEY 256 3 15 {SECOND}", [*ITS, ". DNSKEY 35216"]),
    "SEP and a digest": (f"{KEY}\nexample.com. DS 1 15 2 {DS_2017}", [*ITS, "example.com DS 1"]),
    # RFC 5011 §2.1: "the resolver MUST consider this key permanently revoked"
    "a revoked key": (f"{KEY}\nexample.com. DNSKEY 385 3 15 {SECOND}", ITS),
    # RFC 4034 §2.1.1: "MUST NOT be used to verify RRSIGs"
    "no zone key": (f"{KEY}\nexample.com. DNSKEY 1 3 15 {SECOND}", ITS),
    # RFC 4034 §2.1.2: "MUST have value 3"
    "another protocol": (f"{KEY}\nexample.com. DNSKEY 257 2 15 {SECOND}", ITS),
    "other types": (f"{KEY}\nexample.com. NS ns.example.com.\n", ITS),
    "an unknown algorithm": (f"{KEY}\n. DNSKEY 257 3 253 {ED25519}", ITS),
    "SHA-1": (f"{DEBIAN_DS}. DS 20326 8 1 {40 * 'a'}", [". DS 20326", ". DS 38696"]),
    "an algorithm with SHA-1": (
        f"{DEBIAN_DS}. DS 20326 5 2 {DS_2017}",
        [". DS 20326", ". DS 38696"],
    ),
    "a hash sign within": (f'{KEY} ; # a comment\na TXT "is # text"\na\\#b TXT c#', ITS),
    "a name of a reverse zone": (  # RFC 2317 §4
        f"0/25.2.0.192.in-addr.arpa. DNSKEY 257 3 15 {ED25519}",
        ["0\\04725.2.0.192.in-addr.arpa DNSKEY 3613"],
    ),
    "a name of strange octets": (
        rf"a\@\;:\\/\046\032b. DNSKEY 257 3 15 {ED25519}",
        [r"a\064\059\058\\\047\046\032b DNSKEY 3613"],
    ),
    "a key without octets beside another": (rf"{KEY}{NL}. DNSKEY \# 4 0101030f", ITS),
    "data over several lines": (f". DNSKEY (\n257 3 15 {ED25519} )", [". DNSKEY 3613"]),
    "SHA-384": (f". DS 20326 8 4 {96 * 'a'}", [". DS 20326"]),
}


@pytest.mark.parametrize(("text", "found"), MASTER_FILES.values(), ids=MASTER_FILES)
def test_master_files(text: str, found: list[str]) -> None:
    assert described(parse_trust_anchors(text, now=NOW)) == found


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("0 [  START  ]", False),
        ("1 [ ADDPEND ]", False),  # RFC 5011 §4.2: not before the hold-down time is over
        ("2 [  VALID  ]", True),
        ("3 [ MISSING ]", True),  # "This is an abnormal state. The key remains a valid trust-point"
        ("4 [ REVOKED ]", False),
        ("5 [ REMOVED ]", False),
        ("22", False),
    ],
)
def test_the_states_of_rfc_5011(state: str, counts: bool) -> None:
    text = f"{KEY}\n. DNSKEY 257 3 15 {SECOND} ;{{id = 35217 (ksk), size = 256b}} ;;state={state}"
    found = described(parse_trust_anchors(text, now=NOW))
    assert found == ["example.com DNSKEY 3613", ". DNSKEY 35217"][: 1 + counts]


def test_what_a_key_is() -> None:
    [anchor] = parse_trust_anchors(KEY, now=NOW)
    assert isinstance(anchor.key, DnsKey)
    assert (anchor.key.flags, anchor.key.protocol, anchor.key.algorithm) == (257, 3, 15)
    assert anchor.key.key.hex().startswith("974d96a22d22")


# --- The XML of IANA


def iana(more: str = "", fields: str = "", digest: str = DS_2017, zone: str = ".") -> str:
    return f"""<TrustAnchor>{more}
<Zone>{zone}</Zone>
<KeyDigest {fields}><KeyTag>20326</KeyTag><Algorithm>8</Algorithm><DigestType>2</DigestType>
<Digest>{digest}</Digest></KeyDigest></TrustAnchor>"""


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ("", 0, 4e9),
        ('validFrom="2010-07-15T00:00:00+00:00"', 1_279_152_000, 4e9),
        ('validUntil="2019-01-11T00:00:00+00:00"', 0, 1_547_164_799),
        ('validUntil="2019-01-11T01:00:00+01:00"', 0, 1_547_164_799),
        ('validUntil="2019-01-11T00:00:00Z"', 0, 1_547_164_799),
        ('validUntil="2019-01-11T00:00:00"', 0, 1_547_164_799),
        (
            'validFrom="2010-07-15T00:00:00Z" validUntil="2019-01-11T00:00:00Z"',
            1_279_152_000,
            1_547_164_799,
        ),
    ],
)
def test_what_is_not_valid_now_is_left_out(fields: str, first: float, last: float) -> None:
    """RFC 7958 §2.1.2: not "outside of the time range given"."""
    text = iana(fields=fields)
    for now in (first, last):
        assert described(parse_trust_anchors(text, now=now)) == [". DS 20326"]
    for now in [each for each in (first - 1, last + 1) if 0 < each < 4e9]:
        day = datetime.fromtimestamp(now, UTC).date()
        said = f"there is no trust anchor in it that is valid now, on {day}"
        with pytest.raises(Misuse, match=said):
            parse_trust_anchors(text, now=now)


def test_another_zone_and_comments() -> None:
    text = "<!-- <KeyDigest> -->" + iana("<!-- mine -->", zone=" example.COM ")
    assert described(parse_trust_anchors(text, now=NOW)) == ["example.com DS 20326"]


# --- What is wrong

#: RFC 4034 §A.2, RFC 4509 §2.2, RFC 6605 §2: 20, 32 and 48 octets.
WRONG_SIZE = (
    "the digest has not as many digits as its type needs: 40 for type 1, 64 for type 2, "
    "96 for type 4"
)
BEFORE = "the owner and the type are missing before"

FAULTS = {
    "nothing": ("", "anchors.key: there is no trust anchor in it"),
    "comments alone": ("; nothing\n\n", "anchors.key: there is no trust anchor in it"),
    "no statement of BIND": ("// nothing\n", "anchors.key:1: 'nothing' is neither the class"),
    "no anchors": ("trust-anchors { };", "anchors.key: there is no trust anchor in it"),
    "another type": (". NS a.example.", "anchors.key: there is no trust anchor in it"),
    "no type": ("\nhello world", "anchors.key:2: 'world' is neither the class IN nor a type"),
    "none that can be used": (
        f". DS 19036 8 1 {40 * 'a'}",
        "anchors.key: no trust anchor in it can be used: not even . DS 19036 (algorithm 8, digest",
    ),
    "a revoked key alone": (
        f". DNSKEY 385 3 15 {ED25519}\n. DNSKEY 256 3 15 {SECOND}",
        "anchors.key: no trust anchor in it can be used: not even . DNSKEY 3741 (algorithm 15)",
    ),
    "a digest that is too short": (
        f"{DEBIAN_DS}\n. DS 20326 8 2 E06D",
        f"anchors.key:4: {WRONG_SIZE}: '. DS 20326 8 2 E06D'",
    ),
    "no digest": ("\n\n. DS 20326 8 2", "anchors.key:3: "),
    "a key that is cut": (". DNSKEY 257 3 15 l02Wo", "anchors.key:1: it cannot be read: "),
    "a key without octets": (". DNSKEY 257 3 15", "anchors.key:1: "),
    "a flag that is too large": (
        f". DNSKEY 65536 3 15 {ED25519}",
        "anchors.key:1: ",
    ),
    "a file that is included": (
        f"{KEY}\n$include other.key",
        "anchors.key:2: other files are not included here",
    ),
    "a comment of others": (
        f"# the root\n{DEBIAN_DS}",
        "anchors.key:1: a comment begins with ';' here, not with '#'",
    ),
    "a record that is commented out as others do": (
        f"{DEBIAN_DS}  #. IN DS 1 8 2 {DS_2017}",
        "anchors.key:3: a comment begins with ';' here, not with '#'",
    ),
    "a comment of others after a record": (
        f"; two\n. DS 20326 8 2 {DS_2017} # one",
        "anchors.key:2: a comment begins with ';' here, not with '#'",
    ),
    "dig +short": (
        f"20326 8 2 {DS_2017[:56]} {DS_2017[56:]}\n",
        f"anchors.key:1: {BEFORE} '20326 8 2', such as 'example.com. DS'",
    ),
    "dig +short, keys": (
        f"{KEY}\n257 3 15 {ED25519}\n",
        f"anchors.key:2: {BEFORE} '257 3 15', such as 'example.com. DS'",
    ),
    "another class": (f". CH DNSKEY 257 3 15 {ED25519}", "anchors.key:1: 'CH' is neither"),
    "too much": (f"{KEY}\n" * 20_000, "anchors.key: it is larger than 1048576 octets"),
    # BIND
    "BIND: another statement": (
        f'trusted-keys {{ . 257 3 15 "{ED25519}"; }};\noptions {{ recursion yes; }};',
        "anchors.key:2: 'options {' is not understood",
    ),
    "BIND: another kind": (
        f'trust-anchors {{\n  .\n  initial 257 3 15 "{ED25519}"; }};',
        "anchors.key:2: '. initial 257 3 ;' is not understood",
    ),
    "BIND: a kind of another statement": (
        f'managed-keys {{ . static-ds 20326 8 2 "{DS_2017}"; }};',
        "anchors.key:1: '. static-ds 20326 8 ;' is not understood",
    ),
    "BIND: no kind": (
        f'trust-anchors {{ . 257 3 15 "{ED25519}"; }};',
        "anchors.key:1: '. 257 3 15 ;' is not understood",
    ),
    "BIND: too few words": ("trusted-keys { . 257 3; };", "anchors.key:1: '. 257 3 ;' is not"),
    "BIND: a statement in a statement": (
        "trusted-keys {\ntrusted-keys { };",
        "anchors.key:2: 'trusted-keys {' is not understood",
    ),
    "BIND: no semicolon": (
        f'trusted-keys {{ . 257 3 15 "{ED25519}" }};',
        "anchors.key:1: '. 257 3 15 }' is not understood",
    ),
    "BIND: closed twice": ("trusted-keys { }; };", "anchors.key:1: '}' is not understood"),
    "BIND: a name in no statement": ("trusted-keys ;", "anchors.key:1: 'trusted-keys ;' is not"),
    "BIND: cut in a key": (
        f'trusted-keys {{\n. 257 3 15 "{ED25519}',
        "anchors.key:2: a quoted text or a comment is not closed",
    ),
    "BIND: cut in a comment": (
        "trusted-keys {\n\n/* . 257",
        "anchors.key:3: a quoted text or a comment is not closed",
    ),
    "BIND: cut in a clause": (
        "trusted-keys {\n. 257 3",
        "anchors.key:2: nothing ends what begins with '.'",
    ),
    "BIND: cut in a statement": (
        f'trusted-keys {{ . 257 3 15 "{ED25519}";\n',
        "anchors.key:2: it ends within a statement",
    ),
    "BIND: a quoted semicolon": ('trusted-keys { ";"', "anchors.key:1: nothing ends what begins"),
    "BIND: no name": (
        f'trusted-keys {{\n"a..b" 257 3 15 "{ED25519}"; }};',
        "anchors.key:2: a name has two dots in a row, or begins with one: 'a..b DNSKEY 257 3 15'",
    ),
    "BIND: no number": (
        f'trusted-keys {{\n. 257 three 15 "{ED25519}"; }};',
        "anchors.key:2: a word stands where a whole number belongs: '. DNSKEY 257 three 15'",
    ),
    # IANA
    "XML: cut": ("<TrustAnchor>\n<Zone>", "anchors.key:2: it is no XML: no element found"),
    "XML: not closed": ("<a>\n\n</b>", "anchors.key:3: it is no XML: mismatched tag"),
    "XML: of something else": ("\n<html></html>", "anchors.key:2: it is no TrustAnchor of a Zone"),
    "XML: no zone": (iana(zone=""), "anchors.key:1: it is no TrustAnchor of a Zone"),
    "XML: no keys": (
        "<TrustAnchor><Zone>.</Zone></TrustAnchor>",
        "anchors.key: there is no trust anchor in it",
    ),
    "XML: no time": (
        iana(fields='\nvalidFrom="soon"'),
        "anchors.key:3: 'soon' is no time",
    ),
    "XML: no digest": (iana(digest=""), "anchors.key:3: "),
    "XML: a digest that is too short": (
        iana(digest="E06D"),
        f"anchors.key:3: {WRONG_SIZE}: '. DS 20326 8 2'",
    ),
    "XML: an unusable zone": (iana(zone="a..b"), "anchors.key:3: a name has two dots in a row"),
    "XML: a DOCTYPE": (
        '<?xml version="1.0"?>\n<!DOCTYPE TrustAnchor [<!ENTITY a "b">]>\n' + iana(),
        "anchors.key:2: a DOCTYPE is refused",
    ),
    "XML: a DOCTYPE from elsewhere": (
        '<!DOCTYPE TrustAnchor SYSTEM "file:///etc/hostname">\n' + iana(),
        "anchors.key:1: a DOCTYPE is refused",
    ),
    "XML: an entity that nothing declares": (
        iana(digest="&a;"),
        "anchors.key:4: it is no XML: undefined entity",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Misuse) as raised:
        parse_trust_anchors(text, "anchors.key", now=NOW)
    assert str(raised.value).startswith(message)


def test_many_entities_of_entities_cost_nothing() -> None:
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    text = f'<!DOCTYPE a [<!ENTITY e0 "0">{nested}]>{iana(digest="&e19;")}'
    with pytest.raises(Misuse, match="a DOCTYPE is refused"):
        parse_trust_anchors(text, now=NOW)


def test_elements_of_any_depth_are_read() -> None:
    with pytest.raises(Misuse, match="it is no TrustAnchor of a Zone"):
        parse_trust_anchors("<a>" * 100_000 + "</a>" * 100_000, now=NOW)


@pytest.mark.parametrize(
    ("text", "cause"), [("hello", InvalidZone), ("<a", Exception), (KEY[:-2], InvalidZone)]
)
def test_what_has_been_raised_elsewhere_is_the_cause(text: str, cause: type[Exception]) -> None:
    with pytest.raises(Misuse) as raised:
        parse_trust_anchors(text, now=NOW)
    assert isinstance(raised.value.__cause__, cause)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "anchors.key"
    with pytest.raises(Misuse, match=r"cannot read '.*anchors.key': no such file") as raised:
        read_trust_anchors(path)
    assert isinstance(raised.value.__cause__, FileNotFoundError)
    with pytest.raises(Misuse, match=r"cannot read '.*': is a directory"):
        read_trust_anchors(tmp_path)
    with pytest.raises(Misuse, match="no file can have this name"):
        read_trust_anchors("a\0b")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (None, "the path of a file of trust anchors is wanted, not None"),
        (0, "the path of a file of trust anchors is wanted, not 0"),
        ([], "the path of a file of trust anchors is wanted, not []"),
        ("", "the path of a file of trust anchors must not be empty, as '' is"),
        (b"", "the path of a file of trust anchors must not be empty, as b'' is"),
    ],
)
def test_what_is_no_path(path: Any, message: str) -> None:
    with pytest.raises(Misuse) as raised:
        read_trust_anchors(path)
    assert raised.value.message == message


def test_a_file_that_is_not_in_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "anchors.key"
    path.write_bytes(b"; the root\n; \xe9t\xe9\n")
    with pytest.raises(Misuse) as raised:
        read_trust_anchors(path)
    assert str(raised.value) == f"{path}:2: it is not in UTF-8"
    assert isinstance(raised.value.__cause__, UnicodeDecodeError)


def test_a_file_without_an_end() -> None:
    with pytest.raises(Misuse, match="/dev/zero: it is larger than 1048576 octets"):
        read_trust_anchors("/dev/zero")


words = st.sampled_from(
    [
        *(
            "trust-anchors",
            "trusted-keys",
            "{",
            "}",
            ";",
            '"',
            "/*",
            "*/",
            "//",
            "#",
            "\n",
            " ",
            "(",
        ),
        *(".", "257", "3", "15", ED25519, "initial-key", "DNSKEY", "DS", "IN", "$INCLUDE", "$TTL"),
        *("<TrustAnchor>", "<Zone>", "</Zone>", "<KeyDigest", ">", "&lt;", "<!DOCTYPE", "]]>"),
    ]
)


@given(st.text(max_size=40) | st.lists(words, max_size=30).map(" ".join))
def test_any_text_is_trust_anchors_or_an_error_of_ours(text: str) -> None:
    try:
        assert parse_trust_anchors(text, now=NOW)
    except SipResolveError as error:
        assert error.message.startswith("<text>:")  # noqa: PT017 - not every text is wrong


@given(st.sampled_from([text for text, _ in FILES.values()]), st.data())
def test_files_that_are_cut_or_changed_are_trust_anchors_or_an_error(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    changed = text[:start] + data.draw(st.text(max_size=3)) + text[end:]
    try:
        assert parse_trust_anchors(changed, now=NOW)
    except SipResolveError as error:
        assert error.message.startswith("<text>:")  # noqa: PT017 - not every text is wrong
