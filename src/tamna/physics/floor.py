"""The system's floor and what the island counts, learned from other years for a year that is to be judged.

A year's floor is the one under which its own hours of output, demand and weather are likeliest; nothing
published enters it. How much more the island counts than the series shows comes from published energy, or
from another base that covers all farms. Between such years both run along a line. The year that an
estimate is judged on gives none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar

from tamna.physics.curtailment import Hours, SystemFloor, estimate, evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOWEST_MW, HIGHEST_MW = 60.0, 480.0
NEAR_MW = 4.0
LEAST_WANDER_MW = 25.0
"""Two years' floors may agree by chance; one 40 MW unit more or less at its minimum moves a floor by this."""
ENOUGH_MWH = 1_000.0
"""Estimated energy below this says nothing about what the island counts. [MWh]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A span of hours to learn from, and what is known of what the island counts.

    Attributes
    ----------
    hours
        The span.
    published_mwh
        Energy published as held back in it, or None. [MWh]
    counted
        Output of all farms per output in the series, from another base, or None. [-]
    judged
        Whether this is the span that will be judged: what its output is of another base counts, and none of
        its hours teach.
    """

    hours: Hours
    published_mwh: float | None = None
    counted: float | None = None
    judged: bool = False


def learn_floor(anchors: Sequence[Anchor], start: SystemFloor | None = None) -> SystemFloor:
    """Learn the floor from the hours of several spans, and from how far they lie apart its wandering.

    Of two hints at what the island counts published energy decides; a span without one takes the nearest
    hint along the line; without any the series is all there is.

    Parameters
    ----------
    anchors
        Spans of consecutive hours.
    start
        Whose width, memory and tail to keep.
    """
    spans = sorted(anchors, key=lambda a: a.hours.stamps[0])
    days = np.array([s for a in spans for s in a.hours.stamps[[0, -1]]], dtype="datetime64[s]")
    levels = [None if a.judged else _level(a.hours, start) for a in spans]
    hints = [_counted(a, level, start) for a, level in zip(spans, levels, strict=True)]
    mw = _filled(days, levels)
    if mw is None:
        raise ValueError("nothing to learn a floor from")
    known = [x for x in levels if x is not None]
    apart = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
    return replace(
        _floor(start, days, mw), counted=_filled(days, hints), wander_mw=max(LEAST_WANDER_MW, apart)
    )


def _level(hours: Hours, start: SystemFloor | None) -> float:
    found = minimize_scalar(
        lambda mw: -evidence(hours, _floor(start, hours.stamps[:1], np.array([mw]))),
        bounds=(LOWEST_MW, HIGHEST_MW),
        method="bounded",
        options={"xatol": NEAR_MW},
    )
    return float(found.x)


def _counted(anchor: Anchor, level: float | None, start: SystemFloor | None) -> float | None:
    if anchor.published_mwh is None or level is None:
        return anchor.counted
    found = estimate(anchor.hours, _floor(start, anchor.hours.stamps[:1], np.array([level])))
    missing = float(np.nansum(found.expected_mwh))
    return anchor.published_mwh / missing if missing > ENOUGH_MWH else anchor.counted


def _filled(days: NDArray[np.datetime64], values: Sequence[float | None]) -> Floats | None:
    """Put each span's value at both its ends, and spans without one on the line between the others."""
    known = [(2 * i + end, value) for i, value in enumerate(values) if value is not None for end in (0, 1)]
    if not known:
        return None
    at = (days - days[0]) / np.timedelta64(86400, "s")
    return np.asarray(np.interp(at, at[[i for i, _value in known]], [value for _i, value in known]))


def _floor(start: SystemFloor | None, days: NDArray[np.datetime64], mw: Floats) -> SystemFloor:
    return SystemFloor(days=days, mw=mw) if start is None else replace(start, days=days, mw=mw, counted=None)
