"""How large a fleet a series holds, day by day.

Plants join and leave a published series; the same wind then makes more or less. The level is the ratio of
measured to modelled energy in trusted hours, weighed around each day, and held at the nearest known
value beyond: no trend is carried into a year that was not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

WIDTH_DAYS = 45.0
"""Standard deviation of the weights around a day: short enough for a new wind farm, long enough for weather."""


@dataclass(frozen=True, slots=True)
class Level:
    """Days (UTC) and the fleet's size on each, relative to the fit's own unit."""

    days: Stamps
    size: Floats

    def at(self, stamps: Stamps) -> Floats:
        """Give the size at `stamps`: by a line between days, the nearest known day's beyond."""
        since = self.days[0]
        at = (stamps - since) / np.timedelta64(86400, "s")
        return np.asarray(np.interp(at, (self.days - since) / np.timedelta64(86400, "s"), self.size))

    def as_dict(self) -> dict[str, Any]:
        """Give the level as JSON carries it, one value a week."""
        pick = np.unique(np.append(np.arange(0, len(self.days), 7), len(self.days) - 1))
        return {
            "days": [str(d.astype("datetime64[D]")) for d in self.days[pick]],
            "size": np.round(self.size[pick], 5).tolist(),
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Level:
        """Take up a saved level."""
        return cls(np.array(saved["days"], dtype="datetime64[s]"), np.array(saved["size"], dtype=float))


def level_of(
    stamps: Stamps,
    measured: Floats,
    modelled: Floats,
    trusted: Bools,
    *,
    width_days: float = WIDTH_DAYS,
    skip_days: float = 0.0,
) -> Level:
    r"""Find the level: :math:`L_d = \sum_e k_{de} M_e / \sum_e k_{de} P_e`, Gaussian weights over days.

    Parameters
    ----------
    stamps, measured, modelled, trusted : (hours,)
        Energy of each hour [MWh] and whether the hour counts. Hours without a number do not.
    skip_days
        Days nearer than this say nothing about a day: the level as if that time had not been seen. [d]
    """
    use = trusted & ~np.isnan(measured) & ~np.isnan(modelled)
    day = stamps.astype("datetime64[D]")
    days = np.unique(day)
    code = np.searchsorted(days, day)
    have = np.bincount(code[use], measured[use], len(days))
    should = np.bincount(code[use], modelled[use], len(days))
    known = np.flatnonzero(should > 0)
    if not len(known):
        return Level(days.astype("datetime64[s]"), np.ones(len(days)))
    apart = (days[known][:, None] - days[known][None, :]) / np.timedelta64(1, "D")
    weights = np.exp(-0.5 * (apart / width_days) ** 2)
    weights[np.abs(apart) < skip_days] = 0.0
    # a month of a third of the fleet's output as prior at one: a calm fortnight is not a shrunken fleet
    prior = 30.0 * float(np.mean(should[known])) * 0.3
    size = (weights @ have[known] + prior) / (weights @ should[known] + prior)
    nearest = known[np.abs(np.arange(len(days))[:, None] - known[None, :]).argmin(axis=1)]
    return Level(days.astype("datetime64[s]"), size[np.searchsorted(known, nearest)])
