"""What the weather gives a fleet, as a share of it, and how large the fleet has lately been.

`Level` is measured over what the weather gave, summed over the last weeks that were known at each issue. It turns a
share into MW, follows a fleet that grows, and takes up the difference between two metering bases by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.physics.pv import PvFleet, capacity_factor
from tamna.physics.sun import Sun, sky_under, sun_over
from tamna.physics.wind import WindFleet, fleet_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]

EXPOSURE = 2.4
"""Wind at the turbines over the mean of low masts; on Jeju best on dark hours of 2022 and 2023. [-]"""
EXPOSURE_MOST = 1.25
"""The same over the strongest wind among the masts. [-]"""
LEVEL_DAYS = 45
REACH_DAYS = 120
FEWEST_HOURS = 48


def wind_share(speed_mps: Floats, exposure: float = EXPOSURE) -> Floats:
    """Give a wind fleet's power per capacity from the mean wind of an island's masts, 0..1 [-]."""
    return fleet_curve(WindFleet(), np.asarray(speed_mps) * exposure)


def pv_share(
    stamps: Stamps,
    place: tuple[float, float],
    *,
    radiation: Floats | None = None,
    cloud: Floats | None = None,
    temperature: Floats | None = None,
    wind: Floats | None = None,
) -> Floats:
    """Give a PV fleet's power per capacity, (hours,) 0..1 [-]; without radiation and cloud the sky is clear.

    Parameters
    ----------
    radiation
        Global horizontal, mean of the hour. [W/m2]
    cloud
        [%]
    temperature, wind
        [degC], [m/s]; missing ones count as mild and calm.
    """
    sun = sun_at(stamps, place)
    if radiation is None and cloud is None:
        radiation = sun.clear_ghi
    sky = sky_under(sun, radiation, None if cloud is None else cloud / 100.0)
    blank = np.full(len(stamps), np.nan)
    return capacity_factor(
        PvFleet(), sun, sky, blank if temperature is None else temperature, blank if wind is None else wind
    )


def sun_at(stamps: Stamps, place: tuple[float, float]) -> Sun:
    """Give the sun over whole hours; each year is reckoned once."""
    year = stamps.astype("datetime64[Y]").astype(np.int64)
    parts = {int(y): _sun_of_year(int(y), place) for y in np.unique(year)}
    begin = stamps.astype("datetime64[Y]").astype("datetime64[s]")
    hour = np.asarray((stamps - begin) // HOUR, dtype=np.int64)

    def column(name: str) -> Floats:
        out = np.empty(len(stamps))
        for y, sun in parts.items():
            out[year == y] = getattr(sun, name)[hour[year == y]]
        return out

    return Sun(
        zenith=column("zenith"),
        azimuth=column("azimuth"),
        clear_ghi=column("clear_ghi"),
        clear_dni=column("clear_dni"),
        clear_dhi=column("clear_dhi"),
        extra_dni=column("extra_dni"),
        day_of_year=column("day_of_year").astype(np.int64),
    )


@lru_cache(maxsize=32)
def _sun_of_year(year: int, place: tuple[float, float]) -> Sun:
    start = np.datetime64(year, "Y").astype("datetime64[s]")
    hours = int((np.datetime64(year + 1, "Y").astype("datetime64[s]") - start) // HOUR)
    return sun_over(start + np.arange(hours) * HOUR, *place)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What observed weather gave a fleet, hour by hour: (hours,) share and when the weather was known."""

    start: np.datetime64
    share: Floats
    known_at: Stamps


def observed_wind(history: History) -> Given | None:
    """Give what observed wind gave; None without stations."""
    track = history.tracks.get("observed/wind_speed")
    return None if track is None else Given(track.start, wind_share(track.value), track.known_at)


def observed_sun(history: History, place: tuple[float, float]) -> Given | None:
    """Give what observed radiation gave, cloud where no radiometer stands; None without either."""
    radiation, cloud = (history.tracks.get(f"observed/{n}") for n in ("radiation", "cloud_cover"))
    some = radiation or cloud
    if some is None:
        return None
    stamps = some.start + np.arange(len(some.value)) * HOUR
    share = pv_share(
        stamps,
        place,
        radiation=None if radiation is None else radiation.value,
        cloud=None if cloud is None else cloud.value,
    )
    known = [t.known_at for t in (radiation, cloud) if t is not None]
    return Given(some.start, share, np.maximum.reduce(known) if len(known) > 1 else known[0])


def level_at(history: History, reading: str, given: Given | None, issued_at: Stamps) -> Floats:
    """Give how large a fleet has lately been at each issue, (rows,) [MW]; NaN without readings or weather.

    The last `LEVEL_DAYS` days' worth of hours that were known at the issue, no older than `REACH_DAYS`; with few of
    them it leans on all hours before.
    """
    track = history.tracks.get(reading)
    if track is None or given is None:
        return np.full(len(issued_at), np.nan)
    issues, back = np.unique(issued_at, return_inverse=True)
    return np.array([_level(track.value, track.known_at, track.start, given, i) for i in issues])[back]


def _level(
    value: Floats, known_at: Stamps, start: np.datetime64, given: Given, issue: np.datetime64
) -> float:
    end = int((issue - start) // HOUR)
    begin = max(end - REACH_DAYS * 24, 0)
    pick = np.arange(begin, max(min(end, len(value)), begin))
    shift = int((start - given.start) // HOUR)
    there = pick + shift
    inside = (there >= 0) & (there < len(given.share))
    pick, there = pick[inside], there[inside]
    both = (known_at[pick] <= issue) & (given.known_at[there] <= issue)
    both &= np.isfinite(value[pick]) & np.isfinite(given.share[there])
    pick, there = pick[both][-LEVEL_DAYS * 24 :], there[both][-LEVEL_DAYS * 24 :]
    if len(pick) < FEWEST_HOURS or given.share[there].sum() <= 0:
        return float("nan")
    return float(value[pick].sum() / given.share[there].sum())


def latest(history: History, reading: str, issued_at: Stamps, hours: int) -> list[Floats]:
    """Give the last `hours` readings before each issue, newest first, (rows,) each; NaN where not known."""
    return [history.at(reading, stamps, issued_at) for stamps in last_hours(issued_at, hours)]


def last_hours(issued_at: Stamps, hours: int) -> list[Stamps]:
    """Give the starts of the last whole hours before each issue, newest first, (rows,) each."""
    last = issued_at.astype("datetime64[h]").astype("datetime64[s]")
    return [np.asarray(last - (k + 1) * HOUR, dtype="datetime64[s]") for k in range(hours)]


def days_ago(history: History, reading: str, stamps: Stamps, issued_at: Stamps, days: int) -> Floats:
    """Give the same hour so many days before, where it was known."""
    return history.at(reading, stamps - days * DAY, issued_at)
