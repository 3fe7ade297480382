"""What weather gives a fleet of size one, without a calendar: the yardstick by which coverage is judged.

`tamna.physics.fit` asks how much power the weather gave, as well as it can, and learns temperature,
season and size for it. A break in a series can hide in all three. So this yardstick is linear in
wind-speed or radiation physics at each place and knows no season: what changes between two windy
nights of one kind, or two clear noons, can only be the fleet. It is fitted in a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.physics import pv, wind
from tamna.physics.sun import Sun, sky_under, sun_over
from tamna.physics.weather import Place, bridge, shifted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SPEED_FACTORS = (0.8, 1.2, 1.8, 2.7)
"""From mast to hub: sheltered masts (Jeju city) see a third of the wind at the coast."""
WIND_LAGS = (-1, 0, 1, 2)
PLANES = ((15.0, 180.0), (30.0, 180.0), (10.0, 110.0), (10.0, 250.0))
"""Tilt and azimuth of the planes whose mix a fit finds [deg]."""
LOW_SUN = (60.0, 600.0)
"""Clear-sky radiation between which PV is judged [W/m2]."""
_RIDGE = 1e-4
_PASSES = 8
_BEND = 1.3
_TINY = 0.05  # of the level: a smaller one weighs no more
_STRIDE, _FURTHEST, _STILL = (
    0.7,
    3.5,
    0.004,
)  # of a change of log level: in one pass, in all, and none to speak of
_ALL_ALONG = 0.9


def wind_basis(places: Mapping[str, Place]) -> Floats:
    """Tabulate fleet curves of each place's wind, one row an hour: (hours, columns), NaN where unknown."""
    fleet = wind.WindFleet()
    columns = []
    for place in places.values():
        speed = bridge(place.speed)
        for factor in SPEED_FACTORS:
            made = wind.fleet_curve(fleet, speed * factor)
            columns += [shifted(made, lag) for lag in WIND_LAGS]
        if np.isnan(place.direction).all():
            continue
        middle = wind.fleet_curve(fleet, speed * 1.4)
        for part in wind.components(place.speed, place.direction):
            way = bridge(part) / np.maximum(speed, 0.1)
            columns.append(wind.hourly_from_instants(middle * way))
    columns.append(np.ones(len(columns[0])))
    return np.column_stack(columns)


def sun_at(places: Mapping[str, Place], stamps: Stamps) -> Sun:
    """Give the sun at the places' middle: on an island they all lie within a minute of it."""
    middle = [
        float(np.mean([getattr(p, name) for p in places.values()])) for name in ("latitude", "longitude")
    ]
    return sun_over(stamps, *middle)


def judging_hours(kind: Literal["wind", "pv"], sun: Sun) -> Bools:
    """Say in which hours output shows the weather: nobody holds back wind in the dark or PV in a low sun.

    Low is a clear sky of 60 to 600 W/m2: mornings and evenings, and most of a winter's day.
    """
    low, high = LOW_SUN
    return ~sun.up if kind == "wind" else np.asarray((sun.clear_ghi > low) & (sun.clear_ghi < high))


def pv_basis(places: Mapping[str, Place], sun: Sun) -> Floats:
    """Tabulate planes under each place's sky, one row an hour: (hours, columns), NaN where unknown.

    A place without radiometer gives its sky from cloud and sunshine.
    """
    columns = []
    for place in places.values():
        sky = sky_under(sun, _throughout(place, sun.up), wind.hourly_from_instants(bridge(place.cloud)))
        air, breeze = (wind.hourly_from_instants(bridge(v)) for v in (place.temperature, place.speed))
        planes = [_plane(tilt, azimuth) for tilt, azimuth in PLANES]
        made = [pv.capacity_factor(plane, sun, sky, air, breeze) for plane in planes]
        # a split into beam and diffuse errs under broken cloud: let a fit lean on the clear sky too
        clear = np.clip(sky.ghi / np.maximum(sun.clear_ghi, 20.0), 0.0, 1.5)
        open_sky = [
            pv.capacity_factor(p, sun, sky_under(sun, sun.clear_ghi), air, breeze) for p in planes[:2]
        ]
        columns += [*made, made[0] * clear, *(o * clear for o in open_sky)]
        if place.sunshine is not None and not np.isnan(place.sunshine).all():
            columns.append(open_sky[0] * np.where(sun.up, bridge(place.sunshine), 0.0))
    return np.column_stack(columns)


def _throughout(place: Place, up: Bools) -> Floats | None:
    """Give the radiometer's hours if it served all along: a yardstick may not change under way."""
    if place.radiation is None or np.isnan(place.cloud).all():
        return place.radiation
    served = float((~np.isnan(place.radiation[up])).mean()) if up.any() else 0.0
    return place.radiation if served > _ALL_ALONG else None


def _plane(tilt: float, azimuth: float) -> pv.PvFleet:
    return pv.PvFleet(planes=(pv.Plane(tilt_deg=tilt, azimuth_deg=azimuth, share=1.0),))


@dataclass(frozen=True, slots=True)
class Shape:
    """Power at level one in every hour [MW], and the level's growth a year and steps that were found beside it [log]."""

    power: Floats
    growth: float
    sizes: Floats


def fit_shape(basis: Floats, measured_mw: Floats, use: Bools, years: Floats, rises: Floats) -> Shape:
    r"""Fit :math:`y_t \approx L_t \max(0, b_t^\top c)` with :math:`L_t = e^{g t} \prod_k (1 + (e^{a_k} - 1) r_{kt})`.

    What the weather gives and how the fleet's size changed are found together, by Gauss-Newton: a season
    that the columns of `basis` can draw would otherwise hide growth and steps. Least squares with a little
    ridge; errors beyond 1.3 of their usual size count linearly, so that curtailment and outages pull little.

    Parameters
    ----------
    basis : (hours, columns)
        Of `wind_basis` or `pv_basis`.
    measured_mw, use : (hours,)
        What the series says, and in which hours it teaches.
    years : (hours,)
        Time, around zero.
    rises : (hours, steps)
        Each from 0 before a step to 1 after it.
    """
    rows, target, rise, since = basis[use], measured_mw[use], rises[use], years[use]
    n = rows.shape[1]
    change = np.zeros(1 + rise.shape[1])
    made = np.zeros(len(rows))
    weight = np.ones(len(rows))
    for _pass in range(_PASSES):
        parts = 1.0 + np.expm1(change[1:]) * rise
        level = np.exp(change[0] * since) * parts.prod(axis=1)
        trust = np.sqrt(weight / np.maximum(level, _TINY))
        ways = np.column_stack([since, np.exp(change[1:]) * rise / parts]) * made[:, None]
        columns = np.column_stack([rows, ways]) * (level * trust)[:, None]
        gram = columns.T @ columns
        gram[np.diag_indices(n)] += _RIDGE * np.trace(gram[:n, :n]) / n
        gram[range(n, len(gram)), range(n, len(gram))] += 1e-9 + _RIDGE * (target @ target) / len(target)
        found = np.linalg.solve(gram, columns.T @ (trust * target))
        miss = np.abs(target - columns @ found / trust)
        weight = 1.0 / np.maximum(1.0, miss / (_BEND * (1.48 * float(np.median(miss)) + 1e-9)))
        made = np.maximum(rows @ found[:n], 0.0)
        stride = np.clip(found[n:], -_STRIDE, _STRIDE)
        change = np.clip(change + stride, -_FURTHEST, _FURTHEST)
        if _pass > 1 and np.abs(stride).max() < _STILL:
            break
    return Shape(np.asarray(np.maximum(basis @ found[:n], 0.0)), float(change[0]), change[1:])
