"""``python -m benchmarks.measure [--json]``: measure against plain pandas, in the same run.

Seven years and one year of made-up hours, every boundary and rule, every resolution. The peer is what
an analyst writes with pandas: a frame with one column a class, the formulas, ``groupby`` on island time.
Both must agree to 1e-9 before a time is printed.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time

import numpy as np
import pandas as pd

from tamna.grid.clock import Resolution
from tamna.measure import ALL, Column, EmissionFactor, HourClass, ImportMix, IslandHours, Rule, measure
from tamna.sources.block import Flag

LIMITS_S = {7: 2.0, 1: 0.3}
PART = 0.1
RESOLUTIONS = tuple(Resolution)
CLASSES = {  # name: (group, metering, renewable, thermal, in demand)
    "wind": ("wind", "market", True, False, True),
    "pv": ("pv", "market", True, False, True),
    "wind_ppa": ("wind", "ppa", True, False, True),
    "pv_ppa": ("pv", "ppa", True, False, True),
    "pv_btm": ("pv", "behind_the_meter", True, False, False),
    "bio": ("bio", "market", True, True, True),
    "waste": ("waste", "market", True, True, True),
    "lng": ("fossil", "market", False, True, True),
    "oil": ("fossil", "market", False, True, True),
}


def made_up_hours(years: int, seed: int = 20250414) -> IslandHours:
    """Make hours that touch every branch but balance: gaps, flags, exports, imports. Not Jeju."""
    draw = np.random.default_rng(seed)
    end = np.datetime64(f"{2017 + years}-01-01T00", "h") - 9
    valid_at = np.arange(np.datetime64("2017-01-01T00", "h") - 9, end).astype("datetime64[s]")
    n = len(valid_at)
    noon = np.clip(np.sin(2 * np.pi * (np.arange(n) % 24 - 6) / 24), 0, None)
    scale = {"wind": 120, "wind_ppa": 10, "bio": 40, "waste": 11, "lng": 150, "oil": 30}

    def column(name: str) -> Column:
        values = draw.gamma(2, scale[name] / 2, n) if name in scale else noon * draw.gamma(4, 60, n)
        flag = np.where(draw.random(n) < 0.002, Flag.SUSPECT, Flag.MEASURED)
        values[draw.random(n) < 0.003] = np.nan
        return Column.of(
            values, "settled", flag | (Flag.ESTIMATED if name in {"wind_ppa", "pv_ppa", "pv_btm"} else 0)
        )

    classes = tuple(
        HourClass(
            name=name, column=column(name), group=group, metering=metering, renewable=renewable,
            carbon_free=group in {"wind", "pv"}, thermal=thermal, in_demand=inside,
            factor=EmissionFactor(tco2e_per_mwh=0.45 * (group == "fossil")),
        )
        for name, (group, metering, renewable, thermal, inside) in CLASSES.items()
    )  # fmt: skip
    imports, exports = draw.gamma(1, 60, n), draw.gamma(0.3, 60, n)
    demand = sum(c.column.mwh for c in classes if c.in_demand) + imports - exports
    demand = np.where(demand > 0, demand, np.nan)
    return IslandHours(
        valid_at=valid_at,
        demand=Column.of(demand, "system"),
        classes=classes,
        imports=Column.of(imports, "links"),
        exports=Column.of(exports, "links"),
        import_mix=ImportMix(renewable=PART, year=2023, source="made up"),
    )


def with_tamna(hours: IslandHours) -> dict[Resolution, dict[str, np.ndarray]]:
    m = measure(hours)
    found = {}
    for by in RESOLUTIONS:
        at = m.at(by)
        found[by] = {f"{b.name}_{r}": at[b.name, r].value for b in ALL for r in Rule}
        found[by] |= {f"{b.name}_matching": at[b.name, "hourly_matching"].value for b in ALL}
    return found


COUNTS = {
    "settled": ["wind", "pv"],
    "ppa": ["wind", "pv", "wind_ppa", "pv_ppa"],
    "btm": ["wind", "pv", "wind_ppa", "pv_ppa", "pv_btm"],
}
COUNTS |= {f"{name}_bio": [*classes, "bio", "waste"] for name, classes in COUNTS.items()}


def with_pandas(frame: pd.DataFrame) -> dict[Resolution, dict[str, np.ndarray]]:
    local = frame.index.tz_convert("Asia/Seoul")
    keys = {
        Resolution.HOUR: frame.index,
        Resolution.DAY: local.strftime("%Y-%m-%d"),
        Resolution.MONTH: local.strftime("%Y-%m"),
        Resolution.SEASON: (local.year + (local.month == 12)) * 4 + (local.month % 12) // 3,
        Resolution.YEAR: local.year,
        Resolution.ALL: np.zeros(len(frame), dtype=int),
    }
    within = [n for n, c in CLASSES.items() if c[4]]
    sides = {}
    for boundary, counted in COUNTS.items():
        r = frame[counted].sum(axis=1, skipna=False)
        load = frame["demand"] + frame[[n for n in counted if n not in within]].sum(axis=1, skipna=False)
        o = frame[[n for n in within if n not in counted]].sum(axis=1, skipna=False)
        i, x = frame["import"], frame["export"]
        sides[f"{boundary}_coverage"] = (r, load)
        sides[f"{boundary}_proportional"] = (r + PART * i, (r + o + i).where(load.notna()))
        leaving = (x - o - (1 - PART) * i).clip(lower=0)
        sides[f"{boundary}_thermal_first"] = (r + PART * i - leaving, load)
        sides[f"{boundary}_matching"] = (np.minimum(r, load), load)
    found = {by: {} for by in RESOLUTIONS}
    for name, (above, below) in sides.items():
        both = pd.DataFrame({"above": above, "below": below})
        both = both.where(both.notna().all(axis=1))
        for by, key in keys.items():
            total = both.groupby(key).sum(min_count=1)
            found[by][name] = (total["above"] / total["below"]).to_numpy()
    return found


def as_frame(hours: IslandHours) -> pd.DataFrame:
    index = pd.DatetimeIndex(hours.valid_at).tz_localize("UTC")
    return pd.DataFrame({name: c.mwh for name, c in hours.columns.items()}, index=index)


def largest_difference(ours: dict, theirs: dict) -> float:
    worst = 0.0
    for by in RESOLUTIONS:
        for name, values in ours[by].items():
            np.testing.assert_array_equal(
                np.isnan(values), np.isnan(theirs[by][name]), err_msg=f"{by} {name}"
            )
            gap = np.abs(values - theirs[by][name]) / np.maximum(1.0, np.abs(values))
            worst = max(worst, float(np.nanmax(gap)))
    return worst


def best_of(times: int, work) -> tuple[float, object]:
    found, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        found.append(time.perf_counter() - start)
    return min(found), result


def run(years: int) -> dict:
    hours = made_up_hours(years)
    frame = as_frame(hours)
    ours_s, ours = best_of(5, lambda: with_tamna(hours))
    theirs_s, theirs = best_of(2, lambda: with_pandas(frame))
    gap = largest_difference(ours, theirs)
    if gap > 1e-9:
        raise SystemExit(f"{years} years: tamna and pandas differ by {gap}")
    return {
        "years": years,
        "hours": len(hours),
        "shares": len(ALL) * (len(Rule) + 1),
        "resolutions": [str(r) for r in RESOLUTIONS],
        "tamna_s": round(ours_s, 4),
        "pandas_s": round(theirs_s, 4),
        "ratio": round(theirs_s / ours_s, 1),
        "limit_s": LIMITS_S[years],
        "within_limit": ours_s <= LIMITS_S[years],
        "largest_difference": gap,
    }


def main() -> int:
    results = [run(years) for years in LIMITS_S]
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__}
    if "--json" in sys.argv:
        print(json.dumps({"benchmark": "measure", "machine": machine, "results": results}))
    else:
        for r in results:
            print(
                f"{r['years']} years ({r['hours']} h): tamna {r['tamna_s']:.3f} s (limit {r['limit_s']} s), "
                f"pandas {r['pandas_s']:.3f} s, {r['ratio']:.1f} times; "
                f"largest difference {r['largest_difference']:.1e}"
            )
    return 0 if all(r["within_limit"] for r in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
