"""All that a person is shown, as data."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from simulation import Simulation, zone
from strategies import hostile_texts
from telephony import NUMBER, numbers

from sipresolve import (
    Dnssec,
    Note,
    Policy,
    Reason,
    Resolution,
    Security,
    ServiceNotOffered,
    SipUri,
)
from sipresolve.cli import plain
from sipresolve.cli.report import Report, report_of
from sipresolve.cli.sought import Sought
from sipresolve.cli.trace import Trace
from sipresolve.cli.tree import tree_of

RECORDS = """
    _sips._tcp.example.com SRV 0 0 5061 a.example.com
    _sips._tcp.example.com SRV 1 0 5061 b.example.com
    a.example.com A 192.0.2.1
    a.example.com AAAA 2001:db8::1
"""


def test_the_targets_are_a_numbered_list_with_what_a_certificate_has_to_show() -> None:
    resolution = Simulation(zone(RECORDS)).resolve("sips:example.com")
    assert report_of("sips:example.com", Trace(resolution), 0.0412) == Report(
        tree=tree_of("sips:example.com", Trace(resolution)),
        rows=[
            ("1.", "tls", "[2001:db8::1]:5061", "a.example.com", ""),
            ("2.", "tls", "192.0.2.1:5061", "a.example.com", ""),
        ],
        certificate="over TLS, the certificate has to be for example.com",  # RFC 5922 §4
        warnings=[],
        summary="2 targets, 8 questions, 41.2 ms, holds for 60 s",
    )


OF_A_NUMBER = numbers(
    '@ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com;transport=tcp!" .',
    '@ NAPTR 10 20 "u" "E2U+pstn:sip" "!^.*$!sip:b@192.0.2.9!" .',
    '@ NAPTR 10 30 "u" "E2U+sip" "!^.*$!sips:c@192.0.2.9!" .',
    "_sips._tcp.example.com SRV 0 0 5061 a.example.com",
    "a.example.com A 192.0.2.1",
)


def test_the_uris_of_a_number_are_a_numbered_list_with_their_services() -> None:
    trace = Trace(Simulation(OF_A_NUMBER).enum(NUMBER), Sought.URIS, ["e164.arpa"])
    report = report_of(NUMBER, trace, 0.0412)
    assert report.rows == (
        ("1.", "sip", "sips:a@example.com;transport=tcp"),
        ("2.", "pstn:sip", "sip:b@192.0.2.9"),
        ("3.", "sip", "sips:c@192.0.2.9"),
    )
    assert report.certificate == ""
    assert report.summary == "3 URIs, 1 question, 41.2 ms, holds for 300 s"


def test_the_targets_of_a_number_have_their_request_uris() -> None:
    trace = Trace(Simulation(OF_A_NUMBER).resolve_number(NUMBER), roots=["e164.arpa"])
    report = report_of(NUMBER, trace, 0.0)
    tls, udp = "192.0.2.1:5061", "192.0.2.9:5060"
    assert report.rows == (
        ("1.", "tls", tls, "a.example.com", "sips:a@example.com;transport=tcp"),
        ("2.", "udp", udp, "", "sip:b@192.0.2.9"),
        ("3.", "tls", "192.0.2.9:5061", "", "sips:c@192.0.2.9"),
    )
    assert report.certificate == (  # RFC 5922 §4
        "over TLS, the certificate has to be for example.com or 192.0.2.9,"
        " as each Request-URI has it"
    )
    assert report.summary.startswith("3 targets, ")


def test_the_certificate_of_a_client_is_for_the_name_in_its_via() -> None:
    resolution = Simulation({}).respond("SIP/2.0/TLS 192.0.2.1;received=192.0.2.2")
    report = report_of("", Trace(resolution), 0.0)
    assert report.certificate == "over TLS, the certificate has to be for 192.0.2.1"


def test_an_address_is_no_host_and_udp_needs_no_certificate() -> None:
    report = report_of("sip:192.0.2.1", Trace(Simulation({}).resolve("sip:192.0.2.1")), 0.0)
    assert report.rows == (("1.", "udp", "192.0.2.1:5060", "", ""),)
    assert report.certificate == ""
    assert report.summary == "1 target, 0 questions, 0.0 ms"


def test_security_is_told_where_dnssec_says_something() -> None:
    policy = Policy(dnssec=Dnssec.TRUST_AD)
    resolution = Simulation(zone(RECORDS), policy=policy).resolve("sips:example.com")
    assert resolution.security is Security.INSECURE
    report = report_of("", Trace(resolution), 0.0)
    assert {row[-1] for row in report.rows} == {"insecure (not-authenticated)"}
    assert report.summary.endswith(
        "holds for 60 s, security: insecure:"
        " the nameserver does not say that it is proven (no AD)"  # RFC 4035 §4.9.3
    )


def test_what_cannot_be_proven_for_want_of_a_trust_anchor_is_told_as_well() -> None:
    """RFC 4033 §5: "Indeterminate"."""
    reason = Reason.of("no-trust-anchor", "no trust anchor is above example.com")
    found = Simulation(zone(RECORDS)).resolve("sips:example.com")
    targets = tuple(evolve(target, reason=reason) for target in found.targets)
    report = report_of("", Trace(evolve(found, targets=targets, reason=reason)), 0.0)
    assert {row[-1] for row in report.rows} == {"indeterminate (no-trust-anchor)"}
    assert report.summary.endswith(f", security: indeterminate: {reason}")


def test_nothing_holds_for_a_time_where_nothing_was_found() -> None:
    records = zone("_sips._tcp.example.com SRV 0 0 0 .")
    with pytest.raises(ServiceNotOffered) as caught:
        Simulation(records).resolve("sips:example.com;transport=tcp")
    resolution = caught.value.resolution
    assert resolution is not None
    assert resolution.expires_in is not None
    assert "holds for" not in report_of("", Trace(resolution), 0.0).summary


def of(*notes: Note) -> Resolution:
    uri = SipUri.parse("sip:example.com")
    return Resolution(subject=uri, targets=(), security=None, notes=notes)


def test_a_warning_is_told_once_and_the_trace_is_not_told() -> None:
    resolution = of(
        Note(code="address-failed", message="a.example.com A: servfail"),
        Note(code="address-failed", message="a.example.com A: servfail"),
        Note(code="host-late", message="b.example.com A: late", warning=False),
    )
    report = report_of("sip:example.com", Trace(resolution), 0.0)
    assert report.warnings == ("a.example.com A: servfail (address-failed)",)


def test_a_warning_that_the_tree_shows_at_its_place_is_not_told_again() -> None:
    resolution = Simulation(zone(RECORDS)).resolve("sips:example.com")
    [warning] = resolution.warnings
    report = report_of("sips:example.com", Trace(resolution), 0.0)
    *_, remark = warning.message.partition(": ")
    assert remark in plain.draw(report)
    assert report.warnings == ()


@given(hostile_texts)
def test_every_text_is_safe_for_a_terminal(text: str) -> None:
    report = report_of(text, Trace(of(Note(code=text, message=text))), 0.0)
    assert all(warning.isprintable() for warning in report.warnings)
    row = Report(tree=report.tree, rows=[[text]], warnings=[], summary=text)
    assert (row.rows[0][0] + row.summary).isprintable()
