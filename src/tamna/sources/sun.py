"""Whether the sun is down: enough astronomy to tell a blank night from a missing day (within 0.1 degree).

Physics has the full model; a reader may not know physics, and needs only this yes or no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

_J2000 = np.datetime64("2000-01-01T12:00:00", "s")


def elevation(moments: Stamps, latitude: float, longitude: float) -> NDArray[np.float64]:
    """Give the sun's geometric elevation.

    Parameters
    ----------
    moments : (n,) UTC
    latitude, longitude
        North and east positive. [deg]

    Returns
    -------
    (n,) [deg]

    References
    ----------
    Astronomical Almanac, low-precision formulas for the Sun (0.01 degree, 1950-2050).
    """
    day = (moments - _J2000).astype(np.float64) / 86400.0
    anomaly = np.radians(357.528 + 0.9856003 * day)
    ecliptic = np.radians(280.460 + 0.9856474 * day + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * day)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal = np.radians(280.46062 + 360.98564737 * day + longitude)
    north = np.radians(latitude)
    sine = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(
        sidereal - ascension
    )
    degrees: NDArray[np.float64] = np.degrees(np.arcsin(np.clip(sine, -1, 1)))
    return degrees


def highest(starts: Stamps, length_s: int, latitude: float, longitude: float) -> NDArray[np.float64]:
    """Give the highest elevation at start, middle and end of each interval [deg]."""
    parts = [
        elevation(starts + np.timedelta64(offset, "s"), latitude, longitude)
        for offset in (0, length_s // 2, length_s)
    ]
    top: NDArray[np.float64] = np.maximum.reduce(parts)
    return top
