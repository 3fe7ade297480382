"""A PV fleet: radiation and temperature to power per unit of capacity.

A fleet is not one panel: it is a mix of tilts and azimuths with one mean inverter. `capacity_factor`
gives what such a mix makes in each hour; how much capacity a published series holds is the fit's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pvlib import irradiance, temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.physics.sun import Sky, Sun

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """One way in which modules lie.

    Attributes
    ----------
    tilt_deg
        From the horizontal, 0..90. [deg]
    azimuth_deg
        Where they face, clockwise from north, 180 is south. [deg]
    share
        Part of the fleet's capacity, >= 0. [-]
    """

    tilt_deg: float
    azimuth_deg: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PvFleet:
    """What the modules and inverters of a fleet have in common.

    Attributes
    ----------
    planes
        The mix of tilts and azimuths; shares are scaled to one.
    module_per_inverter
        Module capacity at 1000 W/m2 and 25 degC over inverter capacity, > 0. [-]
    per_kelvin
        Change of power per kelvin of module temperature, usually negative. [1/K]
    losses
        Soiling, wiring, mismatch, availability, in [0, 1). [-]
    albedo
        Of the ground. [-]
    """

    planes: tuple[Plane, ...] = (
        Plane(tilt_deg=15.0, azimuth_deg=180.0, share=0.5),
        Plane(tilt_deg=30.0, azimuth_deg=180.0, share=0.2),
        Plane(tilt_deg=10.0, azimuth_deg=125.0, share=0.15),
        Plane(tilt_deg=10.0, azimuth_deg=235.0, share=0.15),
    )
    module_per_inverter: float = 1.15
    per_kelvin: float = -0.0038
    losses: float = 0.12
    albedo: float = 0.2


def plane_irradiance(plane: Plane, sun: Sun, sky: Sky, albedo: float = 0.2) -> Floats:
    """Give what falls on one plane [W/m2], beam, sky and ground (Hay and Davies 1980)."""
    total = irradiance.get_total_irradiance(
        plane.tilt_deg,
        plane.azimuth_deg,
        sun.zenith,
        sun.azimuth,
        sky.dni,
        sky.ghi,
        sky.dhi,
        dni_extra=sun.extra_dni,
        albedo=albedo,
        model="haydavies",
    )
    return np.where(sun.up, np.maximum(np.asarray(total["poa_global"], dtype=float), 0.0), 0.0)


def capacity_factor(fleet: PvFleet, sun: Sun, sky: Sky, air_degc: Floats, wind_mps: Floats) -> Floats:
    r"""Give the fleet's power per unit of inverter capacity, in 0..1. Night is zero.

    :math:`p = \sum_i w_i \min(1,\; r\,(1 - l)\, G_i / 1000\, (1 + \gamma (T_i - 25)))` with the module
    temperature :math:`T_i` after Faiman.

    Parameters
    ----------
    fleet
        Mix, inverter ratio, temperature coefficient, losses.
    sun, sky
        Of the same hours.
    air_degc, wind_mps : (hours,) [degC], [m/s]
        Missing temperature counts as 15 degC and missing wind as 1 m/s: both change power by a few percent.

    References
    ----------
    Faiman, "Assessing the outdoor operating temperature of photovoltaic modules", Progress in
    Photovoltaics 16, 2008.
    """
    air = np.where(np.isnan(air_degc), 15.0, air_degc)
    wind = np.where(np.isnan(wind_mps), 1.0, np.maximum(wind_mps, 0.0))
    whole = sum(plane.share for plane in fleet.planes)
    made = np.zeros(len(sun.zenith))
    for plane in fleet.planes:
        falling = plane_irradiance(plane, sun, sky, fleet.albedo)
        hot = np.asarray(temperature.faiman(falling, air, wind), dtype=float)
        direct = falling / 1000.0 * (1.0 + fleet.per_kelvin * (hot - 25.0)) * (1.0 - fleet.losses)
        made += plane.share / whole * np.clip(direct * fleet.module_per_inverter, 0.0, 1.0)
    return made
