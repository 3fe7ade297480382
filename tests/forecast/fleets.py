"""A made-up island with a wind and a PV fleet: what they give follows the weather, and spring noons hold wind back."""

import dataclasses

import numpy as np

from forecast.making import START, island, issue_of
from tamna.forecast.fleet import pv_share, wind_share
from tamna.forecast.history import History, Runs, Track
from tamna.grid.clock import HOUR
from tamna.grid.sun import JEJU

WIND_MW, PV_MW = 300.0, 400.0


def fleet_island(days=200, seed=0, runs_from=120):
    plain = island(days, seed, runs_from)
    rng = np.random.default_rng(seed + 1)
    n = days * 24
    stamps = START + np.arange(n) * HOUR
    blows = np.repeat(rng.gamma(4.0, 0.9, days + 1), 24)[:n]
    speed = np.maximum(np.convolve(blows, np.ones(12) / 12, "same") + rng.normal(0, 0.3, n), 0.0)
    cloud = plain.tracks["observed/cloud_cover"].value
    wind = WIND_MW * wind_share(speed)
    pv = PV_MW * pv_share(stamps, JEJU, cloud=cloud)
    held = (plain.tracks["demand"].value - pv - wind < 250.0) & (pv > 50.0)
    tracks = dict(plain.tracks)
    made = {
        "wind": np.where(held, np.nan, wind),
        "wind_delivered": np.where(held, 0.2 * wind, wind),
        "pv": pv,
        "pv_delivered": pv,
    }
    made["net_load"] = plain.tracks["demand"].value - made["wind_delivered"] - pv
    for name, value in made.items():
        tracks[name] = tracks[f"reading/{name}"] = Track(START, value, stamps + 2 * HOUR)
    zero = np.zeros(n)
    sky = {"wind_speed": speed, "wind_east": zero, "wind_north": -speed, "wind_most": 1.5 * speed}
    tracks |= {f"observed/{q}": Track(START, v, stamps + HOUR) for q, v in sky.items()}
    tracks["observed/pressure"] = Track(START, np.full(n, 1013.0), stamps + HOUR)
    late = slice(runs_from * 24, n)
    missed = np.repeat(rng.normal(0, 0.4, days), 24)[late]
    runs = dict(plain.runs)
    for name, value in (*sky.items(), ("west/wind_speed", 1.2 * speed), ("east/wind_speed", 0.8 * speed)):
        runs[f"forecast/{name}"] = Runs.of(stamps[late], issue_of(stamps[late]), value[late] + missed)
    runs["forecast/pressure"] = Runs.of(stamps[late], issue_of(stamps[late]), np.full(len(missed), 1013.0))
    return History(tracks, runs, frozenset(k for k in tracks if k.startswith("observed/")))


def without_run(history, issue):
    """Take one weather run away."""
    runs = {}
    for name, run in history.runs.items():
        valid, issued, value = run.rows()
        keep = issued != issue
        runs[name] = Runs.of(valid[keep], issued[keep], value[keep])
    return dataclasses.replace(history, runs=runs)
