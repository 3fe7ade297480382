"""The system's floor, learned where something is published, for use where nothing is.

A year's floor comes from its published hours (supervised), or is the one at which the estimate meets a
published total or a published number of days. Between such years it runs along a line. The year that
an estimate is judged on gives none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.physics.curtailment import Curtailment, Hours, SystemFloor, estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOWEST_MW, HIGHEST_MW = 120.0, 480.0
LEAST_WANDER_MW = 25.0
"""Two years' floors may agree by chance; one 40 MW unit more or less at its minimum moves a floor by this."""
DAY_FROM = 0.5
"""A day counts as one with curtailment from this likelihood of its surest hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What is published of a span of hours.

    Attributes
    ----------
    hours
        The span.
    total_mwh
        Energy held back in it, or None.
    days
        Number of island days with curtailment in it, or None.
    held_mwh
        Energy by hour, or None.
    """

    hours: Hours
    total_mwh: float | None = None
    days: int | None = None
    held_mwh: Floats | None = None


def learn_floor(anchors: Sequence[Anchor], start: SystemFloor | None = None, zone_h: int = 9) -> SystemFloor:
    """Learn the floor from what is published of several spans, and from how far they lie apart its wandering.

    Of several figures for one span energy by hour decides, then the total, then the number of days: what
    counts as a day of curtailment differs between publications, energy does not.

    Parameters
    ----------
    anchors
        Spans with a published figure.
    start
        Whose width, persistence and tail to keep.
    zone_h
        Hours that island time is ahead of UTC: a published day is an island day. [h]
    """
    days, levels = [], []
    for anchor in anchors:
        days += [anchor.hours.stamps[0], anchor.hours.stamps[-1]]
        levels += [_level(anchor, start, zone_h)] * 2
    order = np.argsort(np.array(days, dtype="datetime64[s]"), kind="stable")
    at = np.array(days, dtype="datetime64[s]")[order]
    apart = float(np.std(levels[::2], ddof=1)) if len(anchors) > 1 else 0.0
    return replace(_floor(start, at, np.array(levels)[order]), wander_mw=max(LEAST_WANDER_MW, apart))


def _level(anchor: Anchor, start: SystemFloor | None, zone_h: int) -> float:
    island = (anchor.hours.stamps + np.timedelta64(zone_h * 3600, "s")).astype("datetime64[D]")
    _names, day = np.unique(island, return_inverse=True)
    if anchor.held_mwh is not None:
        wanted = float(np.nansum(anchor.held_mwh))
        return _solve(anchor.hours, start, wanted, _energy)
    if anchor.total_mwh is not None:
        return _solve(anchor.hours, start, anchor.total_mwh, _energy)
    if anchor.days is not None:
        return _solve(anchor.hours, start, anchor.days, lambda c: _days(c, day))
    raise ValueError("an anchor without a figure")


def _energy(found: Curtailment) -> float:
    return float(np.nansum(found.expected_mwh))


def _days(found: Curtailment, day: NDArray[np.int64]) -> float:
    surest = np.zeros(int(day.max()) + 1)
    np.maximum.at(surest, day, np.nan_to_num(found.likelihood))
    return float((surest > DAY_FROM).sum())


def _solve(
    hours: Hours, start: SystemFloor | None, wanted: float, count: Callable[[Curtailment], float]
) -> float:
    """Find the floor at which `count` of the estimate is `wanted`, by halving: higher floors find more."""
    low, high = LOWEST_MW, HIGHEST_MW
    for _step in range(7):
        middle = (low + high) / 2
        floor = _floor(start, hours.stamps[:1], np.array([middle]))
        if count(estimate(hours, floor)) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _floor(start: SystemFloor | None, days: NDArray[np.datetime64], mw: Floats) -> SystemFloor:
    return SystemFloor(days=days, mw=mw) if start is None else replace(start, days=days, mw=mw)
