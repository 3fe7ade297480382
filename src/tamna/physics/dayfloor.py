r"""The floor of each day: must-run plant is committed for a day, and tomorrow's is much like today's.

How far a day's floor lies from the line that other years tell is never published. But every hour of the day
says something of it, and so do the days around: departures :math:`x_d` follow each other as
:math:`x_d = \rho x_{d-1} + \sigma\sqrt{1-\rho^2}\,\epsilon_d` on a grid of floors, forward and backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

REACH = 4.0
"""Standard deviations of a day's floor that the grid spans to either side."""
STEPS_PER_SD = 5
HOURS = 24


def departures(sd_mw: float) -> Floats:
    """Give the grid of departures from the line [MW]."""
    count = round(REACH * STEPS_PER_SD)
    return np.asarray(np.arange(-count, count + 1) * (sd_mw / STEPS_PER_SD))


def sun_days(stamps: Stamps, sunny: Bools) -> NDArray[np.int64]:
    """Number the day of each hour, 0.. , from midnight to midnight by the sun.

    Midnight is half a turn from the mean of the sunny hours, so no time zone is asked for; without a
    sunny hour days run by UTC.
    """
    hour = stamps.astype("datetime64[h]").astype(np.int64)
    turn = np.exp(2j * np.pi * (hour + 0.5) / HOURS)[sunny].sum() if sunny.any() else -1.0
    noon = np.angle(turn) / (2.0 * np.pi) * HOURS
    midnight = int(np.round(noon + HOURS / 2))
    day = (hour - midnight) // HOURS
    return np.asarray(day - day.min())


def floors_of_days(evidence: Floats, sd_mw: float, memory: float) -> tuple[Floats, float]:
    """Give each day's posterior over departures, (days, floors), and the log evidence of all days.

    Parameters
    ----------
    evidence : (days, floors)
        Log likelihood of each day's hours under each departure; a row of zeros says nothing.
    sd_mw
        Standard deviation of a day's floor around the line. [MW]
    memory
        Correlation of a day's departure with the day before, 0 <= memory < 1. [-]
    """
    start, step = step_of(sd_mw, memory)
    top = evidence.max(axis=1, keepdims=True)
    likely = np.exp(evidence - top)
    ahead = np.empty_like(likely)
    total, now = float(top.sum()), start
    for d, row in enumerate(likely):
        now = now * row
        whole = now.sum()
        total += float(np.log(whole))
        ahead[d] = now / whole
        now = ahead[d] @ step
    behind = np.ones(len(start))
    for d in range(len(likely) - 1, -1, -1):
        ahead[d] *= behind
        ahead[d] /= ahead[d].sum()
        behind = step @ (behind * likely[d])
        behind /= behind.sum()
    return ahead, total


def step_of(sd_mw: float, memory: float) -> tuple[Floats, Floats]:
    """Give how likely each departure is, (floors,), and from one day to the next, (floors, floors)."""
    grid = departures(sd_mw)
    spread = sd_mw * np.sqrt(1.0 - memory**2)
    start = _share(-0.5 * (grid / sd_mw) ** 2)
    return start, np.array([_share(-0.5 * ((grid - memory * x) / spread) ** 2) for x in grid])


def _share(log: Floats) -> Floats:
    weights = np.exp(log - log.max())
    return np.asarray(weights / weights.sum())
