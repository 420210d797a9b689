"""What one record of ENUM says for a number, or why it cannot be used (RFC 6116 §3.4, §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from simulation import question, record
from strategies import enum_naptrs

from sipresolve.procedures import rules
from sipresolve.procedures.rules import (
    NonTerminal,
    Skipped,
    Terminal,
    Unused,
    note_on,
    rule_of,
)
from sipresolve.vocabulary.mapped import parsed_uri
from sipresolve.vocabulary.records import Naptr

if TYPE_CHECKING:
    from sipresolve.procedures.rules import Rule

NUMBER = "+442079460123"
OWNER = question("3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR")


def naptr(text: str) -> Naptr:
    """A record, from its flags on."""
    made = record("NAPTR", f"100 10 {text}")
    assert isinstance(made, Naptr)
    return made


def rule(text: str, *services: str, number: str = NUMBER) -> Rule:
    return rule_of(naptr(text), number, services or ("sip", "pstn:sip"))


# --- Records that give a URI

TERMINAL = [
    # §4, its examples
    (r'"u" "E2U+sip" "!^(\+441632960083)$!sip:\1@example.com!" .', "+441632960083", ("sip",),
     "sip:+441632960083@example.com", ("sip",)),
    (r'"u" "E2U+h323" "!^\+441632960083$!h323:operator@example.com!" .', "+441632960083",
     ("h323",), "h323:operator@example.com", ("h323",)),
    ('"u" "E2U+email:mailto" "!^.*$!mailto:info@example.com!" .', "+441632960083",
     ("email:mailto",), "mailto:info@example.com", ("email:mailto",)),
    # §3.1: the regexp works on "+" and the digits, never on the domain
    (r'"u" "E2U+sip" "!^\+44(.*)$!sip:0\1@example.com!" .', NUMBER, ("sip",),
     "sip:02079460123@example.com", ("sip",)),
    # RFC 3402 §3.2: the replacement is the result, also where a part alone matches
    ('"u" "E2U+sip" "!7946!sip:part@example.com!" .', NUMBER, ("sip",),
     "sip:part@example.com", ("sip",)),
    # §3.6: nothing but the static text of the replacement is case-sensitive
    ('"U" "e2u+SIP" "!^.*$!SIP:Info@Example.COM!" .', NUMBER, ("sip",),
     "SIP:Info@Example.COM", ("sip",)),
    # §5.2: another delimiter; a flag behind the last one
    ('"u" "E2U+sip" "/^.*$/sip:a@example.com/" .', NUMBER, ("sip",), "sip:a@example.com", ("sip",)),
    ('"u" "E2U+sip" "!^.*$!sip:a@example.com!i" .', NUMBER, ("sip",), "sip:a@example.com",
     ("sip",)),
    # an unescaped plus with nothing to repeat
    (r'"u" "E2U+sip" "!^+44(.*)$!sip:\1@example.com!" .', NUMBER, ("sip",),
     "sip:2079460123@example.com", ("sip",)),
    # §5.2: the obsolete syntax of RFC 2916
    ('"u" "sip+E2U" "!^.*$!sip:a@example.com!" .', NUMBER, ("sip",), "sip:a@example.com", ("sip",)),
    # §3.4.3.2: "A left-to-right priority is assumed", whatever the order of the wishes
    ('"u" "E2U+voice:tel+sms:tel" "!^.*$!tel:+44!" .', NUMBER, ("sms:tel", "voice:tel"), "tel:+44",
     ("voice:tel", "sms:tel")),
    # §5.2: "SHOULD ignore this Enumservice and continue with the next"
    ('"u" "E2U+h323+x-new+sip" "!^.*$!sip:a@example.com!" .', NUMBER, ("sip",),
     "sip:a@example.com", ("sip",)),
    ('"u" "E2U+sip+sip+SIP" "!^.*$!sip:a@example.com!" .', NUMBER, ("sip",),
     "sip:a@example.com", ("sip",)),
    # RFC 3764: a sip enumservice may be a SIPS URI
    ('"u" "E2U+sip" "!^.*$!sips:a@example.com!" .', NUMBER, ("sip",), "sips:a@example.com",
     ("sip",)),
    # of a compound record, those alone for which the scheme is one
    ('"u" "E2U+sip+email:mailto" "!^.*$!mailto:a@example.com!" .', NUMBER, ("sip", "email:mailto"),
     "mailto:a@example.com", ("email:mailto",)),
    # §3.4.3.1: what is not registered, and what is for private networks, if it is asked for
    ('"u" "E2U+x-mine:a" "!^.*$!gopher://example.com/!" .', NUMBER, ("x-mine:a",),
     "gopher://example.com/", ("x-mine:a",)),
    ('"u" "E2U+P-Carrier" "!^.*$!sip:a@example.com!" .', NUMBER, ("p-carrier",),
     "sip:a@example.com", ("p-carrier",)),
    ('"u" "E2U+sip+P-Carrier" "!^.*$!sip:a@example.com!" .', NUMBER, ("sip", "p-carrier"),
     "sip:a@example.com", ("sip", "p-carrier")),
    # what says that a number is not in use, too
    ('"u" "E2U+unused:data" "!^.*$!data:,free!" .', NUMBER, ("unused:data",), "data:,free",
     ("unused:data",)),
    # POSIX leaves "+?" undefined; whatever it is, it is not what Perl means by it
    (r'"u" "E2U+sip" "!^.([[:digit:]]+?)!sip:\1@example.com!" .', NUMBER, ("sip",),
     "sip:442079460123@example.com", ("sip",)),
    # RFC 4769
    (r'"u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi;rn=+44161!" .', NUMBER, ("pstn:tel",),
     "tel:+442079460123;npdi;rn=+44161", ("pstn:tel",)),
    # §5.2: "many copies of back-reference patterns"
    (r'"u" "E2U+sip" "!^(.)(.)(.)(.*)$!sip:\3\2\3\2-\4\4@example.com!" .', "+441", ("sip",),
     "sip:4444-11@example.com", ("sip",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "services", "uri", "given_for"), TERMINAL)
def test_a_record_that_gives_a_uri(
    text: str, number: str, services: tuple[str, ...], uri: str, given_for: tuple[str, ...]
) -> None:
    assert rule(text, *services, number=number) == Terminal(uri, parsed_uri(uri), given_for)


# --- Records that lead on


@pytest.mark.parametrize(
    "text",
    [
        '"" "" "" numbers.example.net.',
        # §5.2.1: "ENUM clients SHOULD ignore any content of the Services field"
        '"" "E2U+sip" "" numbers.example.net.',
        '"" "SIP+D2U" "" numbers.example.net.',
        '"" "E2U+P-Carrier" "" numbers.example.net.',
        '"" "nonsense!" "" numbers.example.net.',
        # "a non-empty Regexp field MUST be ignored by ENUM clients"
        '"" "" "!^.*$!sip:a@example.com!" numbers.example.net.',
        '"" "" "!(!" Numbers.Example.NET',
    ],
)
def test_a_record_that_leads_on(text: str) -> None:
    assert rule(text) == NonTerminal(question("numbers.example.net NAPTR"))


# --- Records that say that a number is not in use


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"u" "E2U+unused:data" "!^.*$!data:,not%20assigned!" .', "data:,not%20assigned"),
        ('"u" "E2U+void:mailto" "!^.*$!mailto:regulator@example.gov!" .',
         "mailto:regulator@example.gov"),
        ('"U" "e2u+VOID" "!^.*$!http://example.com/!" .', "http://example.com/"),
        ('"u" "unused+E2U" "!^.*$!data:,x!" .', "data:,x"),
        # beside services that nobody asked for
        ('"u" "E2U+h323+unused:data" "!^.*$!data:,x!" .', "data:,x"),
        # whatever it says: it is for a person
        ('"u" "E2U+unused:data" "!^.*$!free for now!" .', "free for now"),
        ('"u" "E2U+unused:data" "!^.*$!!" .', ""),
        ('"u" "E2U+unused:data" "!^.*$!caf\xe9!" .', "caf\\xe9"),
    ],
)  # fmt: skip
def test_a_record_that_says_that_there_is_no_use(text: str, said: str) -> None:
    assert rule(text) == Unused(said)


def test_a_service_that_is_asked_for_goes_before_one_that_says_that_there_is_no_use() -> None:
    found = rule('"u" "E2U+unused:data+sip" "!^.*$!sip:a@example.com!" .')
    assert isinstance(found, Terminal)


# --- Records that cannot be used: each code, by what provokes it

SKIPPED = {
    # §5.2: "MUST be ready to process NAPTRs with a DDDS Application identifier other than 'E2U'"
    "enum-other-application": [
        '"s" "SIP+D2U" "" _sip._udp.example.com.',
        '"u" "" "!^.*$!sip:a@example.com!" .',
        '"u" "E2UX+sip" "!^.*$!sip:a@example.com!" .',
        '"x" "aaa+ap1:diameter.tcp" "" example.com.',
    ],
    # §3.4.2: "If a client encounters a resource record with an unknown flag, it MUST ignore it"
    "enum-flag": [
        '"s" "E2U+sip" "" _sip._udp.example.com.',
        '"a" "E2U+sip" "" example.com.',
        '"p" "E2U+sip" "!^.*$!sip:a@example.com!" .',
        '"foo" "E2U+sip" "!^.*$!sip:a@example.com!" .',
        '"uu" "E2U+sip" "!^.*$!sip:a@example.com!" .',
        '" " "E2U+sip" "!^.*$!sip:a@example.com!" .',
        '"u " "E2U+sip" "!^.*$!sip:a@example.com!" .',
        '"\xfb" "E2U+sip" "!^.*$!sip:a@example.com!" .',
    ],
    # RFC 3403 §4.1: "If a record is returned with values for both fields, then it is in error"
    "enum-replacement": [
        '"u" "E2U+sip" "!^.*$!sip:a@example.com!" example.com.',
        '"u" "E2U+sip" "" example.com.',
    ],
    # §5.2.1: "MUST discard such a non-terminal NAPTR if the Replacement field is empty"
    "enum-no-replacement": [
        '"" "E2U+sip" "" .',
        # as in RFC 2915 §7, where the result of the regexp was the next name
        r'"" "E2U+sip" "!^(.*)$!\1.example.com!" .',
        '"" "" "!1234!5678!" .',
    ],
    # §3.4.3
    "enum-service": [
        '"u" "E2U" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+sip+" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+s_p" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+s\xefp" "!^.*$!sip:a@example.com!" .',
        '"u" "voice:tel+sip+E2U" "!^.*$!sip:a@example.com!" .',
    ],
    # §3.4.3.1: "MUST discard any NAPTR with an Enumservice type that starts with the "P-" facet"
    "enum-private": [
        '"u" "E2U+P-Carrier" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+sip+p-carrier:x" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+P-a+unused:data" "!^.*$!data:,x!" .',
    ],
    # §5.2: "discarding the NAPTR only if it cannot handle any of the Enumservices contained"
    "enum-service-not-wanted": [
        '"u" "E2U+h323" "!^.*$!h323:a@example.com!" .',
        '"u" "E2U+pstn:tel" "!^.*$!tel:+44!" .',
        '"u" "E2U+tel" "!^.*$!tel:+44!" .',
        # type and subtypes have to be those that were asked for
        '"u" "E2U+pstn" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+sip:x" "!^.*$!sip:a@example.com!" .',
        '"u" "E2U+x-sip+voice:tel" "!^.*$!sip:a@example.com!" .',
        '"u" "tel+E2U" "!^.*$!tel:+44!" .',
    ],
    # §5.2: "SHOULD discard NAPTRs that have more or less than 3 unescaped instances"
    "enum-regexp": [
        '"u" "E2U+sip" "" .',
        '"u" "E2U+sip" "!1234" .',
        '"u" "E2U+sip" "!^.*$!sip:a@example.com" .',
        '"u" "E2U+sip" "!^.*$!sip:a!b@example.com!" .',
        '"u" "E2U+sip" "!^.*$!sip:a@example.com!x" .',
        '"u" "E2U+sip" "!(!!" .',
        r'"u" "E2U+sip" "!^(.*$!sip:\1@example.com!" .',
        # RFC 3402 §3.2: a group that is not there
        r'"u" "E2U+sip" "!^.*$!sip:\1@example.com!" .',
        '"u" "E2U+unused:data" "!(!!" .',
    ],
    "enum-no-match": [
        '"u" "E2U+sip" "!^44!sip:a@example.com!" .',
        r'"u" "E2U+sip" "!^\+441632960083$!sip:a@example.com!" .',
        # §3.1: never on the domain
        r'"u" "E2U+sip" "!^3\.2\.1!sip:a@example.com!" .',
        '"u" "E2U+unused:data" "!5678!data:,x!" .',
        # octets that no number has
        '"u" "E2U+sip" "!\xe9!sip:a@example.com!" .',
    ],
    # §3.3: "in its absolute form according to the <absolute-URI> production"
    "enum-uri": [
        '"u" "E2U+sip" "!^.*$!not a uri!" .',
        '"u" "E2U+sip" "!^.*$!!" .',
        '"u" "E2U+sip" "!^.*$!foo!" .',
        '"u" "E2U+sip" "!^.*$!sip:!" .',
        '"u" "E2U+sip" "!^.*$!sip:a@example_com!" .',
        '"u" "E2U+sip" "!^.*$!sip:caf\xe9@example.com!" .',
        '"u" "E2U+pstn:sip" "!^.*$!tel:7042!" .',
        # likewise: at the plus, some digits or none are none
        r'"u" "E2U+sip" "!(^[[:digit:]]+?)!sip:\1@example.com!" .',
        '"u" "E2U+sip" "!^.*$!mailto:a b!" .',
    ],
    "enum-uri-scheme": [
        '"u" "E2U+sip" "!^.*$!mailto:a@example.com!" .',
        '"u" "E2U+pstn:sip" "!^.*$!tel:+44!" .',
        '"u" "E2U+sip+pstn:sip" "!^.*$!http://example.com/!" .',
    ],
}


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in SKIPPED.items() for text in texts]
)
def test_a_record_that_cannot_be_used(code: str, text: str) -> None:
    found = rule(text)
    assert isinstance(found, Skipped)
    assert found.code == code


def test_whose_a_service_is_goes_before_what_else_is_wrong() -> None:
    """§3.7: the records of other applications are none of ours, and nobody is warned of them."""
    for flags, service, replacement in (("s", "SIP+D2U", "."), ("u", "x+y", "example.com.")):
        found = rule(f'"{flags}" "{service}" "!(!" {replacement}')
        assert found == Skipped("enum-other-application")


@pytest.mark.parametrize(
    ("text", "services", "said"),
    [
        (r'"u" "E2U+sip" "!^.*$!sip:\1@example.com!" .', ("sip",), r"\1 refers to a group"),
        ('"u" "E2U+sip" "!^.*$!sip:example_com!" .', ("sip",), "'sip:example_com'"),
        ('"u" "E2U+sip+pstn:sip" "!^.*$!tel:+44!" .', ("sip", "pstn:sip"),
         "'tel:+44' is none for sip and pstn:sip"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text: str, services: tuple[str, ...], said: str) -> None:
    found = rule(text, *services)
    assert isinstance(found, Skipped)
    assert said in found.detail


@given(enum_naptrs())
def test_any_record_gives_a_rule(drawn: Naptr) -> None:
    """§5.2: "without failure", whatever is in it."""
    found = rule_of(drawn, NUMBER, ("sip", "pstn:sip", "voice:tel"))
    assert isinstance(found, (Terminal, NonTerminal, Unused, Skipped))
    if isinstance(found, Skipped):
        assert note_on(OWNER, drawn, found).code in WARNINGS


# --- What is said of it

#: Whether the owner of a record should know.
WARNINGS = {
    "enum-other-application": False,
    "enum-flag": True,
    "enum-service": True,
    "enum-private": True,
    "enum-service-not-wanted": False,
    "enum-no-replacement": True,
    "enum-replacement": True,
    "enum-regexp": True,
    "enum-no-match": False,
    "enum-uri": True,
    "enum-uri-scheme": True,
    "enum-order-not-considered": False,
    "enum-named-before": False,
    "enum-after-another": True,
    "enum-not-secure": True,
    "enum-loop": True,
    "enum-seen": False,
    "enum-too-deep": True,
    "enum-leads-nowhere": True,
    "enum-domain-failed": True,
}


@pytest.mark.parametrize(("code", "warning"), WARNINGS.items())
def test_a_note_names_the_record_and_the_field(code: str, *, warning: bool) -> None:
    text = r'"u" "E2U+sip" "!^(.*)$!sip:\1@example.com!" .'
    note = note_on(OWNER, naptr(text), Skipped(code))
    assert (note.code, note.question, note.warning) == (code, OWNER, warning)
    assert note.message.startswith(f"{OWNER.name} NAPTR 100 10 {text}: skipped, ")
    told = note_on(OWNER, naptr(text), Skipped(code, "and more"))
    assert told.message == f"{note.message}: and more"


def test_every_code_is_known_and_none_is_left_over() -> None:
    assert set(rules._REASONS) == WARNINGS.keys()
    assert WARNINGS.keys() >= SKIPPED.keys()
