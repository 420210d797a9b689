"""What a person is told where nothing was found."""

from __future__ import annotations

import pytest
from simulation import answer

from sipresolve import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    InvalidUri,
    Loop,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    ServiceNotOffered,
    SipResolveError,
    SipUri,
    Source,
    Status,
    UnsupportedTransport,
)
from sipresolve.cli.advice import complaint


@pytest.mark.parametrize(
    ("error", "second_line"),
    [
        (NoSuchDomain("it"), "Check how the domain is spelt."),
        (
            NoTargets("it"),
            "Its owner has to publish addresses, of the families that the client has.",
        ),
        (DnsFailure("it"), "Ask again later, or ask another nameserver, with --nameserver."),
        (
            DnsFailure("it", answers=(answer("x A", Status.REFUSED, source=Source.ZONE),)),
            "The zone files have to hold these names; each file is given with --zone.",
        ),
        (
            DnsTimeout("it"),
            "Try more time, with --timeout, or another nameserver, with --nameserver.",
        ),
        (Loop("it"), "The owner of the zone has to mend its aliases (CNAME and DNAME records)."),
        (
            NotSecure("it"),
            "Ask a validating nameserver, with --trust-ad, or leave out --require-secure.",
        ),
        (BudgetExceeded("it"), "With --no-speculation only what is needed is asked."),
        (
            UnsupportedTransport("it", offered=("SIPS+D2W", "SIP+D2S", "SIP+D2X")),
            "If the client has it, ask with --transports sctp,wss.",
        ),
        (UnsupportedTransport("it", offered=("SIP+D2X",)), None),
        (UnsupportedTransport("it", from_input=True), None),
        (ServiceNotOffered("it"), None),
        (Bogus("it"), None),
    ],
)
def test_the_error_and_what_may_help(error: SipResolveError, second_line: str | None) -> None:
    lines = [f"sipresolve: it ({error.code})", *([second_line] if second_line else [])]
    assert complaint(error) == "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("sip:a b", ["  sip:a b", "       ^"]),
        ("sip:a\x1b[1m b", ["  sip:a\\x1b[1m b", "       ^"]),
        ("sip:\x1b\x1bü", ["  sip:\\x1b\\x1bü", "      ^"]),
        ("", []),
        (f"sip:{'a' * 200} ", []),
    ],
)
def test_the_fault_of_a_uri_is_pointed_at_where_there_is_room(
    text: str, pointer: list[str]
) -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse(text)
    assert complaint(caught.value).splitlines()[1:] == pointer


def test_nothing_in_an_error_reaches_the_terminal_raw() -> None:
    for error in (
        NoSuchDomain("\x1b[2J"),
        InvalidUri("\x1b[2J", text="\x1b[2J", position=1),
        UnsupportedTransport("\x1b[2J", offered=("\x1b[2J",)),
    ):
        assert all(line.isprintable() for line in complaint(error).split("\n"))
