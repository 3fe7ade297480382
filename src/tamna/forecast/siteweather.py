"""Weather of a site's files in the house's units, whatever the mapping calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.forecast.site import OTHERS, rates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]

SINCE = " since 00 UTC"
"""A unit that ends so is a sum since midnight UTC: it is differenced."""
_SCALES: dict[str, dict[str, tuple[float, float]]] = {
    "radiation": {"W/m2": (1.0, 0.0), "J/m2": (1 / 3600, 0.0)},
    "longwave": {"W/m2": (1.0, 0.0), "J/m2": (1 / 3600, 0.0)},
    "toa": {"W/m2": (1.0, 0.0), "J/m2": (1 / 3600, 0.0)},
    "cloud_cover": {"%": (0.01, 0.0), "1": (1.0, 0.0), "fraction": (1.0, 0.0)},
    "temperature": {"degC": (1.0, 0.0), "K": (1.0, -273.15)},
    "pressure": {"hPa": (1.0, 0.0), "Pa": (0.01, 0.0)},
    "wind_speed": {"m/s": (1.0, 0.0)},
    "wind_speed_80m": {"m/s": (1.0, 0.0)},
    "wind_speed_100m": {"m/s": (1.0, 0.0)},
    "wind_direction": {"deg": (1.0, 0.0)},
}


def normal(quantity: str, unit: str, value: Floats, stamps: Stamps) -> Floats | None:
    """Give a quantity in the units that features and physics take; None where its unit is not known.

    Parameters
    ----------
    value, stamps : (hours,)
        Consecutive hours.
    """
    if unit.endswith(SINCE):
        value, unit = rates(value, stamps), unit.removesuffix(SINCE)
    scales = _SCALES.get(quantity)
    if scales is None:
        return value if quantity in OTHERS else None
    found = scales.get(unit)
    return None if found is None else value * found[0] + found[1]
