"""A small made-up island: demand with a week, a season, a noon that clouds lift, and weather that forecasts miss."""

import numpy as np

from tamna.forecast.history import History, Runs, Track
from tamna.grid.clock import HOUR, KOREA, to_local

START = np.datetime64("2023-01-01T15:00:00", "s")


def island(days=200, seed=0, runs_from=120):
    rng = np.random.default_rng(seed)
    n = days * 24
    stamps = START + np.arange(n) * HOUR
    local = to_local(stamps, KOREA)
    hour = ((local - local.astype("datetime64[D]")) // HOUR).astype(int)
    weekday = (local.astype("datetime64[D]").astype(int) + 3) % 7
    warm = 15 - 10 * np.cos(2 * np.pi * np.arange(n) / 8766) + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
    warm += np.repeat(rng.normal(0, 2, days), 24)
    cloud = np.repeat(rng.uniform(0, 100, days), 24)
    sun = np.maximum(np.sin((hour - 6) / 12 * np.pi), 0) * (1 - 0.6 * (cloud / 100) ** 2)
    demand = 600 + 80 * np.sin((hour - 8) / 24 * 2 * np.pi) - 40 * (weekday >= 5) + 3 * np.abs(warm - 18)
    demand += -120 * sun + rng.normal(0, 8, n)
    tracks = {
        "demand": Track(START, demand, stamps + 2 * HOUR),
        "operator": Track(START, demand + 20 + rng.normal(0, 25, n), operator_time(stamps)),
        "observed/temperature": Track(START, warm, stamps + HOUR),
        "observed/humidity": Track(START, np.full(n, 70.0), stamps + HOUR),
        "observed/cloud_cover": Track(START, cloud, stamps + HOUR),
        "observed/wind_speed": Track(START, np.full(n, 4.0), stamps + HOUR),
        "observed/precipitation": Track(START, np.zeros(n), stamps + HOUR),
        "observed/radiation": Track(START, 900 * sun, stamps + HOUR),
    }
    runs = {}
    late = slice(runs_from * 24, n)
    for name, spread in (("temperature", 1.0), ("cloud_cover", 15.0), ("humidity", 3.0), ("wind_speed", 0.5)):
        seen = tracks[f"observed/{name}"].value[late]
        said = seen + np.repeat(rng.normal(0, spread, days), 24)[late]
        runs[f"forecast/{name}"] = Runs.of(stamps[late], issue_of(stamps[late]), said)
    return History(tracks, runs, frozenset(k for k in tracks if k.startswith("observed/")))


def issue_of(stamps, hour=11):
    day = to_local(stamps, KOREA).astype("datetime64[D]").astype("datetime64[s]")
    return day - np.timedelta64(24 - hour + 9, "h")


def operator_time(stamps):
    return issue_of(stamps, 18)
