"""A rival as a distribution: its number, and its own misses of the last weeks at that hour of the day.

What a control room would do with a forecast that comes without a band: look how it missed lately, as far as that
is known at the issue, and add those misses. Its lasting bias is thereby in its band; its middle score is that of
the number it gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.history import Rows
from tamna.grid.clock import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.forecast.target import Target

    Floats = NDArray[np.float64]

MISS_DAYS = 56
"""So many misses of an hour make its band. [d]"""
REACH_DAYS = MISS_DAYS + 34
"""How far back misses are looked for: settled values come a month late."""
LEAST = 20
"""With fewer misses than this there is no band."""
_NEAR_H = (-1, 0, 1)


def rival_bands(rows: Rows, history: History, target: Target) -> Mapping[str, Floats]:
    """Give every rival's quantiles at the target's levels.

    Parameters
    ----------
    rows
        Whole days in a row, each issued at one moment.

    Returns
    -------
    mapping
        Name -> (rows, levels), within the target's bounds; NaN where too few misses were known at the issue.
    """
    before = _days_before(rows)
    past = target.rivals(before, history, target.track)
    now = target.rivals(rows, history, target.track)
    start = before.valid_at[0]
    return {
        name: _band(rows, history, target, start=start, said=np.concatenate([past[name], value]), value=value)
        for name, value in now.items()
        if name in past
    }


def _days_before(rows: Rows) -> Rows:
    """Give the first day's rows again for each of the `REACH_DAYS` days before it, oldest first."""
    first = rows.pick(rows.issued_at == rows.issued_at[0])
    back = [k * DAY for k in range(REACH_DAYS, 0, -1)]
    valid = np.concatenate([first.valid_at - b for b in back])
    issued = np.concatenate([first.issued_at - b for b in back])
    return Rows(valid.astype("datetime64[s]"), issued.astype("datetime64[s]"))


def _band(
    rows: Rows, history: History, target: Target, *, start: np.datetime64, said: Floats, value: Floats
) -> Floats:
    """Add the quantiles of the misses that were known at each row's issue; `said` begins at `start`, hour by hour."""
    misses = []
    for near in _NEAR_H:
        part = []
        for days in range(1, REACH_DAYS + 1):
            stamps = np.asarray(rows.valid_at - days * DAY + near * HOUR, dtype="datetime64[s]")
            index = np.asarray((stamps - start) // HOUR, dtype=np.int64)
            there = (index >= 0) & (index < len(said))
            told = np.where(there, said[np.where(there, index, 0)], np.nan)
            part.append(history.at(target.track, stamps, rows.issued_at) - told)
        found = np.stack(part)
        found[np.cumsum(~np.isnan(found), axis=0) > MISS_DAYS] = np.nan
        misses.append(found)
    offsets = column_quantiles(np.concatenate(misses), target.levels, least=LEAST)
    return np.asarray(np.clip(value[:, None] + offsets, *target.bounds))


def column_quantiles(values: Floats, levels: Floats, *, least: int = 1) -> Floats:
    """Give quantiles of each column without its NaN, (columns, levels); NaN where fewer than `least` are left.

    Examples
    --------
    >>> column_quantiles(np.array([[1.0], [np.nan], [3.0], [2.0]]), np.array([0.5])).tolist()
    [[2.0]]
    """
    ordered = np.sort(values, axis=0)  # NaN goes to the end
    count = (~np.isnan(ordered)).sum(axis=0)
    place = levels * np.maximum(count - 1, 0)[:, None]
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0)[:, None])
    column = np.arange(ordered.shape[1])[:, None]
    a, b = ordered[low, column], ordered[high, column]
    return np.where((count >= least)[:, None], a + (b - a) * (place - low), np.nan)
