r"""What is left of a miss some hours later: learned lead by lead, on issues whose outcome was known.

The day-ahead forecast missed by :math:`r_t = y_t - m_t` at the last reading. At lead :math:`\ell` we expect

.. math:: r_{t+\ell} = a_\ell + k_\ell r_t + s_\ell (r_t - r_{t-1}) + p_\ell (m_t - m_{t+\ell}).

Persistence (:math:`k = p = 1`) and the day-ahead alone (all zero) are two of the answers, so neither can be better
on what was learned from. The band lies between the misses that were left at that lead and the day-ahead's own band,
and never gets narrower as the lead grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.scores import pinball

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEADS_H = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
FADE_H = 3.0
"""Within so many hours after the last learned lead the nowcast goes over into the day-ahead. [h]"""
LEAST_ROWS = 200
"""With fewer issues than this at a lead, nothing is learned."""
_RIDGE = 0.001
_ROUNDS = 30
_PARTS = np.linspace(0.0, 1.0, 11)
_SCALES = np.linspace(0.7, 1.2, 11)


@dataclass(frozen=True, slots=True, eq=False)
class Decay:
    """How the latest miss fades, and how sure that is.

    Attributes
    ----------
    leads_h : (leads,)
        From the last reading, increasing. [h]
    offset : (leads,)
        What is missed on average whatever the last miss (another metering base). [unit of the miss]
    keep, turn, ramp : (leads,)
        Of the last miss, of its growth over the last hour, of the change that the day-ahead foresees. [-]
    levels : (levels,)
    misses : (leads, levels)
        What was left, around its median. [unit of the miss]
    part : (leads, 2)
        How much of the band is the day-ahead's, below and above the middle, 0..1; not falling with the lead. [-]
    scale : (leads, 2)
        What the band so mixed is multiplied by, below and above the middle; the same at every learned lead. [-]
    rows
        Issues learned from at the first lead; 0 for the packaged guess.
    """

    leads_h: Floats
    offset: Floats
    keep: Floats
    turn: Floats
    ramp: Floats
    levels: Floats
    misses: Floats
    part: Floats
    scale: Floats
    rows: int

    def at(self, lead_h: Floats) -> Decay:
        """Give the same for other leads: straight lines, from a miss that is wholly there at lead 0.

        Within the first lead, misses grow with the square root of the lead. Within `FADE_H` after the last, all
        goes over into the day-ahead: nothing of the miss is left, and the band is the day-ahead's own.
        """
        leads = np.concatenate([[0.0], self.leads_h, [self.leads_h[-1] + FADE_H]])

        def along(values: Floats, start: float, end: float = 0.0) -> Floats:
            return np.asarray(np.interp(lead_h, leads, np.concatenate([[start], values, [end]])))

        grown = np.stack([along(m, 0.0, float(m[-1])) for m in self.misses.T], axis=1)
        first = self.leads_h[0]
        early = np.sqrt(np.clip(lead_h / first, 0.0, 1.0))[:, None] * self.misses[0]
        return Decay(
            lead_h,
            along(self.offset, 0.0),
            along(self.keep, 1.0),
            along(self.turn, 0.0),
            along(self.ramp, float(self.ramp[0])),
            self.levels,
            np.where((lead_h < first)[:, None], early, grown),
            np.stack([along(p, 0.0, 1.0) for p in self.part.T], axis=1),
            np.stack([along(s, float(s[0]), 1.0) for s in self.scale.T], axis=1),
            self.rows,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            name: (np.round(value, 6).tolist() if isinstance(value := getattr(self, name), np.ndarray) else value)
            for name in self.__slots__
        }  # fmt: skip

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Decay:
        """Take up a saved decay."""
        leads, offset, keep, turn, ramp, levels, misses, part, scale = (
            np.array(saved[name], dtype=float) for name in cls.__slots__[:-1]
        )
        return cls(leads, offset, keep, turn, ramp, levels, misses, part, scale, int(saved["rows"]))


def guess_decay(levels: Floats, *, half_life_h: float = 4.0) -> Decay:
    """Give the packaged guess: the miss halves in `half_life_h`, the band grows into the day-ahead's.

    Used, and said to be, until enough issues are known.
    """
    leads = np.array(LEADS_H)
    keep = 0.5 ** (leads / half_life_h)
    part = np.sqrt(1 - keep**2)
    zero = np.zeros(len(leads))
    return Decay(
        leads_h=leads,
        offset=zero,
        keep=keep,
        turn=zero,
        ramp=zero,
        levels=levels,
        misses=np.zeros((len(leads), len(levels))),
        part=np.stack([part, part], 1),
        scale=np.ones((len(leads), 2)),
        rows=0,
    )


def carried(decay: Decay, *, last: Floats, growth: Floats, now: Floats, then: Floats) -> Floats:
    """Give the expected miss of rows, (rows,), by `decay` at the leads of the rows.

    Parameters
    ----------
    last, growth : (rows,)
        The last miss and how much it grew within the hour before; a missing growth counts as none.
    now, then : (rows,)
        What the day-ahead says of the last reading's moment and of the row's.
    """
    growth = np.where(np.isnan(growth), 0.0, growth)
    return np.asarray(
        decay.offset + decay.keep * last + decay.turn * growth + decay.ramp * (now - then), dtype=np.float64
    )


def band(decay: Decay, ahead: Floats) -> Floats:
    """Give each level's distance from the middle, (rows, levels), from the day-ahead's quantiles `ahead`."""
    middle = int(np.argmin(np.abs(decay.levels - 0.5)))
    apart = ahead - ahead[:, [middle]]
    part = np.where(decay.levels < 0.5, decay.part[:, [0]], decay.part[:, [1]])
    scale = np.where(decay.levels < 0.5, decay.scale[:, [0]], decay.scale[:, [1]])
    return np.asarray(scale * ((1 - part) * decay.misses + part * apart))


def fit_decay(value: Floats, ahead: Floats, levels: Floats, *, leads_h: tuple[float, ...] = LEADS_H) -> Decay:
    """Learn how misses fade, from consecutive hours.

    Parameters
    ----------
    value : (hours,)
        Readings; NaN where missing, or not known at the moment of learning.
    ahead : (hours, levels)
        The day-ahead's quantiles of the same moments, NaN where there was none. Gapless hours.

    Returns
    -------
    Decay
        The packaged guess where any lead has fewer than `LEAST_ROWS` issues.
    """
    middle = ahead[:, int(np.argmin(np.abs(levels - 0.5)))]
    miss = value - middle
    found = []
    for lead in leads_h:
        step = round(lead)
        last, growth = miss[:-step], np.concatenate([[np.nan], np.diff(miss)])[:-step]
        then = miss[step:]
        use = np.isfinite(last) & np.isfinite(then)
        if use.sum() < LEAST_ROWS:
            return guess_decay(levels)
        foreseen = (middle[:-step] - middle[step:])[use]
        growth = np.where(np.isnan(growth[use]), 0.0, growth[use])
        x = np.stack([np.ones(int(use.sum())), last[use], growth, foreseen], axis=1)
        found.append(_one_lead(x, then[use], ahead[step:][use], levels))
    offset, keep, turn, ramp = np.array([f.weights for f in found]).T
    misses = _widening(np.array([f.misses for f in found]), levels)
    part = np.maximum.accumulate(np.array([f.part for f in found]), axis=0)
    scale = [
        _best_scale(found, misses, part[:, i], levels, side)
        for i, side in enumerate((levels < 0.5, levels > 0.5))
    ]
    return Decay(
        leads_h=np.array(leads_h),
        offset=offset,
        keep=keep,
        turn=turn,
        ramp=ramp,
        levels=levels,
        misses=misses,
        part=part,
        scale=np.tile(scale, (len(leads_h), 1)),
        rows=len(found[0].left),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lead:
    """What was learned at one lead: weights (4,), what was left (rows,), its quantiles, the day-ahead's band."""

    weights: Floats
    left: Floats
    misses: Floats
    apart: Floats
    part: Floats


def _one_lead(x: Floats, then: Floats, ahead: Floats, levels: Floats) -> _Lead:
    """Give the weights, what is left by level around its median, and the day-ahead's part of the band."""
    weights = _least_absolute(x, then)
    left = then - x @ weights
    misses = np.quantile(left, levels)
    middle = int(np.argmin(np.abs(levels - 0.5)))
    weights[0] += misses[middle]
    left, misses = left - misses[middle], misses - misses[middle]
    apart = ahead - ahead[:, [middle]]
    part = [
        _best_part(left, misses[side], apart[:, side], levels[side]) for side in (levels < 0.5, levels > 0.5)
    ]
    return _Lead(weights, left, misses, apart, np.array(part))


def _least_absolute(x: Floats, then: Floats) -> Floats:
    """Fit a plane by least absolute misses: squares weighted anew (Schlossmacher 1973), slopes pulled a little."""
    pull = _RIDGE * np.diag([0.0, *x[:, 1:].var(axis=0)]) + 1e-12 * np.eye(x.shape[1])
    weight = np.ones(len(x))
    weights = np.zeros(x.shape[1])
    for _round in range(_ROUNDS):
        heavy = x * weight[:, None] / weight.sum()
        weights = np.linalg.solve(heavy.T @ x + pull, heavy.T @ then)
        left = np.abs(then - x @ weights)
        weight = 1.0 / np.maximum(left, 0.02 * left.mean() + 1e-12)
    return np.asarray(weights)


def _best_part(left: Floats, own: Floats, apart: Floats, levels: Floats) -> float:
    if not len(levels):
        return 0.0
    losses = [pinball(left, (1 - p) * own + p * apart, levels).mean() for p in _PARTS]
    return float(_PARTS[int(np.argmin(losses))])


def _best_scale(
    found: list[_Lead], misses: Floats, part: Floats, levels: Floats, side: NDArray[np.bool_]
) -> float:
    """Give the one factor for all leads that lost least: two mixed bands can be too wide together."""
    if not side.any():
        return 1.0
    mixed = [(1 - p) * m[side] + p * f.apart[:, side] for f, m, p in zip(found, misses, part, strict=True)]
    losses = [
        sum(pinball(f.left, s * m, levels[side]).mean() for f, m in zip(found, mixed, strict=True))
        for s in _SCALES
    ]
    return float(_SCALES[int(np.argmin(losses))])


def _widening(misses: Floats, levels: Floats) -> Floats:
    """Let no band be narrower than that of a shorter lead."""
    low, high = np.minimum.accumulate(misses), np.maximum.accumulate(misses)
    return np.asarray(np.where(levels < 0.5, low, np.where(levels > 0.5, high, misses)))
