"""Every refusal says where and why, by RFC 3261 §25 where no other clause is named."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from strategies import any_via_texts, vias

from sipresolve.vocabulary.via_faults import via_faults
from sipresolve.vocabulary.via_grammar import read

VIAS = [
    # sent-protocol
    ("", 0, "the protocol is missing: 'SIP/2.0/UDP'"),
    (" \r\n", 0, "the protocol is missing"),
    ("Via:", 4, "the protocol is missing"),
    ("v : \r\n", 3, "the protocol is missing"),
    (";;", 0, "the protocol is missing"),
    (",SIP/2.0/UDP a", 0, "the protocol is missing"),
    ("/2.0/UDP a", 0, "the protocol is missing"),
    ("SIP", 3, "the version is missing: 'SIP/2.0/UDP'"),
    ("SIP 2.0/UDP a", 3, "the version is missing"),
    ("SIP//UDP a", 4, "the version is missing"),
    ("SIP/ /UDP a", 5, "the version is missing"),
    ("SIP/2.0", 7, "the transport is missing: 'SIP/2.0/UDP'"),
    ("SIP/2.0 192.0.2.30", 7, "the transport is missing"),
    ("Via: SIP / 2.0 example.com", 14, "the transport is missing"),
    ("SIP/2.0/", 8, "the transport is missing"),
    ("SIP/2.0/;branch=a", 8, "the transport is missing"),
    ("<SIP/2.0/UDP a", 0, "'<' is not allowed in the protocol"),
    ("SIP/2:0/UDP a", 5, "':' is not allowed in the version"),
    ("SIP/2.0/UDP/x a", 11, "'/' is not allowed in the transport"),
    ("SIP/2.0/UDP[::1]", 11, "'[' is not allowed in the transport"),
    ("SIP/2.0/ÜDP a", 8, "'Ü' is not allowed in the transport"),
    ("SIP/2.0/U\x00P a", 9, "'\\x00' is not allowed in the transport"),
    # another header field, or no header field at all
    ("From: <sip:a@b>", 0, "the header field 'From' is neither 'Via' nor 'v'"),
    ("Vias : SIP/2.0/UDP a", 0, "the header field 'Vias' is neither 'Via' nor 'v'"),
    ("\r\n sip:alice@example.com", 3, "the header field 'sip' is neither 'Via' nor 'v'"),
    ("example.com:5060", 0, "the header field 'example.com' is neither 'Via' nor 'v'"),
    ("Via: Via: SIP/2.0/UDP a", 8, "':' is not allowed in the protocol"),
    # sent-by
    ("SIP/2.0/UDP", 11, "the host is missing"),
    ("SIP/2.0/UDP ;branch=a", 12, "the host is missing"),
    ("SIP/2.0/UDP :5060", 12, "the host is missing"),
    ("SIP/2.0/UDP 2001:db8::1", 12, "an IPv6 address has to stand in brackets: '2001:db8::1'"),
    ("SIP/2.0/UDP [fe80::1%eth0]", 20, "a zone has no place in a host: 'fe80::1%eth0'"),
    ("SIP/2.0/UDP [::1", 16, "the ']' of '[::1' is missing"),
    ("SIP/2.0/UDP [::1] x", 17, "' x' has no place behind an IPv6 address"),
    ("SIP/2.0/UDP 256.1.1.1", 12, "'256.1.1.1' is no IPv4 address"),
    ("SIP/2.0/UDP sip_1.example", 15, "'_' is not allowed in a host"),
    ("SIP/2.0/UDP a b", 13, "' ' is not allowed in a host"),
    ("SIP/2.0/UDP bücher.example", 13, "convert the host 'bücher.example' to A-labels"),
    ("SIP/2.0/UDP a:", 14, "a port is a number of 1 to 65535, not ''"),
    ("SIP/2.0/UDP a : ;branch=a", 16, "a port is a number of 1 to 65535, not ''"),
    ("SIP/2.0/UDP a:0", 14, "a port is a number of 1 to 65535, not '0'"),
    ("SIP/2.0/UDP a: 65536", 15, "a port is a number of 1 to 65535, not '65536'"),
    ("SIP/2.0/UDP [::1] : x", 20, "a port is a number of 1 to 65535, not 'x'"),
    ("SIP/2.0/UDP a:5060 5061", 14, "a port is a number of 1 to 65535, not '5060 5061'"),
    # via-params
    ("SIP/2.0/UDP a;", 14, "a parameter has no name"),
    ("SIP/2.0/UDP a; ;b", 15, "a parameter has no name"),
    ("SIP/2.0/UDP a;b;,SIP/2.0/UDP c", 16, "a parameter has no name"),
    ("SIP/2.0/UDP a;=1", 14, "a parameter has no name"),
    ("SIP/2.0/UDP a;b c", 15, "' ' is not allowed in the name of a parameter"),
    ("SIP/2.0/UDP a;b:c=d", 15, "':' is not allowed in the name of a parameter"),
    ('SIP/2.0/UDP a;"b=c"', 14, "'\"' is not allowed in the name of a parameter"),
    ("SIP/2.0/UDP a;b=", 14, "the parameter 'b' has no value"),
    ("SIP/2.0/UDP a; b = ;c", 15, "the parameter 'b' has no value"),
    ("SIP/2.0/UDP a;b=c=d", 17, "'=' has to stand in a quoted string"),
    ("SIP/2.0/UDP a;b=c d", 17, "' ' has to stand in a quoted string"),
    ("SIP/2.0/UDP a;b=ü", 16, "'ü' has to stand in a quoted string"),
    ("SIP/2.0/UDP a;b=::1", 16, "':' has to stand in a quoted string"),
    ('SIP/2.0/UDP a;b=c"d"', 17, "'\"' has to stand in a quoted string"),
    ("SIP/2.0/UDP a;b=[::1", 20, "the ']' of '[::1' is missing"),
    ("SIP/2.0/UDP a;b=[::g]", 17, "'::g' is no IPv6 address"),
    # RFC 3261 §7.3.1: "any given parameter-name MUST NOT appear more than once".
    ("SIP/2.0/UDP a;b;c=1; B = 2", 21, "the parameter 'b' comes twice (RFC 3261 §7.3.1)"),
    ("SIP/2.0/UDP a;rport;rport=1", 20, "the parameter 'rport' comes twice"),
    # via-ttl, via-maddr, via-received, via-branch; response-port (RFC 3581 §5)
    ("SIP/2.0/UDP a;ttl", 14, "the parameter 'ttl' has no value"),
    ("SIP/2.0/UDP a;Maddr", 14, "the parameter 'maddr' has no value"),
    ("SIP/2.0/UDP a;received", 14, "the parameter 'received' has no value"),
    ("SIP/2.0/UDP a;branch", 14, "the parameter 'branch' has no value"),
    ("SIP/2.0/UDP a;rport=", 14, "the parameter 'rport' has no value"),
    ("SIP/2.0/UDP a;ttl=256", 18, "the parameter 'ttl' is a number of 0 to 255, not '256'"),
    ("SIP/2.0/UDP a;ttl = -1", 20, "the parameter 'ttl' is a number of 0 to 255, not '-1'"),
    ("SIP/2.0/UDP a;ttl=\u0663", 18, "the parameter 'ttl' is a number of 0 to 255"),
    ("SIP/2.0/UDP a;maddr=a_b", 21, "'_' is not allowed in a host"),
    ("SIP/2.0/UDP a;maddr=::1", 20, "an IPv6 address has to stand in brackets: '::1'"),
    ('SIP/2.0/UDP a;maddr="a"', 20, "'\"' is not allowed in a host"),
    ("SIP/2.0/UDP a;received=b.example", 23, "the parameter 'received' is an address, not"),
    ("SIP/2.0/UDP a;received=192.0.2.1:5060", 23, "the parameter 'received' is an address"),
    ("SIP/2.0/UDP a;received=[::1", 23, "the parameter 'received' is an address, not '[::1'"),
    ("SIP/2.0/UDP a;branch=a@b", 21, "the parameter 'branch' is a token, not 'a@b'"),
    ('SIP/2.0/UDP a;branch="a"', 21, "the parameter 'branch' is a token, not '\"a\"'"),
    ("SIP/2.0/UDP a;rport=0", 20, "the parameter 'rport' is a number of 1 to 65535, not '0'"),
    ("SIP/2.0/UDP a;rport=65536", 20, "the parameter 'rport' is a number of 1 to 65535"),
    # quoted-string
    ('SIP/2.0/UDP a;b="c', 16, "a quoted string is not closed"),
    ('SIP/2.0/UDP a;b="c;d,e\\" ', 16, "a quoted string is not closed"),
    ('SIP/2.0/UDP a;b="c"d', 19, "'d' has no place behind a quoted string"),
    ('SIP/2.0/UDP a;b="c" "d', 19, "' \"d' has no place behind a quoted string"),
    ('SIP/2.0/UDP a;b="\x00"', 17, "'\\x00' is not allowed in a quoted string"),
    ('SIP/2.0/UDP a;b="c\udcff"', 18, "'\\udcff' is not allowed in a quoted string"),
    ('SIP/2.0/UDP a;b="\\ü"', 17, "'\\\\' is not allowed in a quoted string"),
    ('SIP/2.0/UDP a;b="c\\', 18, "'\\\\' is not allowed in a quoted string"),
    # LWS = [*WSP CRLF] 1*WSP
    ("SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b", 14, "'\\n' is no line fold, which is CRLF and white"),
    ("SIP/2.0/UDP a\r ;b", 13, "'\\r' is no line fold"),
    ("SIP/2.0/UDP a;b\n,SIP/2.0/UDP c", 15, "'\\n' is no line fold"),
    ('SIP/2.0/UDP a;b="\r\n"', 18, "'\\n' is no line fold"),
    ("Via:\r\nSIP/2.0/UDP a", 5, "'\\n' is no line fold"),
    ("Via: \r\n\r\n SIP/2.0/UDP a", 6, "'\\n' is no line fold"),
    # HCOLON = *( SP / HTAB ) ":" SWS
    ("Via\r\n : SIP/2.0/UDP a", 3, "the version is missing"),
]


@pytest.mark.parametrize(("text", "position", "message"), VIAS)
def test_the_first_fault_of_a_via(text: str, position: int, message: str) -> None:
    assert read(text) is None
    found, said = next(via_faults(text))
    assert found == position
    assert message in said


def test_what_follows_a_fault_is_read_as_if_it_were_not_there() -> None:
    faults = list(via_faults("SIP/2.0/UDP a:0;b=c d;b;maddr=[::1]x"))
    assert [position for position, _ in faults] == [14, 19, 22, 35]


@given(vias)
@example('SIP/2.0/UDP a;b="\\"",')
def test_a_valid_via_has_no_fault(text: str) -> None:
    assert list(via_faults(text)) == []


@given(any_via_texts)
@example('SIP/2.0/UDP a;maddr="b"')
@example("SIP/2.0/UDP a;b=[::1]:")
def test_whatever_is_refused_has_a_fault_within_it(text: str) -> None:
    if read(text) is None:
        position, message = next(via_faults(text))
        assert 0 <= position <= len(text)
        assert message
