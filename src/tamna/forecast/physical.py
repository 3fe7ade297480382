"""Physics alone as a rival: a fleet curve on the weather as issued, its size and exposure scaled on the past.

No learner and no band of its own: the wind fleet's curve on the mean or the strongest wind of the runs, or panels
under the runs' cloud. Which wind, how exposed the turbines stand and how large the fleet is: those that missed least
over the last weeks of runs that were known at the issue; before there are enough, those of observed weather.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.fleet import (
    EXPOSURE,
    EXPOSURE_MOST,
    FEWEST_HOURS,
    LEVEL_DAYS,
    level_at,
    observed_sun,
    observed_wind,
    pv_share,
    wind_share,
)
from tamna.forecast.rivals import persistence, simple_rivals
from tamna.forecast.weather import IssuedWeather
from tamna.grid.clock import DAY, HOUR
from tamna.grid.sun import JEJU

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Made = Callable[[Stamps, Stamps], Sequence[Floats]]

LEAD_H = 13
"""Hours of the past are taken from a run at least so old, as the hours asked are."""
PARTS = (1.0, 0.6, 0.7, 0.8, 0.9)
"""Exposures tried, as parts of the usual one, over the mean wind and over the strongest."""
SIZES = np.linspace(0.5, 1.3, 33)
"""Sizes tried, as parts of the one that keeps the energy."""


def wind_physics(rows: Rows, history: History, reading: str = "reading/wind") -> Floats:
    """Give the fleet curve on the issued wind, scaled on the past, (rows,) [MW]; NaN without a run."""
    weather = IssuedWeather(history)

    def made(stamps: Stamps, issued_at: Stamps) -> list[Floats]:
        return [
            wind_share(weather.at(wind, stamps, issued_at), part * exposure)
            for wind, exposure in (("wind_speed", EXPOSURE), ("wind_most", EXPOSURE_MOST))
            for part in PARTS
        ]

    start = level_at(history, reading, observed_wind(history), rows.issued_at)
    return _scaled(rows, history, reading, made, start)


def pv_physics(rows: Rows, history: History, reading: str = "reading/pv") -> Floats:
    """Give panels under the issued cloud, scaled on the past, (rows,) [MW]; 0 at night, NaN without a run."""
    weather = IssuedWeather(history)

    def made(stamps: Stamps, issued_at: Stamps) -> list[Floats]:
        cloud, warm, breeze = (
            weather.at(q, stamps, issued_at) for q in ("cloud_cover", "temperature", "wind_speed")
        )
        return [pv_share(stamps, JEJU, cloud=cloud, temperature=warm, wind=breeze)]

    start = level_at(history, reading, observed_sun(history, JEJU), rows.issued_at)
    return _scaled(rows, history, reading, made, start)


def _scaled(rows: Rows, history: History, reading: str, made: Made, start: Floats) -> Floats:
    """Take for each issue the form and size that missed least lately; the first form at `start` before."""
    said = made(rows.valid_at, rows.issued_at)
    first, last = rows.valid_at.min() - LEVEL_DAYS * DAY, rows.issued_at.max()
    past = np.arange(first, last, HOUR).astype("datetime64[s]")
    before = made(past, _issue_before(past, rows.issued_at[0]))
    out = np.full(len(rows), np.nan)
    for issue in np.unique(rows.issued_at):
        pick = rows.issued_at == issue
        lately = (past < issue) & (past >= issue - LEVEL_DAYS * DAY)
        came = history.at(reading, past[lately], np.full(int(lately.sum()), issue))
        best = _least_missed([form[lately] for form in before], came)
        form, size = best or (0, float(start[pick][0]))
        out[pick] = size * said[form][pick]
    return out


def _issue_before(stamps: Stamps, issue: np.datetime64) -> Stamps:
    """Give for each hour the latest issue at the time of day of `issue` that lies `LEAD_H` hours before it."""
    days = (stamps - LEAD_H * HOUR - issue) // DAY
    return np.asarray(issue + days * DAY, dtype="datetime64[s]")


def _least_missed(forms: Sequence[Floats], came: Floats) -> tuple[int, float] | None:
    found = []
    for i, form in enumerate(forms):
        use = np.isfinite(form) & np.isfinite(came)
        if use.sum() < FEWEST_HOURS or form[use].sum() <= 0:
            return None
        sizes = SIZES * came[use].sum() / form[use].sum()
        missed = np.abs(came[use][:, None] - form[use][:, None] * sizes).mean(axis=0)
        found.append((float(missed.min()), i, float(sizes[missed.argmin()])))
    return min(found)[1:]


def wind_rivals(rows: Rows, history: History, track: str) -> Mapping[str, Floats]:
    """Give the rivals of a wind forecast: the simple ones and physics."""
    return {**simple_rivals(rows, history, track), "physics": wind_physics(rows, history, f"reading/{track}")}


def pv_rivals(rows: Rows, history: History, track: str) -> Mapping[str, Floats]:
    """Give the rivals of a PV forecast: the simple ones and physics."""
    return {**simple_rivals(rows, history, track), "physics": pv_physics(rows, history, f"reading/{track}")}


def net_load_rivals(rows: Rows, history: History, track: str) -> Mapping[str, Floats]:
    """Give the rivals of net load: the simple ones, and the operator's (else last known) demand less physics."""
    demand = history.actual("operator", rows.valid_at) if history.has("operator") else None
    if demand is None:
        demand = persistence(rows, history, "demand")
    offer = wind_physics(rows, history) + pv_physics(rows, history)
    return {**simple_rivals(rows, history, track), "physics": demand - offer}
