"""``python -m benchmarks.forecast [TARGET] [issued|roughened] [--store DIR] [--json]``: Jeju against its rivals.

TARGET: one of `tamna.forecast.targets` (demand, wind, wind_delivered, pv, pv_delivered, net_load); demand by default.

``issued``: 2024-03-02 to 2024-08-31, issued at 11:00 the day before, weather as issued at the time.
``roughened``: 2023, observed weather made as rough as forecasts are by an error model fitted on the runs of 2024;
everything else is learned only from what came before. Of wind and PV there is no real-time record of 2023: there
settled energy stands for the readings of the last hours too, so only demand is an honest figure there.

Fits every 28 days. A rival's pinball is that of its number with the quantiles of its own misses around that hour of
the day, over the last eight weeks known at each issue (`tamna.forecast.rivalband`). Without --store the shared data (TAMNA_SHARED_DATA) are ingested into a
folder that is thrown away.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.forecast.backtest import Answers, Plan, backtest
from tamna.forecast.jeju import island_history
from tamna.forecast.rivalband import rival_bands
from tamna.forecast.scores import band_scores, pinball
from tamna.forecast.targets import TARGETS, target_named
from tamna.forecast.verdict import verdict
from tamna.grid.clock import KOREA, parse_period, to_local
from tamna.series.store import Store
from tamna.sources.reading import read_paths

if TYPE_CHECKING:
    from tamna.forecast.history import History
    from tamna.forecast.target import Target

SINCE = np.datetime64("2022-01-15")
PLANS = {
    "issued": Plan(first=np.datetime64("2024-03-02"), last=np.datetime64("2024-08-31"), since=SINCE),
    "roughened": Plan(
        first=np.datetime64("2023-01-01"),
        last=np.datetime64("2023-12-31"),
        since=SINCE,
        weather="roughened",
        error_before=np.datetime64("2024-09-01"),
    ),
}
FOLDERS = (
    "kpx/demand",
    "kpx/supply",
    "kpx/day_ahead_demand_forecast",
    "kpx/generation",
    "kpx/curtailment",
    "kma",
)
FOLDERS += ("oibc2024",)
SHOWN = ("mape_percent", "mae_mw", "bias_mw", "nmae_percent", "pinball", "hours")
SIMPLE = ("persistence", "last_week", "climatology", "physics")


def run(target: str, which: str, store: Store, say=lambda _text: None) -> dict:
    began, cpu = time.perf_counter(), time.process_time()
    history = island_history(store, parse_period("2021-11-01", "2024-09-01", KOREA))
    asked = target_named(target)
    answers = backtest(asked, history, PLANS[which], advance=say)
    result = verdict(answers)
    result["against_simple"] = against_simple(answers, asked, history)
    result["by_season"] = by_season(answers)
    result["seconds"] = round(time.perf_counter() - began, 1)
    result["cpu_seconds"] = round(time.process_time() - cpu, 1)
    result["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return result


def against_simple(answers: Answers, target: Target, history: History) -> dict:
    """How much smaller MAE and pinball are than each simple rival's [%]: over the period, and in the worst month."""
    month = to_local(answers.rows.valid_at, KOREA).astype("datetime64[M]")
    names = [n for n in SIMPLE if n in answers.rivals]
    bands = rival_bands(answers.rows, history, target)
    fair = np.isfinite(answers.actual)
    for name in names:
        fair &= np.isfinite(answers.rivals[name]) & np.isfinite(bands[name]).all(axis=1)
    mine = pinball(answers.actual, answers.quantiles, answers.levels).mean(axis=1)
    out = {"hours": int(fair.sum())}
    for name in names:
        theirs = pinball(answers.actual, bands[name], answers.levels).mean(axis=1)
        losses = {
            "mae": (np.abs(answers.middle - answers.actual), np.abs(answers.rivals[name] - answers.actual)),
            "pinball": (mine, theirs),
        }
        out[name] = {"pinball": round(float(theirs[fair].mean()), 3)}
        for loss, (own, other) in losses.items():
            months = {str(m): _gain(own, other, fair & (month == m)) for m in np.unique(month[fair])}
            out[name][f"{loss}_percent"] = _gain(own, other, fair)
            out[name][f"{loss}_percent_worst_month"] = min(months.values())
    return out


def _gain(own, other, pick) -> float:
    return round(100.0 * (1.0 - float(own[pick].mean() / other[pick].mean())), 1)


def by_season(answers: Answers) -> dict:
    """Coverage, width and pinball of tamna by season."""
    local = to_local(answers.rows.valid_at, KOREA)
    month = local.astype("datetime64[M]").astype(int) % 12
    day = local.astype("datetime64[D]").astype(np.int64)
    out = {}
    for name, months in (("DJF", (11, 0, 1)), ("MAM", (2, 3, 4)), ("JJA", (5, 6, 7)), ("SON", (8, 9, 10))):
        pick = np.isin(month, months) & np.isfinite(answers.actual)
        if pick.any():
            out[name] = band_scores(answers.actual[pick], answers.quantiles[pick], answers.levels, day[pick])
    return out


def main() -> None:
    arguments = sys.argv[1:]
    target = next((a for a in arguments if a in TARGETS), "demand")
    which = next((a for a in arguments if a in PLANS), "issued")
    as_json = "--json" in arguments
    say = (lambda _text: None) if as_json else (lambda text: print("fitted for", text, flush=True))
    if "--store" in arguments:
        result = run(target, which, Store.open(arguments[arguments.index("--store") + 1]), say)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            store = Store.open(scratch)
            found = read_paths([data_folder() / f for f in FOLDERS])
            store.ingest(r for _path, r in found if not isinstance(r, TamnaError))
            result = run(target, which, store, say)
    if as_json:
        print(json.dumps(result, indent=1))
    else:
        show(result, target)


def show(result: dict, target: str) -> None:
    for name, score in result["scores"][target].items():
        print(f"{name:18}", {k: round(score[k], 3) for k in SHOWN if score.get(k) is not None})
    tamna = result["scores"][target]["tamna"]
    print({k: v for k, v in tamna.items() if k.startswith(("pinball", "crps", "cover", "width"))})
    key = "mape_percent" if tamna["mape_percent"] is not None else "nmae_percent"
    for group in ("by_month", "by_block"):
        print(key, {k: round(v[key], 2) for k, v in tamna[group].items() if v.get(key) is not None})
    print("skill", {k: round(v["mae_percent"], 1) for k, v in result["skill"][target].items()})
    for name, gain in result["against_simple"].items():
        print("against", name, gain)
    for name, score in result["by_season"].items():
        print(name, {k: v for k, v in score.items() if k.startswith(("pinball", "cover", "width"))})
    print(result["notes"], result["cpu_seconds"], "s of CPU", result["memory_mb"], "MB")


if __name__ == "__main__":
    main()
