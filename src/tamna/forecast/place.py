"""A site anywhere in the world: where it stands, what stands there, and how far the nearest weather is.

Longitudes wrap at the date line, modules face the equator unless told otherwise, and at the poles day and night
are what the sun makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tamna.errors import Mistake, Place, UsageError, gather
from tamna.lang import _

EARTH_KM = 6371.0
MOST_TILT_DEG = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """PV, wind, or both at one place.

    Attributes
    ----------
    latitude, longitude
        [degrees north], [degrees east, -180..180]
    altitude_m
        Above the sea. [m]
    pv_mw, wind_mw
        AC capacity; None where there is none. [MW]
    tilt_deg, azimuth_deg
        How the modules lie: from the horizontal; clockwise from north.
    hub_m
        Hub height above the ground. [m]
    """

    latitude: float
    longitude: float
    altitude_m: float
    pv_mw: float | None
    wind_mw: float | None
    tilt_deg: float
    azimuth_deg: float
    hub_m: float

    @property
    def name(self) -> str:
        """Its latitude and longitude as text."""
        return f"{self.latitude:.2f}_{self.longitude:.2f}"


def site_of(
    *,
    latitude: float,
    longitude: float,
    altitude_m: float = 0.0,
    pv_mw: float | None = None,
    wind_mw: float | None = None,
    tilt_deg: float | None = None,
    azimuth_deg: float | None = None,
    hub_m: float | None = None,
) -> Site:
    """Make a site; what is left out is usual there.

    Modules face the equator, tilted by 0.76 of the latitude and 3 degrees more, at most 60 (the tilt that
    brings most in a year, Jacobson and Jadhav 2018, as a line); hubs stand 80 m high.

    Raises
    ------
    UsageError
        Everything that cannot be, at once.

    Examples
    --------
    >>> south = site_of(latitude=-33.5, longitude=186.0, pv_mw=1)
    >>> south.azimuth_deg, south.longitude, round(south.tilt_deg)
    (0.0, -174.0, 29)
    """
    limits = (
        ("latitude", latitude, -90.0, 90.0),
        ("longitude", longitude, -180.0, 360.0),
        ("altitude", altitude_m, -450.0, 6000.0),
        ("pv-mw", pv_mw, 1e-6, 1e6),
        ("wind-mw", wind_mw, 1e-6, 1e6),
        ("tilt", tilt_deg, 0.0, 90.0),
        ("azimuth", azimuth_deg, 0.0, 360.0),
        ("hub", hub_m, 5.0, 250.0),
    )
    wrong = [
        Mistake(
            what=_("must lie in {low}..{high}", low=f"{low:g}", high=f"{high:g}"),
            where=Place(path=name),
            seen=f"{value:g}",
        )
        for name, value, low, high in limits
        if value is not None and not low <= value <= high
    ]
    if pv_mw is None and wind_mw is None:
        wrong.append(Mistake(what=_("a site needs a capacity"), todo=_("Give --pv-mw, --wind-mw, or both.")))
    gather(wrong, UsageError)
    tilt = min(0.76 * abs(latitude) + 3.1, MOST_TILT_DEG) if tilt_deg is None else tilt_deg
    facing = (180.0 if latitude >= 0 else 0.0) if azimuth_deg is None else azimuth_deg
    return Site(
        latitude=latitude,
        longitude=(longitude + 180.0) % 360.0 - 180.0,
        altitude_m=altitude_m,
        pv_mw=pv_mw,
        wind_mw=wind_mw,
        tilt_deg=tilt,
        azimuth_deg=facing % 360.0,
        hub_m=80.0 if hub_m is None else hub_m,
    )


def distance_km(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Give the great-circle distance of two places (degrees north, degrees east), also across the date line [km].

    Examples
    --------
    >>> round(distance_km((0.0, 179.5), (0.0, -179.5)))
    111
    """
    north1, east1, north2, east2 = np.deg2rad([*one, *two])
    half = (
        np.sin((north2 - north1) / 2) ** 2
        + np.cos(north1) * np.cos(north2) * np.sin((east2 - east1) / 2) ** 2
    )
    return float(2 * EARTH_KM * np.arcsin(np.sqrt(min(half, 1.0))))
