"""Two sources of one quantity: where they say different things, and where one is shifted by a constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.lang import _
from tamna.series.quality.track import (
    PRICE,
    Track,
    by_day,
    day_start,
    days,
    hour_text,
    hourly,
    runs,
    shared,
)
from tamna.sources.block import Kind

if TYPE_CHECKING:
    from tamna.grid.clock import Stamps
    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_TOLERANCE = {PRICE: 1.0, "MWh": 1.0, "MW": 1.0, "degC": 1.0, "m/s": 1.0}
_OFFSET_SHARE = 0.03  # of the reference's mean; smaller shifts are a matter of metering
_OFFSET_SPREADS = 8.0  # robust standard deviations of the daily differences
_OFFSET_DAYS = 3
_MOST = 6  # findings about one pair


def disagreement(track: Track, reference: Track) -> list[Finding]:
    """Find hours in which two sources that measure the same intervals differ."""
    if Kind.INSTANT in (track.kind, reference.kind) or {track.unit, reference.unit} - {*_TOLERANCE}:
        return []
    if track.resolution_s != reference.resolution_s:
        return []
    stamps, mine, theirs = shared(hourly(track), hourly(reference))
    if not len(stamps):
        return []
    tolerance = max(_TOLERANCE[track.unit], 0.002 * float(np.median(np.abs(theirs))))
    gap = mine - theirs
    at = np.flatnonzero(np.abs(gap) > tolerance)
    if not len(at):
        return []
    for apart in (2 * DAY, 45 * DAY, 365 * DAY):
        groups = np.split(at, np.flatnonzero(stamps[at][1:] - stamps[at][:-1] > apart) + 1)
        if len(groups) <= _MOST:
            break
    else:
        groups = [at]
    return [_differ(track, reference, stamps[g], gap[g], len(stamps)) for g in groups]


def _differ(track: Track, reference: Track, stamps: Stamps, gap: Floats, of: int) -> Finding:
    largest = float(gap[np.argmax(np.abs(gap))])
    return track.finding(
        "source_disagreement",
        stamps[0],
        stamps[-1] + HOUR,
        largest,
        track.unit,
        _(
            "{n} of {of} shared hours differ from {other}, most by {largest} {unit} at {at}",
            n=len(stamps),
            of=of,
            other=f"{reference.series}@{reference.source}",
            largest=f"{largest:+.2f}",
            unit=track.unit,
            at=hour_text(stamps[np.argmax(np.abs(gap))]),
        ),
        _("an answer depends on which source it takes; ask for one by name with @source"),
    )


def offset(track: Track, reference: Track) -> list[Finding]:
    """Find stretches of three days and more in which a track lies beside its reference by a constant.

    The daily median of the difference is held against its usual value; the borders are then set to
    the hour where the absolute deviations from *usual* before and *shifted* after are least.
    """
    if not track.is_power or track.is_generation:
        return []
    stamps, mine, theirs = shared(hourly(track), hourly(reference))
    if len(stamps) < 24 * 10:
        return []
    gap = mine - theirs
    day = days(stamps)
    table = np.array(
        [(d, np.median(gap[rows])) for d, rows in by_day(day) if rows.stop - rows.start >= 12],
        dtype=np.float64,
    ).reshape(-1, 2)
    if len(table) < 10:
        return []
    usual = float(np.median(table[:, 1]))
    spread = 1.4826 * float(np.median(np.abs(table[:, 1] - usual)))
    least = max(_OFFSET_SPREADS * spread, _OFFSET_SHARE * float(np.mean(np.abs(theirs))))
    found = []
    for sign in (1, -1):
        for low, high in runs(sign * (table[:, 1] - usual) > least):
            if high - low < _OFFSET_DAYS:
                continue
            size = float(np.median(table[low:high, 1])) - usual
            start = _border(stamps, gap, day_start(int(table[low, 0])), usual, usual + size)
            end = _border(stamps, gap, day_start(int(table[high - 1, 0]) + 1), usual + size, usual)
            found.append(_offset_finding(track, reference, start, end, size))
    return found


def _border(stamps: Stamps, gap: Floats, around: np.datetime64, before: float, after: float) -> np.datetime64:
    """Find the hour, within a day and a half of `around`, at which `gap` goes from one level to another."""
    rows = np.flatnonzero(np.abs((stamps - around).astype(np.int64)) <= 36 * 3600)
    part = gap[rows]
    left = np.concatenate([[0.0], np.cumsum(np.abs(part - before))])
    right = np.concatenate([[0.0], np.cumsum(np.abs(part - after)[::-1])])[::-1]
    cut = int(np.argmin(left + right))
    border: np.datetime64 = stamps[rows[-1]] + HOUR if cut == len(rows) else stamps[rows[cut]]
    return border


def _offset_finding(
    track: Track, reference: Track, start: np.datetime64, end: np.datetime64, size: float
) -> Finding:
    return track.finding(
        "offset",
        start,
        end,
        size,
        "MW",
        _(
            "lies {size} MW beside {other} from {start} to {end}, and not before or after",
            size=f"{size:+.0f}",
            other=f"{reference.series}@{reference.source}",
            start=hour_text(start),
            end=hour_text(end),
        ),
        _("do not use these hours: shares and peaks would be wrong by this much in every one of them"),
    )
