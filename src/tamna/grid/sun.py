"""Where the sun stands: enough to say day from night and noon from morning, without a library.

The position is good to a few tenths of a degree, some two minutes at sunrise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

JEJU = (33.4, 126.53)  # the middle of the island [degrees north, degrees east]


def sine_of_elevation(
    stamps_utc: Stamps, latitude: float = JEJU[0], longitude: float = JEJU[1]
) -> NDArray[np.float64]:
    """Sine of the sun's elevation over the horizon, without refraction.

    A plane tilted by `b` degrees to the south sees the sun as a level one `b` degrees further
    south does: give it ``latitude - b``.

    Parameters
    ----------
    stamps_utc : (n,)
        Moments; for an hour's mean take its middle.
    latitude, longitude
        [degrees north, degrees east]

    Returns
    -------
    (n,)
        In [-1, 1]; negative at night. [-]

    References
    ----------
    NOAA Global Monitoring Laboratory, "General Solar Position Calculations" (after Spencer, 1971).

    Examples
    --------
    >>> noon = np.array(["2023-06-21T03:35"], dtype="datetime64[s]")
    >>> round(float(np.degrees(np.arcsin(sine_of_elevation(noon)))[0]))
    80
    """
    since = (stamps_utc - stamps_utc.astype("datetime64[Y]")).astype("timedelta64[s]").astype(np.float64)
    day = since / 86400.0
    year = 2 * np.pi * day / 365.2422
    cos1, sin1, cos2, sin2 = np.cos(year), np.sin(year), np.cos(2 * year), np.sin(2 * year)
    equation_of_time_min = 229.18 * (
        0.000075 + 0.001868 * cos1 - 0.032077 * sin1 - 0.014615 * cos2 - 0.040849 * sin2
    )
    declination = (
        0.006918
        - 0.399912 * cos1
        + 0.070257 * sin1
        - 0.006758 * cos2
        + 0.000907 * sin2
        - 0.002697 * np.cos(3 * year)
        + 0.00148 * np.sin(3 * year)
    )
    minutes = (day % 1.0) * 1440 + equation_of_time_min + 4 * longitude
    hour_angle = np.deg2rad(minutes / 4 - 180)
    north = np.deg2rad(latitude)
    sine: NDArray[np.float64] = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(
        declination
    ) * np.cos(hour_angle)
    return sine
