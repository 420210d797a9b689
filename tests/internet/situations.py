"""All zones of the internet, and all situations on it."""

from __future__ import annotations

from typing import Final

from internet import chains, denied, forged, not_signed, proven

__all__ = ["ANCHORED", "SITUATIONS", "ZONES"]

_THEMES: Final = (proven, chains, forged, denied, not_signed)

#: Every zone.
ZONES: Final = tuple(zone for theme in _THEMES for zone in theme.ZONES)

#: The zones whose keys are known from the start.
ANCHORED: Final = (".", "anchored.unsigned.example")

#: Every situation.
SITUATIONS: Final = tuple(situation for theme in _THEMES for situation in theme.SITUATIONS)
