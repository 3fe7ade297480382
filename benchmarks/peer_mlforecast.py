"""The peer's side of `benchmarks.forecast_peer`: run by the peer's own interpreter, with a folder as its only argument.

Reads table.csv and plan.json, trains LightGBM through mlforecast at each moment of the plan, forecasts every
issue step by step, and leaves said.csv (the hours that count) and cost.json.
"""

import json
import sys
import time
from pathlib import Path

import lightgbm
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean

OPTIONS = {
    "objective": "quantile",
    "alpha": 0.5,
    "n_estimators": 220,
    "learning_rate": 0.06,
    "num_leaves": 31,
    "min_child_samples": 30,
    "colsample_bytree": 0.4,
    "subsample": 0.7,
    "subsample_freq": 1,
    "max_bin": 127,
    "reg_lambda": 1.0,
    "random_state": 0,
    "n_jobs": 1,
    "verbosity": -1,
}
LAGS = [1, 2, 3, 24, 25, 48, 72, 168, 336, 504]


def island_hour(times):
    return (times + pd.Timedelta(hours=9)).hour


def island_weekday(times):
    return (times + pd.Timedelta(hours=9)).dayofweek


def island_day_of_year(times):
    return (times + pd.Timedelta(hours=9)).dayofyear


def main(folder: Path) -> None:
    table = pd.read_csv(folder / "table.csv", parse_dates=["ds"])
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    began = time.process_time()
    known = pd.to_datetime(plan["fit_at"])
    models = {}
    said = []
    for cutoff, fit in zip(pd.to_datetime(plan["cutoffs"]), plan["fits"], strict=True):
        if fit not in models:
            models = {fit: fitted(table[table["ds"] < known[fit]])}
        history = table[table["ds"] < cutoff].tail(24 * 7 * 6)
        ahead = table[(table["ds"] >= cutoff)].head(plan["steps"]).drop(columns="y")
        answer = models[fit].predict(plan["steps"], X_df=ahead, new_df=history)
        said.append(answer.tail(24))
    found = pd.concat(said).rename(columns={"LGBMRegressor": "said"})
    found[["ds", "said"]].to_csv(folder / "said.csv", index=False)
    cost = {"cpu_seconds": round(time.process_time() - began, 1)}
    (folder / "cost.json").write_text(json.dumps(cost), "utf-8")


def fitted(past: pd.DataFrame) -> MLForecast:
    forecaster = MLForecast(
        models=[lightgbm.LGBMRegressor(**OPTIONS)],
        freq="h",
        lags=LAGS,
        lag_transforms={1: [RollingMean(24)], 24: [RollingMean(168)]},
        date_features=[island_hour, island_weekday, island_day_of_year],
        num_threads=1,
    )
    return forecaster.fit(past.dropna(subset=["y"]), static_features=[])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
