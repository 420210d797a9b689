"""A NAPTR record as a line."""

from __future__ import annotations

import pytest
from simulation import record

from sipresolve import Naptr
from sipresolve.cli.naptrs import naptr_label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('1 2 "s" "SIP+D2U" "" _sip._udp.a', '1 2 "s" "SIP+D2U" → _sip._udp.a'),
        ('1 2 "s" "SIP+D2U" "" .', '1 2 "s" "SIP+D2U" → .'),
        ('1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" .', '1 2 "u" "E2U+sip" "!^.*$!sip:a@b!"'),
        ('1 2 "" "E2U+sip" "!^.*$!sip:a@b!" c', '1 2 "" "E2U+sip" "!^.*$!sip:a@b!" → c'),
        # octets above 127: as UTF-8, and as nothing that is text
        ('1 2 "u" "E2U+sip" "!\xc3\xbc!sip:a@b!" .', '1 2 "u" "E2U+sip" "!ü!sip:a@b!"'),
        ('1 2 "u" "E2U+sip" "!\xfc!sip:a@b!" .', r'1 2 "u" "E2U+sip" "!\xfc!sip:a@b!"'),
    ],
)
def test_a_record_is_named_with_all_that_it_has(text: str, label: str) -> None:
    naptr = record("NAPTR", text)
    assert isinstance(naptr, Naptr)
    assert naptr_label(naptr) == label
