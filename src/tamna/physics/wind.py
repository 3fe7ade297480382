"""A wind fleet: wind at a mast to power per unit of capacity.

One turbine's curve is steep and stops at once in a storm; a fleet's is neither, for its turbines stand in
different winds. So the curve of one is blurred over the spread of winds between sites, which also makes
the cut-out a slope. Speeds are corrected to standard air density before the curve (IEC 61400-12-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STANDARD_DENSITY = 1.225
"""ISO 2533 sea level [kg/m3]."""
_STEP = 0.05
_TOP = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindFleet:
    """What the turbines of a fleet have in common.

    Attributes
    ----------
    cut_in_mps, rated_mps, cut_out_mps
        Speeds at hub height where one turbine starts, reaches its rating and stops. [m/s]
    hub_m
        Hub height above ground. [m]
    shear
        Exponent of the power law from mast to hub. [-]
    spread
        Standard deviation of site winds around their mean, relative. [-]
    spread_mps
        The same, absolute part. [m/s]
    wake
        Share of energy lost behind other turbines below rating; the loss fades towards rated speed. [-]
    """

    cut_in_mps: float = 3.0
    rated_mps: float = 12.5
    cut_out_mps: float = 25.0
    hub_m: float = 80.0
    shear: float = 0.16
    spread: float = 0.12
    spread_mps: float = 0.6
    wake: float = 0.06


def turbine_curve(fleet: WindFleet, speed_mps: Floats) -> Floats:
    """Give one turbine's power per rating: cubic from cut-in to rated, flat, zero after cut-out."""
    v = np.asarray(speed_mps, dtype=float)
    cubic = (v**3 - fleet.cut_in_mps**3) / (fleet.rated_mps**3 - fleet.cut_in_mps**3)
    return np.where(v >= fleet.cut_out_mps, 0.0, np.clip(cubic, 0.0, 1.0))


@lru_cache(maxsize=16)
def _fleet_table(fleet: WindFleet) -> tuple[Floats, Floats]:
    speeds = np.arange(0.0, _TOP + _STEP, _STEP)
    offsets = np.linspace(-3.0, 3.0, 61)
    weights = np.exp(-0.5 * offsets**2)
    weights /= weights.sum()
    sites = speeds[:, None] + offsets * (fleet.spread_mps + fleet.spread * speeds)[:, None]
    one = turbine_curve(fleet, np.maximum(sites, 0.0))
    behind = 1.0 - fleet.wake * np.clip(1.0 - sites / (1.3 * fleet.rated_mps), 0.0, 1.0)
    return speeds, (one * behind) @ weights


def fleet_curve(fleet: WindFleet, speed_mps: Floats) -> Floats:
    """Give the fleet's power per capacity at hub speed `speed_mps`, in 0..1, smooth also at cut-out.

    Examples
    --------
    >>> [round(float(p), 2) for p in fleet_curve(WindFleet(), np.array([0.0, 8.0, 14.0, 40.0]))]
    [0.0, 0.27, 0.92, 0.0]
    """
    speeds, power = _fleet_table(fleet)
    return np.asarray(np.interp(np.asarray(speed_mps, dtype=float), speeds, power))


def air_density(temperature_degc: Floats, pressure_hpa: Floats, humidity: Floats | float = 0.6) -> Floats:
    r"""Give the density of moist air [kg/m3].

    :math:`\rho = (p - e)/(R_d T) + e/(R_v T)` with the vapour pressure :math:`e` after Magnus.

    Parameters
    ----------
    temperature_degc, pressure_hpa : (hours,) [degC], [hPa]
        At the place of the turbines, not reduced to sea level.
    humidity : (hours,) or one number, 0..1 [-]
        Relative.
    """
    kelvin = np.asarray(temperature_degc, dtype=float) + 273.15
    vapour = 611.2 * np.exp(17.62 * (kelvin - 273.15) / (243.12 + kelvin - 273.15)) * np.asarray(humidity)
    dry = np.asarray(pressure_hpa, dtype=float) * 100.0 - vapour
    return np.asarray(dry / (287.05 * kelvin) + vapour / (461.5 * kelvin))


def hub_speed(speed_mps: Floats, mast_m: float, hub_m: float, shear: float) -> Floats:
    r"""Carry wind from mast to hub by the power law :math:`v_h = v_m (h/m)^\alpha`."""
    return np.asarray(speed_mps * (hub_m / mast_m) ** shear)


def at_standard_density(speed_mps: Floats, density: Floats) -> Floats:
    r"""Give the speed that makes the same power in standard air: :math:`v (\rho/\rho_0)^{1/3}`."""
    return np.asarray(speed_mps * np.cbrt(density / STANDARD_DENSITY))


def capacity_factor(
    fleet: WindFleet, speed_mps: Floats, *, mast_m: float = 10.0, density: Floats | None = None
) -> Floats:
    """Give the fleet's power per capacity from wind at a mast; `density` in kg/m3, standard if absent."""
    hub = hub_speed(np.asarray(speed_mps, dtype=float), mast_m, fleet.hub_m, fleet.shear)
    return fleet_curve(fleet, hub if density is None else at_standard_density(hub, density))


def components(speed_mps: Floats, direction_deg: Floats) -> tuple[Floats, Floats]:
    """Give the eastward and northward wind [m/s] from speed and where it blows **from** (deg from north).

    Calm hours (direction reported as 0 with no speed) give zero, whatever the direction says.
    """
    turn = np.radians(np.where(np.isnan(direction_deg) & (speed_mps < 0.3), 0.0, direction_deg))
    return np.asarray(-speed_mps * np.sin(turn)), np.asarray(-speed_mps * np.cos(turn))


def sector(direction_deg: Floats, sectors: int = 8) -> NDArray[np.int64]:
    """Number the direction sector, 0 centred on north, clockwise; -1 where unknown."""
    width = 360.0 / sectors
    number = np.floor(((np.asarray(direction_deg, dtype=float) + width / 2) % 360.0) / width)
    return np.where(np.isnan(number), -1, number).astype(np.int64)


def hourly_from_instants(values: Floats) -> Floats:
    """Give the mean over each hour from instants at its two ends; the last hour keeps its one end."""
    v = np.asarray(values, dtype=float)
    after = np.append(v[1:], v[-1:])
    return np.where(np.isnan(after), v, np.where(np.isnan(v), after, (v + after) / 2))
