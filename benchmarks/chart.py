"""Draws what `cold`, `cached` and `dead` have measured as one picture for the documentation.

    python benchmarks/chart.py build/benchmarks docs/explanation/performance.svg

It is plain SVG. The background is that of the page, and every colour stands out from white and from
black alike.
"""

from __future__ import annotations

import json
import sys
from html import escape
from math import log10
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from tables import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["main"]

_OURS: Final = "Resolver"

# --- Measures, in pixels

_WIDTH: Final = 780
_NAMES: Final = 180  # the width of the column of names
_FIGURES: Final = 250  # that of the figures behind the bars
_BARS: Final = _WIDTH - _NAMES - _FIGURES
_ROW: Final = 22
_BAR: Final = 14
_TITLE: Final = 52
_GAP: Final = 18

# --- Colours

_TEXT: Final = "#757b84"
_OUR_COLOUR: Final = "#2f7fd6"
_PEER_COLOUR: Final = "#9097a1"

_STYLE: Final = f"""\
text {{ font-family: system-ui, sans-serif; font-size: 13px; fill: {_TEXT}; }}
.title {{ font-size: 15px; font-weight: 600; }}
.ours {{ fill: {_OUR_COLOUR}; }}
.peer {{ fill: {_PEER_COLOUR}; }}
text.ours {{ font-weight: 600; }}"""


@frozen
class Bar:
    """One contender in one panel.

    Attributes:
        name: Who it is.
        value: What was measured.
        shown: The same, as text.
    """

    name: str
    value: float
    shown: str

    @property
    def is_ours(self) -> bool:
        """Whether it is this library."""
        return _OURS in self.name


@frozen
class Panel:
    """Some contenders side by side.

    Attributes:
        title: What was measured.
        note: What is to be known of it.
        bars: The contenders, this library first.
    """

    title: str
    note: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        """What it takes, in pixels."""
        return _TITLE + _ROW * len(self.bars) + _GAP


def main() -> None:
    """Draw what there is in a folder."""
    folder, output = map(Path, sys.argv[1:])
    documents = {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("cold", "cached", "dead")
    }
    panels = (
        _cold(documents["cold"]),
        _cached(documents["cached"], "all", "All is cached: all 24 targets"),
        _cached(documents["cached"], "first", "All is cached: the first target"),
        _dead(documents["dead"]),
    )
    output.write_text("\n".join(_picture(panels)) + "\n")


# --- What is shown


def _cold(document: Mapping[str, Any]) -> Panel:
    bars = [
        Bar(
            _name(result, "Kamailio"),
            median(result["ms"]),
            f"{median(result['ms']):.0f} ms, {median(result['round_trips']):.0f} round trips",
        )
        for result in document["results"]
        if result["scenario"] == "full" and not result["additional"]
    ]
    note = f"three SRV sets of four hosts, the nameserver {document['delay_ms']:.0f} ms away"
    return Panel("Nothing is cached: all 24 targets", note, _in_order(bars))


def _cached(document: Mapping[str, Any], wanted: str, title: str) -> Panel:
    bars = [
        Bar(result["contender"], max(took, _LEAST), f"{took:.1f} µs")
        for result in document["results"]
        if result["workload"] == "24 targets" and result["wanted"] == wanted
        for took in [median(result["us"])]
    ]
    return Panel(title, "no query leaves, logarithmic scale", _in_order(bars))


#: What is measured as a difference may come out as nothing, in microseconds.
_LEAST: Final = 0.1


def _dead(document: Mapping[str, Any]) -> Panel:
    limit = document["limit_ms"]
    bars = [
        Bar(_name(result, "Kamailio"), slow, f"{'> ' if slow >= limit else ''}{slow:,.0f} ms")
        for result in document["results"]
        if result["case"] == "the first is dead"
        for slow in [share(result["ms"], 0.99)]
    ]
    note = "99 of 100 resolutions take no longer, logarithmic scale"
    return Panel("The first of two nameservers is dead", note, _in_order(bars))


def _in_order(bars: Iterable[Bar]) -> list[Bar]:
    """This library first, then the others, the quickest first."""
    return sorted(bars, key=lambda bar: (not bar.is_ours, 0 if bar.is_ours else bar.value))


def _name(result: Mapping[str, Any], first_only: str) -> str:
    who = str(result["contender"])
    return f"{who}, the first" if who == first_only else who


# --- How it is drawn


def _picture(panels: Sequence[Panel]) -> Iterator[str]:
    height = sum(panel.height for panel in panels)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}" role="img">'
    )
    yield "<title>What a resolution takes, beside others</title>"
    yield f"<style>\n{_STYLE}\n</style>"
    top = 0
    for panel in panels:
        yield from _panel(panel, top)
        top += panel.height
    yield "</svg>"


def _panel(panel: Panel, top: int) -> Iterator[str]:
    yield _text(0, top + 20, panel.title, kind="title")
    yield _text(0, top + 38, panel.note)
    lengths = _lengths([bar.value for bar in panel.bars], logarithmic="logarithmic" in panel.note)
    ours = next(bar.value for bar in panel.bars if bar.name == _OURS)
    for number, (bar, length) in enumerate(zip(panel.bars, lengths, strict=True)):
        yield from _bar(bar, length, bar.value / ours, top + _TITLE + _ROW * number)


def _lengths(values: Sequence[float], *, logarithmic: bool) -> Iterable[float]:
    """How long bars are; a logarithmic scale begins a little below the least."""
    greatest = max(values)
    if not logarithmic:
        return [_BARS * value / greatest for value in values]
    least = min(values) / 2
    return [_BARS * log10(value / least) / log10(greatest / least) for value in values]


def _bar(bar: Bar, length: float, ratio: float, top: int) -> Iterator[str]:
    kind, base = ("ours" if bar.is_ours else "peer"), top + _BAR - 3
    yield _text(_NAMES - 10, base, bar.name, kind="ours" if bar.is_ours else "", anchor="end")
    yield (
        f'<rect class="{kind}" x="{_NAMES}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2"/>'
    )
    shown = bar.shown if bar.name == _OURS else f"{bar.shown}, {_ratio(ratio)} times"
    yield _text(_NAMES + length + 8, base, shown)


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 0.95 else f"{ratio:.2f}"


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    chosen = f' class="{kind}"' if kind else ""
    return f'<text{chosen} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
