"""When part of a fleet leaves a series: the plants go on turning, the series no longer sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.lang import _
from tamna.series.quality.track import Track, by_day, day_start, day_text, days, hourly, shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_SIDE_DAYS = 20  # days that each side of a break must have
_LEAST_CHANGE = 0.08
_CLEARER = 0.6  # two levels must leave at most this share of the deviation one level leaves
_HALF = 0.5
_LEVEL_DAYS = 60


def coverage_break(track: Track, reference: Track) -> list[Finding]:
    """Find the day from which a track sees another share of what its reference sees.

    Every day gives a slope, track over reference, from the ups and downs of its hours, so that a
    constant difference between the two does not matter. One level of slopes is then held against
    two, with the break at the day that fits best.

    The size is the energy that is missing from there on, as far as the reference reaches.
    """
    if not (track.is_generation and reference.is_generation):
        return []
    stamps, mine, theirs = shared(hourly(track), hourly(reference))
    if len(stamps) < 24 * 2 * _SIDE_DAYS:
        return []
    day, slope = _slopes(days(stamps), mine, theirs)
    cut = _best_cut(slope)
    if cut is None:
        return []
    before, after = float(np.median(slope[:cut])), float(np.median(slope[cut:]))
    if before <= 0 or before - after < _LEAST_CHANGE * before:
        return []
    start = _first_day(
        stamps, mine, theirs, (day_start(int(day[cut - 1])), day_start(int(day[cut]))), before, after
    )
    old, new = stamps < start, stamps >= start
    constant = float(np.median(mine[old] - before * theirs[old]))
    missing = float(np.sum(before * theirs[new] + constant - mine[new]))
    return [
        track.finding(
            "coverage_break",
            start,
            track.valid_at[-1] + track.step,
            missing,
            "MWh",
            _(
                "from {day} on the series sees {after} % of what {other} sees, before it {before} %: about"
                " {missing} MWh are missing by {end}",
                day=day_text(start),
                after=f"{100 * after:.0f}",
                before=f"{100 * before:.0f}",
                other=f"{reference.series}@{reference.source}",
                missing=f"{missing:.0f}",
                end=day_text(stamps[-1]),
            ),
            _(
                "part of the fleet is no longer in the series though it goes on producing: shares from"
                " this day on are too low, and no change across it is a trend"
            ),
        )
    ]


def _first_day(  # noqa: PLR0917 (two records, where to look, two levels)
    stamps: Stamps,
    mine: Floats,
    theirs: Floats,
    between: tuple[np.datetime64, np.datetime64],
    before: float,
    after: float,
) -> np.datetime64:
    """Find the day of the break also among calm days that gave no slope: the one that misses least."""
    last, first = between
    old, new = stamps <= last, stamps >= first
    as_before = np.abs(mine - before * theirs - np.median(mine[old] - before * theirs[old]))
    as_after = np.abs(mine - after * theirs - np.median(mine[new] - after * theirs[new]))
    candidates = np.arange(last + DAY, first + HOUR, DAY)
    doubtful = (stamps >= last + DAY) & (stamps < first)
    missed = [
        as_before[doubtful & (stamps < day)].sum() + as_after[doubtful & (stamps >= day)].sum()
        for day in candidates
    ]
    found: np.datetime64 = candidates[int(np.argmin(missed))]
    return found


def _slopes(day: NDArray[np.int64], mine: Floats, theirs: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Slope of each day on which the reference moves enough to tell one."""
    rows = []
    for number, part in by_day(day):
        if part.stop - part.start < 18:
            continue
        x, y = theirs[part] - theirs[part].mean(), mine[part] - mine[part].mean()
        rows.append((number, float(x @ x), float(x @ y)))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    enough = table[:, 1] > 0.05 * np.median(table[:, 1]) if len(table) else np.empty(0, dtype=bool)
    table = table[enough]
    return table[:, 0].astype(np.int64), table[:, 2] / table[:, 1]


def _best_cut(slope: Floats) -> int | None:
    """Where two levels fit best, if they fit much better than one."""
    n = len(slope)
    if n < 2 * _SIDE_DAYS:
        return None
    one = float(np.abs(slope - np.median(slope)).sum())
    costs = {
        cut: float(
            np.abs(slope[:cut] - np.median(slope[:cut])).sum()
            + np.abs(slope[cut:] - np.median(slope[cut:])).sum()
        )
        for cut in range(_SIDE_DAYS, n - _SIDE_DAYS + 1)
    }
    cut = min(costs, key=costs.__getitem__)
    return cut if one > 0 and costs[cut] < _CLEARER * one else None


def fleet_left_out(track: Track, earlier: Track) -> list[Finding]:
    """Find a later source of the same series whose hours never come near what an earlier one reached.

    For sources that do not overlap: the best hour in a thousand of each stands for its fleet.
    """
    if not track.is_generation or not earlier.is_generation:
        return []
    (now, mine), (then, theirs) = hourly(track), hourly(earlier)
    if min(len(mine), len(theirs)) < 24 * _LEVEL_DAYS or now[0] <= then[-1]:
        return []
    top, before = float(np.quantile(mine, 0.999)), float(np.quantile(theirs, 0.999))
    if top > _HALF * before:
        return []
    lost = float(theirs.mean() - mine.mean())
    return [
        track.finding(
            "coverage_break",
            now[0],
            now[-1] + HOUR,
            lost * len(mine),
            "MWh",
            _(
                "reaches at most {top} MWh in an hour where {other} reached {before}: most of the fleet is not"
                " in it; at the earlier mean about {missing} MWh are missing",
                top=f"{top:.0f}",
                other=f"{earlier.series}@{earlier.source}",
                before=f"{before:.0f}",
                missing=f"{lost * len(mine):.0f}",
            ),
            _(
                "part of the fleet is no longer in the series though it goes on producing: shares from"
                " this day on are too low, and no change across it is a trend"
            ),
        )
    ]
