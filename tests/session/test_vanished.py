"""RFC 3263 §7: where SIPS was among the NAPTR records and "in later queries cease[s] to appear"."""

from __future__ import annotations

import pytest
from simulation import answer

from sipresolve.session.vanished import SipsMemory
from sipresolve.vocabulary.records import Answer, Source, Status
from sipresolve.vocabulary.targets import Note

SIPS = '10 10 "s" "SIPS+D2T" "" _sips._tcp.example.com'
UDP = '20 10 "s" "SIP+D2U" "" _sip._udp.example.com'
ENUM = '10 10 "u" "E2U+sip" "!^.*$!sips:a@example.com!" .'


def naptr(*data: str | Status, domain: str = "example.com", **more: object) -> Answer:
    return answer(f"{domain} NAPTR", *data, **more)  # type: ignore[arg-type]


WITH, WITHOUT = naptr(SIPS, UDP), naptr(UDP)
WARNING = Note(
    code="sips-naptr-vanished",
    message="example.com had SIPS among its NAPTR records, and has it no more (RFC 3263 §7)",
    question=WITH.question,
)


@pytest.mark.parametrize(
    ("before", "now", "warns"),
    [
        (WITH, WITHOUT, True),
        (WITH, naptr(Status.NODATA), True),
        (WITH, naptr(Status.NXDOMAIN), True),
        (WITH, naptr(ENUM), True),
        (WITH, WITH, False),
        # one of several is enough: "whether or not its NAPTR records contain SIPS"
        (naptr(SIPS, SIPS.replace("D2T", "D2S"), UDP), naptr(SIPS.replace("D2T", "D2S")), False),
        # RFC 3403 §4.1: in either case
        (naptr(SIPS.replace("SIPS", "sips")), WITHOUT, True),
        (WITH, naptr(SIPS.replace("SIPS+D2T", "Sips+d2w")), False),
        # never there
        (WITHOUT, WITHOUT, False),
        (naptr(ENUM), naptr(Status.NODATA), False),
        (naptr(UDP.replace("SIP+D2U", "SIPS")), WITHOUT, False),
        (naptr(SIPS, domain="example.net"), WITHOUT, False),
        # what says nothing: a failure, what is stale, what is left out, another type
        *((WITH, naptr(status), False) for status in Status if status.is_failure),
        (WITH, naptr(UDP, source=Source.STALE), False),
        (WITH, naptr(UDP, left_out=1), False),
        (naptr(SIPS, source=Source.STALE), WITHOUT, False),
        (naptr(SIPS, left_out=1), WITHOUT, True),
        (WITH, answer("example.com SRV", "1 1 5060 sip.example.com"), False),
        # a cache says again what was said
        (WITH, naptr(UDP, source=Source.CACHE), True),
    ],
)
def test_whether_sips_vanished(before: Answer, now: Answer, warns: bool) -> None:
    memory = SipsMemory()
    assert memory.vanished(before) is None
    assert memory.vanished(now) == (WARNING if warns else None)


def test_the_warning_lasts_until_it_is_back() -> None:
    memory = SipsMemory()
    said = [memory.vanished(each) for each in (WITH, WITHOUT, WITHOUT, WITH, WITH, WITHOUT)]
    assert said == [None, WARNING, WARNING, None, None, WARNING]


@pytest.mark.parametrize("domain", ["example.com", None])
def test_what_was_given_up_can_be_forgotten(domain: str | None) -> None:
    memory = SipsMemory()
    memory.vanished(WITH)
    memory.forget("example.net")
    assert memory.vanished(WITHOUT) == WARNING
    memory.forget(domain)
    assert memory.vanished(WITHOUT) is None


def test_the_least_recently_seen_domain_goes_first() -> None:
    memory = SipsMemory(limit=2)

    def warns(letter: str, *data: str) -> bool:
        return memory.vanished(naptr(*data, domain=f"{letter}.example")) is not None

    warns("a", SIPS)
    warns("b", SIPS)
    assert warns("a", UDP)
    warns("c", SIPS)
    assert [warns(letter, UDP) for letter in "abc"] == [True, False, True]


def test_memory_is_bounded() -> None:
    memory = SipsMemory(limit=3)
    for n in range(10):
        memory.vanished(naptr(SIPS, domain=f"{n}.example"))
    assert [*memory._domains] == ["7.example", "8.example", "9.example"]
