"""Features of PV sites anywhere: where the sun stands, what falls on the modules, the weather around the hour.

A site needs a latitude, a longitude and how its modules lie. Weather needs radiation or cloud cover; everything
else helps and may be absent. Several sites near each other see the same clouds: each also sees their mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.table import Table, mean_known, table_of
from tamna.physics.pv import Plane, PvFleet, capacity_factor, plane_irradiance
from tamna.physics.sun import Sun, sky_under, sun_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

AROUND = (-2, -1, 1, 2)
"""Hours before and after that are features of an hour [h]."""
TWILIGHT_DEG = 94.0
"""Zenith angle beyond which PV makes nothing."""
OTHERS = (
    "longwave", "pressure", "humidity", "temperature", "wind_speed", "wind_u", "wind_v", "precipitation",
    "liquid_water", "ice_water",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PvSite:
    """A PV plant.

    Attributes
    ----------
    latitude, longitude
        [degrees north, degrees east]
    altitude_m
        Above the sea. [m]
    tilt_deg, azimuth_deg
        How the modules lie: from the horizontal; clockwise from north.
    """

    name: str
    latitude: float
    longitude: float
    altitude_m: float = 0.0
    tilt_deg: float = 30.0
    azimuth_deg: float = 180.0

    @property
    def plane(self) -> Plane:
        """The modules as one plane."""
        return Plane(tilt_deg=self.tilt_deg, azimuth_deg=self.azimuth_deg, share=1.0)

    def sun(self, stamps: Stamps) -> Sun:
        """Where the sun stands over the site in the middle of each hour."""
        return sun_over(stamps, self.latitude, self.longitude, self.altitude_m)


def rates(total: Floats, stamps: Stamps, *, reset_hour: int = 0) -> Floats:
    """Turn a sum since the start of a run into what each hour added.

    Parameters
    ----------
    total : (hours,)
        At the end of each hour, since `reset_hour` UTC; consecutive hours.
    stamps : (hours,)
        Start of each hour.

    Examples
    --------
    >>> hours = np.arange("2024-01-01T22", "2024-01-02T02", dtype="datetime64[h]").astype("datetime64[s]")
    >>> rates(np.array([7.0, 9.0, 1.0, 3.0]), hours).tolist()
    [nan, 2.0, 1.0, 2.0]
    """
    begin = stamps.astype("datetime64[h]").astype(np.int64) % 24 == reset_hour
    before = np.concatenate([[np.nan], total[:-1]])
    return np.asarray(np.where(begin, total, total - before))


@dataclass(frozen=True, slots=True, eq=False)
class SiteHours:
    """A site's features and whether anything can be made in the hour."""

    table: Table
    light: Bools


def site_hours(
    sites: tuple[PvSite, ...], weather: Mapping[str, Mapping[str, Floats]], stamps: Stamps
) -> dict[str, SiteHours]:
    """Make features of every site for consecutive hours.

    Parameters
    ----------
    weather
        Site -> quantity -> (hours,): ``radiation`` [W/m2], ``cloud_cover`` (0..1), ``temperature`` [degC],
        ``wind_speed`` [m/s], and any of `OTHERS`. NaN where missing.
    stamps : (hours,)
        Start of each hour, UTC, without a gap.
    """
    own = {site.name: _own(site, weather[site.name], stamps) for site in sites}
    shared: dict[str, Floats] = {}
    if len(sites) > 1:
        for name in ("power", "clearness", "cloud"):
            stack = np.stack([own[s.name][name] for s in sites])
            shared[f"{name}_all"], shared[f"{name}_apart"] = stack.mean(axis=0), stack.std(axis=0)
    found = {}
    for site in sites:
        columns = own[site.name] | shared
        columns |= {f"is_{s.name}": np.full(len(stamps), float(s is site)) for s in sites if len(sites) > 1}
        light = columns.pop("zenith") < TWILIGHT_DEG
        found[site.name] = SiteHours(table_of(columns, np.ones(len(stamps))), light)
    return found


def _own(site: PvSite, weather: Mapping[str, Floats], stamps: Stamps) -> dict[str, Floats]:
    blank = np.full(len(stamps), np.nan)
    sun = site.sun(stamps)
    cloud = weather.get("cloud_cover", blank)
    sky = sky_under(sun, weather.get("radiation"), cloud)
    clear = sky_under(sun, sun.clear_ghi)
    falling = plane_irradiance(site.plane, sun, sky)
    fleet = PvFleet(planes=(site.plane,), module_per_inverter=1.0, losses=0.0)
    power = capacity_factor(
        fleet, sun, sky, weather.get("temperature", blank), weather.get("wind_speed", blank)
    )
    year = 2 * np.pi * sun.day_of_year / 365.25
    columns: dict[str, Floats] = {
        "zenith": sun.zenith,
        "height": 90.0 - sun.zenith,
        "azimuth": sun.azimuth,
        "clear_radiation": sun.clear_ghi,
        "clear_on_plane": plane_irradiance(site.plane, sun, clear),
        "radiation": sky.ghi,
        "on_plane": falling,
        "beam": sky.dni * np.maximum(np.cos(np.deg2rad(sun.zenith)), 0.0),
        "power": power,
        "clearness": np.clip(sky.ghi / np.maximum(sun.clear_ghi, 20.0), 0.0, 1.6),
        "cloud": cloud,
        "season_sin": np.sin(year),
        "season_cos": np.cos(year),
        "day_of_year": sun.day_of_year.astype(float),
        "hour": (stamps.astype("datetime64[h]").astype(np.int64) % 24).astype(float),
    }
    columns |= {name: weather[name] for name in OTHERS if name in weather}
    if "toa" in weather:
        columns["through"] = sky.ghi / np.maximum(weather["toa"], 20.0)
    for name in ("power", "clearness", "cloud", "humidity"):
        if name in columns:
            columns |= {f"{name}_{k:+d}": moved(columns[name], k) for k in AROUND}
    for name in ("power", "cloud"):
        columns[f"{name}_around"] = mean_known([moved(columns[name], k) for k in (-2, -1, 0, 1, 2)])
    for name in ("radiation", "cloud", "humidity", "through", "precipitation"):
        if name in columns:
            columns[f"{name}_day"] = _of_day(columns[name], stamps, site.longitude)
    return columns


def moved(values: Floats, hours: int) -> Floats:
    """Give for each hour the value `hours` later; NaN beyond the ends."""
    out = np.full(len(values), np.nan)
    if hours > 0:
        out[:-hours] = values[hours:]
    elif hours < 0:
        out[-hours:] = values[:hours]
    else:
        out[:] = values
    return out


def _of_day(values: Floats, stamps: Stamps, longitude: float) -> Floats:
    """Give the mean of the solar day that each hour lies in."""
    solar = stamps + np.timedelta64(round(longitude / 15.0 * 3600), "s")
    _days, code = np.unique(solar.astype("datetime64[D]"), return_inverse=True)
    there = ~np.isnan(values)
    count = np.bincount(code, there)
    total = np.bincount(code, np.where(there, values, 0.0))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan)[code])
