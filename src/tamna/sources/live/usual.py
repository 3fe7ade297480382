"""What the largest value of a day usually is, for answers that name no units: kW in place of MW shows here.

Wide on purpose: these bounds tell a unit or a column that was swapped, not strange weather.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Mapping[str, tuple[float, float]] = {
    # of one series
    "jeju/demand": (300, 3_000),
    "jeju/demand_sending_end": (300, 3_000),
    "jeju/demand_forecast": (300, 3_000),
    "jeju/supply_capacity": (500, 8_000),
    "jeju/renewables": (0, 3_000),
    "jeju/pv": (0, 2_500),
    "jeju/wind": (0, 2_500),
    "jeju/smp": (-200, 3_000),
    "mainland/smp": (-200, 3_000),
    "mainland/demand_forecast": (20_000, 200_000),
    "kr/national/demand": (20_000, 200_000),
    "kr/national/demand_forecast": (20_000, 200_000),
    "kr/national/supply_capacity": (30_000, 300_000),
    "kr/national/supply_reserve": (500, 200_000),
    "kr/national/supply_reserve_rate": (1, 400),
    "kr/national/operating_reserve": (500, 200_000),
    "kr/national/operating_reserve_rate": (1, 400),
    "kr/national/market_demand": (20_000, 200_000),
    # of weather at any place
    "temperature": (-50, 50),
    "dew_point": (-60, 40),
    "ground_temperature": (-50, 85),
    "humidity": (1, 101),
    "vapour_pressure": (0, 70),
    "pressure": (600, 1_100),
    "sea_level_pressure": (850, 1_100),
    "wind_speed": (0, 70),
    "wind_direction": (0, 361),
    "cloud_cover": (0, 101),
    "radiation": (0, 1_600),
    "diffuse_radiation": (0, 1_200),
    "sunshine": (0, 1.01),
    "precipitation": (0, 250),
    "visibility": (0, 150_000),
    "snow_depth": (0, 600),
    "precipitation_probability": (0, 101),
    "sky_code": (1, 4),
    "precipitation_code": (0, 7),
    "wave_height": (0, 30),
}


def largest(series: str) -> tuple[float, float] | None:
    """Give the usual bounds of a day's largest value, or None where nothing is usual.

    >>> largest("jeju/demand"), largest("asos/184/temperature"), largest("entsoe/ireland/load")
    ((300, 3000), (-50, 50), None)
    """
    if series in LARGEST:
        return LARGEST[series]
    if not series.startswith(("asos/", "forecast/")):
        return None
    return LARGEST.get(series.rsplit("/", 1)[-1])
