"""From weather to the island's power system: demand, wind, PV, thermal, links, prices.

Energies are whole multiples of 1/64 MWh = 15,625 Wh: whole watt-hours, and sums of them are exact
in binary floats, so the balance of every hour closes by ``==``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.sources.synthetic.noise import Calendar, Dice, surface

if TYPE_CHECKING:
    from tamna.sources.synthetic.noise import Hourly
    from tamna.sources.synthetic.weather import Weather

QUANTUM_MWH = 1 / 64

# Settled wind 2022-01 to 2024-05, quantiles 0.1 ... 99.9 % [MWh in the hour] against normal scores;
# the last is out of reach
_WIND_SCORE = (
    -3.09,
    -2.33,
    -1.64,
    -1.28,
    -0.84,
    -0.52,
    -0.25,
    0.0,
    0.25,
    0.52,
    0.84,
    1.28,
    1.64,
    2.33,
    3.09,
    5.0,
)
_WIND_MWH = (0.0, 0.05, 1.1, 3.2, 8.2, 16.0, 26.9, 40.4, 60.1, 85.3, 118.7, 162.9, 191.1, 224.9, 282.0, 305.0)

# Settled PV at noon of a clear day, 25 degrees of tilt: 235 MW on 2022-01-01, growing by 58 MW a year
_PV_CLEAR_MW = 293.0  # on 1 January of the first year (2023)
_PV_GROWTH_MW_PER_YEAR = 58.0
_PV_TILT_DEG = 25.0
_LOW_SUN = 0.12  # sine of the elevation at which hills, rows and thick air still take 1/e of it

# Demand 2022-01 to 2024-05, least squares; rows mean, once a year (cos, sin), twice a year (cos, sin);
# columns mean, once a day (cos, sin) ... four times a day [MWh in the hour]
_DEMAND = (
    (726.6, 14.1, -75.4, -15.4, -49.7, 2.1, 7.5, 0.4, 3.4),
    (12.2, 28.3, 33.2, -17.4, -6.9, 8.6, 3.9, 4.4, 4.2),
    (-4.4, 45.7, 35.8, -5.7, -3.3, -2.1, -6.8, 2.3, 2.7),
    (50.8, -24.2, -14.7, 5.4, -4.5, 2.4, 7.2, -1.9, -1.6),
    (78.3, -11.6, -16.4, 1.9, -8.5, -2.2, 3.1, -0.9, 2.1),
)
_SATURDAY_MWH, _SUNDAY_MWH = -30.4, -45.2  # against working days
_PER_DEGREE = (3.4, -16.0, -10.1)  # demand per degree of warmth: mean, cosine and sine of the year [MWh/degC]
_ROOFS_MW = 245.0  # demand falls by this at full sun: rooftop PV that KPX does not meter
# mean of settled PV over its clear-noon capacity; rows and columns as of `_DEMAND` [-]
_USUAL_SUN = (
    (0.174, -0.270, -0.046, 0.125, 0.035, -0.022, -0.006, -0.014, -0.010),
    (-0.037, 0.040, 0.010, 0.012, 0.002, -0.026, -0.012, 0.008, 0.005),
    (0.007, -0.006, -0.009, -0.006, 0.008, 0.008, -0.001, -0.002, -0.003),
    (-0.029, 0.047, 0.000, -0.023, 0.003, 0.000, -0.005, 0.009, 0.006),
    (-0.006, 0.011, -0.009, -0.007, 0.010, 0.002, -0.004, 0.002, -0.001),
)
_DEMAND_SPREAD_MWH = (28.0, 25.0)  # what calendar and weather do not explain: slow and fast
_DEMAND_MEMORY_H = (200.0, 8.0)

_BIO_LEAST_MWH, _BIO_MOST_MWH = 75.0, 165.0  # 2025-03 to 2025-12: 5 % quantile 68, median 161
_LNG_LEAST_MWH, _LNG_MOST_MWH = 120.0, 486.0  # least observed and published minimum; most in 2025
_WASTE_MWH = 11.5  # published for 14 April 2025: 11-12 MWh an hour
# Links 1 and 2 (LCC) keep a pole or more running inwards; 150 + 250 MW as operated. Link 3 (VSC)
# exports at the same time. The two limits are set so that curtailment is near that of 2023 (26 GWh).
_IMPORT_LEAST_MWH, _IMPORT_MOST_MWH = 140.0, 400.0
_EXPORT_MOST_MWH = 70.0
_IMPORT_SHARE = 0.45  # of what thermal and links share above their least

# Mainland SMP of 2023 over its mean, least squares; rows mean, once a year; columns to three times a day
_PRICE_KRW_PER_KWH = 140.0  # between the means of 2023 (163) and 2024 (126)
_PRICE = (
    (1.034, -0.060, -0.097, 0.012, -0.063, 0.023, 0.011),
    (0.139, 0.002, 0.026, -0.014, -0.010, 0.011, 0.013),
    (0.214, 0.037, 0.018, -0.010, -0.019, 0.010, -0.003),
)
_PRICE_SATURDAY, _PRICE_SUNDAY = -0.083, -0.154
_PRICE_SPREAD = (0.19, 0.07)  # of the remainder over the mean: slow and fast
_PRICE_MEMORY_H = (250.0, 5.0)
_PRICE_FLOOR_KRW_PER_KWH = -80.0  # lowest settled in 2024: -79.32


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The island's hours; energies in MWh in the hour, prices in KRW/kWh.

    ``demand = wind + pv + bio + waste + lng + imported - exported`` in every hour, exactly.
    """

    demand: Hourly
    wind: Hourly
    pv: Hourly
    bio: Hourly
    waste: Hourly
    lng: Hourly
    imported: Hourly
    exported: Hourly
    wind_curtailed: Hourly
    pv_curtailed: Hourly
    smp: Hourly
    mainland_smp: Hourly


def make_system(calendar: Calendar, weather: Weather, dice: Dice) -> System:
    """Run the island through the weather: must-run plant first, then links and LNG share the rest."""
    pv_per_mw = weather.clearness * calendar.sun(_PV_TILT_DEG) * (1 - np.exp(-calendar.sun() / _LOW_SUN))
    demand = _whole(_demand(calendar, weather, pv_per_mw, dice))
    possible_wind = _whole(np.interp(weather.wind_score, _WIND_SCORE, _WIND_MWH))
    possible_pv = _whole(_pv_capacity_mw(calendar) * pv_per_mw)
    waste = _whole(np.full_like(demand, _WASTE_MWH))

    must_run = _BIO_LEAST_MWH + _LNG_LEAST_MWH + _IMPORT_LEAST_MWH
    rest = demand - possible_wind - possible_pv - waste - must_run
    surplus = np.maximum(-rest, 0.0)
    exported = np.minimum(surplus, _EXPORT_MOST_MWH)
    wind_curtailed = np.minimum(surplus - exported, possible_wind)
    pv_curtailed = surplus - exported - wind_curtailed

    need = np.maximum(rest, 0.0)
    bio = _whole(np.minimum(0.2 * need, _BIO_MOST_MWH - _BIO_LEAST_MWH))
    imported = _whole(np.minimum(_IMPORT_SHARE * need, _IMPORT_MOST_MWH - _IMPORT_LEAST_MWH))
    lng = np.minimum(need - bio - imported, _LNG_MOST_MWH - _LNG_LEAST_MWH)
    imported += need - bio - imported - lng
    mainland, island = _prices(calendar, surplus, wind_curtailed + pv_curtailed, dice)
    return System(
        demand=demand,
        wind=possible_wind - wind_curtailed,
        pv=possible_pv - pv_curtailed,
        bio=bio + _BIO_LEAST_MWH,
        waste=waste,
        lng=lng + _LNG_LEAST_MWH,
        imported=imported + _IMPORT_LEAST_MWH,
        exported=exported,
        wind_curtailed=wind_curtailed,
        pv_curtailed=pv_curtailed,
        smp=island,
        mainland_smp=mainland,
    )


def _whole(energy: Hourly) -> Hourly:
    return np.round(energy / QUANTUM_MWH) * QUANTUM_MWH


def _pv_capacity_mw(calendar: Calendar) -> Hourly:
    years = (calendar.stamps - calendar.stamps[0]) / np.timedelta64(int(365.25 * 86400), "s")
    capacity: Hourly = _PV_CLEAR_MW + _PV_GROWTH_MW_PER_YEAR * years
    return capacity


def _demand(calendar: Calendar, weather: Weather, pv_per_mw: Hourly, dice: Dice) -> Hourly:
    usual_sun = surface(_USUAL_SUN, calendar)
    mean, cosine, sine = _PER_DEGREE
    per_degree = mean + cosine * np.cos(calendar.year) + sine * np.sin(calendar.year)
    slow, fast = (dice.persistent(10 + i, memory) for i, memory in enumerate(_DEMAND_MEMORY_H))
    return np.maximum(
        surface(_DEMAND, calendar)
        + np.where(calendar.weekday == 5, _SATURDAY_MWH, 0.0)
        + np.where(calendar.weekday == 6, _SUNDAY_MWH, 0.0)
        + per_degree * weather.warmth_degc
        - _ROOFS_MW * (pv_per_mw - usual_sun)
        + _DEMAND_SPREAD_MWH[0] * slow
        + _DEMAND_SPREAD_MWH[1] * fast,
        330.0,  # the lowest hour of 2017-2024 is 378 MWh
    )


def _prices(calendar: Calendar, surplus: Hourly, curtailed: Hourly, dice: Dice) -> tuple[Hourly, Hourly]:
    """Mainland price, and the island's: the same until the island has too much power."""
    slow, fast = (dice.persistent(20 + i, memory) for i, memory in enumerate(_PRICE_MEMORY_H))
    relative = (
        surface(_PRICE, calendar)
        + np.where(calendar.weekday == 5, _PRICE_SATURDAY, 0.0)
        + np.where(calendar.weekday == 6, _PRICE_SUNDAY, 0.0)
        + _PRICE_SPREAD[0] * slow
        + _PRICE_SPREAD[1] * fast
    )
    # below a third of the mean the price falls ever more slowly, and never to nothing
    relative = np.where(relative > 0.33, relative, 0.33 * np.exp(np.minimum(relative, 0.33) / 0.33 - 1))
    mainland = _PRICE_KRW_PER_KWH * relative
    # a tenth of the hours of 2023 were dearer than the mainland by over 24 KRW/kWh, a twentieth by 56
    dearer = np.maximum(60 * (dice.persistent(22, 4.0) - 0.9), 0.0)
    scarce = mainland + dearer
    spilling = 30.0 - 0.5 * curtailed
    selling = mainland * np.maximum(0.6 - surplus / _EXPORT_MOST_MWH, 0.0)
    island: Hourly = np.where(curtailed > 0, spilling, np.where(surplus > 0, selling, scarce))
    island = np.maximum(island, _PRICE_FLOOR_KRW_PER_KWH)
    return np.round(mainland, 2), np.round(island, 2)
