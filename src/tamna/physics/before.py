r"""What the hours before an hour tell of its floor: forward only, as someone at the desk knows it.

`dayfloor` looks back from the end of the year: a day's own output says what its floor was. Here nothing of the hour or of
what follows is used. A day begins with what the days before say, departures being :math:`x_d = \rho x_{d-1} + \ldots`; each
hour that passes adds its own evidence (`states`), and from hour to hour the floor drifts a little.

What the wind could give is the weather's word and the fleet's own error in the hours before (`smooth.Running`). Both are
asked of an hour at once: an hour that was surely free says how far the weather is off, one that was surely held says
what the floor is, and one that may have been either says of each only as much as it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.physics.dayfloor import departures, step_of, sun_days
from tamna.physics.smooth import Persistence, Running
from tamna.physics.states import free_and_held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.physics.curtailment import Hours, SystemFloor

    Floats = NDArray[np.float64]

HOURLY_MW, DRIFT_MW = 12.0, 7.0
"""How far an hour's floor lies about its day's, and how far the day's moves on from one sunny hour to the next. [MW]

By the likelihood of each hour of 2022 and 2024-01..05 given those before it: 8 above 15 MW without a drift (1.5 and 6.6).
What the wind's own error adds there is 3,160 and 1,550."""
DOUBTFUL = 4.0
"""Variance that an hour adds to the error's as it may have been held: times its odds and the error's own. [-]"""
MOST_SD = 3.0
"""The error is never thought larger than so many times its usual size. [-]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """The day's departure from the line as it was known before each hour. Arrays (hours,).

    Attributes
    ----------
    mean_mw, sd_mw
        Mean and standard deviation of what it may be; without news zero and that of all days. [MW]
    """

    mean_mw: Floats
    sd_mw: Floats


def told_before(hours: Hours, line_mw: Floats, floor: SystemFloor) -> tuple[Before, Before]:
    """Say what was known of each hour's floor from the days before it, and from all hours before it.

    Parameters
    ----------
    hours
        Consecutive; of them output, demand and PV count, and the weather's own potential with its error. What is not
        known tells nothing.
    line_mw : (hours,)
        The floor of an average day. [MW]
    floor
        How far days and hours lie from it: `day_sd_mw`, `memory`, `rest_mw`, `tail`, `dark_penalty`.
    """
    grid = departures(floor.day_sd_mw)
    start, step = step_of(floor.day_sd_mw, floor.memory)
    _all, drift = step_of(floor.day_sd_mw, np.sqrt(1.0 - (DRIFT_MW / floor.day_sd_mw) ** 2))
    known = hours.known & np.isfinite(line_mw)
    day = sun_days(hours.stamps, hours.sunny)
    days, each = np.empty((2, len(day), len(grid)))
    now, morning, today = start, start, 0
    desk = _Desk(hours, line_mw, floor, grid)
    for k, d in enumerate(day.tolist()):
        if k and d == day[k - 1] and hours.sunny[k]:
            now = now @ drift
        while today < d:  # a night passes; a day without hours tells nothing
            now = now @ step
            today, morning = today + 1, now
        days[k], each[k] = morning, now
        now = desk.after(k, now) if known[k] else desk.blind(now)
    return _summed(days, grid), _summed(each, grid)


class _Desk:
    """Someone who sees an hour go by, and learns what it says of the floor and of the wind's error together."""

    def __init__(self, hours: Hours, line_mw: Floats, floor: SystemFloor, grid: Floats) -> None:
        self._floor = floor
        self._how = Persistence()
        self._error = Running(self._how)
        self._most = hours.most_mw
        self._left = (hours.demand_mw - hours.pv_mw - hours.actual_mw - line_mw)[:, None] - grid
        self._made, self._could = hours.actual_mw, hours.potential_mw
        self._size = np.fmax(hours.error_mw, 1.0)
        self._sunny = hours.sunny

    def blind(self, now: Floats) -> Floats:
        """Let an hour of which nothing is known go by."""
        self._error.pass_hour()
        return now

    def after(self, k: int, now: Floats) -> Floats:
        """Give how likely each departure is once hour `k` is over."""
        made, could, size = float(self._made[k]), float(self._could[k]), float(self._size[k])
        self._error.pass_hour()
        mean, variance = self._error.error(size, could)
        short = min(max(could + mean, 0.0), self._most) - made
        wide = np.sqrt(min(variance, (MOST_SD * size) ** 2) + self._how.meter_mw**2)
        free, held = self._states(k, made, short, wide)
        likely = now * (free + held)
        whole = likely.sum()
        chance = float(now @ held / whole)
        if chance <= 0.5:  # else nothing says what the wind could have given
            doubt = DOUBTFUL * size**2 * chance / (1.0 - chance)
            self._error.see(made - could, self._how.meter_mw**2 + doubt, size, could)
        return np.asarray(likely / whole)

    def _states(self, k: int, made: float, short: float, wide: float) -> tuple[Floats, Floats]:
        free, held = free_and_held(
            np.array([made]), self._left[k : k + 1], np.array([short]), np.array([wide]),
            width_mw=HOURLY_MW, rest_mw=self._floor.rest_mw, tail=self._floor.tail,
        )  # fmt: skip
        if self._sunny[k]:
            return free[0], held[0]
        return np.ones_like(free[0]), held[0] * np.exp(-self._floor.dark_penalty)


def _summed(weight: Floats, grid: Floats) -> Before:
    mean = weight @ grid
    return Before(mean_mw=mean, sd_mw=np.sqrt(np.maximum(weight @ grid**2 - mean**2, 0.0)))
