"""Features of a wind fleet: the wind around the hour as issued, what a fleet curve makes of it, the fleet lately.

The learner's target is MW. The fleet's size stands beside the weather as a feature, and so does what the weather
gave at that size; hours in which the fleet was held back teach nothing of its potential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.fleet import (
    EXPOSURE,
    days_ago,
    latest,
    level_at,
    observed_wind,
    wind_share,
)
from tamna.forecast.table import Once, mean_known, table_of
from tamna.forecast.weather import apart
from tamna.grid.clock import HOUR, KOREA, to_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows
    from tamna.forecast.table import Table
    from tamna.forecast.weather import Weather

    Floats = NDArray[np.float64]

AROUND = (-3, -2, -1, 0, 1, 2)
"""Hours around the hour at which the wind is taken: a front comes early or late."""
PARTS = (0.75, 1.0, 1.3)
"""Of the usual exposure: the fleet stands in better and worse places."""
MORNING_H = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WindFeatures:
    """Features of an island's wind fleet.

    Attributes
    ----------
    reading
        The history's track of what the fleet gave, known as readings are [MW].
    """

    reading: str = "reading/wind"
    timezone: str = KOREA

    def facts(self, rows: Rows, history: History) -> Table:
        """Make what holds whatever the weather: clock, season, the fleet's size, and its last hours."""
        columns = clock(rows, self.timezone) | wind_facts(rows, history, self.reading)
        return table_of(columns, np.ones(len(rows)))

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Make the wind as issued around the hour and what a fleet of the size of late would make of it."""
        level = level_at(history, self.reading, observed_wind(history), rows.issued_at)
        return table_of(wind_sky(rows, history, weather, level), np.ones(len(rows)))


def clock(rows: Rows, timezone: str) -> dict[str, Floats]:
    """Give hour and season as angles: their sines and cosines."""
    local = to_local(rows.valid_at, timezone)
    day = local.astype("datetime64[D]")
    hour = 2 * np.pi * np.asarray((local - day) // HOUR, dtype=np.float64) / 24
    year = 2 * np.pi * (day - day.astype("datetime64[Y]")).astype(np.float64) / 365.25
    return {
        "hour_sin": np.sin(hour),
        "hour_cos": np.cos(hour),
        "hour_sin_2": np.sin(2 * hour),
        "hour_cos_2": np.cos(2 * hour),
        "season_sin": np.sin(year),
        "season_cos": np.cos(year),
    }


def wind_facts(rows: Rows, history: History, reading: str) -> dict[str, Floats]:
    """Say how large the fleet is, what it gave this morning and yesterday, and how far off the curve that was."""
    once = Once.of(rows.issued_at, rows.issued_at)
    given = observed_wind(history)
    level = level_at(history, reading, given, once.second)
    hours = latest(history, reading, once.second, 24)
    morning = mean_known(hours[:MORNING_H])
    blew = mean_known(latest_share(history, once.second, MORNING_H))
    found = {
        "level": level,
        "morning": morning,
        "morning_off": morning - level * blew,
        "day": mean_known(hours),
    }
    columns = {name: value[once.back] for name, value in found.items()}
    columns["days_ago_2"] = days_ago(history, reading, rows.valid_at, rows.issued_at, 2)
    columns["lead"] = rows.lead_h
    return columns


def latest_share(history: History, issued_at: NDArray[np.datetime64], hours: int) -> list[Floats]:
    """Give what the observed wind gave in the last hours before each issue, as a share."""
    return [wind_share(speed) for speed in latest(history, "observed/wind_speed", issued_at, hours)]


def wind_sky(rows: Rows, history: History, weather: Weather, level: Floats) -> dict[str, Floats]:
    """Make the wind's columns; beyond a run's last hour its last hour holds."""
    speed = around(rows, weather, "wind_speed")
    east, north = (around(rows, weather, f"wind_{way}") for way in ("east", "north"))
    columns = {f"speed{k:+d}": v for k, v in speed.items()}
    for k in (-2, 0, 2):
        columns[f"east{k:+d}"], columns[f"north{k:+d}"] = east[k], north[k]
    for i, part in enumerate(PARTS):
        columns[f"made_{i}"] = level * wind_share(speed[0], part * EXPOSURE)
    columns["made_around"] = level * mean_known([wind_share(v) for v in speed.values()])
    columns["speed_around"] = mean_known([_at(rows, weather, "wind_speed", k) for k in range(-8, 9, 2)])
    columns["along"] = np.hypot(east[0], north[0])
    warm, pressure = (around(rows, weather, q) for q in ("temperature", "pressure"))
    columns["temperature"] = warm[0]
    columns["warming"] = warm[2] - warm[-3]
    columns["pressure"] = pressure[0]
    columns["tendency"] = pressure[2] - pressure[-3]
    for quantity in ("humidity", "cloud_cover", "precipitation"):
        columns[quantity] = _at(rows, weather, quantity, 0)
    return columns | _places(rows, history, weather)


def _places(rows: Rows, history: History, weather: Weather) -> dict[str, Floats]:
    """Say how the wind of each place of the run differs from their mean, in the hour and two before and after."""
    columns: dict[str, Floats] = {}
    for quantity, hours in (("wind_speed", (-2, 0, 2)), ("wind_east", (0,)), ("wind_north", (0,))):
        for k in hours:
            found = apart(history, weather, quantity, rows.valid_at + k * HOUR, rows.issued_at)
            columns |= {f"{place}/{quantity}{k:+d}": value for place, value in found.items()}
    return columns


def around(rows: Rows, weather: Weather, quantity: str) -> dict[int, Floats]:
    """Give a quantity at the hours `AROUND`; where a run has none the nearest hour towards the row's own holds."""
    found = {0: _at(rows, weather, quantity, 0)}
    for k in (*range(-1, min(AROUND) - 1, -1), *range(1, max(AROUND) + 1)):
        value = _at(rows, weather, quantity, k)
        found[k] = np.where(np.isnan(value), found[k - int(np.sign(k))], value)
    return {k: found[k] for k in AROUND}


def _at(rows: Rows, weather: Weather, quantity: str, hours: int) -> Floats:
    return weather.at(quantity, rows.valid_at + hours * HOUR, rows.issued_at)
