"""Between which bounds a share or an energy lies, where what it counts is an estimate with bounds.

An estimate errs in two ways: alike in all its hours (a capacity, a share of a fleet), and from day to day (the
weather). Over a period the first adds up, the second mostly cancels:

    W = hypot(sum of the part that errs alike, root of the sum over days of the square of the day's rest)

The share's bounds are the share with every estimated class at its lower, and at its upper end, in numerator and
denominator together; several classes are taken to err the same way, which is wide rather than narrow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import Resolution
from tamna.measure.bins import Bins
from tamna.measure.shares import Measurement, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.island import Column, HourClass, IslandHours
    from tamna.measure.tracks import Measure

    Floats = NDArray[np.float64]
    Bounds = tuple[Floats, Floats]
    Key = tuple[str, str]


def energy_bounds(column: Column, bins: Bins) -> Bounds:
    """Give the bounds of a column's energy by period [MWh]; of one without bounds the sum itself, twice.

    NaN where no hour of a period has a value.
    """
    known = np.isfinite(column.mwh)
    total, n = bins.add_up(np.array([np.where(known, column.mwh, 0.0), known.astype(np.float64)]))
    below, above = _widths(column, bins)
    none = n == 0
    low = np.maximum(
        total - below, np.minimum(total, 0.0)
    )  # below zero only where the sum itself is: station use
    return np.where(none, np.nan, low), np.where(none, np.nan, total + above)


def share_bounds(m: Measurement, measures: tuple[Measure, ...] | None = None) -> dict[Key, Bounds]:
    """Give the bounds of every share that counts an estimate with bounds: (boundary, measure) to (low, high).

    Parameters
    ----------
    measures
        Those asked for; by default all that `m` answers.
    """
    asked = m.measures if measures is None else measures
    wide = {c.name for c in m.hours.classes if _is_wide(c)}
    touched = [
        b
        for b in m.boundaries
        if wide & {name for x in asked for name in m[b.name, str(x)].track.definition.counted.names}
    ]
    if not touched:
        return {}
    ends = [
        measure(_at_end(m.hours, m.bins, end), boundaries=touched, rules=asked, by=m.by)
        for end in ("low", "high")
    ]
    found: dict[Key, Bounds] = {}
    for b in touched:
        for x in asked:
            key = (b.name, str(x))
            three = np.array([m[key].value, *(end[key].value for end in ends)])
            found[key] = (three.min(axis=0), three.max(axis=0))
    return found


def _is_wide(c: HourClass) -> bool:
    within = c.column.within
    return within is not None and bool(np.nansum(within.high - within.low) > 0.0)


def _at_end(hours: IslandHours, bins: Bins, end: str) -> IslandHours:
    """Move every estimated class to one end: by as much as its period may err, spread like its hours' bounds."""
    return replace(
        hours,
        classes=tuple(
            replace(c, column=replace(c.column, mwh=_moved(c.column, bins, end))) if _is_wide(c) else c
            for c in hours.classes
        ),
    )


def _moved(column: Column, bins: Bins, end: str) -> Floats:
    side = 0 if end == "low" else 1
    hourly = _hourly(column)[side]
    width = _widths(column, bins)[side]
    total = bins.add_up(hourly[None])[0]
    scale = np.divide(width, total, out=np.zeros_like(width), where=total > 0.0)
    by_hour = hourly * np.repeat(scale, bins.hours)
    moved = column.mwh - by_hour if end == "low" else column.mwh + by_hour
    return np.asarray(np.where(column.mwh >= 0.0, np.maximum(moved, 0.0), moved))


def _widths(column: Column, bins: Bins) -> Bounds:
    """Give by how much the energy of each period may lie below and above [MWh]."""
    if column.within is None:
        return np.zeros(len(bins)), np.zeros(len(bins))
    hourly, alike = _hourly(column), _alike(column)
    if bins.by is Resolution.HOUR:
        return hourly
    days = Bins(bins.valid_at, Resolution.DAY, bins.timezone)
    out = []
    for whole, common in zip(hourly, alike, strict=True):
        rest = np.sqrt(np.maximum(whole**2 - common**2, 0.0))
        by_day = days.add_up(rest[None]) ** 2
        out.append(np.hypot(bins.add_up(common[None])[0], np.sqrt(bins.add_up_days(by_day, days)[0])))
    return out[0], out[1]


def _hourly(column: Column) -> Bounds:
    within = column.within
    if within is None:
        return np.zeros(len(column.mwh)), np.zeros(len(column.mwh))
    return _positive(column.mwh - within.low), _positive(within.high - column.mwh)


def _alike(column: Column) -> Bounds:
    within = column.within
    if within is None:
        return np.zeros(len(column.mwh)), np.zeros(len(column.mwh))
    return _positive(column.mwh - within.alike_low), _positive(within.alike_high - column.mwh)


def _positive(values: Floats) -> Floats:
    return np.asarray(np.nan_to_num(np.maximum(values, 0.0)))
