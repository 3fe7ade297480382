"""Random weather with Jeju's seasons: monsoon wind, passing fronts, clouds, warmth.

All constants are statistics of the public files of 2022-01 to 2024-05 (ASOS 184 and 185, settled
wind and PV): means by month, memories read from autocorrelations, quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.sources.synthetic.noise import Calendar, Dice, by_month, surface

if TYPE_CHECKING:
    from tamna.sources.synthetic.noise import Hourly

# Shift of the wind's normal score by month: strong winter monsoon, calm August. Found by iteration
# so that the mean settled wind of each month is the real one.
_WIND_SEASON = (0.28, 0.46, 0.22, -0.11, -0.19, -0.32, -0.33, -0.44, -0.32, 0.00, 0.19, 0.44)
_WIND_MEMORY_H = (17.0, 1.3)  # autocorrelation of settled wind: 0.97 at 1 h, 0.55 at 12 h, 0.31 at 24 h

# Shift of the cloud score by month: rainy July, grey December and January. Iteration as above.
_SKY_SEASON = (-0.10, -0.34, 0.31, 0.86, 0.80, -0.10, -0.30, 0.41, -0.26, 0.60, 0.07, -0.76)
_SKY_MEMORY_H = (30.0, 3.0)  # daily mean of PV: autocorrelation 0.46 from one day to the next; fast part
_SKY_SLOW = 0.9  # share of the slow part in the score's variance
_WIND_AGAINST_SKY = 0.32  # windy is cloudy: wind-PV correlation at noon is -0.19 (DJF) to -0.47 (SON)
# PV over its clear-sky value at quantiles 1 ... 99 % (2022-2024); the score is at the same quantiles
_SCORE = (-2.33, -1.64, -1.28, -0.84, -0.52, -0.25, 0.0, 0.25, 0.52, 0.84, 1.28, 1.64, 2.33)
_CLEARNESS = (0.03, 0.08, 0.135, 0.245, 0.36, 0.49, 0.62, 0.73, 0.83, 0.92, 1.01, 1.05, 1.10)

# ASOS 184 temperature: rows mean, cosine and sine of the year, then of twice a year; in each the
# mean, cosine and sine of the day [degC]
_TEMPERATURE = (
    (17.36, -1.40, -1.51),
    (-9.59, 0.22, 0.24),
    (-4.79, -0.02, -0.11),
    (-0.56, 0.25, 0.21),
    (0.91, 0.22, 0.09),
)
_TEMPERATURE_SPREAD_DEGC = 2.98  # of hourly temperature around the above
_TEMPERATURE_MEMORY_H = 38.0  # its autocorrelation: 0.54 at 24 h, 0.29 at 48 h

_CLEAR_SKY_W_PER_M2 = 1000.0  # 95 % quantile of radiation at ASOS 184 with the sun overhead: 987
_WIND_10M_MEDIAN_M_PER_S = 5.5  # median at ASOS 185 Gosan
_WIND_10M_SPREAD = 0.55  # of its logarithm: quartiles 3.7 and 8.2 m/s


@dataclass(frozen=True, slots=True)
class Weather:
    """What the sky does, hour by hour.

    Attributes
    ----------
    wind_score
        How windy, as a standard normal score shifted by the season. [-]
    clearness
        Sun that arrives over sun of a clear sky. [-]
    temperature_degc
        Mean of the hour. [degC]
    warmth_degc
        Mean of the last 24 hours' temperature over the season's normal. [degC]
    """

    wind_score: Hourly
    clearness: Hourly
    temperature_degc: Hourly
    warmth_degc: Hourly

    @property
    def wind_speed_m_per_s(self) -> Hourly:
        """Wind at 10 m at a windy coast. [m/s]"""
        return _WIND_10M_MEDIAN_M_PER_S * np.exp(_WIND_10M_SPREAD * self.wind_score)

    def radiation_w_per_m2(self, calendar: Calendar) -> Hourly:
        """Sun on level ground. [W/m2]"""
        return _CLEAR_SKY_W_PER_M2 * self.clearness * calendar.sun()


def make_weather(calendar: Calendar, dice: Dice) -> Weather:
    """Throw the year's weather."""
    wind = dice.persistent(1, *_WIND_MEMORY_H)
    slow = dice.persistent(2, _SKY_MEMORY_H[0])
    fast = dice.persistent(3, _SKY_MEMORY_H[1])
    own = np.sqrt(_SKY_SLOW) * slow + np.sqrt(1 - _SKY_SLOW) * fast
    sky = np.sqrt(1 - _WIND_AGAINST_SKY**2) * own - _WIND_AGAINST_SKY * wind
    anomaly = _TEMPERATURE_SPREAD_DEGC * dice.persistent(4, _TEMPERATURE_MEMORY_H)
    return Weather(
        wind_score=wind + by_month(_WIND_SEASON, calendar),
        clearness=np.interp(sky + by_month(_SKY_SEASON, calendar), _SCORE, _CLEARNESS),
        temperature_degc=surface(_TEMPERATURE, calendar) + anomaly,
        warmth_degc=_mean_of_the_last_day(anomaly),
    )


def _mean_of_the_last_day(series: Hourly) -> Hourly:
    total = np.cumsum(np.concatenate([np.full(24, series[0]), series]))
    mean: Hourly = (total[24:] - total[:-24]) / 24
    return mean
