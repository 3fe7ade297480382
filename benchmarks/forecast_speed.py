"""``python -m benchmarks.forecast_speed [--store DIR] [--models DIR] [--json]``: how long a whole forecast takes.

Four targets, 37 hours, nine quantiles, 50 paths, issued 2024-08-30 11:00. Three times are told, as CPU and as wall:
``fit`` (first time, nothing on the shelf; left out where --models holds the fits), ``load`` (reading what was known from
the store, taking models from the shelf, answering the days before again) and ``answer`` (the forecast itself once that
is loaded: features as issued, models, calibration, paths, reasons). Without --store the shared data
(TAMNA_SHARED_DATA) are ingested into a folder that is thrown away.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.grid import load_island
from tamna.runs import open_store
from tamna.runs.forecasting import answered, prepare
from tamna.sources.reading import read_paths

TARGETS = ("demand", "wind", "pv", "price")
ISSUE = np.datetime64("2024-08-30T02:00:00", "s")
FOLDERS = ("kpx", "kma", "oibc2024")
AGAIN = 9


def clocked(work):
    """Give what `work` gives, and its CPU and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, {
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - wall, 3),
    }


def run(store, island, models: Path) -> dict:
    def ready():
        return prepare(store, island, TARGETS, issue=ISSUE, hours=37, shelf=models)

    first, fit = clocked(ready)
    kept, load = clocked(ready)
    times = [clocked(lambda: answered(kept, paths=50))[1] for _again in range(AGAIN)]
    found = answered(first, paths=50)
    same = json.dumps(found.as_dict()) == json.dumps(answered(kept, paths=50).as_dict())
    return {
        "fit": fit,
        "load": load,
        "answer_first": times[0],
        "answer_median": {k: float(np.median([t[k] for t in times])) for k in ("cpu_s", "wall_s")},
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "hours": len(found.stamps),
        "levels": len(found.levels),
        "paths": 50,
        "targets": list(found.targets),
        "fitted_and_kept_give_the_same": same,
    }


def main() -> None:
    arguments = sys.argv[1:]
    given = {a: arguments[i + 1] for i, a in enumerate(arguments) if a in {"--store", "--models"}}
    island = load_island("jeju")
    with tempfile.TemporaryDirectory() as scratch:
        place = given.get("--store", f"{scratch}/store")
        store = open_store(place, island)
        if "--store" not in given:
            folders = [data_folder() / name for name in FOLDERS]
            found = read_paths([f for f in folders if f.exists()])
            store.ingest(r for _path, r in found if not isinstance(r, TamnaError))
        result = run(store, island, Path(given.get("--models", f"{scratch}/models")))
    if "--json" in arguments:
        print(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        print(f"{name:30}", value)


if __name__ == "__main__":
    main()
