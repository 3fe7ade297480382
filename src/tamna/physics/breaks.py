"""Breaks in what share of a fleet a series sees, from the series and its weather alone.

A day's level is its measured energy over what the weather gives a fleet of size one (`shape`). A break is
a step of that level, at once or over ten days, that its noise, its growth and its season (`steps`) do not
explain. It may go down (plants leave the series and go on turning) or up (plants join). Steps are found
one by one; after each the yardstick is fitted again with all of them known, and at the end each is judged
and dated beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, KOREA, to_local, to_utc
from tamna.physics.shape import fit_shape
from tamna.physics.steps import Daily, Judge, Noise, held_in, levels, noise_of, step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SCORE = 3.7
"""Standard errors from which a step counts. On Jeju the largest without a break is 2.7 in 29 months, wind
and PV alike; the break of June 2024 has 15 (wind) and 4.5 (PV)."""
LEAST_SHARE = 0.10
"""Smaller steps are not told: a yardstick of weather cannot tell them from a dirty module or a new wake."""
RAMPS = (0, 10)
MOST = 6
NEAR_DAYS = 30
"""How far from its surest day a break's day is looked for."""
EDGE_DAYS = 21
"""A break needs this many days on either side, 15 of them informative."""
FEWEST_DAYS = 120
LONGEST_OUTAGE = 45
"""A dip that ends within so many days is service or damage, not a change of what is counted."""
_EDGE_INFORMATIVE = 15
_FLOOR = 0.03  # added to a day's ratio, so that a day of nothing has a logarithm
_LEAST_HOURS, _LEAST_WEATHER = 0.6, 0.25  # of a usual day
_PASSES = 2
_SMOOTH_DAYS = 30.0
_Z90 = 1.645
_BACK_DAYS = 10  # informative days of the old level that must follow a dip
_SUSPECT = 0.75  # a step still unknown adds to the noise: look from here on, and judge with it known
_BACK_SCORE, _RETURNED = 3.0, 0.4  # how sure the way back must be, and what of the dip may remain


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One break in what a series sees of its fleet.

    Attributes
    ----------
    start
        UTC start of the island day from which the share changes.
    earliest, latest
        90 % interval of `start`.
    ramp_days
        Days over which it changes; 0 is at once.
    share, low, high
        Lost share of what the series saw before, with its 90 % interval; negative where plants join. [-]
    mw, mw_low, mw_high
        The same in output: share times what the fleet reached just before. [MW]
    score
        Steps in standard errors; the sign is that of the level's change. [-]
    """

    start: np.datetime64
    earliest: np.datetime64
    latest: np.datetime64
    ramp_days: int
    share: float
    low: float
    high: float
    mw: float
    mw_low: float
    mw_high: float
    score: float

    @property
    def middle(self) -> np.datetime64:
        """When half of it has happened."""
        middle: np.datetime64 = self.start + self.ramp_days * DAY // 2
        return middle


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """What a series sees of its fleet, hour by hour.

    Attributes
    ----------
    breaks
        In order of time.
    passing
        First and last moment of dips (or bumps) of up to 45 days that came and went: outages, as it seems.
    stamps : (hours,)
        UTC starts of the hours looked at.
    seen, seen_low, seen_high : (hours,)
        Share of the fleet in the series, against the most it ever saw between breaks, with its 90 %
        interval; 1 where there is no break. [-]
    potential_mw : (hours,)
        What that whole fleet would have given; NaN where the weather is not known. [MW]
    error_mw : (hours,)
        Usual size of its error, standard deviation. [MW]
    days, level, level_error : (days,)
        UTC starts of the island days; the fleet's size without breaks, relative, and its standard
        error as a fraction.
    """

    breaks: tuple[Break, ...]
    passing: tuple[tuple[np.datetime64, np.datetime64], ...]
    stamps: Stamps
    seen: Floats
    seen_low: Floats
    seen_high: Floats
    potential_mw: Floats
    error_mw: Floats
    days: Stamps
    level: Floats
    level_error: Floats


@dataclass(frozen=True, slots=True)
class _Step:
    day: int
    ramp: int


@dataclass(frozen=True, slots=True)
class _Dated(_Step):
    """A step with the 90 % interval of its day."""

    earliest: int
    latest: int


def find_breaks(
    basis: Floats,
    stamps: Stamps,
    measured_mw: Floats,
    use: Bools,
    *,
    timezone: str = KOREA,
    score: float = SCORE,
    least_share: float = LEAST_SHARE,
) -> Coverage | None:
    """Find the breaks of a series against its weather.

    Parameters
    ----------
    basis : (hours, columns)
        Of `shape.wind_basis` or `shape.pv_basis`; rows with NaN say nothing.
    stamps : (hours,)
        UTC starts of whole hours, ascending.
    measured_mw : (hours,) [MW]
        Mean power of the hour; NaN where not known.
    use : (hours,)
        Hours in which the output shows the weather: `shape.judging_hours`.

    Returns
    -------
    Coverage or None
        None where fewer than 120 days say anything, the fleet never ran, or the weather never blew or shone.
    """
    if not len(stamps):
        return None
    day = _day_numbers(stamps, timezone)
    known = use & ~np.isnan(measured_mw) & ~np.isnan(basis).any(axis=1)
    table = _Table(basis, np.asarray(measured_mw, dtype=float), known, day - day[0])
    silent = not (table.measured[known] > 0.0).any() or not basis[known].any()
    if silent or len(np.unique(table.day[known])) < FEWEST_DAYS:
        return None
    steps: list[_Step] = []
    passing: list[tuple[int, int]] = []
    found = table.judged(steps)
    for _round in range(3 * MOST):
        best = found.best(steps, _SUSPECT * score, least_share)
        if best is None or len(steps) == MOST:
            break
        dip = found.passing(best)
        if dip is not None:
            passing.append(dip)
            table = table.without(dip)
            found = table.judged(steps)
            continue
        more = sorted([*steps, best], key=lambda s: s.day)
        settled = table.judged(more).settled(more, score, least_share)
        if len(settled) <= len(steps):  # it does not stand beside the others
            break
        steps, found = settled, table.judged(settled)
    dated = [found.dated(steps, i) for i in range(len(steps))]
    found = table.judged(dated) if dated else found
    return _told(table, found, dated, passing, stamps, int(day[0]), timezone)


def _day_numbers(stamps: Stamps, timezone: str) -> Ints:
    return to_local(stamps, timezone).astype("datetime64[D]").astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Hours of a series beside its weather; `day` counts from 0."""

    basis: Floats
    measured: Floats
    use: Bools
    day: Ints

    def judged(self, steps: Sequence[_Step]) -> _Found:
        """Fit the yardstick with the steps known, and lay the days out."""
        n = int(self.day[-1]) + 1
        level = np.ones(n)
        for _pass in range(_PASSES):
            shape = fit_shape(self.basis, self.measured, self.use, level[self.day])
            sums = self._sums(shape, n)
            seen = _seen(sums[0], sums[1], steps, np.arange(n))
            level = _smoothed(sums[0], sums[1] * seen) * seen
        return _Found.of(shape, sums, steps)

    def without(self, days: tuple[int, int]) -> _Table:
        """Give the same table with the days from the first to before the last saying nothing."""
        kept = (self.day < days[0]) | (self.day >= days[1])
        return replace(self, use=self.use & kept)

    def _sums(self, shape: Floats, n: int) -> tuple[Floats, Floats, Floats]:
        day = self.day[self.use]
        have, should, hours = (
            np.bincount(day, values, n).astype(np.float64)
            for values in (self.measured[self.use], shape[self.use], np.ones(len(day)))
        )
        return have, should, hours


def _seen(have: Floats, should: Floats, steps: Sequence[_Step], every: Ints) -> Floats:
    """Give a first guess of the share seen on each day: energy over weather's in sixty days on each side."""
    seen = np.ones(len(every))
    for one in steps:
        rise = step(every, np.array([one.day]), one.ramp)[:, 0]
        level = have / np.maximum(seen, _FLOOR)
        before = (every < one.day) & (every >= one.day - 60)
        after = (every > one.day + one.ramp) & (every <= one.day + one.ramp + 60)
        ratio = (level[after].sum() + 1e-9) / max(should[after].sum(), 1e-9)
        ratio /= max(level[before].sum(), 1e-9) / max(should[before].sum(), 1e-9)
        seen *= 1.0 + (np.clip(ratio, _FLOOR, 1.0 / _FLOOR) - 1.0) * rise
    return seen


def _smoothed(have: Floats, should: Floats) -> Floats:
    """Give the level around each day, weighted over a month either side."""
    reach = int(4 * _SMOOTH_DAYS)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTH_DAYS) ** 2)
    around = slice(reach, reach + len(have))
    a, b = (np.convolve(v, weights)[around] for v in (have, should))
    return np.where(b > 0, a / np.maximum(b, 1e-9), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The days laid out, with the steps known so far."""

    shape: Floats
    daily: Daily
    noise: Noise
    scale: float
    seen: Floats
    every: Ints
    beside: Floats
    columns: tuple[Floats, ...]

    @classmethod
    def of(cls, shape: Floats, sums: tuple[Floats, Floats, Floats], steps: Sequence[_Step]) -> _Found:
        have, should, hours = sums
        every = np.arange(len(have))
        whole = hours >= _LEAST_HOURS * np.median(hours[hours > 0])
        usual = float(np.median(should[whole]))
        info = whole & (should > _LEAST_WEATHER * usual)
        seen = _seen(have, should, steps, every)
        ratio = have / np.maximum(should, 1e-9)
        scale = max(float(np.median((ratio / np.maximum(seen, _FLOOR))[info])), 1e-9)
        z = np.log(np.maximum(ratio[info] / scale, 0.0) + _FLOOR)
        known = np.log(seen[info] + _FLOOR)
        held, variance = held_in(z - known, should[info])
        windy = np.log(np.clip(should, *np.quantile(should[info], (0.0, 1.0))) / usual)
        beside = np.column_stack([windy, windy**2])
        daily = Daily(every[info], held + known, variance / np.median(variance), beside[info])
        free = Daily(daily.day, held, daily.spread, daily.beside)
        columns = tuple(step(daily.day, np.array([s.day]), s.ramp)[:, 0] for s in steps)
        return cls(shape, daily, noise_of(free), scale, seen, every, beside, columns)

    def best(self, steps: Sequence[_Step], score: float, least_share: float) -> _Step | None:
        """Give the surest further step, if there is one."""
        days = self.daily.day
        start = np.arange(days[0] + EDGE_DAYS, days[-1] - EDGE_DAYS + 2, 2)  # `settled` finds the day itself
        after = len(days) - np.searchsorted(days, start)
        start = start[np.minimum(len(days) - after, after) >= _EDGE_INFORMATIVE]
        for one in steps:
            start = start[np.abs(start - one.day) >= EDGE_DAYS]
        return self._surest(Judge(self.daily, self.noise, self.columns), start, score, least_share)

    def _surest(self, judge: Judge, start: Ints, score: float, least_share: float) -> _Step | None:
        best, most = None, score
        for ramp in RAMPS if len(start) else ():
            judged = judge.of(step(self.daily.day, start, ramp))
            enough = np.abs(np.expm1(judged.size)) >= least_share
            sure = np.where(enough, np.abs(judged.score), 0.0)
            if sure.max() >= most:
                best, most = _Step(int(start[sure.argmax()]), ramp), float(sure.max())
        return best

    def passing(self, best: _Step) -> tuple[int, int] | None:
        """Give the days of a dip of which `best` is one edge: within 45 days the level is back where it was.

        A dip that reaches the end of the record, or lasts longer, cannot be told from a step.
        """
        days = self.daily.day
        mine = step(days, np.array([best.day]), best.ramp)
        away = np.arange(3, LONGEST_OUTAGE + 1)
        other = np.concatenate([best.day - away, best.day + best.ramp + away])
        other = other[(other > days[_BACK_DAYS]) & (other <= days[-_BACK_DAYS])]
        if not len(other):
            return None
        back = Judge(self.daily, self.noise, [*self.columns, mine[:, 0]]).of(step(days, other, 0))
        i = int(np.abs(back.score).argmax())
        theirs = step(days, other[i : i + 1], 0)
        there = float(Judge(self.daily, self.noise, [*self.columns, theirs[:, 0]]).of(mine).size[0])
        returns = abs(there + back.size[i]) <= _RETURNED * abs(there)
        if abs(back.score[i]) < _BACK_SCORE or not returns:
            return None
        first, last = sorted((best.day, int(other[i])))
        return first, last + (best.ramp if last == best.day else 0)

    def settled(self, steps: Sequence[_Step], score: float, least_share: float) -> list[_Step]:
        """Look for each step again beside the others; one that no longer counts is dropped."""
        out = []
        for i, one in enumerate(steps):
            others = [c for k, c in enumerate(self.columns) if k != i]
            near = np.arange(one.day - EDGE_DAYS + 1, one.day + EDGE_DAYS)
            near = near[
                (near > self.daily.day[_EDGE_INFORMATIVE]) & (near < self.daily.day[-_EDGE_INFORMATIVE])
            ]
            near = near[
                [all(abs(d - s.day) >= EDGE_DAYS // 2 for k, s in enumerate(steps) if k != i) for d in near]
            ]
            again = self._surest(Judge(self.daily, self.noise, others), near, score, least_share)
            out += [again] if again else []
        return out

    def dated(self, steps: Sequence[_Step], i: int) -> _Dated:
        """Date a step by all that its days say: the median day, and a 90 % interval of its start.

        Each day and ramp weighs by its likelihood, the size left open. Where the level is noisy the surest day is
        one of many that are nearly as sure, and the middle of these errs less.
        """
        days, one = self.daily.day, steps[i]
        judge = Judge(self.daily, self.noise, [c for k, c in enumerate(self.columns) if k != i])
        size = float(judge.of(step(days, np.array([one.day]), one.ramp)).size[0])
        start = np.arange(one.day - NEAR_DAYS, one.day + NEAR_DAYS + 1)
        inside = (start > days[_EDGE_INFORMATIVE]) & (start < days[-_EDGE_INFORMATIVE])
        apart = [all(abs(d - s.day) >= EDGE_DAYS // 2 for k, s in enumerate(steps) if k != i) for d in start]
        middle = start[(inside & apart) | (start == one.day)] + one.ramp // 2
        log = np.empty((len(RAMPS), len(middle)))
        for row, ramp in zip(log, RAMPS, strict=True):
            judged = judge.of(_bent(step(days, middle - ramp // 2, ramp), size))
            row[:] = judged.score**2 / 2.0 + np.log(judged.error)
        weight = np.exp(log - log.max())
        ramp = RAMPS[int(weight.sum(axis=1).argmax())]
        below = np.cumsum(weight.sum(axis=0)) / weight.sum()
        early, at, late = (int(middle[np.searchsorted(below, q)]) - ramp // 2 for q in (0.05, 0.5, 0.95))
        return _Dated(at, ramp, early, late)


def _bent(rise: Floats, size: float) -> Floats:
    """Turn columns of a fleet that goes evenly into those of its log level, which falls late where most of it goes."""
    return np.asarray(np.log1p(np.expm1(size) * rise) / size)


def _ratio(size: Floats, before: float) -> Floats:
    """Turn a step of log level into the share that remains, without what the floor added."""
    return np.asarray(np.maximum((before + _FLOOR) * np.exp(size) - _FLOOR, 0.0) / before)


def _told(  # noqa: PLR0917 (what was looked at, what was found in it, and its clock)
    table: _Table,
    found: _Found,
    steps: Sequence[_Dated],
    passing: Sequence[tuple[int, int]],
    stamps: Stamps,
    since: int,
    timezone: str,
) -> Coverage:
    """Size every break, and say hour by hour what the whole fleet would have given."""
    estimate = levels(found.daily, found.noise, found.columns, found.every)
    error = np.sqrt(np.diag(estimate.covariance))
    shares, total = [], np.ones((3, len(found.every)))
    for one, size, e in zip(steps, estimate.size, error, strict=True):
        before = float(np.median(total[0, max(one.day - 5, 0) : one.day + 1]))
        remains = _ratio(size + np.array([0.0, -_Z90, _Z90]) * e, before)
        shares.append(remains)
        rise = step(found.every, np.array([one.day]), one.ramp)[:, 0]
        total *= 1.0 + (remains[:, None] - 1.0) * rise
    peak = np.maximum.accumulate(total, axis=1)
    seen = total / peak
    level = np.maximum(np.exp(estimate.level + found.beside @ estimate.beside) - _FLOOR, _FLOOR) * peak[0]
    potential = found.shape * (found.scale * level)[table.day]
    potential, error_mw = _calibrated(table, potential, seen[0][table.day])
    reach = _reach(table, (level * seen[0])[table.day])
    breaks = []
    for i, (one, remains) in enumerate(zip(steps, shares, strict=True)):
        share = 1.0 - remains
        before = max(one.day - 1, 0)
        mw = share * reach * float((level * seen[0])[before])
        breaks.append(
            Break(
                start=_midnight(since + one.day, timezone),
                earliest=_midnight(since + one.earliest, timezone),
                latest=_midnight(since + one.latest, timezone),
                ramp_days=one.ramp,
                share=float(share[0]),
                low=float(share[2]),
                high=float(share[1]),
                mw=float(mw[0]),
                mw_low=float(mw[2]),
                mw_high=float(mw[1]),
                score=float(estimate.size[i] / error[i]),
            )
        )
    return Coverage(
        breaks=tuple(breaks),
        passing=tuple(
            (_midnight(since + a, timezone), _midnight(since + b, timezone)) for a, b in sorted(passing)
        ),
        stamps=stamps,
        seen=seen[0][table.day],
        seen_low=seen[1][table.day],
        seen_high=seen[2][table.day],
        potential_mw=potential,
        error_mw=error_mw,
        days=np.array([_midnight(since + int(d), timezone) for d in found.every], dtype="datetime64[s]"),
        level=level,
        level_error=np.sqrt(estimate.variance),
    )


def _midnight(day: int, timezone: str) -> np.datetime64:
    start: np.datetime64 = to_utc(np.array([day], dtype="datetime64[D]").astype("datetime64[s]"), timezone)[0]
    return start


def _calibrated(table: _Table, potential: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Meet the measured energy of the judging hours, and give the usual error at each height of potential.

    Above what those hours reach (PV at noon) the error grows with the potential.
    """
    fine = table.use & (seen > 0.5)
    have = table.measured[fine] / seen[fine]
    potential = potential * float(have.sum() / max(potential[fine].sum(), 1e-9))
    edges = np.quantile(potential[fine], np.linspace(0.0, 1.0, 11))
    group = np.clip(np.searchsorted(edges, potential[fine]) - 1, 0, 9)
    miss = have - potential[fine]
    sd = np.array([np.sqrt(np.mean(miss[group == k] ** 2)) if (group == k).any() else 0.0 for k in range(10)])
    middle = (edges[1:] + edges[:-1]) / 2.0
    beyond = np.maximum(potential / max(float(middle[-1]), 1e-9), 1.0)
    return potential, np.interp(potential, middle, sd) * beyond


def _reach(table: _Table, level: Floats) -> float:
    """Give the output that a fleet at level one reaches: its best hour in a thousand [MW]."""
    fine = ~np.isnan(table.measured) & (level > 0.1)
    return float(np.quantile(table.measured[fine] / level[fine], 0.999))
