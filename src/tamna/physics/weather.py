"""Weather at a few places to what a fleet feels: the rows that a fit learns from.

Instants stand at the hour's start; the hour's energy feels the wind from that instant to the next, and
a front that passes one mast passes the next one later. So each place gives its wind at several hours
around. Where four or more pressures are known their slope gives the wind above the boundary layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.physics import pv, wind
from tamna.physics.sun import sky_under, sun_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]

LAGS = (-2, -1, 0, 1, 2, 3)
"""Hours around the hour's start at which the wind is taken."""
FILL_HOURS = 6
"""Gaps up to this long are bridged by a line between their ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One station or grid point; arrays (hours,), NaN where not known, one value for each hour's start.

    Attributes
    ----------
    latitude, longitude
        [deg]
    speed, direction
        Wind, instants: [m/s] and where it blows from, [deg].
    temperature, humidity, pressure
        Instants: [degC], [%], at sea level [hPa].
    cloud
        Instants, 0..1 [-].
    radiation
        Mean over the hour that starts here [W/m2]; None or NaN where not measured.
    sunshine
        Over the hour that starts here, 0..1 [-]; None where not measured.
    mast_m
        Height of the wind instrument. [m]
    """

    latitude: float
    longitude: float
    speed: Floats
    direction: Floats
    temperature: Floats
    humidity: Floats
    pressure: Floats
    cloud: Floats
    radiation: Floats | None = None
    sunshine: Floats | None = None
    mast_m: float = 10.0


@dataclass(frozen=True, slots=True)
class Features:
    """A table: `rows` (hours, features) and their names; `estimated` marks hours with guessed radiation."""

    names: tuple[str, ...]
    rows: Floats
    estimated: NDArray[np.bool_]


def bridge(values: Floats, most: int = FILL_HOURS) -> Floats:
    """Bridge gaps of up to `most` hours by a line; longer gaps and the ends stay NaN."""
    known = ~np.isnan(values)
    if known.all() or not known.any():
        return values
    at = np.arange(len(values))
    before = np.maximum.accumulate(np.where(known, at, -1))
    after = np.minimum.accumulate(np.where(known, at, len(values))[::-1])[::-1]
    short = (before >= 0) & (after < len(values)) & (after - before - 1 <= most)
    return np.where(known | ~short, values, np.interp(at, at[known], values[known]))


def shifted(values: Floats, hours: int) -> Floats:
    """Give the value `hours` later (negative: earlier); the ends hold their last value."""
    at = np.clip(np.arange(len(values)) + hours, 0, len(values) - 1)
    return np.asarray(values[at])


def pressure_slope(places: Sequence[Place]) -> tuple[Floats, Floats, Floats]:
    """Give the slope of sea-level pressure eastward and northward [hPa/100 km] and its mean [hPa].

    A plane through the places by least squares, after taking off each barometer's own offset (its median
    departure from the mean, which at this size of island is instrument and not weather).
    """
    pressures = np.array([bridge(p.pressure) for p in places])
    with np.errstate(all="ignore"):
        departures = pressures - pressures.mean(axis=0)
        offsets = np.array(
            [[np.median(d[~np.isnan(d)]) if (~np.isnan(d)).any() else 0.0] for d in departures]
        )
    east = np.array([p.longitude for p in places])
    north = np.array([p.latitude for p in places])
    km = np.cos(np.radians(north.mean())) * 111.2
    frame = np.column_stack([np.ones(len(places)), (east - east.mean()) * km, (north - north.mean()) * 111.2])
    level, x, y = np.linalg.pinv(frame) @ (pressures - offsets)
    return x * 100.0, y * 100.0, level


def wind_features(
    places: Mapping[str, Place], stamps: Stamps, fleet: wind.WindFleet | None = None
) -> Features:
    """Tabulate what a wind fleet feels, one row an hour; see the module's words."""
    fleet = fleet or wind.WindFleet()
    named: dict[str, Floats] = {}
    for name, place in places.items():
        speed, temperature = bridge(place.speed), bridge(place.temperature)
        east, north = wind.components(place.speed, place.direction)
        east, north = bridge(east), bridge(north)
        density = wind.air_density(temperature, bridge(place.pressure), bridge(place.humidity) / 100.0)
        for lag in LAGS:
            named[f"{name}/speed{lag:+d}"] = shifted(speed, lag)
            named[f"{name}/east{lag:+d}"] = shifted(east, lag)
            named[f"{name}/north{lag:+d}"] = shifted(north, lag)
        made = wind.capacity_factor(fleet, speed * 1.5, mast_m=place.mast_m, density=density)
        named[f"{name}/power"] = wind.hourly_from_instants(made)
        named[f"{name}/energy"] = np.minimum(speed + shifted(speed, 1), 50.0) ** 2 / 10.0
        named[f"{name}/temperature"] = temperature
        named[f"{name}/humidity"] = bridge(place.humidity)
    if len(places) >= 3:
        x, y, level = pressure_slope(list(places.values()))
        named["slope/east"], named["slope/north"] = x, y
        named["tendency"] = shifted(level, 2) - shifted(level, -2)
    turn = _sun_angle(places, stamps)
    named["clock/cos"], named["clock/sin"] = np.cos(turn), np.sin(turn)
    rows = np.column_stack(list(named.values()))
    return Features(tuple(named), rows, np.zeros(len(rows), dtype=bool))


def pv_features(places: Mapping[str, Place], stamps: Stamps, fleet: pv.PvFleet | None = None) -> Features:
    """Tabulate what a PV fleet feels. A place without radiometer gives its physics from cloud."""
    fleet = fleet or pv.PvFleet()
    named: dict[str, Floats] = {}
    guessed = np.ones(len(stamps), dtype=bool)
    for name, place in places.items():
        sun = sun_over(stamps, place.latitude, place.longitude)
        cloud, air = bridge(place.cloud), wind.hourly_from_instants(bridge(place.temperature))
        over = wind.hourly_from_instants(cloud)
        sky = sky_under(sun, place.radiation, over)
        breeze = wind.hourly_from_instants(bridge(place.speed))
        named[f"{name}/power"] = pv.capacity_factor(fleet, sun, sky, air, breeze)
        named[f"{name}/cloud"] = over
        named[f"{name}/humidity"] = bridge(place.humidity)
        if place.sunshine is not None:
            named[f"{name}/sunshine"] = np.where(sun.up, place.sunshine, 0.0)
        if place.radiation is not None:
            named[f"{name}/before"] = shifted(named[f"{name}/power"], -1)
            named[f"{name}/after"] = shifted(named[f"{name}/power"], 1)
        guessed &= sky.estimated
        if "clear/power" not in named:
            clear = sky_under(sun, sun.clear_ghi)
            named["clear/power"] = pv.capacity_factor(fleet, sun, clear, air, breeze)
            named["height"] = np.maximum(np.cos(np.radians(sun.zenith)), -0.1)
            named["azimuth"] = sun.azimuth
            named["temperature"] = air
    rows = np.column_stack(list(named.values()))
    return Features(tuple(named), rows, guessed)


def _sun_angle(places: Mapping[str, Place], stamps: Stamps) -> Floats:
    """Hour of the day by the sun, as an angle: no calendar and no time zone enter the fit."""
    longitude = float(np.mean([p.longitude for p in places.values()]))
    seconds = (stamps.astype("datetime64[s]") - stamps.astype("datetime64[D]")).astype(np.int64)
    return np.asarray(2.0 * np.pi * (seconds / 86400.0 + longitude / 360.0))
