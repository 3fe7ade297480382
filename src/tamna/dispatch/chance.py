r"""How far sums of held-back energy may lie from what is expected, where nobody knows the floors of days.

Floors are drawn: one error of the line for the whole period, departures of days that remember the day before
(:math:`x_d = \rho x_{d-1} + \sigma\sqrt{1-\rho^2}\,\epsilon_d`), and hours about their day's. A month in which little is held
hangs on a few days, so chance alone takes it far from its mean even where every parameter is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.spread import Room

    Floats = NDArray[np.float64]

DRAWS, SEED = 400, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """How floors lie apart.

    Attributes
    ----------
    day_sd_mw, memory
        A day's about the line (standard deviation), and its correlation with the day before. [MW], [-]
    width_mw
        An hour's about its day's. [MW]
    wander_mw
        How far the line itself may be wrong, for the whole period. [MW]
    """

    day_sd_mw: float
    memory: float
    width_mw: float
    wander_mw: float

    @property
    def sd_mw(self) -> float:
        """Give how far the floor of one hour lies from the line (standard deviation). [MW]"""
        return float(np.hypot(self.day_sd_mw, self.width_mw))


def drawn(
    room: Room, scatter: Scatter, day: NDArray[np.int64], group: NDArray[np.int64], scale: Floats
) -> Floats:
    """Draw what is held back and add it up by group, (draws, groups) [MWh].

    Parameters
    ----------
    day, group : (hours,)
        Number of each hour's day, and of its group; hours of group -1 are left out.
    scale : (hours,)
        Energy counted per MW held in an hour. [h]
    """
    rng = np.random.default_rng(SEED)
    days = int(day.max()) + 1
    off = _departures(rng, scatter, days)
    of = group >= 0
    sums = np.empty((DRAWS, int(group.max()) + 1))
    for k in range(DRAWS):
        here = off[k][day] + scatter.width_mw * rng.standard_normal(len(day))
        sums[k] = np.bincount(group[of], (room.lower(-here).held() * scale)[of], sums.shape[1])
    return sums


def _departures(rng: np.random.Generator, scatter: Scatter, days: int) -> Floats:
    """Draw each day's departure, the line's error in it, (draws, days) [MW]."""
    new = rng.standard_normal((DRAWS, days))
    off = np.empty_like(new)
    off[:, 0] = new[:, 0]
    for d in range(1, days):
        off[:, d] = scatter.memory * off[:, d - 1] + np.sqrt(1.0 - scatter.memory**2) * new[:, d]
    even = ndtri(
        (rng.permutation(DRAWS) + 0.5) / DRAWS
    )  # the line's error, in even steps of probability: it decides most
    return np.asarray(scatter.day_sd_mw * off + scatter.wander_mw * even[:, None])
