"""The scenarios of scenarios/*.toml: what is resolved in their zones, and what comes of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen
from groups import check_groups

from sipresolve.vocabulary.errors import SipResolveError
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.transports import SCTP, TCP, TLS, TLS_SCTP, UDP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sipresolve.vocabulary.mapped import MappedUri
    from sipresolve.vocabulary.targets import Resolution, Target

__all__ = ["SCENARIOS", "ZONES", "Scenario", "check", "named", "written"]

FOLDER: Final = Path(__file__).parent / "scenarios"

#: The client of the grid.
GRID_POLICY: Final = Policy(transports=(UDP, TCP, TLS, SCTP, TLS_SCTP))

#: The zone files, by the name of their zone.
ZONES: Final = {path.stem: path for path in sorted(FOLDER.glob("*.zone"))}


@frozen(kw_only=True)
class Scenario:
    """A scenario as scenarios.toml describes it; a key that is not named there is refused."""

    id: str
    why: str
    uri: str = ""
    via: str = ""
    number: str = ""
    size: int | None = None
    mtu: int | None = None
    request_uri: str | None = None
    policy: Policy = field(factory=Policy)
    seed: int = 1
    targets: Sequence[Sequence[str]] = ()
    uris: Sequence[str] = ()
    more: int = 0
    each: Mapping[str, object] = field(factory=dict)
    error: str | None = None
    behind_a_resolver: str | None = None
    warnings: Sequence[str] = ()

    def __str__(self) -> str:
        return self.id

    @property
    def request(self) -> dict[str, Any]:
        """What is said of the request, by the keywords of a resolver."""
        return {"size": self.size, "mtu": self.mtu, "request_uri": self.request_uri}


def check(
    scenario: Scenario, outcome: Resolution | SipResolveError, *, behind_a_resolver: bool = False
) -> None:
    """Compare what came of a scenario with what has to.

    Args:
        scenario: What was resolved.
        outcome: What was returned, or raised.
        behind_a_resolver: Whether answers came from a resolver, which follows aliases itself.
    """
    if isinstance(outcome, SipResolveError):
        error = (behind_a_resolver and scenario.behind_a_resolver) or scenario.error
        assert outcome.code == error, f"wanted {error or scenario.targets}, got {outcome!r}"
        if outcome.resolution is not None:
            _check_warnings(scenario, outcome.resolution)
    else:
        assert scenario.error is None, f"wanted {scenario.error}, got {outcome.targets}"
        _check_resolution(scenario, outcome)


def _check_resolution(scenario: Scenario, resolution: Resolution) -> None:
    got = [written(target) for target in resolution.targets]
    written_out = len(got) - scenario.more
    check_groups(scenario.targets, got[:written_out])
    assert [named(mapped) for mapped in resolution.uris] == [*scenario.uris]
    for target in resolution.targets:
        fields = {name: getattr(target, name) for name in scenario.each}
        assert fields == scenario.each, f"wanted {scenario.each}, got {target!r}"
    _check_warnings(scenario, resolution)


def _check_warnings(scenario: Scenario, resolution: Resolution) -> None:
    codes = {note.code for note in resolution.warnings}
    assert codes >= set(scenario.warnings), f"wanted {scenario.warnings}, got {codes}"


def written(target: Target) -> str:
    """A target as scenarios.toml has it."""
    place = f"{target.transport} {target.address} {target.port}"
    return f"{place} after-refusal" if target.only_after_refusal else place


def named(mapped: MappedUri) -> str:
    """A URI that a number leads to, as enum.toml has it."""
    return f"{mapped.service} {mapped.uri}"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _scenarios(name: str) -> Iterator[Scenario]:
    for table in _read(name)["scenario"]:
        policy = Policy(**table.pop("policy", {}))
        yield Scenario(policy=policy, **table)


def _grid() -> Iterator[Scenario]:
    for row in _read("grid.toml")["row"]:
        uri = row.pop("uri")
        for domain, cell in row.items():
            outcome = {"error": cell} if isinstance(cell, str) else {"targets": [[t] for t in cell]}
            yield Scenario(
                id=f"grid-{domain}-{uri.format('')}",
                why="RFC 3263 §4",
                uri=uri.format(f"{domain}.example.org"),
                policy=GRID_POLICY,
                **outcome,
            )


SCENARIOS: Final = (*_scenarios("scenarios.toml"), *_grid(), *_scenarios("enum.toml"))
