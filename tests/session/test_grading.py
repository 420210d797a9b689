"""What the AD bit, and the extended errors of a nameserver that is trusted, make of an answer."""

from __future__ import annotations

import pytest
from simulation import Simulation, answer, question, zone

from sipresolve.session.grading import graded
from sipresolve.vocabulary.errors import Bogus, DnsFailure, SipResolveError
from sipresolve.vocabulary.policy import Dnssec, NaptrFailure, Policy
from sipresolve.vocabulary.reasons import NOT_CHECKED, ExtendedError, Reason
from sipresolve.vocabulary.records import Answer, Security, Source, Status

NAME = "example.com NAPTR"
EXTRA = (answer("a.example.com A", "192.0.2.1"),)

#: RFC 8914 §4.7, and one that says nothing of DNSSEC (§4.23).
OF_DNSSEC, OF_THE_NETWORK = ExtendedError(6, "no signature"), ExtendedError(22)


@pytest.mark.parametrize(
    ("given", "security", "code"),
    [
        # RFC 4035 §3.2.3: the AD bit says that all of the answer is proven, absences among it.
        (answer(NAME, authenticated=True), Security.SECURE, "authenticated-data"),
        (
            answer(NAME, Status.NXDOMAIN, authenticated=True),
            Security.SECURE,
            "authenticated-data",
        ),
        # RFC 4035 §4.9.3: without it, nothing is known to be.
        (answer(NAME), Security.INSECURE, "not-authenticated"),
        (answer(NAME, Status.NODATA), Security.INSECURE, "not-authenticated"),
        # No nameserver has seen these.
        (answer(NAME, source=Source.HOSTS), Security.INSECURE, "local-data"),
        (answer(NAME, source=Source.ZONE), Security.INSECURE, "local-data"),
        # RFC 4035 §4.3, "Indeterminate": the answer could not be had.
        (answer(NAME, Status.TIMEOUT), Security.INDETERMINATE, "not-answered"),
        (answer(NAME, Status.SERVFAIL), Security.INDETERMINATE, "not-answered"),
        (
            answer(NAME, Status.SERVFAIL, extended_errors=(OF_THE_NETWORK,)),
            Security.INDETERMINATE,
            "not-answered",
        ),
        # RFC 8914 §2: it may stand beside any response code, and then it is no failure.
        (answer(NAME, extended_errors=(OF_DNSSEC,)), Security.INSECURE, "not-authenticated"),
        (
            answer(NAME, Status.REFUSED, extended_errors=(OF_DNSSEC,)),
            Security.INDETERMINATE,
            "not-answered",
        ),
    ],
)
def test_how_far_an_answer_is_proven(given: Answer, security: Security, code: str) -> None:
    made = graded(given)
    assert (made.security, made.reason.code) == (security, code)
    assert (made.status, made.records, made.ttl) == (given.status, given.records, given.ttl)


@pytest.mark.parametrize(
    "given",
    [
        answer(NAME, authenticated=True, additional=EXTRA),
        answer(NAME, additional=EXTRA),
        answer(NAME, Status.SERVFAIL, additional=EXTRA),
        answer(NAME, Status.SERVFAIL, additional=EXTRA, extended_errors=(OF_DNSSEC,)),
    ],
)
def test_the_bit_says_nothing_of_the_additional_section(given: Answer) -> None:
    assert graded(given).additional == ()  # RFC 4035 §3.2.3


def test_servfail_with_an_extended_error_of_dnssec_is_bogus() -> None:
    """RFC 8914 §4.7: "The resolver attempted to perform DNSSEC validation"."""
    given = answer(NAME, Status.SERVFAIL, extended_errors=(OF_THE_NETWORK, OF_DNSSEC))
    made = graded(given)
    said = "extended error 6 (DNSSEC Bogus): no signature"
    assert (made.status, made.security) == (Status.BOGUS, Security.BOGUS)
    assert made.reason == Reason(
        "resolver-says-bogus", f"example.com NAPTR: the nameserver says: {said}"
    )
    assert made.detail == said


def test_what_is_known_of_the_failure_is_kept() -> None:
    said = "192.0.2.53:53: SERVFAIL: extended error 6"
    given = answer(NAME, Status.SERVFAIL, extended_errors=(OF_DNSSEC,), detail=said)
    assert graded(given).detail == said
    failed = graded(answer(NAME, Status.SERVFAIL, detail=said))
    assert str(failed.reason) == f"example.com NAPTR was not answered: {said}"


def test_what_a_backend_found_forged_is_left_as_it_is() -> None:
    given = answer(NAME, Status.BOGUS, security=Security.BOGUS, reason=Reason("own", "its own"))
    assert graded(given) == given


# --- What becomes of a resolution

RECORDS = zone("""
    _sip._udp.example.com SRV 0 0 5060 a.example.com
    a.example.com A 192.0.2.1
""")
SAID = "192.0.2.53:53: SERVFAIL: extended error 6 (DNSSEC Bogus)"
FORGED = {question(NAME): answer(NAME, Status.SERVFAIL, extended_errors=(OF_DNSSEC,), detail=SAID)}


def failure(policy: Policy) -> SipResolveError:
    with pytest.raises(SipResolveError) as caught:
        Simulation({**RECORDS, **FORGED}, policy=policy).resolve("sip:example.com")
    return caught.value


@pytest.mark.parametrize("on_failure", NaptrFailure)
def test_where_the_nameserver_is_trusted_a_forgery_never_leads_on_to_srv(
    on_failure: NaptrFailure,
) -> None:
    error = failure(Policy(dnssec=Dnssec.TRUST_AD, on_naptr_failure=on_failure))
    assert isinstance(error, Bogus)
    assert error.resolution is not None
    assert error.resolution.targets == ()
    assert error.resolution.security is Security.BOGUS
    assert SAID in error.message


def test_where_it_is_not_trusted_it_is_a_failure_that_shows_the_extended_error() -> None:
    error = failure(Policy(on_naptr_failure=NaptrFailure.FAIL))
    assert isinstance(error, DnsFailure)
    assert SAID in error.message
    assert [each.reason for each in error.answers] == [NOT_CHECKED]


def test_and_a_failure_may_lead_on_to_srv() -> None:
    found = Simulation({**RECORDS, **FORGED}).resolve("sip:example.com")
    assert [*map(str, found.targets)] == ["udp 192.0.2.1:5060"]
    [warning] = found.warnings
    assert (warning.code, SAID in warning.message) == ("naptr-failed", True)
