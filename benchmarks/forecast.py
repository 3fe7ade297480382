"""``python -m benchmarks.forecast [issued|roughened] [--store DIR] [--json]``: demand of Jeju against KPX.

``issued``: 2024-03-02 to 2024-08-31, issued at 11:00 the day before, weather as issued at the time.
``roughened``: 2023, observed weather made as rough as forecasts are by an error model fitted on the runs of 2024;
everything else is learned only from what came before. Fits every 28 days. Without --store the shared data
(TAMNA_SHARED_DATA) are ingested into a folder that is thrown away.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.jeju import demand_target, island_history
from tamna.forecast.verdict import verdict
from tamna.grid.clock import KOREA, parse_period
from tamna.series.store import Store
from tamna.sources.reading import read_paths

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
FOLDERS = ("kpx/demand", "kpx/supply", "kpx/day_ahead_demand_forecast", "kma", "oibc2024")
SHOWN = ("mape_percent", "mae_mw", "bias_mw", "nmae_percent", "hours")


def run(which: str, store: Store, say=lambda _text: None) -> dict:
    began = time.perf_counter()
    history = island_history(store, parse_period("2021-11-01", "2024-09-01", KOREA))
    answers = backtest(demand_target(), history, PLANS[which], advance=say)
    result = verdict(answers)
    result["seconds"] = round(time.perf_counter() - began, 1)
    result["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return result


def main() -> None:
    arguments = sys.argv[1:]
    which = next((a for a in arguments if a in PLANS), "issued")
    as_json = "--json" in arguments
    say = (lambda _text: None) if as_json else (lambda text: print("fitted for", text, flush=True))
    if "--store" in arguments:
        result = run(which, Store.open(arguments[arguments.index("--store") + 1]), say)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            store = Store.open(scratch)
            found = read_paths([data_folder() / f for f in FOLDERS])
            store.ingest(r for _path, r in found if not isinstance(r, TamnaError))
            result = run(which, store, say)
    if as_json:
        print(json.dumps(result, indent=1))
        return
    for name, score in result["scores"]["demand"].items():
        print(f"{name:18}", {k: round(score[k], 3) for k in SHOWN})
    tamna = result["scores"]["demand"]["tamna"]
    print({k: v for k, v in tamna.items() if k.startswith(("pinball", "crps", "cover", "width"))})
    print({k: round(v["mape_percent"], 2) for k, v in tamna["by_month"].items()})
    print({k: round(v["mape_percent"], 2) for k, v in tamna["by_block"].items()})
    print("skill", {k: round(v["mae_percent"], 1) for k, v in result["skill"]["demand"].items()})
    print(result["notes"], result["seconds"], "s", result["memory_mb"], "MB")


if __name__ == "__main__":
    main()
