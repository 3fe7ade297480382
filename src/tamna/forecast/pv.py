"""Features of a PV fleet: the clear sky that the hour could have, the clouds as issued, and how it was of late.

The learner's target is the part of what the fleet would give under a clear sky: the base is the fleet's size of late
times the clear hour, so night is zero by itself and a growing fleet needs no learning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.fleet import days_ago, last_hours, latest, level_at, observed_sun, pv_share
from tamna.forecast.table import Once, mean_known, table_of
from tamna.forecast.wind import around, clock
from tamna.grid.clock import HOUR, KOREA, to_local, to_utc
from tamna.grid.sun import JEJU, sine_of_elevation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows
    from tamna.forecast.table import Table
    from tamna.forecast.weather import Weather

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LIGHT = 0.02
"""Part of capacity under a clear sky below which an hour says nothing of the clouds [-]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PvFeatures:
    """Features of an island's PV fleet; `reading` is the track of what it gave, known as readings are [MW]."""

    reading: str = "reading/pv"
    timezone: str = KOREA
    place: tuple[float, float] = JEJU

    def facts(self, rows: Rows, history: History) -> Table:
        """Make clock, sun, size, and how much of the clear sky came through lately.

        Returns
        -------
        Table
            ``base`` is what the fleet would give under a clear sky [MW], 0 at night.
        """
        level = level_at(history, self.reading, observed_sun(history, self.place), rows.issued_at)
        clear = pv_share(rows.valid_at, self.place)
        columns = clock(rows, self.timezone) | {"clear": clear, "level": level}
        columns["height"] = sine_of_elevation(rows.valid_at + HOUR // 2, *self.place)
        columns |= self._lately(rows, history, level, clear)
        return table_of(columns, level * clear)

    def _lately(self, rows: Rows, history: History, level: Floats, clear: Floats) -> dict[str, Floats]:
        once = Once.of(rows.issued_at, rows.issued_at)
        size = np.full(len(once), np.nan)
        size[once.back] = level
        seen = latest(history, self.reading, once.second, 24)
        could = [
            np.where(np.isnan(v), np.nan, pv_share(stamps, self.place))
            for v, stamps in zip(seen, last_hours(once.second, 24), strict=True)
        ]
        with np.errstate(invalid="ignore", divide="ignore"):
            columns = {
                "index_morning": (_sum(seen[:5]) / (size * _sum(could[:5])))[once.back],
                "index_day": (_sum(seen) / (size * _sum(could)))[once.back],
            }
            before = days_ago(history, self.reading, rows.valid_at, rows.issued_at, 2)
            columns["index_days_ago_2"] = np.where(clear > LIGHT, before / (level * clear), np.nan)
        return columns

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Make the clouds around the hour and over the day as issued, and what the fleet makes under them."""
        del history
        return table_of(pv_sky(rows, weather, self), np.ones(len(rows)))


def pv_sky(rows: Rows, weather: Weather, how: PvFeatures) -> dict[str, Floats]:
    """Make the sky's columns."""
    cloud, humid = (around(rows, weather, q) for q in ("cloud_cover", "humidity"))
    warm, breeze = (weather.at(q, rows.valid_at, rows.issued_at) for q in ("temperature", "wind_speed"))
    made = pv_made(rows, weather, how.place)
    clear = np.maximum(pv_share(rows.valid_at, how.place), LIGHT)
    columns = {f"cloud{k:+d}": v for k, v in cloud.items()} | {
        f"humidity{k:+d}": humid[k] for k in (-3, 0, 2)
    }
    columns |= {
        "made": made,
        "through": made / clear,
        "through_around": mean_known(
            [1.0 - 0.75 * np.clip(v / 100.0, 0.0, 1.0) ** 3.4 for v in cloud.values()]
        ),
        "cloud_around": mean_known(list(cloud.values())),
        "temperature": warm,
        "wind": breeze,
        "rain": mean_known(
            [weather.at("precipitation", rows.valid_at + k * HOUR, rows.issued_at) for k in (-1, 0, 1)]
        ),
        "pressure": weather.at("pressure", rows.valid_at, rows.issued_at),
    }
    for way in ("east", "north"):
        columns[f"wind_{way}"] = weather.at(f"wind_{way}", rows.valid_at, rows.issued_at)
    return columns | _days_sky(rows, weather, how.timezone)


def pv_made(rows: Rows, weather: Weather, place: tuple[float, float]) -> Floats:
    """Give what the fleet makes under the cloud as issued, as a share; 0 at night, NaN without a run."""
    cloud, warm, breeze = (
        weather.at(q, rows.valid_at, rows.issued_at) for q in ("cloud_cover", "temperature", "wind_speed")
    )
    return pv_share(rows.valid_at, place, cloud=cloud, temperature=warm, wind=breeze)


def _days_sky(rows: Rows, weather: Weather, timezone: str) -> dict[str, Floats]:
    once = Once.of(to_local(rows.valid_at, timezone).astype("datetime64[D]"), rows.issued_at)
    midnight = to_utc(once.first, timezone)

    def mean(quantity: str, first: int, last: int) -> Floats:
        return mean_known(
            [weather.at(quantity, midnight + h * HOUR, once.second) for h in range(first, last)]
        )[once.back]

    return {
        "day_cloud": mean("cloud_cover", 7, 19),
        "day_humidity": mean("humidity", 7, 19),
        "day_rain": mean("precipitation", 7, 19),
    }


def daylight(rows: Rows, history: History) -> Bools:
    """Say in which hours a clear sky would give at least `LIGHT` of the fleet: PV is scored in those.

    Nearer to sunrise a band of a tenth of a MW would be held against misses of some MW.
    """
    del history
    return np.asarray(pv_share(rows.valid_at, JEJU) > LIGHT)


def faint(rows: Rows, history: History) -> Bools:
    """Say in which hours the sun is too low for the days before to say anything: a day earlier it may have stood
    just high enough, and nothing is broken.
    """
    return ~daylight(rows, history)


def _sum(parts: list[Floats]) -> Floats:
    stack = np.stack(parts)
    none = np.isnan(stack).all(axis=0)
    return np.asarray(np.where(none, np.nan, np.nansum(stack, axis=0)))
