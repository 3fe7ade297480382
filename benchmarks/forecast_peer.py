"""``python -m benchmarks.forecast_peer --peer PYTHON [--store DIR] [--json]``: tamna beside mlforecast on the same folds.

The same demand of Jeju, the same hours of learning, the same moments of training (every 28 days), the same issue
(11:00 of the day before), the same weather (as issued at the time, before that roughened observations) and the
same LightGBM learner, from 2024-03-02 to 2024-08-31. The peer brings its own features: lags, rolling means,
date parts, and the calendar and weather columns that it is given. It forecasts from the last hour that was known at
11:00, step by step (38 h), of which the last 24 count. `tamna trees` is that learner alone on our features, so that
features and learner can be told apart; `tamna` is what we forecast by.

PYTHON is the interpreter of an environment of the peer's own:

    python -m venv /tmp/peer && /tmp/peer/bin/pip install mlforecast lightgbm pandas
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.forecast import PLANS
from tamna.forecast.backtest import Answers, backtest
from tamna.forecast.calendar import days_between
from tamna.forecast.history import Rows
from tamna.forecast.jeju import demand_target, island_history
from tamna.forecast.trees import Trees
from tamna.forecast.weather import QUANTITIES, IssuedWeather, fit_error, roughened
from tamna.grid.clock import DAY, HOUR, KOREA, parse_period, to_local
from tamna.series.store import Store

PEER = Path(__file__).with_name("peer_mlforecast.py")
HOW = "python -m venv /tmp/peer && /tmp/peer/bin/pip install mlforecast lightgbm pandas"
STEPS = 38
"""From 10:00 of the day of issue, the first hour not known at 11:00, to midnight after the day forecast. [h]"""


def main() -> int:
    arguments = sys.argv[1:]
    peer = arguments[arguments.index("--peer") + 1] if "--peer" in arguments else "/tmp/peer/bin/python"
    place = arguments[arguments.index("--store") + 1] if "--store" in arguments else "store"
    if not Path(peer).exists():
        print(f"no peer at {peer}; install it and name its python with --peer:\n  {HOW}")
        return 2
    result = run(Path(peer), Store.open(place))
    if "--json" in arguments:
        print(json.dumps(result, indent=1))
        return 0
    for name, found in result.items():
        print(f"{name:14}", found)
    return 0


def run(peer: Path, store: Store) -> dict:
    history = island_history(store, parse_period("2021-11-01", "2024-09-01", KOREA))
    plan = PLANS["issued"]
    ours, our_seconds = _ours(history, plan, whole=True)
    trees, tree_seconds = _ours(history, plan, whole=False)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _table(history, plan, ours).to_csv(folder / "table.csv", index=False)
        (folder / "plan.json").write_text(json.dumps(_folds(plan)), "utf-8")
        subprocess.run([str(peer), str(PEER), str(folder)], check=True)
        said = pd.read_csv(folder / "said.csv", parse_dates=["ds"]).set_index("ds")["said"]
        peer_seconds = json.loads((folder / "cost.json").read_text("utf-8"))
    theirs = said.reindex(pd.DatetimeIndex(ours.rows.valid_at)).to_numpy()
    fair = np.isfinite(theirs) & np.isfinite(ours.actual)
    return {
        "hours": int(fair.sum()),
        "tamna": _scores(ours.middle, ours.actual, fair) | {"cpu_seconds": our_seconds},
        "tamna trees": _scores(trees.middle, trees.actual, fair) | {"cpu_seconds": tree_seconds},
        "mlforecast": _scores(theirs, ours.actual, fair) | peer_seconds,
        "cpu ratio": {
            "tamna / mlforecast": round(our_seconds / peer_seconds["cpu_seconds"], 2),
            "tamna trees / mlforecast": round(tree_seconds / peer_seconds["cpu_seconds"], 2),
        },
    }


def _ours(history, plan, *, whole: bool) -> tuple[Answers, float]:
    target = demand_target()
    if not whole:
        trees = next(m for m in target.members if isinstance(m.learner, Trees))
        target = dataclasses.replace(target, members=(dataclasses.replace(trees, whole=True),))
    began = time.process_time()
    return backtest(target, history, plan), round(time.process_time() - began, 1)


def _table(history, plan, ours: Answers) -> pd.DataFrame:
    """Give every hour's demand, calendar and weather as it was forecast at 11:00 of the day before."""
    start, end = (np.datetime64(f"{d}T00:00:00") - 9 * HOUR for d in (plan.since, plan.last + 1))
    valid = np.arange(start - 28 * DAY, end, HOUR).astype("datetime64[s]")
    local = to_local(valid, KOREA)
    day = local.astype("datetime64[D]")
    issued = (day.astype("datetime64[s]") - DAY + 11 * HOUR - 9 * HOUR).astype("datetime64[s]")
    runs = IssuedWeather(history)
    error = fit_error(history, runs, ours.rows.issued_at[0])
    weather = roughened(history, error, seed=1, issued=runs)
    days = days_between(day.min() - 10, day.max() + 10, "KR")
    at = days.index(valid, KOREA)
    columns = {
        "unique_id": "jeju",
        "ds": valid.astype("datetime64[ns]"),
        "y": history.actual("demand", valid),
        "off": days.off[at].astype(float),
        "holiday": days.holiday[at].astype(float),
        "bridge": days.bridge[at].astype(float),
    }
    for name in QUANTITIES:
        columns[name] = weather.at(name, valid, Rows(valid, issued).issued_at)
    return pd.DataFrame(columns)


def _folds(plan) -> dict:
    """Name the first hour not known at each issue, and which issues train."""
    first = plan.first - plan.warm_days
    moments = np.arange(first, plan.last + 1, plan.train_every_days)
    days = np.arange(plan.first, plan.last + 1)
    fits = [int(np.searchsorted(moments, d, side="right") - 1) for d in days]
    return {
        "cutoffs": [str(np.datetime64(f"{d - 1}T10:00:00") - 9 * HOUR) for d in days],
        "fits": fits,
        "fit_at": [str(np.datetime64(f"{m - 1}T10:00:00") - 9 * HOUR) for m in moments],
        "steps": STEPS,
    }


def _scores(middle, actual, fair) -> dict:
    miss = (middle - actual)[fair]
    return {
        "mape_percent": round(100 * float(np.mean(np.abs(miss) / actual[fair])), 3),
        "mae_mw": round(float(np.abs(miss).mean()), 2),
        "bias_mw": round(float(miss.mean()), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
