"""Energy held back by period, with an interval from paths: hours that err together do not average out.

Two things go together. Neighbouring hours share the weather's error, and weeks share a floor that nobody
knows exactly: must-run plant is committed for weeks, a link is out for a month. A floor that is wrong by
some 30 MW moves every doubtful hour of a month the same way, which no number of hours makes good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtr

from tamna.physics.curtailment import Curtailment, Hours, SystemFloor, cut_normal, estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.physics.smooth import Persistence

    Floats = NDArray[np.float64]

WEEKS_H = 500.0
"""Time after which a floor's departure from its line is forgotten to 1/e: about three weeks. [h]"""
LASTING_PART = 0.5
"""Part of the wandering's variance that stays for the whole run: a year's floor from other years. [-]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wander:
    """What the estimate would be under a higher and a lower floor, and how far the floor wanders.

    Attributes
    ----------
    low, high
        The estimate with the floor `step_mw` lower and higher.
    step_mw, sd_mw
        [MW]
    """

    low: Curtailment
    high: Curtailment
    step_mw: float
    sd_mw: float

    def pick(self, which: NDArray[np.bool_]) -> Wander:
        """Give some of the hours."""
        return replace(self, low=pick(self.low, which), high=pick(self.high, which))


def pick(found: Curtailment, which: NDArray[np.bool_]) -> Curtailment:
    """Give some of an estimate's hours."""
    return Curtailment(**{name: getattr(found, name)[which] for name in Curtailment.__dataclass_fields__})


def joined(parts: Sequence[Curtailment]) -> Curtailment:
    """Put estimates of spans that follow each other into one."""
    return Curtailment(
        **{
            name: np.concatenate([getattr(p, name) for p in parts])
            for name in Curtailment.__dataclass_fields__
        }
    )


def joined_wander(parts: Sequence[Wander]) -> Wander:
    """Put the same of floors that wander; the widest wandering and step hold for all."""
    return Wander(
        low=joined([p.low for p in parts]),
        high=joined([p.high for p in parts]),
        step_mw=max(p.step_mw for p in parts),
        sd_mw=max(p.sd_mw for p in parts),
    )


def wandering(hours: Hours, floor: SystemFloor, how: Persistence | None = None) -> Wander:
    """Estimate under floors one and a quarter of their standard deviation lower and higher."""
    step = 1.25 * floor.wander_mw
    low, high = (estimate(hours, replace(floor, mw=floor.mw + sign * step), how) for sign in (-1.0, 1.0))
    return Wander(low=low, high=high, step_mw=step, sd_mw=floor.wander_mw)


@dataclass(frozen=True, slots=True)
class Totals:
    """Energy by period (periods,) [MWh]: expected, and quantiles from correlated paths; `unknown_hours`."""

    expected_mwh: Floats
    quantiles: Mapping[float, Floats]
    unknown_hours: NDArray[np.int64]


def totals(
    found: Curtailment,
    period: NDArray[np.int64],
    *,
    wander: Wander | None = None,
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    paths: int = 400,
    lasting_h: float = 14.0,
    common: float = 0.15,
    seed: int = 0,
) -> Totals:
    """Add hours up to periods, with an interval that knows that errors of neighbouring hours go together.

    Each path draws every hour from that hour's own distribution (held or not; if held, a normal cut at
    zero), so its mean is the expected energy and free hours add nothing; the draws are tied by an
    autoregressive normal copula of `lasting_h` hours plus a part `common` to the whole run. With
    `wander`, each path has a floor of its own, and an hour's distribution goes with it along a line
    through the estimates under the lower, the middle and the higher floor.

    Parameters
    ----------
    period : (hours,)
        Which period each hour lies in, 0.. .
    """
    rng = np.random.default_rng(seed)
    count = int(period.max()) + 1
    most = found.likelihood if wander is None else wander.high.likelihood
    live = np.flatnonzero(np.nan_to_num(np.maximum(found.likelihood, most)) > 1e-4)
    sums = np.zeros((count, paths))
    shared = rng.normal(size=(2, paths)) * np.sqrt(common)
    walk = rng.normal(size=(2, paths))
    off = _Floors(found, wander, paths, seed)
    last = -1
    for t in live:
        gone = np.exp(-(t - last) / lasting_h) if last >= 0 else 0.0
        walk = gone * walk + np.sqrt(1.0 - gone**2) * rng.normal(size=(2, paths))
        last = int(t)
        u = ndtr(shared + np.sqrt(1.0 - common) * walk)
        likelihood, centre = off.at(last)
        cut = cut_normal(np.minimum(u[0], 1 - 1e-9), centre, found.depth_sd_mwh[t])
        sums[period[t]] += np.where(u[1] < likelihood, cut, 0.0)
    known = ~np.isnan(found.expected_mwh)
    expected = np.bincount(period[known], found.expected_mwh[known], count).astype(np.float64)
    return Totals(
        expected,
        {q: np.quantile(sums, q, axis=1) for q in quantiles},
        np.bincount(period[~known], minlength=count).astype(np.int64),
    )


class _Floors:
    """Each path's floor over time, and what it makes of an hour."""

    def __init__(self, found: Curtailment, wander: Wander | None, paths: int, seed: int) -> None:
        self.found, self.wander = found, wander
        self.rng = np.random.default_rng([seed, 1])
        self.stays = self.rng.normal(size=paths) * np.sqrt(LASTING_PART)
        self.moves = self.rng.normal(size=paths)
        self.last = -1

    def at(self, t: int) -> tuple[Floats | float, Floats | float]:
        """Give likelihood and depth of hour `t` in every path, (paths,) or one for all."""
        f, w = self.found, self.wander
        if w is None:
            return float(f.likelihood[t]), float(f.depth_mwh[t])
        gone = np.exp(-(t - self.last) / WEEKS_H) if self.last >= 0 else 0.0
        self.moves = gone * self.moves + np.sqrt(1.0 - gone**2) * self.rng.normal(size=len(self.moves))
        self.last = t
        off = (self.stays + np.sqrt(1.0 - LASTING_PART) * self.moves) * w.sd_mw / w.step_mw
        return (
            expit(_along(off, w.low.log_odds[t], f.log_odds[t], w.high.log_odds[t])),
            _along(off, w.low.depth_mwh[t], f.depth_mwh[t], w.high.depth_mwh[t]),
        )


def _along(off: Floats, low: float, middle: float, high: float) -> Floats:
    """Go along the line from `middle` to `high` or `low`, and on beyond them."""
    return np.where(off > 0.0, middle + off * (high - middle), middle + off * (middle - low))
