"""What a backtested forecast is good for beside its scores: ramps foreseen, and which prices nobody was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tamna.forecast.money import mock_hours
from tamna.forecast.price import price_tracks
from tamna.forecast.ramps import ramp_scores
from tamna.forecast.targets import target_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.forecast.backtest import Answers
    from tamna.forecast.contest import Contest
    from tamna.grid import Island

FLEETS: Mapping[str, Literal["wind", "pv"]] = {
    "wind": "wind",
    "wind_delivered": "wind",
    "pv": "pv",
    "pv_delivered": "pv",
}


def fleet_capacity(island: Island, target: str, day: np.datetime64) -> float | None:
    """Give what the fleet behind a target that meters in the market could give on a day; None without a fleet. [MW]"""
    kind = FLEETS.get(target)
    found = 0.0 if kind is None else island.capacity_mw(kind, day.astype("datetime64[D]").item(), "market")
    return found or None


def ramps(ring: Contest) -> dict[str, Any]:
    """Score how every competitor foresaw ramps, over the hours that count; empty where no capacity is known."""
    if ring.capacity is None or ring.unit != "MW":
        return {}
    actual = np.where(ring.fair, ring.actual, np.nan)
    return {
        name: ramp_scores(actual, np.where(ring.fair, middle, np.nan), capacity_mw=ring.capacity)
        for name, middle in ring.middles.items()
    }


def mock(answers: Answers, island: Island) -> int:
    """Count the hours whose price was that of a mock run: nobody was paid it."""
    series = price_tracks(island.name).get(target_named(answers.target).track)
    return 0 if not series else int(mock_hours(answers, island, series[0]).sum())
