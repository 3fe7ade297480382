"""What a site makes under paths of weather: physics alone, no reading needed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.skies import PV_UNSURE, WIND_UNSURE, skies
from tamna.physics import wind as wind_physics
from tamna.physics.pv import Plane, PvFleet, capacity_factor
from tamna.physics.sun import Sun, sky_under, sun_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.place import Site
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

PATHS = 200
_LAPSE_HPA = 8434.0
"""Scale height of the air [m]."""
_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class SitePower:
    """Paths of power per capacity.

    Attributes
    ----------
    paths : target -> (paths, hours), 0..1
        ``pv``, ``wind``: those that the site has.
    climate : target -> (hours,)
        Where nothing but the climate answers.
    """

    paths: Mapping[str, Floats]
    climate: Mapping[str, Bools]


def site_power(
    site: Site,
    weather: Mapping[str, Floats],
    stamps: Stamps,
    lead_h: Floats,
    *,
    paths: int = PATHS,
    seed: int = 0,
) -> SitePower:
    """Push paths of weather through the physics of a site.

    Parameters
    ----------
    weather
        As for `tamna.forecast.skies.skies`, and ``pressure`` [hPa] where known.
    stamps, lead_h : (hours,)
        Start of each hour (UTC), hours from the issue.
    """
    sun = sun_over(stamps, site.latitude, site.longitude, site.altitude_m)
    sky = skies(weather, sun.clear_ghi, lead_h, paths=paths, seed=seed)
    lasting = np.random.default_rng([seed, 5]).standard_normal((paths, 2))
    made: dict[str, Floats] = {}
    climate: dict[str, Bools] = {}
    if site.pv_mw is not None:
        made["pv"] = _pv(site, sun, sky.clearness, sky.temperature, _scale(lasting[:, :1], PV_UNSURE))
        climate["pv"] = sky.climate["sky"] & (sun.clear_ghi > 0)
    if site.wind_mw is not None:
        dense = _density(site, weather, len(stamps))
        fleet = wind_physics.WindFleet(hub_m=site.hub_m, spread=0.06)
        speed = wind_physics.hub_speed(sky.wind, sky.wind_m, site.hub_m, fleet.shear)
        power = wind_physics.fleet_curve(fleet, wind_physics.at_standard_density(speed, dense))
        made["wind"] = np.clip(power * _scale(lasting[:, 1:], WIND_UNSURE), 0.0, 1.0)
        climate["wind"] = sky.climate["wind"]
    return SitePower(made, climate)


def _pv(site: Site, sun: Sun, clearness: Floats, air: Floats, scale: Floats) -> Floats:
    """Give PV per capacity, (paths, hours); hours without sun are zero and cost nothing."""
    out = np.zeros(clearness.shape)
    lit = np.flatnonzero(sun.clear_ghi > 0)
    fleet = PvFleet(planes=(Plane(tilt_deg=site.tilt_deg, azimuth_deg=site.azimuth_deg, share=1.0),))
    rows = max(1, _AT_ONCE // max(len(lit), 1))
    for at in range(0, len(clearness), rows) if len(lit) else ():
        part = slice(at, at + rows)
        many = _tiled(sun, lit, len(clearness[part]))
        sky = sky_under(many, clearness[part][:, lit].reshape(-1) * many.clear_ghi)
        calm = np.full(len(many.zenith), np.nan)
        power = capacity_factor(fleet, many, sky, air[part][:, lit].reshape(-1), calm)
        out[np.ix_(np.arange(at, at + len(clearness[part])), lit)] = power.reshape(-1, len(lit))
    return np.clip(out * scale, 0.0, 1.0)


def _tiled(sun: Sun, lit: NDArray[np.int64], times: int) -> Sun:
    return Sun(*(np.tile(getattr(sun, f.name)[lit], times) for f in fields(sun)))


def _scale(noise: Floats, part: float) -> Floats:
    return np.asarray(np.exp(part * noise))


def _density(site: Site, weather: Mapping[str, Floats], n: int) -> Floats:
    """Give the air's density at the site from what is known of it; standard air thins with height. [kg/m3]"""
    blank = np.full(n, np.nan)
    usual = wind_physics.STANDARD_DENSITY * np.exp(-site.altitude_m / _LAPSE_HPA)
    found = wind_physics.air_density(weather.get("temperature", blank), weather.get("pressure", blank))
    return np.where(np.isfinite(found), found, usual)
