"""The services field of ENUM records (RFC 6116 §3.4.3), and the registry of IANA."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import enum_services_fields

from sipresolve.vocabulary import enumservices
from sipresolve.vocabulary.enumservices import (
    UNUSED,
    enumservices_of,
    is_enumservice,
    is_of_enum,
    is_private,
    schemes_of,
)

LONGEST = "a" * 32

#: A services field, and what it offers; nothing where it is not well formed.
FIELDS = [
    # §3.4.3: service-field = "E2U" 1*(servicespec); servicespec = "+" enumservice
    ("E2U+sip", ("sip",)),
    ("E2U+email:mailto", ("email:mailto",)),
    ("E2U+voice:tel+sms:tel", ("voice:tel", "sms:tel")),
    # §3.4.3.2: "A left-to-right priority is assumed."
    ("E2U+sms:tel+voice:tel+sip", ("sms:tel", "voice:tel", "sip")),
    ("E2U+sip+sip", ("sip", "sip")),
    # enumservice = type 0*(subtypespec)
    ("E2U+a:b:c:d", ("a:b:c:d",)),
    # type and subtype are "1*32(ALPHA / DIGIT / "-")"
    ("E2U+x-Trial:v2", ("x-trial:v2",)),
    ("E2U+-", ("-",)),
    ("E2U+123", ("123",)),
    (f"E2U+{LONGEST}:{LONGEST}", (f"{LONGEST}:{LONGEST}",)),
    (f"E2U+{LONGEST}a", ()),
    (f"E2U+a:{LONGEST}a", ()),
    # §3.6: "clients MUST use case-insensitive processing"
    ("e2u+SIP", ("sip",)),
    ("e2U+PsTn:TeL", ("pstn:tel",)),
    # §5.2: "ENUM clients SHOULD also support ENUM NAPTRs according to the obsolete syntax"
    ("sip+E2U", ("sip",)),
    ("SIP+e2u", ("sip",)),
    ("pstn:sip+E2U", ("pstn:sip",)),
    # RFC 2916 has one protocol alone
    ("sip+tel+E2U", ()),
    ("+E2U", ()),
    ("+sip+E2U", ()),
    # what is not there
    ("E2U", ()),
    ("E2U+", ()),
    ("E2U+sip+", ()),
    ("E2U++sip", ()),
    ("E2U+sip:", ()),
    ("E2U+:sip", ()),
    ("E2U+a::b", ()),
    ("E2U:sip", ()),
    ("E2Usip", ()),
    ("", ()),
    # what does not belong there
    (" E2U+sip", ()),
    ("E2U+sip ", ()),
    ("E2U+sip\n", ()),
    ("E2U+s_p", ()),
    ("E2U+s\xefp", ()),
    ("E2U+\N{LATIN SMALL LETTER LONG S}ip", ()),
    ("\N{LATIN SMALL LETTER LONG S}ip+E2U", ()),
    ("E2U+sip!", ()),
    ("E2U+voice:tel,sms:tel", ()),
]


@pytest.mark.parametrize(("field", "expected"), FIELDS)
def test_what_a_services_field_offers(field: str, expected: tuple[str, ...]) -> None:
    assert enumservices_of(field) == expected


@given(enum_services_fields())
def test_a_field_by_the_grammar_gives_its_services_in_order(
    drawn: tuple[str, tuple[str, ...]],
) -> None:
    field, services = drawn
    assert enumservices_of(field) == services
    assert is_of_enum(field)
    assert all(map(is_enumservice, services))


@given(st.text(st.characters(max_codepoint=0xFF)))
@example("E2U+a" + ":a" * 120)
def test_any_octets_give_services_or_none(field: str) -> None:
    services = enumservices_of(field)
    assert all(map(is_enumservice, services))
    assert is_of_enum(field) or not services


@pytest.mark.parametrize(
    ("field", "is_it"),
    [
        # §3.7: "NAPTRs intended for ENUM use MUST include this token"
        ("E2U+sip", True),
        ("e2u+sip", True),
        ("sip+e2u", True),
        # what says so and is not well formed: its owner should know
        ("E2U", True),
        ("E2U+", True),
        ("E2U:sip", True),
        ("E2U sip", True),
        ("E2U+s_p", True),
        ("a+b+E2U", True),
        ("+E2U", True),
        # "NAPTRs that are intended for other DDDS applications MUST NOT include the E2U token"
        ("SIP+D2U", False),
        ("SIPS+D2T", False),
        ("E2UX+sip", False),
        ("E2U4+sip", False),
        ("sip+E2U2", False),
        ("sip+E2U\n", False),
        ("aaa:diameter", False),
        ("", False),
    ],
)
def test_which_records_say_that_they_are_of_enum(field: str, *, is_it: bool) -> None:
    assert is_of_enum(field) is is_it


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("sip", True),
        ("pstn:tel", True),
        ("x-mine:a:b", True),
        ("", False),
        ("sip:", False),
        ("E2U+sip", False),
        ("SIP", False),
        ("sip\n", False),
        ("a b", False),
        (f"{LONGEST}a", False),
    ],
)
def test_what_an_enumservice_is(text: str, *, is_it: bool) -> None:
    assert is_enumservice(text) is is_it


@pytest.mark.parametrize(
    ("service", "is_it"),
    [
        # §3.4.3.1: "an Enumservice type that starts with the "P-" facet"
        ("p-carrier", True),
        ("p-carrier:sip", True),
        ("p-", True),
        ("p", False),
        ("pstn:sip", False),
        ("x-p-carrier", False),
        ("sip:p-carrier", False),
    ],
)
def test_which_are_for_a_private_network(service: str, *, is_it: bool) -> None:
    assert is_private(service) is is_it


# --- The registry


@pytest.mark.parametrize(
    ("service", "schemes"),
    [
        ("sip", {"sip", "sips"}),  # RFC 3764 §4
        ("h323", {"h323"}),  # RFC 3762 §3
        ("pres", {"pres"}),  # RFC 3953 §4
        ("im", {"im"}),  # RFC 5028
        ("xmpp", {"xmpp"}),  # RFC 4979
        ("voice:tel", {"tel"}),  # RFC 4415
        ("pstn:tel", {"tel"}),  # RFC 4769
        ("pstn:sip", {"sip"}),  # RFC 4769
        ("sms:tel", {"tel"}),  # RFC 4355
        ("sms:mailto", {"mailto"}),
        ("email:mailto", {"mailto"}),
        ("fax:tel", {"tel"}),
        ("web:https", {"https"}),  # RFC 4002
        ("ft:ftp", {"ftp"}),
        ("vpim:ldap", {"ldap"}),  # RFC 4238
        ("vcard", {"http", "https"}),  # RFC 4969
        ("acct", {"acct"}),  # RFC 7566
    ],
)
def test_what_a_registered_service_allows(service: str, schemes: set[str]) -> None:
    assert schemes_of(service) == frozenset(schemes)


@pytest.mark.parametrize("service", ["x-mine", "p-mine", "pstn", "sip:sip", "unused:data", "SIP"])
def test_what_is_not_registered_allows_any(service: str) -> None:
    assert schemes_of(service) is None


def test_every_entry_is_an_enumservice_and_tells_its_schemes() -> None:
    for service, schemes in enumservices._REGISTERED.items():
        assert is_enumservice(service)
        # §3.4.3.1: "not open to any Enumservice that has '-' as the second character"
        assert service[1] != "-"
        assert schemes
        assert all(re.fullmatch("[a-z][a-z0-9]*", scheme) for scheme in schemes)
        subtype = service.partition(":")[2]
        assert subtype in {"", *schemes}, "a subtype is the scheme, wherever there is one"


def test_what_says_that_a_number_is_not_in_use() -> None:
    assert {"unused", "void"} == UNUSED
