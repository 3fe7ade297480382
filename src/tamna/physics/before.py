r"""What the hours before an hour tell of its floor: forward only, as someone at the desk knows it.

`dayfloor` looks back from the end of the year: a day's own output says what its floor was. Here nothing of the hour or of
what follows is used. A day begins with what the days before say, departures being :math:`x_d = \rho x_{d-1} + \ldots`; each
hour that passes adds its own evidence (`states`). What the wind could have given is the weather's word alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.physics.dayfloor import departures, step_of, sun_days
from tamna.physics.states import free_and_held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.physics.curtailment import Hours, SystemFloor

    Floats = NDArray[np.float64]


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
        How far days and hours lie from it: `day_sd_mw`, `memory`, `width_mw`, `rest_mw`, `tail`, `dark_penalty`.
    """
    grid = departures(floor.day_sd_mw)
    start, step = step_of(floor.day_sd_mw, floor.memory)
    told = _evidence(hours, line_mw, grid, floor)
    day = sun_days(hours.stamps, hours.sunny)
    days, each = np.empty((2, len(day), len(grid)))
    now, morning, today = start, start, -1
    for k, (d, row) in enumerate(zip(day.tolist(), told, strict=True)):
        while today < d:  # a night passes; a day without hours tells nothing
            now = now @ step if today >= 0 else start
            today, morning = today + 1, now
        days[k], each[k] = morning, now
        now = now * np.exp(row - row.max())
        now /= now.sum()
    return _summed(days, grid), _summed(each, grid)


def _evidence(hours: Hours, line_mw: Floats, grid: Floats, floor: SystemFloor) -> Floats:
    """Give the log likelihood of each hour's output under each departure, (hours, floors)."""
    known = hours.known & np.isfinite(line_mw)
    left, short, error, made = (
        np.where(known, values, other)
        for values, other in (
            (hours.demand_mw - hours.pv_mw - hours.actual_mw - line_mw, 0.0),
            (hours.potential_mw - hours.actual_mw, 0.0),
            (np.fmax(hours.error_mw, 1.0), 1.0),
            (hours.actual_mw, 0.0),
        )
    )
    free, held = free_and_held(
        made, left[:, None] - grid, short, error,
        width_mw=floor.width_mw, rest_mw=floor.rest_mw, tail=floor.tail,
    )  # fmt: skip
    dark = ~hours.sunny
    free[dark], held[dark] = 1.0, held[dark] * np.exp(-floor.dark_penalty)
    return np.where(known[:, None], np.log(free + held), 0.0)


def _summed(weight: Floats, grid: Floats) -> Before:
    mean = weight @ grid
    return Before(mean_mw=mean, sd_mw=np.sqrt(np.maximum(weight @ grid**2 - mean**2, 0.0)))
