"""Breaks in what share of a fleet a series sees, from the series and its weather alone.

A day's level is its measured energy over what the weather gives a fleet of size one (`shape`). A break is
a step of that level, at once or over ten days, that how the level wanders (`wander`: noise, growth, season,
read from the series itself) does not explain. It may go down (plants leave the series and go on turning) or
up (plants join). Steps are found one by one (`seek`); each is judged with the yardstick and the noise fitted
beside all of them, and at the end each is dated beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, KOREA, to_local, to_utc
from tamna.physics.seek import FLOOR, Step, Table, rise_of
from tamna.physics.steps import YARDSTICK, levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.physics.seek import Dated, Found

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

LEAST_SHARE = 0.10
"""Smaller steps are not told: a yardstick of weather cannot tell them from a dirty module or a new wake."""
SCORE = 2.1
"""Standard errors, with the yardstick's own, by which a step must be larger than that. On Jeju the largest
without a break has 1.3 in 29 months, wind and PV alike; the break of June 2024 has 2.5 in PV, and 30 % that
leave a real year have 2.7 or more."""
MOST = 6
FEWEST_DAYS = 120
ONE_DAYS = 10
"""A step that follows another in the same direction within so many days of its end is the same break."""
_TO_90 = 1.645 * np.array([0.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One break in what a series sees of its fleet.

    Attributes
    ----------
    start
        UTC start of the island day from which the share changes.
    earliest, latest
        90 % interval of `start`, whether it came at once or over ten days.
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
    table = Table(basis, np.asarray(measured_mw, dtype=float), known, day - day[0])
    silent = not (table.measured[known] > 0.0).any() or not basis[known].any()
    if silent or len(np.unique(table.day[known])) < FEWEST_DAYS:
        return None
    steps: list[Step] = []
    passing: list[tuple[int, int]] = []
    found = table.judged(steps)
    for _round in range(3 * MOST):
        more = found.next(table, steps, score, least_share) if len(steps) < MOST else None
        if more is None:
            break
        if isinstance(more, tuple):
            passing.append(more)
            table = table.without(more)
        else:
            steps = more
        found = table.judged(steps)
    dated = [found.dated(steps, i) for i in range(len(steps))]
    found = table.judged(dated) if dated else found
    return _told(table, found, dated, passing, stamps, int(day[0]), timezone)


def _day_numbers(stamps: Stamps, timezone: str) -> Ints:
    return to_local(stamps, timezone).astype("datetime64[D]").astype(np.int64)


def _ratio(size: Floats, before: float) -> Floats:
    """Turn a step of log level into the share that remains, without what the floor added."""
    return np.asarray(np.maximum((before + FLOOR) * np.exp(size) - FLOOR, 0.0) / before)


def _told(  # noqa: PLR0917 (what was looked at, what was found in it, and its clock)
    table: Table,
    found: Found,
    steps: Sequence[Dated],
    passing: Sequence[tuple[int, int]],
    stamps: Stamps,
    since: int,
    timezone: str,
) -> Coverage:
    """Size every break, and say hour by hour what the whole fleet would have given."""
    estimate = levels(found.daily, found.noise, found.columns, found.every)
    error = np.hypot(np.sqrt(np.diag(estimate.covariance)), YARDSTICK)
    before, total = [], np.ones((3, len(found.every)))
    for one, size, e in zip(steps, estimate.size, error, strict=True):
        before.append(float(np.median(total[0, max(one.day - 5, 0) : one.day + 1])))
        remains = _ratio(size + _TO_90 * e, before[-1])
        rise = rise_of(found.every, one)
        total *= 1.0 + (remains[:, None] - 1.0) * rise
    peak = np.maximum.accumulate(total, axis=1)
    seen = total / peak
    level = np.maximum(np.exp(estimate.level + found.beside @ estimate.beside) - FLOOR, FLOOR) * peak[0]
    potential = found.shape * (found.scale * level)[table.day]
    potential, error_mw = _calibrated(table, potential, seen[0][table.day])
    reach = _reach(table, (level * seen[0])[table.day])
    breaks = []
    for run in _runs(steps, estimate.size):
        first, last = steps[run.start], steps[run.stop - 1]
        size = float(estimate.size[run].sum())
        sure = float(np.sqrt(estimate.covariance[run, run].sum()))
        share = 1.0 - _ratio(size + _TO_90 * np.hypot(sure, YARDSTICK), before[run.start])
        mw = share * reach * float((level * seen[0])[max(first.day - 1, 0)])
        breaks.append(
            Break(
                start=_midnight(since + first.day, timezone),
                earliest=_midnight(since + first.earliest, timezone),
                latest=_midnight(since + first.latest, timezone),
                ramp_days=last.day + last.ramp - first.day,
                share=float(share[0]),
                low=float(share[2]),
                high=float(share[1]),
                mw=float(mw[0]),
                mw_low=float(mw[2]),
                mw_high=float(mw[1]),
                score=size / sure,
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


def _runs(steps: Sequence[Dated], size: Floats) -> list[slice]:
    """Put steps of one direction together that follow each other at once: one break whose ramp has another form."""
    out: list[slice] = []
    for i, one in enumerate(steps):
        last = steps[i - 1] if out else None
        if last is not None and size[i] * size[i - 1] > 0 and one.day - last.day - last.ramp <= ONE_DAYS:
            out[-1] = slice(out[-1].start, i + 1)
        else:
            out.append(slice(i, i + 1))
    return out


def _midnight(day: int, timezone: str) -> np.datetime64:
    start: np.datetime64 = to_utc(np.array([day], dtype="datetime64[D]").astype("datetime64[s]"), timezone)[0]
    return start


def _calibrated(table: Table, potential: Floats, seen: Floats) -> tuple[Floats, Floats]:
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


def _reach(table: Table, level: Floats) -> float:
    """Give the output that a fleet at level one reaches: its best hour in a thousand [MW]."""
    fine = ~np.isnan(table.measured) & (level > 0.1)
    return float(np.quantile(table.measured[fine] / level[fine], 0.999))
