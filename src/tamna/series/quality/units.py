"""Values a thousand times too large or too small: kWh among MWh, MW among kW."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.series.quality.track import PRICE, Track, by_day, day_text, days, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_JUMP = (2.5, 3.5)  # decimal orders of magnitude that count as a thousand
_BRIDGE_DAYS = 7  # calm or grey days inside a stretch can look usual
_LOW_DAYS = 3  # a calm day can be a thousandth of a windy one; three in a row are not


def unit_jump(track: Track) -> tuple[list[Finding], Track]:
    """Find stretches a thousand times off; also give the track with them put right, for other checks.

    A day's level is its largest value; days whose level lies three orders of magnitude from the
    usual one make a stretch, bounded to the hour by the values themselves.
    """
    unit_ok = track.is_power or track.unit == PRICE
    if not unit_ok or "curtailment" in track.series or not len(track):
        return [], track
    level, where = _daily_levels(track)
    positive = level > 0
    if positive.sum() < 20:
        return [], track
    usual = _usual(level[positive])
    order = np.zeros(len(level))
    order[positive] = np.log10(level[positive] / usual)
    found: list[Finding] = []
    value = track.value.copy()
    for sign in (1, -1):
        off = (sign * order > _JUMP[0]) & (sign * order < _JUMP[1])
        for low, high in runs(_bridged(off)):
            if sign < 0 and high - low < _LOW_DAYS:
                continue
            cells = _cells(track, where[max(low - 1, 0) : high + 1], usual, sign, inner=where[low:high])
            if not len(cells):
                continue
            value[cells] *= 1e-3 if sign > 0 else 1e3
            found.append(_finding(track, cells, sign))
    return found, track.with_values(value)


def _bridged(off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close short holes between two long parts of a stretch."""
    whole = off.copy()
    parts = runs(off)
    for (low, high), (start, end) in pairwise(parts):
        hole = start - high
        if (
            hole <= _BRIDGE_DAYS
            and off[low - _BRIDGE_DAYS if low >= _BRIDGE_DAYS else 0 : end].sum() >= 2 * hole
        ):
            whole[high:start] = True
    return whole


def _daily_levels(track: Track) -> tuple[Floats, list[slice]]:
    levels, where = [], []
    for _day, rows in by_day(days(track.valid_at)):
        known = np.abs(track.value[rows])
        known = known[np.isfinite(known)]
        levels.append(float(known.max()) if len(known) else 0.0)
        where.append(rows)
    return np.asarray(levels), where


def _usual(level: Floats) -> float:
    """The level of most days: of two clumps a thousand apart, that with more days in it."""
    order = np.log10(level)
    centre = np.median(order)
    clump = order[np.abs(order - centre) < 1.5]
    return float(10 ** np.median(clump))


def _cells(
    track: Track, around: list[slice], usual: float, sign: int, inner: list[slice]
) -> NDArray[np.intp]:
    """The values of a stretch that are off, neighbours on its border days included."""
    low, high = around[0].start, around[-1].stop
    size = np.abs(track.value[low:high])
    if sign > 0:
        inside = np.zeros(high - low, dtype=bool)
        inside[inner[0].start - low : inner[-1].stop - low] = True
        # within a stretch everything between its first and last large value is off, also the small
        large = np.flatnonzero(size > usual * 10**1.5)
        marks = np.zeros(high - low, dtype=bool)
        if len(large):
            marks[large[0] : large[-1] + 1] = True
            if len(inner) == 1 and len(large) < large[-1] - large[0] + 1:
                marks = size > usual * 10**1.5
    else:
        small = (size > 0) & (size < usual / 10**1.5)
        marks = np.zeros(high - low, dtype=bool)
        marks[inner[0].start - low : inner[-1].stop - low] = True
        marks &= size < usual / 10**1.5
        marks |= small & _touching(marks)
    found: NDArray[np.intp] = np.flatnonzero(marks & np.isfinite(track.value[low:high])) + low
    return found


def _touching(marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Everything from the first to the last mark, and a day either side."""
    at = np.flatnonzero(marks)
    out = np.zeros(len(marks), dtype=bool)
    if len(at):
        out[max(at[0] - 24, 0) : at[-1] + 25] = True
    return out


def _finding(track: Track, cells: NDArray[np.intp], sign: int) -> Finding:
    start, end = track.valid_at[cells[0]], track.valid_at[cells[-1]] + track.step
    factor = 1000.0 if sign > 0 else 0.001
    return track.finding(
        "unit_jump",
        start,
        end,
        factor,
        "ratio",
        _(
            "{n} values are {factor:g} times what they should be, from {start} to {end}",
            n=len(cells),
            factor=factor,
            start=day_text(start),
            end=day_text(end - track.step),
        ),
        _("the unit changed inside the series (kWh for MWh): sums over the border are meaningless"),
    )
