"""``python -m benchmarks.gefcom2014 PATH [--json] [--tasks=4-9]``: the solar track of GEFCom2014.

PATH holds the competition's files: ``predictors*.csv``, ``test*.csv`` and the power to score by in ``train*.csv``.
Each task trains on everything up to its month and predicts that month from its test file; the month's weather
is known at once, all hours count, 99 quantiles, predictions clipped to 0..1 (the competition's protocol).
Columns and sites come from two mapping files; features, learners and scores are those of `tamna.forecast`.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import yaml

from tamna.forecast.blend import Member, fit_blend
from tamna.forecast.levels import PERCENT, between
from tamna.forecast.network import Network
from tamna.forecast.scores import pinball
from tamna.forecast.site import PvSite, rates, site_hours
from tamna.forecast.trees import Trees
from tamna.grid.clock import HOUR
from tamna.sources.mapping import read_mapping
from tamna.sources.reading import read_file

HERE = Path(__file__).parent
LEVELS = np.array(
    [0.01, 0.03, 0.06, *np.arange(10, 91, 5) / 100, 0.94, 0.97, 0.99]
)  # what is learned; the 99 lie between
MEMBERS = (
    Member(learner=Trees(rounds=160, rate=0.05, leaves=24, least=40), weight=3.0),
    *(Member(learner=Network(width=48, epochs=20, decay=0.03), weight=1.0) for _seed in range(3)),
)
SEASON_DAYS = 45.0
TASKS = range(4, 10)


def load(folder: Path):
    """Read the files into gapless hours: site -> quantity -> (hours,), the stamps, and each task's hours."""
    mapping = read_mapping(HERE / "gefcom2014-mapping.yaml")
    readings = {
        p: read_file(p, mapping=mapping)
        for p in sorted(folder.glob("*.csv"))
        if re.match(r"predictors|test|train", p.name)
    }
    blocks = [b for r in readings.values() for b in r.blocks]
    start, end = (f(b.valid_at.min() if f is min else b.valid_at.max() for b in blocks) for f in (min, max))
    stamps = np.arange(start, end + HOUR, HOUR).astype("datetime64[s]")
    values: dict[str, dict[str, np.ndarray]] = {}
    for block in blocks:
        _zone, site, quantity = block.series.split("/")
        held = values.setdefault(site, {}).setdefault(quantity, np.full(len(stamps), np.nan))
        held[(block.valid_at - start) // HOUR] = block.value
    tasks = {}
    for path, reading in readings.items():
        number = re.fullmatch(r"test(\d+)\.csv", path.name)
        if number:
            hours = np.unique(np.concatenate([b.valid_at for b in reading.blocks]))
            tasks[int(number[1])] = (hours - start) // HOUR
    return stamps, values, dict(sorted(tasks.items()))


def weather_of(values, stamps, spec):
    """Make rates of sums and common units."""
    out = {}
    for site, quantities in values.items():
        made = {k: v for k, v in quantities.items() if k != "power"}
        made |= {k: rates(made[k], stamps) / scale for k, scale in spec["accumulated"].items() if k in made}
        made |= {k: made[k] + plus for k, plus in spec["offset"].items() if k in made}
        made["wind_speed"] = np.hypot(made["wind_u"], made["wind_v"])
        out[site] = made
    return out


def run(folder: Path, wanted=TASKS, say=lambda _line: None) -> dict:
    began = time.perf_counter()
    stamps, values, tasks = load(folder)
    spec = yaml.safe_load((HERE / "gefcom2014-sites.yaml").read_text("utf-8"))
    sites = tuple(PvSite(**site) for site in spec["sites"])
    hours = site_hours(sites, weather_of(values, stamps, spec), stamps)
    names = hours[sites[0].name].table.names
    x = np.stack([hours[s.name].table.values for s in sites])
    light = np.stack([hours[s.name].light for s in sites])
    power = np.stack([values[s.name]["power"] for s in sites])
    day = (stamps - stamps.astype("datetime64[Y]")).astype("timedelta64[D]").astype(float)
    scores, covered = {}, {}
    first = min(t[0] for k, t in tasks.items() if k in wanted)
    before = light[:, :first] & np.isfinite(power[:, :first])
    along = {
        s.name: round(
            float(
                np.corrcoef(x[i, :first][before[i], names.index("power")], power[i, :first][before[i]])[0, 1]
            ),
            4,
        )
        for i, s in enumerate(sites)
    }
    for task, at in tasks.items():
        if task not in wanted or not np.isfinite(power[:, at]).all():
            continue
        past = np.zeros(light.shape, dtype=bool)
        past[:, : at.min()] = light[:, : at.min()]
        apart = np.abs(day - np.median(day[at]))
        near = 0.5 + np.exp(-0.5 * (np.minimum(apart, 365 - apart) / SEASON_DAYS) ** 2)
        weight = np.broadcast_to(near, light.shape)
        model = fit_blend(MEMBERS, names, x[past], power[past], LEVELS, weight=weight[past], seed=1)
        answer = np.zeros((len(sites), len(at), len(PERCENT)))
        shines = light[:, at]
        found = between(model.predict(names, x[:, at][shines]), LEVELS, PERCENT)
        answer[shines] = np.clip(found, 0.0, 1.0)
        actual = power[:, at]
        scores[task] = float(pinball(actual.reshape(-1), answer.reshape(-1, 99), PERCENT).mean())
        wide = shines & (answer[..., 94] > answer[..., 4])
        covered[task] = float(((actual >= answer[..., 4]) & (actual <= answer[..., 94]))[wide].mean())
        say(
            f"task {task}: pinball {scores[task]:.5f}, 90 % band holds {covered[task]:.3f} of the hours with light"
        )
    return {
        "pinball": {str(k): round(v, 6) for k, v in scores.items()},
        "mean_pinball": round(float(np.mean(list(scores.values()))), 6),
        "coverage_90_light": {str(k): round(v, 4) for k, v in covered.items()},
        "modelled_power_correlation": along,
        "seconds": round(time.perf_counter() - began, 1),
    }


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not arguments:
        sys.exit(__doc__)
    wanted = TASKS
    for argument in sys.argv[1:]:
        if argument.startswith("--tasks="):
            low, _dash, high = argument.removeprefix("--tasks=").partition("-")
            wanted = range(int(low), int(high or low) + 1)
    as_json = "--json" in sys.argv
    result = run(
        Path(arguments[0]), wanted, (lambda _l: None) if as_json else lambda line: print(line, flush=True)
    )
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
