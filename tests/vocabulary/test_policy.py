"""What a policy takes, and what it refuses."""

from __future__ import annotations

import copy
import pickle
from inspect import getdoc
from ipaddress import ip_address
from typing import Any

import pytest
from attrs import evolve, fields

from sipresolve.vocabulary.address_rules import public_addresses_only
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.keys import ROOT_ANCHORS, DnsKey, Ds, TrustAnchor
from sipresolve.vocabulary.policy import (
    AddressOrder,
    Dnssec,
    NaptrFailure,
    NaptrOrder,
    Policy,
    Selection,
    allows_address,
    allows_name,
)
from sipresolve.vocabulary.targets import Family
from sipresolve.vocabulary.transports import TCP, TLS, UDP


class Unhashable:
    """Equal to others, and so without a hash (as Python has it)."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    __hash__ = None  # type: ignore[assignment] # as Python sets it, and as the linter wants it

    def __call__(self, *_: object) -> bool:
        return True


def test_the_defaults() -> None:
    policy = Policy()
    assert policy.transports == (UDP, TCP, TLS)
    assert policy.families == (Family.IPV6, Family.IPV4)
    assert (policy.lifetime, policy.budget, policy.speculation) == (5.0, 256, True)
    assert (policy.concurrency, policy.records, policy.names_per_minute) == (1000, 256, 1000)
    assert policy.allow_name is None
    assert policy.allow_address is None
    assert policy.naptr_order is NaptrOrder.STRICT
    assert policy.on_naptr_failure is NaptrFailure.CONTINUE
    assert policy.selection is Selection.WEIGHTED
    assert policy.address_order is AddressOrder.RFC6724
    assert policy.dnssec is Dnssec.IGNORE
    assert not policy.opportunistic_tls
    assert not policy.require_secure
    assert (policy.enum_services, policy.enum_roots) == (("sip", "pstn:sip"), ("e164.arpa",))
    assert not policy.enum_local_numbers
    assert not policy.enum_user_phone


@pytest.mark.parametrize(
    ("setting", "given", "taken"),
    [
        ("transports", ["tls", UDP], (TLS, UDP)),
        ("transports", ("tcp", "udp", "tcp"), (TCP, UDP)),
        ("transports", iter(["tcp"]), (TCP,)),
        ("families", ["ipv4"], (Family.IPV4,)),
        ("lifetime", 0.1, 0.1),
        ("budget", 1, 1),
        ("concurrency", 1, 1),
        ("records", 1, 1),
        ("names_per_minute", 10_000, 10_000),
        ("allow_name", str.isascii, str.isascii),
        ("allow_address", public_addresses_only, public_addresses_only),
        ("naptr_order", "relaxed", NaptrOrder.RELAXED),
        ("on_naptr_failure", "fail", NaptrFailure.FAIL),
        ("selection", "stateless", Selection.STATELESS),
        ("address_order", "interleaved", AddressOrder.INTERLEAVED),
        ("dnssec", "trust-ad", Dnssec.TRUST_AD),
        # RFC 6116 §3.6: in either case
        ("enum_services", ["E2U", "Pstn:TEL"], ("e2u", "pstn:tel")),
        ("enum_services", iter(["sip", "SIP", "x-mine:a:b"]), ("sip", "x-mine:a:b")),
        ("enum_services", ["P-Carrier", "unused"], ("p-carrier", "unused")),
        ("enum_roots", ["E164.ARPA."], ("e164.arpa",)),
        ("enum_roots", ["b.example", "a.example", "B.Example."], ("b.example", "a.example")),
        # as some write what is appended to the digits
        ("enum_roots", [".e164.arpa.cw-ngv.com"], ("e164.arpa.cw-ngv.com",)),
        ("enum_roots", ["_enum.carrier-1.example"], ("_enum.carrier-1.example",)),
        ("enum_user_phone", True, True),
    ],
)
def test_words_are_taken_for_what_they_name(setting: str, given: object, taken: object) -> None:
    changes: dict[str, Any] = {setting: given}
    assert getattr(Policy(**changes), setting) == taken


@pytest.mark.parametrize(
    ("setting", "given", "message"),
    [
        ("transports", [], "transports must have at least one of 'udp', 'tcp', 'tls', 'sctp'"),
        ("transports", "udp", "transports must be a sequence, not 'udp'"),
        ("transports", 5, "transports must be a sequence, not 5"),
        ("transports", ["UDP"], "transports: 'UDP' is none of 'udp', 'tcp', 'tls'"),
        ("transports", ["udp", "quic"], "transports: 'quic' is none of 'udp'"),
        ("families", [], "families must have at least one of 'ipv4', 'ipv6'"),
        ("families", ["ipv5"], "families: 'ipv5' is none of 'ipv4', 'ipv6'"),
        ("lifetime", 0, "lifetime must be a finite number above 0, not 0"),
        ("lifetime", -1.5, "lifetime must be a finite number above 0, not -1.5"),
        ("lifetime", float("inf"), "lifetime must be a finite number above 0, not inf"),
        ("lifetime", float("nan"), "lifetime must be a finite number above 0, not nan"),
        ("lifetime", "x", "lifetime must be a finite number above 0, not 'x'"),
        ("lifetime", None, "lifetime must be a finite number above 0, not None"),
        ("budget", True, "budget must be a finite number above 0, not True"),
        ("budget", 2.5, "budget must be a whole number, not 2.5"),
        ("speculation", "no", "speculation must be True or False, not 'no'"),
        ("require_secure", None, "require_secure must be True or False, not None"),
        ("budget", 0, "budget must be a finite number above 0, not 0"),
        ("concurrency", 0, "concurrency must be a finite number above 0, not 0"),
        ("concurrency", 7.5, "concurrency must be a whole number, not 7.5"),
        ("records", None, "records must be a finite number above 0, not None"),
        ("records", 1e3, "records must be a whole number, not 1000.0"),
        ("names_per_minute", -1, "names_per_minute must be a finite number above 0, not -1"),
        ("names_per_minute", True, "names_per_minute must be a finite number above 0, not True"),
        ("allow_name", "example.com", "allow_name must be a function or None, not 'example.com'"),
        ("allow_address", True, "allow_address must be a function or None, not True"),
        ("allow_address", Unhashable(), "allow_address must be hashable, as functions are, and <"),
        ("naptr_order", "lax", "'lax' is none of 'strict', 'relaxed'"),
        ("on_naptr_failure", "stop", "'stop' is none of 'continue', 'fail'"),
        ("selection", "random", "'random' is none of 'weighted', 'stateless'"),
        ("address_order", "rfc3484", "'rfc3484' is none of 'rfc6724', 'interleaved'"),
        ("dnssec", None, "None is none of 'ignore', 'trust-ad'"),
        ("enum_services", "sip", "enum_services must be a sequence, not 'sip'"),
        ("enum_services", None, "enum_services must be a sequence, not None"),
        ("enum_services", [], "enum_services must not be empty"),
        ("enum_services", [None], "enum_services must be of text, not None"),
        ("enum_services", [b"sip"], "enum_services must be of text, not b'sip'"),
        ("enum_services", ["E2U+sip"], "enum_services: 'E2U+sip' is no enumservice, which is"),
        ("enum_services", ["sip", ""], "enum_services: '' is no enumservice"),
        ("enum_services", ["sip "], "enum_services: 'sip ' is no enumservice"),
        ("enum_services", ["a" * 33], "enum_services: 'aaa"),
        ("enum_roots", "e164.arpa", "enum_roots must be a sequence, not 'e164.arpa'"),
        ("enum_roots", (), "enum_roots must not be empty"),
        ("enum_roots", [164], "enum_roots must be of text, not 164"),
        ("enum_roots", [""], "enum_roots: '.' is no domain below which numbers can be"),
        ("enum_roots", ["."], "enum_roots: '.' is no domain"),
        ("enum_roots", ["e164.arpa", "a..b"], "enum_roots: 'a..b' is no domain"),
        ("enum_roots", ["..e164.arpa"], "enum_roots: '.e164.arpa' is no domain"),
        ("enum_roots", ["e164 arpa"], "enum_roots: 'e164 arpa' is no domain"),
        ("enum_roots", ["e164.arpa\n"], "enum_roots: 'e164.arpa\\n' is no domain"),
        # as of hosts: only what stands in the DNS
        ("enum_roots", ["e164.\xe4rpa"], "enum_roots: 'e164.\xe4rpa' is no domain"),
        ("enum_roots", ["a" * 64], "enum_roots: 'aaa"),
        ("enum_local_numbers", 1, "enum_local_numbers must be True or False, not 1"),
        ("enum_user_phone", "yes", "enum_user_phone must be True or False, not 'yes'"),
    ],
)
def test_what_makes_no_sense_is_misuse(setting: str, given: object, message: str) -> None:
    changes: dict[str, Any] = {setting: given}
    with pytest.raises(Misuse) as caught:
        Policy(**changes)
    assert str(caught.value).startswith(message)


def test_a_change_is_checked_as_well() -> None:
    with pytest.raises(Misuse):
        evolve(Policy(), transports=())


def test_every_setting_is_documented() -> None:
    documentation = getdoc(Policy) or ""
    for attribute in fields(Policy):
        assert f"\n    {attribute.name}: " in documentation


# --- Hooks


def raising(*_: object) -> bool:
    raise ValueError("broken")


ADDRESS = ip_address("192.0.2.1")


def test_without_a_hook_all_is_allowed() -> None:
    assert allows_name(Policy(), "example.com")
    assert allows_address(Policy(), ADDRESS, "example.com")


@pytest.mark.parametrize(
    ("given", "taken"), [(True, True), (False, False), (1, True), (None, False)]
)
def test_what_a_hook_says_counts_by_its_truth(given: Any, taken: bool) -> None:
    heard: list[object] = []

    def say(*what: object) -> Any:
        heard.extend(what)
        return given

    policy = Policy(allow_name=say, allow_address=say)
    assert allows_name(policy, "example.com") is taken
    assert allows_address(policy, ADDRESS, "sip.example.com") is taken
    assert heard == ["example.com", ADDRESS, "sip.example.com"]


def test_a_hook_that_fails_is_misuse() -> None:
    policy = Policy(allow_name=raising, allow_address=raising)
    with pytest.raises(Misuse) as of_name:
        allows_name(policy, "example.com")
    with pytest.raises(Misuse) as of_address:
        allows_address(policy, ADDRESS, "h.example")
    assert [str(caught.value) for caught in (of_name, of_address)] == [
        "the policy's allow_name failed: ValueError('broken') for 'example.com'",
        "the policy's allow_address failed: ValueError('broken') for 192.0.2.1 of 'h.example'",
    ]
    assert isinstance(of_name.value.__cause__, ValueError)
    assert isinstance(of_address.value.__cause__, ValueError)


def test_policies_are_told_apart_by_their_hooks() -> None:
    """What is prepared for repeated calls is kept by policy."""
    policy = Policy(allow_address=public_addresses_only)
    assert {policy: 1}[Policy(allow_address=public_addresses_only)] == 1
    assert policy != Policy()
    assert hash(policy) != hash(Policy())
    for duplicate in (copy.copy(policy), evolve(policy), pickle.loads(pickle.dumps(policy))):  # noqa: S301 - our own
        assert duplicate == policy
        assert hash(duplicate) == hash(policy)


# --- Trust anchors

ANCHOR = TrustAnchor("example.com", Ds(1, 13, 2, bytes(32)))
OF_NO_USE = [
    TrustAnchor("example.com", DnsKey(257, 3, 253, b"a key")),
    TrustAnchor("example.com", Ds(1, 13, 1, bytes(20))),
]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (ROOT_ANCHORS, ROOT_ANCHORS),
        ([ANCHOR, ANCHOR], (ANCHOR,)),
        (iter([ANCHOR, *ROOT_ANCHORS]), (ANCHOR, *ROOT_ANCHORS)),
        ([*OF_NO_USE, ANCHOR], (*OF_NO_USE, ANCHOR)),  # RFC 6840 §5.11: one that is usable will do
    ],
)
def test_trust_anchors_are_taken_each_once(given: Any, taken: tuple[TrustAnchor, ...]) -> None:
    assert Policy(trust_anchors=given).trust_anchors == taken


WANTED = "trust_anchors must be a sequence of TrustAnchor values, such as read_trust_anchors(path)"


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("a/root-ds", "gives, not 'a/root-ds'"),
        (b"a/root-ds", "gives, not b'a/root-ds'"),
        (["a/root-ds"], "gives, and 'a/root-ds' is none"),
        ([ANCHOR, [ANCHOR]], f"gives, and {[ANCHOR]!r} is none"),
        ([ANCHOR.key], f"gives, and {ANCHOR.key!r} is none"),
        (ANCHOR, f"gives, not {ANCHOR!r}"),
        (None, "gives, not None"),
        ([], "gives, and there is none"),
    ],
)
def test_what_are_no_trust_anchors(given: Any, end: str) -> None:
    with pytest.raises(Misuse) as raised:
        Policy(trust_anchors=given)
    assert raised.value.message == f"{WANTED} {end}"


@pytest.mark.parametrize("anchor", OF_NO_USE)
def test_a_zone_has_a_trust_anchor_that_can_be_used(anchor: TrustAnchor) -> None:
    """RFC 4035 §5.2: what nothing supports is insecure, which its caller did not mean."""
    with pytest.raises(Misuse) as raised:
        Policy(trust_anchors=[*ROOT_ANCHORS, anchor])
    assert raised.value.message == (
        f"trust_anchors: {anchor} cannot be used, and its zone has no other: supported are"
        " the algorithms 8, 10, 13, 14, 15, 16 and the digests 2, 4"
    )
