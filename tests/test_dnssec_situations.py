"""DNSSEC on an internet of real servers: this library says what Unbound and delv say.

Where one of them says something else, the situation names the clause that explains it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest
from internet.judges import delv, ours, proven, resolver, unbound
from internet.servers import Internet, internet
from internet.situation import Situation
from internet.situations import SITUATIONS

from sipresolve import SipResolveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from internet.judges import Verdict

    from sipresolve.vocabulary.records import Security

JUDGES: Final = {"unbound", "delv", "ours"}
LEAST: Final = 60


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    with internet(tmp_path_factory.mktemp("internet")) as running:
        yield running


def expected_of(judge: str, situation: Situation) -> tuple[tuple[Security, ...], str]:
    return situation.differing.get(judge, ((situation.state,), situation.clause))


def judged_by(judge: str) -> list[Situation]:
    """The situations of which a judge says something."""
    return [each for each in SITUATIONS if expected_of(judge, each)[0]]


def check(judge: str, situation: Situation, verdict: Verdict) -> None:
    states, why = expected_of(judge, situation)
    assert verdict.state in states, f"{situation.question}: {why}: {verdict.words}"


@pytest.mark.parametrize("situation", judged_by("ours"), ids=str)
def test_we_say(net: Internet, situation: Situation) -> None:
    verdict = ours(net, situation.asked, situation.anchor)
    check("ours", situation, verdict)
    # No greater than what was received and what was signed (RFC 4035 §5.3.3).
    assert verdict.ttl is None or verdict.ttl <= situation.ttl
    assert situation.error in {None, verdict.error}, verdict.words


@pytest.mark.parametrize("situation", judged_by("unbound"), ids=str)
def test_unbound_says(net: Internet, situation: Situation) -> None:
    check("unbound", situation, unbound(net, situation.asked))


@pytest.mark.parametrize("situation", judged_by("delv"), ids=str)
def test_delv_says(net: Internet, situation: Situation) -> None:
    check("delv", situation, delv(net, situation.asked, situation.anchor))


def test_we_say_the_same_when_all_keys_are_known_already(net: Internet) -> None:
    of_the_root = [each for each in judged_by("ours") if each.anchor == "."]
    with resolver(net) as one:
        for situation in [*of_the_root, *reversed(of_the_root)]:
            check("ours", situation, proven(one, situation.asked))


def test_we_say_the_same_when_all_are_asked_at_once(net: Internet) -> None:
    of_the_root = [each for each in judged_by("ours") if each.anchor == "."]
    with resolver(net) as one, ThreadPoolExecutor(16) as threads:
        verdicts = threads.map(lambda situation: proven(one, situation.asked), of_the_root)
        for situation, verdict in zip(of_the_root, verdicts, strict=True):
            check("ours", situation, verdict)


#: A domain, and what a resolution of it says of itself, or the error: the weakest answer wins.
RESOLUTIONS: Final = {
    "algorithm13.example": "secure",
    "e.d.c.b.deep.example": "secure",
    "x.any.nsec.example": "secure",  # by the absence of NAPTR and SRV records, and a wildcard
    "mixed-case.example": "secure",
    "unsigned.example": "insecure",
    "unsigned.net": "insecure",
    "island.example": "insecure",
    "to-unsigned.aliases.example": "insecure",
    "gw.optout.org": "insecure",  # opt-out leaves open whether there is _sip._udp.gw.optout.org
    "naptr-altered.example": "bogus",
    "srv-altered.example": "bogus",
    "no.nsec-stripped.example": "bogus",
    "no.nsec.example": "no-such-domain",
}


@pytest.mark.parametrize(("domain", "state"), RESOLUTIONS.items())
def test_a_resolution_says_how_far_it_is_proven(net: Internet, domain: str, state: str) -> None:
    assert outcome(net, domain) == state


@pytest.mark.parametrize(("domain", "state"), RESOLUTIONS.items())
def test_what_has_to_be_secure_is_secure_or_an_error(
    net: Internet, domain: str, state: str
) -> None:
    expected = "not-secure" if state == "insecure" else state
    assert outcome(net, domain, require_secure=True) == expected


def outcome(net: Internet, domain: str, **policy: Any) -> str:
    with resolver(net, **policy) as one:
        try:
            resolution = one.resolve(f"sip:{domain}")
        except SipResolveError as error:
            return error.code
    assert {target.security for target in resolution.targets} == {resolution.security}
    return str(resolution.security)


def test_there_are_many_situations_each_with_its_state() -> None:
    assert len({each.question for each in SITUATIONS}) == len(SITUATIONS) >= LEAST
    assert len({each.name for each in SITUATIONS}) == len(SITUATIONS)
    assert all(JUDGES - each.differing.keys() for each in SITUATIONS)
