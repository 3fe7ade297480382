"""``python -m benchmarks.curtailment [--json]``: wind curtailment of 2023 from generation, demand and weather.

Nothing published for 2023 is used before the scoring: the fleet is fitted on 2022 and 2024-01..05, the
system's floor on the same hours. What the island counts beyond the settled series comes from the published
total of 2022 (facts/jeju.md C5) and from real-time wind over settled wind in 2024-03..05.
2022 and 2024 are estimated the same way, each left out; their published days are not used. Beside it: demand
less PV alone, net demand with the weather's potential, and month x hour climatology of 2023 itself (which
peeks).
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from benchmarks.jeju import Jeju, auc, average_precision, f1_at_count, load, without_year
from tamna.physics.curtailment import Curtailment, Hours, SystemFloor, estimate
from tamna.physics.floor import Anchor, learn_floor
from tamna.physics.paths import Wander, totals, wandering

SCORED = 2023
TOTAL_2022_MWH = 25_600.0


def judged_hours(jeju: Jeju, year: int) -> Hours:
    """Every hour with a potential that no fit learned from: out of fold, and the scored year by the others."""
    fitted = without_year(jeju, year)
    judged = fitted.fit.potential(jeju.wind_table, jeju.stamps)
    apart = jeju.year == year
    power, error = (
        np.where(apart, getattr(judged, name), getattr(fitted.out_of_fold, name))
        for name in ("power_mw", "error_mw")
    )
    return Hours(
        stamps=jeju.stamps,
        actual_mw=jeju.wind_mw,
        potential_mw=power,
        error_mw=error,
        demand_mw=jeju.demand_mw,
        pv_mw=jeju.pv_mw,
        sunny=jeju.height > 0.15,
        most_mw=fitted.fit.most_mw * 1.1,
    )


def rank_scores(score: np.ndarray, label: np.ndarray) -> dict:
    return {
        "auc": round(auc(score, label), 4),
        "average_precision": round(average_precision(score, label), 4),
        "f1_at_published_count": round(f1_at_count(score, label), 4),
    }


def floor_without(jeju: Jeju, hours: Hours, year: int) -> SystemFloor:
    """Learn the floor from the hours of the other years, and what the island counts from what is known.

    Of the judged year only real-time over settled wind counts, which is generation.
    """
    both = ~np.isnan(jeju.real_time_mw + jeju.wind_mw)
    known = {
        2022: {"published_mwh": TOTAL_2022_MWH},
        2023: {"published_mwh": float(np.nansum(jeju.held_mwh))},
        2024: {"counted": float(jeju.real_time_mw[both].sum() / jeju.wind_mw[both].sum())},
    }
    known[year] = {"judged": True, "counted": known[year].get("counted")}
    return learn_floor([Anchor(hours=hours.pick(jeju.year == y), **what) for y, what in known.items()])


def other_years(jeju: Jeju, years: tuple[int, ...] = (2022, 2024)) -> dict:
    """2022 and 2024 estimated the same way, each left out: beside what little is published of them."""
    out = {}
    for year in years:
        hours = judged_hours(jeju, year)
        pick = jeju.year == year
        floor = floor_without(jeju, hours, year)
        found = estimate(hours.pick(pick), floor)
        wander = wandering(hours.pick(pick), floor)
        whole = totals(found, np.zeros(int(pick.sum()), dtype=np.int64), wander=wander)
        day = np.unique(jeju.local[pick].astype("datetime64[D]"), return_inverse=True)[1]
        surest = np.zeros(int(day.max()) + 1)
        np.maximum.at(surest, day, np.nan_to_num(found.likelihood))
        out[str(year)] = {
            "estimated_mwh": round(float(whole.expected_mwh[0])),
            "interval_80_mwh": [round(float(whole.quantiles[q][0])) for q in (0.1, 0.9)],
            "days": int((surest > 0.5).sum()),
            "published": {2022: f"{TOTAL_2022_MWH:.0f} MWh, 104 days", 2024: "51 days to August"}[year],
            "floor_mw": [round(float(m), 1) for m in floor.mw],
            "counted": [round(float(c), 3) for c in floor.counted],
        }
    return out


def score(jeju: Jeju) -> dict:
    hours = judged_hours(jeju, SCORED)
    start = time.perf_counter()
    floor = floor_without(jeju, hours, SCORED)
    learned_s = time.perf_counter() - start
    year = jeju.year == SCORED
    found = estimate(hours.pick(year), floor)
    held, month, hour = jeju.held_mwh[year], jeju.month[year], jeju.hour[year]
    known = ~np.isnan(found.log_odds)
    noon = known & (hour >= 9) & (hour < 17) & ((month >= 10) | (month <= 5))
    label = held[noon] > 0
    rivals = {
        "tamna": found.log_odds,
        "net demand, weather's potential": -(hours.demand_mw - hours.pv_mw - hours.potential_mw)[year],
        "demand less pv": -(hours.demand_mw - hours.pv_mw)[year],
        "month x hour climatology (peeks)": climatology(held, month, hour),
    }
    return {
        "floor_mw": [round(float(m), 1) for m in floor.mw],
        "counted": [round(float(c), 3) for c in floor.counted],
        "counted_otherwise": otherwise(found, floor, held, month),
        "floor_s": round(learned_s, 1),
        "hours_that_matter": {name: rank_scores(s[noon], label) for name, s in rivals.items()},
        "base_rate": round(float(label.mean()), 4),
        "hours": int(noon.sum()),
        **energy_scores(found, wandering(hours.pick(year), floor), held, jeju.local[year]),
        "wander_mw": round(floor.wander_mw, 1),
    }


def otherwise(found: Curtailment, floor: SystemFloor, held: np.ndarray, month: np.ndarray) -> dict:
    """Score every other way to say what the island counts beyond the series, each without a word of 2023.

    The ratio is known at two dates (the published total of 2022; real-time over settled wind in 2024-03..05).
    Either alone, their mean, and none at all stand beside the line between them.
    """
    early, late = float(floor.counted[0]), float(floor.counted[-1])
    ways = {
        "series alone": 1.0,
        "2022 alone": early,
        "2024 alone": late,
        "their mean": (early + late) / 2.0,
    }
    bare = np.nan_to_num(found.expected_mwh / floor.counted_at(found.stamps))
    by_month, truth = (np.bincount(month, e, 13) for e in (bare, held))
    return {
        name: {
            "counted": round(ratio, 3),
            "annual_error": round(ratio * float(bare.sum() / held.sum()) - 1, 4),
            "month_errors": {
                f"{m:02}": round(ratio * float(by_month[m] / truth[m]) - 1, 3)
                for m in range(1, 13)
                if truth[m] > 500
            },
        }
        for name, ratio in ways.items()
    }


def climatology(held: np.ndarray, month: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """The share of hours of that month and hour that were curtailed in the scored year itself (it peeks)."""
    cell = month * 24 + hour
    return (np.bincount(cell, held > 0) / np.maximum(np.bincount(cell), 1))[cell]


def energy_scores(found: Curtailment, wander: Wander, held: np.ndarray, local: np.ndarray) -> dict:
    expected = np.nan_to_num(found.expected_mwh)
    month = local.astype("datetime64[M]").astype(int) % 12
    day = np.unique(local.astype("datetime64[D]"), return_inverse=True)[1]
    by_month, whole = (totals(found, code, wander=wander) for code in (month, month * 0))
    truth = np.bincount(month, held)
    inside = [(by_month.quantiles[0.1][m] <= truth[m] <= by_month.quantiles[0.9][m]) for m in range(12)]
    return {
        "annual": {
            "estimated_mwh": round(float(expected.sum())),
            "interval_80_mwh": [round(float(whole.quantiles[q][0])) for q in (0.1, 0.9)],
            "published_mwh": round(float(held.sum())),
            "error": round(float(expected.sum() / held.sum() - 1), 4),
            "unknown_hours": int(whole.unknown_hours.sum()),
        },
        "months": {
            f"{m + 1:02}": {
                "estimated_mwh": round(float(by_month.expected_mwh[m])),
                "interval_80_mwh": [round(float(by_month.quantiles[q][m])) for q in (0.1, 0.9)],
                "published_mwh": round(float(truth[m])),
                "error": round(float(by_month.expected_mwh[m] / truth[m] - 1), 3) if truth[m] > 500 else None,
            }
            for m in range(12)
        },
        "months_inside_interval_80": int(sum(inside)),
        "daily_correlation": round(
            float(np.corrcoef(np.bincount(day, expected), np.bincount(day, held))[0, 1]), 4
        ),
    }


def main() -> None:
    jeju = load()
    result = score(jeju) | {"other_years": other_years(jeju)}
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1))
        return
    for name, scores in result["hours_that_matter"].items():
        print(f"{name:40}", scores)
    print("base rate", result["base_rate"], "of", result["hours"], "hours; floor", result["floor_mw"])
    print("counted on the island per series", result["counted"], "along a line; otherwise:")
    for name, scores in result["counted_otherwise"].items():
        print(f"  {name:14}", scores)
    print("annual", result["annual"], "daily correlation", result["daily_correlation"])
    for month, scores in result["months"].items():
        print(month, scores)
    print("months inside their 80 % interval:", result["months_inside_interval_80"])
    for year, scores in result["other_years"].items():
        print(f"{year}, itself left out", scores)


if __name__ == "__main__":
    main()
