r"""Weather as it may come: many paths around one forecast, or around nothing but the climate.

Each quantity's error lasts (an hour keeps `STAY` of the one before) and grows with the lead, as
:math:`\sigma_\ell = \sigma (1 + \ell / 96\,h)^{1/2}`. Without a forecast, cloud cover is drawn from what skies
are (much clear, much overcast, little between) and wind from a Weibull law of shape 2: wide, and honest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter
from scipy.stats import beta, norm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STAY = 0.93
"""What an hour's error keeps of the hour's before. [-]"""
GROWTH_H = 96.0
SPREAD = {"clearness": 0.4, "cloud_cover": 0.4, "thickness": 1.0, "temperature": 1.5, "wind_speed": 1.7}
"""Day-ahead errors, so wide that bands held on places and months they were chosen on, which are not those of the
benchmark: of the clear-sky index, at its widest in a broken sky (GEFCom2014, 2012-04 to 2013-03, with `PV_UNSURE`);
of cloud cover [fraction] and of what an overcast sky lets through [logarithm] (Jeju, station 184 against the runs of
2024-03-02 to 06-15); of temperature [K] as in `weather._GUESS`; of wind at 10 m [m/s] (the same runs: 1.62)."""
PV_UNSURE = 0.12
WIND_UNSURE = 0.10
"""How unsure the physics of a plant is that nobody has measured, as part of its power; it lasts. [-]"""
CLOUDS = (0.7, 0.35)
"""Beta law of cloud cover where nothing is known: mostly overcast, else clear; mean 0.67 (ISCCP: about 0.66 of the
Earth). Its shape was chosen with `SPREAD`. [-]"""
MEAN_WIND_MPS = 5.0
"""At 10 m where a turbine may stand; assumed. [m/s]"""


@dataclass(frozen=True, slots=True, eq=False)
class Skies:
    """Paths of weather.

    Attributes
    ----------
    clearness : (paths, hours) or None
        Radiation over that of a cloudless sky. [-]
    temperature : (paths, hours) or None
        NaN where unknown. [degC]
    wind : (paths, hours) or None
        At `wind_m` above the ground. [m/s]
    climate
        By quantity, (hours,): where nothing but the climate answers.
    """

    clearness: Floats
    temperature: Floats
    wind: Floats
    wind_m: float
    climate: Mapping[str, NDArray[np.bool_]]


def skies(
    weather: Mapping[str, Floats], clear_ghi: Floats, lead_h: Floats, *, paths: int, seed: int
) -> Skies:
    """Draw paths of weather around a forecast.

    Parameters
    ----------
    weather
        Quantity -> (hours,): any of ``radiation`` [W/m2], ``cloud_cover`` (0..1), ``temperature`` [degC],
        ``wind_speed``, ``wind_speed_80m``, ``wind_speed_100m`` [m/s]; NaN or absent where unknown.
    clear_ghi, lead_h : (hours,) [W/m2], [h]
    """
    n = len(clear_ghi)
    rng = np.random.default_rng([seed, 4])
    grown = np.sqrt(1 + np.maximum(lead_h, 0.0) / GROWTH_H)
    draw = {name: _lasting(rng, paths, n) for name in ("sky", "thickness", "temperature", "wind")}
    clearness, no_sky = _clearness(weather, clear_ghi, draw["sky"], draw["thickness"], grown)
    blank = np.full(n, np.nan)
    warm = weather.get("temperature", blank) + SPREAD["temperature"] * grown * draw["temperature"]
    wind, mast, no_wind = _wind(weather, draw["wind"], grown, n)
    return Skies(clearness, warm, wind, mast, {"sky": no_sky, "wind": no_wind})


def _lasting(rng: np.random.Generator, paths: int, n: int) -> Floats:
    """Give standard normal noise that lasts, (paths, n); the paths' ranks at each hour spread evenly."""
    fresh = rng.standard_normal((paths, n)) * np.sqrt(1 - STAY**2)
    fresh[:, :1] = norm.ppf((rng.permutation(paths) + 0.5) / paths)[:, None]
    return np.asarray(lfilter([1.0], [1.0, -STAY], fresh, axis=1))


def _clearness(
    weather: Mapping[str, Floats], clear: Floats, noise: Floats, thin: Floats, grown: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the clear-sky index: from radiation, else from cloud, else from the climate."""
    n = len(clear)
    blank = np.full(n, np.nan)
    lit = clear > 20.0
    said = np.where(lit, weather.get("radiation", blank) / np.maximum(clear, 20.0), np.nan)
    cloud = np.clip(weather.get("cloud_cover", blank), 0.0, 1.0)
    # a sky said to be clear or grey is surer than a broken one
    wide = SPREAD["clearness"] * (0.35 + 2.6 * np.clip(said * (1 - said), 0.0, 0.25))
    by_radiation = np.clip(said + wide * grown * noise, 0.05, 1.1)
    by_cloud = _through(np.clip(cloud + SPREAD["cloud_cover"] * grown * noise, 0.0, 1.0), thin)
    by_climate = _through(np.asarray(beta.ppf(norm.cdf(-noise), *CLOUDS)), thin)
    known, clouded = np.isfinite(said), np.isfinite(cloud)
    answer = np.where(known, by_radiation, np.where(clouded, by_cloud, by_climate))
    return answer, np.asarray(~known & ~clouded)


def _through(cloud: Floats, thin: Floats) -> Floats:
    """Give the clear-sky index under cloud that is thin or thick; a clear sky has no thickness."""
    return np.asarray(np.minimum(cloudy(cloud) * np.exp(SPREAD["thickness"] * cloud**2 * thin), 1.1))


def cloudy(cloud: Floats) -> Floats:
    """Give the clear-sky index under cloud cover 0..1 (Kasten and Czeplak 1980)."""
    return np.asarray(1.0 - 0.75 * np.clip(cloud, 0.0, 1.0) ** 3.4)


def _wind(
    weather: Mapping[str, Floats], noise: Floats, grown: Floats, n: int
) -> tuple[Floats, float, NDArray[np.bool_]]:
    """Give wind at the highest mast that the forecast speaks of; the climate's at 10 m."""
    for name, mast in (("wind_speed_100m", 100.0), ("wind_speed_80m", 80.0), ("wind_speed", 10.0)):
        said = weather.get(name)
        if said is None or not np.isfinite(said).any():
            continue
        wide = SPREAD["wind_speed"] * (mast / 10.0) ** 0.16
        unknown = np.isnan(said)
        filled = np.where(unknown, _climate_wind(noise) * (mast / 10.0) ** 0.16, said + wide * grown * noise)
        return np.maximum(filled, 0.0), mast, unknown
    return _climate_wind(noise), 10.0, np.ones(n, dtype=bool)


def _climate_wind(noise: Floats) -> Floats:
    """Draw from a Weibull law of shape 2 (Rayleigh) with the mean `MEAN_WIND_MPS`."""
    scale = MEAN_WIND_MPS / np.sqrt(np.pi / 4)
    return np.asarray(scale * np.sqrt(-np.log1p(-norm.cdf(np.clip(noise, -6, 6)))))
