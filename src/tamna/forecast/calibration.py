"""Bands that hold what they promise: conformal offsets per level and hour, learned from the latest misses.

Split: over a window of past days, the offset that would have put the right share of actuals below each quantile.
Adaptive: the window moves with the issue time, and after each day the aimed level moves against its error
(Gibbs and Candès), so that a drift is followed. Quantiles are sorted afterwards: no crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformal:
    """How to calibrate.

    Attributes
    ----------
    window_days
        How far back misses count.
    reach_h
        Hours of the day within so many hours of each other are calibrated together.
    least
        With fewer misses than this an hour keeps its band as it is.
    rate
        How far the aimed level moves against each day's error; 0 is split conformal. [-]
    middle
        How much of the offset found for the middle is applied, 0..1; the learner follows its own bias. [-]
    least_width
        Misses are measured in widths of their band; a band narrower than this part of the window's mean width
        counts as that wide, or the thin bands of dawn would tell noon how many times its width it errs. [-]
    """

    window_days: int = 84
    reach_h: int = 4
    least: int = 60
    rate: float = 0.02
    middle: float = 0.0
    least_width: float = 1.0


def split_offsets(miss: Floats, levels: Floats) -> Floats:
    """Give the offset of each level that would have covered its share of past actuals.

    Parameters
    ----------
    miss : (hours, levels)
        Actual minus quantile, in units of the band's width.
    levels : (levels,)
        Aimed levels, 0..1.

    Returns
    -------
    (levels,)
        Below the middle the lower order statistic is taken, above it the higher: the finite-sample
        side that covers at least its share.

    References
    ----------
    Romano, Patterson and Candès, "Conformalized quantile regression", NeurIPS 2019.
    """
    n = len(miss)
    shift = np.where(levels > 0.5, 0.0, 1 / n)
    sharp = np.where(levels == 0.5, 0.5, np.clip(levels * (n + 1) / n - shift, 0.0, 1.0))
    ordered = np.sort(miss, axis=0)
    place = sharp * (n - 1)
    low = np.floor(place).astype(np.int64)
    column = np.arange(len(levels))
    a, b = ordered[low, column], ordered[np.minimum(low + 1, n - 1), column]
    return np.asarray(a + (b - a) * (place - low))


def calibrated(
    quantiles: Floats,
    levels: Floats,
    actual: Floats,
    *,
    known_at: Stamps,
    issued_at: Stamps,
    hour: Ints,
    test: Bools,
    how: Conformal,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Floats:
    """Calibrate every issue by what was known at it.

    Parameters
    ----------
    quantiles : (rows, levels)
        As the learner gave them; rows before the first tested issue serve as the first window.
    actual : (rows,)
        NaN where it never became known.
    known_at : (rows,)
        When each actual became known: an issue uses only misses known by then.
    hour : (rows,)
        Hour of the island day.
    test : (rows,)
        The rows that want an answer.

    Returns
    -------
    (rows, levels)
        Increasing along the levels, within `bounds`; rows not in `test` as they came.
    """
    out = quantiles.copy()
    width = np.maximum(quantiles[:, -1] - quantiles[:, 0], 1e-9)
    miss = actual[:, None] - quantiles
    aim = levels.copy()
    middle = int(np.argmin(np.abs(levels - 0.5)))
    seen = np.zeros(len(actual), dtype=bool)
    for issue in np.unique(issued_at[test]):
        now = test & (issued_at == issue)
        usable = np.isfinite(actual) & (known_at <= issue) & (issued_at < issue)
        usable &= issued_at >= issue - how.window_days * DAY
        least = how.least_width * float(width[usable].mean()) if usable.any() else 0.0
        scale = np.maximum(width, least)[:, None]
        fresh = usable & test & ~seen
        if how.rate and fresh.any():
            below = (actual[fresh][:, None] < out[fresh]).mean(axis=0)
            aim = np.clip(aim + how.rate * (levels - below), 0.001, 0.999)
            aim = np.sort(aim)
        seen |= fresh
        for h in np.unique(hour[now]):
            near = usable & (np.abs((hour - h + 12) % 24 - 12) <= how.reach_h)
            if near.sum() < how.least:
                continue
            offset = split_offsets(miss[near] / scale[near], aim)
            offset[middle] *= how.middle
            rows = now & (hour == h)
            out[rows] = quantiles[rows] + offset * scale[rows]
        out[now] = np.clip(np.sort(out[now], axis=1), *bounds)
    return out


def where_certain(raw: Floats, answer: Floats) -> Floats:
    """Keep the learner's answer where it leaves no doubt, (rows, levels): while the sun is down, PV is 0.

    Misses of the hours around would give the night a band.

    Examples
    --------
    >>> where_certain(np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[0.0, 0.3], [0.9, 2.1]])).tolist()
    [[0.0, 0.0], [0.9, 2.1]]
    """
    certain = raw[:, 0] == raw[:, -1]
    return np.asarray(np.where(certain[:, None], raw, answer))
