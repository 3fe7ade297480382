"""``python -m benchmarks.real_year STORE [--json]``: the dispatch of Jeju's 2023 beside what was published as held back.

Real demand, PV and price; wind as it could have been, once known (settled and published as held back) and once
estimated from the weather by fits of 2022 and 2024. What must-run units and links carry comes from the hours of 2022
and 2024 alone; nothing is fitted on 2023. No reserve is held here: it moves commitments, and held-back wind by little.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from tamna.dispatch.account import held_mw
from tamna.grid import load_island
from tamna.grid.clock import parse_period, to_local
from tamna.runs import open_store
from tamna.runs.dispatching import Asked, Dispatched, dispatched

YEAR_WITHIN, MONTH_WITHIN, FROM_MWH = 0.15, 0.35, 500.0


def held(found: Dispatched) -> dict:
    """Sum the months: held back by the dispatch, the same as the island counts it, and published [MWh]."""
    local = to_local(found.came.stamps, found.island.timezone)
    month = local.astype("datetime64[M]").astype(str)
    wind = held_mw(found.answer.system, found.answer.hours, found.answer.rolled.done)["wind"]
    said = np.nan_to_num(found.came.published_mwh)
    months = {}
    for name in np.unique(month).tolist():
        of = month == name
        months[name] = {
            "dispatch_mwh": round(float(wind[of].sum())),
            "counted_mwh": round(float((wind * found.came.counted)[of].sum())),
            "published_mwh": round(float(said[of].sum())),
        }
    total = {k: sum(m[k] for m in months.values()) for k in next(iter(months.values()))}
    seen = found.came
    left = seen.demand_mw - seen.pv_mw - (seen.wind_mw - said)
    floor = np.zeros(len(said)) if seen.floor_mw is None else seen.floor_mw + seen.steady_mw
    of = said > 1.0
    return {
        "months": months,
        "year": total,
        "hours_held": int((wind > 1.0).sum()),
        "hours_published": int((said > 0).sum()),
        "left_in_published_hours_mw": np.percentile(left[of], [10, 50, 90]).round(1).tolist()
        if of.any()
        else None,
        "floor_there_mw": round(float(floor[of].mean()), 1) if of.any() else None,
        "within": verdict(total, months),
    }


def verdict(total: dict, months: dict) -> dict:
    """Hold the year and each large month to what the issue asks: of the dispatch, and as the island counts it."""
    return {
        kind: {
            "year_error": round(total[kind] / total["published_mwh"] - 1.0, 3)
            if total["published_mwh"]
            else None,
            "year": abs(total[kind] / total["published_mwh"] - 1.0) <= YEAR_WITHIN
            if total["published_mwh"]
            else None,
            "months": {
                name: abs(m[kind] / m["published_mwh"] - 1.0) <= MONTH_WITHIN
                for name, m in months.items()
                if m["published_mwh"] > FROM_MWH
            },
        }
        for kind in ("dispatch_mwh", "counted_mwh")
    }


def main(arguments: list[str]) -> None:
    island = load_island("jeju")
    location = arguments[0]
    store = open_store(location, island)
    period = parse_period("2023-01-01", "2023-12-31", island.timezone)
    out = {}
    for potential in [p for p in ("published", "estimated") if p in arguments] or ("published", "estimated"):
        began = time.process_time()
        asked = Asked(potential=potential, reserve=False, why=False, gap=1e-3, time_limit_s=20.0)
        found = dispatched(store, island, period, asked, fits=Path(f"{location}-fits"))
        gaps = [w.found.gap for w in found.answer.rolled.windows]
        out[potential] = held(found) | {
            "cpu_s": round(time.process_time() - began, 1),
            "largest_gap": round(max(gaps), 4),
            "mean_gap": round(float(np.mean(gaps)), 4),
            "rules_broken": len(found.answer.broken),
            "broken": [str(b) for b in found.answer.broken[:5]],
            "unserved_mwh": round(found.answer.account.unserved_mwh, 1),
        }
        print(json.dumps(out[potential] if "--json" in arguments else out[potential]["year"]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
