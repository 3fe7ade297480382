"""The last day of a period as it would have been forecast, beside what came: what a run tells before it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError
from tamna.grid.clock import HOUR
from tamna.runs.forecasting import answered, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.product import Forecast
    from tamna.grid import Island
    from tamna.grid.clock import Period
    from tamna.series import Store

    Floats = NDArray[np.float64]

TARGETS = ("demand", "wind", "pv", "price")
HOURS = 37
"""From 11:00 of the day before to the end of the last day. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foreseen:
    """A forecast and what came.

    Attributes
    ----------
    actual
        Target -> (hours,), NaN where nothing is known by now. [the target's unit]
    """

    forecast: Forecast
    actual: Mapping[str, Floats]

    def missed(self, name: str) -> float | None:
        """Give the mean absolute miss of the middle over the hours that came. [unit]"""
        miss = np.abs(self.forecast.at(name, 0.5) - self.actual[name])
        return float(miss[np.isfinite(miss)].mean()) if np.isfinite(miss).any() else None


def foreseen(
    store: Store, island: Island, period: Period, *, shelf: Path | None = None, seed: int = 0
) -> Foreseen | None:
    """Forecast the last day of a period as of 11:00 the day before; None where too little was known for any target.

    Targets that the store holds nothing of are left out, and the forecast's notes say which.
    """
    issue = period.end - HOURS * HOUR
    try:
        prepared = prepare(
            store, island, TARGETS, issue=issue, hours=HOURS, seed=seed, shelf=shelf, lenient=True
        )
        found = answered(prepared)
    except InputError:
        return None
    actual = {
        name: prepared.known.history.actual(ready.target.track, found.stamps)
        for name, ready in prepared.ready.items()
    }
    return Foreseen(forecast=found, actual=actual)
