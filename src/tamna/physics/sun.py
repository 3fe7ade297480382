"""Where the sun stands and how much of it reaches the ground, hour by hour.

Radiation is the mean over the hour ``[t, t + 1 h)`` [W/m2] and the sun is taken at the middle of that
hour. (KMA's ASOS gives a sum over the hour **before** its stamp: the reader has moved it to the hour's start.)
Hours without a radiometer use cloud cover and are flagged: an estimate never passes for a reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pvlib import atmosphere, clearsky, irradiance, spa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TURBIDITY = 3.2
"""Linke turbidity of maritime East Asia, annual mean [-]; the fit of a fleet absorbs its season."""


@dataclass(frozen=True, slots=True)
class Sun:
    """The sun over one place, at the middle of each hour. Angles in degrees, irradiance in W/m2.

    Attributes
    ----------
    zenith, azimuth : (hours,) [deg]
        Apparent zenith angle; azimuth clockwise from north.
    clear_ghi, clear_dni, clear_dhi : (hours,) [W/m2]
        Under a cloudless sky (Ineichen and Perez 2002).
    extra_dni : (hours,) [W/m2]
        Outside the atmosphere, facing the sun.
    day_of_year : (hours,)
        1..366, UTC.
    """

    zenith: Floats
    azimuth: Floats
    clear_ghi: Floats
    clear_dni: Floats
    clear_dhi: Floats
    extra_dni: Floats
    day_of_year: NDArray[np.int64]

    @property
    def up(self) -> Bools:
        """Whether the sun stands above the horizon."""
        return np.asarray(self.zenith < 90.0)


@dataclass(frozen=True, slots=True)
class Sky:
    """What reaches a horizontal plane: global, beam and diffuse [W/m2]; `estimated` where from cloud."""

    ghi: Floats
    dni: Floats
    dhi: Floats
    estimated: Bools


def sun_over(stamps: Stamps, latitude: float, longitude: float, altitude_m: float = 0.0) -> Sun:
    """Give the sun over a place for hours that start at `stamps` (UTC).

    Examples
    --------
    >>> noon = sun_over(np.array(["2023-06-21T03:00"], "datetime64[s]"), 33.4, 126.5)
    >>> bool(noon.zenith[0] < 11)
    True
    """
    middle = stamps.astype("datetime64[s]") + np.timedelta64(1800, "s")
    pressure = float(atmosphere.alt2pres(altitude_m))
    zenith, _, _, _, azimuth, _ = spa.solar_position_numpy(
        middle.astype(np.int64).astype(float),
        latitude,
        longitude,
        altitude_m,
        pressure / 100.0,
        15.0,
        69.0,
        0.5667,
        1,
    )  # 69 s: delta T of the 2020s
    day = (middle.astype("datetime64[D]") - middle.astype("datetime64[Y]")).astype(np.int64) + 1
    extra = np.asarray(irradiance.get_extra_radiation(day), dtype=float)
    mass = atmosphere.get_relative_airmass(np.minimum(zenith, 89.9))
    with np.errstate(all="ignore"):  # pvlib divides by the sun's height at night
        clear = clearsky.ineichen(
            zenith,
            atmosphere.get_absolute_airmass(mass, pressure),
            TURBIDITY,
            altitude=altitude_m,
            dni_extra=extra,
        )
    ghi, dni, dhi = (np.nan_to_num(np.asarray(clear[k], dtype=float)) for k in ("ghi", "dni", "dhi"))
    return Sun(zenith, azimuth, ghi, dni, dhi, extra, day)


def cloudy_ghi(clear_ghi: Floats, cloud: Floats) -> Floats:
    r"""Estimate global radiation under cloud cover `cloud`, a fraction 0..1.

    :math:`G = G_{clear} (1 - 0.75\, n^{3.4})`.

    References
    ----------
    Kasten and Czeplak, "Solar and terrestrial radiation dependent on the amount and type of cloud",
    Solar Energy 24, 1980.
    """
    return np.asarray(clear_ghi * (1.0 - 0.75 * np.clip(cloud, 0.0, 1.0) ** 3.4))


def sky_under(sun: Sun, ghi: Floats | None = None, cloud: Floats | None = None) -> Sky:
    """Split global radiation into beam and diffuse; fill hours without a reading from cloud, flagged.

    Parameters
    ----------
    sun
        The sun over the place, same hours.
    ghi : (hours,) or None [W/m2]
        Mean global horizontal radiation of the hour; NaN where not measured.
    cloud : (hours,) or None, 0..1 [-]
        Cloud cover; NaN counts as unknown. Without either, the hour stays NaN.

    Returns
    -------
    Sky
        Night is zero and never counts as estimated.

    References
    ----------
    Erbs, Klein and Duffie, Solar Energy 28, 1982 (decomposition).
    """
    n = len(sun.zenith)
    measured = np.full(n, np.nan) if ghi is None else np.asarray(ghi, dtype=float)
    guess = np.full(n, np.nan) if cloud is None else cloudy_ghi(sun.clear_ghi, np.asarray(cloud, dtype=float))
    estimated = np.isnan(measured) & sun.up
    total = np.where(estimated, guess, measured)
    # a horizontal plane cannot hold much more than the sun brings: a stuck radiometer stops here
    total = np.where(sun.up, np.clip(total, 0.0, 1.2 * sun.extra_dni), 0.0)
    with np.errstate(all="ignore"):
        split = irradiance.erbs(np.nan_to_num(total), np.minimum(sun.zenith, 89.9), sun.day_of_year)
    bad = np.isnan(total)
    beam, diffuse = (
        np.where(bad, np.nan, np.nan_to_num(np.asarray(split[k], dtype=float))) for k in ("dni", "dhi")
    )
    return Sky(total, np.where(sun.up, beam, 0.0), np.where(sun.up, diffuse, 0.0), estimated)
