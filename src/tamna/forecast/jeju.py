"""Targets of an island as the store holds them: which series feed which track, and the learners by default."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.blend import Member
from tamna.forecast.demand import DemandFeatures
from tamna.forecast.history import read_history
from tamna.forecast.network import Network
from tamna.forecast.price import price_tracks
from tamna.forecast.rivals import demand_rivals
from tamna.forecast.target import Target
from tamna.forecast.trees import Trees
from tamna.forecast.weather import QUANTITIES

if TYPE_CHECKING:
    from tamna.forecast.history import History
    from tamna.grid.clock import Period
    from tamna.series.store import Store

BLANK_IS_NOTHING = ("observed/precipitation",)


def island_history(store: Store, period: Period, *, island: str = "jeju") -> History:
    """Read demand, the operator's forecast of it, observed weather and weather runs of an island.

    Observed weather is averaged over the stations, runs over their places. Observations are open: a stated
    error model makes forecasts of them where no run exists.
    """
    held = {info.series for info in store.list()}

    def named(pattern: str) -> list[str]:
        return sorted(name for name in held if fnmatchcase(name, pattern))

    tracks = {"demand": [f"{island}/demand"], "operator": [f"{island}/demand_forecast"]}
    tracks |= price_tracks(island)
    seen = {f"observed/{q}": named(f"asos/*/{q}") for q in (*QUANTITIES, "radiation")}
    runs = {f"forecast/{q}": named(f"forecast/*/{q}") for q in QUANTITIES}
    return read_history(
        store,
        period,
        tracks=tracks | seen,
        runs=runs,
        blank_is_zero=BLANK_IS_NOTHING,
        open_names=seen,
    )


def demand_target() -> Target:
    """Give demand as it is forecast by default: a network for the band, trees and the network for the middle."""
    features = DemandFeatures()
    return Target(
        name="demand",
        track="demand",
        unit="MW",
        facts=features.facts,
        sky=features.sky,
        members=(
            Member(learner=Network(noise=0.4, decay=0.1), weight=1.0),
            Member(
                learner=Trees(rounds=220, rate=0.06, leaves=31, least=30, own=(0.5,)), weight=1.0, whole=False
            ),
        ),
        relative=True,
        bounds=(0.0, np.inf),
        rivals=demand_rivals,
    )
