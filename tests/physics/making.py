"""Made-up years with a known truth: winds at two masts, a fleet between them, a system that runs out of room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tamna.physics import wind
from tamna.physics.fit import Fitted, fit_wind
from tamna.physics.sun import sky_under, sun_over
from tamna.physics.weather import Features, Place, wind_features

CAPACITY_MW = 250.0
FLOOR_MW = 240.0


@dataclass(frozen=True)
class Year:
    stamps: np.ndarray
    table: Features
    dark: np.ndarray
    free_mw: np.ndarray  # what the wind gives
    held_mwh: np.ndarray  # what was taken from it
    pv_mw: np.ndarray
    demand_mw: np.ndarray

    @property
    def wind_mw(self):
        return self.free_mw - self.held_mwh


def persistent(rng, n, hours):
    keep = np.exp(-1 / hours)
    walk = rng.normal(size=n) * np.sqrt(1 - keep**2)
    walk[0] = rng.normal()
    for t in range(1, n):
        walk[t] += keep * walk[t - 1]
    return walk


def make_year(seed=0, days=365, curtailed=True):
    rng = np.random.default_rng(seed)
    stamps = (np.datetime64("2021-12-31T15", "h") + np.arange(24 * days)).astype("datetime64[s]")
    n = len(stamps)
    synoptic = 7 * np.exp(0.45 * persistent(rng, n, 18))
    turn = 180 + 60 * persistent(rng, n, 30)
    places = {}
    for i, name in enumerate(("west", "east")):
        speed = np.maximum(synoptic * (0.75 + 0.1 * i) + 0.5 * persistent(rng, n, 3), 0)
        places[name] = Place(
            latitude=33.4, longitude=126.3 + 0.5 * i, speed=speed, direction=turn % 360,
            temperature=np.full(n, 15.0), humidity=np.full(n, 60.0), pressure=np.full(n, 1013.0),
            cloud=np.full(n, 0.4),
        )  # fmt: skip
    sun = sun_over(stamps, 33.4, 126.5)
    pv = 350 * sky_under(sun, sun.clear_ghi * rng.uniform(0.4, 1, n // 24).repeat(24)).ghi / 1000
    free = CAPACITY_MW * wind.fleet_curve(wind.WindFleet(), wind.hourly_from_instants(synoptic) * 1.15)
    free = np.clip(free * (1 + 0.08 * persistent(rng, n, 8)) + 3 * rng.normal(size=n), 0, CAPACITY_MW)
    demand = 640 + 60 * persistent(rng, n, 60) + 80 * np.cos(2 * np.pi * (np.arange(n) % 24 - 19) / 24)
    room = demand - pv - FLOOR_MW + 15 * persistent(rng, n, 10)
    held = np.where(sun.up, np.clip(free - np.maximum(room, 0), 0, free), 0.0) * curtailed
    return Year(stamps, wind_features(places, stamps), ~sun.up, free, held, pv, demand)


def fit_year(year: Year) -> Fitted:
    return fit_wind(
        year.table, year.stamps, year.wind_mw, year.dark, demand_mw=year.demand_mw, pv_mw=year.pv_mw,
        fleet="made up",
    )  # fmt: skip
