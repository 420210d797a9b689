"""What is said where nothing was found, and some answers are no plain absence."""

from __future__ import annotations

import pytest
from simulation import question

from sipresolve.procedures.verdicts import address_refused, bogus, code_of, failure, unproven
from sipresolve.vocabulary.errors import (
    AddressRefused,
    Bogus,
    BudgetExceeded,
    Busy,
    DnsFailure,
    DnsTimeout,
    Loop,
    NameRefused,
    NotSecure,
    SipResolveError,
    TooManyNames,
)
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Security, Status

SERVFAIL, REFUSED, FORMERR, NOTIMP = Status.SERVFAIL, Status.REFUSED, Status.FORMERR, Status.NOTIMP
TIMEOUT, UNASKED = Status.TIMEOUT, Status.UNASKED
NAME_REFUSED, TOO_MANY_NAMES, BUSY = Status.NAME_REFUSED, Status.TOO_MANY_NAMES, Status.BUSY
POLICY = Policy(budget=7)


def of(status: Status, name: str = "example.com", **more: object) -> Answer:
    return Answer(question=question(f"{name} NAPTR"), status=status, **more)  # type: ignore[arg-type]


LOOP = of(SERVFAIL, "loop.example", loop=True)


@pytest.mark.parametrize(
    ("statuses", "error"),
    [
        *(([status], DnsFailure) for status in (SERVFAIL, REFUSED, FORMERR, NOTIMP)),
        ([TIMEOUT], DnsTimeout),
        ([UNASKED], BudgetExceeded),
        # what the DNS said outranks that it was silent, and both that it was not asked
        ([TIMEOUT, SERVFAIL], DnsFailure),
        ([UNASKED, TIMEOUT], DnsTimeout),
        ([UNASKED, REFUSED], DnsFailure),
        ([Status.NXDOMAIN, TIMEOUT, Status.OK], DnsTimeout),
        # a refusal of our own outranks all that was said or not said
        ([NAME_REFUSED], NameRefused),
        ([TOO_MANY_NAMES], TooManyNames),
        ([BUSY], Busy),
        ([SERVFAIL, TIMEOUT, UNASKED, BUSY, Status.NXDOMAIN], Busy),
        ([BUSY, TOO_MANY_NAMES], TooManyNames),
        ([TOO_MANY_NAMES, NAME_REFUSED], NameRefused),
        # absence is no failure, and a forgery is another matter
        ([Status.NXDOMAIN, Status.NODATA, Status.OK, Status.BOGUS], None),
        ([], None),
    ],
)
def test_what_was_not_answered(statuses: list[Status], error: type[SipResolveError] | None) -> None:
    said = failure(tuple(map(of, statuses)), POLICY)
    assert (None if said is None else type(said)) is error


@pytest.mark.parametrize(
    ("others", "error"),
    [
        ([], Loop),
        ([UNASKED], Loop),
        ([TIMEOUT], DnsTimeout),
        ([NOTIMP], DnsFailure),
        ([Status.NXDOMAIN], Loop),
    ],
)
def test_aliases_that_never_end_are_no_failure_of_a_server(
    others: list[Status], error: type[SipResolveError]
) -> None:
    assert type(failure((LOOP, *map(of, others)), POLICY)) is error


def test_what_may_be_forged() -> None:
    forged = of(Status.BOGUS)
    said = bogus((of(SERVFAIL), forged))
    assert isinstance(said, Bogus)
    assert said.answers == (forged,)
    assert said.message == "example.com NAPTR: bogus: DNSSEC validation failed"
    assert bogus((of(SERVFAIL), of(Status.NXDOMAIN))) is None


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("required", [True, False])
def test_absence_that_has_to_be_proven(security: Security, *, required: bool) -> None:
    """RFC 4035 §5.4: an authenticated denial of existence."""
    answers = (of(Status.NXDOMAIN, security=Security.SECURE), of(Status.NODATA, security=security))
    said = unproven(answers, Policy(require_secure=required))
    if required and security is not Security.SECURE:
        assert isinstance(said, NotSecure)
        assert said.answers == answers[1:]
    else:
        assert said is None


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([of(SERVFAIL)], "the DNS did not say: example.com NAPTR: servfail"),
        ([of(SERVFAIL, detail="REFUSED by 192.0.2.53")],
         "the DNS did not say: example.com NAPTR: REFUSED by 192.0.2.53"),
        ([of(SERVFAIL), of(REFUSED, "b.example")],
         "the DNS did not say: example.com NAPTR: servfail; b.example NAPTR: refused"),
        ([of(SERVFAIL)] * 5, "servfail; example.com NAPTR: servfail; and 2 more"),
        ([of(TIMEOUT)], "no nameserver answered: example.com NAPTR: timeout"),
        ([LOOP], "aliases never end: loop.example NAPTR: servfail"),
        ([of(NAME_REFUSED, detail="not asked")], "example.com NAPTR: not asked"),
        ([of(BUSY), of(BUSY, "b.example")], "example.com NAPTR: busy"),
        ([of(UNASKED), of(UNASKED, "b.example")],
         "the budget of 7 questions was spent before example.com NAPTR"),
    ],
)  # fmt: skip
def test_what_is_said_for_a_person(answers: list[Answer], message: str) -> None:
    said = failure(tuple(answers), POLICY)
    assert said is not None
    assert said.message.endswith(message)
    assert said.answers == tuple(answers)


def test_what_is_not_proven_is_named() -> None:
    doubtful = tuple(of(Status.NXDOMAIN, name) for name in ("a.example", "b.example"))
    said = unproven(doubtful, Policy(require_secure=True))
    assert said is not None
    assert said.message == (
        "a.example NAPTR: nxdomain is not proven by DNSSEC, and the policy requires it:"
        " nothing was checked: the policy ignores DNSSEC"
    )


def test_what_is_said_where_no_address_is_allowed() -> None:
    found = (of(Status.OK),)
    places = tuple(f"udp 10.0.0.{n}:5060" for n in range(1, 6))
    said = address_refused("example.com", places[:1], found)
    assert isinstance(said, AddressRefused)
    assert said.answers == found
    assert said.message == "example.com: the policy does not allow udp 10.0.0.1:5060"
    assert address_refused("example.com", places, found).message == (
        "example.com: the policy does not allow udp 10.0.0.1:5060; udp 10.0.0.2:5060;"
        " udp 10.0.0.3:5060; and 2 more"
    )


@pytest.mark.parametrize("status", [status for status in Status if status.is_failure])
def test_a_warning_says_what_refused_the_question(status: Status) -> None:
    expected = {
        UNASKED: "budget-exceeded",
        NAME_REFUSED: "name-refused",
        TOO_MANY_NAMES: "too-many-names",
        BUSY: "busy",
    }.get(status, "srv-failed")
    assert code_of(of(status), otherwise="srv-failed") == expected
    assert (expected == "srv-failed") == status.was_asked
