"""What the wind could have given and was not allowed to, after the fact, with an interval.

An hour gives what the weather gives or what the system has room for, whichever is less (`states`). So two
things are asked of each hour together: does the fleet make less than its weather (and its own trusted
hours before and after) say, and is what is left of demand near the floor of must-run plant and link
minimum? The floor is one for a day, near that of the days around, and near what other years tell
(`dayfloor`): an afternoon that is surely held says what the morning's floor was.

Published curtailment of the period is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, log_ndtr, ndtr, ndtri

from tamna.physics.held import ROUNDS, look
from tamna.physics.smooth import Persistence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FEW_ROUNDS = 3
"""Enough to compare floors by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFloor:
    """Where the system runs out of room for wind.

    Attributes
    ----------
    days, mw
        The floor (demand less PV less wind below which the system has no room) of an average day, on given
        days; by a line between them, the nearest beyond. [MW]
    counted
        Energy held back on the whole island per energy missing from the series, on the same days: farms
        outside the settled series are held back too. [-]
    day_sd_mw, memory
        How far one day's floor lies from that line (standard deviation), and its correlation with the day
        before. [MW], [-]
    width_mw
        How far it moves from hour to hour within a day (standard deviation). [MW]
    rest_mw
        Mean output of what turns though all is held. [MW]
    dark_penalty
        Log odds taken off hours without sun: the floor is reached under a high sun. [-]
    tail
        Degrees of freedom of free hours' errors (Student's t). [-]
    wander_mw
        How far the line itself may be wrong, for weeks to a year on end (standard deviation). [MW]

    Notes
    -----
    The numbers within a day and from day to day have the highest likelihood of the hours of Jeju in 2022
    and 2024-01..05, which no published hour entered.
    """

    days: Stamps
    mw: Floats
    counted: Floats | None = None
    day_sd_mw: float = 45.0
    memory: float = 0.75
    width_mw: float = 15.0
    rest_mw: float = 9.0
    dark_penalty: float = 3.0
    tail: float = 5.0
    wander_mw: float = 25.0

    def at(self, stamps: Stamps) -> Floats:
        """Give the line at `stamps` [MW]."""
        return self._along(stamps, self.mw)

    def counted_at(self, stamps: Stamps) -> Floats:
        """Give `counted` at `stamps` [-]; one where nothing is known."""
        return np.ones(len(stamps)) if self.counted is None else self._along(stamps, self.counted)

    def _along(self, stamps: Stamps, values: Floats) -> Floats:
        since = self.days[0]
        hour = np.timedelta64(3600, "s")
        return np.asarray(np.interp((stamps - since) / hour, (self.days - since) / hour, values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What is known of each hour. All (hours,) [MW]; NaN where not known.

    `potential_mw` and `error_mw` come from a `FleetFit`; `sunny` says whether the sun is up.
    """

    stamps: Stamps
    actual_mw: Floats
    potential_mw: Floats
    error_mw: Floats
    demand_mw: Floats
    pv_mw: Floats
    sunny: Bools
    most_mw: float

    def pick(self, which: Bools) -> Hours:
        """Give some of the hours."""
        names = ("stamps", "actual_mw", "potential_mw", "error_mw", "demand_mw", "pv_mw", "sunny")
        return replace(self, **{name: getattr(self, name)[which] for name in names})

    @property
    def known(self) -> Bools:
        """Whether everything needed to judge the hour is there."""
        return np.asarray(
            ~np.isnan(self.actual_mw + self.potential_mw + self.error_mw + self.demand_mw + self.pv_mw)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtailment:
    """The estimate, hour by hour (hours,). Hours that could not be judged are NaN, never zero.

    Attributes
    ----------
    potential_mw, potential_sd_mw
        What the fleet could have given, from weather and its trusted hours around. [MW]
    net_demand_mw
        Demand less PV less that potential (with the hour's own output left out). [MW]
    floor_mw
        The day's own floor, as its hours and the days around it tell. [MW]
    likelihood
        That the hour was held down, 0..1. [-]
    log_odds
        The same, for ranking hours that are nearly sure. [-]
    expected_mwh
        Expected energy held back, as the island counts it (`SystemFloor.counted`). [MWh]
    depth_mwh, depth_sd_mwh
        Centre and spread of that before it is cut at zero, if the hour was held. [MWh]
    """

    stamps: Stamps
    potential_mw: Floats
    potential_sd_mw: Floats
    net_demand_mw: Floats
    floor_mw: Floats
    likelihood: Floats
    log_odds: Floats
    expected_mwh: Floats
    depth_mwh: Floats
    depth_sd_mwh: Floats

    def interval(self, low: float = 0.1, high: float = 0.9) -> tuple[Floats, Floats]:
        """Give quantiles of each hour's energy [MWh]: zero with one less likelihood, else cut normal."""
        return self._quantile(np.full(len(self.stamps), low)), self._quantile(np.full(len(self.stamps), high))

    def _quantile(self, u: Floats) -> Floats:
        held = np.maximum(self.likelihood, 1e-12)
        inside = np.clip((u - (1.0 - self.likelihood)) / held, 0.0, 1.0 - 1e-9)
        cut = cut_normal(inside, self.depth_mwh, self.depth_sd_mwh)
        return np.where(np.isnan(self.likelihood), np.nan, np.where(inside > 0.0, cut, 0.0))


def estimate(hours: Hours, floor: SystemFloor, how: Persistence | None = None) -> Curtailment:
    """Estimate curtailment hour by hour.

    Parameters
    ----------
    hours
        A run of consecutive hours; unknown ones stay unknown and tell the others nothing.
    floor
        The system's parameters, learned elsewhere: see `learn_floor`.
    """
    how = how or Persistence()
    seen = look(hours, floor, how, ROUNDS)
    blank = np.where(hours.known, 0.0, np.nan)
    counted = floor.counted_at(hours.stamps)
    centre, sd = seen.around - seen.made, seen.wide
    z = centre / sd
    given = centre + sd * np.exp(-0.5 * z * z - 0.5 * np.log(2 * np.pi) - log_ndtr(z))
    return Curtailment(
        stamps=hours.stamps,
        potential_mw=np.clip(seen.weather + seen.mean, 0.0, hours.most_mw) + blank,
        potential_sd_mw=np.sqrt(seen.var + how.meter_mw**2) + blank,
        net_demand_mw=seen.net - seen.around + blank,
        floor_mw=seen.floor + blank,
        likelihood=expit(seen.odds) + blank,
        log_odds=seen.odds + blank,
        expected_mwh=expit(seen.odds) * given * counted + blank,
        depth_mwh=centre * counted + blank,
        depth_sd_mwh=sd * counted + blank,
    )


def evidence(hours: Hours, floor: SystemFloor, how: Persistence | None = None) -> float:
    """Give the log likelihood of every hour's output given all others, under `floor`."""
    return look(hours, floor, how or Persistence(), FEW_ROUNDS).log_likelihood


def cut_normal(u: Any, centre: Any, sd: Any) -> Any:
    """Give the quantile `u` of a normal cut off below zero."""
    below = ndtr(-centre / sd)
    return np.maximum(centre + sd * ndtri(np.clip(below + u * (1.0 - below), 1e-15, 1 - 1e-12)), 0.0)


KINDS = ("instructed", "market", "inferred", "outage", "unexplained")


def split(
    found: Curtailment,
    *,
    actual_mw: Floats,
    low_mw: Floats,
    instructed_mwh: Floats | None = None,
    bidding: Bools | None = None,
    lasting: int = 6,
) -> dict[str, Floats]:
    """Say of which kind each hour's missing energy is [MWh]; what is not known stays NaN, never zero.

    Parameters
    ----------
    actual_mw, low_mw : (hours,) [MW]
        Output, and the low quantile of the weather's potential alone (``bands[0.1]``).
    instructed_mwh : (hours,) or None
        As published; NaN where nothing is published for the hour.
    bidding : (hours,) or None
        Where a bid may have gone uncleared (from 2024-06-01 on Jeju): the estimate is then 'market'.
    lasting
        A shortfall without lack of room counts as an outage from this many hours on.
    """
    n = len(found.stamps)
    published = np.full(n, np.nan) if instructed_mwh is None else instructed_mwh
    market = np.zeros(n, dtype=bool) if bidding is None else bidding
    unknown = np.isnan(published)
    free = np.nan_to_num(found.likelihood) < 0.5
    missing = np.where(free, np.maximum(low_mw - actual_mw, 0.0), 0.0)
    long = _runs(np.nan_to_num(missing) > 0, lasting)
    nothing = np.where(np.isnan(found.likelihood), np.nan, 0.0)
    return {
        "instructed": published,
        "market": np.where(unknown & market, found.expected_mwh, nothing),
        "inferred": np.where(unknown & ~market, found.expected_mwh, nothing),
        "outage": np.where(long, missing, 0.0) + nothing,
        "unexplained": np.where(long, 0.0, missing) + nothing,
    }


def _runs(flags: Bools, least: int) -> Bools:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    out = np.zeros(len(flags), dtype=bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        out[start:end] = end - start >= least
    return out
