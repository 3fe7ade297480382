"""``python -m benchmarks.price [2023|rt] [--store DIR] [--json]``: prices of Jeju against the naive ones.

``2023``: the SMP of every hour of 2023, issued at 11:00 the day before, learned only from what came before;
weather observed and made as rough as forecasts are by an error model fitted on the runs of 2024. At 11:00 the
SMP of the day of issue is known (published at 18:00 the evening before), so D-1 is that day's published price:
what is known at the issue and `the previous day's published price` are one and the same.
``rt``: the real-time price from April to August 2024, weather as issued, real hours and those of the mock run
apart: a price of the mock run is counterfactual.
Fits every 28 days. Without --store the shared data (TAMNA_SHARED_DATA) are ingested into a folder that is
thrown away.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
import tempfile
import time

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.forecast.backtest import Answers, Plan, backtest
from tamna.forecast.jeju import island_history
from tamna.forecast.money import mock_hours
from tamna.forecast.scores import band_scores
from tamna.forecast.targets import target_named
from tamna.forecast.verdict import verdict
from tamna.grid import load_island
from tamna.grid.clock import KOREA, parse_period, to_local
from tamna.series.store import Store
from tamna.sources.reading import read_paths

PLANS = {
    "2023": (
        "price",
        Plan(
            first=np.datetime64("2023-01-01"),
            last=np.datetime64("2023-12-31"),
            since=np.datetime64("2021-01-15"),
            weather="roughened",
            error_before=np.datetime64("2024-09-01"),
        ),
    ),
    "rt": (
        "price_rt",
        Plan(
            first=np.datetime64("2024-04-15"),
            last=np.datetime64("2024-08-31"),
            since=np.datetime64("2024-03-08"),
            warm_days=14,
            train_every_days=14,
        ),
    ),
}
FOLDERS = ("kpx/demand", "kpx/supply", "kpx/smp", "kma", "oibc2024")
NAIVE = ("persistence", "last_week")


def main() -> None:
    arguments = sys.argv[1:]
    which = next((a for a in arguments if a in PLANS), "2023")
    if "--store" in arguments:
        result = run(which, Store.open(arguments[arguments.index("--store") + 1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            store = Store.open(scratch)
            found = read_paths([data_folder() / f for f in FOLDERS])
            store.ingest(r for _path, r in found if not isinstance(r, TamnaError))
            result = run(which, store)
    if "--json" in arguments:
        print(json.dumps(result, indent=1))
        return
    for part, found in result["parts"].items():
        show(part, result["target"], found)
    print(result["seconds"], "s of CPU", result["memory_mb"], "MB")


def run(which: str, store: Store) -> dict:
    began = time.process_time()
    name, plan = PLANS[which]
    history = island_history(store, parse_period("2020-11-01", "2024-09-01", KOREA))
    answers = backtest(target_named(name), history, plan)
    return {
        "target": name,
        "parts": {p: verdict(a) | {"by_season": by_season(a)} for p, a in parts(answers).items()},
        "seconds": round(time.process_time() - began, 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def parts(answers: Answers) -> dict[str, Answers]:
    """Real hours and hours of a mock run, as the grid file dates them, each scored by itself."""
    series = {"price": "jeju/smp", "price_rt": "jeju/price_rt"}[answers.target]
    mock = mock_hours(answers, load_island("jeju"), series)
    found = {"real": picked(answers, ~mock), "counterfactual": picked(answers, mock)}
    return {name: part for name, part in found.items() if len(part.rows)}


def picked(answers: Answers, which: np.ndarray) -> Answers:
    arrays = {n: getattr(answers, n)[which] for n in ("actual", "quantiles", "raw")}
    rivals = {n: v[which] for n, v in answers.rivals.items()}
    return dataclasses.replace(answers, rows=answers.rows.pick(which), rivals=rivals, **arrays)


def by_season(answers: Answers) -> dict[str, dict]:
    """Whether the bands hold what they promise in every season, with the day-block bootstrap interval."""
    local = to_local(answers.rows.valid_at, KOREA)
    day = local.astype("datetime64[D]").astype(np.int64)
    season = local.astype("datetime64[M]").astype(np.int64) % 12 // 3
    known = np.isfinite(answers.actual)
    found = {}
    for number, name in enumerate(("Jan-Mar", "Apr-Jun", "Jul-Sep", "Oct-Dec")):
        use = known & (season == number)
        if use.any():
            scores = band_scores(answers.actual[use], answers.quantiles[use], answers.levels, day[use])
            found[name] = {k: v for k, v in scores.items() if k.startswith(("pinball", "cover", "width"))}
    return found


def show(part: str, name: str, found: dict) -> None:
    scores = found["scores"][name]
    print(part, found["from"], found["to"], found["hours"], "hours,", found["hours_left_out"], "left out")
    for rival, score in scores.items():
        print(
            f"  {rival:14} MAE {score['mae_krw_per_kwh']:7.3f} RMSE {score['rmse_krw_per_kwh']:7.3f} bias {score['bias_krw_per_kwh']:7.3f}"
        )
    best = min(scores[n]["mae_krw_per_kwh"] for n in NAIVE)
    print(f"  below the best naive by {100 * (1 - scores['tamna']['mae_krw_per_kwh'] / best):.1f} %")
    whole = {k: v for k, v in scores["tamna"].items() if k.startswith(("pinball", "crps", "cover", "width"))}
    print("  ", whole)
    for season, bands in found["by_season"].items():
        print("  ", season, {k: v if isinstance(v, list) else round(v, 3) for k, v in bands.items()})
    print("   MAE by month, tamna and persistence:")
    for month, score in scores["tamna"]["by_month"].items():
        other = scores["persistence"]["by_month"][month]
        print(f"  {month} {score['mae_krw_per_kwh']:7.2f} {other['mae_krw_per_kwh']:7.2f}")


if __name__ == "__main__":
    main()
